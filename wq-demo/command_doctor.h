/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommand "doctor". */
#ifndef WQ_DEMO_COMMAND_DOCTOR_H
#define WQ_DEMO_COMMAND_DOCTOR_H

#include <stdint.h>
#include <stdio.h>

#include "options.h"

/**
 * struct doctor_options - command line of "doctor"
 * @part: DOCTOR_HOST, DOCTOR_GUEST or both; 0: what the machine looks like
 * @json: file for the report; NULL: none; "-": standard output
 * @root: directory with the files of the machine
 */
struct doctor_options {
	uint64_t part;
	const char *json;
	const char *root;
};

extern const struct option_spec command_doctor_options[];

/* Print how to use it. */
void command_doctor_help(FILE *stream);

/* @argv[0] is "doctor". Returns the exit status. */
int command_doctor(int argc, char **argv);

#endif /* WQ_DEMO_COMMAND_DOCTOR_H */
