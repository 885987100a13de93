/* SPDX-License-Identifier: GPL-2.0-only */
/* A result for people and for programs. */
#ifndef WQ_DEMO_RENDER_H
#define WQ_DEMO_RENDER_H

#include <stdio.h>

#include "result.h"

/* Name and version of the JSON document; a change of meaning raises the version. */
#define RENDER_JSON_SCHEMA "wq-demo-run"
#define RENDER_JSON_VERSION 1

/* Tables, one line per bring-up, data errors and the verdict. */
void render_human(const struct result *result, FILE *stream);

/* Only the line with the verdict. */
void render_verdict(const struct result *result, FILE *stream);

/**
 * render_json() - the whole result as one JSON document and a newline
 *
 * Returns text to be freed with free(); NULL without memory.
 */
char *render_json(const struct result *result);

#endif /* WQ_DEMO_RENDER_H */
