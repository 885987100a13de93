/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-user, the wire protocol: layouts, and the rules a request must keep.
 *
 * Everything here is pure: no socket, no device, no state. A request that
 * passes vfu_check_request() can be carried out without looking at its sizes,
 * counts and ranges again. Numbers are in the byte order of the machine.
 *
 * Flags and indexes that the protocol shares with the kernel's VFIO
 * (VFIO_IRQ_SET_*, VFIO_PCI_*_INDEX, ...) are those of <linux/vfio.h>.
 */
#ifndef DSA_MODEL_PROTOCOL_H
#define DSA_MODEL_PROTOCOL_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/vfio.h>

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11, /* server to client */
	VFU_DMA_WRITE = 12, /* server to client */
	VFU_DEVICE_RESET = 13,
	VFU_DIRTY_PAGES = 14,
	VFU_REGION_WRITE_MULTI = 15,
	VFU_DEVICE_FEATURE = 16,
	VFU_MIG_DATA_READ = 17,
	VFU_MIG_DATA_WRITE = 18,
	VFU_COMMANDS,
};

#define VFU_VERSION_MAJOR 0
#define VFU_VERSION_MINOR 0

/**
 * struct vfu_header - in front of every message
 * @id: chosen by the requester, echoed in the reply
 * @command: enum vfu_command, echoed in the reply
 * @size: of the whole message, header included
 * @flags: VFU_FLAG_*
 * @error: errno in an error reply, otherwise 0
 */
struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;
	uint32_t flags;
	uint32_t error;
};
static_assert(sizeof(struct vfu_header) == 16, "vfio-user header");
static_assert(offsetof(struct vfu_header, size) == 4, "vfio-user header");
static_assert(offsetof(struct vfu_header, error) == 12, "vfio-user header");

#define VFU_FLAG_TYPE 0x0fU
#define VFU_TYPE_COMMAND 0U
#define VFU_TYPE_REPLY 1U
#define VFU_FLAG_NO_REPLY 0x10U
#define VFU_FLAG_ERROR 0x20U

/* VERSION, both ways; text is JSON with a NUL at its end, or absent. */
struct vfu_version {
	uint16_t major;
	uint16_t minor;
	char text[];
};
static_assert(sizeof(struct vfu_version) == 4, "VERSION");

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_MAP_FLAG_READ, _WRITE */
	uint64_t offset; /* in the file whose descriptor comes along */
	uint64_t address; /* IOVA */
	uint64_t size;
};
static_assert(sizeof(struct vfu_dma_map) == 32, "DMA_MAP");
static_assert(offsetof(struct vfu_dma_map, address) == 16, "DMA_MAP");

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags; /* VFU_DMA_UNMAP_* */
	uint64_t address;
	uint64_t size;
};
static_assert(sizeof(struct vfu_dma_unmap) == 24, "DMA_UNMAP");

#define VFU_DMA_UNMAP_GET_DIRTY 1U
#define VFU_DMA_UNMAP_ALL 2U

struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	uint32_t num_regions;
	uint32_t num_irqs;
};
static_assert(sizeof(struct vfu_device_info) == 16, "DEVICE_GET_INFO");

struct vfu_region_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_* */
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};
static_assert(sizeof(struct vfu_region_info) == 32, "DEVICE_GET_REGION_INFO");
static_assert(offsetof(struct vfu_region_info, size) == 16, "DEVICE_GET_REGION_INFO");

struct vfu_irq_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_IRQ_INFO_* */
	uint32_t index;
	uint32_t count;
};
static_assert(sizeof(struct vfu_irq_info) == 16, "DEVICE_GET_IRQ_INFO");

/* The eventfds of VFIO_IRQ_SET_DATA_EVENTFD travel beside it, never in @data. */
struct vfu_irq_set {
	uint32_t argsz;
	uint32_t flags; /* VFIO_IRQ_SET_* */
	uint32_t index;
	uint32_t start;
	uint32_t count;
	uint8_t data[]; /* VFIO_IRQ_SET_DATA_BOOL: @count bytes */
};
static_assert(sizeof(struct vfu_irq_set) == 20, "DEVICE_SET_IRQS");

struct vfu_region_access {
	uint64_t offset; /* in the region */
	uint32_t region;
	uint32_t count;
	uint8_t data[]; /* REGION_WRITE, and the reply to REGION_READ */
};
static_assert(sizeof(struct vfu_region_access) == 16, "REGION_READ, REGION_WRITE");

struct vfu_write_multi_entry {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[8];
};
static_assert(sizeof(struct vfu_write_multi_entry) == 24, "REGION_WRITE_MULTI entry");

struct vfu_write_multi {
	uint64_t count;
	struct vfu_write_multi_entry entries[];
};
static_assert(sizeof(struct vfu_write_multi) == 8, "REGION_WRITE_MULTI");

/* ---- Limits of this server ---------------------------------------------- */

#define VFU_NUM_REGIONS VFIO_PCI_NUM_REGIONS
#define VFU_NUM_IRQS VFIO_PCI_NUM_IRQS
#define VFU_PAGE_SIZE 4096U
/* Descriptors in one message; announced in the reply to VERSION. */
#define VFU_MAX_MSG_FDS 16U
/* Bytes of data in one message; announced in the reply to VERSION. */
#define VFU_MAX_DATA (1U << 20)
#define VFU_MAX_PAYLOAD (sizeof(struct vfu_region_access) + VFU_MAX_DATA)
/* QEMU batches up to 200. */
#define VFU_MAX_WRITE_MULTI 1024U
/* With its NUL. QEMU's has 194. */
#define VFU_MAX_VERSION_TEXT 4096U

/**
 * struct vfu_shape - what is there to be accessed
 * @region_size: in bytes, 0 for a region the device does not have
 * @irq_count: vectors of each interrupt index, 0 for one it does not have
 */
struct vfu_shape {
	uint64_t region_size[VFU_NUM_REGIONS];
	uint32_t irq_count[VFU_NUM_IRQS];
};

/* Name of a command for messages to people, "unknown command" if it has none. */
const char *vfu_command_name(uint16_t command);

/**
 * vfu_check_header - can the stream be followed past this header?
 * @why: what is wrong, for people
 *
 * Return: 0, or -EPROTO when the only answer is to close the connection.
 */
int vfu_check_header(const struct vfu_header *header, const char **why);

/**
 * vfu_check_request - every rule that needs no state
 * @header: passed vfu_check_header()
 * @payload: the header's size - 16 bytes, aligned to 8
 * @nfds: file descriptors that came with the message
 * @shape: limits of regions and interrupts
 * @why: what is wrong, for people
 *
 * The text of VERSION is not looked at (see negotiate.h), nor the entries of
 * REGION_WRITE_MULTI (see vfu_check_access()): one bad write of a batch must
 * not take the others with it.
 *
 * Return: 0, or the negative errno to answer with.
 */
int vfu_check_request(const struct vfu_header *header, const void *payload, unsigned int nfds,
		      const struct vfu_shape *shape, const char **why);

/**
 * vfu_check_access - one access to a region
 *
 * Return: 0 if @count bytes at @offset lie in @region, otherwise -EINVAL.
 */
int vfu_check_access(uint32_t region, uint64_t offset, uint32_t count,
		     const struct vfu_shape *shape, const char **why);

#endif /* DSA_MODEL_PROTOCOL_H */
