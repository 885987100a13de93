/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files and mappings, and in an exact round what is known of them. In a loose one
 * there are only numbers and addresses, which may be anything by now.
 */
#ifndef DRIVER_FUZZ_WORLD_H
#define DRIVER_FUZZ_WORLD_H

#include "fuzz.h"

#define WORLD_SLOTS 28
#define WORLD_ZONES 10
/* Room for a mapping to grow, too. */
#define WORLD_ZONE (2 * 4UL * 1024 * 1024)
/* More than a queue keeps: submitted and not yet read. */
#define WORLD_TAGS 4096

enum object_kind {
	OBJECT_DEVICE,
	OBJECT_QUEUE,
	OBJECT_OTHER,
};

/**
 * struct object - an open file description
 * @kind: of what
 * @refs: descriptors, mappings and messages that have it
 * @mode: O_ACCMODE of it
 * @nonblock: O_NONBLOCK
 * @queue: number
 * @pages: of its buffer
 * @entries: descriptors it holds
 * @patient: its time limits are the usual ones: nothing of it is lost
 * @hold: its last submission was a holding one
 * @submitted: items, so the next tag
 * @read: events
 * @pending: tags without an event
 */
struct object {
	enum object_kind kind;
	unsigned int refs;
	int mode;
	bool nonblock;
	unsigned int queue;
	size_t pages;
	unsigned int entries;
	bool patient;
	bool hold;
	uint64_t submitted;
	uint64_t read;
	bool pending[WORLD_TAGS];
};

/**
 * struct slot - a file descriptor
 * @fd: -1: none
 * @cloexec: close on exec
 * @object: NULL in a loose round
 */
struct slot {
	int fd;
	bool cloexec;
	struct object *object;
};

/**
 * struct zone - room for a mapping
 * @address: of the room
 * @start: first page that is mapped
 * @pages: mapped; 0: none
 * @offset: page of the file at @start
 * @prot: protection
 * @object: whose buffer it is; NULL in a loose round
 */
struct zone {
	char *address;
	size_t start;
	size_t pages;
	size_t offset;
	int prot;
	struct object *object;
};

/**
 * struct world - all that is known
 * @slots: files
 * @zones: mappings
 * @queues_up: bitmap
 * @entries: descriptors that each queue is configured to hold; 0: it is not used
 */
struct world {
	struct slot slots[WORLD_SLOTS];
	struct zone zones[WORLD_ZONES];
	uint64_t queues_up;
	unsigned int entries[DSA_SAMPLE_QUEUES];
};

struct world *world_make(void);
/* The queues are configured as after probe. */
void world_usual_config(struct world *world);

/* A descriptor of that kind if there is one (mostly), or of any; never NULL. */
struct slot *world_pick(struct fuzz *f, enum object_kind kind);
/* An empty slot; NULL if there is none, or something was emptied to make one. */
struct slot *world_free_slot(struct fuzz *f);
/* A zone that is mapped, or that is not; NULL. */
struct zone *world_zone(struct fuzz *f, bool mapped);

/* A new file, with one reference. */
struct object *object_new(enum object_kind kind, int mode);
struct object *object_get(struct object *object);
/* The last one takes a queue down. */
void object_put(struct fuzz *f, struct object *object);

/* Put a descriptor in @slot; takes over the reference. A bad @fd is passed over. */
void slot_fill(struct slot *slot, int fd, bool cloexec, struct object *object);
/* Close it. */
void slot_close(struct fuzz *f, struct slot *slot);
/* Unmap all of it. */
void zone_unmap(struct fuzz *f, struct zone *zone);

/* Exact rounds: whether this address is in a queue's buffer that is mapped to read and write. */
bool world_accessible(struct fuzz *f, uint64_t address);
/* Such memory of a queue without work, or 0. */
uint64_t world_quiet_memory(struct fuzz *f, size_t size);

#endif /* DRIVER_FUZZ_WORLD_H */
