// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access_log.h"

/* The largest access there is: a descriptor; others are logged as far as that. */
#define LONGEST 64
#define NS_PER_SECOND 1000000000LL

/**
 * struct access_log - an open log
 * @begin: when it was opened
 */
struct access_log {
	FILE *file;
	struct timespec begin;
};

struct access_log *access_log_open(const char *path)
{
	struct access_log *log = malloc(sizeof(*log));

	if (!log)
		return NULL;
	log->file = fopen(path, "we");
	if (!log->file) {
		free(log);
		return NULL;
	}
	clock_gettime(CLOCK_MONOTONIC, &log->begin);
	return log;
}

int access_log_close(struct access_log *log)
{
	int ret;

	if (!log)
		return 0;
	ret = ferror(log->file) ? -EIO : 0;
	if (fclose(log->file))
		ret = -errno;
	free(log);
	return ret;
}

void access_log_flush(struct access_log *log)
{
	if (log)
		fflush(log->file);
}

/* The beginning of a line, which its thread then has for itself. */
static void line_begin(struct access_log *log)
{
	struct timespec now;
	long long ns;

	flockfile(log->file);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (now.tv_sec - log->begin.tv_sec) * NS_PER_SECOND + now.tv_nsec - log->begin.tv_nsec;
	fprintf(log->file, "%lld.%09lld ", ns / NS_PER_SECOND, ns % NS_PER_SECOND);
}

static void line_end(struct access_log *log)
{
	putc_unlocked('\n', log->file);
	funlockfile(log->file);
}

void access_log_access(struct access_log *log, bool write, unsigned int region, uint64_t offset,
		       const void *data, size_t len)
{
	uint64_t value = 0;
	size_t i;

	if (!log)
		return;
	line_begin(log);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		fprintf(log->file, "%s config 0x%02llx", write ? "write" : "read",
			(unsigned long long)offset);
	else
		fprintf(log->file, "%s bar%u 0x%03llx", write ? "write" : "read", region,
			(unsigned long long)offset);
	fprintf(log->file, " %zu ", len);
	if (len <= sizeof(value)) {
		memcpy(&value, data, len);
		fprintf(log->file, "0x%0*llx", (int)(2 * len), (unsigned long long)le64toh(value));
	}
	for (i = 0; len > sizeof(value) && i < len && i < LONGEST; i++)
		fprintf(log->file, "%02x", ((const uint8_t *)data)[i]);
	line_end(log);
}

void access_log_event(struct access_log *log, enum access_log_event event, unsigned int first,
		      unsigned int count)
{
	static const struct {
		const char *name;
		unsigned int numbers;
	} events[] = {
		[ACCESS_LOG_BEGIN] = { "begin", 0 }, [ACCESS_LOG_END] = { "end", 0 },
		[ACCESS_LOG_RESET] = { "reset", 0 }, [ACCESS_LOG_BIND] = { "bind", 2 },
		[ACCESS_LOG_UNBIND] = { "unbind", 2 }, [ACCESS_LOG_MESSAGE] = { "message", 1 },
	};

	if (!log)
		return;
	line_begin(log);
	fputs(events[event].name, log->file);
	if (events[event].numbers)
		fprintf(log->file, " %u", first);
	if (events[event].numbers > 1)
		fprintf(log->file, " %u", count);
	line_end(log);
}
