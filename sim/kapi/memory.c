// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc() and friends on malloc(), with a header that knows the size. */
#include <stdarg.h>
#include <stdlib.h>

#include <linux/lockdep.h>

#include "bypass.h"
#include "fault.h"
#include "memory.h"
#include "point.h"

#define LIVE 0x6b6d656dU
#define DEAD 0x64656164U
#define POISON 0x6b

struct header {
	size_t size;
	u32 magic;
} __aligned(16);

static struct kapi_memory_use use;

static void *alloc(size_t size, gfp_t flags)
{
	struct header *header = malloc(sizeof(*header) + size);

	if (!header)
		return NULL;
	header->size = size;
	header->magic = LIVE;
	memset(header + 1, flags & __GFP_ZERO ? 0 : POISON, size);
	use.bytes += size;
	use.allocations++;
	return header + 1;
}

void *kapi_alloc(size_t n, size_t size, gfp_t flags, const char *what)
{
	void *memory = NULL;

	if (flags & __GFP_DIRECT_RECLAIM)
		kapi_might_sleep(what);
	if (!kapi_enter(what, -ENOMEM) && (!n || size <= SIZE_MAX / 2 / n))
		memory = alloc(n * size, flags);
	kapi_leave();
	return memory;
}

static void release(void *memory, const char *what)
{
	struct header *header = (struct header *)memory - 1;

	if (header->magic != LIVE) {
		kapi_fault("%s: no memory of the kernel, or freed before", what);
		return;
	}
	kapi_bypass_freed(memory, header->size);
	use.bytes -= header->size;
	use.allocations--;
	memset(memory, POISON, header->size);
	header->magic = DEAD;
	free(header);
}

void kapi_free(const void *memory, const char *what)
{
	kapi_enter(what, 0);
	if (memory)
		release((void *)memory, what);
	kapi_leave();
}

char *kapi_asprintf(gfp_t flags, const char *format, ...)
{
	char *text = NULL, *copy = NULL;
	va_list ap;

	kapi_might_sleep("kasprintf");
	if (!kapi_enter("kasprintf", -ENOMEM)) {
		va_start(ap, format);
		if (vasprintf(&text, format, ap) < 0)
			text = NULL;
		va_end(ap);
	}
	if (text) {
		copy = alloc(strlen(text) + 1, flags);
		if (copy)
			strcpy(copy, text);
		free(text);
	}
	kapi_leave();
	return copy;
}

struct kapi_memory_use kapi_memory_use(void)
{
	return use;
}
