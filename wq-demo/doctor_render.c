// SPDX-License-Identifier: GPL-2.0-only
/* The doctor's report, for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "doctor.h"

static const char *const status_names[] = {
	[DOCTOR_PASS] = "pass",
	[DOCTOR_WARN] = "warn",
	[DOCTOR_FAIL] = "fail",
};

/* As JSON names it, and as people read it. */
static const struct {
	const char *name;
	const char *text;
} verdicts[] = {
	[DOCTOR_READY] = { "ready", "nothing that is needed is missing" },
	[DOCTOR_SIMULATES] = { "simulates",
			       "there is no DSA here; 'wq-demo run' simulates one" },
	[DOCTOR_LOSES] = { "loses", "it runs, but interrupts are lost when a queue comes up" },
	[DOCTOR_CANNOT] = { "cannot", "it cannot run" },
};

static const struct {
	unsigned int part;
	const char *name;
} parts[] = { { DOCTOR_HOST, "host" }, { DOCTOR_GUEST, "guest" } };

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* ---- For people ------------------------------------------------------------- */

void doctor_render_human(const struct doctor_report *report, FILE *stream)
{
	const unsigned int warnings = doctor_count(report, DOCTOR_WARN);
	const unsigned int failures = doctor_count(report, DOCTOR_FAIL);
	bool first = true;

	fputs("examined as ", stream);
	for (size_t i = 0; i < PARTS; i++) {
		if (!(report->parts & parts[i].part))
			continue;
		fprintf(stream, "%s%s", first ? "" : " and ", parts[i].name);
		first = false;
	}
	fputs(first ? "neither host nor guest\n" : "\n", stream);
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_line *line = &report->lines[i];

		fprintf(stream, "%s  %-20s%s\n", status_names[line->status], line->check,
			line->text);
		if (line->fix)
			fprintf(stream, "%26sfix: %s\n", "", line->fix);
	}
	fprintf(stream, "%s: %u failure%s, %u warning%s: %s\n",
		verdicts[doctor_verdict(report)].name, failures, failures == 1 ? "" : "s", warnings,
		warnings == 1 ? "" : "s", verdicts[doctor_verdict(report)].text);
}

/* ---- For programs ----------------------------------------------------------- */

/* Takes over @value. False if there is no memory for one of the two. */
static bool put(struct json_object *into, const char *key, struct json_object *value)
{
	if (into && value && json_object_object_add(into, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool append(struct json_object *into, struct json_object *value)
{
	if (into && value && json_object_array_add(into, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool put_parts(struct json_object *into, unsigned int mask)
{
	struct json_object *list = json_object_new_array();
	bool done = list != NULL;

	for (size_t i = 0; i < PARTS; i++)
		if (mask & parts[i].part)
			done = done && append(list, json_object_new_string(parts[i].name));
	return put(into, "parts", list) && done;
}

static struct json_object *line_object(const struct doctor_line *line)
{
	struct json_object *made = json_object_new_object();
	bool done = put(made, "check", json_object_new_string(line->check)) &&
		    put_parts(made, line->part) &&
		    put(made, "status", json_object_new_string(status_names[line->status])) &&
		    put(made, "verdict", json_object_new_string(verdicts[line->verdict].name)) &&
		    put(made, "text", json_object_new_string(line->text)) &&
		    (!line->fix || put(made, "fix", json_object_new_string(line->fix)));

	if (done)
		return made;
	json_object_put(made);
	return NULL;
}

static struct json_object *report_object(const struct doctor_report *report)
{
	struct json_object *made = json_object_new_object();
	struct json_object *lines = json_object_new_array();
	const enum doctor_verdict verdict = doctor_verdict(report);
	bool done;

	done = put(made, "schema", json_object_new_string("wq-demo-doctor")) &&
	       put(made, "version", json_object_new_int(1)) && put_parts(made, report->parts) &&
	       put(made, "verdict", json_object_new_string(verdicts[verdict].name)) &&
	       put(made, "failures", json_object_new_int(doctor_count(report, DOCTOR_FAIL))) &&
	       put(made, "warnings", json_object_new_int(doctor_count(report, DOCTOR_WARN)));
	for (size_t i = 0; i < report->count; i++)
		done = done && append(lines, line_object(&report->lines[i]));
	done = put(made, "checks", lines) && done;
	if (done)
		return made;
	json_object_put(made);
	return NULL;
}

char *doctor_render_json(const struct doctor_report *report)
{
	struct json_object *document = report_object(report);
	const char *text;
	char *copy = NULL;

	if (!document)
		return NULL;
	text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_PRETTY |
								JSON_C_TO_STRING_SPACED |
								JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text && asprintf(&copy, "%s\n", text) < 0)
		copy = NULL;
	json_object_put(document);
	return copy;
}
