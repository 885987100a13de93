/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One table of typed options: it parses the command line, gives the defaults
 * and prints the help.
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
	OPTION_TEXT, /* const char *; points into argv */
	OPTION_NUMBER, /* uint64_t */
	OPTION_SIZE, /* uint64_t, bytes; units_parse_size() */
	OPTION_DURATION, /* uint64_t, nanoseconds; units_parse_duration() */
	OPTION_CHOICE, /* uint64_t: the value of one word */
	OPTION_SET, /* uint64_t: the values of words with commas between, or-ed */
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
 * struct option_spec - one option
 * @name: long name; NULL ends the table
 * @type: how its argument is read
 * @argument: what the argument is called in the help; NULL for a flag
 * @initial: default, read as from the command line; NULL: false, NULL or zero
 * @simulated: default with the backend sim, if it is another; see
 *	options_simulated()
 * @min: smallest number, size or duration
 * @max: largest
 * @words: words of a choice or a set; for the other types, words that stand
 *	for a value, or NULL
 * @offset: of the variable in the structure the table is for
 * @help: one or more lines
 */
struct option_spec {
	const char *name;
	enum option_type type;
	const char *argument;
	const char *initial;
	const char *simulated;
	uint64_t min;
	uint64_t max;
	const struct option_word *words;
	size_t offset;
	const char *help;
};

/* What options_parse() found besides variables to set. */
enum options_result {
	OPTIONS_RUN = 0,
	OPTIONS_HELP = 1, /* --help or -h was given */
};

/**
 * options_parse() - defaults, then the command line
 * @table: ended by an entry without a name; --help and -h are added to it
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

/**
 * options_words() - the words of a set that stand for @value
 * @text: where, @size bytes
 *
 * Returns @text.
 */
const char *options_words(const struct option_word *words, uint64_t value, char *text, size_t size);

#endif /* WQ_DEMO_OPTIONS_H */
