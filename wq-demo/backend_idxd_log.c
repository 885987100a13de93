// SPDX-License-Identifier: GPL-2.0-only
#include "backend_idxd_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "units.h"

/* The kernel hands out a record only whole (CONSOLE_EXT_LOG_MAX is 8192). */
#define RECORD_MAX 8193

/* What is between the quotation marks of a result; all others say that a test passed. */
static const struct {
	const char *text;
	enum dmatest_kind kind;
} results[] = {
	{ "test timed out", DMATEST_TIMED_OUT },
	{ "data error", DMATEST_WRONG },
	{ "completion error status", DMATEST_WRONG },
	{ "completion busy status", DMATEST_WRONG },
	{ "unmap data NULL", DMATEST_NOT_SUBMITTED },
	{ "src mapping error", DMATEST_NOT_SUBMITTED },
	{ "dst mapping error", DMATEST_NOT_SUBMITTED },
	{ "prep error", DMATEST_NOT_SUBMITTED },
	{ "submit error", DMATEST_NOT_SUBMITTED },
};

static enum dmatest_kind kind_of_result(const char *text)
{
	const char *begin = strchr(text, '\''), *end = begin ? strchr(begin + 1, '\'') : NULL;

	for (size_t i = 0; end && i < sizeof(results) / sizeof(results[0]); i++)
		if ((size_t)(end - begin - 1) == strlen(results[i].text) &&
		    !strncmp(begin + 1, results[i].text, strlen(results[i].text)))
			return results[i].kind;
	return DMATEST_OTHER;
}

/* "dmatest: dma0chan3-copy0: " at @text; returns what follows, NULL if it is not so. */
static const char *parse_names(const char *text, struct dmatest_message *message)
{
	static const char prefix[] = "dmatest: ";
	const char *thread, *colon, *hyphen;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	thread = text + sizeof(prefix) - 1;
	colon = strstr(thread, ": ");
	/* The name of a thread is cut after 15 characters, its channel's is shorter. */
	hyphen = strchr(thread, '-');
	if (!colon || !hyphen || hyphen > colon ||
	    (size_t)(hyphen - thread) >= sizeof(message->channel) || strncmp(thread, "dma", 3) != 0)
		return NULL;
	memcpy(message->channel, thread, (size_t)(hyphen - thread));
	message->channel[hyphen - thread] = '\0';
	return colon + 2;
}

int dmatest_parse(const char *record, struct dmatest_message *message)
{
	unsigned int priority;
	uint64_t number, time_us;
	const char *text;
	int used = -1;

	*message = (struct dmatest_message){ .kind = DMATEST_OTHER };
	if (sscanf(record, "%u,%" SCNu64 ",%" SCNu64 ",%n", &priority, &number, &time_us, &used) <
		    3 ||
	    used < 0 || __builtin_mul_overflow(time_us, NSEC_PER_USEC, &message->time_ns))
		return -EBADMSG;
	text = strchr(record + used, ';');
	if (!text)
		return -EBADMSG;
	text++;
	snprintf(message->text, sizeof(message->text), "%.*s", (int)strcspn(text, "\n"), text);
	text = parse_names(message->text, message);
	if (!text)
		return 0;
	memmove(message->text, text, strlen(text) + 1);
	if (sscanf(message->text, "result #%" SCNu64, &message->test) == 1)
		message->kind = kind_of_result(message->text);
	else if (sscanf(message->text, "summary %" SCNu64 " tests, %" SCNu64 " failures",
			&message->tests, &message->failures) == 2)
		message->kind = DMATEST_SUMMARY;
	return 0;
}

/* One record. Returns its length; 0 there is none; a negative errno. */
static ssize_t read_record(struct kernel_log *log, char record[RECORD_MAX])
{
	ssize_t length;

	for (;;) {
		length = read(log->fd, record, RECORD_MAX - 1);
		if (length >= 0)
			break;
		if (errno == EAGAIN)
			return 0;
		if (errno == EPIPE)
			log->overwritten++;
		else if (errno != EINTR)
			return -errno;
	}
	record[length] = '\0';
	return length;
}

/* Find the mark, which says what time it is for the log. */
static int set_clock(struct kernel_log *log, const char *mark, uint64_t before_ns)
{
	struct dmatest_message message;
	char record[RECORD_MAX];
	ssize_t length;

	while ((length = read_record(log, record)) > 0) {
		if (dmatest_parse(record, &message) || strcmp(message.text, mark) != 0)
			continue;
		/* Between the two. */
		log->ahead_ns =
			(int64_t)(before_ns + (units_now_ns() - before_ns) / 2 - message.time_ns);
		return 0;
	}
	return length < 0 ? (int)length : -ENOMSG;
}

int kernel_log_open(struct kernel_log *log, const char *path, const char *mark,
		    struct problem *problem)
{
	char line[192], text[160];
	uint64_t before_ns;
	int error, length;

	*log = (struct kernel_log){ .fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) };
	if (log->fd < 0)
		return problem_set(problem, -errno,
				   "%s: %s: dmatest says in the kernel's log what it found", path,
				   strerror(errno));
	lseek(log->fd, 0, SEEK_END);
	/* Another process may leave one, too. */
	snprintf(text, sizeof(text), "%s (process %d)", mark, (int)getpid());
	length = snprintf(line, sizeof(line), "<6>%s\n", text);
	before_ns = units_now_ns();
	error = write(log->fd, line, (size_t)length) == length ? 0 : -errno;
	if (!error)
		error = set_clock(log, text, before_ns);
	if (error) {
		problem_set(problem, error, "%s: cannot leave a mark in the kernel's log: %s", path,
			    strerror(-error));
		kernel_log_close(log);
	}
	return error;
}

void kernel_log_close(struct kernel_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

int kernel_log_read(struct kernel_log *log, struct dmatest_message *message)
{
	char record[RECORD_MAX];
	ssize_t length;

	while ((length = read_record(log, record)) > 0) {
		if (dmatest_parse(record, message) || message->kind == DMATEST_OTHER)
			continue;
		message->time_ns += (uint64_t)log->ahead_ns;
		return 1;
	}
	return (int)length;
}
