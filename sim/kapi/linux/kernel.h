/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: small helpers, and what a header brings in by itself. */
#ifndef KAPI_LINUX_KERNEL_H
#define KAPI_LINUX_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/kconfig.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(ptr, type, member)					\
	((type *)((char *)(1 ? (ptr) : &((type *)0)->member) - offsetof(type, member)))
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

#define ENOTSUPP 524

#define U8_MAX UINT8_MAX
#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX

#endif /* KAPI_LINUX_KERNEL_H */
