// SPDX-License-Identifier: GPL-2.0-only
/* The map of the client's memory: ranges, limits, files, and copies that race with changes. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dma_map.h"
#include "unit.h"

#define PAGE 4096ULL
#define RW (DMA_PROT_READ | DMA_PROT_WRITE)

static struct dma_map *map;
static const char *why;

static void setup_limits(uint64_t maps, uint64_t memory)
{
	struct dma_limits limits = { .max_maps = maps, .max_memory = memory };

	map = dma_map_create(&limits);
	ck_assert_ptr_nonnull(map);
}

static void setup(void)
{
	setup_limits(2000000, 1ULL << 40);
}

static void teardown(void)
{
	dma_map_destroy(map);
	map = NULL;
}

static unsigned int mappings_of(const char *name)
{
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned int count = 0;
	char line[512];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, name) != NULL;
	fclose(file);
	return count;
}

/* A memory file as QEMU makes it: sealed against shrinking. */
static int sealed_file(const char *name, uint64_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	return fd;
}

static int loose_file(const char *name, uint64_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	return fd;
}

/* Check writes every assertion to a file: the many-times loops count failures instead. */
static int add_quietly(uint64_t iova, uint64_t size, int fd, uint64_t offset, uint32_t prot)
{
	struct dma_range range = {
		.iova = iova,
		.size = size,
		.prot = prot,
		.fd = fd,
		.offset = offset,
	};

	return dma_map_add(map, &range, &why);
}

static int add(uint64_t iova, uint64_t size, int fd, uint64_t offset, uint32_t prot)
{
	int ret = add_quietly(iova, size, fd, offset, prot);

	ck_assert((ret == 0) == (why == NULL));
	return ret;
}

static int drop(uint64_t iova, uint64_t size, uint64_t *removed)
{
	return dma_map_remove(map, iova, size, removed, &why);
}

static struct dma_stats stats(void)
{
	struct dma_stats s;

	dma_map_stats(map, &s);
	return s;
}

START_TEST(copies_reach_the_file)
{
	int fd = _i ? loose_file("copies", 4 * PAGE) : sealed_file("copies", 4 * PAGE);
	char text[8] = "", back[8] = "";
	size_t done = 99;

	ck_assert_int_eq(add(0x10000, PAGE, fd, 2 * PAGE, RW), 0);
	ck_assert_int_eq(dma_map_write(map, 0x10010, "written", 8, &done), 0);
	ck_assert_uint_eq(done, 8);
	ck_assert_int_eq(pread(fd, text, 8, 2 * PAGE + 0x10), 8);
	ck_assert_str_eq(text, "written");
	ck_assert_int_eq(pwrite(fd, "changed", 8, 2 * PAGE + 0x20), 8);
	ck_assert_int_eq(dma_map_read(map, 0x10020, back, 8, &done), 0);
	ck_assert_str_eq(back, "changed");
	close(fd);
}
END_TEST

START_TEST(copies_cross_adjacent_entries)
{
	int one = sealed_file("one", 4 * PAGE), two = sealed_file("two", 4 * PAGE);
	uint8_t out[3 * PAGE], back[3 * PAGE];
	size_t done, i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	/* Neighbours in IOVA, strangers in the files, in another order. */
	ck_assert_int_eq(add(0x3000, PAGE, one, 0, RW), 0);
	ck_assert_int_eq(add(0x1000, PAGE, one, 3 * PAGE, RW), 0);
	ck_assert_int_eq(add(0x2000, PAGE, two, PAGE, RW), 0);
	ck_assert_int_eq(dma_map_write(map, 0x1000, out, sizeof(out), &done), 0);
	ck_assert_uint_eq(done, sizeof(out));
	ck_assert_int_eq(dma_map_read(map, 0x1000, back, sizeof(back), &done), 0);
	ck_assert_mem_eq(out, back, sizeof(out));
	ck_assert_int_eq(pread(two, back, PAGE, PAGE), (ssize_t)PAGE);
	ck_assert_mem_eq(back, out + PAGE, PAGE);

	/* With the middle gone the copy stops at its edge. */
	ck_assert_int_eq(drop(0x2000, PAGE, NULL), 0);
	ck_assert_int_eq(dma_map_read(map, 0x1800, back, 2 * PAGE, &done), -EFAULT);
	ck_assert_uint_eq(done, 0x800);
	ck_assert_uint_eq(stats().faults, 1);
	close(one);
	close(two);
}
END_TEST

START_TEST(unmapped_addresses_fault)
{
	int fd = sealed_file("unmapped", PAGE);
	char byte = 0;
	size_t done = 99;

	ck_assert_int_eq(dma_map_read(map, 0, &byte, 1, &done), -EFAULT);
	ck_assert_uint_eq(done, 0);
	ck_assert_int_eq(add(0x5000, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(dma_map_read(map, 0x4fff, &byte, 1, &done), -EFAULT);
	ck_assert_int_eq(dma_map_read(map, 0x6000, &byte, 1, &done), -EFAULT);
	ck_assert_int_eq(dma_map_read(map, 0x5fff, &byte, 1, &done), 0);
	ck_assert_int_eq(dma_map_read(map, 0x5fff, &byte, 0, &done), 0);
	close(fd);
}
END_TEST

START_TEST(read_only_is_kept)
{
	int fd = sealed_file("readonly", 2 * PAGE);
	char byte = 'x';
	size_t done;

	/* The same page, once for reading only and once for both. */
	ck_assert_int_eq(add(0x1000, PAGE, fd, 0, DMA_PROT_READ), 0);
	ck_assert_int_eq(add(0x2000, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(dma_map_write(map, 0x1000, &byte, 1, &done), -EFAULT);
	ck_assert_uint_eq(done, 0);
	ck_assert_int_eq(dma_map_write(map, 0x2000, &byte, 1, &done), 0);
	ck_assert_int_eq(dma_map_read(map, 0x1000, &byte, 1, &done), 0);
	/* And one for writing only. */
	ck_assert_int_eq(add(0x3000, PAGE, fd, PAGE, DMA_PROT_WRITE), 0);
	ck_assert_int_eq(dma_map_write(map, 0x3000, &byte, 1, &done), 0);
	ck_assert_int_eq(dma_map_read(map, 0x3000, &byte, 1, &done), -EFAULT);
	close(fd);
}
END_TEST

/* Page @page of the move test: its rights, 0 for one that is not there. */
static uint32_t move_right(unsigned int page)
{
	static const uint32_t rights[] = { RW, RW, DMA_PROT_READ, RW, 0, DMA_PROT_WRITE, RW, RW };

	return rights[page % 8];
}

#define MOVE_PAGES 32U
#define MOVE_IOVA 0x100000ULL

/* What a move does, byte by byte. */
static size_t move_simply(uint8_t *bytes, uint64_t dst, uint64_t src, size_t len, bool *write_fault)
{
	size_t i;

	*write_fault = false;
	for (i = 0; i < len; i++) {
		if (!(move_right((src + i) / PAGE) & DMA_PROT_READ))
			return i;
		*write_fault = !(move_right((dst + i) / PAGE) & DMA_PROT_WRITE);
		if (*write_fault)
			return i;
		bytes[dst + i] = bytes[src + i];
	}
	return len;
}

/* Moves across pages, files and rights, against the simplest way to do it. */
START_TEST(moves_go_as_far_as_rights_do)
{
	static uint8_t expected[MOVE_PAGES * PAGE], back[PAGE];
	int fds[2] = { sealed_file("one", MOVE_PAGES * PAGE),
		       _i ? loose_file("two", MOVE_PAGES * PAGE)
			  : sealed_file("two", MOVE_PAGES * PAGE) };
	unsigned int i, faults = 0, wrong = 0;
	uint32_t random = 1 + _i;

	for (i = 0; i < sizeof(expected); i++)
		expected[i] = i * 31 + i / PAGE;
	for (i = 0; i < MOVE_PAGES; i++) {
		ck_assert_int_eq(pwrite(fds[i & 1], expected + i * PAGE, PAGE, i * PAGE), PAGE);
		if (move_right(i))
			ck_assert_int_eq(add(MOVE_IOVA + i * PAGE, PAGE, fds[i & 1], i * PAGE,
					     move_right(i)),
					 0);
	}
	for (i = 0; i < 3000; i++) {
		uint64_t dst, src;
		bool write_fault, expected_fault;
		size_t len, done, expected_done;
		int ret;

		random = random * 1664525 + 1013904223;
		len = 1 + (random >> 8) % (3 * PAGE);
		random = random * 1664525 + 1013904223;
		src = (random >> 8) % (MOVE_PAGES * PAGE - len);
		random = random * 1664525 + 1013904223;
		dst = (random >> 8) % (MOVE_PAGES * PAGE - len);
		if (dst > src && dst - src < len)
			continue;
		ret = dma_map_copy(map, MOVE_IOVA + dst, MOVE_IOVA + src, len, &done, &write_fault);
		expected_done = move_simply(expected, dst, src, len, &expected_fault);
		wrong += ret != (expected_done < len ? -EFAULT : 0) || done != expected_done ||
			 write_fault != expected_fault;
		faults += ret != 0;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(faults, 100);
	ck_assert_uint_lt(faults, 2900);
	ck_assert_uint_eq(stats().faults, faults);
	for (i = 0; i < MOVE_PAGES; i++) {
		ck_assert_int_eq(pread(fds[i & 1], back, PAGE, i * PAGE), PAGE);
		ck_assert_mem_eq(back, expected + i * PAGE, PAGE);
	}
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* The addresses end at 2^64; on the far side is not address 0. */
START_TEST(moves_stop_at_the_last_address)
{
	int fd = sealed_file("end", 4 * PAGE);
	bool write_fault;
	size_t done;

	ck_assert_int_eq(add(0, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(add(0 - PAGE, PAGE, fd, PAGE, RW), 0);
	ck_assert_int_eq(add(0x100000, 2 * PAGE, fd, 2 * PAGE, RW), 0);
	ck_assert_int_eq(dma_map_copy(map, 0x100000, 0 - PAGE, PAGE, &done, &write_fault), 0);
	ck_assert_int_eq(dma_map_copy(map, 0x100000, 0 - PAGE, PAGE + 1, &done, &write_fault),
			 -EFAULT);
	ck_assert_uint_eq(done, PAGE);
	ck_assert(!write_fault);
	ck_assert_int_eq(dma_map_copy(map, 0 - PAGE, 0x100000, PAGE + 1, &done, &write_fault),
			 -EFAULT);
	ck_assert_uint_eq(done, PAGE);
	ck_assert(write_fault);
	close(fd);
}
END_TEST

START_TEST(ranges_without_file_are_known_but_fault)
{
	char byte = 0;
	size_t done;

	ck_assert_int_eq(add(0xfffc0000, 0x40000, -1, 0, DMA_PROT_READ), 0);
	ck_assert_int_eq(dma_map_read(map, 0xfffc0000, &byte, 1, &done), -EFAULT);
	ck_assert_int_eq(add(0xfffc1000, PAGE, -1, 0, DMA_PROT_READ), -EEXIST);
	ck_assert_int_eq(drop(0xfffc0000, 0x40000, NULL), 0);
	ck_assert_int_eq(add(0xfffc1000, PAGE, -1, 0, DMA_PROT_READ), 0);
}
END_TEST

START_TEST(overlap_is_refused)
{
	static const struct {
		uint64_t iova, size;
	} bad[] = {
		{ 0x4000, 0x1000 }, { 0x5000, 0x1000 }, { 0x3000, 0x2000 }, { 0x5000, 0x9000 },
		{ 0x3000, 0x9000 }, { 0x4000, 0x2000 }, { 0, 1ULL << 63 },
	};
	size_t i;

	ck_assert_int_eq(add(0x4000, 0x2000, -1, 0, RW), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(add(bad[i].iova, bad[i].size, -1, 0, RW), -EEXIST);
	ck_assert_uint_eq(stats().maps, 1);
	/* Neighbours touch, they do not overlap. */
	ck_assert_int_eq(add(0x3000, 0x1000, -1, 0, RW), 0);
	ck_assert_int_eq(add(0x6000, 0x1000, -1, 0, RW), 0);
}
END_TEST

START_TEST(unmap_takes_what_is_inside)
{
	uint64_t removed = 99, i;

	ck_assert_int_eq(drop(0, 1ULL << 47, &removed), 0);
	ck_assert_uint_eq(removed, 0);
	for (i = 0; i < 639; i++)
		ck_assert_int_eq(add(0x100000 + 2 * i * PAGE, PAGE, -1, 0, RW), 0);
	/* Between two of them is nothing. */
	ck_assert_int_eq(drop(0x101000, PAGE, &removed), 0);
	ck_assert_uint_eq(removed, 0);
	ck_assert_int_eq(drop(0x100000, PAGE, &removed), 0);
	ck_assert_uint_eq(removed, 1);
	ck_assert_int_eq(drop(0, 1ULL << 31, &removed), 0);
	ck_assert_uint_eq(removed, 638);
	ck_assert_uint_eq(stats().maps, 0);
	ck_assert_uint_eq(stats().peak_maps, 639);
}
END_TEST

START_TEST(unmap_never_cuts)
{
	static const struct {
		uint64_t iova, size;
	} bad[] = {
		{ 0x10000, 0x1000 }, { 0x11000, 0x1000 }, { 0x13000, 0x1000 }, { 0x11000, 0x3000 },
		{ 0x11000, 0x9000 }, { 0, 0x11000 },	  { 0xf000, 0x2000 },  { 0x10001, 0xf000 },
	};
	uint64_t removed;
	size_t i;

	ck_assert_int_eq(add(0x8000, 0x1000, -1, 0, RW), 0);
	ck_assert_int_eq(add(0x10000, 0x4000, -1, 0, RW), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(drop(bad[i].iova, bad[i].size, &removed), -EINVAL);
		ck_assert_uint_eq(removed, 0);
	}
	ck_assert_uint_eq(stats().maps, 2);
	ck_assert_int_eq(drop(0x10000, 0x4000, &removed), 0);
	ck_assert_uint_eq(removed, 1);
}
END_TEST

START_TEST(the_last_address_is_legal)
{
	int fd = sealed_file("top", 2 * PAGE);
	uint64_t removed;
	char two[2] = "";
	size_t done;

	/* As seen from QEMU: iova + size is exactly 2^64. */
	ck_assert_int_eq(drop(0xfef00000, 0xffffffff01100000ULL, &removed), 0);
	ck_assert_int_eq(add(-PAGE, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(add(0, PAGE, fd, PAGE, RW), 0);
	ck_assert_int_eq(add(-PAGE, PAGE, fd, 0, RW), -EEXIST);
	ck_assert_int_eq(dma_map_write(map, UINT64_MAX, two, 1, &done), 0);
	/* A copy does not go round from the last address to the first. */
	ck_assert_int_eq(dma_map_write(map, UINT64_MAX, two, 2, &done), -EFAULT);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(drop(0xfef00000, 0xffffffff01100000ULL, &removed), 0);
	ck_assert_uint_eq(removed, 1);
	ck_assert_int_eq(drop(1ULL << 63, 1ULL << 63, &removed), 0);
	ck_assert_uint_eq(removed, 0);
	ck_assert_uint_eq(dma_map_clear(map), 1);
	close(fd);
}
END_TEST

START_TEST(one_mapping_and_no_descriptor_per_file)
{
	int fd = sealed_file("dma-once", 20000 * PAGE);
	int before = open_fds();
	uint64_t i, failed = 0;

	for (i = 0; i < 20000; i++) {
		int copy = dup(fd);

		failed += add_quietly(0x100000000ULL + i * PAGE, PAGE, copy,
				      (i * 7919 % 20000) * PAGE, RW) != 0;
		close(copy);
	}
	ck_assert_uint_eq(failed, 0);
	ck_assert_int_eq(open_fds(), before);
	ck_assert_uint_eq(mappings_of("dma-once"), 1);
	ck_assert_uint_eq(stats().files, 1);
	ck_assert_uint_eq(stats().memory, 20000 * PAGE);
	ck_assert_uint_eq(dma_map_clear(map), 20000);
	ck_assert_uint_eq(mappings_of("dma-once"), 0);
	ck_assert_uint_eq(stats().files, 0);
	ck_assert_uint_eq(stats().memory, 0);
	close(fd);
	ck_assert_int_eq(open_fds(), before - 1);
}
END_TEST

START_TEST(one_descriptor_for_a_file_that_can_shrink)
{
	int fd = loose_file("loose", 1000 * PAGE);
	int before = open_fds();
	uint64_t i;

	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(add(i * PAGE, PAGE, fd, i * PAGE, RW), 0);
	ck_assert_int_eq(open_fds(), before + 1);
	ck_assert_uint_eq(dma_map_clear(map), 1000);
	ck_assert_int_eq(open_fds(), before);
	close(fd);
}
END_TEST

START_TEST(a_file_may_grow)
{
	int fd = _i ? loose_file("grow", PAGE) : sealed_file("grow", PAGE);
	char text[8] = "";
	size_t done;

	ck_assert_int_eq(add(0x1000, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(add(0x2000, PAGE, fd, PAGE, RW), -EINVAL);
	ck_assert_int_eq(ftruncate(fd, 4 * PAGE), 0);
	ck_assert_int_eq(add(0x2000, PAGE, fd, 3 * PAGE, RW), 0);
	ck_assert_int_eq(dma_map_write(map, 0x1000, "first", 6, &done), 0);
	ck_assert_int_eq(dma_map_write(map, 0x2000, "last", 5, &done), 0);
	ck_assert_int_eq(pread(fd, text, 5, 3 * PAGE), 5);
	ck_assert_str_eq(text, "last");
	ck_assert_uint_eq(stats().files, 1);
	ck_assert_uint_eq(stats().memory, 4 * PAGE);
	close(fd);
}
END_TEST

START_TEST(a_file_that_shrinks_faults_and_does_not_kill)
{
	int fd = loose_file("shrink", 2 * PAGE);
	char byte = 'x';
	size_t done;

	ck_assert_int_eq(add(0x1000, 2 * PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(dma_map_read(map, 0x2000, &byte, 1, &done), 0);
	ck_assert_int_eq(ftruncate(fd, PAGE), 0);
	ck_assert_int_eq(dma_map_read(map, 0x2000, &byte, 1, &done), -EFAULT);
	ck_assert_uint_eq(done, 0);
	close(fd);
}
END_TEST

START_TEST(files_unfit_for_memory)
{
	int fds[2], before = open_fds(), fd, other;
	char path[64];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(add(0x1000, PAGE, fds[0], 0, RW), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(add(0x1000, PAGE, fd, 0, RW), -EINVAL);
	close(fd);
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(add(0x1000, PAGE, fd, 0, DMA_PROT_READ), -EINVAL);
	close(fd);

	fd = sealed_file("unfit", PAGE);
	ck_assert_int_eq(add(0x1000, 2 * PAGE, fd, 0, RW), -EINVAL);
	ck_assert_int_eq(add(0x1000, PAGE, fd, PAGE, RW), -EINVAL);
	/* The right to write is that of the descriptor. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(add(0x1000, PAGE, other, 0, RW), -EACCES);
	ck_assert_int_eq(add(0x1000, PAGE, other, 0, DMA_PROT_READ), 0);
	close(other);
	other = open(path, O_PATH | O_CLOEXEC);
	ck_assert_int_eq(add(0x2000, PAGE, other, 0, DMA_PROT_READ), -EACCES);
	close(other);
	other = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(add(0x2000, PAGE, other, 0, RW), -EACCES);
	close(other);
	/* A better descriptor of the same file brings it, one mapping serves both. */
	ck_assert_int_eq(add(0x2000, PAGE, fd, 0, RW), 0);
	ck_assert_uint_eq(mappings_of("unfit"), 1);
	close(fd);

	fd = loose_file("append", PAGE);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_APPEND), 0);
	ck_assert_int_eq(add(0x5000, PAGE, fd, 0, RW), -EINVAL);
	close(fd);
	ck_assert_uint_eq(dma_map_clear(map), 2);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(limits_hold)
{
	int fd = sealed_file("limits", 4 * PAGE), more;
	uint64_t i;

	teardown();
	setup_limits(3, 5 * PAGE);
	ck_assert_int_eq(add(0x1000, PAGE, fd, 0, RW), 0);
	more = sealed_file("more", 2 * PAGE);
	ck_assert_int_eq(add(0x2000, PAGE, more, 0, RW), -ENOSPC);
	close(more);
	ck_assert_int_eq(add(0x2000, PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(add(0x3000, PAGE, -1, 0, RW), 0);
	ck_assert_int_eq(add(0x4000, PAGE, -1, 0, RW), -ENOSPC);
	ck_assert_int_eq(drop(0x3000, PAGE, NULL), 0);
	ck_assert_int_eq(add(0x4000, PAGE, -1, 0, RW), 0);
	close(fd);

	/* No more than 256 files, each with a descriptor. */
	teardown();
	setup();
	for (i = 0; i <= 256; i++) {
		fd = loose_file("many", PAGE);
		ck_assert_int_eq(add(i * PAGE, PAGE, fd, 0, RW), i < 256 ? 0 : -ENOSPC);
		close(fd);
	}
	ck_assert_uint_eq(stats().files, 256);
}
END_TEST

START_TEST(hundreds_of_thousands)
{
	uint64_t i, removed, n = 300000, failed = 0;
	char byte;
	size_t done;
	int fd = sealed_file("many-pages", 16 * PAGE);

	for (i = 0; i < n; i++)
		failed += add_quietly((i * 104729 % n) * PAGE, PAGE, fd, i % 16 * PAGE, RW) != 0;
	ck_assert_uint_eq(stats().maps, n);
	for (i = 0; i < n; i += 997)
		failed += dma_map_read(map, i * PAGE + 5, &byte, 1, &done) != 0;
	for (i = 0; i < n; i += 2)
		failed += drop(i * PAGE, PAGE, NULL) != 0;
	ck_assert_uint_eq(failed, 0);
	ck_assert_int_eq(drop(0, n * PAGE, &removed), 0);
	ck_assert_uint_eq(removed, n / 2);
	close(fd);
}
END_TEST

/* ---- Copies against changes ------------------------------------------------- */

/**
 * struct racer - a thread that copies all the time
 * @part: which part of the range, so that no two write to the same memory
 */
struct racer {
	pthread_t thread;
	unsigned int part;
	_Atomic bool stop;
	_Atomic uint64_t good;
	_Atomic uint64_t faults;
	_Atomic uint64_t odd; /* neither success nor fault */
};

#define RACE_IOVA 0x40000ULL
#define RACE_PAGES 60ULL
#define RACE_PART 20ULL /* pages: more than one piece of a copy */

static void *race_main(void *arg)
{
	static _Thread_local uint8_t buf[RACE_PART * PAGE];
	struct racer *racer = arg;
	uint64_t iova = RACE_IOVA + racer->part * sizeof(buf);
	size_t done;

	while (!atomic_load(&racer->stop)) {
		int ret = dma_map_write(map, iova, buf, sizeof(buf), &done);

		atomic_fetch_add(ret ? &racer->faults : &racer->good, 1);
		atomic_fetch_add(&racer->odd, ret && ret != -EFAULT);
		ret = dma_map_read(map, iova + 100, buf, 5000, &done);
		atomic_fetch_add(&racer->odd, ret && ret != -EFAULT);
	}
	return NULL;
}

/*
 * After an unmap has returned nothing may arrive there any more: the file is
 * marked, and the mark must stay. Without the lock this fails at once.
 */
START_TEST(nothing_arrives_after_unmap)
{
	struct racer racers[3] = { 0 };
	int fd = sealed_file("race", RACE_PAGES * PAGE);
	uint8_t *view = mmap(NULL, RACE_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint64_t good = 0, round = 0, changed = 0, i;

	ck_assert_ptr_ne(view, MAP_FAILED);
	for (i = 0; i < 3; i++) {
		racers[i].part = i;
		ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race_main, &racers[i]), 0);
	}
	/* Until copies have both succeeded and failed, and some rounds more. */
	while (round < 200 || good < 20) {
		ck_assert_int_eq(add(RACE_IOVA, RACE_PAGES * PAGE, fd, 0, RW), 0);
		if (round % 2)
			sched_yield();
		ck_assert_int_eq(drop(RACE_IOVA, RACE_PAGES * PAGE, NULL), 0);
		memset(view, 0xa5, RACE_PAGES * PAGE);
		for (i = 0; i < RACE_PAGES * PAGE; i += 64)
			changed += view[i] != 0xa5;
		for (good = 0, i = 0; i < 3; i++)
			good += atomic_load(&racers[i].good);
		round++;
	}
	for (i = 0; i < 3; i++) {
		atomic_store(&racers[i].stop, true);
		pthread_join(racers[i].thread, NULL);
		ck_assert_uint_eq(atomic_load(&racers[i].odd), 0);
	}
	ck_assert_uint_eq(changed, 0);
	munmap(view, RACE_PAGES * PAGE);
	close(fd);
}
END_TEST

START_TEST(growing_under_copies)
{
	struct racer racer = { 0 };
	int fd = sealed_file("growing", RACE_PAGES * PAGE);
	uint64_t i;

	ck_assert_int_eq(add(RACE_IOVA, RACE_PAGES * PAGE, fd, 0, RW), 0);
	ck_assert_int_eq(pthread_create(&racer.thread, NULL, race_main, &racer), 0);
	for (i = 1; i <= 300 || !atomic_load(&racer.good); i++) {
		uint64_t end = (RACE_PAGES + i) * PAGE;

		ck_assert_int_eq(ftruncate(fd, end), 0);
		ck_assert_int_eq(add((1ULL << 32) + i * PAGE, PAGE, fd, end - PAGE, RW), 0);
	}
	atomic_store(&racer.stop, true);
	pthread_join(racer.thread, NULL);
	ck_assert_uint_eq(atomic_load(&racer.faults), 0);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dma_map");
	TCase *tcase = tcase_create("map");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, copies_reach_the_file, 0, 2);
	tcase_add_test(tcase, copies_cross_adjacent_entries);
	tcase_add_test(tcase, unmapped_addresses_fault);
	tcase_add_test(tcase, read_only_is_kept);
	tcase_add_loop_test(tcase, moves_go_as_far_as_rights_do, 0, 2);
	tcase_add_test(tcase, moves_stop_at_the_last_address);
	tcase_add_test(tcase, ranges_without_file_are_known_but_fault);
	tcase_add_test(tcase, overlap_is_refused);
	tcase_add_test(tcase, unmap_takes_what_is_inside);
	tcase_add_test(tcase, unmap_never_cuts);
	tcase_add_test(tcase, the_last_address_is_legal);
	tcase_add_test(tcase, one_mapping_and_no_descriptor_per_file);
	tcase_add_test(tcase, one_descriptor_for_a_file_that_can_shrink);
	tcase_add_loop_test(tcase, a_file_may_grow, 0, 2);
	tcase_add_test(tcase, a_file_that_shrinks_faults_and_does_not_kill);
	tcase_add_test(tcase, files_unfit_for_memory);
	tcase_add_test(tcase, limits_hold);
	tcase_add_test(tcase, hundreds_of_thousands);
	tcase_add_test(tcase, nothing_arrives_after_unmap);
	tcase_add_test(tcase, growing_under_copies);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
