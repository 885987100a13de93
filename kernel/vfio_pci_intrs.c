// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_SET_IRQS for vfio-pci: dispatch, the INTx line, and the eventfds
 * of the error and request indexes. MSI and MSI-X are in vfio_pci_msi.c.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "vfio_pci_irq_stats.h"
#include "compat/eventfd.h"
#include "compat/single_trigger.h"
#include "compat/vfio_ctx.h"

bool vfio_pci_irq_is_none(const struct vfio_pci_core_device *vdev)
{
	switch (vdev->irq_type) {
	case VFIO_PCI_INTX_IRQ_INDEX:
	case VFIO_PCI_MSI_IRQ_INDEX:
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return false;
	default:
		return true;
	}
}

struct vfio_pci_irq_ctx *vfio_pci_irq_ctx_create(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_irq_ctx *ctx;

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return NULL;

	ctx->vdev = vdev;
	ctx->intx.vdev = vdev;
	xa_init(&ctx->vectors);

	if (vfio_compat_ctx_attach(vdev, ctx)) {
		kfree(ctx);
		return NULL;
	}
	vfio_pci_irq_stats_attach(ctx);

	return ctx;
}

void vfio_pci_irq_ctx_destroy(struct vfio_pci_irq_ctx *ctx)
{
	WARN_ON_ONCE(!xa_empty(&ctx->vectors));
	vfio_pci_irq_stats_detach(ctx);
	xa_destroy(&ctx->vectors);
	vfio_compat_ctx_detach(ctx->vdev);
	kfree(ctx);
}

/*
 * INTx
 */

static bool is_intx(const struct vfio_pci_core_device *vdev)
{
	return vdev->irq_type == VFIO_PCI_INTX_IRQ_INDEX;
}

/* The line's state, NULL unless INTx is enabled. */
static struct vfio_pci_intx *vfio_pci_intx(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_irq_ctx *ctx;

	if (!is_intx(vdev))
		return NULL;

	ctx = vfio_compat_ctx_get(vdev);
	if (WARN_ON_ONCE(!ctx))
		return NULL;

	return &ctx->intx;
}

/* Also the thread half of the unmask virqfd, hence the untyped arguments. */
static void vfio_pci_intx_signal(void *opaque, void *data)
{
	struct vfio_pci_core_device *vdev = opaque;
	struct vfio_pci_intx *intx = data;
	struct eventfd_ctx *trigger;

	if (!is_intx(vdev) || vdev->virq_disabled)
		return;

	trigger = READ_ONCE(intx->trigger);
	if (trigger)
		vfio_compat_eventfd_signal(trigger);
}

/* Returns whether this call masked a line that was not masked. */
static bool vfio_pci_intx_mask_locked(struct vfio_pci_core_device *vdev)
{
	struct pci_dev *pdev = vdev->pdev;
	struct vfio_pci_intx *intx;
	unsigned long flags;
	bool changed = false;

	lockdep_assert_held(&vdev->igate);

	spin_lock_irqsave(&vdev->irqlock, flags);

	intx = vfio_pci_intx(vdev);
	if (!intx) {
		/* A write of DisINTx while INTx is off: keep the device in step. */
		if (vdev->pci_2_3)
			pci_intx(pdev, 0);
	} else if (!intx->masked) {
		if (vdev->pci_2_3)
			pci_intx(pdev, 0);
		else
			disable_irq_nosync(pdev->irq);

		intx->masked = true;
		changed = true;
	}

	spin_unlock_irqrestore(&vdev->irqlock, flags);

	return changed;
}

/**
 * vfio_pci_intx_mask() - mask INTx
 * @vdev: the device; takes igate
 *
 * Called for DisINTx writes in config space and by runtime suspend, with INTx
 * enabled or not.
 *
 * Return: true if the line was unmasked before.
 */
bool vfio_pci_intx_mask(struct vfio_pci_core_device *vdev)
{
	bool changed;

	mutex_lock(&vdev->igate);
	changed = vfio_pci_intx_mask_locked(vdev);
	mutex_unlock(&vdev->igate);

	return changed;
}

/*
 * Unmask. Runs under the wait queue lock of an eventfd when it is a virqfd that
 * fires, so an interrupt found pending is not signalled from here: the return
 * value 1 asks the caller to. @data may be NULL while INTx is off.
 */
static int vfio_pci_intx_unmask_handler(void *opaque, void *data)
{
	struct vfio_pci_core_device *vdev = opaque;
	struct pci_dev *pdev = vdev->pdev;
	struct vfio_pci_intx *intx = data;
	unsigned long flags;
	int pending = 0;

	spin_lock_irqsave(&vdev->irqlock, flags);

	if (!is_intx(vdev)) {
		if (vdev->pci_2_3)
			pci_intx(pdev, 1);
	} else if (intx && intx->masked && !vdev->virq_disabled) {
		/*
		 * A device that asserts the line now would interrupt at once:
		 * leave it masked and hand the interrupt on directly.
		 */
		if (!vdev->pci_2_3)
			enable_irq(pdev->irq);
		else if (!pci_check_and_unmask_intx(pdev))
			pending = 1;

		intx->masked = pending;
	}

	spin_unlock_irqrestore(&vdev->irqlock, flags);

	return pending;
}

static void vfio_pci_intx_unmask_locked(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_intx *intx;

	lockdep_assert_held(&vdev->igate);

	intx = vfio_pci_intx(vdev);
	if (vfio_pci_intx_unmask_handler(vdev, intx))
		vfio_pci_intx_signal(vdev, intx);
}

/**
 * vfio_pci_intx_unmask() - unmask INTx
 * @vdev: the device; takes igate
 *
 * Counterpart of vfio_pci_intx_mask(). A pending interrupt is signalled.
 */
void vfio_pci_intx_unmask(struct vfio_pci_core_device *vdev)
{
	mutex_lock(&vdev->igate);
	vfio_pci_intx_unmask_locked(vdev);
	mutex_unlock(&vdev->igate);
}

static irqreturn_t vfio_pci_intx_handler(int irq, void *dev_id)
{
	struct vfio_pci_intx *intx = dev_id;
	struct vfio_pci_core_device *vdev = intx->vdev;
	irqreturn_t ret = IRQ_NONE;
	unsigned long flags;

	spin_lock_irqsave(&vdev->irqlock, flags);

	/* With DisINTx the line may be shared: claim only what is ours. */
	if (!vdev->pci_2_3) {
		disable_irq_nosync(irq);
		ret = IRQ_HANDLED;
	} else if (!intx->masked && pci_check_and_mask_intx(vdev->pdev)) {
		ret = IRQ_HANDLED;
	}

	if (ret == IRQ_HANDLED)
		intx->masked = true;

	spin_unlock_irqrestore(&vdev->irqlock, flags);

	if (ret == IRQ_HANDLED)
		vfio_pci_intx_signal(vdev, intx);

	return ret;
}

/* Takes over the caller's reference of @trigger (NULL: none) if it returns 0. */
static int vfio_pci_intx_enable(struct vfio_pci_core_device *vdev,
				struct eventfd_ctx *trigger)
{
	struct pci_dev *pdev = vdev->pdev;
	struct vfio_pci_irq_ctx *ctx;
	struct vfio_pci_intx *intx;
	unsigned long irqflags = 0;
	int ret;

	if (!pdev->irq || pdev->irq == IRQ_NOTCONNECTED)
		return -ENODEV;

	ctx = vfio_pci_irq_ctx_create(vdev);
	if (!ctx)
		return -ENOMEM;

	intx = &ctx->intx;
	intx->trigger = trigger;
	snprintf(intx->name, sizeof(intx->name), "vfio-intx(%s)", pci_name(pdev));

	/*
	 * Start as masked as virtual DisINTx says. igate keeps that stable until
	 * the handler runs; a line without DisINTx is exclusive and masked at
	 * the irq chip, lazily disabling it would let a second one through.
	 */
	intx->masked = vdev->virq_disabled;
	if (vdev->pci_2_3) {
		pci_intx(pdev, !intx->masked);
		irqflags = IRQF_SHARED;
	} else {
		irq_set_status_flags(pdev->irq, IRQ_DISABLE_UNLAZY);
		if (intx->masked)
			irqflags = IRQF_NO_AUTOEN;
	}

	/* The handler may run before request_irq() returns, and looks at it. */
	vdev->irq_type = VFIO_PCI_INTX_IRQ_INDEX;

	ret = request_irq(pdev->irq, vfio_pci_intx_handler, irqflags, intx->name,
			  intx);
	if (ret)
		goto err_disable;

	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_ENABLE, 0, pdev->irq, 0);

	return 0;

err_disable:
	vdev->irq_type = VFIO_PCI_NUM_IRQS;
	if (!vdev->pci_2_3)
		irq_clear_status_flags(pdev->irq, IRQ_DISABLE_UNLAZY);
	vfio_pci_irq_ctx_destroy(ctx);
	return ret;
}

static void vfio_pci_intx_replace_trigger(struct vfio_pci_core_device *vdev,
					  struct vfio_pci_intx *intx,
					  struct eventfd_ctx *trigger)
{
	struct eventfd_ctx *old = intx->trigger;

	WRITE_ONCE(intx->trigger, trigger);
	vfio_pci_irq_note(vfio_compat_ctx_get(vdev), VFIO_PCI_IRQ_SWAP, 0,
			  vdev->pdev->irq, 0);
	if (!old)
		return;

	/* The handler or a virqfd's thread may still be about to signal it. */
	synchronize_irq(vdev->pdev->irq);
	vfio_virqfd_flush_thread(&intx->unmask);
	eventfd_ctx_put(old);
}

static void vfio_pci_intx_disable(struct vfio_pci_core_device *vdev)
{
	struct vfio_pci_irq_ctx *ctx = vfio_compat_ctx_get(vdev);
	struct pci_dev *pdev = vdev->pdev;
	struct vfio_pci_intx *intx;

	if (WARN_ON_ONCE(!ctx))
		goto out_none;

	intx = &ctx->intx;
	vfio_virqfd_disable(&intx->unmask);
	free_irq(pdev->irq, intx);
	if (!vdev->pci_2_3)
		irq_clear_status_flags(pdev->irq, IRQ_DISABLE_UNLAZY);
	if (intx->trigger)
		eventfd_ctx_put(intx->trigger);
	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_DISABLE, 0, pdev->irq, 0);

out_none:
	vdev->irq_type = VFIO_PCI_NUM_IRQS;
	if (ctx)
		vfio_pci_irq_ctx_destroy(ctx);
}

/*
 * One function for each index and action
 */

static int vfio_pci_set_intx_mask(struct vfio_pci_core_device *vdev,
				  unsigned int index, unsigned int start,
				  unsigned int count, u32 flags, void *data)
{
	if (!is_intx(vdev) || start != 0 || count != 1)
		return -EINVAL;

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;

	if ((flags & VFIO_IRQ_SET_DATA_NONE) || *(u8 *)data)
		vfio_pci_intx_mask_locked(vdev);

	return 0;
}

static int vfio_pci_set_intx_unmask(struct vfio_pci_core_device *vdev,
				    unsigned int index, unsigned int start,
				    unsigned int count, u32 flags, void *data)
{
	struct vfio_pci_intx *intx = vfio_pci_intx(vdev);
	s32 fd;

	if (!intx || start != 0 || count != 1)
		return -EINVAL;

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD) {
		fd = *(s32 *)data;
		if (fd >= 0)
			return vfio_virqfd_enable(vdev, vfio_pci_intx_unmask_handler,
						  vfio_pci_intx_signal, intx,
						  &intx->unmask, fd);

		vfio_virqfd_disable(&intx->unmask);
		return 0;
	}

	if ((flags & VFIO_IRQ_SET_DATA_NONE) || *(u8 *)data)
		vfio_pci_intx_unmask_locked(vdev);

	return 0;
}

static int vfio_pci_set_intx_trigger(struct vfio_pci_core_device *vdev,
				     unsigned int index, unsigned int start,
				     unsigned int count, u32 flags, void *data)
{
	struct vfio_pci_intx *intx = vfio_pci_intx(vdev);
	struct eventfd_ctx *trigger = NULL;
	s32 fd;
	int ret;

	if (is_intx(vdev) && !count && (flags & VFIO_IRQ_SET_DATA_NONE)) {
		vfio_pci_intx_disable(vdev);
		return 0;
	}

	if (start != 0 || count != 1)
		return -EINVAL;

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD) {
		if (!intx && !vfio_pci_irq_is_none(vdev))
			return -EINVAL;

		/* INTx may be enabled without a trigger: -1 is valid for both. */
		fd = *(s32 *)data;
		if (fd >= 0) {
			trigger = eventfd_ctx_fdget(fd);
			if (IS_ERR(trigger))
				return PTR_ERR(trigger);
		}

		if (intx) {
			vfio_pci_intx_replace_trigger(vdev, intx, trigger);
			return 0;
		}

		ret = vfio_pci_intx_enable(vdev, trigger);
		if (ret && trigger)
			eventfd_ctx_put(trigger);
		return ret;
	}

	/* Loopback */
	if (!intx)
		return -EINVAL;

	if ((flags & VFIO_IRQ_SET_DATA_NONE) || *(u8 *)data)
		vfio_pci_intx_signal(vdev, intx);

	return 0;
}

static int vfio_pci_set_single_trigger(struct vfio_pci_core_device *vdev,
				       unsigned int index, unsigned int start,
				       unsigned int count, u32 flags, void *data)
{
	struct eventfd_ctx *trigger;
	s32 fd;
	int ret;

	if (start != 0 || count > 1)
		return -EINVAL;

	trigger = vfio_compat_trigger_get(vdev, index);

	/* Loopback, and with count 0 removal */
	if (flags & VFIO_IRQ_SET_DATA_NONE) {
		if (!trigger)
			return -EINVAL;
		if (!count)
			return vfio_compat_trigger_set(vdev, index, NULL);

		vfio_compat_eventfd_signal(trigger);
		return 0;
	}

	if (!count)
		return -EINVAL;

	if (flags & VFIO_IRQ_SET_DATA_BOOL) {
		if (*(u8 *)data && trigger)
			vfio_compat_eventfd_signal(trigger);
		return 0;
	}

	fd = *(s32 *)data;
	if (fd == -1)
		return vfio_compat_trigger_set(vdev, index, NULL);
	if (fd < 0)
		return -EINVAL;

	trigger = eventfd_ctx_fdget(fd);
	if (IS_ERR(trigger))
		return PTR_ERR(trigger);

	ret = vfio_compat_trigger_set(vdev, index, trigger);
	if (ret)
		eventfd_ctx_put(trigger);

	return ret;
}

typedef int vfio_pci_set_irqs_fn(struct vfio_pci_core_device *vdev,
				 unsigned int index, unsigned int start,
				 unsigned int count, u32 flags, void *data);

static const struct {
	vfio_pci_set_irqs_fn *mask;
	vfio_pci_set_irqs_fn *unmask;
	vfio_pci_set_irqs_fn *trigger;
} vfio_pci_set_irqs_fns[] = {
	[VFIO_PCI_INTX_IRQ_INDEX] = {
		.mask		= vfio_pci_set_intx_mask,
		.unmask		= vfio_pci_set_intx_unmask,
		.trigger	= vfio_pci_set_intx_trigger,
	},
	[VFIO_PCI_MSI_IRQ_INDEX]	= { .trigger = vfio_pci_set_msi_trigger },
	[VFIO_PCI_MSIX_IRQ_INDEX]	= { .trigger = vfio_pci_set_msi_trigger },
	[VFIO_PCI_ERR_IRQ_INDEX]	= { .trigger = vfio_pci_set_single_trigger },
	[VFIO_PCI_REQ_IRQ_INDEX]	= { .trigger = vfio_pci_set_single_trigger },
};

/**
 * vfio_pci_set_irqs_ioctl() - carry out VFIO_DEVICE_SET_IRQS
 * @vdev: the device; the caller holds igate, except vfio_pci_core_disable()
 * @flags: one data type and one action of struct vfio_irq_set; others -ENOTTY
 * @index: interrupt index
 * @start: first vector, checked by the core against the index's size
 * @count: number of vectors, likewise
 * @data: kernel copy of the data, @count elements of the size @flags tells
 *
 * Return: see vfio_pci_set_msi_trigger() for MSI and MSI-X; for the rest 0 or
 * a negative errno, and then nothing has changed.
 */
int vfio_pci_set_irqs_ioctl(struct vfio_pci_core_device *vdev, uint32_t flags,
			    unsigned int index, unsigned int start,
			    unsigned int count, void *data)
{
	vfio_pci_set_irqs_fn *fn = NULL;
	int ret = -ENOTTY;

	/* The core does that when it closes a device with no index enabled. */
	if (index >= ARRAY_SIZE(vfio_pci_set_irqs_fns))
		return ret;

	switch (flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_MASK:
		fn = vfio_pci_set_irqs_fns[index].mask;
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		fn = vfio_pci_set_irqs_fns[index].unmask;
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		fn = vfio_pci_set_irqs_fns[index].trigger;
		break;
	}

	if (fn)
		ret = fn(vdev, index, start, count, flags, data);
	if (ret)
		vfio_pci_irq_refused(vdev, index, start, ret);

	return ret;
}
