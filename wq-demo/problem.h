/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong, in words for the user. */
#ifndef WQ_DEMO_PROBLEM_H
#define WQ_DEMO_PROBLEM_H

/**
 * struct problem - explanation that travels with a negative errno
 * @text: what was wrong and what to do about it; one line without a newline,
 *	cut if too long; empty while nothing is wrong
 */
struct problem {
	char text[512];
};

/**
 * problem_set() - explain an error
 * @problem: where; NULL is allowed and drops the text
 * @error: negative errno
 * @format: printf format of the explanation
 *
 * Returns @error, so that a function can end with return problem_set(...).
 */
int problem_set(struct problem *problem, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* WQ_DEMO_PROBLEM_H */
