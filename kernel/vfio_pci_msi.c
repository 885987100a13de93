// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_SET_IRQS for MSI and MSI-X: enable, disable, set triggers, signal.
 * How triggers are set without harm to other vectors is in vfio_pci_msi_txn.c.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "vfio_pci_irq_stats.h"
#include "compat/eventfd.h"
#include "compat/irqbypass.h"
#include "compat/vfio_ctx.h"

static bool vfio_msi_in_range(const struct vfio_pci_irq_ctx *ctx,
			      unsigned int start, unsigned int count)
{
	int limit = ctx->limit;

	/* To grow past a partial reservation is no mistake: it fails for space. */
	if (ctx->source->can_grow)
		limit = max(limit, pci_msix_vec_count(ctx->vdev->pdev));

	return start <= limit && count <= limit - start;
}

/* With MSI and MSI-X off the kernel clears DisINTx: not for NoINTx devices. */
static void vfio_msi_restore_nointx(struct vfio_pci_core_device *vdev)
{
	if (vdev->nointx)
		pci_intx(vdev->pdev, 0);
}

static int vfio_msi_enable(struct vfio_pci_core_device *vdev, unsigned int index,
			   unsigned int start, unsigned int count, const s32 *fds)
{
	struct vfio_pci_irq_ctx *ctx;
	int ret;

	if (!count)
		return -EINVAL;

	ctx = vfio_pci_irq_ctx_create(vdev);
	if (!ctx)
		return -ENOMEM;

	ctx->msix = index == VFIO_PCI_MSIX_IRQ_INDEX;
	ctx->source = vfio_pci_irq_source(vdev, ctx->msix);

	ret = vfio_pci_msi_bind(ctx, start, count, fds, true);
	if (ret)
		goto err_destroy_ctx;

	vdev->irq_type = index;
	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_ENABLE, start, 0, ctx->irqs);

	return 0;

err_destroy_ctx:
	vfio_msi_restore_nointx(vdev);
	vfio_pci_irq_ctx_destroy(ctx);
	return ret;
}

static int vfio_msi_set_triggers(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				 unsigned int count, const s32 *fds)
{
	if (!vfio_msi_in_range(ctx, start, count))
		return -EINVAL;

	return count ? vfio_pci_msi_bind(ctx, start, count, fds, false) : 0;
}

/* At device close this runs without igate: nobody else has the device then. */
static void vfio_msi_disable(struct vfio_pci_irq_ctx *ctx)
{
	struct vfio_pci_core_device *vdev = ctx->vdev;
	struct vfio_pci_vector *vector;
	unsigned long i;
	u16 cmd;

	vfio_pci_irq_stats_lock(ctx);

	xa_for_each(&ctx->vectors, i, vector)
		vfio_compat_bypass_unregister(&vector->producer);

	cmd = vfio_pci_memory_lock_and_enable(vdev);
	xa_for_each(&ctx->vectors, i, vector) {
		free_irq(vector->irq, vector);
		vfio_pci_irq_signals_end(ctx, vector);
		vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_UNBIND, i, vector->irq, 0);
	}
	pci_free_irq_vectors(vdev->pdev);
	vfio_pci_memory_unlock_and_restore(vdev, cmd);

	xa_for_each(&ctx->vectors, i, vector) {
		xa_erase(&ctx->vectors, i);
		eventfd_ctx_put(vector->trigger);
		kfree(vector);
	}

	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_DISABLE, 0, 0, 0);
	vfio_pci_irq_stats_unlock(ctx);

	vfio_msi_restore_nointx(vdev);
	vdev->irq_type = VFIO_PCI_NUM_IRQS;
	vfio_pci_irq_ctx_destroy(ctx);
}

/* Signal triggers as the device would; @bools selects, NULL selects all. */
static int vfio_msi_loopback(struct vfio_pci_irq_ctx *ctx, unsigned int start,
			     unsigned int count, const u8 *bools)
{
	struct vfio_pci_vector *vector;
	unsigned int i;

	if (!vfio_msi_in_range(ctx, start, count))
		return -EINVAL;

	for (i = 0; i < count; i++) {
		if (bools && !bools[i])
			continue;

		vector = xa_load(&ctx->vectors, start + i);
		if (vector)
			vfio_compat_eventfd_signal(vector->trigger);
	}

	return 0;
}

int vfio_pci_set_msi_trigger(struct vfio_pci_core_device *vdev,
			     unsigned int index, unsigned int start,
			     unsigned int count, u32 flags, void *data)
{
	struct vfio_pci_irq_ctx *ctx = NULL;

	if (vdev->irq_type == index) {
		ctx = vfio_compat_ctx_get(vdev);
		if (WARN_ON_ONCE(!ctx))
			return -EINVAL;
	}

	if (ctx && !count && (flags & VFIO_IRQ_SET_DATA_NONE)) {
		vfio_msi_disable(ctx);
		return 0;
	}

	lockdep_assert_held(&vdev->igate);

	/* Of INTx, MSI and MSI-X one can be on at a time. */
	if (!ctx && !vfio_pci_irq_is_none(vdev))
		return -EINVAL;

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return ctx ? vfio_msi_set_triggers(ctx, start, count, data) :
			     vfio_msi_enable(vdev, index, start, count, data);

	if (!ctx)
		return -EINVAL;

	return vfio_msi_loopback(ctx, start, count,
				 flags & VFIO_IRQ_SET_DATA_BOOL ? data : NULL);
}
