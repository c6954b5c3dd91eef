/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of the event stage: captures from text, decoded, one line for each event. */
#ifndef MMUREPLAY_TEST_DECODE_H
#define MMUREPLAY_TEST_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

/* A line of ftrace text: "init-1", 0, "1.000001", "iounmap: (iounmap+0x0/0x60) addr=0x1000". */
#define LINE(task, cpu, time, event) "  " task "  [00" #cpu "] d....  " time ": " event "\n"

/* Lines as decode_text() takes them. */
#define TEXT(...) ((const char *const[]){__VA_ARGS__, NULL})

struct decoded {
	struct capture *capture;
	struct decoder *decoder;
	struct mmu_event *at;
	size_t count, capacity;
	const struct event_summary *summary;
};

/* Decodes all of it; any error fails the test. */
struct decoded decode_file(const char *path, const struct event_map *map);
struct decoded decode_text(const char *const *text, const struct event_map *map);
void decoded_deinit(struct decoded *decoded);

/* The events as lines, for the caller to free: "LINE KIND SYMBOL [what is known]". */
char *decoded_lines(const struct decoded *decoded);

/* Checks that `text` decodes to these lines, and that no call is left open. */
void assert_decodes(const char *const *text, const char *expected);

#endif
