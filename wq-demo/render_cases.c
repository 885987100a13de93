// SPDX-License-Identifier: GPL-2.0-only
#include "render_cases.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What is claimed of each queue, in the order of the cases. */
struct queue_claim {
	const char *name;
	enum case_outcome (*judge)(const struct queue_result *queue, struct problem *reason);
};

static enum case_outcome judge_interrupts(const struct queue_result *queue, struct problem *reason)
{
	if (queue->counts.stranded) {
		problem_set(reason, 0,
			    "of %" PRIu64 " descriptors %" PRIu64
			    " stranded: completed, but the interrupt of vector %u is lost",
			    queue->counts.submitted, queue->counts.stranded, queue->vector);
		return CASE_FAILED;
	}
	/* As in the verdict: a queue that did nothing proves nothing. */
	if (!queue->counts.interrupted) {
		problem_set(reason, 0, "no descriptor completed: nothing is proven");
		return CASE_ERROR;
	}
	return CASE_PASSED;
}

static enum case_outcome judge_completions(const struct queue_result *queue, struct problem *reason)
{
	if (queue->counts.timed_out) {
		problem_set(reason, 0,
			    "of %" PRIu64 " copies %" PRIu64
			    " timed out: the interrupt of vector %u or the completion is lost",
			    queue->counts.submitted, queue->counts.timed_out, queue->vector);
		return CASE_FAILED;
	}
	if (!queue->counts.missing)
		return CASE_PASSED;
	problem_set(reason, 0, "of %" PRIu64 " descriptors %" PRIu64 " missing: no completion",
		    queue->counts.submitted, queue->counts.missing);
	return CASE_FAILED;
}

static enum case_outcome judge_data(const struct queue_result *queue, struct problem *reason)
{
	if (!queue->data_errors)
		return CASE_PASSED;
	problem_set(reason, 0, "%" PRIu64 " completions with wrong data or status",
		    queue->data_errors);
	return CASE_FAILED;
}

static const struct queue_claim claims[] = {
	{ "every completion is followed by its interrupt", judge_interrupts },
	{ "every descriptor completes", judge_completions },
	{ "every completion has the right data", judge_data },
};

#define CLAIMS (sizeof(claims) / sizeof(claims[0]))

static struct render_case *add(struct render_cases *cases, const char *name)
{
	struct render_case *made = &cases->entries[cases->count++];

	made->name = name;
	return made;
}

static void add_run(struct render_cases *cases, const struct result *result)
{
	const struct result_totals totals = result_totals(result);
	struct render_case *made = add(cases, "the books balance");

	snprintf(made->group, sizeof(made->group), "run");
	if (result->end == RUN_LEDGER_BROKEN) {
		made->outcome = CASE_FAILED;
		made->reason = result->failure;
	} else if (result->end == RUN_UNRESOLVED) {
		made->outcome = CASE_FAILED;
		problem_set(&made->reason, 0,
			    "%" PRIu64 " descriptors never accounted for by the driver",
			    totals.unresolved);
	}
	made = add(cases, "the run is complete");
	snprintf(made->group, sizeof(made->group), "run");
	if (result->end == RUN_FAILED) {
		made->outcome = CASE_ERROR;
		made->reason = result->failure;
	} else if (result->end == RUN_STOPPED) {
		made->outcome = CASE_ERROR;
		problem_set(&made->reason, 0, "stopped after %u of %" PRIu64 " bring-ups",
			    result_bring_ups(result), result->parameters.queues);
	} else if (result->end != RUN_COMPLETE) {
		made->outcome = CASE_SKIPPED;
		problem_set(&made->reason, 0, "ended early: the books do not balance");
	} else if (!result->queue_count) {
		made->outcome = CASE_ERROR;
		problem_set(&made->reason, 0, "no queue came up: nothing is proven");
	}
}

/* @queue: NULL if it never came up. */
static void add_queue(struct render_cases *cases, unsigned int number,
		      const struct queue_result *queue)
{
	for (size_t i = 0; i < CLAIMS; i++) {
		struct render_case *made = add(cases, claims[i].name);

		snprintf(made->group, sizeof(made->group), "queue %u", number);
		if (queue) {
			made->outcome = claims[i].judge(queue, &made->reason);
		} else {
			made->outcome = CASE_SKIPPED;
			problem_set(&made->reason, 0, "the queue did not come up");
		}
	}
}

static const struct queue_result *find_queue(const struct result *result, unsigned int number)
{
	for (unsigned int i = 0; i < result->queue_count; i++)
		if (result->queues[i].queue == number)
			return &result->queues[i];
	return NULL;
}

int render_cases_init(struct render_cases *cases, const struct result *result)
{
	unsigned int queues = (unsigned int)result->parameters.queues;

	if (queues < result->queue_count)
		queues = result->queue_count;
	*cases = (struct render_cases){ 0 };
	cases->entries = calloc(2 + queues * CLAIMS, sizeof(*cases->entries));
	if (!cases->entries)
		return -ENOMEM;
	add_run(cases, result);
	for (unsigned int i = 0; i < queues; i++)
		add_queue(cases, wq_config_number(result->parameters.config, i),
			  find_queue(result, wq_config_number(result->parameters.config, i)));
	for (unsigned int i = 0; i < cases->count; i++)
		cases->sums[cases->entries[i].outcome]++;
	return 0;
}

void render_cases_destroy(struct render_cases *cases)
{
	free(cases->entries);
	*cases = (struct render_cases){ 0 };
}
