// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: keeps a processor with interrupts off, and tells when a device's
 * interrupt has been accepted by it meanwhile. See irq_hold.h.
 */
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/timekeeping.h>

#include <asm/apic.h>
#include <asm/irq_vectors.h>

#include "irq_hold.h"

#define IRR_WORDS 8

static struct irq_hold_page *page;
static DEFINE_MUTEX(one_at_a_time);

static u32 irr_word(unsigned int word)
{
	u32 reg = APIC_IRR + 0x10 * word;

	return x2apic_enabled() ? native_apic_msr_read(reg) : native_apic_mem_read(reg);
}

static void read_irr(u32 *irr)
{
	unsigned int i;

	for (i = 0; i < IRR_WORDS; i++)
		irr[i] = irr_word(i);
}

/* The first vector of a device that is requested now and was not before, or 0 */
static u32 newly_requested(const u32 *before)
{
	u32 vector;

	for (vector = FIRST_EXTERNAL_VECTOR; vector < FIRST_SYSTEM_VECTOR; vector++)
		if (irr_word(vector / 32) & ~before[vector / 32] & BIT(vector % 32))
			return vector;
	return 0;
}

static bool hold_processor(void)
{
	u64 end = ktime_get_mono_fast_ns() + IRQ_HOLD_LONGEST_MS * NSEC_PER_MSEC;
	u32 before[IRR_WORDS];
	unsigned long flags;
	u32 vector = 0;
	bool released;

	local_irq_save(flags);
	read_irr(before);
	/* Who sees it finds interrupts off, and the register looked at */
	smp_store_release(&page->held, 1);
	do {
		if (!vector) {
			vector = newly_requested(before);
			/* Who sees it finds the interrupt in the register */
			smp_store_release(&page->accepted, vector);
		}
		cpu_relax();
		/* What was done before it is done when interrupts come on */
		released = smp_load_acquire(&page->release);
	} while (!released && ktime_get_mono_fast_ns() < end);
	local_irq_restore(flags);
	return released;
}

static ssize_t irq_hold_write(struct file *file, const char __user *data, size_t count,
			      loff_t *at)
{
	bool released;

	if (mutex_lock_interruptible(&one_at_a_time))
		return -ERESTARTSYS;
	page->accepted = 0;
	page->held = 0;
	released = hold_processor();
	mutex_unlock(&one_at_a_time);
	return released ? count : -ETIME;
}

static int irq_hold_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	return vm_insert_page(vma, vma->vm_start, virt_to_page(page));
}

static const struct file_operations irq_hold_fops = {
	.owner = THIS_MODULE,
	.write = irq_hold_write,
	.mmap = irq_hold_mmap,
};

static struct miscdevice irq_hold_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "irq_hold",
	.fops = &irq_hold_fops,
	.mode = 0600,
};

static int __init irq_hold_init(void)
{
	int ret;

	page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	ret = misc_register(&irq_hold_device);
	if (ret)
		free_page((unsigned long)page);
	return ret;
}

static void __exit irq_hold_exit(void)
{
	misc_deregister(&irq_hold_device);
	free_page((unsigned long)page);
}

module_init(irq_hold_init);
module_exit(irq_hold_exit);
MODULE_DESCRIPTION("Holds a processor with interrupts off, for tests");
MODULE_LICENSE("GPL");
