/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reader on pipes, on long lines and on garbage. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>

#include "test/capture-text.h"

#include "capture/input.h"

static const char ftrace_text[] =
	"# tracer: nop\n"
	"#\n"
	"# entries-in-buffer/entries-written: 9/9   #P:2\n"
	"            init-1       [000] d....     5.640702: ioremap: (ioremap_prot+0x0/0x100) "
	"phys=8000001000 size=1000 prot=68000000000713\n"
	"            init-1       [000] d....     5.640703: <stack trace>\n"
	" => ioremap_prot\n"
	" => nmap+0x84/0x140 <ffff800008a2b3c4>\n"
	"CPU:1 [LOST 81586 EVENTS]\r\n"
	"            init-1       [000] .....     5.641611: ioremap_ret: (nmap+0x84/0x140 [ht] <- "
	"ioremap_prot) ret=ffff80000a000000\n"
	"            init-1       [000] .....     5.641612: print: \"two\n"
	"lines\" a=1\n"
	"            init-1       [000] .....     5.6416x2: t: a=1\n"
	"            init-1       [000] .....     5.641613: last: a=\"b c\" d={0x1,0x2}";

static const char perf_text[] =
	"# ========\n"
	"# os release : 6.1.0-50-arm64\n"
	"# ========\n"
	"perf-exec   211 [000]     0.000000:    pgt:pud_alloc: (ffffd5cb17909774) a=0x1\n"
	"\tffffd5cb17909774 __pud_alloc+0x0 ([kernel.kallsyms])\n"
	"\t           bc88c [unknown] (/usr/lib/aarch64-linux-gnu/libc.so.6)\n"
	"\n"
	"dd 22894 [001]   952.777481: PERF_RECORD_LOST lost 18043\n"
	"perf-exec   211 [000]   952.777482:    pgt:pud_alloc: (ffffd5cb17909774) a=0x2\n"
	"\tffffd5cb17909774 __pud_alloc+0x0 ([kernel.kallsyms])\n";

static void print_str(FILE *out, const char *name, struct str view)
{
	fprintf(out, " %s=", name);
	if (view.length)
		fwrite(view.text, 1, view.length, out);
}

/* Writes all of a record, so that two can be compared and a sanitizer sees each byte. */
static void print_record(FILE *out, enum capture_step step, const struct record *record)
{
	fprintf(out, "%d at %ju: cpu=%u pid=%d time=%ju address=%jx caller=%jx lost=%ju", step,
		(uintmax_t)record->place.position, record->cpu, record->pid,
		(uintmax_t)record->time, (uintmax_t)record->address,
		(uintmax_t)record->caller_address, (uintmax_t)record->lost);
	print_str(out, "comm", record->comm);
	print_str(out, "caller", record->caller);
	if (record->type) {
		print_str(out, "system", record->type->system);
		print_str(out, "name", record->type->name);
		print_str(out, "symbol", record->type->symbol);
		print_str(out, "module", record->type->module);
	}
	for (uint32_t i = 0; i < record->nr_fields; i++) {
		fprintf(out, " %.*s", STR_ARGS(record->type->field[i]));
		print_str(out, "", record->field[i].text);
		fprintf(out, "%jx", (uintmax_t)record->field[i].number);
	}
	for (uint32_t i = 0; i < record->nr_frames; i++) {
		fprintf(out, " %jx", (uintmax_t)record->frame[i].address);
		print_str(out, "", record->frame[i].symbol);
	}
	fputc('\n', out);
}

static void check_record(enum capture_step step, const struct record *record)
{
	assert_true(record->nr_fields <= RECORD_MAX_FIELDS);
	assert_true(record->nr_frames <= RECORD_MAX_FRAMES);
	assert_int_equal(step == RECORD_EVENT, record->type != NULL);
	assert_int_equal(step == RECORD_STACK, record->nr_frames > 0);
	if (record->type)
		assert_int_equal(record->nr_fields, record->type->nr_fields);
}

/* All that a capture says, as a string; closes it. */
static char *read_all(struct capture *capture, size_t max_records)
{
	const struct capture_info *info = capture_info(capture);
	struct record record;
	enum capture_step step;
	struct error *err = NULL;
	char *text = NULL;
	size_t size, count = 0;
	FILE *out = open_memstream(&text, &size);

	while ((step = capture_next(capture, &record, &err)) != RECORD_END) {
		assert_int_not_equal(step, RECORD_ERROR);
		assert_true(count++ < max_records);
		check_record(step, &record);
		print_record(out, step, &record);
	}
	fprintf(out, "%s %s %ju records, %ju unread, first %ju, of %ju/%ju, %d %d\n", info->kind,
		info->release ? info->release : "-", (uintmax_t)info->nr_records,
		(uintmax_t)info->nr_unread, (uintmax_t)info->first_unread.position,
		(uintmax_t)info->entries_in_buffer, (uintmax_t)info->entries_written,
		info->hides_losses, info->truncated);
	fclose(out);
	capture_close(capture);
	return text;
}

/* Reads the text from a pipe that hands it out in two pieces. */
static char *read_split(const char *text, size_t size, size_t first)
{
	struct capture *capture = NULL;
	int fds[2];

	/* With O_DIRECT a read() returns no more than one write() has written. */
	assert_int_equal(pipe2(fds, O_DIRECT | O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], text, first), first);
	assert_int_equal(write(fds[1], text + first, size - first), size - first);
	close(fds[1]);
	struct error *err = open_descriptor(fds[0], &capture);

	close(fds[0]);
	assert_null(err);
	return read_all(capture, SIZE_MAX);
}

static void assert_same_however_split(const char *text)
{
	size_t size = strlen(text);
	_cleanup_(free_pointer) char *whole = read_all(open_text(text), SIZE_MAX);

	for (size_t first = 1; first < size; first++) {
		_cleanup_(free_pointer) char *split = read_split(text, size, first);

		assert_string_equal(split, whole);
	}
}

static void reads_pipes_as_files(void **state)
{
	assert_same_however_split(ftrace_text);
	assert_same_however_split(perf_text);
}

/* A text with one line that is padded by `padding` characters. */
static struct capture *open_with_long_line(size_t padding)
{
	_cleanup_(free_pointer) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("# tracer: nop\n sh-1 [000] 1.000001: t: a=1\n sh-1 [000] 1.000002: t: a=2 ", out);
	for (size_t i = 0; i < padding; i++)
		fputc('x', out);
	fputs("\n sh-1 [000] 1.000003: t: a=3\n", out);
	fclose(out);
	return open_text(text);
}

static void reads_long_lines(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_with_long_line(3 * INPUT_CHUNK);
	struct record record;

	for (uint64_t i = 1; i <= 3; i++) {
		assert_next(capture, RECORD_EVENT, &record);
		assert_int_equal(record.field[0].number, i);
		assert_int_equal(record.place.position, i + 1);
	}
	assert_next(capture, RECORD_END, &record);
}

static void passes_over_lines_that_are_too_long(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_with_long_line(3 * INPUT_LINE_MAX);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.field[0].number, 3);
	assert_int_equal(record.place.position, 4);
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(capture_info(capture)->nr_unread, 1);
	assert_int_equal(capture_info(capture)->first_unread.position, 3);
}

/* A long line where the reader looks ahead, and where it collects a chain. */
static void passes_over_long_lines_ahead(void **state)
{
	enum {
		LENGTH = INPUT_LINE_MAX + INPUT_CHUNK
	};
	static char text[LENGTH + 1024];
	struct capture *capture = NULL;
	struct record record;
	int start = snprintf(text, sizeof(text),
			     "# tracer: nop\n"
			     " sh-1 [000] 1.000001: k: (f+0x0/0x8) a=1000\n"
			     " sh-1 [000] 1.000001: <stack trace>\n"
			     " => f\n");

	memset(text + start, 'x', LENGTH);
	strcpy(text + start + LENGTH, "\n sh-1 [000] 1.000003: t: a=3\n");
	assert_null(open_bytes(text, strlen(text), &capture));
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.field[0].number, 1000);
	assert_next(capture, RECORD_STACK, &record);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.place.position, 6);
	assert_next(capture, RECORD_END, &record);
	capture_close(capture);
}

static void passes_over_nul_bytes(void **state)
{
	static const char text[] = "# tracer: nop\n"
				   " s\0h-1 [000] 1.000001: t: a=\"x\0y\"\n"
				   "\0\0\0\n"
				   " sh-1 [000] 1.000002: t: a=1\0\n";
	struct capture *capture = NULL;
	struct record record;

	assert_null(open_bytes(text, sizeof(text) - 1, &capture));
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.comm.length, 3);
	assert_int_equal(record.field[0].text.length, 3);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.field[0].text.length, 2);
	assert_next(capture, RECORD_END, &record);
	capture_close(capture);
}

/* A small generator of random numbers (xorshift64*), the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* Changes, doubles or drops bytes. */
static size_t damage(char *text, size_t size, uint64_t *seed)
{
	static const char telling[] = "\n\r\t\0 :[](){}<>-+=\"./,0123456789abcdefx#PLC";
	uint64_t times = 1 + next_random(seed) % 16;

	while (times-- && size > 64) {
		size_t at = next_random(seed) % (size - 32);
		size_t length = 1 + next_random(seed) % 16;

		switch (next_random(seed) % 4) {
		case 0:
			text[at] = (char)next_random(seed);
			break;
		case 1:
			text[at] = telling[next_random(seed) % sizeof(telling)];
			break;
		case 2:
			memmove(text + at, text + at + length, size - at - length);
			size -= length;
			break;
		case 3:
			memmove(text + at, text + next_random(seed) % (size - 32), length);
			break;
		}
	}
	return size;
}

static void survives_damage(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} sources[] = {{ftrace_text, sizeof(ftrace_text) - 1}, {perf_text, sizeof(perf_text) - 1}};
	uint64_t seed = 20;

	for (int i = 0; i < 3000; i++) {
		char text[2048];
		size_t size = sources[i % 2].size;
		struct capture *capture = NULL;

		memcpy(text, sources[i % 2].text, size);
		size = damage(text, size, &seed);
		struct error *err = open_bytes(text, size, &capture);

		if (err)
			assert_int_equal(err->kind, ERROR_FORMAT);
		else
			free(read_all(capture, size));
		error_destroy(err);
	}
}

static void survives_noise(void **state)
{
	uint64_t seed = 21;

	for (int i = 0; i < 500; i++) {
		static const char header[] = "# tracer: nop\n sh-1 [000] 1.000001: t: a=1\n";
		char text[1024];
		struct capture *capture = NULL;

		memcpy(text, header, sizeof(header) - 1);
		for (size_t at = sizeof(header) - 1; at < sizeof(text); at++)
			text[at] = (char)(next_random(&seed) >> 40);
		struct error *err = open_bytes(text, sizeof(text), &capture);

		assert_null(err);
		free(read_all(capture, sizeof(text)));
	}
}

/* Each line names a new event, has new fields and a new place. */
static void bounds_the_types(void **state)
{
	_cleanup_(free_pointer) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("# tracer: nop\n", out);
	for (int i = 0; i < 40000; i++)
		fprintf(out, " sh-1 [000] 1.%06d: t%d: (f%d+0x0/0x8) f%d=0x1\n", i, i, i, i);
	fclose(out);
	_cleanup_(close_capture) struct capture *capture = open_text(text);
	struct record record;
	struct error *err = NULL;
	uint64_t count = 0;

	while (capture_next(capture, &record, &err) == RECORD_EVENT)
		assert_int_equal(record.type->id, count++);
	assert_null(err);
	assert_true(count > 10000 && count < 40000);
	assert_int_equal(capture_info(capture)->nr_records, 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pipes_as_files),
		cmocka_unit_test(reads_long_lines),
		cmocka_unit_test(passes_over_lines_that_are_too_long),
		cmocka_unit_test(passes_over_long_lines_ahead),
		cmocka_unit_test(passes_over_nul_bytes),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(survives_noise),
		cmocka_unit_test(bounds_the_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
