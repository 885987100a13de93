// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

#define LOG_LINE 512

static bool log_verbose;
static _Thread_local const char *thread_device;

void log_set_verbose(bool verbose)
{
	log_verbose = verbose;
}

bool log_is_verbose(void)
{
	return log_verbose;
}

void log_set_device(const char *device)
{
	thread_device = device;
}

const char *log_device(void)
{
	return thread_device;
}

/* One call to stdio per line, so that lines of several threads do not mix. */
static void __attribute__((format(printf, 2, 0)))
log_line(const char *device, const char *format, va_list args)
{
	char line[LOG_LINE];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "dsa-model: %s%s%s\n", device ? device : "", device ? ": " : "", line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(thread_device, format, args);
	va_end(args);
}

void log_error_about(const char *device, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(device, format, args);
	va_end(args);
}

void log_detail(const char *format, ...)
{
	va_list args;

	if (!log_verbose)
		return;
	va_start(args, format);
	log_line(thread_device, format, args);
	va_end(args);
}
