/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of the kernel, counted. */
#ifndef SIM_KAPI_MEMORY_H
#define SIM_KAPI_MEMORY_H

#include <linux/slab.h>

struct kapi_memory_use {
	size_t bytes;
	size_t allocations;
};

struct kapi_memory_use kapi_memory_use(void);

#endif /* SIM_KAPI_MEMORY_H */
