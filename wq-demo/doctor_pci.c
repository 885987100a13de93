// SPDX-License-Identifier: GPL-2.0-only
/* The PCI functions the doctor cares for, as sysfs shows them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "doctor_files.h"
#include "doctor_private.h"

#define DEVICES "/sys/bus/pci/devices"
#define CONFIG_SIZE 256

/* Device 0b25 and its analytics sibling are on vfio-pci's list (drivers/vfio/pci/vfio_pci.c). */
static const struct {
	uint32_t id;
	bool is_dsa;
	bool is_denied;
} known[] = {
	{ 0x80860b25, true, true },
	{ 0x808611fb, true, false },
	{ 0x80861212, true, false },
	{ 0x80860cfe, false, true },
};

static uint32_t read_id(const struct doctor_machine *machine, const char *address)
{
	char vendor[16], device[16];

	doctor_read(machine, vendor, sizeof(vendor), DEVICES "/%s/vendor", address);
	doctor_read(machine, device, sizeof(device), DEVICES "/%s/device", address);
	return (uint32_t)strtoul(vendor, NULL, 16) << 16 | (uint32_t)strtoul(device, NULL, 16);
}

/* vfio-pci, and drivers like mlx5_vfio_pci that are made of the same core. */
static bool is_vfio_driver(const char *driver)
{
	const size_t length = strlen(driver);
	const char *end = length >= 8 ? driver + length - 8 : driver;

	return strcmp(end, "vfio-pci") == 0 || strcmp(end, "vfio_pci") == 0;
}

/* Only root is shown more than the 64 bytes of the header. */
static int read_table(const struct doctor_machine *machine, const char *address)
{
	unsigned char config[CONFIG_SIZE] = { 0 };
	FILE *file = doctor_open(machine, DEVICES "/%s/config", address);
	unsigned int at, hops = 0;
	size_t length;

	if (!file)
		return -1;
	length = fread(config, 1, sizeof(config), file);
	fclose(file);
	if (length < sizeof(config))
		return -1;
	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	at = config[PCI_CAPABILITY_LIST] & ~3U;
	/* A list that is a ring must not hold us up. */
	while (at >= 0x40 && at <= sizeof(config) - 4 && hops++ < 48) {
		if (config[at] == PCI_CAP_ID_MSIX)
			return ((config[at + 2] | config[at + 3] << 8) & PCI_MSIX_FLAGS_QSIZE) + 1;
		at = config[at + 1] & ~3U;
	}
	return 0;
}

static struct doctor_function read_function(const struct doctor_machine *machine,
					    const char *address)
{
	struct doctor_function function = { .id = read_id(machine, address) };

	snprintf(function.address, sizeof(function.address), "%s", address);
	doctor_link(machine, function.driver, sizeof(function.driver), DEVICES "/%s/driver",
		    address);
	doctor_link(machine, function.group, sizeof(function.group), DEVICES "/%s/iommu_group",
		    address);
	function.is_vfio = is_vfio_driver(function.driver);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].id != function.id)
			continue;
		function.is_dsa = known[i].is_dsa;
		function.is_denied = known[i].is_denied;
	}
	return function;
}

int doctor_functions_find(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	char **addresses;
	size_t count = doctor_list(machine, &addresses, DEVICES);

	doctor->functions = calloc(count + 1, sizeof(*doctor->functions));
	for (size_t i = 0; i < count && doctor->functions; i++) {
		struct doctor_function function = read_function(machine, addresses[i]);

		if (!function.is_dsa && !function.is_vfio)
			continue;
		function.table = read_table(machine, addresses[i]);
		function.vectors = doctor_list_count(machine, DEVICES "/%s/msi_irqs", addresses[i]);
		doctor->functions[doctor->function_count++] = function;
	}
	doctor_names_free(addresses, count);
	return doctor->functions ? 0 : -ENOMEM;
}
