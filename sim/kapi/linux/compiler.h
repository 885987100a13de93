/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel API in user space: annotations, and single accesses to shared memory.
 * A store that others may see at once is a point like any call (kapi/point.h).
 */
#ifndef KAPI_LINUX_COMPILER_H
#define KAPI_LINUX_COMPILER_H

#define __iomem
#define __rcu
#define __user
#define __percpu
#define __init
#define __exit
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#ifndef __aligned
#define __aligned(x) __attribute__((aligned(x)))
#endif
#define __maybe_unused __attribute__((unused))
#define __must_check
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define noinline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")

/* Defined in kapi/point.c. */
void kapi_store_begin(const char *what);
void kapi_store_end(void);

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)						\
do {									\
	kapi_store_begin("WRITE_ONCE(" #x ")");				\
	*(volatile __typeof__(x) *)&(x) = (val);			\
	kapi_store_end();						\
} while (0)
#define data_race(expr) (expr)

#endif /* KAPI_LINUX_COMPILER_H */
