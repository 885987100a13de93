// SPDX-License-Identifier: GPL-2.0-only
/*
 * The negative control of a kernel with checks: does wrong what the checks have to
 * find, one kind of wrong for each load. Never load it into a kernel that is to go on.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what to do wrong: lock, sleep, leak, memory");

static DEFINE_MUTEX(faults_first);
static DEFINE_MUTEX(faults_second);
static DEFINE_SPINLOCK(faults_spinlock);

/* Two orders of two locks: lockdep needs no deadlock to see that one can happen. */
static void faults_lock(void)
{
	mutex_lock(&faults_first);
	mutex_lock(&faults_second);
	mutex_unlock(&faults_second);
	mutex_unlock(&faults_first);

	mutex_lock(&faults_second);
	mutex_lock(&faults_first);
	mutex_unlock(&faults_first);
	mutex_unlock(&faults_second);
}

static void faults_sleep(void)
{
	spin_lock(&faults_spinlock);
	might_sleep();
	spin_unlock(&faults_spinlock);
}

/* More than one: a stale pointer on some stack may keep one of them reachable. */
static void faults_leak(void)
{
	int i;

	for (i = 0; i < 16; i++)
		if (!kmalloc(128, GFP_KERNEL))
			pr_err("faults: no memory to leak\n");
}

static void faults_memory(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	pr_info("faults: read %d after it was freed\n", READ_ONCE(p[3]));
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "lock", faults_lock },
	{ "sleep", faults_sleep },
	{ "leak", faults_leak },
	{ "memory", faults_memory },
};

static int __init faults_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(fault, faults[i].name))
			continue;
		faults[i].commit();
		return 0;
	}
	pr_err("faults: no fault is called %s\n", fault);
	return -EINVAL;
}

static void __exit faults_exit(void)
{
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("faults that the checks of a debug kernel have to find");
MODULE_LICENSE("GPL");
