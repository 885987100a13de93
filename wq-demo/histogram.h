/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram of durations: 64 buckets for every power of two, so a
 * bucket is never wider than 1/64 of what it holds. Fixed size, no allocation
 * while measuring, mergeable.
 */
#ifndef WQ_DEMO_HISTOGRAM_H
#define WQ_DEMO_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_SUB (1U << HISTOGRAM_SUB_BITS)
/* Values below HISTOGRAM_SUB are exact; each further bit adds HISTOGRAM_SUB buckets. */
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB)

/**
 * struct histogram - zeroed memory is an empty one
 * @count: values added
 * @sum: their sum; wraps only after 584 years of nanoseconds
 * @min: smallest; undefined while @count is 0
 * @max: largest; 0 while @count is 0
 * @bucket: how many values each bucket holds
 */
struct histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t min;
	uint64_t max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* Add all of @from to @into. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/**
 * histogram_percentile() - the value that @per_10000 of 10000 do not exceed
 * @per_10000: 5000 for the median, 9900 for p99, 9999 for p99.99; at most 10000
 *
 * Nearest rank, rounded up to the end of its bucket but never above the
 * largest value seen: at most 1/64 too large, never too small. 0 when empty.
 */
uint64_t histogram_percentile(const struct histogram *histogram, unsigned int per_10000);

/* Mean, rounded down; 0 when empty. */
uint64_t histogram_mean(const struct histogram *histogram);

/* Bucket that holds @value. */
size_t histogram_index(uint64_t value);

/* Smallest and largest value bucket @index holds. */
uint64_t histogram_low(size_t index);
uint64_t histogram_high(size_t index);

#endif /* WQ_DEMO_HISTOGRAM_H */
