// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a descriptor: from a work item through the portal to the device, and
 * from its completion record to an event, by way of the handler or the watchdog.
 */
#include <linux/cpu.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "dsa_sample_drv.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* ---- Records and events -------------------------------------------------- */

static u8 record_status(const struct dsa_sample_queue *q, const struct dsa_sample_entry *entry)
{
	return READ_ONCE(q->records[entry - q->entries].status) & DSA_COMP_STATUS_MASK;
}

/* Whether the device has refused the entry for its interrupt handle. */
static bool refused(const struct dsa_sample_queue *q, const struct dsa_sample_entry *entry)
{
	return q->device->caps.handles && entry->interrupt &&
	       record_status(q, entry) == DSA_COMP_INT_HANDLE_INVAL;
}

/* Whether the entry is complete. What was refused is not: it is submitted again. */
static bool visible(struct dsa_sample_queue *q, const struct dsa_sample_entry *entry)
{
	lockdep_assert_held(&q->lock);
	if (!record_status(q, entry))
		return false;
	if (refused(q, entry)) {
		dsa_sample_trouble(q->device, DSA_SAMPLE_REFUSED);
		return false;
	}
	/* The status is written last: the rest of the record is there too. */
	dma_rmb();
	return true;
}

/* Account for an outstanding entry: write its event, free or quarantine its slot. */
static void account(struct dsa_sample_queue *q, struct dsa_sample_entry *entry,
		    enum dsa_sample_how how, u64 now)
{
	struct dsa_sample_event event = {
		.tag = entry->tag,
		.submit_ns = entry->submit_ns,
		.notice_ns = now,
		.how = how,
	};

	lockdep_assert_held(&q->lock);
	if (how != DSA_SAMPLE_HOW_MISSING && record_status(q, entry) && !refused(q, entry)) {
		event.visible_ns = entry->visible_ns ? : now;
		dsa_sample_event_record(&event, &q->records[entry - q->entries], q->buffer_dma,
					q->buffer_size);
	}
	if (how == DSA_SAMPLE_HOW_INTERRUPT)
		event.handler_run = q->stats.handler_runs;
	trace_dsa_sample_reap(q, entry, how);
	/* There is room: nothing is submitted without. */
	kfifo_put(&q->events, event);
	(*dsa_sample_counter(&q->stats, how))++;
	q->outstanding_number--;
	q->free_number += how != DSA_SAMPLE_HOW_MISSING;
	/* A missing one's record may be written yet: nobody else gets this slot. */
	list_move_tail(&entry->node, /* Rule 17 */
		       how == DSA_SAMPLE_HOW_MISSING ? &q->quarantined : &q->free);
}

/*
 * Account for what is visible; outside of a handler run not for what awaits its
 * interrupt. Returns how many were found in a run, or await theirs, respectively.
 */
static unsigned int reap(struct dsa_sample_queue *q, u64 now, bool run)
{
	struct dsa_sample_entry *entry, *next;
	unsigned int found = 0;

	lockdep_assert_held(&q->lock);
	list_for_each_entry_safe(entry, next, &q->outstanding, node) {
		if (!visible(q, entry))
			continue;
		if (!entry->visible_ns) {
			entry->visible_ns = now;
			entry->watched = false;
			trace_dsa_sample_complete(q, entry, 0);
		}
		found += run || entry->interrupt;
		if (!entry->interrupt)
			account(q, entry, DSA_SAMPLE_HOW_POLLED, now);
		else if (run)
			account(q, entry, DSA_SAMPLE_HOW_INTERRUPT, now); /* Rule 12 */
	}
	return found;
}

unsigned int dsa_sample_look(struct dsa_sample_queue *q, u64 now)
{
	return q->down || list_empty(&q->outstanding) ? 0 : reap(q, now, false);
}

/*
 * Takes all that is visible, not only what this interrupt was sent for: interrupts
 * merge. What becomes visible behind the pass sends another one.
 */
irqreturn_t dsa_sample_queue_handler(int irq, void *data)
{
	struct dsa_sample_queue *q = data;
	u64 *runs = &q->device->handler_runs[q->vector];
	unsigned int found;
	unsigned long flags;
	u64 now;

	WRITE_ONCE(*runs, *runs + 1);

	spin_lock_irqsave(&q->lock, flags);
	/* Under the lock: no record is seen before the run that takes it. */
	now = ktime_get_ns();
	q->stats.handler_runs++;
	q->stats.last_handler_ns = now;
	found = reap(q, now, true);
	if (!found)
		q->stats.handler_spurious++;
	spin_unlock_irqrestore(&q->lock, flags);

	if (found)
		wake_up_all(&q->wait);
	return IRQ_HANDLED;
}

/*
 * Nothing is submitted, written or sent any more. A handler may still run on
 * another CPU, and is to have what it is about to find; so is the watchdog.
 */
void dsa_sample_abort(struct dsa_sample_queue *q)
{
	struct dsa_sample_entry *entry, *next;
	u64 now;

	cancel_delayed_work_sync(&q->tick);
	synchronize_irq(q->irq);
	spin_lock_irq(&q->lock);
	now = ktime_get_ns();
	dsa_sample_look(q, now);
	list_for_each_entry_safe(entry, next, &q->outstanding, node)
		account(q, entry, DSA_SAMPLE_HOW_ABORTED, now);
	/* The reset makes their slots safe. */
	list_splice_init(&q->quarantined, &q->free);
	q->free_number = q->entries_number;
	q->ticking = false;
	q->tick_ns = 0;
	spin_unlock_irq(&q->lock);
	wake_up_all(&q->wait);
}

/* ---- Watchdog ------------------------------------------------------------ */

/*
 * The watchdog: completions that no interrupt announced, or that never came.
 *
 * Lateness has no bound: a virtual CPU or a device in software can stand still
 * for seconds. So what is measured is not time but credit: at most a tick's worth
 * for each tick that runs on the CPU at which the vector is aimed, if a handler of
 * another vector of the device has run since the tick before; vector 0 is given a
 * reason to if none has. When the credit is full, every CPU must answer, running
 * handlers must end (the vector may have been moved), and one more tick must find
 * no change.
 */
#define TICK_MS 50
#define TICK_NS (TICK_MS * NSEC_PER_MSEC)
/* Work without a record is normal for that long: no probe on its behalf. */
#define PROBE_AFTER_NS (200 * NSEC_PER_MSEC)

/* The next tick, on the CPU at which the vector is aimed. */
static void watchdog_queue(struct dsa_sample_queue *q)
{
	const struct cpumask *mask;
	unsigned int cpu;

	/* A CPU that is going down would not run it. */
	cpus_read_lock();
	mask = irq_get_effective_affinity_mask(q->irq);
	cpu = mask ? cpumask_first_and(mask, cpu_online_mask) : nr_cpu_ids;
	if (cpu >= nr_cpu_ids)
		cpu = WORK_CPU_UNBOUND;
	queue_delayed_work_on(cpu, system_highpri_wq, &q->tick, msecs_to_jiffies(TICK_MS));
	cpus_read_unlock();
}

/*
 * Handler runs of the other queues' vectors. The own vector is left out of the
 * sum, not subtracted: a run in progress cannot look like another vector's.
 */
static u64 others_runs(const struct dsa_sample_queue *q)
{
	const struct dsa_sample_device *dev = q->device;
	unsigned int v;
	u64 sum = 0;

	for (v = 1; v < dev->vectors; v++)
		if (v != q->vector)
			sum += READ_ONCE(dev->handler_runs[v]);
	return sum;
}

/* One run of the watchdog. */
struct tick {
	u64 now;			/* when it began */
	u64 credit_ns;			/* that it gives */
	bool others_ran;		/* a handler of another queue, since the one before */
	bool probe;			/* somebody waits for a sign of life */
	bool check;			/* some credit is full for the first time */
	bool events;			/* something has been accounted for */
	const char *lost;		/* the last that was lost, or NULL */
	u64 lost_ns;			/* for how long it had been like that */
};

/* What was lost, and what the registers say that might explain it. */
static void report(struct dsa_sample_queue *q, const struct tick *tick)
{
	static DEFINE_RATELIMIT_STATE(limit, 10 * HZ, 5);
	struct dsa_sample_device *dev = q->device;
	u16 control = 0;

	if (!dsa_sample_reachable(dev) || !__ratelimit(&limit))
		return;
	pci_read_config_word(dev->pdev, dev->pdev->msix_cap + PCI_MSIX_FLAGS, &control);
	pci_info(dev->pdev, "queue %u: lost %s: nothing on vector %u for %llu ms (MSI-X control %#06x, INTCAUSE %#x, GENSTS %#x)\n",
		 q->number, tick->lost, q->vector, div_u64(tick->lost_ns, NSEC_PER_MSEC), control,
		 ioread32(dev->regs + DSA_REG_INTCAUSE), ioread32(dev->regs + DSA_REG_GENSTS));
}

static void watch_entry(struct dsa_sample_queue *q, struct dsa_sample_entry *entry,
			struct tick *tick)
{
	bool visible = entry->visible_ns;
	u64 since = visible ? entry->visible_ns : entry->submit_ns;

	lockdep_assert_held(&q->lock); /* Rule 27 */

	if (visible || tick->now - since > min_t(u64, PROBE_AFTER_NS, q->timeout_ns))
		tick->probe = true;

	/* Signs of life count from the tick after the first that saw it like that. */
	if (!entry->watched) {
		entry->watched = true;
		entry->checked = false;
		entry->credit_ns = 0;
		return;
	}
	entry->credit_ns += tick->credit_ns;
	if (!tick->credit_ns || entry->credit_ns < (visible ? q->confirm_ns : q->timeout_ns))
		return;
	if (!entry->checked) {
		entry->checked = true;
		tick->check = true;
		return;
	}
	if (!visible && READ_ONCE(q->handing))
		return;
	tick->lost = visible ? "interrupt" : "completion";
	tick->lost_ns = tick->now - since;
	account(q, entry, visible ? DSA_SAMPLE_HOW_STRANDED : DSA_SAMPLE_HOW_MISSING, tick->now);
}

void dsa_sample_watchdog_tick(struct work_struct *work)
{
	struct dsa_sample_queue *q =
		container_of(to_delayed_work(work), struct dsa_sample_queue, tick);
	const struct cpumask *mask = irq_get_effective_affinity_mask(q->irq);
	struct dsa_sample_entry *entry, *next;
	struct tick tick = {};
	unsigned int before;
	u64 others, vector0;
	bool again;

	spin_lock_irq(&q->lock);
	tick.now = ktime_get_ns();
	others = others_runs(q);
	vector0 = READ_ONCE(q->device->handler_runs[0]);
	tick.others_ran = others != q->tick_others;
	if (q->tick_ns && (tick.others_ran || vector0 != q->tick_vector0) && /* Rule 15 */
	    mask && cpumask_test_cpu(raw_smp_processor_id(), mask))
		tick.credit_ns = min_t(u64, tick.now - q->tick_ns, TICK_NS);
	q->tick_ns = tick.now;
	q->tick_others = others;
	q->tick_vector0 = vector0;

	before = q->outstanding_number;
	dsa_sample_look(q, tick.now); /* Rule 14 */
	list_for_each_entry_safe(entry, next, &q->outstanding, node)
		watch_entry(q, entry, &tick);
	tick.events = q->outstanding_number != before;
	/* Without work for a whole tick it rests; the next submission starts it. */
	again = !list_empty(&q->outstanding) || q->stats.submitted != q->tick_submitted;
	q->tick_submitted = q->stats.submitted;
	q->ticking = again;
	if (!again)
		q->tick_ns = 0;
	spin_unlock_irq(&q->lock);

	if (tick.events)
		wake_up_all(&q->wait);
	if (tick.lost)
		report(q, &tick);
	if (tick.check) {
		kick_all_cpus_sync();
		synchronize_irq(q->irq);
	}
	if (tick.probe && !tick.others_ran && dsa_sample_probe_vector0(q->device)) { /* Rule 16 */
		spin_lock_irq(&q->lock);
		q->stats.probes++;
		spin_unlock_irq(&q->lock);
	}
	if (again)
		watchdog_queue(q);
}

/* ---- Submission ---------------------------------------------------------- */

/*
 * The portal takes one 64-byte write. Eight stores are eight writes, which a
 * device in silicon ignores and a device in software puts together. A shared queue
 * may refuse, when it is full or not enabled.
 */
#define ENQUEUE_TRIES 32

static int portal_write(struct dsa_sample_queue *q, const struct dsa_hw_desc *desc)
{
	void __iomem *slot = q->portal + q->portal_slot * DSA_PORTAL_SLOT;
	unsigned int i;

	lockdep_assert_held(&q->submit_lock);
	q->portal_slot = (q->portal_slot + 1) % DSA_PORTAL_SLOTS;
	/* Data and the cleared record first; MOVDIR64B is weakly ordered. */
	wmb(); /* Rule 10 */
	if (q->pasid) {
		for (i = 0; i < ENQUEUE_TRIES; i++)
			if (!enqcmds(slot, desc))
				return 0;
		return -EAGAIN;
	}
	if (dsa_sample_movdir64b)
		iosubmit_cmds512(slot, desc, 1);
	else
		__iowrite64_copy(slot, desc, DSA_PORTAL_SLOT / sizeof(u64));
	return 0;
}

int dsa_sample_acceptable(struct dsa_sample_queue *q, unsigned int n, bool hold, u64 now)
{
	int ret = dsa_sample_usable(q->device);

	lockdep_assert_held(&q->lock);
	if (ret)
		return ret;
	if (dsa_sample_look(q, now) && hold)
		return -EAGAIN;
	if (q->free_number < n ||
	    kfifo_len(&q->events) + q->outstanding_number + n > DSA_SAMPLE_EVENTS_MAX) /* Rule 7 */
		return -EAGAIN;
	return 0;
}

/* Take a slot for @work. @member: its descriptor is for that place in memory as well. */
static struct dsa_sample_entry *entry_take(struct dsa_sample_queue *q,
					   const struct dsa_sample_work *work,
					   struct dsa_hw_desc *member, u64 now)
{
	struct dsa_sample_entry *entry = list_first_entry(&q->free, struct dsa_sample_entry, node);
	dma_addr_t record = q->records_dma + (entry - q->entries) * sizeof(*q->records);

	lockdep_assert_held(&q->lock);
	entry->visible_ns = 0;
	entry->watched = false;
	entry->tag = work->tag;
	entry->interrupt = work->flags & DSA_SAMPLE_WORK_INTERRUPT;
	memset(&q->records[entry - q->entries], 0, sizeof(*q->records)); /* Rule 8 */
	dsa_sample_descriptor(&entry->desc, work, q->buffer_dma, record, q->handle);
	entry->desc.pasid = q->pasid;
	if (member)
		*member = entry->desc;
	entry->submit_ns = now;
	trace_dsa_sample_submit(q, entry, 0);
	list_move_tail(&entry->node, &q->outstanding);
	q->outstanding_number++;
	q->free_number--;
	q->stats.submitted++;
	return entry;
}

/* Give back the last @n slots: the device has not taken the work, and nobody has seen it. */
static void entries_return(struct dsa_sample_queue *q, unsigned int n)
{
	spin_lock_irq(&q->lock);
	q->handing = false;
	q->outstanding_number -= n;
	q->free_number += n;
	q->stats.submitted -= n;
	while (n--)
		list_move(q->outstanding.prev, &q->free);
	spin_unlock_irq(&q->lock);
}

/* Hand one item to the device, or with its @n - 1 members a batch. */
static int submit_one(struct dsa_sample_queue *q, const struct dsa_sample_work *work,
		      unsigned int n, bool hold)
{
	struct dsa_sample_entry *entry;
	unsigned int list, i;
	bool start = false;
	u64 now;
	int ret;

	lockdep_assert_held(&q->submit_lock);
	spin_lock_irq(&q->lock);
	now = ktime_get_ns();
	q->hold = hold;
	ret = dsa_sample_acceptable(q, n, hold, now);
	if (ret)
		goto unlock;
	entry = entry_take(q, work, NULL, now);
	list = (entry - q->entries) * q->batch;
	for (i = 1; i < n; i++)
		entry_take(q, &work[i], &q->lists[list + i - 1], now);
	if (n > 1)
		entry->desc.desc_list_addr = q->lists_dma + list * sizeof(*q->lists);
	start = !q->ticking;
	q->ticking = true;
	q->handing = q->pasid;
unlock:
	spin_unlock_irq(&q->lock);
	if (ret)
		return ret;

	/*
	 * Not under the spinlock: a software device may take milliseconds, and
	 * the handler must not wait for them. The entry is nobody else's yet: only
	 * the holder of submit_lock gives one to the device, or to the device again.
	 */
	ret = portal_write(q, &entry->desc);
	if (start)
		watchdog_queue(q); /* Rule 11 */
	if (ret)
		entries_return(q, n);
	else if (q->pasid)
		WRITE_ONCE(q->handing, false);
	return ret;
}

/*
 * What is submitted with the old handle until it is replaced is refused as well, and
 * found by the handler or the watchdog, which asks for another run.
 */
bool dsa_sample_resubmit(struct dsa_sample_queue *q)
{
	struct dsa_sample_entry *entry;
	bool valid = true;

	mutex_lock(&q->submit_lock);
	spin_lock_irq(&q->lock);
again:
	list_for_each_entry(entry, &q->outstanding, node) {
		if (!refused(q, entry))
			continue;
		if (entry->desc.int_handle == q->handle) {
			valid = false;
			continue;
		}
		memset(&q->records[entry - q->entries], 0, sizeof(*q->records));
		entry->desc.int_handle = q->handle;
		q->stats.resubmitted++;
		trace_dsa_sample_submit(q, entry, 0);
		spin_unlock_irq(&q->lock);
		if (portal_write(q, &entry->desc)) /* Rule 22 */
			dsa_sample_trouble(q->device, DSA_SAMPLE_ASTRAY);
		spin_lock_irq(&q->lock);
		goto again;
	}
	spin_unlock_irq(&q->lock);
	mutex_unlock(&q->submit_lock);
	return valid;
}

/* Get one item, or a batch with its members, of @left. Returns how many those are. */
static int work_get(const struct dsa_sample_queue *q, struct dsa_sample_work *work,
		    const struct dsa_sample_work __user *user, unsigned int left)
{
	unsigned int n = 1, i;
	int ret;

	for (i = 0; i < n; i++) {
		if (copy_from_user(&work[i], &user[i], sizeof(*work)))
			return -EFAULT;
		ret = dsa_sample_work_check(&q->device->caps, &work[i], q->buffer_size,
					    i ? 0 : q->batch);
		if (ret)
			return ret;
		if (work[i].opcode == DSA_OPCODE_BATCH)
			n += work[i].size;
		if (n > left)
			return -EINVAL;
	}
	return n;
}

int dsa_sample_submit(struct dsa_sample_queue *q, struct dsa_sample_submit *args)
{
	const struct dsa_sample_work __user *user = u64_to_user_ptr(args->work);
	bool hold = args->flags & DSA_SAMPLE_SUBMIT_HOLD;
	struct dsa_sample_work work[1 + DSA_SAMPLE_BATCH_MAX] __uninitialized;
	int n, ret = 0;

	for (args->accepted = 0; args->accepted < args->count; args->accepted += n) {
		if (args->accepted)
			cond_resched();
		/* Not under the lock: user memory may take as long as it likes. */
		n = work_get(q, work, &user[args->accepted], args->count - args->accepted);
		ret = n < 0 ? n : mutex_lock_interruptible(&q->submit_lock);
		if (ret)
			break;
		ret = submit_one(q, work, n, hold);
		mutex_unlock(&q->submit_lock);
		if (ret)
			break;
	}
	return args->accepted ? 0 : ret;
}
