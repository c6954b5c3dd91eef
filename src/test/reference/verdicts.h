/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdicts of the model and its rules on a sequence of events, in the reference's terms. */
#ifndef MMUREPLAY_TEST_REFERENCE_VERDICTS_H
#define MMUREPLAY_TEST_REFERENCE_VERDICTS_H

#include "machine.h"
#include "operations.h"

struct verdicts {
	uint32_t count;
	struct machine_verdict verdict[MACHINE_VERDICTS];
	bool is_doubtful; /* a finding was not certain, though all was traced */
};

/* Applies the events to a new model.  `m` says which machine's they are. */
void verdicts_of_model(const struct machine *m, const struct trace *trace, struct verdicts *ret);

/* What the reference says when it ends here. */
void verdicts_of_machine(const struct machine *m, struct verdicts *ret);

/* In one order, so that equal ones compare equal. */
void verdicts_sort(struct verdicts *verdicts);
bool verdicts_equal(const struct verdicts *a, const struct verdicts *b);
void verdicts_print(const char *whose, const struct verdicts *verdicts);

#endif
