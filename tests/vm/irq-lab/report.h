/* SPDX-License-Identifier: GPL-2.0-only */
/* The results of one host under test: a table for people, JSON for programs. */
#ifndef IRQ_LAB_REPORT_H
#define IRQ_LAB_REPORT_H

#include "lab.h"

struct report;

/* NULL when there is no memory. */
struct report *report_create(const struct lab *lab);
void report_destroy(struct report *report);
/* One line: printed, and kept. -ENOMEM. */
int report_add(struct report *report, const struct operation *operation,
	       const struct figures *figures);
/* Write JSON to the file @path. 0 or a negative errno. */
int report_write(const struct report *report, const char *path);

#endif /* IRQ_LAB_REPORT_H */
