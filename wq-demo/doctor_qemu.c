// SPDX-License-Identifier: GPL-2.0-only
/* The version of a QEMU, which only it knows. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor_private.h"

/* On an emulated machine it takes seconds. */
#define PATIENCE_MS 20000

extern char **environ;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What it says until it closes the pipe. Returns the length or a negative errno. */
static ssize_t listen_to(int fd, char *text, size_t size)
{
	const long long deadline = now_ms() + PATIENCE_MS;
	size_t used = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		long long left = deadline - now_ms();
		char dropped[256];
		ssize_t length;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&wait, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
		if (!wait.revents)
			continue;
		/* The rest is read, too, or it would be stopped by a full pipe. */
		length = used < size - 1 ? read(fd, text + used, size - 1 - used)
					 : read(fd, dropped, sizeof(dropped));
		if (length < 0 && errno != EINTR)
			return -errno;
		if (length == 0)
			break;
		if (length > 0 && used < size - 1)
			used += length;
	}
	text[used] = '\0';
	return (ssize_t)used;
}

static int spawn(const char *program, int output, pid_t *pid)
{
	char *const arguments[] = { (char *)program, (char *)"--version", NULL };
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							 O_WRONLY, 0);
	if (!error)
		error = posix_spawn(pid, program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int doctor_qemu_version(const char *program, char *text, size_t size)
{
	static const char mark[] = "version ";
	char said[512];
	const char *at;
	ssize_t length;
	int ends[2], error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	error = spawn(program, ends[1], &pid);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	length = listen_to(ends[0], said, sizeof(said));
	close(ends[0]);
	if (length < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (length < 0)
		return (int)length;
	/* QEMU emulator version 10.0.2 (Debian ...) */
	at = strstr(said, mark);
	if (!at)
		return -EPROTO;
	at += strlen(mark);
	snprintf(text, size, "%.*s", (int)strcspn(at, " \n("), at);
	return 0;
}
