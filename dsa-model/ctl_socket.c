// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl_socket.h"

#define REPLY_SECONDS 10
/* Statistics of 2048 vectors are a quarter of a million bytes. */
#define REPLY_MAX (16U << 20)

static int sock = -1;

static int failed(const char *what, int error)
{
	fprintf(stderr, "dsa-model-ctl: %s: %s\n", what,
		error == EAGAIN ? "no answer for 10 seconds" : strerror(error));
	return -error;
}

int ctl_connect(const char *path)
{
	const struct timeval patience = { .tv_sec = REPLY_SECONDS };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return failed(path, ENAMETOOLONG);
	strcpy(address.sun_path, path);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return failed("socket", errno);
	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    connect(sock, (const struct sockaddr *)&address, sizeof(address))) {
		error = errno;
		ctl_close();
		failed(path, error);
		if (error == ENOENT || error == ECONNREFUSED)
			fputs("dsa-model-ctl: is dsa-model running, with --control?\n", stderr);
		return -error;
	}
	return 0;
}

void ctl_close(void)
{
	if (sock >= 0)
		close(sock);
	sock = -1;
}

static int send_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(sock, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed("cannot send", errno);
		text += n;
		len -= n;
	}
	return 0;
}

/* The next line, without its newline; to be freed. */
static char *receive_line(void)
{
	size_t size = 4096, len = 0;
	char *line = malloc(size), *more;
	ssize_t n;

	while (line) {
		n = recv(sock, line + len, size - len - 1, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			failed("cannot receive", errno);
		else if (!n)
			fputs("dsa-model-ctl: dsa-model has closed the connection\n", stderr);
		if (n <= 0)
			break;
		len += n;
		line[len] = '\0';
		if (line[len - 1] == '\n')
			return line;
		if (size - len > 1)
			continue;
		size *= 2;
		more = size > REPLY_MAX ? NULL : realloc(line, size);
		if (!more) {
			fputs("dsa-model-ctl: the answer is too long\n", stderr);
			break;
		}
		line = more;
	}
	free(line);
	return NULL;
}

struct json_object *ctl_ask(struct json_object *request)
{
	const char *text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	struct json_object *reply;
	char *line;

	if (send_all(text, strlen(text)) || send_all("\n", 1))
		return NULL;
	line = receive_line();
	if (!line)
		return NULL;
	reply = json_tokener_parse(line);
	if (!reply)
		fputs("dsa-model-ctl: the answer is no JSON\n", stderr);
	free(line);
	return reply;
}
