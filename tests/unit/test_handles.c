// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/handles.c: interrupt handles are requested, released and revoked. */
#include <errno.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL
#define RECORD (HOST_BASE + 0x40)
#define ERROR(status) ((status) & DSA_CMDSTATUS_ERROR)

static uint32_t request(struct model_host *host, uint32_t index)
{
	return command(host, DSA_COMMAND_REQUEST_INT_HANDLE, index);
}

static uint32_t release(struct model_host *host, uint32_t handle)
{
	return command(host, DSA_COMMAND_RELEASE_INT_HANDLE, handle);
}

static uint8_t swerror_code(struct model_host *host)
{
	return FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR));
}

/* A no-op with this handle: it completes at @vector, or with 0x19 and no message at all. */
static void check_handle(struct model_host *host, uint16_t handle, int vector)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);
	uint64_t before[DSA_MSIX_VECTORS];
	unsigned int v;
	uint8_t status;

	write64(host, DSA_REG_SWERROR, 3);
	for (v = 0; v < DSA_MSIX_VECTORS; v++)
		before[v] = host_stats(host, v).raised;
	desc.int_handle = handle;
	status = run_one(host, 0, &desc).status;
	ck_assert_uint_eq(status, vector < 0 ? DSA_COMP_INT_HANDLE_INVAL : DSA_COMP_SUCCESS);
	for (v = 0; v < DSA_MSIX_VECTORS; v++)
		ck_assert_uint_eq(host_stats(host, v).raised - before[v], (int)v == vector);
	if (vector >= 0) {
		ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_VALID, 0);
		return;
	}
	ck_assert_uint_eq(swerror_code(host), DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_INFO, read64(host, DSA_REG_SWERROR + 8)) & 0xffff,
			  handle);
}

/* The default device: no register, no commands, the index is the handle. */
START_TEST(device_without_handles)
{
	struct model_host *host = host_ready("spr");

	ck_assert_uint_eq(read64(host, DSA_REG_CMDCAP), 0);
	ck_assert_uint_eq(request(host, 1), DSA_CMDERR_UNDEFINED);
	ck_assert_uint_eq(release(host, 1), DSA_CMDERR_UNDEFINED);
	check_handle(host, 1, 1);
	ck_assert_int_eq(dsa_device_revoke_handles(host->dev), -EOPNOTSUPP);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	check_handle(host, 1, 1);
	host_free(host);
}
END_TEST

/* Every command that it names is there; idxd looks at bit 13. */
START_TEST(command_capabilities)
{
	struct model_host *host = host_ready("spr-handles");
	uint32_t cap = read64(host, DSA_REG_CMDCAP);
	unsigned int code;

	ck_assert(read64(host, DSA_REG_GENCAP) & DSA_GENCAP_CMDCAP);
	ck_assert_uint_eq(cap, 0x7ffe);
	for (code = 0; code < 32; code++)
		ck_assert_int_eq(!!dsa_command_rule(host->dev, code), cap >> code & 1);
	write64(host, DSA_REG_CMDCAP, UINT64_MAX);
	ck_assert_uint_eq(read64(host, DSA_REG_CMDCAP), 0x7ffe);
	host_free(host);
}
END_TEST

START_TEST(request_use_release)
{
	struct model_host *host = host_ready("spr-handles");
	uint16_t a, b;

	/* Nothing is valid that was not given out, no index either. */
	check_handle(host, 1, -1);
	check_handle(host, 0, -1);
	a = host_handle(host, 1);
	b = host_handle(host, 8);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_ge(a, DSA_MSIX_VECTORS);
	check_handle(host, a, 1);
	check_handle(host, b, 8);
	check_handle(host, 1, -1);
	/* Another one for the same entry; each is released by itself. */
	ck_assert_uint_ne(host_handle(host, 1), a);
	ck_assert_uint_eq(release(host, a), 0);
	check_handle(host, a, -1);
	check_handle(host, b, 8);
	ck_assert_uint_eq(ERROR(release(host, a)), DSA_CMDERR_INT_INDEX);
	host_free(host);
}
END_TEST

START_TEST(errors)
{
	struct model_host *host = host_ready("spr-handles");
	uint16_t first = 0, again;
	unsigned int i;

	ck_assert_uint_eq(request(host, DSA_MSIX_VECTORS), DSA_CMDERR_INT_INDEX);
	ck_assert_uint_eq(request(host, 0xffff), DSA_CMDERR_INT_INDEX);
	/* Interrupt message storage: there is none. */
	ck_assert_uint_eq(request(host, BIT(16) | 1), DSA_CMDERR_INT_INDEX);
	ck_assert_uint_eq(release(host, 1), DSA_CMDERR_INT_INDEX);
	for (i = 0; i < 2 * DSA_MSIX_VECTORS; i++) {
		uint16_t handle = host_handle(host, i / 2);

		first = first ? first : handle;
	}
	ck_assert_uint_eq(request(host, 1), DSA_CMDERR_NO_INT_HANDLE);
	ck_assert_uint_eq(release(host, BIT(16) | first), DSA_CMDERR_INT_INDEX);
	ck_assert_uint_eq(release(host, first), 0);
	again = host_handle(host, 3);
	ck_assert_uint_ne(again, first);
	check_handle(host, again, 3);
	check_handle(host, first, -1);
	host_free(host);
}
END_TEST

/* The command's own message comes like that of any other. */
START_TEST(request_interrupts)
{
	struct model_host *host = host_ready("spr-handles");

	ck_assert_uint_eq(ERROR(request(host, DSA_CMD_INT_REQ | 2)), 0);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_COMMAND);
	/* The next command's status has no result of this one. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	host_free(host);
}
END_TEST

/* The driver is told whatever is enabled, and gets new ones. */
START_TEST(revoke)
{
	struct model_host *host = host_ready("spr-handles");
	uint16_t handle = host_handle(host, 1), fresh;

	write32(host, DSA_REG_GENCTRL, 0);
	ck_assert_int_eq(dsa_device_revoke_handles(host->dev), 0);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_HANDLES_REVOKED);
	check_handle(host, handle, -1);
	fresh = host_handle(host, 1);
	ck_assert_uint_ne(fresh, handle);
	check_handle(host, fresh, 1);
	check_handle(host, handle, -1);
	host_free(host);
}
END_TEST

/* Accepted before, executed after: it fails, too, and is to be submitted again. */
START_TEST(revoke_under_work_in_flight)
{
	static const struct dsa_device_params slow = {
		.profile = "spr-handles",
		.service = { .min_ns = 1000000 * MS, .max_ns = 1000000 * MS },
	};
	struct model_host *host = host_new(&slow);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, RECORD);

	host_bring_up(host, 0, 16);
	desc.int_handle = host_handle(host, 1);
	desc.dst_addr = HOST_BASE + 0x1000;
	desc.pattern = ~0ULL;
	desc.xfer_size = 8;
	submit64(host, 0, &desc);
	ck_assert_int_eq(dsa_device_revoke_handles(host->dev), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, RECORD), DSA_COMP_INT_HANDLE_INVAL);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x1000), 0);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	host_free(host);
}
END_TEST

START_TEST(resets_release)
{
	struct model_host *host = host_ready("spr-handles");
	uint16_t handle = host_handle(host, 1);
	unsigned int i;

	if (_i == 0)
		ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	else if (_i == 1)
		config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	else
		dsa_device_reset(host->dev);
	host_bring_up(host, 0, 16);
	check_handle(host, handle, -1);
	for (i = 0; i < 2 * DSA_MSIX_VECTORS; i++)
		host_handle(host, 1);
	host_free(host);
}
END_TEST

/* The occupancy interrupt has a handle, too; it is looked at only where it is wanted. */
START_TEST(occupancy)
{
	struct model_host *host = host_ready("spr-handles");
	uint32_t armed = DSA_WQCFG5_OCC_INT_ENABLE | 4;
	uint16_t handle;

	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 1), 0);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE), 5);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT), armed);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), DSA_CMDERR_WQ_OCCUPANCY_INT);
	handle = host_handle(host, 5);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE), handle);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(host_stats(host, 5).raised, 1);
	/* Revoked: it cannot come any more. */
	dsa_device_revoke_handles(host->dev);
	write32(host, WQCFG(0, DSA_WQCFG_STATE), DSA_WQCFG6_OCC_INT_GENERATED);
	ck_assert_uint_eq(host_stats(host, 5).raised, 1);
	host_free(host);
}
END_TEST

/* ---- Halt on demand ------------------------------------------------------ */

/* Each kind needs at least its reset; a weaker one is refused, or does not help. */
START_TEST(halt)
{
	const unsigned int needed = _i;
	struct model_host *host = host_ready("spr-handles");
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_HALT_INT);
	ck_assert_int_eq(dsa_device_halt(host->dev, 4), -EINVAL);
	ck_assert_uint_eq(device_state(host), DSA_STATE_ENABLED);
	ck_assert_int_eq(dsa_device_halt(host->dev, needed), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_RESET_TYPE, read32(host, DSA_REG_GENSTS)), needed);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_HALT);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	/* A second one changes nothing. */
	ck_assert_int_eq(dsa_device_halt(host->dev, 0), 0);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(request(host, 1), DSA_CMDERR_HALTED);
	submit64(host, 0, &desc);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 0);

	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0),
			  needed ? DSA_CMDERR_HALTED : 0);
	ck_assert_uint_eq(device_state(host), needed ? DSA_STATE_HALT : DSA_STATE_DISABLED);
	config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	ck_assert_uint_eq(device_state(host), needed > 1 ? DSA_STATE_HALT : DSA_STATE_DISABLED);
	dsa_device_reset(host->dev);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	host_bring_up(host, 0, 16);
	desc.int_handle = host_handle(host, 1);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* Without the wish to be told there is the state, and no message. */
START_TEST(halt_silently)
{
	struct model_host *host = host_ready("spr");

	ck_assert_int_eq(dsa_device_halt(host->dev, 1), 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("handles");
	TCase *tc = tcase_create("handles");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, device_without_handles);
	tcase_add_test(tc, command_capabilities);
	tcase_add_test(tc, request_use_release);
	tcase_add_test(tc, errors);
	tcase_add_test(tc, request_interrupts);
	tcase_add_test(tc, revoke);
	tcase_add_test(tc, revoke_under_work_in_flight);
	tcase_add_loop_test(tc, resets_release, 0, 3);
	tcase_add_test(tc, occupancy);
	tcase_add_loop_test(tc, halt, 0, 4);
	tcase_add_test(tc, halt_silently);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
