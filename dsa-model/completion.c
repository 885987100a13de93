// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor's way: checks, operation, completion record, message.
 *
 * Specification, chapters 5.4 to 5.8 and 8. Of several violations any may be
 * reported. The record is visible before the message leaves.
 */
#include <string.h>

#include "device_private.h"

#define FLAGS_ALWAYS \
	(IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI | IDXD_OP_FLAG_CR_TCS)
/* These two make sense only with a record address. */
#define FLAGS_NEED_CRAV (IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_CR_TCS)

/* What becomes of the interrupt that a descriptor asks for. */
enum interrupt_target {
	INTERRUPT_NONE, /* not asked for, or Ignore is set */
	INTERRUPT_RAISE,
	INTERRUPT_INVALID, /* handle or PASID check failed */
};

static enum interrupt_target interrupt_target(struct dsa_execution *x)
{
	const struct dsa_work *work = x->work;
	int vector = dsa_handle_vector(x->dev, x->desc->int_handle);
	bool wants_pasid;
	uint32_t perm;

	if (!(x->desc->flags & IDXD_OP_FLAG_RCI))
		return INTERRUPT_NONE;
	if (vector < 0)
		return INTERRUPT_INVALID;

	x->vector = vector;
	perm = atomic_load_explicit(&x->dev->msixperm[vector], memory_order_relaxed);
	wants_pasid = perm & DSA_MSIXPERM_PASID_ENABLE;
	if (wants_pasid != work->has_pasid ||
	    (wants_pasid && FIELD_GET(DSA_MSIXPERM_PASID, perm) != work->pasid))
		return INTERRUPT_INVALID;
	return perm & DSA_MSIXPERM_IGNORE ? INTERRUPT_NONE : INTERRUPT_RAISE;
}

/* Descriptors that end like this report only if asked to. */
static bool ordinary(uint8_t status)
{
	return status == DSA_COMP_SUCCESS || status == DSA_COMP_SUCCESS_PRED ||
	       status == DSA_COMP_BATCH_FAIL;
}

static uint32_t invalid_flags(const struct dsa_execution *x, const struct dsa_operation *op)
{
	uint32_t flags = x->desc->flags;
	uint32_t allowed = FLAGS_ALWAYS | op->flags;
	uint64_t gencap = x->dev->profile->gencap;
	uint32_t invalid;

	if (!(gencap & DSA_GENCAP_CACHE_WRITE))
		allowed &= ~IDXD_OP_FLAG_CC;
	if (!(gencap & DSA_GENCAP_DEST_READBACK))
		allowed &= ~IDXD_OP_FLAG_DRDBK;
	if (x->batch_index >= 0)
		allowed |= IDXD_OP_FLAG_FENCE;
	invalid = flags & ~allowed;
	if (!(flags & IDXD_OP_FLAG_CRAV))
		invalid |= flags & FLAGS_NEED_CRAV;
	invalid |= op->needs & ~flags;
	if (op->needs_one_of && !(flags & op->needs_one_of))
		invalid |= op->needs_one_of;
	/* Interrupts for user space must have been allowed. */
	if (x->work->has_pasid && !x->work->priv && !(x->dev->gencfg & DSA_GENCFG_USER_INT))
		invalid |= flags & IDXD_OP_FLAG_RCI;
	return invalid;
}

static bool reserved_used(const struct dsa_hw_desc *desc, uint64_t reserved)
{
	const uint8_t *bytes = (const uint8_t *)desc;

	for (; reserved; reserved &= reserved - 1)
		if (bytes[__builtin_ctzll(reserved)])
			return true;
	return false;
}

/* 0, or the status of the first rule that the descriptor breaks. */
static uint8_t validate(struct dsa_execution *x, const struct dsa_operation *op,
			enum interrupt_target target)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint64_t reserved;

	if (!op || (x->batch_index >= 0 && !op->in_batch))
		return DSA_COMP_BAD_OPCODE;
	x->outcome.specific.invalid_flags = invalid_flags(x, op);
	if (x->outcome.specific.invalid_flags)
		return DSA_COMP_INVALID_FLAGS;
	if (target == INTERRUPT_INVALID)
		return DSA_COMP_INT_HANDLE_INVAL;
	reserved = op->reserved & ~(desc->flags & op->extra_flag ? op->extra : 0);
	if (reserved_used(desc, reserved))
		return DSA_COMP_NOZERO_RESERVE;
	if (op->sized && (!desc->xfer_size || desc->xfer_size > x->work->max_xfer))
		return DSA_COMP_XFER_ERANGE;
	return op->check ? op->check(x) : 0;
}

static void report_error(const struct dsa_execution *x, uint8_t code, bool write,
			 uint64_t address)
{
	struct dsa_error error = {
		.code = code,
		.wq = x->work->wq->index,
		.desc_valid = true,
		.write = write,
		.opcode = x->desc->opcode,
		.batch_index = x->batch_index,
		.priv = x->work->priv,
		.pasid = x->work->pasid,
		.address = address,
	};

	if (code == DSA_COMP_INVALID_FLAGS)
		error.info = x->outcome.specific.invalid_flags;
	else if (code == DSA_COMP_INT_HANDLE_INVAL)
		error.info = x->desc->int_handle;
	pthread_mutex_lock(&x->dev->lock);
	dsa_swerror(x->dev, &error);
	pthread_mutex_unlock(&x->dev->lock);
}

/* The status byte is written last: who sees it sees the rest of the record. */
static int write_record(const struct dsa_execution *x)
{
	const struct dsa_outcome *o = &x->outcome;
	uint64_t iova = x->desc->completion_addr;
	uint8_t status = o->status | (o->write ? DSA_COMP_STATUS_WRITE : 0);
	struct dsa_completion_record record = {
		.result = o->result,
		.bytes_completed = o->bytes_completed,
		.fault_addr = o->fault_addr,
	};
	size_t done;
	int ret;

	memcpy(record.op_specific, &o->specific, sizeof(record.op_specific));
	ret = dsa_dma_write(x->dev, iova + 1, (const uint8_t *)&record + 1, sizeof(record) - 1,
			    &done);
	if (ret)
		return ret;
	/* Not atomic_thread_fence(): gcc's thread sanitizer does not know it. */
	__sync_synchronize();
	return dsa_dma_write(x->dev, iova, &status, 1, &done);
}

/* Record, error register and message of a descriptor that has ended. */
static void finish(struct dsa_execution *x, enum interrupt_target target)
{
	struct dsa_outcome *o = &x->outcome;
	uint32_t flags = x->desc->flags;
	bool has_record = flags & IDXD_OP_FLAG_CRAV;

	if (target == INTERRUPT_RAISE && dsa_fault_early_message(x))
		target = INTERRUPT_NONE;
	if (has_record && ((flags & IDXD_OP_FLAG_RCR) || !ordinary(o->status)) &&
	    write_record(x)) {
		/* No place to complete to: neither record nor message. */
		o->status = DSA_COMP_CRA_XLAT;
		report_error(x, DSA_COMP_CRA_XLAT, true, x->desc->completion_addr);
		return;
	}
	if (o->status == DSA_COMP_INT_HANDLE_INVAL || (!has_record && !ordinary(o->status)))
		report_error(x, o->status, o->write, o->fault_addr);
	if (target == INTERRUPT_RAISE)
		dsa_vectors_raise(&x->dev->vectors, x->vector);
}

bool dsa_execute(struct dsa_execution *x)
{
	const struct dsa_operation *op = dsa_operation(x->dev, x->desc->opcode);
	enum interrupt_target target = interrupt_target(x);
	struct dsa_outcome *o = &x->outcome;

	if (dsa_cancelled(x))
		return false;
	/* These two have no record to say so. */
	if (x->work->bad_priv) {
		o->status = DSA_COMP_PRIV_BAD;
		report_error(x, DSA_COMP_PRIV_BAD, false, 0);
		return true;
	}
	if ((x->desc->flags & IDXD_OP_FLAG_CRAV) &&
	    x->desc->completion_addr % DSA_COMPLETION_ALIGN) {
		o->status = DSA_COMP_CRA_ALIGN;
		report_error(x, DSA_COMP_CRA_ALIGN, false, x->desc->completion_addr);
		return true;
	}

	o->status = validate(x, op, target);
	if (!o->status) {
		o->status = DSA_COMP_SUCCESS;
		if (op->run)
			op->run(x);
		if (dsa_cancelled(x))
			return false;
	}
	/* An interrupt that must not be asked for does not come to say so. */
	if (o->status == DSA_COMP_INVALID_FLAGS &&
	    (o->specific.invalid_flags & IDXD_OP_FLAG_RCI))
		target = INTERRUPT_NONE;
	finish(x, target);
	return true;
}
