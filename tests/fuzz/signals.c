// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "signals.h"

void signals_clear(struct signals *s)
{
	memset(s, 0, sizeof(*s));
}

void signals_exact(struct signals *s, int eventfd)
{
	if (eventfd != SIGNALS_NONE)
		s->exact[eventfd]++;
}

void signals_exact_late(struct signals *s, int eventfd)
{
	if (eventfd == SIGNALS_NONE)
		return;
	s->exact[eventfd]++;
	s->late[eventfd]++;
}

void signals_maybe(struct signals *s, int eventfd)
{
	if (eventfd != SIGNALS_NONE)
		s->maybe[eventfd]++;
}

void signals_raise(struct signals *s, int before, int after, bool must)
{
	assert(s->raises < SIGNALS_RAISES);
	s->raise[s->raises++] = (struct signals_raise){ before, after, must };
}

/* All is explained but for the interrupts, which ended as @landed says. */
static bool totals_match(const struct signals *s, const struct signals_seen *seen,
			 const unsigned int *landed)
{
	unsigned int e;

	for (e = 0; e < SIGNALS_EVENTFDS; e++) {
		uint64_t total = seen->at_once[e] + seen->settled[e];
		uint64_t least = s->exact[e] + landed[e];

		if (seen->readable[e] && (total < least || total > least + s->maybe[e]))
			return false;
	}
	return true;
}

/* Is there a way in which interrupts from @next on can have ended? */
static bool explained(const struct signals *s, const struct signals_seen *seen,
		      unsigned int next, unsigned int *landed)
{
	const struct signals_raise *raise = &s->raise[next];
	const int ends[] = { raise->before, raise->after };
	unsigned int i;
	bool found;

	if (next == s->raises)
		return totals_match(s, seen, landed);
	if (!raise->must && explained(s, seen, next + 1, landed))
		return true;

	for (i = 0; i < 2; i++) {
		if (ends[i] == SIGNALS_NONE)
			continue;
		landed[ends[i]]++;
		found = explained(s, seen, next + 1, landed);
		landed[ends[i]]--;
		if (found)
			return true;
	}
	return false;
}

/* What came after the request had returned: it must know the new eventfds only. */
static bool settled_match(const struct signals *s, const struct signals_seen *seen,
			  char *complaint, size_t size)
{
	unsigned int e, i;

	for (e = 0; e < SIGNALS_EVENTFDS; e++) {
		unsigned int most = s->late[e] + s->maybe[e];

		for (i = 0; i < s->raises; i++)
			most += s->raise[i].after == (int)e;
		if (!seen->readable[e] || seen->settled[e] <= most)
			continue;
		snprintf(complaint, size,
			 "eventfd %u: signalled %" PRIu64 " times after the request had returned, "
			 "at most %u are explained", e, seen->settled[e], most);
		return false;
	}
	return true;
}

static void describe(const struct signals *s, const struct signals_seen *seen, char *complaint,
		     size_t size)
{
	size_t used = 0;
	unsigned int e, i;

	for (e = 0; e < SIGNALS_EVENTFDS && used < size; e++) {
		uint64_t total = seen->at_once[e] + seen->settled[e];

		if (seen->readable[e] && (total || s->exact[e] || s->maybe[e]))
			used += snprintf(complaint + used, size - used,
					 "eventfd %u: %" PRIu64 " signals, expected %u to %u; ", e,
					 total, s->exact[e], s->exact[e] + s->maybe[e]);
	}
	for (i = 0; i < s->raises && used < size; i++)
		used += snprintf(complaint + used, size - used,
				 "and an interrupt %s end in eventfd %d or %d (-1: none); ",
				 s->raise[i].must ? "must" : "may", s->raise[i].before,
				 s->raise[i].after);
}

bool signals_check(const struct signals *s, const struct signals_seen *seen, char *complaint,
		   size_t size)
{
	unsigned int landed[SIGNALS_EVENTFDS] = { 0 };

	if (!explained(s, seen, 0, landed)) {
		describe(s, seen, complaint, size);
		return false;
	}
	return settled_match(s, seen, complaint, size);
}
