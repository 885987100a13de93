// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

#define HELP_COLUMN 26

/* Return values of getopt_long() for the table, beyond every letter. */
#define FIRST_OPTION 256

static void *variable(const struct option_spec *spec, void *base)
{
	return (char *)base + spec->offset;
}

static const struct option_word *find_word(const struct option_word *words, const char *text,
					   size_t length)
{
	for (; words && words->word; words++)
		if (strlen(words->word) == length && strncmp(words->word, text, length) == 0)
			return words;
	return NULL;
}

static const char *all_words(const struct option_word *words, char *text, size_t size)
{
	text[0] = '\0';
	for (; words->word; words++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s", used ? ", " : "", words->word);
	}
	return text;
}

const char *options_words(const struct option_word *words, uint64_t value, char *text, size_t size)
{
	text[0] = '\0';
	for (; words->word; words++) {
		size_t used = strlen(text);

		/* Words for several values at once are shorthands, not names. */
		if (__builtin_popcountll(words->value) == 1 && (value & words->value))
			snprintf(text + used, size - used, "%s%s", used ? "," : "", words->word);
	}
	return text;
}

static int parse_words(const struct option_spec *spec, const char *text, uint64_t *value,
		       struct problem *problem)
{
	const bool one = spec->type == OPTION_CHOICE;
	const char *at = text;
	char known[160];

	*value = 0;
	for (;;) {
		size_t length = one ? strlen(at) : strcspn(at, ",");
		const struct option_word *word = find_word(spec->words, at, length);

		if (!word)
			return problem_set(problem, -EINVAL, "--%s: '%.*s' is not one of %s",
					   spec->name, (int)length, at,
					   all_words(spec->words, known, sizeof(known)));
		*value |= word->value;
		if (at[length] == '\0')
			return 0;
		at += length + 1;
	}
}

static int bad_quantity(const struct option_spec *spec, const char *text, int error,
			struct problem *problem)
{
	static const char *const expected[] = {
		[OPTION_NUMBER] = "a number",
		[OPTION_SIZE] = "a size: digits, then k, M or G if wanted, for example 4k",
		[OPTION_DURATION] = "a time with a unit (ns, us, ms, s, m, h), for example 250ms",
	};

	if (error == -ERANGE)
		return problem_set(problem, -EINVAL, "--%s: '%s' is too large", spec->name, text);
	return problem_set(problem, -EINVAL, "--%s: '%s' is not %s%s%s", spec->name, text,
			   expected[spec->type], spec->words ? " or " : "",
			   spec->words ? spec->words->word : "");
}

static int out_of_range(const struct option_spec *spec, const char *text, struct problem *problem)
{
	char low[UNITS_TEXT], high[UNITS_TEXT];

	if (spec->type == OPTION_DURATION)
		return problem_set(problem, -EINVAL, "--%s: '%s' is not between %s and %s",
				   spec->name, text, units_format_ns(low, spec->min),
				   units_format_ns(high, spec->max));
	return problem_set(problem, -EINVAL, "--%s: '%s' is not between %" PRIu64 " and %" PRIu64,
			   spec->name, text, spec->min, spec->max);
}

static int parse_quantity(const struct option_spec *spec, const char *text, uint64_t *value,
			  struct problem *problem)
{
	static int (*const parse[])(const char *, uint64_t *) = {
		[OPTION_NUMBER] = units_parse_number,
		[OPTION_SIZE] = units_parse_size,
		[OPTION_DURATION] = units_parse_duration,
	};
	const struct option_word *word = find_word(spec->words, text, strlen(text));
	int error;

	if (word) {
		*value = word->value;
		return 0;
	}
	error = parse[spec->type](text, value);
	if (error)
		return bad_quantity(spec, text, error, problem);
	if (*value < spec->min || *value > spec->max)
		return out_of_range(spec, text, problem);
	return 0;
}

static int assign(const struct option_spec *spec, void *base, const char *text,
		  struct problem *problem)
{
	uint64_t value;
	int error;

	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)variable(spec, base) = true;
		return 0;
	case OPTION_TEXT:
		if (!*text)
			return problem_set(problem, -EINVAL, "--%s: the %s is empty", spec->name,
					   spec->argument);
		*(const char **)variable(spec, base) = text;
		return 0;
	case OPTION_CHOICE:
	case OPTION_SET:
		error = parse_words(spec, text, &value, problem);
		break;
	default:
		error = parse_quantity(spec, text, &value, problem);
		break;
	}
	if (!error)
		*(uint64_t *)variable(spec, base) = value;
	return error;
}

static void set_default(const struct option_spec *spec, void *base)
{
	int error = 0;

	if (spec->type == OPTION_FLAG)
		*(bool *)variable(spec, base) = false;
	else if (spec->type == OPTION_TEXT)
		*(const char **)variable(spec, base) = spec->initial;
	else if (spec->initial)
		error = assign(spec, base, spec->initial, NULL);
	else
		*(uint64_t *)variable(spec, base) = 0;
	/* The table's own mistake. */
	assert(!error);
	(void)error;
}

static size_t table_length(const struct option_spec *table)
{
	size_t length = 0;

	while (table[length].name)
		length++;
	return length;
}

bool options_given(const struct option_spec *table, const bool *given, const char *name)
{
	for (size_t i = 0; table[i].name; i++)
		if (strcmp(table[i].name, name) == 0)
			return given[i];
	return false;
}

void options_simulated(const struct option_spec *table, void *base, const bool *given)
{
	for (size_t i = 0; table[i].name; i++) {
		int error = 0;

		if (table[i].simulated && !given[i])
			error = assign(&table[i], base, table[i].simulated, NULL);
		assert(!error);
		(void)error;
	}
}

int options_parse(const struct option_spec *table, void *base, bool *given, int argc, char **argv,
		  struct problem *problem)
{
	const size_t count = table_length(table);
	struct option *longs;
	int found, result = OPTIONS_RUN;

	/* The end of the table of getopt_long() is an entry of zeros. */
	longs = calloc(count + 2, sizeof(*longs));
	if (!longs)
		return problem_set(problem, -ENOMEM, "out of memory");
	assert(count <= OPTIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		set_default(&table[i], base);
		if (given)
			given[i] = false;
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].type == OPTION_FLAG ? no_argument : required_argument;
		/* Distinct, or an abbreviation of several would be taken for the first. */
		longs[i].val = FIRST_OPTION + (int)i;
	}
	longs[count] = (struct option){ .name = "help", .has_arg = no_argument, .val = 'h' };

	opterr = 0;
	optind = 0;
	while (result == OPTIONS_RUN) {
		found = getopt_long(argc, argv, "+:h", longs, NULL);
		if (found == -1) {
			if (optind < argc)
				result = problem_set(problem, -EINVAL, "unexpected argument '%s'",
						     argv[optind]);
			break;
		}
		if (found >= FIRST_OPTION) {
			result = assign(&table[found - FIRST_OPTION], base, optarg, problem);
			if (given)
				given[found - FIRST_OPTION] = true;
		} else if (found == 'h') {
			result = OPTIONS_HELP;
		} else if (found == ':') {
			result = problem_set(problem, -EINVAL, "%s needs an argument",
					     argv[optind - 1]);
		} else {
			result = problem_set(problem, -EINVAL, "unknown or ambiguous option '%s'",
					     argv[optind - 1]);
		}
	}
	free(longs);
	return result;
}

static void print_entry(FILE *stream, const char *name, const char *argument, const char *help,
			const char *initial, const char *simulated)
{
	int width = fprintf(stream, "  --%s%s%s", name, argument ? " " : "", argument ?: "");

	if (width >= HELP_COLUMN) {
		fputc('\n', stream);
		width = 0;
	}
	while (*help) {
		size_t length = strcspn(help, "\n");

		fprintf(stream, "%*s%.*s", HELP_COLUMN - width, "", (int)length, help);
		help += length;
		if (*help) {
			fputc('\n', stream);
			help++;
		}
		width = 0;
	}
	if (initial && simulated)
		fprintf(stream, " [%s; sim: %s]", initial, simulated);
	else if (initial)
		fprintf(stream, " [%s]", initial);
	fputc('\n', stream);
}

void options_print(const struct option_spec *table, FILE *stream)
{
	for (; table->name; table++)
		print_entry(stream, table->name, table->argument, table->help, table->initial,
			    table->simulated);
	print_entry(stream, "help", NULL, "print this help and exit", NULL, NULL);
}
