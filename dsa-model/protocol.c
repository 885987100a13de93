// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>

#include "protocol.h"

/**
 * struct vfu_request - a request under examination
 * @payload: its payload
 * @len: bytes of it
 * @nfds: file descriptors beside it
 */
struct vfu_request {
	const void *payload;
	size_t len;
	unsigned int nfds;
	const struct vfu_shape *shape;
	const char **why;
};

/**
 * struct vfu_rule - what a command must look like
 * @name: for messages
 * @min_payload: bytes
 * @max_payload: bytes
 * @max_fds: file descriptors that may come along
 * @refuse: errno for a command that this server does not carry out
 * @check: rules beyond sizes
 */
struct vfu_rule {
	const char *name;
	size_t min_payload;
	size_t max_payload;
	unsigned int max_fds;
	int refuse;
	int (*check)(const struct vfu_request *request);
};

static int refuse(const struct vfu_request *request, int error, const char *why)
{
	*request->why = why;
	return -error;
}

/* Every bounded structure but VERSION and accesses begins with its own size. */
static int check_argsz(const struct vfu_request *request, uint32_t argsz, size_t least)
{
	if (argsz < least)
		return refuse(request, EINVAL, "argsz is smaller than the structure");
	return 0;
}

static int check_dma_map(const struct vfu_request *request)
{
	const struct vfu_dma_map *map = request->payload;
	uint64_t mask = VFU_PAGE_SIZE - 1;
	int ret;

	ret = check_argsz(request, map->argsz, sizeof(*map));
	if (ret)
		return ret;
	if (map->flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE))
		return refuse(request, EINVAL, "unknown flags");
	if (!map->flags)
		return refuse(request, EINVAL, "neither read nor write is allowed");
	if (!map->size)
		return refuse(request, EINVAL, "size is 0");
	if ((map->address | map->size) & mask)
		return refuse(request, EINVAL, "address or size is not a multiple of 4096");
	if (map->address + (map->size - 1) < map->address)
		return refuse(request, EINVAL, "address and size go past 2^64");
	if (!request->nfds)
		return 0;
	if (map->offset & mask)
		return refuse(request, EINVAL, "offset is not a multiple of 4096");
	if (map->size > INT64_MAX || map->offset > INT64_MAX - map->size)
		return refuse(request, EINVAL, "offset and size go past the largest file");
	return 0;
}

static int check_dma_unmap(const struct vfu_request *request)
{
	const struct vfu_dma_unmap *unmap = request->payload;
	int ret;

	ret = check_argsz(request, unmap->argsz, sizeof(*unmap));
	if (ret)
		return ret;
	switch (unmap->flags) {
	case 0:
		break;
	case VFU_DMA_UNMAP_ALL:
		if (unmap->address || unmap->size)
			return refuse(request, EINVAL, "unmap of everything with a range");
		break;
	case VFU_DMA_UNMAP_GET_DIRTY:
		return refuse(request, EOPNOTSUPP, "dirty page tracking is not supported");
	default:
		return refuse(request, EINVAL, "unknown flags");
	}
	if (request->len != sizeof(*unmap))
		return refuse(request, EINVAL, "payload is not 24 bytes");
	if (unmap->flags)
		return 0;
	if (!unmap->size)
		return refuse(request, EINVAL, "size is 0");
	if (unmap->address + (unmap->size - 1) < unmap->address)
		return refuse(request, EINVAL, "address and size go past 2^64");
	return 0;
}

static int check_device_info(const struct vfu_request *request)
{
	const struct vfu_device_info *info = request->payload;

	return check_argsz(request, info->argsz, sizeof(*info));
}

static int check_region_info(const struct vfu_request *request)
{
	const struct vfu_region_info *info = request->payload;
	int ret;

	ret = check_argsz(request, info->argsz, sizeof(*info));
	if (ret)
		return ret;
	if (info->index >= VFU_NUM_REGIONS)
		return refuse(request, EINVAL, "no such region");
	return 0;
}

static int check_irq_info(const struct vfu_request *request)
{
	const struct vfu_irq_info *info = request->payload;
	int ret;

	ret = check_argsz(request, info->argsz, sizeof(*info));
	if (ret)
		return ret;
	if (info->index >= VFU_NUM_IRQS)
		return refuse(request, EINVAL, "no such interrupt index");
	return 0;
}

static bool one_bit(uint32_t value)
{
	return value && !(value & (value - 1));
}

static int check_irq_data(const struct vfu_request *request, const struct vfu_irq_set *set,
			  uint32_t data)
{
	size_t bytes = request->len - sizeof(*set);

	switch (data) {
	case VFIO_IRQ_SET_DATA_BOOL:
		if (bytes != set->count)
			return refuse(request, EINVAL, "count differs from the bytes of data");
		if (set->argsz < request->len)
			return refuse(request, EINVAL, "argsz does not cover the data");
		break;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (request->nfds && request->nfds != set->count)
			return refuse(request, EINVAL, "count differs from the number of eventfds");
		/* fall through */
	default:
		if (bytes)
			return refuse(request, EINVAL, "data without VFIO_IRQ_SET_DATA_BOOL");
		break;
	}
	if (request->nfds && data != VFIO_IRQ_SET_DATA_EVENTFD)
		return refuse(request, EINVAL,
			      "file descriptors without VFIO_IRQ_SET_DATA_EVENTFD");
	return 0;
}

static int check_set_irqs(const struct vfu_request *request)
{
	const struct vfu_irq_set *set = request->payload;
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	uint32_t vectors;
	int ret;

	ret = check_argsz(request, set->argsz, sizeof(*set));
	if (ret)
		return ret;
	if (set->flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK))
		return refuse(request, EINVAL, "unknown flags");
	if (!one_bit(data))
		return refuse(request, EINVAL, "not exactly one kind of data");
	if (!one_bit(action))
		return refuse(request, EINVAL, "not exactly one action");
	if (set->index >= VFU_NUM_IRQS)
		return refuse(request, EINVAL, "no such interrupt index");
	ret = check_irq_data(request, set, data);
	if (ret)
		return ret;

	/* Disabling an index is legal for every index, also one without vectors. */
	if (!set->count && !set->start && data == VFIO_IRQ_SET_DATA_NONE &&
	    action == VFIO_IRQ_SET_ACTION_TRIGGER)
		return 0;
	if (!set->count)
		return refuse(request, EINVAL, "count is 0");
	vectors = request->shape->irq_count[set->index];
	if (set->start >= vectors || set->count > vectors - set->start)
		return refuse(request, EINVAL, "vectors beyond those of the index");
	if (action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return refuse(request, EINVAL, "vectors of this index cannot be masked");
	return 0;
}

int vfu_check_access(uint32_t region, uint64_t offset, uint32_t count,
		     const struct vfu_shape *shape, const char **why)
{
	uint64_t size;

	*why = NULL;
	if (region >= VFU_NUM_REGIONS)
		*why = "no such region";
	else if (!count)
		*why = "count is 0";
	else if (count > VFU_MAX_DATA)
		*why = "count is larger than max_data_xfer_size";
	if (*why)
		return -EINVAL;
	size = shape->region_size[region];
	if (offset >= size || count > size - offset) {
		*why = "access beyond the end of the region";
		return -EINVAL;
	}
	return 0;
}

static int check_region_read(const struct vfu_request *request)
{
	const struct vfu_region_access *access = request->payload;

	return vfu_check_access(access->region, access->offset, access->count, request->shape,
				request->why);
}

static int check_region_write(const struct vfu_request *request)
{
	const struct vfu_region_access *access = request->payload;

	if (access->count != request->len - sizeof(*access))
		return refuse(request, EINVAL, "count differs from the bytes of data");
	return check_region_read(request);
}

static int check_write_multi(const struct vfu_request *request)
{
	const struct vfu_write_multi *multi = request->payload;
	uint64_t i;

	if (!multi->count || multi->count > VFU_MAX_WRITE_MULTI)
		return refuse(request, EINVAL, "number of writes is not 1 to 1024");
	if (request->len != sizeof(*multi) + multi->count * sizeof(multi->entries[0]))
		return refuse(request, EINVAL, "number of writes differs from the size");
	for (i = 0; i < multi->count; i++)
		if (!multi->entries[i].count || multi->entries[i].count > 8)
			return refuse(request, EINVAL, "a write of the batch is not 1 to 8 bytes");
	return 0;
}

#define EXACTLY(type) .min_payload = sizeof(type), .max_payload = sizeof(type)

/* A command without check or refuse is complete when its sizes are right. */
static const struct vfu_rule vfu_rules[VFU_COMMANDS] = {
	[VFU_VERSION] = {
		.name = "VERSION",
		.min_payload = sizeof(struct vfu_version),
		.max_payload = sizeof(struct vfu_version) + VFU_MAX_VERSION_TEXT,
	},
	[VFU_DMA_MAP] = {
		.name = "DMA_MAP",
		EXACTLY(struct vfu_dma_map),
		.max_fds = 1,
		.check = check_dma_map,
	},
	[VFU_DMA_UNMAP] = {
		.name = "DMA_UNMAP",
		.min_payload = sizeof(struct vfu_dma_unmap),
		/* With the description of a dirty bitmap, to be told that there is none. */
		.max_payload = sizeof(struct vfu_dma_unmap) + 16,
		.check = check_dma_unmap,
	},
	[VFU_DEVICE_GET_INFO] = {
		.name = "DEVICE_GET_INFO",
		EXACTLY(struct vfu_device_info),
		.check = check_device_info,
	},
	[VFU_DEVICE_GET_REGION_INFO] = {
		.name = "DEVICE_GET_REGION_INFO",
		EXACTLY(struct vfu_region_info),
		.check = check_region_info,
	},
	[VFU_DEVICE_GET_REGION_IO_FDS] = {
		.name = "DEVICE_GET_REGION_IO_FDS",
		.refuse = EOPNOTSUPP,
	},
	[VFU_DEVICE_GET_IRQ_INFO] = {
		.name = "DEVICE_GET_IRQ_INFO",
		EXACTLY(struct vfu_irq_info),
		.check = check_irq_info,
	},
	[VFU_DEVICE_SET_IRQS] = {
		.name = "DEVICE_SET_IRQS",
		.min_payload = sizeof(struct vfu_irq_set),
		.max_payload = VFU_MAX_PAYLOAD,
		.max_fds = VFU_MAX_MSG_FDS,
		.check = check_set_irqs,
	},
	[VFU_REGION_READ] = {
		.name = "REGION_READ",
		EXACTLY(struct vfu_region_access),
		.check = check_region_read,
	},
	[VFU_REGION_WRITE] = {
		.name = "REGION_WRITE",
		.min_payload = sizeof(struct vfu_region_access) + 1,
		.max_payload = VFU_MAX_PAYLOAD,
		.check = check_region_write,
	},
	[VFU_DMA_READ] = { .name = "DMA_READ", .refuse = EINVAL },
	[VFU_DMA_WRITE] = { .name = "DMA_WRITE", .refuse = EINVAL },
	[VFU_DEVICE_RESET] = { .name = "DEVICE_RESET" },
	[VFU_DIRTY_PAGES] = { .name = "DIRTY_PAGES", .refuse = EOPNOTSUPP },
	[VFU_REGION_WRITE_MULTI] = {
		.name = "REGION_WRITE_MULTI",
		.min_payload = sizeof(struct vfu_write_multi),
		.max_payload = sizeof(struct vfu_write_multi) +
			       VFU_MAX_WRITE_MULTI * sizeof(struct vfu_write_multi_entry),
		.check = check_write_multi,
	},
	/* QEMU takes EINVAL for "feature not supported". */
	[VFU_DEVICE_FEATURE] = { .name = "DEVICE_FEATURE", .refuse = EINVAL },
	[VFU_MIG_DATA_READ] = { .name = "MIG_DATA_READ", .refuse = EOPNOTSUPP },
	[VFU_MIG_DATA_WRITE] = { .name = "MIG_DATA_WRITE", .refuse = EOPNOTSUPP },
};

static const struct vfu_rule *find_rule(uint16_t command)
{
	if (command >= VFU_COMMANDS || !vfu_rules[command].name)
		return NULL;
	return &vfu_rules[command];
}

const char *vfu_command_name(uint16_t command)
{
	const struct vfu_rule *rule = find_rule(command);

	return rule ? rule->name : "unknown command";
}

int vfu_check_header(const struct vfu_header *header, const char **why)
{
	*why = NULL;
	if (header->size < sizeof(*header))
		*why = "message size is smaller than a header";
	else if (header->size > sizeof(*header) + VFU_MAX_PAYLOAD)
		*why = "message is larger than max_data_xfer_size allows";
	else if ((header->flags & VFU_FLAG_TYPE) == VFU_TYPE_REPLY)
		*why = "a reply, but nothing was asked";
	else if ((header->flags & VFU_FLAG_TYPE) != VFU_TYPE_COMMAND)
		*why = "message is neither a command nor a reply";
	return *why ? -EPROTO : 0;
}

int vfu_check_request(const struct vfu_header *header, const void *payload, unsigned int nfds,
		      const struct vfu_shape *shape, const char **why)
{
	struct vfu_request request = {
		.payload = payload,
		.len = header->size - sizeof(*header),
		.nfds = nfds,
		.shape = shape,
		.why = why,
	};
	const struct vfu_rule *rule = find_rule(header->command);

	*why = NULL;
	if (!rule)
		return refuse(&request, EOPNOTSUPP, "command is not known");
	if (rule->refuse)
		return refuse(&request, rule->refuse, "command is not supported");
	if (header->flags & ~(VFU_FLAG_TYPE | VFU_FLAG_NO_REPLY) || header->error)
		return refuse(&request, EINVAL, "error or unknown flags in a command's header");
	if (request.len < rule->min_payload)
		return refuse(&request, EINVAL, "message is too short");
	if (request.len > rule->max_payload)
		return refuse(&request, EINVAL, "message is too long");
	if (nfds > rule->max_fds)
		return refuse(&request, EINVAL,
			      rule->max_fds ? "too many file descriptors"
					    : "file descriptors with a command without");
	return rule->check ? rule->check(&request) : 0;
}
