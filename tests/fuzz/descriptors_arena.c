// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptors_arena.h"

#define FILE_PAGES (ARENA_PAGES + ARENA_GUARDS)
#define GUARD_BYTE 0xdb
#define RW (DMA_PROT_READ | DMA_PROT_WRITE)

/* A file and our own view of it. */
struct arena_file {
	int fd;
	uint8_t *view;
};

static struct arena_file sealed, loose;
static struct dma_map *map;
static struct arena_layout current;
static _Atomic uint64_t messages, reads, writes;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "descriptors: %s: %s\n", what, strerror(errno));
	abort();
}

/* Where page @page is in its file: not where its neighbours would make one expect it. */
static unsigned int place(unsigned int page)
{
	return page * 3 % ARENA_PAGES;
}

static struct arena_file make_file(const char *name, bool seal)
{
	struct arena_file file = { .fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) };

	must(file.fd >= 0, "memfd_create");
	must(!ftruncate(file.fd, FILE_PAGES * ARENA_PAGE), "ftruncate");
	must(!seal || !fcntl(file.fd, F_ADD_SEALS, F_SEAL_SHRINK), "F_ADD_SEALS");
	file.view = mmap(NULL, FILE_PAGES * ARENA_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 file.fd, 0);
	must(file.view != MAP_FAILED, "mmap");
	memset(file.view + ARENA_PAGES * ARENA_PAGE, GUARD_BYTE, ARENA_GUARDS * ARENA_PAGE);
	return file;
}

static struct arena_file *file_of(unsigned int page)
{
	return current.loose && page % 2 ? &loose : &sealed;
}

static void map_page(uint64_t iova, unsigned int page, uint32_t rights)
{
	struct dma_range range = {
		.iova = iova,
		.size = ARENA_PAGE,
		.prot = rights,
		.fd = file_of(page)->fd,
		.offset = place(page) * ARENA_PAGE,
	};
	const char *why;

	if (rights)
		must(!dma_map_add(map, &range, &why), "dma_map_add");
}

static uint64_t iova_of(unsigned int page)
{
	return page < ARENA_LOW_PAGES ? ARENA_BASE + page * ARENA_PAGE : ARENA_TOP;
}

static unsigned int alias_page(uint64_t number)
{
	return number * 2 % ARENA_LOW_PAGES;
}

void arena_create(void)
{
	const struct dma_limits limits = { .max_maps = 1000, .max_memory = 1 << 20 };
	unsigned int i;

	sealed = make_file("sealed", true);
	loose = make_file("loose", false);
	map = dma_map_create(&limits);
	must(map, "dma_map_create");
	for (i = 0; i < ARENA_ALIAS_PAGES; i++)
		map_page(ARENA_ALIAS_BASE + i * ARENA_PAGE, alias_page(i), RW);
}

void arena_lay_out(const struct arena_layout *layout)
{
	struct arena_layout old = current;
	const char *why;
	unsigned int i;

	current = *layout;
	/* Only what is different: to map costs more than most descriptors. */
	for (i = 0; i < ARENA_PAGES; i++) {
		if (old.rights[i] == layout->rights[i] &&
		    (old.loose == layout->loose || !(i % 2)))
			continue;
		must(!dma_map_remove(map, iova_of(i), ARENA_PAGE, NULL, &why), "dma_map_remove");
		map_page(iova_of(i), i, layout->rights[i]);
	}
}

void arena_load(const struct arena_image *image)
{
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		memcpy(file_of(i)->view + place(i) * ARENA_PAGE, image->page[i], ARENA_PAGE);
}

bool arena_differs(const struct arena_image *image, uint64_t *address)
{
	unsigned int i, at;

	for (i = 0; i < ARENA_PAGES; i++) {
		const uint8_t *real = file_of(i)->view + place(i) * ARENA_PAGE;

		if (!memcmp(real, image->page[i], ARENA_PAGE))
			continue;
		for (at = 0; real[at] == image->page[i][at]; at++)
			;
		*address = iova_of(i) + at;
		return true;
	}
	return false;
}

static bool guards_of(const struct arena_file *file)
{
	unsigned int at;

	for (at = ARENA_PAGES * ARENA_PAGE; at < FILE_PAGES * ARENA_PAGE; at++)
		if (file->view[at] != GUARD_BYTE)
			return true;
	return false;
}

bool arena_guards_broken(void)
{
	return guards_of(&sealed) || guards_of(&loose);
}

/* The page at @address, ARENA_PAGES if there is none. */
static unsigned int page_at(uint64_t address, bool *alias)
{
	*alias = address - ARENA_ALIAS_BASE < ARENA_ALIAS_PAGES * ARENA_PAGE;
	if (*alias)
		return alias_page((address - ARENA_ALIAS_BASE) / ARENA_PAGE);
	if (address - ARENA_BASE < ARENA_LOW_PAGES * ARENA_PAGE)
		return (address - ARENA_BASE) / ARENA_PAGE;
	return address >= ARENA_TOP ? ARENA_LOW_PAGES : ARENA_PAGES;
}

uint8_t *arena_real(uint64_t address)
{
	bool alias;
	unsigned int page = page_at(address, &alias);

	if (page == ARENA_PAGES)
		return NULL;
	return file_of(page)->view + place(page) * ARENA_PAGE + address % ARENA_PAGE;
}

uint8_t *arena_byte(struct arena_image *image, uint64_t address, uint32_t need)
{
	bool alias;
	unsigned int page = page_at(address, &alias);

	if (page == ARENA_PAGES || (!alias && (current.rights[page] & need) != need))
		return NULL;
	return &image->page[page][address % ARENA_PAGE];
}

struct arena_counts arena_counts(void)
{
	return (struct arena_counts){ .messages = messages, .reads = reads, .writes = writes };
}

/* ---- The device's host ------------------------------------------------------------------ */

static int host_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	(void)host;
	reads++;
	return dma_map_read(map, iova, buf, len, done);
}

static int host_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	(void)host;
	writes++;
	return dma_map_write(map, iova, buf, len, done);
}

static int host_copy(void *host, uint64_t dst, uint64_t src, size_t len, size_t *done,
		     bool *write_fault)
{
	(void)host;
	reads++;
	writes++;
	return dma_map_copy(map, dst, src, len, done, write_fault);
}

static int host_signal(void *host, unsigned int vector)
{
	(void)host;
	(void)vector;
	messages++;
	return 1;
}

const struct dsa_host_ops arena_ops[2] = {
	{ .dma_read = host_read, .dma_write = host_write, .dma_copy = host_copy,
	  .signal = host_signal },
	{ .dma_read = host_read, .dma_write = host_write, .signal = host_signal },
};
