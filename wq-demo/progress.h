/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is shown while a run goes on: a plain line for each bring-up, and on a
 * terminal one line that is kept up to date.
 */
#ifndef WQ_DEMO_PROGRESS_H
#define WQ_DEMO_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "run.h"

/**
 * struct progress - zeroed memory shows nothing
 * @stream: where; NULL: show nothing
 * @live: keep the last line up to date
 * @summary: no lines for bring-ups
 *
 * The other members are private.
 */
struct progress {
	FILE *stream;
	bool live;
	bool summary;

	bool line_shown;
	uint64_t previous_ns;
	uint64_t previous_outcomes;
	uint64_t rate;
};

/* Is the one-line display of use on @stream: a terminal that can erase a line? */
bool progress_can_be_live(FILE *stream);

/* For struct run_observer; @context is the struct progress. */
void progress_brought_up(void *context, unsigned int number, const struct bring_up *bring_up);
void progress_status(void *context, const struct run_status *status);

/* Erase the live line: something else is going to be printed. */
void progress_clear(struct progress *progress);

#endif /* WQ_DEMO_PROGRESS_H */
