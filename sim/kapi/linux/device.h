/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: struct device and what is freed with it (kapi/device.c). */
#ifndef KAPI_LINUX_DEVICE_H
#define KAPI_LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/slab.h>

struct kapi_devres;

struct device {
	const char *name;
	struct kapi_devres *devres;
};

static inline const char *dev_name(const struct device *dev)
{
	return dev->name;
}

#define dev_err(dev, ...) kapi_printk(dev_name(dev), __VA_ARGS__)
#define dev_warn(dev, ...) kapi_printk(dev_name(dev), __VA_ARGS__)
#define dev_info(dev, ...) kapi_printk(dev_name(dev), __VA_ARGS__)
#define dev_dbg(dev, ...) kapi_printk(dev_name(dev), __VA_ARGS__)
#define dev_err_ratelimited(dev, ...) dev_err(dev, __VA_ARGS__)
#define dev_warn_ratelimited(dev, ...) dev_warn(dev, __VA_ARGS__)
#define dev_info_ratelimited(dev, ...) dev_info(dev, __VA_ARGS__)

typedef void (*dr_release_t)(struct device *dev, void *res);
typedef int (*dr_match_t)(struct device *dev, void *res, void *match_data);

void *devres_alloc(dr_release_t release, size_t size, gfp_t gfp);
void devres_free(void *res);
void devres_add(struct device *dev, void *res);
void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *match_data);
int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data);
int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data);

#endif /* KAPI_LINUX_DEVICE_H */
