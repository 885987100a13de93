// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues of the virtual guest: the sample driver's rules for what is submitted,
 * noticed, stranded and missing.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "guest_private.h"
#include "sim.h"

#define NSEC_PER_MSEC 1000000ULL
#define TICK_NS (20 * NSEC_PER_MSEC)
#define PROBE_AFTER_NS (200 * NSEC_PER_MSEC)

#define PAGE 4096

/* ---- Events ------------------------------------------------------------------ */

static volatile struct dsa_completion_record *record_of(struct sim_guest_queue *q,
							 const struct guest_entry *entry)
{
	return &q->records[entry - q->entries];
}

static void account(struct sim_guest_queue *q, struct guest_entry *entry, enum dsa_sample_how how)
{
	uint64_t now = q->guest->now_ns;
	struct dsa_sample_event *event = &q->events[q->events_head++ % DSA_SAMPLE_EVENTS_MAX];

	if (!entry->visible_ns && how != DSA_SAMPLE_HOW_MISSING)
		entry->visible_ns = now;
	*event = (struct dsa_sample_event){
		.tag = entry->tag,
		.submit_ns = entry->submit_ns,
		.visible_ns = entry->visible_ns,
		.notice_ns = now,
		.how = how,
	};
	if (how == DSA_SAMPLE_HOW_INTERRUPT)
		event->handler_run = (uint32_t)q->stats.handler_runs;
	if (how != DSA_SAMPLE_HOW_MISSING)
		dsa_sample_event_record(event, record_of(q, entry),
					SIM_REGION_IOVA(q->number), q->buffer_size);
	(*dsa_sample_counter(&q->stats, how))++;
	q->guest->news = true;
	TAILQ_REMOVE(&q->outstanding, entry, link);
	q->outstanding_number--;
	/* The record of a missing one may be written yet: nobody else gets its slot. */
	if (how != DSA_SAMPLE_HOW_MISSING)
		TAILQ_INSERT_HEAD(&q->free, entry, link);
}

/* What is visible without a handler having run for it. Returns how many. */
static unsigned int look(struct sim_guest_queue *q)
{
	struct guest_entry *entry, *next;
	unsigned int awaiting = 0;

	for (entry = TAILQ_FIRST(&q->outstanding); entry; entry = next) {
		next = TAILQ_NEXT(entry, link);
		if (!record_of(q, entry)->status)
			continue;
		if (!entry->visible_ns)
			entry->visible_ns = q->guest->now_ns;
		if (entry->interrupt)
			awaiting++;
		else
			account(q, entry, DSA_SAMPLE_HOW_POLLED);
	}
	return awaiting;
}

void guest_queue_handler(struct sim_guest_queue *q)
{
	struct guest_entry *entry, *next;
	unsigned int found = 0;

	q->stats.handler_runs++;
	q->stats.last_handler_ns = q->guest->now_ns;
	for (entry = TAILQ_FIRST(&q->outstanding); entry; entry = next) {
		next = TAILQ_NEXT(entry, link);
		if (!record_of(q, entry)->status)
			continue;
		account(q, entry, entry->interrupt ? DSA_SAMPLE_HOW_INTERRUPT :
						     DSA_SAMPLE_HOW_POLLED);
		found++;
	}
	if (!found)
		q->stats.handler_spurious++;
}

/* ---- The watchdog --------------------------------------------------------------- */

static uint64_t others_runs(const struct sim_guest_queue *q)
{
	uint64_t sum = 0;

	for (unsigned int v = 1; v < q->guest->vectors; v++)
		if (v != q->vector)
			sum += q->guest->handler_runs[v];
	return sum;
}

/* Returns true if it waits for a sign of life of the machine. */
static bool watch(struct sim_guest_queue *q, struct guest_entry *entry, uint64_t credit_ns)
{
	const bool visible = entry->visible_ns;
	const uint64_t enough = visible ? q->confirm_ns : q->timeout_ns;
	const uint64_t probe_after = q->timeout_ns < PROBE_AFTER_NS ? q->timeout_ns :
								      PROBE_AFTER_NS;
	bool probe = visible || q->guest->now_ns - entry->submit_ns > probe_after;

	/* Signs of life count from the tick after the first that saw it. */
	if (!entry->watched || entry->watch_visible != visible) {
		entry->watched = true;
		entry->watch_visible = visible;
		entry->credit_ns = 0;
		entry->checked = false;
		return probe;
	}
	if (!credit_ns)
		return probe;
	entry->credit_ns += credit_ns;
	if (entry->credit_ns < enough)
		return probe;
	/* One more tick: a handler that was running then has ended. */
	if (!entry->checked)
		entry->checked = true;
	else
		account(q, entry, visible ? DSA_SAMPLE_HOW_STRANDED : DSA_SAMPLE_HOW_MISSING);
	return probe;
}

void guest_queue_tick(struct sim_guest_queue *q)
{
	struct sim_guest *guest = q->guest;
	struct guest_entry *entry, *next;
	uint64_t others, vector0, credit_ns = 0;
	bool others_ran, probe = false;

	if (!q->up || q->tick_ns > guest->now_ns)
		return;
	others = others_runs(q);
	vector0 = guest->handler_runs[0];
	others_ran = others != q->tick_others;
	if (q->last_tick_ns && (others_ran || vector0 != q->tick_vector0))
		credit_ns = guest->now_ns - q->last_tick_ns < TICK_NS ?
				    guest->now_ns - q->last_tick_ns : TICK_NS;
	q->last_tick_ns = guest->now_ns;
	q->tick_others = others;
	q->tick_vector0 = vector0;

	look(q);
	for (entry = TAILQ_FIRST(&q->outstanding); entry; entry = next) {
		next = TAILQ_NEXT(entry, link);
		probe |= watch(q, entry, credit_ns);
	}
	if (probe && !others_ran) {
		guest_probe(guest);
		q->stats.probes++;
	}
	/* Without work there is nothing to watch; the next submission starts it. */
	if (TAILQ_EMPTY(&q->outstanding)) {
		q->tick_ns = GUEST_NEVER;
		q->last_tick_ns = 0;
	} else {
		q->tick_ns = guest->now_ns + TICK_NS;
	}
}

/* ---- Work ------------------------------------------------------------------------ */

static uint64_t records_offset(const struct sim_guest_queue *q)
{
	return (const uint8_t *)q->records - q->memory;
}

static void write_portal(struct sim_guest_queue *q, const struct guest_entry *entry,
			 const struct dsa_sample_work *work)
{
	const uint64_t iova = SIM_REGION_IOVA(q->number);
	const uint64_t record = iova + records_offset(q) +
				(uint64_t)(entry - q->entries) * sizeof(*q->records);
	struct dsa_hw_desc desc;

	dsa_sample_descriptor(&desc, work, iova, record, (uint16_t)q->vector);
	sim_bar_write(2, q->number * DSA_PORTAL_STRIDE + DSA_PORTAL_LIMITED +
			      q->portal_slot * DSA_PORTAL_SLOT, &desc, sizeof(desc));
	q->portal_slot = (q->portal_slot + 1) % DSA_PORTAL_SLOTS;
}

static int acceptable(struct sim_guest_queue *q)
{
	/* New work could wake a lost completion up and hide the loss. */
	if (look(q))
		return -EAGAIN;
	if (TAILQ_EMPTY(&q->free) ||
	    q->events_head - q->events_tail + q->outstanding_number >= DSA_SAMPLE_EVENTS_MAX)
		return -EAGAIN;
	return 0;
}

static int submit_one(struct sim_guest_queue *q, const struct dsa_sample_work *work)
{
	struct guest_entry *entry;
	int ret;

	ret = dsa_sample_work_check(&q->guest->caps, work, q->buffer_size, 0);
	if (!ret)
		ret = acceptable(q);
	if (ret)
		return ret;
	entry = TAILQ_FIRST(&q->free);
	TAILQ_REMOVE(&q->free, entry, link);
	entry->tag = work->tag;
	entry->interrupt = work->flags & DSA_SAMPLE_WORK_INTERRUPT;
	entry->visible_ns = 0;
	entry->watched = false;
	memset((void *)record_of(q, entry), 0, sizeof(*q->records));
	entry->submit_ns = q->guest->now_ns;
	TAILQ_INSERT_TAIL(&q->outstanding, entry, link);
	q->outstanding_number++;
	q->stats.submitted++;
	if (q->tick_ns == GUEST_NEVER)
		q->tick_ns = q->guest->now_ns + TICK_NS;
	write_portal(q, entry, work);
	guest_poke(q->guest);
	guest_pass(q->guest, GUEST_SUBMIT_NS);
	return 0;
}

int sim_guest_submit(struct sim_guest_queue *q, const struct dsa_sample_work *work,
		     unsigned int count)
{
	unsigned int accepted;
	int ret = 0;

	for (accepted = 0; accepted < count; accepted++) {
		ret = submit_one(q, &work[accepted]);
		if (ret)
			break;
	}
	return accepted ? (int)accepted : ret;
}

int sim_guest_read(struct sim_guest_queue *q, struct dsa_sample_event *events, unsigned int count)
{
	unsigned int taken = 0;

	while (taken < count && q->events_tail != q->events_head)
		events[taken++] = q->events[q->events_tail++ % DSA_SAMPLE_EVENTS_MAX];
	if (!taken)
		return -EAGAIN;
	guest_pass(q->guest, GUEST_REAP_NS);
	return (int)taken;
}

short sim_guest_poll(struct sim_guest_queue *q)
{
	short events = 0;

	if (q->events_head != q->events_tail)
		events |= POLLIN;
	if (!acceptable(q))
		events |= POLLOUT;
	return events;
}

void sim_guest_stats(const struct sim_guest_queue *q, struct dsa_sample_queue_stats *stats)
{
	*stats = q->stats;
	stats->argsz = sizeof(*stats);
	stats->in_flight = q->outstanding_number;
}

uint8_t *sim_guest_buffer(struct sim_guest_queue *q)
{
	return q->memory;
}

/* ---- Up and down -------------------------------------------------------------------- */

/* The memory of the queue's last time serves again if it is large enough. */
static int allocate(struct sim_guest_queue *q, uint32_t buffer_size)
{
	size_t size = buffer_size + GUEST_ENTRIES * sizeof(*q->records);

	if (size > q->memory_size) {
		free(q->memory);
		q->memory_size = 0;
		q->memory = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
		if (!q->memory)
			return -ENOMEM;
		q->memory_size = size;
		memset(q->memory, 0, size);
	}
	q->buffer_size = buffer_size;
	q->records = (volatile void *)(q->memory + buffer_size);
	return sim_map(q->number, q->memory, size);
}

static void reset(struct sim_guest_queue *q)
{
	TAILQ_INIT(&q->free);
	TAILQ_INIT(&q->outstanding);
	for (unsigned int i = 0; i < q->guest->layout.queues[q->number].size; i++)
		TAILQ_INSERT_TAIL(&q->free, &q->entries[i], link);
	q->outstanding_number = 0;
	q->events_head = 0;
	q->events_tail = 0;
	q->stats = (struct dsa_sample_queue_stats){ 0 };
	q->tick_ns = GUEST_NEVER;
	q->last_tick_ns = 0;
}

int sim_guest_queue_up(struct sim_guest *guest, struct dsa_sample_queue_up *up,
		       struct sim_guest_queue **queue)
{
	struct sim_guest_queue *q;
	uint64_t before;
	int ret;

	if (up->queue >= guest->queues_number || !guest->layout.queues[up->queue].size)
		return -ENOENT;
	q = &guest->queues[up->queue];
	if (q->up)
		return -EBUSY;
	q->guest = guest;
	q->number = up->queue;
	q->vector = up->queue + 1;
	if (!dsa_sample_queue_up_valid(up, PAGE, GUEST_BUFFER_MAX))
		return -EINVAL;
	q->confirm_ns = up->confirm_ms * NSEC_PER_MSEC;
	q->timeout_ns = up->timeout_ms * NSEC_PER_MSEC;
	ret = allocate(q, up->buffer_size);
	if (ret)
		return ret;
	reset(q);

	up->start_ns = guest->now_ns;
	before = guest->now_ns;
	ret = guest_request_irq(guest, q->vector);
	if (ret)
		goto unmap;
	up->request_irq_ns = guest->now_ns - before;
	before = guest->now_ns;
	ret = guest_wq_enable(guest, q->number);
	if (ret)
		goto free_irq;
	up->enable_ns = guest->now_ns - before;
	up->total_ns = guest->now_ns - up->start_ns;
	up->fd = -1;
	up->vector = q->vector;
	/* Linux irqs of a guest begin somewhere behind those of the legacy devices. */
	up->irq = (int)(24 + q->vector);
	up->entries = guest->layout.queues[q->number].size;
	q->up = true;
	guest->queues_up |= 1ULL << q->number;
	*queue = q;
	return 0;

free_irq:
	guest_free_irq(guest, q->vector);
unmap:
	sim_map(q->number, NULL, 0);
	return ret;
}

void sim_guest_queue_down(struct sim_guest_queue *q)
{
	guest_wq_disable(q->guest, q->number);
	guest_free_irq(q->guest, q->vector);
	sim_map(q->number, NULL, 0);
	q->up = false;
	q->guest->queues_up &= ~(1ULL << q->number);
}
