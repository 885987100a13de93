/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vfio-user server: a socket, one client at a time, and a device that
 * outlives them.
 */
#ifndef DSA_MODEL_SERVER_H
#define DSA_MODEL_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "device.h"
#include "dma_map.h"

struct json_object;
struct server;

/**
 * struct server_params - everything the server needs to know
 * @device: the device to make
 * @limits: what a client may cost
 * @stats_path: file for statistics, NULL for none; must stay valid
 * @access_log_path: file for the log of accesses, NULL for none
 * @socket_mode: permissions of the socket file; 0: 0600
 * @stall_seconds: a client that leaves a message unfinished or a reply unread, or
 *	says nothing at all, for that long makes room when another one comes
 * @once: stop after the first client that exchanged VERSION has gone
 */
struct server_params {
	struct dsa_device_params device;
	struct dma_limits limits;
	const char *stats_path;
	const char *access_log_path;
	mode_t socket_mode;
	unsigned int stall_seconds;
	bool once;
};

/*
 * Make the device and what goes with it. NULL with errno set on failure, as
 * dsa_device_create() and fopen(3). Other threads inherit the caller's signal mask.
 */
struct server *server_create(const struct server_params *params);
/* The server is not running. */
void server_destroy(struct server *server);

/* The device, for those who want to look at it. */
struct dsa_device *server_device(struct server *server);

/*
 * The statistics: to the file of the parameters (0 if there is none), as
 * stats_write(); or a new object, as stats_collect(). From any thread.
 */
int server_write_stats(struct server *server);
struct json_object *server_collect_stats(struct server *server);

/*
 * Listen at @path, as listener_open(). Clients can connect from now on; they
 * are served by server_run().
 */
int server_listen(struct server *server, const char *path);

/**
 * server_run - serve clients until told to stop
 * @signal_fd: a signalfd. SIGUSR1 writes the statistics, any other signal ends.
 *	-1: none
 *
 * The statistics are written at the end.
 *
 * Return: 0, or a negative errno (poll() failed, statistics not written).
 */
int server_run(struct server *server, int signal_fd);

/*
 * Serve a client that is connected already; for a server that does not listen,
 * before server_run(). The descriptor becomes the server's.
 */
int server_adopt(struct server *server, int sock);

/**
 * server_turn - one turn of server_run(), for who has a loop of his own
 * @timeout: wait so many milliseconds for something to do; -1: as long as it takes
 *
 * Return: 1 a client is connected, 0 none is, or a negative errno.
 */
int server_turn(struct server *server, int timeout);

/* End server_run(), from any thread. */
void server_stop(struct server *server);

#endif /* DSA_MODEL_SERVER_H */
