/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which field of an event holds which argument of the probed function: its role. */
#ifndef MMUREPLAY_EVENT_FIELDS_H
#define MMUREPLAY_EVENT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/str.h>

enum field_role {
	ROLE_NONE, /* an argument that does not matter */
	ROLE_VA,
	ROLE_END,
	ROLE_SIZE,
	ROLE_PHYS,
	ROLE_PROT,
	ROLE_ENTRY,  /* pointer to a descriptor */
	ROLE_OLD,    /* the descriptor's value, fetched when the function was entered */
	ROLE_VALUE,  /* a descriptor that is stored */
	ROLE_CALLER, /* address of the caller, where it is an argument */
	ROLE_PAGES,  /* array of struct page pointers */
	ROLE_SHIFT,  /* log2 of the largest leaf allowed */
	ROLE_PFN,
	ROLE_ORDER,
	ROLE_GFP,
	ROLE_WIDTH,   /* of an access, in bits */
	ROLE_OPERAND, /* of an instruction */
	ROLE_RESULT,  /* return value */
	ROLES
};

/* Index of the field with each role; FIELD_NONE where there is none. */
enum {
	FIELD_NONE = -1,
	MAX_ARGUMENTS = 6
};
struct field_map {
	int8_t at[ROLES];
};

/* How far a field's place says what it is. */
enum field_order {
	ORDER_UNKNOWN,	/* the compiler may have changed the arguments: only names count */
	ORDER_ARGUMENTS /* "arg2" is the second; nameless fields are in the arguments' order */
};

/*
 * Finds the fields of `type`: by their names, else by argument number ("arg2"), else, where no name
 * says anything, by order.  `arguments` are the function's, ROLE_NONE for those of no interest;
 * `extra` are roles that only a name can give, ended by ROLE_NONE.
 */
void field_map_init(struct field_map *map, const struct record_type *type,
		    const enum field_role arguments[MAX_ARGUMENTS], const enum field_role *extra,
		    enum field_order order);

/* The role that the event map's ROLE=FIELD names; ROLE_NONE for no role. */
enum field_role field_role_parse(struct str name);

/* Index of the field called `name`, or FIELD_NONE. */
int8_t field_find(const struct record_type *type, struct str name);

/* The role's value in `record`; false when the event has no such field or it is no number. */
static inline bool field_get(const struct field_map *map, const struct record *record,
			     enum field_role role, uint64_t *ret)
{
	int8_t i = map->at[role];

	if (i < 0 || (uint32_t)i >= record->nr_fields || record->field[i].text.text)
		return false;
	*ret = record->field[i].number;
	return true;
}

#endif
