/* SPDX-License-Identifier: GPL-2.0-only */
/* For people: what is particular about a result that is dmatest's. */
#ifndef WQ_DEMO_RENDER_DMATEST_H
#define WQ_DEMO_RENDER_DMATEST_H

#include <stdio.h>

#include "result.h"

/* The table of queues. */
void render_dmatest_queues(const struct result *result, FILE *stream);

/* What the words in it mean, and what is not known. */
void render_dmatest_legend(const struct result *result, FILE *stream);

/* Tests of a queue in each second that it was at work. */
double render_dmatest_rate(const struct queue_result *queue);

#endif /* WQ_DEMO_RENDER_DMATEST_H */
