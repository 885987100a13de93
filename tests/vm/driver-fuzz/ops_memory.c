// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of a queue's buffer, in every order. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arena.h"
#include "world.h"

#define ZONE_PAGES (WORLD_ZONE / FUZZ_PAGE)

/* ---- Faults ------------------------------------------------------------------ */

static __thread sigjmp_buf touch_back;
static __thread volatile sig_atomic_t touching;

void memory_fault(int signal)
{
	if (touching)
		siglongjmp(touch_back, signal);
	/* Our own mistake: as if there were no handler. */
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}

/* 0, or the signal that it took. */
static int touch(volatile char *at, bool write)
{
	int signal = sigsetjmp(touch_back, 1);

	if (!signal) {
		touching = 1;
		if (write)
			*at = 1;
		else
			(void)*at;
	}
	touching = 0;
	return signal;
}

/* ---- Mappings ---------------------------------------------------------------- */

static const int prots[] = { PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };

static void op_map(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct object *object = f->exact && slot->fd >= 0 && slot->object->kind == OBJECT_QUEUE ?
				slot->object : NULL;
	struct zone *zone = world_zone(f, false);
	size_t pages = object ? object->pages : 8, offset = 0, length;
	int flags = MAP_SHARED, prot = prots[fuzz_below(f, 4)];
	answers allowed = OK;
	void *ret;

	if (!zone || (f->exact && !object))
		return;
	length = 1 + fuzz_below(f, pages);
	if (fuzz_one_in(f, 6))
		length = pages + 1 + fuzz_below(f, 4);
	if (fuzz_one_in(f, 4))
		offset = fuzz_below(f, pages + 2);
	if (fuzz_one_in(f, 30))
		offset = fuzz_random(f) >> 14;
	if (fuzz_one_in(f, 10))
		flags = MAP_PRIVATE;
	if (offset >= pages || length > pages - offset || flags == MAP_PRIVATE)
		allowed = E(EINVAL) | (offset > 1ULL << 40 ? E(EOVERFLOW) : 0);
	if (fuzz_one_in(f, 8))
		flags |= MAP_POPULATE;
	if (fuzz_one_in(f, 16) && prot)
		prot |= PROT_EXEC;
	/* Newer kernels do not let such files be executed. */
	if (prot & PROT_EXEC)
		allowed |= E(EPERM) | E(EACCES);
	trace_begin(f, "mmap", NULL, slot->fd, length, offset, (uint64_t)prot << 32 | flags);
	ret = mmap(zone->address, length * FUZZ_PAGE - fuzz_below(f, FUZZ_PAGE), prot,
		   flags | MAP_FIXED, slot->fd, offset * FUZZ_PAGE);
	trace_end(f, ret == MAP_FAILED ? -1 : 0, f->exact ? allowed : ~0ULL);
	if (!f->exact || ret == MAP_FAILED)
		return;
	zone->start = 0;
	zone->pages = length;
	zone->offset = offset;
	zone->prot = prot;
	zone->object = object_get(object);
}

static void op_unmap(struct fuzz *f)
{
	struct zone *zone = world_zone(f, true);
	size_t from, pages;
	int ret;

	if (!zone)
		return;
	if (f->exact && (zone->pages == 1 || fuzz_one_in(f, 2))) {
		zone_unmap(f, zone);
		return;
	}
	if (f->exact) {
		/* From one end: what remains is one piece. */
		pages = 1 + fuzz_below(f, zone->pages - 1);
		from = fuzz_one_in(f, 2) ? zone->start : zone->start + zone->pages - pages;
		if (from == zone->start) {
			zone->start += pages;
			zone->offset += pages;
		}
		zone->pages -= pages;
	} else {
		from = fuzz_below(f, 16);
		pages = 1 + fuzz_below(f, 16);
	}
	trace_begin(f, "munmap", NULL, (uintptr_t)zone->address, from, pages, 0);
	ret = munmap(zone->address + from * FUZZ_PAGE, pages * FUZZ_PAGE);
	/* Others must not find room there. */
	mmap(zone->address + from * FUZZ_PAGE, pages * FUZZ_PAGE, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	trace_end(f, ret, OK);
}

static void op_protect(struct fuzz *f)
{
	struct zone *zone = world_zone(f, true);
	int prot = prots[fuzz_below(f, 4)], ret;
	size_t from = 0, pages = 1 + fuzz_below(f, 16);

	if (!zone)
		return;
	if (f->exact) {
		from = zone->start;
		pages = zone->pages;
	} else {
		from = fuzz_below(f, 16);
	}
	trace_begin(f, "mprotect", NULL, (uintptr_t)zone->address, from, pages, prot);
	ret = mprotect(zone->address + from * FUZZ_PAGE, pages * FUZZ_PAGE, prot);
	trace_end(f, ret, f->exact ? OK : OK | E(EACCES) | E(ENOMEM));
	if (f->exact)
		zone->prot = prot;
}

/* Moved, cut, grown beyond the buffer, or doubled. */
static void op_remap(struct fuzz *f)
{
	struct zone *zone = world_zone(f, true), *to = world_zone(f, false);
	size_t pages, old;
	void *ret;

	if (!zone || !to || to == zone)
		return;
	pages = 1 + fuzz_below(f, 24);
	old = f->exact ? zone->pages : 1 + fuzz_below(f, 16);
	if (fuzz_one_in(f, 4))
		old = 0;
	trace_begin(f, "mremap", old ? "move" : "double", (uintptr_t)zone->address, zone->start,
		    old, pages);
	ret = mremap(zone->address + zone->start * FUZZ_PAGE, old * FUZZ_PAGE, pages * FUZZ_PAGE,
		     MREMAP_MAYMOVE | MREMAP_FIXED, to->address);
	trace_end(f, ret == MAP_FAILED ? -1 : 0,
		  f->exact ? OK : OK | E(EFAULT) | E(EINVAL) | E(ENOMEM));
	if (!f->exact && ret != MAP_FAILED && old)
		zone_unmap(f, zone);
	if (!f->exact || ret == MAP_FAILED)
		return;
	to->start = 0;
	to->pages = pages;
	to->offset = zone->offset;
	to->prot = zone->prot;
	to->object = object_get(zone->object);
	if (old)
		zone_unmap(f, zone);
}

static void op_touch(struct fuzz *f)
{
	struct zone *zone = world_zone(f, true);
	bool write = fuzz_one_in(f, 2);
	size_t page;
	int wanted = 0, signal;

	if (!zone)
		return;
	page = f->exact ? fuzz_below(f, zone->pages) : fuzz_below(f, 20);
	trace_begin(f, write ? "write a byte" : "read a byte", NULL, (uintptr_t)zone->address, page,
		    0, 0);
	signal = touch(zone->address + (zone->start + page) * FUZZ_PAGE + 99, write);
	trace_end(f, 0, OK);
	if (!f->exact)
		return;
	if (!(zone->prot & (write ? PROT_WRITE : PROT_READ)))
		wanted = SIGSEGV;
	else if (zone->offset + page >= zone->object->pages)
		wanted = SIGBUS;
	if (signal != wanted)
		fuzz_fail(f, "page %zu of a buffer of %zu, protection %d, %s: signal %d, not %d",
			  zone->offset + page, zone->object->pages, zone->prot,
			  write ? "write" : "read", signal, wanted);
}

/* What reaches into mappings in other ways; nothing is known of it but that it ends. */
static void op_odd(struct fuzz *f)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK, MADV_REMOVE,
		MADV_MERGEABLE, MADV_HUGEPAGE, MADV_DONTDUMP, MADV_COLD, MADV_PAGEOUT,
	};
	struct zone *zone = world_zone(f, true);
	char bytes[128], *at;
	struct iovec mine = { bytes, sizeof(bytes) }, its = { NULL, sizeof(bytes) };
	size_t length = FUZZ_PAGE * (1 + fuzz_below(f, 8));
	int pipes[2];

	if (!zone)
		return;
	at = zone->address + (zone->start + fuzz_below(f, 8)) * FUZZ_PAGE;
	/* A part that is treated differently cannot be moved together with the rest. */
	if (f->exact) {
		at = zone->address + zone->start * FUZZ_PAGE;
		length = zone->pages * FUZZ_PAGE;
	}
	its.iov_base = at;
	trace_begin(f, "odd", NULL, (uintptr_t)at, length, 0, 0);
	switch (fuzz_below(f, 6)) {
	case 0:
		madvise(at, length, advices[fuzz_below(f, 10)]);
		break;
	case 1:
		mlock(at, length);
		munlock(at, length);
		break;
	case 2:
		msync(at, length, MS_SYNC);
		break;
	case 3:
		process_vm_readv(getpid(), &mine, 1, &its, 1, 0);
		break;
	case 4:
		process_vm_writev(getpid(), &mine, 1, &its, 1, 0);
		break;
	case 5:
		if (pipe(pipes))
			break;
		fcntl(pipes[1], F_SETFL, O_NONBLOCK);
		vmsplice(pipes[1], &its, 1, SPLICE_F_NONBLOCK);
		close(pipes[0]);
		close(pipes[1]);
		break;
	}
	trace_end(f, 0, OK);
}

const struct operation ops_memory[] = {
	{ "map", 3, op_map, false },
	{ "unmap", 2, op_unmap, false },
	{ "protect", 2, op_protect, false },
	{ "remap", 1, op_remap, false },
	{ "touch", 4, op_touch, false },
	{ "odd", 1, op_odd, false },
	{ "shake", 2, arena_shake, true },
	{},
};
