// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "units.h"

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
	case OPTION_NAME:
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
	else if (spec->type == OPTION_TEXT || spec->type == OPTION_NAME)
		*(const char **)variable(spec, base) = spec->initial;
	else if (spec->type == OPTION_OPERANDS)
		*(struct operands *)variable(spec, base) = (struct operands){ 0 };
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

static int add_operand(const struct option_spec *spec, void *base, const char *text,
		       struct problem *problem)
{
	struct operands *operands;
	char known[160];

	if (!spec)
		return problem_set(problem, -EINVAL, "unexpected argument '%s'", text);
	operands = variable(spec, base);
	if (operands->count == spec->max)
		return problem_set(problem, -EINVAL, "'%s': more than %" PRIu64 " %s", text,
				   spec->max, spec->name);
	if (!*text)
		return problem_set(problem, -EINVAL, "%s: a name is empty", spec->argument);
	if (spec->words && !find_word(spec->words, text, strlen(text)))
		return problem_set(problem, -EINVAL, "'%s' is not one of %s", text,
				   all_words(spec->words, known, sizeof(known)));
	operands->word[operands->count++] = text;
	return 0;
}

/* Those after "--", and then whether there are enough. */
static int end_operands(const struct option_spec *spec, void *base, int argc, char **argv,
			struct problem *problem)
{
	int error = 0;

	for (; optind < argc && !error; optind++)
		error = add_operand(spec, base, argv[optind], problem);
	if (!error && spec && ((struct operands *)variable(spec, base))->count < spec->min)
		return problem_set(problem, -EINVAL, "%s is missing: %s", spec->argument,
				   spec->help);
	return error;
}

static int bad_option(int found, char **argv, struct problem *problem)
{
	/* getopt_long() sets optopt for letters; a word of letters it has not finished. */
	const bool letter = optopt > 0 && optopt < FIRST_OPTION;
	char name[3] = { '-', (char)optopt, '\0' };
	const char *option = letter ? name : argv[optind - 1];

	if (found == ':')
		return problem_set(problem, -EINVAL, "%s needs an argument", option);
	return problem_set(problem, -EINVAL, "unknown or ambiguous option '%s'", option);
}

/*
 * What getopt_long() wants to know, @count + 2 and 2 * @count + 5 entries at most. Each
 * option is found under FIRST_OPTION and its place in the table.
 */
static void fill_getopt(const struct option_spec *table, size_t count, struct option *longs,
			char *letters)
{
	struct option *next = longs;

	/* Operands are returned in their place, a missing argument as a colon. */
	*letters++ = '-';
	*letters++ = ':';
	*letters++ = 'h';
	for (size_t i = 0; i < count; i++) {
		const struct option_spec *spec = &table[i];
		const bool flag = spec->type == OPTION_FLAG;

		if (spec->type == OPTION_OPERANDS)
			continue;
		/* Distinct, or an abbreviation of several would be taken for the first. */
		*next++ = (struct option){ .name = spec->name,
					   .has_arg = flag ? no_argument : required_argument,
					   .val = FIRST_OPTION + (int)i };
		if (!spec->letter)
			continue;
		*letters++ = spec->letter;
		if (!flag)
			*letters++ = ':';
	}
	*letters = '\0';
	*next++ = (struct option){ .name = "help", .has_arg = no_argument, .val = 'h' };
	/* The end is an entry of zeros. */
	*next = (struct option){ .name = NULL };
}

/* Place in the table of what getopt_long() found; @count: it is none of the options. */
static size_t place_of(const struct option_spec *table, size_t count, int found)
{
	size_t i;

	if (found >= FIRST_OPTION)
		return (size_t)(found - FIRST_OPTION);
	for (i = 0; i < count && table[i].letter != found; i++)
		;
	return i;
}

static const struct option_spec *find_operands(const struct option_spec *table)
{
	for (; table->name; table++)
		if (table->type == OPTION_OPERANDS)
			return table;
	return NULL;
}

int options_parse(const struct option_spec *table, void *base, bool *given, int argc, char **argv,
		  struct problem *problem)
{
	const struct option_spec *operands = find_operands(table);
	const size_t count = table_length(table);
	struct option longs[OPTIONS_MAX + 2];
	char letters[2 * OPTIONS_MAX + 5];
	int found, result = OPTIONS_RUN;
	size_t place;

	assert(count <= OPTIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		set_default(&table[i], base);
		if (given)
			given[i] = false;
	}
	fill_getopt(table, count, longs, letters);

	opterr = 0;
	/* Not 1: another table may have been read before. */
	optind = 0;
	while (result == OPTIONS_RUN) {
		found = getopt_long(argc, argv, letters, longs, NULL);
		if (found == -1)
			return end_operands(operands, base, argc, argv, problem);
		if (found == 'h')
			return OPTIONS_HELP;
		if (found == 1) {
			result = add_operand(operands, base, optarg, problem);
			continue;
		}
		if (found == ':' || found == '?')
			return bad_option(found, argv, problem);
		place = place_of(table, count, found);
		result = assign(&table[place], base, optarg, problem);
		if (given)
			given[place] = true;
	}
	return result;
}
