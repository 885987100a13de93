/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the kernel, as a sum over what is bound: what each thing costs is
 * found by binding one more of it, once, on a machine where nothing fails.
 */
#ifndef TESTS_FUZZ_COSTS_H
#define TESTS_FUZZ_COSTS_H

#include "bindings.h"

struct costs_memory {
	long bytes;
	long allocations;
};

/**
 * struct costs - of one of each
 * @machine: what is there before anything was asked for
 * @record: of the device's counters, kept once it was made
 */
struct costs {
	struct costs_memory machine;
	struct costs_memory record;
	struct costs_memory context;
	struct costs_memory irq;
	struct costs_memory vector;
	struct costs_memory line;
	struct costs_memory unmask;
	struct costs_memory single;
};

/* Measure. False if the machine could not be asked; switched off before and after. */
bool costs_measure(struct costs *costs);

struct costs_memory costs_of(const struct costs *costs, const struct bindings_accounts *accounts,
			     bool record);

#endif /* TESTS_FUZZ_COSTS_H */
