// SPDX-License-Identifier: GPL-2.0-only
#include "first_loss.h"

#include <errno.h>
#include <stdlib.h>

int recent_init(struct recent *recent, unsigned int queues)
{
	*recent = (struct recent){ .count = queues };
	recent->queues = calloc(queues, sizeof(*recent->queues));
	recent->added = calloc(queues, sizeof(*recent->added));
	if (!recent->queues || !recent->added)
		goto destroy;
	for (unsigned int i = 0; i < queues; i++) {
		recent->queues[i] = calloc(RECENT_EVENTS, sizeof(**recent->queues));
		if (!recent->queues[i])
			goto destroy;
	}
	return 0;

destroy:
	recent_destroy(recent);
	return -ENOMEM;
}

void recent_destroy(struct recent *recent)
{
	for (unsigned int i = 0; recent->queues && i < recent->count; i++)
		free(recent->queues[i]);
	free(recent->queues);
	free(recent->added);
	*recent = (struct recent){ 0 };
}

void recent_add(struct recent *recent, unsigned int nth, const struct loss_event *event)
{
	if (!recent->frozen)
		recent->queues[nth][recent->added[nth]++ % RECENT_EVENTS] = *event;
}

static void tell(struct first_loss *loss, const struct loss_event *event)
{
	if (loss->count < FIRST_LOSS_EVENTS)
		loss->events[loss->count++] = *event;
}

/* The last ones of the queue before @at_ns and the first ones from it on, @most of each. */
static void tell_around(const struct recent *recent, unsigned int nth, uint64_t at_ns,
			unsigned int most, struct first_loss *loss)
{
	const uint64_t end = recent->added[nth];
	const uint64_t begin = end > RECENT_EVENTS ? end - RECENT_EVENTS : 0;
	uint64_t first = end;

	/* They are nearly in order; the first of those after it is what counts. */
	while (first > begin &&
	       loss_event_at(&recent->queues[nth][(first - 1) % RECENT_EVENTS]) >= at_ns)
		first--;
	for (uint64_t i = first > begin + most ? first - most : begin; i < end && i < first + most;
	     i++)
		tell(loss, &recent->queues[nth][i % RECENT_EVENTS]);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = loss_event_at(a), y = loss_event_at(b);

	return (x > y) - (x < y);
}

void recent_around(const struct recent *recent, unsigned int nth, const struct loss_event *event,
		   struct first_loss *loss)
{
	const uint64_t at_ns = loss_event_at(event);

	*loss = (struct first_loss){ .known = true, .event = *event };
	/* These first: with many queues there is not room for all. */
	tell(loss, event);
	tell_around(recent, nth, at_ns, FIRST_LOSS_OWN, loss);
	for (unsigned int i = 0; i < recent->count; i++)
		if (i != nth)
			tell_around(recent, i, at_ns, FIRST_LOSS_OTHERS, loss);
	qsort(loss->events, loss->count, sizeof(loss->events[0]), compare);
}
