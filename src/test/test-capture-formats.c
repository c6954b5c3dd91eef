/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats as kernels print them, and records made by hand of them, in both byte orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/formats.h"

#define COMMON                                                                                     \
	"format:\n"                                                                                \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"             \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char call_format[] =
	"name: pmd_set_huge\nID: 304\n" COMMON
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 pmdp;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 small;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:__data_loc char[] name;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"(%lx) pmdp=0x%Lx small=%d name=\\\"%s\\\"\", REC->__probe_ip, REC->pmdp, "
	"REC->small, __get_str(name)\n";

static const char return_format[] =
	"name: ioremap_ret\nID: 290\n" COMMON
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 ret;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"(%lx <- %lx) ret=0x%Lx\", REC->__probe_func, REC->__probe_ret_ip, "
	"REC->ret\n";

static const char kinds_format[] = "name: kinds\nID: 77\n" COMMON
				   "\tfield:u8 a;\toffset:8;\tsize:1;\tsigned:0;\n"
				   "\tfield:s8 b;\toffset:9;\tsize:1;\tsigned:1;\n"
				   "\tfield:u16 c;\toffset:10;\tsize:2;\tsigned:0;\n"
				   "\tfield:s16 d;\toffset:12;\tsize:2;\tsigned:1;\n"
				   "\tfield:char e[4];\toffset:14;\tsize:4;\tsigned:0;\n"
				   "\tfield:gfp_t f;\toffset:20;\tsize:4;\tsigned:0;\n"
				   "\tfield:long g;\toffset:24;\tsize:8;\tsigned:1;\n"
				   "\tfield:__u16 h[3];\toffset:32;\tsize:6;\tsigned:0;\n"
				   "\tfield:__rel_loc char[] i;\toffset:40;\tsize:4;\tsigned:0;\n"
				   "\tfield:__data_loc u32[] j;\toffset:44;\tsize:4;\tsigned:0;\n"
				   "\nprint fmt: \"%d\", REC->a\n";

static const char stack_format[] =
	"name: kernel_stack\nID: 4\n" COMMON "\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n"
	"\nprint fmt: \"\\t=> %ps\\n\", (void *)REC->caller[0]\n";

static const char kallsyms[] = "ffff800008010000 T _stext\n"
			       "ffff800008010100 T pmd_set_huge\n"
			       "ffff800008010200 t ioremap\n"
			       "ffff800008010300 t after\n"
			       "ffffa6ee99714000 t nmap\t[ht]\n";

struct fixture {
	struct type_table types;
	struct symbols symbols;
	struct formats formats;
	struct record record;
	uint8_t data[256];
	size_t length;
	bool big_endian;
};

static void set_up(struct fixture *fixture, bool big_endian)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->big_endian = big_endian;
	types_init(&fixture->types);
	assert_true(symbols_init(&fixture->symbols, STR(kallsyms)));
	assert_null(formats_init(&fixture->formats, &fixture->types, big_endian, 8));
	fixture->types.naming.own = &fixture->symbols;
}

static void tear_down(struct fixture *fixture)
{
	formats_deinit(&fixture->formats);
	formats_deinit(&fixture->formats);
	symbols_deinit(&fixture->symbols);
	types_deinit(&fixture->types);
}

static void add(struct fixture *fixture, const char *system, const char *text)
{
	assert_null(formats_add(&fixture->formats, str_from(system), str_from(text)));
}

/* Appends a number of `size` bytes to the record. */
static void put(struct fixture *fixture, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t shift = 8 * (fixture->big_endian ? size - 1 - i : i);

		fixture->data[fixture->length++] = (uint8_t)(value >> shift);
	}
}

static void put_bytes(struct fixture *fixture, const char *bytes, size_t size)
{
	memcpy(fixture->data + fixture->length, bytes, size);
	fixture->length += size;
}

static void begin(struct fixture *fixture, uint16_t id, int32_t pid)
{
	fixture->length = 0;
	put(fixture, id, 2);
	put(fixture, 1, 1);
	put(fixture, 2, 1);
	put(fixture, (uint32_t)pid, 4);
}

/* Judges and decodes the record. */
static enum format_verdict judge(struct fixture *fixture)
{
	struct str data = {(const char *)fixture->data, fixture->length};
	struct event_format *format = NULL;
	enum format_verdict verdict = formats_judge(&fixture->formats, data, &format);

	memset(&fixture->record, 0, sizeof(fixture->record));
	if (verdict == FORMAT_WANTED)
		formats_decode(&fixture->formats, format->plan, format->known, data,
			       &fixture->record);
	else if (verdict == FORMAT_STACK)
		formats_decode_stack(&fixture->formats, format, data, &fixture->record);
	return verdict;
}

static void assert_text(struct record_field field, const char *expected)
{
	assert_non_null(field.text.text);
	assert_true(str_is(field.text, expected));
}

static void put_call(struct fixture *fixture, uint64_t address)
{
	begin(fixture, 304, 1234);
	put(fixture, address, 8);
	put(fixture, 0xffff80007fffd228, 8);
	put(fixture, (uint32_t)-5, 4);
	put(fixture, 5 << 16 | 32, 4);
	put_bytes(fixture, "name\0\0\0", 8);
}

static void check_call(bool big_endian)
{
	struct fixture f;

	set_up(&f, big_endian);
	add(&f, "pgt", call_format);
	put_call(&f, 0xffff800008010104);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	const struct record_type *type = f.record.type;

	assert_true(str_is(type->system, "pgt"));
	assert_true(str_is(type->name, "pmd_set_huge"));
	assert_true(str_is(type->symbol, "pmd_set_huge"));
	assert_int_equal(type->module.length, 0);
	assert_int_equal(type->offset, 4);
	assert_false(type->is_return);
	assert_int_equal(type->nr_fields, 3);
	assert_true(str_is(type->field[0], "pmdp"));
	assert_true(str_is(type->field[1], "small"));
	assert_true(str_is(type->field[2], "name"));
	assert_int_equal(f.record.pid, 1234);
	assert_int_equal(f.record.address, 0xffff800008010104);
	assert_int_equal(f.record.caller.length, 0);
	assert_int_equal(f.record.nr_fields, 3);
	assert_int_equal(f.record.field[0].number, 0xffff80007fffd228);
	assert_null(f.record.field[0].text.text);
	assert_int_equal((int64_t)f.record.field[1].number, -5);
	assert_text(f.record.field[2], "name");

	/* A probe with several sites: one name, two types. */
	put_call(&f, 0xffffa6ee99714010);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_true(str_is(f.record.type->symbol, "nmap"));
	assert_true(str_is(f.record.type->module, "ht"));
	assert_ptr_not_equal(f.record.type, type);
	put_call(&f, 0xffff800008010104);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_ptr_equal(f.record.type, type);
	tear_down(&f);
}

static void reads_calls(void **state)
{
	check_call(false);
	check_call(true);
}

static void check_return(bool big_endian)
{
	struct fixture f;

	set_up(&f, big_endian);
	add(&f, "io", return_format);
	begin(&f, 290, -1);
	put(&f, 0xffff800008010200, 8);
	put(&f, 0xffffa6ee99714084, 8);
	put(&f, 0x1234, 8);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_true(f.record.type->is_return);
	assert_true(str_is(f.record.type->symbol, "ioremap"));
	assert_int_equal(f.record.type->nr_fields, 1);
	assert_int_equal(f.record.pid, -1);
	assert_int_equal(f.record.caller_address, 0xffffa6ee99714084);
	assert_true(str_is(f.record.caller, "nmap+0x84/0x1000 [ht]"));
	assert_int_equal(f.record.field[0].number, 0x1234);
	tear_down(&f);
}

static void reads_returns(void **state)
{
	check_return(false);
	check_return(true);
}

static void check_kinds(bool big_endian)
{
	struct fixture f;

	set_up(&f, big_endian);
	add(&f, "test", kinds_format);
	begin(&f, 77, 0);
	put(&f, 200, 1);
	put(&f, 200, 1);
	put(&f, 60000, 2);
	put(&f, 60000, 2);
	put_bytes(&f, "full\0", 6);
	put(&f, 0x80000000, 4);
	put(&f, UINT64_MAX - 1, 8);
	put(&f, 1, 2);
	put(&f, 2, 2);
	put(&f, 3, 2);
	put(&f, 0, 2);
	put(&f, 4 << 16 | 4, 4); /* from 44 on */
	put(&f, 8 << 16 | 52, 4);
	put_bytes(&f, "abc", 4);
	put_bytes(&f, "12345678", 8);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	const struct record_field *field = f.record.field;

	assert_int_equal(f.record.type->symbol.length, 0);
	assert_int_equal(f.record.address, 0);
	assert_int_equal(f.record.nr_fields, 10);
	assert_int_equal(field[0].number, 200);
	assert_int_equal((int64_t)field[1].number, -56);
	assert_int_equal(field[2].number, 60000);
	assert_int_equal((int64_t)field[3].number, -5536);
	assert_text(field[4], "full");
	assert_int_equal(field[5].number, 0x80000000);
	assert_int_equal((int64_t)field[6].number, -2);
	assert_int_equal(field[7].text.length, 6);
	assert_text(field[8], "abc");
	assert_text(field[9], "12345678");
	tear_down(&f);
}

static void reads_all_kinds_of_fields(void **state)
{
	check_kinds(false);
	check_kinds(true);
}

static void reads_stacks(void **state)
{
	struct fixture f;

	set_up(&f, false);
	add(&f, "ftrace", stack_format);
	begin(&f, 4, 7);
	put(&f, 3, 8);
	put(&f, 0xffff800008010210, 8);
	put(&f, 0x1000, 8);
	put(&f, 0xffffa6ee99714084, 8);
	put(&f, 0x2000, 8);
	assert_int_equal(judge(&f), FORMAT_STACK);
	assert_int_equal(f.record.pid, 7);
	assert_int_equal(f.record.nr_frames, 3);
	assert_true(str_is(f.record.frame[0].symbol, "ioremap+0x10"));
	assert_int_equal(f.record.frame[1].address, 0x1000);
	assert_int_equal(f.record.frame[1].symbol.length, 0);
	assert_true(str_is(f.record.frame[2].symbol, "nmap+0x84"));

	/* One that says more than it has, and one that is ended by ULONG_MAX. */
	begin(&f, 4, 7);
	put(&f, 100, 8);
	put(&f, 0x1000, 8);
	assert_int_equal(judge(&f), FORMAT_STACK);
	assert_int_equal(f.record.nr_frames, 1);
	begin(&f, 4, 7);
	put(&f, 2, 8);
	put(&f, UINT64_MAX, 8);
	put(&f, 0x1000, 8);
	assert_int_equal(judge(&f), FORMAT_STACK);
	assert_int_equal(f.record.nr_frames, 0);
	tear_down(&f);
}

static void broken_records_are_unreadable(void **state)
{
	struct fixture f;
	size_t whole;

	set_up(&f, false);
	add(&f, "pgt", call_format);
	for (int round = 0; round < 2; round++) {
		put_call(&f, 0xffff800008010104);
		whole = 32; /* what is of fixed size */
		for (f.length = 0; f.length < whole; f.length++)
			assert_int_equal(judge(&f), FORMAT_UNREADABLE);
		f.length = 40;
		assert_int_equal(judge(&f), FORMAT_WANTED);
	}
	begin(&f, 305, 1);
	assert_int_equal(judge(&f), FORMAT_UNREADABLE);

	/* Strings that lie elsewhere, or that could not be fetched. */
	put_call(&f, 1);
	f.length -= 12;
	put(&f, 9U << 16 | 32, 4);
	put_bytes(&f, "name1234", 8);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_int_equal(f.record.type->symbol.length, 0);
	assert_text(f.record.field[2], "");
	f.length -= 12;
	put(&f, 0xffffffff, 4);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_text(f.record.field[2], "");
	f.length -= 4;
	put(&f, 32, 4);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_text(f.record.field[2], "(fault)");
	tear_down(&f);
}

static void broken_formats_are_passed_over(void **state)
{
	static const char *const broken[] = {
		"",
		"name: x\n",
		"ID: 1\n",
		"name: x\nID: \n",
		"name: x\nID: 65536\n",
		"name: x\nID: 99999999999\n",
		"name: x\nID: 1\n",
		"name: x\nID: 1\nformat:\n",
		"name: x\nID: 1\nformat:\n\tfield:",
		"name: x\nID: 1\nformat:\n\tfield:int common_pid;\toffset:0;\tsize:4;\tsigned:1;\n\n",
		"name: x\nID: 1\nformat:\n\tfield:unsigned short common_type;\toffset:9;\tsize:2;\n\n",
	};
	struct fixture f;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		set_up(&f, false);
		add(&f, "x", broken[i]);
		begin(&f, 1, 1);
		put(&f, 0, 8);
		assert_int_equal(judge(&f), FORMAT_UNREADABLE);
		assert_int_equal(judge(&f), FORMAT_UNREADABLE);
		tear_down(&f);
	}
}

/* Every prefix of a format, and every one with a byte changed. */
static void damaged_formats_do_no_harm(void **state)
{
	static char text[sizeof(kinds_format)];
	struct fixture f;

	for (size_t i = 0; i < 2 * sizeof(text); i++) {
		memcpy(text, kinds_format, sizeof(text));
		if (i < sizeof(text))
			text[i] = '\0';
		else
			text[i - sizeof(text)] ^= (char)(1 + i % 127);
		set_up(&f, false);
		assert_null(
			formats_add(&f.formats, STR("x"), (struct str){text, sizeof(text) - 1}));
		begin(&f, 77, 1);
		while (f.length < 100)
			put(&f, 0xa5a5a5a5a5a5a5a5, 8);
		judge(&f);
		tear_down(&f);
	}
}

static bool wants_returns(void *context, const struct record_type *type)
{
	(*(unsigned int *)context)++;
	return type->is_return;
}

static void asks_the_filter_once(void **state)
{
	unsigned int asked = 0;
	struct fixture f;

	set_up(&f, false);
	f.types.filter = wants_returns;
	f.types.filter_context = &asked;
	add(&f, "pgt", call_format);
	add(&f, "pgt", return_format);
	for (int i = 0; i < 3; i++) {
		put_call(&f, 0xffff800008010104);
		assert_int_equal(judge(&f), FORMAT_UNWANTED);
	}
	assert_int_equal(asked, 1);
	tear_down(&f);
}

static void lists_probes(void **state)
{
	const struct record_type *const *list;
	struct fixture f;
	uint32_t nr;

	set_up(&f, false);
	add(&f, "pgt", call_format);
	add(&f, "test", kinds_format);
	add(&f, "io", return_format);
	put_call(&f, 0xffff800008010104);
	assert_int_equal(judge(&f), FORMAT_WANTED);
	assert_null(formats_list_probes(&f.formats, &list, &nr));
	assert_int_equal(nr, 2);
	assert_int_equal(list[0]->id, TYPE_UNMET);
	assert_true(str_is(list[0]->name, "ioremap_ret"));
	assert_true(list[0]->is_return);
	assert_int_equal(list[0]->symbol.length, 0);
	assert_ptr_equal(list[1], f.record.type);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_calls),
		cmocka_unit_test(reads_returns),
		cmocka_unit_test(reads_all_kinds_of_fields),
		cmocka_unit_test(reads_stacks),
		cmocka_unit_test(broken_records_are_unreadable),
		cmocka_unit_test(broken_formats_are_passed_over),
		cmocka_unit_test(damaged_formats_do_no_harm),
		cmocka_unit_test(asks_the_filter_once),
		cmocka_unit_test(lists_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
