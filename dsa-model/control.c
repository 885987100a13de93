// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket: connections, lines, replies.
 *
 * A connection whose reply has not been taken is not listened to, so it costs one
 * line and one reply. Nobody waits for anybody: all sockets are non-blocking.
 */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "listener.h"
#include "log.h"

/* With all places taken, one that has been quiet for so long makes room. */
#define QUIET_SECONDS 10
/* Requests of a connection carried out before it is the others' turn. */
#define REQUESTS_PER_TURN 16

/**
 * struct client - a connection
 * @sock: -1: the place is free
 * @line: what has come of the next request
 * @reply: what has not been sent of the last reply begins at @sent; NULL: all has
 * @moved: CLOCK_MONOTONIC seconds of the last request or reply
 * @last: close when the reply has been sent
 */
struct client {
	int sock;
	char line[CONTROL_LINE_MAX];
	size_t len;
	char *reply;
	size_t reply_len;
	size_t sent;
	time_t moved;
	bool last;
};

struct control {
	struct listener listener;
	const struct control_device *devices;
	unsigned int count;
	pthread_t thread;
	int stop_fd;
	struct client clients[CONTROL_CLIENTS_MAX];
};

static time_t now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void drop_client(struct client *client)
{
	close(client->sock);
	free(client->reply);
	memset(client, 0, sizeof(*client));
	client->sock = -1;
}

/* 1: all of the reply has been sent; 0: the socket is full; -1: connection lost. */
static int send_reply(struct client *client)
{
	ssize_t n;

	while (client->reply) {
		n = send(client->sock, client->reply + client->sent,
			 client->reply_len - client->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		client->moved = now_seconds();
		client->sent += n;
		if (client->sent < client->reply_len)
			continue;
		free(client->reply);
		client->reply = NULL;
	}
	return client->last ? -1 : 1;
}

/* False when out of memory. */
static bool set_reply(struct client *client, struct json_object *reply)
{
	const char *text;

	if (!reply)
		return false;
	text = json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN);
	client->reply_len = strlen(text) + 1;
	client->reply = malloc(client->reply_len + 1);
	if (client->reply) {
		memcpy(client->reply, text, client->reply_len - 1);
		client->reply[client->reply_len - 1] = '\n';
		client->sent = 0;
	}
	json_object_put(reply);
	return client->reply;
}

static struct json_object *complaint(const char *why)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(false));
	json_object_object_add(reply, "error", json_object_new_string(why));
	return reply;
}

/* 1: a request has been answered; 0: no whole one is there; -1: close. */
static int answer_line(struct control *control, struct client *client)
{
	char *end = memchr(client->line, '\n', client->len);
	struct json_object *reply;

	if (!end && client->len < sizeof(client->line))
		return 0;
	if (end) {
		size_t len = end - client->line;

		reply = control_answer(control->devices, control->count, client->line, len);
		client->len -= len + 1;
		memmove(client->line, end + 1, client->len);
	} else {
		/* Where the next one would begin nobody knows. */
		reply = complaint("a request is longer than 4095 characters");
		client->last = true;
	}
	client->moved = now_seconds();
	return set_reply(client, reply) ? 1 : -1;
}

/* 1: something has come; 0: nothing for now; -1: connection lost. */
static int read_more(struct client *client)
{
	ssize_t n = recv(client->sock, client->line + client->len,
			 sizeof(client->line) - client->len, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (!n)
		return -1;
	client->len += n;
	return 1;
}

static void serve_client(struct control *control, struct client *client)
{
	unsigned int i;
	int ret = 1;

	for (i = 0; ret > 0 && i < REQUESTS_PER_TURN; i++) {
		ret = send_reply(client);
		if (ret <= 0)
			break;
		ret = answer_line(control, client);
		if (!ret)
			ret = read_more(client);
	}
	if (ret >= 0)
		ret = send_reply(client);
	if (ret < 0)
		drop_client(client);
}

static struct client *free_place(struct control *control)
{
	struct client *client, *quietest = &control->clients[0];
	unsigned int i;

	for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		client = &control->clients[i];
		if (client->sock < 0)
			return client;
		if (client->moved < quietest->moved)
			quietest = client;
	}
	if (now_seconds() - quietest->moved < QUIET_SECONDS)
		return NULL;
	drop_client(quietest);
	return quietest;
}

static void accept_client(struct control *control)
{
	static const char full[] = "{\"ok\":false,\"error\":\"too many connections\"}\n";
	int sock = accept4(control->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;

	if (sock < 0)
		return;
	client = free_place(control);
	if (!client) {
		/* It fits into an empty socket; if not, closing says enough. */
		if (send(sock, full, sizeof(full) - 1, MSG_NOSIGNAL) < 0)
			log_detail("control: a connection too many");
		close(sock);
		return;
	}
	client->sock = sock;
	client->moved = now_seconds();
}

static bool has_line(const struct client *client)
{
	return memchr(client->line, '\n', client->len);
}

static void *control_main(void *arg)
{
	struct control *control = arg;
	struct pollfd pfds[2 + CONTROL_CLIENTS_MAX];
	unsigned int i;

	for (;;) {
		int timeout = -1;

		pfds[0] = (struct pollfd){ .fd = control->stop_fd, .events = POLLIN };
		pfds[1] = (struct pollfd){ .fd = control->listener.fd, .events = POLLIN };
		for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
			struct client *client = &control->clients[i];

			pfds[2 + i] = (struct pollfd){ .fd = client->sock,
						       .events = client->reply ? POLLOUT : POLLIN };
			/* What it has sent already, poll() does not know of. */
			if (client->sock >= 0 && !client->reply && has_line(client))
				timeout = 0;
		}
		if (poll(pfds, 2 + CONTROL_CLIENTS_MAX, timeout) < 0 && errno != EINTR) {
			log_error("control: poll: %s", strerror(errno));
			return NULL;
		}
		if (pfds[0].revents)
			return NULL;
		for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
			struct client *client = &control->clients[i];

			if (client->sock >= 0 &&
			    (pfds[2 + i].revents || (!client->reply && has_line(client))))
				serve_client(control, client);
		}
		if (pfds[1].revents)
			accept_client(control);
	}
}

struct control *control_start(const char *path, const struct control_device *devices,
			      unsigned int count)
{
	struct control *control = calloc(1, sizeof(*control));
	unsigned int i;
	int ret;

	if (!control) {
		log_error("control: out of memory");
		return NULL;
	}
	control->devices = devices;
	control->count = count;
	for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].sock = -1;
	control->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (control->stop_fd < 0) {
		log_error("control: eventfd: %s", strerror(errno));
		goto free_control;
	}
	if (listener_open(&control->listener, path, 0))
		goto close_stop;
	ret = pthread_create(&control->thread, NULL, control_main, control);
	if (ret) {
		log_error("control: cannot start a thread: %s", strerror(ret));
		goto close_listener;
	}
	return control;

close_listener:
	listener_close(&control->listener);
close_stop:
	close(control->stop_fd);
free_control:
	free(control);
	return NULL;
}

void control_stop(struct control *control)
{
	unsigned int i;

	if (!control)
		return;
	eventfd_write(control->stop_fd, 1);
	pthread_join(control->thread, NULL);
	listener_close(&control->listener);
	for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].sock >= 0)
			drop_client(&control->clients[i]);
	close(control->stop_fd);
	free(control);
}
