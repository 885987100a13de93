// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers: capabilities, administrative commands, vector 0, configuration.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jiffies.h>

#include <dsa/text.h>

#include "dsa_sample_drv.h"

#define COMMAND_TIMEOUT (5 * HZ)
/* How long to trust in the interrupt before looking at the status. */
#define COMMAND_LOOK (HZ / 4)
/* A probe that was not answered by then: look whether its interrupt got lost. */
#define PROBE_LOOK (2 * HZ)
/* Rounds of one thread run; what is left has a message of its own on the way. */
#define ROUNDS 16

/* ---- Capabilities -------------------------------------------------------- */

int dsa_sample_read_caps(struct dsa_sample_device *dev)
{
	u64 size = pci_resource_len(dev->pdev, 0), portals = pci_resource_len(dev->pdev, 2);
	struct dsa_cap_registers registers = { .version = ~0U };
	const char *lack;

	if (size >= DSA_REG_SWERROR + 8 * DSA_SWERROR_WORDS)
		registers.version = ioread32(dev->regs + DSA_REG_VERSION);
	if (registers.version == ~0U) {
		pci_err(dev->pdev, "no registers in BAR0, or all ones\n");
		return -ENODEV;
	}
	registers.gencap = readq(dev->regs + DSA_REG_GENCAP);
	registers.wqcap = readq(dev->regs + DSA_REG_WQCAP);
	registers.grpcap = readq(dev->regs + DSA_REG_GRPCAP);
	registers.engcap = readq(dev->regs + DSA_REG_ENGCAP);
	registers.opcap = readq(dev->regs + DSA_REG_OPCAP);
	registers.offsets = readq(dev->regs + DSA_REG_OFFSETS);
	if (registers.gencap & DSA_GENCAP_CMDCAP)
		registers.cmdcap = ioread32(dev->regs + DSA_REG_CMDCAP);

	dsa_caps_decode(&registers, &dev->caps);
	lack = dsa_caps_lack(&dev->caps, dev->vectors, size, portals);
	if (lack) {
		pci_err(dev->pdev, "cannot work with this device: %s\n", lack);
		return -EOPNOTSUPP;
	}
	dev->queues_number = min3(dev->caps.wqs, dev->vectors - 1,
				  (unsigned int)DSA_SAMPLE_QUEUES);
	dsa_sample_usual_config(&dev->caps, &dev->config);
	return 0;
}

/* ---- Vector 0 ------------------------------------------------------------ */

/* Read, then clear: errors that come while it is valid are only counted as overflow. */
static void software_error(struct dsa_sample_device *dev)
{
	u64 word[DSA_SWERROR_WORDS];
	char text[DSA_SWERROR_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = readq(dev->regs + DSA_REG_SWERROR + 8 * i);
	if (!(word[0] & DSA_SWERROR0_VALID))
		return;
	writeq(word[0] & (DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW), /* Rule 19 */
	       dev->regs + DSA_REG_SWERROR);
	/* What is refused for a revoked handle is submitted again: no error. */
	if (dev->caps.handles && FIELD_GET(DSA_SWERROR0_CODE, word[0]) == DSA_COMP_INT_HANDLE_INVAL)
		return;
	dev_err_ratelimited(&dev->pdev->dev, "software error: %s\n", dsa_swerror_text(word, text));
}

/* No register is touched here: the handlers of the queues should not wait for that. */
irqreturn_t dsa_sample_vector0_handler(int irq, void *data)
{
	struct dsa_sample_device *dev = data;

	WRITE_ONCE(dev->handler_runs[0], dev->handler_runs[0] + 1);
	return IRQ_WAKE_THREAD;
}

/*
 * Clear, then look: what comes in between sets its cause again. No cause at all
 * is normal, a command may have been found complete without its interrupt.
 */
irqreturn_t dsa_sample_vector0_thread(int irq, void *data)
{
	struct dsa_sample_device *dev = data;
	unsigned int round;
	u32 cause;

	for (round = 0; round < ROUNDS && dsa_sample_reachable(dev); round++) {
		cause = ioread32(dev->regs + DSA_REG_INTCAUSE);
		if (cause == ~0U)
			dsa_sample_trouble(dev, DSA_SAMPLE_ALL_ONES);
		if (!cause || cause == ~0U)
			break;
		iowrite32(cause, dev->regs + DSA_REG_INTCAUSE); /* Rule 18 */
		if (cause & DSA_INTCAUSE_SWERROR)
			software_error(dev);
		if (cause & DSA_INTCAUSE_HALT)
			dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
		if (cause & DSA_INTCAUSE_HANDLES_REVOKED)
			dsa_sample_trouble(dev, DSA_SAMPLE_REVOKED);
		if (cause & DSA_INTCAUSE_COMMAND) {
			WRITE_ONCE(dev->command_told, true);
			wake_up_all(&dev->command_wait);
		}
	}
	return IRQ_HANDLED;
}

/* No message came of a command that has ended, so others may have been lost, too. */
static void message_lost(struct dsa_sample_device *dev)
{
	dev->commands_polled++;
	dsa_sample_vector0_thread(dev->irq, dev); /* Rule 26 */
}

static bool is_enabled(struct dsa_sample_device *dev)
{
	return FIELD_GET(DSA_GENSTS_STATE, ioread32(dev->regs + DSA_REG_GENSTS)) ==
	       DSA_STATE_ENABLED;
}

/* ---- Commands ------------------------------------------------------------ */

/* Until no command is executed. @interrupt: one tells, but only the status counts. */
static int command_wait(struct dsa_sample_device *dev, bool interrupt, u32 *status)
{
	unsigned long deadline = jiffies + COMMAND_TIMEOUT;
	bool told = true, late;

	for (;;) {
		if (interrupt)
			told = wait_event_timeout(dev->command_wait, READ_ONCE(dev->command_told) ||
						  !dsa_sample_reachable(dev), COMMAND_LOOK);
		if (!dsa_sample_reachable(dev))
			return -ENODEV;
		/* What told may have been about an earlier command. */
		WRITE_ONCE(dev->command_told, false);
		/* In this order: a CPU may stand still between the two. */
		late = time_after(jiffies, deadline);
		*status = ioread32(dev->regs + DSA_REG_CMDSTATUS);
		if (*status == ~0U)
			return dsa_sample_trouble(dev, DSA_SAMPLE_ALL_ONES);
		if (!(*status & DSA_CMDSTATUS_ACTIVE)) /* Rule 20 */
			break;
		if (late)
			return -ETIMEDOUT;
		if (!interrupt)
			usleep_range(200, 1000);
	}
	if (!told)
		message_lost(dev);
	return 0;
}

int dsa_sample_command(struct dsa_sample_device *dev, enum dsa_command command, u32 operand)
{
	u32 word = FIELD_PREP(DSA_CMD_CODE, command) | FIELD_PREP(DSA_CMD_OPERAND, operand);
	unsigned int error;
	u32 status = 0;
	int ret;

	lockdep_assert_held(&dev->lock);

	if (!dsa_sample_reachable(dev))
		return -ENODEV;

	/* A probe may be under way. */
	ret = command_wait(dev, false, &status);
	if (!ret) {
		dev->commands++;
		iowrite32(dev->irq ? word | DSA_CMD_INT_REQ : word, dev->regs + DSA_REG_CMD);
		ret = command_wait(dev, dev->irq, &status);
	}
	WRITE_ONCE(dev->command_told, true);

	error = FIELD_GET(DSA_CMDSTATUS_ERROR, status);
	if (ret == -ETIMEDOUT) {
		pci_err(dev->pdev, "%s (operand %#x): no end within %u s: CMDSTATUS %#010x, %s\n",
			dsa_command_text(command), operand, COMMAND_TIMEOUT / HZ, status,
			dsa_state_text(ioread32(dev->regs + DSA_REG_GENSTS)));
		dsa_sample_trouble(dev, DSA_SAMPLE_STUCK);
	} else if (!ret && error) {
		/* A handle may have been revoked already. */
		dev_printk(command == DSA_COMMAND_RELEASE_INT_HANDLE ? KERN_DEBUG : KERN_ERR,
			   &dev->pdev->dev, "%s (operand %#x) refused: %s (error %#04x)\n",
			   dsa_command_text(command), operand, dsa_command_error_text(error),
			   error);
		/* It could not tell by an interrupt, or that got lost. */
		if (error == DSA_CMDERR_HALTED || error == DSA_CMDERR_DEV_NOT_ENABLED)
			dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
		ret = -EIO;
	}
	return ret ? : FIELD_GET(DSA_CMDSTATUS_RESULT, status);
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
	bool asked = false;

	/* Who has it gives commands himself, or is done at once; or waits for this tick. */
	if (!mutex_trylock(&dev->lock))
		return false;
	if (dsa_sample_usable(dev) || !dsa_sample_reachable(dev))
		goto unlock;
	if (!READ_ONCE(dev->command_told)) {
		if (time_before(jiffies, dev->probe_due))
			goto unlock;
		dev->probe_due = jiffies + PROBE_LOOK;
		/* Was the message lost, or is nobody there who sends it? */
		message_lost(dev);
		if (!is_enabled(dev))
			dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY); /* Rule 21 */
	}
	/* Neither beside a command that goes on, nor enabling what has been reset. */
	if (!READ_ONCE(dev->command_told) || READ_ONCE(dev->trouble))
		goto unlock;
	dev->probe_due = jiffies + PROBE_LOOK;
	dev->commands++;
	WRITE_ONCE(dev->command_told, false);
	iowrite32(word, dev->regs + DSA_REG_CMD);
	asked = true;
unlock:
	mutex_unlock(&dev->lock);
	return asked;
}

/* ---- Configuration ------------------------------------------------------- */

static void __iomem *wqcfg(struct dsa_sample_device *dev, unsigned int wq,
			   enum dsa_wqcfg_dword dword)
{
	return dev->regs + dev->caps.wqcfg + wq * dev->caps.wqcfg_stride + 4 * dword;
}

static unsigned int wq_state(struct dsa_sample_device *dev, unsigned int wq)
{
	return FIELD_GET(DSA_WQCFG6_STATE, ioread32(wqcfg(dev, wq, DSA_WQCFG_STATE)));
}

/* A command has succeeded, and what it was to enable is not: somebody has reset it. */
static int confirm(struct dsa_sample_device *dev, bool enabled, const char *what)
{
	if (enabled)
		return 0;
	pci_err(dev->pdev, "%s disabled again without our doing\n", what);
	dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
	return -EIO;
}

int dsa_sample_configure(struct dsa_sample_device *dev)
{
	const struct dsa_caps *caps = &dev->caps;
	unsigned int i;
	int ret;

	/* An old error survives Reset Device, and would keep new ones silent. */
	writeq(DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW, /* Rule 4 */
	       dev->regs + DSA_REG_SWERROR);
	iowrite32(DSA_GENCTRL_SWERROR_INT | DSA_GENCTRL_HALT_INT, /* Rule 3 */
		  dev->regs + DSA_REG_GENCTRL);

	/* Work with a PASID may ask for interrupts, as work without one. */
	if (dev->pasid)
		iowrite32(DSA_GENCFG_USER_INT, dev->regs + DSA_REG_GENCFG);

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

	ret = dsa_sample_command(dev, DSA_COMMAND_ENABLE_DEVICE, 0);
	return ret ? : confirm(dev, is_enabled(dev), "device");
}

int dsa_sample_reconfigure(struct dsa_sample_device *dev,
			   const struct dsa_sample_configure *config)
{
	struct dsa_sample_configure made;
	int ret;

	if (!dsa_sample_config_make(&dev->caps, config, &made))
		return -EINVAL;
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	ret = dsa_sample_usable(dev);
	if (!ret && dev->queues_up)
		ret = -EBUSY;
	if (!ret)
		ret = dsa_sample_command(dev, DSA_COMMAND_DISABLE_DEVICE, 0);
	if (ret)
		goto unlock;

	dev->config = made;
	ret = dsa_sample_configure(dev);
	if (ret) {
		dsa_sample_usual_config(&dev->caps, &dev->config);
		if (dsa_sample_configure(dev))
			dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
	}
unlock:
	mutex_unlock(&dev->lock);
	return ret;
}

int dsa_sample_handle_get(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;
	int handle = q->vector;

	if (dev->caps.handles)
		handle = dsa_sample_command(dev, DSA_COMMAND_REQUEST_INT_HANDLE, q->vector);
	if (handle < 0)
		return handle;
	mutex_lock(&q->submit_lock);
	q->handle = handle;
	mutex_unlock(&q->submit_lock);
	return 0;
}

int dsa_sample_wq_enable(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;
	const struct dsa_sample_queue_config *config = &dev->config.queues[q->number];
	u32 mode = q->pasid ? DSA_WQCFG2_PASID_ENABLE : DSA_WQCFG2_DEDICATED;
	int ret;

	if (dev->caps.priority)
		mode |= FIELD_PREP(DSA_WQCFG2_PRIORITY, config->priority);
	iowrite32(dsa_msixperm(q->pasid), dev->regs + dev->caps.msixperm + /* Rule 5 */
		  q->vector * DSA_MSIXPERM_STRIDE);
	/* The limited portal takes as many as there are slots; nobody else submits. */
	iowrite32(q->pasid ? config->size : 0, wqcfg(dev, q->number, DSA_WQCFG_THRESHOLD));
	iowrite32(mode, wqcfg(dev, q->number, DSA_WQCFG_MODE));
	iowrite32(FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, config->max_transfer_shift) |
		  FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, config->max_batch_shift),
		  wqcfg(dev, q->number, DSA_WQCFG_LIMITS));

	ret = dsa_sample_handle_get(q) ? :
	      dsa_sample_command(dev, DSA_COMMAND_ENABLE_WQ, q->number);
	return ret ? : confirm(dev, wq_state(dev, q->number) == DSA_WQ_STATE_ENABLED, q->irq_name);
}

void dsa_sample_wq_disable(struct dsa_sample_queue *q)
{
	struct dsa_sample_device *dev = q->device;
	u32 bitmap = FIELD_PREP(DSA_CMD_WQ_BITMAP_GROUP, q->number / 16) |
		     FIELD_PREP(DSA_CMD_WQ_BITMAP, BIT(q->number % 16));
	int drained, reset;

	/* Stopped: it sends nothing any more. */
	if (dsa_sample_usable(dev))
		return;

	drained = dsa_sample_command(dev, DSA_COMMAND_DRAIN_WQ, bitmap);
	/* Abandons what could not be drained; not while the drain goes on. */
	reset = drained == -ETIMEDOUT ? drained :
		dsa_sample_command(dev, DSA_COMMAND_RESET_WQ, bitmap);
	if (dev->caps.handles && !reset)
		dsa_sample_command(dev, DSA_COMMAND_RELEASE_INT_HANDLE, q->handle);
	if ((!drained && !reset) || !dsa_sample_reachable(dev) ||
	    wq_state(dev, q->number) == DSA_WQ_STATE_DISABLED)
		return;

	/* Memory is about to be freed: no bus mastering, no DMA. */
	pci_err(dev->pdev, "work queue %u cannot be stopped: bus mastering switched off\n",
		q->number);
	pci_clear_master(dev->pdev);
	dsa_sample_trouble(dev, DSA_SAMPLE_ASTRAY);
}
