/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: the log; printed when sim_options.verbose. */
#ifndef KAPI_LINUX_PRINTK_H
#define KAPI_LINUX_PRINTK_H

#include <linux/compiler.h>

/* Defined in kapi/fault.c. */
void kapi_printk(const char *who, const char *format, ...) __printf(2, 3);

#define pr_err(...) kapi_printk(NULL, __VA_ARGS__)
#define pr_warn(...) kapi_printk(NULL, __VA_ARGS__)
#define pr_info(...) kapi_printk(NULL, __VA_ARGS__)
#define pr_debug(...) kapi_printk(NULL, __VA_ARGS__)

#endif /* KAPI_LINUX_PRINTK_H */
