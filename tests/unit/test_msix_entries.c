// SPDX-License-Identifier: GPL-2.0-only
/* Devices with more and with fewer MSI-X entries than the profile has. */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "fault.h"
#include "model_host.h"
#include "unit.h"

#define USUAL_BAR0 0x10000

static const struct {
	unsigned int entries;
	uint32_t bar0, msixperm, table, pba;
} shapes[] = {
	{ 1, USUAL_BAR0, 0x200, 0x2000, 0x3000 },
	{ 9, USUAL_BAR0, 0x200, 0x2000, 0x3000 },
	{ 32, USUAL_BAR0, 0x200, 0x2000, 0x3000 },
	{ 33, 2 * USUAL_BAR0, 0x10000, 0x14000, 0x1c000 },
	{ 2048, 2 * USUAL_BAR0, 0x10000, 0x14000, 0x1c000 },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static struct model_host *host_with(unsigned int entries)
{
	struct dsa_device_params params = host_default_params;

	params.msix_entries = entries;
	return host_new(&params);
}

static uint32_t config32(struct model_host *host, unsigned int offset)
{
	uint32_t value;

	ck_assert_int_eq(dsa_config_read(host->dev, offset, &value, 4), 0);
	return value;
}

START_TEST(where_everything_is)
{
	struct model_host *host = host_with(shapes[_i].entries);
	uint32_t ones = UINT32_MAX;

	ck_assert_uint_eq(dsa_device_vectors(host->dev), shapes[_i].entries);
	ck_assert_uint_eq(dsa_device_bar_size(host->dev, 0), shapes[_i].bar0);
	ck_assert_uint_eq(config_read16(host, DSA_MSIX_CONTROL_OFFSET), shapes[_i].entries - 1);
	ck_assert_uint_eq(config32(host, DSA_PCI_CAP_MSIX + PCI_MSIX_TABLE), shapes[_i].table);
	ck_assert_uint_eq(config32(host, DSA_PCI_CAP_MSIX + PCI_MSIX_PBA), shapes[_i].pba);
	ck_assert_uint_eq(FIELD_GET(DSA_OFFSETS_MSIXPERM, read64(host, DSA_REG_OFFSETS)) *
				  DSA_OFFSETS_UNIT,
			  shapes[_i].msixperm);
	ck_assert_uint_eq(read64(host, DSA_REG_OFFSETS) & ~DSA_OFFSETS_MSIXPERM,
			  DSA_SPR_OFFSETS0 & ~DSA_OFFSETS_MSIXPERM);
	ck_assert_int_eq(dsa_config_write(host->dev, PCI_BASE_ADDRESS_0, &ones, 4), 0);
	ck_assert_uint_eq(config32(host, PCI_BASE_ADDRESS_0),
			  -shapes[_i].bar0 | DSA_PCI_BAR_FLAGS);
	host_free(host);
}
END_TEST

/* The last entry of each table is there, the one behind it is not. */
START_TEST(table_ends)
{
	unsigned int entries = shapes[_i].entries;
	uint32_t perm = shapes[_i].msixperm + entries * DSA_MSIXPERM_STRIDE;
	uint32_t table = shapes[_i].table + entries * 16;
	struct model_host *host = host_with(entries);

	ck_assert_uint_eq(read32(host, table - 4), 1);
	ck_assert_uint_eq(read32(host, table + 12), 0);
	write32(host, table - 16, 0xfee00000);
	ck_assert_uint_eq(read32(host, table - 16), 0xfee00000);
	write32(host, table, 0xfee00000);
	ck_assert_uint_eq(read32(host, table), 0);
	write32(host, perm - DSA_MSIXPERM_STRIDE, DSA_MSIXPERM_IGNORE);
	ck_assert_uint_eq(read32(host, perm - DSA_MSIXPERM_STRIDE), DSA_MSIXPERM_IGNORE);
	/* Behind 32 there is the table of groups, behind 2048 the MSI-X table. */
	if (entries != 32 && entries != 2048) {
		write32(host, perm, DSA_MSIXPERM_IGNORE);
		ck_assert_uint_eq(read32(host, perm), 0);
	}
	host_free(host);
}
END_TEST

START_TEST(every_vector_has_its_message)
{
	unsigned int entries = shapes[_i].entries, v;
	struct model_host *host = host_with(entries);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	struct dsa_vector_stats stats;

	host_bring_up(host, 0, 8);
	for (v = 0; v < entries; v++) {
		desc.int_handle = v;
		ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
		ck_assert_uint_eq(host_delivered(host, v), 1);
	}
	desc.int_handle = entries;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_INT_HANDLE_INVAL);
	for (v = 0; v < entries; v++)
		ck_assert_uint_eq(host_delivered(host, v), 1);
	ck_assert_int_eq(dsa_device_vector_stats(host->dev, entries, &stats), -EINVAL);
	host_free(host);
}
END_TEST

START_TEST(drop_on_the_last_vector)
{
	struct dsa_device_params params = host_default_params;
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	struct dsa_fault fault = {
		.kind = DSA_FAULT_DROP,
		.given = DSA_FAULT_BIT(VECTOR),
		.value[DSA_FAULT_KEY_VECTOR] = 2047,
	};
	char why[DSA_FAULT_WHY];
	struct model_host *host;

	params.msix_entries = 2048;
	host = host_new(&params);
	ck_assert_int_gt(dsa_device_fault_add(host->dev, &fault, why), 0);
	host_bring_up(host, 0, 8);
	desc.int_handle = 2047;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(host_delivered(host, 2047), 0);
	ck_assert_uint_eq(host_stats(host, 2047).dropped, 1);
	host_free(host);
}
END_TEST

/* A reset brings the masks of all entries back, and the table's place stays. */
START_TEST(reset_keeps_the_shape)
{
	struct model_host *host = host_with(2048);

	write32(host, 0x14000 + 2047 * 16 + 12, 0);
	dsa_device_reset(host->dev);
	ck_assert_uint_eq(read32(host, 0x14000 + 2047 * 16 + 12), 1);
	ck_assert_uint_eq(config_read16(host, DSA_MSIX_CONTROL_OFFSET), 2047);
	ck_assert_uint_eq(config32(host, DSA_PCI_CAP_MSIX + PCI_MSIX_TABLE), 0x14000);
	host_free(host);
}
END_TEST

static const struct dsa_host_ops no_ops;

START_TEST(too_many_refused)
{
	struct dsa_device_params params = host_default_params;

	params.msix_entries = DSA_MSIX_ENTRIES_MAX + 1;
	ck_assert_ptr_null(dsa_device_create(&params, &no_ops, NULL));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("msix_entries");
	TCase *tc = tcase_create("msix_entries");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, where_everything_is, 0, SHAPES);
	tcase_add_loop_test(tc, table_ends, 0, SHAPES);
	tcase_add_loop_test(tc, every_vector_has_its_message, 0, SHAPES);
	tcase_add_test(tc, drop_on_the_last_vector);
	tcase_add_test(tc, reset_keeps_the_shape);
	tcase_add_test(tc, too_many_refused);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
