/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares the model and its rules with the reference.
 *
 * usage: compare-reference all [ALPHABET [DEPTH]]      every sequence of up to DEPTH operations
 *        compare-reference random [COUNT [LENGTH]]     long random ones
 *        compare-reference any                        both, until they disagree once
 *
 * Prints what was compared, and the first sequences on which the two disagree; the status is 1 then.
 * REFERENCE_DEPTH in the environment, which may be negative, is added to every alphabet's own depth.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations.h"
#include "verdicts.h"

enum {
	MOST_STEPS = 128,
	SHOWN = 5, /* disagreements */
	ROOM = 8,  /* for verdicts of the last step and of the end */
};

struct search {
	const struct alphabet *alphabet;
	uint32_t granule_shift;
	uint32_t depth;
	uint64_t most; /* disagreements to look for */
	const struct operation *step[MOST_STEPS];
	struct trace trace;
	uint64_t nr_sequences, nr_clean, nr_disagreements;
};

static void show(const struct search *search, uint32_t length, const struct verdicts *model,
		 const struct verdicts *reference)
{
	printf("%s, %uK: the two disagree on\n", search->alphabet->name,
	       1u << (search->granule_shift - 10));
	for (uint32_t i = 0; i < length; i++)
		printf("  %2u %s\n", i + 1, search->step[i]->name);
	verdicts_print("model", model);
	verdicts_print("reference", reference);
}

static bool agree(struct search *search, const struct machine *m, uint32_t length)
{
	struct verdicts model, reference;

	verdicts_of_model(m, &search->trace, &model);
	verdicts_of_machine(m, &reference);
	search->nr_sequences++;
	search->nr_clean += reference.count == 0;
	if (verdicts_equal(&model, &reference))
		return true;
	if (search->nr_disagreements++ < SHOWN)
		show(search, length, &model, &reference);
	return false;
}

static void step(struct search *search, struct world *world, const struct operation *operation,
		 uint32_t at)
{
	search->step[at] = operation;
	operation_do(world, operation, &search->trace);
}

/* Longer sequences of one on which the two disagree say nothing new. */
static void explore(struct search *search, const struct world *world, uint32_t length)
{
	uint32_t nr_events = search->trace.count;
	uint32_t nr_operations = search->alphabet->nr_operations;

	for (uint32_t i = 0; i < nr_operations && search->nr_disagreements < search->most; i++) {
		const struct operation *operation = &search->alphabet->operation[i];
		struct world next = *world;

		if (!operation_is_possible(world, operation))
			continue;
		step(search, &next, operation, length);
		if (agree(search, &next.machine, length + 1) && length + 1 < search->depth)
			explore(search, &next, length + 1);
		search->trace.count = nr_events;
	}
}

static uint64_t report(const struct search *search)
{
	printf("%s, %uK: %" PRIu64 " sequences of up to %u operations out of %u, %" PRIu64
	       " of them safe, %" PRIu64 " disagreements\n",
	       search->alphabet->name, 1u << (search->granule_shift - 10), search->nr_sequences,
	       search->depth, search->alphabet->nr_operations, search->nr_clean,
	       search->nr_disagreements);
	fflush(stdout);
	return search->nr_disagreements;
}

static uint32_t own_depth(const struct alphabet *alphabet)
{
	const char *text = getenv("REFERENCE_DEPTH");

	return alphabet->depth + (text ? (uint32_t)strtol(text, NULL, 10) : 0);
}

static uint64_t explore_alphabet(const struct alphabet *alphabet, uint32_t granule_shift,
				 uint32_t depth, uint64_t most)
{
	struct search search = {
		.alphabet = alphabet, .granule_shift = granule_shift, .depth = depth, .most = most};
	struct world world;

	world_init(&world, alphabet, granule_shift);
	explore(&search, &world, 0);
	return report(&search);
}

/* The larger granules differ in sizes and encodings only: shorter sequences do for them. */
static uint64_t explore_granules(const struct alphabet *alphabet, uint32_t depth, uint64_t most)
{
	uint32_t shorter = depth > 2 ? depth - 2 : 1;
	uint64_t nr_disagreements = explore_alphabet(alphabet, 12, depth, most);

	if (alphabet->upper_level != 2) /* no blocks at level 1 with 16K and 64K */
		return nr_disagreements;
	nr_disagreements += explore_alphabet(alphabet, 14, shorter, most);
	return nr_disagreements + explore_alphabet(alphabet, 16, shorter, most);
}

static uint64_t explore_all(const char *name, uint32_t depth)
{
	uint64_t nr_disagreements = 0;

	for (uint32_t i = 0; i < nr_alphabets; i++)
		if (!name || strcmp(name, alphabets[i].name) == 0)
			nr_disagreements += explore_granules(
				&alphabets[i], depth ? depth : own_depth(&alphabets[i]),
				UINT64_MAX);
	return nr_disagreements;
}

/* ---- long random sequences ------------------------------------------------------------------- */

static uint64_t random_state;

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators"). */
static uint32_t pick(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

/* Does `steps` in a new world, leaving out what is not possible; returns how many were done. */
static uint32_t redo(struct search *search, struct world *world,
		     const struct operation *const *steps, uint32_t count)
{
	uint32_t length = 0;

	search->trace.count = 0;
	world_init(world, search->alphabet, search->granule_shift);
	for (uint32_t i = 0; i < count; i++)
		if (operation_is_possible(world, steps[i]))
			step(search, world, steps[i], length++);
	return length;
}

static bool disagree(struct search *search, const struct operation *const *steps, uint32_t count,
		     uint32_t *length)
{
	struct verdicts model, reference;
	struct world world;

	*length = redo(search, &world, steps, count);
	verdicts_of_model(&world.machine, &search->trace, &model);
	verdicts_of_machine(&world.machine, &reference);
	return !verdicts_equal(&model, &reference);
}

/* Leaves out steps, from the last one on, as long as the two disagree. */
static void shrink(struct search *search, uint32_t length)
{
	const struct operation *steps[MOST_STEPS];
	struct world world;
	uint32_t count = length;

	memcpy(steps, search->step, sizeof(steps));
	for (uint32_t i = count; i-- > 0;) {
		const struct operation *fewer[MOST_STEPS];
		uint32_t kept;

		memcpy(fewer, steps, i * sizeof(steps[0]));
		memcpy(fewer + i, steps + i + 1, (count - i - 1) * sizeof(steps[0]));
		if (!disagree(search, fewer, count - 1, &kept))
			continue;
		memcpy(steps, search->step, kept * sizeof(steps[0]));
		count = kept;
		if (i > count)
			i = count;
	}
	length = redo(search, &world, steps, count);
	agree(search, &world.machine, length);
}

static void try_random(struct search *search)
{
	struct verdicts model, reference;
	struct world world;
	uint32_t length = 0;

	search->trace.count = 0;
	world_init(&world, search->alphabet, search->granule_shift);
	for (uint32_t tries = 0; length < search->depth && tries < search->depth * 10; tries++) {
		const struct operation *operation =
			&search->alphabet->operation[pick(search->alphabet->nr_operations)];

		if (operation_is_possible(&world, operation) &&
		    world.machine.nr_verdicts + ROOM <= MACHINE_VERDICTS)
			step(search, &world, operation, length++);
	}
	verdicts_of_model(&world.machine, &search->trace, &model);
	verdicts_of_machine(&world.machine, &reference);
	if (!verdicts_equal(&model, &reference)) {
		shrink(search, length);
		return;
	}
	search->nr_sequences++;
	search->nr_clean += reference.count == 0;
}

static uint64_t random_all(uint32_t count, uint32_t length, uint64_t most)
{
	uint64_t nr_disagreements = 0;

	for (uint32_t i = 0; i < nr_alphabets; i++) {
		for (uint32_t shift = 12; shift <= 16; shift += 2) {
			struct search search = {.alphabet = &alphabets[i],
						.granule_shift = shift,
						.depth = length,
						.most = most};

			if (shift > 12 && alphabets[i].upper_level != 2)
				continue;
			random_state = i + 1;
			for (uint32_t j = 0; j < count && search.nr_disagreements < most; j++)
				try_random(&search);
			nr_disagreements += report(&search);
		}
	}
	return nr_disagreements;
}

/* Short sequences first: most of what is wrong shows in them. */
static uint64_t find_any(void)
{
	uint64_t nr_disagreements = 0;

	for (uint32_t less = 3; less <= 3 && !nr_disagreements; less--)
		for (uint32_t i = 0; i < nr_alphabets && !nr_disagreements; i++)
			nr_disagreements =
				explore_granules(&alphabets[i], alphabets[i].depth - less, 1);
	return nr_disagreements ? nr_disagreements : random_all(2000, 60, 1);
}

static uint32_t number(int argc, char **argv, int at, uint32_t otherwise)
{
	return argc > at ? (uint32_t)strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (strcmp(mode, "all") == 0)
		return explore_all(argc > 2 ? argv[2] : NULL, number(argc, argv, 3, 0)) != 0;
	if (strcmp(mode, "random") == 0)
		return random_all(number(argc, argv, 2, 1000), number(argc, argv, 3, 60),
				  UINT64_MAX) != 0;
	if (strcmp(mode, "any") == 0)
		return find_any() != 0;
	fprintf(stderr, "usage: compare-reference all [ALPHABET [DEPTH]] | random [COUNT [LENGTH]] "
			"| any\n");
	return 2;
}
