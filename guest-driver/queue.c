// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a queue: memory, its vector, its work queue, and back.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "dsa_sample_drv.h"

static unsigned int opener_queues = DSA_SAMPLE_QUEUES;
module_param(opener_queues, uint, 0644);
MODULE_PARM_DESC(opener_queues, "most queues that one open file of a device may have up");

static unsigned int opener_memory = 256;
module_param(opener_memory, uint, 0644);
MODULE_PARM_DESC(opener_memory, "most memory of these queues together, in MiB");

static void queue_free(struct dsa_sample_queue *q)
{
	struct dsa_sample_opener *opener = q->opener;

	if (q->buffer)
		free_pages_exact(q->buffer, q->buffer_size);
	kfifo_free(&q->events);
	mutex_destroy(&q->read_lock);
	mutex_destroy(&q->submit_lock);
	kvfree(q);
	dsa_sample_opener_put(opener);
}

static struct dsa_sample_queue *queue_alloc(struct dsa_sample_opener *opener,
					    unsigned int number)
{
	struct dsa_sample_device *dev = opener->device;
	unsigned int entries = dev->config.queues[number].size;
	struct dsa_sample_queue *q;
	unsigned int i;

	q = kvzalloc(struct_size(q, entries, entries), GFP_KERNEL);
	if (!q)
		return NULL;
	kref_get(&opener->ref);
	q->opener = opener;
	q->device = dev;
	q->entries_number = entries;
	q->free_number = entries;
	q->batch = dsa_sample_batch(&dev->config.queues[number]);
	q->number = number;
	q->vector = number + 1;
	q->portal = dev->portals + number * DSA_PORTAL_STRIDE + DSA_PORTAL_LIMITED;
	mutex_init(&q->submit_lock);
	mutex_init(&q->read_lock);
	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->wait);
	INIT_LIST_HEAD(&q->free);
	INIT_LIST_HEAD(&q->outstanding);
	INIT_LIST_HEAD(&q->quarantined);
	INIT_DELAYED_WORK(&q->tick, dsa_sample_watchdog_tick);
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-q%u", dev->name, number);

	if (kfifo_alloc(&q->events, DSA_SAMPLE_EVENTS_MAX, GFP_KERNEL)) {
		queue_free(q);
		return NULL;
	}
	for (i = 0; i < entries; i++)
		list_add_tail(&q->entries[i].node, &q->free);
	return q;
}

/* What the device reads and writes besides the buffer: lists of batches, and records. */
static size_t own_size(const struct dsa_sample_queue *q)
{
	return q->entries_number * (q->batch * sizeof(*q->lists) + sizeof(*q->records));
}

static void memory_free(struct dsa_sample_queue *q)
{
	struct device *parent = &q->device->pdev->dev;

	if (q->buffer_dma != DMA_MAPPING_ERROR)
		dma_unmap_single(parent, q->buffer_dma, q->buffer_size, DMA_BIDIRECTIONAL);
	if (q->lists)
		dma_free_coherent(parent, own_size(q), q->lists, q->lists_dma);
}

/*
 * The buffer is made of ordinary pages with a streaming mapping, not of coherent
 * memory: user space keeps it mapped for as long as it likes, also when the device
 * has gone. Without bounce buffers the two are the same on x86.
 */
static int memory_alloc(struct dsa_sample_queue *q)
{
	unsigned int members = q->entries_number * q->batch;
	struct device *parent = &q->device->pdev->dev;
	int ret = 0;

	q->buffer_dma = DMA_MAPPING_ERROR;
	q->lists = dma_alloc_coherent(parent, own_size(q), &q->lists_dma, GFP_KERNEL);
	q->records = (void *)(q->lists + members);
	q->records_dma = q->lists_dma + members * sizeof(*q->lists);
	q->buffer = alloc_pages_exact(q->buffer_size,
				      GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (q->lists && q->buffer)
		q->buffer_dma = dma_map_single(parent, q->buffer, q->buffer_size,
					       DMA_BIDIRECTIONAL);
	if (dma_mapping_error(parent, q->buffer_dma)) {
		ret = -ENOMEM;
	} else if (dma_need_sync(parent, q->buffer_dma)) {
		pci_err(q->device->pdev, "memory would be bounced on its way to the device\n");
		ret = -EOPNOTSUPP;
	}
	if (ret)
		memory_free(q);
	return ret;
}

/* The hint spreads the vectors of the queues over the CPUs, those near the device first. */
static int irq_get(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;
	unsigned int cpu;
	int ret;

	q->irq = pci_irq_vector(dev->pdev, q->vector);
	cpu = cpumask_local_spread(q->number, dev_to_node(&dev->pdev->dev));
	irq_set_affinity_and_hint(q->irq, cpumask_of(cpu));
	ret = request_irq(q->irq, dsa_sample_queue_handler, 0, q->irq_name, q);
	if (!ret)
		return 0;
	irq_set_affinity_and_hint(q->irq, NULL);
	pci_err(dev->pdev, "queue %u: request_irq() for vector %u failed (%d)\n", q->number,
		q->vector, ret);
	return ret;
}

/* The last interrupt: when this returns, its handler has ended and no other begins. */
static void irq_put(struct dsa_sample_queue *q)
{
	irq_set_affinity_and_hint(q->irq, NULL);
	free_irq(q->irq, q);
}

int dsa_sample_queue_up(struct dsa_sample_opener *opener, struct dsa_sample_queue_up *args,
			struct dsa_sample_queue **queue)
{
	struct dsa_sample_device *dev = opener->device;
	u64 start = ktime_get_ns(), before;
	struct dsa_sample_queue *q;
	int ret;

	if (args->queue >= dev->queues_number)
		return -ENOENT;
	if (!dsa_sample_queue_up_valid(args, PAGE_SIZE, DSA_SAMPLE_BUFFER_MAX))
		return -EINVAL;
	if (args->flags & DSA_SAMPLE_QUEUE_SHARED && dev->unshared) {
		pci_info_ratelimited(dev->pdev, "queue %u cannot be shared: %s\n", args->queue,
				     dev->unshared);
		return -EOPNOTSUPP;
	}

	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	ret = dsa_sample_usable(dev);
	if (!ret && dev->queues_up & BIT_ULL(args->queue))
		ret = -EBUSY;
	if (!ret && !dev->config.queues[args->queue].size)
		ret = -ENOENT;
	if (ret)
		goto unlock;

	q = queue_alloc(opener, args->queue);
	if (!q) {
		ret = -ENOMEM;
		goto unlock;
	}
	q->pasid = args->flags & DSA_SAMPLE_QUEUE_SHARED ? dev->pasid : 0;
	q->buffer_size = args->buffer_size;
	q->confirm_ns = (u64)args->confirm_ms * NSEC_PER_MSEC;
	q->timeout_ns = (u64)args->timeout_ms * NSEC_PER_MSEC;
	ret = -EDQUOT;
	if (opener->queues >= READ_ONCE(opener_queues) ||
	    opener->memory + own_size(q) + q->buffer_size > (u64)READ_ONCE(opener_memory) * SZ_1M)
		goto free_queue;
	ret = memory_alloc(q);
	if (ret)
		goto free_queue;

	before = ktime_get_ns();
	ret = irq_get(q); /* Rule 6 */
	if (ret)
		goto free_memory;
	args->request_irq_ns = ktime_get_ns() - before;

	before = ktime_get_ns();
	ret = dsa_sample_wq_enable(q);
	if (ret)
		goto disable;
	args->enable_ns = ktime_get_ns() - before;

	list_add_tail(&q->node, &dev->queues);
	WRITE_ONCE(dev->queues_up, dev->queues_up | BIT_ULL(q->number));
	opener->queues++;
	opener->memory += own_size(q) + q->buffer_size;
	args->entries = q->entries_number;
	mutex_unlock(&dev->lock);

	args->vector = q->vector;
	args->irq = q->irq;
	args->start_ns = start;
	args->total_ns = ktime_get_ns() - start;
	*queue = q;
	return 0;

disable:
	/* Astray: recovery is under way. Otherwise it may still come up, or be half up. */
	if (READ_ONCE(dev->trouble) & BIT(DSA_SAMPLE_ASTRAY))
		ret = -EAGAIN;
	else
		dsa_sample_wq_disable(q);
	irq_put(q);
free_memory:
	memory_free(q);
free_queue:
	queue_free(q);
unlock:
	mutex_unlock(&dev->lock);
	return ret;
}

void dsa_sample_queue_down(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;

	lockdep_assert_held(&dev->lock);

	dsa_sample_wq_disable(q); /* Rule 24 */
	cancel_delayed_work_sync(&q->tick);
	irq_put(q);
	list_del(&q->node);
	WRITE_ONCE(dev->queues_up, dev->queues_up & ~BIT_ULL(q->number));
	spin_lock_irq(&q->lock);
	q->down = true;
	spin_unlock_irq(&q->lock);
	wake_up_all(&q->wait);
	memory_free(q);
	q->opener->queues--;
	q->opener->memory -= own_size(q) + q->buffer_size;
}

/* A call holds a reference on the file: none is under way. */
void dsa_sample_queue_release(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;

	mutex_lock(&dev->lock);
	if (!q->down)
		dsa_sample_queue_down(q);
	mutex_unlock(&dev->lock);
	queue_free(q);
}
