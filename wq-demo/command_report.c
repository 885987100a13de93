// SPDX-License-Identifier: GPL-2.0-only
#include "command_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "command_run.h"
#include "output_file.h"
#include "report_load.h"
#include "report_plot.h"
#include "report_text.h"

const struct option_spec command_report_options[] = {
	{ .name = "results",
	  .type = OPTION_OPERANDS,
	  .argument = "result.json",
	  .min = 1,
	  .max = REPORTS_MAX,
	  .offset = offsetof(struct report_options, files),
	  .help = "name a file that 'wq-demo run --json' has written" },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = offsetof(struct report_options, output),
	  .help = "draw it; the name ends in {Pa .svg}, {Pa .png}, or {Pa .html} for one page "
		  "with the picture and all tables",
	  .more = "The page has tables of all queues and bring-ups, and needs no other file." },
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

static int report_on(const struct report_options *options)
{
	const char *output = options->output;
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
	for (count = 0; count < options->files.count; count++)
		if (report_load(&reports[count], options->files.word[count], &problem))
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
	struct report_options options;
	struct problem problem;
	int parsed;

	parsed = options_parse(command_report_options, &options, NULL, argc, argv, &problem);
	if (parsed == OPTIONS_HELP) {
		command_report_help(stdout);
		return EXIT_HELD;
	}
	if (parsed < 0) {
		fprintf(stderr, "wq-demo report: %s\nTry 'wq-demo report --help'.\n", problem.text);
		return EXIT_USAGE;
	}
	return report_on(&options);
}
