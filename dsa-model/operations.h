/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of operations have in common: memory, checks, parts of table rows.
 *
 * All work is done in pieces of at most DSA_CHUNK bytes, with a look at the
 * cancel flag before each.
 */
#ifndef DSA_MODEL_OPERATIONS_H
#define DSA_MODEL_OPERATIONS_H

#include "device_private.h"

/* Bytes of a descriptor, as a mask for struct dsa_operation. */
#define DSA_BYTES(first, last) GENMASK_ULL(last, first)
/* Hints that every operation which writes memory accepts; nothing to do for them here. */
#define DSA_WRITE_HINTS (IDXD_OP_FLAG_CC | IDXD_OP_FLAG_DRDBK | IDXD_OP_FLAG_STORD)

static inline size_t dsa_piece(uint64_t rest)
{
	return rest < DSA_CHUNK ? rest : DSA_CHUNK;
}

/* Do two ranges have a byte in common? Right also around the end of the address space. */
static inline bool dsa_overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a - b < b_len || b - a < a_len;
}

/* operations_move.c */
extern const struct dsa_operation dsa_op_memory_move;
extern const struct dsa_operation dsa_op_fill;
extern const struct dsa_operation dsa_op_dualcast;
extern const struct dsa_operation dsa_op_cache_flush;

/* operations_compare.c */
extern const struct dsa_operation dsa_op_compare;
extern const struct dsa_operation dsa_op_compare_pattern;
/* @size bytes of the 8-byte pattern. */
void dsa_spread_pattern(uint8_t *buf, uint64_t pattern, size_t size);

/* operations_crc.c */
extern const struct dsa_operation dsa_op_crc_generation;
extern const struct dsa_operation dsa_op_copy_with_crc;

/* operations_delta.c */
extern const struct dsa_operation dsa_op_create_delta;
extern const struct dsa_operation dsa_op_apply_delta;

/* operations_dif.c */
extern const struct dsa_operation dsa_op_dif_check;
extern const struct dsa_operation dsa_op_dif_insert;
extern const struct dsa_operation dsa_op_dif_strip;
extern const struct dsa_operation dsa_op_dif_update;

#endif /* DSA_MODEL_OPERATIONS_H */
