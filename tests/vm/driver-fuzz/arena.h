/* SPDX-License-Identifier: GPL-2.0-only */
/* User memory of which it is known what can be read and written. */
#ifndef DRIVER_FUZZ_ARENA_H
#define DRIVER_FUZZ_ARENA_H

#include "fuzz.h"

/**
 * struct place - where arguments are
 * @address: of user space's choice
 * @kind: in words
 */
struct place {
	uint64_t address;
	const char *kind;
};

struct arena *arena_make(void);
/* A place for @size bytes; one in @bad times a bad one. */
struct place arena_place(struct fuzz *f, size_t size, unsigned int bad);
/* A good place for up to 64 KiB, followed by an unmapped page. */
uint64_t arena_room(struct fuzz *f, size_t size);

/* How many of @size bytes from @address on the kernel can read, or write. */
size_t arena_readable(struct fuzz *f, uint64_t address, size_t size);
size_t arena_writable(struct fuzz *f, uint64_t address, size_t size);

/*
 * Put bytes there, or get them, whatever the protection; nothing where there is
 * no memory of ours.
 */
void arena_poke(struct fuzz *f, uint64_t address, const void *bytes, size_t size);
void arena_peek(struct fuzz *f, uint64_t address, void *bytes, size_t size);

/* Change the protection of a random page, or take it away: for loose rounds. */
void arena_shake(struct fuzz *f);

#endif /* DRIVER_FUZZ_ARENA_H */
