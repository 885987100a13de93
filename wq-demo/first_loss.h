/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened around the first loss of a run: a loss is certain only after the
 * confirmation time, when the queues that go on have long written over what was then. So
 * each queue's newest events are kept, and nothing new is while some queue is suspicious.
 */
#ifndef WQ_DEMO_FIRST_LOSS_H
#define WQ_DEMO_FIRST_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

/**
 * struct loss_event - one descriptor; times as in struct dsa_sample_event
 * @queue: number of its queue
 * @state: what became of it
 */
struct loss_event {
	unsigned int queue;
	enum ledger_state state;
	uint64_t submit_ns;
	uint64_t visible_ns;
	uint64_t notice_ns;
};

/* When it completed, or of a missing one when it was submitted. */
static inline uint64_t loss_event_at(const struct loss_event *event)
{
	return event->visible_ns ?: event->submit_ns;
}

/* Events before and after that are told: of the queue itself, of each other one. */
#define FIRST_LOSS_OWN 6U
#define FIRST_LOSS_OTHERS 2U
#define FIRST_LOSS_EVENTS 128U

/**
 * struct first_loss - zeroed memory is none
 * @known: there was one
 * @event: it
 * @events: by time, @event among them
 * @count: valid entries
 */
struct first_loss {
	bool known;
	struct loss_event event;
	struct loss_event events[FIRST_LOSS_EVENTS];
	unsigned int count;
};

/* Events kept of a queue. */
#define RECENT_EVENTS 8192U

/**
 * struct recent - the newest events of each queue
 * @queues: rings of RECENT_EVENTS
 * @added: how many have been added to each
 * @count: queues
 * @frozen: nothing is added
 */
struct recent {
	struct loss_event **queues;
	uint64_t *added;
	unsigned int count;
	bool frozen;
};

/* Returns 0; -ENOMEM. Undone by recent_destroy(). */
int recent_init(struct recent *recent, unsigned int queues);
void recent_destroy(struct recent *recent);

/* Keep a copy, as one of the @nth queue's. */
void recent_add(struct recent *recent, unsigned int nth, const struct loss_event *event);

/* Tell what happened around @event of the @nth queue, which was lost. */
void recent_around(const struct recent *recent, unsigned int nth, const struct loss_event *event,
		   struct first_loss *loss);

#endif /* WQ_DEMO_FIRST_LOSS_H */
