/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux irqs: what kernel/irq/ does, as far as interrupts can get lost in it. */
#ifndef SIM_KAPI_IRQ_H
#define SIM_KAPI_IRQ_H

#include <linux/irqdesc.h>

/* The line's; messages have irqs from there on. */
#define KAPI_INTX_IRQ 16

/**
 * kapi_irq_alloc() - a Linux irq for an MSI descriptor
 * @msi_desc: its @irq is set
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int kapi_irq_alloc(struct msi_desc *msi_desc);
/* What waits in it is lost. */
void kapi_irq_free(unsigned int irq);
struct irq_desc *kapi_irq_desc(unsigned int irq);

/* A CPU has accepted the message and looked its vector up. */
void kapi_irq_handle_edge(struct irq_desc *desc);
/*
 * In a handler: true if this eventfd_signal() has to wait, because it is to
 * stall there.
 */
bool kapi_irq_stall_signal(struct eventfd_ctx *ctx);
/* Stalled handlers go on. */
void kapi_irq_resume_all(void);

/* Move to another CPU, now or as soon as the irq's lock is free. */
void kapi_irq_move(unsigned int irq);
void kapi_irq_moves_run(void);

/* The line may have changed, or its masking: handle it if it is due. */
void kapi_irq_line_run(void);

struct kapi_irq_use {
	unsigned int irqs;
	unsigned int requested;
	unsigned int enabled;
};

struct kapi_irq_use kapi_irq_use(void);
const char *kapi_irq_name(unsigned int irq);
int kapi_irqs_start(void);
void kapi_irqs_stop(void);

#endif /* SIM_KAPI_IRQ_H */
