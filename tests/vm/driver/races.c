// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can happen at the same time, in threads: bring-up, take-down, submission,
 * resets, halts, revoked handles, unbinding. Nothing may be lost, counted twice, or
 * left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "load.h"
#include "model.h"
#include "tests.h"

#define LOADS 2
#define UPS 3

static atomic_bool over;

/* Bring a queue up, leave work in it, and take it down: again and again. */
struct ups {
	pthread_t thread;
	int device;
	unsigned int number;
	unsigned int up; /* how often it was */
	unsigned int again; /* how often it was to be tried again */
	int error; /* that ended it, or 0 */
};

static void *ups_thread(void *data)
{
	struct ups *u = data;
	struct dsa_sample_work work[4] = { noop(1), noop(2), noop(3), noop(4) };
	struct queue q;

	while (!over && !u->error) {
		if (queue_open(u->device, &q, u->number)) {
			u->up++;
			submit(q.fd, work, 1 + u->up % 4, 0);
			if (u->up % 2)
				wait_for(q.fd, POLLIN | POLLOUT);
			queue_close(&q);
		} else if (errno == EAGAIN) {
			u->again++;
			poll(NULL, 0, 1);
		} else {
			u->error = errno;
		}
	}
	return NULL;
}

static void ups_begin(struct ups *u, int device, unsigned int number)
{
	*u = (struct ups){ .device = device, .number = number };
	if (pthread_create(&u->thread, NULL, ups_thread, u))
		die("pthread_create");
}

/* Some queues work, and others come and go. */
static bool all_begin(int device, struct load loads[LOADS], struct ups ups[UPS])
{
	int i;

	over = false;
	for (i = 0; i < LOADS; i++)
		if (!load_begin(&loads[i], device, i, 8))
			return false;
	for (i = 0; i < UPS; i++)
		ups_begin(&ups[i], device, LOADS + i);
	return true;
}

/* All of that while @trouble is made @times; each may or may not be a reset. */
static void while_trouble(void (*trouble)(int round, int device), int times)
{
	int device = device_open(), i, round;
	static struct load loads[LOADS];
	static struct ups ups[UPS];

	if (!all_begin(device, loads, ups))
		return;
	for (round = 0; round < times; round++) {
		trouble(round, device);
		for (i = 0; i < LOADS; i++)
			load_moves(&loads[i], 5);
	}
	over = true;
	for (i = 0; i < UPS; i++) {
		pthread_join(ups[i].thread, NULL);
		check(ups[i].error == 0);
		check(ups[i].up > 0);
		printf("# queue %u: %u times up, %u times to be tried again\n", ups[i].number,
		       ups[i].up, ups[i].again);
	}
	for (i = 0; i < LOADS; i++) {
		load_end(&loads[i]);
		check(loads[i].error == 0);
		check(run_one(&loads[i].q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&loads[i].q);
	}
	check(queues_up(device) == 0);
	close(device);
}

static void reset(int round, int device)
{
	uint64_t resets = info_get(device).resets;

	(void)round;
	check(reset_by_hand(pci_address));
	resets_reach(device, resets + 1);
}

void test_up_against_reset(void)
{
	while_trouble(reset, 20);
}

static void anything(int round, int device)
{
	uint64_t resets = info_get(device).resets;

	switch (round % 4) {
	case 0:
		reset(round, device);
		break;
	case 1:
		/* A profile without handles refuses. */
		model_try("{\"command\":\"revoke\"}");
		break;
	case 2:
		model_fault("drop:vector=0,nth=%d", 1 + round % 5);
		break;
	case 3:
		model_heal();
		/* Two in ten seconds are not too many. */
		if (round % 16 == 3) {
			model_ask("{\"command\":\"halt\"}");
			resets_reach(device, resets + 1);
		}
		break;
	}
}

void test_races(void)
{
	while_trouble(anything, 40);
	model_heal();
	check(write_file(DRIVER "/unbind", pci_address));
	check(rebind());
}

/* The device goes away under all of them, and comes back for others. */
void test_unbind_against_all(void)
{
	static struct load loads[LOADS];
	static struct ups ups[UPS];
	int device, i, round;

	for (round = 0; round < 5; round++) {
		device = device_open();
		if (!all_begin(device, loads, ups))
			return;
		load_moves(&loads[0], 20 * round);
		check(write_file(DRIVER "/unbind", pci_address));
		for (i = 0; i < UPS; i++) {
			pthread_join(ups[i].thread, NULL);
			check(ups[i].error == ENODEV);
		}
		check(rebind());
		for (i = 0; i < LOADS; i++) {
			load_fails(&loads[i], ENODEV);
			load_end(&loads[i]);
			queue_close(&loads[i].q);
		}
		close(device);
	}
}

/* Submits to whatever has that number at the moment. */
static atomic_int target;

struct submitter {
	pthread_t thread;
	atomic_uint accepted;
	int error; /* the first that a file that is being closed does not explain */
};

static void *submitter_thread(void *data)
{
	struct dsa_sample_work work[4] = { noop(1), noop(2), noop(3), noop(4) };
	struct submitter *s = data;
	int n;

	while (!over) {
		n = submit(target, work, 4, 0);
		if (n > 0)
			s->accepted += n;
		else if (errno == EAGAIN || errno == EBADF)
			poll(NULL, 0, 1);
		else if (errno != ENOTTY)
			s->error = errno;
	}
	return NULL;
}

/* Calls are under way when the last descriptor is closed: the last of them takes it down. */
void test_close_against_submit(void)
{
	static struct submitter submitters[2];
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;
	int device = device_open(), i, round;
	unsigned int before;
	struct queue q;

	over = false;
	target = -1;
	for (i = 0; i < 2; i++) {
		submitters[i] = (struct submitter){};
		if (pthread_create(&submitters[i].thread, NULL, submitter_thread, &submitters[i]))
			die("pthread_create");
	}
	for (round = 0; round < 100; round++) {
		while (!queue_open(device, &q, round % 4))
			if (!check(errno == EBUSY && now_ns() < end))
				goto stop;
		before = submitters[0].accepted + submitters[1].accepted;
		target = q.fd;
		while (submitters[0].accepted + submitters[1].accepted == before)
			if (!check(now_ns() < end))
				break;
		queue_close(&q);
	}
stop:
	over = true;
	for (i = 0; i < 2; i++) {
		pthread_join(submitters[i].thread, NULL);
		check(submitters[i].error == 0);
		check(submitters[i].accepted > 0);
	}
	check(queues_up(device) == 0);
	close(device);
}

/* Whoever uses the module has to let go of it for a while. */
static atomic_bool rest;

/* Opens the device, leaves work in a queue, and lets go of it. */
static void *user_thread(void *data)
{
	struct dsa_sample_work work[4] = { noop(1), noop(2), noop(3), noop(4) };
	struct ups *u = data;
	struct queue q;

	while (!over) {
		u->device = rest ? -1 : open("/dev/dsa-sample0", O_RDWR | O_CLOEXEC);
		if (u->device >= 0 && queue_open(u->device, &q, u->number)) {
			u->up++;
			submit(q.fd, work, 4, 0);
			close(u->device);
			queue_close(&q);
		} else if (u->device >= 0) {
			u->error = errno;
			close(u->device);
		}
		poll(NULL, 0, 5 + 5 * u->number);
	}
	return NULL;
}

/*
 * The module goes when nobody has a file of it, and not before. It is tried while the
 * users come and go; when it was refused so often, they rest until it has gone.
 */
void test_unload_against_all(void)
{
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;
	int unloads = 0, refusals = 0, in_turn = 0, i;
	static struct ups users[UPS];

	over = false;
	rest = false;
	for (i = 0; i < UPS; i++) {
		users[i] = (struct ups){ .number = i };
		if (pthread_create(&users[i].thread, NULL, user_thread, &users[i]))
			die("pthread_create");
	}
	while (unloads < 5 && check(now_ns() < end)) {
		if (module_unload()) {
			check(errno == EWOULDBLOCK);
			refusals++;
			rest = ++in_turn >= 20;
			poll(NULL, 0, 1);
			continue;
		}
		unloads++;
		in_turn = 0;
		if (!check(module_load("") == 0))
			break;
		rest = false;
		/* Somebody must be able to have it before it goes again. */
		poll(NULL, 0, 20);
	}
	over = true;
	for (i = 0; i < UPS; i++) {
		pthread_join(users[i].thread, NULL);
		check(users[i].error == 0);
		check(users[i].up > 0);
	}
	check(refusals > 0);
	printf("# unloaded %d times, refused %d times\n", unloads, refusals);
}
