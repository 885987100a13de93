/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: logarithms. */
#ifndef KAPI_LINUX_LOG2_H
#define KAPI_LINUX_LOG2_H

#include <linux/types.h>

/* Number of the highest bit set, from 1; 0 if none is. */
static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int ilog2(unsigned long n)
{
	return 63 - __builtin_clzl(n);
}

/* Smallest @order with 1 << @order >= @n. */
static inline int order_base_2(unsigned long n)
{
	return n > 1 ? ilog2(n - 1) + 1 : 0;
}

#endif /* KAPI_LINUX_LOG2_H */
