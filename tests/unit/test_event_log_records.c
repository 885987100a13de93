// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/event_log.c: completion records in the log; commands and resets meanwhile. */
#include <string.h>

#include <linux/pci_regs.h>

#include "event_log_host.h"
#include "fault.h"
#include "unit.h"

#define LIST (HOST_BASE + 0x2000)

/* ---- Completion records --------------------------------------------------- */

START_TEST(record_fault)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, NOWHERE);
	const struct dsa_completion_record *record;
	struct dsa_evl_entry e;

	desc.dst_addr = HOST_BASE + 0x3000;
	desc.xfer_size = 64;
	desc.pattern = 0x5555555555555555;
	run_one(host, 0, &desc);
	/* It was executed. */
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x303f), 0x55);
	e = entry_at(host, 0);
	ck_assert_uint_eq(e.what, DSA_SWERROR0_DESC_VALID | DSA_SWERROR0_WQ_VALID |
				  DSA_SWERROR0_WRITE | DSA_SWERROR0_INFO_VALID |
				  FIELD_PREP(DSA_SWERROR0_CODE, DSA_COMP_CRA_XLAT) |
				  FIELD_PREP(DSA_SWERROR0_OPCODE, DSA_OPCODE_MEMFILL));
	ck_assert_uint_eq(info_of(&e), DSA_EVL_INFO_RECORD | DSA_EVL_INFO_INTERRUPT | 1 |
				       FIELD_PREP(DSA_EVL_INFO_OPERAND, DSA_EVL_OPERAND_RECORD));
	ck_assert_uint_eq(e.address, NOWHERE);
	record = (const void *)e.record;
	ck_assert_uint_eq(record->status, DSA_COMP_SUCCESS);
	/* No message: software sends it when it has written the record. */
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);

	/* The record says what happened, and no message was asked for. */
	desc.flags = IDXD_OP_FLAG_CRAV;
	desc.dst_addr = NOWHERE;
	run_one(host, 0, &desc);
	e = entry_at(host, 1);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_CRA_XLAT);
	ck_assert_uint_eq(info_of(&e), DSA_EVL_INFO_RECORD |
				       FIELD_PREP(DSA_EVL_INFO_OPERAND, DSA_EVL_OPERAND_RECORD));
	record = (const void *)e.record;
	ck_assert_uint_eq(record->status, DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE);
	ck_assert_uint_eq(record->fault_addr, NOWHERE);

	/* No record is asked for and none is due: nothing goes wrong. */
	desc.dst_addr = HOST_BASE + 0x3000;
	run_one(host, 0, &desc);
	ck_assert_uint_eq(tail(host), 2);
	ck_assert_uint_eq(swerror_code(host), 0);
	host_free(host);
}
END_TEST

/* Members whose record is @records, with a batch that has @flags and completes to RECORD. */
static void run_batch(struct model_host *host, const uint64_t *records, unsigned int count,
		      uint32_t flags)
{
	struct dsa_hw_desc batch = {
		.opcode = DSA_OPCODE_BATCH,
		.flags = flags,
		.desc_list_addr = LIST,
		.desc_count = count,
		.completion_addr = flags & IDXD_OP_FLAG_CRAV ? RECORD : 0,
		.int_handle = flags & IDXD_OP_FLAG_RCI ? 1 : 0,
	};
	struct dsa_hw_desc *member = host_at(host, LIST);
	unsigned int i;

	pthread_mutex_lock(&host->lock);
	memset(host_at(host, RECORD), 0, sizeof(struct dsa_completion_record));
	for (i = 0; i < count; i++)
		member[i] = (struct dsa_hw_desc){
			.opcode = DSA_OPCODE_NOOP,
			.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
			.completion_addr = records[i],
		};
	pthread_mutex_unlock(&host->lock);
	submit64(host, 0, &batch);
	host_wait_completed(host, 0, host_wq_stats(host, 0).accepted);
}

#define BATCH_FLAGS (IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI)

/* The batch is in the log behind its members, and neither in memory nor heard of. */
START_TEST(batch_with_record_faults)
{
	static const uint64_t records[] = { RECORD + 0x20, NOWHERE, RECORD + 0x40, NOWHERE + 0x20 };
	struct model_host *host = logging();
	const struct dsa_completion_record *record;
	struct dsa_evl_entry e[3];
	unsigned int i;

	run_batch(host, records, COUNT(records), BATCH_FLAGS);
	ck_assert_uint_eq(tail(host), 3);
	for (i = 0; i < 3; i++)
		e[i] = entry_at(host, i);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(code_of(&e[i]), DSA_COMP_CRA_XLAT);
		ck_assert(e[i].what & DSA_SWERROR0_BATCH);
		ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_BATCH_INDEX, e[i].info), 1 + 2 * i);
		ck_assert_uint_eq(e[i].address, NOWHERE + 0x20 * i);
		ck_assert_uint_eq(!!(info_of(&e[i]) & DSA_EVL_INFO_FIRST_OF_BATCH), !i);
		ck_assert_uint_eq(FIELD_GET(DSA_EVL0_BATCH_ID, e[i].what),
				  FIELD_GET(DSA_EVL0_BATCH_ID, e[2].what));
	}
	ck_assert_uint_eq(code_of(&e[2]), DSA_EVL_CODE_BATCH);
	ck_assert(!(e[2].what & DSA_SWERROR0_BATCH));
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_OPCODE, e[2].what), DSA_OPCODE_BATCH);
	ck_assert_uint_eq(info_of(&e[2]), DSA_EVL_INFO_RECORD | DSA_EVL_INFO_INTERRUPT | 1);
	ck_assert_uint_eq(e[2].address, RECORD);
	record = (const void *)e[2].record;
	/* All members have done what they were to do. */
	ck_assert_uint_eq(record->status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(record->bytes_completed, COUNT(records));
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), 0);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD + 0x40), DSA_COMP_SUCCESS);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);

	/* The next batch, of which nothing faults, is as always. */
	run_batch(host, (const uint64_t[]){ RECORD + 0x20, RECORD + 0x40 }, 2, BATCH_FLAGS);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), DSA_COMP_SUCCESS);
	ck_assert_uint_eq(host_stats(host, 1).raised, 1);
	ck_assert_uint_eq(tail(host), 3);
	host_free(host);
}
END_TEST

/* By what the batch asks for: is it in the log, and with what is left to do? */
START_TEST(batch_wants)
{
	static const struct {
		uint32_t flags;
		bool logged;
		uint32_t info;
	} cases[] = {
		{ 0, false, 0 },
		{ IDXD_OP_FLAG_CRAV, false, 0 },
		{ IDXD_OP_FLAG_RCI, true, DSA_EVL_INFO_INTERRUPT | 1 },
		{ IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR, true, DSA_EVL_INFO_RECORD },
		{ IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCI, true, DSA_EVL_INFO_INTERRUPT | 1 },
	};
	struct model_host *host = logging();
	const struct dsa_completion_record *record;
	struct dsa_evl_entry e;

	run_batch(host, (const uint64_t[]){ NOWHERE, RECORD + 0x20 }, 2, cases[_i].flags);
	ck_assert_uint_eq(tail(host), 1 + cases[_i].logged);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	if (cases[_i].logged) {
		e = entry_at(host, 1);
		record = (const void *)e.record;
		ck_assert_uint_eq(code_of(&e), DSA_EVL_CODE_BATCH);
		ck_assert_uint_eq(info_of(&e), cases[_i].info);
		/* With an address also if none is due: there may be a failure to be told. */
		ck_assert_uint_eq(record->status,
				  cases[_i].flags & IDXD_OP_FLAG_CRAV ? DSA_COMP_SUCCESS : 0);
	}
	host_free(host);
}
END_TEST

/* Without the log the batch has failed, and says so where it can. */
START_TEST(batch_with_record_faults_and_no_log)
{
	struct dsa_device_params params = { .profile = "v2" };
	struct model_host *host = host_new(&params);
	const struct dsa_completion_record *record = host_at(host, RECORD);

	host_bring_up(host, 0, 16);
	run_batch(host, (const uint64_t[]){ NOWHERE, RECORD + 0x20 }, 2, BATCH_FLAGS);
	ck_assert_uint_eq(record->status, DSA_COMP_BATCH_FAIL);
	ck_assert_uint_eq(swerror_code(host), DSA_COMP_CRA_XLAT);
	ck_assert_uint_eq(host_stats(host, 1).raised, 1);
	host_free(host);
}
END_TEST

/* A drain that succeeds is in the log, behind what was before it; one that fails is not. */
START_TEST(drain)
{
	struct model_host *host = logging();
	struct dsa_hw_desc noop = descriptor(DSA_OPCODE_NOOP, 0, NOWHERE);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_DRAIN, 0, RECORD);
	const struct dsa_completion_record *record;
	struct dsa_evl_entry e;

	submit64(host, 0, &noop);
	run_one(host, 0, &desc);
	host_wait_completed(host, 0, 2);
	ck_assert_uint_eq(tail(host), 2);
	e = entry_at(host, 0);
	ck_assert_uint_eq(code_of(&e), DSA_COMP_CRA_XLAT);
	e = entry_at(host, 1);
	record = (const void *)e.record;
	ck_assert_uint_eq(code_of(&e), DSA_EVL_CODE_DRAIN);
	ck_assert_uint_eq(info_of(&e), DSA_EVL_INFO_RECORD | DSA_EVL_INFO_INTERRUPT | 1);
	ck_assert_uint_eq(e.address, RECORD);
	ck_assert_uint_eq(record->status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), 0);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);

	desc.flags |= IDXD_OP_FLAG_FENCE;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_INVALID_FLAGS);
	ck_assert_uint_eq(tail(host), 2);
	ck_assert_uint_eq(host_stats(host, 1).raised, 1);
	host_free(host);
}
END_TEST

/* ---- Commands and resets -------------------------------------------------- */

START_TEST(command_while_active)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	struct host_command draining = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DISABLE_DEVICE) };
	struct host_command second = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_RESET_DEVICE) };
	pthread_t threads[2];
	struct dsa_evl_entry e;

	host_gate(host, true);
	submit64(host, 0, &desc);
	host_wait_at_gate(host, 1);
	ck_assert_int_eq(pthread_create(&threads[0], NULL, host_write_command, &draining), 0);
	while (!(read32(host, DSA_REG_CMDSTATUS) & DSA_CMDSTATUS_ACTIVE))
		;
	ck_assert_int_eq(pthread_create(&threads[1], NULL, host_write_command, &second), 0);
	/* The record, and the entry. */
	host_wait_at_gate(host, 2);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DRAINING);
	ck_assert_uint_eq(tail(host), 0);
	host_gate(host, false);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);

	e = entry_at(host, 0);
	ck_assert_uint_eq(e.what, FIELD_PREP(DSA_SWERROR0_CODE, DSA_SWERR_CMD_WHILE_ACTIVE));
	ck_assert_uint_eq(tail(host), 1);
	ck_assert_uint_eq(swerror_code(host), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	host_free(host);
}
END_TEST

/* Only an entry is still being written: the command that makes an end of writing waits. */
START_TEST(command_waits_for_the_entry)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_NOOP };
	struct dsa_fault stuck = { .kind = DSA_FAULT_STUCK };
	struct host_command disable = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DISABLE_DEVICE) };
	struct host_command second = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_RESET_DEVICE) };
	char why[DSA_FAULT_WHY];
	pthread_t threads[2];

	ck_assert_int_gt(dsa_device_fault_add(host->dev, &stuck, why), 0);
	submit64(host, 0, &desc);
	ck_assert_int_eq(pthread_create(&threads[0], NULL, host_write_command, &disable), 0);
	while (!(read32(host, DSA_REG_CMDSTATUS) & DSA_CMDSTATUS_ACTIVE))
		;
	host_gate(host, true);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, host_write_command, &second), 0);
	host_wait_at_gate(host, 1);
	while (!dsa_device_release(host->dev))
		;
	while (!host_wq_stats(host, 0).completed)
		;
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), DSA_CMDSTATUS_ACTIVE);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DRAINING);
	host_gate(host, false);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	ck_assert_uint_eq(tail(host), 1);
	host_free(host);
}
END_TEST

static void *halt(void *arg)
{
	struct host_command *w = arg;

	ck_assert_int_eq(dsa_device_halt(w->host->dev, DSA_RESET_COMMAND), 0);
	return NULL;
}

/* A reset waits for an entry also if no engine writes it. */
START_TEST(reset_waits_for_the_entry)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_NOOP };
	struct dsa_fault stuck = { .kind = DSA_FAULT_STUCK };
	struct host_command draining = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DRAIN_ALL) };
	char why[DSA_FAULT_WHY];
	pthread_t threads[3];

	ck_assert_int_gt(dsa_device_fault_add(host->dev, &stuck, why), 0);
	submit64(host, 0, &desc);
	ck_assert_int_eq(pthread_create(&threads[0], NULL, host_write_command, &draining), 0);
	while (!(read32(host, DSA_REG_CMDSTATUS) & DSA_CMDSTATUS_ACTIVE))
		;
	host_gate(host, true);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, host_write_command, &draining), 0);
	host_wait_at_gate(host, 1);
	ck_assert_int_eq(pthread_create(&threads[2], NULL, host_function_reset, &draining), 0);
	host_wait_for_reset(host);
	host_gate(host, false);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	pthread_join(threads[2], NULL);
	ck_assert_uint_eq(read64(host, DSA_REG_EVLSTATUS), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
	host_free(host);
}
END_TEST

/* What is only for the log is for nobody if the device halts before it gets there. */
START_TEST(halt_before_a_drain_is_logged)
{
	struct dsa_device_params params = { .profile = "v2" };
	struct model_host *host = host_new(&params);
	struct dsa_hw_desc error = bad_opcode(), last = descriptor(DSA_OPCODE_DRAIN, 1, RECORD);
	struct host_command w = { host, 0 };
	pthread_t thread;
	bool running;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	host_configure_wq(host, 1, 1, 2, 16);
	write64(host, DSA_REG_EVLCFG, LOG);
	write64(host, DSA_REG_EVLCFG + 8, SIZE(64));
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 1), 0);

	host_gate(host, true);
	submit64(host, 0, &error);
	host_wait_at_gate(host, 1);
	submit64(host, 1, &last);
	do {
		pthread_mutex_lock(&host->dev->lock);
		running = host->dev->engines[1].running;
		pthread_mutex_unlock(&host->dev->lock);
	} while (!running);
	ck_assert_int_eq(pthread_create(&thread, NULL, halt, &w), 0);
	host_wait_for_reset(host);
	host_gate(host, false);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(tail(host), 1);
	ck_assert_uint_eq(swerror_code(host), 0);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), 0);
	host_free(host);
}
END_TEST

/* A command or a reset does not end while an entry is being written. */
START_TEST(end_waits_for_the_entry)
{
	struct model_host *host = logging();
	struct dsa_hw_desc desc = bad_opcode();
	struct host_command disable = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DISABLE_DEVICE) };
	pthread_t thread;

	host_gate(host, true);
	submit64(host, 0, &desc);
	host_wait_at_gate(host, 1);
	ck_assert(config_read16(host, DSA_PCI_CAP_PCIE + PCI_EXP_DEVSTA) & PCI_EXP_DEVSTA_TRPND);
	if (_i)
		ck_assert_int_eq(pthread_create(&thread, NULL, host_function_reset, &disable), 0);
	else
		ck_assert_int_eq(pthread_create(&thread, NULL, host_write_command, &disable), 0);
	while (!_i && !(read32(host, DSA_REG_CMDSTATUS) & DSA_CMDSTATUS_ACTIVE))
		;
	host_gate(host, false);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed + host_wq_stats(host, 0).abandoned, 1);
	ck_assert_uint_ne(entry_at(host, 0).what, 0);
	ck_assert_uint_eq(tail(host), !_i);
	host_free(host);
}
END_TEST

/* As Linux's idxd sets it up and takes it down, twice, with its interrupt handler. */
int main(void)
{
	Suite *suite = suite_create("event log records");
	TCase *tc = tcase_create("event log records");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, record_fault);
	tcase_add_test(tc, batch_with_record_faults);
	tcase_add_loop_test(tc, batch_wants, 0, 5);
	tcase_add_test(tc, batch_with_record_faults_and_no_log);
	tcase_add_test(tc, drain);
	tcase_add_test(tc, command_while_active);
	tcase_add_test(tc, command_waits_for_the_entry);
	tcase_add_test(tc, reset_waits_for_the_entry);
	tcase_add_test(tc, halt_before_a_drain_is_logged);
	tcase_add_loop_test(tc, end_waits_for_the_entry, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
