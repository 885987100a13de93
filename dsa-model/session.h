/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One client's session with the device: carrying out requests.
 */
#ifndef DSA_MODEL_SESSION_H
#define DSA_MODEL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access_log.h"
#include "device.h"
#include "dma_map.h"
#include "irq.h"
#include "negotiate.h"
#include "protocol.h"

/**
 * struct session - what a client works on
 * @device: the device; @dma and @irqs are its host
 * @shape: its regions and interrupts, for the rules of the protocol
 * @client: what the client announced; valid once @negotiated
 * @negotiated: VERSION has been exchanged
 * @over: the connection must be closed after the reply
 * @resets: DEVICE_RESET requests carried out; read from any thread
 * @log: what happens, or NULL
 */
struct session {
	struct dsa_device *device;
	struct dma_map *dma;
	struct irq_set *irqs;
	struct vfu_shape shape;
	struct vfu_capabilities client;
	bool negotiated;
	bool over;
	_Atomic uint64_t resets;
	struct access_log *log;
};

/* The device's way to the client's memory and triggers; host is the session. */
extern const struct dsa_host_ops session_host_ops;

/* Fill in the shape; @session->device is set. */
void session_init_shape(struct session *session);

/**
 * session_request - carry out one request
 * @header: passed vfu_check_header()
 * @payload: the request's
 * @fds: its descriptors; those kept are replaced by -1
 * @nfds: how many
 * @reply: room for VFU_MAX_PAYLOAD bytes of reply, apart from @payload
 * @why: what is wrong, for people; NULL with an error that is an answer, not a
 *	complaint
 *
 * Return: bytes of the reply's payload, or the negative errno to answer with.
 */
long session_request(struct session *session, const struct vfu_header *header, const void *payload,
		     int *fds, unsigned int nfds, void *reply, const char **why);

/*
 * The client has gone: take its triggers and its memory away, and bring the
 * device back to power-on.
 */
void session_end(struct session *session);

#endif /* DSA_MODEL_SESSION_H */
