/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel DSA: registers in BAR0, tables and portals.
 *
 * One truth for the guest driver, the device model and the tests. Offsets are
 * bytes from the start of BAR0 unless said otherwise; all registers are little
 * endian. Source: Intel Data Streaming Accelerator Architecture Specification
 * (order number 341204), chapter 9. Descriptors, completion records, opcodes
 * and completion status codes are in <linux/idxd.h>.
 */
#ifndef DSA_REGISTERS_H
#define DSA_REGISTERS_H

#include <dsa/bits.h>

/* ---- Capabilities (read only) ------------------------------------------ */

#define DSA_REG_VERSION 0x000 /* 32 bit */
#define DSA_VERSION_MINOR GENMASK(7, 0)
#define DSA_VERSION_MAJOR GENMASK(15, 8)
#define DSA_VERSION_2 0x200

#define DSA_REG_GENCAP 0x010 /* 64 bit */
#define DSA_GENCAP_BLOCK_ON_FAULT BIT_ULL(0)
#define DSA_GENCAP_OVERLAP BIT_ULL(1)
#define DSA_GENCAP_CACHE_WRITE BIT_ULL(2)
#define DSA_GENCAP_V1_CACHE BIT_ULL(3) /* of the early stepping */
#define DSA_GENCAP_CMDCAP BIT_ULL(4)
#define DSA_GENCAP_DURABLE_WRITE BIT_ULL(5)
#define DSA_GENCAP_INTER_DOMAIN BIT_ULL(6)
#define DSA_GENCAP_DEST_READBACK BIT_ULL(8)
#define DSA_GENCAP_DRAIN_READBACK BIT_ULL(9)
#define DSA_GENCAP_FILL_16B BIT_ULL(10)
#define DSA_GENCAP_CRC64 BIT_ULL(11)
#define DSA_GENCAP_FAULT_INFO BIT_ULL(12)
#define DSA_GENCAP_EVL GENMASK_ULL(14, 13) /* size of an entry; 0: there is no log */
#define DSA_GENCAP_EVL_64_BYTES 1 /* in that field */
#define DSA_GENCAP_BATCH_CONTINUE BIT_ULL(15)
#define DSA_GENCAP_MAX_XFER_SHIFT GENMASK_ULL(20, 16)
#define DSA_GENCAP_MAX_BATCH_SHIFT GENMASK_ULL(24, 21)
#define DSA_GENCAP_IMS_SIZE GENMASK_ULL(30, 25) /* units of 256 entries */
#define DSA_GENCAP_CONFIG BIT_ULL(31)
#define DSA_GENCAP_EVL_OVERFLOW BIT_ULL(32) /* from version 2 on: what does not fit in is lost */
#define DSA_GENCAP_BATCH1 BIT_ULL(52)

#define DSA_REG_WQCAP 0x020 /* 64 bit */
#define DSA_WQCAP_TOTAL_SIZE GENMASK_ULL(15, 0)
#define DSA_WQCAP_NUM_WQS GENMASK_ULL(23, 16)
#define DSA_WQCAP_STRIDE_CODE GENMASK_ULL(27, 24) /* stride is 2^(code + 5) */
#define DSA_WQCAP_SHARED BIT_ULL(48)
#define DSA_WQCAP_DEDICATED BIT_ULL(49)
#define DSA_WQCAP_ATS_DISABLE BIT_ULL(50)
#define DSA_WQCAP_PRIORITY BIT_ULL(51)
#define DSA_WQCAP_OCCUPANCY BIT_ULL(52)
#define DSA_WQCAP_OCCUPANCY_INT BIT_ULL(53)
#define DSA_WQCAP_OPCFG BIT_ULL(54)
#define DSA_WQCAP_PRS_DISABLE BIT_ULL(55)

#define DSA_REG_GRPCAP 0x030 /* 64 bit */
#define DSA_GRPCAP_NUM_GROUPS GENMASK_ULL(7, 0)
#define DSA_GRPCAP_READ_BUFS GENMASK_ULL(15, 8)
#define DSA_GRPCAP_READ_BUF_CTRL BIT_ULL(16)
#define DSA_GRPCAP_READ_BUF_LIMIT BIT_ULL(17)
#define DSA_GRPCAP_PROGRESS_LIMIT BIT_ULL(18)

#define DSA_REG_ENGCAP 0x038 /* 64 bit */
#define DSA_ENGCAP_NUM_ENGINES GENMASK_ULL(7, 0)

#define DSA_REG_OPCAP 0x040 /* 256 bit, bit n: opcode n supported */
#define DSA_OPCAP_WORDS 4

#define DSA_REG_OFFSETS 0x060 /* 128 bit, fields in units of 0x100 */
#define DSA_OFFSETS_UNIT 0x100
#define DSA_OFFSETS_GRPCFG GENMASK_ULL(15, 0)
#define DSA_OFFSETS_WQCFG GENMASK_ULL(31, 16)
#define DSA_OFFSETS_MSIXPERM GENMASK_ULL(47, 32)
#define DSA_OFFSETS_IMS GENMASK_ULL(63, 48)
#define DSA_OFFSETS1_PERFMON GENMASK_ULL(15, 0)
#define DSA_OFFSETS1_IDPT GENMASK_ULL(31, 16)

/* ---- Configuration, status, commands ----------------------------------- */

#define DSA_REG_GENCFG 0x080 /* 32 bit, writable while the device is disabled */
#define DSA_GENCFG_READ_BUF_LIMIT GENMASK(7, 0)
#define DSA_GENCFG_USER_INT BIT(12)
#define DSA_GENCFG_EVL_ENABLE BIT(13)

#define DSA_REG_GENCTRL 0x088 /* 32 bit */
#define DSA_GENCTRL_SWERROR_INT BIT(0)
#define DSA_GENCTRL_HALT_INT BIT(1)
#define DSA_GENCTRL_EVL_INT BIT(2)

#define DSA_REG_GENSTS 0x090 /* 32 bit */
#define DSA_GENSTS_STATE GENMASK(1, 0)
#define DSA_GENSTS_RESET_TYPE GENMASK(3, 2)

enum dsa_device_state {
	DSA_STATE_DISABLED = 0,
	DSA_STATE_ENABLED = 1,
	DSA_STATE_DRAINING = 2,
	DSA_STATE_HALT = 3,
};

enum dsa_reset_type {
	DSA_RESET_COMMAND = 0,
	DSA_RESET_FLR = 1,
	DSA_RESET_WARM = 2,
	DSA_RESET_COLD = 3,
};

#define DSA_REG_INTCAUSE 0x098 /* 32 bit, write 1 to clear */
#define DSA_INTCAUSE_SWERROR BIT(0)
#define DSA_INTCAUSE_COMMAND BIT(1)
#define DSA_INTCAUSE_OCCUPANCY BIT(2)
#define DSA_INTCAUSE_PERFMON BIT(3)
#define DSA_INTCAUSE_HALT BIT(4)
#define DSA_INTCAUSE_EVL BIT(5)
#define DSA_INTCAUSE_HANDLES_REVOKED BIT(31)

#define DSA_REG_CMD 0x0a0 /* 32 bit, write only */
#define DSA_CMD_OPERAND GENMASK(19, 0)
#define DSA_CMD_CODE GENMASK(24, 20)
#define DSA_CMD_INT_REQ BIT(31)
/* Disable, drain, abort and reset WQ take a bitmap of 16 queues. */
#define DSA_CMD_WQ_BITMAP GENMASK(15, 0)
#define DSA_CMD_WQ_BITMAP_GROUP GENMASK(19, 16)

enum dsa_command {
	DSA_COMMAND_ENABLE_DEVICE = 1,
	DSA_COMMAND_DISABLE_DEVICE = 2,
	DSA_COMMAND_DRAIN_ALL = 3,
	DSA_COMMAND_ABORT_ALL = 4,
	DSA_COMMAND_RESET_DEVICE = 5,
	DSA_COMMAND_ENABLE_WQ = 6, /* operand: WQ index */
	DSA_COMMAND_DISABLE_WQ = 7, /* operand: WQ bitmap, also 8..10 */
	DSA_COMMAND_DRAIN_WQ = 8,
	DSA_COMMAND_ABORT_WQ = 9,
	DSA_COMMAND_RESET_WQ = 10,
	DSA_COMMAND_DRAIN_PASID = 11, /* operand: PASID, also 12 */
	DSA_COMMAND_ABORT_PASID = 12,
	DSA_COMMAND_REQUEST_INT_HANDLE = 13,
	DSA_COMMAND_RELEASE_INT_HANDLE = 14,
};

#define DSA_REG_CMDSTATUS 0x0a8 /* 32 bit; all zero after a success */
#define DSA_CMDSTATUS_ERROR GENMASK(7, 0)
#define DSA_CMDSTATUS_RESULT GENMASK(23, 8)
#define DSA_CMDSTATUS_ACTIVE BIT(31)

enum dsa_cmd_error {
	DSA_CMDERR_SUCCESS = 0x00,
	DSA_CMDERR_UNDEFINED = 0x01,
	DSA_CMDERR_WQ_INDEX = 0x02,
	DSA_CMDERR_HARDWARE = 0x03,
	DSA_CMDERR_RESERVED = 0x04,
	DSA_CMDERR_HALTED = 0x05,
	DSA_CMDERR_DEV_NOT_DISABLED = 0x10,
	DSA_CMDERR_DEV_CONFIG = 0x11,
	DSA_CMDERR_NO_BUS_MASTER = 0x12,
	DSA_CMDERR_PRS_ALLOC = 0x13,
	DSA_CMDERR_WQ_SIZE_SUM = 0x14,
	DSA_CMDERR_GROUP_ENGINES = 0x15,
	DSA_CMDERR_GROUP_WQS = 0x16,
	DSA_CMDERR_ENGINE_GROUPS = 0x17,
	DSA_CMDERR_READ_BUFS = 0x18,
	DSA_CMDERR_EVL = 0x19,
	DSA_CMDERR_ATS = 0x1a,
	DSA_CMDERR_EVL_PASID = 0x1b,
	DSA_CMDERR_DEV_NOT_ENABLED = 0x20,
	DSA_CMDERR_WQ_NOT_DISABLED = 0x21,
	DSA_CMDERR_WQ_SIZE_ZERO = 0x22,
	DSA_CMDERR_WQ_PRIORITY = 0x23,
	DSA_CMDERR_WQ_MODE = 0x24,
	DSA_CMDERR_WQ_BLOCK_ON_FAULT = 0x25,
	DSA_CMDERR_WQ_PASID = 0x26,
	DSA_CMDERR_WQ_MAX_BATCH = 0x27,
	DSA_CMDERR_WQ_MAX_XFER = 0x28,
	DSA_CMDERR_WQ_PRIV = 0x2a,
	DSA_CMDERR_WQ_OCCUPANCY_INT = 0x2b,
	DSA_CMDERR_WQ_ATS_DISABLE = 0x2c,
	DSA_CMDERR_WQ_OPCFG = 0x2d,
	DSA_CMDERR_WQ_PRS_DISABLE = 0x2e,
	DSA_CMDERR_DEV_IS_DISABLED = 0x31,
	DSA_CMDERR_WQ_NOT_ENABLED = 0x32,
	DSA_CMDERR_INT_INDEX = 0x41,
	DSA_CMDERR_NO_INT_HANDLE = 0x42,
};

#define DSA_REG_CMDCAP 0x0b0 /* 64 bit, present with GENCAP.CMDCAP */

#define DSA_REG_SWERROR 0x0c0 /* four 64-bit words */
#define DSA_SWERROR_WORDS 4
#define DSA_SWERROR0_VALID BIT_ULL(0)
#define DSA_SWERROR0_OVERFLOW BIT_ULL(1)
#define DSA_SWERROR0_DESC_VALID BIT_ULL(2)
#define DSA_SWERROR0_WQ_VALID BIT_ULL(3)
#define DSA_SWERROR0_BATCH BIT_ULL(4)
#define DSA_SWERROR0_WRITE BIT_ULL(5)
#define DSA_SWERROR0_PRIV BIT_ULL(6)
#define DSA_SWERROR0_INFO_VALID BIT_ULL(7) /* from version 2 on */
#define DSA_SWERROR0_CODE GENMASK_ULL(15, 8)
#define DSA_SWERROR0_WQ GENMASK_ULL(23, 16)
#define DSA_SWERROR0_OPCODE GENMASK_ULL(39, 32)
#define DSA_SWERROR0_PASID GENMASK_ULL(59, 40)
#define DSA_SWERROR1_BATCH_INDEX GENMASK_ULL(15, 0)
#define DSA_SWERROR1_INFO GENMASK_ULL(63, 32)

/* Errors that exist only in SWERROR; the others are completion status codes. */
enum dsa_swerror_code {
	DSA_SWERR_PCI_CONFIG = 0x51,
	DSA_SWERR_CMD_WHILE_ACTIVE = 0x52,
	DSA_SWERR_WQ_OVERFLOW = 0x53,
	DSA_SWERR_EVL_FULL = 0x54,
};

/* ---- Event log, from version 2 on (specification 5.9, 9.2.16, 9.2.17) ---- */

#define DSA_REG_EVLCFG 0x0e0 /* two 64-bit words, writable while the device is disabled */
#define DSA_EVLCFG_WORDS 2
#define DSA_EVLCFG0_PASID_ENABLE BIT_ULL(0)
#define DSA_EVLCFG0_PRIV BIT_ULL(1)
#define DSA_EVLCFG0_BASE GENMASK_ULL(63, 12)
#define DSA_EVLCFG1_SIZE GENMASK_ULL(15, 0) /* entries */
#define DSA_EVLCFG1_PASID GENMASK_ULL(35, 16)
#define DSA_EVL_SIZE_MIN 64

#define DSA_REG_EVLSTATUS 0x0f0 /* 64 bit; cleared by Enable Device if the log is used */
#define DSA_EVLSTATUS_HEAD GENMASK_ULL(15, 0) /* next to be read; written by the driver */
#define DSA_EVLSTATUS_TAIL GENMASK_ULL(47, 32) /* next to be written */
#define DSA_EVLSTATUS_INT_PENDING BIT_ULL(62) /* write 1 to clear */

/* The first word is that of SWERROR without its bits 1:0, and has these, too. */
#define DSA_EVL0_BATCH_ID GENMASK_ULL(31, 24)

/* Completions that are in the log because records of others may be; specification 5.8.1. */
#define DSA_EVL_CODE_DRAIN 0x26
#define DSA_EVL_CODE_BATCH 0x27

/* Error information, as it stands in bits 63:32 of the second word. */
#define DSA_EVL_INFO_HANDLE GENMASK(15, 0) /* of the interrupt, if that is wanted */
#define DSA_EVL_INFO_INTERRUPT BIT(16) /* software has to do what the message would have */
#define DSA_EVL_INFO_RECORD BIT(18) /* software has to write the record */
#define DSA_EVL_INFO_FIRST_OF_BATCH BIT(19)
#define DSA_EVL_INFO_OPERAND GENMASK(31, 29)

/* Operands of which an access faulted: 0 is one of the others. */
#define DSA_EVL_OPERAND_LIST 1
#define DSA_EVL_OPERAND_RECORD 5

/* ---- Tables (their place is in OFFSETS) --------------------------------- */

/**
 * struct dsa_grpcfg - one entry of the group table
 * @wqs: bitmap of the work queues in the group
 * @engines: bitmap of its engines
 * @flags: DSA_GRPFLAGS_*
 * @reserved: reads zero
 *
 * Writable only while the device is disabled (specification 9.2, GRPCFG).
 */
struct dsa_grpcfg {
	__u64 wqs[4];
	__u64 engines;
	__u64 flags;
	__u64 reserved[2];
};

DSA_STATIC_ASSERT(sizeof(struct dsa_grpcfg) == 64, "GRPCFG stride is 64 bytes");

#define DSA_GRPCFG_STRIDE 64
#define DSA_GRPCFG_WQS 0
#define DSA_GRPCFG_ENGINES 32
#define DSA_GRPCFG_FLAGS 40

#define DSA_GRPFLAGS_TC_A GENMASK_ULL(2, 0)
#define DSA_GRPFLAGS_TC_B GENMASK_ULL(5, 3)
#define DSA_GRPFLAGS_USE_READ_BUF_LIMIT BIT_ULL(7)
#define DSA_GRPFLAGS_READ_BUFS_RESERVED GENMASK_ULL(15, 8)
#define DSA_GRPFLAGS_READ_BUFS_ALLOWED GENMASK_ULL(27, 20)

#define DSA_WQCFG_STRIDE(code) (1U << ((code) + 5))
#define DSA_WQCFG_MIN_STRIDE 32
#define DSA_WQCFG_DWORDS_MAX 16

/* Dwords of a WQCFG entry. */
enum dsa_wqcfg_dword {
	DSA_WQCFG_SIZE = 0, /* writable while the device is disabled */
	DSA_WQCFG_THRESHOLD = 1, /* always writable */
	DSA_WQCFG_MODE = 2, /* 2..4 writable while the WQ is disabled */
	DSA_WQCFG_LIMITS = 3,
	DSA_WQCFG_OCC_HANDLE = 4,
	DSA_WQCFG_OCC_LIMIT = 5,
	DSA_WQCFG_STATE = 6, /* read only but for one W1C bit */
	DSA_WQCFG_RESERVED = 7,
	DSA_WQCFG_OPCFG = 8, /* 8..15, with a stride of 64 and WQCAP.OPCFG */
};

#define DSA_WQCFG0_SIZE GENMASK(15, 0)
#define DSA_WQCFG1_THRESHOLD GENMASK(15, 0)
#define DSA_WQCFG2_DEDICATED BIT(0)
#define DSA_WQCFG2_BLOCK_ON_FAULT BIT(1)
#define DSA_WQCFG2_ATS_DISABLE BIT(2)
#define DSA_WQCFG2_PRS_DISABLE BIT(3)
#define DSA_WQCFG2_PRIORITY GENMASK(7, 4)
#define DSA_WQCFG2_PASID GENMASK(27, 8)
#define DSA_WQCFG2_PASID_ENABLE BIT(28)
#define DSA_WQCFG2_PRIV BIT(29)
#define DSA_WQCFG3_MAX_XFER_SHIFT GENMASK(4, 0)
#define DSA_WQCFG3_MAX_BATCH_SHIFT GENMASK(8, 5)
#define DSA_WQCFG3_MAX_SGL_SHIFT GENMASK(12, 9)
#define DSA_WQCFG4_OCC_HANDLE GENMASK(15, 0)
#define DSA_WQCFG4_OCC_IMS BIT(16)
#define DSA_WQCFG5_OCC_LIMIT GENMASK(15, 0)
#define DSA_WQCFG5_OCC_INT_ENABLE BIT(16)
#define DSA_WQCFG6_OCCUPANCY GENMASK(15, 0)
#define DSA_WQCFG6_OCC_INT_GENERATED BIT(16)
#define DSA_WQCFG6_STATE GENMASK(31, 30)

enum dsa_wq_state {
	DSA_WQ_STATE_DISABLED = 0,
	DSA_WQ_STATE_ENABLED = 1,
	DSA_WQ_STATE_DRAINING = 2,
};

#define DSA_MSIXPERM_STRIDE 8
#define DSA_MSIXPERM_IGNORE BIT(2)
#define DSA_MSIXPERM_PASID_ENABLE BIT(3)
#define DSA_MSIXPERM_PASID GENMASK(31, 12)

/* The entry of a vector for queues with that PASID; 0: for those without. */
static inline __u32 dsa_msixperm(__u32 pasid)
{
	return pasid ? FIELD_PREP(DSA_MSIXPERM_PASID, pasid) | DSA_MSIXPERM_PASID_ENABLE : 0;
}

/* ---- Portals (BAR2) ------------------------------------------------------ */

#define DSA_PORTAL_STRIDE 0x4000 /* per work queue */
#define DSA_PORTAL_PAGE 0x1000
#define DSA_PORTAL_UNLIMITED 0x0000
#define DSA_PORTAL_LIMITED 0x1000
#define DSA_PORTAL_UNLIMITED_IMS 0x2000
#define DSA_PORTAL_LIMITED_IMS 0x3000
#define DSA_PORTAL_SLOT 64 /* one descriptor; bits 11:6 of the address are ignored */
#define DSA_PORTAL_SLOTS (DSA_PORTAL_PAGE / DSA_PORTAL_SLOT)

/* ---- Descriptors: what <linux/idxd.h> leaves out -------------------------- */

/* Flags of CRC Generation and Copy with CRC. */
#define DSA_DESC_CRC_READ_SEED BIT(16) /* the seed is in memory, at the seed address */
#define DSA_DESC_CRC_BYPASS_REFLECTION BIT(17) /* of seed and result, and no inversion */
#define DSA_DESC_CRC_BYPASS_DATA_REFLECTION BIT(18)

/* DIF flags. */
#define DSA_DIF_BLOCK_SIZE GENMASK(1, 0) /* 512, 520, 4096, 4104 bytes */
#define DSA_DIF_GUARD_SEED BIT(2) /* the CRC starts with all ones */
#define DSA_DIF_GUARD_INVERT BIT(3)
#define DSA_DIF_UNDEFINED GENMASK(7, 4)

/* Source DIF flags. */
#define DSA_DIF_SRC_ALL_F_ERROR BIT(0)
#define DSA_DIF_SRC_ALL_F_DETECT BIT(1)
#define DSA_DIF_SRC_APP_F_DETECT BIT(2)
#define DSA_DIF_SRC_APP_REF_F_DETECT BIT(3)
#define DSA_DIF_SRC_APP_INCREMENT BIT(4)
#define DSA_DIF_SRC_GUARD_OFF BIT(5)
#define DSA_DIF_SRC_REF_OFF BIT(6)
#define DSA_DIF_SRC_REF_FIXED BIT(7)

/* Destination DIF flags. */
#define DSA_DIF_DEST_UNDEFINED GENMASK(2, 0)
#define DSA_DIF_DEST_APP_PASS BIT(3)
#define DSA_DIF_DEST_APP_INCREMENT BIT(4)
#define DSA_DIF_DEST_GUARD_PASS BIT(5)
#define DSA_DIF_DEST_REF_PASS BIT(6)
#define DSA_DIF_DEST_REF_FIXED BIT(7)

/* Second byte of a completion record with DSA_COMP_DIF_ERR. */
#define DSA_DIF_STATUS_GUARD BIT(0)
#define DSA_DIF_STATUS_APP BIT(1)
#define DSA_DIF_STATUS_REF BIT(2)
#define DSA_DIF_STATUS_ALL_F BIT(3)

#define DSA_DESC_SIZE 64
#define DSA_COMPLETION_SIZE 32
#define DSA_COMPLETION_ALIGN 32
#define DSA_COMPLETION_STATUS_CODE GENMASK(5, 0)
#define DSA_COMPLETION_STATUS_WRITE_FAULT BIT(7)

#define DSA_EVL_ENTRY_SIZE 64

/**
 * struct dsa_evl_entry - an entry of the log
 * @what: DSA_SWERROR0_* but for the lowest two bits, and DSA_EVL0_BATCH_ID
 * @info: DSA_SWERROR1_*, DSA_EVL_INFO_*
 * @address: that faulted, or where @record belongs
 * @unused: zero
 * @record: completion record that could not be written there
 */
struct dsa_evl_entry {
	__u64 what;
	__u64 info;
	__u64 address;
	__u64 unused;
	__u8 record[DSA_COMPLETION_SIZE];
};

DSA_STATIC_ASSERT(sizeof(struct dsa_evl_entry) == DSA_EVL_ENTRY_SIZE, "size of an entry");

DSA_STATIC_ASSERT(DSA_PORTAL_SLOTS * DSA_PORTAL_SLOT == DSA_PORTAL_PAGE,
		  "a portal page holds whole slots");

#endif /* DSA_REGISTERS_H */
