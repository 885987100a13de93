// SPDX-License-Identifier: GPL-2.0-only
/* wq-demo: the subcommands. */
#include <stdio.h>
#include <string.h>

#include "command_custody.h"
#include "command_doctor.h"
#include "command_report.h"
#include "command_run.h"
#include "completion.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);
static int command_completion(int argc, char **argv);

/**
 * struct help_options - command line of "help"
 * @commands: what is to be explained
 * @mdoc: print the options as a part of the manual page
 */
struct help_options {
	struct operands commands;
	bool mdoc;
};

/* Filled in from the table of commands. */
static struct option_word command_words[];

static const struct option_spec help_options[] = {
	{ .name = "commands",
	  .type = OPTION_OPERANDS,
	  .argument = "command",
	  .max = 1,
	  .words = command_words,
	  .offset = offsetof(struct help_options, commands),
	  .help = "name a command" },
	{ .name = "mdoc",
	  .type = OPTION_FLAG,
	  .hidden = true,
	  .offset = offsetof(struct help_options, mdoc),
	  .help = "print the options of the command as they are in its manual page" },
	{ .name = NULL },
};

static const struct command {
	const char *name;
	int (*function)(int argc, char **argv);
	void (*help)(FILE *stream);
	const struct option_spec *options;
	const char *summary;
} commands[] = {
	{ "run", command_run, command_run_help, command_run_options,
	  "bring queues up under load and account for every interrupt" },
	{ "doctor", command_doctor, command_doctor_help, command_doctor_options,
	  "say what this machine has and lacks, and what to do about it" },
	{ "report", command_report, command_report_help, command_report_options,
	  "draw the result of a run, or compare two" },
	{ "custody", command_custody, command_custody_help, command_custody_options,
	  "say at which hop interrupts were lost, or count on the host" },
	{ "help", command_help, NULL, help_options, "explain wq-demo or one of its commands" },
	{ "version", command_version, NULL, NULL, "print the version" },
	{ "completion", command_completion, NULL, NULL, "print the completion for bash" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static struct option_word command_words[COMMANDS + 1];

static const struct command *find_command(const char *name)
{
	/* The two options everybody tries first. */
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void usage(FILE *stream)
{
	fputs("usage: wq-demo command [option ...]\n"
	      "\n"
	      "Show whether completion interrupts get lost while work queues come up.\n"
	      "\n",
	      stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-12s%s\n", commands[i].name, commands[i].summary);
	fputs("\n'wq-demo help run' and wq-demo(1) say more.\n", stream);
}

static int unknown_command(const char *name)
{
	fprintf(stderr, "wq-demo: there is no command '%s'\nTry 'wq-demo help'.\n", name);
	return EXIT_USAGE;
}

static int command_help(int argc, char **argv)
{
	struct help_options options;
	const struct command *command;
	struct problem problem;
	int parsed;

	parsed = options_parse(help_options, &options, NULL, argc, argv, &problem);
	if (parsed < 0) {
		fprintf(stderr, "wq-demo help: %s\n", problem.text);
		return EXIT_USAGE;
	}
	command = options.commands.count ? find_command(options.commands.word[0]) : NULL;
	if (options.mdoc) {
		if (!command || !command->options) {
			fputs("wq-demo help: --mdoc: name a command with options\n", stderr);
			return EXIT_USAGE;
		}
		options_print_mdoc(command->options, stdout);
	} else if (command && command->help) {
		command->help(stdout);
	} else {
		usage(stdout);
	}
	return EXIT_HELD;
}

static int unexpected_argument(char **argv)
{
	fprintf(stderr, "wq-demo %s: unexpected argument '%s'\n", argv[0], argv[1]);
	return EXIT_USAGE;
}

static int command_completion(int argc, char **argv)
{
	struct completion_command completed[COMMANDS + 1] = { { NULL, NULL } };

	if (argc > 1)
		return unexpected_argument(argv);
	for (size_t i = 0; i < COMMANDS; i++)
		completed[i] = (struct completion_command){ commands[i].name, commands[i].options };
	completion_bash("wq-demo", completed, stdout);
	return EXIT_HELD;
}

static int command_version(int argc, char **argv)
{
	if (argc > 1)
		return unexpected_argument(argv);
	puts("wq-demo " PACKAGE_VERSION);
	return EXIT_HELD;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int status;

	for (size_t i = 0; i < COMMANDS; i++)
		command_words[i].word = commands[i].name;
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	status = command->function(argc - 1, argv + 1);
	/* A report that did not get out must not look like one that did. */
	if (fflush(stdout) || ferror(stdout)) {
		perror("wq-demo: cannot write to standard output");
		return EXIT_CANNOT_RUN;
	}
	return status;
}
