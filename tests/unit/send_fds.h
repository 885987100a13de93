/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes and descriptors over a Unix socket, for the clients that tests have. */
#ifndef TESTS_UNIT_SEND_FDS_H
#define TESTS_UNIT_SEND_FDS_H

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* As many as the kernel passes at once: SCM_MAX_FD. */
#define SEND_FDS_MAX 253

/**
 * send_fds - one sendmsg()
 * @iov: what to send, in @count pieces
 * @nfds: descriptors in @fds, at most SEND_FDS_MAX; 0: no ancillary data
 * @flags: as for sendmsg()
 *
 * Return: as sendmsg() does.
 */
static inline ssize_t send_fds(int sock, struct iovec *iov, size_t count, const int *fds,
			       unsigned int nfds, int flags)
{
	union {
		char space[CMSG_SPACE(SEND_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };

	if (nfds) {
		struct cmsghdr *cmsg;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
	}
	return sendmsg(sock, &msg, flags);
}

#endif /* TESTS_UNIT_SEND_FDS_H */
