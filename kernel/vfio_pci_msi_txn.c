// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request for a range of MSI or MSI-X vectors is a transaction.
 *
 * Preparing it takes the eventfds, allocates irqs and requests them disabled:
 * all that can fail, and nothing a running vector or user space could notice.
 * Committing swaps triggers, enables and frees irqs: it cannot fail. A vector
 * that stays bound keeps its irq requested and unmasked throughout, and an
 * interrupt lands in the eventfd it had or in the one it gets.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "vfio_pci_irq_stats.h"
#include "compat/eventfd.h"
#include "compat/irqbypass.h"

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

static void vfio_msi_free_irq(struct vfio_pci_irq_ctx *ctx,
			      struct vfio_pci_vector *vector)
{
	ctx->source->free(ctx, vector->index, vector->irq);
	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_FREE, vector->index, vector->irq, 0);
}

static void vfio_msi_repair(struct vfio_pci_irq_ctx *ctx,
			    struct vfio_pci_vector *vector)
{
	if (ctx->msix &&
	    vfio_pci_msix_repair(ctx->vdev, vector->index, vector->irq))
		vfio_pci_irq_note_repair(ctx, vector);
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
	if (irq < 0) {
		ret = irq;
		goto err_note;
	}

	vector->irq = irq;
	if (op->fresh)
		vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_ALLOC, vector->index, irq, 0);

	ret = request_irq(irq, vfio_msi_handler, IRQF_NO_AUTOEN, vector->name,
			  vector);
	if (ret)
		goto err_note;

	op->requested = true;
	vfio_pci_irq_signals_begin(vector);
	vfio_msi_repair(ctx, vector);

	return 0;

err_note:
	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_ALLOC_FAILURE, vector->index,
			  vector->irq, ret);
	return ret;
}

/*
 * Undo vfio_msi_request(), however far it came, because of @error. Caller holds
 * memory_lock.
 */
static void vfio_msi_unrequest(struct vfio_msi_txn *txn, struct vfio_msi_op *op,
			       int error)
{
	struct vfio_pci_vector *vector = op->vector;

	if (op->requested) {
		free_irq(vector->irq, vector);
		vfio_pci_irq_note(txn->ctx, VFIO_PCI_IRQ_ROLLBACK, vector->index,
				  vector->irq, error);
	}
	if (op->fresh)
		vfio_msi_free_irq(txn->ctx, vector);
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
 * Ends vfio_pci_memory_lock_and_enable(). With memory decoding on there is nothing
 * to restore, and to write the register costs as much as all the rest of a swap.
 * But @enabling MSI or MSI-X has set DisINTx, which is the user's.
 */
static void vfio_msi_memory_unlock(struct vfio_pci_core_device *vdev, u16 cmd,
				   bool enabling)
{
	if ((cmd & PCI_COMMAND_MEMORY) && !enabling)
		up_write(&vdev->memory_lock);
	else
		vfio_pci_memory_unlock_and_restore(vdev, cmd);
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

	vfio_msi_memory_unlock(vdev, cmd, txn->enabling);

	return 0;

err_unrequest:
	*failed = i;
	do {
		if (txn->ops[i].action == VFIO_MSI_BIND)
			vfio_msi_unrequest(txn, &txn->ops[i], ret);
	} while (i--);
	if (txn->enabling)
		pci_free_irq_vectors(vdev->pdev);
out_unlock:
	vfio_msi_memory_unlock(vdev, cmd, txn->enabling);
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
			vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_BIND, vector->index,
					  vector->irq, 0);
			break;
		case VFIO_MSI_SWAP:
			vfio_msi_repair(ctx, vector);
			WRITE_ONCE(vector->swaps, vector->swaps + 1);
			vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_SWAP, vector->index,
					  vector->irq, 0);
			break;
		case VFIO_MSI_UNBIND:
			free_irq(vector->irq, vector);
			vfio_pci_irq_signals_end(ctx, vector);
			vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_UNBIND, vector->index,
					  vector->irq, 0);
			if (ctx->source->free && READ_ONCE(free_on_unbind))
				vfio_msi_free_irq(ctx, vector);
			break;
		case VFIO_MSI_KEEP:
			break;
		}
	}

	vfio_msi_memory_unlock(ctx->vdev, cmd, false);
}

static void vfio_msi_commit(struct vfio_msi_txn *txn)
{
	struct vfio_pci_irq_ctx *ctx = txn->ctx;
	struct vfio_pci_vector *vector;
	struct vfio_msi_op *op;
	unsigned int i;

	vfio_pci_irq_stats_lock(ctx);

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

	vfio_pci_irq_stats_unlock(ctx);
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

int vfio_pci_msi_bind(struct vfio_pci_irq_ctx *ctx, unsigned int start,
		      unsigned int count, const s32 *fds, bool enabling)
{
	struct vfio_msi_txn txn = {
		.ctx		= ctx,
		.start		= start,
		.count		= count,
		.enabling	= enabling,
		.ops		= &txn.single,
	};
	unsigned int failed = 0;
	int ret;

	if (count > 1) {
		txn.ops = kvcalloc(count, sizeof(*txn.ops), GFP_KERNEL);
		if (!txn.ops)
			return -ENOMEM;
	}

	ret = vfio_msi_prepare(&txn, fds, &failed);
	if (ret)
		vfio_pci_irq_blame(ctx, start + failed);

	if (!ret)
		vfio_msi_commit(&txn);
	else if (!enabling && READ_ONCE(teardown_on_error))
		vfio_msi_teardown(&txn, failed);

	if (txn.ops != &txn.single)
		kvfree(txn.ops);

	return ret;
}
