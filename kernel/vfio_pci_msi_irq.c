// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the Linux irqs of MSI and MSI-X vectors come from:
 *
 * dynamic	MSI-X, irqs allocated one by one (kernel 6.2 and an interrupt
 *		domain that can). Only the vectors wanted now are allocated.
 * reserve	MSI-X on older kernels: irqs for the whole table are allocated
 *		when it is enabled, and requested when a vector is bound. Cheap
 *		where an irq takes no CPU vector before it is requested.
 * fixed	MSI, and MSI-X where neither is possible: vectors up to the
 *		last one of the enabling request, and no more.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "compat/msix_dyn.h"

/* Read-only at run time: what a device announced must stay true. */
static int msix_reserve = -1;
module_param(msix_reserve, int, 0444);
MODULE_PARM_DESC(msix_reserve,
		 "Kernels without dynamic MSI-X: reserve irqs for the whole MSI-X table so that vectors can be added one by one (1 = always, 0 = never, -1 = where it costs no CPU vectors; default -1)");

static uint msix_reserve_max;
module_param(msix_reserve_max, uint, 0444);
MODULE_PARM_DESC(msix_reserve_max,
		 "Most irqs to reserve for one device (default 0 = its whole MSI-X table)");

/* Enable vectors [0, end), and up to @max if they can be had. */
static int vfio_pci_enable_block(struct vfio_pci_irq_ctx *ctx, unsigned int end,
				 unsigned int max)
{
	struct pci_dev *pdev = ctx->vdev->pdev;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, 1, max,
				    ctx->msix ? PCI_IRQ_MSIX : PCI_IRQ_MSI);
	if (ret < 0)
		return ret;

	if (ret < end) {
		pci_free_irq_vectors(pdev);
		return ret;
	}

	ctx->limit = ret;
	ctx->irqs = ret;

	return 0;
}

/* Vectors below ctx->limit have their irq already. */
static int vfio_pci_existing_irq(struct vfio_pci_irq_ctx *ctx, unsigned int index,
				 bool *fresh)
{
	*fresh = false;

	if (index >= ctx->limit)
		return -ENOSPC;

	return pci_irq_vector(ctx->vdev->pdev, index);
}

static int vfio_pci_fixed_enable(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				 unsigned int count, const s32 *fds)
{
	unsigned int end = start + count;
	int ret;

	ret = vfio_pci_enable_block(ctx, end, end);
	if (ret)
		return ret;

	/* What virtual MSI's Multiple Message Enable may be set to. */
	if (!ctx->msix)
		ctx->vdev->msi_qmax = order_base_2(end);

	return 0;
}

static const struct vfio_pci_irq_source vfio_pci_fixed_source = {
	.name		= "fixed",
	.can_grow	= false,
	.enable		= vfio_pci_fixed_enable,
	.alloc		= vfio_pci_existing_irq,
};

static int vfio_pci_reserve_enable(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				   unsigned int count, const s32 *fds)
{
	unsigned int end = start + count;
	unsigned int max = end;
	int table_size;

	table_size = pci_msix_vec_count(ctx->vdev->pdev);
	if (table_size < 0)
		return table_size;

	if (table_size > max)
		max = table_size;
	if (msix_reserve_max)
		max = clamp(msix_reserve_max, end, max);

	return vfio_pci_enable_block(ctx, end, max);
}

static const struct vfio_pci_irq_source vfio_pci_reserve_source = {
	.name		= "reserve",
	.can_grow	= true,
	.enable		= vfio_pci_reserve_enable,
	.alloc		= vfio_pci_existing_irq,
};

/*
 * MSI-X cannot be enabled without any vector: if none is wanted yet, the first
 * of the range is allocated, and left unbound.
 */
static int vfio_pci_dynamic_enable(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				   unsigned int count, const s32 *fds)
{
	struct pci_dev *pdev = ctx->vdev->pdev;
	struct msix_entry *entries;
	int table_size, ret;
	unsigned int i;
	int n = 0;

	table_size = pci_msix_vec_count(pdev);
	if (table_size < 0)
		return table_size;

	entries = kvcalloc(count, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;

	for (i = 0; i < count; i++) {
		if (fds && fds[i] >= 0)
			entries[n++].entry = start + i;
	}
	if (!n)
		entries[n++].entry = start;

	ret = pci_enable_msix_range(pdev, entries, 1, n);
	kvfree(entries);
	if (ret < 0)
		return ret;

	if (ret < n) {
		pci_free_irq_vectors(pdev);
		return ret;
	}

	ctx->limit = table_size;
	ctx->irqs = n;

	return 0;
}

static int vfio_pci_dynamic_alloc(struct vfio_pci_irq_ctx *ctx, unsigned int index,
				  bool *fresh)
{
	struct pci_dev *pdev = ctx->vdev->pdev;
	struct msi_map map;
	int irq;

	*fresh = false;

	irq = pci_irq_vector(pdev, index);
	if (irq > 0)
		return irq;

	map = pci_msix_alloc_irq_at(pdev, index, NULL);
	if (map.index < 0)
		return map.index;

	ctx->irqs++;
	*fresh = true;

	return map.virq;
}

static void vfio_pci_dynamic_free(struct vfio_pci_irq_ctx *ctx, unsigned int index,
				  int irq)
{
	struct msi_map map = { .index = index, .virq = irq };

	pci_msix_free_irq(ctx->vdev->pdev, map);
	ctx->irqs--;
}

static const struct vfio_pci_irq_source vfio_pci_dynamic_source = {
	.name		= "dynamic",
	.can_grow	= true,
	.enable		= vfio_pci_dynamic_enable,
	.alloc		= vfio_pci_dynamic_alloc,
	.free		= vfio_pci_dynamic_free,
};

/*
 * Reserving costs next to nothing where CPU vectors are handed out by
 * request_irq() only. Where the core decides about NORESIZE it knows of dynamic
 * allocation alone: nobody would ask for what is reserved.
 */
static bool vfio_pci_may_reserve(void)
{
	if (vfio_compat_core_decides_noresize())
		return false;

	if (msix_reserve < 0)
		return IS_ENABLED(CONFIG_GENERIC_IRQ_RESERVATION_MODE);

	return msix_reserve;
}

const struct vfio_pci_irq_source *
vfio_pci_irq_source(const struct vfio_pci_core_device *vdev, bool msix)
{
	if (!msix)
		return &vfio_pci_fixed_source;

	if (pci_msix_can_alloc_dyn(vdev->pdev))
		return &vfio_pci_dynamic_source;

	return vfio_pci_may_reserve() ? &vfio_pci_reserve_source :
					&vfio_pci_fixed_source;
}

bool vfio_pci_irq_can_grow(const struct vfio_pci_core_device *vdev,
			   unsigned int index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX &&
	       vfio_pci_irq_source(vdev, true)->can_grow;
}

bool vfio_pci_msix_repair(struct vfio_pci_core_device *vdev, unsigned int index,
			  int irq)
{
	struct msi_desc *msi_desc = irq_get_msi_desc(irq);
	struct irq_data *data = irq_get_irq_data(irq);
	void __iomem *entry = vdev->pdev->msix_base;
	struct irq_desc *desc;
	struct msi_msg msg;
	bool broken = false;
	unsigned long flags;
	u32 ctrl;

	lockdep_assert_held_write(&vdev->memory_lock);

	if (WARN_ON_ONCE(!msi_desc || !data || !entry))
		return false;

	entry += index * PCI_MSIX_ENTRY_SIZE;
	desc = irq_data_to_desc(data);

	/*
	 * The descriptor's lock keeps a change of affinity out, which would
	 * otherwise have its new message overwritten with the old one.
	 */
	raw_spin_lock_irqsave(&desc->lock, flags);

	get_cached_msi_msg(irq, &msg);
	ctrl = readl(entry + PCI_MSIX_ENTRY_VECTOR_CTRL);

	if (readl(entry + PCI_MSIX_ENTRY_LOWER_ADDR) != msg.address_lo ||
	    readl(entry + PCI_MSIX_ENTRY_UPPER_ADDR) != msg.address_hi ||
	    readl(entry + PCI_MSIX_ENTRY_DATA) != msg.data ||
	    (ctrl & ~msi_desc->pci.msix_ctrl & PCI_MSIX_ENTRY_CTRL_MASKBIT)) {
		pci_write_msi_msg(irq, &msg);
		broken = true;
	}

	raw_spin_unlock_irqrestore(&desc->lock, flags);

	return broken;
}
