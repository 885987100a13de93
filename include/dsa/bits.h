/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bit and field helpers for the register headers.
 *
 * In the kernel these are the kernel's own. In user space the same four names
 * are provided, with the same meaning: a mask with contiguous bits describes a
 * field, FIELD_PREP() moves a value into it and FIELD_GET() takes it out.
 */
#ifndef DSA_BITS_H
#define DSA_BITS_H

#ifdef __KERNEL__

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#define DSA_STATIC_ASSERT(expr, msg) static_assert(expr, msg)

#else

#include <assert.h>
#include <linux/types.h>

#define BIT_ULL(nr) (1ULL << (nr))
#define GENMASK_ULL(high, low) \
	((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define BIT(nr) BIT_ULL(nr)
#define GENMASK(high, low) GENMASK_ULL(high, low)

#define DSA_FIELD_LOW(mask) ((unsigned long long)(mask) & -(unsigned long long)(mask))
#define FIELD_GET(mask, reg) \
	(((unsigned long long)(reg) & (mask)) / DSA_FIELD_LOW(mask))
#define FIELD_PREP(mask, val) \
	(((unsigned long long)(val) * DSA_FIELD_LOW(mask)) & (mask))

#ifdef __cplusplus
#define DSA_STATIC_ASSERT(expr, msg) static_assert(expr, msg)
#else
#define DSA_STATIC_ASSERT(expr, msg) _Static_assert(expr, msg)
#endif

#endif /* __KERNEL__ */

#endif /* DSA_BITS_H */
