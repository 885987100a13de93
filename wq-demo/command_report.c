// SPDX-License-Identifier: GPL-2.0-only
#include "command_report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "command_run.h"
#include "output_file.h"
#include "report_load.h"
#include "report_plot.h"
#include "report_text.h"

const struct option_spec command_report_options[] = {
	{ .name = "output",
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = offsetof(struct report_options, output),
	  .help = "draw it; the name ends in .svg, .png, or .html for one page with\n"
		  "the picture and all tables; also -o file" },
	{ .name = NULL },
};

void command_report_help(FILE *stream)
{
	fputs("usage: wq-demo report result.json [-o file]\n"
	      "       wq-demo report old.json new.json [-o file]\n"
	      "\n"
	      "Show a result of 'wq-demo run --json', or compare two: as a table, or drawn\n"
	      "by gnuplot.\n"
	      "\n",
	      stream);
	options_print(command_report_options, stream);
	fputs("\n"
	      "Exit status: 0 done, whatever the results say; 2 wrong usage, or a file that\n"
	      "is no result; 3 this machine cannot do it.\n",
	      stream);
}

enum output_kind {
	OUTPUT_TEXT,
	OUTPUT_SVG,
	OUTPUT_PNG,
	OUTPUT_HTML,
};

static int output_kind(const char *path, struct problem *problem)
{
	static const struct {
		const char *ending;
		enum output_kind kind;
	} kinds[] = {
		{ ".svg", OUTPUT_SVG },
		{ ".png", OUTPUT_PNG },
		{ ".html", OUTPUT_HTML },
		{ ".htm", OUTPUT_HTML },
	};
	const char *ending = strrchr(path, '.');

	for (size_t i = 0; ending && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcasecmp(ending, kinds[i].ending) == 0)
			return kinds[i].kind;
	return problem_set(problem, -EINVAL, "--output: '%s' does not end in .svg, .png or .html",
			   path);
}

/* The command line after its files have been taken out; both point into argv. */
struct arguments {
	char **options;
	int option_count;
	const char *files[REPORTS_MAX];
	unsigned int file_count;
};

static int add_file(struct arguments *arguments, const char *path, struct problem *problem)
{
	if (arguments->file_count == REPORTS_MAX)
		return problem_set(problem, -EINVAL, "'%s': more than %d results", path,
				   REPORTS_MAX);
	if (!*path)
		return problem_set(problem, -EINVAL, "the name of a file is empty");
	arguments->files[arguments->file_count++] = path;
	return 0;
}

/* Files may stand before, between and after the options. */
static int take_files(struct arguments *arguments, int argc, char **argv, struct problem *problem)
{
	bool only_files = false;
	int error = 0;

	arguments->options[arguments->option_count++] = argv[0];
	for (int i = 1; i < argc && !error; i++) {
		char *word = argv[i];

		if (only_files || word[0] != '-' || !word[1]) {
			error = add_file(arguments, word, problem);
		} else if (strcmp(word, "--") == 0) {
			only_files = true;
		} else if (strncmp(word, "-o", 2) == 0) {
			arguments->options[arguments->option_count++] = (char *)"--output";
			if (word[2])
				arguments->options[arguments->option_count++] = word + 2;
			else if (i + 1 < argc)
				arguments->options[arguments->option_count++] = argv[++i];
		} else {
			arguments->options[arguments->option_count++] = word;
			/* All options but help take an argument. */
			if (strncmp(word, "--o", 3) == 0 && !strchr(word, '=') && i + 1 < argc)
				arguments->options[arguments->option_count++] = argv[++i];
		}
	}
	arguments->options[arguments->option_count] = NULL;
	return error;
}

static int write_output(const struct report *reports, unsigned int count, enum output_kind kind,
			const char *path, struct problem *problem)
{
	char *picture, *page;
	size_t length;
	int error;

	error = report_plot(reports, count, kind == OUTPUT_PNG ? REPORT_PNG : REPORT_SVG, &picture,
			    &length, problem);
	if (error)
		return error;
	if (kind == OUTPUT_HTML) {
		page = report_html(reports, count, picture, &length);
		free(picture);
		if (!page)
			return problem_set(problem, -ENOMEM, "out of memory");
		picture = page;
	}
	error = output_file_write_bytes(path, picture, length, problem);
	free(picture);
	return error;
}

static int report_on(const struct arguments *arguments, const char *output)
{
	struct report reports[REPORTS_MAX] = { 0 };
	struct problem problem;
	int kind = OUTPUT_TEXT, status = EXIT_USAGE, error;
	unsigned int count;

	if (output) {
		kind = output_kind(output, &problem);
		error = kind < 0 ? kind : output_file_check(output, &problem);
		if (error) {
			fprintf(stderr, "wq-demo report: %s\n", problem.text);
			return EXIT_USAGE;
		}
	}
	for (count = 0; count < arguments->file_count; count++)
		if (report_load(&reports[count], arguments->files[count], &problem))
			goto destroy;
	status = EXIT_HELD;
	if (kind == OUTPUT_TEXT)
		report_text(stdout, reports, count);
	else if (write_output(reports, count, (enum output_kind)kind, output, &problem))
		status = EXIT_CANNOT_RUN;
destroy:
	if (status != EXIT_HELD)
		fprintf(stderr, "wq-demo report: %s\n", problem.text);
	while (count--)
		report_destroy(&reports[count]);
	return status;
}

int command_report(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct report_options options;
	struct problem problem;
	int parsed, status;

	/* One more each for "-ofile", which becomes two, and the NULL. */
	arguments.options = calloc(2 * (size_t)argc + 1, sizeof(*arguments.options));
	if (!arguments.options) {
		fputs("wq-demo report: out of memory\n", stderr);
		return EXIT_CANNOT_RUN;
	}
	parsed = take_files(&arguments, argc, argv, &problem);
	if (!parsed)
		parsed = options_parse(command_report_options, &options, NULL,
				       arguments.option_count, arguments.options, &problem);
	if (parsed == OPTIONS_RUN && !arguments.file_count)
		parsed = problem_set(&problem, -EINVAL,
				     "which result? Name a file that 'wq-demo "
				     "run --json' has written");
	if (parsed == OPTIONS_HELP) {
		command_report_help(stdout);
		status = EXIT_HELD;
	} else if (parsed < 0) {
		fprintf(stderr, "wq-demo report: %s\nTry 'wq-demo report --help'.\n", problem.text);
		status = EXIT_USAGE;
	} else {
		status = report_on(&arguments, options.output);
	}
	free(arguments.options);
	return status;
}
