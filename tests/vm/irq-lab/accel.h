/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accelerator as a source of interrupts: a no-op descriptor raises the message
 * of the vector that it names, after its completion record has been written.
 *
 * One work queue, one engine. Functions return 0 or a negative errno. Not
 * thread-safe: one thread submits.
 */
#ifndef IRQ_LAB_ACCEL_H
#define IRQ_LAB_ACCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio.h"

/* Most vectors raised with one submission. */
#define ACCEL_BATCH 64

struct accel;

/* Bring it up. NULL with errno set on failure, which has been reported. */
struct accel *accel_create(struct vfio *vfio);
/* Only after the device has been closed or reset: it writes to the memory. */
void accel_destroy(struct accel *accel);

/* Configure and enable it again, after a reset. */
int accel_enable(struct accel *accel);

/**
 * accel_raise - have messages raised, soon and in this order
 * @vectors: each at most once among those that are not complete
 * @count: from 1 to ACCEL_BATCH
 *
 * Waits while the queue is full.
 */
int accel_raise(struct accel *accel, const uint16_t *vectors, unsigned int count);

/* The record of the last descriptor for @vector has been written. Any thread. */
bool accel_complete(const struct accel *accel, unsigned int vector);

#endif /* IRQ_LAB_ACCEL_H */
