// SPDX-License-Identifier: GPL-2.0-only
#include "command_doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command_run.h"
#include "doctor.h"
#include "output_file.h"

#define OFFSET(member) offsetof(struct doctor_options, member)

static const struct option_word part_words[] = {
	{ "auto", 0 },
	{ "host", DOCTOR_HOST },
	{ "guest", DOCTOR_GUEST },
	{ "both", DOCTOR_HOST | DOCTOR_GUEST },
	{ NULL, 0 },
};

const struct option_spec command_doctor_options[] = {
	{ .name = "part",
	  .type = OPTION_CHOICE,
	  .argument = "part",
	  .initial = "auto",
	  .words = part_words,
	  .offset = OFFSET(part),
	  .help = "examine the machine as {Cm host}, {Cm guest} or {Cm both}; {Cm auto}: as what "
		  "it looks like",
	  .more = "A machine with vfio-pci loaded or a device bound to it is a host, one with "
		  "dsa_sample loaded is a guest, one with both is both; if there is neither, but a "
		  "DSA, a virtual machine is a guest, any other a host. A machine with none of "
		  "these is neither: there {Cm wq-demo run} simulates a DSA, and nothing is "
		  "missing for that." },
	{ .name = "json",
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = OFFSET(json),
	  .help = "write the report as JSON; {Pa -} is standard output, and the report for people "
		  "then goes to standard error",
	  .more = "The file is replaced in one step." },
	{ .name = "root",
	  .type = OPTION_TEXT,
	  .argument = "directory",
	  .initial = "/",
	  .offset = OFFSET(root),
	  .help = "examine the files below this directory; then neither devices nor QEMU are "
		  "asked",
	  .more = "It may be a copy of another machine's {Pa /proc}, {Pa /sys}, {Pa /dev} and "
		  "{Pa /etc}." },
	{ .name = NULL },
};

void command_doctor_help(FILE *stream)
{
	fputs("usage: wq-demo doctor [option ...]\n"
	      "\n"
	      "Say what this machine has and lacks, as the host or the guest of a DSA, and\n"
	      "what to do about it. Changes nothing.\n"
	      "\n",
	      stream);
	options_print(command_doctor_options, stream);
	fputs("\n"
	      "Exit status: 0 nothing that is needed is missing, or there is no device and\n"
	      "'wq-demo run' simulates one; 1 it runs, but interrupts are lost when a queue\n"
	      "comes up; 2 wrong usage; 3 this machine cannot run it.\n",
	      stream);
}

/* Returns 0 or a negative errno, having said why. */
static int write_json(const struct doctor_report *report, const char *path)
{
	struct problem problem;
	char *text = doctor_render_json(report);
	int error;

	if (!text) {
		fprintf(stderr, "wq-demo doctor: out of memory: no JSON written\n");
		return -ENOMEM;
	}
	error = output_file_write(path, text, &problem);
	if (error)
		fprintf(stderr, "wq-demo doctor: %s\n", problem.text);
	free(text);
	return error;
}

static int examine(const struct doctor_options *options)
{
	static const int statuses[] = {
		[DOCTOR_READY] = EXIT_HELD,
		[DOCTOR_SIMULATES] = EXIT_HELD,
		[DOCTOR_LOSES] = EXIT_BROKEN,
		[DOCTOR_CANNOT] = EXIT_CANNOT_RUN,
	};
	/* JSON on standard output stands there alone. */
	FILE *stream = options->json && strcmp(options->json, "-") == 0 ? stderr : stdout;
	struct doctor_machine machine;
	struct doctor_report report;
	int status;

	doctor_machine_here(&machine, options->root);
	if (doctor_examine(&machine, (unsigned int)options->part, &report)) {
		fprintf(stderr, "wq-demo doctor: out of memory\n");
		status = EXIT_CANNOT_RUN;
		goto destroy;
	}
	doctor_render_human(&report, stream);
	status = statuses[doctor_verdict(&report)];
	if (options->json && write_json(&report, options->json))
		status = EXIT_CANNOT_RUN;
destroy:
	doctor_report_destroy(&report);
	return status;
}

int command_doctor(int argc, char **argv)
{
	struct doctor_options options;
	struct problem problem;
	struct stat root;
	int parsed;

	parsed = options_parse(command_doctor_options, &options, NULL, argc, argv, &problem);
	if (parsed == OPTIONS_HELP) {
		command_doctor_help(stdout);
		return EXIT_HELD;
	}
	if (parsed < 0) {
		fprintf(stderr, "wq-demo doctor: %s\nTry 'wq-demo doctor --help'.\n", problem.text);
		return EXIT_USAGE;
	}
	if (stat(options.root, &root) < 0) {
		fprintf(stderr, "wq-demo doctor: --root: %s: %s\n", options.root, strerror(errno));
		return EXIT_USAGE;
	}
	if (!S_ISDIR(root.st_mode)) {
		fprintf(stderr, "wq-demo doctor: --root: %s is not a directory\n", options.root);
		return EXIT_USAGE;
	}
	if (options.json && output_file_check(options.json, &problem)) {
		fprintf(stderr, "wq-demo doctor: --json: %s\n", problem.text);
		return EXIT_USAGE;
	}
	return examine(&options);
}
