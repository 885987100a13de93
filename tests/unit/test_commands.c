// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/commands.c, checks.c: every command in every state, every error code. */
#include <errno.h>

#include <linux/pci_regs.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL

/* ---- The table, complete ------------------------------------------------- */

enum start { START_DISABLED, START_ENABLED, START_HALT, STARTS };

/* What the specification says: CMDSTATUS, and the states afterwards. */
struct expectation {
	uint32_t operand;
	struct {
		uint8_t error;
		enum dsa_device_state device;
		enum dsa_wq_state wq;
	} in[STARTS];
};

#define DIS DSA_STATE_DISABLED
#define ENA DSA_STATE_ENABLED
#define HLT DSA_STATE_HALT
#define WDIS DSA_WQ_STATE_DISABLED
#define WENA DSA_WQ_STATE_ENABLED
#define UNDEFINED \
	{ .in = { { 0x01, DIS, WDIS }, { 0x01, ENA, WENA }, { 0x01, HLT, WDIS } } }

/* Queue 0 is enabled in the state Enabled; queue 1 is configured, and disabled. */
static const struct expectation expectations[32] = {
	[0] = UNDEFINED,
	[1] = { 0, { { 0x00, ENA, WDIS }, { 0x10, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[2] = { 0, { { 0x31, DIS, WDIS }, { 0x00, DIS, WDIS }, { 0x05, HLT, WDIS } } },
	[3] = { 0, { { 0x00, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[4] = { 0, { { 0x00, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[5] = { 0, { { 0x00, DIS, WDIS }, { 0x00, DIS, WDIS }, { 0x00, DIS, WDIS } } },
	[6] = { 1, { { 0x20, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[7] = { 1, { { 0x32, DIS, WDIS }, { 0x00, ENA, WDIS }, { 0x05, HLT, WDIS } } },
	[8] = { 1, { { 0x32, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[9] = { 1, { { 0x32, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[10] = { 1, { { 0x00, DIS, WDIS }, { 0x00, ENA, WDIS }, { 0x05, HLT, WDIS } } },
	[11] = { 7, { { 0x00, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[12] = { 7, { { 0x00, DIS, WDIS }, { 0x00, ENA, WENA }, { 0x05, HLT, WDIS } } },
	[13] = UNDEFINED, [14] = UNDEFINED, [15] = UNDEFINED, [16] = UNDEFINED,
	[17] = UNDEFINED, [18] = UNDEFINED, [19] = UNDEFINED, [20] = UNDEFINED,
	[21] = UNDEFINED, [22] = UNDEFINED, [23] = UNDEFINED, [24] = UNDEFINED,
	[25] = UNDEFINED, [26] = UNDEFINED, [27] = UNDEFINED, [28] = UNDEFINED,
	[29] = UNDEFINED, [30] = UNDEFINED, [31] = UNDEFINED,
};

static struct model_host *host_in(enum start start)
{
	struct model_host *host = host_new(NULL);

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	host_configure_wq(host, 1, 0, 1, 16);
	if (start == START_DISABLED)
		return host;
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	if (start == START_HALT) {
		config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY);
		config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
		ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	}
	return host;
}

START_TEST(every_command_in_every_state)
{
	unsigned int code = _i / STARTS;
	enum start start = _i % STARTS;
	const struct expectation *want = &expectations[code];
	struct model_host *host = host_in(start);
	uint64_t before = host_delivered(host, 0);
	uint32_t status = command(host, code, want->operand | DSA_CMD_INT_REQ);
	bool undefined = want->in[start].error == 0x01;

	ck_assert_int_eq(!dsa_command_rule(host->dev, code), undefined);
	ck_assert_msg(status == want->in[start].error, "command %u in start state %u: status %#x",
		      code, start, status);
	ck_assert_uint_eq(device_state(host), want->in[start].device);
	ck_assert_uint_eq(wq_state(host, 0), want->in[start].wq);
	if (code == DSA_COMMAND_ENABLE_WQ && !status)
		ck_assert_uint_eq(wq_state(host, 1), DSA_WQ_STATE_ENABLED);
	else
		ck_assert_uint_eq(wq_state(host, 1), DSA_WQ_STATE_DISABLED);

	/* The message comes for failures, too; Halt had none, its bit was off. */
	ck_assert_uint_eq(host_delivered(host, 0), before + 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_COMMAND);
	host_free(host);
}
END_TEST

START_TEST(no_message_without_the_bit)
{
	struct model_host *host = host_in(START_ENABLED);

	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	ck_assert_uint_eq(command(host, 31, 0), DSA_CMDERR_UNDEFINED);
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	host_free(host);
}
END_TEST

/* ---- Operands ------------------------------------------------------------ */

START_TEST(operands)
{
	struct model_host *host = host_in(START_ENABLED);

	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 8), DSA_CMDERR_WQ_INDEX);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0xff), DSA_CMDERR_WQ_INDEX);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), DSA_CMDERR_WQ_NOT_DISABLED);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 0x100), DSA_CMDERR_WQ_INDEX);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 0x10001), DSA_CMDERR_WQ_INDEX);
	/* One of several is not enabled. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 3), DSA_CMDERR_WQ_NOT_ENABLED);
	ck_assert_uint_eq(wq_state(host, 0), DSA_WQ_STATE_ENABLED);
	/* Reserved operand bits are not looked at: DPDK leaves an index there. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 5), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	host_free(host);
}
END_TEST

START_TEST(narrow_write_is_no_command)
{
	struct model_host *host = host_in(START_DISABLED);
	uint8_t byte = DSA_COMMAND_ENABLE_DEVICE << 4;
	uint64_t wide = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_ENABLE_DEVICE);

	ck_assert_int_eq(dsa_bar_write(host->dev, 0, DSA_REG_CMD + 2, &byte, 1), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	write64(host, DSA_REG_CMD, wide);
	ck_assert_uint_eq(device_state(host), DSA_STATE_ENABLED);
	ck_assert_uint_eq(read32(host, DSA_REG_CMD), 0);
	host_free(host);
}
END_TEST

/* ---- Checks of Enable Device --------------------------------------------- */

struct change {
	const char *name;
	uint32_t offset;
	uint64_t value;
	uint8_t error;
};

#define SIZE(wq) WQCFG(wq, DSA_WQCFG_SIZE)
#define WQS(group) GRPCFG(group, DSA_GRPCFG_WQS)
#define ENGINES(group) GRPCFG(group, DSA_GRPCFG_ENGINES)
#define FLAGS(group) GRPCFG(group, DSA_GRPCFG_FLAGS)

/* Each spoils a configuration that is otherwise accepted (the first one: nothing). */
static const struct change device_changes[] = {
	{ "unchanged", FLAGS(0), GRPFLAGS_DEFAULT, DSA_CMDERR_SUCCESS },
	{ "sizes exactly fill", SIZE(1), 112, DSA_CMDERR_SUCCESS },
	{ "sizes too large", SIZE(1), 113, DSA_CMDERR_WQ_SIZE_SUM },
	{ "size, but no group", SIZE(2), 8, DSA_CMDERR_GROUP_WQS },
	{ "group, but no size", SIZE(1), 0, DSA_CMDERR_GROUP_WQS },
	{ "in two groups", WQS(1), 1, DSA_CMDERR_GROUP_WQS },
	{ "queue 8", WQS(0), 0x103, DSA_CMDERR_GROUP_WQS },
	{ "queue 64", WQS(0) + 8, 1, DSA_CMDERR_GROUP_WQS },
	{ "queue 255", WQS(0) + 24, 1ULL << 63, DSA_CMDERR_GROUP_WQS },
	{ "no engine", ENGINES(0), 0, DSA_CMDERR_GROUP_ENGINES },
	{ "engine, no queue", ENGINES(1), 2, DSA_CMDERR_GROUP_ENGINES },
	{ "engine in two", ENGINES(1), 1, DSA_CMDERR_ENGINE_GROUPS },
	{ "engine 4", ENGINES(0), 0x11, DSA_CMDERR_ENGINE_GROUPS },
	{ "reserved flag", FLAGS(0), GRPFLAGS_DEFAULT | 1ULL << 6, DSA_CMDERR_DEV_CONFIG },
	{ "progress limit", FLAGS(0), GRPFLAGS_DEFAULT | 1ULL << 32, DSA_CMDERR_DEV_CONFIG },
	{ "fewest buffers", FLAGS(0), 4 << 20, DSA_CMDERR_SUCCESS },
	{ "too few buffers", FLAGS(0), 3 << 20, DSA_CMDERR_READ_BUFS },
	{ "too many buffers", FLAGS(0), 97 << 20, DSA_CMDERR_READ_BUFS },
	{ "reserved more than allowed", FLAGS(0), 8 << 20 | 9 << 8, DSA_CMDERR_READ_BUFS },
	{ "reserved more than there are", FLAGS(0), 97 << 20 | 97 << 8, DSA_CMDERR_READ_BUFS },
	{ "limit too low", DSA_REG_GENCFG, 3, DSA_CMDERR_READ_BUFS },
	{ "limit too high", DSA_REG_GENCFG, 97, DSA_CMDERR_READ_BUFS },
};

START_TEST(enable_device_checks)
{
	const struct change *change = &device_changes[_i];
	struct model_host *host = host_in(START_DISABLED);
	uint32_t status;

	if (change->offset == DSA_REG_GENCFG)
		write64(host, FLAGS(0), GRPFLAGS_DEFAULT | DSA_GRPFLAGS_USE_READ_BUF_LIMIT);
	if (change->offset < DSA_SPR_WQCFG && change->offset != DSA_REG_GENCFG)
		write64(host, change->offset, change->value);
	else
		write32(host, change->offset, change->value);
	status = command(host, DSA_COMMAND_ENABLE_DEVICE, 0);
	ck_assert_msg(status == change->error, "%s: status %#x", change->name, status);
	ck_assert_uint_eq(device_state(host),
			  status ? DSA_STATE_DISABLED : DSA_STATE_ENABLED);
	host_free(host);
}
END_TEST

START_TEST(enable_device_needs_bus_master)
{
	struct model_host *host = host_in(START_DISABLED);

	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), DSA_CMDERR_NO_BUS_MASTER);
	config_write16(host, PCI_COMMAND, PCI_COMMAND_MASTER);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	host_free(host);
}
END_TEST

/* ---- Checks of Enable WQ ------------------------------------------------- */

#define MODE WQCFG(1, DSA_WQCFG_MODE)
#define LIMITS WQCFG(1, DSA_WQCFG_LIMITS)
#define OCC WQCFG(1, DSA_WQCFG_OCC_HANDLE)
#define GOOD_MODE (DSA_WQCFG2_DEDICATED | 1 << 4)

static const struct change wq_changes[] = {
	{ "lowest priority", MODE, GOOD_MODE, DSA_CMDERR_SUCCESS },
	{ "no priority", MODE, DSA_WQCFG2_DEDICATED, DSA_CMDERR_WQ_PRIORITY },
	{ "shared", MODE, 1 << 4, DSA_CMDERR_WQ_PASID },
	{ "shared with PASID", MODE, 1 << 4 | DSA_WQCFG2_PASID_ENABLE, DSA_CMDERR_WQ_PASID },
	{ "PASID", MODE, GOOD_MODE | DSA_WQCFG2_PASID_ENABLE, DSA_CMDERR_WQ_PASID },
	{ "block on fault", MODE, GOOD_MODE | DSA_WQCFG2_BLOCK_ON_FAULT,
	  DSA_CMDERR_WQ_BLOCK_ON_FAULT },
	{ "ATS disable", MODE, GOOD_MODE | DSA_WQCFG2_ATS_DISABLE, DSA_CMDERR_SUCCESS },
	{ "PRS disable", MODE, GOOD_MODE | DSA_WQCFG2_PRS_DISABLE, DSA_CMDERR_WQ_PRS_DISABLE },
	{ "largest batch and transfer", LIMITS, 10 << 5 | 31, DSA_CMDERR_SUCCESS },
	{ "no batch", LIMITS, 21, DSA_CMDERR_WQ_MAX_BATCH },
	{ "batch too large", LIMITS, 11 << 5 | 21, DSA_CMDERR_WQ_MAX_BATCH },
	{ "occupancy vector", OCC, DSA_MSIX_VECTORS - 1, DSA_CMDERR_SUCCESS },
	{ "no such occupancy vector", OCC, DSA_MSIX_VECTORS, DSA_CMDERR_WQ_OCCUPANCY_INT },
	{ "occupancy by IMS", OCC, DSA_WQCFG4_OCC_IMS, DSA_CMDERR_WQ_OCCUPANCY_INT },
};

START_TEST(enable_wq_checks)
{
	const struct change *change = &wq_changes[_i];
	struct model_host *host = host_in(START_ENABLED);
	uint32_t status;

	write32(host, change->offset, change->value);
	status = command(host, DSA_COMMAND_ENABLE_WQ, 1);
	ck_assert_msg(status == change->error, "%s: status %#x", change->name, status);
	ck_assert_uint_eq(wq_state(host, 1),
			  status ? DSA_WQ_STATE_DISABLED : DSA_WQ_STATE_ENABLED);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 2), DSA_CMDERR_WQ_SIZE_ZERO);
	host_free(host);
}
END_TEST

/* A profile with smaller limits than its registers can express. */
START_TEST(limits_and_modes_follow_the_capabilities)
{
	struct model_host *host = host_in(START_ENABLED);
	struct dsa_profile profile = *host->dev->profile;

	profile.gencap &= ~DSA_GENCAP_MAX_XFER_SHIFT;
	profile.gencap |= FIELD_PREP(DSA_GENCAP_MAX_XFER_SHIFT, 20);
	host->dev->profile = &profile;
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 1), DSA_CMDERR_WQ_MAX_XFER);
	profile.wqcap &= ~DSA_WQCAP_ATS_DISABLE;
	write32(host, MODE, GOOD_MODE | DSA_WQCFG2_ATS_DISABLE);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 1), DSA_CMDERR_WQ_ATS_DISABLE);
	profile.wqcap &= ~DSA_WQCAP_DEDICATED;
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 1), DSA_CMDERR_WQ_MODE);
	host_free(host);
}
END_TEST

/* ---- Work in flight ------------------------------------------------------ */

/* Service times far beyond the time limit of a test: only hurrying ends them. */
static const struct dsa_device_params slow = {
	.profile = "spr",
	.service = { .min_ns = 1000000 * MS, .max_ns = 2000000 * MS },
};

static struct model_host *slow_with_work(unsigned int count)
{
	struct model_host *host = host_new(&slow);
	unsigned int i;

	host_bring_up(host, 0, 128);
	for (i = 0; i < count; i++) {
		struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMMOVE, 0, HOST_BASE + 32 * i);

		desc.src_addr = HOST_BASE + 0x8000;
		desc.dst_addr = HOST_BASE + 0x10000 + 64 * i;
		desc.xfer_size = 64;
		submit64(host, 0, &desc);
	}
	return host;
}

static const struct {
	unsigned int code;
	uint32_t operand;
	bool finishes;
} ending[] = {
	{ DSA_COMMAND_DISABLE_DEVICE, 0, true },
	{ DSA_COMMAND_DRAIN_ALL, 0, true },
	{ DSA_COMMAND_ABORT_ALL, 0, false },
	{ DSA_COMMAND_RESET_DEVICE, 0, false },
	{ DSA_COMMAND_DISABLE_WQ, 1, true },
	{ DSA_COMMAND_DRAIN_WQ, 1, true },
	{ DSA_COMMAND_ABORT_WQ, 1, false },
	{ DSA_COMMAND_RESET_WQ, 1, false },
};

/* More than one engine holds, so that queued descriptors are among them. */
#define IN_FLIGHT 100

START_TEST(command_ends_work)
{
	struct model_host *host = slow_with_work(IN_FLIGHT);
	struct dsa_wq_stats before = host_wq_stats(host, 0), s;
	unsigned int i;

	ck_assert_uint_eq(before.accepted, IN_FLIGHT);
	ck_assert_uint_eq(before.completed, 0);
	ck_assert_uint_eq(command(host, ending[_i].code, ending[_i].operand), 0);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.completed, ending[_i].finishes ? IN_FLIGHT : 0);
	ck_assert_uint_eq(s.abandoned, ending[_i].finishes ? 0 : IN_FLIGHT);
	/* A completed one has record and message; an abandoned one neither. */
	ck_assert_uint_eq(host_stats(host, 1).raised, s.completed);
	for (i = 0; i < IN_FLIGHT; i++)
		ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 32 * i),
				  ending[_i].finishes ? DSA_COMP_SUCCESS : 0);
	host_free(host);
}
END_TEST

/* What is accepted behind a drain has its service time; the queue stays enabled. */
START_TEST(drain_covers_only_what_was_before)
{
	struct model_host *host = slow_with_work(3);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 1), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 3);
	submit64(host, 0, &desc);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 3);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 4);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_WQ, 1), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
	host_free(host);
}
END_TEST

START_TEST(command_of_one_queue_leaves_others)
{
	struct model_host *host = host_new(&slow);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 1, HOST_BASE);

	host_bring_up_two(host);
	submit64(host, 1, &desc);
	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_WQ, 1), 0);
	ck_assert_uint_eq(wq_state(host, 0), DSA_WQ_STATE_DISABLED);
	ck_assert_uint_eq(wq_state(host, 1), DSA_WQ_STATE_ENABLED);
	/* Reset clears its configuration, but not its size. */
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 16);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_MODE)), 0);
	ck_assert_uint_eq(host_wq_stats(host, 1).abandoned, 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 2), 0);
	ck_assert_uint_eq(host_wq_stats(host, 1).completed, 1);
	host_free(host);
}
END_TEST

/* ---- Commands that take long --------------------------------------------- */

/* A drain waits for host memory: Active, another command is refused, then it ends. */
START_TEST(command_while_active)
{
	struct model_host *host = slow_with_work(2);
	struct host_command w = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DISABLE_DEVICE) |
					DSA_CMD_INT_REQ };
	pthread_t thread;

	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT);
	host_gate(host, true);
	ck_assert_int_eq(pthread_create(&thread, NULL, host_write_command, &w), 0);
	host_wait_at_gate(host, 1);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), DSA_CMDSTATUS_ACTIVE);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DRAINING);
	ck_assert_uint_eq(wq_state(host, 0), DSA_WQ_STATE_DRAINING);
	write32(host, DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_RESET_DEVICE));
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), DSA_CMDSTATUS_ACTIVE);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  DSA_SWERR_CMD_WHILE_ACTIVE);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_SWERROR);

	/* The write gives up waiting; the command does not. */
	pthread_join(thread, NULL);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), DSA_CMDSTATUS_ACTIVE);
	host_gate(host, false);
	host_wait_delivered(host, 0, 2);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 2);
	host_free(host);
}
END_TEST

/* An FLR overtakes a command, and waits for the access that is under way. */
START_TEST(flr_overtakes_command)
{
	struct model_host *host = slow_with_work(2);
	struct host_command w = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DRAIN_ALL) |
					DSA_CMD_INT_REQ };
	pthread_t drain, flr;

	host_gate(host, true);
	ck_assert_int_eq(pthread_create(&drain, NULL, host_write_command, &w), 0);
	host_wait_at_gate(host, 1);
	ck_assert_int_eq(pthread_create(&flr, NULL, host_function_reset, &w), 0);
	host_wait_for_reset(host);
	/* The drain's writer returns because the FLR has ended its command. */
	pthread_join(drain, NULL);
	host_gate(host, false);
	pthread_join(flr, NULL);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 2);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 0);
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	host_free(host);
}
END_TEST

/* An abort ends a large copy between two pieces. */
START_TEST(abort_of_a_running_copy)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, HOST_BASE);
	struct host_command w = { host, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_ABORT_ALL) };
	pthread_t thread;

	host_bring_up(host, 0, 8);
	desc.dst_addr = HOST_BASE + 0x1000;
	desc.pattern = 0x5a5a5a5a5a5a5a5aULL;
	desc.xfer_size = 0x60000;
	host_gate(host, true);
	submit64(host, 0, &desc);
	host_wait_at_gate(host, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, host_write_command, &w), 0);
	while (!(read32(host, DSA_REG_CMDSTATUS) & DSA_CMDSTATUS_ACTIVE))
		;
	host_gate(host, false);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE), 0);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x1000), 0x5a);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x60fff), 0);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	host_free(host);
}
END_TEST

/* ---- What a reset leaves ------------------------------------------------- */

START_TEST(reset_device_keeps_what_it_must)
{
	struct model_host *host = host_in(START_ENABLED);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	desc.int_handle = DSA_MSIX_VECTORS;
	run_one(host, 0, &desc);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0),
			  DSA_CMDERR_DEV_NOT_DISABLED);
	write32(host, DSA_REG_GENCTRL, 3);
	write32(host, MSIXPERM(1), DSA_MSIXPERM_IGNORE);
	write32(host, DSA_MSIX_TABLE_OFFSET + 16, 0xfee00000);
	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);

	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(read32(host, DSA_MSIX_TABLE_OFFSET + 16), 0xfee00000);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	ck_assert_uint_eq(read32(host, MSIXPERM(1)), 0);
	ck_assert_uint_eq(read32(host, SIZE(0)), 0);
	ck_assert_uint_eq(read64(host, WQS(0)), 0);
	ck_assert_uint_eq(read64(host, FLAGS(0)), DSA_SPR_GRPFLAGS);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), DSA_SPR_GENCFG);
	ck_assert(config_read16(host, DSA_MSIX_CONTROL_OFFSET) & DSA_MSIX_CONTROL_ENABLE);
	host_free(host);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

int main(void)
{
	Suite *suite = suite_create("commands");
	TCase *tc = tcase_create("commands");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_command_in_every_state, 0, COUNT(expectations) * STARTS);
	tcase_add_test(tc, no_message_without_the_bit);
	tcase_add_test(tc, operands);
	tcase_add_test(tc, narrow_write_is_no_command);
	tcase_add_loop_test(tc, enable_device_checks, 0, COUNT(device_changes));
	tcase_add_test(tc, enable_device_needs_bus_master);
	tcase_add_loop_test(tc, enable_wq_checks, 0, COUNT(wq_changes));
	tcase_add_test(tc, limits_and_modes_follow_the_capabilities);
	tcase_add_loop_test(tc, command_ends_work, 0, COUNT(ending));
	tcase_add_test(tc, drain_covers_only_what_was_before);
	tcase_add_test(tc, command_of_one_queue_leaves_others);
	tcase_add_test(tc, command_while_active);
	tcase_add_test(tc, flr_overtakes_command);
	tcase_add_test(tc, abort_of_a_running_copy);
	tcase_add_test(tc, reset_device_keeps_what_it_must);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
