/* SPDX-License-Identifier: GPL-2.0-only */
/* One queue during a run: keep it full, take its events, judge them. */
#ifndef WQ_DEMO_RUN_QUEUE_H
#define WQ_DEMO_RUN_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"
#include "ledger.h"
#include "result.h"
#include "verify.h"

/**
 * struct run_pace - how fast a queue is filled
 * @depth: descriptors in flight, at most
 * @period_ns: from one submission to the next; 0: as fast as it goes
 */
struct run_pace {
	uint64_t depth;
	uint64_t period_ns;
};

/**
 * struct run_queue - a queue that is up
 * @fd: for poll(2)
 * @up: it is up; the rest is from its last time
 * @closing: it is to go down: nothing new is submitted
 * @concluded: its books are closed
 * @refused: the last submission was not accepted whole: wait for POLLOUT
 * @due_ns: with a period, when the next descriptor is due
 * @progress_ns: when it was last seen to do something
 * @recent: where its events are kept, as those of the @nth; NULL: nowhere
 * @ledger: its books
 * @result: where its figures go
 *
 * The other members are private.
 */
struct run_queue {
	int fd;
	bool up;
	bool closing;
	bool concluded;
	bool refused;
	uint64_t due_ns;
	uint64_t progress_ns;
	struct recent *recent;
	unsigned int nth;
	struct ledger ledger;
	struct queue_result *result;

	const struct backend *backend;
	struct backend_queue *handle;
	const struct verify *verify;
	uint8_t *buffer;
	size_t slot_bytes;
};

/**
 * run_queue_slots() - data slots for @depth descriptors in flight
 * @entries: descriptors the device's queue holds
 *
 * A few more than @depth, because a slot whose descriptor went missing is not
 * used again.
 */
unsigned int run_queue_slots(uint64_t depth, unsigned int entries);

/**
 * run_queue_init() - take over a queue that came up
 * @up: the driver's answer; its buffer has room for @slots slots
 * @result: zeroed; filled in
 *
 * Returns 0 or a negative errno; then the queue still is the caller's.
 */
int run_queue_init(struct run_queue *queue, const struct backend *backend,
		   struct backend_queue *handle, const struct dsa_sample_queue_up *up,
		   const struct verify *verify, unsigned int slots, uint64_t deadline_ns,
		   struct queue_result *result);

/* The same for a queue that was up before. Cannot fail. */
void run_queue_resume(struct run_queue *queue, struct backend_queue *handle,
		      const struct dsa_sample_queue_up *up);

/* Take the queue down if it is up, and free everything. Blocks while it drains. */
void run_queue_destroy(struct run_queue *queue);

/**
 * run_queue_fill() - submit what the pace allows at @now_ns
 *
 * Descriptors that were due while others filled the depth are not made up for, but for
 * as many as the depth allows.
 *
 * Returns 0, also if the driver refuses for the moment; a negative errno.
 */
int run_queue_fill(struct run_queue *queue, const struct run_pace *pace, uint64_t now_ns,
		   struct problem *problem);

/* When it is to be filled again, whatever happens on it; UINT64_MAX: never. */
uint64_t run_queue_due(const struct run_queue *queue, const struct run_pace *pace);

/**
 * run_queue_reap() - take the events there are
 * @result: timeline, notes and sums of the run
 * @ledger_broken: out: the error is one of the books, not of the device
 *
 * Bounded, so that one queue cannot keep the others waiting.
 *
 * Returns how many were taken; a negative errno.
 */
int run_queue_reap(struct run_queue *queue, struct result *result, bool *ledger_broken,
		   struct problem *problem);

/**
 * run_queue_conclude() - close the books of a queue that is about to go down
 * @drained: every descriptor has its outcome, so the driver's counters must agree
 *
 * Returns 0; -EPROTO the books do not balance.
 */
int run_queue_conclude(struct run_queue *queue, bool drained, struct problem *problem);

#endif /* WQ_DEMO_RUN_QUEUE_H */
