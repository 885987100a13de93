// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors: an input is a layout of memory and up to four of them, sound, nearly sound
 * or nonsense. Memory, records, messages and SWERROR have to be what the reference says;
 * and no byte may change that the descriptor has no right to.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <dsa/profile.h>

#include "descriptors_reference.h"
#include "device_private.h"
#include "model_target.h"

#define MAX_XFER_SHIFT 17
#define MAX_BATCH_SHIFT 3
#define DESCRIPTORS_MAX 2U
#define MEMBERS_MAX 4U

static struct dsa_device *devices[2];
static struct reference reference;
static struct arena_image initial[2], image;

static struct {
	uint64_t descriptors;
	uint64_t members;
	uint64_t executed;
	uint64_t faults;
	uint64_t refused;
	uint64_t compared; /* with the reference */
} totals;

/**
 * struct run - an input being carried out
 * @dev: the device it is for
 * @sound: the descriptor at hand was not tampered with
 */
struct run {
	struct model_input in;
	const struct model_options *options;
	struct model_verdict *verdict;
	struct dsa_device *dev;
	bool sound;
};

/* ---- The devices -------------------------------------------------------------------------- */

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "descriptors: %s: %s\n", what, strerror(errno));
	abort();
}

static void put(struct dsa_device *dev, uint64_t offset, uint64_t value, size_t len)
{
	must(!dsa_bar_write(dev, 0, offset, &value, len), "register");
}

static uint64_t get(struct dsa_device *dev, uint64_t offset, size_t len)
{
	uint64_t value = 0;

	must(!dsa_bar_read(dev, 0, offset, &value, len), "register");
	return value;
}

static void command(struct dsa_device *dev, uint32_t code)
{
	put(dev, DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, code), 4);
	must(!get(dev, DSA_REG_CMDSTATUS, 4), "command");
}

static struct dsa_device *bring_up(const struct dsa_host_ops *ops)
{
	static const struct dsa_device_params params = { .profile = "spr" };
	struct dsa_device *dev = dsa_device_create(&params, ops, NULL);
	uint16_t pci = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t msix = DSA_MSIX_CONTROL_ENABLE;

	must(dev, "device");
	must(!dsa_config_write(dev, PCI_COMMAND, &pci, 2), "PCI command");
	must(!dsa_config_write(dev, DSA_MSIX_CONTROL_OFFSET, &msix, 2), "MSI-X");
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_SIZE, 16, 4);
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_MODE,
	    DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1), 4);
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_LIMITS,
	    FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, MAX_XFER_SHIFT) |
	    FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, MAX_BATCH_SHIFT), 4);
	put(dev, DSA_SPR_GRPCFG + DSA_GRPCFG_WQS, 1, 8);
	put(dev, DSA_SPR_GRPCFG + DSA_GRPCFG_ENGINES, 1, 8);
	command(dev, DSA_COMMAND_ENABLE_DEVICE);
	command(dev, DSA_COMMAND_ENABLE_WQ);
	return dev;
}

static void prepare(void)
{
	unsigned int page, at;

	if (devices[0])
		return;
	arena_create();
	devices[0] = bring_up(&arena_ops[0]);
	devices[1] = bring_up(&arena_ops[1]);
	reference = (struct reference){
		.opcap = get(devices[0], DSA_REG_OPCAP, 8),
		.max_xfer = 1 << MAX_XFER_SHIFT,
		.max_batch = 1 << MAX_BATCH_SHIFT,
		.batch1 = get(devices[0], DSA_REG_GENCAP, 8) & DSA_GENCAP_BATCH1,
		.vectors = dsa_device_vectors(devices[0]),
	};
	/* One where hardly two bytes are the same, one where nearly all are. */
	for (page = 0; page < ARENA_PAGES; page++) {
		for (at = 0; at < ARENA_PAGE; at++)
			initial[0].page[page][at] = (page * 37 + at * 11 + (at >> 8)) ^ at >> 4;
		initial[1].page[page][77 * page + 5] = page;
	}
}

/* ---- Making descriptors --------------------------------------------------------------------- */

static uint64_t make_address(struct model_input *in, bool alias)
{
	uint8_t where = model_u8(in);
	uint16_t at = model_u16(in);

	switch (where >> 4) {
	case 0:
		return ARENA_TOP + at % ARENA_PAGE;
	case 1:
		return (ARENA_BASE - ARENA_PAGE) + at;
	case 2:
		return where & 8 ? model_edge(in) : 0 - (uint64_t)at;
	case 3:
	case 4:
		if (alias)
			return ARENA_ALIAS_BASE + 2 * at;
		/* fall through */
	default:
		/* With the low bits often those of a page's beginning or end. */
		if (where & 1)
			return ARENA_BASE + at % (ARENA_LOW_PAGES * ARENA_PAGE);
		return ARENA_BASE + (where >> 1 & 3) * ARENA_PAGE - 16 + at % 32;
	}
}

static uint32_t make_size(struct model_input *in, bool large)
{
	uint8_t choice = model_u8(in);

	if (choice < 0x60)
		return 1 + choice;
	if (choice < 0xc0)
		return 1 + model_u16(in) % 0x2000;
	if (choice < 0xf0)
		return large ? 1 + 2 * model_u16(in) : 4096;
	return model_edge(in);
}

static const uint8_t operations[] = {
	DSA_OPCODE_NOOP,     DSA_OPCODE_MEMMOVE,  DSA_OPCODE_MEMMOVE,  DSA_OPCODE_MEMFILL,
	DSA_OPCODE_COMPARE,  DSA_OPCODE_COMPVAL,  DSA_OPCODE_DUALCAST, DSA_OPCODE_CRCGEN,
	DSA_OPCODE_COPY_CRC, DSA_OPCODE_DIF_CHECK, DSA_OPCODE_DIF_INS, DSA_OPCODE_DIF_STRP,
	DSA_OPCODE_DIF_UPDT, DSA_OPCODE_CFLUSH,   DSA_OPCODE_CR_DELTA, DSA_OPCODE_AP_DELTA,
};

static bool needs_record(uint8_t opcode)
{
	return opcode == DSA_OPCODE_COMPARE || opcode == DSA_OPCODE_COMPVAL ||
	       opcode == DSA_OPCODE_CRCGEN || opcode == DSA_OPCODE_COPY_CRC ||
	       opcode == DSA_OPCODE_DIF_CHECK || opcode == DSA_OPCODE_CR_DELTA;
}

/* @alias: it may reach it, if its outcome does not depend on pieces then. */
static void make_operands(struct model_input *in, struct dsa_hw_desc *desc, bool alias)
{
	bool reads = desc->opcode == DSA_OPCODE_COMPARE || desc->opcode == DSA_OPCODE_COMPVAL ||
		     desc->opcode == DSA_OPCODE_CRCGEN;

	if (desc->opcode == DSA_OPCODE_NOOP)
		return;
	reads &= alias;
	alias &= reads || desc->opcode == DSA_OPCODE_MEMFILL;
	desc->xfer_size = make_size(in, alias);
	desc->src_addr = make_address(in, reads);
	desc->dst_addr = make_address(in, alias);
	switch (desc->opcode) {
	case DSA_OPCODE_MEMFILL:
		desc->pattern = model_u8(in) * 0x0101010101010101ULL ^ model_u16(in);
		break;
	case DSA_OPCODE_COMPARE:
		desc->expected_res = model_u8(in) & 1;
		break;
	case DSA_OPCODE_COMPVAL:
		desc->comp_pattern = model_u16(in);
		desc->expected_res = model_u8(in) & 1;
		break;
	case DSA_OPCODE_DUALCAST:
		desc->dest2 = make_address(in, false);
		if (model_u8(in) & 7)
			desc->dest2 = (desc->dest2 & ~(ARENA_PAGE - 1)) |
				      desc->dst_addr % ARENA_PAGE;
		break;
	case DSA_OPCODE_CRCGEN:
		desc->dst_addr = 0;
		/* fall through */
	case DSA_OPCODE_COPY_CRC:
		desc->crc_seed = model_u16(in);
		break;
	case DSA_OPCODE_CR_DELTA:
	case DSA_OPCODE_AP_DELTA:
		desc->src_addr &= ~7ULL;
		desc->dst_addr &= ~7ULL;
		desc->xfer_size &= ~7U;
		desc->delta_addr = make_address(in, false) & ~7ULL;
		if (desc->opcode == DSA_OPCODE_AP_DELTA)
			desc->delta_rec_size = 10 * model_u8(in);
		else
			desc->max_delta_size = 10 * model_u8(in);
		break;
	default:
		break;
	}
}

/* What DIF operations have besides: byte by byte from the input, mostly sound. */
static void make_dif(struct model_input *in, struct dsa_hw_desc *desc)
{
	uint8_t *bytes = (uint8_t *)desc;
	uint8_t block = model_u8(in) & 3;

	if (desc->opcode < DSA_OPCODE_DIF_CHECK || desc->opcode > DSA_OPCODE_DIF_UPDT)
		return;
	desc->xfer_size = (block == 0 || block == 1 ? 512 + 8 * block : 4096 + 8 * (block & 1)) *
			  (1 + model_u8(in) % 4);
	bytes[42] = block | (model_u8(in) & 0x0c);
	if (desc->opcode != DSA_OPCODE_DIF_INS)
		bytes[40] = model_u8(in);
	if (desc->opcode == DSA_OPCODE_DIF_INS || desc->opcode == DSA_OPCODE_DIF_UPDT)
		bytes[41] = model_u8(in);
	*(uint32_t *)(bytes + (desc->opcode == DSA_OPCODE_DIF_INS ? 56 : 48)) = model_u16(in);
}

static struct dsa_hw_desc make_sound(struct model_input *in, bool member)
{
	uint8_t choice = model_u8(in), flags = model_u8(in);
	struct dsa_hw_desc desc = {
		.opcode = operations[choice % (sizeof(operations) / sizeof(operations[0]))],
	};

	if (!(flags & 1) || needs_record(desc.opcode))
		desc.flags |= IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR;
	else if (flags & 2)
		desc.flags |= IDXD_OP_FLAG_CRAV;
	if (flags & 4) {
		desc.flags |= IDXD_OP_FLAG_RCI;
		desc.int_handle = (flags >> 5) + 1;
	}
	if ((flags & 8) && (desc.opcode == DSA_OPCODE_COMPARE || desc.opcode == DSA_OPCODE_COMPVAL))
		desc.flags |= IDXD_OP_FLAG_CR;
	if ((flags & 16) && member)
		desc.flags |= IDXD_OP_FLAG_FENCE;
	if (desc.flags & IDXD_OP_FLAG_CRAV)
		desc.completion_addr = make_address(in, false) & ~31ULL;
	make_operands(in, &desc, !member);
	make_dif(in, &desc);
	return desc;
}

/* Change some bytes of it. */
static bool tamper(struct model_input *in, struct dsa_hw_desc *desc)
{
	uint8_t changes = model_u8(in);

	if (changes < 0xc0)
		return false;
	for (changes = changes % 4 + 1; changes; changes--) {
		uint8_t at = model_u8(in) % sizeof(*desc);
		uint64_t value = model_edge(in);
		size_t size = at % 8 ? 1 : 8;

		memcpy((uint8_t *)desc + at, &value, size);
	}
	return true;
}

static void say(const struct run *run, const char *what, const struct dsa_hw_desc *d)
{
	if (run->options->trace)
		fprintf(run->options->trace,
			"  %s: opcode %#x flags %#x record %#" PRIx64 " source %#" PRIx64
			" destination %#" PRIx64 " size %u handle %u rest %#" PRIx64 " %#" PRIx64
			" %#" PRIx64 "\n",
			what, d->opcode, d->flags,
			(uint64_t)d->completion_addr, (uint64_t)d->src_addr, (uint64_t)d->dst_addr,
			d->xfer_size, d->int_handle, ((const uint64_t *)d)[5],
			((const uint64_t *)d)[6], ((const uint64_t *)d)[7]);
}

/* A list of members, put into memory. */
static struct dsa_hw_desc make_batch(struct run *run)
{
	struct dsa_hw_desc desc = make_sound(&run->in, false), member;
	uint64_t list = make_address(&run->in, true) & ~63ULL, i;

	desc.opcode = DSA_OPCODE_BATCH;
	desc.flags &= ~IDXD_OP_FLAG_CR;
	memset(&desc.src_addr, 0, 20);
	memset((uint8_t *)&desc + 38, 0, 26);
	desc.desc_list_addr = list;
	/* The record is cleared later on: not on the list. */
	if (desc.completion_addr - list + 32 < MEMBERS_MAX * sizeof(member) + 32)
		desc.completion_addr -= 0x400;
	desc.desc_count = 2 + model_u8(&run->in) % (MEMBERS_MAX - 1);
	for (i = 0; i < desc.desc_count; i++) {
		uint8_t *at = arena_byte(&image, list + i * sizeof(member), 0);

		member = make_sound(&run->in, true);
		totals.members++;
		say(run, "member", &member);
		if (!at)
			continue;
		memcpy(at, &member, sizeof(member));
		memcpy(arena_real(list + i * sizeof(member)), &member, sizeof(member));
	}
	return desc;
}

/* ---- What happened ------------------------------------------------------------------------------ */

/* Does it reach the alias itself, not by its members? */
static bool addresses_alias(const struct dsa_hw_desc *desc)
{
	const uint64_t addresses[] = { desc->src_addr, desc->dst_addr, desc->dest2,
				       desc->completion_addr };
	const uint64_t reach = 1 << MAX_XFER_SHIFT;
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (addresses[i] - ARENA_ALIAS_BASE + reach <
		    ARENA_ALIAS_PAGES * ARENA_PAGE + reach)
			return true;
	return false;
}

/* Does it reach the alias, and so any page, whatever its rights are? */
static bool reaches_alias(const struct dsa_hw_desc *desc)
{
	struct dsa_hw_desc member;
	const uint8_t *at;
	uint32_t i;

	if (addresses_alias(desc))
		return true;
	/* A list that is not aligned is refused. One that is has no member in two pages. */
	if (desc->opcode != DSA_OPCODE_BATCH || desc->desc_list_addr % sizeof(member))
		return false;
	for (i = 0; i < desc->desc_count && i < reference.max_batch; i++) {
		at = arena_byte(&image, desc->desc_list_addr + i * sizeof(member), 0);
		if (!at)
			continue;
		memcpy(&member, at, sizeof(member));
		if (addresses_alias(&member))
			return true;
	}
	return false;
}

/* Two addresses may lead to one place: what comes out then depends on the pieces. */
static bool ambiguous(const struct dsa_hw_desc *desc)
{
	return reaches_alias(desc) && desc->opcode != DSA_OPCODE_COMPARE &&
	       desc->opcode != DSA_OPCODE_COMPVAL && desc->opcode != DSA_OPCODE_CRCGEN &&
	       desc->opcode != DSA_OPCODE_MEMFILL;
}

static void check_memory(struct run *run, const struct arena_image *expected, const char *what)
{
	uint64_t address;

	if (arena_differs(expected, &address))
		model_complain(run->verdict, "%s: byte at %#" PRIx64 " is %#x", what, address,
			       *arena_real(address));
}

/* What holds for every descriptor: it changes only what it may change. */
static void check_reach(struct run *run, const struct dsa_hw_desc *desc)
{
	uint64_t address, start = ARENA_BASE;
	bool record = desc->flags & IDXD_OP_FLAG_CRAV;
	unsigned int page, at;

	if (reaches_alias(desc))
		return;
	for (page = 0; page < ARENA_PAGES; page++) {
		start = page < ARENA_LOW_PAGES ? ARENA_BASE + page * ARENA_PAGE : ARENA_TOP;
		if (!memcmp(arena_real(start), image.page[page], ARENA_PAGE))
			continue;
		for (at = 0; at < ARENA_PAGE; at++) {
			address = start + at;
			if (*arena_real(address) == image.page[page][at] ||
			    reference_may_write(desc, address) ||
			    (record && address - desc->completion_addr < 32))
				continue;
			model_complain(run->verdict, "opcode %#x wrote to %#" PRIx64,
				       desc->opcode, address);
			return;
		}
		if (!arena_byte(&image, start, DMA_PROT_WRITE))
			model_complain(run->verdict, "opcode %#x wrote to page %#" PRIx64
				       ", which it may not", desc->opcode, start);
	}
}

static void check_record(struct run *run, const struct dsa_hw_desc *desc,
			 const struct expectation *e)
{
	const struct dsa_completion_record *real = (void *)arena_real(desc->completion_addr);
	const struct dsa_completion_record *want = &e->record;

	if (!e->written)
		return;
	if (real->status != want->status || real->result != want->result ||
	    real->bytes_completed != want->bytes_completed || real->fault_addr != want->fault_addr)
		model_complain(run->verdict,
			       "opcode %#x: record status %#x result %u completed %u address %#"
			       PRIx64 ", expected %#x %u %u %#" PRIx64,
			       desc->opcode, real->status, real->result, real->bytes_completed,
			       (uint64_t)real->fault_addr, want->status, want->result,
			       want->bytes_completed, (uint64_t)want->fault_addr);
	else if (memcmp(real->op_specific, want->op_specific, sizeof(want->op_specific)))
		model_complain(run->verdict,
			       "opcode %#x status %#x: record ends with %#" PRIx64 ", expected %#"
			       PRIx64, desc->opcode, want->status, (uint64_t)real->crc_val,
			       (uint64_t)want->crc_val);
}

/* Take SWERROR; its code. */
static uint8_t take_error(struct dsa_device *dev)
{
	uint64_t error = get(dev, DSA_REG_SWERROR, 8);

	if (!(error & DSA_SWERROR0_VALID))
		return 0;
	put(dev, DSA_REG_SWERROR, DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW, 8);
	return FIELD_GET(DSA_SWERROR0_CODE, error);
}

/* The status in the record that @desc asked for; 0: there is none. */
static uint8_t real_status(const struct dsa_hw_desc *desc)
{
	const uint8_t *at = NULL;

	if ((desc->flags & IDXD_OP_FLAG_CRAV) && !(desc->completion_addr % 32) &&
	    arena_byte(&image, desc->completion_addr, DMA_PROT_WRITE))
		at = arena_real(desc->completion_addr);
	return at ? *at & DSA_COMP_STATUS_MASK : 0;
}

static void clear_record(const struct dsa_hw_desc *desc)
{
	if (!(desc->flags & IDXD_OP_FLAG_CRAV) || desc->completion_addr % 32 ||
	    !arena_byte(&image, desc->completion_addr, 0))
		return;
	memset(arena_byte(&image, desc->completion_addr, 0), 0, 32);
	memset(arena_real(desc->completion_addr), 0, 32);
}

static void check_against_reference(struct run *run, const struct dsa_hw_desc *desc,
				    uint64_t messages, uint8_t error)
{
	static struct arena_image expected;
	struct reference *r = &reference;
	struct expectation e;
	uint8_t status = real_status(desc);

	expected = image;
	r->messages = 0;
	e = reference_run(r, &expected, desc, -1);
	if (!e.known || ambiguous(desc)) {
		/* Members of a batch may write anywhere: only rights can be checked. */
		check_reach(run, desc);
		return;
	}
	if (!run->sound && (status >= DSA_COMP_BAD_OPCODE || (!status && error) ||
			    desc->opcode == DSA_OPCODE_BATCH)) {
		totals.refused++;
		/* It, or a member, may have more faults than the reference looks for. */
		check_reach(run, desc);
		return;
	}
	totals.compared++;
	totals.executed += e.executed;
	totals.faults += e.record.status >= DSA_COMP_PAGE_FAULT_NOBOF;
	check_record(run, desc, &e);
	check_memory(run, &expected, "memory is not what it should be");
	if (messages != r->messages + run->options->spoil)
		model_complain(run->verdict, "opcode %#x: %" PRIu64 " messages, expected %" PRIu64,
			       desc->opcode, messages, r->messages + run->options->spoil);
	/* A batch reports its members' errors, too. */
	if (desc->opcode != DSA_OPCODE_BATCH && error != e.error)
		model_complain(run->verdict, "opcode %#x: SWERROR %#x, expected %#x", desc->opcode,
			       error, e.error);
}

/*
 * Through the portal and an engine's thread. That takes much longer than to execute a
 * descriptor, so mostly it is executed here, with an engine that is idle.
 */
static void submit(struct run *run, const struct dsa_hw_desc *desc)
{
	must(!dsa_bar_write(run->dev, 2, 0, desc, sizeof(*desc)), "portal");
	command(run->dev, DSA_COMMAND_DRAIN_ALL);
}

static void execute(struct run *run, const struct dsa_hw_desc *desc)
{
	struct dsa_work work = {
		.wq = &run->dev->wqs[0],
		.max_xfer = reference.max_xfer,
		.max_batch = reference.max_batch,
		.desc = *desc,
	};
	struct dsa_execution x = {
		.dev = run->dev,
		.engine = &run->dev->engines[1],
		.work = &work,
		.desc = &work.desc,
		.batch_index = -1,
	};

	must(dsa_execute(&x), "descriptor abandoned");
}

static void run_descriptor(struct run *run)
{
	uint8_t kind = model_u8(&run->in);
	struct dsa_hw_desc desc;
	uint64_t messages;

	/* Before the list of a batch is made, or it might be overwritten. */
	desc = kind % 8 == 7 ? make_batch(run) : make_sound(&run->in, false);
	run->sound = !tamper(&run->in, &desc);
	totals.descriptors++;
	say(run, run->sound ? "sound" : "changed", &desc);
	clear_record(&desc);
	messages = arena_counts().messages;
	if (run->options->thorough)
		submit(run, &desc);
	else
		execute(run, &desc);
	check_against_reference(run, &desc, arena_counts().messages - messages,
				take_error(run->dev));
}

static void run_input(const uint8_t *data, size_t size, const struct model_options *options,
		      struct model_verdict *verdict)
{
	static const uint8_t rights[8] = { 3, 3, 3, 3, 3, DMA_PROT_READ, DMA_PROT_WRITE, 0 };
	struct run run = { .in = { data, size }, .options = options, .verdict = verdict };
	struct arena_layout layout = { .loose = false };
	uint8_t first;
	uint16_t bits;
	unsigned int i;

	prepare();
	first = model_u8(&run.in);
	bits = first & 1 ? 0 : model_u16(&run.in);
	layout.loose = (first & 0x30) == 0x30;
	run.dev = devices[first >> 1 & 1];
	for (i = 0; i < ARENA_PAGES; i++)
		layout.rights[i] = rights[bits >> 3 * i & 7];
	arena_lay_out(&layout);
	image = initial[first >> 2 & 1];
	arena_load(&image);
	for (i = 0; i < DESCRIPTORS_MAX && run.in.left && !verdict->wrong; i++) {
		run_descriptor(&run);
		/* The next one starts from what there is. */
		if (!verdict->wrong && i + 1 < DESCRIPTORS_MAX && run.in.left)
			arena_load(&image);
	}
	if ((options->thorough || options->spoil) && arena_guards_broken() != options->spoil)
		model_complain(verdict, "a page that is not mapped was written to");
}

static void say_totals(FILE *out)
{
	fprintf(out, "%" PRIu64 " descriptors and %" PRIu64 " members (%" PRIu64
		" compared: %" PRIu64 " executed, %" PRIu64 " with a fault or an error; %" PRIu64
		" refused)", totals.descriptors, totals.members, totals.compared, totals.executed,
		totals.faults, totals.refused);
}

const struct model_target model_target = {
	.name = "descriptors",
	.max_len = 128,
	.run = run_input,
	.say_totals = say_totals,
};
