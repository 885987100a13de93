/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion of the command line by a shell, from the tables that also parse it. */
#ifndef WQ_DEMO_COMPLETION_H
#define WQ_DEMO_COMPLETION_H

#include <stdio.h>

#include "options.h"

/**
 * struct completion_command - a subcommand
 * @name: NULL ends the list
 * @options: its options and operands; NULL: it takes none
 */
struct completion_command {
	const char *name;
	const struct option_spec *options;
};

/* Print what bash reads, for the program @program. */
void completion_bash(const char *program, const struct completion_command *commands,
		     FILE *stream);

#endif /* WQ_DEMO_COMPLETION_H */
