/* SPDX-License-Identifier: GPL-2.0-only */
/* A result that "run" has written, read again for reports. */
#ifndef WQ_DEMO_REPORT_LOAD_H
#define WQ_DEMO_REPORT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "problem.h"
#include "timeline_series.h"

struct json_object;

/**
 * struct report_queue - one queue in one run
 * @queue: its number
 * @vector: MSI-X table index
 * @round: of the run it was in
 * @descriptors: and so on: outcomes
 * @steady: latency, submission to handler, outside the windows of bring-ups
 * @window: the same, inside
 * @width_ns: of the intervals; 0: there are none
 * @intervals: how many
 * @completions: in each; at most SERIES_INTERVALS
 * @losses: the losses listed one by one
 * @loss_count: how many
 */
struct report_queue {
	unsigned int queue;
	unsigned int vector;
	unsigned int round;
	uint64_t descriptors;
	uint64_t interrupted;
	uint64_t late;
	uint64_t stranded;
	uint64_t missing;
	uint64_t timed_out;
	struct histogram steady;
	struct histogram window;
	uint64_t width_ns;
	unsigned int intervals;
	uint64_t *completions;
	struct loss *losses;
	unsigned int loss_count;
};

struct report_bring_up {
	unsigned int queue;
	unsigned int vector;
	unsigned int round;
	bool failed;
	uint64_t start_ns;
	uint64_t request_irq_ns;
	uint64_t total_ns;
	uint64_t stranded;
	uint64_t missing;
	uint64_t timed_out;
};

/**
 * struct report - a result; texts belong to @document
 * @path: of the file, as given
 * @conditions: what it ran on, in words; "" if the document does not say
 * @rounds: runs that were put together in it, one after the other; 1 normally
 * @round_start_ns: begin of each, as if the first had begun at 0
 * @elapsed_ns: of all rounds
 * @lanes: queue numbers are below it
 * @has_timeline: completions over time are known
 * @steady: latency of all queues, outside the windows of bring-ups
 * @window: the same, inside
 */
struct report {
	const char *path;
	const char *verdict;
	const char *reason;
	const char *program;
	const char *device;
	const char *driver;
	char conditions[256];
	unsigned int rounds;
	uint64_t *round_start_ns;
	uint64_t elapsed_ns;
	uint64_t bring_ups;
	uint64_t descriptors;
	uint64_t interrupted;
	uint64_t late;
	uint64_t stranded;
	uint64_t missing;
	uint64_t timed_out;
	uint64_t data_errors;
	uint64_t unresolved;
	unsigned int lanes;
	bool has_timeline;
	struct report_queue *queues;
	unsigned int queue_count;
	struct report_bring_up *bring_up;
	unsigned int bring_up_count;
	struct histogram steady;
	struct histogram window;

	struct json_object *document;
};

/**
 * report_load() - read the file @path
 * @problem: out, on error: what is wrong with the file, and where in it
 *
 * Returns 0; a negative errno. Undone by report_destroy().
 */
int report_load(struct report *report, const char *path, struct problem *problem);
void report_destroy(struct report *report);

#endif /* WQ_DEMO_REPORT_LOAD_H */
