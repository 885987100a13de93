// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <bsd/sys/tree.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "dma_file.h"
#include "dma_map.h"

/* A copy lets go of the lock at least this often. */
#define DMA_COPY_PIECE (64U << 10)
/* Each file costs a mapping or a descriptor; QEMU has about a dozen. */
#define DMA_MAX_FILES 256U

/* [first, last], so that a range can end at 2^64. */
struct dma_entry {
	RB_ENTRY(dma_entry) node;
	uint64_t first;
	uint64_t last;
	struct dma_file *file; /* NULL: known, not accessible */
	uint64_t offset;
	uint32_t prot;
};

RB_HEAD(dma_tree, dma_entry);

/**
 * struct dma_map - all mappings
 * @change: one change at a time; everything but faults is written under it
 * @owner_valid: @change is held, by @owner
 * @access: copies hold it shared. Taken exclusively, inside @change, only to
 *	alter what copies look at: the tree and the files' views
 */
struct dma_map {
	pthread_mutex_t change;
	bool owner_valid;
	pthread_t owner;
	pthread_rwlock_t access;
	struct dma_tree tree;
	struct dma_file_list files;
	struct dma_limits limits;
	struct dma_stats stats;
	_Atomic uint64_t faults;
};

static int compare_entries(struct dma_entry *a, struct dma_entry *b)
{
	return a->first < b->first ? -1 : a->first > b->first;
}

/* RB_GENERATE_STATIC() uses this, and libbsd defines it only as an overlay. */
#ifndef __unused
#define __unused __attribute__((unused))
#endif

RB_GENERATE_STATIC(dma_tree, dma_entry, node, compare_entries)

static void change_begin(struct dma_map *map)
{
	pthread_mutex_lock(&map->change);
	map->owner = pthread_self();
	map->owner_valid = true;
}

static void change_end(struct dma_map *map)
{
	map->owner_valid = false;
	pthread_mutex_unlock(&map->change);
}

static void assert_changing(const struct dma_map *map)
{
	assert(map->owner_valid && pthread_equal(map->owner, pthread_self()));
	(void)map;
}

struct dma_map *dma_map_create(const struct dma_limits *limits)
{
	struct dma_map *map = calloc(1, sizeof(*map));
	pthread_rwlockattr_t attr;

	if (!map)
		return NULL;
	RB_INIT(&map->tree);
	LIST_INIT(&map->files);
	map->limits = *limits;
	pthread_mutex_init(&map->change, NULL);
	/* A stream of copies must not keep an unmap waiting. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&map->access, &attr);
	pthread_rwlockattr_destroy(&attr);
	return map;
}

void dma_map_destroy(struct dma_map *map)
{
	if (!map)
		return;
	dma_map_clear(map);
	pthread_rwlock_destroy(&map->access);
	pthread_mutex_destroy(&map->change);
	free(map);
}

/*
 * The first mapping that ends at or after @iova: with no overlaps the order of
 * the ends is the order of the beginnings. Needs @change or @access.
 */
static struct dma_entry *first_from(struct dma_map *map, uint64_t iova)
{
	struct dma_entry *entry = RB_ROOT(&map->tree);
	struct dma_entry *found = NULL;

	while (entry) {
		if (entry->last >= iova) {
			found = entry;
			entry = RB_LEFT(entry, node);
		} else {
			entry = RB_RIGHT(entry, node);
		}
	}
	return found;
}

static void count_file(struct dma_map *map, const struct dma_file_view *view)
{
	uint64_t old = view->is_new ? 0 : view->file->length;

	assert_changing(map);
	if (view->is_new)
		map->stats.files++;
	if (view->replace)
		map->stats.memory += view->length - old;
}

static int prepare_file(struct dma_map *map, const struct dma_range *range,
			struct dma_file_view *view, const char **why)
{
	int ret;

	ret = dma_file_prepare(&map->files, range->fd, range->offset + range->size,
			       range->prot & DMA_PROT_WRITE,
			       map->limits.max_memory - map->stats.memory, view, why);
	if (ret)
		return ret;
	if (view->is_new && map->stats.files == DMA_MAX_FILES) {
		*why = "memory in more than 256 files";
		dma_file_abort(view);
		return -ENOSPC;
	}
	return 0;
}

static int add_entry(struct dma_map *map, const struct dma_range *range, const char **why)
{
	uint64_t last = range->iova + (range->size - 1);
	struct dma_file_view view = { .fd = -1 };
	struct dma_entry *entry, *next;
	int ret;

	assert_changing(map);
	next = first_from(map, range->iova);
	if (next && next->first <= last) {
		*why = "range overlaps a mapping";
		return -EEXIST;
	}
	if (map->stats.maps >= map->limits.max_maps) {
		*why = "more mappings than --max-maps";
		return -ENOSPC;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry) {
		*why = "out of memory";
		return -ENOMEM;
	}
	entry->first = range->iova;
	entry->last = last;
	entry->prot = range->prot;
	if (range->fd >= 0) {
		ret = prepare_file(map, range, &view, why);
		if (ret) {
			free(entry);
			return ret;
		}
		count_file(map, &view);
	}

	pthread_rwlock_wrlock(&map->access);
	if (range->fd >= 0) {
		entry->file = dma_file_commit(&map->files, &view);
		entry->offset = range->offset;
	}
	RB_INSERT(dma_tree, &map->tree, entry);
	pthread_rwlock_unlock(&map->access);

	dma_file_abort(&view);
	map->stats.added++;
	if (++map->stats.maps > map->stats.peak_maps)
		map->stats.peak_maps = map->stats.maps;
	return 0;
}

int dma_map_add(struct dma_map *map, const struct dma_range *range, const char **why)
{
	int ret;

	*why = NULL;
	change_begin(map);
	ret = add_entry(map, range, why);
	change_end(map);
	return ret;
}

/* Give up an entry that is not in the tree any more. */
static void drop_entry(struct dma_map *map, struct dma_entry *entry)
{
	struct dma_file *file = entry->file;

	assert_changing(map);
	free(entry);
	map->stats.maps--;
	map->stats.removed++;
	if (!file || --file->refs)
		return;
	LIST_REMOVE(file, link);
	map->stats.files--;
	map->stats.memory -= file->length;
	dma_file_free(file);
}

/*
 * Unlink under the lock, free outside of it: munmap() and free() of many
 * thousands take a while. The unlinked are chained through their tree links.
 */
static uint64_t remove_entries(struct dma_map *map, uint64_t first, uint64_t last)
{
	struct dma_entry *entry, *next, *gone = NULL;
	uint64_t count = 0;

	assert_changing(map);
	entry = first_from(map, first);
	if (!entry || entry->first > last)
		return 0;

	pthread_rwlock_wrlock(&map->access);
	for (; entry && entry->first <= last; entry = next) {
		next = RB_NEXT(dma_tree, &map->tree, entry);
		RB_REMOVE(dma_tree, &map->tree, entry);
		RB_LEFT(entry, node) = gone;
		gone = entry;
		count++;
	}
	pthread_rwlock_unlock(&map->access);

	for (; gone; gone = next) {
		next = RB_LEFT(gone, node);
		drop_entry(map, gone);
	}
	return count;
}

/* Does a mapping lie on both sides of the border between @iova - 1 and @iova? */
static bool is_cut_at(struct dma_map *map, uint64_t iova)
{
	struct dma_entry *entry = first_from(map, iova);

	assert_changing(map);
	return entry && entry->first < iova;
}

int dma_map_remove(struct dma_map *map, uint64_t iova, uint64_t size, uint64_t *removed,
		   const char **why)
{
	uint64_t last = iova + (size - 1);
	uint64_t count = 0;
	int ret = 0;

	*why = NULL;
	change_begin(map);
	if (is_cut_at(map, iova) || (last != UINT64_MAX && is_cut_at(map, last + 1))) {
		*why = "range would cut a mapping";
		ret = -EINVAL;
	} else {
		count = remove_entries(map, iova, last);
	}
	change_end(map);
	if (removed)
		*removed = count;
	return ret;
}

uint64_t dma_map_clear(struct dma_map *map)
{
	uint64_t count;

	change_begin(map);
	count = remove_entries(map, 0, UINT64_MAX);
	assert(RB_EMPTY(&map->tree) && LIST_EMPTY(&map->files));
	change_end(map);
	return count;
}

/**
 * struct dma_copy - a copy under way
 * @in: destination of a read, NULL for a write
 * @out: source of a write
 */
struct dma_copy {
	uint64_t iova;
	uint8_t *in;
	const uint8_t *out;
	size_t left;
};

/* The mapping at @iova if it can be accessed as @need says. Needs @access, shared. */
static struct dma_entry *accessible_entry(struct dma_map *map, uint64_t iova, uint32_t need)
{
	struct dma_entry *entry = first_from(map, iova);

	if (!entry || entry->first > iova || !entry->file || !(entry->prot & need))
		return NULL;
	return entry;
}

/* How much of @n bytes from @iova lies in @entry. */
static size_t within(const struct dma_entry *entry, uint64_t iova, size_t n)
{
	return n - 1 > entry->last - iova ? entry->last - iova + 1 : n;
}

/* Copy up to the end of one mapping or one piece. Needs @access, shared. */
static int copy_piece(struct dma_map *map, struct dma_copy *copy)
{
	uint32_t need = copy->in ? DMA_PROT_READ : DMA_PROT_WRITE;
	struct dma_entry *entry = accessible_entry(map, copy->iova, need);
	size_t n = copy->left < DMA_COPY_PIECE ? copy->left : DMA_COPY_PIECE;
	uint64_t offset;
	int ret;

	if (!entry)
		return -EFAULT;
	n = within(entry, copy->iova, n);
	offset = entry->offset + (copy->iova - entry->first);
	if (copy->in) {
		ret = dma_file_read(entry->file, offset, copy->in, n);
		copy->in += n;
	} else {
		ret = dma_file_write(entry->file, offset, copy->out, n);
		copy->out += n;
	}
	if (ret)
		return ret;
	copy->iova += n;
	copy->left -= n;
	return 0;
}

static int copy_all(struct dma_map *map, struct dma_copy *copy, size_t *done)
{
	size_t len = copy->left;
	int ret = 0;

	while (copy->left && !ret) {
		pthread_rwlock_rdlock(&map->access);
		ret = copy_piece(map, copy);
		pthread_rwlock_unlock(&map->access);
		/* Past the last address comes nothing, not address 0. */
		if (!ret && copy->left && !copy->iova)
			ret = -EFAULT;
	}
	if (ret)
		atomic_fetch_add_explicit(&map->faults, 1, memory_order_relaxed);
	if (done)
		*done = len - copy->left;
	return ret;
}

int dma_map_read(struct dma_map *map, uint64_t iova, void *buf, size_t len, size_t *done)
{
	struct dma_copy copy = { .iova = iova, .in = buf, .left = len };

	return copy_all(map, &copy, done);
}

int dma_map_write(struct dma_map *map, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	struct dma_copy copy = { .iova = iova, .out = buf, .left = len };

	return copy_all(map, &copy, done);
}

/* Move up to the end of a mapping or of a piece; *@n: bytes. Needs @access, shared. */
static int move_piece(struct dma_map *map, uint64_t dst, uint64_t src, size_t *n, bool *write_fault)
{
	struct dma_entry *from = accessible_entry(map, src, DMA_PROT_READ);
	struct dma_entry *to = accessible_entry(map, dst, DMA_PROT_WRITE);

	*write_fault = from && !to;
	if (!from || !to)
		return -EFAULT;
	if (*n > DMA_COPY_PIECE)
		*n = DMA_COPY_PIECE;
	if (*n > DMA_FILE_COPY_MAX && !(from->file->map && to->file->map))
		*n = DMA_FILE_COPY_MAX;
	*n = within(from, src, *n);
	*n = within(to, dst, *n);
	return dma_file_copy(to->file, to->offset + (dst - to->first), from->file,
			     from->offset + (src - from->first), *n, write_fault);
}

int dma_map_copy(struct dma_map *map, uint64_t dst, uint64_t src, size_t len, size_t *done,
		 bool *write_fault)
{
	size_t at = 0, n;
	int ret = 0;

	*write_fault = false;
	while (at < len && !ret) {
		n = len - at;
		pthread_rwlock_rdlock(&map->access);
		ret = move_piece(map, dst + at, src + at, &n, write_fault);
		pthread_rwlock_unlock(&map->access);
		if (ret)
			break;
		at += n;
		/* Past the last address comes nothing, not address 0. */
		if (at < len && (!(src + at) || !(dst + at))) {
			*write_fault = src + at;
			ret = -EFAULT;
		}
	}
	if (ret)
		atomic_fetch_add_explicit(&map->faults, 1, memory_order_relaxed);
	if (done)
		*done = at;
	return ret;
}

void dma_map_stats(struct dma_map *map, struct dma_stats *stats)
{
	change_begin(map);
	*stats = map->stats;
	change_end(map);
	stats->faults = atomic_load_explicit(&map->faults, memory_order_relaxed);
}
