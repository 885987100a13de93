/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device's view of the client's memory: IOVA ranges and what is behind them.
 *
 * Semantics of VFIO's type 1 version 2 container: mappings never overlap;
 * an unmap takes away every mapping that lies inside its range, however many,
 * also none, and never cuts one. QEMU with a virtual IOMMU relies on it.
 *
 * Threads: copies run from any number of threads at once. A mapping or an
 * unmapping waits for the copies that are running; when it returns, nobody
 * touches what has been taken away. Copies are done in pieces, so the wait is
 * short.
 *
 * Functions return 0 or a negative errno.
 */
#ifndef DSA_MODEL_DMA_MAP_H
#define DSA_MODEL_DMA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dma_map;

/**
 * struct dma_limits - what a client may cost
 * @max_maps: mappings at once
 * @max_memory: bytes of all files together, each counted once
 */
struct dma_limits {
	uint64_t max_maps;
	uint64_t max_memory;
};

#define DMA_PROT_READ 1U
#define DMA_PROT_WRITE 2U

/**
 * struct dma_range - a mapping to make
 * @iova: first address
 * @size: bytes, not 0; @iova + @size may be 2^64
 * @prot: DMA_PROT_*, what the device may do
 * @fd: file behind it, or -1: the range is known but cannot be accessed
 * @offset: of the range in the file
 */
struct dma_range {
	uint64_t iova;
	uint64_t size;
	uint32_t prot;
	int fd;
	uint64_t offset;
};

/**
 * struct dma_stats - counted since dma_map_create()
 * @maps: mappings now
 * @peak_maps: most at one time
 * @files: files now
 * @memory: bytes of these files
 * @added: mappings made
 * @removed: mappings taken away
 * @faults: copies that met an address not mapped, or not for that direction
 */
struct dma_stats {
	uint64_t maps;
	uint64_t peak_maps;
	uint64_t files;
	uint64_t memory;
	uint64_t added;
	uint64_t removed;
	uint64_t faults;
};

/* NULL when out of memory. */
struct dma_map *dma_map_create(const struct dma_limits *limits);
/* No copy may be running. */
void dma_map_destroy(struct dma_map *map);

/**
 * dma_map_add - make a mapping
 * @range: its descriptor stays the caller's and can be closed afterwards
 * @why: what is wrong, for people
 *
 * -EEXIST when it overlaps another, -ENOSPC beyond the limits, otherwise as
 * dma_file_prepare(). After an error nothing has changed.
 */
int dma_map_add(struct dma_map *map, const struct dma_range *range, const char **why);

/**
 * dma_map_remove - take away every mapping inside a range
 * @removed: how many (may be NULL)
 *
 * -EINVAL when the range would cut a mapping; then nothing has changed.
 */
int dma_map_remove(struct dma_map *map, uint64_t iova, uint64_t size, uint64_t *removed,
		   const char **why);

/* Take away everything. Returns how many mappings that were. */
uint64_t dma_map_clear(struct dma_map *map);

/*
 * Copy, across as many adjacent mappings as it takes. -EFAULT at the first byte
 * that is not mapped for the direction; *done says how many came before it.
 * Completed writes are visible to the client in the order they were made.
 */
int dma_map_read(struct dma_map *map, uint64_t iova, void *buf, size_t len, size_t *done);
int dma_map_write(struct dma_map *map, uint64_t iova, const void *buf, size_t len, size_t *done);

/*
 * Copy from one range to another, upwards and without a buffer in between where both are
 * mapped files. -EFAULT at the first byte that is not mapped for its direction, the
 * source's first; *write_fault says which side it was.
 */
int dma_map_copy(struct dma_map *map, uint64_t dst, uint64_t src, size_t len, size_t *done,
		 bool *write_fault);

void dma_map_stats(struct dma_map *map, struct dma_stats *stats);

#endif /* DSA_MODEL_DMA_MAP_H */
