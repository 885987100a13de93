// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "units.h"

#define DEFAULT_COLUMNS 80

bool progress_can_be_live(FILE *stream)
{
	const char *terminal = getenv("TERM");

	return isatty(fileno(stream)) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

void progress_clear(struct progress *progress)
{
	if (!progress->line_shown)
		return;
	fputs("\r\033[K", progress->stream);
	fflush(progress->stream);
	progress->line_shown = false;
}

void progress_brought_up(void *context, unsigned int number, const struct bring_up *bring_up)
{
	char request[UNITS_TEXT], enable[UNITS_TEXT], total[UNITS_TEXT];
	struct progress *progress = context;

	if (!progress->stream || progress->summary)
		return;
	progress_clear(progress);
	/* Not every driver says how long that took. */
	if (!bring_up->request_irq_ns) {
		fprintf(progress->stream, "bring-up %u: queue %u vector %u irq %d up in %s\n",
			number, bring_up->queue, bring_up->vector, bring_up->irq,
			units_format_ns(total, bring_up->total_ns));
		fflush(progress->stream);
		return;
	}
	fprintf(progress->stream,
		"bring-up %u: queue %u vector %u irq %d up in %s (request_irq %s, enable %s)\n",
		number, bring_up->queue, bring_up->vector, bring_up->irq,
		units_format_ns(total, bring_up->total_ns),
		units_format_ns(request, bring_up->request_irq_ns),
		units_format_ns(enable, bring_up->enable_ns));
	fflush(progress->stream);
}

static unsigned int columns_of(FILE *stream)
{
	struct winsize size;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col;
	return DEFAULT_COLUMNS;
}

/* Outcomes per second, measured between two displays. */
static uint64_t outcomes_rate(struct progress *progress, const struct run_status *status)
{
	const struct ledger_counts *counts = &status->counts;
	uint64_t outcomes = counts->interrupted + counts->stranded + counts->missing +
			    counts->polled + counts->timed_out;

	if (status->elapsed_ns > progress->previous_ns)
		progress->rate = (outcomes - progress->previous_outcomes) * NSEC_PER_SEC /
				 (status->elapsed_ns - progress->previous_ns);
	progress->previous_ns = status->elapsed_ns;
	progress->previous_outcomes = outcomes;
	return progress->rate;
}

void progress_status(void *context, const struct run_status *status)
{
	struct progress *progress = context;
	char line[256], activity[64] = "", timed_out[40] = "";

	if (!progress->stream || !progress->live)
		return;
	if (status->phase == RUN_DRAINING)
		snprintf(activity, sizeof(activity), "waiting for %" PRIu64 ", ",
			 status->in_flight);
	else if (status->phase == RUN_CLOSING)
		snprintf(activity, sizeof(activity), "taking queues down, ");
	if (status->counts.timed_out)
		snprintf(timed_out, sizeof(timed_out), ", timed out %" PRIu64,
			 status->counts.timed_out);
	snprintf(line, sizeof(line),
		 "%6.1fs  %squeues %u/%u, %" PRIu64 " descriptors, %" PRIu64 "/s, late %" PRIu64
		 ", stranded %" PRIu64 ", missing %" PRIu64 "%s",
		 (double)status->elapsed_ns / (double)NSEC_PER_SEC, activity, status->queues_up,
		 status->queues, status->counts.submitted, outcomes_rate(progress, status),
		 status->counts.late, status->counts.stranded, status->counts.missing, timed_out);
	/* A line that wraps cannot be erased. */
	fprintf(progress->stream, "\r\033[K%.*s", (int)columns_of(progress->stream) - 1, line);
	fflush(progress->stream);
	progress->line_shown = true;
}
