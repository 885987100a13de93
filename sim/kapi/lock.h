/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_LOCK_H
#define SIM_KAPI_LOCK_H

/* An operation has ended: a lock that is still held is a fault. */
void kapi_locks_check_none_held(void);

#endif /* SIM_KAPI_LOCK_H */
