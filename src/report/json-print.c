/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-c's own layouts are all on one line, or one member a line down to the smallest object. */
#include "report/json.h"

enum {
	LINE_WIDTH = 119, /* and a comma */
	INDENT = 2,
};

static void add_line(struct buffer *buffer, size_t indent)
{
	static const char spaces[] = "\n                                ";
	size_t length = sizeof(spaces) - 1;

	/* No object lies deeper than that; if one did, it would show less so. */
	buffer_add(buffer, (struct str){spaces, indent + 1 < length ? indent + 1 : length});
}

static void print_scalar(struct buffer *buffer, struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		buffer_add(buffer, str_from(text));
	else
		buffer->failed = true;
}

static void print_key(struct buffer *buffer, const char *key)
{
	/* Our own keys: nothing in them needs an escape. */
	buffer_add_char(buffer, '"');
	buffer_add(buffer, str_from(key));
	buffer_add(buffer, STR("\": "));
}

/* These give up, and return false, when the text grows beyond `limit` bytes. */
static bool print_inline(struct buffer *buffer, struct json_object *value, size_t limit);

static bool print_object_inline(struct buffer *buffer, struct json_object *object, size_t limit)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);
	const char *separator = "{ ";

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		buffer_add(buffer, str_from(separator));
		print_key(buffer, json_object_iter_peek_name(&at));
		if (!print_inline(buffer, json_object_iter_peek_value(&at), limit))
			return false;
		separator = ", ";
	}
	buffer_add(buffer, separator[0] == '{' ? STR("{}") : STR(" }"));
	return buffer->length <= limit;
}

static bool print_array_inline(struct buffer *buffer, struct json_object *array, size_t limit)
{
	buffer_add_char(buffer, '[');
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		buffer_add(buffer, i ? STR(", ") : STR(""));
		if (!print_inline(buffer, json_object_array_get_idx(array, i), limit))
			return false;
	}
	buffer_add_char(buffer, ']');
	return buffer->length <= limit;
}

static bool print_inline(struct buffer *buffer, struct json_object *value, size_t limit)
{
	if (json_object_is_type(value, json_type_object))
		return print_object_inline(buffer, value, limit);
	if (json_object_is_type(value, json_type_array))
		return print_array_inline(buffer, value, limit);
	print_scalar(buffer, value);
	return buffer->length <= limit;
}

static void print_object_lines(struct buffer *buffer, struct json_object *object, size_t indent)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);
	char separator = '{';

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		buffer_add_char(buffer, separator);
		add_line(buffer, indent + INDENT);
		print_key(buffer, json_object_iter_peek_name(&at));
		json_print(buffer, json_object_iter_peek_value(&at), indent + INDENT);
		separator = ',';
	}
	add_line(buffer, indent);
	buffer_add_char(buffer, '}');
}

static void print_array_lines(struct buffer *buffer, struct json_object *array, size_t indent)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		buffer_add_char(buffer, i ? ',' : '[');
		add_line(buffer, indent + INDENT);
		json_print(buffer, json_object_array_get_idx(array, i), indent + INDENT);
	}
	add_line(buffer, indent);
	buffer_add_char(buffer, ']');
}

/* How long the text may get for its last line to be no longer than LINE_WIDTH bytes. */
static size_t line_limit(const struct buffer *buffer)
{
	size_t start = buffer->length;

	while (start > 0 && buffer->text[start - 1] != '\n')
		start--;
	return start + LINE_WIDTH;
}

void json_print(struct buffer *buffer, struct json_object *value, size_t indent)
{
	bool is_object = json_object_is_type(value, json_type_object);
	size_t start = buffer->length;

	if (!is_object && !json_object_is_type(value, json_type_array)) {
		print_scalar(buffer, value);
		return;
	}
	if (print_inline(buffer, value, line_limit(buffer)) || buffer->failed)
		return;
	buffer->length = start;
	if (is_object)
		print_object_lines(buffer, value, indent);
	else
		print_array_lines(buffer, value, indent);
}
