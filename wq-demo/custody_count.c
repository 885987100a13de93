// SPDX-License-Identifier: GPL-2.0-only
#include "custody_count.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t custody_counts_total(const struct custody_counts *counts)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < CUSTODY_VECTORS_MAX; i++)
		sum += counts->signals[i];
	return sum;
}

int custody_count_name(const char *name, const char *address)
{
	const size_t length = strlen(address);

	while ((name = strstr(name, "vfio-msi"))) {
		unsigned long vector;
		char *end;

		name += strlen("vfio-msi");
		if (*name == 'x')
			name++;
		if (*name != '[' || !isdigit((unsigned char)name[1]))
			continue;
		vector = strtoul(name + 1, &end, 10);
		if (strncmp(end, "](", 2) == 0 && strncmp(end + 2, address, length) == 0 &&
		    end[2 + length] == ')')
			return vector < CUSTODY_VECTORS_MAX ? (int)vector : -1;
	}
	return -1;
}

/* The number after @key in @line; false if there is none. */
static bool number_after(const char *line, const char *key, uint64_t *value)
{
	const char *at = strstr(line, key);

	if (!at)
		return false;
	at += strlen(key);
	while (*at == ' ')
		at++;
	if (!isdigit((unsigned char)*at))
		return false;
	*value = strtoull(at, NULL, 10);
	return true;
}

int custody_count_histogram(struct custody_counts *counts, FILE *stream, const char *address)
{
	bool whole = false, overflow = false;
	char *line = NULL;
	size_t room = 0;
	uint64_t value;

	memset(counts, 0, sizeof(*counts));
	while (getline(&line, &room, stream) >= 0) {
		const char *end = strchr(line, '}');
		int vector = line[0] == '{' && end ? custody_count_name(line, address) : -1;

		if (vector >= 0 && number_after(end, "hitcount:", &value)) {
			counts->seen[vector] = true;
			counts->signals[vector] += value;
		}
		/* The last lines: a histogram that was cut off has none. */
		if (number_after(line, "Dropped:", &value)) {
			whole = true;
			overflow = value > 0;
		}
	}
	free(line);
	if (!whole)
		return -EPROTO;
	return overflow ? -EOVERFLOW : 0;
}

/* The sum over the CPUs: numbers up to the first word that is none. */
static uint64_t sum_of_columns(const char *at)
{
	uint64_t sum = 0;
	char *end;

	for (;;) {
		while (*at == ' ')
			at++;
		if (!isdigit((unsigned char)*at))
			return sum;
		errno = 0;
		uint64_t value = strtoull(at, &end, 10);

		/* The hardware's number of the irq may begin like one: "1-edge". */
		if (*end != ' ' || errno)
			return sum;
		sum += value;
		at = end;
	}
}

static void look_at_line(struct custody_counts *counts, const char *line, const char *address)
{
	int vector = custody_count_name(line, address);
	unsigned long irq;
	uint64_t now;
	char *end;

	if (vector < 0)
		return;
	irq = strtoul(line, &end, 10);
	if (end == line || *end != ':')
		return;
	now = sum_of_columns(end + 1);
	/* The same irq, and not fewer: it may be the same. Otherwise it counts from 0. */
	if (counts->seen[vector] && counts->irq[vector] == irq && now >= counts->last[vector])
		counts->signals[vector] += now - counts->last[vector];
	else if (counts->begun)
		counts->signals[vector] += now;
	counts->seen[vector] = true;
	counts->irq[vector] = (unsigned int)irq;
	counts->last[vector] = now;
}

void custody_count_interrupts(struct custody_counts *counts, FILE *stream, const char *address)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stream) >= 0)
		look_at_line(counts, line, address);
	free(line);
	counts->begun = true;
}
