// SPDX-License-Identifier: GPL-2.0-only
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit duration_units[] = {
	{ "ns", 1 },	       { "us", NSEC_PER_USEC },	   { "ms", NSEC_PER_MSEC },
	{ "s", NSEC_PER_SEC }, { "m", 60 * NSEC_PER_SEC }, { "h", 3600 * NSEC_PER_SEC },
	{ NULL, 0 },
};

static const struct unit size_units[] = {
	{ "", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ NULL, 0 },
};

static const struct unit *unit_find(const struct unit *units, const char *suffix)
{
	for (; units->suffix; units++)
		if (strcmp(units->suffix, suffix) == 0)
			return units;
	return NULL;
}

/* Digits up to the first other character. Signs and blanks are refused: strtoull() takes both. */
static int parse_digits(const char **text, unsigned int base, uint64_t *value)
{
	const char *at = *text;

	*value = 0;
	for (; base == 16 ? isxdigit((unsigned char)*at) : isdigit((unsigned char)*at); at++) {
		unsigned int digit =
			isdigit((unsigned char)*at)
				? (unsigned int)(*at - '0')
				: (unsigned int)(tolower((unsigned char)*at) - 'a' + 10);

		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit, value))
			return -ERANGE;
	}
	if (at == *text)
		return -EINVAL;
	*text = at;
	return 0;
}

int units_parse_duration(const char *text, uint64_t *ns)
{
	uint64_t whole, fraction = 0;
	const char *digits = NULL;
	const struct unit *unit;
	int error;

	error = parse_digits(&text, 10, &whole);
	if (error)
		return error;
	if (*text == '.') {
		digits = ++text;
		while (isdigit((unsigned char)*text))
			text++;
		if (text == digits)
			return -EINVAL;
	}
	if (*text == '\0' && whole == 0 && !digits) {
		*ns = 0;
		return 0;
	}
	unit = unit_find(duration_units, text);
	if (!unit)
		return -EINVAL;
	if (digits) {
		unsigned __int128 numerator = 0, denominator = 1;

		/* Eighteen digits are finer than any unit; the product stays below 2^128. */
		for (int i = 0; i < 18 && isdigit((unsigned char)digits[i]); i++) {
			numerator = numerator * 10 + (unsigned int)(digits[i] - '0');
			denominator *= 10;
		}
		fraction = (uint64_t)(numerator * unit->factor / denominator);
	}
	if (__builtin_mul_overflow(whole, unit->factor, ns) ||
	    __builtin_add_overflow(*ns, fraction, ns))
		return -ERANGE;
	return 0;
}

int units_parse_number(const char *text, uint64_t *number)
{
	unsigned int base = 10;
	int error;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	error = parse_digits(&text, base, number);
	if (error)
		return error;
	return *text ? -EINVAL : 0;
}

int units_parse_size(const char *text, uint64_t *bytes)
{
	const struct unit *unit;
	int error;

	error = parse_digits(&text, 10, bytes);
	if (error)
		return error;
	unit = unit_find(size_units, text);
	if (!unit)
		return -EINVAL;
	return __builtin_mul_overflow(*bytes, unit->factor, bytes) ? -ERANGE : 0;
}

int units_parse_cpus(const char *text, cpu_set_t *cpus)
{
	uint64_t first, last;
	int error;

	CPU_ZERO(cpus);
	for (;;) {
		error = parse_digits(&text, 10, &first);
		last = first;
		if (!error && *text == '-') {
			text++;
			error = parse_digits(&text, 10, &last);
		}
		if (error)
			return error;
		if (first > last)
			return -EINVAL;
		if (last >= CPU_SETSIZE)
			return -ERANGE;
		for (; first <= last; first++)
			CPU_SET(first, cpus);
		if (!*text)
			return 0;
		if (*text++ != ',')
			return -EINVAL;
	}
}

const char *units_format_ns(char text[UNITS_TEXT], uint64_t ns)
{
	static const char *const suffixes[] = { "ns", "us", "ms", "s" };
	uint64_t factor = 1;
	size_t unit = 0;
	int decimals;
	double value;

	while (unit + 1 < sizeof(suffixes) / sizeof(suffixes[0]) &&
	       (double)ns / (double)factor >= 999.5) {
		factor *= 1000;
		unit++;
	}
	value = (double)ns / (double)factor;
	decimals = unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	snprintf(text, UNITS_TEXT, "%.*f%s", decimals, value, suffixes[unit]);
	return text;
}
