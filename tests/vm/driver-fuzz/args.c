// SPDX-License-Identifier: GPL-2.0-only
/* Argument structures of the driver. */
#include <errno.h>
#include <string.h>

#include "args.h"
#include "arena.h"

static uint32_t length_choose(struct fuzz *f, size_t size, size_t first)
{
	uint32_t length;

	if (!fuzz_one_in(f, 6))
		return size;
	switch (fuzz_below(f, 9)) {
	case 0:
		return 0;
	case 7:
		/* As older programs do, if there have been older versions. */
		return first + fuzz_below(f, size - first + 1);
	case 1:
		return first - 1;
	case 2:
		return fuzz_below(f, first);
	case 3:
		return size + 1 + fuzz_below(f, 15);
	case 4:
		return size + fuzz_below(f, ARGS_LONGEST - size);
	case 5:
		return FUZZ_PAGE + 1;
	case 6:
		return 0xffffffff;
	default:
		length = fuzz_random(f);
		/* What is behind the longest is not known. */
		return length > ARGS_LONGEST && length <= FUZZ_PAGE ? FUZZ_PAGE + 1 : length;
	}
}

struct args args_put(struct fuzz *f, void *value, size_t size, size_t first)
{
	struct args args = { .size = size, .first = first };
	unsigned char bytes[ARGS_LONGEST] = {};
	struct place place;
	size_t length, i;
	bool dirty;

	args.argsz = length_choose(f, size, first);
	length = args.argsz > size && args.argsz <= ARGS_LONGEST ? args.argsz : size;
	memcpy(value, &args.argsz, sizeof(args.argsz));
	memcpy(bytes, value, size);
	/* That is not the driver's: it must stay as it is. */
	memset(bytes + length, 0x5a, ARGS_LONGEST - length);
	dirty = fuzz_one_in(f, 3);
	if (length > size && dirty)
		bytes[size + fuzz_below(f, length - size)] = 1 + fuzz_below(f, 255);

	place = arena_place(f, ARGS_LONGEST, f->exact ? 8 : 3);
	args.address = place.address;
	args.kind = place.kind;
	arena_poke(f, args.address, bytes, ARGS_LONGEST);
	args.known = args.argsz < first || args.argsz > size ? size : args.argsz;
	arena_peek(f, args.address + args.known, args.tail, sizeof(args.tail));

	if (arena_readable(f, args.address, sizeof(args.argsz)) < sizeof(args.argsz)) {
		args.errors = E(EFAULT);
		return args;
	}
	if (args.argsz < first)
		args.errors |= E(EINVAL);
	if (args.argsz > ARGS_LONGEST)
		args.errors |= E(E2BIG) | E(EFAULT);
	else if (arena_readable(f, args.address, args.argsz) < args.argsz)
		args.errors |= E(EFAULT);
	for (i = size; i < args.argsz && i < ARGS_LONGEST; i++)
		if (bytes[i] && arena_readable(f, args.address, i + 1) > i)
			args.errors |= E(E2BIG);
	/* Shorter than the structure, but no shorter than its first version. */
	if (args.argsz < size && args.argsz >= first)
		memset((char *)value + args.argsz, 0, size - args.argsz);
	return args;
}

bool args_answerable(struct fuzz *f, const struct args *args)
{
	return arena_writable(f, args->address, args->known) == args->known;
}

void args_get(struct fuzz *f, const struct args *args, void *value)
{
	unsigned char tail[sizeof(args->tail)];
	uint32_t argsz;

	if (!f->exact)
		return;
	arena_peek(f, args->address, value, args->known);
	memcpy(&argsz, value, sizeof(argsz));
	if (argsz != args->size)
		fuzz_fail(f, "argsz %u came back as %u, not as %zu", args->argsz, argsz,
			  args->size);
	arena_peek(f, args->address + args->known, tail, sizeof(tail));
	if (memcmp(tail, args->tail, sizeof(tail)))
		fuzz_fail(f, "the driver wrote behind the structure it was given");
}
