/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: minimum and maximum; both sides evaluated once. */
#ifndef KAPI_LINUX_MINMAX_H
#define KAPI_LINUX_MINMAX_H

#define min(a, b) ({ __typeof__(a) min_a_ = (a); __typeof__(b) min_b_ = (b);	\
		     min_a_ < min_b_ ? min_a_ : min_b_; })
#define max(a, b) ({ __typeof__(a) max_a_ = (a); __typeof__(b) max_b_ = (b);	\
		     max_a_ > max_b_ ? max_a_ : max_b_; })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define clamp(val, low, high) min(max((val), (low)), (high))
#define clamp_t(type, val, low, high) clamp((type)(val), (type)(low), (type)(high))

#endif /* KAPI_LINUX_MINMAX_H */
