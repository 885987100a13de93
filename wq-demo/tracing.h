/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's tracing, stopped at the moment that matters. */
#ifndef WQ_DEMO_TRACING_H
#define WQ_DEMO_TRACING_H

#include "problem.h"

/**
 * tracing_freeze() - write a marker, and stop recording
 * @directory: of tracefs; NULL: where it usually is
 * @marker: a line for trace_marker
 * @said: out: one sentence: what was done and where it is, or why it was not
 *
 * Returns 0; -ENOENT there is no tracefs; -EALREADY it does not record; -EACCES and others.
 */
int tracing_freeze(const char *directory, const char *marker, struct problem *said);

#endif /* WQ_DEMO_TRACING_H */
