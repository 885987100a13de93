// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register header against what others say of the same hardware: the
 * kernel's <linux/idxd.h> and, where installed, libaccel-config.
 */
#include <linux/idxd.h>

#ifdef HAVE_ACCEL_CONFIG
#include <accel-config/libaccel_config.h>
#endif

#include <dsa/profile.h>

#include "unit.h"

START_TEST(fields_roundtrip)
{
	static const __u64 masks[] = {
		DSA_WQCAP_NUM_WQS,   DSA_GENCAP_IMS_SIZE,  DSA_OFFSETS_IMS,
		DSA_CMD_CODE,	     DSA_CMDSTATUS_RESULT, DSA_SWERROR0_CODE,
		DSA_WQCFG2_PRIORITY, DSA_WQCFG2_PASID,	   DSA_WQCFG3_MAX_BATCH_SHIFT,
		DSA_WQCFG6_STATE,    DSA_MSIXPERM_PASID,   DSA_SWERROR1_INFO,
	};

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		__u64 top = FIELD_GET(masks[i], ~0ULL);

		ck_assert_uint_eq(FIELD_PREP(masks[i], top), masks[i]);
		ck_assert_uint_eq(FIELD_GET(masks[i], FIELD_PREP(masks[i], 1)), 1);
		ck_assert_uint_eq(FIELD_PREP(masks[i], 1) & ~masks[i], 0);
		/* A value too large is cut, not spilled into the neighbour. */
		ck_assert_uint_eq(FIELD_PREP(masks[i], top + 1), 0);
	}
}
END_TEST

START_TEST(spr_capabilities)
{
	ck_assert_uint_eq(FIELD_GET(DSA_GENCAP_MAX_XFER_SHIFT, DSA_SPR_GENCAP), 31);
	ck_assert_uint_eq(FIELD_GET(DSA_GENCAP_MAX_BATCH_SHIFT, DSA_SPR_GENCAP), 10);
	ck_assert_uint_eq(FIELD_GET(DSA_GENCAP_IMS_SIZE, DSA_SPR_GENCAP), 0);
	ck_assert(DSA_SPR_GENCAP & DSA_GENCAP_CONFIG);
	ck_assert(!(DSA_SPR_GENCAP & DSA_GENCAP_CMDCAP));
	ck_assert(DSA_SPR_WQCAP & DSA_WQCAP_DEDICATED);
	ck_assert(!(DSA_SPR_WQCAP & DSA_WQCAP_OPCFG));
	ck_assert_uint_eq(FIELD_GET(DSA_GRPCAP_READ_BUFS, DSA_SPR_GRPCAP), 96);
	ck_assert_uint_eq(FIELD_GET(DSA_GENCFG_READ_BUF_LIMIT, DSA_SPR_GENCFG), 96);
	ck_assert_uint_eq(FIELD_GET(DSA_GRPFLAGS_READ_BUFS_ALLOWED, DSA_SPR_GRPFLAGS), 96);
}
END_TEST

/* OPCAP bit n is opcode n of the kernel's header. */
START_TEST(spr_opcodes)
{
	static const struct {
		enum dsa_opcode opcode;
		int supported;
	} opcodes[] = {
		{ DSA_OPCODE_NOOP, 1 },	     { DSA_OPCODE_BATCH, 1 },	 { DSA_OPCODE_DRAIN, 1 },
		{ DSA_OPCODE_MEMMOVE, 1 },   { DSA_OPCODE_MEMFILL, 1 },	 { DSA_OPCODE_COMPARE, 1 },
		{ DSA_OPCODE_COMPVAL, 1 },   { DSA_OPCODE_CR_DELTA, 0 }, { DSA_OPCODE_AP_DELTA, 0 },
		{ DSA_OPCODE_DUALCAST, 1 },  { DSA_OPCODE_CRCGEN, 1 },	 { DSA_OPCODE_COPY_CRC, 1 },
		{ DSA_OPCODE_DIF_CHECK, 1 }, { DSA_OPCODE_DIF_INS, 1 },	 { DSA_OPCODE_CFLUSH, 1 },
	};

	for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++)
		ck_assert_int_eq(DSA_SPR_OPCAP0 >> opcodes[i].opcode & 1, opcodes[i].supported);
}
END_TEST

/* The driver passes some command errors on to user space with its own mark added. */
START_TEST(command_errors_agree_with_idxd)
{
	ck_assert_uint_eq(IDXD_SCMD_DEV_ENABLED & 0xff, DSA_CMDERR_DEV_NOT_DISABLED);
	ck_assert_uint_eq(IDXD_SCMD_DEV_NOT_ENABLED & 0xff, DSA_CMDERR_DEV_NOT_ENABLED);
	ck_assert_uint_eq(IDXD_SCMD_WQ_ENABLED & 0xff, DSA_CMDERR_WQ_NOT_DISABLED);
}
END_TEST

START_TEST(layouts_agree_with_idxd)
{
	ck_assert_uint_eq(sizeof(struct dsa_hw_desc), DSA_DESC_SIZE);
	ck_assert_uint_eq(sizeof(struct dsa_completion_record), DSA_COMPLETION_SIZE);
	ck_assert_uint_eq(DSA_COMP_STATUS_WRITE, DSA_COMPLETION_STATUS_WRITE_FAULT);
}
END_TEST

#ifdef HAVE_ACCEL_CONFIG
START_TEST(values_agree_with_accel_config)
{
	ck_assert_uint_eq(ACCFG_DEVICE_VERSION_1, DSA_SPR_VERSION);
	ck_assert_uint_eq(ACCFG_DEVICE_DISABLED, DSA_STATE_DISABLED);
	ck_assert_uint_eq(ACCFG_DEVICE_ENABLED, DSA_STATE_ENABLED);
	ck_assert_uint_eq(ACCFG_WQ_DISABLED, DSA_WQ_STATE_DISABLED);
	ck_assert_uint_eq(ACCFG_WQ_ENABLED, DSA_WQ_STATE_ENABLED);
	ck_assert_uint_eq(ACCFG_WQ_DEDICATED, FIELD_GET(DSA_WQCFG2_DEDICATED, 1));
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tcase = tcase_create("profile");

	tcase_add_test(tcase, fields_roundtrip);
	tcase_add_test(tcase, spr_capabilities);
	tcase_add_test(tcase, spr_opcodes);
	tcase_add_test(tcase, command_errors_agree_with_idxd);
	tcase_add_test(tcase, layouts_agree_with_idxd);
#ifdef HAVE_ACCEL_CONFIG
	tcase_add_test(tcase, values_agree_with_accel_config);
#endif
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
