// SPDX-License-Identifier: GPL-2.0-only
/* The XArray on the red-black tree of libbsd. */
#include <bsd/sys/tree.h>

#include <linux/xarray.h>

#include "point.h"

/* @value: NULL: reserved */
struct kapi_xa_entry {
	RB_ENTRY(kapi_xa_entry) link;
	unsigned long index;
	void *value;
};

static int compare(const struct kapi_xa_entry *a, const struct kapi_xa_entry *b)
{
	return a->index < b->index ? -1 : a->index > b->index;
}

RB_GENERATE_INTERNAL(xarray, kapi_xa_entry, link, compare, static __maybe_unused)

static struct kapi_xa_entry *find(struct xarray *xa, unsigned long index)
{
	struct kapi_xa_entry key = { .index = index };

	return RB_FIND(xarray, xa, &key);
}

static struct kapi_xa_entry *add(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	struct kapi_xa_entry *entry = kzalloc(sizeof(*entry), gfp);

	if (!entry)
		return NULL;
	entry->index = index;
	RB_INSERT(xarray, xa, entry);
	return entry;
}

static void *drop(struct xarray *xa, struct kapi_xa_entry *entry)
{
	void *value = entry->value;

	RB_REMOVE(xarray, xa, entry);
	kfree(entry);
	return value;
}

/* What a store may fail with: nothing, if there is room for it already. */
static int store_error(struct xarray *xa, unsigned long index)
{
	return find(xa, index) ? 0 : -ENOMEM;
}

void xa_init(struct xarray *xa)
{
	xa->rbh_root = NULL;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct kapi_xa_entry *entry;

	kapi_enter("xa_load", 0);
	entry = find(xa, index);
	kapi_leave();
	return entry ? entry->value : NULL;
}

void *xa_store(struct xarray *xa, unsigned long index, void *value, gfp_t gfp)
{
	struct kapi_xa_entry *entry;
	void *old = NULL;
	int ret;

	ret = kapi_enter("xa_store", store_error(xa, index));
	if (!ret) {
		entry = find(xa, index);
		if (!entry)
			entry = add(xa, index, gfp);
		if (entry) {
			old = entry->value;
			entry->value = value;
		} else {
			ret = -ENOMEM;
		}
	}
	kapi_leave();
	return ret ? ERR_PTR(ret) : old;
}

int xa_insert(struct xarray *xa, unsigned long index, void *value, gfp_t gfp)
{
	struct kapi_xa_entry *entry;
	int ret;

	ret = kapi_enter("xa_insert", store_error(xa, index));
	if (!ret && find(xa, index)) {
		ret = -EBUSY;
	} else if (!ret) {
		entry = add(xa, index, gfp);
		if (entry)
			entry->value = value;
		else
			ret = -ENOMEM;
	}
	kapi_leave();
	return ret;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct kapi_xa_entry *entry;
	void *old = NULL;

	kapi_enter("xa_erase", 0);
	entry = find(xa, index);
	if (entry)
		old = drop(xa, entry);
	kapi_leave();
	return old;
}

int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	int ret;

	ret = kapi_enter("xa_reserve", store_error(xa, index));
	if (!ret && !find(xa, index) && !add(xa, index, gfp))
		ret = -ENOMEM;
	kapi_leave();
	return ret;
}

void xa_release(struct xarray *xa, unsigned long index)
{
	struct kapi_xa_entry *entry;

	kapi_enter("xa_release", 0);
	entry = find(xa, index);
	if (entry && !entry->value)
		drop(xa, entry);
	kapi_leave();
}

bool xa_empty(const struct xarray *xa)
{
	bool empty;

	kapi_enter("xa_empty", 0);
	empty = RB_EMPTY(xa);
	kapi_leave();
	return empty;
}

void xa_destroy(struct xarray *xa)
{
	kapi_enter("xa_destroy", 0);
	while (!RB_EMPTY(xa))
		drop(xa, RB_ROOT(xa));
	kapi_leave();
}

void *kapi_xa_next(struct xarray *xa, unsigned long *index)
{
	struct kapi_xa_entry key = { .index = *index };
	struct kapi_xa_entry *entry;

	kapi_enter("xa_for_each", 0);
	entry = RB_NFIND(xarray, xa, &key);
	while (entry && !entry->value)
		entry = RB_NEXT(xarray, xa, entry);
	if (entry)
		*index = entry->index;
	kapi_leave();
	return entry ? entry->value : NULL;
}
