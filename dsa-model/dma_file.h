/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's memory files, each mapped once however many pages of it are in
 * use, and copies from and to them that cannot fault.
 *
 * A file that nobody can shrink (F_SEAL_SHRINK) is mapped. Any other could be
 * cut under the mapping, and the next access would be SIGBUS; it is read and
 * written with pread() and pwrite() on one descriptor kept per file.
 */
#ifndef DSA_MODEL_DMA_FILE_H
#define DSA_MODEL_DMA_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

/**
 * struct dma_file - one of the client's files
 * @dev: with @ino the identity; the file cannot go away while it is listed
 * @refs: DMA map entries that point here
 * @length: bytes of the file that can be reached
 * @map: where they are mapped; NULL for a file that can shrink
 * @fd: of a file that can shrink, otherwise -1
 * @writable: can be written through @map or @fd
 */
struct dma_file {
	LIST_ENTRY(dma_file) link;
	dev_t dev;
	ino_t ino;
	uint64_t refs;
	uint64_t length;
	uint8_t *map;
	int fd;
	bool writable;
};

LIST_HEAD(dma_file_list, dma_file);

/**
 * struct dma_file_view - a way to reach a file, ready to be put in its place
 *
 * Made without a lock by dma_file_prepare(), put into the file by
 * dma_file_commit() or thrown away by dma_file_abort().
 */
struct dma_file_view {
	struct dma_file *file;
	bool is_new; /* @file is not listed yet */
	bool replace; /* the fields below replace the file's */
	uint64_t length;
	uint8_t *map;
	int fd;
	bool writable;
};

/**
 * dma_file_prepare - find or make the file behind a descriptor
 * @files: those known
 * @fd: the client's descriptor; stays the caller's
 * @end: offset + size of the mapping wanted
 * @write: it is to be written
 * @budget: bytes by which the files' lengths may still grow
 * @view: result
 * @why: what is wrong, for people
 *
 * Return: 0, -EINVAL for something that is not a regular file of that size,
 * -EACCES for a descriptor without the access wanted, -ENOSPC beyond @budget,
 * or the negative errno of a system call.
 */
int dma_file_prepare(struct dma_file_list *files, int fd, uint64_t end, bool write, uint64_t budget,
		     struct dma_file_view *view, const char **why);

/*
 * Put the view in place, with one more reference to the file. No copy may run.
 * What is replaced is left in @view, for dma_file_abort() to release afterwards.
 * Returns the file.
 */
struct dma_file *dma_file_commit(struct dma_file_list *files, struct dma_file_view *view);
/* Release what a view holds. */
void dma_file_abort(struct dma_file_view *view);
/* Unmap, close and free a file that is not listed any more. */
void dma_file_free(struct dma_file *file);

/*
 * Copy; the range is inside the file's length. Return 0, or -EFAULT when the
 * file has become shorter.
 */
int dma_file_read(const struct dma_file *file, uint64_t offset, void *buf, size_t len);
int dma_file_write(const struct dma_file *file, uint64_t offset, const void *buf, size_t len);

/*
 * Copy from one file to another, upwards; both ranges as above. At most DMA_FILE_COPY_MAX
 * bytes where one of the files can shrink. *write_fault: it is @dst that has become
 * shorter.
 */
#define DMA_FILE_COPY_MAX 4096U
int dma_file_copy(const struct dma_file *dst, uint64_t dst_offset, const struct dma_file *src,
		  uint64_t src_offset, size_t len, bool *write_fault);

#endif /* DSA_MODEL_DMA_FILE_H */
