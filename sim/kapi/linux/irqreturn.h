/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_IRQRETURN_H
#define KAPI_LINUX_IRQRETURN_H

typedef enum irqreturn {
	IRQ_NONE = 0,
	IRQ_HANDLED = 1,
	IRQ_WAKE_THREAD = 2,
} irqreturn_t;

#endif /* KAPI_LINUX_IRQRETURN_H */
