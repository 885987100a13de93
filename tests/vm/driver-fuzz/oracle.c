// SPDX-License-Identifier: GPL-2.0-only
/* What a call may answer; the trace of calls; random numbers. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/*
 * Soon enough to hit a call in the middle; and then not so often that on a slow machine
 * threads do nothing else than handle them.
 */
#define SIGNAL_NS 3000000
#define SIGNAL_AGAIN_NS 20000000

answers E(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return 1ULL << 62;
	case ETIMEDOUT:
		return 1ULL << 61;
	default:
		return error > 0 && error < 60 ? 1ULL << error : 1ULL << 60;
	}
}

/* ---- Random numbers ---------------------------------------------------------- */

uint64_t fuzz_random(struct fuzz *f)
{
	uint64_t z;

	f->random += 0x9e3779b97f4a7c15ULL;
	z = f->random;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint64_t fuzz_below(struct fuzz *f, uint64_t n)
{
	return fuzz_random(f) % n;
}

bool fuzz_one_in(struct fuzz *f, uint64_t n)
{
	return fuzz_below(f, n) == 0;
}

/* ---- What calls take --------------------------------------------------------- */

static struct tally totals[FUZZ_KINDS];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void tally(struct tally *list, const char *call, uint64_t count, uint64_t ns)
{
	size_t i;

	for (i = 0; i < FUZZ_KINDS - 1 && list[i].call; i++)
		if (list[i].call == call)
			break;
	list[i].call = call;
	list[i].count += count;
	list[i].ns += ns;
}

void tallies_add(const struct shared *shared)
{
	const struct tally *one = &shared->tallies[0][0];
	size_t i;

	for (i = 0; i < FUZZ_THREADS * FUZZ_KINDS; i++)
		if (one[i].call)
			tally(totals, one[i].call, one[i].count, one[i].ns);
}

void tallies_print(void)
{
	size_t i;

	for (i = 0; i < FUZZ_KINDS && totals[i].call; i++)
		printf("# %s: %llu, %.2f ms each\n", totals[i].call,
		       (unsigned long long)totals[i].count,
		       totals[i].ns / 1e6 / totals[i].count);
}

/* ---- Trace ------------------------------------------------------------------- */

static struct traced *latest(struct fuzz *f)
{
	return &f->shared->traces[f->thread][(f->shared->heads[f->thread] - 1) % FUZZ_TRACE];
}

void trace_begin(struct fuzz *f, const char *call, const char *detail, uint64_t a, uint64_t b,
		 uint64_t c, uint64_t d)
{
	f->shared->heads[f->thread]++;
	*latest(f) = (struct traced){ .call = call, .detail = detail, .args = { a, b, c, d } };
	__atomic_fetch_add(&f->shared->calls, 1, __ATOMIC_RELAXED);
	f->shared->begun[f->thread] = now_ns();
	errno = 0;
}

/* "OK or EINVAL (22)". */
static void allowed_print(answers allowed, char *text, size_t size)
{
	size_t used = 0;
	int error;

	text[0] = 0;
	if (allowed & OK)
		used = snprintf(text, size, "success");
	for (error = 1; error < 200 && used < size; error++)
		if (E(error) != 1ULL << 60 && allowed & E(error))
			used += snprintf(text + used, size - used, "%s%s", used ? " or " : "",
					 strerrorname_np(error));
}

void trace_end(struct fuzz *f, long ret, answers allowed)
{
	struct traced *t = latest(f);
	char text[200];

	t->ret = ret;
	t->error = ret < 0 ? errno : 0;
	t->over = true;
	tally(f->shared->tallies[f->thread], t->call, 1,
	      now_ns() - f->shared->begun[f->thread]);
	if (f->armed)
		allowed |= E(EINTR);
	if (f->absent)
		allowed |= E(ENODEV) | E(EIO) | E(ENXIO) | E(ENOENT);
	if (allowed & (ret < 0 ? E(t->error) : OK))
		return;
	allowed_print(allowed, text, sizeof(text));
	fuzz_fail(f, "%s%s%s%s: returned %ld%s%s, not %s", t->call, t->detail ? " (" : "",
		  t->detail ? t->detail : "", t->detail ? ")" : "", ret, ret < 0 ? ", " : "",
		  ret < 0 ? strerrorname_np(t->error) : "", text);
}

void trace_print(const struct shared *shared)
{
	unsigned int thread;
	uint64_t i, head;

	for (thread = 0; thread < FUZZ_THREADS; thread++) {
		head = shared->heads[thread];
		if (head)
			printf("# thread %u, calls before that:\n", thread);
		for (i = head > FUZZ_TRACE ? head - FUZZ_TRACE : 0; i < head; i++) {
			const struct traced *t = &shared->traces[thread][i % FUZZ_TRACE];

			if (!t->call)
				continue;
			printf("#   %s%s%s%s %#llx %#llx %#llx %#llx", t->call,
			       t->detail ? " (" : "", t->detail ? t->detail : "",
			       t->detail ? ")" : "", (unsigned long long)t->args[0],
			       (unsigned long long)t->args[1], (unsigned long long)t->args[2],
			       (unsigned long long)t->args[3]);
			if (!t->over)
				printf(": has not returned\n");
			else
				printf(" = %ld%s%s\n", t->ret, t->error ? " " : "",
				       t->error ? strerrorname_np(t->error) : "");
		}
	}
}

void fuzz_fail(struct fuzz *f, const char *format, ...)
{
	va_list list;

	if (!__atomic_exchange_n(&f->shared->failed, 1, __ATOMIC_SEQ_CST)) {
		f->shared->thread = f->thread;
		va_start(list, format);
		vsnprintf(f->shared->why, sizeof(f->shared->why), format, list);
		va_end(list);
	}
	_exit(1);
}

/* ---- Signals ----------------------------------------------------------------- */

void fuzz_arm(struct fuzz *f)
{
	struct itimerspec often = { .it_value.tv_nsec = SIGNAL_NS,
				    .it_interval.tv_nsec = SIGNAL_AGAIN_NS };

	f->armed = true;
	timer_settime(f->timer, 0, &often, NULL);
}

void fuzz_disarm(struct fuzz *f)
{
	struct itimerspec never = {};

	timer_settime(f->timer, 0, &never, NULL);
	f->armed = false;
}
