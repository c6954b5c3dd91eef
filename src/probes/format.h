/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a plan is written, one function for each format. */
#ifndef MMUREPLAY_PROBES_FORMAT_H
#define MMUREPLAY_PROBES_FORMAT_H

#include <mmureplay/probes.h>

struct error *write_list(const struct probe_plan *plan, FILE *file) MUST_CHECK;
struct error *write_tracefs(const struct probe_plan *plan, FILE *file) MUST_CHECK;
struct error *write_trace_cmd(const struct probe_plan *plan, FILE *file) MUST_CHECK;
struct error *write_perf(const struct probe_plan *plan, FILE *file) MUST_CHECK;
struct error *write_json(const struct probe_plan *plan, FILE *file) MUST_CHECK;
struct error *write_script(const struct probe_plan *plan, FILE *file) MUST_CHECK;

/* "p:mmu_io/iounmap iounmap addr=%x0", a line for kprobe_events. */
void write_definition(const struct probe_plan *plan, const struct probe *probe, FILE *file);

/* Whether a probe goes into kprobe_events. */
bool is_kprobe(const struct probe *probe);

/* "5 kprobes and 1 kretprobe": what is set of a group, nothing for none. */
void write_count(const struct probe_plan *plan, enum probe_group group, FILE *file);

/* The text of record.sh by lines; NULL after the last. */
extern const char *const record_script[];

#endif
