/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing a queue up, or taking it down, blocks for as long as the machine
 * takes, often 100 ms in a virtual machine. It is done by a thread of its own:
 * the other queues must be busy meanwhile, for that is when interrupts get lost.
 *
 * A device with a time of its own keeps them busy itself: there is no thread.
 */
#ifndef WQ_DEMO_BRING_UP_JOB_H
#define WQ_DEMO_BRING_UP_JOB_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "backend.h"

/**
 * struct bring_up_job - one call of struct backend.queue_up
 * @done_fd: eventfd, readable once the call has returned; lives from
 *	bring_up_job_init() to bring_up_job_destroy()
 * @running: from bring_up_job_start() to bring_up_job_finish()
 * @down: it takes a queue down
 * @up: request, and after bring_up_job_finish() the answer
 * @queue: the queue, likewise
 * @error: 0 or a negative errno, likewise
 * @problem: in words, likewise
 */
struct bring_up_job {
	int done_fd;
	bool running;
	bool down;
	bool threaded;
	struct dsa_sample_queue_up up;
	struct backend_queue *queue;
	int error;
	struct problem problem;

	const struct backend *backend;
	struct backend_device *device;
	pthread_t thread;
	cpu_set_t cpus;
};

/* The thread may run where the caller may now. Returns 0 or a negative errno. */
int bring_up_job_init(struct bring_up_job *job, const struct backend *backend,
		      struct backend_device *device);
void bring_up_job_destroy(struct bring_up_job *job);

/*
 * Start the call for @up, or with @up NULL that of struct backend.queue_down for
 * @queue. None may be running. Returns 0 or a negative errno.
 */
int bring_up_job_start(struct bring_up_job *job, const struct dsa_sample_queue_up *up,
		       struct backend_queue *queue);

/* Wait for the call to return and collect its thread. One must be running. */
void bring_up_job_finish(struct bring_up_job *job);

#endif /* WQ_DEMO_BRING_UP_JOB_H */
