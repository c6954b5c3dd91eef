/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include <mmureplay/event.h>

/* Upper and lower case are one: a C locale of our own. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Takes `word` off the start of `name`, whatever its case. */
static bool take(struct str *name, const char *word)
{
	size_t length = str_from(word).length;

	if (name->length < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(name->text[i]) != word[i])
			return false;
	*name = str_skip(*name, length);
	return true;
}

static bool take_separator(struct str *name)
{
	return take(name, "_") || take(name, "-") || take(name, " ") || take(name, ".");
}

/* What may follow a mnemonic: nothing, a separator and anything, or a bare number. */
static bool is_end(struct str name)
{
	return name.length == 0 || take_separator(&name) ||
	       (name.text[0] >= '0' && name.text[0] <= '9');
}

/* What stands before the exception level: "vaae1", "rvale1", "vmalle1", "aside1". */
static const struct {
	const char *stem;
	enum tlbi_reach reach;
	bool last_level, any_asid;
} stems[] = {
	{"vmalls12e", TLBI_ALL, false, true}, {"vmalle", TLBI_ALL, false, true},
	{"alle", TLBI_ALL, false, true},      {"aside", TLBI_ASID, false, false},
	{"vaale", TLBI_VA, true, true},	      {"vaae", TLBI_VA, false, true},
	{"vale", TLBI_VA, true, false},	      {"vae", TLBI_VA, false, false},
	{"rvaale", TLBI_RANGE, true, true},   {"rvaae", TLBI_RANGE, false, true},
	{"rvale", TLBI_RANGE, true, false},   {"rvae", TLBI_RANGE, false, false},
};

static bool take_stem(struct str *name, struct tlbi_op *op)
{
	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		if (!take(name, stems[i].stem))
			continue;
		op->reach = stems[i].reach;
		op->last_level = stems[i].last_level;
		op->any_asid = stems[i].any_asid;
		op->from_el2 = stems[i].reach == TLBI_ALL &&
			       !str_is(str_from(stems[i].stem), "vmalle");
		return true;
	}
	return false;
}

bool tlbi_op_parse(struct str name, struct tlbi_op *ret)
{
	struct tlbi_op op = {.scope = TLBI_LOCAL};

	if (take(&name, "tlbi"))
		take_separator(&name);
	if (!take_stem(&name, &op) || name.length == 0)
		return false;
	if (name.text[0] < '1' || name.text[0] > '3')
		return false;
	op.el = (uint8_t)(name.text[0] - '0');
	op.from_el2 = op.from_el2 && op.el == 1;
	name = str_skip(name, 1);
	if (take(&name, "is"))
		op.scope = TLBI_INNER;
	else if (take(&name, "os"))
		op.scope = TLBI_OUTER;
	op.no_xs = take(&name, "nxs");
	if (!is_end(name))
		return false;
	*ret = op;
	return true;
}

const char *tlbi_op_name(struct tlbi_op op, char *buffer)
{
	static const char *const scopes[] = {
		[TLBI_LOCAL] = "", [TLBI_INNER] = "is", [TLBI_OUTER] = "os"};
	const char *stem = "";

	if (op.reach == TLBI_ALL)
		stem = op.el == 1 && !op.from_el2 ? "vmalle" : "alle";
	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]) && !*stem; i++)
		if (stems[i].reach == op.reach && stems[i].last_level == op.last_level &&
		    stems[i].any_asid == op.any_asid)
			stem = stems[i].stem;
	snprintf(buffer, TLBI_NAME_MAX, "%s%u%s%s", stem, op.el, scopes[op.scope],
		 op.no_xs ? "nxs" : "");
	return buffer;
}

bool dsb_type_parse(struct str name, struct dsb_type *ret)
{
	struct dsb_type type = {0};

	if (!take(&name, "dsb"))
		return false;
	take_separator(&name);
	/* The load-only forms complete neither stores nor invalidations: no DSB to the model. */
	if (take(&name, "nsh"))
		type.this_cpu = true;
	else if (!take(&name, "ish") && !take(&name, "osh") && !take(&name, "sy"))
		type.stores_only = take(&name, "st");
	type.stores_only = type.stores_only || take(&name, "st");
	take(&name, "nxs");
	if (!is_end(name))
		return false;
	*ret = type;
	return true;
}

const char *mmu_event_name(enum mmu_event_kind kind)
{
	static const char *const names[EVENT_KINDS] = {
		[EVENT_MAP] = "map",
		[EVENT_MAP_END] = "map-end",
		[EVENT_UNMAP] = "unmap",
		[EVENT_CLEAR] = "clear",
		[EVENT_BLOCK] = "block",
		[EVENT_BLOCK_CLEAR] = "block-clear",
		[EVENT_TABLE] = "table",
		[EVENT_BREAK] = "break",
		[EVENT_BREAK_END] = "break-end",
		[EVENT_WRITE] = "write",
		[EVENT_PAGE_ALLOC] = "page-alloc",
		[EVENT_PAGE_FREE] = "page-free",
		[EVENT_TLBI] = "tlbi",
		[EVENT_DSB] = "dsb",
		[EVENT_FLUSH] = "flush",
		[EVENT_ACCESS] = "access",
		[EVENT_LOST] = "lost",
	};

	return kind < EVENT_KINDS ? names[kind] : "unknown";
}
