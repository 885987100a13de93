// SPDX-License-Identifier: GPL-2.0-only
/* Resources that are released when the driver is unbound. */
#include <linux/device.h>

#include "device.h"
#include "point.h"

struct kapi_devres {
	struct kapi_devres *next;
	dr_release_t release;
} __aligned(16);

static struct kapi_devres *header_of(void *res)
{
	return (struct kapi_devres *)res - 1;
}

void *devres_alloc(dr_release_t release, size_t size, gfp_t gfp)
{
	struct kapi_devres *header = NULL;

	if (!kapi_enter("devres_alloc", -ENOMEM))
		header = kzalloc(sizeof(*header) + size, gfp);
	if (header)
		header->release = release;
	kapi_leave();
	return header ? header + 1 : NULL;
}

void devres_free(void *res)
{
	kapi_enter("devres_free", 0);
	if (res)
		kfree(header_of(res));
	kapi_leave();
}

void devres_add(struct device *dev, void *res)
{
	kapi_enter("devres_add", 0);
	header_of(res)->next = dev->devres;
	dev->devres = header_of(res);
	kapi_leave();
}

static struct kapi_devres **find(struct device *dev, dr_release_t release, dr_match_t match,
				 void *match_data)
{
	struct kapi_devres **link;

	for (link = &dev->devres; *link; link = &(*link)->next)
		if ((*link)->release == release &&
		    (!match || match(dev, *link + 1, match_data)))
			return link;
	return NULL;
}

void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	struct kapi_devres **link;

	kapi_enter("devres_find", 0);
	link = find(dev, release, match, match_data);
	kapi_leave();
	return link ? *link + 1 : NULL;
}

static int take_out(struct device *dev, dr_release_t release, dr_match_t match,
		    void *match_data, bool call)
{
	struct kapi_devres **link = find(dev, release, match, match_data);
	struct kapi_devres *header;

	if (!link)
		return -ENOENT;
	header = *link;
	*link = header->next;
	if (call)
		header->release(dev, header + 1);
	kfree(header);
	return 0;
}

int devres_release(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	int ret;

	kapi_enter("devres_release", 0);
	ret = take_out(dev, release, match, match_data, true);
	kapi_leave();
	return ret;
}

int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	int ret;

	kapi_enter("devres_destroy", 0);
	ret = take_out(dev, release, match, match_data, false);
	kapi_leave();
	return ret;
}

void kapi_device_unbind(struct device *dev)
{
	while (dev->devres) {
		struct kapi_devres *header = dev->devres;

		dev->devres = header->next;
		header->release(dev, header + 1);
		kfree(header);
	}
}
