/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of dsa-model.
 */
#ifndef DSA_MODEL_OPTIONS_H
#define DSA_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "fault.h"
#include "server.h"

/* Devices that one process can have. */
#define DEVICES_MAX 16
#define DEVICE_NAME_SIZE 32

/**
 * struct device_options - what the command line asks of one device
 * @name: by which it is called on the control socket
 * @socket_path: where to listen
 * @server: the server's parameters
 * @faults: to be added to the device before it is served
 */
struct device_options {
	char name[DEVICE_NAME_SIZE];
	const char *socket_path;
	struct server_params server;
	struct dsa_fault faults[DSA_FAULTS_MAX];
	unsigned int fault_count;
};

/**
 * struct options - what the command line asks for
 * @devices: of them, @device_count
 * @common: what was said before the first device, and holds for all
 * @current: the device that options are about: @common or the last of @devices
 * @control_path: where to listen for dsa-model-ctl; NULL: nowhere
 * @verbose: say what happens
 * @sandbox: filter system calls, where that is built in
 * @why: for options_parse(): what is wrong with an argument, if a parser knows better
 *	than its row of the table
 */
struct options {
	struct device_options devices[DEVICES_MAX];
	unsigned int device_count;
	struct device_options common;
	struct device_options *current;
	const char *control_path;
	bool verbose;
	bool sandbox;
	char why[DSA_FAULT_WHY];
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
