// SPDX-License-Identifier: GPL-2.0-only
/* RCU: callbacks wait for the end of the operation. */
#include <linux/types.h>

#include "point.h"
#include "rcu.h"

static struct rcu_head *callbacks;

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	kapi_enter("call_rcu", 0);
	head->func = func;
	head->next = callbacks;
	callbacks = head;
	kapi_leave();
}

void kapi_rcu_run(void)
{
	while (callbacks) {
		struct rcu_head *head = callbacks;

		callbacks = head->next;
		head->func(head);
	}
}

void synchronize_rcu(void)
{
	kapi_might_sleep("synchronize_rcu");
	kapi_enter("synchronize_rcu", 0);
	kapi_rcu_run();
	kapi_leave();
}
