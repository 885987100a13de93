/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-user messages over a Unix stream socket.
 *
 * Nothing here waits, unless it is asked to. Reading never goes past the end of
 * a message: on a stream, bytes read ahead would take the descriptors of the
 * next message with them (unix(7), ancillary data form a barrier).
 */
#ifndef DSA_MODEL_TRANSPORT_H
#define DSA_MODEL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

/*
 * Descriptors received before the kernel cuts the list. More than the protocol
 * allows, so that a few too many are a refused request and not a lost stream.
 */
#define VFU_RX_FDS (2 * VFU_MAX_MSG_FDS)

/**
 * struct vfu_rx - the message being received
 * @header: valid once vfu_recv() returned 1
 * @payload: header.size - 16 bytes, aligned for every structure of the protocol
 * @fds: open descriptors, owned by this struct; a user who keeps one replaces
 *	it by -1
 * @nfds: entries in @fds
 */
struct vfu_rx {
	struct vfu_header header;
	uint8_t *payload;
	int fds[VFU_RX_FDS];
	unsigned int nfds;
	/* private: bytes so far */
	size_t header_got;
	size_t payload_got;
};

/**
 * struct vfu_tx - the reply being sent
 * @message: room for a header and VFU_MAX_PAYLOAD bytes
 */
struct vfu_tx {
	uint8_t *message;
	/* private */
	size_t len;
	size_t sent;
};

/* Allocate the buffers. 0 or -ENOMEM. */
int vfu_rx_init(struct vfu_rx *rx);
int vfu_tx_init(struct vfu_tx *tx);
/* Free them; descriptors still held are closed. */
void vfu_rx_destroy(struct vfu_rx *rx);
void vfu_tx_destroy(struct vfu_tx *tx);

/* Make ready for the next message: close what nobody kept. */
void vfu_rx_next(struct vfu_rx *rx);
/* Is a message received in part? */
bool vfu_rx_partial(const struct vfu_rx *rx);

/**
 * vfu_recv - receive what is there, up to the end of one message
 * @wait: wait for a message to begin, as long as the socket's SO_RCVTIMEO says
 * @why: what is wrong, for people; set with every error
 *
 * Return: 1 with a whole message in @rx, 0 when more must come first,
 * -ENOTCONN when the peer closed between messages, -ECONNRESET when it closed
 * inside one, -EPROTO when the stream cannot be followed any more (header
 * refused by vfu_check_header(), truncated or foreign ancillary data), or the
 * negative errno of recvmsg(). Descriptors are in @rx also after an error.
 */
int vfu_recv(struct vfu_rx *rx, int sock, bool wait, const char **why);

/* Payload of the reply under construction. */
static inline void *vfu_tx_payload(struct vfu_tx *tx)
{
	return tx->message + sizeof(struct vfu_header);
}

/**
 * vfu_tx_reply - compose the reply to @request
 * @payload_len: bytes already placed at vfu_tx_payload()
 * @error: 0 or a negative errno; with an error the payload is left out
 */
void vfu_tx_reply(struct vfu_tx *tx, const struct vfu_header *request, size_t payload_len,
		  int error);

/* Forget what is not sent yet. */
void vfu_tx_clear(struct vfu_tx *tx);
bool vfu_tx_pending(const struct vfu_tx *tx);

/**
 * vfu_send - send what is pending, as far as the socket takes it
 *
 * The header always goes out in one piece with what follows it: QEMU takes a
 * split header for a broken peer.
 *
 * Return: 1 when nothing is pending any more, 0 when the socket is full,
 * negative errno.
 */
int vfu_send(struct vfu_tx *tx, int sock);

#endif /* DSA_MODEL_TRANSPORT_H */
