// SPDX-License-Identifier: GPL-2.0-only
#include "backend_idxd_interrupts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_files.h"

/* Columns of counts: the first line names the processors that are online. */
static unsigned int count_processors(const char *line)
{
	unsigned int processors = 0;

	while ((line = strstr(line, "CPU"))) {
		processors++;
		line += 3;
	}
	return processors;
}

static uint64_t sum_columns(char *at, unsigned int processors)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < processors; i++) {
		char *end;
		uint64_t count = strtoull(at, &end, 10);

		/* Short lines are for interrupts that are not counted by processor. */
		if (end == at)
			break;
		sum += count;
		at = end;
	}
	return sum;
}

int interrupts_parse(FILE *stream, struct interrupt_line *lines, size_t count)
{
	unsigned int processors;
	char *line = NULL;
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		lines[i].found = false;
	processors = getline(&line, &size, stream) > 0 ? count_processors(line) : 0;
	if (!processors) {
		free(line);
		return -EBADMSG;
	}
	while (getline(&line, &size, stream) > 0) {
		char *end;
		long irq = strtol(line, &end, 10);

		/* The others have names: NMI, LOC, ... */
		if (end == line || *end != ':')
			continue;
		for (size_t i = 0; i < count; i++) {
			if (lines[i].irq != irq)
				continue;
			lines[i].count = sum_columns(end + 1, processors);
			lines[i].found = true;
		}
	}
	free(line);
	return 0;
}

int interrupts_read(const struct doctor_machine *machine, struct interrupt_line *lines,
		    size_t count)
{
	FILE *stream = doctor_open(machine, "/proc/interrupts");
	int error;

	if (!stream)
		return -errno;
	error = interrupts_parse(stream, lines, count);
	fclose(stream);
	return error;
}

static int ascending(const void *first, const void *second)
{
	const int a = *(const int *)first, b = *(const int *)second;

	return (a > b) - (a < b);
}

int interrupts_vector(const struct doctor_machine *machine, const char *address,
		      unsigned int vector)
{
	char **names;
	size_t count = doctor_list(machine, &names, "/sys/bus/pci/devices/%s/msi_irqs", address);
	int *irqs = calloc(count + 1, sizeof(*irqs));
	int irq = -ENOENT;

	/* Names are sorted as texts: 100 before 26. */
	for (size_t i = 0; irqs && i < count; i++)
		irqs[i] = atoi(names[i]);
	if (irqs && vector < count) {
		qsort(irqs, count, sizeof(*irqs), ascending);
		irq = irqs[vector];
	}
	free(irqs);
	doctor_names_free(names, count);
	return irq;
}

unsigned int interrupts_vectors(const struct doctor_machine *machine, const char *address)
{
	return (unsigned int)doctor_list_count(machine, "/sys/bus/pci/devices/%s/msi_irqs",
					       address);
}
