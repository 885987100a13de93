// SPDX-License-Identifier: GPL-2.0-only
#include "report_text.h"

#include <inttypes.h>
#include <string.h>

#include "units.h"

#define NUMBER(member) \
	static uint64_t value_##member(const struct report *report) \
	{ \
		return report->member; \
	}

NUMBER(bring_ups)
NUMBER(descriptors)
NUMBER(interrupted)
NUMBER(late)
NUMBER(stranded)
NUMBER(missing)
NUMBER(timed_out)
NUMBER(unresolved)
NUMBER(data_errors)
NUMBER(elapsed_ns)

#define LATENCY(name, histogram, per_10000) \
	static uint64_t value_##name(const struct report *report) \
	{ \
		return histogram_percentile(&report->histogram, per_10000); \
	}

LATENCY(steady_p50, steady, 5000)
LATENCY(steady_p99, steady, 9900)
LATENCY(steady_max, steady, 10000)
LATENCY(window_p50, window, 5000)
LATENCY(window_p99, window, 9900)
LATENCY(window_max, window, 10000)

static uint64_t value_bring_up_mean(const struct report *report)
{
	uint64_t sum = 0, count = 0;

	for (unsigned int i = 0; i < report->bring_up_count; i++) {
		if (report->bring_up[i].failed)
			continue;
		sum += report->bring_up[i].total_ns;
		count++;
	}
	return count ? sum / count : 0;
}

static uint64_t value_request_irq_max(const struct report *report)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < report->bring_up_count; i++)
		if (report->bring_up[i].request_irq_ns > most)
			most = report->bring_up[i].request_irq_ns;
	return most;
}

const struct report_row report_rows[] = {
	{ "bring-ups", value_bring_ups, false, 0 },
	{ "descriptors", value_descriptors, false, 0 },
	{ "interrupted", value_interrupted, false, 0 },
	{ "late", value_late, false, 1 },
	{ "stranded (interrupt lost)", value_stranded, false, 1 },
	{ "missing (no completion)", value_missing, false, 1 },
	{ "timed out (one of the two)", value_timed_out, false, 1 },
	{ "without an outcome", value_unresolved, false, 1 },
	{ "wrong data or status", value_data_errors, false, 1 },
	{ "bring-up, mean", value_bring_up_mean, true, 1 },
	{ "request_irq, largest", value_request_irq_max, true, 1 },
	{ "latency in steady state, p50", value_steady_p50, true, 1 },
	{ "latency in steady state, p99", value_steady_p99, true, 1 },
	{ "latency in steady state, max", value_steady_max, true, 1 },
	{ "latency around bring-ups, p50", value_window_p50, true, 1 },
	{ "latency around bring-ups, p99", value_window_p99, true, 1 },
	{ "latency around bring-ups, max", value_window_max, true, 1 },
	{ "duration of the run", value_elapsed_ns, true, 0 },
	{ NULL, NULL, false, 0 },
};

const char *report_value(char text[REPORT_CELL], const struct report_row *row,
			 const struct report *report)
{
	char time[UNITS_TEXT];

	/* Nothing takes no time: it was not measured. */
	if (row->nanoseconds && !row->value(report))
		snprintf(text, REPORT_CELL, "-");
	else if (row->nanoseconds)
		snprintf(text, REPORT_CELL, "%s", units_format_ns(time, row->value(report)));
	else
		snprintf(text, REPORT_CELL, "%" PRIu64, row->value(report));
	return text;
}

const char *report_change(char text[REPORT_CELL], const struct report_row *row,
			  const struct report *before, const struct report *after)
{
	const uint64_t from = row->value(before), to = row->value(after);
	const char *judgement = "";

	text[0] = '\0';
	if (from == to)
		return text;
	/* Times differ from run to run: not every difference means something. */
	if (row->worse && !row->nanoseconds)
		judgement = (to > from) == (row->worse > 0) ? " worse" : " better";
	if (row->nanoseconds && from)
		snprintf(text, REPORT_CELL, "%+.0f%%",
			 ((double)to - (double)from) * 100 / (double)from);
	else if (!row->nanoseconds)
		snprintf(text, REPORT_CELL, "%c%" PRIu64 "%s", to > from ? '+' : '-',
			 to > from ? to - from : from - to, judgement);
	return text;
}

static void print_head(FILE *stream, const struct report *reports, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		fprintf(stream, "%s%s: %s: %s\n",
			count == 1 ? ""
			: i	   ? "new  "
				   : "old  ",
			reports[i].path, reports[i].verdict, reports[i].reason);
		if (reports[i].rounds > 1)
			fprintf(stream, "     (%u runs put together; the reason is that of one)\n",
				reports[i].rounds);
	}
}

/* Queues by what they lost: the usual result is none. */
static void print_losses(FILE *stream, const struct report *report)
{
	char at[UNITS_TEXT];

	for (unsigned int i = 0; i < report->queue_count; i++) {
		const struct report_queue *queue = &report->queues[i];

		for (unsigned int j = 0; j < queue->loss_count; j++) {
			const struct loss *loss = &queue->losses[j];

			fprintf(stream, "  queue %u, vector %u: %s at %s", queue->queue,
				queue->vector,
				loss->state == LEDGER_STRANDED	? "stranded"
				: loss->state == LEDGER_MISSING ? "missing"
								: "timed out",
				units_format_ns(at, loss->at_ns));
			if (report->rounds > 1)
				fprintf(stream, " of run %u", queue->round + 1);
			fputc('\n', stream);
		}
	}
}

void report_text(FILE *stream, const struct report *reports, unsigned int count)
{
	char cell[REPORT_CELL];

	print_head(stream, reports, count);
	fputc('\n', stream);
	if (count > 1)
		fprintf(stream, "%-32s%14s%14s  %s\n", "", "old", "new", "change");
	for (const struct report_row *row = report_rows; row->name; row++) {
		fprintf(stream, "%-32s", row->name);
		for (unsigned int i = 0; i < count; i++)
			fprintf(stream, "%14s", report_value(cell, row, &reports[i]));
		if (count > 1 && *report_change(cell, row, &reports[0], &reports[1]))
			fprintf(stream, "  %s", cell);
		fputc('\n', stream);
	}
	for (unsigned int i = 0; i < count; i++) {
		bool listed = false;

		for (unsigned int j = 0; j < reports[i].queue_count; j++)
			listed |= reports[i].queues[j].loss_count > 0;
		if (!listed)
			continue;
		fprintf(stream, "\nlost in %s:\n", reports[i].path);
		print_losses(stream, &reports[i]);
	}
}
