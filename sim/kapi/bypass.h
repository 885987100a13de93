/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt bypass: irqs that are posted to a guest without the host's handler. */
#ifndef SIM_KAPI_BYPASS_H
#define SIM_KAPI_BYPASS_H

#include <linux/types.h>

struct eventfd_ctx;

/* A message of @irq arrives: true if it was posted. */
bool kapi_bypass_post(unsigned int irq);
/* Interrupts posted to the eventfd's consumer since the last call. */
u64 kapi_bypass_take(struct eventfd_ctx *ctx);
unsigned int kapi_bypass_producers(void);
/* Memory is freed: a producer in it is a fault. */
void kapi_bypass_freed(const void *memory, size_t size);
void kapi_bypass_reset(void);

#endif /* SIM_KAPI_BYPASS_H */
