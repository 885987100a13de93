// SPDX-License-Identifier: GPL-2.0-only
/*
 * The set of faults: adding, removing, counting.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "fault_private.h"

#define PAGE 4096ULL

#define KIND_TEXT(kind, name, needs, may, help) { name, needs, may, help },
#define KEY_TEXT(key, name, meaning) { name, meaning },

const struct dsa_fault_kind_text dsa_fault_kinds[DSA_FAULT_KIND_COUNT] = {
	DSA_FAULT_TABLE(KIND_TEXT)
};

const struct dsa_fault_key_text dsa_fault_keys[DSA_FAULT_KEY_COUNT] = {
	DSA_FAULT_KEYS(KEY_TEXT)
};

int dsa_faults_init(struct dsa_faults *faults)
{
	memset(faults, 0, sizeof(*faults));
	return -pthread_mutex_init(&faults->lock, NULL);
}

void dsa_faults_destroy(struct dsa_faults *faults)
{
	pthread_mutex_destroy(&faults->lock);
}

static void update_active(struct dsa_faults *faults)
{
	unsigned int i, active = 0;

	for (i = 0; i < faults->count; i++)
		active |= 1U << faults->list[i].fault.kind;
	atomic_store_explicit(&faults->active, active, memory_order_relaxed);
}

int dsa_faults_add(struct dsa_faults *faults, const struct dsa_fault *fault)
{
	int ret = -ENOSPC;

	pthread_mutex_lock(&faults->lock);
	if (faults->count < DSA_FAULTS_MAX) {
		struct dsa_fault_state *state = &faults->list[faults->count++];

		*state = (struct dsa_fault_state){ .id = ++faults->last_id, .fault = *fault };
		ret = state->id;
		update_active(faults);
	}
	pthread_mutex_unlock(&faults->lock);
	return ret;
}

int dsa_faults_remove(struct dsa_faults *faults, unsigned int id)
{
	unsigned int i;
	int ret = -ENOENT;

	pthread_mutex_lock(&faults->lock);
	for (i = 0; i < faults->count && faults->list[i].id != id; i++)
		;
	if (i < faults->count) {
		faults->count--;
		memmove(&faults->list[i], &faults->list[i + 1],
			(faults->count - i) * sizeof(faults->list[0]));
		update_active(faults);
		ret = 0;
	}
	pthread_mutex_unlock(&faults->lock);
	return ret;
}

/* It is about this one: count it, and say whether it is one to be hit. */
static bool count_one(struct dsa_fault_state *state)
{
	const struct dsa_fault *fault = &state->fault;
	bool hit = true;

	state->seen++;
	if (fault->given & DSA_FAULT_BIT(NTH))
		hit = state->seen == fault->value[DSA_FAULT_KEY_NTH];
	else if (fault->given & DSA_FAULT_BIT(AFTER))
		hit = state->seen == fault->value[DSA_FAULT_KEY_AFTER];
	else if (fault->given & DSA_FAULT_BIT(EVERY))
		hit = !(state->seen % fault->value[DSA_FAULT_KEY_EVERY]);
	state->hits += hit;
	return hit;
}

static bool is_about(const struct dsa_fault *fault, enum dsa_fault_key key, uint64_t subject)
{
	if (!(fault->given & (1U << key)))
		return true;
	switch (key) {
	case DSA_FAULT_KEY_FROM:
		return subject >= fault->value[key];
	case DSA_FAULT_KEY_AFTER:
		/* Accepted descriptors are counted as they are seen. */
		return true;
	default:
		return subject == fault->value[key];
	}
}

unsigned int dsa_faults_look(struct dsa_faults *faults, enum dsa_fault_kind kind,
			     enum dsa_fault_key key, uint64_t subject, struct dsa_fault *hit)
{
	unsigned int i, id = 0;

	pthread_mutex_lock(&faults->lock);
	for (i = 0; i < faults->count; i++) {
		struct dsa_fault_state *state = &faults->list[i];

		if (state->fault.kind != kind || !is_about(&state->fault, key, subject))
			continue;
		if (!count_one(state) || id)
			continue;
		id = state->id;
		if (hit)
			*hit = state->fault;
	}
	pthread_mutex_unlock(&faults->lock);
	return id;
}

/* Does the fault's range meet [first, last]? Then *@at is where. */
static bool meets(const struct dsa_fault *fault, uint64_t first, uint64_t last, bool write,
		  uint64_t *at)
{
	uint64_t access = fault->value[DSA_FAULT_KEY_ACCESS];
	uint64_t start = fault->value[DSA_FAULT_KEY_ADDRESS] & ~(PAGE - 1);
	uint64_t length = fault->given & DSA_FAULT_BIT(LENGTH) ?
			  fault->value[DSA_FAULT_KEY_LENGTH] : PAGE;
	uint64_t end = start + (length - 1) / PAGE * PAGE + (PAGE - 1);

	if (access && access != (write ? DSA_FAULT_WRITE : DSA_FAULT_READ))
		return false;
	if (last < start || first > end)
		return false;
	*at = first > start ? first : start;
	return true;
}

size_t dsa_fault_reach(struct dsa_faults *faults, uint64_t iova, size_t len, bool write)
{
	unsigned int i;

	if (!len || !dsa_fault_possible(faults, DSA_FAULT_PAGE_FAULT))
		return len;
	pthread_mutex_lock(&faults->lock);
	for (i = 0; len && i < faults->count; i++) {
		struct dsa_fault_state *state = &faults->list[i];
		uint64_t at;

		if (state->fault.kind == DSA_FAULT_PAGE_FAULT &&
		    meets(&state->fault, iova, iova + (len - 1), write, &at) && count_one(state))
			len = at - iova;
	}
	pthread_mutex_unlock(&faults->lock);
	return len;
}
