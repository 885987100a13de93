/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vfio-user client for tests, that can also misbehave.
 */
#ifndef TESTS_UNIT_VFU_CLIENT_H
#define TESTS_UNIT_VFU_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

/* What QEMU 11.1 says in its VERSION. */
extern const char vfu_qemu_version[];

/**
 * struct vfu_client - a connection
 * @sock: the socket
 * @id: of the next message
 * @header: of the last reply
 * @reply: its payload
 * @reply_len: bytes of it
 */
struct vfu_client {
	int sock;
	uint16_t id;
	struct vfu_header header;
	uint8_t reply[VFU_MAX_PAYLOAD] __attribute__((aligned(8)));
	size_t reply_len;
};

/* Connect to a socket file. Fails the test when it cannot. */
void vfu_client_connect(struct vfu_client *client, const char *path);
void vfu_client_close(struct vfu_client *client);

/* Send a message as it is; @header.size need not be true. */
void vfu_client_raw(struct vfu_client *client, const struct vfu_header *header, const void *payload,
		    size_t len, const int *fds, unsigned int nfds);

/* Send a command; 0 @flags or VFU_FLAG_NO_REPLY. Returns its id. */
uint16_t vfu_client_send(struct vfu_client *client, uint16_t command, uint32_t flags,
			 const void *payload, size_t len, const int *fds, unsigned int nfds);

/*
 * Receive one message, all of it. 0, or -ENOTCONN when the server has closed the
 * connection.
 */
int vfu_client_receive(struct vfu_client *client);

/*
 * Send and receive. Fails the test when the reply belongs to something else or
 * breaks the rules for replies. Returns 0, the reply's negative errno, or
 * -ENOTCONN.
 */
int vfu_client_call(struct vfu_client *client, uint16_t command, const void *payload, size_t len,
		    const int *fds, unsigned int nfds);

/* Exchange VERSION as QEMU does. */
void vfu_client_hello(struct vfu_client *client);

/* Accesses to regions; values up to 8 bytes. */
int vfu_client_read(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		    uint64_t *value);
int vfu_client_write(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		     uint64_t value);
/* Posted: no reply. */
void vfu_client_post(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		     uint64_t value);

int vfu_client_map(struct vfu_client *client, uint64_t iova, uint64_t size, uint32_t flags, int fd,
		   uint64_t offset);
int vfu_client_unmap(struct vfu_client *client, uint64_t iova, uint64_t size, uint32_t flags);
int vfu_client_set_irqs(struct vfu_client *client, uint32_t flags, uint32_t index, uint32_t start,
			uint32_t count, const int *fds, unsigned int nfds);

#endif /* TESTS_UNIT_VFU_CLIENT_H */
