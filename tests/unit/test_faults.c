// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults: each does what it says to the one it is about, and nothing without it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_private.h"
#include "fault_text.h"
#include "model_host.h"
#include "unit.h"

#define RECORD (HOST_BASE + 0x1000)
#define SRC (HOST_BASE + 0x10000)
#define DST (HOST_BASE + 0x20000)

static char why[DSA_FAULT_WHY];

static int try_add(struct model_host *host, const char *text)
{
	struct dsa_fault fault;
	int ret = fault_parse(text, &fault, why);

	return ret ? ret : dsa_device_fault_add(host->dev, &fault, why);
}

/* Nothing for an empty text: the control of a test. */
static unsigned int add(struct model_host *host, const char *text)
{
	int id = *text ? try_add(host, text) : 0;

	ck_assert_msg(id >= 0, "%s: %s", text, why);
	return id;
}

static struct dsa_fault_state state_of(struct model_host *host, unsigned int id)
{
	struct dsa_fault_state states[DSA_FAULTS_MAX];
	unsigned int i, count = dsa_device_fault_list(host->dev, states, DSA_FAULTS_MAX);

	for (i = 0; i < count; i++)
		if (states[i].id == id)
			return states[i];
	ck_abort_msg("there is no fault %u", id);
}

static struct model_host *ready(void)
{
	struct model_host *host = host_new(NULL);

	host_bring_up(host, 0, 16);
	return host;
}

/* NOOPs on queue 0, whose messages are those of vector 1, one after the other. */
static void run_noops(struct model_host *host, unsigned int count)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	while (count--)
		ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
}

/* ---- Messages ------------------------------------------------------------ */

/* Six descriptors, and what becomes of their messages. */
static const struct {
	const char *fault;
	uint64_t raised, delivered, dropped, merged, pending, seen, hits;
} message_cases[] = {
	{ "", 6, 6, 0, 0, 0, 0, 0 },
	{ "drop:vector=1,nth=3", 6, 5, 1, 0, 0, 6, 1 },
	{ "drop:vector=1,nth=7", 6, 6, 0, 0, 0, 6, 0 },
	{ "drop:vector=2,nth=3", 6, 6, 0, 0, 0, 0, 0 },
	{ "drop:vector=1,every=2", 6, 3, 3, 0, 0, 6, 3 },
	{ "drop:every=4", 6, 5, 1, 0, 0, 6, 1 },
	{ "drop", 6, 0, 6, 0, 0, 6, 6 },
	{ "duplicate:vector=1,nth=2", 7, 7, 0, 0, 0, 6, 1 },
	{ "duplicate:vector=1,every=2", 9, 9, 0, 0, 0, 6, 3 },
	{ "duplicate:vector=3", 6, 6, 0, 0, 0, 0, 0 },
	{ "delay:vector=1,nth=1,time=60s", 6, 0, 0, 5, 1, 1, 1 },
	{ "delay:vector=1,nth=6,time=60s", 6, 5, 0, 0, 1, 6, 1 },
	{ "delay:vector=2,time=60s", 6, 6, 0, 0, 0, 0, 0 },
	{ "duplicate:nth=1,time=60s", 7, 1, 0, 5, 1, 1, 1 },
	{ "drop-disabled", 6, 6, 0, 0, 0, 0, 0 },
	{ "forget", 6, 6, 0, 0, 0, 0, 0 },
};

START_TEST(messages)
{
	struct model_host *host = ready();
	unsigned int id = add(host, message_cases[_i].fault);
	struct dsa_vector_stats s;

	run_noops(host, 6);
	s = host_stats(host, 1);
	host_check_invariant(host);
	ck_assert_msg(s.raised == message_cases[_i].raised &&
		      s.delivered == message_cases[_i].delivered &&
		      s.dropped == message_cases[_i].dropped &&
		      s.merged == message_cases[_i].merged &&
		      s.pending == message_cases[_i].pending,
		      "%s: raised %lu delivered %lu dropped %lu merged %lu pending %lu",
		      message_cases[_i].fault, s.raised, s.delivered, s.dropped, s.merged,
		      s.pending);
	ck_assert_uint_eq(host_delivered(host, 1), s.delivered);
	/* MSI-X was on all the time. */
	ck_assert_uint_eq(s.dropped_off, 0);
	if (id) {
		ck_assert_uint_eq(state_of(host, id).seen, message_cases[_i].seen);
		ck_assert_uint_eq(state_of(host, id).hits, message_cases[_i].hits);
	}
	host_free(host);
}
END_TEST

START_TEST(delayed_message_arrives)
{
	struct model_host *host = ready();

	add(host, "delay:vector=1,time=1ms");
	run_noops(host, 1);
	host_wait_delivered(host, 1, 1);
	run_noops(host, 1);
	host_wait_delivered(host, 1, 2);
	host_check_invariant(host);
	host_free(host);
}
END_TEST

START_TEST(delayed_message_waits_for_its_trigger)
{
	struct model_host *host = ready();

	add(host, "delay:vector=1,nth=1,time=60s");
	run_noops(host, 1);
	/* Neither of these ends the delay. */
	host_set_bound(host, 1, false);
	host_set_bound(host, 1, true);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, 0);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, DSA_MSIX_CONTROL_ENABLE);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	ck_assert_uint_eq(host_stats(host, 1).pending, 1);
	/* A reset forgets it. */
	dsa_device_reset(host->dev);
	ck_assert_uint_eq(host_stats(host, 1).pending, 0);
	ck_assert_uint_eq(host_stats(host, 1).dropped, 1);
	host_check_invariant(host);
	host_free(host);
}
END_TEST

START_TEST(duplicate_arrives_later)
{
	struct model_host *host = ready();

	add(host, "duplicate:vector=1,nth=1,time=1ms");
	run_noops(host, 1);
	host_wait_delivered(host, 1, 2);
	/* The copy is no reason for another. */
	run_noops(host, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 3);
	host_check_invariant(host);
	host_free(host);
}
END_TEST

/* Without a trigger, or with MSI-X off, a message waits - unless it is forgotten. */
static const struct {
	const char *fault;
	bool enabled, bound;
	uint64_t waits;
} waiting_cases[] = {
	{ "", true, false, 1 },
	{ "forget:vector=1", true, false, 0 },
	{ "forget:vector=2", true, false, 1 },
	{ "drop-disabled", true, false, 1 },
	{ "", false, true, 1 },
	{ "forget:vector=1", false, true, 0 },
	{ "drop-disabled:vector=1", false, true, 0 },
	{ "drop-disabled:vector=2", false, true, 1 },
	{ "drop", false, true, 1 },
};

START_TEST(messages_that_wait)
{
	struct model_host *host = ready();

	add(host, waiting_cases[_i].fault);
	host_set_bound(host, 1, waiting_cases[_i].bound);
	if (!waiting_cases[_i].enabled)
		config_write16(host, DSA_MSIX_CONTROL_OFFSET, 0);
	run_noops(host, 1);
	ck_assert_uint_eq(host_stats(host, 1).pending, waiting_cases[_i].waits);
	ck_assert_uint_eq(host_stats(host, 1).dropped, !waiting_cases[_i].waits);
	host_check_invariant(host);
	host_free(host);
}
END_TEST

/* Counted once, when it could leave: not at each vain attempt. */
START_TEST(message_without_trigger_is_counted_once)
{
	struct model_host *host = ready();
	unsigned int id = add(host, "drop:vector=1,nth=2");

	host_set_bound(host, 1, false);
	run_noops(host, 1);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, DSA_MSIX_CONTROL_FUNCTION_MASK |
		       DSA_MSIX_CONTROL_ENABLE);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, DSA_MSIX_CONTROL_ENABLE);
	ck_assert_uint_eq(state_of(host, id).seen, 1);
	host_set_bound(host, 1, true);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	run_noops(host, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(host_stats(host, 1).dropped, 1);
	host_free(host);
}
END_TEST

/* What waits when MSI-X goes off is lost, too. */
START_TEST(drop_disabled_when_going_off)
{
	struct model_host *host = ready();

	if (_i)
		add(host, "drop-disabled");
	host_set_bound(host, 1, false);
	run_noops(host, 1);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, 0);
	ck_assert_uint_eq(host_stats(host, 1).pending, !_i);
	host_free(host);
}
END_TEST

START_TEST(raise_by_mistake)
{
	struct model_host *host = ready();

	ck_assert_int_eq(dsa_device_raise(host->dev, 5, 3), 0);
	ck_assert_uint_eq(host_delivered(host, 5), 3);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	ck_assert_int_eq(dsa_device_raise(host->dev, 9, 1), -EINVAL);
	host_free(host);
}
END_TEST

START_TEST(vectors_refused)
{
	struct model_host *host = ready();
	unsigned int id;

	ck_assert_int_eq(dsa_device_may_bind(host->dev, 0, 9), 0);
	id = add(host, "refuse-vectors:from=4");
	ck_assert_int_eq(dsa_device_may_bind(host->dev, 0, 4), 0);
	ck_assert_int_eq(dsa_device_may_bind(host->dev, 0, 5), -ENOSPC);
	ck_assert_int_eq(dsa_device_may_bind(host->dev, 8, 1), -ENOSPC);
	ck_assert_int_eq(dsa_device_may_bind(host->dev, 8, 0), 0);
	ck_assert_uint_eq(state_of(host, id).hits, 2);
	ck_assert_int_eq(dsa_device_fault_remove(host->dev, id), 0);
	ck_assert_int_eq(dsa_device_may_bind(host->dev, 0, 9), 0);
	host_free(host);
}
END_TEST

/* Cleared, it is there again, with its cause and its message; then no more. */
START_TEST(error_again)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int id = add(host, "error-again:nth=2");
	uint64_t error, delivered;
	int round;

	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT);
	desc.int_handle = 77;
	for (round = 0; round < 3; round++) {
		run_one(host, 0, &desc);
		write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
		delivered = host_delivered(host, 0);
		error = read64(host, DSA_REG_SWERROR);
		write64(host, DSA_REG_SWERROR, DSA_SWERROR0_VALID);
		if (round == 1) {
			ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), error);
			ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_SWERROR);
			ck_assert_uint_eq(host_delivered(host, 0), delivered + 1);
			write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
			write64(host, DSA_REG_SWERROR, DSA_SWERROR0_VALID);
		}
		ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_VALID, 0);
		ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
		/* Only what was set is cleared. */
		write64(host, DSA_REG_SWERROR, DSA_SWERROR0_VALID);
	}
	ck_assert_uint_eq(state_of(host, id).seen, 4);
	ck_assert_uint_eq(state_of(host, id).hits, 1);
	host_free(host);
}
END_TEST

/* ---- Work ---------------------------------------------------------------- */

/*
 * A descriptor that neither ends by itself nor hinders those behind it. (Not
 * run_one(): it waits with a drain, which would wait for the stuck one, too.)
 */
START_TEST(stuck)
{
	struct model_host *host = ready();
	unsigned int i, id = add(host, "stuck:queue=0,nth=1");

	for (i = 0; i < 4; i++) {
		struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD + 0x40 * i);

		submit64(host, 0, &desc);
	}
	host_wait_delivered(host, 1, 3);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), 0);
	ck_assert_uint_eq(state_of(host, id).seen, 4);
	ck_assert_uint_eq(state_of(host, id).hits, 1);
	switch (_i) {
	case 0:
		ck_assert_uint_eq(dsa_device_release(host->dev), 1);
		ck_assert_uint_eq(dsa_device_release(host->dev), 0);
		host_wait_delivered(host, 1, 4);
		break;
	case 1:
		ck_assert_int_eq(dsa_device_fault_remove(host->dev, id), 0);
		host_wait_delivered(host, 1, 4);
		break;
	case 2:
		ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_WQ, 1), 0);
		ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
		break;
	case 3:
		dsa_device_reset(host->dev);
		ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
		break;
	default:
		/* A drain waits for it. */
		ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), DSA_CMDSTATUS_ACTIVE);
		ck_assert_uint_eq(dsa_device_release(host->dev), 1);
		host_wait_delivered(host, 1, 4);
		host_wait_completed(host, 0, 4);
	}
	host_free(host);
}
END_TEST

/* Only what this fault holds goes on. */
START_TEST(removing_one_keeps_the_other)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc[2];
	unsigned int id[2], i;

	host_bring_up_two(host);
	id[0] = add(host, "stuck:queue=0");
	id[1] = add(host, "stuck:queue=1");
	for (i = 0; i < 2; i++) {
		desc[i] = descriptor(DSA_OPCODE_NOOP, i, RECORD + 0x40 * i);
		submit64(host, i, &desc[i]);
	}
	ck_assert_int_eq(dsa_device_fault_remove(host->dev, id[0]), 0);
	host_wait_delivered(host, 1, 1);
	ck_assert_uint_eq(host_delivered(host, 2), 0);
	ck_assert_int_eq(dsa_device_fault_remove(host->dev, id[1]), 0);
	host_wait_delivered(host, 2, 1);
	ck_assert_int_eq(dsa_device_fault_remove(host->dev, id[1]), -ENOENT);
	host_free(host);
}
END_TEST

/* An engine that is busy for a minute ends at once when the work is given up. */
START_TEST(slow)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	/* Engine 0 serves the queue; the others do not matter. */
	static const char *const faults[] = { "", "slow:engine=1,time=60s", "slow:time=1us",
					      "slow:engine=0,time=60s" };
	bool late = _i == 3;

	add(host, faults[_i]);
	submit64(host, 0, &desc);
	if (!late)
		host_wait_completed(host, 0, 1);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_WQ, 1), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, !late);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, late);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), late ? 0 : DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

static struct dsa_hw_desc fill(uint8_t byte, uint64_t record)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, record);

	desc.pattern = 0x0101010101010101ULL * byte;
	desc.dst_addr = DST + 8 * byte;
	desc.xfer_size = 8;
	return desc;
}

/* Three descriptors, by the order in which they write. */
static const struct {
	const char *fault;
	uint8_t order[3];
} order_cases[] = {
	{ "", { 1, 2, 3 } },
	{ "reorder:queue=0,nth=1,time=60s", { 2, 1, 3 } },
	{ "reorder:queue=0,nth=2,time=60s", { 1, 3, 2 } },
	{ "reorder:queue=1", { 1, 2, 3 } },
};

START_TEST(reorder)
{
	struct model_host *host = ready();
	unsigned int i;

	add(host, order_cases[_i].fault);
	host->order_page = (DST - HOST_BASE) / HOST_PAGE;
	for (i = 1; i <= 3; i++) {
		struct dsa_hw_desc desc = fill(i, RECORD + 0x40 * i);

		submit64(host, 0, &desc);
	}
	host_wait_delivered(host, 1, 3);
	ck_assert_uint_eq(host->order_count, 3);
	for (i = 0; i < 3; i++)
		ck_assert_msg(host->order[i] == order_cases[_i].order[i], "%s: %u is %u",
			      order_cases[_i].fault, i, host->order[i]);
	host_free(host);
}
END_TEST

/* With nothing behind it, it does not wait for ever. */
START_TEST(reorder_alone)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	add(host, "reorder:time=1ms");
	submit64(host, 0, &desc);
	host_wait_delivered(host, 1, 1);
	host_free(host);
}
END_TEST

START_TEST(early_message)
{
	static const char *const faults[] = { "", "early-message:queue=1", "early-message:nth=2",
					      "early-message:queue=0,nth=1" };
	bool early = _i == 3;
	struct model_host *host = ready();

	add(host, faults[_i]);
	host->watch = RECORD;
	run_noops(host, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(host->status_seen, early ? 0 : DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

START_TEST(halt)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	unsigned int id = add(host, _i ? "halt:after=3" : "halt:after=4");

	run_noops(host, 2);
	ck_assert_int_eq(device_state(host), DSA_STATE_ENABLED);
	submit64(host, 0, &desc);
	if (!_i)
		host_wait_completed(host, 0, 3);
	ck_assert_int_eq(device_state(host), _i ? DSA_STATE_HALT : DSA_STATE_ENABLED);
	/* It is nobody's mistake: no error is reported. */
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	ck_assert_uint_eq(state_of(host, id).hits, _i);
	host_free(host);
}
END_TEST

/* The handle is good for two descriptors; the third comes too late. */
START_TEST(revoke)
{
	struct dsa_device_params params = host_default_params;
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	struct model_host *host;
	unsigned int i;

	params.profile = "spr-handles";
	host = host_new(&params);
	host_bring_up(host, 0, 16);
	add(host, _i ? "revoke:after=3" : "revoke:after=9");
	desc.int_handle = FIELD_GET(DSA_CMDSTATUS_RESULT,
				    command(host, DSA_COMMAND_REQUEST_INT_HANDLE, 1));
	for (i = 0; i < 2; i++)
		ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	run_one(host, 0, &desc);
	/* It may have been executed before the handle was revoked. */
	ck_assert_uint_eq(run_one(host, 0, &desc).status,
			  _i ? DSA_COMP_INT_HANDLE_INVAL : DSA_COMP_SUCCESS);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE) & DSA_INTCAUSE_HANDLES_REVOKED,
			  _i ? DSA_INTCAUSE_HANDLES_REVOKED : 0);
	host_free(host);
}
END_TEST

/* ---- Memory -------------------------------------------------------------- */

static const struct {
	const char *fault;
	uint8_t status;
	uint64_t address;
	uint32_t completed;
} page_cases[] = {
	{ "", DSA_COMP_SUCCESS, 0, 0 },
	{ "page-fault:address=0x122000", DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE,
	  DST + 0x2000, 0x1f80 },
	{ "page-fault:address=0x122fff", DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE,
	  DST + 0x2000, 0x1f80 },
	{ "page-fault:address=0x120000", DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE,
	  DST + 0x80, 0 },
	{ "page-fault:address=0x121000,length=1", DSA_COMP_PAGE_FAULT_NOBOF |
	  DSA_COMP_STATUS_WRITE, DST + 0x1000, 0xf80 },
	{ "page-fault:address=0x11f000,length=8193", DSA_COMP_PAGE_FAULT_NOBOF |
	  DSA_COMP_STATUS_WRITE, DST + 0x80, 0 },
	{ "page-fault:address=0x11f000", DSA_COMP_SUCCESS, 0, 0 },
	{ "page-fault:address=0x123000", DSA_COMP_SUCCESS, 0, 0 },
	{ "page-fault:address=0x122000,access=write", DSA_COMP_PAGE_FAULT_NOBOF |
	  DSA_COMP_STATUS_WRITE, DST + 0x2000, 0x1f80 },
	{ "page-fault:address=0x122000,access=read", DSA_COMP_SUCCESS, 0, 0 },
	{ "page-fault:address=0x111000,access=read", DSA_COMP_PAGE_FAULT_NOBOF, SRC + 0x1000,
	  0x1000 },
	{ "page-fault:address=0x111000,access=write", DSA_COMP_SUCCESS, 0, 0 },
	{ "page-fault:address=0x122000,nth=2", DSA_COMP_SUCCESS, 0, 0 },
};

/* From SRC to DST + 0x80, up to the page at DST + 0x3000. */
START_TEST(page_fault)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMMOVE, 0, RECORD);
	struct dsa_completion_record record;

	add(host, page_cases[_i].fault);
	desc.src_addr = SRC;
	desc.dst_addr = DST + 0x80;
	desc.xfer_size = 0x2f80;
	record = run_one(host, 0, &desc);
	ck_assert_msg(record.status == page_cases[_i].status, "%s: status %#x",
		      page_cases[_i].fault, record.status);
	if (record.status != DSA_COMP_SUCCESS) {
		ck_assert_uint_eq(record.fault_addr, page_cases[_i].address);
		ck_assert_uint_eq(record.bytes_completed, page_cases[_i].completed);
	}
	host_free(host);
}
END_TEST

/* Only the first access: a second attempt gets through. */
START_TEST(page_fault_once)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = fill(1, RECORD);
	unsigned int id = add(host, "page-fault:address=0x120000,nth=1");

	ck_assert_uint_eq(run_one(host, 0, &desc).status,
			  DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(state_of(host, id).hits, 1);
	host_free(host);
}
END_TEST

/* ---- The set ------------------------------------------------------------- */

static const struct {
	const char *fault, *why;
} refused[] = {
	{ "", "there is no fault ''" },
	{ "lose", "there is no fault 'lose'" },
	{ "drop:", "drop has no ''" },
	{ "drop:queue=1", "drop has no 'queue'; allowed: vector= nth= every=" },
	{ "drop:colour=1", "drop has no 'colour'" },
	{ "drop:vector", "vector needs a value" },
	{ "drop:vector=", "vector= is not an MSI-X vector" },
	{ "drop:vector=-1", "vector=-1 is not an MSI-X vector" },
	{ "drop:vector=1x", "vector=1x is not" },
	{ "drop:vector=9", "there is no vector 9; allowed: 0 to 8" },
	{ "drop:vector=1,vector=2", "vector= is there twice" },
	{ "drop:nth=0", "nth= counts from 1" },
	{ "drop:nth=99999999999999999999", "is not only the N-th" },
	{ "drop:every=0", "every= counts from 1" },
	{ "drop:nth=1,every=2", "exclude each other" },
	{ "drop:nth=1,", "drop has no ''" },
	{ "delay", "delay needs time=" },
	{ "delay:vector=1", "delay needs time=" },
	{ "delay:time=1", "time=1 is not a duration" },
	{ "delay:time=0", "time=0 is not a duration" },
	{ "delay:time=61s", "time=61s is not a duration" },
	{ "stuck:queue=8", "there is no queue 8; allowed: 0 to 7" },
	{ "slow:engine=4,time=1ms", "there is no engine 4; allowed: 0 to 3" },
	{ "refuse-vectors", "refuse-vectors needs from=" },
	{ "refuse-vectors:from=9", "there is no vector 9" },
	{ "halt", "halt needs after=" },
	{ "revoke:after=1", "this profile has no interrupt handles" },
	{ "halt:after=0", "after= counts from 1" },
	{ "page-fault", "page-fault needs address=" },
	{ "page-fault:address=0x", "address=0x is not" },
	{ "page-fault:address=1,access=execute", "access=execute is not read or write" },
	{ "page-fault:address=0xfffffffffffff000,length=4097", "beyond the end" },
	{ "page-fault:address=1,length=0", "length= counts from 1" },
};

START_TEST(wrong_ones_refused)
{
	struct model_host *host = host_new(NULL);
	struct dsa_fault_state none;

	ck_assert_int_eq(try_add(host, refused[_i].fault), -EINVAL);
	ck_assert_msg(strstr(why, refused[_i].why), "%s: %s", refused[_i].fault, why);
	ck_assert_uint_eq(dsa_device_fault_list(host->dev, &none, 1), 0);
	host_free(host);
}
END_TEST

/* Past the parser, too. */
START_TEST(wrong_structures_refused)
{
	struct model_host *host = host_new(NULL);
	struct dsa_fault fault = { .kind = DSA_FAULT_KIND_COUNT };

	ck_assert_int_eq(dsa_device_fault_add(host->dev, &fault, why), -EINVAL);
	fault = (struct dsa_fault){ .kind = DSA_FAULT_DELAY };
	ck_assert_int_eq(dsa_device_fault_add(host->dev, &fault, why), -EINVAL);
	fault = (struct dsa_fault){ .kind = DSA_FAULT_DROP, .given = DSA_FAULT_BIT(QUEUE) };
	ck_assert_int_eq(dsa_device_fault_add(host->dev, &fault, why), -EINVAL);
	fault = (struct dsa_fault){ .kind = DSA_FAULT_PAGE_FAULT,
				    .given = DSA_FAULT_BIT(ADDRESS) | DSA_FAULT_BIT(ACCESS) };
	fault.value[DSA_FAULT_KEY_ACCESS] = 3;
	ck_assert_int_eq(dsa_device_fault_add(host->dev, &fault, why), -EINVAL);
	host_free(host);
}
END_TEST

START_TEST(as_many_as_can_be)
{
	struct model_host *host = host_new(NULL);
	struct dsa_fault_state states[DSA_FAULTS_MAX];
	unsigned int i, ids[DSA_FAULTS_MAX];

	for (i = 0; i < DSA_FAULTS_MAX; i++)
		ids[i] = add(host, "drop:vector=7,nth=1");
	ck_assert_int_eq(try_add(host, "drop"), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(why, "64 faults"));
	ck_assert_int_eq(dsa_device_fault_remove(host->dev, ids[10]), 0);
	ck_assert_uint_eq(dsa_device_fault_list(host->dev, states, DSA_FAULTS_MAX),
			  DSA_FAULTS_MAX - 1);
	ck_assert_uint_eq(states[10].id, ids[11]);
	/* A number is never used again. */
	ck_assert_uint_eq(add(host, "drop"), ids[DSA_FAULTS_MAX - 1] + 1);
	host_free(host);
}
END_TEST

START_TEST(words_and_back)
{
	static const char *const texts[][2] = {
		{ "drop", "drop" },
		{ "drop:nth=100,vector=2", "drop:vector=2,nth=100" },
		{ "delay:time=1500us,vector=0", "delay:vector=0,time=1500us" },
		{ "delay:time=0.002s", "delay:time=2ms" },
		{ "delay:time=60s", "delay:time=60s" },
		{ "delay:time=7ns", "delay:time=7ns" },
		{ "page-fault:access=write,address=4096", "page-fault:address=0x1000,access=write" },
		{ "page-fault:address=0xfffffffffffff000,length=4096",
		  "page-fault:address=0xfffffffffffff000,length=4096" },
		{ "slow:engine=3,every=18446744073709551615,time=1ms",
		  "slow:engine=3,every=18446744073709551615,time=1ms" },
	};
	char text[FAULT_TEXT_SIZE];
	struct dsa_fault fault;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_msg(!fault_parse(texts[i][0], &fault, why), "%s: %s", texts[i][0], why);
		fault_format(&fault, text);
		ck_assert_str_eq(text, texts[i][1]);
	}
}
END_TEST

/* ---- Help and manual page ------------------------------------------------ */

START_TEST(help_has_every_kind_and_key)
{
	char *text;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);
	char *line;

	fault_help(out);
	fclose(out);
	for (i = 0; i < DSA_FAULT_KIND_COUNT; i++) {
		ck_assert_ptr_nonnull(strstr(text, dsa_fault_kinds[i].name));
		ck_assert_ptr_nonnull(strstr(text, dsa_fault_kinds[i].help));
	}
	for (i = 0; i < DSA_FAULT_KEY_COUNT; i++)
		ck_assert_ptr_nonnull(strstr(text, dsa_fault_keys[i].meaning));
	for (line = text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 80, "too long: %s", line);
	free(text);
}
END_TEST

/* The item of a kind in the manual: its name, the keys it needs, and those it can have. */
static void manual_item(unsigned int kind, char *item, size_t size)
{
	uint32_t keys;
	size_t used = snprintf(item, size, "\n.It Cm %s", dsa_fault_kinds[kind].name);
	unsigned int key, pass;

	for (pass = 0; pass < 2; pass++) {
		keys = pass ? dsa_fault_kinds[kind].may : dsa_fault_kinds[kind].needs;
		for (key = 0; key < DSA_FAULT_KEY_COUNT; key++)
			if (keys & (1U << key))
				used += snprintf(item + used, size - used,
						 pass ? " Op %s=" : " %s=",
						 dsa_fault_keys[key].name);
	}
	snprintf(item + used, size - used, "\n");
}

/* The same kinds, with the same keys, in the same order, and no more. */
START_TEST(manual_and_table_agree)
{
	static char page[64 << 10];
	FILE *file = fopen(MAN_DIR "/dsa-model.1", "r");
	char *section, *end, item[200], want[200];
	unsigned int kind = 0;

	ck_assert_ptr_nonnull(file);
	page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
	fclose(file);
	section = strstr(page, "\n.Sh FAULTS\n");
	ck_assert_ptr_nonnull(section);
	end = strstr(section + 1, "\n.Sh ");
	ck_assert_ptr_nonnull(end);
	end[1] = '\0';
	while ((section = strstr(section, "\n.It Cm "))) {
		ck_assert_uint_lt(kind, DSA_FAULT_KIND_COUNT);
		manual_item(kind++, want, sizeof(want));
		snprintf(item, sizeof(item), "%.*s", (int)(strcspn(section + 1, "\n") + 2), section);
		ck_assert_str_eq(item, want);
		section++;
	}
	ck_assert_uint_eq(kind, DSA_FAULT_KIND_COUNT);
}
END_TEST

#define COUNT(cases) (int)(sizeof(cases) / sizeof((cases)[0]))

int main(void)
{
	Suite *suite = suite_create("faults");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, messages, 0, COUNT(message_cases));
	tcase_add_test(tc, delayed_message_arrives);
	tcase_add_test(tc, delayed_message_waits_for_its_trigger);
	tcase_add_test(tc, duplicate_arrives_later);
	tcase_add_loop_test(tc, messages_that_wait, 0, COUNT(waiting_cases));
	tcase_add_test(tc, message_without_trigger_is_counted_once);
	tcase_add_loop_test(tc, drop_disabled_when_going_off, 0, 2);
	tcase_add_test(tc, raise_by_mistake);
	tcase_add_test(tc, vectors_refused);
	tcase_add_test(tc, error_again);
	tcase_add_loop_test(tc, stuck, 0, 5);
	tcase_add_test(tc, removing_one_keeps_the_other);
	tcase_add_loop_test(tc, slow, 0, 4);
	tcase_add_loop_test(tc, reorder, 0, COUNT(order_cases));
	tcase_add_test(tc, reorder_alone);
	tcase_add_loop_test(tc, early_message, 0, 4);
	tcase_add_loop_test(tc, halt, 0, 2);
	tcase_add_loop_test(tc, revoke, 0, 2);
	tcase_add_loop_test(tc, page_fault, 0, COUNT(page_cases));
	tcase_add_test(tc, page_fault_once);
	tcase_add_loop_test(tc, wrong_ones_refused, 0, COUNT(refused));
	tcase_add_test(tc, wrong_structures_refused);
	tcase_add_test(tc, as_many_as_can_be);
	tcase_add_test(tc, words_and_back);
	tcase_add_test(tc, help_has_every_kind_and_key);
	tcase_add_test(tc, manual_and_table_agree);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
