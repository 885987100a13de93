// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executes MOVDIR64B on processors that do not have it, for tests only: idxd does not
 * load without, and no emulated processor has it. The 64 bytes go out as eight ascending
 * 64-bit stores. dsa-model puts them together again; a DSA in silicon does not.
 *
 * With enqcmds=1 the kernel's ENQCMDS as well. A store cannot bring back what the device
 * answers: it is "accepted", or "retry" as often as the parameter of that name says.
 *
 * Once loaded it stays: what has been told that the instruction is there may execute it
 * at any time.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/trapnr.h>

#include "decode.h"

#define MOVED_BYTES		64
#define MOVED_WORDS		(MOVED_BYTES / 8)

static ulong kernel_count;
module_param(kernel_count, ulong, 0444);
MODULE_PARM_DESC(kernel_count, "Instructions executed for the kernel");

static ulong kernel_ip;
module_param(kernel_ip, ulong, 0400);
MODULE_PARM_DESC(kernel_ip, "Address behind the last of them");

static ulong user_count;
module_param(user_count, ulong, 0444);
MODULE_PARM_DESC(user_count, "Instructions executed for programs");

static bool supply_enqcmds;
module_param_named(enqcmds, supply_enqcmds, bool, 0444);
MODULE_PARM_DESC(enqcmds, "Supply ENQCMDS, too");

static ulong enqueued;
module_param(enqueued, ulong, 0444);
MODULE_PARM_DESC(enqueued, "ENQCMDS executed for the kernel and accepted");

static ulong retry;
module_param(retry, ulong, 0600);
MODULE_PARM_DESC(retry, "So many of the next ENQCMDS are not accepted");

/* Two CPUs may use one slot of a portal: their stores must not mix. */
static DEFINE_RAW_SPINLOCK(store_lock);

struct fault_in_work {
	struct callback_head work;
	struct movdir64b insn;
};

static void get_registers(const struct pt_regs *regs, unsigned long *registers)
{
	const unsigned long values[INSN_REGISTERS] = {
		regs->ax, regs->cx, regs->dx, regs->bx, regs->sp, regs->bp, regs->si, regs->di,
		regs->r8, regs->r9, regs->r10, regs->r11,
		regs->r12, regs->r13, regs->r14, regs->r15,
	};

	memcpy(registers, values, sizeof(values));
}

/* The rest is left zero where the instruction is the last one of what is mapped. */
static bool fetch(struct pt_regs *regs, u8 *code)
{
	unsigned int here = min_t(unsigned int, MAX_INSN_BYTES,
				  PAGE_SIZE - offset_in_page(regs->ip));
	unsigned int rest = MAX_INSN_BYTES - here;

	if (!user_mode(regs)) {
		const void *at = (const void *)regs->ip;

		if (copy_from_kernel_nofault(code, at, here))
			return false;
		if (rest && copy_from_kernel_nofault(code + here, at + here, rest))
			memset(code + here, 0, rest);
	} else {
		const void __user *at = (const void __user *)regs->ip;

		if (!user_64bit_mode(regs) || copy_from_user_nofault(code, at, here))
			return false;
		if (rest && copy_from_user_nofault(code + here, at + here, rest))
			memset(code + here, 0, rest);
	}
	return true;
}

/* False if it was to be tried again. */
static bool execute_kernel(const struct movdir64b *insn)
{
	void __iomem *to = (void __iomem *)insn->to;
	u64 words[MOVED_WORDS];
	unsigned long flags;
	unsigned int i;
	bool refused;

	memcpy(words, (const void *)insn->from, sizeof(words));
	raw_spin_lock_irqsave(&store_lock, flags);
	refused = insn->enqueues && retry;
	if (refused)
		retry--;
	for (i = 0; i < MOVED_WORDS && !refused; i++)
		writeq(words[i], to + i * 8);
	kernel_count += !insn->enqueues;
	enqueued += insn->enqueues && !refused;
	raw_spin_unlock_irqrestore(&store_lock, flags);
	return !refused;
}

/* What ENQCMDS says, in the way it does. */
static void set_zero_flag(struct pt_regs *regs, bool accepted)
{
	regs->flags &= ~(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |
			 X86_EFLAGS_SF | X86_EFLAGS_OF);
	if (!accepted)
		regs->flags |= X86_EFLAGS_ZF;
}

/* False if the source or the destination is not there now; then nothing was stored. */
static bool execute_user(const struct movdir64b *insn)
{
	u64 __user *to = (u64 __user *)insn->to;
	u64 words[MOVED_WORDS];
	bool stored = false;
	unsigned long flags;
	unsigned int i;

	if (copy_from_user_nofault(words, (const void __user *)insn->from, sizeof(words)) ||
	    !access_ok(to, MOVED_BYTES))
		return false;

	raw_spin_lock_irqsave(&store_lock, flags);
	pagefault_disable();
	/* All in one page: if the first one does not fault, none does. */
	for (i = 0; i < MOVED_WORDS; i++)
		if (__put_user(words[i], to + i))
			break;
	stored = i == MOVED_WORDS;
	pagefault_enable();
	user_count += stored;
	raw_spin_unlock_irqrestore(&store_lock, flags);
	return stored;
}

/* On the way back to the program, which then executes the instruction again. */
static void fault_in(struct callback_head *head)
{
	struct fault_in_work *work = container_of(head, struct fault_in_work, work);

	if (fault_in_readable((const char __user *)work->insn.from, MOVED_BYTES) ||
	    fault_in_safe_writeable((const char __user *)work->insn.to, MOVED_BYTES))
		force_sig(SIGSEGV);
	kfree(work);
}

static void fault_in_later(const struct movdir64b *insn)
{
	struct fault_in_work *work = kmalloc(sizeof(*work), GFP_ATOMIC);

	/* Without memory the program tries again, until there is some. */
	if (!work)
		return;
	work->insn = *insn;
	init_task_work(&work->work, fault_in);
	if (task_work_add(current, &work->work, TWA_RESUME))
		kfree(work);
}

static int invalid_opcode(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	unsigned long registers[INSN_REGISTERS];
	u8 code[MAX_INSN_BYTES];
	struct movdir64b insn;
	bool accepted;

	if (event != DIE_TRAP || args->trapnr != X86_TRAP_UD)
		return NOTIFY_DONE;
	if (!fetch(regs, code))
		return NOTIFY_DONE;
	get_registers(regs, registers);
	if (!movdir64b_decode(code, registers, regs->ip, &insn))
		return NOTIFY_DONE;
	if (insn.enqueues && (!supply_enqcmds || user_mode(regs)))
		return NOTIFY_DONE;

	if (!user_mode(regs)) {
		/* Silicon would say #GP; the oops of an invalid opcode serves as well. */
		if (!IS_ALIGNED(insn.to, MOVED_BYTES))
			return NOTIFY_DONE;
		accepted = execute_kernel(&insn);
		if (insn.enqueues)
			set_zero_flag(regs, accepted);
	} else if (!IS_ALIGNED(insn.to, MOVED_BYTES)) {
		force_sig(SIGSEGV);
		return NOTIFY_STOP;
	} else if (!execute_user(&insn)) {
		fault_in_later(&insn);
		return NOTIFY_STOP;
	}
	regs->ip += insn.bytes;
	if (!user_mode(regs) && !insn.enqueues)
		kernel_ip = regs->ip;
	return NOTIFY_STOP;
}

static struct notifier_block die_notifier = {
	.notifier_call = invalid_opcode,
};

static int __init movdir64b_init(void)
{
	unsigned int cpu;
	int err;

	if (boot_cpu_has(X86_FEATURE_MOVDIR64B)) {
		pr_err("this processor has the instruction\n");
		return -EBUSY;
	}
	err = register_die_notifier(&die_notifier);
	if (err)
		return err;
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_MOVDIR64B);
	if (supply_enqcmds)
		set_cpu_cap(&boot_cpu_data, X86_FEATURE_ENQCMD);
	for_each_online_cpu(cpu) {
		set_cpu_cap(&cpu_data(cpu), X86_FEATURE_MOVDIR64B);
		if (supply_enqcmds)
			set_cpu_cap(&cpu_data(cpu), X86_FEATURE_ENQCMD);
	}
	pr_info("supplied\n");
	return 0;
}
module_init(movdir64b_init);

MODULE_DESCRIPTION("Executes MOVDIR64B and ENQCMDS as eight stores, in tests under emulation");
MODULE_LICENSE("GPL");
