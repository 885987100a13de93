/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's module dmatest: its parameters, which are how it is told what to do.
 *
 * All its threads read the same parameters, and again before every test; what is written takes
 * effect when a channel is written, whether that one is new or not. So a channel can
 * join while the others go on, and the threads can be told to end after the test they are
 * at. They are never stopped in the middle of one: what the driver then finds completed would
 * be reported to a thread that is gone.
 */
#ifndef WQ_DEMO_BACKEND_IDXD_DMATEST_H
#define WQ_DEMO_BACKEND_IDXD_DMATEST_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor.h"
#include "problem.h"

/* More than there are; checked where they are listed. */
#define DMATEST_SAVED 16

/**
 * struct dmatest - the module, while it is ours
 * @machine: where its parameters are
 * @loaded: it was not there and has been loaded
 * @channel: the last channel that joined; "" none has
 * @saved: values the parameters had
 */
struct dmatest {
	const struct doctor_machine *machine;
	bool loaded;
	char channel[24];
	char saved[DMATEST_SAVED][64];
};

/**
 * struct dmatest_work - what all its threads do
 * @threads: for each channel: descriptors in flight
 * @size: of the buffers; a test copies from 1 byte to so many, and verifies all of them
 * @timeout_ms: how long to wait for a completion
 */
struct dmatest_work {
	unsigned int threads;
	unsigned int size;
	int timeout_ms;
};

/**
 * dmatest_open() - load the module if it is not there, and keep its parameters
 *
 * Returns 0; -ENOENT there is no such module; -EBUSY somebody uses it. Undone by
 * dmatest_close().
 */
int dmatest_open(struct dmatest *dmatest, const struct doctor_machine *machine,
		 struct problem *problem);

/* Set the parameters; no channel has joined yet. */
int dmatest_set_up(struct dmatest *dmatest, const struct dmatest_work *work,
		   struct problem *problem);

/**
 * dmatest_add() - have it test a further channel, too
 * @channel: as dma0chan3
 * @most: tests after which a thread of any channel ends, at least 1
 */
int dmatest_add(struct dmatest *dmatest, const char *channel, uint64_t most,
		struct problem *problem);

/* Change @most for all. A thread that has done as many ends after the test it is at. */
int dmatest_limit(struct dmatest *dmatest, uint64_t most, struct problem *problem);

/* Have it let go of its channels. Only when all threads have ended. */
int dmatest_release(struct dmatest *dmatest, struct problem *problem);

/**
 * dmatest_close() - the parameters as they were, the module unloaded if it was not there
 *
 * Returns 0 or a negative errno: something could not be put back.
 */
int dmatest_close(struct dmatest *dmatest, struct problem *problem);

#endif /* WQ_DEMO_BACKEND_IDXD_DMATEST_H */
