/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When queues were brought up, and which completions and losses belong to
 * which bring-up. Bookkeeping only: no clock, no device.
 */
#ifndef WQ_DEMO_TIMELINE_H
#define WQ_DEMO_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

/**
 * struct bring_up - one queue brought up
 * @number: of the bring-up, from 0
 * @queue: its number
 * @vector: MSI-X table index
 * @irq: Linux irq number
 * @failed: the call failed; the members above and the durations are zero
 * @start_ns: when the call began
 * @end_ns: when it returned; UINT64_MAX until then
 * @request_irq_ns: duration of request_irq()
 * @enable_ns: duration of configuring and enabling the work queue
 * @total_ns: duration of the whole call
 * @completions: completions of other queues in the window of this bring-up
 * @latency_max_ns: largest latency of these
 * @late: how many of these were late
 * @stranded: interrupts lost in the window, of any queue
 * @missing: completions lost in the window, of any queue
 * @timed_out: LEDGER_TIMED_OUT in the window, of any queue
 */
struct bring_up {
	unsigned int number;
	unsigned int queue;
	unsigned int vector;
	int irq;
	bool failed;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t request_irq_ns;
	uint64_t enable_ns;
	uint64_t total_ns;
	uint64_t completions;
	uint64_t latency_max_ns;
	uint64_t late;
	uint64_t stranded;
	uint64_t missing;
	uint64_t timed_out;
};

/**
 * struct timeline - the bring-ups of a run, oldest first
 * @window_ns: the window of a bring-up is from its start until this long after
 *	its end
 * @begun: bring-ups so far
 * @forgotten: bring-ups that succeeded and are not in @entries any more: there
 *	was no room to keep all
 */
struct timeline {
	uint64_t window_ns;
	struct bring_up *entries;
	unsigned int count;
	unsigned int capacity;
	unsigned int forgotten;
	unsigned int begun;
};

/* Returns 0; -ENOMEM. Undone by timeline_destroy(). */
int timeline_init(struct timeline *timeline, unsigned int capacity, uint64_t window_ns);
void timeline_destroy(struct timeline *timeline);

/**
 * timeline_begin() - a bring-up starts
 *
 * With more bring-ups than the capacity the older ones are forgotten, those in
 * whose windows something was lost last.
 *
 * Returns the entry, valid until the next call.
 */
struct bring_up *timeline_begin(struct timeline *timeline, unsigned int queue, uint64_t start_ns);

/**
 * timeline_book() - attribute an outcome of a descriptor
 * @queue: the descriptor's queue
 *
 * An outcome belongs to the latest bring-up the window of which overlaps the
 * time in which its interrupt could be lost.
 *
 * Returns the bring-up; NULL if it belongs to none, the steady state.
 */
struct bring_up *timeline_book(struct timeline *timeline, unsigned int queue,
			       const struct ledger_outcome *outcome);

#endif /* WQ_DEMO_TIMELINE_H */
