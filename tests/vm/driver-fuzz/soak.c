// SPDX-License-Identifier: GPL-2.0-only
/*
 * All queues at full rate: each has a thread that keeps it full of copies, compares
 * what comes out, and now and then takes the queue down and up again.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../driver/calls.h"
#include "fuzz.h"

/* Bytes of a copy, and copies at a time at most. */
#define COPY 256U
#define COPIES 64U
/* Bursts until the queue is taken down. */
#define BURSTS 400

/**
 * struct load - one queue and its thread
 * @number: of the queue
 * @device: open
 * @end_ns: when to stop
 * @descriptors: that were done right
 * @interrupts: of the queues that this was
 * @bring_ups: of them
 * @why: what was wrong; empty: nothing
 */
struct load {
	unsigned int number;
	int device;
	uint64_t end_ns;
	uint64_t descriptors;
	uint64_t interrupts;
	uint64_t bring_ups;
	char why[120];
	pthread_t thread;
};

/* @most copies, all at once; false with load.why. */
static bool burst(struct load *load, struct queue *q, unsigned int most, unsigned int value)
{
	struct dsa_sample_work work[COPIES] = {};
	struct dsa_sample_event event;
	unsigned int i, got;
	int accepted;

	for (i = 0; i < most; i++) {
		memset(q->buffer + i * COPY, value + i, COPY);
		work[i] = (struct dsa_sample_work){
			.tag = i, .opcode = DSA_OPCODE_MEMMOVE, .size = COPY, .src = i * COPY,
			.dst = (COPIES + i) * COPY, .flags = DSA_SAMPLE_WORK_INTERRUPT };
	}
	accepted = submit(q->fd, work, most, 0);
	if (accepted != (int)most) {
		snprintf(load->why, sizeof(load->why), "%d of %u accepted (errno %d)", accepted,
			 most, errno);
		return false;
	}
	for (got = 0; got < most; got++) {
		if (!event_get(q->fd, &event)) {
			snprintf(load->why, sizeof(load->why), "%u of %u events came (errno %d)",
				 got, most, errno);
			return false;
		}
		if (event.how != DSA_SAMPLE_HOW_INTERRUPT || event.status != DSA_COMP_SUCCESS ||
		    event.tag >= most) {
			snprintf(load->why, sizeof(load->why),
				 "event: how %u, status %#x, tag %llu", event.how, event.status,
				 (unsigned long long)event.tag);
			return false;
		}
		i = event.tag;
		if (memcmp(q->buffer + i * COPY, q->buffer + (COPIES + i) * COPY, COPY)) {
			snprintf(load->why, sizeof(load->why), "copy %u is not like the original",
				 i);
			return false;
		}
	}
	load->descriptors += most;
	return true;
}

static void *load_run(void *data)
{
	struct load *load = data;
	unsigned int most, n, value = 1;
	struct queue q;
	bool good = true;

	/* One burst at least, however slow the machine is. */
	while (good && (!load->descriptors || now_ns() < load->end_ns)) {
		if (!queue_open(load->device, &q, load->number)) {
			snprintf(load->why, sizeof(load->why), "it does not come up (errno %d)",
				 errno);
			break;
		}
		load->bring_ups++;
		most = q.up.entries < COPIES ? q.up.entries : COPIES;
		for (n = 0; good && n < BURSTS && (!n || now_ns() < load->end_ns); n++)
			good = burst(load, &q, most, value++);
		load->interrupts += stats_get(q.fd).handler_runs;
		queue_close(&q);
	}
	return NULL;
}

bool soak_run(unsigned int seconds)
{
	struct load loads[64] = {};
	uint64_t begin = now_ns(), descriptors = 0, interrupts = 0, bring_ups = 0;
	unsigned int i, n = fuzz_info.queues;
	int device = device_open();
	bool good = true;

	for (i = 0; i < n; i++) {
		loads[i] = (struct load){ .number = i, .device = device,
					  .end_ns = begin + seconds * 1000000000ULL };
		if (pthread_create(&loads[i].thread, NULL, load_run, &loads[i]))
			die("pthread_create");
	}
	for (i = 0; i < n; i++) {
		pthread_join(loads[i].thread, NULL);
		if (loads[i].why[0])
			printf("# soak: queue %u: %s\n", i, loads[i].why);
		if (loads[i].why[0] || !loads[i].descriptors)
			good = false;
		descriptors += loads[i].descriptors;
		interrupts += loads[i].interrupts;
		bring_ups += loads[i].bring_ups;
	}
	printf("# soak: %llu descriptors verified, %llu interrupts, %llu bring-ups, %llu s\n",
	       (unsigned long long)descriptors, (unsigned long long)interrupts,
	       (unsigned long long)bring_ups,
	       (unsigned long long)((now_ns() - begin) / 1000000000));
	close(device);
	return device_idle() && good;
}
