/* SPDX-License-Identifier: GPL-2.0-only */
/* A result as a list of test cases, for the formats that know nothing else. */
#ifndef WQ_DEMO_RENDER_CASES_H
#define WQ_DEMO_RENDER_CASES_H

#include "result.h"

/**
 * enum case_outcome - of a test case
 * @CASE_PASSED: the claim held
 * @CASE_FAILED: something was lost, or the books do not balance
 * @CASE_ERROR: the run could not find out: what makes it incomplete
 * @CASE_SKIPPED: a consequence of an error in another case
 */
enum case_outcome {
	CASE_PASSED,
	CASE_FAILED,
	CASE_ERROR,
	CASE_SKIPPED,
};

/**
 * struct render_case - one claim
 * @group: "run" or "queue N"
 * @name: the claim in words
 * @outcome: whether it held
 * @reason: why not; empty if it did
 */
struct render_case {
	char group[24];
	const char *name;
	enum case_outcome outcome;
	struct problem reason;
};

/**
 * struct render_cases - all of them; they all passed if and only if the verdict is
 *	VERDICT_HELD, and one failed if and only if it is VERDICT_BROKEN
 */
struct render_cases {
	struct render_case *entries;
	unsigned int count;
	unsigned int sums[CASE_SKIPPED + 1];
};

/* Returns 0; -ENOMEM. Undone by render_cases_destroy(). */
int render_cases_init(struct render_cases *cases, const struct result *result);
void render_cases_destroy(struct render_cases *cases);

#endif /* WQ_DEMO_RENDER_CASES_H */
