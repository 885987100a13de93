/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VERSION exchange: what the client can do, and what this server answers.
 */
#ifndef DSA_MODEL_NEGOTIATE_H
#define DSA_MODEL_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct vfu_capabilities - what one side of the connection announced
 * @max_msg_fds: file descriptors it takes in one message
 * @max_data_xfer_size: bytes of data it takes in one message
 * @max_dma_maps: mappings it wants to have at once
 * @pgsizes: page sizes of DMA mappings, one bit each
 * @write_multiple: it knows REGION_WRITE_MULTI
 */
struct vfu_capabilities {
	uint64_t max_msg_fds;
	uint64_t max_data_xfer_size;
	uint64_t max_dma_maps;
	uint64_t pgsizes;
	bool write_multiple;
};

/**
 * vfu_version_parse - read a client's VERSION
 * @payload: at least sizeof(struct vfu_version) bytes
 * @len: bytes of it
 * @caps: filled in, with the protocol's defaults for what is not there
 * @why: what is wrong, for people
 *
 * Keys that are not known are skipped; a known key must have its type.
 *
 * Return: 0, -EINVAL for text that is no such object, -EOPNOTSUPP for another
 * major version.
 */
int vfu_version_parse(const void *payload, size_t len, struct vfu_capabilities *caps,
		      const char **why);

/**
 * vfu_version_reply - compose the reply
 * @room: bytes at @payload; QEMU's buffer is as large as its own request, and a
 *	reply beyond it kills the connection
 *
 * Where the JSON does not fit it is left out, which means the defaults.
 *
 * Return: bytes written, at least sizeof(struct vfu_version), or -ENOMEM.
 */
long vfu_version_reply(void *payload, size_t room);

#endif /* DSA_MODEL_NEGOTIATE_H */
