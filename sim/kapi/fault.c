// SPDX-License-Identifier: GPL-2.0-only
/* Faults and the kernel log. */
#include <stdarg.h>
#include <stdio.h>

#include "../sim.h"
#include "fault.h"
#include "machine.h"

#define PRINTED_MAX 8

static unsigned int faults;
static unsigned int printed;
static char first[256];

void kapi_fault(const char *format, ...)
{
	char text[sizeof(first)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);

	if (!faults++)
		memcpy(first, text, sizeof(first));
	if (printed++ < PRINTED_MAX)
		fprintf(stderr, "sim: %s\n", text);
}

bool kapi_warn(bool condition, const char *text, const char *file, int line)
{
	if (condition)
		kapi_fault("WARNING at %s:%d: %s", file, line, text);
	return condition;
}

void kapi_printk(const char *who, const char *format, ...)
{
	va_list ap;

	if (!machine.options.verbose)
		return;
	if (who)
		fprintf(stderr, "%s: ", who);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
}

unsigned int sim_faults(const char **text)
{
	if (text)
		*text = faults ? first : NULL;
	return faults;
}

void sim_clear_faults(void)
{
	faults = 0;
	printed = 0;
}
