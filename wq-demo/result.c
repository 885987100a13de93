// SPDX-License-Identifier: GPL-2.0-only
#include "result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_HELD] = "held",
		[VERDICT_BROKEN] = "broken",
		[VERDICT_INCOMPLETE] = "incomplete",
	};

	return names[verdict];
}

int result_init(struct result *result, const struct run_parameters *parameters, unsigned int queues)
{
	*result = (struct result){ .parameters = *parameters };
	result->queues = calloc(queues, sizeof(*result->queues));
	if (!result->queues)
		return -ENOMEM;
	queues += parameters->cycles < RESULT_BRING_UPS ? (unsigned int)parameters->cycles :
							  RESULT_BRING_UPS;
	if (timeline_init(&result->timeline, queues, parameters->window_ns)) {
		result_destroy(result);
		return -ENOMEM;
	}
	return 0;
}

void result_destroy(struct result *result)
{
	for (unsigned int i = 0; i < result->queue_count; i++)
		losses_destroy(&result->queues[i].lost);
	timeline_destroy(&result->timeline);
	free(result->queues);
	result->queues = NULL;
	result->queue_count = 0;
}

/* Events have the clock's time; one from before the begin counts as its begin. */
static uint64_t since_start(const struct result *result, uint64_t time_ns)
{
	return time_ns > result->start_ns ? time_ns - result->start_ns : 0;
}

void result_book(struct result *result, struct queue_result *queue,
		 const struct dsa_sample_event *event, const struct ledger_outcome *outcome)
{
	struct bring_up *bring_up = timeline_book(&result->timeline, queue->queue, outcome);
	const struct loss loss = {
		.state = outcome->state,
		.at_ns = since_start(result, outcome->end_ns),
		.until_ns = since_start(result, event->notice_ns),
		.bring_up_ns = bring_up ? bring_up->start_ns : UINT64_MAX,
	};

	switch (outcome->state) {
	case LEDGER_INTERRUPTED:
	case LEDGER_LATE:
		histogram_add(bring_up ? &queue->window : &queue->steady, outcome->latency_ns);
		queue->last_interrupt_ns = since_start(result, event->notice_ns);
		series_add(&queue->completions, queue->last_interrupt_ns);
		break;
	case LEDGER_STRANDED:
		result->stranded_steady += !bring_up;
		losses_add(&queue->lost, &loss);
		break;
	case LEDGER_MISSING:
		losses_add(&queue->lost, &loss);
		break;
	default:
		break;
	}
}

void result_note(struct result *result, const struct problem *note)
{
	if (result->note_count < RESULT_NOTES)
		result->notes[result->note_count++] = *note;
}

struct result_totals result_totals(const struct result *result)
{
	struct result_totals totals = { 0 };

	for (unsigned int i = 0; i < result->queue_count; i++) {
		const struct queue_result *queue = &result->queues[i];

		ledger_counts_add(&totals.counts, &queue->counts);
		totals.unresolved += queue->unresolved;
		totals.data_errors += queue->data_errors;
		totals.interrupts += queue->stats.handler_runs;
		totals.interrupts_spurious += queue->stats.handler_spurious;
		totals.unannounced += queue->unannounced;
	}
	return totals;
}

unsigned int result_bring_ups(const struct result *result)
{
	unsigned int succeeded = result->timeline.forgotten;

	for (unsigned int i = 0; i < result->timeline.count; i++)
		succeeded += !result->timeline.entries[i].failed &&
			     result->timeline.entries[i].end_ns != UINT64_MAX;
	return succeeded;
}

/* The first queue that cannot serve as evidence; NULL if there is none. */
static const struct queue_result *idle_queue(const struct result *result)
{
	for (unsigned int i = 0; i < result->queue_count; i++)
		if (result->queues[i].counts.interrupted == 0)
			return &result->queues[i];
	return NULL;
}

static void list_losses(const struct result *result, const struct result_totals *totals,
			struct problem *reason)
{
	const struct {
		uint64_t count;
		const char *text;
	} losses[] = {
		{ totals->counts.stranded, "stranded (completed, but the interrupt is lost)" },
		{ totals->counts.missing, "missing (no completion)" },
		{ totals->counts.timed_out, "timed out (no notice of the completion: its interrupt "
					    "or the completion is lost)" },
		{ totals->data_errors, "with wrong data or status" },
		{ result->end == RUN_UNRESOLVED ? totals->unresolved : 0,
		  "never accounted for by the driver" },
	};
	const char *separator = "";
	size_t used;

	problem_set(reason, 0, "of %" PRIu64 " descriptors ", totals->counts.submitted);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (!losses[i].count)
			continue;
		used = strlen(reason->text);
		snprintf(reason->text + used, sizeof(reason->text) - used, "%s%" PRIu64 " %s",
			 separator, losses[i].count, losses[i].text);
		separator = ", ";
	}
}

enum verdict result_verdict(const struct result *result, struct problem *reason)
{
	const struct result_totals totals = result_totals(result);
	const struct queue_result *idle;

	if (result->end == RUN_LEDGER_BROKEN) {
		problem_set(reason, 0, "ledger broken: %s", result->failure.text);
		return VERDICT_BROKEN;
	}
	if (totals.counts.stranded || totals.counts.missing || totals.counts.timed_out ||
	    totals.data_errors || result->end == RUN_UNRESOLVED) {
		list_losses(result, &totals, reason);
		return VERDICT_BROKEN;
	}
	if (result->end == RUN_FAILED) {
		problem_set(reason, 0, "no loss in %" PRIu64 " descriptors, but then: %s",
			    totals.counts.submitted, result->failure.text);
		return VERDICT_INCOMPLETE;
	}
	if (result->end == RUN_STOPPED) {
		problem_set(reason, 0,
			    "stopped after %u of %" PRIu64 " bring-ups; no loss in %" PRIu64
			    " descriptors so far, %" PRIu64 " without an outcome",
			    result_bring_ups(result), result->parameters.queues,
			    totals.counts.submitted, totals.unresolved);
		return VERDICT_INCOMPLETE;
	}
	/* A run in which nothing could go wrong proves nothing. */
	idle = idle_queue(result);
	if (idle || !result->queue_count) {
		problem_set(reason, 0, "no descriptor of queue %u completed: nothing is proven",
			    idle ? idle->queue : 0);
		return VERDICT_INCOMPLETE;
	}
	problem_set(reason, 0,
		    result->dmatest ? "%u bring-ups, %" PRIu64
				      " copies by dmatest, each announced in time, and verified"
				    : "%u bring-ups, %" PRIu64
				      " descriptors, each followed by its interrupt",
		    result_bring_ups(result), totals.counts.submitted);
	return VERDICT_HELD;
}
