/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_SIGHT_H
#define SIM_KAPI_SIGHT_H

/* The driver is unbound: a file it has left in debugfs is a fault. */
void kapi_debugfs_check_empty(void);

/* Forget what tracepoints counted. */
void kapi_sight_reset(void);

#endif /* SIM_KAPI_SIGHT_H */
