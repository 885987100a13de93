/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: struct irq_desc. */
#ifndef KAPI_LINUX_IRQDESC_H
#define KAPI_LINUX_IRQDESC_H

#include <linux/irq.h>

struct irqaction;
struct eventfd_ctx;

/* Where a handler that another CPU runs stands still (see kapi/cpu.h). */
enum kapi_stall {
	KAPI_RUNNING,
	KAPI_STALLED_ENTRY, /* its first instruction is still to come */
	KAPI_STALLED_SIGNAL, /* its eventfd_signal() is still to come */
};

/**
 * struct irq_desc - one Linux irq
 * @lock: as in the kernel: flow handlers, affinity, state
 * @tot_count: interrupts the flow handler let through
 * @depth: disabled while > 0
 * @status: flags of irq_set_status_flags()
 * @level: a line, not a message
 * @started: irq_startup() done
 * @activated: has a CPU vector, and a message that names it
 * @masked: at the device, as far as this kernel knows
 * @pending: an interrupt came that could not be handled (IRQS_PENDING)
 * @in_progress: a handler runs
 * @stall, @stalled_action, @stalled_signal: where it stands still, if it does
 * @cpu, @vector: where its messages go while @activated, or went last
 */
struct irq_desc {
	raw_spinlock_t lock;
	struct irq_data irq_data;
	unsigned int tot_count;
	unsigned int depth;
	unsigned long status;
	bool level;
	bool started;
	bool activated;
	bool masked;
	bool pending;
	bool in_progress;
	enum kapi_stall stall;
	struct irqaction *action;
	struct irqaction *stalled_action;
	struct eventfd_ctx *stalled_signal;
	struct msi_desc *msi_desc;
	unsigned int cpu;
	unsigned int vector;
};

static inline struct irq_desc *irq_data_to_desc(struct irq_data *data)
{
	return container_of(data, struct irq_desc, irq_data);
}

#endif /* KAPI_LINUX_IRQDESC_H */
