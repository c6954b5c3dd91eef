/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real captures: what is decoded against what a plain search over their lines counts, and what
 * must hold however badly they are damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"

#include "test/decode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a capture as lines -------------------------------------------------------------------- */

struct text {
	char **at; /* each with its newline */
	size_t count, capacity;
};

enum {
	MAX_PATH = 4096
};

static void trace_path(const char *name, char path[MAX_PATH])
{
	const char *folder = getenv("TRACES");

	assert_non_null(folder);
	assert_in_range(snprintf(path, MAX_PATH, "%s/%s", folder, name), 1, MAX_PATH - 1);
}

static struct text read_lines(const char *name)
{
	char path[MAX_PATH];
	struct text text = {0};
	char *line = NULL;
	size_t size = 0;

	trace_path(name, path);
	_cleanup_(close_file) FILE *file = fopen(path, "r");

	assert_non_null(file);
	while (getline(&line, &size, file) > 0)
		assert_true(array_push(&text, strdup(line)));
	free(line);
	return text;
}

static void text_deinit(struct text *text)
{
	for (size_t i = 0; i < text->count; i++)
		free(text->at[i]);
	array_deinit(text);
}

static struct decoded decode_trace(const char *name)
{
	char path[MAX_PATH];

	trace_path(name, path);
	return decode_file(path, NULL);
}

/* Lines of the event `name`, and with `word` somewhere after it. */
static size_t count_lines(const struct text *text, const char *name, const char *word)
{
	size_t count = 0, length = strlen(name);

	for (size_t i = 0; i < text->count; i++) {
		const char *at = strstr(text->at[i], name);

		if (at && at > text->at[i] && strchr(" :", at[-1]) && at[length] == ':' &&
		    strstr(at, word))
			count++;
	}
	return count;
}

/* ---- counts -------------------------------------------------------------------------------- */

static uint64_t count_events(const struct decoded *decoded, enum mmu_event_kind kind,
			     enum event_done done)
{
	uint64_t count = 0;

	for (size_t i = 0; i < decoded->count; i++)
		if (decoded->at[i].kind == kind && decoded->at[i].done == done)
			count++;
	return count;
}

/* Lines of all TLBI probes: their names are "vaale1is_7" and the like. */
static size_t count_tlbi(const struct text *text)
{
	static const char *const stems[] = {"vaale1is_", "vaae1is_", "vmalle1is_", "vmalle1_"};
	size_t count = 0;

	for (size_t i = 0; i < COUNT(stems); i++)
		for (int number = 0; number < 20; number++) {
			char name[32];

			snprintf(name, sizeof(name), "%s%d", stems[i], number);
			count += count_lines(text, name, "");
		}
	return count;
}

static void assert_counts(const char *name)
{
	_cleanup_(text_deinit) struct text text = read_lines(name);
	_cleanup_(decoded_deinit) struct decoded decoded = decode_trace(name);
	const uint64_t *counts = decoded.summary->nr_events;

	print_message("%s\n", name);
	assert_int_equal(counts[EVENT_MAP], count_lines(&text, "ioremap_page_range", ""));
	assert_int_equal(counts[EVENT_MAP_END], counts[EVENT_MAP]);
	assert_int_equal(counts[EVENT_UNMAP], count_lines(&text, "iounmap", ""));
	assert_int_equal(counts[EVENT_CLEAR], count_lines(&text, "vunmap_range_noflush", "") +
						      count_lines(&text, "vunmap_page_range", ""));
	assert_int_equal(counts[EVENT_BLOCK], count_lines(&text, "pmd_set_huge", "") +
						      count_lines(&text, "pud_set_huge", ""));
	assert_int_equal(counts[EVENT_BLOCK_CLEAR],
			 count_lines(&text, "pmd_clear_huge", "") +
				 count_lines(&text, "pud_clear_huge", ""));
	/* No table above the PTE level was made for the kernel: all addresses are of processes. */
	assert_int_equal(counts[EVENT_TABLE], count_lines(&text, "pte_alloc_kernel", ""));
	assert_int_equal(counts[EVENT_BREAK], count_lines(&text, "pmd_free_pte_page", ""));
	assert_int_equal(counts[EVENT_BREAK_END], counts[EVENT_BREAK]);
	assert_int_equal(counts[EVENT_PAGE_ALLOC], count_lines(&text, "mm_page_alloc", ""));
	assert_int_equal(counts[EVENT_PAGE_FREE], count_lines(&text, "mm_page_free", ""));
	assert_int_equal(counts[EVENT_TLBI], count_tlbi(&text));
	assert_int_equal(counts[EVENT_FLUSH], count_lines(&text, "purge_lazy", "") +
						      count_lines(&text, "vm_unmap_aliases", ""));
	assert_int_equal(count_events(&decoded, EVENT_BLOCK, DONE_YES),
			 count_lines(&text, "pmd_set_huge_ret", "ret=0x1"));
	assert_int_equal(count_events(&decoded, EVENT_BLOCK, DONE_NO),
			 count_lines(&text, "pmd_set_huge_ret", "ret=0x0"));
	assert_int_equal(count_events(&decoded, EVENT_BLOCK_CLEAR, DONE_YES),
			 count_lines(&text, "pmd_clear_huge_ret", "ret=0x1"));
	assert_int_equal(count_events(&decoded, EVENT_MAP_END, DONE_YES), counts[EVENT_MAP]);
	assert_int_equal(decoded.summary->nr_missing_returns, 0);
	assert_int_equal(decoded.summary->nr_open_calls, 0);
}

static const char *const traces[] = {
	"debian-6.1/ftrace-local.txt",
	"debian-6.1/ftrace-mono.txt",
	"debian-6.1/ftrace-tgid.txt",
	"debian-6.1/ftrace-overwritten.txt",
	"debian-6.1/trace-cmd-report.txt",
	"debian-6.1/perf-script.txt",
	"debian-6.1/perf-script-callgraph.txt",
	"debian-6.1-promotion/trace.txt",
	"linux-4.14/trace.txt",
	"linux-4.14-refused/trace.txt",
};

static void decodes_what_the_lines_say(void **state)
{
	for (size_t i = 0; i < COUNT(traces); i++)
		assert_counts(traces[i]);
}

static void three_spellings_say_the_same(void **state)
{
	static const char *const spellings[] = {"debian-6.1/ftrace-local.txt",
						"debian-6.1/trace-cmd-report.txt",
						"debian-6.1/perf-script.txt"};
	/* What the workload does each time; the rest depends on who else is running. */
	static const enum mmu_event_kind kinds[] = {EVENT_MAP, EVENT_MAP_END, EVENT_UNMAP,
						    EVENT_BLOCK};

	for (size_t i = 0; i < COUNT(spellings); i++) {
		_cleanup_(decoded_deinit) struct decoded decoded = decode_trace(spellings[i]);

		for (size_t j = 0; j < COUNT(kinds); j++)
			assert_int_equal(decoded.summary->nr_events[kinds[j]],
					 kinds[j] == EVENT_BLOCK ? 20 : 18);
		for (size_t j = 0; j < decoded.count; j++) {
			const struct mmu_event *event = &decoded.at[j];

			if (event->kind == EVENT_MAP)
				assert_true(event->has_va && event->has_pa && event->in_ioremap);
			if (event->kind == EVENT_BLOCK)
				assert_true(event->within.has_pa && event->has_old);
			if (event->kind == EVENT_MAP_END)
				assert_non_null(event->origin);
		}
	}
}

static void understands_every_probe(void **state)
{
	for (size_t i = 0; i < COUNT(traces); i++) {
		_cleanup_(decoded_deinit) struct decoded decoded = decode_trace(traces[i]);

		for (uint32_t j = 0; j < decoded.summary->nr_probes; j++)
			assert_non_null(decoded.summary->probe[j].meaning);
	}
}

/* ---- damage -------------------------------------------------------------------------------- */

/* Xorshift, so that a seed gives the same everywhere. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static bool is_event_line(const char *line)
{
	return line[0] != '#' && strstr(line, ": ");
}

/* What must hold of any decoding. */
static void assert_sound(const struct decoded *decoded)
{
	const struct event_summary *summary = decoded->summary;
	uint64_t breaks = 0, maps = 0;

	for (size_t i = 0; i < decoded->count; i++) {
		const struct mmu_event *event = &decoded->at[i];

		assert_true(event->where.order >= 1);
		assert_true(event->where.place.position >= 1);
		assert_true(event->within.va <= event->within.end);
		assert_true(!event->has_va || !event->end || event->va < event->end);
		breaks += event->kind == EVENT_BREAK;
		breaks -= event->kind == EVENT_BREAK_END;
		maps += event->kind == EVENT_MAP;
		maps -= event->kind == EVENT_MAP_END;
		/* As many may be open as there are tasks. */
		assert_in_range(breaks, 0, 64);
		assert_in_range(maps, 0, 64);
	}
	assert_int_equal(breaks, 0);
	assert_int_equal(maps, 0);
	assert_int_equal(summary->nr_open_calls, 0);
}

/* Removes a tenth of the lines; with `marked`, each gap says what it is. */
static void remove_lines(const struct text *text, uint64_t seed, bool marked)
{
	struct text damaged = {0};
	static char lost[] = "CPU:0 [LOST 1 EVENTS]\n", both[] = "CPU:1 [LOST 1 EVENTS]\n";

	for (size_t i = 0; i < text->count; i++) {
		bool removed = is_event_line(text->at[i]) && next_random(&seed) % 10 == 0;

		if (!removed)
			assert_true(array_push(&damaged, text->at[i]));
		else if (marked)
			assert_true(
				array_push(&damaged, strstr(text->at[i], "[000]") ? lost : both));
	}
	assert_true(array_push(&damaged, NULL));
	_cleanup_(decoded_deinit) struct decoded decoded =
		decode_text((const char *const *)damaged.at, NULL);

	assert_sound(&decoded);
	array_deinit(&damaged);
}

/* Swaps lines that are near one another. */
static void shuffle_lines(const struct text *text, uint64_t seed)
{
	enum {
		NEAR = 8
	};
	struct text damaged = {0};

	for (size_t i = 0; i < text->count; i++)
		assert_true(array_push(&damaged, text->at[i]));
	for (size_t i = 0; i + NEAR < text->count; i++) {
		size_t other = i + next_random(&seed) % NEAR;
		char *line = damaged.at[i];

		if (!is_event_line(line) || !is_event_line(damaged.at[other]))
			continue;
		damaged.at[i] = damaged.at[other];
		damaged.at[other] = line;
	}
	assert_true(array_push(&damaged, NULL));
	_cleanup_(decoded_deinit) struct decoded decoded =
		decode_text((const char *const *)damaged.at, NULL);

	assert_sound(&decoded);
	array_deinit(&damaged);
}

static void damage_leaves_nothing_behind(void **state)
{
	static const char *const names[] = {"debian-6.1/ftrace-overwritten.txt",
					    "debian-6.1-promotion/trace.txt",
					    "linux-4.14/trace.txt"};

	for (size_t i = 0; i < COUNT(names); i++) {
		_cleanup_(text_deinit) struct text text = read_lines(names[i]);

		for (uint64_t seed = 1; seed <= 100; seed++) {
			remove_lines(&text, seed, false);
			remove_lines(&text, seed, true);
			shuffle_lines(&text, seed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_what_the_lines_say),
		cmocka_unit_test(three_spellings_say_the_same),
		cmocka_unit_test(understands_every_probe),
		cmocka_unit_test(damage_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
