/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of dsa-model.
 */
#ifndef DSA_MODEL_OPTIONS_H
#define DSA_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "server.h"

/**
 * struct options - what the command line asks for
 * @socket_path: where to listen
 * @server: the server's parameters
 * @verbose: say what happens
 */
struct options {
	const char *socket_path;
	struct server_params server;
	bool verbose;
};

enum options_result {
	OPTIONS_RUN, /* go ahead */
	OPTIONS_DONE, /* --help or the like has been answered: exit 0 */
	OPTIONS_USAGE, /* wrong, and said so: exit 2 */
};

/**
 * options_parse - read the command line
 * @options: filled in; strings point into @argv
 * @out: for --help, --version and --profile help
 * @err: for complaints
 */
enum options_result options_parse(struct options *options, int argc, char **argv, FILE *out,
				  FILE *err);

/* The table behind options_parse(), for tests: entries until @name is NULL. */
struct option_text {
	const char *name; /* without dashes */
	const char *argument; /* NULL: takes none */
	const char *help;
};
const struct option_text *options_text(void);

/**
 * options_duration - read a duration
 * @text: digits, possibly with decimals, and ns, us, ms or s; or just 0
 * @end: set behind what was read
 *
 * Return: 0, or -EINVAL for something else, finer than a nanosecond or more
 * than an hour.
 */
int options_duration(const char *text, const char **end, uint64_t *ns);

#endif /* DSA_MODEL_OPTIONS_H */
