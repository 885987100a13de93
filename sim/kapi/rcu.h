/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_RCU_H
#define SIM_KAPI_RCU_H

#include <linux/rcupdate.h>

/* A grace period ends: callbacks run. */
void kapi_rcu_run(void);

#endif /* SIM_KAPI_RCU_H */
