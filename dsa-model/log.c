// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

#define LOG_LINE 512

static bool log_verbose;

void log_set_verbose(bool verbose)
{
	log_verbose = verbose;
}

bool log_is_verbose(void)
{
	return log_verbose;
}

/* One call to stdio per line, so that lines of several threads do not mix. */
static void __attribute__((format(printf, 1, 0))) log_line(const char *format, va_list args)
{
	char line[LOG_LINE];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "dsa-model: %s\n", line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void log_detail(const char *format, ...)
{
	va_list args;

	if (!log_verbose)
		return;
	va_start(args, format);
	log_line(format, args);
	va_end(args);
}
