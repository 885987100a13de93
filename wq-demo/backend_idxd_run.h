/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run on the driver idxd: its queues come up one after another, and dmatest copies on the
 * channels of those that are up.
 */
#ifndef WQ_DEMO_BACKEND_IDXD_RUN_H
#define WQ_DEMO_BACKEND_IDXD_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <pthread.h>

#include "backend_idxd_accel.h"
#include "backend_idxd_dmatest.h"
#include "backend_idxd_interrupts.h"
#include "backend_idxd_log.h"
#include "run.h"

/**
 * struct idxd_queue - a queue that is up
 * @channel: its DMA channel
 * @begin_ns: when dmatest began on it
 * @end_ns: when the last of its threads ended
 * @base: interrupts of its vector before that
 * @seen: of these, when the log last spoke of a test that timed out
 * @lost_test: number of that test
 * @mark: the interrupts when the end was wanted
 * @last_ns: when the last of them was seen, since the begin of the run; UINT64_MAX: never
 * @threads_ended: of dmatest's
 * @tests: by their summaries
 * @not_submitted: of these, tests that never reached the device
 */
struct idxd_queue {
	char channel[24];
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t base;
	uint64_t seen;
	uint64_t lost_test;
	uint64_t mark;
	uint64_t last_ns;
	unsigned int threads_ended;
	uint64_t tests;
	uint64_t not_submitted;
};

/* The bring-up that is under way, in a thread of its own: it waits for the device. */
struct idxd_job {
	pthread_t thread;
	bool running;
	int done_fd;
	unsigned int queue;
	int error;
	uint64_t duration_ns;
	char channel[24];
	struct problem problem;
};

/**
 * struct idxd_run - a run
 * @result: being filled in
 * @queues: the first struct result.queue_count are up; as many as are to come up
 * @lines: their interrupts, likewise
 * @each: how they are doing, likewise
 * @most: tests after which dmatest's threads end, whatever becomes of this program
 * @marked: struct idxd_queue.mark is set, at the end
 * @unsafe: why nothing may be taken down; empty: it may be
 */
struct idxd_run {
	const struct doctor_machine *machine;
	const struct run_observer *observer;
	int stop_fd;
	struct result *result;
	struct accel *accel;
	struct accel_info info;
	struct dmatest dmatest;
	struct kernel_log log;
	struct idxd_queue *queues;
	struct interrupt_line *lines;
	struct run_queue_status *each;
	struct idxd_job job;

	enum run_phase phase;
	unsigned int target;
	/* Of a queue for which none are asked for. */
	unsigned int entries;
	bool stopped;
	uint64_t next_bring_up_ns;
	uint64_t next_tick_ns;
	uint64_t last_tick_ns;
	uint64_t next_limit_ns;
	uint64_t phase_end_ns;
	uint64_t most;
	bool marked;
	/* All have been told to end. */
	bool ending;
	struct problem unsafe;
};

/**
 * idxd_run_loop() - bring all queues up, keep them busy, and let dmatest end
 * @run: everything up to @job set up, the device enabled
 *
 * On return dmatest has ended and has let go of its channels, unless @run->unsafe says
 * that it must not. What went wrong is in the result.
 */
void idxd_run_loop(struct idxd_run *run);

/* How many descriptors the queue holds that comes up as the @nth. */
unsigned int idxd_entries(const struct wq_config *config, unsigned int nth, unsigned int otherwise);

/**
 * struct idxd_place - where it is run
 * @machine: its files
 * @open_log: open the kernel's log of it: kernel_log_open()
 */
struct idxd_place {
	const struct doctor_machine *machine;
	int (*open_log)(struct kernel_log *log, struct problem *problem);
};

/* All of a run, as run() of run.h, on the machine at @place. */
int idxd_run_at(const struct idxd_place *place, const struct run_parameters *parameters,
		const struct run_observer *observer, int stop_fd, struct result *result,
		struct problem *problem);

#endif /* WQ_DEMO_BACKEND_IDXD_RUN_H */
