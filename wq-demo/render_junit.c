// SPDX-License-Identifier: GPL-2.0-only
/* XML as JUnit's Ant task writes it and CI systems read it. */
#include "render.h"

#include <inttypes.h>
#include <stdlib.h>

#include "render_cases.h"
#include "units.h"

static void put_attribute(FILE *stream, const char *name, const char *value)
{
	fprintf(stream, " %s=\"", name);
	render_escaped(stream, value);
	fputc('"', stream);
}

static void put_property(FILE *stream, const char *name, const char *value)
{
	fputs("\t\t\t<property", stream);
	put_attribute(stream, "name", name);
	put_attribute(stream, "value", value);
	fputs("/>\n", stream);
}

static void put_number_property(FILE *stream, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_property(stream, name, text);
}

static void put_properties(FILE *stream, const struct result *result)
{
	const struct result_totals totals = result_totals(result);
	struct problem reason;
	const enum verdict verdict = result_verdict(result, &reason);

	fputs("\t\t<properties>\n", stream);
	put_property(stream, "program", "wq-demo " PACKAGE_VERSION);
	put_property(stream, "verdict", verdict_name(verdict));
	put_property(stream, "reason", reason.text);
	put_property(stream, "device", result->parameters.device ?: "");
	put_property(stream, "driver_name", result->driver);
	put_number_property(stream, "seed", result->parameters.seed);
	put_number_property(stream, "bring_ups", result_bring_ups(result));
	put_number_property(stream, "descriptors", totals.counts.submitted);
	put_number_property(stream, "interrupted", totals.counts.interrupted);
	put_number_property(stream, "late", totals.counts.late);
	put_number_property(stream, "stranded", totals.counts.stranded);
	put_number_property(stream, "missing", totals.counts.missing);
	put_number_property(stream, "timed_out", totals.counts.timed_out);
	fputs("\t\t</properties>\n", stream);
}

static void put_case(FILE *stream, const struct render_case *test)
{
	static const char *const elements[] = {
		[CASE_FAILED] = "failure",
		[CASE_ERROR] = "error",
		[CASE_SKIPPED] = "skipped",
	};
	char class[sizeof(test->group) + 8];

	snprintf(class, sizeof(class), "wq-demo.%s", test->group);
	fputs("\t\t<testcase", stream);
	put_attribute(stream, "classname", class);
	put_attribute(stream, "name", test->name);
	if (test->outcome == CASE_PASSED) {
		fputs("/>\n", stream);
		return;
	}
	fprintf(stream, ">\n\t\t\t<%s", elements[test->outcome]);
	put_attribute(stream, "message", test->reason.text);
	if (test->outcome != CASE_SKIPPED)
		put_attribute(stream, "type",
			      test->outcome == CASE_FAILED ? "broken" : "incomplete");
	fputs("/>\n\t\t</testcase>\n", stream);
}

static void put_suite(FILE *stream, const struct result *result, const struct render_cases *cases)
{
	const uint64_t elapsed_us = (result->end_ns - result->start_ns) / NSEC_PER_USEC;
	char *human = render(result, RENDER_HUMAN);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\t<testsuite", stream);
	put_attribute(stream, "name", "wq-demo");
	fprintf(stream,
		" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\""
		" time=\"%" PRIu64 ".%06" PRIu64 "\">\n",
		cases->count, cases->sums[CASE_FAILED], cases->sums[CASE_ERROR],
		cases->sums[CASE_SKIPPED], elapsed_us / 1000000, elapsed_us % 1000000);
	put_properties(stream, result);
	for (unsigned int i = 0; i < cases->count; i++)
		put_case(stream, &cases->entries[i]);
	/* What a person wants to see of it, wherever the XML is shown. */
	fputs("\t\t<system-out>", stream);
	render_escaped(stream, human ?: "");
	fputs("</system-out>\n\t</testsuite>\n</testsuites>\n", stream);
	free(human);
}

char *render_junit(const struct result *result)
{
	struct render_cases cases;
	char *text = NULL;
	size_t size;
	FILE *stream;

	if (render_cases_init(&cases, result))
		return NULL;
	stream = open_memstream(&text, &size);
	if (stream) {
		put_suite(stream, result, &cases);
		if (fclose(stream)) {
			free(text);
			text = NULL;
		}
	}
	render_cases_destroy(&cases);
	return text;
}
