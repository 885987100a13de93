/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for the kernel's tools/arch/x86/include/asm/special_insns.h on processors
 * without MOVDIR64B: the 64 bytes go out as eight ascending 64-bit stores. dsa-model
 * puts them together again; a DSA in silicon does not.
 */
#ifndef OUTSIDE_SPECIAL_INSNS_H
#define OUTSIDE_SPECIAL_INSNS_H

#include <linux/types.h>

static inline void movdir64b(void *portal, const void *descriptor)
{
	volatile u64 *to = portal;
	const u64 *from = descriptor;
	int i;

	for (i = 0; i < 8; i++)
		to[i] = from[i];
}

#endif
