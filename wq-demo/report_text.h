/* SPDX-License-Identifier: GPL-2.0-only */
/* One result, or two side by side, in words and figures. */
#ifndef WQ_DEMO_REPORT_TEXT_H
#define WQ_DEMO_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "report_load.h"

/* Room for every text a cell has, but those that are the results' own. */
#define REPORT_CELL 64

/**
 * struct report_row - one line of the table of results
 * @name: what it is
 * @value: of a result
 * @nanoseconds: @value is a time
 * @worse: more is worse: 1, better: -1, neither: 0
 */
struct report_row {
	const char *name;
	uint64_t (*value)(const struct report *report);
	bool nanoseconds;
	int worse;
};

/* Ended by a row without a name. */
extern const struct report_row report_rows[];

/* Texts of a row; both return @text. The change is empty if there is none. */
const char *report_value(char text[REPORT_CELL], const struct report_row *row,
			 const struct report *report);
const char *report_change(char text[REPORT_CELL], const struct report_row *row,
			  const struct report *before, const struct report *after);

/* The table. */
void report_text(FILE *stream, const struct report *reports, unsigned int count);

/**
 * report_html() - a page that needs no other file
 * @svg: the picture, as gnuplot made it
 * @length: out: of the page
 *
 * Returns text to be freed; NULL without memory.
 */
char *report_html(const struct report *reports, unsigned int count, const char *svg,
		  size_t *length);

#endif /* WQ_DEMO_REPORT_TEXT_H */
