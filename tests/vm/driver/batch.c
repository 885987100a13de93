// SPDX-License-Identifier: GPL-2.0-only
/* Batches: several items in one submission, each with its own event. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "tests.h"

/* A batch of the @n items that follow. */
static struct dsa_sample_work batch(uint64_t tag, unsigned int n)
{
	return (struct dsa_sample_work){ .tag = tag, .opcode = DSA_OPCODE_BATCH,
					 .flags = DSA_SAMPLE_WORK_INTERRUPT, .size = n };
}

/* The events of tags 0 to @n - 1, by tag, in whatever order they come. */
static void events_get(int fd, struct dsa_sample_event *events, unsigned int n)
{
	struct dsa_sample_event event;
	unsigned int i;

	memset(events, 0, n * sizeof(*events));
	for (i = 0; i < n; i++) {
		if (!check(event_get(fd, &event)) || !check(event.tag < n))
			return;
		check(events[event.tag].how == 0);
		events[event.tag] = event;
	}
}

void test_batch(void)
{
	struct dsa_sample_work work[] = {
		batch(0, 4),
		{ .tag = 1, .opcode = DSA_OPCODE_MEMFILL, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		  .pattern = 0x5a5a5a5a5a5a5a5aULL, .dst = 0, .size = PAGE },
		{ .tag = 2, .opcode = DSA_OPCODE_MEMFILL, .pattern = ~0ULL, .dst = PAGE,
		  .size = PAGE },
		noop(3),
		{ .tag = 4, .opcode = DSA_OPCODE_MEMMOVE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		  .src = 2 * PAGE, .dst = 3 * PAGE, .size = PAGE },
		noop(5),
		batch(6, 2), noop(7), noop(8),
	};
	int device = device_open(), i;
	struct dsa_sample_event events[9];
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	memset(q.buffer + 2 * PAGE, 0x33, PAGE);
	check(submit(q.fd, work, 9, 0) == 9);
	events_get(q.fd, events, 9);
	for (i = 0; i < 9; i++) {
		check(events[i].status == DSA_COMP_SUCCESS);
		check(events[i].how ==
		      (i == 2 ? DSA_SAMPLE_HOW_POLLED : DSA_SAMPLE_HOW_INTERRUPT));
	}
	check(events[0].bytes_completed == 4 && events[6].bytes_completed == 2);
	for (i = 0; i < (int)PAGE; i++)
		if (!check(q.buffer[i] == 0x5a && q.buffer[PAGE + i] == -1 &&
			   q.buffer[3 * PAGE + i] == 0x33))
			break;

	/* One that the device does not take in a batch: it says so, the others are done. */
	work[3] = (struct dsa_sample_work){ .tag = 3, .opcode = DSA_OPCODE_DRAIN };
	check(submit(q.fd, work, 5, 0) == 5);
	events_get(q.fd, events, 5);
	check(events[0].status == DSA_COMP_BATCH_FAIL && events[0].how == DSA_SAMPLE_HOW_INTERRUPT);
	check(events[3].status == DSA_COMP_BAD_OPCODE);
	check(events[1].status == DSA_COMP_SUCCESS && events[4].status == DSA_COMP_SUCCESS);
	check(stats_get(q.fd).submitted == 14 && stats_get(q.fd).in_flight == 0);
	queue_close(&q);
	close(device);
}

void test_batch_arguments(void)
{
	struct dsa_sample_work work[20];
	int device = device_open(), i, round;
	struct dsa_sample_event events[16];
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	for (i = 0; i < 20; i++)
		work[i] = noop(i);
	work[0] = batch(0, 1);
	check_fails(submit(q.fd, work, 2, 0), EINVAL);
	work[0].size = q.up.entries;
	check_fails(submit(q.fd, work, 20, 0), EINVAL);
	work[0].size = DSA_SAMPLE_BATCH_MAX + 1;
	check_fails(submit(q.fd, work, 20, 0), EINVAL);
	work[0].size = ~0U;
	check_fails(submit(q.fd, work, 20, 0), EINVAL);
	/* Not all members are there. */
	work[0].size = 2;
	check_fails(submit(q.fd, work, 2, 0), EINVAL);
	work[2] = batch(2, 2);
	check_fails(submit(q.fd, work, 5, 0), EINVAL);
	work[2] = (struct dsa_sample_work){ .opcode = DSA_OPCODE_MEMFILL, .dst = q.size,
					    .size = 1 };
	check_fails(submit(q.fd, work, 5, 0), ERANGE);
	check(stats_get(q.fd).submitted == 0);
	/* What comes before it is accepted. */
	work[2] = batch(0, 17);
	work[1].tag = 0;
	check(submit(q.fd, work + 1, 19, 0) == 1);
	events_get(q.fd, events, 1);

	/* The whole queue, again and again; a batch without room for all is not begun. */
	work[0].size = q.up.entries - 1;
	for (i = 1; i < 16; i++)
		work[i] = noop(i);
	for (round = 0; round < 20 && q.up.entries == 16; round++) {
		check(submit(q.fd, work, 16, 0) == 16);
		events_get(q.fd, events, 16);
		check(events[0].bytes_completed == 15);
	}
	check(submit(q.fd, work + 1, 1, 0) == 1);
	i = submit(q.fd, work, 16, 0);
	check(i == 16 || (i < 0 && errno == EAGAIN));
	queue_close(&q);
	close(device);
}
