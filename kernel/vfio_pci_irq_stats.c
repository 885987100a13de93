// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters and debugfs files of a device's interrupts.
 *
 * No structure of the vfio-pci core has room for them, and they have to outlive
 * the enabling of an index: so each device has a record among its managed
 * resources, which the driver core releases when the driver is unbound.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/vfio.h>

#include "vfio_pci_priv.h"
#include "vfio_pci_intrs.h"
#include "vfio_pci_irq_stats.h"
#include "vfio_pci_trace.h"

/**
 * struct vfio_pci_irq_stats - record of a device
 * @lock: held by readers, and by who changes @ctx, the vectors bound in it or
 *	their irqs. Everything else has one writer at a time, because of igate.
 * @ctx: context of the index that is enabled, NULL if none is
 * @dir: directory in debugfs
 * @events: how often what happened
 * @signals: of vectors that are not bound any more
 * @blamed: the request under way fails at vector @culprit
 * @culprit: see @blamed
 * @refusal: the last request that failed; result 0 if none has
 */
struct vfio_pci_irq_stats {
	struct mutex			lock;	/* see above */
	struct vfio_pci_irq_ctx		*ctx;
	struct dentry			*dir;
	unsigned long			events[VFIO_PCI_IRQ_EVENTS];
	u64				signals;
	bool				blamed;
	unsigned int			culprit;
	struct {
		unsigned int	index;
		unsigned int	vector;
		int		result;
	} refusal;
};

typedef void vfio_pci_irq_trace_fn(const struct pci_dev *pdev, unsigned int index,
				   unsigned int vector, int irq, int result);

static const struct {
	const char *name;
	vfio_pci_irq_trace_fn *trace;
} vfio_pci_irq_events[VFIO_PCI_IRQ_EVENTS] = {
	[VFIO_PCI_IRQ_ENABLE]		= { "enables", trace_vfio_pci_irq_enable },
	[VFIO_PCI_IRQ_DISABLE]		= { "disables", trace_vfio_pci_irq_disable },
	[VFIO_PCI_IRQ_BIND]		= { "binds", trace_vfio_pci_irq_bind },
	[VFIO_PCI_IRQ_UNBIND]		= { "unbinds", trace_vfio_pci_irq_unbind },
	[VFIO_PCI_IRQ_SWAP]		= { "swaps", trace_vfio_pci_irq_swap },
	[VFIO_PCI_IRQ_REPAIR]		= { "repairs", trace_vfio_pci_irq_repair },
	[VFIO_PCI_IRQ_ALLOC]		= { "allocs", trace_vfio_pci_irq_alloc },
	[VFIO_PCI_IRQ_ALLOC_FAILURE]	= { "alloc_failures", trace_vfio_pci_irq_alloc },
	[VFIO_PCI_IRQ_FREE]		= { "frees", trace_vfio_pci_irq_free },
	[VFIO_PCI_IRQ_ROLLBACK]		= { "rollbacks", trace_vfio_pci_irq_rollback },
	[VFIO_PCI_IRQ_REFUSE]		= { "refusals", trace_vfio_pci_irq_refuse },
};

static const char *const vfio_pci_index_names[] = {
	[VFIO_PCI_INTX_IRQ_INDEX]	= "INTx",
	[VFIO_PCI_MSI_IRQ_INDEX]	= "MSI",
	[VFIO_PCI_MSIX_IRQ_INDEX]	= "MSI-X",
	[VFIO_PCI_ERR_IRQ_INDEX]	= "ERR",
	[VFIO_PCI_REQ_IRQ_INDEX]	= "REQ",
};

static unsigned int vfio_pci_ctx_index(const struct vfio_pci_irq_ctx *ctx)
{
	if (!ctx->source)
		return VFIO_PCI_INTX_IRQ_INDEX;

	return ctx->msix ? VFIO_PCI_MSIX_IRQ_INDEX : VFIO_PCI_MSI_IRQ_INDEX;
}

/*
 * Signals
 */

/*
 * What genirq has counted since the irq was allocated, in the flow handler and
 * under the descriptor's lock: exact without any doing of ours, for threaded
 * handlers too.
 */
static u32 vfio_pci_irq_count(int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	return data ? READ_ONCE(irq_data_to_desc(data)->tot_count) : 0;
}

static u32 vfio_pci_vector_signals(const struct vfio_pci_vector *vector)
{
	return vfio_pci_irq_count(vector->irq) - vector->signals_before;
}

void vfio_pci_irq_signals_begin(struct vfio_pci_vector *vector)
{
	vector->signals_before = vfio_pci_irq_count(vector->irq);
}

void vfio_pci_irq_signals_end(struct vfio_pci_irq_ctx *ctx, struct vfio_pci_vector *vector)
{
	struct vfio_pci_irq_stats *stats = ctx->stats;

	if (!stats)
		return;

	lockdep_assert_held(&stats->lock);
	stats->signals += vfio_pci_vector_signals(vector);
}

/*
 * debugfs
 */

static int state_show(struct seq_file *seq, void *unused)
{
	struct vfio_pci_irq_stats *stats = seq->private;
	struct vfio_pci_irq_ctx *ctx;

	mutex_lock(&stats->lock);

	ctx = stats->ctx;
	seq_printf(seq, "index %s\n",
		   ctx ? vfio_pci_index_names[vfio_pci_ctx_index(ctx)] : "none");
	if (ctx && ctx->source)
		seq_printf(seq, "source %s\nlimit %u\nirqs %u\n", ctx->source->name,
			   ctx->limit, ctx->irqs);

	mutex_unlock(&stats->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int counters_show(struct seq_file *seq, void *unused)
{
	struct vfio_pci_irq_stats *stats = seq->private;
	struct vfio_pci_vector *vector;
	unsigned long i;
	u64 signals;

	for (i = 0; i < VFIO_PCI_IRQ_EVENTS; i++)
		seq_printf(seq, "%s %lu\n", vfio_pci_irq_events[i].name,
			   READ_ONCE(stats->events[i]));

	mutex_lock(&stats->lock);

	signals = stats->signals;
	if (stats->ctx) {
		xa_for_each(&stats->ctx->vectors, i, vector)
			signals += vfio_pci_vector_signals(vector);
	}
	seq_printf(seq, "signals %llu\n", signals);
	if (stats->refusal.result)
		seq_printf(seq, "last_refusal index %u vector %u result %d\n",
			   stats->refusal.index, stats->refusal.vector,
			   stats->refusal.result);

	mutex_unlock(&stats->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int vectors_show(struct seq_file *seq, void *unused)
{
	struct vfio_pci_irq_stats *stats = seq->private;
	struct vfio_pci_vector *vector;
	unsigned long i;

	seq_puts(seq, "vector irq signals swaps repairs failures\n");

	mutex_lock(&stats->lock);

	if (stats->ctx) {
		xa_for_each(&stats->ctx->vectors, i, vector)
			seq_printf(seq, "%lu %d %u %u %u %u\n", i, vector->irq,
				   vfio_pci_vector_signals(vector),
				   READ_ONCE(vector->swaps),
				   READ_ONCE(vector->repairs),
				   READ_ONCE(vector->failures));
	}

	mutex_unlock(&stats->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vectors);

/* The directory of all devices exists as long as one of them has a record. */
static DEFINE_MUTEX(vfio_pci_root_lock);
static struct dentry *vfio_pci_root;
static unsigned int vfio_pci_root_users;

/* Errors are not looked at: debugfs is meant to be used that way. */
static void vfio_pci_irq_stats_show(struct vfio_pci_irq_stats *stats, const char *name)
{
	mutex_lock(&vfio_pci_root_lock);
	if (!vfio_pci_root_users++)
		vfio_pci_root = debugfs_create_dir("vfio-pci-irq", NULL);
	stats->dir = debugfs_create_dir(name, vfio_pci_root);
	mutex_unlock(&vfio_pci_root_lock);

	debugfs_create_file("state", 0400, stats->dir, stats, &state_fops);
	debugfs_create_file("counters", 0400, stats->dir, stats, &counters_fops);
	debugfs_create_file("vectors", 0400, stats->dir, stats, &vectors_fops);
}

static void vfio_pci_irq_stats_hide(struct vfio_pci_irq_stats *stats)
{
	/* Waits for readers. */
	debugfs_remove(stats->dir);

	mutex_lock(&vfio_pci_root_lock);
	if (!--vfio_pci_root_users)
		debugfs_remove(vfio_pci_root);
	mutex_unlock(&vfio_pci_root_lock);
}

/*
 * The record
 */

static void vfio_pci_irq_stats_release(struct device *dev, void *res)
{
	struct vfio_pci_irq_stats *stats = res;

	WARN_ON_ONCE(stats->ctx);
	vfio_pci_irq_stats_hide(stats);
	mutex_destroy(&stats->lock);
}

static struct vfio_pci_irq_stats *vfio_pci_irq_stats_get(struct vfio_pci_core_device *vdev)
{
	struct device *dev = &vdev->pdev->dev;
	struct vfio_pci_irq_stats *stats;

	stats = devres_find(dev, vfio_pci_irq_stats_release, NULL, NULL);
	if (stats)
		return stats;

	stats = devres_alloc(vfio_pci_irq_stats_release, sizeof(*stats), GFP_KERNEL);
	if (!stats)
		return NULL;

	mutex_init(&stats->lock);
	vfio_pci_irq_stats_show(stats, pci_name(vdev->pdev));
	devres_add(dev, stats);

	return stats;
}

void vfio_pci_irq_stats_attach(struct vfio_pci_irq_ctx *ctx)
{
	ctx->stats = vfio_pci_irq_stats_get(ctx->vdev);
	if (!ctx->stats)
		return;

	mutex_lock(&ctx->stats->lock);
	ctx->stats->ctx = ctx;
	mutex_unlock(&ctx->stats->lock);
}

void vfio_pci_irq_stats_detach(struct vfio_pci_irq_ctx *ctx)
{
	if (!ctx->stats)
		return;

	mutex_lock(&ctx->stats->lock);
	ctx->stats->ctx = NULL;
	mutex_unlock(&ctx->stats->lock);
}

void vfio_pci_irq_stats_lock(struct vfio_pci_irq_ctx *ctx)
{
	if (ctx->stats)
		mutex_lock(&ctx->stats->lock);
}

void vfio_pci_irq_stats_unlock(struct vfio_pci_irq_ctx *ctx)
{
	if (ctx->stats)
		mutex_unlock(&ctx->stats->lock);
}

/*
 * Events
 */

static void vfio_pci_irq_count_event(struct vfio_pci_irq_stats *stats,
				     enum vfio_pci_irq_event event)
{
	if (stats)
		WRITE_ONCE(stats->events[event], stats->events[event] + 1);
}

void vfio_pci_irq_note(struct vfio_pci_irq_ctx *ctx, enum vfio_pci_irq_event event,
		       unsigned int vector, int irq, int result)
{
	vfio_pci_irq_count_event(ctx->stats, event);
	vfio_pci_irq_events[event].trace(ctx->vdev->pdev, vfio_pci_ctx_index(ctx),
					 vector, irq, result);
}

void vfio_pci_irq_note_repair(struct vfio_pci_irq_ctx *ctx, struct vfio_pci_vector *vector)
{
	WRITE_ONCE(vector->repairs, vector->repairs + 1);
	vfio_pci_irq_note(ctx, VFIO_PCI_IRQ_REPAIR, vector->index, vector->irq, 0);
}

void vfio_pci_irq_blame(struct vfio_pci_irq_ctx *ctx, unsigned int index)
{
	struct vfio_pci_vector *vector = xa_load(&ctx->vectors, index);

	if (vector)
		WRITE_ONCE(vector->failures, vector->failures + 1);

	if (ctx->stats) {
		ctx->stats->culprit = index;
		ctx->stats->blamed = true;
	}
}

void vfio_pci_irq_refused(struct vfio_pci_core_device *vdev, unsigned int index,
			  unsigned int start, int result)
{
	struct vfio_pci_irq_stats *stats = vfio_pci_irq_stats_get(vdev);
	unsigned int vector = start;

	if (stats) {
		if (stats->blamed)
			vector = stats->culprit;
		stats->blamed = false;

		mutex_lock(&stats->lock);
		stats->refusal.index = index;
		stats->refusal.vector = vector;
		stats->refusal.result = result;
		mutex_unlock(&stats->lock);
	}

	vfio_pci_irq_count_event(stats, VFIO_PCI_IRQ_REFUSE);
	vfio_pci_irq_events[VFIO_PCI_IRQ_REFUSE].trace(vdev->pdev, index, vector, 0,
						       result);
}
