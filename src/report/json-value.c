/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/json.h"

static int add_member(struct json_object *parent, const char *key, struct json_object *value)
{
	/* An object is made from first to last: no key can be there already. */
	return key ? json_object_object_add_ex(parent, key, value, JSON_C_OBJECT_ADD_KEY_IS_NEW)
		   : json_object_array_add(parent, value);
}

/* Gives `value` to the parent; NULL says that memory was short. */
static struct json_object *add(struct json_builder *builder, struct json_object *parent,
			       const char *key, struct json_object *value)
{
	int result = -1;

	if (parent && value)
		result = add_member(parent, key, value);
	if (result == 0)
		return value;
	json_object_put(value);
	builder->failed = true;
	return NULL;
}

struct json_object *json_add_object(struct json_builder *builder, struct json_object *parent,
				    const char *key)
{
	return add(builder, parent, key, json_object_new_object());
}

struct json_object *json_add_array(struct json_builder *builder, struct json_object *parent,
				   const char *key)
{
	return add(builder, parent, key, json_object_new_array());
}

void json_add_null(struct json_builder *builder, struct json_object *parent, const char *key)
{
	/* json-c has NULL for null. */
	if (!parent || add_member(parent, key, NULL) != 0)
		builder->failed = true;
}

void json_add_bool(struct json_builder *builder, struct json_object *parent, const char *key,
		   bool value)
{
	add(builder, parent, key, json_object_new_boolean(value));
}

void json_add_number(struct json_builder *builder, struct json_object *parent, const char *key,
		     uint64_t value)
{
	add(builder, parent, key, json_object_new_uint64(value));
}

void json_add_level(struct json_builder *builder, struct json_object *parent, const char *key,
		    int level)
{
	add(builder, parent, key, json_object_new_int(level));
}

void json_add_number_unless(struct json_builder *builder, struct json_object *parent,
			    const char *key, uint64_t value, uint64_t unknown)
{
	if (value == unknown)
		json_add_null(builder, parent, key);
	else
		json_add_number(builder, parent, key, value);
}

void json_add_hex(struct json_builder *builder, struct json_object *parent, const char *key,
		  uint64_t value)
{
	char text[sizeof("0x0123456789abcdef")];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	add(builder, parent, key, json_object_new_string(text));
}

void json_add_hex_if(struct json_builder *builder, struct json_object *parent, const char *key,
		     bool is_known, uint64_t value)
{
	if (is_known)
		json_add_hex(builder, parent, key, value);
	else
		json_add_null(builder, parent, key);
}

void json_add_str(struct json_builder *builder, struct json_object *parent, const char *key,
		  struct str value)
{
	struct buffer *scratch = &builder->scratch;

	if (!value.text) {
		json_add_null(builder, parent, key);
		return;
	}
	buffer_clear(scratch);
	utf8_add(scratch, value);
	builder->failed |= scratch->failed;
	add(builder, parent, key,
	    json_object_new_string_len(scratch->text ? scratch->text : "", (int)scratch->length));
}

void json_add_text(struct json_builder *builder, struct json_object *parent, const char *key,
		   const char *value)
{
	json_add_str(builder, parent, key, str_from(value));
}

void json_add_range(struct json_builder *builder, struct json_object *parent, const char *key,
		    uint64_t start, uint64_t end)
{
	struct json_object *range = json_add_object(builder, parent, key);

	json_add_hex(builder, range, "start", start);
	json_add_hex(builder, range, "end", end);
}

void json_add_time(struct json_builder *builder, struct json_object *parent, const char *stem,
		   uint64_t time)
{
	char key[32];
	bool is_ticks = builder->report->capture->clock_is_ticks;

	snprintf(key, sizeof(key), "%s_ns", stem);
	if (is_ticks)
		json_add_null(builder, parent, key);
	else
		json_add_number(builder, parent, key, time);
	if (!is_ticks)
		return;
	snprintf(key, sizeof(key), "%s_ticks", stem);
	json_add_number(builder, parent, key, time);
}

void json_add_place(struct json_builder *builder, struct json_object *parent,
		    struct record_place place)
{
	const struct capture_info *capture = builder->report->capture;

	json_add_text(builder, parent, "file",
		      place.file < capture->nr_files ? capture->files[place.file] : NULL);
	json_add_number(builder, parent, capture_is_binary(capture, place.file) ? "offset" : "line",
			place.position);
}

static void add_task(struct json_builder *builder, struct json_object *parent,
		     const struct event_where *where)
{
	json_add_number_unless(builder, parent, "cpu", where->cpu, CPU_UNKNOWN);
	if (where->pid == PID_UNKNOWN)
		json_add_null(builder, parent, "pid");
	else
		json_add_number(builder, parent, "pid", (uint64_t)where->pid);
	json_add_str(builder, parent, "comm", where->comm);
}

void json_add_where(struct json_builder *builder, struct json_object *parent,
		    const struct event_where *where)
{
	static const char *const keys[] = {"time_ns", "cpu", "pid", "comm", "file", "line"};

	for (size_t i = 0; !where->order && i < sizeof(keys) / sizeof(keys[0]); i++)
		json_add_null(builder, parent, keys[i]);
	if (!where->order)
		return;
	json_add_time(builder, parent, "time", where->time);
	add_task(builder, parent, where);
	json_add_place(builder, parent, where->place);
}
