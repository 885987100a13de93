// SPDX-License-Identifier: GPL-2.0-only
/*
 * dsa-model: where interrupts get lost, and where they must not.
 *
 * Two lists. Situations: what becomes of a message that is raised while something
 * stands in its way (PCI Express 6.1.4). Windows: the moments of a whole system in
 * which an event can be missed. A test is named for its row; "counterpart" is what
 * a driver does about it, or the order of things in which the event is lost.
 *
 * A vector without a trigger stands for a masked entry: the masks are the VMM's.
 *
 * Not here, because the device cannot produce them:
 * - situation "entry never programmed": the VMM has the table that counts. The device's own
 *   comes up masked: entries_are_masked_at_reset.
 * - window 12, posted interrupts and irqfds not wired yet: it is the VMM's. Seen from here it is
 *   window 3. tests/vm has it.
 */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL
#define RECORD (HOST_BASE + 0x40)
#define MSIX_ON DSA_MSIX_CONTROL_ENABLE
#define MSIX_MASKED (DSA_MSIX_CONTROL_ENABLE | DSA_MSIX_CONTROL_FUNCTION_MASK)

static struct dsa_hw_desc noop(unsigned int index)
{
	return descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE + 0x40 + 32 * index);
}

/* Complete @count descriptors with the message of vector 1 and a record each. */
static void complete(struct model_host *host, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct dsa_hw_desc desc = noop(i);

		ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	}
}

static uint8_t status_of(struct model_host *host, unsigned int index)
{
	return *(uint8_t *)host_at(host, HOST_BASE + 0x40 + 32 * index);
}

static void msix_control(struct model_host *host, uint16_t control)
{
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, control);
}

static void check_vector(struct model_host *host, uint64_t raised, uint64_t delivered,
			 uint64_t merged, uint64_t dropped, uint64_t pending)
{
	struct dsa_vector_stats s = host_stats(host, 1);

	ck_assert_uint_eq(s.raised, raised);
	ck_assert_uint_eq(s.delivered, delivered);
	ck_assert_uint_eq(s.merged, merged);
	ck_assert_uint_eq(s.dropped, dropped);
	ck_assert_uint_eq(s.pending, pending);
	ck_assert_uint_eq(host_delivered(host, 1), delivered);
}

/* A device that forgets what is raised while MSI-X is off. */
static struct model_host *dropping(void)
{
	static const struct dsa_device_params params = {
		.profile = "spr", .msix_disabled = DSA_MSIX_DISABLED_DROP,
	};
	struct model_host *host = host_new(&params);

	host_bring_up(host, 0, 16);
	return host;
}

/* ---- Situations ---------------------------------------------------------- */

START_TEST(situation_enabled_and_unmasked_is_sent)
{
	struct model_host *host = host_ready("spr");

	complete(host, 1);
	check_vector(host, 1, 1, 0, 0, 0);
	host_free(host);
}
END_TEST

START_TEST(situation_entry_masked_is_latched)
{
	struct model_host *host = host_ready("spr");

	host_set_bound(host, 1, false);
	complete(host, 1);
	check_vector(host, 1, 0, 0, 0, 1);
	host_set_bound(host, 1, true);
	check_vector(host, 1, 1, 0, 0, 0);
	/* Sent once; unmasking again sends nothing. */
	host_set_bound(host, 1, false);
	host_set_bound(host, 1, true);
	check_vector(host, 1, 1, 0, 0, 0);
	host_free(host);
}
END_TEST

/* Clearing it lets the messages of all vectors go. */
START_TEST(situation_function_mask_is_latched)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = noop(5);

	msix_control(host, MSIX_MASKED);
	complete(host, 1);
	desc.int_handle = 2;
	run_one(host, 0, &desc);
	check_vector(host, 1, 0, 0, 0, 1);
	msix_control(host, MSIX_ON);
	check_vector(host, 1, 1, 0, 0, 0);
	ck_assert_uint_eq(host_delivered(host, 2), 1);
	host_free(host);
}
END_TEST

/* The device does not know that its record has been read: the message comes all the same. */
START_TEST(situation_serviced_while_masked_is_sent_on_unmask)
{
	struct model_host *host = host_ready("spr");

	host_set_bound(host, 1, false);
	complete(host, 1);
	ck_assert_uint_eq(status_of(host, 0), DSA_COMP_SUCCESS);
	memset(host_at(host, RECORD), 0, 32);
	host_set_bound(host, 1, true);
	check_vector(host, 1, 1, 0, 0, 0);
	ck_assert_uint_eq(status_of(host, 0), 0);
	host_free(host);
}
END_TEST

/* PCI Express allows both. */
START_TEST(situation_msix_enable_clear_latches)
{
	struct model_host *host = host_ready("spr");

	msix_control(host, 0);
	complete(host, 1);
	check_vector(host, 1, 0, 0, 0, 1);
	msix_control(host, MSIX_ON);
	check_vector(host, 1, 1, 0, 0, 0);
	host_free(host);
}
END_TEST

START_TEST(situation_msix_enable_clear_drops)
{
	struct model_host *host = dropping();

	msix_control(host, 0);
	complete(host, 1);
	check_vector(host, 1, 0, 0, 1, 0);
	msix_control(host, MSIX_ON);
	check_vector(host, 1, 0, 0, 1, 0);
	/* What was pending is forgotten, too, when it is switched off. */
	msix_control(host, MSIX_MASKED);
	complete(host, 1);
	check_vector(host, 2, 0, 0, 1, 1);
	msix_control(host, 0);
	check_vector(host, 2, 0, 0, 2, 0);
	host_free(host);
}
END_TEST

/* No memory requests, so no messages; and the device halts. */
START_TEST(situation_bus_master_clear_sends_nothing)
{
	struct model_host *host = host_ready("spr");

	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_HALT_INT | DSA_GENCTRL_SWERROR_INT);
	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE),
			  DSA_INTCAUSE_HALT | DSA_INTCAUSE_SWERROR);
	ck_assert_uint_eq(host_delivered(host, 0), 0);
	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	ck_assert_uint_eq(host_delivered(host, 0), 0);
	host_free(host);
}
END_TEST

/* By design: neither sent nor pending. Other causes, and what pends already, go on. */
START_TEST(situation_ignore_drops_completions_only)
{
	struct model_host *host = host_ready("spr");

	host_set_bound(host, 1, false);
	complete(host, 1);
	write32(host, MSIXPERM(1), DSA_MSIXPERM_IGNORE);
	complete(host, 1);
	check_vector(host, 1, 0, 0, 0, 1);
	host_set_bound(host, 1, true);
	check_vector(host, 1, 1, 0, 0, 0);
	/* The occupancy interrupt of the queue, at the same entry. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 1), 0);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE), 1);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT), DSA_WQCFG5_OCC_INT_ENABLE);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	check_vector(host, 2, 2, 0, 0, 0);
	host_free(host);
}
END_TEST

START_TEST(situation_entries_are_masked_at_reset)
{
	struct model_host *host = host_new(NULL);
	unsigned int v;

	for (v = 0; v < DSA_MSIX_VECTORS; v++) {
		ck_assert_uint_eq(read32(host, DSA_MSIX_TABLE_OFFSET + 16 * v + 12), 1);
		ck_assert_uint_eq(read64(host, DSA_MSIX_TABLE_OFFSET + 16 * v), 0);
	}
	host_free(host);
}
END_TEST

START_TEST(situation_second_event_while_pending_merges)
{
	struct model_host *host = host_ready("spr");

	host_set_bound(host, 1, false);
	complete(host, 3);
	check_vector(host, 3, 0, 2, 0, 1);
	host_set_bound(host, 1, true);
	check_vector(host, 3, 1, 2, 0, 0);
	host_free(host);
}
END_TEST

/* Nobody tells the device whether the first was handled: both are sent. */
START_TEST(situation_second_event_after_sending_is_sent)
{
	struct model_host *host = host_ready("spr");

	complete(host, 2);
	check_vector(host, 2, 2, 0, 0, 0);
	host_free(host);
}
END_TEST

/* Pending bits go with a function-level reset and with Reset Device. */
START_TEST(situation_resets_lose_what_is_pending)
{
	struct model_host *host = host_ready("spr");
	bool flr = _i;

	host_set_bound(host, 1, false);
	complete(host, 1);
	if (flr)
		config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	else
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	check_vector(host, 1, 0, 0, 1, 0);
	ck_assert_int_eq(!!(config_read16(host, DSA_MSIX_CONTROL_OFFSET) & MSIX_ON), !flr);
	host_set_bound(host, 1, true);
	msix_control(host, MSIX_ON);
	check_vector(host, 1, 0, 0, 1, 0);
	host_free(host);
}
END_TEST

/* ---- Windows ------------------------------------------------------------- */

/* Counterpart: one look at the records after MSI-X has been switched on. */
START_TEST(window_1_before_msix_enable)
{
	struct model_host *host = dropping();

	msix_control(host, 0);
	complete(host, 1);
	msix_control(host, MSIX_ON);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	ck_assert_uint_eq(status_of(host, 0), DSA_COMP_SUCCESS);
	complete(host, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	host_free(host);
}
END_TEST

/* The fault "forget" is a broken emulator: it loses what a mask should keep. */
START_TEST(window_2_masked_vector)
{
	bool forgets = _i;
	struct model_host *host = host_ready("spr");
	const struct dsa_fault fault = { .kind = DSA_FAULT_FORGET };
	char why[DSA_FAULT_WHY];

	if (forgets)
		ck_assert_int_gt(dsa_device_fault_add(host->dev, &fault, why), 0);
	host_set_bound(host, 1, false);
	complete(host, 1);
	host_set_bound(host, 1, true);
	check_vector(host, 1, !forgets, 0, forgets, 0);
	host_free(host);
}
END_TEST

/* Vector 1 has never had a trigger when the first event comes. */
START_TEST(window_3_trigger_bound_after_the_first_event)
{
	struct model_host *host = host_new(NULL);

	host_set_bound(host, 1, false);
	host_bring_up(host, 0, 16);
	complete(host, 1);
	check_vector(host, 1, 0, 0, 0, 1);
	host_set_bound(host, 1, true);
	check_vector(host, 1, 1, 0, 0, 0);
	host_free(host);
}
END_TEST

/* An error that can be caused at will: a descriptor with a bad handle. */
static void cause_error(struct model_host *host)
{
	struct dsa_hw_desc desc = noop(9);

	desc.int_handle = 77;
	run_one(host, 0, &desc);
}

/*
 * An event between the two steps of the handler. Clear, then look: there is a
 * message for it, and its cause is set. Counterpart: look, then clear, takes
 * away the cause of an event that nobody has looked at.
 */
START_TEST(window_4_event_while_the_cause_is_cleared)
{
	bool clears_first = _i;
	struct model_host *host = host_ready("spr");

	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT);
	cause_error(host);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	if (clears_first) {
		write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
		write64(host, DSA_REG_SWERROR, 3);
		cause_error(host);
	} else {
		write64(host, DSA_REG_SWERROR, 3);
		cause_error(host);
		write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
	}
	/* The message comes in any case, also while the cause is still set. */
	ck_assert_uint_eq(host_delivered(host, 0), 2);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), clears_first ? DSA_INTCAUSE_SWERROR : 0);
	ck_assert(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_VALID);
	host_free(host);
}
END_TEST

/* Counterpart: look at all outstanding records, not at one for each message. */
START_TEST(window_5_two_completions_one_message)
{
	struct model_host *host = host_ready("spr");

	msix_control(host, MSIX_MASKED);
	complete(host, 2);
	msix_control(host, MSIX_ON);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(status_of(host, 0), DSA_COMP_SUCCESS);
	ck_assert_uint_eq(status_of(host, 1), DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* The order of the two; the fault "early-message" is the negative control. */
START_TEST(window_6_message_before_the_record)
{
	bool early = _i;
	struct model_host *host = host_ready("spr");
	const struct dsa_fault fault = { .kind = DSA_FAULT_EARLY_MESSAGE };
	char why[DSA_FAULT_WHY];
	unsigned int i;

	if (early)
		ck_assert_int_gt(dsa_device_fault_add(host->dev, &fault, why), 0);
	host->watch = RECORD;
	for (i = 1; i <= 20; i++) {
		struct dsa_hw_desc desc = noop(0);

		pthread_mutex_lock(&host->lock);
		memset(host_at(host, RECORD), 0, 32);
		pthread_mutex_unlock(&host->lock);
		submit64(host, 0, &desc);
		host_wait_delivered(host, 1, i);
		host_wait_completed(host, 0, i);
		ck_assert_uint_eq(host->status_seen, early ? 0 : DSA_COMP_SUCCESS);
	}
	host_free(host);
}
END_TEST

/* An event after the message of the last one has left: it has a message of its own. */
START_TEST(window_7_completion_while_the_handler_finishes)
{
	struct model_host *host = host_ready("spr");
	unsigned int i;

	for (i = 1; i <= 10; i++) {
		complete(host, 1);
		ck_assert_uint_eq(host_delivered(host, 1), i);
	}
	host_free(host);
}
END_TEST

/* Seen by polling, then interrupted: there is nothing new. */
START_TEST(window_8_spurious_after_the_record_was_consumed)
{
	struct model_host *host = host_ready("spr");

	msix_control(host, MSIX_MASKED);
	complete(host, 1);
	memset(host_at(host, RECORD), 0, 32);
	msix_control(host, MSIX_ON);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(status_of(host, 0), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 1);
	host_free(host);
}
END_TEST

/* Counterpart: the record and SWERROR, looked at by a watchdog. */
START_TEST(window_9_bad_handle_never_interrupts)
{
	struct model_host *host = host_ready("spr");
	unsigned int v;

	cause_error(host);
	for (v = 0; v < DSA_MSIX_VECTORS; v++)
		ck_assert_uint_eq(host_stats(host, v).raised, 0);
	ck_assert_uint_eq(status_of(host, 9), DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  DSA_COMP_INT_HANDLE_INVAL);
	host_free(host);
}
END_TEST

/* After it nothing comes, nor does anything say so: enables and permissions are gone. */
START_TEST(window_10_reset_by_someone_else)
{
	struct dsa_device_params params = {
		.profile = "spr",
		.service = { .min_ns = 1000000 * MS, .max_ns = 1000000 * MS },
	};
	struct model_host *host = host_new(&params);
	struct dsa_hw_desc desc = noop(0);
	bool flr = _i;

	host_bring_up(host, 0, 16);
	write32(host, DSA_REG_GENCTRL, 3);
	write32(host, MSIXPERM(1), DSA_MSIXPERM_IGNORE);
	submit64(host, 0, &desc);
	if (flr)
		config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	else
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	ck_assert_uint_eq(status_of(host, 0), 0);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 0);
	ck_assert_uint_eq(read32(host, MSIXPERM(1)), 0);
	ck_assert_int_eq(!!(config_read16(host, DSA_MSIX_CONTROL_OFFSET) & MSIX_ON), !flr);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	host_free(host);
}
END_TEST

/* There is no level: a cause that stays set says nothing a second time; and there is no pin. */
START_TEST(window_11_no_level)
{
	struct model_host *host = host_ready("spr");

	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, DSA_CMD_INT_REQ), 0);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_COMMAND);
	complete(host, 1);
	msix_control(host, MSIX_MASKED);
	msix_control(host, MSIX_ON);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_COMMAND);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(config_read16(host, PCI_INTERRUPT_LINE), 0);
	host_free(host);
}
END_TEST

/* Vector 0 is silent but for its causes: a handler without one gives up after a while. */
START_TEST(window_13_no_message_of_vector_0_without_a_cause)
{
	struct model_host *host = host_ready("spr");

	write32(host, DSA_REG_GENCTRL, 3);
	complete(host, 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	ck_assert_uint_eq(command(host, 31, 0), DSA_CMDERR_UNDEFINED);
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	ck_assert_uint_eq(command(host, 31, DSA_CMD_INT_REQ), DSA_CMDERR_UNDEFINED);
	ck_assert_uint_eq(host_stats(host, 0).raised, 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_COMMAND);
	/* The second error only overflows: no cause, no message. */
	write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_COMMAND);
	cause_error(host);
	write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
	cause_error(host);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	ck_assert_uint_eq(host_stats(host, 0).raised, 2);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loss windows");
	TCase *tc = tcase_create("situations");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, situation_enabled_and_unmasked_is_sent);
	tcase_add_test(tc, situation_entry_masked_is_latched);
	tcase_add_test(tc, situation_function_mask_is_latched);
	tcase_add_test(tc, situation_serviced_while_masked_is_sent_on_unmask);
	tcase_add_test(tc, situation_msix_enable_clear_latches);
	tcase_add_test(tc, situation_msix_enable_clear_drops);
	tcase_add_test(tc, situation_bus_master_clear_sends_nothing);
	tcase_add_test(tc, situation_ignore_drops_completions_only);
	tcase_add_test(tc, situation_entries_are_masked_at_reset);
	tcase_add_test(tc, situation_second_event_while_pending_merges);
	tcase_add_test(tc, situation_second_event_after_sending_is_sent);
	tcase_add_loop_test(tc, situation_resets_lose_what_is_pending, 0, 2);
	suite_add_tcase(suite, tc);

	tc = tcase_create("windows");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, window_1_before_msix_enable);
	tcase_add_loop_test(tc, window_2_masked_vector, 0, 2);
	tcase_add_test(tc, window_3_trigger_bound_after_the_first_event);
	tcase_add_loop_test(tc, window_4_event_while_the_cause_is_cleared, 0, 2);
	tcase_add_test(tc, window_5_two_completions_one_message);
	tcase_add_loop_test(tc, window_6_message_before_the_record, 0, 2);
	tcase_add_test(tc, window_7_completion_while_the_handler_finishes);
	tcase_add_test(tc, window_8_spurious_after_the_record_was_consumed);
	tcase_add_test(tc, window_9_bad_handle_never_interrupts);
	tcase_add_loop_test(tc, window_10_reset_by_someone_else, 0, 2);
	tcase_add_test(tc, window_11_no_level);
	tcase_add_test(tc, window_13_no_message_of_vector_0_without_a_cause);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
