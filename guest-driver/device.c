// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as a whole: capabilities, administrative commands, configuration.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "dsa_sample_drv.h"

#define COMMAND_TIMEOUT (5 * HZ)
/* How long to trust in the interrupt before looking at the status. */
#define COMMAND_LOOK (HZ / 4)
/* A probe that was not answered by then: look whether its interrupt got lost. */
#define PROBE_LOOK_NS (2 * NSEC_PER_SEC)
/* Descriptors of a batch, log2. Never used, but zero is refused. */
#define BATCH_SHIFT 5

static const char *const command_names[] = {
	[DSA_COMMAND_ENABLE_DEVICE] = "Enable Device",
	[DSA_COMMAND_DISABLE_DEVICE] = "Disable Device",
	[DSA_COMMAND_RESET_DEVICE] = "Reset Device",
	[DSA_COMMAND_ENABLE_WQ] = "Enable WQ",
	[DSA_COMMAND_DISABLE_WQ] = "Disable WQ",
	[DSA_COMMAND_DRAIN_WQ] = "Drain WQ",
	[DSA_COMMAND_ABORT_WQ] = "Abort WQ",
	[DSA_COMMAND_RESET_WQ] = "Reset WQ",
};

/* Commands and descriptors use the same codes from 0x10 on for other things. */
static const struct {
	u8 code;
	const char *text;
} command_errors[] = {
	{ DSA_CMDERR_UNDEFINED, "unsupported command" },
	{ DSA_CMDERR_WQ_INDEX, "no such work queue" },
	{ DSA_CMDERR_HARDWARE, "hardware error" },
	{ DSA_CMDERR_RESERVED, "reserved field not zero" },
	{ DSA_CMDERR_HALTED, "the device is in the halt state" },
	{ DSA_CMDERR_DEV_NOT_DISABLED, "the device is not disabled" },
	{ DSA_CMDERR_DEV_CONFIG, "bad configuration" },
	{ DSA_CMDERR_NO_BUS_MASTER, "bus mastering is off" },
	{ DSA_CMDERR_PRS_ALLOC, "bad page request allocation" },
	{ DSA_CMDERR_WQ_SIZE_SUM, "the work queues are too large together" },
	{ DSA_CMDERR_GROUP_ENGINES, "a group has queues or engines, but not both" },
	{ DSA_CMDERR_GROUP_WQS, "a work queue is not in exactly one group" },
	{ DSA_CMDERR_ENGINE_GROUPS, "an engine is in more than one group" },
	{ DSA_CMDERR_READ_BUFS, "bad read buffer setting" },
	{ DSA_CMDERR_EVL, "bad event log setting" },
	{ DSA_CMDERR_ATS, "ATS setting contradicts the platform" },
	{ DSA_CMDERR_EVL_PASID, "the event log needs PASID" },
	{ DSA_CMDERR_DEV_NOT_ENABLED, "the device is not enabled" },
	{ DSA_CMDERR_WQ_NOT_DISABLED, "the work queue is not disabled" },
	{ DSA_CMDERR_WQ_SIZE_ZERO, "the work queue has no entries" },
	{ DSA_CMDERR_WQ_PRIORITY, "priority zero" },
	{ DSA_CMDERR_WQ_MODE, "work queue mode not supported" },
	{ DSA_CMDERR_WQ_BLOCK_ON_FAULT, "block on fault not supported" },
	{ DSA_CMDERR_WQ_PASID, "bad PASID setting of the work queue" },
	{ DSA_CMDERR_WQ_MAX_BATCH, "bad largest batch" },
	{ DSA_CMDERR_WQ_MAX_XFER, "bad largest transfer" },
	{ DSA_CMDERR_WQ_PRIV, "privileged mode is off" },
	{ DSA_CMDERR_WQ_OCCUPANCY_INT, "bad occupancy interrupt" },
	{ DSA_CMDERR_WQ_ATS_DISABLE, "ATS disable not supported" },
	{ DSA_CMDERR_WQ_OPCFG, "unsupported operation enabled" },
	{ DSA_CMDERR_WQ_PRS_DISABLE, "PRS disable not supported" },
	{ DSA_CMDERR_DEV_IS_DISABLED, "the device is disabled" },
	{ DSA_CMDERR_WQ_NOT_ENABLED, "the work queue is not enabled" },
	{ DSA_CMDERR_INT_INDEX, "bad interrupt table index" },
	{ DSA_CMDERR_NO_INT_HANDLE, "no interrupt handle free" },
};

static const char *command_error_text(unsigned int code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(command_errors); i++)
		if (command_errors[i].code == code)
			return command_errors[i].text;
	return "undocumented error";
}

static const char *command_name(enum dsa_command command)
{
	const char *name = NULL;

	if (command < ARRAY_SIZE(command_names))
		name = command_names[command];
	return name ? name : "command";
}

int dsa_sample_lost(struct dsa_sample_device *dev)
{
	if (!test_and_set_bit(DSA_SAMPLE_LOST, &dev->state)) {
		pci_err(dev->pdev, "registers read all ones: the device is gone\n");
		wake_up_all(&dev->command_wait);
		dsa_sample_wake_queues(dev);
	}
	return -ENODEV;
}

void dsa_sample_check_halt(struct dsa_sample_device *dev)
{
	static const char *const resets[] = {
		[DSA_RESET_COMMAND] = "a Reset Device command",
		[DSA_RESET_FLR] = "a function level reset",
		[DSA_RESET_WARM] = "a warm reset",
		[DSA_RESET_COLD] = "a cold reset",
	};
	u32 gensts = ioread32(dev->regs + DSA_REG_GENSTS);

	if (gensts == ~0U) {
		dsa_sample_lost(dev);
		return;
	}
	if (FIELD_GET(DSA_GENSTS_STATE, gensts) != DSA_STATE_HALT)
		return;
	if (test_and_set_bit(DSA_SAMPLE_HALTED, &dev->state))
		return;
	pci_err(dev->pdev, "halted; needs %s: unbind the driver and bind it again\n",
		resets[FIELD_GET(DSA_GENSTS_RESET_TYPE, gensts)]);
	dsa_sample_wake_queues(dev);
}

/* ---- Capabilities -------------------------------------------------------- */

/* Whether @number entries of @stride bytes at @offset lie in a BAR of @size. */
static bool table_fits(u64 offset, u64 stride, u64 number, u64 size)
{
	return offset && offset <= size && number * stride <= size - offset;
}

int dsa_sample_read_caps(struct dsa_sample_device *dev, u64 regs_size, u64 portals_size)
{
	struct dsa_sample_caps *caps = &dev->caps;
	struct pci_dev *pdev = dev->pdev;
	u64 gencap, wqcap, grpcap, engcap, offsets;

	if (regs_size < DSA_REG_SWERROR + 8 * DSA_SWERROR_WORDS) {
		pci_err(pdev, "BAR0 of %llu bytes is too small for the registers\n", regs_size);
		return -EINVAL;
	}
	caps->version = ioread32(dev->regs + DSA_REG_VERSION);
	if (caps->version == ~0U)
		return dsa_sample_lost(dev);
	gencap = readq(dev->regs + DSA_REG_GENCAP);
	wqcap = readq(dev->regs + DSA_REG_WQCAP);
	grpcap = readq(dev->regs + DSA_REG_GRPCAP);
	engcap = readq(dev->regs + DSA_REG_ENGCAP);
	offsets = readq(dev->regs + DSA_REG_OFFSETS);
	caps->opcap = readq(dev->regs + DSA_REG_OPCAP);

	if (!(gencap & DSA_GENCAP_CONFIG)) {
		pci_err(pdev, "the configuration of the device is fixed: not supported\n");
		return -EOPNOTSUPP;
	}
	if (!(wqcap & DSA_WQCAP_DEDICATED)) {
		pci_err(pdev, "no dedicated work queues: not supported\n");
		return -EOPNOTSUPP;
	}
	if ((gencap & DSA_GENCAP_CMDCAP) &&
	    ioread32(dev->regs + DSA_REG_CMDCAP) & BIT(DSA_COMMAND_REQUEST_INT_HANDLE)) {
		pci_err(pdev, "interrupt handles have to be requested: not supported\n");
		return -EOPNOTSUPP;
	}

	caps->wqs = FIELD_GET(DSA_WQCAP_NUM_WQS, wqcap);
	caps->groups = FIELD_GET(DSA_GRPCAP_NUM_GROUPS, grpcap);
	caps->engines = FIELD_GET(DSA_ENGCAP_NUM_ENGINES, engcap);
	caps->priority = wqcap & DSA_WQCAP_PRIORITY;
	caps->max_xfer_shift = FIELD_GET(DSA_GENCAP_MAX_XFER_SHIFT, gencap);
	caps->max_batch_shift = FIELD_GET(DSA_GENCAP_MAX_BATCH_SHIFT, gencap);
	if (grpcap & DSA_GRPCAP_READ_BUF_CTRL)
		caps->read_buffers = FIELD_GET(DSA_GRPCAP_READ_BUFS, grpcap);
	if (!caps->wqs || !caps->groups || !caps->engines) {
		pci_err(pdev, "%u work queues, %u groups, %u engines: nothing to use\n",
			caps->wqs, caps->groups, caps->engines);
		return -EINVAL;
	}
	caps->total_entries = FIELD_GET(DSA_WQCAP_TOTAL_SIZE, wqcap);
	caps->wq_entries = caps->total_entries / caps->wqs;
	if (!caps->wq_entries) {
		pci_err(pdev, "fewer queue entries than work queues\n");
		return -EINVAL;
	}
	caps->wq_entries = min_t(unsigned int, caps->wq_entries, DSA_SAMPLE_ENTRIES_MAX);

	caps->wqcfg_stride = DSA_WQCFG_STRIDE(FIELD_GET(DSA_WQCAP_STRIDE_CODE, wqcap));
	caps->grpcfg = FIELD_GET(DSA_OFFSETS_GRPCFG, offsets) * DSA_OFFSETS_UNIT;
	caps->wqcfg = FIELD_GET(DSA_OFFSETS_WQCFG, offsets) * DSA_OFFSETS_UNIT;
	caps->msixperm = FIELD_GET(DSA_OFFSETS_MSIXPERM, offsets) * DSA_OFFSETS_UNIT;
	if (!table_fits(caps->grpcfg, DSA_GRPCFG_STRIDE, caps->groups, regs_size) ||
	    !table_fits(caps->wqcfg, caps->wqcfg_stride, caps->wqs, regs_size) ||
	    !table_fits(caps->msixperm, DSA_MSIXPERM_STRIDE, caps->vectors, regs_size)) {
		pci_err(pdev, "OFFSETS %#llx points outside of BAR0\n", offsets);
		return -EINVAL;
	}
	if (portals_size < (u64)caps->wqs * DSA_PORTAL_STRIDE) {
		pci_err(pdev, "BAR2 of %llu bytes has no room for the portals of %u queues\n",
			portals_size, caps->wqs);
		return -EINVAL;
	}
	return 0;
}

/* ---- Commands ------------------------------------------------------------ */

/* Wait, by reading, until the device executes no command. */
static int command_wait_idle(struct dsa_sample_device *dev, unsigned long deadline, u32 *status)
{
	bool late;

	for (;;) {
		/* This order: a CPU may stand still between the two. */
		late = time_after(jiffies, deadline);
		*status = ioread32(dev->regs + DSA_REG_CMDSTATUS);
		if (*status == ~0U)
			return dsa_sample_lost(dev);
		if (!(*status & DSA_CMDSTATUS_ACTIVE))
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(200, 1000);
	}
}

static bool command_claim(struct dsa_sample_device *dev)
{
	bool claimed = false;

	spin_lock_irq(&dev->command_lock);
	if (dev->command_owner == DSA_SAMPLE_COMMAND_NONE) {
		dev->command_owner = DSA_SAMPLE_COMMAND_CALLER;
		claimed = true;
	}
	spin_unlock_irq(&dev->command_lock);
	return claimed;
}

/* Issue with an interrupt and wait for it, but believe the status only. */
static int command_run_interrupt(struct dsa_sample_device *dev, u32 word, u32 *status)
{
	unsigned long deadline = jiffies + COMMAND_TIMEOUT;
	bool announced, late;

	WRITE_ONCE(dev->command_done, false);
	iowrite32(word | DSA_CMD_INT_REQ, dev->regs + DSA_REG_CMD);
	for (;;) {
		announced = wait_event_timeout(dev->command_wait,
					       READ_ONCE(dev->command_done) ||
					       !dsa_sample_present(dev), COMMAND_LOOK);
		if (!dsa_sample_present(dev))
			return -ENODEV;
		late = time_after(jiffies, deadline);
		*status = ioread32(dev->regs + DSA_REG_CMDSTATUS);
		if (*status == ~0U)
			return dsa_sample_lost(dev);
		if (!(*status & DSA_CMDSTATUS_ACTIVE))
			break;
		if (late)
			return -ETIMEDOUT;
		/* The announcement was an earlier command's. */
		WRITE_ONCE(dev->command_done, false);
	}
	if (!announced) {
		iowrite32(DSA_INTCAUSE_COMMAND, dev->regs + DSA_REG_INTCAUSE);
		spin_lock_irq(&dev->command_lock);
		dev->commands_polled++;
		spin_unlock_irq(&dev->command_lock);
	}
	return 0;
}

int dsa_sample_command(struct dsa_sample_device *dev, enum dsa_command command, u32 operand)
{
	u32 word = FIELD_PREP(DSA_CMD_CODE, command) | FIELD_PREP(DSA_CMD_OPERAND, operand);
	unsigned int error;
	u32 status = 0;
	int ret;

	lockdep_assert_held(&dev->lock);

	if (!dsa_sample_present(dev))
		return -ENODEV;

	/* A probe's interrupt may be lost: after a while the status decides. */
	if (!wait_event_timeout(dev->command_wait, command_claim(dev), COMMAND_LOOK)) {
		spin_lock_irq(&dev->command_lock);
		dev->command_owner = DSA_SAMPLE_COMMAND_CALLER;
		spin_unlock_irq(&dev->command_lock);
	}
	ret = command_wait_idle(dev, jiffies + COMMAND_TIMEOUT, &status);
	if (ret)
		goto release;

	spin_lock_irq(&dev->command_lock);
	dev->commands++;
	spin_unlock_irq(&dev->command_lock);
	if (dev->vector0_requested) {
		ret = command_run_interrupt(dev, word, &status);
	} else {
		iowrite32(word, dev->regs + DSA_REG_CMD);
		ret = command_wait_idle(dev, jiffies + COMMAND_TIMEOUT, &status);
	}

release:
	spin_lock_irq(&dev->command_lock);
	dev->command_owner = DSA_SAMPLE_COMMAND_NONE;
	spin_unlock_irq(&dev->command_lock);

	if (ret == -ETIMEDOUT) {
		pci_err(dev->pdev, "%s (operand %#x): no answer within %u s, CMDSTATUS %#010x\n",
			command_name(command), operand, COMMAND_TIMEOUT / HZ, status);
		return ret;
	}
	if (ret)
		return ret;
	error = FIELD_GET(DSA_CMDSTATUS_ERROR, status);
	if (error) {
		pci_err(dev->pdev, "%s (operand %#x) refused: %s (error %#04x)\n",
			command_name(command), operand, command_error_text(error), error);
		/* With bus mastering off it could not tell by an interrupt. */
		if (error == DSA_CMDERR_HALTED)
			dsa_sample_check_halt(dev);
		return -EIO;
	}
	return 0;
}

void dsa_sample_command_interrupt(struct dsa_sample_device *dev)
{
	unsigned long flags;

	spin_lock_irqsave(&dev->command_lock, flags);
	if (dev->command_owner == DSA_SAMPLE_COMMAND_PROBE)
		dev->command_owner = DSA_SAMPLE_COMMAND_NONE;
	else
		WRITE_ONCE(dev->command_done, true);
	spin_unlock_irqrestore(&dev->command_lock, flags);
	wake_up_all(&dev->command_wait);
}

/*
 * The probe is an Enable Device on an enabled device: refused at once, without
 * a side effect, and announced like every command. A drain would do as well but
 * waits for the very work that is being watched.
 *
 * No register is read while an answer may still come: a read of a software
 * device that has been stopped would stop this CPU as well.
 */
bool dsa_sample_probe_vector0(struct dsa_sample_device *dev)
{
	const u32 word = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_ENABLE_DEVICE) | DSA_CMD_INT_REQ;
	u64 now = ktime_get_ns();
	bool asked = false;
	u64 unanswered = 0;
	unsigned long flags;
	u32 status;

	if (!dsa_sample_present(dev) || dsa_sample_halted(dev))
		return false;

	spin_lock_irqsave(&dev->command_lock, flags);
	if (dev->command_owner == DSA_SAMPLE_COMMAND_PROBE &&
	    now - dev->command_probe_ns > PROBE_LOOK_NS)
		unanswered = dev->command_probe_ns;
	spin_unlock_irqrestore(&dev->command_lock, flags);

	if (unanswered) {
		status = ioread32(dev->regs + DSA_REG_CMDSTATUS);
		if (status == ~0U) {
			dsa_sample_lost(dev);
			return false;
		}
		if (status & DSA_CMDSTATUS_ACTIVE)
			return false;
		if (FIELD_GET(DSA_CMDSTATUS_ERROR, status) == DSA_CMDERR_HALTED) {
			dsa_sample_check_halt(dev);
			return false;
		}
	}

	/* The lock is kept over the write: nobody else may come in between. */
	spin_lock_irqsave(&dev->command_lock, flags);
	if (dev->command_owner == DSA_SAMPLE_COMMAND_PROBE &&
	    dev->command_probe_ns == unanswered) {
		dev->command_owner = DSA_SAMPLE_COMMAND_NONE;
		dev->commands_polled++;
	}
	if (dev->command_owner == DSA_SAMPLE_COMMAND_NONE) {
		dev->command_owner = DSA_SAMPLE_COMMAND_PROBE;
		dev->command_probe_ns = ktime_get_ns();
		dev->commands++;
		iowrite32(word, dev->regs + DSA_REG_CMD);
		asked = true;
	}
	spin_unlock_irqrestore(&dev->command_lock, flags);
	return asked;
}

/* ---- Configuration ------------------------------------------------------- */

static enum dsa_device_state device_state(struct dsa_sample_device *dev, u32 *gensts)
{
	*gensts = ioread32(dev->regs + DSA_REG_GENSTS);
	return FIELD_GET(DSA_GENSTS_STATE, *gensts);
}

int dsa_sample_reset(struct dsa_sample_device *dev)
{
	u32 gensts;
	int ret;

	if (device_state(dev, &gensts) == DSA_STATE_HALT &&
	    FIELD_GET(DSA_GENSTS_RESET_TYPE, gensts) != DSA_RESET_COMMAND) {
		pci_info(dev->pdev, "halted, and a command cannot reset it: function level reset\n");
		ret = pci_reset_function_locked(dev->pdev);
		if (ret) {
			pci_err(dev->pdev, "function level reset failed (%d)\n", ret);
			return ret;
		}
	}
	ret = dsa_sample_command(dev, DSA_COMMAND_RESET_DEVICE, 0);
	if (ret)
		return ret;
	if (device_state(dev, &gensts) != DSA_STATE_DISABLED) {
		pci_err(dev->pdev, "not disabled after a reset, GENSTS %#x\n", gensts);
		return -EIO;
	}
	return 0;
}

static void __iomem *wqcfg(struct dsa_sample_device *dev, unsigned int wq,
			   enum dsa_wqcfg_dword dword)
{
	return dev->regs + dev->caps.wqcfg + wq * dev->caps.wqcfg_stride + 4 * dword;
}

void dsa_sample_default_config(struct dsa_sample_device *dev)
{
	const struct dsa_sample_caps *caps = &dev->caps;
	unsigned int wqs = min_t(unsigned int, caps->wqs, DSA_SAMPLE_QUEUES);
	unsigned int groups = min_t(unsigned int, caps->groups, DSA_SAMPLE_GROUPS);
	unsigned int used = min3(groups, caps->engines, wqs);
	struct dsa_sample_configure *config = &dev->config;
	unsigned int i;

	memset(config, 0, sizeof(*config));
	/* Traffic class 0: the only one that is always there. */
	for (i = 0; i < groups; i++)
		config->groups[i].flags = FIELD_PREP(DSA_GRPFLAGS_READ_BUFS_ALLOWED,
						     caps->read_buffers);
	for (i = 0; i < min(caps->engines, 64U); i++)
		config->groups[i % used].engines |= BIT_ULL(i);
	for (i = 0; i < wqs; i++) {
		config->groups[i % used].queues |= BIT_ULL(i);
		config->queues[i] = (struct dsa_sample_queue_config) {
			.size = caps->wq_entries,
			.priority = 1,
			.max_transfer_shift = caps->max_xfer_shift,
			.max_batch_shift = min_t(u32, BATCH_SHIFT, caps->max_batch_shift),
		};
	}
}

int dsa_sample_configure(struct dsa_sample_device *dev)
{
	const struct dsa_sample_caps *caps = &dev->caps;
	unsigned int i;

	/* An old error survives Reset Device, and would keep new ones silent. */
	writeq(DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW, dev->regs + DSA_REG_SWERROR);
	iowrite32(DSA_GENCTRL_SWERROR_INT | DSA_GENCTRL_HALT_INT, dev->regs + DSA_REG_GENCTRL);

	/* No PASID: neither here nor in the work queues. */
	for (i = 0; i < caps->vectors; i++)
		iowrite32(0, dev->regs + caps->msixperm + i * DSA_MSIXPERM_STRIDE);

	/*
	 * Sizes and groups can be set while the device is disabled only: all of them
	 * now. What is beyond the arrays is zero since the reset.
	 */
	for (i = 0; i < min_t(unsigned int, caps->wqs, DSA_SAMPLE_QUEUES); i++)
		iowrite32(FIELD_PREP(DSA_WQCFG0_SIZE, dev->config.queues[i].size),
			  wqcfg(dev, i, DSA_WQCFG_SIZE));
	for (i = 0; i < min_t(unsigned int, caps->groups, DSA_SAMPLE_GROUPS); i++) {
		void __iomem *entry = dev->regs + caps->grpcfg + i * DSA_GRPCFG_STRIDE;

		writeq(dev->config.groups[i].queues, entry + DSA_GRPCFG_WQS);
		writeq(dev->config.groups[i].engines, entry + DSA_GRPCFG_ENGINES);
		writeq(dev->config.groups[i].flags, entry + DSA_GRPCFG_FLAGS);
	}

	return dsa_sample_command(dev, DSA_COMMAND_ENABLE_DEVICE, 0);
}

/* What the device itself would not notice now, or at all. */
static bool config_valid(const struct dsa_sample_caps *caps,
			 const struct dsa_sample_configure *config)
{
	unsigned int i;

	for (i = 0; i < DSA_SAMPLE_QUEUES; i++) {
		const struct dsa_sample_queue_config *queue = &config->queues[i];

		if (queue->reserved || queue->reserved2 ||
		    queue->size > (i < caps->wqs ? DSA_SAMPLE_ENTRIES_MAX : 0) ||
		    queue->priority > FIELD_MAX(DSA_WQCFG2_PRIORITY) ||
		    (queue->size && !queue->priority) ||
		    queue->max_transfer_shift > caps->max_xfer_shift ||
		    queue->max_batch_shift > caps->max_batch_shift)
			return false;
	}
	for (i = caps->groups; i < DSA_SAMPLE_GROUPS; i++)
		if (memchr_inv(&config->groups[i], 0, sizeof(config->groups[i])))
			return false;
	return true;
}

int dsa_sample_reconfigure(struct dsa_sample_device *dev,
			   const struct dsa_sample_configure *config)
{
	bool usual = !memchr_inv(config->groups, 0, sizeof(config->groups)) &&
		     !memchr_inv(config->queues, 0, sizeof(config->queues));
	int ret;

	if (!config_valid(&dev->caps, config))
		return -EINVAL;
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	if (!dsa_sample_present(dev))
		ret = -ENODEV;
	else if (dsa_sample_halted(dev))
		ret = -EIO;
	else if (dev->queues_up)
		ret = -EBUSY;
	else
		ret = dsa_sample_command(dev, DSA_COMMAND_DISABLE_DEVICE, 0);
	if (ret)
		goto unlock;

	if (usual)
		dsa_sample_default_config(dev);
	else
		dev->config = *config;
	ret = dsa_sample_configure(dev);
	if (ret) {
		dsa_sample_default_config(dev);
		/* If this fails as well, the log says so, and no queue comes up. */
		dsa_sample_configure(dev);
	}
unlock:
	mutex_unlock(&dev->lock);
	return ret;
}

int dsa_sample_wq_enable(struct dsa_sample_device *dev, unsigned int wq)
{
	const struct dsa_sample_queue_config *config = &dev->config.queues[wq];
	u32 priority = dev->caps.priority ? config->priority : 0;
	u32 state;
	int ret;

	iowrite32(0, wqcfg(dev, wq, DSA_WQCFG_THRESHOLD));
	iowrite32(DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, priority),
		  wqcfg(dev, wq, DSA_WQCFG_MODE));
	iowrite32(FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, config->max_transfer_shift) |
		  FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, config->max_batch_shift),
		  wqcfg(dev, wq, DSA_WQCFG_LIMITS));
	iowrite32(0, wqcfg(dev, wq, DSA_WQCFG_OCC_HANDLE));
	iowrite32(0, wqcfg(dev, wq, DSA_WQCFG_OCC_LIMIT));

	ret = dsa_sample_command(dev, DSA_COMMAND_ENABLE_WQ, wq);
	if (ret)
		return ret;
	state = ioread32(wqcfg(dev, wq, DSA_WQCFG_STATE));
	if (FIELD_GET(DSA_WQCFG6_STATE, state) != DSA_WQ_STATE_ENABLED) {
		pci_err(dev->pdev, "work queue %u is not enabled after Enable WQ (%#x)\n", wq,
			state);
		dsa_sample_wq_disable(dev, wq);
		return -EIO;
	}
	return 0;
}

void dsa_sample_wq_disable(struct dsa_sample_device *dev, unsigned int wq)
{
	u32 bitmap = FIELD_PREP(DSA_CMD_WQ_BITMAP_GROUP, wq / 16) |
		     FIELD_PREP(DSA_CMD_WQ_BITMAP, BIT(wq % 16));
	int drained, reset;

	/* Gone or halted: it sends nothing any more. */
	if (!dsa_sample_present(dev) || dsa_sample_halted(dev))
		return;

	drained = dsa_sample_command(dev, DSA_COMMAND_DRAIN_WQ, bitmap);
	/* Abandons what could not be drained. */
	reset = dsa_sample_command(dev, DSA_COMMAND_RESET_WQ, bitmap);
	if (!drained && !reset)
		return;
	if (!dsa_sample_present(dev) || dsa_sample_halted(dev))
		return;
	if (!(ioread32(wqcfg(dev, wq, DSA_WQCFG_STATE)) & DSA_WQCFG6_STATE))
		return;

	/* Memory is about to be freed: no bus mastering, no DMA. */
	pci_err(dev->pdev, "work queue %u cannot be stopped: bus mastering switched off\n", wq);
	pci_clear_master(dev->pdev);
	set_bit(DSA_SAMPLE_HALTED, &dev->state);
	dsa_sample_wake_queues(dev);
}
