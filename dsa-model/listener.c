// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"

/* One client is served; a few more can wait to be told so. */
#define LISTENER_BACKLOG 8

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	return fd;
}

/* 0 when the path is free, now or after removing what a dead server left. */
static int clear_stale(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, ret;

	if (lstat(path, &st)) {
		if (errno == ENOENT)
			return 0;
		ret = -errno;
		log_error("%s: %s", path, strerror(-ret));
		return ret;
	}
	if (!S_ISSOCK(st.st_mode)) {
		log_error("%s: exists and is not a socket; remove it or choose another path", path);
		return -EEXIST;
	}
	fd = open_socket();
	if (fd < 0)
		return fd;
	ret = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;
	close(fd);
	/* EAGAIN: its backlog is full, so somebody is there. */
	if (!ret || ret == -EAGAIN) {
		log_error("%s: another process listens there; stop it or choose another path",
			  path);
		return -EADDRINUSE;
	}
	if (ret != -ECONNREFUSED) {
		log_error("%s: %s", path, strerror(-ret));
		return ret;
	}
	log_detail("%s: nobody listens there, replaced", path);
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

/* Bind with the file's mode right from the beginning. */
static int bind_private(int fd, const struct sockaddr_un *address, mode_t mode)
{
	mode_t mask = umask(0777 & ~mode);
	int ret = bind(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;

	umask(mask);
	return ret;
}

int listener_open(struct listener *listener, const char *path, mode_t mode)
{
	struct stat st;
	int ret;

	memset(listener, 0, sizeof(*listener));
	listener->fd = -1;
	listener->address.sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof(listener->address.sun_path)) {
		log_error("socket path '%s' is empty or longer than %zu bytes", path,
			  sizeof(listener->address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(listener->address.sun_path, path);
	ret = clear_stale(&listener->address);
	if (ret)
		return ret;

	listener->fd = open_socket();
	if (listener->fd < 0) {
		ret = listener->fd;
		goto report;
	}
	ret = bind_private(listener->fd, &listener->address, mode ? mode : 0600);
	if (ret)
		goto close_socket;
	if (lstat(path, &st) || listen(listener->fd, LISTENER_BACKLOG)) {
		ret = -errno;
		goto remove_file;
	}
	listener->dev = st.st_dev;
	listener->ino = st.st_ino;
	return 0;

remove_file:
	unlink(path);
close_socket:
	close(listener->fd);
	listener->fd = -1;
report:
	log_error("cannot listen at %s: %s", path, strerror(-ret));
	return ret;
}

void listener_close(struct listener *listener)
{
	const char *path = listener->address.sun_path;
	struct stat st;

	if (listener->fd < 0)
		return;
	if (!lstat(path, &st) && st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(path);
	close(listener->fd);
	listener->fd = -1;
}
