// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model: shared queues and PASIDs. */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL
#define RECORD (HOST_BASE + 0x40)
#define COUNT(array) (sizeof(array) / sizeof(array[0]))

#define PASID 0x12345
#define MODE(wq) WQCFG(wq, DSA_WQCFG_MODE)
#define SHARED (DSA_WQCFG2_PASID_ENABLE | FIELD_PREP(DSA_WQCFG2_PRIORITY, 10))
#define DEDICATED (SHARED | DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PASID, PASID))

static const struct dsa_device_params fast = { .profile = "spr-pasid" };
/* Nothing ends by itself within the time limit of a test. */
static const struct dsa_device_params slow = {
	.profile = "spr-pasid",
	.service = { .min_ns = 1000000 * MS, .max_ns = 1000000 * MS },
};

/* Device enabled, queue 0 configured with this mode, and not enabled. */
static struct model_host *prepared(const struct dsa_device_params *params, uint16_t control,
				   uint32_t mode, unsigned int size)
{
	struct model_host *host = host_new(params);

	host_enable_pci(host);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, control);
	host_configure_wq(host, 0, 0, 1, size);
	write32(host, MODE(0), mode);
	write32(host, DSA_REG_GENCFG, DSA_SPR_GENCFG | DSA_GENCFG_USER_INT);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	return host;
}

static struct model_host *shared(const struct dsa_device_params *params, unsigned int size)
{
	struct model_host *host = prepared(params, DSA_PASID_CONTROL_ENABLE, SHARED, size);

	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	return host;
}

static int enqueue(struct model_host *host, uint64_t page, const struct dsa_hw_desc *desc)
{
	return dsa_bar_write(host->dev, 2, page, desc, sizeof(*desc));
}

static struct dsa_hw_desc noop(uint32_t pasid)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	desc.pasid = pasid;
	return desc;
}

static uint64_t swerror(struct model_host *host)
{
	return read64(host, DSA_REG_SWERROR);
}

/* ---- Capability ---------------------------------------------------------- */

START_TEST(capability)
{
	struct model_host *host = host_new(&fast);
	uint32_t header;

	ck_assert_int_eq(dsa_config_read(host->dev, 0x100, &header, 4), 0);
	ck_assert_uint_eq(header, 0x0001001b);
	ck_assert_uint_eq(config_read16(host, 0x104), 0x1404);
	config_write16(host, 0x104, 0);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, 0xffff);
	ck_assert_uint_eq(config_read16(host, 0x104), 0x1404);
	ck_assert_uint_eq(config_read16(host, DSA_PASID_CONTROL_OFFSET), 5);
	config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	ck_assert_uint_eq(config_read16(host, DSA_PASID_CONTROL_OFFSET), 0);
	host_free(host);

	/* The default device has nothing there. */
	host = host_new(NULL);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, 0xffff);
	ck_assert_uint_eq(config_read16(host, DSA_PASID_CONTROL_OFFSET), 0);
	host_free(host);
}
END_TEST

/* Changed under an enabled device: an illegal change of configuration. */
START_TEST(control_change_halts)
{
	struct model_host *host = shared(&fast, 16);

	config_write16(host, DSA_PASID_CONTROL_OFFSET, DSA_PASID_CONTROL_ENABLE);
	ck_assert_uint_eq(device_state(host), DSA_STATE_ENABLED);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, swerror(host)), DSA_SWERR_PCI_CONFIG);
	host_free(host);
}
END_TEST

START_TEST(enable_checks)
{
	static const struct {
		const char *name;
		uint16_t control;
		uint32_t mode;
		uint8_t error;
	} cases[] = {
		{ "shared", 1, SHARED, 0 },
		{ "shared, capability off", 0, SHARED, DSA_CMDERR_WQ_PASID },
		{ "shared, no PASID", 1, SHARED & ~DSA_WQCFG2_PASID_ENABLE, DSA_CMDERR_WQ_PASID },
		{ "shared, no priority", 1, DSA_WQCFG2_PASID_ENABLE, DSA_CMDERR_WQ_PRIORITY },
		{ "dedicated", 1, DEDICATED, 0 },
		{ "dedicated, capability off", 0, DEDICATED, DSA_CMDERR_WQ_PASID },
		{ "dedicated, no PASID", 0, DEDICATED & ~DSA_WQCFG2_PASID_ENABLE, 0 },
		{ "privileged", 5, DEDICATED | DSA_WQCFG2_PRIV, 0 },
		{ "privileged mode off", 1, DEDICATED | DSA_WQCFG2_PRIV, DSA_CMDERR_WQ_PRIV },
		/* In a shared queue the descriptor says it. */
		{ "shared, privileged", 1, SHARED | DSA_WQCFG2_PRIV, 0 },
	};
	struct model_host *host = prepared(&fast, cases[_i].control, cases[_i].mode, 16);
	uint32_t status = command(host, DSA_COMMAND_ENABLE_WQ, 0);

	ck_assert_msg(status == cases[_i].error, "%s: status %#x", cases[_i].name, status);
	host_free(host);
}
END_TEST

/* ---- Portals ------------------------------------------------------------- */

/*
 * The limited portal takes up to the threshold, the unlimited one up to the size;
 * beyond it says so, and nothing is lost and no error recorded.
 */
START_TEST(limited_and_unlimited_portals)
{
	static const struct {
		uint32_t threshold;
		unsigned int limited;
	} cases[] = { { 5, 5 }, { 1, 1 }, { 0, 0 }, { 8, 8 }, { 100, 8 } };
	struct model_host *host = shared(&slow, 8);
	struct dsa_hw_desc desc = noop(PASID);
	unsigned int i;

	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), cases[_i].threshold);
	/* Fill the engine first: what it holds does not occupy the queue. */
	for (i = 0; i < DSA_ENGINE_DEPTH; i++) {
		ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &desc), 0);
		while (FIELD_GET(DSA_WQCFG6_OCCUPANCY, read32(host, WQCFG(0, DSA_WQCFG_STATE))))
			;
	}
	for (i = 0; i < cases[_i].limited; i++)
		ck_assert_int_eq(enqueue(host, DSA_PORTAL_LIMITED, &desc), 0);
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_LIMITED, &desc), -EAGAIN);
	for (; i < 8; i++)
		ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &desc), 0);
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &desc), -EAGAIN);
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_LIMITED, &desc), -EAGAIN);
	ck_assert_uint_eq(swerror(host), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, DSA_ENGINE_DEPTH + 8);
	ck_assert_uint_eq(host_wq_stats(host, 0).rejected, 3);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_ALL, 0), 0);
	host_free(host);
}
END_TEST

/* In eight parts the last one gets the answer. A dedicated queue overflows instead. */
START_TEST(retry_of_a_descriptor_in_parts)
{
	struct model_host *host = shared(&fast, 8);
	struct dsa_hw_desc desc = noop(PASID);
	unsigned int i;

	for (i = 0; i < 8; i++)
		ck_assert_int_eq(dsa_bar_write(host->dev, 2, DSA_PORTAL_LIMITED + 8 * i,
					       (const uint8_t *)&desc + 8 * i, 8),
				 i < 7 ? 0 : -EAGAIN);
	ck_assert_uint_eq(swerror(host), 0);
	/* Disabled: lost without a word, however it was written. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 1), 0);
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &desc), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 0);
	host_free(host);
}
END_TEST

/* The threshold may be changed at any time. */
START_TEST(threshold_is_live)
{
	struct model_host *host = shared(&fast, 8);
	struct dsa_hw_desc desc = noop(PASID);

	ck_assert_int_eq(enqueue(host, DSA_PORTAL_LIMITED, &desc), -EAGAIN);
	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), 4);
	write32(host, MSIXPERM(1), DSA_MSIXPERM_PASID_ENABLE | FIELD_PREP(DSA_MSIXPERM_PASID, PASID));
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_LIMITED, &desc), 0);
	host_wait_delivered(host, 1, 1);
	host_free(host);
}
END_TEST

/* ---- Whose descriptor it is ---------------------------------------------- */

/* The permission of an entry must agree with the PASID: of the queue or the descriptor. */
START_TEST(permissions)
{
	static const struct {
		bool dedicated;
		uint32_t perm;
		uint32_t desc_pasid;
		bool good;
	} cases[] = {
		{ false, DSA_MSIXPERM_PASID_ENABLE | PASID << 12, PASID, true },
		{ false, DSA_MSIXPERM_PASID_ENABLE | PASID << 12, PASID + 1, false },
		{ false, 0, PASID, false },
		{ false, 0, 0, false },
		{ true, DSA_MSIXPERM_PASID_ENABLE | PASID << 12, 0, true },
		{ true, DSA_MSIXPERM_PASID_ENABLE | PASID << 12, 77, true },
		{ true, DSA_MSIXPERM_PASID_ENABLE | 77 << 12, 77, false },
		{ true, 0, 0, false },
	};
	struct model_host *host = prepared(&fast, 1, cases[_i].dedicated ? DEDICATED : SHARED, 8);
	struct dsa_hw_desc desc = noop(cases[_i].desc_pasid);
	uint64_t error;

	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), 8);
	write32(host, MSIXPERM(1), cases[_i].perm);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(run_one(host, 0, &desc).status,
			  cases[_i].good ? DSA_COMP_SUCCESS : DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(host_stats(host, 1).raised, cases[_i].good);
	error = swerror(host);
	ck_assert_int_eq(!!(error & DSA_SWERROR0_VALID), !cases[_i].good);
	if (!cases[_i].good)
		ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_PASID, error),
				  cases[_i].dedicated ? PASID : cases[_i].desc_pasid);
	host_free(host);
}
END_TEST

/* Users may ask for interrupts only where that is switched on; the privileged always may. */
START_TEST(user_interrupts)
{
	static const struct {
		bool user_int, priv, good;
	} cases[] = {
		{ false, false, false }, { true, false, true },
		{ false, true, true }, { true, true, true },
	};
	struct model_host *host = host_new(&fast);
	struct dsa_hw_desc desc = noop(PASID);
	struct dsa_completion_record cr;

	host_enable_pci(host);
	config_write16(host, DSA_PASID_CONTROL_OFFSET, 5);
	host_configure_wq(host, 0, 0, 1, 16);
	write32(host, MODE(0), SHARED);
	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), 16);
	write32(host, MSIXPERM(1), DSA_MSIXPERM_PASID_ENABLE | FIELD_PREP(DSA_MSIXPERM_PASID, PASID));
	write32(host, DSA_REG_GENCFG, DSA_SPR_GENCFG | (cases[_i].user_int ? DSA_GENCFG_USER_INT : 0));
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	desc.priv = cases[_i].priv;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i].good ? DSA_COMP_SUCCESS : DSA_COMP_INVALID_FLAGS);
	ck_assert_uint_eq(cr.invalid_flags, cases[_i].good ? 0 : IDXD_OP_FLAG_RCI);
	ck_assert_uint_eq(host_stats(host, 1).raised, cases[_i].good);
	/* Without the request nothing is wrong. */
	desc.flags &= ~IDXD_OP_FLAG_RCI;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* Privileged, and the function must not be: only SWERROR says so. */
START_TEST(privileged_without_privileged_mode)
{
	struct model_host *host = shared(&fast, 8);
	struct dsa_hw_desc desc = noop(PASID);
	uint64_t error;

	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), 8);
	desc.priv = 1;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, 0);
	error = swerror(host);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, error), DSA_COMP_PRIV_BAD);
	ck_assert(error & DSA_SWERROR0_PRIV);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_PASID, error), PASID);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	host_free(host);
}
END_TEST

/* ---- Commands and drains by PASID ---------------------------------------- */

START_TEST(commands_by_pasid)
{
	bool finishes = _i;
	struct model_host *host = shared(&slow, 100);
	unsigned int code = finishes ? DSA_COMMAND_DRAIN_PASID : DSA_COMMAND_ABORT_PASID, i;
	struct dsa_wq_stats s;

	/* More than the engine holds, so that queued ones are among them. */
	for (i = 0; i < 90; i++) {
		struct dsa_hw_desc desc = noop(i % 3 ? 7 : 8);

		desc.flags &= ~IDXD_OP_FLAG_RCI;
		desc.completion_addr = HOST_BASE + 32 * i;
		ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &desc), 0);
	}
	ck_assert_uint_eq(command(host, code, 9), 0);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.completed + s.abandoned, 0);
	ck_assert_uint_eq(command(host, code, 8), 0);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.abandoned, finishes ? 0 : 30);
	/* To finish them the engine has to get at them: others may have to go first. */
	if (finishes)
		ck_assert_uint_ge(s.completed, 30);
	else
		ck_assert_uint_eq(s.completed, 0);
	for (i = 0; finishes && i < 90; i += 3)
		ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 32 * i), DSA_COMP_SUCCESS);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_PASID, 7), 0);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.completed + s.abandoned, 90);
	host_free(host);
}
END_TEST

/* A Drain descriptor of a shared queue waits for its own PASID only. */
START_TEST(drain_descriptor_by_pasid)
{
	struct model_host *host = shared(&fast, 16);
	struct dsa_hw_desc fill = noop(7), drain = noop(8);

	write32(host, MSIXPERM(1), DSA_MSIXPERM_PASID_ENABLE | FIELD_PREP(DSA_MSIXPERM_PASID, 7));
	write32(host, MSIXPERM(2), DSA_MSIXPERM_PASID_ENABLE | FIELD_PREP(DSA_MSIXPERM_PASID, 8));
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
	write64(host, GRPCFG(0, DSA_GRPCFG_ENGINES), 3);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	host_gate(host, true);
	fill.opcode = DSA_OPCODE_MEMFILL;
	fill.dst_addr = HOST_BASE + 0x1000;
	fill.xfer_size = 8;
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &fill), 0);
	host_wait_at_gate(host, 1);
	drain.opcode = DSA_OPCODE_DRAIN;
	drain.flags = IDXD_OP_FLAG_RCI;
	drain.completion_addr = 0;
	drain.int_handle = 2;
	ck_assert_int_eq(enqueue(host, DSA_PORTAL_UNLIMITED, &drain), 0);
	host_wait_delivered(host, 2, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	host_gate(host, false);
	host_wait_delivered(host, 1, 1);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shared");
	TCase *tc = tcase_create("shared");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, capability);
	tcase_add_test(tc, control_change_halts);
	tcase_add_loop_test(tc, enable_checks, 0, 10);
	tcase_add_loop_test(tc, limited_and_unlimited_portals, 0, 5);
	tcase_add_test(tc, retry_of_a_descriptor_in_parts);
	tcase_add_test(tc, threshold_is_live);
	tcase_add_loop_test(tc, permissions, 0, 8);
	tcase_add_loop_test(tc, user_interrupts, 0, 4);
	tcase_add_test(tc, privileged_without_privileged_mode);
	tcase_add_loop_test(tc, commands_by_pasid, 0, 2);
	tcase_add_test(tc, drain_descriptor_by_pasid);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
