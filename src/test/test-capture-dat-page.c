/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the ring buffer made by hand, in both byte orders and with both sizes of long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/capture.h>

#include "capture/dat/page.h"
#include "test/bytes.h"

#define START 0x0123456789abcdefULL

static const struct order {
	bool big_endian;
	unsigned int long_size;
} orders[] = {{false, 8}, {false, 4}, {true, 8}, {true, 4}};

struct fixture {
	struct bytes bytes;
	struct page_layout layout;
	struct page page;
	size_t data; /* where the events begin */
};

/* Begins a page of 256 bytes. */
static void begin(struct fixture *f, const struct order *order, uint64_t time)
{
	*f = (struct fixture){
		.bytes = {.big_endian = order->big_endian},
		.layout = {.big_endian = order->big_endian,
			   .commit_size = (uint8_t)order->long_size,
			   .commit_offset = 8,
			   .data_offset = (uint16_t)(8 + order->long_size),
			   .data_size = 248 - order->long_size},
	};
	put_u64(&f->bytes, time);
	put_number(&f->bytes, 0, order->long_size);
	f->data = f->bytes.length;
}

/* Ends it, with these bits in the word of its size. */
static void end(struct fixture *f, uint32_t flags)
{
	struct bytes commit = {.big_endian = f->bytes.big_endian};

	put_number(&commit, (f->bytes.length - f->data) | flags, f->layout.commit_size);
	memcpy(f->bytes.data + 8, commit.data, commit.length);
	assert_true(page_open(&f->page, &f->layout, (struct str){(char *)f->bytes.data, 256}));
}

static void expect_event(struct fixture *f, uint64_t time, const char *data, size_t size)
{
	struct page_event event;

	assert_int_equal(page_next(&f->page, &event), PAGE_EVENT);
	assert_int_equal(event.time, time);
	assert_int_equal(event.data.length, size);
	assert_memory_equal(event.data.text, data, size);
}

static void expect(struct fixture *f, enum page_step step)
{
	struct page_event event;

	assert_int_equal(page_next(&f->page, &event), step);
}

#define FOR_EACH_ORDER(order) for (const struct order *order = orders; order < orders + 4; order++)

static void reads_events(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 2, 100);
		put_text(&f.bytes, "12345678", 8);
		put_event_word(&f.bytes, 28, (1U << 27) - 1);
		for (int i = 0; i < 28; i++)
			put_text(&f.bytes, "abcd", 4);
		put_event_word(&f.bytes, 1, 0);
		put_text(&f.bytes, "last", 4);
		end(&f, 0);
		assert_false(f.page.has_loss);
		expect_event(&f, START + 100, "12345678", 8);
		expect_event(&f, START + 100 + (1U << 27) - 1,
			     "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"
			     "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
			     112);
		expect_event(&f, START + 100 + (1U << 27) - 1, "last", 4);
		expect(&f, PAGE_END);
		expect(&f, PAGE_END);
	}
}

/* Also used for small events, where they must lie at multiples of 8. */
static void reads_long_events(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 0, 7);
		put_u32(&f.bytes, 4 + 8);
		put_text(&f.bytes, "12345678", 8);
		put_event_word(&f.bytes, 0, 1);
		put_u32(&f.bytes, 4 + 5); /* not a multiple of 4: the next is, all the same */
		put_text(&f.bytes, "12345\0\0", 8);
		put_event_word(&f.bytes, 0, 1);
		put_u32(&f.bytes, 4);
		put_event_word(&f.bytes, 1, 1);
		put_text(&f.bytes, "next", 4);
		end(&f, 0);
		expect_event(&f, START + 7, "12345678", 8);
		expect_event(&f, START + 8, "12345", 5);
		expect_event(&f, START + 9, "", 0);
		expect_event(&f, START + 10, "next", 4);
		expect(&f, PAGE_END);
	}
}

static void passes_over_padding(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 29, 5);
		put_u32(&f.bytes, 4 + 8);
		put_text(&f.bytes, "xxxxxxxx", 8);
		put_event_word(&f.bytes, 1, 1);
		put_text(&f.bytes, "next", 4);
		put_event_word(&f.bytes, 29, 0);
		put_text(&f.bytes, "this is nothing.", 16);
		end(&f, 0);
		expect_event(&f, START + 6, "next", 4);
		expect(&f, PAGE_END);
	}
}

static void extends_times(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 30, 3);
		put_u32(&f.bytes, 2);
		put_event_word(&f.bytes, 30, 0);
		put_u32(&f.bytes, 1);
		put_event_word(&f.bytes, 1, 4);
		put_text(&f.bytes, "next", 4);
		end(&f, 0);
		expect_event(&f, START + (3ULL << 27) + 7, "next", 4);
		expect(&f, PAGE_END);
	}
}

static void takes_absolute_times(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 31, 3);
		put_u32(&f.bytes, 0x10000000);
		put_event_word(&f.bytes, 1, 4);
		put_text(&f.bytes, "next", 4);
		end(&f, 0);
		expect_event(&f, (0x10000000ULL << 27) + 7, "next", 4);

		/* The upper 5 bits come from the time before, and may have to be counted on. */
		begin(&f, order, 0xf800000000000100);
		put_event_word(&f.bytes, 31, 0x200);
		put_u32(&f.bytes, 0);
		put_event_word(&f.bytes, 1, 0);
		put_text(&f.bytes, "next", 4);
		end(&f, 0);
		expect_event(&f, 0xf800000000000200, "next", 4);
		begin(&f, order, 0x17ffffffffffff00);
		put_event_word(&f.bytes, 31, 0x200);
		put_u32(&f.bytes, 0);
		put_event_word(&f.bytes, 1, 0);
		put_text(&f.bytes, "next", 4);
		end(&f, 0);
		expect_event(&f, 0x1800000000000200, "next", 4);
	}
}

static void tells_losses(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		put_event_word(&f.bytes, 1, 1);
		put_text(&f.bytes, "next", 4);
		end(&f, 1U << 31);
		assert_true(f.page.has_loss);
		assert_int_equal(f.page.lost, LOST_COUNT_UNKNOWN);
		expect_event(&f, START + 1, "next", 4);

		begin(&f, order, START);
		put_event_word(&f.bytes, 1, 1);
		put_text(&f.bytes, "next", 4);
		end(&f, 3U << 30);
		put_number(&f.bytes, 123456, order->long_size);
		assert_true(page_open(&f.page, &f.layout, (struct str){(char *)f.bytes.data, 256}));
		assert_true(f.page.has_loss);
		assert_int_equal(f.page.lost, 123456);
		expect_event(&f, START + 1, "next", 4);
		expect(&f, PAGE_END);

		/* No room for the number. */
		begin(&f, order, START);
		put_event_word(&f.bytes, 29, 0);
		while (f.bytes.length < 254)
			put_text(&f.bytes, "", 1);
		end(&f, 3U << 30);
		assert_int_equal(f.page.lost, LOST_COUNT_UNKNOWN);
	}
}

static void broken_events_end_the_page(void **state)
{
	static const struct {
		unsigned int type;
		uint32_t delta;
		uint32_t length;
	} broken[] = {
		{28, 1, 0}, /* longer than what is left */
		{0, 1, 0},  /* shorter than its own length */
		{0, 1, 3},  {0, 1, 100}, {0, 1, UINT32_MAX}, {29, 1, 100}, {29, 1, UINT32_MAX},
	};
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
			begin(&f, order, START);
			put_event_word(&f.bytes, 1, 1);
			put_text(&f.bytes, "good", 4);
			put_event_word(&f.bytes, broken[i].type, broken[i].delta);
			put_u32(&f.bytes, broken[i].length);
			put_text(&f.bytes, "12345678", 8);
			end(&f, 0);
			expect_event(&f, START + 1, "good", 4);
			expect(&f, PAGE_BROKEN);
		}
		for (unsigned int type = 0; type < 32; type++) {
			begin(&f, order, START);
			put_event_word(&f.bytes, type, 1);
			end(&f, 0);
			expect(&f, PAGE_BROKEN);
		}
		begin(&f, order, START);
		put_text(&f.bytes, "123", 3);
		end(&f, 0);
		expect(&f, PAGE_BROKEN);
	}
}

static void pages_may_be_cut(void **state)
{
	struct fixture f;

	FOR_EACH_ORDER(order)
	{
		begin(&f, order, START);
		for (int i = 0; i < 10; i++) {
			put_event_word(&f.bytes, 1, 1);
			put_text(&f.bytes, "good", 4);
		}
		end(&f, 0);
		assert_false(f.page.is_cut);
		for (size_t size = 0; size < f.data; size++)
			assert_false(page_open(&f.page, &f.layout,
					       (struct str){(char *)f.bytes.data, size}));
		assert_true(page_open(&f.page, &f.layout,
				      (struct str){(char *)f.bytes.data, f.data + 20}));
		assert_true(f.page.is_cut);
		expect_event(&f, START + 1, "good", 4);
		expect_event(&f, START + 2, "good", 4);
		expect(&f, PAGE_BROKEN);
	}
}

static const char layout_text[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n"
				  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				  "\tfield: char data;\toffset:12;\tsize:65524;\tsigned:0;\n";

static void parses_layouts(void **state)
{
	struct page_layout layout;
	char text[sizeof(layout_text)];

	assert_true(page_layout_parse(&layout, STR(layout_text), true));
	assert_true(layout.big_endian);
	assert_int_equal(layout.commit_size, 4);
	assert_int_equal(layout.commit_offset, 8);
	assert_int_equal(layout.data_offset, 12);
	assert_int_equal(layout.data_size, 65524);
	assert_false(page_layout_parse(&layout, STR(""), false));
	/* Whatever a byte is changed to, what is accepted makes sense. */
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (int c = '0'; c <= '9'; c++) {
			memcpy(text, layout_text, sizeof(text));
			text[i] = (char)c;
			if (!page_layout_parse(&layout, STR(text), false))
				continue;
			assert_true(layout.commit_size == 4 || layout.commit_size == 8);
			assert_true(layout.commit_offset + layout.commit_size <=
				    layout.data_offset);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_events),
		cmocka_unit_test(reads_long_events),
		cmocka_unit_test(passes_over_padding),
		cmocka_unit_test(extends_times),
		cmocka_unit_test(takes_absolute_times),
		cmocka_unit_test(tells_losses),
		cmocka_unit_test(broken_events_end_the_page),
		cmocka_unit_test(pages_may_be_cut),
		cmocka_unit_test(parses_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
