/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory with rights for each page, in front of a device: really, through dma_map.h, and
 * as bytes in an array, for the reference.
 */
#ifndef TESTS_FUZZ_DESCRIPTORS_ARENA_H
#define TESTS_FUZZ_DESCRIPTORS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"
#include "dma_map.h"

#define ARENA_PAGE 4096ULL
/* Pages 0 to 3 follow each other; page 4 is the last of all addresses. */
#define ARENA_LOW_PAGES 4U
#define ARENA_PAGES 5U
#define ARENA_BASE 0x10000ULL
#define ARENA_TOP (0 - ARENA_PAGE)
/*
 * Pages 0 and 2 again and again, always readable and writable: for operations longer
 * than what the device does in one piece.
 */
#define ARENA_ALIAS_BASE 0x100000ULL
#define ARENA_ALIAS_PAGES 32U
/* Pages of the files that are never mapped. */
#define ARENA_GUARDS 3U

/* Rights are DMA_PROT_*; 0: not mapped. */
struct arena_layout {
	uint8_t rights[ARENA_PAGES];
	bool loose; /* odd pages in a file that can shrink */
};

/* What the memory should hold. */
struct arena_image {
	uint8_t page[ARENA_PAGES][ARENA_PAGE];
};

/* What the host saw. */
struct arena_counts {
	uint64_t messages;
	uint64_t reads;
	uint64_t writes;
};

/* The device's way to it. The second has no dma_copy. */
extern const struct dsa_host_ops arena_ops[2];

/* Once. Ends the program if that cannot be done. */
void arena_create(void);
/* Rights as in @layout from now on. */
void arena_lay_out(const struct arena_layout *layout);
/* Put @image into the files. */
void arena_load(const struct arena_image *image);
/* The first byte that differs from @image, as an address; false: there is none. */
bool arena_differs(const struct arena_image *image, uint64_t *address);
/* Has something written where nothing is mapped? */
bool arena_guards_broken(void);

/* The real byte at @address, NULL where there is none. */
uint8_t *arena_real(uint64_t address);
/* The byte of @image at @address, if the layout allows all of @need; otherwise NULL. */
uint8_t *arena_byte(struct arena_image *image, uint64_t address, uint32_t need);

struct arena_counts arena_counts(void);

#endif /* TESTS_FUZZ_DESCRIPTORS_ARENA_H */
