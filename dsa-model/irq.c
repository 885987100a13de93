// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "irq.h"
#include "log.h"

/* A write to an eventfd takes a microsecond; after this it is stuck. */
#define STUCK_NS 200000000L

/* Interrupts a stuck write. Its handler does nothing, and does not restart. */
#define WAKE_SIGNAL SIGRTMIN

/**
 * struct irq_set - triggers
 * @device: whose they are, for the log; NULL: that goes without saying
 * @lock: of @fds; held while a trigger is fired, so that none is closed meanwhile
 * @watch_lock: of the fields below; taken inside @lock
 * @writing: a write is under way, in thread @writer
 * @generation: counts writes, so that the watchdog knows one from the next
 * @wake: the watchdog waits here
 *
 * The client owns the other end of the open file: it can clear O_NONBLOCK and
 * fill the counter at any moment, also between the look and the write. Such a
 * write sleeps for ever, and so would everybody behind it; hence a watchdog.
 */
struct irq_set {
	const char *device;
	pthread_mutex_t lock;
	unsigned int vectors;
	unsigned int bound;
	pthread_mutex_t watch_lock;
	pthread_cond_t wake;
	pthread_t watchdog;
	pthread_t writer;
	uint64_t generation;
	bool writing;
	bool watch; /* there is something to be watched */
	bool stop;
	int fds[];
};

static void on_wake(int signal)
{
	(void)signal;
}

static void deadline_after(struct timespec *ts, long ns)
{
	clock_gettime(CLOCK_MONOTONIC, ts);
	ts->tv_nsec += ns;
	if (ts->tv_nsec >= 1000000000L) {
		ts->tv_nsec -= 1000000000L;
		ts->tv_sec++;
	}
}

/* A write that is still the same one after a whole interval is interrupted. */
static void *watchdog_main(void *arg)
{
	struct irq_set *set = arg;
	uint64_t seen = 0;

	pthread_mutex_lock(&set->watch_lock);
	while (!set->stop) {
		struct timespec ts;

		if (!set->watch) {
			pthread_cond_wait(&set->wake, &set->watch_lock);
			continue;
		}
		deadline_after(&ts, STUCK_NS);
		if (pthread_cond_timedwait(&set->wake, &set->watch_lock, &ts) != ETIMEDOUT)
			continue;
		if (set->writing && set->generation == seen)
			pthread_kill(set->writer, WAKE_SIGNAL);
		seen = set->generation;
	}
	pthread_mutex_unlock(&set->watch_lock);
	return NULL;
}

static void set_watch(struct irq_set *set)
{
	pthread_mutex_lock(&set->watch_lock);
	if (set->watch != (set->bound > 0)) {
		set->watch = set->bound > 0;
		pthread_cond_signal(&set->wake);
	}
	pthread_mutex_unlock(&set->watch_lock);
}

struct irq_set *irq_set_create(unsigned int vectors)
{
	struct sigaction action = { .sa_handler = on_wake };
	pthread_condattr_t attr;
	struct irq_set *set;
	unsigned int i;
	int ret;

	set = calloc(1, sizeof(*set) + vectors * sizeof(set->fds[0]));
	if (!set)
		return NULL;
	set->device = log_device();
	set->vectors = vectors;
	for (i = 0; i < vectors; i++)
		set->fds[i] = -1;
	sigaction(WAKE_SIGNAL, &action, NULL);
	pthread_mutex_init(&set->lock, NULL);
	pthread_mutex_init(&set->watch_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&set->wake, &attr);
	pthread_condattr_destroy(&attr);
	ret = pthread_create(&set->watchdog, NULL, watchdog_main, set);
	if (ret) {
		pthread_cond_destroy(&set->wake);
		pthread_mutex_destroy(&set->watch_lock);
		pthread_mutex_destroy(&set->lock);
		free(set);
		errno = ret;
		return NULL;
	}
	return set;
}

void irq_set_destroy(struct irq_set *set)
{
	if (!set)
		return;
	irq_set_unbind(set, 0, set->vectors);
	pthread_mutex_lock(&set->watch_lock);
	set->stop = true;
	pthread_cond_signal(&set->wake);
	pthread_mutex_unlock(&set->watch_lock);
	pthread_join(set->watchdog, NULL);
	pthread_cond_destroy(&set->wake);
	pthread_mutex_destroy(&set->watch_lock);
	pthread_mutex_destroy(&set->lock);
	free(set);
}

static bool is_eventfd(int fd)
{
	static const char eventfd_name[] = "anon_inode:[eventfd]";
	char path[32], target[sizeof(eventfd_name) + 1];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	return n == sizeof(eventfd_name) - 1 && !memcmp(target, eventfd_name, n);
}

static void replace(struct irq_set *set, unsigned int vector, int fd)
{
	int old = set->fds[vector];

	set->fds[vector] = fd;
	set->bound += (fd >= 0) - (old >= 0);
	if (old >= 0)
		close(old);
}

int irq_set_bind(struct irq_set *set, unsigned int start, unsigned int count, int *fds,
		 const char **why)
{
	unsigned int i;

	*why = NULL;
	if (start > set->vectors || count > set->vectors - start) {
		*why = "vectors beyond those of the device";
		return -EINVAL;
	}
	for (i = 0; i < count; i++)
		if (!is_eventfd(fds[i])) {
			*why = "file descriptor is not an eventfd";
			return -EINVAL;
		}
	pthread_mutex_lock(&set->lock);
	for (i = 0; i < count; i++) {
		replace(set, start + i, fds[i]);
		fds[i] = -1;
	}
	set_watch(set);
	pthread_mutex_unlock(&set->lock);
	return 0;
}

void irq_set_unbind(struct irq_set *set, unsigned int start, unsigned int count)
{
	unsigned int i;

	pthread_mutex_lock(&set->lock);
	for (i = start; i < set->vectors && i - start < count; i++)
		replace(set, i, -1);
	set_watch(set);
	pthread_mutex_unlock(&set->lock);
}

/* 0, -EAGAIN when the counter is full, or another negative errno. */
static int write_watched(struct irq_set *set, int fd)
{
	static const uint64_t one = 1;
	ssize_t n;
	int error;

	pthread_mutex_lock(&set->watch_lock);
	set->writer = pthread_self();
	set->generation++;
	set->writing = true;
	pthread_mutex_unlock(&set->watch_lock);

	n = write(fd, &one, sizeof(one));
	error = errno;

	pthread_mutex_lock(&set->watch_lock);
	set->writing = false;
	pthread_mutex_unlock(&set->watch_lock);
	return n == sizeof(one) ? 0 : -error;
}

static int fire(struct irq_set *set, unsigned int vector)
{
	struct pollfd pfd = { .fd = set->fds[vector], .events = POLLOUT };
	int ret;

	/* No room for one more: an interrupt is waiting there already. */
	if (poll(&pfd, 1, 0) < 0 || !(pfd.revents & POLLOUT))
		return 1;
	ret = write_watched(set, set->fds[vector]);
	if (!ret || ret == -EAGAIN)
		return 1;
	log_error_about(set->device,
			"the eventfd of vector %u cannot be written and is taken away: %s", vector,
			strerror(-ret));
	replace(set, vector, -1);
	return ret;
}

int irq_set_signal(struct irq_set *set, unsigned int vector)
{
	int ret = 0;

	if (vector >= set->vectors)
		return -EINVAL;
	pthread_mutex_lock(&set->lock);
	if (set->fds[vector] >= 0)
		ret = fire(set, vector);
	pthread_mutex_unlock(&set->lock);
	return ret;
}

unsigned int irq_set_bound(struct irq_set *set)
{
	unsigned int bound;

	pthread_mutex_lock(&set->lock);
	bound = set->bound;
	pthread_mutex_unlock(&set->lock);
	return bound;
}
