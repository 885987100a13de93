/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_DEVICE_H
#define SIM_KAPI_DEVICE_H

#include <linux/device.h>

/* The driver is unbound: what it left to be released goes, the last first. */
void kapi_device_unbind(struct device *dev);

#endif /* SIM_KAPI_DEVICE_H */
