// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "fire.h"

#define NSEC_PER_SEC 1000000000ULL
/* How long the thread sleeps at most; it then looks at what has not arrived. */
#define TICK_MS 10
/* Signs of life while a loss is being confirmed: other interrupts, or own ticks. */
#define ALIVE_ARRIVALS 50
#define ALIVE_TICKS 150
/* A completion that takes longer than this will not come. */
#define MISSING_NS (60 * NSEC_PER_SEC)
#define MAX_EVENTS 64

/**
 * struct vector
 * @fd: its eventfds
 * @may: the owner expects signals through it
 * @todo: messages still to be raised
 * @pending: one has been raised and is neither here nor lost
 * @raised_ns: when
 * @done: the completion record of it has been seen
 * @done_ns: when; and at that moment
 * @done_arrivals, @done_ticks: all arrivals and ticks so far
 * @last: see fire_last()
 */
struct vector {
	int fd[2];
	bool may[2];
	uint64_t todo;
	bool pending;
	uint64_t raised_ns;
	bool done;
	uint64_t done_ns;
	uint64_t done_arrivals;
	uint64_t done_ticks;
	int last;
	struct fire_counts counts;
};

/**
 * struct fire
 * @lock: protects all that follows
 * @changed: a message arrived, is lost, or the thread ended
 * @kick: eventfd that wakes the thread
 * @error: why the thread has ended; 0 while it runs
 * @begin, @end: vectors that something has been asked for are among these
 * @arrivals, @ticks, @raised: of all vectors, ever
 */
struct fire {
	struct accel *accel;
	unsigned int count;
	uint64_t confirm_ns;
	int epoll;
	int kick;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	int error;
	unsigned int begin;
	unsigned int end;
	uint64_t arrivals;
	uint64_t ticks;
	uint64_t raised;
	struct vector vectors[];
};

/* epoll's data of the kick; vectors' are vector * 2 + which. */
#define KICK UINT64_MAX

uint64_t fire_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* ---- Arrivals, with the lock held ------------------------------------------ */

/* Take what eventfd @which holds. */
static void take(struct fire *f, struct vector *v, int which)
{
	uint64_t n;

	if (read(v->fd[which], &n, sizeof(n)) != sizeof(n))
		return;
	v->last = which;
	if (!v->may[which])
		v->counts.stray += n;
	if (v->pending) {
		v->pending = false;
		v->counts.arrived++;
		f->arrivals++;
		n--;
	} else if (v->counts.late < v->counts.lost) {
		v->counts.late++;
		n--;
	}
	v->counts.extra += n;
	pthread_cond_broadcast(&f->changed);
}

static bool confirmed(const struct fire *f, const struct vector *v, uint64_t now)
{
	return now - v->done_ns >= f->confirm_ns &&
	       (f->arrivals - v->done_arrivals >= ALIVE_ARRIVALS ||
		f->ticks - v->done_ticks >= ALIVE_TICKS);
}

/* A vector whose message is pending. */
static int look_after(struct fire *f, struct vector *v, uint64_t now)
{
	if (!v->done) {
		if (!accel_complete(f->accel, v - f->vectors))
			return now - v->raised_ns < MISSING_NS ? 0 : -ETIMEDOUT;
		v->done = true;
		v->done_ns = now;
		v->done_arrivals = f->arrivals;
		v->done_ticks = f->ticks;
		return 0;
	}
	if (!confirmed(f, v, now))
		return 0;
	/* The last look: it may be there, and not have been read yet. */
	take(f, v, 0);
	take(f, v, 1);
	if (v->pending) {
		v->pending = false;
		v->counts.lost++;
		pthread_cond_broadcast(&f->changed);
	}
	return 0;
}

/* ---- The thread -------------------------------------------------------------- */

/* Vectors that are due, at most a batch of them; they count as raised. */
static unsigned int collect(struct fire *f, uint16_t *due, unsigned int *next)
{
	unsigned int range = f->end - f->begin, i, n = 0;

	for (i = 0; i < range && n < ACCEL_BATCH; i++) {
		unsigned int at = f->begin + (*next + i) % range;
		struct vector *v = &f->vectors[at];

		if (!v->todo || v->pending)
			continue;
		if (v->todo != FIRE_ENDLESS)
			v->todo--;
		v->pending = true;
		v->done = false;
		v->raised_ns = fire_now_ns();
		v->counts.raised++;
		f->raised++;
		due[n++] = at;
	}
	if (n)
		*next = due[n - 1] + 1 - f->begin;
	return n;
}

static int watch(struct fire *f)
{
	uint64_t now = fire_now_ns();
	unsigned int i;
	int ret = 0;

	f->ticks++;
	for (i = f->begin; !ret && i < f->end; i++)
		if (f->vectors[i].pending)
			ret = look_after(f, &f->vectors[i], now);
	return ret;
}

static void handle(struct fire *f, const struct epoll_event *events, int n)
{
	uint64_t kicks;
	int i;

	for (i = 0; i < n; i++) {
		uint64_t data = events[i].data.u64;

		if (data == KICK)
			(void)!read(f->kick, &kicks, sizeof(kicks));
		else
			take(f, &f->vectors[data / 2], data % 2);
	}
}

/* One turn, called and left with the lock held. */
static int turn(struct fire *f, unsigned int *next, uint64_t *tick_ns)
{
	struct epoll_event events[MAX_EVENTS];
	uint16_t due[ACCEL_BATCH];
	unsigned int raised = collect(f, due, next);
	int n, ret = 0;

	pthread_mutex_unlock(&f->lock);
	if (raised)
		ret = accel_raise(f->accel, due, raised);
	/* With a full batch there may be more to raise. */
	n = epoll_wait(f->epoll, events, MAX_EVENTS, raised == ACCEL_BATCH ? 0 : TICK_MS);
	pthread_mutex_lock(&f->lock);
	if (ret)
		return ret;
	if (n > 0)
		handle(f, events, n);
	if (fire_now_ns() - *tick_ns < TICK_MS * 1000000ULL)
		return 0;
	*tick_ns = fire_now_ns();
	return watch(f);
}

static void *thread_main(void *arg)
{
	struct fire *f = arg;
	unsigned int next = 0;
	uint64_t tick_ns = 0;

	pthread_mutex_lock(&f->lock);
	while (!f->stop && !f->error)
		f->error = turn(f, &next, &tick_ns);
	if (!f->error)
		f->error = -ECANCELED;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static void kick(struct fire *f)
{
	const uint64_t one = 1;

	(void)!write(f->kick, &one, sizeof(one));
}

/* ---- Interface --------------------------------------------------------------- */

static int add_fd(struct fire *f, int *fd, uint64_t data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };

	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return -errno;
	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, *fd, &event) ? -errno : 0;
}

static void close_all(struct fire *f)
{
	unsigned int i;

	for (i = 0; i < 2 * f->count; i++)
		if (f->vectors[i / 2].fd[i % 2] >= 0)
			close(f->vectors[i / 2].fd[i % 2]);
	if (f->kick >= 0)
		close(f->kick);
	if (f->epoll >= 0)
		close(f->epoll);
}

static int open_all(struct fire *f)
{
	unsigned int i;
	int ret;

	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0)
		return -errno;
	ret = add_fd(f, &f->kick, KICK);
	for (i = 0; !ret && i < 2 * f->count; i++)
		ret = add_fd(f, &f->vectors[i / 2].fd[i % 2], i);
	return ret;
}

struct fire *fire_create(struct accel *accel, unsigned int vectors, uint64_t confirm_ns)
{
	struct fire *f = calloc(1, sizeof(*f) + vectors * sizeof(f->vectors[0]));
	unsigned int i;
	int ret;

	if (!f)
		return NULL;
	f->accel = accel;
	f->count = vectors;
	f->confirm_ns = confirm_ns;
	f->epoll = -1;
	f->kick = -1;
	for (i = 0; i < vectors; i++)
		f->vectors[i] = (struct vector){ .fd = { -1, -1 }, .last = FIRE_UNBOUND };
	ret = open_all(f);
	if (ret)
		goto err;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	ret = -pthread_create(&f->thread, NULL, thread_main, f);
	if (!ret)
		return f;
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
err:
	close_all(f);
	free(f);
	errno = -ret;
	return NULL;
}

void fire_destroy(struct fire *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_mutex_unlock(&f->lock);
	kick(f);
	pthread_join(f->thread, NULL);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	close_all(f);
	free(f);
}

int fire_fd(const struct fire *f, unsigned int vector, int which)
{
	return f->vectors[vector].fd[which];
}

void fire_may_signal(struct fire *f, unsigned int vector, int which)
{
	pthread_mutex_lock(&f->lock);
	if (which != FIRE_UNBOUND)
		f->vectors[vector].may[which] = true;
	pthread_mutex_unlock(&f->lock);
}

void fire_signals_only(struct fire *f, unsigned int vector, int which)
{
	struct vector *v = &f->vectors[vector];
	int other;

	pthread_mutex_lock(&f->lock);
	for (other = 0; other < 2; other++) {
		if (other == which || !v->may[other])
			continue;
		take(f, v, other);
		v->may[other] = false;
	}
	pthread_mutex_unlock(&f->lock);
	/* It may have been waiting for just this one. */
	kick(f);
}

void fire_raise(struct fire *f, unsigned int first, unsigned int vectors, uint64_t count)
{
	unsigned int i;

	pthread_mutex_lock(&f->lock);
	if (f->begin == f->end)
		f->begin = f->end = first;
	if (first < f->begin)
		f->begin = first;
	if (first + vectors > f->end)
		f->end = first + vectors;
	for (i = first; i < first + vectors; i++) {
		struct vector *v = &f->vectors[i];

		v->todo = count == FIRE_ENDLESS || !count ? count : v->todo + count;
	}
	pthread_mutex_unlock(&f->lock);
	kick(f);
}

static bool settled(const struct fire *f, unsigned int first, unsigned int vectors)
{
	unsigned int i;

	for (i = first; i < first + vectors; i++)
		if (f->vectors[i].todo || f->vectors[i].pending)
			return false;
	return true;
}

int fire_settle(struct fire *f, unsigned int first, unsigned int vectors)
{
	unsigned int i;
	int ret;

	pthread_mutex_lock(&f->lock);
	for (i = first; i < first + vectors; i++)
		if (f->vectors[i].todo == FIRE_ENDLESS)
			f->vectors[i].todo = 0;
	while (!settled(f, first, vectors) && !f->error)
		pthread_cond_wait(&f->changed, &f->lock);
	ret = f->error;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

int fire_wait_more(struct fire *f, uint64_t count)
{
	uint64_t until;
	int ret;

	pthread_mutex_lock(&f->lock);
	until = f->raised + count;
	while (f->raised < until && !f->error)
		pthread_cond_wait(&f->changed, &f->lock);
	ret = f->error;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

void fire_forget_last(struct fire *f, unsigned int first, unsigned int vectors)
{
	unsigned int i;

	pthread_mutex_lock(&f->lock);
	for (i = first; i < first + vectors; i++)
		f->vectors[i].last = FIRE_UNBOUND;
	pthread_mutex_unlock(&f->lock);
}

int fire_last(struct fire *f, unsigned int vector)
{
	int last;

	pthread_mutex_lock(&f->lock);
	last = f->vectors[vector].last;
	pthread_mutex_unlock(&f->lock);
	return last;
}

void fire_reset_counts(struct fire *f)
{
	unsigned int i;

	pthread_mutex_lock(&f->lock);
	f->raised = 0;
	if (settled(f, f->begin, f->end - f->begin))
		f->begin = f->end;
	for (i = 0; i < f->count; i++) {
		f->vectors[i].counts = (struct fire_counts){ 0 };
		f->vectors[i].last = FIRE_UNBOUND;
	}
	pthread_mutex_unlock(&f->lock);
}

struct fire_counts fire_count(struct fire *f, unsigned int first, unsigned int vectors)
{
	struct fire_counts sum = { 0 };
	unsigned int i;

	pthread_mutex_lock(&f->lock);
	for (i = first; i < first + vectors; i++) {
		const struct fire_counts *c = &f->vectors[i].counts;

		sum.raised += c->raised;
		sum.arrived += c->arrived;
		sum.lost += c->lost;
		sum.late += c->late;
		sum.extra += c->extra;
		sum.stray += c->stray;
	}
	pthread_mutex_unlock(&f->lock);
	return sum;
}
