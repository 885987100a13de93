// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchdog: completions that no interrupt announced, and completions that
 * never came.
 *
 * A late interrupt must not be taken for a lost one, and lateness has no bound:
 * a virtual CPU, an emulator or a device in software can stand still for
 * seconds. So what is measured is not time but credit, time in which everything
 * an interrupt needs has been seen to work. A tick gives credit if
 *
 *   - it runs on the CPU at which the vector is aimed: that CPU is alive;
 *   - since the tick before, the handler of another vector of the same device
 *     has run: device, bus and emulators are alive. When no other vector has a
 *     reason to fire, vector 0 is given one;
 *
 * and then at most the length of one tick, however long ago the last one was.
 * When the credit is full, every CPU must answer and running handlers must end
 * (the vector may have been moved), and one more tick must find no change.
 */
#include <linux/cpu.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/smp.h>

#include "dsa_sample_drv.h"

#define TICK_MS 20
#define TICK_NS (TICK_MS * NSEC_PER_MSEC)
/* Work without a record is normal for that long: no probe on its behalf. */
#define PROBE_AFTER_NS (200 * NSEC_PER_MSEC)

static const struct cpumask *aim_mask(const struct dsa_sample_queue *q)
{
	return irq_get_effective_affinity_mask(q->irq);
}

void dsa_sample_watchdog_queue(struct dsa_sample_queue *q)
{
	const struct cpumask *mask;
	unsigned int cpu;

	/* A CPU that is going down would not run it. */
	cpus_read_lock();
	mask = aim_mask(q);
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

	for (v = 1; v < dev->caps.vectors; v++)
		if (v != q->vector)
			sum += READ_ONCE(dev->handler_runs[v]);
	return sum;
}

static void nothing(void *unused)
{
}

/**
 * struct tick - one run of the watchdog
 * @now: when it began
 * @credit_ns: what it gives
 * @others_ran: another queue's handler ran since the tick before
 * @probe: somebody waits for a sign of life
 * @check: some credit is full for the first time
 * @stranded_ns: for how long the last stranded one was visible; 0: none
 * @missing_ns: for how long the last missing one was waited for; 0: none
 */
struct tick {
	u64 now;
	u64 credit_ns;
	bool others_ran;
	bool probe;
	bool check;
	u64 stranded_ns;
	u64 missing_ns;
};

/* What was lost, and what the registers say that might explain it. */
static void report(struct dsa_sample_queue *q, const struct tick *tick)
{
	static DEFINE_RATELIMIT_STATE(limit, 10 * HZ, 5);
	struct dsa_sample_device *dev = q->device;
	u16 control = 0;

	if (!dsa_sample_present(dev) || !__ratelimit(&limit))
		return;
	pci_read_config_word(dev->pdev, dev->pdev->msix_cap + PCI_MSIX_FLAGS, &control);
	if (tick->stranded_ns)
		pci_info(dev->pdev,
			 "queue %u: lost interrupt: a completion was visible for %llu ms and vector %u stayed silent (MSI-X control %#06x, INTCAUSE %#x)\n",
			 q->number, div_u64(tick->stranded_ns, NSEC_PER_MSEC), q->vector, control,
			 ioread32(dev->regs + DSA_REG_INTCAUSE));
	if (tick->missing_ns)
		pci_info(dev->pdev,
			 "queue %u: lost completion: no record for %llu ms (MSI-X control %#06x, GENSTS %#x)\n",
			 q->number, div_u64(tick->missing_ns, NSEC_PER_MSEC), control,
			 ioread32(dev->regs + DSA_REG_GENSTS));
}

static void watch_entry(struct dsa_sample_queue *q, struct dsa_sample_entry *entry,
			struct tick *tick)
{
	bool visible = entry->visible_ns;
	enum dsa_sample_watch watch = visible ? DSA_SAMPLE_WATCH_STRANDED :
				      DSA_SAMPLE_WATCH_MISSING;
	u64 enough = visible ? q->confirm_ns : q->timeout_ns;

	lockdep_assert_held(&q->lock);

	if (visible || tick->now - entry->submit_ns > min_t(u64, PROBE_AFTER_NS, q->timeout_ns))
		tick->probe = true;

	/* Signs of life count from the tick after the first that saw it. */
	if (entry->watch != watch) {
		entry->watch = watch;
		entry->credit_ns = 0;
		entry->checked = false;
		return;
	}
	if (!tick->credit_ns)
		return;
	entry->credit_ns += tick->credit_ns;
	if (entry->credit_ns < enough)
		return;
	if (!entry->checked) {
		entry->checked = true;
		tick->check = true;
		return;
	}
	if (visible)
		tick->stranded_ns = tick->now - entry->visible_ns;
	else
		tick->missing_ns = tick->now - entry->submit_ns;
	dsa_sample_account(q, entry, visible ? DSA_SAMPLE_HOW_STRANDED : DSA_SAMPLE_HOW_MISSING,
			   tick->now);
}

void dsa_sample_watchdog_tick(struct work_struct *work)
{
	struct dsa_sample_queue *q =
		container_of(to_delayed_work(work), struct dsa_sample_queue, tick);
	const struct cpumask *mask = aim_mask(q);
	struct dsa_sample_entry *entry, *next;
	bool again, events = false;
	struct tick tick = {};
	u64 others, vector0;
	u32 head;

	spin_lock_irq(&q->lock);
	tick.now = ktime_get_ns();
	others = others_runs(q);
	vector0 = READ_ONCE(q->device->handler_runs[0]);
	tick.others_ran = others != q->tick_others;
	if (q->tick_ns && (tick.others_ran || vector0 != q->tick_vector0) &&
	    mask && cpumask_test_cpu(raw_smp_processor_id(), mask))
		tick.credit_ns = min_t(u64, tick.now - q->tick_ns, TICK_NS);
	q->tick_ns = tick.now;
	q->tick_others = others;
	q->tick_vector0 = vector0;

	if (q->phase == DSA_SAMPLE_QUEUE_IS_UP) {
		head = q->events_head;
		dsa_sample_look(q, tick.now);
		list_for_each_entry_safe(entry, next, &q->outstanding, node)
			watch_entry(q, entry, &tick);
		events = q->events_head != head;
	}
	/* Without work there is nothing to watch; the next submission starts it. */
	again = q->phase == DSA_SAMPLE_QUEUE_IS_UP && !list_empty(&q->outstanding);
	if (!again) {
		q->ticking = false;
		q->tick_ns = 0;
	}
	spin_unlock_irq(&q->lock);

	if (events)
		wake_up_all(&q->wait);
	if (tick.stranded_ns || tick.missing_ns)
		report(q, &tick);
	if (tick.check) {
		on_each_cpu(nothing, NULL, 1);
		synchronize_irq(q->irq);
	}
	if (tick.probe && !tick.others_ran && dsa_sample_probe_vector0(q->device)) {
		spin_lock_irq(&q->lock);
		q->stats.probes++;
		spin_unlock_irq(&q->lock);
	}
	if (again)
		dsa_sample_watchdog_queue(q);
}
