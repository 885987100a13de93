// SPDX-License-Identifier: GPL-2.0-only
/* What a call may answer; the trace of calls; random numbers. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/* Often enough to hit calls in the middle. */
#define SIGNAL_NS 3000000

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
				    .it_interval.tv_nsec = SIGNAL_NS };

	f->armed = true;
	timer_settime(f->timer, 0, &often, NULL);
}

void fuzz_disarm(struct fuzz *f)
{
	struct itimerspec never = {};

	timer_settime(f->timer, 0, &never, NULL);
	f->armed = false;
}
