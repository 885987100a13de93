// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a queue: memory, its vector, its work queue, and back.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "dsa_sample_drv.h"

#define CONFIRM_DEFAULT_MS 5000
#define CONFIRM_MAX_MS 60000
#define TIMEOUT_DEFAULT_MS 30000
#define TIMEOUT_MAX_MS 600000
#define TIME_MIN_MS 10

/* Zero asks for the default. */
static bool period_valid(u32 *ms, u32 usual, u32 max)
{
	if (!*ms)
		*ms = usual;
	return *ms >= TIME_MIN_MS && *ms <= max;
}

static size_t records_size(const struct dsa_sample_queue *q)
{
	return q->device->config.queues[q->number].size * sizeof(*q->records);
}

static void queue_free(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;

	kvfree(q->events);
	kvfree(q->entries);
	mutex_destroy(&q->read_lock);
	mutex_destroy(&q->submit_lock);
	kfree(q);
	dsa_sample_device_put(dev);
}

static struct dsa_sample_queue *queue_alloc(struct dsa_sample_device *dev, unsigned int number)
{
	unsigned int entries = dev->config.queues[number].size;
	struct dsa_sample_queue *q;
	unsigned int i;

	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return NULL;
	kref_get(&dev->ref);
	q->device = dev;
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

	q->entries = kvcalloc(entries, sizeof(*q->entries), GFP_KERNEL);
	q->events = kvcalloc(DSA_SAMPLE_EVENTS_MAX, sizeof(*q->events), GFP_KERNEL);
	if (!q->entries || !q->events) {
		queue_free(q);
		return NULL;
	}
	for (i = 0; i < entries; i++)
		list_add_tail(&q->entries[i].node, &q->free);
	return q;
}

/*
 * The buffer is made of ordinary pages with a streaming mapping, not of coherent
 * memory: user space keeps it mapped for as long as it likes, also when the
 * device has gone. Without bounce buffers the two are the same on x86.
 */
static int memory_alloc(struct dsa_sample_queue *q)
{
	struct device *parent = &q->device->pdev->dev;
	int ret;

	q->records = dma_alloc_coherent(parent, records_size(q), &q->records_dma, GFP_KERNEL);
	if (!q->records)
		return -ENOMEM;

	q->buffer = alloc_pages_exact(q->buffer_size,
				      GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (!q->buffer) {
		ret = -ENOMEM;
		goto free_records;
	}
	q->buffer_dma = dma_map_single(parent, q->buffer, q->buffer_size, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(parent, q->buffer_dma)) {
		ret = -ENOMEM;
		goto free_buffer;
	}
	if (dma_need_sync(parent, q->buffer_dma)) {
		pci_err(q->device->pdev, "memory would be bounced on its way to the device\n");
		ret = -EOPNOTSUPP;
		goto unmap_buffer;
	}
	return 0;

unmap_buffer:
	dma_unmap_single(parent, q->buffer_dma, q->buffer_size, DMA_BIDIRECTIONAL);
free_buffer:
	free_pages_exact(q->buffer, q->buffer_size);
	q->buffer = NULL;
free_records:
	dma_free_coherent(parent, records_size(q), q->records, q->records_dma);
	q->records = NULL;
	return ret;
}

static void memory_free(struct dsa_sample_queue *q)
{
	struct device *parent = &q->device->pdev->dev;

	dma_unmap_single(parent, q->buffer_dma, q->buffer_size, DMA_BIDIRECTIONAL);
	free_pages_exact(q->buffer, q->buffer_size);
	q->buffer = NULL;
	dma_free_coherent(parent, records_size(q), q->records, q->records_dma);
	q->records = NULL;
}

/* Make the queue known to vector 0 and to DSA_SAMPLE_INFO, or unknown. */
static void queue_publish(struct dsa_sample_device *dev, unsigned int number,
			  struct dsa_sample_queue *q)
{
	lockdep_assert_held(&dev->lock);

	spin_lock_irq(&dev->queues_lock);
	dev->queues[number] = q;
	if (q)
		dev->queues_up |= BIT_ULL(number);
	else
		dev->queues_up &= ~BIT_ULL(number);
	spin_unlock_irq(&dev->queues_lock);
}

int dsa_sample_queue_up(struct dsa_sample_device *dev, struct dsa_sample_queue_up *args,
			struct dsa_sample_queue **queue)
{
	u64 start = ktime_get_ns(), before;
	struct dsa_sample_queue *q;
	int ret;

	if (args->queue >= dev->queues_number)
		return -ENOENT;
	if (!args->buffer_size || args->buffer_size % PAGE_SIZE ||
	    args->buffer_size > DSA_SAMPLE_BUFFER_MAX)
		return -EINVAL;
	if (!period_valid(&args->confirm_ms, CONFIRM_DEFAULT_MS, CONFIRM_MAX_MS) ||
	    !period_valid(&args->timeout_ms, TIMEOUT_DEFAULT_MS, TIMEOUT_MAX_MS))
		return -EINVAL;

	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	if (!dsa_sample_present(dev)) {
		ret = -ENODEV;
		goto unlock;
	}
	if (dsa_sample_halted(dev)) {
		ret = -EIO;
		goto unlock;
	}
	if (dev->queues[args->queue]) {
		ret = -EBUSY;
		goto unlock;
	}
	if (!dev->config.queues[args->queue].size) {
		ret = -ENOENT;
		goto unlock;
	}

	q = queue_alloc(dev, args->queue);
	if (!q) {
		ret = -ENOMEM;
		goto unlock;
	}
	q->buffer_size = args->buffer_size;
	q->confirm_ns = (u64)args->confirm_ms * NSEC_PER_MSEC;
	q->timeout_ns = (u64)args->timeout_ms * NSEC_PER_MSEC;
	ret = memory_alloc(q);
	if (ret)
		goto free_queue;

	q->irq = pci_irq_vector(dev->pdev, q->vector);
	before = ktime_get_ns();
	ret = request_irq(q->irq, dsa_sample_queue_handler, 0, q->irq_name, q);
	if (ret) {
		pci_err(dev->pdev, "queue %u: request_irq() for vector %u failed (%d)\n",
			q->number, q->vector, ret);
		goto free_memory;
	}
	args->request_irq_ns = ktime_get_ns() - before;

	before = ktime_get_ns();
	ret = dsa_sample_wq_enable(dev, q->number);
	if (ret)
		goto free_irq;
	args->enable_ns = ktime_get_ns() - before;

	queue_publish(dev, q->number, q);
	args->entries = dev->config.queues[args->queue].size;
	mutex_unlock(&dev->lock);

	args->vector = q->vector;
	args->irq = q->irq;
	args->start_ns = start;
	args->total_ns = ktime_get_ns() - start;
	*queue = q;
	return 0;

free_irq:
	/* It did not answer, but it may still come up. */
	if (ret == -ETIMEDOUT)
		dsa_sample_wq_disable(dev, q->number);
	free_irq(q->irq, q);
free_memory:
	memory_free(q);
free_queue:
	queue_free(q);
unlock:
	mutex_unlock(&dev->lock);
	return ret;
}

static void queue_set_phase(struct dsa_sample_queue *q, enum dsa_sample_queue_phase phase)
{
	spin_lock_irq(&q->lock);
	q->phase = phase;
	spin_unlock_irq(&q->lock);
	wake_up_all(&q->wait);
}

void dsa_sample_queue_down(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;

	lockdep_assert_held(&dev->lock);

	/* The phase changes under dev->lock only. */
	if (q->phase == DSA_SAMPLE_QUEUE_IS_DOWN)
		return;

	queue_set_phase(q, DSA_SAMPLE_QUEUE_CLOSING);
	/* Whoever is about to write to the portal has done so after this. */
	mutex_lock(&q->submit_lock);
	mutex_unlock(&q->submit_lock);

	dsa_sample_wq_disable(dev, q->number);
	cancel_delayed_work_sync(&q->tick);
	free_irq(q->irq, q);
	queue_publish(dev, q->number, NULL);
	queue_set_phase(q, DSA_SAMPLE_QUEUE_IS_DOWN);
	memory_free(q);
}

void dsa_sample_queue_release(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;

	mutex_lock(&dev->lock);
	dsa_sample_queue_down(q);
	mutex_unlock(&dev->lock);
	queue_free(q);
}

void dsa_sample_wake_queues(struct dsa_sample_device *dev)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&dev->queues_lock, flags);
	for (i = 0; i < DSA_SAMPLE_QUEUES_MAX; i++)
		if (dev->queues[i])
			wake_up_all(&dev->queues[i]->wait);
	spin_unlock_irqrestore(&dev->queues_lock, flags);
}
