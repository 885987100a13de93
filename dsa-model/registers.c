// SPDX-License-Identifier: GPL-2.0-only
/*
 * BAR0: registers and tables, described by one table of blocks.
 *
 * Everything is done in aligned 32-bit pieces with a mask of the bits that the
 * access covers, so that narrow and wide accesses follow from the same rules.
 * What no block claims reads zero and ignores writes: among it the interrupt
 * message storage, the performance monitor (its capability register says that
 * there are no counters) and the dummy portal.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "device_private.h"

/**
 * struct reg_block - a range of BAR0
 * @read: the 32 bits at @at (a multiple of 4) from the start of the block
 * @write: set the bits in @mask; NULL: read only
 */
struct reg_block {
	uint32_t start;
	uint32_t bytes;
	uint32_t (*read)(struct dsa_device *dev, uint32_t at);
	void (*write)(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask);
};

static uint32_t half(uint64_t value, uint32_t at)
{
	return at & 4 ? value >> 32 : value;
}

static void merge32(uint32_t *reg, uint32_t value, uint32_t mask)
{
	*reg = (*reg & ~mask) | (value & mask);
}

static void merge_half(uint64_t *reg, uint32_t at, uint32_t value, uint32_t mask)
{
	unsigned int shift = at & 4 ? 32 : 0;

	*reg = (*reg & ~((uint64_t)mask << shift)) | (uint64_t)(value & mask) << shift;
}

/* ---- Capabilities -------------------------------------------------------- */

static uint32_t capability_read(struct dsa_device *dev, uint32_t at)
{
	const struct dsa_profile *p = dev->profile;

	switch (at & ~4U) {
	case DSA_REG_VERSION:
		return half(dev->version, at);
	case DSA_REG_GENCAP:
		return half(p->gencap, at);
	case DSA_REG_WQCAP:
		return half(p->wqcap, at);
	case DSA_REG_GRPCAP:
		return half(p->grpcap, at);
	case DSA_REG_ENGCAP:
		return half(p->engcap, at);
	case DSA_REG_OPCAP:
		return half(p->opcap0, at);
	case DSA_REG_OFFSETS:
		return half((p->offsets[0] & ~DSA_OFFSETS_MSIXPERM) |
			    FIELD_PREP(DSA_OFFSETS_MSIXPERM,
				       dev->layout.msixperm / DSA_OFFSETS_UNIT), at);
	case DSA_REG_OFFSETS + 8:
		return half(p->offsets[1], at);
	default:
		return 0;
	}
}

/* ---- Control and status -------------------------------------------------- */

static uint32_t gencfg_read(struct dsa_device *dev, uint32_t at)
{
	(void)at;
	return dev->gencfg;
}

static void gencfg_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	(void)at;
	if (dev->state == DSA_STATE_DISABLED)
		merge32(&dev->gencfg, value,
			mask & (DSA_GENCFG_READ_BUF_LIMIT | DSA_GENCFG_USER_INT |
				(dsa_event_log_offered(dev) ? DSA_GENCFG_EVL_ENABLE : 0)));
}

static uint32_t genctrl_read(struct dsa_device *dev, uint32_t at)
{
	(void)at;
	return dev->genctrl;
}

static void genctrl_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	(void)at;
	merge32(&dev->genctrl, value,
		mask & (DSA_GENCTRL_SWERROR_INT | DSA_GENCTRL_HALT_INT |
			(dsa_event_log_offered(dev) ? DSA_GENCTRL_EVL_INT : 0)));
}

static uint32_t gensts_read(struct dsa_device *dev, uint32_t at)
{
	(void)at;
	return FIELD_PREP(DSA_GENSTS_STATE, dev->state) |
	       FIELD_PREP(DSA_GENSTS_RESET_TYPE, dev->reset_type);
}

static uint32_t intcause_read(struct dsa_device *dev, uint32_t at)
{
	(void)at;
	return dev->intcause;
}

static void intcause_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	(void)at;
	dev->intcause &= ~(value & mask);
}

/* Write only; reads are not predictable by the specification. */
static uint32_t cmd_read(struct dsa_device *dev, uint32_t at)
{
	(void)dev;
	(void)at;
	return 0;
}

static void cmd_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	(void)at;
	/* Half a command is none. */
	if (mask == UINT32_MAX)
		dsa_command_write(dev, value);
}

static uint32_t cmdstatus_read(struct dsa_device *dev, uint32_t at)
{
	(void)at;
	return dev->cmdstatus;
}

static uint32_t cmdcap_read(struct dsa_device *dev, uint32_t at)
{
	return half(dev->profile->cmdcap, at);
}

static uint32_t swerror_read(struct dsa_device *dev, uint32_t at)
{
	return half(dev->swerror[at / 8], at);
}

static void swerror_interrupt(struct dsa_device *dev)
{
	if (dev->genctrl & DSA_GENCTRL_SWERROR_INT)
		dsa_misc_interrupt(dev, DSA_INTCAUSE_SWERROR);
}

static void swerror_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	uint64_t valid = dev->swerror[0] & DSA_SWERROR0_VALID;

	if (at)
		return;
	dev->swerror[0] &= ~(value & mask & (DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW));
	if (valid & ~dev->swerror[0] && dsa_fault_error_again(dev)) {
		dev->swerror[0] |= valid;
		swerror_interrupt(dev);
	}
}

void dsa_misc_interrupt(struct dsa_device *dev, uint32_t cause)
{
	dsa_assert_locked(dev);
	dev->intcause |= cause;
	/* On every event: the driver clears causes before it looks at them. */
	dsa_vectors_raise(&dev->vectors, 0);
}

uint64_t dsa_error_word(const struct dsa_error *error)
{
	uint64_t word = FIELD_PREP(DSA_SWERROR0_CODE, error->code);

	if (error->wq >= 0)
		word |= DSA_SWERROR0_WQ_VALID | FIELD_PREP(DSA_SWERROR0_WQ, error->wq);
	if (error->desc_valid)
		word |= DSA_SWERROR0_DESC_VALID |
			FIELD_PREP(DSA_SWERROR0_OPCODE, error->opcode) |
			FIELD_PREP(DSA_SWERROR0_PASID, error->pasid) |
			(error->priv ? DSA_SWERROR0_PRIV : 0);
	if (error->write)
		word |= DSA_SWERROR0_WRITE;
	if (error->desc_valid && error->batch_index >= 0)
		word |= DSA_SWERROR0_BATCH;
	return word;
}

void dsa_swerror(struct dsa_device *dev, const struct dsa_error *error)
{
	uint64_t *w = dev->swerror;

	dsa_assert_locked(dev);
	if (w[0] & DSA_SWERROR0_VALID) {
		w[0] |= DSA_SWERROR0_OVERFLOW;
		return;
	}

	memset(w, 0, sizeof(dev->swerror));
	w[0] = DSA_SWERROR0_VALID | dsa_error_word(error);
	if (error->info && dev->version >= DSA_VERSION_2)
		w[0] |= DSA_SWERROR0_INFO_VALID;
	w[1] = FIELD_PREP(DSA_SWERROR1_INFO, error->info);
	if (error->desc_valid && error->batch_index >= 0)
		w[1] |= FIELD_PREP(DSA_SWERROR1_BATCH_INDEX, error->batch_index);
	w[2] = error->address;
	swerror_interrupt(dev);
}

/* ---- Tables -------------------------------------------------------------- */

static uint64_t *grpcfg_word(struct dsa_device *dev, uint32_t at)
{
	struct dsa_grpcfg *grp = &dev->groups[at / DSA_GRPCFG_STRIDE];
	uint32_t word = at % DSA_GRPCFG_STRIDE & ~7U;

	if (word < DSA_GRPCFG_ENGINES)
		return (uint64_t *)&grp->wqs[word / 8];
	if (word == DSA_GRPCFG_ENGINES)
		return (uint64_t *)&grp->engines;
	if (word == DSA_GRPCFG_FLAGS)
		return (uint64_t *)&grp->flags;
	return NULL;
}

static uint32_t grpcfg_read(struct dsa_device *dev, uint32_t at)
{
	const uint64_t *word = grpcfg_word(dev, at);

	return word ? half(*word, at) : 0;
}

static void grpcfg_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	uint64_t *word = grpcfg_word(dev, at);

	if (word && dev->state == DSA_STATE_DISABLED)
		merge_half(word, at, value, mask);
}

/* When a dword of WQCFG accepts writes; a locked one drops them silently. */
enum wqcfg_lock {
	WQCFG_READ_ONLY,
	WQCFG_ALWAYS,
	WQCFG_DEVICE_DISABLED,
	WQCFG_WQ_DISABLED,
};

static const struct {
	uint32_t writable;
	enum wqcfg_lock lock;
} wqcfg_rules[DSA_WQCFG_DWORDS] = {
	[DSA_WQCFG_SIZE] = { DSA_WQCFG0_SIZE, WQCFG_DEVICE_DISABLED },
	[DSA_WQCFG_THRESHOLD] = { DSA_WQCFG1_THRESHOLD, WQCFG_ALWAYS },
	[DSA_WQCFG_MODE] = { DSA_WQCFG2_DEDICATED | DSA_WQCFG2_BLOCK_ON_FAULT |
			     DSA_WQCFG2_ATS_DISABLE | DSA_WQCFG2_PRS_DISABLE |
			     DSA_WQCFG2_PRIORITY | DSA_WQCFG2_PASID |
			     DSA_WQCFG2_PASID_ENABLE | DSA_WQCFG2_PRIV, WQCFG_WQ_DISABLED },
	[DSA_WQCFG_LIMITS] = { DSA_WQCFG3_MAX_XFER_SHIFT | DSA_WQCFG3_MAX_BATCH_SHIFT,
			       WQCFG_WQ_DISABLED },
	[DSA_WQCFG_OCC_HANDLE] = { DSA_WQCFG4_OCC_HANDLE | DSA_WQCFG4_OCC_IMS,
				   WQCFG_WQ_DISABLED },
	[DSA_WQCFG_OCC_LIMIT] = { DSA_WQCFG5_OCC_LIMIT | DSA_WQCFG5_OCC_INT_ENABLE,
				  WQCFG_ALWAYS },
};

void dsa_wq_check_occupancy(struct dsa_device *dev, struct dsa_wq *wq)
{
	uint32_t limit = wq->cfg[DSA_WQCFG_OCC_LIMIT];
	int vector = dsa_handle_vector(dev, FIELD_GET(DSA_WQCFG4_OCC_HANDLE,
						      wq->cfg[DSA_WQCFG_OCC_HANDLE]));

	dsa_assert_locked(dev);
	if (wq->state != DSA_WQ_STATE_ENABLED || wq->occ_generated || vector < 0 ||
	    !(limit & DSA_WQCFG5_OCC_INT_ENABLE) ||
	    wq->occupancy > FIELD_GET(DSA_WQCFG5_OCC_LIMIT, limit))
		return;

	wq->occ_generated = true;
	if (vector == 0)
		dsa_misc_interrupt(dev, DSA_INTCAUSE_OCCUPANCY);
	else
		dsa_vectors_raise(&dev->vectors, vector);
}

static uint32_t wqcfg_read(struct dsa_device *dev, uint32_t at)
{
	const struct dsa_wq *wq = &dev->wqs[at / DSA_WQCFG_MIN_STRIDE];
	unsigned int dword = at % DSA_WQCFG_MIN_STRIDE / 4;

	if (dword != DSA_WQCFG_STATE)
		return wq->cfg[dword];
	return FIELD_PREP(DSA_WQCFG6_OCCUPANCY, wq->occupancy) |
	       FIELD_PREP(DSA_WQCFG6_STATE, wq->state) |
	       (wq->occ_generated ? DSA_WQCFG6_OCC_INT_GENERATED : 0);
}

static bool wqcfg_locked(const struct dsa_device *dev, const struct dsa_wq *wq, unsigned int dword)
{
	switch (wqcfg_rules[dword].lock) {
	case WQCFG_ALWAYS:
		return false;
	case WQCFG_DEVICE_DISABLED:
		return dev->state != DSA_STATE_DISABLED;
	case WQCFG_WQ_DISABLED:
		return wq->state != DSA_WQ_STATE_DISABLED;
	default:
		return true;
	}
}

static void wqcfg_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	struct dsa_wq *wq = &dev->wqs[at / DSA_WQCFG_MIN_STRIDE];
	unsigned int dword = at % DSA_WQCFG_MIN_STRIDE / 4;
	uint32_t *reg = &wq->cfg[dword];

	if (dword == DSA_WQCFG_STATE) {
		if (value & mask & DSA_WQCFG6_OCC_INT_GENERATED)
			wq->occ_generated = false;
		dsa_wq_check_occupancy(dev, wq);
		return;
	}
	if (wqcfg_locked(dev, wq, dword))
		return;

	/* The limit is fixed while the interrupt was and stays enabled. */
	if (dword == DSA_WQCFG_OCC_LIMIT && (*reg & DSA_WQCFG5_OCC_INT_ENABLE))
		mask &= ~DSA_WQCFG5_OCC_LIMIT;
	merge32(reg, value, mask & wqcfg_rules[dword].writable);
	if (dword == DSA_WQCFG_OCC_LIMIT)
		dsa_wq_check_occupancy(dev, wq);
}

void dsa_wqcfg_reset(struct dsa_wq *wq, bool keep_size)
{
	uint32_t size = wq->cfg[DSA_WQCFG_SIZE];

	memset(wq->cfg, 0, sizeof(wq->cfg));
	wq->occ_generated = false;
	if (keep_size)
		wq->cfg[DSA_WQCFG_SIZE] = size;
}

static uint32_t msixperm_read(struct dsa_device *dev, uint32_t at)
{
	return at % DSA_MSIXPERM_STRIDE ? 0 : dev->msixperm[at / DSA_MSIXPERM_STRIDE];
}

static void msixperm_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	uint32_t perm;

	if (at % DSA_MSIXPERM_STRIDE)
		return;
	perm = dev->msixperm[at / DSA_MSIXPERM_STRIDE];
	merge32(&perm, value, mask & (DSA_MSIXPERM_IGNORE | DSA_MSIXPERM_PASID_ENABLE |
				      DSA_MSIXPERM_PASID));
	dev->msixperm[at / DSA_MSIXPERM_STRIDE] = perm;
}

#define MSIX_ENTRY_SIZE 16
#define MSIX_ENTRY_CONTROL 3 /* dword; bit 0 is the mask */

/*
 * Storage only: a VMM keeps its own table in front of this one, and whoever has
 * none in front decides about masks itself.
 */
static uint32_t msix_table_read(struct dsa_device *dev, uint32_t at)
{
	return dev->msix_table[at / MSIX_ENTRY_SIZE][at % MSIX_ENTRY_SIZE / 4];
}

static void msix_table_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	unsigned int dword = at % MSIX_ENTRY_SIZE / 4;

	if (dword == MSIX_ENTRY_CONTROL)
		mask &= 1;
	merge32(&dev->msix_table[at / MSIX_ENTRY_SIZE][dword], value, mask);
}

/* ---- Map ----------------------------------------------------------------- */

static const struct reg_block blocks[] = {
	{ DSA_REG_VERSION, DSA_REG_GENCFG, capability_read, NULL },
	{ DSA_REG_GENCFG, 4, gencfg_read, gencfg_write },
	{ DSA_REG_GENCTRL, 4, genctrl_read, genctrl_write },
	{ DSA_REG_GENSTS, 4, gensts_read, NULL },
	{ DSA_REG_INTCAUSE, 4, intcause_read, intcause_write },
	{ DSA_REG_CMD, 4, cmd_read, cmd_write },
	{ DSA_REG_CMDSTATUS, 4, cmdstatus_read, NULL },
	{ DSA_REG_CMDCAP, 8, cmdcap_read, NULL },
	{ DSA_REG_SWERROR, DSA_SWERROR_WORDS * 8, swerror_read, swerror_write },
	{ DSA_REG_EVLCFG, DSA_EVLCFG_WORDS * 8, dsa_evlcfg_read, dsa_evlcfg_write },
	{ DSA_REG_EVLSTATUS, 8, dsa_evlstatus_read, dsa_evlstatus_write },
	{ DSA_SPR_GRPCFG, DSA_SPR_GROUPS * DSA_GRPCFG_STRIDE, grpcfg_read, grpcfg_write },
	{ DSA_SPR_WQCFG, DSA_SPR_WQS * DSA_WQCFG_MIN_STRIDE, wqcfg_read, wqcfg_write },
};

static bool in_block(const struct reg_block *b, uint64_t offset)
{
	return offset >= b->start && offset - b->start < b->bytes;
}

static bool find_block(const struct dsa_device *dev, uint64_t offset, struct reg_block *found)
{
	const struct dsa_layout *layout = &dev->layout;
	const struct reg_block by_entries[] = {
		{ layout->msixperm, layout->vectors * DSA_MSIXPERM_STRIDE, msixperm_read,
		  msixperm_write },
		{ layout->msix_table, layout->vectors * MSIX_ENTRY_SIZE, msix_table_read,
		  msix_table_write },
	};
	unsigned int i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (in_block(&blocks[i], offset)) {
			*found = blocks[i];
			return true;
		}
	for (i = 0; i < sizeof(by_entries) / sizeof(by_entries[0]); i++)
		if (in_block(&by_entries[i], offset)) {
			*found = by_entries[i];
			return true;
		}
	return false;
}

static uint32_t read32(struct dsa_device *dev, uint64_t offset)
{
	struct reg_block b;

	return find_block(dev, offset, &b) ? b.read(dev, offset - b.start) : 0;
}

static void write32(struct dsa_device *dev, uint64_t offset, uint32_t value, uint32_t mask)
{
	struct reg_block b;

	if (find_block(dev, offset, &b) && b.write)
		b.write(dev, offset - b.start, value, mask);
}

int dsa_registers_read(struct dsa_device *dev, uint64_t offset, void *buf, size_t len)
{
	uint64_t base = offset & ~3ULL;
	uint64_t value = read32(dev, base);

	if (len == 8)
		value |= (uint64_t)read32(dev, base + 4) << 32;
	value = htole64(value >> (8 * (offset & 3)));
	memcpy(buf, &value, len);
	return 0;
}

int dsa_registers_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len)
{
	uint64_t base = offset & ~3ULL;
	unsigned int shift = 8 * (offset & 3);
	uint64_t mask = (UINT64_MAX >> (64 - 8 * len)) << shift;
	uint64_t value = 0;

	memcpy(&value, buf, len);
	value = le64toh(value) << shift;
	write32(dev, base, value, mask);
	if (len == 8)
		write32(dev, base + 4, value >> 32, mask >> 32);
	return 0;
}

/* ---- Resets -------------------------------------------------------------- */

void dsa_registers_reset_by_command(struct dsa_device *dev)
{
	unsigned int i;

	dev->state = DSA_STATE_DISABLED;
	dev->reset_type = DSA_RESET_COMMAND;
	dev->gencfg = dev->profile->gencfg;
	dev->genctrl = 0;
	dev->intcause = 0;
	dsa_event_log_reset(dev, true);
	for (i = 0; i < DSA_MSIX_ENTRIES_MAX; i++)
		dev->msixperm[i] = 0;
	dsa_handles_reset(dev);
	memset(dev->groups, 0, sizeof(dev->groups));
	for (i = 0; i < DSA_SPR_GROUPS; i++)
		dev->groups[i].flags = dev->profile->grpflags;
	for (i = 0; i < DSA_SPR_WQS; i++) {
		dev->wqs[i].state = DSA_WQ_STATE_DISABLED;
		dev->wqs[i].group = DSA_NO_GROUP;
		dsa_wqcfg_reset(&dev->wqs[i], false);
	}
	for (i = 0; i < DSA_SPR_ENGINES; i++)
		dev->engines[i].group = DSA_NO_GROUP;
	dsa_vectors_forget(&dev->vectors);
}

void dsa_registers_reset(struct dsa_device *dev)
{
	unsigned int i;

	dsa_registers_reset_by_command(dev);
	dsa_event_log_reset(dev, false);
	dev->cmdstatus = 0;
	memset(dev->swerror, 0, sizeof(dev->swerror));
	memset(dev->msix_table, 0, sizeof(dev->msix_table));
	for (i = 0; i < dev->layout.vectors; i++)
		dev->msix_table[i][MSIX_ENTRY_CONTROL] = 1;
}
