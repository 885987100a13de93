// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI and MSI-X triggers.
 *
 * A request for a range of vectors is a transaction. Preparing it takes the
 * eventfds, allocates irqs and requests them disabled: all that can fail, and
 * nothing a running vector or user space could notice. Committing swaps
 * triggers, enables and frees irqs: it cannot fail. A vector that stays bound
 * keeps its irq requested and unmasked throughout, and an interrupt lands in
 * the eventfd it had or in the one it gets.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "compat/eventfd.h"
#include "compat/irqbypass.h"
#include "compat/vfio_ctx.h"

static bool teardown_on_error;
module_param(teardown_on_error, bool, 0644);
MODULE_PARM_DESC(teardown_on_error,
		 "After a failed VFIO_DEVICE_SET_IRQS unbind the vectors of the request up to the failing one, as kernels do by themselves (default: change nothing)");

static bool free_on_unbind;
module_param(free_on_unbind, bool, 0644);
MODULE_PARM_DESC(free_on_unbind,
		 "Dynamic MSI-X: give an irq back as soon as its vector is unbound (default: keep it until MSI-X is disabled)");

enum vfio_msi_action {
	VFIO_MSI_KEEP,		/* unbound, stays unbound */
	VFIO_MSI_BIND,
	VFIO_MSI_SWAP,
	VFIO_MSI_UNBIND,
};

/*
 * What happens to one vector.
 * @vector: the bound vector, or the one being prepared (BIND)
 * @trigger: reference held by the transaction: the new trigger until the commit
 *	(SWAP), the one to be put afterwards (SWAP, UNBIND)
 * @requested: irq requested, not yet enabled (BIND)
 * @fresh: irq allocated by this transaction (BIND)
 */
struct vfio_msi_op {
	enum vfio_msi_action	action;
	bool			requested;
	bool			fresh;
	struct vfio_pci_vector	*vector;
	struct eventfd_ctx	*trigger;
};

/*
 * @enabling: the request switches the index on
 * @single: spares the allocation, and with it a way to fail, for one vector
 */
struct vfio_msi_txn {
	struct vfio_pci_irq_ctx	*ctx;
	unsigned int		start;
	unsigned int		count;
	bool			enabling;
	struct vfio_msi_op	*ops;
	struct vfio_msi_op	single;
};

static irqreturn_t vfio_msi_handler(int irq, void *dev_id)
{
	struct vfio_pci_vector *vector = dev_id;

	vfio_compat_eventfd_signal(READ_ONCE(vector->trigger));

	return IRQ_HANDLED;
}

static void vfio_msi_bypass_register(struct vfio_pci_irq_ctx *ctx,
				     struct vfio_pci_vector *vector)
{
	int ret;

	ret = vfio_compat_bypass_register(&vector->producer, vector->trigger,
					  vector->irq);
	if (ret)
		dev_info_ratelimited(&ctx->vdev->pdev->dev,
				     "%s: no interrupt bypass (%d), delivery by the host's handler\n",
				     vector->name, ret);
}

/*
 * Prepare
 */

static struct vfio_pci_vector *vfio_msi_vector_create(struct vfio_pci_irq_ctx *ctx,
						      unsigned int index)
{
	struct vfio_pci_vector *vector;

	vector = kzalloc(sizeof(*vector), GFP_KERNEL_ACCOUNT);
	if (!vector)
		return NULL;

	/* Storing the vector at commit must not fail. */
	if (xa_reserve(&ctx->vectors, index, GFP_KERNEL_ACCOUNT)) {
		kfree(vector);
		return NULL;
	}

	vector->index = index;
	snprintf(vector->name, sizeof(vector->name), "vfio-msi%s[%u](%s)",
		 ctx->msix ? "x" : "", index, pci_name(ctx->vdev->pdev));

	return vector;
}

/* Decide what happens to a vector and take what it needs short of an irq. */
static int vfio_msi_plan(struct vfio_msi_txn *txn, unsigned int i, s32 fd)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_msi_op *op = &txn->ops[i];
	struct vfio_pci_vector *vector;
	struct eventfd_ctx *trigger;

	vector = xa_load(&ctx->vectors, txn->start + i);

	if (fd < 0) {
		op->action = vector ? VFIO_MSI_UNBIND : VFIO_MSI_KEEP;
		op->vector = vector;
		return 0;
	}

	trigger = eventfd_ctx_fdget(fd);
	if (IS_ERR(trigger))
		return PTR_ERR(trigger);

	if (vector) {
		op->action = VFIO_MSI_SWAP;
		op->vector = vector;
		op->trigger = trigger;
		return 0;
	}

	vector = vfio_msi_vector_create(ctx, txn->start + i);
	if (!vector) {
		eventfd_ctx_put(trigger);
		return -ENOMEM;
	}

	vector->trigger = trigger;
	op->action = VFIO_MSI_BIND;
	op->vector = vector;

	return 0;
}

/*
 * Get the irq and have it set up completely, CPU vector and MSI-X entry
 * included, but disabled: enabling it later only unmasks it.
 */
static int vfio_msi_request(struct vfio_msi_txn *txn, struct vfio_msi_op *op)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_vector *vector = op->vector;
	int irq, ret;

	irq = ctx->source->alloc(ctx, vector->index, &op->fresh);
	if (irq < 0)
		return irq;

	vector->irq = irq;
	ret = request_irq(irq, vfio_msi_handler, IRQF_NO_AUTOEN, vector->name,
			  vector);
	if (ret)
		return ret;

	op->requested = true;
	if (ctx->msix)
		vfio_pci_msix_repair(ctx->vdev, vector->index, irq);

	return 0;
}

/* Undo vfio_msi_request(), however far it came. Caller holds memory_lock. */
static void vfio_msi_unrequest(struct vfio_msi_txn *txn, struct vfio_msi_op *op)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_vector *vector = op->vector;

	if (op->requested)
		free_irq(vector->irq, vector);
	if (op->fresh)
		ctx->source->free(ctx, vector->index, vector->irq);
}

static void vfio_msi_unplan(struct vfio_msi_txn *txn, struct vfio_msi_op *op)
{
	switch (op->action) {
	case VFIO_MSI_BIND:
		xa_release(&txn->ctx->vectors, op->vector->index);
		eventfd_ctx_put(op->vector->trigger);
		kfree(op->vector);
		break;
	case VFIO_MSI_SWAP:
		eventfd_ctx_put(op->trigger);
		break;
	case VFIO_MSI_KEEP:
	case VFIO_MSI_UNBIND:
		break;
	}
}

/*
 * The part that touches hardware. On error it has undone itself, with *failed
 * the vector at fault; > 0 if the index to be enabled has only so many vectors.
 */
static int vfio_msi_prepare_irqs(struct vfio_msi_txn *txn, const s32 *fds,
				 unsigned int *failed)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_core_device *vdev = ctx->vdev;
	unsigned int i = 0;
	int ret = 0;
	u16 cmd;

	cmd = vfio_pci_memory_lock_and_enable(vdev);

	if (txn->enabling) {
		ret = ctx->source->enable(ctx, txn->start, txn->count, fds);
		if (ret)
			goto out_unlock;
	}

	for (i = 0; i < txn->count; i++) {
		if (txn->ops[i].action != VFIO_MSI_BIND)
			continue;

		ret = vfio_msi_request(txn, &txn->ops[i]);
		if (ret)
			goto err_unrequest;
	}

	vfio_pci_memory_unlock_and_restore(vdev, cmd);

	return 0;

err_unrequest:
	*failed = i;
	do {
		if (txn->ops[i].action == VFIO_MSI_BIND)
			vfio_msi_unrequest(txn, &txn->ops[i]);
	} while (i--);
	if (txn->enabling)
		pci_free_irq_vectors(vdev->pdev);
out_unlock:
	vfio_pci_memory_unlock_and_restore(vdev, cmd);
	return ret;
}

static int vfio_msi_prepare(struct vfio_msi_txn *txn, const s32 *fds,
			    unsigned int *failed)
{
	bool need_irqs = txn->enabling;
	unsigned int i;
	int ret;

	for (i = 0; i < txn->count; i++) {
		ret = vfio_msi_plan(txn, i, fds ? fds[i] : -1);
		if (ret) {
			*failed = i;
			goto err_unplan;
		}

		need_irqs |= txn->ops[i].action == VFIO_MSI_BIND;
	}

	if (need_irqs) {
		ret = vfio_msi_prepare_irqs(txn, fds, failed);
		if (ret)
			goto err_unplan;
	}

	return 0;

err_unplan:
	while (i--)
		vfio_msi_unplan(txn, &txn->ops[i]);
	return ret;
}

/*
 * Commit. Four passes over the range, so that a trigger may move from one
 * vector to another in a single request, and memory_lock is taken once.
 */

/* Without bypass, interrupts come to the handler, and it finds the trigger. */
static void vfio_msi_commit_triggers(struct vfio_msi_txn *txn)
{
	struct vfio_pci_vector *vector;
	struct eventfd_ctx *old;
	struct vfio_msi_op *op;
	unsigned int i;

	for (i = 0; i < txn->count; i++) {
		op = &txn->ops[i];
		if (op->action == VFIO_MSI_SWAP || op->action == VFIO_MSI_UNBIND)
			vfio_compat_bypass_unregister(&op->vector->producer);
	}

	for (i = 0; i < txn->count; i++) {
		op = &txn->ops[i];
		if (op->action != VFIO_MSI_SWAP)
			continue;

		vector = op->vector;
		old = vector->trigger;
		WRITE_ONCE(vector->trigger, op->trigger);
		op->trigger = old;
	}
}

static void vfio_msi_commit_irqs(struct vfio_msi_txn *txn)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_vector *vector;
	unsigned int i;
	void *old;
	u16 cmd;

	cmd = vfio_pci_memory_lock_and_enable(ctx->vdev);

	for (i = 0; i < txn->count; i++) {
		vector = txn->ops[i].vector;

		switch (txn->ops[i].action) {
		case VFIO_MSI_BIND:
			old = xa_store(&ctx->vectors, vector->index, vector,
				       GFP_KERNEL_ACCOUNT);
			WARN_ON_ONCE(old);
			enable_irq(vector->irq);
			break;
		case VFIO_MSI_SWAP:
			if (ctx->msix)
				vfio_pci_msix_repair(ctx->vdev, vector->index,
						     vector->irq);
			break;
		case VFIO_MSI_UNBIND:
			free_irq(vector->irq, vector);
			if (ctx->source->free && READ_ONCE(free_on_unbind))
				ctx->source->free(ctx, vector->index, vector->irq);
			break;
		case VFIO_MSI_KEEP:
			break;
		}
	}

	vfio_pci_memory_unlock_and_restore(ctx->vdev, cmd);
}

static void vfio_msi_commit(struct vfio_msi_txn *txn)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_vector *vector;
	struct vfio_msi_op *op;
	unsigned int i;

	vfio_msi_commit_triggers(txn);
	vfio_msi_commit_irqs(txn);

	for (i = 0; i < txn->count; i++) {
		op = &txn->ops[i];
		vector = op->vector;

		switch (op->action) {
		case VFIO_MSI_BIND:
			vfio_msi_bypass_register(ctx, vector);
			break;
		case VFIO_MSI_SWAP:
			/* A handler may still be about to signal the old one. */
			if (op->trigger != vector->trigger)
				synchronize_irq(vector->irq);
			vfio_msi_bypass_register(ctx, vector);
			eventfd_ctx_put(op->trigger);
			break;
		case VFIO_MSI_UNBIND:
			xa_erase(&ctx->vectors, vector->index);
			eventfd_ctx_put(vector->trigger);
			kfree(vector);
			break;
		case VFIO_MSI_KEEP:
			break;
		}
	}
}

/*
 * The historical way to fail. Reuses the transaction: unbinding needs nothing
 * that could fail in turn.
 */
static void vfio_msi_teardown(struct vfio_msi_txn *txn, unsigned int failed)
{
	unsigned int i;

	txn->count = failed + 1;
	memset(txn->ops, 0, txn->count * sizeof(*txn->ops));

	for (i = 0; i < txn->count; i++)
		vfio_msi_plan(txn, i, -1);

	vfio_msi_commit(txn);
}

/*
 * Requests
 */

static bool vfio_msi_in_range(const struct vfio_pci_irq_ctx *ctx,
			      unsigned int start, unsigned int count)
{
	int limit = ctx->limit;

	/* To grow past a partial reservation is no mistake: it fails for space. */
	if (ctx->source->can_grow)
		limit = max(limit, pci_msix_vec_count(ctx->vdev->pdev));

	return start <= limit && count <= limit - start;
}

static int vfio_msi_txn_run(struct vfio_msi_txn *txn, const s32 *fds)
{
	unsigned int failed = 0;
	int ret;

	txn->ops = &txn->single;
	if (txn->count > 1) {
		txn->ops = kvcalloc(txn->count, sizeof(*txn->ops), GFP_KERNEL);
		if (!txn->ops)
			return -ENOMEM;
	}

	ret = vfio_msi_prepare(txn, fds, &failed);
	if (!ret)
		vfio_msi_commit(txn);
	else if (!txn->enabling && READ_ONCE(teardown_on_error))
		vfio_msi_teardown(txn, failed);

	if (txn->ops != &txn->single)
		kvfree(txn->ops);

	return ret;
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
	struct vfio_msi_txn txn = {
		.start		= start,
		.count		= count,
		.enabling	= true,
	};
	struct vfio_pci_irq_ctx *ctx;
	int ret;

	if (!count)
		return -EINVAL;

	ctx = vfio_pci_irq_ctx_create(vdev);
	if (!ctx)
		return -ENOMEM;

	ctx->msix = index == VFIO_PCI_MSIX_IRQ_INDEX;
	ctx->source = vfio_pci_irq_source(vdev, ctx->msix);
	txn.ctx = ctx;

	ret = vfio_msi_txn_run(&txn, fds);
	if (ret)
		goto err_destroy_ctx;

	vdev->irq_type = index;

	return 0;

err_destroy_ctx:
	vfio_msi_restore_nointx(vdev);
	vfio_pci_irq_ctx_destroy(ctx);
	return ret;
}

static int vfio_msi_set_triggers(struct vfio_pci_irq_ctx *ctx, unsigned int start,
				 unsigned int count, const s32 *fds)
{
	struct vfio_msi_txn txn = {
		.ctx	= ctx,
		.start	= start,
		.count	= count,
	};

	if (!vfio_msi_in_range(ctx, start, count))
		return -EINVAL;

	return count ? vfio_msi_txn_run(&txn, fds) : 0;
}

/* At device close this runs without igate: nobody else has the device then. */
static void vfio_msi_disable(struct vfio_pci_irq_ctx *ctx)
{
	struct vfio_pci_core_device *vdev = ctx->vdev;
	struct vfio_pci_vector *vector;
	unsigned long i;
	u16 cmd;

	xa_for_each(&ctx->vectors, i, vector)
		vfio_compat_bypass_unregister(&vector->producer);

	cmd = vfio_pci_memory_lock_and_enable(vdev);
	xa_for_each(&ctx->vectors, i, vector)
		free_irq(vector->irq, vector);
	pci_free_irq_vectors(vdev->pdev);
	vfio_pci_memory_unlock_and_restore(vdev, cmd);

	xa_for_each(&ctx->vectors, i, vector) {
		xa_erase(&ctx->vectors, i);
		eventfd_ctx_put(vector->trigger);
		kfree(vector);
	}

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
