/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/lists.h"

enum {
	NS_DIGITS = 9,
	NS_PER_S = 1000000000
};

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

bool take_number(const char **text, uint64_t max, uint64_t *ret)
{
	char *end;

	/* strtoull() would take spaces and signs, and make a huge number of "-1". */
	if (!is_digit(**text))
		return false;
	errno = 0;
	unsigned long long number = strtoull(*text, &end, 10);

	if (errno != 0 || number > max)
		return false;
	*text = end;
	*ret = number;
	return true;
}

bool parse_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t number;

	if (!take_number(&text, max, &number) || *text)
		return false;
	*ret = number;
	return true;
}

bool take_item(const char **list, struct str *ret)
{
	if (!*list)
		return false;
	const char *comma = strchrnul(*list, ',');

	*ret = (struct str){*list, (size_t)(comma - *list)};
	*list = *comma ? comma + 1 : NULL;
	return true;
}

/* "2" or "2-4". */
static bool take_range(const char **text, struct cpu_range *ret)
{
	uint64_t first, last;

	if (!take_number(text, UINT32_MAX - 1, &first))
		return false;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (!take_number(text, UINT32_MAX - 1, &last) || last < first)
			return false;
	}
	*ret = (struct cpu_range){(uint32_t)first, (uint32_t)last};
	return true;
}

struct error *cpu_list_parse(const char *option, const char *text, struct cpu_list *list)
{
	_cleanup_(cpu_list_deinit) struct cpu_list parsed = {0};
	const char *rest = text;
	struct cpu_range range;

	do {
		if (!take_range(&rest, &range) || (*rest && *rest != ','))
			return error_create(ERROR_USAGE,
					    "%s: '%s' is no list of CPUs, such as 0,2-4", option,
					    text);
		if (!array_push(&parsed.ranges, range))
			return error_memory();
	} while (*rest++ == ',');

	struct cpu_list old = *list;

	*list = parsed;
	parsed = old;
	return NULL;
}

void cpu_list_deinit(struct cpu_list *list)
{
	array_deinit(&list->ranges);
}

bool cpu_list_has(const struct cpu_list *list, uint32_t cpu)
{
	for (size_t i = 0; i < list->ranges.count; i++)
		if (cpu >= list->ranges.at[i].first && cpu <= list->ranges.at[i].last)
			return true;
	return false;
}

/* ".5" is 500000000. */
static bool take_fraction(const char **text, uint32_t *ret)
{
	const char *digit = *text + 1;
	uint32_t ns = 0;
	int count = 0;

	for (; is_digit(*digit) && count < NS_DIGITS; digit++, count++)
		ns = ns * 10 + (uint32_t)(*digit - '0');
	if (count == 0)
		return false;
	for (; count < NS_DIGITS; count++)
		ns *= 10;
	*text = digit;
	*ret = ns;
	return true;
}

struct error *moment_parse(const char *option, const char *text, struct moment *ret)
{
	struct moment moment = {.is_set = true};
	const char *rest = text;
	bool valid = take_number(&rest, UINT64_MAX, &moment.whole);

	if (valid && *rest == '.')
		valid = take_fraction(&rest, &moment.ns);
	if (!valid || *rest)
		return error_create(ERROR_USAGE,
				    "%s: '%s' is no time, such as 204.946391 (seconds, as in the "
				    "capture) or 190232342 (ticks)",
				    option, text);
	*ret = moment;
	return NULL;
}

struct error *moment_resolve(const char *option, const struct moment *moment, bool clock_is_ticks,
			     uint64_t *ret)
{
	uint64_t time = moment->whole;

	if (clock_is_ticks && moment->ns != 0)
		return error_create(ERROR_USAGE,
				    "%s: this capture's clock counts ticks: give a whole number",
				    option);
	/* Beyond the 584 years that nanoseconds can count lies the end of any capture. */
	if (!clock_is_ticks && (__builtin_mul_overflow(time, (uint64_t)NS_PER_S, &time) ||
				__builtin_add_overflow(time, moment->ns, &time)))
		time = UINT64_MAX;
	*ret = time;
	return NULL;
}
