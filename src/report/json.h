/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON output.  The top level is written by hand, in the order in which its parts become known;
 * the objects in it are built with json-c one at a time, written and released.
 */
#ifndef MMUREPLAY_REPORT_JSON_H
#define MMUREPLAY_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json.h>

#include "base/buffer.h"
#include "report/output.h"

/* What the building of an object needs, and whether memory was short in it. */
struct json_builder {
	const struct report *report;
	struct buffer scratch; /* for one string */
	bool failed;
};

/* ---- json-value.c: values added to an object under a key, or (key NULL) to an array ------- */

/* Adds an empty object or array and returns it, the parent's property; NULL when memory is short. */
struct json_object *json_add_object(struct json_builder *builder, struct json_object *parent,
				    const char *key);
struct json_object *json_add_array(struct json_builder *builder, struct json_object *parent,
				   const char *key);

void json_add_null(struct json_builder *builder, struct json_object *parent, const char *key);
void json_add_bool(struct json_builder *builder, struct json_object *parent, const char *key,
		   bool value);
void json_add_number(struct json_builder *builder, struct json_object *parent, const char *key,
		     uint64_t value);
void json_add_level(struct json_builder *builder, struct json_object *parent, const char *key,
		    int level);

/* A number, or null where it has the value that stands for "unknown". */
void json_add_number_unless(struct json_builder *builder, struct json_object *parent,
			    const char *key, uint64_t value, uint64_t unknown);

/* "0xffff000008a00000" */
void json_add_hex(struct json_builder *builder, struct json_object *parent, const char *key,
		  uint64_t value);

/* The same, or null. */
void json_add_hex_if(struct json_builder *builder, struct json_object *parent, const char *key,
		     bool is_known, uint64_t value);

/* A string, made valid UTF-8; null where its text is NULL. */
void json_add_str(struct json_builder *builder, struct json_object *parent, const char *key,
		  struct str value);
void json_add_text(struct json_builder *builder, struct json_object *parent, const char *key,
		   const char *value);

/* {"start": "0x...", "end": "0x..."} */
void json_add_range(struct json_builder *builder, struct json_object *parent, const char *key,
		    uint64_t start, uint64_t end);

/* STEM_ns, a number; where the clock counts ticks null, and STEM_ticks. */
void json_add_time(struct json_builder *builder, struct json_object *parent, const char *stem,
		   uint64_t time);

/* file, and line or offset. */
void json_add_place(struct json_builder *builder, struct json_object *parent,
		    struct record_place place);

/* time_ns, cpu, pid, comm, file, line.  All null where the event is not in the capture. */
void json_add_where(struct json_builder *builder, struct json_object *parent,
		    const struct event_where *where);

/* ---- json-evidence.c: tables, mappings, invalidations and the window of a finding --------- */

void json_add_evidence(struct json_builder *builder, struct json_object *object,
		       const struct finding *finding);

/* ---- json-kernel.c: "kernel", where that is known ------------------------------------------ */

void json_add_kernel(struct json_builder *builder, struct json_object *parent,
		     const struct coverage *coverage);

/* ---- json-finding.c, json-coverage.c: whole objects, the caller's ------------------------- */

struct json_object *json_finding(struct json_builder *builder, const struct finding *finding);
struct json_object *json_capture(struct json_builder *builder, const struct capture_info *capture);
struct json_object *json_coverage(struct json_builder *builder, const struct coverage *coverage);
struct json_object *json_summary(struct json_builder *builder, const struct audit_summary *summary);

/* ---- json-print.c ------------------------------------------------------------------------- */

/*
 * Adds `value` as text: on one line where it fits on the line, otherwise one member a line, the
 * lines after the first indented by `indent` and more.
 */
void json_print(struct buffer *buffer, struct json_object *value, size_t indent);

#endif
