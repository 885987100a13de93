// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"

static void take_events(struct load *l)
{
	struct dsa_sample_event events[64];
	ssize_t n = read(l->q.fd, events, sizeof(events));
	ssize_t i;

	if (n < 0) {
		if (errno != EAGAIN)
			l->error = errno;
		return;
	}
	n /= sizeof(events[0]);
	for (i = 0; i < n; i++) {
		if (events[i].tag < LOAD_ITEMS)
			l->seen[events[i].tag]++;
		if (events[i].how < sizeof(l->how) / sizeof(l->how[0]))
			l->how[events[i].how]++;
		l->bad_status += events[i].status != DSA_COMP_SUCCESS &&
				 (events[i].how != DSA_SAMPLE_HOW_ABORTED || events[i].status);
	}
	atomic_fetch_add(&l->events, n);
}

static void *load_thread(void *data)
{
	struct load *l = data;
	uint64_t quiet = now_ns();

	for (;;) {
		unsigned int in_flight = l->submitted - l->events, before = l->events;
		bool more = !l->stop && in_flight < l->depth && l->submitted < LOAD_ITEMS;
		struct pollfd p = { .fd = l->q.fd, .events = POLLIN | (more ? POLLOUT : 0) };
		struct dsa_sample_work work = noop(l->submitted);

		if (l->stop && !in_flight)
			return NULL;
		poll(&p, 1, 100);
		if (more && (p.revents & POLLOUT) && submit(l->q.fd, &work, 1, 0) == 1)
			l->submitted++;
		take_events(l);
		if (before != l->events)
			quiet = now_ns();
		if (now_ns() - quiet > PATIENCE_MS * 1000000ULL)
			l->error = ETIMEDOUT;
		if (l->error)
			return NULL;
	}
}

bool load_begin(struct load *l, int device, unsigned int number, unsigned int depth)
{
	return load_begin_with(l, device, up_args(number), depth);
}

bool load_begin_with(struct load *l, int device, struct dsa_sample_queue_up args,
		     unsigned int depth)
{
	*l = (struct load){ .depth = depth, .seen = calloc(LOAD_ITEMS, 1) };
	if (!l->seen)
		die("memory");
	if (!check(queue_open_with(device, &l->q, args)))
		return false;
	fcntl(l->q.fd, F_SETFL, O_NONBLOCK);
	if (pthread_create(&l->thread, NULL, load_thread, l))
		die("pthread_create");
	return load_moves(l, 10);
}

bool load_moves(struct load *l, unsigned int events)
{
	unsigned int target = l->events + events;
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

	while ((int)(l->events - target) < 0) {
		if (!check(now_ns() < end) || l->error)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

void load_fails(struct load *l, int error)
{
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

	while (!l->error && check(now_ns() < end))
		poll(NULL, 0, 1);
	check(l->error == error);
}

void load_end(struct load *l)
{
	unsigned int i, wrong = 0;

	l->stop = true;
	pthread_join(l->thread, NULL);
	for (i = 0; i < l->submitted; i++)
		wrong += l->seen[i] != 1;
	check(wrong == 0);
	check(l->how[0] == 0);
	check(l->how[DSA_SAMPLE_HOW_STRANDED] == 0);
	check(l->how[DSA_SAMPLE_HOW_MISSING] == 0);
	check(l->bad_status == 0);
	free(l->seen);
	fcntl(l->q.fd, F_SETFL, 0);
}
