/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as people read them, added to a buffer. */
#ifndef MMUREPLAY_REPORT_PUT_H
#define MMUREPLAY_REPORT_PUT_H

#include <stdint.h>

#include <mmureplay/audit.h>

#include "base/buffer.h"

/* "1.111994", with nine digits where the clock has them, or the plain number of ticks. */
void put_time(struct buffer *buffer, const struct capture_info *capture, uint64_t time);

/* "187 ns", "1.474 ms", "12.300 s", or "412 ticks". */
void put_duration(struct buffer *buffer, const struct capture_info *capture, uint64_t duration);

/* "4K", "2M", "5124K": in the largest unit that divides it. */
void put_size(struct buffer *buffer, uint64_t bytes);

/* "1 table", "2 tables". */
void put_count(struct buffer *buffer, uint64_t count, const char *noun);

/* "0xffff000008a00000-0xffff000008c00000", as in /proc/vmallocinfo: without the end, 0 for 2^64. */
void put_range(struct buffer *buffer, uint64_t start, uint64_t end);

/* "trace.txt:91"; "trace.dat@5120" with the offset in a binary file. */
void put_place(struct buffer *buffer, const struct capture_info *capture,
	       struct record_place place);

/* "init-1" */
void put_task(struct buffer *buffer, const struct event_where *where);

/* "1.111994  CPU 0  init-1" */
void put_where(struct buffer *buffer, const struct capture_info *capture,
	       const struct event_where *where);

/* "CPU 1 at 1.111994, trace.txt:91" */
void put_event(struct buffer *buffer, const struct capture_info *capture,
	       const struct event_where *where);

/* "set_run+0x318/0x1784 [ht]", or the address when there is no symbol. */
void put_origin(struct buffer *buffer, const struct event_origin *origin);

/* What it names: "0xffff000008a00000-0xffff000008a02000", or "everything". */
void put_tlbi_extent(struct buffer *buffer, const struct mmu_tlbi_run *run);

/* "2M at phys 0x8000400000" */
void put_mapped(struct buffer *buffer, const struct mmu_mapping *mapping);

#endif
