// SPDX-License-Identifier: GPL-2.0-only
/* The Test Anything Protocol, version 13. */
#include "render.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "render_cases.h"

/* In a description, # would begin a directive. */
static void put_description(FILE *stream, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', stream);
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text, stream);
	}
}

/* A JSON string is a string in YAML, too. */
static int put_diagnostics(FILE *stream, const struct render_case *test)
{
	struct json_object *text = json_object_new_string(test->reason.text);
	const char *quoted =
		text ? json_object_to_json_string_ext(text, JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;

	if (quoted)
		fprintf(stream, "  ---\n  message: %s\n  severity: %s\n  ...\n", quoted,
			test->outcome == CASE_FAILED ? "fail" : "error");
	json_object_put(text);
	return quoted ? 0 : -1;
}

char *render_tap(const struct result *result)
{
	struct problem reason;
	const enum verdict verdict = result_verdict(result, &reason);
	struct render_cases cases;
	char *text = NULL;
	size_t size;
	FILE *stream;
	int error = 0;

	if (render_cases_init(&cases, result))
		return NULL;
	stream = open_memstream(&text, &size);
	if (!stream)
		goto destroy_cases;
	fprintf(stream, "TAP version 13\n1..%u\n", cases.count);
	for (unsigned int i = 0; i < cases.count && !error; i++) {
		const struct render_case *test = &cases.entries[i];
		const bool bad = test->outcome == CASE_FAILED || test->outcome == CASE_ERROR;

		fprintf(stream, "%s %u - ", bad ? "not ok" : "ok", i + 1);
		put_description(stream, test->group);
		fputs(": ", stream);
		put_description(stream, test->name);
		if (test->outcome == CASE_SKIPPED) {
			fputs(" # SKIP ", stream);
			put_description(stream, test->reason.text);
		}
		fputc('\n', stream);
		if (bad)
			error = put_diagnostics(stream, test);
	}
	fprintf(stream, "# verdict: %s: ", verdict_name(verdict));
	put_description(stream, reason.text);
	fputc('\n', stream);
	if (fclose(stream) || error) {
		free(text);
		text = NULL;
	}
destroy_cases:
	render_cases_destroy(&cases);
	return text;
}
