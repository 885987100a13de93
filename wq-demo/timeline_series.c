// SPDX-License-Identifier: GPL-2.0-only
#include "timeline_series.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(SERIES_INTERVALS % 2 == 0, "the width doubles");

static void double_width(struct series *series)
{
	for (unsigned int i = 0; i < SERIES_INTERVALS / 2; i++)
		series->count[i] = series->count[2 * i] + series->count[2 * i + 1];
	memset(&series->count[SERIES_INTERVALS / 2], 0, sizeof(series->count) / 2);
	series->used = (series->used + 1) / 2;
	series->width_ns *= 2;
}

void series_add(struct series *series, uint64_t at_ns)
{
	unsigned int interval;

	if (!series->width_ns)
		series->width_ns = SERIES_WIDTH_NS;
	while (at_ns / series->width_ns >= SERIES_INTERVALS)
		double_width(series);
	interval = (unsigned int)(at_ns / series->width_ns);
	series->count[interval]++;
	if (interval >= series->used)
		series->used = interval + 1;
}

void losses_add(struct losses *losses, const struct loss *loss)
{
	if (losses->count == losses->capacity && losses->capacity < LOSSES_MAX) {
		unsigned int capacity = losses->capacity ? 2 * losses->capacity : 8;
		struct loss *entries = reallocarray(losses->entries, capacity, sizeof(*entries));

		if (entries) {
			losses->entries = entries;
			losses->capacity = capacity;
		}
	}
	if (losses->count < losses->capacity)
		losses->entries[losses->count++] = *loss;
	else
		losses->omitted++;
}

void losses_destroy(struct losses *losses)
{
	free(losses->entries);
	*losses = (struct losses){ 0 };
}
