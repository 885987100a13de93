// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "fault.h"
#include "log.h"
#include "session.h"

/**
 * struct session_call - a request being carried out
 * @payload: has passed vfu_check_request()
 */
struct session_call {
	struct session *session;
	const struct vfu_header *header;
	const void *payload;
	int *fds;
	unsigned int nfds;
	void *reply;
	const char **why;
};

static int host_dma_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	struct session *session = host;

	return dma_map_read(session->dma, iova, buf, len, done);
}

static int host_dma_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	struct session *session = host;

	return dma_map_write(session->dma, iova, buf, len, done);
}

static int host_dma_copy(void *host, uint64_t dst, uint64_t src, size_t len, size_t *done,
			 bool *write_fault)
{
	struct session *session = host;

	return dma_map_copy(session->dma, dst, src, len, done, write_fault);
}

static int host_signal(void *host, unsigned int vector)
{
	struct session *session = host;
	int ret = irq_set_signal(session->irqs, vector);

	if (ret > 0)
		access_log_event(session->log, ACCESS_LOG_MESSAGE, vector, 1);
	return ret;
}

const struct dsa_host_ops session_host_ops = {
	.dma_read = host_dma_read,
	.dma_write = host_dma_write,
	.dma_copy = host_dma_copy,
	.signal = host_signal,
};

void session_init_shape(struct session *session)
{
	struct vfu_shape *shape = &session->shape;
	unsigned int bar;

	memset(shape, 0, sizeof(*shape));
	for (bar = VFIO_PCI_BAR0_REGION_INDEX; bar <= VFIO_PCI_BAR5_REGION_INDEX; bar++)
		shape->region_size[bar] = dsa_device_bar_size(session->device, bar);
	shape->region_size[VFIO_PCI_CONFIG_REGION_INDEX] = DSA_CONFIG_SPACE_SIZE;
	shape->irq_count[VFIO_PCI_MSIX_IRQ_INDEX] = dsa_device_vectors(session->device);
}

static long do_version(struct session_call *call)
{
	struct session *session = call->session;
	size_t len = call->header->size - sizeof(*call->header);
	int ret;

	if (session->negotiated) {
		*call->why = "VERSION has been exchanged already";
		return -EINVAL;
	}
	session->over = true;
	if (call->header->flags & VFU_FLAG_NO_REPLY) {
		*call->why = "VERSION without a reply";
		return -EINVAL;
	}
	ret = vfu_version_parse(call->payload, len, &session->client, call->why);
	if (ret)
		return ret;
	session->negotiated = true;
	session->over = false;
	access_log_event(session->log, ACCESS_LOG_BEGIN, 0, 0);
	return vfu_version_reply(call->reply, len);
}

static long do_dma_map(struct session_call *call)
{
	const struct vfu_dma_map *map = call->payload;
	struct dma_range range = {
		.iova = map->address,
		.size = map->size,
		.fd = call->nfds ? call->fds[0] : -1,
		.offset = map->offset,
	};

	if (map->flags & VFIO_DMA_MAP_FLAG_READ)
		range.prot |= DMA_PROT_READ;
	if (map->flags & VFIO_DMA_MAP_FLAG_WRITE)
		range.prot |= DMA_PROT_WRITE;
	return dma_map_add(call->session->dma, &range, call->why);
}

static long do_dma_unmap(struct session_call *call)
{
	const struct vfu_dma_unmap *unmap = call->payload;
	struct vfu_dma_unmap *reply = call->reply;
	int ret = 0;

	if (unmap->flags & VFU_DMA_UNMAP_ALL)
		dma_map_clear(call->session->dma);
	else
		ret = dma_map_remove(call->session->dma, unmap->address, unmap->size, NULL,
				     call->why);
	if (ret)
		return ret;
	*reply = *unmap;
	reply->argsz = sizeof(*reply);
	return sizeof(*reply);
}

static long do_device_info(struct session_call *call)
{
	struct vfu_device_info *reply = call->reply;

	*reply = (struct vfu_device_info){
		.argsz = sizeof(*reply),
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VFU_NUM_REGIONS,
		.num_irqs = VFU_NUM_IRQS,
	};
	return sizeof(*reply);
}

static long do_region_info(struct session_call *call)
{
	const struct vfu_region_info *info = call->payload;
	struct vfu_region_info *reply = call->reply;
	uint64_t size = call->session->shape.region_size[info->index];

	/* No region can be mapped: one that could would end posted writes to all. */
	*reply = (struct vfu_region_info){
		.argsz = sizeof(*reply),
		.flags = size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0,
		.index = info->index,
		.size = size,
	};
	return sizeof(*reply);
}

static long do_irq_info(struct session_call *call)
{
	const struct vfu_irq_info *info = call->payload;
	struct vfu_irq_info *reply = call->reply;
	uint32_t count = call->session->shape.irq_count[info->index];

	/* An error to be told of stops the virtual machine: better not to offer one. */
	if (info->index == VFIO_PCI_ERR_IRQ_INDEX || info->index == VFIO_PCI_REQ_IRQ_INDEX)
		return -EINVAL;
	*reply = (struct vfu_irq_info){
		.argsz = sizeof(*reply),
		/* Without NORESIZE: vectors come and go one by one. */
		.flags = count ? VFIO_IRQ_INFO_EVENTFD : 0,
		.index = info->index,
		.count = count,
	};
	return sizeof(*reply);
}

static void fire_vectors(struct session *session, const struct vfu_irq_set *set)
{
	bool selective = set->flags & VFIO_IRQ_SET_DATA_BOOL;
	uint32_t i;

	for (i = 0; i < set->count; i++)
		if (!selective || set->data[i])
			irq_set_signal(session->irqs, set->start + i);
}

static long do_set_irqs(struct session_call *call)
{
	const struct vfu_irq_set *set = call->payload;
	struct session *session = call->session;
	uint32_t vectors = session->shape.irq_count[set->index];
	uint32_t i;
	int ret;

	/* What is left for an index without vectors is to disable it. */
	if (!vectors)
		return 0;
	if (!set->count) {
		access_log_event(session->log, ACCESS_LOG_UNBIND, 0, vectors);
		irq_set_unbind(session->irqs, 0, vectors);
		return 0;
	}
	if (!(set->flags & VFIO_IRQ_SET_DATA_EVENTFD)) {
		fire_vectors(session, set);
		return 0;
	}
	if (!call->nfds) {
		access_log_event(session->log, ACCESS_LOG_UNBIND, set->start, set->count);
		irq_set_unbind(session->irqs, set->start, set->count);
		return 0;
	}
	ret = dsa_device_may_bind(session->device, set->start, set->count);
	if (ret) {
		*call->why = "no vectors from there on, on demand";
		return ret;
	}
	ret = irq_set_bind(session->irqs, set->start, set->count, call->fds, call->why);
	if (ret)
		return ret;
	access_log_event(session->log, ACCESS_LOG_BIND, set->start, set->count);
	for (i = 0; i < set->count; i++)
		dsa_device_vector_bound(session->device, set->start + i);
	return 0;
}

static int write_region(struct session *session, uint32_t region, uint64_t offset, const void *data,
			uint32_t count, const char **why)
{
	int ret;

	/* Before, and so in the log before what it brings about. */
	access_log_access(session->log, true, region, offset, data, count);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		ret = dsa_config_write(session->device, offset, data, count);
	else
		ret = dsa_bar_write(session->device, region, offset, data, count);
	if (ret < 0) {
		*why = "the device takes no write of that size there";
		return ret;
	}
	return 0;
}

static long do_region_read(struct session_call *call)
{
	const struct vfu_region_access *access = call->payload;
	struct vfu_region_access *reply = call->reply;
	struct dsa_device *device = call->session->device;
	int ret;

	if (access->region == VFIO_PCI_CONFIG_REGION_INDEX)
		ret = dsa_config_read(device, access->offset, reply->data, access->count);
	else
		ret = dsa_bar_read(device, access->region, access->offset, reply->data,
				   access->count);
	if (ret < 0) {
		*call->why = "the device takes no read of that size there";
		return ret;
	}
	access_log_access(call->session->log, false, access->region, access->offset, reply->data,
			  access->count);
	memcpy(reply, access, sizeof(*access));
	return sizeof(*reply) + access->count;
}

static long do_region_write(struct session_call *call)
{
	const struct vfu_region_access *access = call->payload;
	int ret;

	ret = write_region(call->session, access->region, access->offset, access->data,
			   access->count, call->why);
	if (ret)
		return ret;
	memcpy(call->reply, access, sizeof(*access));
	return sizeof(*access);
}

/* As good as that many posted writes: each stands for itself. */
static long do_write_multi(struct session_call *call)
{
	const struct vfu_write_multi *multi = call->payload;
	struct session *session = call->session;
	uint64_t i, done = 0;

	for (i = 0; i < multi->count; i++) {
		const struct vfu_write_multi_entry *entry = &multi->entries[i];

		if (!vfu_check_access(entry->region, entry->offset, entry->count, &session->shape,
				      call->why) &&
		    !write_region(session, entry->region, entry->offset, entry->data, entry->count,
				  call->why))
			done++;
	}
	if (!done)
		return -EINVAL;
	memcpy(call->reply, &done, sizeof(done));
	return sizeof(done);
}

static long do_device_reset(struct session_call *call)
{
	access_log_event(call->session->log, ACCESS_LOG_RESET, 0, 0);
	dsa_device_reset(call->session->device);
	call->session->resets++;
	return 0;
}

/* Commands without an entry are refused by vfu_check_request(). */
static long (*const session_commands[VFU_COMMANDS])(struct session_call *call) = {
	[VFU_VERSION] = do_version,
	[VFU_DMA_MAP] = do_dma_map,
	[VFU_DMA_UNMAP] = do_dma_unmap,
	[VFU_DEVICE_GET_INFO] = do_device_info,
	[VFU_DEVICE_GET_REGION_INFO] = do_region_info,
	[VFU_DEVICE_GET_IRQ_INFO] = do_irq_info,
	[VFU_DEVICE_SET_IRQS] = do_set_irqs,
	[VFU_REGION_READ] = do_region_read,
	[VFU_REGION_WRITE] = do_region_write,
	[VFU_DEVICE_RESET] = do_device_reset,
	[VFU_REGION_WRITE_MULTI] = do_write_multi,
};

long session_request(struct session *session, const struct vfu_header *header, const void *payload,
		     int *fds, unsigned int nfds, void *reply, const char **why)
{
	struct session_call call = {
		.session = session,
		.header = header,
		.payload = payload,
		.fds = fds,
		.nfds = nfds,
		.reply = reply,
		.why = why,
	};
	int ret;

	*why = NULL;
	if (!session->negotiated && header->command != VFU_VERSION) {
		session->over = true;
		*why = "VERSION must come first";
		return -EINVAL;
	}
	ret = vfu_check_request(header, payload, nfds, &session->shape, why);
	if (ret) {
		/* Without a version there is no common ground to go on from. */
		session->over = !session->negotiated;
		return ret;
	}
	return session_commands[header->command](&call);
}

void session_end(struct session *session)
{
	/* Triggers first: what completes from now on has nobody to be told to. */
	irq_set_unbind(session->irqs, 0, dsa_device_vectors(session->device));
	dsa_device_reset(session->device);
	dma_map_clear(session->dma);
	if (session->negotiated)
		access_log_event(session->log, ACCESS_LOG_END, 0, 0);
	access_log_flush(session->log);
	session->negotiated = false;
	session->over = false;
}
