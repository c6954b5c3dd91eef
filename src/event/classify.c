/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include <mmureplay/vmlinux-kernel.h>

#include "base/try.h"
#include "event/call.h"
#include "event/classify.h"
#include "event/event_map.h"
#include "event/names.h"

/*
 * Instructions that the compiler puts before a function's own first one move a probe of its entry:
 * BTI, and the two NOPs of a patchable entry.
 */
enum {
	ENTRY_BYTES = 8
};

static const enum field_role no_arguments[MAX_ARGUMENTS];
static const enum field_role no_extra[] = {ROLE_NONE};

void classifier_init(struct classifier *classifier, const struct event_map *map,
		     struct arena *arena)
{
	*classifier = (struct classifier){.map = map, .arena = arena};
}

void classifier_deinit(struct classifier *classifier)
{
	hash_deinit(&classifier->callees);
}

/* The callee with this symbol, new or known; NULL when memory is short. */
static struct callee *get_callee(struct classifier *classifier, struct str symbol,
				 const struct event_meaning *meaning)
{
	uint64_t key = hash_str(symbol, 0);
	struct callee *callee = hash_get(&classifier->callees, key);

	if (callee)
		return callee;
	callee = arena_alloc(classifier->arena, sizeof(*callee));
	if (!callee)
		return NULL;
	*callee = (struct callee){
		.symbol = arena_copy(classifier->arena, symbol),
		.function = meaning->function,
		.rank = 2U * meaning->function->rank + (meaning->kind == SYMBOL_PART),
		.result_unsure = meaning->kind != SYMBOL_WHOLE,
	};
	if (!callee->symbol.text || !hash_set(&classifier->callees, key, callee))
		return NULL;
	return callee;
}

/*
 * Whether the fields can be the arguments from the first on.  Of (mm, entry, address) people leave out
 * the first, and then the others are where they are not looked for.
 */
static bool has_positions(const struct record_type *type, const struct event_meaning *meaning)
{
	enum {
		TABLE_ARGUMENTS = 3
	};

	return meaning->kind == SYMBOL_WHOLE &&
	       (!(meaning->function->flags & ALSO_FOR_USERS) || type->nr_fields >= TABLE_ARGUMENTS);
}

/* A call or return; `symbol` as probed, or empty. */
static struct error *plan_function(struct classifier *classifier, const struct record_type *type,
				   struct str symbol, const struct event_meaning *meaning,
				   struct plan *ret)
{
	static const enum field_role result[MAX_ARGUMENTS] = {ROLE_RESULT};
	static const enum field_role old[] = {ROLE_OLD, ROLE_NONE};
	static const enum field_role pages[] = {ROLE_PAGES, ROLE_NONE};
	const struct kernel_function *function = meaning->function;
	const enum field_role *extra = no_extra;

	ret->meaning = function->symbol;
	ret->kind = PLAN_UNUSED;
	if (function->action == ACTION_NONE)
		return NULL;
	ret->callee = get_callee(classifier, symbol.length ? symbol : str_from(function->symbol),
				 meaning);
	if (!ret->callee)
		return error_memory();
	ret->symbol = ret->callee->symbol;
	ret->kind = meaning->is_return ? PLAN_RETURN : PLAN_CALL;
	if (call_is_entry(ret->callee))
		extra = old;
	else if (function->flags & NEW_ARGUMENTS)
		extra = pages;
	if (meaning->is_return)
		field_map_init(&ret->fields, type, result, no_extra, ORDER_ARGUMENTS);
	else
		field_map_init(&ret->fields, type, function->argument, extra,
			       has_positions(type, meaning) ? ORDER_ARGUMENTS : ORDER_UNKNOWN);
	/* Whether it is about a process or the kernel, nothing tells where the arguments do not. */
	if (!meaning->is_return && (function->flags & ALSO_FOR_USERS) && type->nr_fields &&
	    ret->fields.at[ROLE_VA] == FIELD_NONE && ret->fields.at[ROLE_ENTRY] == FIELD_NONE)
		ret->kind = PLAN_UNUSED;
	return NULL;
}

/* "__purge_vmap_area_lazy+0x100", and the function that this is in. */
static struct error *plan_site(struct classifier *classifier, const struct record_type *type,
			       struct plan *ret)
{
	enum symbol_kind kind;
	char offset[24];

	if (type->symbol.length == 0)
		return NULL;
	snprintf(offset, sizeof(offset), "+0x%llx", (unsigned long long)type->offset);
	size_t length = type->symbol.length + str_from(offset).length;
	char *text = arena_alloc(classifier->arena, length + 1);

	if (!text)
		return error_memory();
	snprintf(text, length + 1, "%.*s%s", STR_ARGS(type->symbol), offset);
	ret->symbol = (struct str){text, length};
	ret->site = dictionary_find(symbol_base(type->symbol, &kind));
	return NULL;
}

/* The operand may be a field of any name. */
struct error *plan_operand(struct classifier *classifier, const struct record_type *type,
			   struct plan *ret)
{
	static const enum field_role operand[MAX_ARGUMENTS] = {ROLE_OPERAND};

	field_map_init(&ret->fields, type, operand, no_extra, ORDER_ARGUMENTS);
	if (type->nr_fields == 1)
		ret->fields.at[ROLE_OPERAND] = 0;
	return plan_site(classifier, type, ret);
}

/* "flush_tlb_kernel_range_3", and not at its entry: where it is called, with its arguments. */
static struct error *plan_flushing(struct classifier *classifier, const struct record_type *type,
				   struct plan *ret)
{
	struct event_meaning meaning;

	if (type->is_return || !event_name_parse(type->name, &meaning) ||
	    meaning.kind != SYMBOL_WHOLE || meaning.function->family != FAMILY_FLUSH)
		return NULL;
	field_map_init(&ret->fields, type, meaning.function->argument, no_extra, ORDER_ARGUMENTS);
	if (ret->fields.at[ROLE_VA] == FIELD_NONE || ret->fields.at[ROLE_END] == FIELD_NONE)
		return NULL;
	ret->kind = PLAN_FLUSHING;
	ret->meaning = meaning.function->symbol;
	return plan_site(classifier, type, ret);
}

/* A mnemonic is like no other word: it may also follow the function's name, "pmd_free_pte_page_vaae1is". */
static bool find_tlbi(struct str name, struct tlbi_op *ret)
{
	for (size_t i = 0; i < name.length; i++)
		if ((i == 0 || name.text[i - 1] == '_') && tlbi_op_parse(str_skip(name, i), ret))
			return true;
	return false;
}

/* An instruction, by the event's name. */
static struct error *plan_instruction(struct classifier *classifier, const struct record_type *type,
				      struct plan *ret)
{
	if (find_tlbi(type->name, &ret->op)) {
		ret->kind = PLAN_TLBI;
		ret->meaning = "tlbi";
	} else if (dsb_type_parse(type->name, &ret->dsb)) {
		ret->kind = PLAN_DSB;
		ret->meaning = "dsb";
	} else {
		return plan_flushing(classifier, type, ret);
	}
	return plan_operand(classifier, type, ret);
}

static const struct tracepoint {
	const char *system;
	const char *name;
	const char *meaning;
	enum plan_kind kind;
	enum field_role extra[4];
} tracepoints[] = {
	{"kmem", "mm_page_alloc", "page alloc", PLAN_PAGE_ALLOC, {ROLE_PFN, ROLE_ORDER, ROLE_GFP}},
	{"kmem", "mm_page_free", "page free", PLAN_PAGE_FREE, {ROLE_PFN, ROLE_ORDER}},
	/* Comes with an mm_page_free of the same page. */
	{"kmem", "mm_page_free_batched", "page free (batched)", PLAN_UNUSED, {0}},
	/* 6.3 and later; after the flush. */
	{"vmalloc", "purge_vmap_area_lazy", "vmalloc purge", PLAN_PURGED, {ROLE_VA, ROLE_END}},
	{"vmalloc", "alloc_vmap_area", "vmalloc area", PLAN_UNUSED, {0}},
	{"vmalloc", "free_vmap_area_noflush", "vmalloc area", PLAN_UNUSED, {0}},
	/* 5.19 and later (TRACE_MMIO_ACCESS), around each accessor's instruction. */
	{"rwmmio", "rwmmio_read", "mmio access", PLAN_ACCESS, {ROLE_VA, ROLE_WIDTH, ROLE_CALLER}},
	{"rwmmio", "rwmmio_write", "mmio access", PLAN_ACCESS, {ROLE_VA, ROLE_WIDTH, ROLE_CALLER}},
	{"rwmmio",
	 "rwmmio_post_read",
	 "mmio access",
	 PLAN_ACCESS,
	 {ROLE_VA, ROLE_WIDTH, ROLE_CALLER}},
	{"rwmmio",
	 "rwmmio_post_write",
	 "mmio access",
	 PLAN_ACCESS,
	 {ROLE_VA, ROLE_WIDTH, ROLE_CALLER}},
};

/* A tracepoint's name is the kernel's own.  Texts without systems give it alone. */
static bool is_tracepoint(const struct tracepoint *point, const struct record_type *type)
{
	if (type->symbol.length || (type->system.length && !str_is(type->system, point->system)))
		return false;
	/* purge_vmap_area_lazy is a function, too: its probe has other fields. */
	return str_is(type->name, point->name) &&
	       (point->kind != PLAN_PURGED || field_find(type, STR("num_purged")) != FIELD_NONE);
}

static bool plan_tracepoint(const struct record_type *type, struct plan *ret)
{
	for (size_t i = 0; i < sizeof(tracepoints) / sizeof(tracepoints[0]); i++) {
		if (!is_tracepoint(&tracepoints[i], type))
			continue;
		ret->kind = tracepoints[i].kind;
		ret->meaning = tracepoints[i].meaning;
		field_map_init(&ret->fields, type, no_arguments, tracepoints[i].extra,
			       ORDER_UNKNOWN);
		if (ret->kind == PLAN_ACCESS) {
			ret->symbol = type->name;
			ret->is_write = view_find(type->name, STR("write")) < type->name.length;
			ret->is_after = view_find(type->name, STR("post_")) < type->name.length;
		}
		return true;
	}
	return false;
}

/* What a user says that it is. */
static struct error *plan_mapped(struct classifier *classifier, const struct map_line *line,
				 const struct record_type *type, struct plan *ret)
{
	static const struct {
		enum plan_kind kind;
		const char *meaning;
	} kinds[] = {
		[MAP_TO_CALL] = {PLAN_CALL, NULL},
		[MAP_TO_RETURN] = {PLAN_RETURN, NULL},
		[MAP_TO_TLBI] = {PLAN_TLBI, "tlbi"},
		[MAP_TO_DSB] = {PLAN_DSB, "dsb"},
		[MAP_TO_WRITE] = {PLAN_WRITE, "write"},
		[MAP_TO_CLEAR] = {PLAN_CLEAR, "clear"},
		[MAP_TO_PAGE_ALLOC] = {PLAN_PAGE_ALLOC, "page alloc"},
		[MAP_TO_PAGE_FREE] = {PLAN_PAGE_FREE, "page free"},
		[MAP_TO_NOTHING] = {PLAN_UNUSED, "ignored"},
	};
	static const enum field_role usual[] = {ROLE_VA,    ROLE_END,	  ROLE_SIZE, ROLE_ENTRY,
						ROLE_VALUE, ROLE_OLD,	  ROLE_PFN,  ROLE_ORDER,
						ROLE_GFP,   ROLE_OPERAND, ROLE_NONE};
	struct error *err;

	*ret = (struct plan){.kind = kinds[line->meaning].kind,
			     .meaning = kinds[line->meaning].meaning,
			     .op = line->op,
			     .dsb = line->dsb,
			     .level = line->level};
	if (line->function) {
		struct event_meaning meaning = {.function = line->function,
						.is_return = line->meaning == MAP_TO_RETURN};

		err = plan_function(classifier, type, type->symbol, &meaning, ret);
	} else if (line->meaning == MAP_TO_TLBI) {
		err = plan_operand(classifier, type, ret);
	} else {
		field_map_init(&ret->fields, type, no_arguments, usual, ORDER_UNKNOWN);
		err = plan_site(classifier, type, ret);
	}
	for (int role = 0; role < ROLES; role++)
		if (line->field[role].length)
			ret->fields.at[role] = field_find(type, line->field[role]);
	return err;
}

/* Field names that belong to one function only, for probes of bare addresses. */
static const struct kernel_function *find_by_fields(const struct record_type *type)
{
	static const struct {
		const char *field[4];
		const char *symbol;
	} signatures[] = {
		{{"pmdp", "phys", "prot"}, "pmd_set_huge"},
		{{"pudp", "phys", "prot"}, "pud_set_huge"},
		{{"addr", "end", "phys", "prot"}, "ioremap_page_range"},
		{{"phys", "size", "prot"}, "ioremap"},
	};

	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		size_t found = 0;

		while (found < 4 && signatures[i].field[found] &&
		       field_find(type, str_from(signatures[i].field[found])) != FIELD_NONE)
			found++;
		if (found == 4 || !signatures[i].field[found])
			return dictionary_find(str_from(signatures[i].symbol));
	}
	return NULL;
}

/* The function that the probe is at the entry or return of, by the probed symbol. */
static bool find_by_symbol(const struct record_type *type, struct event_meaning *ret)
{
	*ret = (struct event_meaning){.is_return = type->is_return};
	struct str base = symbol_base(type->symbol, &ret->kind);

	if (type->symbol.length == 0 || ret->kind == SYMBOL_FRAGMENT)
		return false;
	ret->function = dictionary_find(base);
	return ret->function;
}

/* Likewise by the event's name. */
static bool find_by_name(const struct record_type *type, struct event_meaning *ret)
{
	if (!event_name_parse(type->name, ret) || ret->offset > ENTRY_BYTES)
		return false;
	/* Somebody's "ioremap_ret" may be a call all the same: then it has arguments. */
	ret->is_return = type->is_return || (ret->is_return && type->nr_fields <= 1);
	return true;
}

static struct error *classify_type(struct classifier *classifier, const struct record_type *type,
				   struct plan *ret)
{
	const struct map_line *line = event_map_find(classifier->map, type);
	struct event_meaning meaning;

	*ret = (struct plan){.kind = PLAN_UNKNOWN};
	if (line)
		return plan_mapped(classifier, line, type, ret);
	if (plan_tracepoint(type, ret))
		return NULL;
	if (classifier->kernel && !type->is_return) {
		struct error *err = classify_site(classifier, type, ret);

		if (err || ret->kind != PLAN_UNKNOWN || ret->instruction)
			return err;
	}
	/* A probe inside a function is one of an instruction, whatever the function does. */
	if (type->symbol.length && type->offset > ENTRY_BYTES && !type->is_return)
		return plan_instruction(classifier, type, ret);
	if (find_by_symbol(type, &meaning))
		return plan_function(classifier, type, type->symbol, &meaning, ret);
	if (find_by_name(type, &meaning))
		return plan_function(classifier, type, type->symbol, &meaning, ret);
	struct error *err = plan_instruction(classifier, type, ret);

	if (err || ret->kind != PLAN_UNKNOWN || type->symbol.length || type->is_return)
		return err;
	meaning = (struct event_meaning){.function = find_by_fields(type)};
	return meaning.function ? plan_function(classifier, type, type->symbol, &meaning, ret)
				: NULL;
}

/*
 * What a type that means nothing may be.  Where all of the kernel has names, an address without one is in
 * a module; modules map and invalidate by the kernel's functions.
 */
static enum probe_may_be may_be(const struct classifier *classifier, const struct record_type *type)
{
	const struct vmlinux_site *ignored;
	const struct kernel *kernel = classifier->kernel;

	if (!type->symbol.length)
		return !type->is_probe || (kernel && kernel_has_names(kernel)) ? MAY_BE_NOTHING
									       : MAY_BE_ANYTHING;
	if (type->is_return || type->module.length || type->offset <= ENTRY_BYTES)
		return MAY_BE_NOTHING;
	return kernel && kernel_site_at(kernel, type->symbol, type->offset, &ignored) ==
				       KERNEL_OTHER
		       ? MAY_BE_NOTHING
		       : MAY_BE_TLBI;
}

/*
 * Those of one ASID are for user addresses, or complete another one (vale1is, xzr).  Of a probe that was
 * never hit, nothing but its name may be known.
 */
static bool lacks_operand(const struct record_type *type, const struct plan *plan)
{
	return type->id != TYPE_UNMET && plan->kind == PLAN_TLBI && !plan->operand_is_xzr &&
	       plan->op.el == 1 && plan->op.any_asid &&
	       (plan->op.reach == TLBI_VA || plan->op.reach == TLBI_RANGE) &&
	       plan->fields.at[ROLE_OPERAND] == FIELD_NONE;
}

struct error *classify(struct classifier *classifier, const struct record_type *type,
		       struct plan *ret)
{
	TRY(classify_type(classifier, type, ret));
	if (lacks_operand(type, ret)) {
		/* As good as not traced. */
		*ret = (struct plan){
			.kind = PLAN_UNKNOWN, .may_be = MAY_BE_TLBI, .lacks_operand = true};
	} else if (ret->kind == PLAN_UNKNOWN) {
		ret->may_be = may_be(classifier, type);
	}
	return NULL;
}
