/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture of one result or of two, drawn by gnuplot(1). */
#ifndef WQ_DEMO_REPORT_PLOT_H
#define WQ_DEMO_REPORT_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "problem.h"
#include "report_load.h"

enum report_picture {
	REPORT_SVG,
	REPORT_PNG,
};

/* Most results in one report. */
#define REPORTS_MAX 2

/**
 * report_plot_script() - what gnuplot is told
 * @reports: @count of them
 *
 * A lane for each queue with its completions over time, a line for each
 * bring-up, a mark and a bar for each loss; below them how latencies are
 * distributed. Two results have the same scales.
 */
void report_plot_script(FILE *stream, const struct report *reports, unsigned int count,
			enum report_picture picture);

/**
 * report_plot() - draw it
 * @data: out: the picture, to be freed; a NUL is behind it
 * @length: out: of it
 *
 * Returns 0; -ENOENT there is no gnuplot; another negative errno.
 */
int report_plot(const struct report *reports, unsigned int count, enum report_picture picture,
		char **data, size_t *length, struct problem *problem);

#endif /* WQ_DEMO_REPORT_PLOT_H */
