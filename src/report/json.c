/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	{
 *	  "schema": "mmureplay-report",
 *	  "version": 1,
 *	  "findings": [ ... ],      as they come
 *	  "captures": [ ... ],      from here on: known at the end only
 *	  "coverage": { ... },
 *	  "summary": { ... }
 *	}
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "report/json.h"

enum {
	MEMBER_INDENT = 2,
	FINDING_INDENT = 4,
};

struct json_state {
	struct json_builder builder;
	struct buffer out;
	bool has_findings;
};

/* Adds the object's text and releases it. */
static void print(struct json_state *json, struct json_object *object, size_t indent)
{
	if (!json->builder.failed)
		json_print(&json->out, object, indent);
	json_object_put(object);
	json->out.failed |= json->builder.failed;
}

static struct error *json_begin(struct report *report)
{
	struct json_state *json = calloc(1, sizeof(*json));

	if (!json)
		return error_memory();
	report->state = json;
	json->builder.report = report;
	buffer_add(&json->out, STR("{\n"
				   "  \"schema\": \"mmureplay-report\",\n"
				   "  \"version\": 1,\n"
				   "  \"findings\": ["));
	return report_write(report, &json->out);
}

static struct error *json_add_finding(struct report *report, const struct finding *finding)
{
	struct json_state *json = report->state;

	buffer_add(&json->out, json->has_findings ? STR(",\n    ") : STR("\n    "));
	json->has_findings = true;
	print(json, json_finding(&json->builder, finding), FINDING_INDENT);
	return report_write(report, &json->out);
}

static struct error *json_finish(struct report *report, const struct coverage *coverage,
				 const struct audit_summary *summary)
{
	struct json_state *json = report->state;

	buffer_add(&json->out, json->has_findings ? STR("\n  ],\n") : STR("],\n"));
	buffer_add(&json->out, STR("  \"captures\": [\n    "));
	print(json, json_capture(&json->builder, coverage->capture), FINDING_INDENT);
	buffer_add(&json->out, STR("\n  ],\n  \"coverage\": "));
	print(json, json_coverage(&json->builder, coverage), MEMBER_INDENT);
	buffer_add(&json->out, STR(",\n  \"summary\": "));
	print(json, json_summary(&json->builder, summary), MEMBER_INDENT);
	buffer_add(&json->out, STR("\n}\n"));
	return report_write(report, &json->out);
}

static void json_destroy(struct report *report)
{
	struct json_state *json = report->state;

	if (!json)
		return;
	buffer_deinit(&json->builder.scratch);
	buffer_deinit(&json->out);
	free(json);
}

const struct report_output json_output = {
	.name = "json",
	.begin = json_begin,
	.finding = json_add_finding,
	.finish = json_finish,
	.destroy = json_destroy,
};
