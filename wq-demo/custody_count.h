/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals of vfio-pci, vector by vector, from what kernels show. vfio-pci names the
 * handler of each vector vfio-msix[VECTOR](ADDRESS), so that a vector is found again
 * whatever irq it has. Texts in, counts out: no files, no clock.
 */
#ifndef WQ_DEMO_CUSTODY_COUNT_H
#define WQ_DEMO_CUSTODY_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "custody.h"

/**
 * struct custody_counts - zeroed memory has counted nothing
 * @seen: the vector had a handler or a signal
 * @signals: so many
 *
 * The other members are private.
 */
struct custody_counts {
	bool seen[CUSTODY_VECTORS_MAX];
	uint64_t signals[CUSTODY_VECTORS_MAX];

	bool begun;
	unsigned int irq[CUSTODY_VECTORS_MAX];
	uint64_t last[CUSTODY_VECTORS_MAX];
};

uint64_t custody_counts_total(const struct custody_counts *counts);

/**
 * custody_count_name() - the vector of a handler
 * @name: as "vfio-msix[3](0000:6a:01.0)", with anything around it
 * @address: of the device
 *
 * Returns the vector; -1 if it is no vector of this device.
 */
int custody_count_name(const char *name, const char *address);

/**
 * custody_count_histogram() - a histogram of irq:irq_handler_entry with the key name
 * @counts: replaced: a histogram has the sums since it was made
 *
 * Returns 0; -EPROTO it is none; -EOVERFLOW it had no room for some names: the counts
 * are lower bounds.
 */
int custody_count_histogram(struct custody_counts *counts, FILE *stream, const char *address);

/**
 * custody_count_interrupts() - one look at /proc/interrupts
 * @counts: added to: what has come since the last look; the first one is the beginning
 *
 * A kernel forgets the count of an irq that is freed: what came between the last look
 * and that is not counted.
 */
void custody_count_interrupts(struct custody_counts *counts, FILE *stream, const char *address);

#endif /* WQ_DEMO_CUSTODY_COUNT_H */
