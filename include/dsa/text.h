/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel DSA: what the codes of its registers mean, in words.
 *
 * One truth for the guest driver, the device model and the tests, as registers.h
 * is. All functions take any code and never return NULL. Source: specification,
 * chapters 5.6, 8 and 9.
 */
#ifndef DSA_TEXT_H
#define DSA_TEXT_H

#include <linux/idxd.h>

#ifdef __KERNEL__
#include <linux/kernel.h>
#else
#include <stdio.h>
#endif

#include <dsa/registers.h>

/* Name of an administrative command, enum dsa_command. */
static inline const char *dsa_command_text(unsigned int command)
{
	static const char *const texts[] = {
		[DSA_COMMAND_ENABLE_DEVICE] = "Enable Device",
		[DSA_COMMAND_DISABLE_DEVICE] = "Disable Device",
		[DSA_COMMAND_DRAIN_ALL] = "Drain All",
		[DSA_COMMAND_ABORT_ALL] = "Abort All",
		[DSA_COMMAND_RESET_DEVICE] = "Reset Device",
		[DSA_COMMAND_ENABLE_WQ] = "Enable WQ",
		[DSA_COMMAND_DISABLE_WQ] = "Disable WQ",
		[DSA_COMMAND_DRAIN_WQ] = "Drain WQ",
		[DSA_COMMAND_ABORT_WQ] = "Abort WQ",
		[DSA_COMMAND_RESET_WQ] = "Reset WQ",
		[DSA_COMMAND_DRAIN_PASID] = "Drain PASID",
		[DSA_COMMAND_ABORT_PASID] = "Abort PASID",
		[DSA_COMMAND_REQUEST_INT_HANDLE] = "Request Interrupt Handle",
		[DSA_COMMAND_RELEASE_INT_HANDLE] = "Release Interrupt Handle",
	};

	return command && command < sizeof(texts) / sizeof(texts[0]) ? texts[command] :
								       "unknown command";
}

/* Why a command was refused, enum dsa_cmd_error. */
static inline const char *dsa_command_error_text(unsigned int error)
{
	static const char *const texts[] = {
		[DSA_CMDERR_SUCCESS] = "success",
		[DSA_CMDERR_UNDEFINED] = "unsupported command",
		[DSA_CMDERR_WQ_INDEX] = "no such work queue",
		[DSA_CMDERR_HARDWARE] = "hardware error",
		[DSA_CMDERR_RESERVED] = "reserved field not zero",
		[DSA_CMDERR_HALTED] = "the device is in the halt state",
		[DSA_CMDERR_DEV_NOT_DISABLED] = "the device is not disabled",
		[DSA_CMDERR_DEV_CONFIG] = "bad configuration",
		[DSA_CMDERR_NO_BUS_MASTER] = "bus mastering is off",
		[DSA_CMDERR_PRS_ALLOC] = "bad page request allocation",
		[DSA_CMDERR_WQ_SIZE_SUM] = "the work queues are too large together",
		[DSA_CMDERR_GROUP_ENGINES] = "a group has queues or engines, but not both",
		[DSA_CMDERR_GROUP_WQS] = "a work queue is not in exactly one group",
		[DSA_CMDERR_ENGINE_GROUPS] = "an engine is in more than one group",
		[DSA_CMDERR_READ_BUFS] = "bad read buffer setting",
		[DSA_CMDERR_EVL] = "bad event log setting",
		[DSA_CMDERR_ATS] = "ATS setting contradicts the platform",
		[DSA_CMDERR_EVL_PASID] = "the event log needs PASID",
		[DSA_CMDERR_DEV_NOT_ENABLED] = "the device is not enabled",
		[DSA_CMDERR_WQ_NOT_DISABLED] = "the work queue is not disabled",
		[DSA_CMDERR_WQ_SIZE_ZERO] = "the work queue has no entries",
		[DSA_CMDERR_WQ_PRIORITY] = "priority zero",
		[DSA_CMDERR_WQ_MODE] = "work queue mode not supported",
		[DSA_CMDERR_WQ_BLOCK_ON_FAULT] = "block on fault not supported",
		[DSA_CMDERR_WQ_PASID] = "bad PASID setting of the work queue",
		[DSA_CMDERR_WQ_MAX_BATCH] = "bad largest batch",
		[DSA_CMDERR_WQ_MAX_XFER] = "bad largest transfer",
		[DSA_CMDERR_WQ_PRIV] = "privileged mode is off",
		[DSA_CMDERR_WQ_OCCUPANCY_INT] = "bad occupancy interrupt",
		[DSA_CMDERR_WQ_ATS_DISABLE] = "ATS disable not supported",
		[DSA_CMDERR_WQ_OPCFG] = "unsupported operation enabled",
		[DSA_CMDERR_WQ_PRS_DISABLE] = "PRS disable not supported",
		[DSA_CMDERR_DEV_IS_DISABLED] = "the device is disabled",
		[DSA_CMDERR_WQ_NOT_ENABLED] = "the work queue is not enabled",
		[DSA_CMDERR_INT_INDEX] = "bad interrupt table index or handle",
		[DSA_CMDERR_NO_INT_HANDLE] = "no interrupt handle free",
	};

	return error < sizeof(texts) / sizeof(texts[0]) && texts[error] ? texts[error] :
									 "undocumented error";
}

/* Completion status, enum dsa_completion_status, or code of SWERROR, enum dsa_swerror_code. */
static inline const char *dsa_status_text(unsigned int code)
{
	static const char *const texts[] = {
		[DSA_COMP_NONE] = "not completed",
		[DSA_COMP_SUCCESS] = "success",
		[DSA_COMP_SUCCESS_PRED] = "success, false predicate",
		[DSA_COMP_PAGE_FAULT_NOBOF] = "page fault",
		[DSA_COMP_PAGE_FAULT_IR] = "page request refused",
		[DSA_COMP_BATCH_FAIL] = "a descriptor of the batch failed",
		[DSA_COMP_BATCH_PAGE_FAULT] = "page fault on the list of the batch",
		[DSA_COMP_DR_OFFSET_NOINC] = "offsets of the delta record not ascending",
		[DSA_COMP_DR_OFFSET_ERANGE] = "offset of the delta record out of range",
		[DSA_COMP_DIF_ERR] = "DIF error",
		[DSA_COMP_BAD_OPCODE] = "unsupported operation",
		[DSA_COMP_INVALID_FLAGS] = "invalid flags",
		[DSA_COMP_NOZERO_RESERVE] = "reserved field not zero",
		[DSA_COMP_XFER_ERANGE] = "bad transfer size",
		[DSA_COMP_DESC_CNT_ERANGE] = "bad descriptor count",
		[DSA_COMP_DR_ERANGE] = "field out of range",
		[DSA_COMP_OVERLAP_BUFFERS] = "buffers overlap",
		[DSA_COMP_DCAST_ERR] = "dualcast destinations not aligned alike",
		[DSA_COMP_DESCLIST_ALIGN] = "descriptor list not aligned",
		[DSA_COMP_INT_HANDLE_INVAL] = "bad interrupt handle",
		[DSA_COMP_CRA_XLAT] = "completion record address cannot be translated",
		[DSA_COMP_CRA_ALIGN] = "completion record not aligned",
		[DSA_COMP_ADDR_ALIGN] = "address not aligned",
		[DSA_COMP_PRIV_BAD] = "privilege not enabled",
		[DSA_COMP_TRAFFIC_CLASS_CONF] = "traffic class not enabled",
		[DSA_COMP_PFAULT_RDBA] = "page fault on a readback",
		[DSA_COMP_HW_ERR1] = "hardware error on a read",
		[DSA_COMP_HW_ERR_DRB] = "hardware error on a write",
		[DSA_COMP_TRANSLATION_FAIL] = "address translation failed",
		[DSA_SWERR_PCI_CONFIG] = "PCI configuration changed while enabled",
		[DSA_SWERR_CMD_WHILE_ACTIVE] = "command written while another was active",
		[DSA_SWERR_WQ_OVERFLOW] = "work queue overflow",
		[DSA_SWERR_EVL_FULL] = "event log full",
	};

	return code < sizeof(texts) / sizeof(texts[0]) && texts[code] ? texts[code] :
								       "undocumented error";
}

/* Most of what dsa_swerror_text() writes. */
#define DSA_SWERROR_TEXT 256

/* What the words of the software error register say, written to @text. Returns it. */
static inline const char *dsa_swerror_text(const __u64 word[DSA_SWERROR_WORDS],
					   char text[DSA_SWERROR_TEXT])
{
	unsigned int code = FIELD_GET(DSA_SWERROR0_CODE, word[0]);
	char queue[24] = "", operation[40] = "";

	if (word[0] & DSA_SWERROR0_WQ_VALID)
		snprintf(queue, sizeof(queue), ", queue %u",
			 (unsigned int)FIELD_GET(DSA_SWERROR0_WQ, word[0]));
	if (word[0] & DSA_SWERROR0_DESC_VALID)
		snprintf(operation, sizeof(operation), ", operation %#04x%s",
			 (unsigned int)FIELD_GET(DSA_SWERROR0_OPCODE, word[0]),
			 word[0] & DSA_SWERROR0_BATCH ? " of a batch" : "");
	snprintf(text, DSA_SWERROR_TEXT, "%s (%#04x)%s%s, %s address %#llx, word 1 %#llx%s",
		 dsa_status_text(code), code, queue, operation,
		 word[0] & DSA_SWERROR0_WRITE ? "write" : "read", (unsigned long long)word[2],
		 (unsigned long long)word[1],
		 word[0] & DSA_SWERROR0_OVERFLOW ? ", and further errors" : "");
	return text;
}

/* State of the device, enum dsa_device_state. */
static inline const char *dsa_state_text(unsigned int state)
{
	static const char *const texts[] = {
		[DSA_STATE_DISABLED] = "disabled",
		[DSA_STATE_ENABLED] = "enabled",
		[DSA_STATE_DRAINING] = "draining",
		[DSA_STATE_HALT] = "halted",
	};

	return texts[state & DSA_STATE_HALT];
}

/* What leads out of the halt state, enum dsa_reset_type. */
static inline const char *dsa_reset_text(unsigned int type)
{
	static const char *const texts[] = {
		[DSA_RESET_COMMAND] = "a Reset Device command",
		[DSA_RESET_FLR] = "a function level reset",
		[DSA_RESET_WARM] = "a warm reset",
		[DSA_RESET_COLD] = "a cold reset",
	};

	return texts[type & DSA_RESET_COLD];
}

#endif /* DSA_TEXT_H */
