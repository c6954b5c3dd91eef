/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * {"tlbi": [{"address": "0x...", "op": "vaae1is", "symbol": "...", "offset": 92, "register": "x1",
 * "probe": true, "reason": null}, ...]}
 */
#include <inttypes.h>

#include <json-c/json.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/try.h"
#include "base/utf8.h"
#include "probes/format.h"

static struct json_object *text_or_null(const char *text)
{
	return text && text[0] ? json_object_new_string(text) : NULL;
}

/* Symbols may have any bytes; JSON is UTF-8. */
static struct error *add_symbol(struct json_object *object, struct str symbol)
{
	struct buffer text = {0};

	utf8_add(&text, symbol);
	struct json_object *value =
		text.length ? json_object_new_string_len(text.text, (int)text.length) : NULL;
	bool failed = text.failed || json_object_object_add(object, "symbol", value) != 0;

	buffer_deinit(&text);
	return failed ? error_memory() : NULL;
}

static void put_object(struct json_object **object)
{
	json_object_put(*object);
}

static struct error *write_site(const struct probe *probe, FILE *file)
{
	_cleanup_(put_object) struct json_object *object = json_object_new_object();
	const struct vmlinux_site *site = probe->site;
	char address[24], operand[8] = "";

	if (!object)
		return error_memory();
	snprintf(address, sizeof(address), "0x%" PRIx64, site->address);
	if (site->operand == REGISTER_XZR)
		snprintf(operand, sizeof(operand), "xzr");
	else if (site->operand != REGISTER_NONE)
		snprintf(operand, sizeof(operand), "x%u", site->operand);
	json_object_object_add(object, "address", json_object_new_string(address));
	json_object_object_add(object, "op", json_object_new_string(site->op));
	TRY(add_symbol(object, site->symbol));
	json_object_object_add(object, "offset",
			       site->symbol.length ? json_object_new_int64((int64_t)site->offset)
						   : NULL);
	json_object_object_add(object, "register", text_or_null(operand));
	json_object_object_add(object, "probe", json_object_new_boolean(!probe->reason));
	json_object_object_add(object, "reason", text_or_null(probe->reason));
	const char *text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		return error_memory();
	fputs(text, file);
	return NULL;
}

struct error *write_json(const struct probe_plan *plan, FILE *file)
{
	const char *comma = "";

	fprintf(file, "{\"tlbi\": [");
	for (size_t i = 0; i < plan->nr_probes; i++) {
		if (plan->probe[i].group != GROUP_TLBI || plan->probe[i].site->kind == SITE_CALL)
			continue;
		fprintf(file, "%s\n  ", comma);
		TRY(write_site(&plan->probe[i], file));
		comma = ",";
	}
	fprintf(file, "\n]}\n");
	return NULL;
}
