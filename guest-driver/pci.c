// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of the device: probe in the order in which hardware wants it, stop, restart.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/dma-mapping.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/cpufeature.h>

#include <dsa/profile.h>
#include <dsa/text.h>

#include "dsa_sample_drv.h"

static char *portal = "auto";
module_param(portal, charp, 0444);
MODULE_PARM_DESC(portal,
		 "how to submit work: auto, movdir64b, or stores (a software device only)");

bool dsa_sample_movdir64b;
static DEFINE_IDA(device_ids);

/* ---- Down and up ------------------------------------------------------------ */

/*
 * Whatever ends the work of the device - a halt, a reset from outside, a suspend,
 * removal - takes the same way down, and the same way up again:
 *
 *	recovery work		stop(STOPPED)	start(), three times, then an FLR
 *	reset from outside	stop(STOPPED)	restart(); our own FLR is one, too
 *	suspend, resume		stop(STOPPED)	restart()
 *	remove, surprise	stop(GONE)
 *
 * Queues stay up: their memory, vectors, files and mappings are kept.
 */
/* Resets by command before the function is reset, and until it has been calm. */
#define ATTEMPTS 3
#define CALM (10 * HZ)
/* How long interrupts may take that the device has sent before it was stopped. */
#define ARRIVAL (2 * HZ)
/* What new interrupt handles cure. */
#define HANDLES (BIT(DSA_SAMPLE_REVOKED) | BIT(DSA_SAMPLE_REFUSED))

int dsa_sample_trouble(struct dsa_sample_device *dev, enum dsa_sample_trouble what)
{
	if (!test_and_set_bit(what, &dev->trouble)) {
		queue_delayed_work(system_freezable_wq, &dev->recovery, 0);
		wake_up_all(&dev->command_wait);
	}
	return -ENODEV;
}

static void set_phase(struct dsa_sample_device *dev, enum dsa_sample_phase phase)
{
	struct dsa_sample_queue *q;

	lockdep_assert_held(&dev->lock);
	WRITE_ONCE(dev->phase, phase);
	list_for_each_entry(q, &dev->queues, node)
		wake_up_all(&q->wait);
}

static bool all_arrived(struct dsa_sample_queue *q)
{
	unsigned int awaiting;

	spin_lock_irq(&q->lock);
	awaiting = dsa_sample_look(q, ktime_get_ns());
	spin_unlock_irq(&q->lock);
	return !awaiting;
}

static void stop(struct dsa_sample_device *dev, enum dsa_sample_phase phase, bool finish)
{
	bool healthy, silent = false;
	struct dsa_sample_queue *q;

	if (dev->phase == DSA_SAMPLE_GONE)
		return;
	if (dev->phase != DSA_SAMPLE_RUNNING)
		goto set_phase;

	/* For a while: readers are told of an end when no event comes any more. */
	set_phase(dev, DSA_SAMPLE_STOPPED);
	list_for_each_entry(q, &dev->queues, node) {
		mutex_lock(&q->submit_lock);
		mutex_unlock(&q->submit_lock);
	}
	/* A halted device has stopped; with trouble a command would wait in vain. */
	healthy = !(READ_ONCE(dev->trouble) & ~HANDLES);
	if (healthy && finish && !dsa_sample_command(dev, DSA_COMMAND_DISABLE_DEVICE, 0))
		list_for_each_entry(q, &dev->queues, node)
			wait_event_timeout(q->wait, all_arrived(q), ARRIVAL); /* Rule 23 */
	if (healthy && !test_bit(DSA_SAMPLE_STUCK, &dev->trouble))
		silent = !dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0);

	/* Otherwise there will be no DMA and no messages without bus mastering. */
	if (!silent)
		pci_clear_master(dev->pdev);
	WRITE_ONCE(dev->reachable, false);
	synchronize_irq(dev->irq);
	list_for_each_entry(q, &dev->queues, node)
		dsa_sample_abort(q);
set_phase:
	set_phase(dev, phase);
}

/* Somebody may have reset the function without a word. */
static void config_restore(struct dsa_sample_device *dev)
{
	u16 command;

	pci_read_config_word(dev->pdev, PCI_COMMAND, &command);
	if (command & PCI_COMMAND_MEMORY)
		return;
	pci_notice(dev->pdev, "somebody has reset its configuration space: restored\n");
	if (!pci_load_saved_state(dev->pdev, dev->saved))
		pci_restore_state(dev->pdev);
}

static int start(struct dsa_sample_device *dev)
{
	struct dsa_sample_queue *q;
	int ret;

	lockdep_assert_held(&dev->lock);

	config_restore(dev); /* Rule 25 */
	pci_set_master(dev->pdev);
	WRITE_ONCE(dev->trouble, 0);
	WRITE_ONCE(dev->reachable, true);
	ret = dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0) ? : dsa_sample_configure(dev);
	list_for_each_entry(q, &dev->queues, node)
		if (!ret)
			ret = dsa_sample_wq_enable(q);
	if (ret) {
		pci_clear_master(dev->pdev);
		WRITE_ONCE(dev->reachable, false);
		synchronize_irq(dev->irq);
		return ret;
	}
	dev->calm = jiffies + CALM;
	dev->resets++;
	pci_info(dev->pdev, "works again, with %lu queues up\n", hweight64(dev->queues_up));
	set_phase(dev, DSA_SAMPLE_RUNNING);
	return 0;
}

static void give_up(struct dsa_sample_device *dev)
{
	pci_err(dev->pdev, "given up: reset it by hand, or bind the driver again\n");
	set_phase(dev, DSA_SAMPLE_FAILED);
}

static void restart(struct dsa_sample_device *dev)
{
	mutex_lock(&dev->lock);
	if (dev->phase == DSA_SAMPLE_STOPPED && start(dev))
		give_up(dev);
	mutex_unlock(&dev->lock);
}

/* New handles for those that have become void, and again what was refused. */
static void handles_renew(struct dsa_sample_device *dev)
{
	struct dsa_sample_queue *q;
	bool all;

	clear_bit(DSA_SAMPLE_REFUSED, &dev->trouble);
	all = test_and_clear_bit(DSA_SAMPLE_REVOKED, &dev->trouble);
	list_for_each_entry(q, &dev->queues, node) {
		if (dsa_sample_resubmit(q) && !all)
			continue;
		if (dsa_sample_handle_get(q))
			dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
		dsa_sample_resubmit(q);
	}
}

/* What has happened, in words. Whether a Reset Device command may help. */
static bool diagnose(struct dsa_sample_device *dev)
{
	u32 gensts = ioread32(dev->regs + DSA_REG_GENSTS);
	unsigned int type = FIELD_GET(DSA_GENSTS_RESET_TYPE, gensts);
	bool halted = FIELD_GET(DSA_GENSTS_STATE, gensts) == DSA_STATE_HALT;

	if (gensts == ~0U) {
		pci_err(dev->pdev, "registers read all ones\n");
		return true;
	}
	pci_err(dev->pdev, "%s%s%s\n", dsa_state_text(gensts),
		halted ? "; needs " : " without our doing", halted ? dsa_reset_text(type) : "");
	return halted ? type == DSA_RESET_COMMAND : !test_bit(DSA_SAMPLE_STUCK, &dev->trouble);
}

/* By command. True if it takes a function level reset, which is the last attempt. */
static bool recover_by_command(struct dsa_sample_device *dev)
{
	bool may_help = diagnose(dev);

	if (time_after(jiffies, dev->calm))
		dev->attempts = 0;
	stop(dev, DSA_SAMPLE_STOPPED, false);
	while (may_help && dev->attempts < ATTEMPTS) {
		dev->attempts++;
		if (!start(dev))
			return false;
	}
	if (dev->attempts > ATTEMPTS) {
		give_up(dev);
		return false;
	}
	dev->attempts = ATTEMPTS + 1;
	return true;
}

static void recover(struct work_struct *work)
{
	struct dsa_sample_device *dev =
		container_of(to_delayed_work(work), struct dsa_sample_device, recovery);
	bool reset = false;
	int ret;

	mutex_lock(&dev->lock);
	if (dev->phase == DSA_SAMPLE_STOPPED) {
		/* We have come back; or it is somebody else's reset, who restarts it. */
		reset = dev->attempts > ATTEMPTS;
	} else if (dev->phase == DSA_SAMPLE_RUNNING && READ_ONCE(dev->trouble)) {
		if (!pci_device_is_present(dev->pdev)) {
			pci_err(dev->pdev, "the device has been removed\n");
			stop(dev, DSA_SAMPLE_GONE, false);
		} else if (!(READ_ONCE(dev->trouble) & ~HANDLES)) {
			handles_renew(dev);
		} else {
			reset = recover_by_command(dev);
		}
	}
	mutex_unlock(&dev->lock);
	if (!reset)
		return;

	/*
	 * Not waiting for the lock of the device: who has it may wait for us, as
	 * remove() does. This calls our own handlers for a reset from outside.
	 */
	ret = pci_try_reset_function(dev->pdev);
	if (ret == -EAGAIN) {
		queue_delayed_work(system_freezable_wq, &dev->recovery, HZ / 10);
	} else if (ret) {
		pci_err(dev->pdev, "the function cannot be reset (%d)\n", ret);
		restart(dev);
	}
}

/* ---- Probe and remove ------------------------------------------------------- */

static void device_free(struct kref *ref)
{
	struct dsa_sample_device *dev = container_of(ref, struct dsa_sample_device, ref);

	kfree(dev->saved);
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

	dev = kzalloc(struct_size(dev, handler_runs, vectors), GFP_KERNEL);
	if (dev)
		dev->id = ida_alloc(&device_ids, GFP_KERNEL);
	if (!dev || dev->id < 0) {
		kfree(dev);
		return NULL;
	}
	kref_init(&dev->ref);
	dev->pdev = pci_dev_get(pdev);
	dev->vectors = vectors;
	dev->phase = DSA_SAMPLE_STOPPED;
	INIT_LIST_HEAD(&dev->queues);
	mutex_init(&dev->lock);
	init_waitqueue_head(&dev->command_wait);
	INIT_DELAYED_WORK(&dev->recovery, recover);
	return dev;
}

/* What goes away by itself after a failed probe, and after remove(). */
static int managed_enable(struct dsa_sample_device *dev)
{
	struct pci_dev *pdev = dev->pdev;
	int ret;

	ret = pcim_enable_device(pdev) ? : dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	dev->regs = devm_ioremap_resource(&pdev->dev, &pdev->resource[0]);
	dev->portals = devm_ioremap_resource(&pdev->dev, &pdev->resource[2]);
	return PTR_ERR_OR_ZERO(dev->regs) ? : PTR_ERR_OR_ZERO(dev->portals);
}

/*
 * Enable the whole MSI-X table at once, as growing it later means to switch it
 * off, but request no irq except vector 0's: the queues do, one by one.
 */
static int vectors_get(struct dsa_sample_device *dev)
{
	unsigned int vectors = dev->vectors;
	struct pci_dev *pdev = dev->pdev;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, vectors, vectors, PCI_IRQ_MSIX); /* Rule 2 */
	if (ret < 0) {
		pci_err(pdev, "cannot enable all %u MSI-X vectors (%d)\n", vectors, ret);
		return ret;
	}
	ret = request_threaded_irq(pci_irq_vector(pdev, 0), dsa_sample_vector0_handler,
				   dsa_sample_vector0_thread, 0, dev->name, dev);
	if (ret)
		pci_err(pdev, "request_irq() for vector 0 failed (%d)\n", ret);
	else
		dev->irq = pci_irq_vector(pdev, 0);
	return ret;
}

/*
 * Shared queues take work with a PASID only, that of the kernel as well. Ours leads to
 * the same addresses as none does. Returns why there are no such queues, or NULL.
 */
static const char *pasid_get(struct dsa_sample_device *dev)
{
#ifdef HAVE_PASID_ATTACH
	struct device *parent = &dev->pdev->dev;
	struct iommu_domain *domain = iommu_get_domain_for_dev(parent);
	u32 pasid;

	if (!dev->caps.shared)
		return "the device has none";
	if (!boot_cpu_has(X86_FEATURE_ENQCMD))
		return "the CPU does not have ENQCMDS";
	pasid = domain ? iommu_alloc_global_pasid(parent) : IOMMU_PASID_INVALID;
	if (pasid == IOMMU_PASID_INVALID)
		return "the device has no PASID, or no IOMMU that knows of it";
	if (iommu_attach_device_pasid(domain, parent, pasid, NULL)) {
		iommu_free_global_pasid(pasid);
		return "the IOMMU refuses a PASID of the kernel";
	}
	dev->pasid = pasid;
	return NULL;
#else
	return "this kernel has no PASIDs for itself";
#endif
}

/* Stop the device for good, with all queues. */
static void device_retire(struct dsa_sample_device *dev)
{
	struct dsa_sample_queue *q, *next;

	mutex_lock(&dev->lock);
	stop(dev, DSA_SAMPLE_GONE, true);
	list_for_each_entry_safe(q, next, &dev->queues, node)
		dsa_sample_queue_down(q);
	mutex_unlock(&dev->lock);
}

/* As the firmware, or who had it before, has left it: halted, for example. */
static int device_begin(struct dsa_sample_device *dev)
{
	int ret;

	dev->unshared = pasid_get(dev);
	pci_set_master(dev->pdev);
	mutex_lock(&dev->lock);
	WRITE_ONCE(dev->reachable, true);
	ret = dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0);
	if (ret && !pci_reset_function_locked(dev->pdev))
		ret = dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0);
	if (!ret)
		ret = vectors_get(dev); /* Rule 1 */
	if (!ret)
		ret = dsa_sample_configure(dev);
	if (!ret)
		WRITE_ONCE(dev->phase, DSA_SAMPLE_RUNNING);
	mutex_unlock(&dev->lock);
	return ret;
}

/* The other way round, as far as it came; without the reference of the driver. */
static void device_end(struct dsa_sample_device *dev)
{
	if (dev->irq)
		free_irq(dev->irq, dev);
	dev->irq = 0;
	pci_free_irq_vectors(dev->pdev);
	pci_clear_master(dev->pdev);
#ifdef HAVE_PASID_ATTACH
	if (dev->pasid) {
		iommu_detach_device_pasid(iommu_get_domain_for_dev(&dev->pdev->dev),
					  &dev->pdev->dev, dev->pasid);
		iommu_free_global_pasid(dev->pasid);
	}
#endif
	cancel_delayed_work_sync(&dev->recovery);
	ida_free(&device_ids, dev->id);
	dsa_sample_device_put(dev);
}

static int dsa_sample_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int vectors = pci_msix_vec_count(pdev), ret;
	struct dsa_sample_device *dev;

	if (vectors < 2) {
		pci_err(pdev, "%d MSI-X vectors: one for the device and one per queue are needed\n",
			vectors);
		return vectors < 0 ? vectors : -EOPNOTSUPP;
	}
	dev = device_alloc(pdev, vectors);
	if (!dev)
		return -ENOMEM;
	snprintf(dev->name, sizeof(dev->name), "dsa-sample%d", dev->id);

	ret = managed_enable(dev) ? : dsa_sample_read_caps(dev) ? : device_begin(dev);
	if (ret)
		goto end;
	pci_save_state(pdev);
	dev->saved = pci_store_saved_state(pdev);
	pci_set_drvdata(pdev, dev);
	ret = dsa_sample_chardev_add(dev);
	if (ret) {
		device_retire(dev);
		goto end;
	}
	pci_info(pdev, "/dev/%s: DSA %lu.%lu, %u queues of %u entries, %u vectors, %s%s\n",
		 dev->name, FIELD_GET(DSA_VERSION_MAJOR, dev->caps.version),
		 FIELD_GET(DSA_VERSION_MINOR, dev->caps.version), dev->queues_number,
		 dsa_sample_usual_entries(&dev->caps), dev->vectors,
		 dsa_sample_movdir64b ? "MOVDIR64B" :
		 "eight stores, which only a device in software understands",
		 dev->caps.handles ? ", interrupt handles" : "");
	return 0;

end:
	device_end(dev);
	return ret;
}

/* Files may be open, also of queues: they outlive the device. */
static void dsa_sample_remove(struct pci_dev *pdev)
{
	struct dsa_sample_device *dev = pci_get_drvdata(pdev);

	dsa_sample_chardev_remove(dev);
	device_retire(dev);
	device_end(dev);
}

/* Power-off and kexec: the next kernel must not find it writing to memory. */
static void dsa_sample_shutdown(struct pci_dev *pdev)
{
	device_retire(pci_get_drvdata(pdev));
}

/* ---- Sleep, and resets from outside ----------------------------------------- */

static int dsa_sample_suspend(struct device *device)
{
	struct dsa_sample_device *dev = dev_get_drvdata(device);

	/* The first reset has none yet. */
	if (dev) {
		mutex_lock(&dev->lock);
		stop(dev, DSA_SAMPLE_STOPPED, true);
		mutex_unlock(&dev->lock);
	}
	return 0;
}

static int dsa_sample_resume(struct device *device)
{
	struct dsa_sample_device *dev = dev_get_drvdata(device);

	if (dev)
		restart(dev);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(pm_ops, dsa_sample_suspend, dsa_sample_resume);

static void dsa_sample_reset_prepare(struct pci_dev *pdev)
{
	dsa_sample_suspend(&pdev->dev);
}

static void dsa_sample_reset_done(struct pci_dev *pdev)
{
	dsa_sample_resume(&pdev->dev);
}

static const struct pci_error_handlers error_handlers = {
	.reset_prepare = dsa_sample_reset_prepare,
	.reset_done = dsa_sample_reset_done,
};

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
	.name = KBUILD_MODNAME,
	.id_table = device_table,
	.probe = dsa_sample_probe,
	.remove = dsa_sample_remove,
	.shutdown = dsa_sample_shutdown,
	.err_handler = &error_handlers,
	.driver.pm = pm_sleep_ptr(&pm_ops),
};

static int __init dsa_sample_init(void)
{
	static const char *const ways[] = { "auto", "stores", "movdir64b" };
	bool able = boot_cpu_has(X86_FEATURE_MOVDIR64B);
	int way = sysfs_match_string(ways, portal);

	if (way < 0 || way > 1 + able) {
		pr_err(KBUILD_MODNAME ": portal=%s: must be auto, stores, or on a CPU that has it movdir64b\n",
		       portal);
		return -EINVAL;
	}
	dsa_sample_movdir64b = able && way != 1;
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
MODULE_AUTHOR("Dynamic MSI-X maintainers");
MODULE_VERSION("0.1.0"); /* that of configure.ac */
MODULE_LICENSE("GPL");
