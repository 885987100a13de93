// SPDX-License-Identifier: GPL-2.0-only
/* Shared queues: who cannot have one, who can, and work that the device does not take. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "load.h"
#include "model.h"
#include "tests.h"

/* Of the module that executes ENQCMDS here: so many of the next ones are not taken. */
#define RETRY "/sys/module/movdir64b/parameters/retry"
/* More than the driver tries. */
#define OFTEN "1000000"

static struct dsa_sample_queue_up shared_args(unsigned int number)
{
	struct dsa_sample_queue_up args = up_args(number);

	args.flags |= DSA_SAMPLE_QUEUE_SHARED;
	args.confirm_ms = 300;
	args.timeout_ms = 2000;
	return args;
}

/* Without PASID, or on a CPU without ENQCMDS. */
void test_shared_refused(void)
{
	int device = device_open();
	struct queue q;

	if (info_get(device).flags & DSA_SAMPLE_INFO_SHARED) {
		skipped = "queues can be shared";
		close(device);
		return;
	}
	kernel_mark();
	up_fails(device, shared_args(0), EOPNOTSUPP);
	check(kernel_said("queue 0 cannot be shared: "));
	check(queues_up(device) == 0);
	if (check(queue_open(device, &q, 0))) {
		check(run_one(&q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&q);
	}
	close(device);
}

static int shared_open(struct queue *q)
{
	int device = device_open();

	if (!(info_get(device).flags & DSA_SAMPLE_INFO_SHARED))
		skipped = "queues cannot be shared";
	else if (check(queue_open_with(device, q, shared_args(0))))
		return device;
	close(device);
	return -1;
}

/* It does what another does; the next queue on its vector may be another again. */
void test_shared(void)
{
	struct dsa_sample_work copy = { .tag = 7, .opcode = DSA_OPCODE_MEMMOVE, .dst = PAGE,
					.flags = DSA_SAMPLE_WORK_INTERRUPT, .size = PAGE };
	struct dsa_sample_work batch[] = {
		{ .tag = 1, .opcode = DSA_OPCODE_BATCH, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		  .size = 2 },
		noop(2), noop(3),
	};
	struct dsa_sample_event event;
	struct queue q, other;
	int device = shared_open(&q), i;

	if (device < 0)
		return;
	memset(q.buffer, 0x5a, PAGE);
	event = run_one(&q, copy);
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	check(!memcmp(q.buffer, q.buffer + PAGE, PAGE));
	check(submit(q.fd, batch, 3, 0) == 3);
	for (i = 0; i < 3; i++) {
		check(event_get(q.fd, &event));
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	}
	/* Both kinds at the same time. */
	if (check(queue_open(device, &other, 1))) {
		for (i = 0; i < 100 && !failures; i++) {
			check(run_one(&q, noop(i)).how == DSA_SAMPLE_HOW_INTERRUPT);
			check(run_one(&other, noop(i)).how == DSA_SAMPLE_HOW_INTERRUPT);
		}
		queue_close(&other);
	}
	queue_close(&q);
	if (check(queue_open(device, &q, 0))) {
		check(run_one(&q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&q);
	}
	close(device);
}

/* What is not taken was never there: EAGAIN, no event, no slot less. */
void test_shared_retry(void)
{
	struct dsa_sample_work work[DSA_SAMPLE_EVENTS_MAX / 2];
	struct dsa_sample_event event;
	unsigned int i, round;
	struct queue q;
	int device = shared_open(&q);

	if (device < 0)
		return;
	/* A few times: the driver tries again by itself. */
	check(write_file(RETRY, "5"));
	check(run_one(&q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);

	for (i = 0; i < q.up.entries; i++)
		work[i] = noop(i);
	work[0] = (struct dsa_sample_work){ .opcode = DSA_OPCODE_BATCH, .size = 3 };
	for (round = 0; round < 2 * q.up.entries; round++) {
		check(write_file(RETRY, OFTEN));
		check_fails(submit(q.fd, &work[5], 1, 0), EAGAIN);
		check_fails(submit(q.fd, work, 4, 0), EAGAIN);
		check(stats_get(q.fd).submitted == 1 && stats_get(q.fd).in_flight == 0);
		check(write_file(RETRY, "0"));
		if (failures)
			break;
	}
	/* All of its slots are there. */
	for (i = 0; i < q.up.entries; i++)
		work[i] = noop(i);
	check(submit(q.fd, work, q.up.entries, 0) == (int)q.up.entries);
	for (i = 0; i < q.up.entries; i++)
		check(event_get(q.fd, &event) && event.how == DSA_SAMPLE_HOW_INTERRUPT);
	check(stats_get(q.fd).submitted == 1 + q.up.entries);
	queue_close(&q);
	close(device);
}

/* A reset takes PASID, permission and mode away; they come back with the queue. */
void test_shared_reset(void)
{
	struct load l = {};
	int device = shared_open(&l.q), round;
	uint64_t resets;

	if (device < 0)
		return;
	queue_close(&l.q);
	if (!load_begin_with(&l, device, shared_args(0), 8))
		return;
	for (round = 0; round < 5 && !failures; round++) {
		resets = info_get(device).resets;
		check(reset_by_hand(pci_address));
		check(info_get(device).resets == resets + 1);
		check(load_moves(&l, 20));
	}
	load_end(&l);
	check(l.error == 0);
	check(run_one(&l.q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
	queue_close(&l.q);
	close(device);
}
