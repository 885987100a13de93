/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: memory, counted (kapi/memory.h). */
#ifndef KAPI_LINUX_SLAB_H
#define KAPI_LINUX_SLAB_H

#include <linux/kernel.h>
#include <linux/types.h>

#define GFP_ATOMIC 0x01U
#define __GFP_DIRECT_RECLAIM 0x02U /* may sleep */
#define __GFP_ACCOUNT 0x04U
#define __GFP_ZERO 0x08U
#define __GFP_NOWARN 0x10U
#define GFP_NOWAIT 0U
#define GFP_KERNEL __GFP_DIRECT_RECLAIM
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)

/* @what names the point: the function that the caller called. */
void *kapi_alloc(size_t n, size_t size, gfp_t flags, const char *what);
void kapi_free(const void *memory, const char *what);
char *kapi_asprintf(gfp_t flags, const char *format, ...) __printf(2, 3);

#define kmalloc(size, flags) kapi_alloc(1, size, flags, "kmalloc")
#define kzalloc(size, flags) kapi_alloc(1, size, (flags) | __GFP_ZERO, "kzalloc")
#define kcalloc(n, size, flags) kapi_alloc(n, size, (flags) | __GFP_ZERO, "kcalloc")
#define kvzalloc(size, flags) kapi_alloc(1, size, (flags) | __GFP_ZERO, "kvzalloc")
#define kvcalloc(n, size, flags) kapi_alloc(n, size, (flags) | __GFP_ZERO, "kvcalloc")
#define kasprintf(flags, ...) kapi_asprintf(flags, __VA_ARGS__)
#define kfree(memory) kapi_free(memory, "kfree")
#define kvfree(memory) kapi_free(memory, "kvfree")

#endif /* KAPI_LINUX_SLAB_H */
