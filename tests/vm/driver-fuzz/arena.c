// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for arguments. It is mapped twice: once with the protections below, for the
 * kernel, and once for this program to read and write whatever they are.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "world.h"

/* w: readable and writable, r: readable, -: neither, .: not mapped */
static const char layout[] = "w.wrw-wwwwwwwwwwwwwwwwww.";

#define PAGES (sizeof(layout) - 1)
#define SIZE (PAGES * FUZZ_PAGE)
/* The page before something else: "w." "wr" "w-". */
static const unsigned int edges[] = { 0, 2, 4 };
/* The long stretch. */
#define ROOM_FIRST 6
#define ROOM_PAGES 18

struct arena {
	char *view;
	char *alias;
	int fd;
};

static bool page_protect(const struct arena *arena, size_t page, char how)
{
	int prot = how == 'w' ? PROT_READ | PROT_WRITE : how == 'r' ? PROT_READ : PROT_NONE;
	char *at = arena->view + page * FUZZ_PAGE;

	if (how == '.')
		return !munmap(at, FUZZ_PAGE);
	return mmap(at, FUZZ_PAGE, prot, MAP_SHARED | MAP_FIXED, arena->fd, page * FUZZ_PAGE) == at;
}

struct arena *arena_make(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	size_t i;

	if (!arena)
		return NULL;
	arena->fd = memfd_create("arena", MFD_CLOEXEC);
	if (arena->fd < 0 || ftruncate(arena->fd, SIZE))
		return NULL;
	arena->alias = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, arena->fd, 0);
	/* A neighbour that is not ours would make readable what must not be. */
	arena->view = mmap(NULL, SIZE + 2 * FUZZ_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	if (arena->alias == MAP_FAILED || arena->view == MAP_FAILED)
		return NULL;
	arena->view += FUZZ_PAGE;
	for (i = 0; i < PAGES; i++)
		if (!page_protect(arena, i, layout[i]))
			return NULL;
	return arena;
}

void arena_shake(struct fuzz *f)
{
	static const char ways[] = "wwwr-.";
	size_t page = fuzz_below(f, PAGES);

	trace_begin(f, "shake", NULL, page, 0, 0, 0);
	page_protect(f->arena, page, ways[fuzz_below(f, sizeof(ways) - 1)]);
	trace_end(f, 0, OK);
}

/* ---- What is there ----------------------------------------------------------- */

static bool inside(const struct arena *arena, uint64_t address)
{
	uint64_t view = (uintptr_t)arena->view;

	return address >= view && address < view + SIZE;
}

static size_t accessible(struct fuzz *f, uint64_t address, size_t size, bool write)
{
	size_t done = 0, step;
	char how;

	while (done < size) {
		uint64_t at = address + done;

		step = FUZZ_PAGE - at % FUZZ_PAGE;
		if (step > size - done)
			step = size - done;
		if (inside(f->arena, at)) {
			how = layout[(at - (uintptr_t)f->arena->view) / FUZZ_PAGE];
			if (how != 'w' && (write || how != 'r'))
				break;
		} else if (!world_accessible(f, at)) {
			break;
		}
		done += step;
	}
	return done;
}

size_t arena_readable(struct fuzz *f, uint64_t address, size_t size)
{
	return accessible(f, address, size, false);
}

size_t arena_writable(struct fuzz *f, uint64_t address, size_t size)
{
	return accessible(f, address, size, true);
}

/* Where this program can reach it, or NULL. */
static char *reach(struct fuzz *f, uint64_t address)
{
	if (inside(f->arena, address))
		return f->arena->alias + (address - (uintptr_t)f->arena->view);
	return world_accessible(f, address) ? (char *)(uintptr_t)address : NULL;
}

void arena_poke(struct fuzz *f, uint64_t address, const void *bytes, size_t size)
{
	char *at;
	size_t i;

	for (i = 0; i < size; i++) {
		at = reach(f, address + i);
		if (at)
			*at = ((const char *)bytes)[i];
	}
}

void arena_peek(struct fuzz *f, uint64_t address, void *bytes, size_t size)
{
	char *at;
	size_t i;

	for (i = 0; i < size; i++) {
		at = reach(f, address + i);
		((char *)bytes)[i] = at ? *at : 0;
	}
}

/* ---- Places ------------------------------------------------------------------ */

/* Not ours, and never will be. */
static const struct place foreign[] = {
	{ 0, "NULL" },
	{ 8, "near NULL" },
	{ 0x7ffffffff000ULL - 4, "the end of user space" },
	{ 0x7ffffffff000ULL, "behind user space" },
	{ 0x800000000000ULL, "not canonical" },
	{ 0xffff888000100000ULL, "kernel memory" },
	{ 0xffffffff81000000ULL, "kernel text" },
	{ 0xfffffffffffffff8ULL, "the last word" },
};

uint64_t arena_room(struct fuzz *f, size_t size)
{
	size_t slack = ROOM_PAGES * FUZZ_PAGE - size;
	uint64_t first = (uintptr_t)f->arena->view + ROOM_FIRST * FUZZ_PAGE;

	/* Up against the unmapped page, or anywhere. */
	return first + (fuzz_one_in(f, 4) ? slack : fuzz_below(f, slack + 1));
}

struct place arena_place(struct fuzz *f, size_t size, unsigned int bad)
{
	uint64_t view = (uintptr_t)f->arena->view, edge;
	struct place place;

	if (!fuzz_one_in(f, bad)) {
		place.address = f->exact && fuzz_one_in(f, 30) ? world_quiet_memory(f, size) : 0;
		place.kind = "in a queue's buffer";
		if (place.address)
			return place;
		return (struct place){ arena_room(f, size), "good" };
	}
	edge = view + (edges[fuzz_below(f, 3)] + 1) * FUZZ_PAGE;
	switch (fuzz_below(f, 6)) {
	case 0:
	case 1:
		/* All of it but the edge itself is in one page. */
		size = size < FUZZ_PAGE ? size : FUZZ_PAGE;
		return (struct place){ edge - fuzz_below(f, size + 1), "across an edge" };
	case 2:
		return (struct place){ view + 3 * FUZZ_PAGE + 64, "read-only" };
	case 3:
		return (struct place){ view + 5 * FUZZ_PAGE + 64, "protected" };
	case 4:
		return (struct place){ view + 1 * FUZZ_PAGE + 64, "unmapped" };
	default:
		return foreign[fuzz_below(f, sizeof(foreign) / sizeof(foreign[0]))];
	}
}
