// SPDX-License-Identifier: GPL-2.0-only
#include "timeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int timeline_init(struct timeline *timeline, unsigned int capacity, uint64_t window_ns)
{
	*timeline = (struct timeline){ .window_ns = window_ns, .capacity = capacity };
	timeline->entries = calloc(capacity, sizeof(*timeline->entries));
	return timeline->entries ? 0 : -ENOMEM;
}

void timeline_destroy(struct timeline *timeline)
{
	free(timeline->entries);
	timeline->entries = NULL;
	timeline->count = 0;
}

static bool lossless(const struct bring_up *bring_up)
{
	return !bring_up->stranded && !bring_up->missing && !bring_up->timed_out &&
	       !bring_up->failed;
}

/* Make room: of the older half stays what has losses, unless that is most of it. */
static void forget(struct timeline *timeline)
{
	const unsigned int half = timeline->count / 2;
	unsigned int lossy = 0, kept = 0;

	for (unsigned int i = 0; i < half; i++)
		lossy += !lossless(&timeline->entries[i]);
	for (unsigned int i = 0; i < timeline->count; i++) {
		if (i < half && (lossless(&timeline->entries[i]) || lossy > half / 2)) {
			timeline->forgotten += !timeline->entries[i].failed;
			continue;
		}
		timeline->entries[kept++] = timeline->entries[i];
	}
	/* A table of one or two: the oldest goes. */
	if (kept == timeline->count) {
		timeline->forgotten += !timeline->entries[0].failed;
		kept--;
		for (unsigned int i = 0; i < kept; i++)
			timeline->entries[i] = timeline->entries[i + 1];
	}
	timeline->count = kept;
}

struct bring_up *timeline_begin(struct timeline *timeline, unsigned int queue, uint64_t start_ns)
{
	struct bring_up *bring_up;

	assert(timeline->capacity);
	if (timeline->count == timeline->capacity)
		forget(timeline);
	bring_up = &timeline->entries[timeline->count++];
	*bring_up = (struct bring_up){
		.number = timeline->begun++,
		.queue = queue,
		.start_ns = start_ns,
		.end_ns = UINT64_MAX,
	};
	return bring_up;
}

static struct bring_up *find(struct timeline *timeline, uint64_t begin_ns, uint64_t end_ns)
{
	for (unsigned int i = timeline->count; i-- > 0;) {
		struct bring_up *bring_up = &timeline->entries[i];
		uint64_t window_end;

		if (__builtin_add_overflow(bring_up->end_ns, timeline->window_ns, &window_end))
			window_end = UINT64_MAX;
		/* One comes after the other, and so do their windows' ends. */
		if (begin_ns > window_end)
			return NULL;
		if (end_ns >= bring_up->start_ns)
			return bring_up;
	}
	return NULL;
}

struct bring_up *timeline_book(struct timeline *timeline, unsigned int queue,
			       const struct ledger_outcome *outcome)
{
	struct bring_up *bring_up = find(timeline, outcome->begin_ns, outcome->end_ns);

	if (!bring_up)
		return NULL;
	switch (outcome->state) {
	case LEDGER_STRANDED:
		bring_up->stranded++;
		break;
	case LEDGER_MISSING:
		bring_up->missing++;
		break;
	case LEDGER_TIMED_OUT:
		bring_up->timed_out++;
		break;
	default:
		if (queue == bring_up->queue)
			break;
		bring_up->completions++;
		bring_up->late += outcome->state == LEDGER_LATE;
		if (outcome->latency_ns > bring_up->latency_max_ns)
			bring_up->latency_max_ns = outcome->latency_ns;
		break;
	}
	return bring_up;
}
