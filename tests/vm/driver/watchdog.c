// SPDX-License-Identifier: GPL-2.0-only
/* The watchdog's verdict and the interrupt it is about, at the same moment. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls.h"
#include "load.h"
#include "model.h"
#include "tests.h"

#define WATCHED 4
#define ROUNDS 150

/* A queue of which each message is late, by about as much as the watchdog waits. */
struct watched {
	struct queue q;
	unsigned int delay_us;
	unsigned int how[6];
};

/* One item: one event, whoever was first. The next message comes nearer to the verdict. */
static bool watched_round(struct watched *w, uint64_t tag)
{
	unsigned int step_us = 100 + rand() % 4000;
	struct dsa_sample_event event;

	if (!check(event_get(w->q.fd, &event)) || !check(event.tag == tag))
		return false;
	check(event.status == DSA_COMP_SUCCESS);
	if (!check(event.how == DSA_SAMPLE_HOW_INTERRUPT || event.how == DSA_SAMPLE_HOW_STRANDED))
		return false;
	w->how[event.how]++;
	if (event.how == DSA_SAMPLE_HOW_INTERRUPT)
		w->delay_us += step_us;
	else if (w->delay_us > step_us)
		w->delay_us -= step_us;
	return true;
}

/* Everything is found once and only once; and what is lost is found. */
void test_watchdog_against_handler(void)
{
	int device = device_open(), i, round, lost = 0;
	static struct watched watched[WATCHED];
	struct dsa_sample_queue_stats stats;
	struct dsa_sample_queue_up args;
	struct dsa_sample_work work;
	static struct load load;

	for (i = 0; i < WATCHED; i++) {
		watched[i] = (struct watched){ .delay_us = 60000 };
		args = up_args(i);
		args.confirm_ms = 10;
		if (!check(queue_open_with(device, &watched[i].q, args)))
			return;
	}
	/* The sign of life without which nothing is lost, only late. */
	if (!load_begin(&load, device, WATCHED, 4))
		return;
	for (round = 0; round < ROUNDS && !failures; round++) {
		model_heal();
		for (i = 0; i < WATCHED; i++)
			model_fault("delay:vector=%d,time=%uus", i + 1, watched[i].delay_us);
		work = noop(round);
		for (i = 0; i < WATCHED; i++)
			check(submit(watched[i].q.fd, &work, 1, 0) == 1);
		for (i = 0; i < WATCHED; i++)
			watched_round(&watched[i], round);
	}
	model_heal();

	for (i = 0; i < WATCHED; i++) {
		stats = stats_get(watched[i].q.fd);
		check(stats.submitted == ROUNDS && stats.in_flight == 0 && stats.missing == 0);
		check(stats.interrupted == watched[i].how[DSA_SAMPLE_HOW_INTERRUPT]);
		check(stats.stranded == watched[i].how[DSA_SAMPLE_HOW_STRANDED]);
		/* Both have won: they met. */
		check(stats.interrupted > 0 && stats.stranded > 0);
		printf("# queue %d: %llu by the handler, %llu by the watchdog, messages %u us late\n",
		       i, (unsigned long long)stats.interrupted,
		       (unsigned long long)stats.stranded, watched[i].delay_us);
	}

	/* Messages that are late still may come: so others are lost here. */
	model_fault("drop:vector=1");
	for (round = 0; round < 5; round++)
		lost += run_one(&watched[0].q, noop(round)).how == DSA_SAMPLE_HOW_STRANDED;
	check(lost > 0);
	model_heal();
	for (i = 0; i < WATCHED; i++) {
		check(!(poll_now(watched[i].q.fd) & POLLIN));
		queue_close(&watched[i].q);
	}
	load_end(&load);
	queue_close(&load.q);
	close(device);
}
