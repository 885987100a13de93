/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommand "run". */
#ifndef WQ_DEMO_COMMAND_RUN_H
#define WQ_DEMO_COMMAND_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options.h"
#include "result.h"

/* Exit status of every subcommand; a run stopped by a signal: 128 + its number. */
#define EXIT_HELD 0
#define EXIT_BROKEN 1
#define EXIT_USAGE 2
#define EXIT_CANNOT_RUN 3

/**
 * struct run_options - command line of "run"
 * @parameters: of the run
 * @config_file: of accel-config; NULL: none
 * @settings: of all queues, whatever the file says; @given in it is not used
 * @backend: enum backend_choice
 * @vmm: enum vmm_choice
 * @latch: enum latch_choice
 * @format: of the report on the standard output; enum render_format
 * @json: file for the result; NULL: none; "-": standard output
 * @progress: enum progress_choice
 * @live: show a view on the terminal
 * @quiet: print the verdict only
 */
struct run_options {
	struct run_parameters parameters;
	const char *config_file;
	struct wq_settings settings;
	uint64_t backend;
	uint64_t vmm;
	uint64_t latch;
	uint64_t format;
	const char *json;
	uint64_t progress;
	bool live;
	bool quiet;
};

enum backend_choice {
	BACKEND_AUTO,
	BACKEND_SAMPLE,
	BACKEND_IDXD,
	BACKEND_SIM,
};

enum vmm_choice {
	VMM_COMPARE, /* rebuild, then dynamic */
	VMM_REBUILD,
	VMM_DYNAMIC,
	VMM_KVM,
};

enum latch_choice {
	LATCH_DROP,
	LATCH_LATCH,
};

enum progress_choice {
	PROGRESS_AUTO,
	PROGRESS_ALWAYS,
	PROGRESS_NEVER,
};

extern const struct option_spec command_run_options[];

/* The words of --vmm, enum vmm_choice. */
extern const struct option_word command_run_vmms[];

/* Print how to use it. */
void command_run_help(FILE *stream);

/* @argv[0] is "run". Returns the exit status. */
int command_run(int argc, char **argv);

#endif /* WQ_DEMO_COMMAND_RUN_H */
