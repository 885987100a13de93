// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fault_text.h"
#include "options.h"

static const char *const access_names[] = {
	[DSA_FAULT_ANY_ACCESS] = "any",
	[DSA_FAULT_READ] = "read",
	[DSA_FAULT_WRITE] = "write",
};

/* ---- Values -------------------------------------------------------------- */

static int parse_number(const char *text, uint64_t *value)
{
	char *end;

	/* strtoull() would take signs and leading space. */
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	return errno || *end ? -EINVAL : 0;
}

static int parse_time(const char *text, uint64_t *value)
{
	const char *end;

	if (options_duration(text, &end, value) || *end)
		return -EINVAL;
	return *value && *value <= DSA_FAULT_TIME_MAX_NS ? 0 : -EINVAL;
}

static int parse_access(const char *text, uint64_t *value)
{
	for (*value = DSA_FAULT_READ; *value <= DSA_FAULT_WRITE; ++*value)
		if (!strcmp(access_names[*value], text))
			return 0;
	return -EINVAL;
}

static void format_number(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%" PRIu64, value);
}

static void format_address(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "0x%" PRIx64, value);
}

/* In the largest unit that leaves no fraction. */
static void format_time(uint64_t value, char *text, size_t size)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned int i;

	for (i = 0; i < 3 && !(value % 1000); i++)
		value /= 1000;
	snprintf(text, size, "%" PRIu64 "%s", value, units[i]);
}

static void format_access(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%s", access_names[value <= DSA_FAULT_WRITE ? value : 0]);
}

/* Those that are no plain numbers. */
static const struct {
	int (*parse)(const char *text, uint64_t *value);
	void (*format)(uint64_t value, char *text, size_t size);
} values[DSA_FAULT_KEY_COUNT] = {
	[DSA_FAULT_KEY_TIME] = { parse_time, format_time },
	[DSA_FAULT_KEY_ADDRESS] = { parse_number, format_address },
	[DSA_FAULT_KEY_ACCESS] = { parse_access, format_access },
};

/* ---- Reading ------------------------------------------------------------- */

static int __attribute__((format(printf, 2, 3))) wrong(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, DSA_FAULT_WHY, format, args);
	va_end(args);
	return -EINVAL;
}

/* Names of the keys in @keys, for complaints. */
static void list_keys(uint32_t keys, char *text, size_t size)
{
	size_t used = 0;
	unsigned int i;

	*text = '\0';
	for (i = 0; i < DSA_FAULT_KEY_COUNT; i++)
		if ((keys & (1U << i)) && used < size)
			used += snprintf(text + used, size - used, "%s%s=", used ? " " : "",
					 dsa_fault_keys[i].name);
}

static int parse_pair(char *pair, struct dsa_fault *fault, char *why)
{
	const struct dsa_fault_kind_text *kind = &dsa_fault_kinds[fault->kind];
	uint32_t allowed = kind->needs | kind->may;
	char *value = strchr(pair, '='), names[80];
	unsigned int key;
	int ret;

	if (value)
		*value++ = '\0';
	for (key = 0; key < DSA_FAULT_KEY_COUNT; key++)
		if (!strcmp(dsa_fault_keys[key].name, pair))
			break;
	if (key == DSA_FAULT_KEY_COUNT || !(allowed & (1U << key))) {
		list_keys(allowed, names, sizeof(names));
		return wrong(why, "%s has no '%.20s'; allowed: %s", kind->name, pair, names);
	}
	if (fault->given & (1U << key))
		return wrong(why, "%s= is there twice", pair);
	if (!value)
		return wrong(why, "%s needs a value: %s", pair, dsa_fault_keys[key].meaning);
	ret = values[key].parse ? values[key].parse(value, &fault->value[key]) :
				  parse_number(value, &fault->value[key]);
	if (ret)
		return wrong(why, "%s=%.20s is not %s", pair, value, dsa_fault_keys[key].meaning);
	fault->given |= 1U << key;
	return 0;
}

int fault_parse(const char *text, struct dsa_fault *fault, char *why)
{
	char copy[FAULT_TEXT_SIZE], names[80], *rest, *pair;
	unsigned int kind;
	uint32_t missing;

	memset(fault, 0, sizeof(*fault));
	if (strlen(text) >= sizeof(copy))
		return wrong(why, "longer than %zu characters", sizeof(copy) - 1);
	strcpy(copy, text);
	rest = strchr(copy, ':');
	if (rest)
		*rest++ = '\0';
	for (kind = 0; kind < DSA_FAULT_KIND_COUNT; kind++)
		if (!strcmp(dsa_fault_kinds[kind].name, copy))
			break;
	if (kind == DSA_FAULT_KIND_COUNT)
		return wrong(why, "there is no fault '%.30s'; 'help' lists them", copy);
	fault->kind = kind;
	while (rest) {
		pair = strsep(&rest, ",");
		if (parse_pair(pair, fault, why))
			return -EINVAL;
	}
	missing = dsa_fault_kinds[kind].needs & ~fault->given;
	if (missing) {
		list_keys(missing, names, sizeof(names));
		return wrong(why, "%s needs %s", dsa_fault_kinds[kind].name, names);
	}
	return 0;
}

/* ---- Writing ------------------------------------------------------------- */

void fault_format(const struct dsa_fault *fault, char *text)
{
	size_t used = snprintf(text, FAULT_TEXT_SIZE, "%s", dsa_fault_kinds[fault->kind].name);
	char value[32], separator = ':';
	unsigned int key;

	for (key = 0; key < DSA_FAULT_KEY_COUNT; key++) {
		if (!(fault->given & (1U << key)) || used >= FAULT_TEXT_SIZE)
			continue;
		if (values[key].format)
			values[key].format(fault->value[key], value, sizeof(value));
		else
			format_number(fault->value[key], value, sizeof(value));
		used += snprintf(text + used, FAULT_TEXT_SIZE - used, "%c%s=%s", separator,
				 dsa_fault_keys[key].name, value);
		separator = ',';
	}
}

void fault_help(FILE *out)
{
	char names[80];
	unsigned int i;

	fputs("A fault is KIND or KIND:KEY=VALUE[,KEY=VALUE]...\n\nkinds, with the keys they need "
	      "and those (in brackets) they can have:\n", out);
	for (i = 0; i < DSA_FAULT_KIND_COUNT; i++) {
		const struct dsa_fault_kind_text *kind = &dsa_fault_kinds[i];

		list_keys(kind->needs, names, sizeof(names));
		fprintf(out, "  %-15s %s", kind->name, names);
		if (kind->may) {
			fputs(*names ? " [" : "[", out);
			list_keys(kind->may, names, sizeof(names));
			fprintf(out, "%s]", names);
		}
		fputc('\n', out);
		fprintf(out, "  %-15s   %s\n", "", kind->help);
	}
	fputs("\nkeys:\n", out);
	for (i = 0; i < DSA_FAULT_KEY_COUNT; i++)
		fprintf(out, "  %-15s %s\n", dsa_fault_keys[i].name, dsa_fault_keys[i].meaning);
	fputs("\nWithout nth or every each one is hit. Counting starts when the fault is added.\n",
	      out);
}
