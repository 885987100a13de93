// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "render_dmatest.h"
#include "units.h"

/* p50/p99/max of one histogram in one cell. */
#define LATENCY_TEXT (3 * UNITS_TEXT + 3)

static const char *latency_text(char text[LATENCY_TEXT], const struct histogram *histogram)
{
	char median[UNITS_TEXT], high[UNITS_TEXT], max[UNITS_TEXT];

	if (!histogram->count)
		return "-";
	snprintf(text, LATENCY_TEXT, "%s/%s/%s",
		 units_format_ns(median, histogram_percentile(histogram, 5000)),
		 units_format_ns(high, histogram_percentile(histogram, 9900)),
		 units_format_ns(max, histogram->max));
	return text;
}

static void print_row(FILE *stream, const char *queue, const char *vector,
		      const struct ledger_counts *counts, const char *interrupts,
		      const struct histogram *steady, const struct histogram *window)
{
	char steady_text[LATENCY_TEXT], window_text[LATENCY_TEXT];

	fprintf(stream,
		"%5s %6s %11" PRIu64 " %10s %11" PRIu64 " %5" PRIu64 " %8" PRIu64 " %7" PRIu64
		"  %-22s  %s\n",
		queue, vector, counts->submitted, interrupts, counts->interrupted, counts->late,
		counts->stranded, counts->missing, latency_text(steady_text, steady),
		latency_text(window_text, window));
}

static void print_queues(const struct result *result, FILE *stream)
{
	/* Large, and only one thread renders. */
	static struct histogram steady, window;
	const struct result_totals totals = result_totals(result);
	char queue[16], vector[16], interrupts[24];

	memset(&steady, 0, sizeof(steady));
	memset(&window, 0, sizeof(window));
	fprintf(stream, "\n%5s %6s %11s %10s %11s %5s %8s %7s  %-22s  %s\n", "", "", "", "handler",
		"", "", "", "", "latency p50/p99/max", "latency p50/p99/max");
	fprintf(stream, "%5s %6s %11s %10s %11s %5s %8s %7s  %-22s  %s\n", "queue", "vector",
		"descriptors", "runs", "interrupted", "late", "stranded", "missing",
		"in steady state", "around bring-ups");
	for (unsigned int i = 0; i < result->queue_count; i++) {
		const struct queue_result *row = &result->queues[i];

		snprintf(queue, sizeof(queue), "%u", row->queue);
		snprintf(vector, sizeof(vector), "%u", row->vector);
		snprintf(interrupts, sizeof(interrupts), "%" PRIu64,
			 (uint64_t)row->stats.handler_runs);
		print_row(stream, queue, vector, &row->counts, row->has_stats ? interrupts : "?",
			  &row->steady, &row->window);
		histogram_merge(&steady, &row->steady);
		histogram_merge(&window, &row->window);
	}
	snprintf(interrupts, sizeof(interrupts), "%" PRIu64, totals.interrupts);
	print_row(stream, "all", "", &totals.counts, interrupts, &steady, &window);
}

/* Lines for bring-ups of a run with churn. */
#define NOTEWORTHY_MAX 16

static bool noteworthy(const struct bring_up *bring_up)
{
	return bring_up->stranded || bring_up->missing || bring_up->timed_out || bring_up->failed;
}

static void print_churn(const struct result *result, FILE *stream)
{
	char elapsed[UNITS_TEXT];

	fprintf(stream, "%" PRIu64 " of %" PRIu64 " cycles, %u bring-ups, in %s\n",
		result->cycles_done, result->parameters.cycles, result_bring_ups(result),
		units_format_ns(elapsed, result->end_ns - result->start_ns));
}

static void print_bring_ups(const struct result *result, FILE *stream)
{
	const bool churn = result->parameters.cycles;
	unsigned int shown = 0, hidden = 0;
	char request[UNITS_TEXT], enable[UNITS_TEXT], total[UNITS_TEXT], latency[UNITS_TEXT];

	fputc('\n', stream);
	if (churn)
		print_churn(result, stream);
	for (unsigned int i = 0; i < result->timeline.count; i++) {
		const struct bring_up *bring_up = &result->timeline.entries[i];

		/* Of many, those that say something, and not all of them either. */
		if (churn && !noteworthy(bring_up))
			continue;
		if (churn && shown++ >= NOTEWORTHY_MAX) {
			hidden++;
			continue;
		}
		fprintf(stream, "bring-up %u: queue %u ", bring_up->number, bring_up->queue);
		if (bring_up->failed)
			fprintf(stream, "failed after %s",
				units_format_ns(total, bring_up->end_ns - bring_up->start_ns));
		else if (result->dmatest)
			fprintf(stream, "vector %u irq %d: enable %s", bring_up->vector,
				bring_up->irq, units_format_ns(enable, bring_up->enable_ns));
		else
			fprintf(stream, "vector %u: request_irq %s, enable %s, total %s",
				bring_up->vector,
				units_format_ns(request, bring_up->request_irq_ns),
				units_format_ns(enable, bring_up->enable_ns),
				units_format_ns(total, bring_up->total_ns));
		fprintf(stream, "; others meanwhile: %" PRIu64 " completions",
			bring_up->completions);
		if (bring_up->completions && !result->dmatest)
			fprintf(stream, ", largest latency %s, late %" PRIu64,
				units_format_ns(latency, bring_up->latency_max_ns), bring_up->late);
		if (result->dmatest)
			fprintf(stream, "; timed out %" PRIu64, bring_up->timed_out);
		else
			fprintf(stream, "; stranded %" PRIu64, bring_up->stranded);
		if (bring_up->missing)
			fprintf(stream, ", missing %" PRIu64, bring_up->missing);
		fputc('\n', stream);
	}
	if (hidden)
		fprintf(stream, "and %u more bring-ups with losses\n", hidden);
	if (result->has_dropped)
		fprintf(stream,
			"messages that the device dropped because MSI-X was off: %" PRIu64 "\n",
			result->dropped);
	if (result->stranded_steady)
		fprintf(stream, "away from any bring-up: stranded %" PRIu64 "\n",
			result->stranded_steady);
}

static void print_unresolved(const struct result *result, FILE *stream)
{
	const struct result_totals totals = result_totals(result);

	if (totals.unresolved)
		fprintf(stream, "without an outcome when the run ended: %" PRIu64 "\n",
			totals.unresolved);
}

static void print_notes(const struct result *result, FILE *stream)
{
	const struct result_totals totals = result_totals(result);

	if (!result->note_count)
		return;
	fputc('\n', stream);
	for (unsigned int i = 0; i < result->note_count; i++)
		fprintf(stream, "data error: %s\n", result->notes[i].text);
	if (totals.data_errors > result->note_count)
		fprintf(stream, "and %" PRIu64 " more data errors\n",
			totals.data_errors - result->note_count);
}

void render_verdict(const struct result *result, FILE *stream)
{
	struct problem reason;
	enum verdict verdict = result_verdict(result, &reason);

	fprintf(stream, "verdict: %s: %s\n", verdict_name(verdict), reason.text);
	/* A broken run that also failed: the reason speaks of the losses only. */
	if (verdict == VERDICT_BROKEN && result->end == RUN_FAILED)
		fprintf(stream, "ended early: %s\n", result->failure.text);
	if (verdict == VERDICT_BROKEN && result->end == RUN_STOPPED)
		fprintf(stream, "incomplete: the run was stopped\n");
}

void render_human(const struct result *result, FILE *stream)
{
	char deadline[UNITS_TEXT], window[UNITS_TEXT];

	if (result->dmatest)
		render_dmatest_queues(result, stream);
	else
		print_queues(result, stream);
	print_bring_ups(result, stream);
	print_unresolved(result, stream);
	render_first_loss(result, stream);
	print_notes(result, stream);
	if (result->dmatest)
		render_dmatest_legend(result, stream);
	else
		fprintf(stream,
			"\nlate: handled more than %s after completion; around bring-ups: until %s "
			"after one\n",
			units_format_ns(deadline, result->parameters.deadline_ns),
			units_format_ns(window, result->parameters.window_ns));
	render_verdict(result, stream);
}
