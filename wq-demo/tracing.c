// SPDX-License-Identifier: GPL-2.0-only
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_in(const char *directory, const char *name, int flags)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

/* One write: a line of trace_marker is not to be split. */
static int write_to(const char *directory, const char *name, const char *text)
{
	int fd = open_in(directory, name, O_WRONLY), error = 0;
	size_t length = strlen(text);

	if (fd < 0)
		return fd;
	if (write(fd, text, length) != (ssize_t)length)
		error = errno ? -errno : -EIO;
	close(fd);
	return error;
}

/* Returns 1 it records; 0 it does not; a negative errno. */
static int is_on(const char *directory)
{
	int fd = open_in(directory, "tracing_on", O_RDONLY);
	char state = '0';
	ssize_t size;

	if (fd < 0)
		return fd;
	size = read(fd, &state, 1);
	close(fd);
	return size == 1 ? state != '0' : -EIO;
}

int tracing_freeze(const char *directory, const char *marker, struct problem *said)
{
	static const char *const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int on = -ENOENT, error;

	if (directory)
		on = is_on(directory);
	for (size_t i = 0; !directory && i < sizeof(usual) / sizeof(usual[0]); i++) {
		on = is_on(usual[i]);
		if (on >= 0 || on == -EACCES)
			directory = usual[i];
	}
	if (on == -ENOENT)
		return problem_set(said, on,
				   "kernel tracing is not frozen: there is no tracefs (mount -t "
				   "tracefs none /sys/kernel/tracing)");
	if (on == -EACCES || on == -EPERM)
		return problem_set(said, on,
				   "kernel tracing is not frozen: %.100s is for root only",
				   directory);
	if (on < 0)
		return problem_set(said, on, "kernel tracing is not frozen: %s", strerror(-on));
	if (!on)
		return problem_set(said, -EALREADY, "kernel tracing is off already: not frozen");
	error = write_to(directory, "trace_marker", marker);
	/* A marker is good to have; that it stands still is what matters. */
	if (!error || error == -ENOENT || error == -EBADF)
		error = write_to(directory, "tracing_on", "0");
	if (error)
		return problem_set(said, error, "kernel tracing is not frozen: %.100s: %s",
				   directory, strerror(-error));
	return problem_set(said, 0,
			   "kernel tracing is frozen: see %.100s/trace; go on with "
			   "'echo 1 >%.100s/tracing_on'",
			   directory, directory);
}
