/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of an event: "addr=0xffff80000a000000 end=...", "va_start: 18446603336221196288". */
#ifndef MMUREPLAY_CAPTURE_TEXT_FIELDS_H
#define MMUREPLAY_CAPTURE_TEXT_FIELDS_H

#include <mmureplay/capture.h>

/*
 * How this capture's kernel prints the arguments of its probes.  Kernels before 3.14 print them in
 * hexadecimal without "0x", so that "size=1000" means 0x1000 there, and 1000 everywhere else.
 * Tracepoints print as their authors please, and are no evidence for either.
 */
enum probe_base {
	BASE_UNKNOWN,  /* no evidence yet */
	BASE_ASSUMED,  /* no evidence as far ahead as we looked: decimal, until there is some */
	BASE_PREFIXED, /* a "0x" was seen: what has none is decimal */
	BASE_BARE,     /* letters without "0x" were seen: all that is not negative is hexadecimal */
};

/* What the numbers of a line say about it. */
struct base_evidence {
	bool prefixed;	/* "0x10" */
	bool bare;	/* "7fffd1ec4440" */
	bool ambiguous; /* "1000" */
};

struct fields {
	uint32_t count;
	struct str name[RECORD_MAX_FIELDS];
	struct base_evidence evidence;
	/*
	 * From "__probe_ip=", "__probe_func=" and "__probe_ret_ip=", which trace-cmd report -R prints
	 * in place of a location; they are no fields then.
	 */
	bool has_address, has_caller;
	uint64_t address, caller;
};

/*
 * The short way for another line of a type: parses `text` into `values` if it is nothing but the
 * type's fields with numbers that can be read in one way only; false when it is anything else.
 * `has_decimals` says that numbers without "0x" are decimal.
 */
bool fields_parse_alike(struct str text, const struct record_type *type, bool has_decimals,
			struct record_field *values);

/*
 * Parses all of `text` that is a field, into `names` and `values` (of RECORD_MAX_FIELDS), and passes
 * over the rest.  `is_probe` says that the text followed a probe's location.
 */
void fields_parse(struct str text, bool is_probe, enum probe_base base, struct fields *names,
		  struct record_field *values);

#endif
