/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of custody, for people and for programs. */
#ifndef WQ_DEMO_CUSTODY_RENDER_H
#define WQ_DEMO_CUSTODY_RENDER_H

#include <stdio.h>

#include "custody.h"

/* Name and version of the JSON document; a change of meaning raises the version. */
#define CUSTODY_SCHEMA "wq-demo-custody"
#define CUSTODY_VERSION 1

/* A line per vector, what was lost and where, and the verdict. */
void custody_render_human(const struct custody *custody, FILE *stream);

/* The same as a JSON document, to be freed; NULL: out of memory. */
char *custody_render_json(const struct custody *custody);

#endif /* WQ_DEMO_CUSTODY_RENDER_H */
