/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults: the kernel would have warned, oopsed or deadlocked here. */
#ifndef SIM_KAPI_FAULT_H
#define SIM_KAPI_FAULT_H

#include <linux/bug.h>
#include <linux/printk.h>

/* Count it, remember the first, print the first few. The caller goes on. */
void kapi_fault(const char *format, ...) __printf(1, 2);

#endif /* SIM_KAPI_FAULT_H */
