/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"

#include "test/decode.h"

static void assert_success(struct error *err)
{
	if (!err)
		return;
	_cleanup_(free_pointer) char *message = error_format(err);

	error_destroy(err);
	fail_msg("%s", message);
}

struct decoded decode_file(const char *path, const struct event_map *map)
{
	struct decoded decoded = {0};
	const struct mmu_event *event = NULL;
	enum decode_step step;
	struct error *err = NULL;

	assert_success(capture_open(path, &decoded.capture));
	assert_success(decoder_create(decoded.capture, map, &decoded.decoder));
	while ((step = decoder_next(decoded.decoder, &event, &err)) == DECODE_EVENT)
		assert_true(array_push(&decoded, *event));
	if (step == DECODE_ERROR)
		assert_success(err);
	assert_int_equal(step, DECODE_END);
	decoded.summary = decoder_summary(decoded.decoder);
	return decoded;
}

struct decoded decode_text(const char *const *text, const struct event_map *map)
{
	char path[] = "/tmp/mmureplay-test-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	assert_non_null(file);
	for (; *text; text++)
		assert_true(fputs(*text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	struct decoded decoded = decode_file(path, map);

	unlink(path);
	return decoded;
}

void decoded_deinit(struct decoded *decoded)
{
	decoder_destroy(decoded->decoder);
	capture_close(decoded->capture);
	array_deinit(decoded);
}

/* ---- events as lines ----------------------------------------------------------------------- */

static bool tells_done(enum mmu_event_kind kind)
{
	return kind == EVENT_MAP_END || kind == EVENT_BLOCK || kind == EVENT_BLOCK_CLEAR ||
	       kind == EVENT_TABLE || kind == EVENT_BREAK_END || kind == EVENT_FLUSH;
}

static void print_entry(FILE *out, const struct mmu_event *event)
{
	static const char *const levels[] = {"pte", "pmd", "pud", "p4d", "pgd"};

	if (event->entry)
		fprintf(out, " %s=%" PRIx64, levels[event->level], event->entry);
	if (event->has_old)
		fprintf(out, " old=%" PRIx64, event->old);
	if (event->kind == EVENT_WRITE)
		fprintf(out, " value=%" PRIx64, event->value);
	if (event->has_table_pfn)
		fprintf(out, " table=%" PRIx64, event->table_pfn);
	if (event->table_lost)
		fprintf(out, " lost");
	if (event->within.end)
		fprintf(out, " within=%" PRIx64 "-%" PRIx64, event->within.va, event->within.end);
	if (event->within.has_pa)
		fprintf(out, "@%" PRIx64, event->within.pa);
}

static void print_instruction(FILE *out, const struct mmu_event *event)
{
	char name[TLBI_NAME_MAX];

	if (event->kind == EVENT_TLBI)
		fprintf(out, " %s", tlbi_op_name(event->op, name));
	if (event->has_operand)
		fprintf(out, " op=%" PRIx64, event->operand);
	if (event->inside.length)
		fprintf(out, " inside=%.*s", STR_ARGS(event->inside));
	if (event->in_flush)
		fprintf(out, " in-flush");
	if (event->in_break)
		fprintf(out, " in-break");
}

static void print_event(FILE *out, const struct mmu_event *event)
{
	static const char *const dones[] = {"?", "no", "yes"};

	fprintf(out, "%" PRIu64 " %s", event->where.place.position, mmu_event_name(event->kind));
	if (tells_done(event->kind))
		fprintf(out, ":%s", dones[event->done]);
	if (event->symbol.length)
		fprintf(out, " %.*s", STR_ARGS(event->symbol));
	if (event->has_va && event->end)
		fprintf(out, " va=%" PRIx64 "-%" PRIx64, event->va, event->end);
	else if (event->has_va)
		fprintf(out, " va=%" PRIx64, event->va);
	if (event->has_pa)
		fprintf(out, " pa=%" PRIx64, event->pa);
	if (event->in_ioremap)
		fprintf(out, " ioremap");
	if (event->pages_only)
		fprintf(out, " pages-only");
	print_entry(out, event);
	print_instruction(out, event);
	if (event->kind == EVENT_PAGE_ALLOC || event->kind == EVENT_PAGE_FREE)
		fprintf(out, " pfn=%" PRIx64, event->pfn);
	if (event->is_witnessed)
		fprintf(out, " witnessed");
	if (event->kind == EVENT_FLUSH && event->nr_tlbi)
		fprintf(out, " tlbis=%u", event->nr_tlbi);
	if (event->origin && event->origin->symbol.length)
		fprintf(out, " by=%.*s", STR_ARGS(event->origin->symbol));
	else if (event->origin)
		fprintf(out, " by=%" PRIx64, event->origin->address);
	fputc('\n', out);
}

char *decoded_lines(const struct decoded *decoded)
{
	char *lines = NULL;
	size_t length;
	FILE *out = open_memstream(&lines, &length);

	assert_non_null(out);
	for (size_t i = 0; i < decoded->count; i++)
		print_event(out, &decoded->at[i]);
	fclose(out);
	return lines;
}

void assert_decodes(const char *const *text, const char *expected)
{
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);
	_cleanup_(free_pointer) char *lines = decoded_lines(&decoded);

	assert_string_equal(lines, expected);
	assert_int_equal(decoded.summary->nr_open_calls, 0);
}
