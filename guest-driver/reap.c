// SPDX-License-Identifier: GPL-2.0-only
/*
 * From completion records to events.
 */
#include <linux/ktime.h>
#include <linux/poll.h>

#include "dsa_sample_drv.h"

bool dsa_sample_visible(struct dsa_sample_queue *q, const struct dsa_sample_entry *entry)
{
	const struct dsa_completion_record *record = &q->records[entry - q->entries];

	lockdep_assert_held(&q->lock);

	if (!READ_ONCE(record->status))
		return false;
	/* The status is written last: the rest of the record is there too. */
	dma_rmb();
	return true;
}

/* Where in the buffer the device met a page it could not use. */
static u64 fault_address(const struct dsa_sample_queue *q,
			 const struct dsa_completion_record *record, u8 status)
{
	switch (status) {
	case DSA_COMP_PAGE_FAULT_NOBOF:
	case DSA_COMP_PAGE_FAULT_IR:
	case DSA_COMP_BATCH_PAGE_FAULT:
	case DSA_COMP_CRA_XLAT:
	case DSA_COMP_PFAULT_RDBA:
		break;
	default:
		return 0;
	}
	if (record->fault_addr < q->buffer_dma ||
	    record->fault_addr - q->buffer_dma >= q->buffer_size)
		return ~0ULL;
	return record->fault_addr - q->buffer_dma;
}

void dsa_sample_account(struct dsa_sample_queue *q, struct dsa_sample_entry *entry,
			enum dsa_sample_how how, u64 now)
{
	const struct dsa_completion_record *record = &q->records[entry - q->entries];
	struct dsa_sample_event *event;

	lockdep_assert_held(&q->lock);

	if (!entry->visible_ns && how != DSA_SAMPLE_HOW_MISSING)
		entry->visible_ns = now;

	/* There is room: nothing is submitted without. */
	event = &q->events[q->events_head % DSA_SAMPLE_EVENTS_MAX];
	memset(event, 0, sizeof(*event));
	event->tag = entry->tag;
	event->submit_ns = entry->submit_ns;
	event->visible_ns = entry->visible_ns;
	event->notice_ns = now;
	event->how = how;
	if (how != DSA_SAMPLE_HOW_MISSING) {
		event->status = record->status & DSA_COMP_STATUS_MASK;
		event->result = record->result;
		event->bytes_completed = record->bytes_completed;
		event->fault_address = fault_address(q, record, event->status);
	}
	q->events_head++;
	q->outstanding_number--;

	switch (how) {
	case DSA_SAMPLE_HOW_INTERRUPT:
		event->handler_run = q->stats.handler_runs;
		q->stats.interrupted++;
		break;
	case DSA_SAMPLE_HOW_STRANDED:
		q->stats.stranded++;
		break;
	case DSA_SAMPLE_HOW_POLLED:
		q->stats.polled++;
		break;
	case DSA_SAMPLE_HOW_MISSING:
		q->stats.missing++;
		/* The record may be written yet: nobody else gets this slot. */
		list_move_tail(&entry->node, &q->quarantined);
		return;
	}
	list_move(&entry->node, &q->free);
}

unsigned int dsa_sample_look(struct dsa_sample_queue *q, u64 now)
{
	struct dsa_sample_entry *entry, *next;
	unsigned int awaiting = 0;

	lockdep_assert_held(&q->lock);

	if (q->phase == DSA_SAMPLE_QUEUE_IS_DOWN)
		return 0;
	list_for_each_entry_safe(entry, next, &q->outstanding, node) {
		if (!dsa_sample_visible(q, entry))
			continue;
		if (!entry->visible_ns)
			entry->visible_ns = now;
		if (entry->interrupt)
			awaiting++;
		else
			dsa_sample_account(q, entry, DSA_SAMPLE_HOW_POLLED, now);
	}
	return awaiting;
}

/*
 * Takes all that is visible, not only what this interrupt was sent for:
 * interrupts merge. What becomes visible behind the pass sends another one, but
 * that one may be merged into this, so: until a pass finds nothing.
 */
static unsigned int handler_pass(struct dsa_sample_queue *q, u64 now)
{
	struct dsa_sample_entry *entry, *next;
	unsigned int found = 0;

	lockdep_assert_held(&q->lock);

	list_for_each_entry_safe(entry, next, &q->outstanding, node) {
		if (!dsa_sample_visible(q, entry))
			continue;
		dsa_sample_account(q, entry, entry->interrupt ? DSA_SAMPLE_HOW_INTERRUPT :
				   DSA_SAMPLE_HOW_POLLED, now);
		found++;
	}
	return found;
}

irqreturn_t dsa_sample_queue_handler(int irq, void *data)
{
	struct dsa_sample_queue *q = data;
	u64 *runs = &q->device->handler_runs[q->vector];
	unsigned int found = 0, pass;
	unsigned long flags;
	u64 now;

	WRITE_ONCE(*runs, *runs + 1);

	spin_lock_irqsave(&q->lock, flags);
	/* Under the lock: no record is seen before the run that takes it. */
	now = ktime_get_ns();
	q->stats.handler_runs++;
	q->stats.last_handler_ns = now;
	do {
		pass = handler_pass(q, now);
		found += pass;
	} while (pass);
	if (!found)
		q->stats.handler_spurious++;
	spin_unlock_irqrestore(&q->lock, flags);

	if (found)
		wake_up_all(&q->wait);
	return IRQ_HANDLED;
}

unsigned int dsa_sample_events_peek(struct dsa_sample_queue *q, struct dsa_sample_event *events,
				    unsigned int number)
{
	unsigned int i;

	lockdep_assert_held(&q->read_lock);

	spin_lock_irq(&q->lock);
	number = min(number, q->events_head - q->events_tail);
	for (i = 0; i < number; i++)
		events[i] = q->events[(q->events_tail + i) % DSA_SAMPLE_EVENTS_MAX];
	spin_unlock_irq(&q->lock);
	return number;
}

void dsa_sample_events_drop(struct dsa_sample_queue *q, unsigned int number)
{
	bool was_full;

	lockdep_assert_held(&q->read_lock);

	spin_lock_irq(&q->lock);
	was_full = q->events_head - q->events_tail + q->outstanding_number >= DSA_SAMPLE_EVENTS_MAX;
	q->events_tail += number;
	spin_unlock_irq(&q->lock);
	if (was_full)
		wake_up_all(&q->wait);
}
