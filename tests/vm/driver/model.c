// SPDX-License-Identifier: GPL-2.0-only
/* Requests to the device model, and the kernel's log. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "model.h"

#define PORT_NAME "control\n"

/* ---- Requests --------------------------------------------------------------- */

/* The virtio port of that name, or -1. */
static int port_open(void)
{
	char name[32] = "", path[64];
	glob_t found;
	size_t i;
	int fd, port = -1;

	if (glob("/sys/class/virtio-ports/*/name", 0, NULL, &found))
		return -1;
	for (i = 0; i < found.gl_pathc && port < 0; i++) {
		fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, name, sizeof(name) - 1) < 0)
			die(found.gl_pathv[i]);
		close(fd);
		if (strcmp(name, PORT_NAME))
			continue;
		*strrchr(found.gl_pathv[i], '/') = '\0';
		snprintf(path, sizeof(path), "/dev%s", strrchr(found.gl_pathv[i], '/'));
		port = open(path, O_RDWR | O_CLOEXEC);
		if (port < 0)
			die(path);
	}
	globfree(&found);
	return port;
}

static int port = -2;

bool model_reachable(void)
{
	if (port == -2)
		port = port_open();
	return port >= 0;
}

/* Whether it was carried out. What @line has room for is the reply. */
static bool ask(char *line, size_t size, const char *request)
{
	size_t len = snprintf(line, size, "%s\n", request);
	ssize_t n;

	if (!model_reachable() || write(port, line, len) != (ssize_t)len)
		die("the control socket of the model");
	/* Replies of requests about one device are short, and end with the line. */
	for (len = 0; !len || line[len - 1] != '\n'; len += n) {
		n = read(port, line + len, size - 1 - len);
		if (n <= 0)
			die("the reply of the model");
	}
	line[len] = '\0';
	return strstr(line, "\"ok\":true");
}

void model_try(const char *request)
{
	char line[512];

	ask(line, sizeof(line), request);
}

void model_ask(const char *format, ...)
{
	char request[512], line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(request, sizeof(request), format, args);
	va_end(args);
	if (!ask(line, sizeof(line), request))
		check_that(false, line, __LINE__);
}

void model_fault(const char *format, ...)
{
	char fault[256];
	va_list args;

	va_start(args, format);
	vsnprintf(fault, sizeof(fault), format, args);
	va_end(args);
	model_ask("{\"command\":\"fault-add\",\"fault\":\"%s\"}", fault);
}

void model_heal(void)
{
	model_ask("{\"command\":\"fault-clear\"}");
}

/* ---- The kernel's log ---------------------------------------------------------- */

static int log_fd = -1;

void kernel_mark(void)
{
	if (log_fd < 0)
		log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		die("/dev/kmsg");
}

bool kernel_has_said(const char *text)
{
	char line[8192];
	ssize_t n;

	for (;;) {
		n = read(log_fd, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return false;
		line[n] = '\0';
		if (strstr(line, text))
			return true;
	}
}

bool kernel_said(const char *text)
{
	struct pollfd p = { .fd = log_fd, .events = POLLIN };
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

	while (now_ns() < end) {
		if (kernel_has_said(text))
			return true;
		poll(&p, 1, 1000);
	}
	printf("# the kernel has not said: %s\n", text);
	return false;
}
