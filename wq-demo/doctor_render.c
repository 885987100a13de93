// SPDX-License-Identifier: GPL-2.0-only
/* The doctor's report, for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "json_builder.h"

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
	[DOCTOR_SIMULATES] = { "simulates", "there is no DSA here; 'wq-demo run' simulates one" },
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

static void put_parts(struct json_builder *builder, struct json_object *into, unsigned int mask)
{
	struct json_object *list = json_build_array(builder);

	for (size_t i = 0; i < PARTS; i++)
		if (mask & parts[i].part)
			json_append(builder, list, json_object_new_string(parts[i].name));
	json_put(builder, into, "parts", list);
}

static struct json_object *line_object(struct json_builder *builder, const struct doctor_line *line)
{
	struct json_object *made = json_build_object(builder);

	json_put_text(builder, made, "check", line->check);
	put_parts(builder, made, line->part);
	json_put_text(builder, made, "status", status_names[line->status]);
	json_put_text(builder, made, "verdict", verdicts[line->verdict].name);
	json_put_text(builder, made, "text", line->text);
	if (line->fix)
		json_put_text(builder, made, "fix", line->fix);
	return made;
}

char *doctor_render_json(const struct doctor_report *report)
{
	struct json_builder builder = { false };
	struct json_object *made = json_build_object(&builder);
	struct json_object *lines = json_build_array(&builder);

	json_put_text(&builder, made, "schema", "wq-demo-doctor");
	json_put_number(&builder, made, "version", 1);
	put_parts(&builder, made, report->parts);
	json_put_text(&builder, made, "verdict", verdicts[doctor_verdict(report)].name);
	json_put_number(&builder, made, "failures", doctor_count(report, DOCTOR_FAIL));
	json_put_number(&builder, made, "warnings", doctor_count(report, DOCTOR_WARN));
	for (size_t i = 0; i < report->count; i++)
		json_append(&builder, lines, line_object(&builder, &report->lines[i]));
	json_put(&builder, made, "checks", lines);
	return json_build_text(&builder, made);
}
