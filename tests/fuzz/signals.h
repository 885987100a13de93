/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Oracle, second half: which eventfds may have been signalled, and which must.
 *
 * Eventfds are small numbers given by who uses this. What happens between two
 * checks is added up here, and then compared with what was read.
 */
#ifndef TESTS_FUZZ_SIGNALS_H
#define TESTS_FUZZ_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNALS_EVENTFDS 24
#define SIGNALS_RAISES 4
#define SIGNALS_NONE (-1) /* no eventfd */

/**
 * struct signals_raise - an interrupt raised while a request was carried out
 * @before, @after: eventfd of its vector before and after the request, or none
 * @must: has to end in one of them; otherwise it may be forgotten
 */
struct signals_raise {
	int before;
	int after;
	bool must;
};

/**
 * struct signals - what is expected
 * @exact: signals that must be there
 * @maybe: further ones that may be
 * @late: of @exact, those that may come as late as when things settle
 * @raise: interrupts in the middle of it, @raises of them
 */
struct signals {
	unsigned int exact[SIGNALS_EVENTFDS];
	unsigned int maybe[SIGNALS_EVENTFDS];
	unsigned int late[SIGNALS_EVENTFDS];
	struct signals_raise raise[SIGNALS_RAISES];
	unsigned int raises;
};

/**
 * struct signals_seen - what was read
 * @at_once: when the request returned
 * @settled: after that, when all that was on its way had arrived
 * @readable: somebody can read it
 */
struct signals_seen {
	uint64_t at_once[SIGNALS_EVENTFDS];
	uint64_t settled[SIGNALS_EVENTFDS];
	bool readable[SIGNALS_EVENTFDS];
};

/* Nothing is expected. */
void signals_clear(struct signals *s);

/* A signal that must come; @eventfd may be SIGNALS_NONE. */
void signals_exact(struct signals *s, int eventfd);
/* The same, and it may come after the request has returned. */
void signals_exact_late(struct signals *s, int eventfd);
void signals_maybe(struct signals *s, int eventfd);
/* See struct signals_raise. At most SIGNALS_RAISES. */
void signals_raise(struct signals *s, int before, int after, bool must);

/**
 * signals_check - compare
 * @complaint: gets the first difference, in words
 *
 * An interrupt of a vector whose eventfd has changed is in the old one or in the
 * new one, once; after the request has returned only in the new one.
 *
 * Return: true if what was seen can be explained.
 */
bool signals_check(const struct signals *s, const struct signals_seen *seen, char *complaint,
		   size_t size);

#endif /* TESTS_FUZZ_SIGNALS_H */
