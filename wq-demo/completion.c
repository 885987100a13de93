// SPDX-License-Identifier: GPL-2.0-only
#include "completion.h"

#include <ctype.h>
#include <stdbool.h>

/* The program's name as part of a shell function's. */
static void print_function(const char *program, FILE *stream)
{
	fputc('_', stream);
	for (; *program; program++)
		fputc(isalnum((unsigned char)*program) ? *program : '_', stream);
}

static void print_words(const struct option_word *words, FILE *stream)
{
	for (; words->word; words++)
		fprintf(stream, "%s%s", words->word, words[1].word ? " " : "");
}

/* Offer files; a directory gets a slash and no blank. */
static void print_files(const char *indent, FILE *stream)
{
	fprintf(stream,
		"%smapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
		"%scompopt -o filenames 2>/dev/null || :\n",
		indent, indent);
}

/* What may follow the option. Nothing is offered where only a number makes sense. */
static void print_argument(const char *command, const struct option_spec *spec, FILE *stream)
{
	if (spec->hidden || spec->type == OPTION_FLAG || spec->type == OPTION_OPERANDS)
		return;
	fprintf(stream, "\t%s:--%s", command, spec->name);
	if (spec->letter)
		fprintf(stream, " | %s:-%c", command, spec->letter);
	fputs(")\n", stream);
	if (spec->type == OPTION_TEXT) {
		print_files("\t\t", stream);
	} else if (spec->words) {
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stream);
		print_words(spec->words, stream);
		fputs("' -- \"$current\")\n", stream);
	}
	fputs("\t\treturn ;;\n", stream);
}

static void print_names(const struct completion_command *commands, FILE *stream)
{
	for (; commands->name; commands++)
		fprintf(stream, "%s%s", commands->name, commands[1].name ? " " : "");
}

/* Options, and what may stand without one. */
static void print_options(const struct completion_command *command, FILE *stream)
{
	bool files = false;

	fprintf(stream, "\t%s)\n\t\twords='", command->name);
	for (const struct option_spec *spec = command->options; spec->name; spec++) {
		if (spec->hidden)
			continue;
		if (spec->type != OPTION_OPERANDS) {
			fprintf(stream, "--%s ", spec->name);
		} else if (spec->words) {
			print_words(spec->words, stream);
			fputc(' ', stream);
		} else {
			files = true;
		}
	}
	fputs("--help'\n", stream);
	if (files) {
		fputs("\t\tif [ \"${current:0:1}\" != - ]; then\n", stream);
		print_files("\t\t\t", stream);
		fputs("\t\t\treturn\n\t\tfi\n", stream);
	}
	fputs("\t\t;;\n", stream);
}

void completion_bash(const char *program, const struct completion_command *commands, FILE *stream)
{
	fprintf(stream, "# bash completion for %s, made from its tables of options\n\n", program);
	print_function(program, stream);
	fputs("()\n"
	      "{\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal words=\n"
	      "\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase ${COMP_WORDS[1]}:$previous in\n",
	      stream);
	for (const struct completion_command *command = commands; command->name; command++)
		for (const struct option_spec *spec = command->options; spec && spec->name; spec++)
			print_argument(command->name, spec, stream);
	fputs("\tesac\n"
	      "\t[ \"$COMP_CWORD\" -gt 1 ] && case ${COMP_WORDS[1]} in\n",
	      stream);
	for (const struct completion_command *command = commands; command->name; command++)
		if (command->options)
			print_options(command, stream);
	fputs("\tesac\n"
	      "\t[ \"$COMP_CWORD\" -gt 1 ] || words='",
	      stream);
	print_names(commands, stream);
	fputs("'\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	      "}\n"
	      "complete -F ",
	      stream);
	print_function(program, stream);
	fprintf(stream, " %s\n", program);
}
