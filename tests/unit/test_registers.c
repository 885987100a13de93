// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/registers.c, config_space.c, device.c: values, widths, locks, resets. */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

/* ---- Creation ------------------------------------------------------------ */

static int no_dma_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	(void)host, (void)iova, (void)buf, (void)len, (void)done;
	return -EFAULT;
}

static int no_dma_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	(void)host, (void)iova, (void)buf, (void)len, (void)done;
	return -EFAULT;
}

static int no_signal(void *host, unsigned int vector)
{
	(void)host, (void)vector;
	return 0;
}

static const struct dsa_host_ops no_ops = {
	.dma_read = no_dma_read, .dma_write = no_dma_write, .signal = no_signal,
};

static const struct {
	struct dsa_device_params params;
	int error;
} bad_params[] = {
	{ { .profile = "nosuch" }, ENOENT },
	{ { .profile = "" }, ENOENT },
	{ { .profile = NULL }, ENOENT },
	{ { .profile = "spr", .service = { .min_ns = 2, .max_ns = 1 } }, EINVAL },
	{ { .profile = "spr", .service = { .min_ns = 2, .max_ns = UINT64_MAX } }, EINVAL },
	{ { .profile = "spr", .msix_disabled = 7 }, EINVAL },
	{ { .profile = "spr", .device_id = 0x0b26 }, EINVAL },
	{ { .profile = "spr", .device_id = 0x0cfe }, EINVAL },
};

START_TEST(bad_parameters_refused)
{
	errno = 0;
	ck_assert_ptr_null(dsa_device_create(&bad_params[_i].params, &no_ops, NULL));
	ck_assert_int_eq(errno, bad_params[_i].error);
}
END_TEST

START_TEST(every_profile_makes_a_device)
{
	const char *const *name;

	for (name = dsa_profile_names(); *name; name++) {
		struct dsa_device_params params = { .profile = *name };
		struct dsa_device *dev = dsa_device_create(&params, &no_ops, NULL);

		ck_assert_ptr_nonnull(dev);
		ck_assert_ptr_nonnull(dsa_profile_summary(*name));
		ck_assert_str_eq(dsa_profile_find(*name)->name, *name);
		ck_assert_uint_eq(dsa_device_vectors(dev), 9);
		ck_assert_uint_eq(dsa_device_wqs(dev), 8);
		ck_assert_uint_eq(dsa_device_bar_size(dev, 0), 0x10000);
		ck_assert_uint_eq(dsa_device_bar_size(dev, 1), 0);
		ck_assert_uint_eq(dsa_device_bar_size(dev, 2), 0x20000);
		ck_assert_uint_eq(dsa_device_bar_size(dev, 99), 0);
		dsa_device_destroy(dev);
	}
	dsa_device_destroy(NULL);
	ck_assert_ptr_null(dsa_profile_summary("nosuch"));
}
END_TEST

/* The three products there are; the version tells which it is. */
START_TEST(products)
{
	static const struct {
		uint16_t param, id;
		uint32_t version;
	} cases[] = {
		{ 0, 0x0b25, 0x100 }, { 0x0b25, 0x0b25, 0x100 },
		{ 0x11fb, 0x11fb, 0x200 }, { 0x1212, 0x1212, 0x300 },
	};
	struct dsa_device_params params = { .profile = "spr", .device_id = cases[_i].param };
	struct model_host *host = host_new(&params);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int round;

	for (round = 0; round < 2; round++) {
		ck_assert_uint_eq(config_read16(host, PCI_VENDOR_ID), 0x8086);
		ck_assert_uint_eq(config_read16(host, PCI_DEVICE_ID), cases[_i].id);
		ck_assert_uint_eq(read32(host, DSA_REG_VERSION), cases[_i].version);
		/* From version 3 on drivers read these: none of what they name is there. */
		ck_assert_uint_eq(read64(host, 0x180), 0);
		ck_assert_uint_eq(read64(host, 0x188), 0);
		ck_assert_uint_eq(read64(host, 0x190), 0);
		dsa_device_reset(host->dev);
	}
	host_bring_up(host, 0, 8);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* ---- Registers at reset -------------------------------------------------- */

static const struct {
	uint32_t offset;
	uint64_t value;
} reset_values[] = {
	{ DSA_REG_VERSION, DSA_SPR_VERSION },
	{ DSA_REG_GENCAP, DSA_SPR_GENCAP },
	{ DSA_REG_WQCAP, DSA_SPR_WQCAP },
	{ DSA_REG_GRPCAP, DSA_SPR_GRPCAP },
	{ DSA_REG_ENGCAP, DSA_SPR_ENGCAP },
	{ DSA_REG_OPCAP, DSA_SPR_OPCAP0 },
	{ DSA_REG_OPCAP + 8, 0 },
	{ DSA_REG_OPCAP + 24, 0 },
	{ DSA_REG_OFFSETS, DSA_SPR_OFFSETS0 },
	{ DSA_REG_OFFSETS + 8, DSA_SPR_OFFSETS1 },
	{ DSA_REG_GENCFG, DSA_SPR_GENCFG },
	{ DSA_REG_GENCTRL, 0 },
	{ DSA_REG_GENSTS, 0 },
	{ DSA_REG_INTCAUSE, 0 },
	{ DSA_REG_CMD, 0 },
	{ DSA_REG_SWERROR, 0 },
	{ GRPCFG(0, DSA_GRPCFG_WQS), 0 },
	{ GRPCFG(3, DSA_GRPCFG_FLAGS), DSA_SPR_GRPFLAGS },
	{ GRPCFG(4, DSA_GRPCFG_FLAGS), 0 }, /* which is WQCFG */
	{ WQCFG(0, 0), 0 },
	{ WQCFG(7, DSA_WQCFG_STATE), 0 },
	{ MSIXPERM(0), 0 },
	{ DSA_SPR_PERFMON, 0 },
	{ DSA_MSIX_TABLE_OFFSET + 8, 1ULL << 32 },
	{ DSA_MSIX_PBA_OFFSET, 0 },
	{ 0x4000, 0 }, /* where silicon has its interrupt message storage */
	{ 0xfff8, 0 },
};

START_TEST(values_at_reset)
{
	struct model_host *host = host_new(NULL);
	uint64_t value = read64(host, reset_values[_i].offset);

	ck_assert_msg(value == reset_values[_i].value, "register %#x is %#lx",
		      reset_values[_i].offset, value);
	host_free(host);
}
END_TEST

/* Whatever is written anywhere: the constant registers stay, nothing breaks. */
START_TEST(read_only_registers)
{
	struct model_host *host = host_new(NULL);
	unsigned int i;
	uint32_t at;

	for (at = 0; at < DSA_BAR0_SIZE; at += 4)
		if (at != DSA_REG_CMD)
			write32(host, at, 0xffffffff);
	for (i = 0; reset_values[i].offset < DSA_REG_GENCFG; i++)
		ck_assert_uint_eq(read64(host, reset_values[i].offset), reset_values[i].value);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG),
			  DSA_GENCFG_READ_BUF_LIMIT | DSA_GENCFG_USER_INT);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCTRL), 3);
	ck_assert_uint_eq(read32(host, DSA_REG_GENSTS), 0);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(read32(host, WQCFG(3, DSA_WQCFG_SIZE)), 0xffff);
	ck_assert_uint_eq(read32(host, WQCFG(3, DSA_WQCFG_MODE)), 0x3fffffff);
	ck_assert_uint_eq(read32(host, WQCFG(3, DSA_WQCFG_LIMITS)), 0x1ff);
	ck_assert_uint_eq(read32(host, WQCFG(3, DSA_WQCFG_STATE)), 0);
	ck_assert_uint_eq(read32(host, WQCFG(3, DSA_WQCFG_RESERVED)), 0);
	ck_assert_uint_eq(read64(host, GRPCFG(3, 48)), 0);
	ck_assert_uint_eq(read32(host, MSIXPERM(8)), 0xfffff00c);
	ck_assert_uint_eq(read32(host, MSIXPERM(8) + 4), 0);
	ck_assert_uint_eq(read32(host, DSA_MSIX_TABLE_OFFSET + 12), 1);
	ck_assert_uint_eq(read32(host, MSIXPERM(9)), 0);
	ck_assert_uint_eq(read64(host, DSA_MSIX_PBA_OFFSET), 0);
	host_free(host);
}
END_TEST

/* ---- Widths -------------------------------------------------------------- */

START_TEST(access_widths)
{
	struct model_host *host = host_new(NULL);
	uint64_t gencap = DSA_SPR_GENCAP;
	uint8_t bytes[8];
	uint16_t word;
	unsigned int i;

	for (i = 0; i < 8; i++)
		ck_assert_int_eq(dsa_bar_read(host->dev, 0, DSA_REG_GENCAP + i, &bytes[i], 1), 0);
	ck_assert_mem_eq(bytes, &gencap, 8);
	ck_assert_int_eq(dsa_bar_read(host->dev, 0, DSA_REG_GENCAP + 2, &word, 2), 0);
	ck_assert_uint_eq(word, 0x815f);

	/* A narrow write changes its bytes only. */
	write32(host, WQCFG(0, DSA_WQCFG_SIZE), 0x1234);
	bytes[0] = 0x56;
	ck_assert_int_eq(dsa_bar_write(host->dev, 0, WQCFG(0, DSA_WQCFG_SIZE) + 1, bytes, 1), 0);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 0x5634);
	/* A wide one reaches two registers. */
	write64(host, WQCFG(0, DSA_WQCFG_SIZE), 0x0000000700000005ULL);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 5);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_THRESHOLD)), 7);
	host_free(host);
}
END_TEST

static const struct {
	unsigned int bar;
	uint64_t offset;
	size_t len;
	int ret;
} accesses[] = {
	{ 0, 0, 4, 0 },
	{ 0, 0xfffc, 4, 0 },
	{ 0, 0xfff8, 8, 0 },
	{ 0, 0xffff, 1, 0 },
	{ 0, 0x10000, 1, -EINVAL },
	{ 0, 0x10000, 4, -EINVAL },
	{ 0, 0xfffc, 8, -EINVAL },
	{ 0, 2, 4, -EINVAL },
	{ 0, 4, 8, -EINVAL },
	{ 0, 1, 2, -EINVAL },
	{ 0, 0, 0, -EINVAL },
	{ 0, 0, 3, -EINVAL },
	{ 0, 0, 16, -EINVAL },
	{ 0, 0, 64, -EINVAL },
	{ 0, UINT64_MAX, 1, -EINVAL },
	{ 0, UINT64_MAX - 7, 8, -EINVAL },
	{ 1, 0, 4, -EINVAL },
	{ 2, 0, 64, 0 },
	{ 2, 0x1ffc0, 64, 0 },
	{ 2, 0x20000, 64, -EINVAL },
	{ 2, 32, 64, -EINVAL },
	{ 2, 0, 32, -EINVAL },
	{ 2, 0x1fff8, 8, 0 },
	{ 2, UINT64_MAX - 63, 64, -EINVAL },
	{ 7, 0, 4, -EINVAL },
	{ UINT32_MAX, 0, 4, -EINVAL },
};

START_TEST(bar_access_limits)
{
	struct model_host *host = host_new(NULL);
	uint8_t buf[64], zero[64] = { 0 };

	memset(buf, 0xff, sizeof(buf));
	ck_assert_int_eq(dsa_bar_read(host->dev, accesses[_i].bar, accesses[_i].offset, buf,
				      accesses[_i].len), accesses[_i].ret);
	if (accesses[_i].bar == 2 && !accesses[_i].ret)
		ck_assert_mem_eq(buf, zero, accesses[_i].len);
	ck_assert_int_eq(dsa_bar_write(host->dev, accesses[_i].bar, accesses[_i].offset, zero,
				       accesses[_i].len), accesses[_i].ret);
	host_free(host);
}
END_TEST

/* ---- Locks --------------------------------------------------------------- */

/* A locked field drops writes silently: idxd rewrites the whole entry. */
START_TEST(locked_fields)
{
	struct model_host *host = host_new(NULL);
	uint32_t mode, limits;

	host_bring_up(host, 0, 16);
	mode = read32(host, WQCFG(0, DSA_WQCFG_MODE));
	limits = read32(host, WQCFG(0, DSA_WQCFG_LIMITS));

	/* Device enabled, queue enabled. */
	write32(host, WQCFG(0, DSA_WQCFG_SIZE), 1);
	write32(host, WQCFG(0, DSA_WQCFG_THRESHOLD), 9);
	write32(host, WQCFG(0, DSA_WQCFG_MODE), 0);
	write32(host, WQCFG(0, DSA_WQCFG_LIMITS), 0);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE), 3);
	write64(host, GRPCFG(0, DSA_GRPCFG_WQS), 0);
	write32(host, DSA_REG_GENCFG, 1);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 16);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_THRESHOLD)), 9);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_MODE)), mode);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_LIMITS)), limits);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE)), 0);
	ck_assert_uint_eq(read64(host, GRPCFG(0, DSA_GRPCFG_WQS)), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_GENCFG), DSA_SPR_GENCFG);

	/* Device enabled, queue disabled. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 1), 0);
	write32(host, WQCFG(0, DSA_WQCFG_SIZE), 1);
	write32(host, WQCFG(0, DSA_WQCFG_MODE), 0x11);
	write32(host, WQCFG(0, DSA_WQCFG_LIMITS), 0x21);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 16);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_MODE)), 0x11);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_LIMITS)), 0x21);

	/* Device disabled. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_DEVICE, 0), 0);
	write32(host, WQCFG(0, DSA_WQCFG_SIZE), 1);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_SIZE)), 1);
	host_free(host);
}
END_TEST

START_TEST(swerror_is_cleared_by_writing_ones)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	uint8_t one = 1;

	host_bring_up(host, 0, 8);
	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT);
	desc.int_handle = 77;
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	run_one(host, 0, &desc);
	/* The second is only an overflow, and no message. */
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & 3, 3);
	write64(host, DSA_REG_SWERROR + 8, UINT64_MAX);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_INFO, read64(host, DSA_REG_SWERROR + 8)), 77);
	write64(host, DSA_REG_SWERROR, DSA_SWERROR0_OVERFLOW);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & 3, 1);
	ck_assert_int_eq(dsa_bar_write(host->dev, 0, DSA_REG_SWERROR + 1, &one, 1), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & 3, 1);
	ck_assert_int_eq(dsa_bar_write(host->dev, 0, DSA_REG_SWERROR, &one, 1), 0);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR) & 3, 0);
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_delivered(host, 0), 2);

	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_SWERROR);
	write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_COMMAND);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), DSA_INTCAUSE_SWERROR);
	write32(host, DSA_REG_INTCAUSE, DSA_INTCAUSE_SWERROR);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	host_free(host);
}
END_TEST

/* Below the limit: generated once, again only after it was cleared. */
START_TEST(occupancy_interrupt)
{
	struct model_host *host = host_new(NULL);
	uint32_t armed = DSA_WQCFG5_OCC_INT_ENABLE | 4;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_HANDLE), 5);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT), armed);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT), DSA_WQCFG5_OCC_INT_ENABLE | 9);
	ck_assert_uint_eq(read32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT)), armed);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(host_stats(host, 5).raised, 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(host_stats(host, 5).raised, 1);
	ck_assert(read32(host, WQCFG(0, DSA_WQCFG_STATE)) & DSA_WQCFG6_OCC_INT_GENERATED);
	write32(host, WQCFG(0, DSA_WQCFG_OCC_LIMIT), armed);
	ck_assert_uint_eq(host_stats(host, 5).raised, 1);
	write32(host, WQCFG(0, DSA_WQCFG_STATE), DSA_WQCFG6_OCC_INT_GENERATED);
	ck_assert_uint_eq(host_stats(host, 5).raised, 2);
	ck_assert_uint_eq(host_stats(host, 0).raised, 0);
	host_free(host);
}
END_TEST

/* ---- Configuration space ------------------------------------------------- */

static uint32_t config_read32(struct model_host *host, unsigned int offset)
{
	uint32_t value;

	ck_assert_int_eq(dsa_config_read(host->dev, offset, &value, 4), 0);
	return value;
}

static void config_write32(struct model_host *host, unsigned int offset, uint32_t value)
{
	ck_assert_int_eq(dsa_config_write(host->dev, offset, &value, 4), 0);
}

static const struct {
	unsigned int offset;
	uint32_t value;
} config_values[] = {
	{ 0x00, 0x0b258086 }, { 0x04, 0x00100000 }, { 0x08, 0x08800000 }, { 0x0c, 0 },
	{ 0x10, 0x0000000c }, { 0x14, 0 }, { 0x18, 0x0000000c }, { 0x1c, 0 },
	{ 0x20, 0 }, { 0x24, 0 }, { 0x2c, 0x00008086 }, { 0x30, 0 }, { 0x34, 0x40 },
	{ 0x3c, 0 }, { 0x40, 0x00928010 }, { 0x44, 0x10008022 }, { 0x48, 0x00002910 },
	{ 0x64, 0x10730810 }, { 0x80, 0x00089011 }, { 0x84, 0x2000 }, { 0x88, 0x3000 },
	{ 0x90, 0x00030001 }, { 0x94, 0x00000008 }, { 0x100, 0 },
};

START_TEST(config_at_reset)
{
	struct model_host *host = host_new(NULL);
	unsigned int i;

	for (i = 0; i < sizeof(config_values) / sizeof(config_values[0]); i++)
		ck_assert_msg(config_read32(host, config_values[i].offset) ==
			      config_values[i].value, "configuration space %#x is %#x",
			      config_values[i].offset,
			      config_read32(host, config_values[i].offset));
	host_free(host);
}
END_TEST

START_TEST(config_limits)
{
	struct model_host *host = host_new(NULL);
	uint8_t all[DSA_CONFIG_SPACE_SIZE + 1];

	ck_assert_int_eq(dsa_config_read(host->dev, 0, all, 4096), 0);
	ck_assert_int_eq(dsa_config_read(host->dev, 0, all, 4097), -EINVAL);
	ck_assert_int_eq(dsa_config_read(host->dev, 4096, all, 1), -EINVAL);
	ck_assert_int_eq(dsa_config_read(host->dev, 4096, all, 0), 0);
	ck_assert_int_eq(dsa_config_read(host->dev, UINT64_MAX, all, 2), -EINVAL);
	ck_assert_int_eq(dsa_config_read(host->dev, 4, all, SIZE_MAX), -EINVAL);
	ck_assert_int_eq(dsa_config_write(host->dev, 4095, all, 2), -EINVAL);
	ck_assert_int_eq(dsa_config_write(host->dev, UINT64_MAX - 1, all, 2), -EINVAL);
	/* Odd places and lengths are fine. */
	ck_assert_int_eq(dsa_config_read(host->dev, 1, all, 3), 0);
	ck_assert_uint_eq(all[0] | all[1] << 8 | all[2] << 16, 0x0b2580);
	host_free(host);
}
END_TEST

START_TEST(bar_sizing)
{
	struct model_host *host = host_new(NULL);

	config_write32(host, 0x10, 0xffffffff);
	config_write32(host, 0x14, 0xffffffff);
	config_write32(host, 0x18, 0xffffffff);
	config_write32(host, 0x20, 0xffffffff);
	config_write32(host, 0x30, 0xfffff800);
	ck_assert_uint_eq(config_read32(host, 0x10), 0xffff000c);
	ck_assert_uint_eq(config_read32(host, 0x14), 0xffffffff);
	ck_assert_uint_eq(config_read32(host, 0x18), 0xfffe000c);
	ck_assert_uint_eq(config_read32(host, 0x20), 0);
	ck_assert_uint_eq(config_read32(host, 0x30), 0);
	host_free(host);
}
END_TEST

/* All ones over all of it, but for what would reset: only writable bits change. */
START_TEST(config_read_only_bits)
{
	struct model_host *host = host_new(NULL);
	uint8_t ones[DSA_CONFIG_SPACE_SIZE];

	memset(ones, 0xff, sizeof(ones));
	ones[0x49] = 0x7f;
	ck_assert_int_eq(dsa_config_write(host->dev, 0, ones, sizeof(ones)), 0);
	ck_assert_uint_eq(config_read32(host, 0x00), 0x0b258086);
	ck_assert_uint_eq(config_read32(host, 0x04), 0x00100546);
	ck_assert_uint_eq(config_read32(host, 0x44), 0x10008022);
	ck_assert_uint_eq(config_read16(host, 0x48), 0x79ff);
	ck_assert_uint_eq(config_read16(host, 0x82), 0xc008);
	ck_assert_uint_eq(config_read32(host, 0x94), 0x0000000b);
	ck_assert_uint_eq(config_read32(host, 0x100), 0);
	host_free(host);
}
END_TEST

START_TEST(function_level_reset)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int i;

	host_bring_up(host, 0, 16);
	config_write32(host, 0x10, 0xabcd0000);
	desc.int_handle = 77;
	run_one(host, 0, &desc);
	write32(host, DSA_MSIX_TABLE_OFFSET, 1234);
	command(host, 31, 0);
	if (_i)
		dsa_device_reset(host->dev);
	else
		config_write16(host, DSA_PCIE_DEVCTL_OFFSET,
			       DSA_PCIE_DEVCTL | DSA_PCIE_DEVCTL_FLR);

	for (i = 0; i < sizeof(config_values) / sizeof(config_values[0]); i++)
		ck_assert_uint_eq(config_read32(host, config_values[i].offset),
				  config_values[i].value);
	for (i = 0; i < sizeof(reset_values) / sizeof(reset_values[0]); i++)
		ck_assert_uint_eq(read64(host, reset_values[i].offset), reset_values[i].value);
	/* Statistics outlive every reset, and the device works again. */
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 1);
	host_bring_up(host, 0, 16);
	desc.int_handle = 1;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	host_free(host);
}
END_TEST

/* Switching the bus master off under an enabled device halts it. */
START_TEST(bus_master_off_halts)
{
	bool by_power = _i;
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	host_bring_up(host, 0, 16);
	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_HALT_INT | DSA_GENCTRL_SWERROR_INT);
	if (by_power)
		config_write16(host, 0x94, 3);
	else
		config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_RESET_TYPE, read32(host, DSA_REG_GENSTS)),
			  DSA_RESET_COMMAND);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  DSA_SWERR_PCI_CONFIG);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE),
			  DSA_INTCAUSE_SWERROR | DSA_INTCAUSE_HALT);
	/* Both messages could not be sent. */
	ck_assert_uint_eq(host_stats(host, 0).raised, 2);
	ck_assert_uint_eq(host_stats(host, 0).dropped, 2);
	submit64(host, 0, &desc);
	ck_assert_uint_eq(host_wq_stats(host, 0).rejected, 1);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), DSA_CMDERR_HALTED);

	config_write16(host, 0x94, 0);
	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	ck_assert_uint_eq(device_state(host), DSA_STATE_HALT);
	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	host_bring_up(host, 0, 16);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* While Disabled the bus master may come and go; D1 and D2 do not exist. */
START_TEST(harmless_configuration_changes)
{
	struct model_host *host = host_new(NULL);

	host_enable_pci(host);
	config_write16(host, PCI_COMMAND, 0);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	config_write16(host, 0x94, 1);
	ck_assert_uint_eq(config_read16(host, 0x94), 8);
	config_write16(host, 0x94, 2);
	ck_assert_uint_eq(config_read16(host, 0x94), 8);
	config_write16(host, 0x94, 3);
	ck_assert_uint_eq(config_read16(host, 0x94), 11);
	config_write16(host, 0x94, 0);
	ck_assert_uint_eq(config_read16(host, 0x94), 8);
	host_free(host);
}
END_TEST

START_TEST(statistics_limits)
{
	struct model_host *host = host_new(NULL);
	struct dsa_vector_stats v;
	struct dsa_wq_stats w;

	ck_assert_int_eq(dsa_device_vector_stats(host->dev, 9, &v), -EINVAL);
	ck_assert_int_eq(dsa_device_wq_stats(host->dev, 8, &w), -EINVAL);
	dsa_device_vector_bound(host->dev, 9);
	dsa_device_vector_bound(host->dev, UINT32_MAX);
	host_free(host);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

int main(void)
{
	Suite *suite = suite_create("registers");
	TCase *tc = tcase_create("registers");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, bad_parameters_refused, 0, COUNT(bad_params));
	tcase_add_test(tc, every_profile_makes_a_device);
	tcase_add_loop_test(tc, products, 0, 4);
	tcase_add_loop_test(tc, values_at_reset, 0, COUNT(reset_values));
	tcase_add_test(tc, read_only_registers);
	tcase_add_test(tc, access_widths);
	tcase_add_loop_test(tc, bar_access_limits, 0, COUNT(accesses));
	tcase_add_test(tc, locked_fields);
	tcase_add_test(tc, swerror_is_cleared_by_writing_ones);
	tcase_add_test(tc, occupancy_interrupt);
	tcase_add_test(tc, config_at_reset);
	tcase_add_test(tc, config_limits);
	tcase_add_test(tc, bar_sizing);
	tcase_add_test(tc, config_read_only_bits);
	tcase_add_loop_test(tc, function_level_reset, 0, 2);
	tcase_add_loop_test(tc, bus_master_off_halts, 0, 2);
	tcase_add_test(tc, harmless_configuration_changes);
	tcase_add_test(tc, statistics_limits);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
