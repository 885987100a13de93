/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommand "custody". */
#ifndef WQ_DEMO_COMMAND_CUSTODY_H
#define WQ_DEMO_COMMAND_CUSTODY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options.h"

/**
 * struct custody_options - command line of "custody"
 * @operands: documents, or the address of the device
 * @host: count on this host, instead of comparing documents
 * @output: file for what was counted; "-": standard output
 * @duration_ns: how long to count; 0: until a signal
 * @before: statistics of the device from before the run; NULL: none
 * @json: file for the table; NULL: none; "-": standard output
 * @root: directory below which the files of the host are
 */
struct custody_options {
	struct operands operands;
	bool host;
	const char *output;
	uint64_t duration_ns;
	const char *before;
	const char *json;
	const char *root;
};

extern const struct option_spec command_custody_options[];

/* Print how to use it. */
void command_custody_help(FILE *stream);

/* @argv[0] is "custody". Returns the exit status. */
int command_custody(int argc, char **argv);

#endif /* WQ_DEMO_COMMAND_CUSTODY_H */
