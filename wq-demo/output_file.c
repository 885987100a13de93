// SPDX-License-Identifier: GPL-2.0-only
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int explain(const char *path, int error, struct problem *problem)
{
	return problem_set(problem, -error, "cannot write %s: %s", path, strerror(error));
}

/* Is there something at @path to be written to rather than replaced? */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

int output_file_check(const char *path, struct problem *problem)
{
	struct stat status;
	char *copy;
	int error = 0;

	if (strcmp(path, "-") == 0)
		return 0;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return explain(path, EISDIR, problem);
	if (is_special(path))
		return access(path, W_OK) ? explain(path, errno, problem) : 0;
	copy = strdup(path);
	if (!copy)
		return explain(path, ENOMEM, problem);
	if (access(dirname(copy), W_OK | X_OK))
		error = explain(path, errno, problem);
	free(copy);
	return error;
}

static int write_all(int fd, const char *data, size_t left)
{
	while (left) {
		ssize_t written = write(fd, data, left);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			data += written;
			left -= (size_t)written;
		}
	}
	return 0;
}

static int write_special(const char *path, const char *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, data, length);
	if (close(fd) && !error)
		error = -errno;
	return error;
}

/* Temporary file in the same directory, then rename. */
static int replace(const char *path, const char *data, size_t length)
{
	char *temporary, *real;
	mode_t mask;
	int fd, error;

	/* What a symbolic link points to is replaced, not the link. */
	real = realpath(path, NULL);
	if (asprintf(&temporary, "%s.XXXXXX", real ?: path) < 0) {
		free(real);
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		goto free_name;
	}
	/* mkostemp() makes it private; the user's umask decides. */
	mask = umask(0);
	umask(mask);
	error = write_all(fd, data, length);
	if (!error && fchmod(fd, 0666 & ~mask))
		error = -errno;
	/* Or a crash after the rename may leave an empty file. */
	if (!error && fsync(fd) && errno != EINVAL)
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(temporary, real ?: path))
		error = -errno;
	if (error)
		unlink(temporary);
free_name:
	free(temporary);
	free(real);
	return error;
}

int output_file_write_bytes(const char *path, const char *data, size_t length,
			    struct problem *problem)
{
	int error;

	if (strcmp(path, "-") == 0)
		error = write_all(STDOUT_FILENO, data, length);
	else if (is_special(path))
		error = write_special(path, data, length);
	else
		error = replace(path, data, length);
	return error ? explain(path, -error, problem) : 0;
}

int output_file_write(const char *path, const char *text, struct problem *problem)
{
	return output_file_write_bytes(path, text, strlen(text), problem);
}
