// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

#include <assert.h>

_Static_assert(sizeof(unsigned long long) == sizeof(uint64_t), "__builtin_clzll counts 64 bits");

size_t histogram_index(uint64_t value)
{
	unsigned int shift;

	if (value < HISTOGRAM_SUB)
		return (size_t)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	/* The leading one of the shifted value is the +1 of the group. */
	return (size_t)shift * HISTOGRAM_SUB + (size_t)(value >> shift);
}

uint64_t histogram_low(size_t index)
{
	size_t shift;

	if (index < 2 * HISTOGRAM_SUB)
		return index;
	shift = index / HISTOGRAM_SUB - 1;
	return (uint64_t)(HISTOGRAM_SUB + index % HISTOGRAM_SUB) << shift;
}

uint64_t histogram_high(size_t index)
{
	return index + 1 < HISTOGRAM_BUCKETS ? histogram_low(index + 1) - 1 : UINT64_MAX;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	if (!histogram->count || value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	histogram->count++;
	histogram->sum += value;
	histogram->bucket[histogram_index(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	into->sum += from->sum;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned int per_10000)
{
	uint64_t rank, seen = 0;

	assert(per_10000 <= 10000);
	if (!histogram->count)
		return 0;
	rank = (uint64_t)(((unsigned __int128)histogram->count * per_10000 + 9999) / 10000);
	if (rank == 0)
		return histogram->min;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (seen >= rank) {
			uint64_t high = histogram_high(i);

			return high < histogram->max ? high : histogram->max;
		}
	}
	return histogram->max;
}

uint64_t histogram_mean(const struct histogram *histogram)
{
	return histogram->count ? histogram->sum / histogram->count : 0;
}
