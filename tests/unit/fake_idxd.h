/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with the driver idxd, in files below a directory: libaccel-config's functions are
 * those of this file, and a thread does what the kernel and dmatest would. What is written to a
 * parameter of dmatest is taken over before write() returns, for which the program is linked with
 * --wrap=write.
 */
#ifndef TESTS_UNIT_FAKE_IDXD_H
#define TESTS_UNIT_FAKE_IDXD_H

#include <stdbool.h>
#include <stdint.h>

#include "backend_idxd_log.h"
#include "doctor.h"

#define FAKE_ADDRESS "0000:00:04.0"
#define FAKE_QUEUES 8

enum fake_idxd_fault {
	FAKE_NO_FAULT,
	/* The interrupt of one test never comes; the next one's does. */
	FAKE_LOST_INTERRUPT,
	/* It comes when dmatest has given up. */
	FAKE_LATE_INTERRUPT,
	/* No interrupt comes any more. */
	FAKE_DEAD_VECTOR,
	FAKE_WRONG_DATA,
	FAKE_NOT_SUBMITTED,
	/* One of the threads never ends. */
	FAKE_ENDLESS,
	/* One ends of itself. */
	FAKE_ENDS_EARLY,
};

/**
 * struct fake_idxd_plan - what is to go wrong
 * @fault: with @fault_queue, at its test @fault_at; queues are not enabled before it has come,
 *	once @fault_queue is at work
 * @enabled: the device is in use before the run
 * @configured: it has a size in one of its queues
 * @enable_error: what accfg_wq_enable() returns for queue @fault_queue
 * @refuse: the attribute that cannot be set, as "size"
 * @timeout_ms: how long dmatest waits
 * @engine_groups: the group of each engine, -1 none; all 0: its own number
 */
struct fake_idxd_plan {
	enum fake_idxd_fault fault;
	unsigned int fault_queue;
	unsigned int fault_at;
	bool enabled;
	bool configured;
	int enable_error;
	const char *refuse;
	unsigned int timeout_ms;
	int engine_groups[4];
};

extern struct fake_idxd_plan fake_idxd_plan;

/**
 * struct fake_idxd_state - what became of it
 * @queues_enabled: now
 * @device_enabled: now
 * @set: what was set of each queue, in order: "size=16 "
 * @stopped_at_work: dmatest was made to stop in the middle of a test
 * @released: dmatest was told to let go of its channels, and its threads had ended
 */
struct fake_idxd_state {
	unsigned int queues_enabled;
	bool device_enabled;
	char set[FAKE_QUEUES][160];
	bool stopped_at_work;
	bool released;
};

extern struct fake_idxd_state fake_idxd_state;

/* A machine below @root, and dmatest in it at work; its messages are in @log. */
void fake_idxd_begin(struct doctor_machine *machine, char root[64], struct kernel_log *log);
void fake_idxd_end(const char *root, struct kernel_log *log);

#endif /* TESTS_UNIT_FAKE_IDXD_H */
