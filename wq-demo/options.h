/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One table of typed options: it parses the command line, gives the defaults,
 * and makes the help, the completion and the options' part of the manual page.
 */
#ifndef WQ_DEMO_OPTIONS_H
#define WQ_DEMO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "problem.h"

/* The type of an option is also the type of its variable. */
enum option_type {
	OPTION_FLAG, /* bool; takes no argument */
	OPTION_TEXT, /* const char *, the name of a file; points into argv */
	OPTION_NAME, /* const char *, any other text; likewise */
	OPTION_NUMBER, /* uint64_t */
	OPTION_SIZE, /* uint64_t, bytes; units_parse_size() */
	OPTION_DURATION, /* uint64_t, nanoseconds; units_parse_duration() */
	OPTION_CHOICE, /* uint64_t: the value of one word */
	OPTION_SET, /* uint64_t: the values of words with commas between, or-ed */
	OPTION_OPERANDS, /* struct operands: what stands without an option */
};

#define OPERANDS_MAX 8

/**
 * struct operands - what stood on the command line besides options
 * @word: in order; these point into argv
 */
struct operands {
	unsigned int count;
	const char *word[OPERANDS_MAX];
};

/**
 * struct option_word - a word that stands for a value
 * @word: NULL ends the list
 */
struct option_word {
	const char *word;
	uint64_t value;
};

/**
 * struct option_spec - one option, or the operands
 * @name: long name; NULL ends the table. For operands what they are, "files"
 * @letter: short name; 0: none
 * @type: how its argument is read
 * @hidden: it is parsed, and nothing else: for those who maintain the program
 * @argument: what the argument is called in the help; NULL for a flag
 * @initial: default, read as from the command line; NULL: false, NULL or zero
 * @simulated: default with the backend sim, if it is another; see
 *	options_simulated()
 * @min: smallest number, size or duration; fewest operands
 * @max: largest; most operands, at most OPERANDS_MAX
 * @words: words of a choice or a set, or one of which each operand is; for
 *	numbers, words that stand for a value; or NULL. Without them operands are
 *	names of files
 * @offset: of the variable in the structure the table is for
 * @help: what it does, for the help and as the first sentence of the manual page;
 *	begins in lower case, without the full stop
 * @more: whole sentences, for the manual page only; NULL: there are none
 *
 * @help and @more have no line breaks. {Cm word} in them marks up a word as the
 * macro of mdoc(7) does: one of those in options_print.c.
 */
struct option_spec {
	const char *name;
	char letter;
	enum option_type type;
	bool hidden;
	const char *argument;
	const char *initial;
	const char *simulated;
	uint64_t min;
	uint64_t max;
	const struct option_word *words;
	size_t offset;
	const char *help;
	const char *more;
};

/* What options_parse() found besides variables to set. */
enum options_result {
	OPTIONS_RUN = 0,
	OPTIONS_HELP = 1, /* --help or -h was given */
};

/**
 * options_parse() - defaults, then the command line
 * @table: ended by an entry without a name; --help and -h are added to it. Without
 *	an entry for operands there must be none; otherwise they may stand anywhere
 * @base: structure the offsets of the table are in
 * @given: out: for each entry of the table, whether it was on the command line;
 *	NULL: does not matter
 * @argc: as in main()
 * @argv: as in main(); argv[0] is the subcommand and not looked at
 * @problem: out: on error, which option, what is wrong and what is allowed
 *
 * Returns an enum options_result; -EINVAL; -ENOMEM.
 */
int options_parse(const struct option_spec *table, void *base, bool *given, int argc, char **argv,
		  struct problem *problem);

/* Was the option @name on the command line? @given as from options_parse(). */
bool options_given(const struct option_spec *table, const bool *given, const char *name);

/* Set those that were not given and have a default of their own in the backend sim. */
void options_simulated(const struct option_spec *table, void *base, const bool *given);

/* Most options a table may have. */
#define OPTIONS_MAX 64

/* Print every option of @table with its default and its help. */
void options_print(const struct option_spec *table, FILE *stream);

/* Print the items of a list of mdoc(7) that describe the options of @table. */
void options_print_mdoc(const struct option_spec *table, FILE *stream);

/**
 * options_words() - the words of a set that stand for @value
 * @text: where, @size bytes
 *
 * Returns @text.
 */
const char *options_words(const struct option_word *words, uint64_t value, char *text, size_t size);

#endif /* WQ_DEMO_OPTIONS_H */
