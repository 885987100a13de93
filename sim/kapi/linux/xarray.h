/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel API in user space: the XArray, as a red-black tree of entries. Each
 * entry is an allocation of its own, so that a store can fail whenever the
 * kernel's could: not where there is an entry or a reservation already.
 */
#ifndef KAPI_LINUX_XARRAY_H
#define KAPI_LINUX_XARRAY_H

#include <linux/err.h>
#include <linux/slab.h>

struct kapi_xa_entry;

struct xarray {
	struct kapi_xa_entry *rbh_root;
};

#define XA_FLAGS_ALLOC 1U
#define DEFINE_XARRAY(xa) struct xarray xa = { NULL }

void xa_init(struct xarray *xa);
void *xa_load(struct xarray *xa, unsigned long index);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp);
void xa_release(struct xarray *xa, unsigned long index);
bool xa_empty(const struct xarray *xa);
void xa_destroy(struct xarray *xa);
/* First entry at or after *@index; stores its index. */
void *kapi_xa_next(struct xarray *xa, unsigned long *index);

#define xa_for_each(xa, index, entry)						\
	for ((index) = 0, (entry) = kapi_xa_next(xa, &(index)); (entry);	\
	     (index)++, (entry) = kapi_xa_next(xa, &(index)))

static inline bool xa_is_err(const void *entry)
{
	return IS_ERR(entry);
}

static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? PTR_ERR(entry) : 0;
}

#endif /* KAPI_LINUX_XARRAY_H */
