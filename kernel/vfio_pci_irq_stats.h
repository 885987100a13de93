/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sight: what has been done to the interrupts of a device, counted, traced and
 * shown in debugfs. Files and tracepoints are described in vfio-pci-dynmsix(4).
 *
 * Nothing here is called by a handler, which runs no instruction for it: how
 * often a vector fired is what genirq has counted for its irq anyway.
 */
#ifndef VFIO_PCI_IRQ_STATS_H
#define VFIO_PCI_IRQ_STATS_H

struct vfio_pci_core_device;
struct vfio_pci_irq_ctx;
struct vfio_pci_irq_stats;
struct vfio_pci_vector;

/* What can happen; each has a counter, and a tracepoint. */
enum vfio_pci_irq_event {
	VFIO_PCI_IRQ_ENABLE,		/* result: irqs allocated with it */
	VFIO_PCI_IRQ_DISABLE,
	VFIO_PCI_IRQ_BIND,
	VFIO_PCI_IRQ_UNBIND,
	VFIO_PCI_IRQ_SWAP,		/* bound already, the same eventfd or not */
	VFIO_PCI_IRQ_REPAIR,		/* MSI-X entry was not what it should be */
	VFIO_PCI_IRQ_ALLOC,		/* an irq for one more vector */
	VFIO_PCI_IRQ_ALLOC_FAILURE,	/* no irq, or no CPU vector for it */
	VFIO_PCI_IRQ_FREE,
	VFIO_PCI_IRQ_ROLLBACK,		/* result: error of the request */
	VFIO_PCI_IRQ_REFUSE,		/* result: of the request */
	VFIO_PCI_IRQ_EVENTS,
};

/**
 * vfio_pci_irq_stats_attach() - give a context the device's record
 * @ctx: new context; @ctx->stats is set
 *
 * The record is made when it is needed first and lives until the driver is
 * unbound from the device. Without memory there is none, and nothing but sight
 * is lost.
 */
void vfio_pci_irq_stats_attach(struct vfio_pci_irq_ctx *ctx);

/**
 * vfio_pci_irq_stats_detach() - undo vfio_pci_irq_stats_attach()
 * @ctx: context about to be freed
 */
void vfio_pci_irq_stats_detach(struct vfio_pci_irq_ctx *ctx);

/**
 * vfio_pci_irq_stats_lock() - keep readers out while vectors come and go
 * @ctx: context whose set of vectors, or irqs of bound vectors, will change
 *
 * Taken between igate and memory_lock.
 */
void vfio_pci_irq_stats_lock(struct vfio_pci_irq_ctx *ctx);

/**
 * vfio_pci_irq_stats_unlock() - undo vfio_pci_irq_stats_lock()
 * @ctx: the context
 */
void vfio_pci_irq_stats_unlock(struct vfio_pci_irq_ctx *ctx);

/**
 * vfio_pci_irq_note() - count and trace what happened
 * @ctx: context of the index it happened to
 * @event: what
 * @vector: vector it happened to; for the whole index, the first of the request
 * @irq: its Linux irq, 0 if there is none
 * @result: see enum vfio_pci_irq_event, otherwise 0 or a negative errno
 */
void vfio_pci_irq_note(struct vfio_pci_irq_ctx *ctx, enum vfio_pci_irq_event event,
		       unsigned int vector, int irq, int result);

/**
 * vfio_pci_irq_note_repair() - vfio_pci_irq_note() for VFIO_PCI_IRQ_REPAIR
 * @ctx: the context
 * @vector: the vector, which counts it too
 */
void vfio_pci_irq_note_repair(struct vfio_pci_irq_ctx *ctx, struct vfio_pci_vector *vector);

/**
 * vfio_pci_irq_blame() - say which vector a request is about to fail at
 * @ctx: the context
 * @vector: the vector; if it is bound it counts a failure
 *
 * Without it the first vector of the request is held responsible.
 */
void vfio_pci_irq_blame(struct vfio_pci_irq_ctx *ctx, unsigned int vector);

/**
 * vfio_pci_irq_refused() - count and trace a request that has failed
 * @vdev: the device
 * @index: index of the request
 * @start: first vector of the request
 * @result: what is returned for it
 */
void vfio_pci_irq_refused(struct vfio_pci_core_device *vdev, unsigned int index,
			  unsigned int start, int result);

/**
 * vfio_pci_irq_signals_begin() - a vector's irq has been requested
 * @vector: the vector, its irq not enabled yet
 */
void vfio_pci_irq_signals_begin(struct vfio_pci_vector *vector);

/**
 * vfio_pci_irq_signals_end() - a vector's irq has been given up
 * @ctx: the context, which adds the vector's signals to those of the device
 * @vector: the vector, its irq still allocated
 */
void vfio_pci_irq_signals_end(struct vfio_pci_irq_ctx *ctx, struct vfio_pci_vector *vector);

#endif /* VFIO_PCI_IRQ_STATS_H */
