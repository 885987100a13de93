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

/* Do entries of the event log with this code say whether they are the first of their batch? */
static bool names_first_of_batch(uint8_t code)
{
	return code == DSA_COMP_CRA_XLAT || code == DSA_COMP_INT_HANDLE_INVAL;
}

/* What software has to do in the device's place; for the event log. */
static uint32_t left_to_software(const struct dsa_execution *x, enum interrupt_target target,
				 bool record)
{
	uint32_t info = record ? DSA_EVL_INFO_RECORD : 0;

	if (target == INTERRUPT_RAISE)
		info |= DSA_EVL_INFO_INTERRUPT |
			FIELD_PREP(DSA_EVL_INFO_HANDLE, x->desc->int_handle);
	return info;
}

/* Report @error, of which the code, the access and what is left to software are given. */
static void report(struct dsa_execution *x, struct dsa_error error)
{
	error.wq = x->work->wq->index;
	error.desc_valid = true;
	error.opcode = x->desc->opcode;
	error.batch_index = x->batch_index;
	error.batch_id = x->engine->index;
	error.priv = x->work->priv;
	error.pasid = x->work->pasid;

	if (error.code == DSA_COMP_INVALID_FLAGS)
		error.info = x->outcome.specific.invalid_flags;
	else if (error.code == DSA_COMP_INT_HANDLE_INVAL)
		error.info = x->desc->int_handle;
	else if (error.code == DSA_COMP_BATCH_PAGE_FAULT)
		error.log_info |= FIELD_PREP(DSA_EVL_INFO_OPERAND, DSA_EVL_OPERAND_LIST);
	if (x->batch && names_first_of_batch(error.code) && !x->batch->logged) {
		error.log_info |= DSA_EVL_INFO_FIRST_OF_BATCH;
		x->batch->logged = true;
	}

	pthread_mutex_lock(&x->dev->lock);
	dsa_report(x->dev, &error);
	pthread_mutex_unlock(&x->dev->lock);
}

static struct dsa_completion_record make_record(const struct dsa_execution *x)
{
	const struct dsa_outcome *o = &x->outcome;
	struct dsa_completion_record record = {
		.status = o->status | (o->write ? DSA_COMP_STATUS_WRITE : 0),
		.result = o->result,
		.bytes_completed = o->bytes_completed,
		.fault_addr = o->fault_addr,
	};

	memcpy(record.op_specific, &o->specific, sizeof(record.op_specific));
	return record;
}

/* The status byte is written last: who sees it sees the rest of the record. */
static int write_record(const struct dsa_execution *x,
			const struct dsa_completion_record *record)
{
	uint64_t iova = x->desc->completion_addr;
	size_t done;
	int ret;

	ret = dsa_dma_write(x->dev, iova + 1, (const uint8_t *)record + 1, sizeof(*record) - 1,
			    &done);
	if (ret)
		return ret;
	/* Not atomic_thread_fence(): gcc's thread sanitizer does not know it. */
	__sync_synchronize();
	return dsa_dma_write(x->dev, iova, (const uint8_t *)record, 1, &done);
}

/*
 * The code with which a completion goes to the event log instead: that of a batch, so that
 * it does not come before the record of a member, and that of a drain, because the record of
 * a descriptor before it may be there. 0: to memory.
 */
static uint8_t log_code(const struct dsa_execution *x)
{
	if (!dsa_event_log_chosen(x->dev))
		return 0;
	if (x->record_logged)
		return DSA_EVL_CODE_BATCH;
	/* Page requests would keep records from faulting, but there are none. */
	if (x->desc->opcode == DSA_OPCODE_DRAIN && x->outcome.status == DSA_COMP_SUCCESS)
		return DSA_EVL_CODE_DRAIN;
	return 0;
}

/* There is no place for the record: no message either, unless software makes up for it. */
static void lose_record(struct dsa_execution *x, enum interrupt_target target,
			const struct dsa_completion_record *record)
{
	if (!dsa_event_log_chosen(x->dev))
		x->outcome.status = DSA_COMP_CRA_XLAT;
	else if (x->batch)
		x->batch->record_logged = true;
	report(x, (struct dsa_error){
		.code = DSA_COMP_CRA_XLAT,
		.write = true,
		.address = x->desc->completion_addr,
		.log_info = left_to_software(x, target, true) |
			    FIELD_PREP(DSA_EVL_INFO_OPERAND, DSA_EVL_OPERAND_RECORD),
		.record = record,
	});
}

/* Record, error and message of a descriptor that has ended. */
static void finish(struct dsa_execution *x, enum interrupt_target target)
{
	struct dsa_completion_record record;
	struct dsa_outcome *o = &x->outcome;
	bool has_record = x->desc->flags & IDXD_OP_FLAG_CRAV;
	bool write = has_record && ((x->desc->flags & IDXD_OP_FLAG_RCR) || !ordinary(o->status));
	uint8_t code = log_code(x);

	if (target == INTERRUPT_RAISE && dsa_fault_early_message(x))
		target = INTERRUPT_NONE;
	if (write || code)
		record = make_record(x);
	if (code) {
		if (write || target == INTERRUPT_RAISE)
			report(x, (struct dsa_error){
				.code = code,
				.address = x->desc->completion_addr,
				.log_info = left_to_software(x, target, write),
				/* Software wants it, too, if a member's could not be written. */
				.record = has_record ? &record : NULL,
			});
		return;
	}
	if (write && write_record(x, &record)) {
		lose_record(x, target, &record);
		return;
	}
	if (o->status == DSA_COMP_INT_HANDLE_INVAL)
		report(x, (struct dsa_error){
			.code = o->status,
			.log_info = DSA_EVL_INFO_INTERRUPT | (write ? DSA_EVL_INFO_RECORD : 0),
			.record = write ? &record : NULL,
		});
	else if (!has_record && !ordinary(o->status))
		report(x, (struct dsa_error){
			.code = o->status, .write = o->write, .address = o->fault_addr });
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
		report(x, (struct dsa_error){ .code = DSA_COMP_PRIV_BAD });
		return true;
	}
	if ((x->desc->flags & IDXD_OP_FLAG_CRAV) &&
	    x->desc->completion_addr % DSA_COMPLETION_ALIGN) {
		o->status = DSA_COMP_CRA_ALIGN;
		report(x, (struct dsa_error){
			.code = DSA_COMP_CRA_ALIGN, .address = x->desc->completion_addr });
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
