/* SPDX-License-Identifier: GPL-2.0-only */
/* Argument structures of the driver: the rules that are the same for all of them. */
#ifndef DRIVER_FUZZ_ARGS_H
#define DRIVER_FUZZ_ARGS_H

#include "fuzz.h"

/* The longest argsz that is put in memory; so much may be written at that place. */
#define ARGS_LONGEST 1200

/**
 * struct args - an argument structure on its way
 * @size: of it
 * @first: of its first version
 * @address: where it has been put
 * @kind: what that place is
 * @argsz: what it says of its length
 * @known: how much of it the caller knows, and so the driver may write
 * @errors: what is wrong with it as such; 0: nothing
 * @tail: the bytes from the end of that on, before the call
 */
struct args {
	size_t size;
	size_t first;
	uint64_t address;
	const char *kind;
	uint32_t argsz;
	size_t known;
	answers errors;
	unsigned char tail[64];
};

/*
 * Put the structure @value of @size bytes, which begins with argsz, somewhere, with a
 * length that may be wrong and bytes behind it that may not be zero. @first is the
 * size of its first version. @value gets what the kernel will see.
 */
struct args args_put(struct fuzz *f, void *value, size_t size, size_t first);

/* Whether there is room for the answer. */
bool args_answerable(struct fuzz *f, const struct args *args);

/* After success: get the answer, and see that nothing was written but that. */
void args_get(struct fuzz *f, const struct args *args, void *value);

#endif /* DRIVER_FUZZ_ARGS_H */
