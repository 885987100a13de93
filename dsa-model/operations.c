// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: access to host memory, and the table by opcode.
 *
 * Specification, chapter 8. What each does is in operations_*.c and batch.c.
 */
#include <errno.h>

#include "operations.h"

/* ---- Host memory --------------------------------------------------------- */

/* How much of @len bytes from @iova lies below the end of the address space. */
static size_t before_wrap(uint64_t iova, size_t len)
{
	return iova && len > 0 - iova ? (size_t)(0 - iova) : len;
}

int dsa_dma_read(struct dsa_device *dev, uint64_t iova, void *buf, size_t len, size_t *done)
{
	size_t part = before_wrap(iova, len);
	int ret;

	*done = 0;
	ret = dev->ops->dma_read(dev->host, iova, buf, part, done);
	if (!ret)
		*done = part;
	return !ret && part < len ? -EFAULT : ret;
}

int dsa_dma_write(struct dsa_device *dev, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	size_t part = before_wrap(iova, len);
	int ret;

	*done = 0;
	ret = dev->ops->dma_write(dev->host, iova, buf, part, done);
	if (!ret)
		*done = part;
	return !ret && part < len ? -EFAULT : ret;
}

void dsa_outcome_fault(struct dsa_execution *x, int error, bool write, uint64_t address)
{
	struct dsa_outcome *o = &x->outcome;

	if (error == -EFAULT) {
		o->status = DSA_COMP_PAGE_FAULT_NOBOF;
		o->write = write;
		o->fault_addr = address;
	} else {
		o->status = write ? DSA_COMP_HW_ERR_DRB : DSA_COMP_HW_ERR1;
	}
}

/* ---- Table --------------------------------------------------------------- */

static const struct dsa_operation no_op = {
	.reserved = DSA_BYTES(16, 35) | DSA_BYTES(38, 63),
	.in_batch = true,
};

static const struct dsa_operation batch = {
	.flags = IDXD_OP_FLAG_ADDR1_TCS,
	.reserved = DSA_BYTES(24, 31) | DSA_BYTES(38, 63),
	.check = dsa_batch_check,
	.run = dsa_batch_run,
};

/* The engine lets it run only when nothing older is left that it waits for. */
static const struct dsa_operation drain = {
	.flags = IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.needs_one_of = IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
	.reserved = DSA_BYTES(16, 35) | DSA_BYTES(38, 63),
};

static const struct dsa_operation *const operations[] = {
	[DSA_OPCODE_NOOP] = &no_op,
	[DSA_OPCODE_BATCH] = &batch,
	[DSA_OPCODE_DRAIN] = &drain,
	[DSA_OPCODE_MEMMOVE] = &dsa_op_memory_move,
	[DSA_OPCODE_MEMFILL] = &dsa_op_fill,
	[DSA_OPCODE_COMPARE] = &dsa_op_compare,
	[DSA_OPCODE_COMPVAL] = &dsa_op_compare_pattern,
	[DSA_OPCODE_CR_DELTA] = &dsa_op_create_delta,
	[DSA_OPCODE_AP_DELTA] = &dsa_op_apply_delta,
	[DSA_OPCODE_DUALCAST] = &dsa_op_dualcast,
	[DSA_OPCODE_CRCGEN] = &dsa_op_crc_generation,
	[DSA_OPCODE_COPY_CRC] = &dsa_op_copy_with_crc,
	[DSA_OPCODE_DIF_CHECK] = &dsa_op_dif_check,
	[DSA_OPCODE_DIF_INS] = &dsa_op_dif_insert,
	[DSA_OPCODE_DIF_STRP] = &dsa_op_dif_strip,
	[DSA_OPCODE_DIF_UPDT] = &dsa_op_dif_update,
	[DSA_OPCODE_CFLUSH] = &dsa_op_cache_flush,
};

#define OPERATION_COUNT (sizeof(operations) / sizeof(operations[0]))

const struct dsa_operation *dsa_operation(const struct dsa_device *dev, unsigned int opcode)
{
	/* The profile offers no other: a test holds its OPCAP against this table. */
	if (opcode >= OPERATION_COUNT || !(dev->profile->opcap0 & BIT_ULL(opcode)))
		return NULL;
	return operations[opcode];
}
