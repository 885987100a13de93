// SPDX-License-Identifier: GPL-2.0-only
#include "completion.h"

#include <ctype.h>

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

/* What may follow the option. Nothing is offered where only a number makes sense. */
static void print_argument(const char *command, const struct option_spec *spec, FILE *stream)
{
	if (spec->type == OPTION_FLAG)
		return;
	fprintf(stream, "\t%s:--%s)\n", command, spec->name);
	if (spec->type == OPTION_TEXT) {
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n", stream);
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

static void print_options(const struct completion_command *command, FILE *stream)
{
	fprintf(stream, "\t%s)\n\t\twords='", command->name);
	for (const struct option_spec *spec = command->options; spec->name; spec++)
		fprintf(stream, "--%s ", spec->name);
	fputs("--help' ;;\n", stream);
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
	fputs("\thelp)\n\t\twords='", stream);
	print_names(commands, stream);
	fputs("' ;;\n"
	      "\tesac\n"
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
