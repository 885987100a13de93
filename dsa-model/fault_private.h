/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults from the inside: the set of a device, and the question that every hook
 * asks.
 */
#ifndef DSA_MODEL_FAULT_PRIVATE_H
#define DSA_MODEL_FAULT_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "fault.h"

/**
 * struct dsa_faults - the faults of a device
 * @lock: protects what follows; nothing else is locked inside
 * @active: bit n: there is a fault of kind n. Read without the lock, so that a
 *	device without faults pays one load for each hook
 */
struct dsa_faults {
	pthread_mutex_t lock;
	atomic_uint active;
	unsigned int last_id;
	unsigned int count;
	struct dsa_fault_state list[DSA_FAULTS_MAX];
};

int dsa_faults_init(struct dsa_faults *faults);
void dsa_faults_destroy(struct dsa_faults *faults);
/* Without a look at the device. The number, or -ENOSPC. */
int dsa_faults_add(struct dsa_faults *faults, const struct dsa_fault *fault);
int dsa_faults_remove(struct dsa_faults *faults, unsigned int id);

/* The slow half of dsa_fault_hit(). */
unsigned int dsa_faults_look(struct dsa_faults *faults, enum dsa_fault_kind kind,
			     enum dsa_fault_key key, uint64_t subject, struct dsa_fault *hit);

static inline bool dsa_fault_possible(struct dsa_faults *faults, enum dsa_fault_kind kind)
{
	return faults &&
	       (atomic_load_explicit(&faults->active, memory_order_relaxed) & (1U << kind));
}

/**
 * dsa_fault_hit - does a fault apply here?
 * @faults: may be NULL: none
 * @key: the selector that @subject is a value of
 * @hit: filled in with the fault; may be NULL
 *
 * Every fault of @kind that is about @subject counts this one.
 *
 * Return: the number of the first fault that hits, or 0.
 */
static inline unsigned int dsa_fault_hit(struct dsa_faults *faults, enum dsa_fault_kind kind,
					 enum dsa_fault_key key, uint64_t subject,
					 struct dsa_fault *hit)
{
	return dsa_fault_possible(faults, kind) ?
	       dsa_faults_look(faults, kind, key, subject, hit) : 0;
}

/* The duration of a fault, or @ns where none was given. */
static inline uint64_t dsa_fault_time(const struct dsa_fault *fault, uint64_t ns)
{
	return fault->given & DSA_FAULT_BIT(TIME) ? fault->value[DSA_FAULT_KEY_TIME] : ns;
}

/* Bytes of an access before the first that a page fault hits; @len: all. */
size_t dsa_fault_reach(struct dsa_faults *faults, uint64_t iova, size_t len, bool write);

#endif /* DSA_MODEL_FAULT_PRIVATE_H */
