/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client of a fuzzed connection: sends anything, and holds the server to the rules
 * for replies, as far as it can still tell messages from each other.
 */
#ifndef TESTS_FUZZ_PROTOCOL_CLIENT_H
#define TESTS_FUZZ_PROTOCOL_CLIENT_H

#include "model_target.h"
#include "protocol.h"
#include "server.h"

#define CLIENT_FDS 40U
#define CLIENT_PAYLOAD 4608U

/**
 * struct message - to be sent
 * @len: bytes of @payload
 * @piece: send so many bytes at a time; 0: all at once
 * @fds_at: with which of the pieces the descriptors go
 */
struct message {
	struct vfu_header header;
	uint8_t payload[CLIENT_PAYLOAD] __attribute__((aligned(8)));
	size_t len;
	int fds[CLIENT_FDS];
	unsigned int nfds;
	unsigned int piece;
	unsigned int fds_at;
};

/* A range the server has agreed to, [first, last]. */
struct client_range {
	uint64_t first;
	uint64_t last;
};

/* A reply that is due. */
struct client_due {
	uint16_t id;
	uint16_t command;
	uint32_t request_size;
	uint64_t first; /* DMA_MAP, DMA_UNMAP */
	uint64_t last;
	uint32_t count; /* REGION_READ */
	bool all; /* DMA_UNMAP */
};

#define CLIENT_DUE 256U
#define CLIENT_RANGES 64U

/**
 * struct fuzz_client - the connection
 * @lost: the server has closed it
 * @wild: what was sent need not be messages any more
 * @may_close: the server has a reason to close
 * @deaf: replies are not read
 * @blind: @ranges are not known any more
 */
struct fuzz_client {
	struct server *server;
	struct model_verdict *verdict;
	int sock;
	bool lost;
	bool wild;
	bool may_close;
	bool deaf;
	bool blind;
	struct client_due due[CLIENT_DUE];
	unsigned int first_due;
	unsigned int last_due;
	struct client_range ranges[CLIENT_RANGES];
	unsigned int nranges;
	uint8_t rx[sizeof(struct vfu_header) + 65536];
	size_t got;
	uint64_t replies;
	uint64_t errors;
};

/* Connect to @server. False: it cannot be done. */
bool client_open(struct fuzz_client *client, struct server *server, struct model_verdict *verdict);
/* Send, with turns of the server between the pieces. */
void client_send(struct fuzz_client *client, const struct message *message);
/* Bytes that need not be a message. */
void client_send_raw(struct fuzz_client *client, const void *bytes, size_t len, const int *fds,
		     unsigned int nfds);
/* Let the server work, and read replies, until nothing happens any more. */
void client_settle(struct fuzz_client *client);
/* Close; the server has to notice. */
void client_close(struct fuzz_client *client);

#endif /* TESTS_FUZZ_PROTOCOL_CLIENT_H */
