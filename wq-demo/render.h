/* SPDX-License-Identifier: GPL-2.0-only */
/* A result for people and for programs. */
#ifndef WQ_DEMO_RENDER_H
#define WQ_DEMO_RENDER_H

#include <stddef.h>
#include <stdio.h>

#include "options.h"
#include "result.h"

/* Name and version of the JSON document; a change of meaning raises the version. */
#define RENDER_JSON_SCHEMA "wq-demo-run"
#define RENDER_JSON_VERSION 1

/* The formats of a report, all made from one result. */
enum render_format {
	RENDER_HUMAN,
	RENDER_JSON,
	RENDER_NDJSON,
	RENDER_TAP,
	RENDER_JUNIT,
};

/* Their names, for an option. */
extern const struct option_word render_formats[];

/**
 * render() - the whole result in one of the formats
 *
 * Returns text to be freed with free(); NULL without memory.
 */
char *render(const struct result *result, enum render_format format);

/* Tables, one line per bring-up, data errors and the verdict. */
void render_human(const struct result *result, FILE *stream);

/* A list of what happened around the first loss, if the run ended with it. */
void render_first_loss(const struct result *result, FILE *stream);

/* Only the line with the verdict. */
void render_verdict(const struct result *result, FILE *stream);

/*
 * As render(): one JSON document; the same with an object on each line, "type"
 * being run, bring_up, queue, data_error or, last, result; the Test Anything
 * Protocol; JUnit's XML.
 */
char *render_json(const struct result *result);
char *render_ndjson(const struct result *result);
char *render_tap(const struct result *result);
char *render_junit(const struct result *result);

/**
 * render_utf8() - what the formats do with texts from outside, such as a path
 *
 * Returns how many bytes, 1 to 4, the first character of @text has; 0 if it is
 * not valid UTF-8 or the text is empty.
 */
size_t render_utf8(const char *text);

/* Text, and values of attributes, for XML 1.0 and HTML; '?' for what they cannot write. */
void render_escaped(FILE *stream, const char *text);

#endif /* WQ_DEMO_RENDER_H */
