// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/event_log.c: registers, errors in the log, the ring and its interrupt. */
#include <string.h>

#include <linux/pci_regs.h>

#include "event_log_host.h"
#include "unit.h"

/* ---- Registers ----------------------------------------------------------- */

START_TEST(capabilities)
{
	static const struct {
		const char *profile;
		uint16_t device_id;
		uint32_t version;
		unsigned int log;
	} cases[] = {
		{ "v2", 0, 0x200, 1 },	       { "v2-all", 0, 0x200, 1 },
		{ "v2", 0x0b25, 0x200, 1 },    { "v2", 0x11fb, 0x200, 1 },
		{ "v2", 0x1212, 0x300, 1 },    { "spr", 0x11fb, 0x200, 0 },
		{ "spr", 0, 0x100, 0 },	       { "all", 0, 0x100, 0 },
	};
	struct dsa_device_params params = {
		.profile = cases[_i].profile, .device_id = cases[_i].device_id,
	};
	struct model_host *host = host_new(&params);
	uint64_t gencap = read64(host, DSA_REG_GENCAP);

	ck_assert_uint_eq(read32(host, DSA_REG_VERSION), cases[_i].version);
	ck_assert_uint_eq(FIELD_GET(DSA_GENCAP_EVL, gencap), cases[_i].log);
	if (cases[_i].log) {
		/* Nothing else of version 2, and what version 1 had in its upper half is gone. */
		ck_assert_uint_eq(gencap >> 32, 1);
		ck_assert(!(gencap & (DSA_GENCAP_INTER_DOMAIN | DSA_GENCAP_DRAIN_READBACK |
				      DSA_GENCAP_FILL_16B | DSA_GENCAP_CRC64 |
				      DSA_GENCAP_FAULT_INFO | DSA_GENCAP_BATCH_CONTINUE)));
		ck_assert_uint_eq(read64(host, DSA_REG_WQCAP), DSA_SPR_WQCAP);
		ck_assert_uint_eq(read64(host, DSA_REG_GRPCAP), DSA_SPR_GRPCAP);
	}
	host_free(host);
}
END_TEST

/* A device without a log has none of its bits. */
START_TEST(not_offered)
{
	struct model_host *host = host_new(NULL);
	unsigned int at;

	for (at = DSA_REG_EVLCFG; at < DSA_REG_EVLSTATUS + 8; at += 8) {
		write64(host, at, UINT64_MAX);
		ck_assert_uint_eq(read64(host, at), 0);
	}
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), DSA_SPR_GENCFG);
	write32(host, DSA_REG_GENCTRL, UINT32_MAX);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL),
			  DSA_GENCTRL_SWERROR_INT | DSA_GENCTRL_HALT_INT);
	host_free(host);
}
END_TEST

START_TEST(register_bits)
{
	struct dsa_device_params params = { .profile = "v2" };
	struct model_host *host = host_new(&params);

	write64(host, DSA_REG_EVLCFG, UINT64_MAX);
	write64(host, DSA_REG_EVLCFG + 8, UINT64_MAX);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), 0xfffffffffffff003);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG + 8), 0x0000000fffffffff);
	/* Halves on their own. */
	write32(host, DSA_REG_EVLCFG + 4, 0x12345678);
	write32(host, DSA_REG_EVLCFG + 8, 64);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), 0x12345678fffff003);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG + 8), 0x0000000f00000040);

	write64(host, DSA_REG_EVLSTATUS, UINT64_MAX);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0xffff);
	write64(host, DSA_REG_EVLSTATUS, 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);

	write32(host, DSA_REG_GENCFG, UINT32_MAX);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG),
			  DSA_GENCFG_READ_BUF_LIMIT | DSA_GENCFG_USER_INT | DSA_GENCFG_EVL_ENABLE);
	write32(host, DSA_REG_GENCTRL, UINT32_MAX);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 7);
	host_free(host);
}
END_TEST

START_TEST(locked_while_enabled)
{
	struct model_host *host = logging();

	write64(host, DSA_REG_EVLCFG, 0);
	write64(host, DSA_REG_EVLCFG + 8, 0);
	write32(host, DSA_REG_GENCFG, 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), LOG);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG + 8), 64);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), EVL_ON);
	/* Head and GENCTRL never are. */
	write32(host, DSA_REG_EVLSTATUS, 5);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 5);
	write32(host, DSA_REG_GENCTRL, 0);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 0);

	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
	write64(host, DSA_REG_EVLCFG, 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), 0);
	host_free(host);
}
END_TEST

START_TEST(enable_checks)
{
	const uint64_t top = ~0xfffULL, pasid = DSA_EVLCFG0_PASID_ENABLE;
	const uint64_t priv = DSA_EVLCFG0_PRIV;
	const struct {
		const char *name;
		const char *profile;
		uint16_t control;
		uint32_t gencfg;
		uint64_t cfg0;
		unsigned int size;
		uint8_t error;
	} cases[] = {
		{ "good", "v2", 0, EVL_ON, LOG, 64, 0 },
		{ "largest", "v2", 0, EVL_ON, LOG, 65535, 0 },
		{ "one too small", "v2", 0, EVL_ON, LOG, 63, DSA_CMDERR_EVL },
		{ "none", "v2", 0, EVL_ON, 0, 0, DSA_CMDERR_EVL },
		{ "not used", "v2", 0, DSA_SPR_GENCFG, 0, 0, 0 },
		{ "at the end", "v2", 0, EVL_ON, top, 64, 0 },
		{ "beyond the end", "v2", 0, EVL_ON, top, 65, DSA_CMDERR_EVL },
		{ "far beyond the end", "v2", 0, EVL_ON, top, 65535, DSA_CMDERR_EVL },
		{ "PASID, no capability", "v2", 5, EVL_ON, LOG | pasid, 64, DSA_CMDERR_EVL_PASID },
		{ "PASID", "v2-all", 1, EVL_ON, LOG | pasid, 64, 0 },
		{ "PASID, switched off", "v2-all", 0, EVL_ON, LOG | pasid, 64,
		  DSA_CMDERR_EVL_PASID },
		{ "privileged", "v2-all", 5, EVL_ON, LOG | pasid | priv, 64, 0 },
		{ "privileged, switched off", "v2-all", 1, EVL_ON, LOG | pasid | priv, 64,
		  DSA_CMDERR_EVL_PASID },
		{ "privileged, no PASID", "v2-all", 5, EVL_ON, LOG | priv, 64,
		  DSA_CMDERR_EVL_PASID },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct dsa_device_params params = { .profile = cases[i].profile };
		struct model_host *host = host_new(&params);
		uint32_t status;

		host_enable_pci(host);
		config_write16(host, DSA_PASID_CONTROL_OFFSET, cases[i].control);
		host_configure_wq(host, 0, 0, 1, 16);
		write64(host, DSA_REG_EVLCFG, cases[i].cfg0);
		write64(host, DSA_REG_EVLCFG + 8, SIZE(cases[i].size));
		write32(host, DSA_REG_GENCFG, cases[i].gencfg);
		status = command(host, DSA_COMMAND_ENABLE_DEVICE, 0);
		ck_assert_msg(status == cases[i].error, "%s: status %#x", cases[i].name, status);
		host_free(host);
	}
}
END_TEST

/* Which of them lose EVLCFG, which EVLSTATUS. */
START_TEST(resets)
{
	struct model_host *host = logging();
	uint64_t status;

	make_entries(host, 2);
	status = read64(host, DSA_REG_EVLSTATUS);
	ck_assert_uint_eq(status, DSA_EVLSTATUS_INT_PENDING | FIELD_PREP(DSA_EVLSTATUS_TAIL, 2));
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), status);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), LOG);

	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), status);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG + 8), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), DSA_SPR_GENCFG);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 0);

	/* Enabled without it: the status stays. */
	host_configure_wq(host, 0, 0, 1, 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), status);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
	write64(host, DSA_REG_EVLCFG, LOG);
	write64(host, DSA_REG_EVLCFG + 8, 64);
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);

	write32(host, DSA_REG_EVLSTATUS, 7);
	config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLCFG + 8), 0);
	host_free(host);
}
END_TEST

/* ---- Errors -------------------------------------------------------------- */

START_TEST(error_without_record)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = bad_opcode();
	struct dsa_evl_entry e;

	run_one(host, 0, &desc);
	e = entry_at(host, 0);
	ck_assert_uint_eq(e.what, DSA_SWERROR0_DESC_VALID | DSA_SWERROR0_WQ_VALID |
				  FIELD_PREP(DSA_SWERROR0_CODE, DSA_COMP_BAD_OPCODE) |
				  FIELD_PREP(DSA_SWERROR0_OPCODE, 0xfe));
	ck_assert_uint_eq(e.info, 0);
	ck_assert_uint_eq(e.address, 0);
	ck_assert_uint_eq(e.unused, 0);
	ck_assert_uint_eq(tail(host), 1);
	ck_assert_uint_eq(head(host), 0);
	ck_assert(int_pending(host));
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_EVL);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	host_free(host);
}
END_TEST

/* The same error, the log not being used: where it always was. */
START_TEST(not_used)
{
	struct dsa_device_params params = { .profile = "v2" };
	struct model_host *host = host_new(&params);

	write64(host, DSA_REG_EVLCFG, LOG);
	write64(host, DSA_REG_EVLCFG + 8, 64);
	host_bring_up(host, 0, 16);
	make_entries(host, 1);
	ck_assert_uint_eq(swerror_code(host), DSA_COMP_BAD_OPCODE);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);
	ck_assert_uint_eq(entry_at(host, 0).what, 0);
	host_free(host);
}
END_TEST

START_TEST(invalid_flags)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_NOOP, .flags = IDXD_OP_FLAG_FENCE | 0x40 };
	struct dsa_evl_entry e;

	run_one(host, 0, &desc);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_INVALID_FLAGS);
	ck_assert(e.what & DSA_SWERROR0_INFO_VALID);
	ck_assert_uint_eq(info_of(&e), IDXD_OP_FLAG_FENCE | 0x40);
	host_free(host);
}
END_TEST

/* In the record and in the log; the interrupt is up to software. */
START_TEST(invalid_handle)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	struct dsa_completion_record record;
	struct dsa_evl_entry e;

	desc.int_handle = 0x1234;
	record = run_one(host, 0, &desc);
	ck_assert_uint_eq(record.status, DSA_COMP_INT_HANDLE_INVAL);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_INT_HANDLE_INVAL);
	ck_assert(e.what & DSA_SWERROR0_INFO_VALID);
	ck_assert_uint_eq(info_of(&e), DSA_EVL_INFO_INTERRUPT | DSA_EVL_INFO_RECORD | 0x1234);
	ck_assert_mem_eq(e.record, (void *)&record, sizeof(record));
	ck_assert_uint_eq(swerror_code(host), 0);

	desc.flags = IDXD_OP_FLAG_RCI;
	desc.completion_addr = 0;
	run_one(host, 0, &desc);
	e = entry_at(host, 1);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(info_of(&e), DSA_EVL_INFO_INTERRUPT | 0x1234);
	host_free(host);
}
END_TEST

START_TEST(page_fault_without_record)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = {
		.opcode = DSA_OPCODE_MEMFILL, .dst_addr = NOWHERE, .xfer_size = 8,
	};
	struct dsa_evl_entry e;

	run_one(host, 0, &desc);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert(e.what & DSA_SWERROR0_WRITE);
	ck_assert(e.what & DSA_SWERROR0_INFO_VALID);
	ck_assert_uint_eq(e.address, NOWHERE);
	ck_assert_uint_eq(info_of(&e), 0);

	desc = (struct dsa_hw_desc){
		.opcode = DSA_OPCODE_BATCH, .desc_list_addr = NOWHERE & ~63ULL, .desc_count = 2,
	};
	run_one(host, 0, &desc);
	e = entry_at(host, 1);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_BATCH_PAGE_FAULT);
	ck_assert(!(e.what & (DSA_SWERROR0_WRITE | DSA_SWERROR0_BATCH)));
	ck_assert_uint_eq(e.address, NOWHERE & ~63ULL);
	ck_assert_uint_eq(FIELD_GET(DSA_EVL_INFO_OPERAND, info_of(&e)), DSA_EVL_OPERAND_LIST);
	host_free(host);
}
END_TEST

START_TEST(misaligned_record)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD + 8);
	struct dsa_evl_entry e;

	submit64(host, 0, &desc);
	host_wait_delivered(host, 0, 1);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_CRA_ALIGN);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	host_free(host);
}
END_TEST

/* Whose it was: as the descriptor of a shared queue says. */
START_TEST(whose_error)
{
	struct dsa_device_params params = { .profile = "v2-all" };
	struct model_host *host = host_new(&params);
	struct dsa_hw_desc desc = { .opcode = 0xfe, .pasid = 0xabcde };
	struct dsa_evl_entry e;

	host_enable_pci(host);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, DSA_PASID_CONTROL_ENABLE);
	host_configure_wq(host, 5, 0, 4, 16);
	write32(host, WQCFG(5, DSA_WQCFG_THRESHOLD), 16);
	write32(host, WQCFG(5, DSA_WQCFG_MODE),
		DSA_WQCFG2_PASID_ENABLE | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1));
	write64(host, DSA_REG_EVLCFG, LOG | DSA_EVLCFG0_PASID_ENABLE);
	write64(host, DSA_REG_EVLCFG + 8, SIZE(64) | FIELD_PREP(DSA_EVLCFG1_PASID, 1));
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 5), 0);

	run_one(host, 5, &desc);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_BAD_OPCODE);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_PASID, e.what), 0xabcde);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_WQ, e.what), 5);
	ck_assert(!(e.what & DSA_SWERROR0_PRIV));
	desc.priv = 1;
	run_one(host, 5, &desc);
	e = entry_at(host, 1);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_PRIV_BAD);
	ck_assert(e.what & DSA_SWERROR0_PRIV);
	/* Nobody has enabled the interrupt. */
	ck_assert(!int_pending(host));
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	host_free(host);
}
END_TEST

/* A full queue and an illegal change of configuration are never in the log. */
START_TEST(only_in_swerror)
{
	struct dsa_device_params params = {
		.profile = "v2",
		.service = { .min_ns = 1000000000, .max_ns = 1000000000 },
	};
	struct model_host *host = host_new(&params);
	struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_NOOP };
	unsigned int i;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 1);
	write64(host, DSA_REG_EVLCFG, LOG);
	write64(host, DSA_REG_EVLCFG + 8, 64);
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	/* What fits into the engine, and into the queue, and one more. */
	for (i = 0; !swerror_code(host) && i < 10000; i++)
		submit64(host, 0, &desc);
	ck_assert_uint_eq(swerror_code(host), DSA_SWERR_WQ_OVERFLOW);
	write64(host, DSA_REG_SWERROR, DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW);

	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(swerror_code(host), DSA_SWERR_PCI_CONFIG);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);
	ck_assert_uint_eq(entry_at(host, 0).what, 0);
	host_free(host);
}
END_TEST

/* It is about no descriptor, and written by whoever writes the command. */
/* ---- Ring and interrupt --------------------------------------------------- */

START_TEST(one_interrupt_until_cleared)
{
	struct model_host *host = logging();

	make_entries(host, 3);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	/* The cause alone is not enough. */
	write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_EVL);
	make_entries(host, 1);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	clear_pending(host);
	ck_assert(!int_pending(host));
	make_entries(host, 1);
	ck_assert_uint_eq(host_delivered(host, 0), 2);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_EVL);

	/* Disabled: entries all the same, and no interrupt for them later. */
	clear_pending(host);
	write32(host, DSA_REG_GENCTRL, 0);
	make_entries(host, 1);
	ck_assert(!int_pending(host));
	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_EVL_INT);
	ck_assert_uint_eq(host_delivered(host, 0), 2);
	ck_assert_uint_eq(tail(host), 6);
	host_free(host);
}
END_TEST

START_TEST(full)
{
	struct model_host *host = logging();

	make_entries(host, 63);
	ck_assert_uint_eq(tail(host), 63);
	ck_assert_uint_eq(swerror_code(host), 0);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	make_entries(host, 1);
	ck_assert_uint_eq(tail(host), 63);
	ck_assert_uint_eq(swerror_code(host), DSA_SWERR_EVL_FULL);
	ck_assert(!(read64(host, DSA_REG_SWERROR) &
		    (DSA_SWERROR0_OVERFLOW | DSA_SWERROR0_WQ_VALID | DSA_SWERROR0_DESC_VALID)));
	ck_assert_uint_eq(host_delivered(host, 0), 2);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_EVL | DSA_INTCAUSE_SWERROR);
	make_entries(host, 1);
	ck_assert(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_OVERFLOW);
	ck_assert_uint_eq(entry_at(host, 63).what, 0);

	/* Room for one, at the end; for the next, around it. */
	write32(host, DSA_REG_EVLSTATUS, 1);
	make_entries(host, 1);
	ck_assert_uint_eq(tail(host), 0);
	ck_assert_uint_ne(entry_at(host, 63).what, 0);
	make_entries(host, 1);
	ck_assert_uint_eq(tail(host), 0);
	write32(host, DSA_REG_EVLSTATUS, 2);
	memset(host_at(host, LOG), 0, sizeof(struct dsa_evl_entry));
	make_entries(host, 1);
	ck_assert_uint_eq(tail(host), 1);
	ck_assert_uint_ne(entry_at(host, 0).what, 0);
	host_free(host);
}
END_TEST

/* A head that points nowhere: the log never fills, and stays inside itself. */
START_TEST(foolish_head)
{
	struct model_host *host = logging();

	write32(host, DSA_REG_EVLSTATUS, 0xffff);
	make_entries(host, 200);
	ck_assert_uint_eq(tail(host), 200 % 64);
	ck_assert_uint_eq(swerror_code(host), 0);
	ck_assert_uint_eq(entry_at(host, 64).what, 0);
	host_free(host);
}
END_TEST

/* No memory for it: an error and no entry, each time; with memory it goes on. */
START_TEST(unmapped)
{
	struct model_host *host = logging_at("v2", NOWHERE & ~0xfffULL, 64);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	make_entries(host, 1);
	ck_assert_uint_eq(swerror_code(host), DSA_SWERR_EVL_FULL);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_SWERROR);
	make_entries(host, 1);
	ck_assert(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_OVERFLOW);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);

	/* Its second page only. */
	host = logging_at("v2", LOG, 128);
	host_no_write(host, LOG + HOST_PAGE);
	make_entries(host, 65);
	ck_assert_uint_eq(tail(host), 64);
	ck_assert_uint_eq(swerror_code(host), DSA_SWERR_EVL_FULL);
	host_free(host);
}
END_TEST

START_TEST(driver_sequence)
{
	struct dsa_device_params params = { .profile = "v2" };
	struct model_host *host = host_new(&params);
	uint64_t h, t, status;
	unsigned int round;

	host_enable_pci(host);
	for (round = 0; round < 2; round++) {
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
		host_configure_wq(host, 0, 0, 1, 16);
		write64(host, DSA_REG_EVLCFG, LOG);
		write64(host, DSA_REG_EVLCFG + 8, SIZE(64));
		write32(host, DSA_REG_GENCTRL,
			read32(host, DSA_REG_GENCTRL) | DSA_GENCTRL_EVL_INT);
		write32(host, DSA_REG_GENCFG, read32(host, DSA_REG_GENCFG) | DSA_GENCFG_EVL_ENABLE);
		ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
		ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);

		make_entries(host, 3);
		write32(host, DSA_REG_INTCAUSE, read32(host, DSA_REG_INTCAUSE));
		write32(host, DSA_REG_EVLSTATUS + 4, DSA_EVLSTATUS_INT_PENDING >> 32);
		status = read64(host, DSA_REG_EVLSTATUS);
		h = FIELD_GET(DSA_EVLSTATUS_HEAD, status);
		t = FIELD_GET(DSA_EVLSTATUS_TAIL, status);
		ck_assert_uint_eq(h, 0);
		ck_assert_uint_eq(t, 3);
		write32(host, DSA_REG_EVLSTATUS, t);
		ck_assert_uint_eq(host_delivered(host, 0), round + 1);

		ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 1), 0);
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_WQ, 1), 0);
		ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
		/* Bits that it leaves to chance. */
		write32(host, DSA_REG_GENCFG, 0xffff0f00);
		write32(host, DSA_REG_GENCTRL,
			read32(host, DSA_REG_GENCTRL) & ~DSA_GENCTRL_EVL_INT);
		write64(host, DSA_REG_EVLCFG, 0);
		write64(host, DSA_REG_EVLCFG + 8, 0);
		ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), 0);
	}
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event log");
	TCase *tc = tcase_create("event log");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, capabilities, 0, 8);
	tcase_add_test(tc, not_offered);
	tcase_add_test(tc, register_bits);
	tcase_add_test(tc, locked_while_enabled);
	tcase_add_test(tc, enable_checks);
	tcase_add_test(tc, resets);
	tcase_add_test(tc, error_without_record);
	tcase_add_test(tc, not_used);
	tcase_add_test(tc, invalid_flags);
	tcase_add_test(tc, invalid_handle);
	tcase_add_test(tc, page_fault_without_record);
	tcase_add_test(tc, misaligned_record);
	tcase_add_test(tc, whose_error);
	tcase_add_test(tc, only_in_swerror);
	tcase_add_test(tc, one_interrupt_until_cleared);
	tcase_add_test(tc, full);
	tcase_add_test(tc, foolish_head);
	tcase_add_test(tc, unmapped);
	tcase_add_test(tc, driver_sequence);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
