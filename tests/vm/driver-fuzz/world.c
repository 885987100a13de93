// SPDX-License-Identifier: GPL-2.0-only
/* Files and mappings, and what is known of them. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "world.h"

void world_usual_config(struct world *world)
{
	unsigned int i;

	for (i = 0; i < DSA_SAMPLE_QUEUES; i++)
		world->entries[i] = i < fuzz_info.queues ? fuzz_info.queue_entries : 0;
}

struct world *world_make(void)
{
	struct world *world = calloc(1, sizeof(*world));
	char *room;
	size_t i;

	if (!world)
		return NULL;
	room = mmap(NULL, WORLD_ZONES * WORLD_ZONE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	for (i = 0; i < WORLD_ZONES; i++)
		world->zones[i].address = room + i * WORLD_ZONE;
	for (i = 0; i < WORLD_SLOTS; i++)
		world->slots[i].fd = -1;
	world_usual_config(world);
	return world;
}

/* ---- Files ------------------------------------------------------------------- */

struct object *object_new(enum object_kind kind, int mode)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object)
		abort();
	object->kind = kind;
	object->refs = 1;
	object->mode = mode;
	return object;
}

struct object *object_get(struct object *object)
{
	if (object)
		object->refs++;
	return object;
}

void object_put(struct fuzz *f, struct object *object)
{
	if (!object || --object->refs)
		return;
	if (object->kind == OBJECT_QUEUE)
		f->world->queues_up &= ~(1ULL << object->queue);
	free(object);
}

static int slot_fd(const struct slot *slot)
{
	return __atomic_load_n(&slot->fd, __ATOMIC_RELAXED);
}

struct slot *world_pick(struct fuzz *f, enum object_kind kind)
{
	struct slot *slots = f->world->slots;
	size_t first = fuzz_below(f, WORLD_SLOTS), i;
	bool strict = !fuzz_one_in(f, 20);

	for (i = 0; i < WORLD_SLOTS; i++) {
		struct slot *slot = &slots[(first + i) % WORLD_SLOTS];

		if (slot_fd(slot) < 0)
			continue;
		if (!f->exact || !strict || slot->object->kind == kind)
			return slot;
	}
	return &slots[first];
}

struct slot *world_free_slot(struct fuzz *f)
{
	size_t first = fuzz_below(f, WORLD_SLOTS), i;

	for (i = 0; i < WORLD_SLOTS; i++) {
		struct slot *slot = &f->world->slots[(first + i) % WORLD_SLOTS];

		if (slot_fd(slot) < 0)
			return slot;
	}
	slot_close(f, &f->world->slots[first]);
	return f->exact ? &f->world->slots[first] : NULL;
}

void slot_fill(struct slot *slot, int fd, bool cloexec, struct object *object)
{
	if (fd < 0)
		return;
	slot->cloexec = cloexec;
	slot->object = object;
	__atomic_store_n(&slot->fd, fd, __ATOMIC_RELAXED);
}

void slot_close(struct fuzz *f, struct slot *slot)
{
	int fd = __atomic_exchange_n(&slot->fd, -1, __ATOMIC_RELAXED);
	int ret;

	if (fd < 0)
		return;
	trace_begin(f, "close", NULL, fd, 0, 0, 0);
	ret = close(fd);
	trace_end(f, ret, f->exact ? OK : OK | E(9));
	object_put(f, slot->object);
	slot->object = NULL;
}

/* ---- Mappings ---------------------------------------------------------------- */

struct zone *world_zone(struct fuzz *f, bool mapped)
{
	size_t first = fuzz_below(f, WORLD_ZONES), i;

	if (!f->exact)
		return &f->world->zones[first];
	for (i = 0; i < WORLD_ZONES; i++) {
		struct zone *zone = &f->world->zones[(first + i) % WORLD_ZONES];

		if (!zone->pages == !mapped)
			return zone;
	}
	return NULL;
}

void zone_unmap(struct fuzz *f, struct zone *zone)
{
	void *ret;

	trace_begin(f, "unmap", NULL, (uintptr_t)zone->address, zone->start, zone->pages, 0);
	/* Not munmap(): others must not find room there. */
	ret = mmap(zone->address, WORLD_ZONE, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	trace_end(f, ret == MAP_FAILED ? -1 : 0, OK);
	zone->pages = 0;
	object_put(f, zone->object);
	zone->object = NULL;
}

bool world_accessible(struct fuzz *f, uint64_t address)
{
	size_t i, page;

	if (!f->exact)
		return false;
	for (i = 0; i < WORLD_ZONES; i++) {
		const struct zone *zone = &f->world->zones[i];
		uint64_t first = (uintptr_t)zone->address + zone->start * FUZZ_PAGE;

		if (!zone->pages || address < first)
			continue;
		page = (address - first) / FUZZ_PAGE;
		if (page < zone->pages)
			return zone->prot & PROT_READ && zone->prot & PROT_WRITE &&
			       zone->offset + page < zone->object->pages;
	}
	return false;
}

uint64_t world_quiet_memory(struct fuzz *f, size_t size)
{
	struct zone *zone = world_zone(f, true);
	uint64_t first;

	if (!zone || zone->object->submitted != zone->object->read || !zone->object->patient)
		return 0;
	first = (uintptr_t)zone->address + zone->start * FUZZ_PAGE;
	if (!world_accessible(f, first))
		return 0;
	return first + fuzz_below(f, FUZZ_PAGE - size + 1);
}
