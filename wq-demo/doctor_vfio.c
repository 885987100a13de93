// SPDX-License-Identifier: GPL-2.0-only
/* Questions to VFIO. To open a device that nobody uses resets it, and changes nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "doctor_private.h"

static int refused(struct problem *problem, const char *what, const char *path)
{
	int error = errno;

	return problem_set(problem, -error, "%s %s: %s", what, path, strerror(error));
}

static int ask_device(int device, struct doctor_irq_info *answer, struct problem *problem)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX };

	if (ioctl(device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0)
		return refused(problem, "ask about", "MSI-X");
	answer->count = info.count;
	answer->noresize = info.flags & VFIO_IRQ_INFO_NORESIZE;
	return 0;
}

static int ask_group(int container, int group, const char *path, const char *address,
		     struct doctor_irq_info *info, struct problem *problem)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int device, error;

	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return refused(problem, "ask", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return problem_set(problem, -EINVAL,
				   "not all devices of the group %s are bound to vfio-pci", path);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		return refused(problem, "add to a container", path);
	/* Detached again when both are closed. */
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return refused(problem, "attach to the IOMMU", path);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	if (device < 0)
		return refused(problem, "open", address);
	error = ask_device(device, info, problem);
	close(device);
	return error;
}

int doctor_vfio_irq_info(const char *address, const char *group, struct doctor_irq_info *info,
			 struct problem *problem)
{
	char path[64];
	int container, group_fd, error;

	if (!group[0])
		return problem_set(problem, -ENODEV, "it is in no IOMMU group");
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	/* Whoever has the group open keeps others out: then nothing is touched. */
	group_fd = open(path, O_RDWR | O_CLOEXEC);
	if (group_fd < 0)
		return refused(problem, "open", path);
	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (container < 0) {
		error = refused(problem, "open", "/dev/vfio/vfio");
		goto close_group;
	}
	error = ask_group(container, group_fd, path, address, info, problem);
	close(container);
close_group:
	close(group_fd);
	return error;
}
