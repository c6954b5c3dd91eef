/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes small trace.dat files of any version, byte order and compression. */
#ifndef MMUREPLAY_TEST_DAT_FILE_H
#define MMUREPLAY_TEST_DAT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "test/bytes.h"

enum dat_compression {
	DAT_NONE,
	DAT_ZLIB,
	DAT_ZSTD,
};

enum {
	DAT_PAGE = 4096,
	DAT_CPUS = 4,
	DAT_BUFFERS = 2,
	ID_STACK = 4,
	ID_FREE = 161,
	ID_RETURN = 290,
	ID_CALL = 304,
};

/* The pages of one CPU. */
struct dat_pages {
	uint32_t cpu;
	bool is_empty;
	struct bytes bytes;
	size_t page;   /* where the page that is being written begins */
	uint64_t time; /* of its last event */
};

struct dat_ring {
	const char *name;
	const char *clock;
	const char *text; /* of a latency tracer, instead of pages */
	unsigned int nr_cpus;
	struct dat_pages cpus[DAT_CPUS];
};

struct dat_file {
	unsigned int version;
	bool big_endian;
	unsigned int long_size;
	enum dat_compression compression;
	uint32_t page_size;
	unsigned int nr_buffers;
	struct dat_ring buffers[DAT_BUFFERS]; /* the first is the top one */
	struct bytes options;
	struct bytes bytes;  /* the whole file, when it is built */
	size_t last_options; /* where the section of the last options begins, in version 7 */
};

/* A file with one buffer, of the clock "local", with `nr_cpus` CPUs that have no events yet. */
void dat_file_init(struct dat_file *file, unsigned int version, bool big_endian,
		   unsigned int long_size, enum dat_compression compression, unsigned int nr_cpus);

/* Adds a buffer with one CPU. */
struct dat_ring *dat_file_add_instance(struct dat_file *file, const char *name, const char *clock);

/* Adds an option. */
void dat_file_option(struct dat_file *file, uint16_t id, const void *data, size_t size);

/* Begins the next page of a CPU. */
void dat_page_begin(struct dat_file *file, struct dat_pages *pages, uint64_t time);
/* Ends it; `flags` are bits of commit, `lost` is stored behind the events with bit 30. */
void dat_page_end(struct dat_file *file, struct dat_pages *pages, uint32_t flags, uint64_t lost);

/* Adds events: pmd_set_huge(pmdp, small, name), ioremap_ret(ret), mm_page_free(pfn, order). */
void dat_put_call(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		  uint64_t pmdp);
void dat_put_return(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		    uint64_t ret);
void dat_put_free(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		  uint64_t pfn);
/* A call chain of two. */
void dat_put_stack(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid);
/* An event without a format. */
void dat_put_unknown(struct dat_file *file, struct dat_pages *pages, uint64_t time);

/* Puts the file together. */
void dat_file_build(struct dat_file *file);

/* A path under which the first `size` bytes of the file can be opened; and its release. */
const char *dat_file_publish(const struct dat_file *file, size_t size);
void dat_file_withdraw(void);

#endif
