/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI device behind vfio-pci, through a type 1 container.
 *
 * All functions return 0 or a count, or a negative errno; those that prepare say on
 * standard error what was wrong.
 */
#ifndef IRQ_LAB_VFIO_H
#define IRQ_LAB_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first page of BAR0 has all registers that are used here. */
#define VFIO_BAR0_BYTES 0x1000

/**
 * struct vfio - an open device
 * @bdf: its PCI address
 * @vectors: entries of its MSI-X table
 * @noresize: the host says that vectors cannot be added one by one
 * @bar0, @bar2: mapped
 * @bar2_bytes: size of BAR2
 */
struct vfio {
	const char *bdf;
	int container;
	int group;
	int device;
	unsigned int vectors;
	bool noresize;
	volatile uint8_t *bar0;
	volatile uint8_t *bar2;
	size_t bar2_bytes;
};

/* Open the device @bdf, map its BARs and let it be a bus master. */
int vfio_open(struct vfio *v, const char *bdf);
/* Give everything back; work that the device still has is no obstacle. */
void vfio_close(struct vfio *v);

/* Show @len bytes at @memory (whole pages) to the device, at @iova. */
int vfio_map(struct vfio *v, void *memory, uint64_t iova, size_t len);
/* VFIO_DEVICE_RESET. */
int vfio_reset(struct vfio *v);

/**
 * vfio_bind - VFIO_DEVICE_SET_IRQS with eventfds, as a VMM does
 * @fds: -1: no eventfd
 *
 * Return: what the ioctl returns (positive: vectors that could be had), or a
 * negative errno.
 */
int vfio_bind(struct vfio *v, unsigned int start, unsigned int count, const int32_t *fds);
/* Take the whole index down. */
int vfio_disable(struct vfio *v);
/* Raise @vector by software (no data, trigger). */
int vfio_loopback(struct vfio *v, unsigned int vector);

#endif /* IRQ_LAB_VFIO_H */
