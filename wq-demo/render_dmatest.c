// SPDX-License-Identifier: GPL-2.0-only
#include "render_dmatest.h"

#include <inttypes.h>

#include "units.h"

double render_dmatest_rate(const struct queue_result *queue)
{
	return queue->busy_ns ? (double)queue->counts.submitted * (double)NSEC_PER_SEC /
					(double)queue->busy_ns
			      : 0;
}

static void print_row(FILE *stream, const char *queue, const char *vector, const char *irq,
		      const struct ledger_counts *counts, double rate, uint64_t interrupts,
		      const char *unannounced, uint64_t data_errors)
{
	fprintf(stream,
		"%5s %6s %5s %11" PRIu64 " %8.0f %10" PRIu64 " %9" PRIu64 " %12s %11" PRIu64 "\n",
		queue, vector, irq, counts->submitted, rate, interrupts, counts->timed_out,
		unannounced, data_errors);
}

/* How many had no interrupt can be told only where none can stand in for another. */
static const char *unannounced_text(char text[24], const struct result *result, uint64_t count)
{
	if (result->parameters.depth != 1)
		return "?";
	snprintf(text, 24, "%" PRIu64, count);
	return text;
}

void render_dmatest_queues(const struct result *result, FILE *stream)
{
	const struct result_totals totals = result_totals(result);
	char queue[16], vector[16], irq[16], unannounced[24];
	double rate = 0;

	fprintf(stream, "\n%5s %6s %5s %11s %8s %10s %9s %12s %11s\n", "queue", "vector", "irq",
		"copies", "/s", "interrupts", "timed out", "no interrupt", "data errors");
	for (unsigned int i = 0; i < result->queue_count; i++) {
		const struct queue_result *row = &result->queues[i];

		snprintf(queue, sizeof(queue), "%u", row->queue);
		snprintf(vector, sizeof(vector), "%u", row->vector);
		snprintf(irq, sizeof(irq), "%d", row->irq);
		print_row(stream, queue, vector, irq, &row->counts, render_dmatest_rate(row),
			  row->stats.handler_runs,
			  unannounced_text(unannounced, result, row->unannounced),
			  row->data_errors);
		rate += render_dmatest_rate(row);
	}
	print_row(stream, "all", "", "", &totals.counts, rate, totals.interrupts,
		  unannounced_text(unannounced, result, totals.unannounced), totals.data_errors);
}

void render_dmatest_legend(const struct result *result, FILE *stream)
{
	char timeout[UNITS_TEXT], window[UNITS_TEXT];

	fprintf(stream,
		"\ntimed out: dmatest was told of no completion within %s. It cannot tell a lost "
		"interrupt\n"
		"from a lost completion%s.\n"
		"a bring-up has those that can have been in flight from its begin until %s after "
		"its end\n",
		units_format_ns(timeout, result->parameters.timeout_ns),
		result->parameters.depth == 1
			? "; no interrupt: of these, those for which none came "
			  "later either"
			: "",
		units_format_ns(window, result->parameters.window_ns));
}
