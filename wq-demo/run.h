/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run: queues come up one after another while all that are up are busy, and
 * then, if that is asked for, go down and come up again in random order.
 */
#ifndef WQ_DEMO_RUN_H
#define WQ_DEMO_RUN_H

#include <stdint.h>

#include "backend.h"
#include "problem.h"
#include "result.h"

enum run_phase {
	RUN_RISING, /* queues are being brought up */
	RUN_CHURNING, /* they go down and come up in random order */
	RUN_STEADY, /* all are up */
	RUN_DRAINING, /* nothing new is submitted; outcomes are awaited */
	RUN_CLOSING, /* queues are being taken down */
};

/**
 * struct run_queue_status - how one queue is doing
 * @queue: its number
 * @vector: MSI-X table index
 * @up: it is up
 * @in_flight: descriptors without an outcome
 * @interrupted: and so on: outcomes so far
 * @last_interrupt_ns: when a handler noticed a completion for the last time, since the
 *	begin of the run; UINT64_MAX: never
 */
struct run_queue_status {
	unsigned int queue;
	unsigned int vector;
	bool up;
	unsigned int in_flight;
	uint64_t interrupted;
	uint64_t stranded;
	uint64_t missing;
	uint64_t last_interrupt_ns;
};

/**
 * struct run_status - how the run is doing, for whoever watches
 * @phase: what it does
 * @elapsed_ns: since its begin
 * @queues_up: queues that are up
 * @queues: queues that are to come up
 * @cycles_done: of struct run_parameters.cycles
 * @in_flight: descriptors without an outcome
 * @counts: outcomes so far
 * @bring_ups: bring-ups that have begun
 * @each: the queues that have been up, in order; valid during the call
 * @queue_count: of @each
 */
struct run_status {
	enum run_phase phase;
	uint64_t elapsed_ns;
	unsigned int queues_up;
	unsigned int queues;
	uint64_t cycles_done;
	uint64_t in_flight;
	struct ledger_counts counts;
	unsigned int bring_ups;
	const struct run_queue_status *each;
	unsigned int queue_count;
};

/**
 * struct run_observer - what is called during a run, in its thread
 * @context: for the functions
 * @brought_up: a queue came up for the first time; @number counts from 0. May be
 *	NULL
 * @status: several times a second. May be NULL
 * @stopping: @stop_fd became readable. May be NULL
 * @tick_ns: how often @status is called, in the device's own time if it has one; 0: as
 *	usual
 * @lost: the first loss, if the run ends with it: at once, before anything else
 *	is done. May be NULL
 */
struct run_observer {
	void *context;
	void (*brought_up)(void *context, unsigned int number, const struct bring_up *bring_up);
	void (*status)(void *context, const struct run_status *status);
	void (*stopping)(void *context);
	uint64_t tick_ns;
	void (*lost)(void *context, const struct first_loss *loss);
};

/**
 * run() - do all of it
 * @parameters: drain_grace_ns and all others set
 * @observer: may be NULL
 * @stop_fd: the run ends early once it is readable; it is not read
 * @result: out, on success: undone by result_destroy()
 * @problem: out, on error: why this machine cannot run it, and what to do
 *
 * Every queue is down again on return. Success means that the run began, not
 * that nothing was lost: result_verdict() says that.
 *
 * Returns 0 or a negative errno.
 */
int run(const struct backend *backend, const struct run_parameters *parameters,
	const struct run_observer *observer, int stop_fd, struct result *result,
	struct problem *problem);

#endif /* WQ_DEMO_RUN_H */
