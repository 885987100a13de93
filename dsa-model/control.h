/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket: looking at devices, and doing things to them, while they
 * are being served.
 *
 * A request is a JSON object in a line, and so is its reply; requests of one
 * connection are answered one after the other. See dsa-model-ctl(1).
 */
#ifndef DSA_MODEL_CONTROL_H
#define DSA_MODEL_CONTROL_H

#include <stddef.h>

struct json_object;
struct server;

/**
 * struct control_device - a device that can be controlled
 * @name: by which requests mean it; the others do not have it
 * @socket_path: where its clients find it
 * @server: outlives the control socket
 */
struct control_device {
	const char *name;
	const char *socket_path;
	struct server *server;
};

/* Connections at once. */
#define CONTROL_CLIENTS_MAX 16
/* Longest request, with its newline. */
#define CONTROL_LINE_MAX 4096

struct control;

/**
 * control_start - listen at @path, as listener_open(), and answer in a thread
 * @devices: @count of them; must outlive the control socket
 *
 * Return: NULL on failure, which has been reported with log_error().
 */
struct control *control_start(const char *path, const struct control_device *devices,
			      unsigned int count);
/* End the thread, and remove the socket file. */
void control_stop(struct control *control);

/**
 * control_answer - carry out one request
 * @line: @len bytes, without the newline
 *
 * Return: the reply, a new object: "ok", and "error" or what was asked for. NULL:
 * out of memory.
 */
struct json_object *control_answer(const struct control_device *devices, unsigned int count,
				   const char *line, size_t len);

#endif /* DSA_MODEL_CONTROL_H */
