// SPDX-License-Identifier: GPL-2.0-only
/*
 * From work items to descriptors in the portal.
 */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "dsa_sample_drv.h"

/**
 * struct operation - an operation that can be asked for
 * @supported: this driver knows it
 * @data: it has a transfer size
 * @pattern: the first operand is dsa_sample_work.pattern
 * @src: the first operand is the address of dsa_sample_work.src
 * @dst: the second operand is the address of dsa_sample_work.dst
 */
struct operation {
	bool supported;
	bool data;
	bool pattern;
	bool src;
	bool dst;
};

static const struct operation operations[] = {
	[DSA_OPCODE_NOOP] = { .supported = true },
	[DSA_OPCODE_DRAIN] = { .supported = true },
	[DSA_OPCODE_MEMMOVE] = { .supported = true, .data = true, .src = true, .dst = true },
	[DSA_OPCODE_MEMFILL] = { .supported = true, .data = true, .pattern = true, .dst = true },
	[DSA_OPCODE_COMPARE] = { .supported = true, .data = true, .src = true, .dst = true },
};

static bool range_inside(const struct dsa_sample_queue *q, u64 offset, u32 size)
{
	return offset <= q->buffer_size && size <= q->buffer_size - offset;
}

static int work_check(const struct dsa_sample_queue *q, const struct dsa_sample_work *work)
{
	const struct dsa_sample_caps *caps = &q->device->caps;
	const struct operation *operation;

	if (work->opcode >= ARRAY_SIZE(operations))
		return -EINVAL;
	operation = &operations[work->opcode];
	if (!operation->supported || !(caps->opcap & BIT_ULL(work->opcode)))
		return -EINVAL;
	if (work->flags & ~DSA_SAMPLE_WORK_INTERRUPT || work->reserved)
		return -EINVAL;
	if (operation->data != !!work->size)
		return -EINVAL;
	if (work->size > BIT_ULL(caps->max_xfer_shift))
		return -ERANGE;
	if (operation->src && !range_inside(q, work->src, work->size))
		return -ERANGE;
	if (operation->dst && !range_inside(q, work->dst, work->size))
		return -ERANGE;
	return 0;
}

static void descriptor_fill(const struct dsa_sample_queue *q, const struct dsa_sample_entry *entry,
			    const struct dsa_sample_work *work, struct dsa_hw_desc *desc)
{
	const struct operation *operation = &operations[work->opcode];
	size_t index = entry - q->entries;

	memset(desc, 0, sizeof(*desc));
	desc->opcode = work->opcode;
	/* Never an interrupt without a record: nobody would find its cause. */
	desc->flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR;
	desc->completion_addr = q->records_dma + index * sizeof(*q->records);
	if (work->flags & DSA_SAMPLE_WORK_INTERRUPT) {
		desc->flags |= IDXD_OP_FLAG_RCI;
		desc->int_handle = q->vector;
	}
	if (operation->pattern)
		desc->pattern = work->pattern;
	if (operation->src)
		desc->src_addr = q->buffer_dma + work->src;
	if (operation->dst)
		desc->dst_addr = q->buffer_dma + work->dst;
	desc->xfer_size = work->size;
}

/*
 * The portal takes one 64-byte write. Eight stores are eight writes, which a
 * device in silicon ignores and a device in software puts together.
 */
static void portal_write(struct dsa_sample_queue *q, const struct dsa_hw_desc *desc)
{
	void __iomem *slot = q->portal + q->portal_slot * DSA_PORTAL_SLOT;
	const u64 *word = (const u64 *)desc;
	size_t i;

	lockdep_assert_held(&q->submit_lock);

	q->portal_slot = (q->portal_slot + 1) % DSA_PORTAL_SLOTS;
	/* Data and the cleared record first; MOVDIR64B is weakly ordered. */
	wmb();
	if (q->device->movdir64b) {
		iosubmit_cmds512(slot, desc, 1);
		return;
	}
	for (i = 0; i < DSA_PORTAL_SLOT / sizeof(*word); i++)
		writeq(word[i], slot + i * sizeof(*word));
}

int dsa_sample_acceptable(struct dsa_sample_queue *q, bool hold)
{
	unsigned int unread = q->events_head - q->events_tail;

	lockdep_assert_held(&q->lock);

	if (q->phase != DSA_SAMPLE_QUEUE_IS_UP || !dsa_sample_present(q->device))
		return -ENODEV;
	if (dsa_sample_halted(q->device))
		return -EIO;
	if (dsa_sample_look(q, ktime_get_ns()) && hold)
		return -EAGAIN;
	if (list_empty(&q->free) || unread + q->outstanding_number >= DSA_SAMPLE_EVENTS_MAX)
		return -EAGAIN;
	return 0;
}

static int submit_one(struct dsa_sample_queue *q, const struct dsa_sample_work *work, bool hold)
{
	struct dsa_hw_desc desc __aligned(DSA_DESC_SIZE);
	struct dsa_sample_entry *entry;
	bool start = false;
	int ret;

	lockdep_assert_held(&q->submit_lock);

	spin_lock_irq(&q->lock);
	q->hold = hold;
	ret = dsa_sample_acceptable(q, hold);
	if (ret)
		goto unlock;
	entry = list_first_entry(&q->free, struct dsa_sample_entry, node);
	entry->tag = work->tag;
	entry->interrupt = work->flags & DSA_SAMPLE_WORK_INTERRUPT;
	entry->visible_ns = 0;
	entry->watch = DSA_SAMPLE_WATCH_NEW;
	entry->checked = false;
	entry->credit_ns = 0;
	memset(&q->records[entry - q->entries], 0, sizeof(*q->records));
	descriptor_fill(q, entry, work, &desc);
	entry->submit_ns = ktime_get_ns();
	list_move_tail(&entry->node, &q->outstanding);
	q->outstanding_number++;
	q->stats.submitted++;
	start = !q->ticking;
	q->ticking = true;
unlock:
	spin_unlock_irq(&q->lock);
	if (ret)
		return ret;

	/*
	 * Not under the spinlock: a software device may take milliseconds, and
	 * the handler must not wait for them.
	 */
	portal_write(q, &desc);
	if (start)
		dsa_sample_watchdog_queue(q);
	return 0;
}

int dsa_sample_submit(struct dsa_sample_queue *q, struct dsa_sample_submit *args)
{
	const struct dsa_sample_work __user *user = u64_to_user_ptr(args->work);
	bool hold = args->flags & DSA_SAMPLE_SUBMIT_HOLD;
	struct dsa_sample_work work;
	int ret;

	ret = mutex_lock_interruptible(&q->submit_lock);
	if (ret)
		return ret;
	for (args->accepted = 0; args->accepted < args->count; args->accepted++) {
		if (copy_from_user(&work, &user[args->accepted], sizeof(work))) {
			ret = -EFAULT;
			break;
		}
		ret = work_check(q, &work);
		if (ret)
			break;
		ret = submit_one(q, &work, hold);
		if (ret)
			break;
		cond_resched();
	}
	mutex_unlock(&q->submit_lock);
	return args->accepted ? 0 : ret;
}
