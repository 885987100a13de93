/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions of one queue over time, in intervals of equal width, and what it
 * lost. Bookkeeping only: no clock, no device.
 */
#ifndef WQ_DEMO_TIMELINE_SERIES_H
#define WQ_DEMO_TIMELINE_SERIES_H

#include <stdint.h>

#include "ledger.h"

/* Even: two neighbours become one when the width doubles. */
#define SERIES_INTERVALS 1024U
/* Width to begin with. */
#define SERIES_WIDTH_NS UINT64_C(1000)

/**
 * struct series - how many completions each interval saw; zeroed memory is an
 *	empty one
 * @width_ns: of an interval; 0 while empty. It doubles when a completion lies
 *	beyond the last interval: fixed size, however long the run
 * @used: intervals up to and with the last one that saw a completion
 * @count: completions
 */
struct series {
	uint64_t width_ns;
	unsigned int used;
	uint64_t count[SERIES_INTERVALS];
};

/* Add a completion @at_ns after the begin of the run. */
void series_add(struct series *series, uint64_t at_ns);

/**
 * struct loss - one descriptor the queue lost; times since the begin of the run
 * @state: LEDGER_STRANDED, LEDGER_MISSING or LEDGER_TIMED_OUT
 * @at_ns: stranded: when its completion record was seen, which its interrupt
 *	ought to have followed; missing, timed out: when it was submitted
 * @until_ns: when it was taken for lost
 * @bring_up_ns: struct bring_up.start_ns of the bring-up it belongs to, on the
 *	clock; UINT64_MAX: none
 */
struct loss {
	enum ledger_state state;
	uint64_t at_ns;
	uint64_t until_ns;
	uint64_t bring_up_ns;
};

/* Losses of a queue that are kept one by one; the rest is only counted. */
#define LOSSES_MAX 256U

/**
 * struct losses - zeroed memory is none
 * @entries: the first ones, oldest first
 * @count: valid entries
 * @omitted: losses beyond these
 */
struct losses {
	struct loss *entries;
	unsigned int count;
	unsigned int capacity;
	uint64_t omitted;
};

/* Add a copy of @loss. Without memory it is counted as omitted. */
void losses_add(struct losses *losses, const struct loss *loss);
void losses_destroy(struct losses *losses);

#endif /* WQ_DEMO_TIMELINE_SERIES_H */
