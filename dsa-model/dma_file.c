// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dma_file.h"

static struct dma_file *find_file(struct dma_file_list *files, const struct stat *st)
{
	struct dma_file *file;

	LIST_FOREACH(file, files, link)
		if (file->ino == st->st_ino && file->dev == st->st_dev)
			return file;
	return NULL;
}

/* What the descriptor allows; the mapping of its file may allow more. */
static int check_access_mode(int fd, bool write, bool *writable, const char **why)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0) {
		*why = "cannot examine the file descriptor";
		return -errno;
	}
	if ((flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY) {
		*why = "file is not open for reading";
		return -EACCES;
	}
	*writable = (flags & O_ACCMODE) == O_RDWR;
	if (write && !*writable) {
		*why = "file is not open for writing";
		return -EACCES;
	}
	return 0;
}

static int map_file(struct dma_file_view *view, int fd, const char **why)
{
	int prot = PROT_READ | (view->writable ? PROT_WRITE : 0);

	view->map = mmap(NULL, view->length, prot, MAP_SHARED, fd, 0);
	if (view->map == MAP_FAILED) {
		view->map = NULL;
		*why = "cannot map the file";
		return -errno;
	}
	/* The guest's memory has no place in a core dump of the device. */
	madvise(view->map, view->length, MADV_DONTDUMP);
	return 0;
}

static int keep_fd(struct dma_file_view *view, int fd, const char **why)
{
	struct statfs fs;

	if (fcntl(fd, F_GETFL) & O_APPEND) {
		*why = "file is open for appending";
		return -EINVAL;
	}
	/* hugetlbfs has no write(): such a file is of use only as a mapping. */
	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC) {
		*why = "file on hugetlbfs can shrink: it needs the seal F_SEAL_SHRINK";
		return -EINVAL;
	}
	view->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (view->fd < 0) {
		*why = "cannot keep the file descriptor";
		return -errno;
	}
	return 0;
}

static int check_file(int fd, uint64_t end, struct stat *st, const char **why)
{
	if (fstat(fd, st)) {
		*why = "cannot examine the file descriptor";
		return -errno;
	}
	if (!S_ISREG(st->st_mode)) {
		*why = "file descriptor is not of a regular file";
		return -EINVAL;
	}
	if (end > (uint64_t)st->st_size) {
		*why = "file is shorter than the mapping";
		return -EINVAL;
	}
	return 0;
}

int dma_file_prepare(struct dma_file_list *files, int fd, uint64_t end, bool write, uint64_t budget,
		     struct dma_file_view *view, const char **why)
{
	uint64_t old_length = 0;
	struct stat st;
	int seals, ret;

	*why = NULL;
	memset(view, 0, sizeof(*view));
	view->fd = -1;
	ret = check_file(fd, end, &st, why);
	if (ret)
		return ret;
	ret = check_access_mode(fd, write, &view->writable, why);
	if (ret)
		return ret;

	view->file = find_file(files, &st);
	if (view->file) {
		if (end <= view->file->length && (!write || view->file->writable))
			return 0;
		old_length = view->file->length;
		/* Growing must not take away the right to write others rely on. */
		if (view->file->writable && !view->writable) {
			*why = "file grew, but its descriptor is not open for writing any more";
			return -EACCES;
		}
	}
	view->length = st.st_size;
	if (view->length < old_length)
		view->length = old_length;
	if (view->length - old_length > budget) {
		*why = "more memory than --max-memory";
		return -ENOSPC;
	}

	/* A file system without seals says EINVAL, and its files can shrink. */
	seals = fcntl(fd, F_GET_SEALS);
	if (seals >= 0 && (seals & F_SEAL_SHRINK))
		ret = map_file(view, fd, why);
	else
		ret = keep_fd(view, fd, why);
	if (ret)
		return ret;
	view->replace = true;
	if (view->file)
		return 0;

	view->file = calloc(1, sizeof(*view->file));
	if (!view->file) {
		*why = "out of memory";
		dma_file_abort(view);
		return -ENOMEM;
	}
	view->is_new = true;
	view->file->fd = -1;
	view->file->dev = st.st_dev;
	view->file->ino = st.st_ino;
	return 0;
}

struct dma_file *dma_file_commit(struct dma_file_list *files, struct dma_file_view *view)
{
	struct dma_file *file = view->file;
	struct dma_file_view old = {
		.replace = true,
		.length = file->length,
		.map = file->map,
		.fd = file->fd,
		.writable = file->writable,
	};

	if (view->is_new)
		LIST_INSERT_HEAD(files, file, link);
	if (view->replace) {
		file->length = view->length;
		file->map = view->map;
		file->fd = view->fd;
		file->writable = view->writable;
		*view = old;
	}
	file->refs++;
	view->file = NULL;
	view->is_new = false;
	return file;
}

void dma_file_abort(struct dma_file_view *view)
{
	if (view->map)
		munmap(view->map, view->length);
	if (view->fd >= 0)
		close(view->fd);
	if (view->is_new)
		free(view->file);
	memset(view, 0, sizeof(*view));
	view->fd = -1;
}

void dma_file_free(struct dma_file *file)
{
	assert(!file->refs);
	if (file->map)
		munmap(file->map, file->length);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

int dma_file_read(const struct dma_file *file, uint64_t offset, void *buf, size_t len)
{
	assert(offset <= file->length && len <= file->length - offset);
	if (file->map) {
		memcpy(buf, file->map + offset, len);
		return 0;
	}
	while (len) {
		ssize_t n = pread(file->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EFAULT;
		buf = (char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

int dma_file_write(const struct dma_file *file, uint64_t offset, const void *buf, size_t len)
{
	assert(offset <= file->length && len <= file->length - offset);
	/* Whoever sees this write sees the ones before it. */
	atomic_thread_fence(memory_order_release);
	if (file->map) {
		memcpy(file->map + offset, buf, len);
		return 0;
	}
	while (len) {
		ssize_t n = pwrite(file->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EFAULT;
		buf = (const char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

int dma_file_copy(const struct dma_file *dst, uint64_t dst_offset, const struct dma_file *src,
		  uint64_t src_offset, size_t len, bool *write_fault)
{
	uint8_t buf[DMA_FILE_COPY_MAX];
	int ret;

	assert(src_offset <= src->length && len <= src->length - src_offset);
	*write_fault = false;
	if (dst->map && src->map) {
		assert(dst_offset <= dst->length && len <= dst->length - dst_offset);
		atomic_thread_fence(memory_order_release);
		/* Two addresses may lead to the same place. */
		memmove(dst->map + dst_offset, src->map + src_offset, len);
		return 0;
	}
	assert(len <= sizeof(buf));
	ret = dma_file_read(src, src_offset, buf, len);
	if (ret)
		return ret;
	ret = dma_file_write(dst, dst_offset, buf, len);
	*write_fault = ret;
	return ret;
}
