// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs and their vectors, as on x86 without interrupt remapping.
 *
 * A CPU vector handed out is one that was not used just before, as when other
 * devices ask for vectors too. With sim_options.same_vector an irq gets the one
 * back that it had, and a message waiting there is kept: what Linux 6.12 does in
 * the lucky case.
 */
#include <errno.h>

#include "../sim.h"
#include "bypass.h"
#include "cpu.h"
#include "fault.h"
#include "irq.h"
#include "machine.h"

#define CPUS 16 /* CPU 0 gets no interrupts */
#define FIRST_VECTOR 0x30
#define VECTORS 0xec
#define MSI_BASE 0xfee00000U
#define MSI_CPU_SHIFT 12

struct kapi_cpu kapi_op_cpu = { .name = "operation" };
struct kapi_cpu kapi_irq_cpu = { .name = "interrupt" };
struct kapi_cpu *kapi_cpu = &kapi_op_cpu;

struct slot {
	struct irq_desc *desc;
	bool irr;
};

static struct slot slots[CPUS][VECTORS];
static bool held[CPUS];
static unsigned int used;
/* Bits set in IRRs, in the order in which they were. */
static struct place {
	u8 cpu;
	u8 vector;
} queue[CPUS * VECTORS];
static unsigned int waiting;
static unsigned int next_cpu = 1;
static unsigned int next_vector = FIRST_VECTOR;
static bool running;
static enum kapi_stall armed;

struct kapi_cpu *kapi_cpu_switch(void)
{
	struct kapi_cpu *before = kapi_cpu;

	kapi_cpu = &kapi_irq_cpu;
	return before;
}

void kapi_cpu_switch_back(struct kapi_cpu *before)
{
	if (kapi_cpu->spinlocks && before != kapi_cpu)
		kapi_fault("the handler returned with %s held", kapi_cpu->held[0]->name);
	kapi_cpu = before;
}

/* ---- IRRs ------------------------------------------------------------------ */

static void accept(unsigned int cpu, unsigned int vector)
{
	struct slot *slot = &slots[cpu][vector];

	if (!slot->irr)
		queue[waiting++] = (struct place){ cpu, vector };
	slot->irr = true;
}

static void withdraw(struct slot *slot)
{
	unsigned int i;

	slot->irr = false;
	for (i = 0; i < waiting; i++)
		if (&slots[queue[i].cpu][queue[i].vector] == slot)
			break;
	waiting--;
	memmove(&queue[i], &queue[i + 1], (waiting - i) * sizeof(queue[0]));
}

/* ---- Vectors --------------------------------------------------------------- */

static void advance(void)
{
	if (++next_cpu < CPUS)
		return;
	next_cpu = 1;
	if (++next_vector == VECTORS)
		next_vector = FIRST_VECTOR;
}

static void assign(struct irq_desc *desc, unsigned int cpu, unsigned int vector)
{
	slots[cpu][vector].desc = desc;
	desc->cpu = cpu;
	desc->vector = vector;
	used++;
}

static int find_and_assign(struct irq_desc *desc)
{
	unsigned int tries;

	for (tries = 0; tries < CPUS * VECTORS; tries++) {
		struct slot *slot = &slots[next_cpu][next_vector];
		unsigned int cpu = next_cpu, vector = next_vector;

		advance();
		if (!slot->desc && !slot->irr) {
			assign(desc, cpu, vector);
			return 0;
		}
	}
	return -ENOSPC;
}

int kapi_vector_alloc(struct irq_desc *desc)
{
	if (machine.options.cpu_vectors && used >= machine.options.cpu_vectors)
		return -ENOSPC;

	if (machine.options.same_vector && desc->vector &&
	    !slots[desc->cpu][desc->vector].desc) {
		assign(desc, desc->cpu, desc->vector);
		return 0;
	}
	return find_and_assign(desc);
}

void kapi_vector_free(struct irq_desc *desc)
{
	slots[desc->cpu][desc->vector].desc = NULL;
	used--;
}

int kapi_vector_move(struct irq_desc *desc)
{
	struct slot *old = &slots[desc->cpu][desc->vector];
	int ret;

	ret = find_and_assign(desc);
	if (ret)
		return ret;
	used--;
	/* The kernel keeps the old vector until then: handle it at the new one. */
	if (old->irr) {
		withdraw(old);
		accept(desc->cpu, desc->vector);
	}
	old->desc = NULL;
	return 0;
}

unsigned int kapi_vectors_used(void)
{
	return used;
}

/* ---- Messages -------------------------------------------------------------- */

u32 kapi_message_address(const struct irq_desc *desc)
{
	return MSI_BASE | desc->cpu << MSI_CPU_SHIFT;
}

u32 kapi_message_data(const struct irq_desc *desc)
{
	return desc->vector;
}

static unsigned int address_cpu(u32 address_lo)
{
	return (address_lo & ~MSI_BASE) >> MSI_CPU_SHIFT;
}

static bool address_valid(u32 address_hi, u32 address_lo)
{
	return !address_hi && (address_lo & MSI_BASE) == MSI_BASE &&
	       address_cpu(address_lo) < CPUS;
}

bool kapi_cpu_message(u32 address_hi, u32 address_lo, u32 data)
{
	struct irq_desc *desc;

	if (!address_valid(address_hi, address_lo) || data >= VECTORS)
		return false;

	desc = slots[address_cpu(address_lo)][data].desc;
	if (!desc || !kapi_bypass_post(desc->irq_data.irq))
		accept(address_cpu(address_lo), data);
	return true;
}

void kapi_cpu_retrigger(struct irq_desc *desc)
{
	accept(desc->cpu, desc->vector);
}

static void service(unsigned int cpu, unsigned int vector)
{
	struct slot *slot = &slots[cpu][vector];
	struct kapi_cpu *before;

	slot->irr = false;
	/* Nobody's vector: acknowledged and forgotten. */
	if (!slot->desc)
		return;

	before = kapi_cpu_switch();
	kapi_cpu->hardirq = true;
	kapi_cpu->irqs_off = true;
	kapi_irq_handle_edge(slot->desc);
	kapi_cpu->irqs_off = false;
	kapi_cpu->hardirq = false;
	kapi_cpu_switch_back(before);
}

/* Bits of IRRs may stay set on held CPUs; among the others the first that was set goes first. */
static bool service_one(void)
{
	unsigned int i;

	for (i = 0; i < waiting; i++) {
		struct place at = queue[i];

		if (held[at.cpu])
			continue;
		memmove(&queue[i], &queue[i + 1], (waiting - i - 1) * sizeof(queue[0]));
		waiting--;
		service(at.cpu, at.vector);
		return true;
	}
	return false;
}

void kapi_cpu_run(void)
{
	if (running || kapi_op_cpu.spinlocks || kapi_irq_cpu.spinlocks)
		return;

	running = true;
	kapi_irq_moves_run();
	while (waiting && service_one())
		;
	kapi_irq_line_run();
	running = false;
}

void kapi_cpu_arm_stall(enum kapi_stall stall)
{
	armed = stall;
}

enum kapi_stall kapi_cpu_take_stall(void)
{
	enum kapi_stall stall = armed;

	armed = KAPI_RUNNING;
	return stall;
}

void kapi_cpu_hold(u32 address_lo)
{
	if (address_valid(0, address_lo))
		held[address_cpu(address_lo)] = true;
}

void kapi_cpu_release(void)
{
	memset(held, 0, sizeof(held));
	kapi_cpu_run();
}

void kapi_cpu_reset(void)
{
	memset(slots, 0, sizeof(slots));
	memset(held, 0, sizeof(held));
	used = 0;
	waiting = 0;
	running = false;
	armed = KAPI_RUNNING;
	next_cpu = 1;
	next_vector = FIRST_VECTOR;
	kapi_op_cpu = (struct kapi_cpu){ .name = "operation" };
	kapi_irq_cpu = (struct kapi_cpu){ .name = "interrupt" };
	kapi_cpu = &kapi_op_cpu;
}
