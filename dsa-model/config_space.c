// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space: a table of fields, and the few writes that act.
 *
 * Values: specification, appendix C. Optional capabilities that nothing here
 * could serve are absent (see dsa/profile.h).
 */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "device_private.h"

#define MSIX_CONTROL (DSA_PCI_CAP_MSIX + PCI_MSIX_FLAGS)
#define DEVCTL (DSA_PCI_CAP_PCIE + PCI_EXP_DEVCTL)
#define DEVSTA (DSA_PCI_CAP_PCIE + PCI_EXP_DEVSTA)
#define PM_CSR (DSA_PCI_CAP_PM + PCI_PM_CTRL)

DSA_STATIC_ASSERT(MSIX_CONTROL == DSA_MSIX_CONTROL_OFFSET, "Message Control");
DSA_STATIC_ASSERT(DEVCTL == DSA_PCIE_DEVCTL_OFFSET, "Device Control");
DSA_STATIC_ASSERT(DSA_PCIE_DEVCTL_FLR == PCI_EXP_DEVCTL_BCR_FLR, "Initiate FLR");

/* Next capability and identifier, as one 16-bit word. */
#define CAP_HEADER(id, next) ((next) << 8 | (id))
#define BAR_WRITABLE(size) (~((uint32_t)(size) - 1))

#define DEVCTL_WRITABLE \
	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | \
	 PCI_EXP_DEVCTL_URRE | PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD | \
	 PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ)
#define DEVCTL2_WRITABLE \
	(PCI_EXP_DEVCTL2_COMP_TMOUT_DIS | PCI_EXP_DEVCTL2_LTR_EN | 0x1000 /* 10-bit tags */)

/**
 * struct config_field - a register in configuration space
 * @writable: bits that keep what is written; all others are read only
 */
struct config_field {
	uint16_t offset;
	uint8_t bytes;
	uint32_t reset;
	uint32_t writable;
};

static const struct config_field fields[] = {
	{ PCI_VENDOR_ID, 2, DSA_PCI_VENDOR, 0 },
	{ PCI_DEVICE_ID, 2, DSA_PCI_DEVICE_SPR, 0 },
	{ PCI_COMMAND, 2, 0,
	  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
	  PCI_COMMAND_INTX_DISABLE },
	{ PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0 },
	{ PCI_CLASS_PROG, 1, DSA_PCI_CLASS & 0xff, 0 },
	{ PCI_CLASS_DEVICE, 2, DSA_PCI_CLASS >> 8, 0 },
	{ PCI_CACHE_LINE_SIZE, 1, 0, 0xff },
	{ PCI_BASE_ADDRESS_0, 4, DSA_PCI_BAR_FLAGS, BAR_WRITABLE(DSA_BAR0_SIZE) },
	{ PCI_BASE_ADDRESS_1, 4, 0, 0xffffffff },
	{ PCI_BASE_ADDRESS_2, 4, DSA_PCI_BAR_FLAGS, BAR_WRITABLE(DSA_BAR2_SIZE) },
	{ PCI_BASE_ADDRESS_3, 4, 0, 0xffffffff },
	{ PCI_SUBSYSTEM_VENDOR_ID, 2, DSA_PCI_VENDOR, 0 },
	{ PCI_CAPABILITY_LIST, 1, DSA_PCI_CAP_PCIE, 0 },

	{ DSA_PCI_CAP_PCIE, 2, CAP_HEADER(PCI_CAP_ID_EXP, DSA_PCI_CAP_MSIX), 0 },
	{ DSA_PCI_CAP_PCIE + PCI_EXP_FLAGS, 2, DSA_PCIE_CAP_REG, 0 },
	{ DSA_PCI_CAP_PCIE + PCI_EXP_DEVCAP, 4, DSA_PCIE_DEVCAP, 0 },
	{ DEVCTL, 2, DSA_PCIE_DEVCTL, DEVCTL_WRITABLE },
	{ DSA_PCI_CAP_PCIE + PCI_EXP_DEVCAP2, 4, DSA_PCIE_DEVCAP2, 0 },
	{ DSA_PCI_CAP_PCIE + PCI_EXP_DEVCTL2, 2, 0, DEVCTL2_WRITABLE },

	{ DSA_PCI_CAP_MSIX, 2, CAP_HEADER(PCI_CAP_ID_MSIX, DSA_PCI_CAP_PM), 0 },
	{ MSIX_CONTROL, 2, DSA_MSIX_VECTORS - 1,
	  DSA_MSIX_CONTROL_ENABLE | DSA_MSIX_CONTROL_FUNCTION_MASK },
	{ DSA_PCI_CAP_MSIX + PCI_MSIX_TABLE, 4, DSA_MSIX_TABLE_OFFSET, 0 },
	{ DSA_PCI_CAP_MSIX + PCI_MSIX_PBA, 4, DSA_MSIX_PBA_OFFSET, 0 },

	{ DSA_PCI_CAP_PM, 2, CAP_HEADER(PCI_CAP_ID_PM, 0), 0 },
	{ DSA_PCI_CAP_PM + PCI_PM_PMC, 2, DSA_PM_CAP_REG, 0 },
	{ PM_CSR, 2, DSA_PM_CSR, PCI_PM_CTRL_STATE_MASK },
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* Of profiles with PASID; empty space in others. */
static const struct config_field pasid_fields[] = {
	{ DSA_PCI_EXT_CAP_PASID, 4, 1 << 16 | PCI_EXT_CAP_ID_PASID, 0 },
	{ DSA_PCI_EXT_CAP_PASID + PCI_PASID_CAP, 2, DSA_PASID_CAP_REG, 0 },
	{ DSA_PASID_CONTROL_OFFSET, 2, 0, DSA_PASID_CONTROL_ENABLE | DSA_PASID_CONTROL_PRIV },
};

#define PASID_FIELD_COUNT (sizeof(pasid_fields) / sizeof(pasid_fields[0]))

DSA_STATIC_ASSERT(DSA_PASID_CONTROL_OFFSET == DSA_PCI_EXT_CAP_PASID + PCI_PASID_CTRL,
		  "PASID Control");
DSA_STATIC_ASSERT(DSA_PASID_CONTROL_ENABLE == PCI_PASID_CTRL_ENABLE &&
		  DSA_PASID_CONTROL_PRIV == PCI_PASID_CTRL_PRIV, "bits of PASID Control");

/* Field @index of the device, NULL behind the last. */
static const struct config_field *field_at(const struct dsa_device *dev, unsigned int index)
{
	if (index < FIELD_COUNT)
		return &fields[index];
	index -= FIELD_COUNT;
	return dev->profile->pasid && index < PASID_FIELD_COUNT ? &pasid_fields[index] : NULL;
}

/* The few values that depend on the parameters. */
static uint32_t reset_value(const struct dsa_device *dev, const struct config_field *f)
{
	switch (f->offset) {
	case PCI_DEVICE_ID:
		return dev->device_id;
	case MSIX_CONTROL:
		return dev->layout.vectors - 1;
	case DSA_PCI_CAP_MSIX + PCI_MSIX_TABLE:
		return dev->layout.msix_table;
	case DSA_PCI_CAP_MSIX + PCI_MSIX_PBA:
		return dev->layout.msix_pba;
	default:
		return f->reset;
	}
}

static uint32_t writable_mask(const struct dsa_device *dev, const struct config_field *f)
{
	return f->offset == PCI_BASE_ADDRESS_0 ? BAR_WRITABLE(dev->layout.bar0_size) : f->writable;
}

static uint16_t get16(const struct dsa_device *dev, unsigned int offset)
{
	return dev->config[offset] | dev->config[offset + 1] << 8;
}

static void put16(struct dsa_device *dev, unsigned int offset, uint16_t value)
{
	dev->config[offset] = value & 0xff;
	dev->config[offset + 1] = value >> 8;
}

bool dsa_config_bus_master(const struct dsa_device *dev)
{
	return (get16(dev, PCI_COMMAND) & PCI_COMMAND_MASTER) &&
	       !(get16(dev, PM_CSR) & PCI_PM_CTRL_STATE_MASK);
}

uint16_t dsa_config_pasid_control(const struct dsa_device *dev)
{
	return get16(dev, DSA_PASID_CONTROL_OFFSET);
}

static void update_vectors(struct dsa_device *dev)
{
	uint16_t control = get16(dev, MSIX_CONTROL);

	dsa_vectors_control(&dev->vectors, control & DSA_MSIX_CONTROL_ENABLE,
			    control & DSA_MSIX_CONTROL_FUNCTION_MASK,
			    dsa_config_bus_master(dev));
}

void dsa_config_reset(struct dsa_device *dev)
{
	const struct config_field *f;
	unsigned int i, n;

	memset(dev->config, 0, sizeof(dev->config));
	for (n = 0; (f = field_at(dev, n)); n++)
		for (i = 0; i < f->bytes; i++)
			dev->config[f->offset + i] = reset_value(dev, f) >> (8 * i);

	dsa_vectors_forget(&dev->vectors);
	update_vectors(dev);
}

static uint8_t writable_bits(const struct dsa_device *dev, uint64_t offset)
{
	const struct config_field *f;
	unsigned int n;

	for (n = 0; (f = field_at(dev, n)); n++)
		if (offset >= f->offset && offset < (uint64_t)f->offset + f->bytes)
			return writable_mask(dev, f) >> (8 * (offset - f->offset));
	return 0;
}

static bool in_config_space(uint64_t offset, size_t len)
{
	return offset <= DSA_CONFIG_SPACE_SIZE && len <= DSA_CONFIG_SPACE_SIZE - offset;
}

int dsa_config_read(struct dsa_device *dev, uint64_t offset, void *buf, size_t len)
{
	if (!in_config_space(offset, len))
		return -EINVAL;

	dsa_lock(dev);
	put16(dev, DEVSTA, dsa_accesses_memory(dev) ? PCI_EXP_DEVSTA_TRPND : 0);
	if (dev->vanished)
		memset(buf, 0xff, len);
	else
		memcpy(buf, dev->config + offset, len);
	dsa_unlock(dev);
	return 0;
}

/* D1 and D2 do not exist: such a write leaves the state as it is (PCI Power Management). */
static void keep_legal_power_state(struct dsa_device *dev, uint16_t before)
{
	unsigned int state = get16(dev, PM_CSR) & PCI_PM_CTRL_STATE_MASK;

	if (state == 1 || state == 2)
		put16(dev, PM_CSR, before);
}

int dsa_config_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	uint16_t power_before, pasid_before;
	bool master_before, flr = false;
	size_t i;

	if (!in_config_space(offset, len))
		return -EINVAL;

	dsa_lock(dev);
	if (dev->vanished) {
		dsa_unlock(dev);
		return 0;
	}
	master_before = dsa_config_bus_master(dev);
	power_before = get16(dev, PM_CSR);
	pasid_before = dsa_config_pasid_control(dev);
	for (i = 0; i < len; i++) {
		uint64_t at = offset + i;
		uint8_t mask = writable_bits(dev, at);

		dev->config[at] = (dev->config[at] & ~mask) | (bytes[i] & mask);
		if (at == DEVCTL + 1 && (bytes[i] & DSA_PCIE_DEVCTL_FLR >> 8))
			flr = true;
	}
	keep_legal_power_state(dev, power_before);
	update_vectors(dev);

	if (flr)
		dsa_function_reset(dev, DSA_RESET_FLR);
	else if (((master_before && !dsa_config_bus_master(dev)) ||
		  pasid_before != dsa_config_pasid_control(dev)) &&
		 dev->state != DSA_STATE_DISABLED && dev->state != DSA_STATE_HALT)
		dsa_halt(dev, DSA_SWERR_PCI_CONFIG);
	dsa_unlock(dev);
	return 0;
}
