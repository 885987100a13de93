/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommand "report". */
#ifndef WQ_DEMO_COMMAND_REPORT_H
#define WQ_DEMO_COMMAND_REPORT_H

#include <stdio.h>

#include "options.h"

/**
 * struct report_options - command line of "report"
 * @files: the results, at least one
 * @output: file for the picture or the page; NULL: a table on standard output
 */
struct report_options {
	struct operands files;
	const char *output;
};

extern const struct option_spec command_report_options[];

/* Print how to use it. */
void command_report_help(FILE *stream);

/* @argv[0] is "report". Returns the exit status. */
int command_report(int argc, char **argv);

#endif /* WQ_DEMO_COMMAND_REPORT_H */
