/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device in a few lines for the tests of wq-demo: it completes each
 * descriptor as it is submitted, and does one thing wrong when told to.
 */
#ifndef TESTS_UNIT_FAKE_DEVICE_H
#define TESTS_UNIT_FAKE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"

/* Do what @work says in @buffer; set status, result and bytes_completed of @event. */
void fake_device_perform(uint8_t *buffer, const struct dsa_sample_work *work,
			 struct dsa_sample_event *event);

enum fake_fault {
	FAKE_RIGHT,
	FAKE_LOSE_INTERRUPT, /* reported as stranded */
	FAKE_LOSE_COMPLETION, /* reported as missing */
	FAKE_SILENCE, /* never reported at all */
	FAKE_LATE, /* one nanosecond beyond the deadline */
	FAKE_IN_TIME, /* at the deadline */
	FAKE_REPORT_TWICE,
	FAKE_REPORT_UNKNOWN, /* additionally, a tag nobody submitted */
	FAKE_REPORT_ON_OTHER_QUEUE, /* with the tag of the next queue */
	FAKE_CORRUPT_DATA,
	FAKE_BAD_STATUS,
	FAKE_HALT, /* refuse the submission: halted */
	FAKE_VANISH, /* reading fails: the device is gone */
	FAKE_MISCOUNT, /* the counters say one stranded more */
	FAKE_HOLD, /* refuse once for the moment */
	FAKE_ACCEPT_FEWER, /* accept one of several */
};

/**
 * struct fake_plan - what the device is like and when it goes wrong
 * @queues: of the device
 * @entries: of a queue
 * @fault: what goes wrong
 * @fault_queue: on which queue
 * @fault_at: with which of its descriptors, from 0
 * @deadline_ns: for FAKE_LATE and FAKE_IN_TIME
 * @queue_up_error: error of the bring-up of @fault_queue; 0: none
 * @open_error: error of opening the device; 0: none
 * @busy_bring_up: bringing a queue up takes until every queue that is up has
 *	completed that many descriptors more; 0: it takes no time
 */
struct fake_plan {
	unsigned int queues;
	unsigned int entries;
	enum fake_fault fault;
	unsigned int fault_queue;
	unsigned int fault_at;
	uint64_t deadline_ns;
	int queue_up_error;
	int open_error;
	unsigned int busy_bring_up;
};

extern struct fake_plan fake_plan;

/* What is open now; both 0 when nothing was left behind. */
unsigned int fake_devices_open(void);
unsigned int fake_queues_up(void);

extern const struct backend fake_backend;

#endif /* TESTS_UNIT_FAKE_DEVICE_H */
