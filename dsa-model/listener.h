/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The socket file at which clients find the server.
 */
#ifndef DSA_MODEL_LISTENER_H
#define DSA_MODEL_LISTENER_H

#include <sys/types.h>
#include <sys/un.h>

/**
 * struct listener - a listening socket and its file
 * @fd: non-blocking, or -1
 * @dev: with @ino, the file as it was made: another in its place is not ours
 */
struct listener {
	int fd;
	struct sockaddr_un address;
	dev_t dev;
	ino_t ino;
};

/**
 * listener_open - make the socket file and listen
 * @path: at most 107 bytes. A socket file nobody listens at is replaced
 * @mode: of the file; 0: 0600
 *
 * Errors are reported with log_error().
 *
 * Return: 0, -EADDRINUSE when another process listens there, -EEXIST when
 * something that is no socket is there, -ENAMETOOLONG, or a negative errno.
 */
int listener_open(struct listener *listener, const char *path, mode_t mode);

/* Stop listening; remove the file if it is still the one made by listener_open(). */
void listener_close(struct listener *listener);

#endif /* DSA_MODEL_LISTENER_H */
