// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt handles: Request and Release Interrupt Handle, and their revocation.
 *
 * With bit 13 of CMDCAP a descriptor names its completion interrupt by a handle
 * that the device has given out, not by the index of an MSI-X entry.
 */
#include <errno.h>
#include <stdlib.h>

#include "device_private.h"

#define HANDLES 0x10000
/* Where handles begin: not at an index, so that one is not taken for the other. */
#define FIRST_HANDLE 0x1000
/* Table: interrupt message storage instead of MSI-X. */
#define OPERAND_IMS BIT(16)
#define OPERAND_VALUE GENMASK(15, 0)

/* A driver may hold two for each entry: a new one before it has given back the old one. */
static unsigned int most_handles(const struct dsa_device *dev)
{
	return 2 * dev->layout.vectors;
}

int dsa_handles_init(struct dsa_device *dev)
{
	if (!(dev->profile->cmdcap & BIT_ULL(DSA_COMMAND_REQUEST_INT_HANDLE)))
		return 0;
	dev->handles.entry = calloc(HANDLES, sizeof(*dev->handles.entry));
	dev->handles.last = FIRST_HANDLE - 1;
	return dev->handles.entry ? 0 : -ENOMEM;
}

void dsa_handles_destroy(struct dsa_device *dev)
{
	free((void *)dev->handles.entry);
}

int dsa_handle_vector(const struct dsa_device *dev, uint16_t handle)
{
	if (!dev->handles.entry)
		return handle < dev->layout.vectors ? handle : -1;
	return atomic_load_explicit(&dev->handles.entry[handle], memory_order_relaxed) - 1;
}

static void set_entry(struct dsa_device *dev, uint16_t handle, uint16_t entry)
{
	atomic_store_explicit(&dev->handles.entry[handle], entry, memory_order_relaxed);
}

void dsa_handles_reset(struct dsa_device *dev)
{
	unsigned int handle;

	dsa_assert_locked(dev);
	for (handle = 0; dev->handles.used && handle < HANDLES; handle++)
		if (dsa_handle_vector(dev, handle) >= 0) {
			set_entry(dev, handle, 0);
			dev->handles.used--;
		}
}

int dsa_revoke_handles(struct dsa_device *dev)
{
	dsa_assert_locked(dev);
	if (!dev->handles.entry)
		return -EOPNOTSUPP;
	dsa_handles_reset(dev);
	dsa_misc_interrupt(dev, DSA_INTCAUSE_HANDLES_REVOKED);
	return 0;
}

int dsa_device_revoke_handles(struct dsa_device *dev)
{
	int ret;

	dsa_lock(dev);
	ret = dsa_revoke_handles(dev);
	dsa_unlock(dev);
	return ret;
}

uint8_t dsa_check_request_handle(struct dsa_device *dev, uint32_t operand)
{
	if ((operand & OPERAND_IMS) || (operand & OPERAND_VALUE) >= dev->layout.vectors)
		return DSA_CMDERR_INT_INDEX;
	return dev->handles.used < most_handles(dev) ? DSA_CMDERR_SUCCESS :
						       DSA_CMDERR_NO_INT_HANDLE;
}

void dsa_request_handle(struct dsa_device *dev, uint32_t operand)
{
	struct dsa_handles *handles = &dev->handles;

	do {
		if (++handles->last < FIRST_HANDLE)
			handles->last = FIRST_HANDLE;
	} while (dsa_handle_vector(dev, handles->last) >= 0);
	set_entry(dev, handles->last, (operand & OPERAND_VALUE) + 1);
	handles->used++;
	dev->command.result = handles->last;
}

/* The operand is the handle: so the driver of the kernel has it. */
uint8_t dsa_check_release_handle(struct dsa_device *dev, uint32_t operand)
{
	if ((operand & OPERAND_IMS) || dsa_handle_vector(dev, operand & OPERAND_VALUE) < 0)
		return DSA_CMDERR_INT_INDEX;
	return DSA_CMDERR_SUCCESS;
}

void dsa_release_handle(struct dsa_device *dev, uint32_t operand)
{
	set_entry(dev, operand & OPERAND_VALUE, 0);
	dev->handles.used--;
}
