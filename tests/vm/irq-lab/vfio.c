// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

/* Says that @what went wrong with @error, a negative errno, and returns it. */
static int complain(const struct vfio *v, const char *what, int error)
{
	fprintf(stderr, "irq-lab: %s: %s: %s\n", v->bdf, what, strerror(-error));
	return error;
}

static int failed(const struct vfio *v, const char *what)
{
	return complain(v, what, -errno);
}

/* ---- Container and group --------------------------------------------------- */

static int open_group(struct vfio *v)
{
	char link[PATH_MAX], target[PATH_MAX], path[PATH_MAX + 16];
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const char *number;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", v->bdf);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return failed(v, "there is no such device, or it is in no IOMMU group");
	target[n] = '\0';
	number = strrchr(target, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%s", number ? number + 1 : target);
	v->group = open(path, O_RDWR | O_CLOEXEC);
	if (v->group < 0)
		return failed(v, "cannot open its group; is it bound to vfio-pci?");
	if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status))
		return failed(v, "VFIO_GROUP_GET_STATUS");
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return complain(v, "another device of its group has a driver", -EBUSY);
	return 0;
}

static int open_container(struct vfio *v)
{
	v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return failed(v, "cannot open /dev/vfio/vfio; is vfio loaded?");
	if (ioctl(v->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    !ioctl(v->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU))
		return complain(v, "this kernel's VFIO has no type 1 IOMMU", -ENOTSUP);
	return 0;
}

/* ---- Regions and interrupts ------------------------------------------------ */

static int region_info(struct vfio *v, unsigned int index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

static int map_bar(struct vfio *v, unsigned int bar, volatile uint8_t **at, size_t *bytes)
{
	struct vfio_region_info info;
	void *memory;
	int ret = region_info(v, VFIO_PCI_BAR0_REGION_INDEX + bar, &info);

	if (ret)
		return complain(v, "VFIO_DEVICE_GET_REGION_INFO", ret);
	if (!*bytes)
		*bytes = info.size;
	if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP) || info.size < *bytes)
		return complain(v, "a BAR is too small, or cannot be mapped", -ENODEV);
	memory = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->device, info.offset);
	if (memory == MAP_FAILED)
		return failed(v, "cannot map a BAR");
	*at = memory;
	return 0;
}

static int become_bus_master(struct vfio *v)
{
	const uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct vfio_region_info info;
	int ret = region_info(v, VFIO_PCI_CONFIG_REGION_INDEX, &info);

	if (ret)
		return complain(v, "VFIO_DEVICE_GET_REGION_INFO", ret);
	if (pwrite(v->device, &command, sizeof(command), info.offset + PCI_COMMAND) !=
	    sizeof(command))
		return failed(v, "cannot write to configuration space");
	return 0;
}

static int look_at_vectors(struct vfio *v)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = MSIX };

	if (ioctl(v->device, VFIO_DEVICE_GET_IRQ_INFO, &info))
		return failed(v, "VFIO_DEVICE_GET_IRQ_INFO");
	if (!info.count || !(info.flags & VFIO_IRQ_INFO_EVENTFD))
		return complain(v, "it has no MSI-X", -ENODEV);
	v->vectors = info.count;
	v->noresize = info.flags & VFIO_IRQ_INFO_NORESIZE;
	return 0;
}

/* ---- Interface --------------------------------------------------------------- */

static int open_device(struct vfio *v)
{
	size_t bar0_bytes = VFIO_BAR0_BYTES;
	int ret;

	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container))
		return failed(v, "VFIO_GROUP_SET_CONTAINER");
	if (ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return failed(v, "VFIO_SET_IOMMU");
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, v->bdf);
	if (v->device < 0)
		return failed(v, "VFIO_GROUP_GET_DEVICE_FD");
	ret = look_at_vectors(v);
	if (!ret)
		ret = map_bar(v, 0, &v->bar0, &bar0_bytes);
	if (!ret)
		ret = map_bar(v, 2, &v->bar2, &v->bar2_bytes);
	return ret ? ret : become_bus_master(v);
}

int vfio_open(struct vfio *v, const char *bdf)
{
	int ret;

	*v = (struct vfio){ .bdf = bdf, .container = -1, .group = -1, .device = -1 };
	ret = open_container(v);
	if (!ret)
		ret = open_group(v);
	if (!ret)
		ret = open_device(v);
	if (ret)
		vfio_close(v);
	return ret;
}

void vfio_close(struct vfio *v)
{
	int *const files[] = { &v->device, &v->group, &v->container };
	unsigned int i;

	/* A mapping keeps the device open as its descriptor does. */
	if (v->bar2)
		munmap((void *)v->bar2, v->bar2_bytes);
	if (v->bar0)
		munmap((void *)v->bar0, VFIO_BAR0_BYTES);
	v->bar0 = NULL;
	v->bar2 = NULL;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (*files[i] >= 0)
			close(*files[i]);
		*files[i] = -1;
	}
}

int vfio_map(struct vfio *v, void *memory, uint64_t iova, size_t len)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = len,
	};

	return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) ? failed(v, "VFIO_IOMMU_MAP_DMA") : 0;
}

int vfio_reset(struct vfio *v)
{
	return ioctl(v->device, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int set_irqs(struct vfio *v, uint32_t data, unsigned int start, unsigned int count,
		    const int32_t *fds)
{
	size_t bytes = fds ? count * sizeof(*fds) : 0;
	struct vfio_irq_set *set = malloc(sizeof(*set) + bytes);
	int ret;

	if (!set)
		return -ENOMEM;
	*set = (struct vfio_irq_set){
		.argsz = sizeof(*set) + bytes,
		.flags = data | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = MSIX,
		.start = start,
		.count = count,
	};
	if (bytes)
		memcpy(set->data, fds, bytes);
	ret = ioctl(v->device, VFIO_DEVICE_SET_IRQS, set);
	if (ret < 0)
		ret = -errno;
	free(set);
	return ret;
}

int vfio_bind(struct vfio *v, unsigned int start, unsigned int count, const int32_t *fds)
{
	return set_irqs(v, VFIO_IRQ_SET_DATA_EVENTFD, start, count, fds);
}

int vfio_disable(struct vfio *v)
{
	return set_irqs(v, VFIO_IRQ_SET_DATA_NONE, 0, 0, NULL);
}

int vfio_loopback(struct vfio *v, unsigned int vector)
{
	return set_irqs(v, VFIO_IRQ_SET_DATA_NONE, vector, 1, NULL);
}
