// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI function: what has to be there before a queue can be brought up, in
 * the order in which hardware wants it.
 */
#include <linux/dma-mapping.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/cpufeature.h>

#include <dsa/profile.h>

#include "dsa_sample_drv.h"

static char *portal = "auto";
module_param(portal, charp, 0444);
MODULE_PARM_DESC(portal,
		 "how to submit work: auto, movdir64b, or stores (a software device only)");

static DEFINE_IDA(device_ids);

/* Indexes of portal_names. */
enum portal_way {
	PORTAL_AUTO,
	PORTAL_MOVDIR64B,
	PORTAL_STORES,
};

static const char *const portal_names[] = {
	[PORTAL_AUTO] = "auto",
	[PORTAL_MOVDIR64B] = "movdir64b",
	[PORTAL_STORES] = "stores",
};

static int portal_choose(struct dsa_sample_device *dev)
{
	bool able = boot_cpu_has(X86_FEATURE_MOVDIR64B);
	int way = sysfs_match_string(portal_names, portal);

	if (way == PORTAL_MOVDIR64B && !able) {
		pci_err(dev->pdev, "portal=movdir64b, but this CPU has no MOVDIR64B\n");
		return -EOPNOTSUPP;
	}
	dev->movdir64b = able && way != PORTAL_STORES;
	if (!dev->movdir64b)
		pci_notice(dev->pdev, "%s: submitting with eight stores, which only a device in software understands\n",
			   able ? "portal=stores" : "this CPU has no MOVDIR64B");
	return 0;
}

static void device_free(struct kref *ref)
{
	struct dsa_sample_device *dev = container_of(ref, struct dsa_sample_device, ref);

	kfree(dev->handler_runs);
	pci_dev_put(dev->pdev);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

void dsa_sample_device_put(struct dsa_sample_device *dev)
{
	kref_put(&dev->ref, device_free);
}

static struct dsa_sample_device *device_alloc(struct pci_dev *pdev, unsigned int vectors)
{
	struct dsa_sample_device *dev;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return NULL;
	dev->handler_runs = kcalloc(vectors, sizeof(*dev->handler_runs), GFP_KERNEL);
	if (!dev->handler_runs) {
		kfree(dev);
		return NULL;
	}
	kref_init(&dev->ref);
	dev->pdev = pci_dev_get(pdev);
	dev->caps.vectors = vectors;
	mutex_init(&dev->lock);
	spin_lock_init(&dev->queues_lock);
	spin_lock_init(&dev->command_lock);
	init_waitqueue_head(&dev->command_wait);
	return dev;
}

static int regions_map(struct dsa_sample_device *dev)
{
	struct pci_dev *pdev = dev->pdev;
	int ret;

	ret = pci_request_mem_regions(pdev, DSA_SAMPLE_NAME);
	if (ret) {
		pci_err(pdev, "the BARs are in use (%d)\n", ret);
		return ret;
	}
	dev->regs = pci_ioremap_bar(pdev, 0);
	if (!dev->regs) {
		ret = -ENOMEM;
		goto release_regions;
	}
	dev->portals = pci_ioremap_bar(pdev, 2);
	if (!dev->portals) {
		ret = -ENOMEM;
		goto unmap_regs;
	}
	return 0;

unmap_regs:
	iounmap(dev->regs);
release_regions:
	pci_release_mem_regions(pdev);
	return ret;
}

static void regions_unmap(struct dsa_sample_device *dev)
{
	iounmap(dev->portals);
	iounmap(dev->regs);
	pci_release_mem_regions(dev->pdev);
}

/*
 * Enable the whole MSI-X table at once, as growing it later means to switch it
 * off, but request no irq except vector 0's: the queues do, one by one.
 */
static int vectors_enable(struct dsa_sample_device *dev)
{
	unsigned int vectors = dev->caps.vectors;
	struct pci_dev *pdev = dev->pdev;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, vectors, vectors, PCI_IRQ_MSIX);
	if (ret < 0) {
		pci_err(pdev, "cannot enable all %u MSI-X vectors (%d)\n", vectors, ret);
		return ret;
	}
	ret = request_threaded_irq(pci_irq_vector(pdev, 0), dsa_sample_vector0_handler,
				   dsa_sample_vector0_thread, 0, dev->name, dev);
	if (ret) {
		pci_err(pdev, "request_irq() for vector 0 failed (%d)\n", ret);
		pci_free_irq_vectors(pdev);
		return ret;
	}
	dev->vector0_requested = true;
	return 0;
}

static void vectors_disable(struct dsa_sample_device *dev)
{
	dev->vector0_requested = false;
	free_irq(pci_irq_vector(dev->pdev, 0), dev);
	pci_free_irq_vectors(dev->pdev);
}

static int chardev_register(struct dsa_sample_device *dev)
{
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = dev->name;
	dev->misc.fops = &dsa_sample_device_fops;
	dev->misc.parent = &dev->pdev->dev;
	dev->misc.mode = 0600;
	return misc_register(&dev->misc);
}

/* Stop the device; it sends and writes nothing after this. */
static void device_stop(struct dsa_sample_device *dev)
{
	lockdep_assert_held(&dev->lock);

	if (dsa_sample_present(dev) && !dsa_sample_halted(dev)) {
		dsa_sample_command(dev, DSA_COMMAND_DISABLE_DEVICE, 0);
		dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0);
	}
	pci_clear_master(dev->pdev);
}

static int dsa_sample_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct dsa_sample_device *dev;
	int vectors, ret;

	vectors = pci_msix_vec_count(pdev);
	if (vectors < 2) {
		pci_err(pdev, "%d MSI-X vectors: one for the device and one per queue are needed\n",
			vectors);
		return vectors < 0 ? vectors : -EOPNOTSUPP;
	}
	dev = device_alloc(pdev, vectors);
	if (!dev)
		return -ENOMEM;
	dev->id = ida_alloc(&device_ids, GFP_KERNEL);
	if (dev->id < 0) {
		ret = dev->id;
		goto put_device;
	}
	snprintf(dev->name, sizeof(dev->name), "dsa-sample%d", dev->id);

	ret = portal_choose(dev);
	if (ret)
		goto free_id;
	ret = pci_enable_device_mem(pdev);
	if (ret)
		goto free_id;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		goto disable_device;
	ret = regions_map(dev);
	if (ret)
		goto disable_device;
	ret = dsa_sample_read_caps(dev, pci_resource_len(pdev, 0), pci_resource_len(pdev, 2));
	if (ret)
		goto unmap_regions;
	dev->queues_number = min3(dev->caps.wqs, dev->caps.vectors - 1,
				  (unsigned int)DSA_SAMPLE_QUEUES_MAX);

	pci_set_master(pdev);
	mutex_lock(&dev->lock);
	ret = dsa_sample_reset(dev);
	if (ret)
		goto clear_master;
	ret = vectors_enable(dev);
	if (ret)
		goto clear_master;
	dsa_sample_default_config(dev);
	ret = dsa_sample_configure(dev);
	if (ret)
		goto stop_device;
	mutex_unlock(&dev->lock);

	pci_set_drvdata(pdev, dev);
	ret = chardev_register(dev);
	if (ret) {
		mutex_lock(&dev->lock);
		goto stop_device;
	}
	pci_info(pdev, "/dev/%s: DSA %lu.%lu, %u queues of %u entries, %u vectors, %s\n",
		 dev->name, FIELD_GET(DSA_VERSION_MAJOR, dev->caps.version),
		 FIELD_GET(DSA_VERSION_MINOR, dev->caps.version), dev->queues_number,
		 dev->caps.wq_entries, dev->caps.vectors,
		 dev->movdir64b ? "MOVDIR64B" : "eight stores");
	return 0;

stop_device:
	device_stop(dev);
	vectors_disable(dev);
clear_master:
	mutex_unlock(&dev->lock);
	pci_clear_master(pdev);
unmap_regions:
	regions_unmap(dev);
disable_device:
	pci_disable_device(pdev);
free_id:
	ida_free(&device_ids, dev->id);
put_device:
	dsa_sample_device_put(dev);
	return ret;
}

/* All queues down, the device disabled and off the bus, nothing to be had of it. */
static void device_retire(struct dsa_sample_device *dev)
{
	unsigned int i;

	mutex_lock(&dev->lock);
	for (i = 0; i < DSA_SAMPLE_QUEUES_MAX; i++)
		if (dev->queues[i])
			dsa_sample_queue_down(dev->queues[i]);
	device_stop(dev);
	set_bit(DSA_SAMPLE_REMOVED, &dev->state);
	mutex_unlock(&dev->lock);
}

/* Files may be open, also those of queues: they outlive the device. */
static void dsa_sample_remove(struct pci_dev *pdev)
{
	struct dsa_sample_device *dev = pci_get_drvdata(pdev);

	misc_deregister(&dev->misc);
	if (!pci_device_is_present(pdev))
		dsa_sample_lost(dev);
	device_retire(dev);
	vectors_disable(dev);
	regions_unmap(dev);
	pci_disable_device(pdev);
	ida_free(&device_ids, dev->id);
	dsa_sample_device_put(dev);
}

/*
 * Power-off and kexec. A device that is still enabled halts with an error when
 * it loses the bus, and the next kernel must not find it writing to memory.
 */
static void dsa_sample_shutdown(struct pci_dev *pdev)
{
	device_retire(pci_get_drvdata(pdev));
}

/*
 * Not exported as a module alias: on a machine with DSA this driver is loaded
 * because somebody wants it, not because the device is there.
 */
static const struct pci_device_id device_table[] = {
	{ PCI_DEVICE(DSA_PCI_VENDOR, DSA_PCI_DEVICE_SPR) },
	{ PCI_DEVICE(DSA_PCI_VENDOR, DSA_PCI_DEVICE_GNRD) },
	{ PCI_DEVICE(DSA_PCI_VENDOR, DSA_PCI_DEVICE_DMR) },
	{}
};

static struct pci_driver dsa_sample_driver = {
	.name = DSA_SAMPLE_NAME,
	.id_table = device_table,
	.probe = dsa_sample_probe,
	.remove = dsa_sample_remove,
	.shutdown = dsa_sample_shutdown,
};

static int __init dsa_sample_init(void)
{
	if (sysfs_match_string(portal_names, portal) < 0) {
		pr_err(DSA_SAMPLE_NAME ": portal=%s: must be auto, movdir64b or stores\n",
		       portal);
		return -EINVAL;
	}
	return pci_register_driver(&dsa_sample_driver);
}
module_init(dsa_sample_init);

static void __exit dsa_sample_exit(void)
{
	pci_unregister_driver(&dsa_sample_driver);
	ida_destroy(&device_ids);
}
module_exit(dsa_sample_exit);

MODULE_DESCRIPTION("Sample driver for Intel DSA: one queue, one interrupt at a time");
MODULE_LICENSE("GPL");
