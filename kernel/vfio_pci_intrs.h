/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of a vfio-pci device: state shared by the files of this folder.
 *
 * Locking: everything here is written under vfio_pci_core_device.igate, with
 * one exception: the last disable at device close, where the caller holds no
 * lock and nobody else can reach the device. Whatever makes the kernel write
 * the MSI-X table runs under memory_lock with memory decoding forced on
 * (vfio_pci_memory_lock_and_enable()); the order is igate, then memory_lock.
 */
#ifndef VFIO_PCI_INTRS_H
#define VFIO_PCI_INTRS_H

#include <linux/irqbypass.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "vfio_pci_irq_info.h"

struct eventfd_ctx;
struct vfio_pci_core_device;
struct vfio_pci_irq_ctx;
struct vfio_pci_irq_stats;
struct virqfd;

/* Room for "vfio-msix[2047](10000:ff:1f.7)"; what is longer is cut. */
#define VFIO_PCI_IRQ_NAME_SIZE	32

/**
 * struct vfio_pci_vector - one bound MSI or MSI-X vector
 * @trigger: eventfd signalled by the handler, never NULL; the vector owns one
 *	reference. Replaced while the irq is live, so the handler reads it once.
 * @producer: irq bypass registration, keyed by @trigger
 * @index: index in the MSI-X table or the MSI block
 * @irq: Linux irq number, requested with this structure as its dev_id
 * @signals_before: what genirq had counted for @irq when it was requested
 * @swaps: how often the trigger was set again
 * @repairs: how often the MSI-X entry was not what it should have been
 * @failures: requests that failed at this vector
 * @name: name of the irq in /proc/interrupts
 *
 * The structure keeps its address for as long as the irq is requested: that is
 * what allows a trigger to be replaced without freeing the irq.
 */
struct vfio_pci_vector {
	struct eventfd_ctx		*trigger;
	struct irq_bypass_producer	producer;
	unsigned int			index;
	int				irq;
	u32				signals_before;
	u32				swaps;
	u32				repairs;
	u32				failures;
	char				name[VFIO_PCI_IRQ_NAME_SIZE];
};

/**
 * struct vfio_pci_intx - the interrupt line
 * @vdev: the device, for the handler
 * @trigger: eventfd or NULL; owned. The handler and the unmask virqfd read it
 *	without a lock.
 * @unmask: virqfd that unmasks the line
 * @masked: the line is masked; protected by irqlock
 * @name: name of the irq in /proc/interrupts
 */
struct vfio_pci_intx {
	struct vfio_pci_core_device	*vdev;
	struct eventfd_ctx		*trigger;
	struct virqfd			*unmask;
	bool				masked;
	char				name[VFIO_PCI_IRQ_NAME_SIZE];
};

/**
 * struct vfio_pci_irq_source - where the Linux irqs of an index come from
 * @name: for messages
 * @can_grow: vectors may be added after the index was enabled; user space is
 *	told so by the absence of VFIO_IRQ_INFO_NORESIZE
 * @enable: switch the index on for vectors [start, start + count), where
 *	fds[i] < 0 (or fds == NULL) marks one that is not wanted yet, and set
 *	ctx->limit and ctx->irqs. Returns 0; the positive number of vectors that could be had
 *	when that is fewer than asked for (the index is off again then); or a
 *	negative errno.
 * @alloc: Linux irq of vector @index, allocated now if there is none; *fresh
 *	says so. Negative errno if there is none to be had.
 * @free: undo @alloc while the index stays enabled; NULL if not possible, then
 *	irqs live until the index is disabled
 *
 * All callbacks run under memory_lock with memory decoding enabled.
 */
struct vfio_pci_irq_source {
	const char	*name;
	bool		can_grow;
	int		(*enable)(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				  unsigned int count, const s32 *fds);
	int		(*alloc)(struct vfio_pci_irq_ctx *ctx, unsigned int index,
				 bool *fresh);
	void		(*free)(struct vfio_pci_irq_ctx *ctx, unsigned int index,
				int irq);
};

/**
 * struct vfio_pci_irq_ctx - interrupt state of a device while an index is on
 * @vdev: the device
 * @msix: MSI-X rather than MSI (meaningless for INTx)
 * @source: where irqs come from (MSI and MSI-X; NULL for INTx)
 * @limit: vectors [0, limit) can have an irq, as far as @source knows
 * @irqs: irqs allocated now, of bound vectors and of others
 * @vectors: the bound vectors, struct vfio_pci_vector by index
 * @stats: the device's counters, NULL if there was no memory for them
 * @intx: the line (INTx)
 *
 * Exists from the enabling of INTx, MSI or MSI-X until it is disabled.
 */
struct vfio_pci_irq_ctx {
	struct vfio_pci_core_device		*vdev;
	bool					msix;
	const struct vfio_pci_irq_source	*source;
	unsigned int				limit;
	unsigned int				irqs;
	struct xarray				vectors;
	struct vfio_pci_irq_stats		*stats;
	struct vfio_pci_intx			intx;
};

/* vfio_pci_intrs.c */

/**
 * vfio_pci_irq_is_none() - no INTx, MSI or MSI-X index is enabled
 * @vdev: the device
 */
bool vfio_pci_irq_is_none(const struct vfio_pci_core_device *vdev);

/**
 * vfio_pci_irq_ctx_create() - allocate the state and attach it to the device
 * @vdev: device on which no index is enabled
 *
 * Return: the state, or NULL without memory. Owned by the device until
 * vfio_pci_irq_ctx_destroy().
 */
struct vfio_pci_irq_ctx *vfio_pci_irq_ctx_create(struct vfio_pci_core_device *vdev);

/**
 * vfio_pci_irq_ctx_destroy() - detach the state from its device and free it
 * @ctx: state without bound vectors
 */
void vfio_pci_irq_ctx_destroy(struct vfio_pci_irq_ctx *ctx);

/* vfio_pci_msi.c */

/**
 * vfio_pci_set_msi_trigger() - VFIO_IRQ_SET_ACTION_TRIGGER for MSI and MSI-X
 * @vdev: the device
 * @index: VFIO_PCI_MSI_IRQ_INDEX or VFIO_PCI_MSIX_IRQ_INDEX
 * @start: first vector
 * @count: number of vectors; 0 with VFIO_IRQ_SET_DATA_NONE disables the index
 * @flags: flags of struct vfio_irq_set
 * @data: kernel copy of the data that follows struct vfio_irq_set
 *
 * A request that fails changes nothing: all bindings are what they were, and
 * an index it would have enabled stays disabled (see the module parameter
 * teardown_on_error for the historical behaviour).
 *
 * Return: 0; a positive number if the index was to be enabled and only so many
 * vectors are available; or a negative errno.
 */
int vfio_pci_set_msi_trigger(struct vfio_pci_core_device *vdev,
			     unsigned int index, unsigned int start,
			     unsigned int count, u32 flags, void *data);

/* vfio_pci_msi_txn.c */

/**
 * vfio_pci_msi_bind() - bind, swap and unbind the vectors of a range
 * @ctx: context of the index
 * @start: first vector
 * @count: number of vectors, at least 1
 * @fds: for each vector its eventfd, < 0 for none; NULL: none for all
 * @enabling: switch the index on before; off again if that fails
 *
 * All of it happens, or nothing does.
 *
 * Return: 0; a positive number if the index was to be enabled and only so many
 * vectors are available; or a negative errno.
 */
int vfio_pci_msi_bind(struct vfio_pci_irq_ctx *ctx, unsigned int start,
		      unsigned int count, const s32 *fds, bool enabling);

/* vfio_pci_msi_irq.c */

/**
 * vfio_pci_irq_source() - choose where the irqs of an index come from
 * @vdev: the device
 * @msix: MSI-X or MSI
 *
 * The answer does not change while the module is loaded: VMMs ask once.
 */
const struct vfio_pci_irq_source *
vfio_pci_irq_source(const struct vfio_pci_core_device *vdev, bool msix);

/**
 * vfio_pci_msix_repair() - make an MSI-X entry hold what the kernel wrote
 * @vdev: the device
 * @index: entry in the table
 * @irq: its Linux irq
 *
 * A device can lose its table behind the kernel's back ("backdoor" resets).
 * A healthy entry is only read, so a live vector is not masked for this.
 * Caller holds memory_lock with memory decoding enabled.
 *
 * Return: true if the entry had to be written.
 */
bool vfio_pci_msix_repair(struct vfio_pci_core_device *vdev, unsigned int index,
			  int irq);

#endif /* VFIO_PCI_INTRS_H */
