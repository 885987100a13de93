// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vector 0: ends of commands, software errors, halt.
 *
 * The hard handler touches no register. In a virtual machine a read may take
 * long, and the handlers of the queues should not wait for it.
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/ratelimit.h>

#include "dsa_sample_drv.h"

/* Rounds of one thread run; what is left has a message of its own on the way. */
#define ROUNDS 16

static const struct {
	u8 code;
	const char *text;
} error_texts[] = {
	{ DSA_COMP_SUCCESS, "success" },
	{ DSA_COMP_SUCCESS_PRED, "success, false predicate" },
	{ DSA_COMP_PAGE_FAULT_NOBOF, "page fault" },
	{ DSA_COMP_PAGE_FAULT_IR, "page request refused" },
	{ DSA_COMP_BAD_OPCODE, "unsupported operation" },
	{ DSA_COMP_INVALID_FLAGS, "invalid flags" },
	{ DSA_COMP_NOZERO_RESERVE, "reserved field not zero" },
	{ DSA_COMP_XFER_ERANGE, "bad transfer size" },
	{ DSA_COMP_OVERLAP_BUFFERS, "buffers overlap" },
	{ DSA_COMP_INT_HANDLE_INVAL, "bad interrupt handle" },
	{ DSA_COMP_CRA_XLAT, "completion record address cannot be translated" },
	{ DSA_COMP_CRA_ALIGN, "completion record not aligned" },
	{ DSA_COMP_ADDR_ALIGN, "address not aligned" },
	{ DSA_COMP_PRIV_BAD, "privilege not enabled" },
	{ DSA_COMP_TRAFFIC_CLASS_CONF, "traffic class not enabled" },
	{ DSA_COMP_HW_ERR1, "hardware error on a read" },
	{ DSA_COMP_HW_ERR_DRB, "hardware error on a write" },
	{ DSA_COMP_TRANSLATION_FAIL, "address translation failed" },
	{ DSA_SWERR_PCI_CONFIG, "PCI configuration changed while enabled" },
	{ DSA_SWERR_CMD_WHILE_ACTIVE, "command written while another was active" },
	{ DSA_SWERR_WQ_OVERFLOW, "work queue overflow" },
	{ DSA_SWERR_EVL_FULL, "event log full" },
};

static const char *error_text(unsigned int code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(error_texts); i++)
		if (error_texts[i].code == code)
			return error_texts[i].text;
	return "undocumented error";
}

static void software_error(struct dsa_sample_device *dev)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);
	u64 word[DSA_SWERROR_WORDS];
	char queue[16] = "";
	unsigned int code;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = readq(dev->regs + DSA_REG_SWERROR + 8 * i);
	if (!(word[0] & DSA_SWERROR0_VALID))
		return;
	writeq(word[0] & (DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW),
	       dev->regs + DSA_REG_SWERROR);

	if (!__ratelimit(&limit))
		return;
	code = FIELD_GET(DSA_SWERROR0_CODE, word[0]);
	if (word[0] & DSA_SWERROR0_WQ_VALID)
		snprintf(queue, sizeof(queue), ", queue %u",
			 (unsigned int)FIELD_GET(DSA_SWERROR0_WQ, word[0]));
	pci_err(dev->pdev,
		"software error: %s (%#04x)%s, operation %#04x, address %#llx, words %016llx %016llx%s\n",
		error_text(code), code, queue,
		(unsigned int)FIELD_GET(DSA_SWERROR0_OPCODE, word[0]), word[2], word[0], word[1],
		word[0] & DSA_SWERROR0_OVERFLOW ? ", and further errors" : "");
}

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

	for (round = 0; round < ROUNDS && dsa_sample_present(dev); round++) {
		cause = ioread32(dev->regs + DSA_REG_INTCAUSE);
		if (cause == ~0U) {
			dsa_sample_lost(dev);
			break;
		}
		if (!cause)
			break;
		iowrite32(cause, dev->regs + DSA_REG_INTCAUSE);
		if (cause & DSA_INTCAUSE_SWERROR)
			software_error(dev);
		if (cause & DSA_INTCAUSE_HALT)
			dsa_sample_check_halt(dev);
		if (cause & DSA_INTCAUSE_COMMAND)
			dsa_sample_command_interrupt(dev);
	}
	return IRQ_HANDLED;
}
