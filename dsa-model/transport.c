// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport.h"

int vfu_rx_init(struct vfu_rx *rx)
{
	memset(rx, 0, sizeof(*rx));
	rx->payload = malloc(VFU_MAX_PAYLOAD);
	return rx->payload ? 0 : -ENOMEM;
}

int vfu_tx_init(struct vfu_tx *tx)
{
	memset(tx, 0, sizeof(*tx));
	tx->message = malloc(sizeof(struct vfu_header) + VFU_MAX_PAYLOAD);
	return tx->message ? 0 : -ENOMEM;
}

void vfu_rx_next(struct vfu_rx *rx)
{
	while (rx->nfds) {
		int fd = rx->fds[--rx->nfds];

		if (fd >= 0)
			close(fd);
	}
	rx->header_got = 0;
	rx->payload_got = 0;
}

void vfu_rx_destroy(struct vfu_rx *rx)
{
	vfu_rx_next(rx);
	free(rx->payload);
	rx->payload = NULL;
}

void vfu_tx_destroy(struct vfu_tx *tx)
{
	free(tx->message);
	tx->message = NULL;
}

bool vfu_rx_partial(const struct vfu_rx *rx)
{
	return rx->header_got > 0;
}

/* Take over every descriptor before judging any of it: all must be closed later. */
static int take_fds(struct vfu_rx *rx, struct msghdr *msg, const char **why)
{
	unsigned int foreign = 0, overflow = 0, lists = 0;
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		size_t n, i;

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS) {
			foreign++;
			continue;
		}
		lists++;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			if (rx->nfds < VFU_RX_FDS) {
				rx->fds[rx->nfds++] = fd;
			} else {
				close(fd);
				overflow++;
			}
		}
	}
	if (msg->msg_flags & MSG_CTRUNC)
		*why = "more file descriptors than can be received";
	else if (overflow)
		*why = "too many file descriptors with one message";
	else if (foreign || lists > 1)
		*why = "unexpected ancillary data";
	else
		return 0;
	return -EPROTO;
}

/* 1: @len bytes are there; otherwise as vfu_recv(). @flags: MSG_DONTWAIT, or 0 to wait once. */
static int fill(struct vfu_rx *rx, int sock, int flags, void *buf, size_t len, size_t *got,
		const char **why)
{
	/* Room for the descriptors and for one more header, so that a second one is seen. */
	union {
		char space[CMSG_SPACE(VFU_RX_FDS * sizeof(int)) + CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;

	while (*got < len) {
		struct iovec iov = { .iov_base = (char *)buf + *got, .iov_len = len - *got };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.space,
			.msg_controllen = sizeof(control.space),
		};
		ssize_t n;
		int ret;

		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | flags);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || errno == EWOULDBLOCK)
				return 0;
			*why = "cannot receive";
			return -errno;
		}
		ret = take_fds(rx, &msg, why);
		if (ret)
			return ret;
		if (!n) {
			bool inside = vfu_rx_partial(rx);

			*why = inside ? "connection closed inside a message" : "connection closed";
			return inside ? -ECONNRESET : -ENOTCONN;
		}
		*got += n;
		flags = MSG_DONTWAIT;
	}
	return 1;
}

int vfu_recv(struct vfu_rx *rx, int sock, bool wait, const char **why)
{
	int flags = wait && !vfu_rx_partial(rx) ? 0 : MSG_DONTWAIT;
	bool had_header = rx->header_got == sizeof(rx->header);
	int ret;

	ret = fill(rx, sock, flags, &rx->header, sizeof(rx->header), &rx->header_got, why);
	if (ret <= 0)
		return ret;
	if (!had_header) {
		ret = vfu_check_header(&rx->header, why);
		if (ret)
			return ret;
	}
	return fill(rx, sock, MSG_DONTWAIT, rx->payload, rx->header.size - sizeof(rx->header),
		    &rx->payload_got, why);
}

void vfu_tx_reply(struct vfu_tx *tx, const struct vfu_header *request, size_t payload_len,
		  int error)
{
	struct vfu_header header = {
		.id = request->id,
		.command = request->command,
		.size = sizeof(header) + (error ? 0 : payload_len),
		.flags = VFU_TYPE_REPLY | (error ? VFU_FLAG_ERROR : 0),
		.error = -error,
	};

	memcpy(tx->message, &header, sizeof(header));
	tx->len = header.size;
	tx->sent = 0;
}

void vfu_tx_clear(struct vfu_tx *tx)
{
	tx->len = 0;
	tx->sent = 0;
}

bool vfu_tx_pending(const struct vfu_tx *tx)
{
	return tx->sent < tx->len;
}

int vfu_send(struct vfu_tx *tx, int sock)
{
	while (vfu_tx_pending(tx)) {
		ssize_t n = send(sock, tx->message + tx->sent, tx->len - tx->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || errno == EWOULDBLOCK)
				return 0;
			return -errno;
		}
		tx->sent += n;
	}
	vfu_tx_clear(tx);
	return 1;
}
