/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: the user interface, and virqfds (kapi/virqfd.c). */
#ifndef KAPI_LINUX_VFIO_H
#define KAPI_LINUX_VFIO_H

#include_next <linux/vfio.h>

#include <linux/types.h>

struct virqfd;

int vfio_virqfd_enable(void *opaque, int (*handler)(void *opaque, void *data),
		       void (*thread)(void *opaque, void *data), void *data,
		       struct virqfd **virqfd, int fd);
void vfio_virqfd_disable(struct virqfd **virqfd);
void vfio_virqfd_flush_thread(struct virqfd **virqfd);

#endif /* KAPI_LINUX_VFIO_H */
