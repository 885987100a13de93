/* SPDX-License-Identifier: GPL-2.0-only */
/* SplitMix64: numbers that look random, the same everywhere for the same seed. */
#ifndef WQ_DEMO_RANDOM_H
#define WQ_DEMO_RANDOM_H

#include <stdint.h>

/* From one state to the next; odd, so that all of them are reached. */
#define RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

/* The number that belongs to a state: every bit of it reaches every bit of the number. */
static inline uint64_t random_mix(uint64_t state)
{
	state = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	state = (state ^ state >> 27) * UINT64_C(0x94d049bb133111eb);
	return state ^ state >> 31;
}

#endif /* WQ_DEMO_RANDOM_H */
