// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "report_text.h"
#include "units.h"

static const char style[] =
	"body { font: 15px/1.45 'DejaVu Sans', Arial, sans-serif; max-width: 1200px;"
	" margin: 2em auto; padding: 0 1em; color: #222; background: #fff }\n"
	"h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }\n"
	"svg { width: 100%; height: auto }\n"
	"table { border-collapse: collapse; margin: 0.5em 0 }\n"
	"th, td { padding: 0.2em 0.8em; border-bottom: 1px solid #ddd; text-align: right }\n"
	"th:first-child, td:first-child { text-align: left }\n"
	".verdict { font-weight: bold; padding: 0.1em 0.6em; border: 2px solid }\n"
	".held { color: #005a8e } .broken { color: #a34700 } .incomplete { color: #555 }\n"
	".lost { color: #a34700; font-weight: bold }\n"
	"details { margin: 1em 0 } summary { cursor: pointer }\n"
	"footer { margin-top: 3em; color: #666; font-size: 0.85em }\n";

static void put_heads(FILE *stream, const struct report *reports, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		fputs("<p>", stream);
		if (count > 1)
			fputs(i ? "New: " : "Old: ", stream);
		fputs("<code>", stream);
		render_escaped(stream, reports[i].path);
		fputs("</code> <span class=\"verdict ", stream);
		render_escaped(stream, reports[i].verdict);
		fputs("\">", stream);
		render_escaped(stream, reports[i].verdict);
		fputs("</span> ", stream);
		render_escaped(stream, reports[i].reason);
		fputs("<br>Device ", stream);
		render_escaped(stream, reports[i].device);
		fputs(", driver ", stream);
		render_escaped(stream, reports[i].driver);
		fputs(", ", stream);
		render_escaped(stream, reports[i].program);
		if (reports[i].rounds > 1)
			fprintf(stream, "; %u runs put together, one after the other",
				reports[i].rounds);
		fputs("</p>\n", stream);
	}
}

static void put_table(FILE *stream, const struct report *reports, unsigned int count)
{
	char cell[REPORT_CELL];

	fputs("<table>\n<tr><th></th>", stream);
	fputs(count > 1 ? "<th>old</th><th>new</th><th>change</th></tr>\n" : "<th></th></tr>\n",
	      stream);
	for (const struct report_row *row = report_rows; row->name; row++) {
		fputs("<tr><td>", stream);
		render_escaped(stream, row->name);
		fputs("</td>", stream);
		for (unsigned int i = 0; i < count; i++)
			fprintf(stream, "<td>%s</td>", report_value(cell, row, &reports[i]));
		if (count > 1)
			fprintf(stream, "<td>%s</td>",
				report_change(cell, row, &reports[0], &reports[1]));
		fputs("</tr>\n", stream);
	}
	fputs("</table>\n", stream);
}

static void put_count(FILE *stream, uint64_t count, bool loss)
{
	fprintf(stream, "<td%s>%" PRIu64 "</td>", loss && count ? " class=\"lost\"" : "", count);
}

static void put_latency(FILE *stream, const struct histogram *histogram)
{
	char median[UNITS_TEXT], high[UNITS_TEXT], max[UNITS_TEXT];

	if (!histogram->count) {
		fputs("<td>-</td>", stream);
		return;
	}
	fprintf(stream, "<td>%s / %s / %s</td>",
		units_format_ns(median, histogram_percentile(histogram, 5000)),
		units_format_ns(high, histogram_percentile(histogram, 9900)),
		units_format_ns(max, histogram->max));
}

static void put_queues(FILE *stream, const struct report *report)
{
	fprintf(stream,
		"<details%s><summary>Queues</summary>\n<table>\n<tr>%s<th>queue</th><th>vector</th>"
		"<th>descriptors</th><th>interrupted</th><th>late</th><th>stranded</th>"
		"<th>missing</th><th>timed out</th><th>latency in steady state<br>p50 / p99 / "
		"max</th>"
		"<th>around bring-ups<br>p50 / p99 / max</th></tr>\n",
		report->queue_count <= 16 ? " open" : "", report->rounds > 1 ? "<th>run</th>" : "");
	for (unsigned int i = 0; i < report->queue_count; i++) {
		const struct report_queue *queue = &report->queues[i];

		fputs("<tr>", stream);
		if (report->rounds > 1)
			fprintf(stream, "<td>%u</td>", queue->round + 1);
		fprintf(stream, "<td>%u</td><td>%u</td>", queue->queue, queue->vector);
		put_count(stream, queue->descriptors, false);
		put_count(stream, queue->interrupted, false);
		put_count(stream, queue->late, false);
		put_count(stream, queue->stranded, true);
		put_count(stream, queue->missing, true);
		put_count(stream, queue->timed_out, true);
		put_latency(stream, &queue->steady);
		put_latency(stream, &queue->window);
		fputs("</tr>\n", stream);
	}
	fputs("</table></details>\n", stream);
}

static void put_bring_ups(FILE *stream, const struct report *report)
{
	char start[UNITS_TEXT], request[UNITS_TEXT], total[UNITS_TEXT];

	fprintf(stream,
		"<details%s><summary>Bring-ups</summary>\n<table>\n<tr>%s<th>queue</th>"
		"<th>vector</th><th>at</th><th>request_irq</th><th>total</th><th>stranded</th>"
		"<th>missing</th><th>timed out</th></tr>\n",
		report->bring_up_count <= 16 ? " open" : "",
		report->rounds > 1 ? "<th>run</th>" : "");
	for (unsigned int i = 0; i < report->bring_up_count; i++) {
		const struct report_bring_up *bring_up = &report->bring_up[i];

		fputs("<tr>", stream);
		if (report->rounds > 1)
			fprintf(stream, "<td>%u</td>", bring_up->round + 1);
		fprintf(stream, "<td>%u</td><td>%u</td><td>%s</td><td>%s</td><td>%s</td>",
			bring_up->queue, bring_up->vector,
			units_format_ns(start, bring_up->start_ns),
			bring_up->failed ? "failed"
					 : units_format_ns(request, bring_up->request_irq_ns),
			bring_up->failed ? "failed" : units_format_ns(total, bring_up->total_ns));
		put_count(stream, bring_up->stranded, true);
		put_count(stream, bring_up->missing, true);
		put_count(stream, bring_up->timed_out, true);
		fputs("</tr>\n", stream);
	}
	fputs("</table></details>\n", stream);
}

static void put_page(FILE *stream, const struct report *reports, unsigned int count,
		     const char *svg)
{
	/* What precedes the element is for a file of its own. */
	const char *element = strstr(svg, "<svg");

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      stream);
	for (unsigned int i = 0; i < count; i++) {
		fputs(i ? ", " : "wq-demo: ", stream);
		render_escaped(stream, reports[i].path);
	}
	fprintf(stream, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>%s</h1>\n", style,
		count > 1 ? "wq-demo: two runs compared" : "wq-demo: report of a run");
	put_heads(stream, reports, count);
	fprintf(stream, "<figure>\n%s\n</figure>\n", element ?: "");
	fputs("<h2>Figures</h2>\n", stream);
	put_table(stream, reports, count);
	for (unsigned int i = 0; i < count; i++) {
		fputs("<h2>Queues and bring-ups: ", stream);
		render_escaped(stream, reports[i].path);
		fputs("</h2>\n", stream);
		put_queues(stream, &reports[i]);
		put_bring_ups(stream, &reports[i]);
	}
	fputs("<footer>Stranded: completed, but no handler of its vector ran: a lost interrupt. "
	      "Missing: no completion record. Late: handled after the deadline, which is a "
	      "latency, not a loss. See wq-demo(1).</footer>\n</body>\n</html>\n",
	      stream);
}

char *report_html(const struct report *reports, unsigned int count, const char *svg, size_t *length)
{
	char *text;
	FILE *stream = open_memstream(&text, length);

	if (!stream)
		return NULL;
	put_page(stream, reports, count, svg);
	if (fclose(stream)) {
		free(text);
		return NULL;
	}
	return text;
}
