/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: RCU. A grace period ends when an operation has ended. */
#ifndef KAPI_LINUX_RCUPDATE_H
#define KAPI_LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include <linux/lockdep.h>

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void synchronize_rcu(void);

#define rcu_dereference_protected(p, c) \
	({ (void)kapi_warn(!(c), "rcu_dereference_protected: " #c, __FILE__, __LINE__); (p); })
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) WRITE_ONCE(p, v)
#define rcu_replace_pointer(p, v, c)						\
({										\
	__typeof__(p) kapi_old_ = rcu_dereference_protected(p, c);		\
	rcu_assign_pointer(p, v);						\
	kapi_old_;								\
})
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)

#endif /* KAPI_LINUX_RCUPDATE_H */
