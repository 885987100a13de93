// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

int notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	/* In the abstract namespace, whose names begin with a zero. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	else
		len++;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&address, len))
		return fd;
	log_error("cannot reach the service manager at %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

void notify_ready(int fd)
{
	static const char ready[] = "READY=1";

	if (fd < 0)
		return;
	if (send(fd, ready, sizeof(ready) - 1, MSG_NOSIGNAL) < 0)
		log_error("cannot tell the service manager: %s", strerror(errno));
	close(fd);
}
