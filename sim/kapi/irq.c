// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux irqs: request, free, enable, and the flow handlers.
 *
 * What matters here is where an interrupt can be lost and where it is kept. It
 * is kept: by the device while its entry is masked; as pending while the irq is
 * disabled or without an action, for whoever enables it next. It is lost: in a
 * CPU that has accepted it while free_irq() takes the irq's CPU vector away; as
 * pending in an irq that is given back.
 */
#include <errno.h>

#include <linux/msi.h>
#include <linux/slab.h>

#include "cpu.h"
#include "fault.h"
#include "files.h"
#include "irq.h"
#include "machine.h"
#include "msi.h"
#include "pci.h"
#include "point.h"

#define FIRST_IRQ 32
#define IRQS (FIRST_IRQ + 2048)

struct irqaction {
	irq_handler_t handler;
	void *dev_id;
	unsigned long flags;
	const char *name;
};

static struct irq_desc *descs[IRQS];
static unsigned int irq_count;
static unsigned int lowest = FIRST_IRQ;
static unsigned int stalled;
static struct irq_desc *moving;
/* Whose handler is being run, to stall at its eventfd_signal(). */
static struct irq_desc *handling;

struct irq_desc *kapi_irq_desc(unsigned int irq)
{
	return irq < IRQS ? descs[irq] : NULL;
}

/* ---- Chips ------------------------------------------------------------------- */

static void chip_mask(struct irq_desc *desc)
{
	desc->masked = true;
	if (desc->msi_desc)
		kapi_msi_mask(desc->msi_desc, true);
}

static void chip_unmask(struct irq_desc *desc)
{
	desc->masked = false;
	if (desc->msi_desc)
		kapi_msi_mask(desc->msi_desc, false);
}

static int activate(struct irq_desc *desc)
{
	int ret;

	if (desc->activated || desc->level)
		return 0;
	ret = kapi_vector_alloc(desc);
	if (ret)
		return ret;
	desc->activated = true;
	kapi_msi_compose(desc->msi_desc, kapi_message_address(desc), kapi_message_data(desc));
	return 0;
}

static void deactivate(struct irq_desc *desc)
{
	if (!desc->activated)
		return;
	desc->activated = false;
	kapi_vector_free(desc);
	kapi_msi_compose(desc->msi_desc, 0, 0);
}

/* ---- Handlers ------------------------------------------------------------------ */

static bool disabled(const struct irq_desc *desc)
{
	return desc->depth > 0;
}

/* One run of the action; false if it stands still. */
static bool run_action(struct irq_desc *desc)
{
	enum kapi_stall stall = kapi_cpu_take_stall();

	desc->pending = false;
	desc->in_progress = true;
	if (stall == KAPI_STALLED_ENTRY) {
		desc->stall = stall;
		desc->stalled_action = desc->action;
		stalled++;
		return false;
	}

	if (stall == KAPI_STALLED_SIGNAL)
		handling = desc;
	desc->action->handler(desc->irq_data.irq, desc->action->dev_id);
	handling = NULL;
	if (desc->stall != KAPI_RUNNING)
		return false;
	desc->in_progress = false;
	return true;
}

static void run_while_pending(struct irq_desc *desc)
{
	do {
		if (!desc->action) {
			chip_mask(desc);
			return;
		}
		if (desc->pending && !disabled(desc) && desc->masked)
			chip_unmask(desc);
		if (!run_action(desc))
			return;
	} while (desc->pending && !disabled(desc));
}

void kapi_irq_handle_edge(struct irq_desc *desc)
{
	/* Nobody who looks at the irq's state is in the middle of it. */
	if (desc->lock.kapi.owner)
		kapi_fault("irq %u is handled with its lock held", desc->irq_data.irq);

	if (desc->in_progress || disabled(desc) || !desc->action) {
		desc->pending = true;
		chip_mask(desc);
		return;
	}
	desc->tot_count++;
	run_while_pending(desc);
}

bool kapi_irq_stall_signal(struct eventfd_ctx *ctx)
{
	if (!handling)
		return false;
	handling->stall = KAPI_STALLED_SIGNAL;
	handling->stalled_signal = ctx;
	handling = NULL;
	stalled++;
	return true;
}

static void resume(struct irq_desc *desc)
{
	struct kapi_cpu *before;
	enum kapi_stall stall = desc->stall;

	if (stall == KAPI_RUNNING)
		return;

	desc->stall = KAPI_RUNNING;
	stalled--;
	before = kapi_cpu_switch();
	kapi_cpu->hardirq = true;
	kapi_cpu->irqs_off = true;
	if (stall == KAPI_STALLED_ENTRY)
		desc->stalled_action->handler(desc->irq_data.irq, desc->stalled_action->dev_id);
	else
		kapi_eventfd_add(desc->stalled_signal, 1);
	desc->in_progress = false;
	if (desc->pending && !disabled(desc))
		run_while_pending(desc);
	kapi_cpu->irqs_off = false;
	kapi_cpu->hardirq = false;
	kapi_cpu_switch_back(before);
}

void kapi_irq_resume_all(void)
{
	unsigned int irq;

	for (irq = 0; stalled && irq < IRQS; irq++)
		if (descs[irq])
			resume(descs[irq]);
}

/* ---- The line -------------------------------------------------------------------- */

void kapi_irq_line_run(void)
{
	struct irq_desc *desc = descs[KAPI_INTX_IRQ];
	unsigned int rounds = 0;
	struct kapi_cpu *before;

	if (!desc)
		return;
	before = kapi_cpu_switch();
	kapi_cpu->hardirq = true;
	kapi_cpu->irqs_off = true;
	while (kapi_pci_line() && desc->action && !disabled(desc) && !desc->in_progress) {
		if (rounds++ == 4) {
			kapi_fault("INTx: handled and still asserted, unmasked and enabled");
			break;
		}
		desc->tot_count++;
		if (!run_action(desc))
			break;
	}
	kapi_cpu->irqs_off = false;
	kapi_cpu->hardirq = false;
	kapi_cpu_switch_back(before);
}

/* ---- Start, shutdown ---------------------------------------------------------------- */

/* A message that came while nobody could handle it comes again. */
static void resend(struct irq_desc *desc)
{
	if (desc->pending && !desc->level) {
		desc->pending = false;
		kapi_cpu_retrigger(desc);
	}
}

static void startup(struct irq_desc *desc)
{
	desc->depth = 0;
	desc->started = true;
	if (activate(desc)) {
		kapi_fault("no CPU vector left when irq %u is enabled", desc->irq_data.irq);
		return;
	}
	chip_unmask(desc);
	kapi_step("irq_startup: unmasked");
	resend(desc);
}

static void shut_down(struct irq_desc *desc)
{
	desc->depth = 1;
	desc->started = false;
	chip_mask(desc);
}

static struct irqaction *new_action(irq_handler_t handler, unsigned long flags,
				    const char *name, void *dev_id)
{
	struct irqaction *action = kzalloc(sizeof(*action), GFP_KERNEL);

	if (action)
		*action = (struct irqaction){ handler, dev_id, flags, name };
	return action;
}

static int do_request(unsigned int irq, irq_handler_t handler, unsigned long irqflags,
		      const char *name, void *dev_id)
{
	struct irq_desc *desc = kapi_irq_desc(irq);
	struct irqaction *action;
	unsigned long flags;
	int ret;

	if (irq == IRQ_NOTCONNECTED)
		return -ENOTCONN;
	if (!desc || !handler ||
	    ((irqflags & IRQF_SHARED) && (!dev_id || (irqflags & IRQF_NO_AUTOEN))))
		return -EINVAL;
	if (desc->action)
		return -EBUSY;

	action = new_action(handler, irqflags, name, dev_id);
	if (!action)
		return -ENOMEM;

	raw_spin_lock_irqsave(&desc->lock, flags);
	ret = activate(desc);
	if (!ret) {
		desc->action = action;
		if (irqflags & IRQF_NO_AUTOEN)
			desc->depth = 1;
		else
			startup(desc);
	}
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	if (ret)
		kfree(action);
	return ret;
}

int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
		const char *name, void *dev_id)
{
	int ret;

	kapi_might_sleep("request_irq");
	ret = kapi_enter("request_irq", -ENOSPC);
	if (!ret) {
		ret = do_request(irq, handler, flags, name, dev_id);
		kapi_cpu_run();
	}
	kapi_leave();
	return ret;
}

static const void *do_free(struct irq_desc *desc, void *dev_id)
{
	struct irqaction *action = desc ? desc->action : NULL;
	unsigned long flags;
	const char *name;

	if (!action || action->dev_id != dev_id) {
		kapi_fault("free_irq: irq %u is not requested with this dev_id",
			   desc ? desc->irq_data.irq : 0);
		return NULL;
	}

	raw_spin_lock_irqsave(&desc->lock, flags);
	desc->action = NULL;
	desc->status &= ~IRQ_DISABLE_UNLAZY;
	shut_down(desc);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	kapi_step("free_irq: shut down");

	/* Waits for a handler, and knows nothing of what a CPU has just accepted. */
	resume(desc);
	kapi_step("free_irq: no handler runs");

	raw_spin_lock_irqsave(&desc->lock, flags);
	deactivate(desc);
	raw_spin_unlock_irqrestore(&desc->lock, flags);

	name = action->name;
	kfree(action);
	return name;
}

const void *free_irq(unsigned int irq, void *dev_id)
{
	const void *name;

	kapi_might_sleep("free_irq");
	kapi_enter("free_irq", 0);
	name = do_free(kapi_irq_desc(irq), dev_id);
	kapi_leave();
	return name;
}

/* ---- Enable, disable -------------------------------------------------------------------- */

void enable_irq(unsigned int irq)
{
	struct irq_desc *desc = kapi_irq_desc(irq);
	unsigned long flags;

	kapi_enter("enable_irq", 0);
	if (!desc || !desc->depth) {
		kapi_fault("unbalanced enable_irq(%u)", irq);
		goto out;
	}
	raw_spin_lock_irqsave(&desc->lock, flags);
	if (desc->depth > 1) {
		desc->depth--;
	} else if (!desc->started) {
		startup(desc);
	} else {
		desc->depth = 0;
		chip_unmask(desc);
		resend(desc);
	}
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	kapi_cpu_run();
out:
	kapi_leave();
}

static void disable(unsigned int irq, const char *what, bool wait)
{
	struct irq_desc *desc = kapi_irq_desc(irq);
	unsigned long flags;

	kapi_enter(what, 0);
	if (desc) {
		raw_spin_lock_irqsave(&desc->lock, flags);
		/* Lazily: a message masks the irq when it comes. */
		if (!desc->depth++ && (desc->status & IRQ_DISABLE_UNLAZY))
			chip_mask(desc);
		raw_spin_unlock_irqrestore(&desc->lock, flags);
		if (wait)
			resume(desc);
	}
	kapi_leave();
}

void disable_irq_nosync(unsigned int irq)
{
	disable(irq, "disable_irq_nosync", false);
}

void disable_irq(unsigned int irq)
{
	kapi_might_sleep("disable_irq");
	disable(irq, "disable_irq", true);
}

void synchronize_irq(unsigned int irq)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	kapi_might_sleep("synchronize_irq");
	kapi_enter("synchronize_irq", 0);
	if (desc)
		resume(desc);
	kapi_leave();
}

void irq_set_status_flags(unsigned int irq, unsigned long set)
{
	kapi_enter("irq_set_status_flags", 0);
	if (kapi_irq_desc(irq))
		descs[irq]->status |= set;
	kapi_leave();
}

void irq_clear_status_flags(unsigned int irq, unsigned long clear)
{
	kapi_enter("irq_clear_status_flags", 0);
	if (kapi_irq_desc(irq))
		descs[irq]->status &= ~clear;
	kapi_leave();
}

struct irq_data *irq_get_irq_data(unsigned int irq)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	return desc ? &desc->irq_data : NULL;
}

struct msi_desc *irq_get_msi_desc(unsigned int irq)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	return desc ? desc->msi_desc : NULL;
}

/* ---- Affinity ------------------------------------------------------------------------------ */

void kapi_irq_move(unsigned int irq)
{
	moving = kapi_irq_desc(irq);
	kapi_cpu_run();
}

void kapi_irq_moves_run(void)
{
	struct irq_desc *desc = moving;
	struct kapi_cpu *before;

	moving = NULL;
	if (!desc || !desc->activated)
		return;
	before = kapi_cpu_switch();
	if (!kapi_vector_move(desc))
		kapi_msi_compose(desc->msi_desc, kapi_message_address(desc),
				 kapi_message_data(desc));
	kapi_cpu_switch_back(before);
}

/* ---- Allocation ------------------------------------------------------------------------------ */

static struct irq_desc *new_desc(unsigned int irq)
{
	struct irq_desc *desc = kzalloc(sizeof(*desc), GFP_KERNEL);

	if (!desc)
		return NULL;
	kapi_lock_init(&desc->lock.kapi, KAPI_SPINLOCK, "irq_desc->lock");
	desc->irq_data.irq = irq;
	desc->depth = 1;
	desc->masked = true;
	descs[irq] = desc;
	return desc;
}

int kapi_irq_alloc(struct msi_desc *msi_desc)
{
	struct irq_desc *desc;
	unsigned int irq;

	if (machine.options.irqs && irq_count >= machine.options.irqs)
		return -ENOSPC;
	for (irq = lowest; irq < IRQS && descs[irq]; irq++)
		;
	if (irq == IRQS)
		return -ENOSPC;
	desc = new_desc(irq);
	if (!desc)
		return -ENOMEM;
	desc->msi_desc = msi_desc;
	msi_desc->irq = irq;
	lowest = irq + 1;
	irq_count++;
	return 0;
}

void kapi_irq_free(unsigned int irq)
{
	struct irq_desc *desc = descs[irq];

	if (desc->action) {
		kapi_fault("irq %u is given back with a handler", irq);
		kfree(desc->action);
		shut_down(desc);
	}
	if (desc->stall != KAPI_RUNNING)
		resume(desc);
	if (moving == desc)
		moving = NULL;
	deactivate(desc);
	descs[irq] = NULL;
	if (irq < lowest)
		lowest = irq;
	irq_count--;
	kfree(desc);
}

struct kapi_irq_use kapi_irq_use(void)
{
	struct kapi_irq_use use = { .irqs = irq_count };
	unsigned int irq, seen = 0;

	for (irq = FIRST_IRQ; irq < IRQS && seen < irq_count; irq++) {
		if (!descs[irq])
			continue;
		seen++;
		use.requested += !!descs[irq]->action;
		use.enabled += !descs[irq]->depth;
	}
	if (descs[KAPI_INTX_IRQ] && descs[KAPI_INTX_IRQ]->action) {
		use.requested++;
		use.enabled += !descs[KAPI_INTX_IRQ]->depth;
	}
	return use;
}

const char *kapi_irq_name(unsigned int irq)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	return desc && desc->action ? desc->action->name : NULL;
}

int kapi_irqs_start(void)
{
	struct irq_desc *desc = new_desc(KAPI_INTX_IRQ);

	if (!desc)
		return -ENOMEM;
	desc->level = true;
	return 0;
}

void kapi_irqs_stop(void)
{
	struct irq_desc *desc = descs[KAPI_INTX_IRQ];

	if (desc->action) {
		kapi_fault("INTx is still requested");
		kfree(desc->action);
	}
	descs[KAPI_INTX_IRQ] = NULL;
	kfree(desc);
	stalled = 0;
	moving = NULL;
	handling = NULL;
}
