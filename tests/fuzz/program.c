// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <linux/vfio.h>

#include "program.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t u8(struct program_reader *reader)
{
	return reader->at < reader->end ? *reader->at++ : 0;
}

static uint16_t u16(struct program_reader *reader)
{
	uint8_t low = u8(reader);

	return low | u8(reader) << 8;
}

/* ---- The machine -------------------------------------------------------------- */

void program_machine(struct program_reader *reader, struct program_machine *machine)
{
	/* A table of another size is another device, which takes time to make. */
	static const unsigned int tables[] = { 0, 0, 0, 0, 0, 3, 64, 64 };
	static const unsigned int msis[] = { 0, 1, 4, 32 };
	uint8_t platform = u8(reader), sizes = u8(reader), limits = u8(reader);
	uint8_t params = u8(reader);

	*machine = (struct program_machine){
		.options = {
			.forget_disabled = (platform & 0x0f) == 0x0f,
			.forget_masked = platform & 0x10,
			.no_dynamic = (platform & 0x60) == 0x60,
			.same_vector = platform & 0x80,
			.no_disintx = sizes & 0x01,
			.nointx = (sizes & 0x06) == 0x06,
			.msi_vectors = msis[(sizes >> 3) & 3],
			.msix_vectors = sizes == 0xff ? 2048 : tables[sizes >> 5],
			.irqs = limits & 0x08 ? 1 + (limits & 0x07) : 0,
			.cpu_vectors = limits & 0x80 ? 1 + ((limits >> 4) & 0x07) : 0,
		},
		.teardown_on_error = (params & 0x03) == 0x03,
		.free_on_unbind = params & 0x04,
		.reserve = (params & 0x18) == 0x18 ? 0 : (params & 0x18) == 0x10 ? 1 : -1,
		.reserve_max = params & 0x20 ? 1 + (params >> 6) * 2 : 0,
	};
}

/* ---- Requests ------------------------------------------------------------------- */

/* In place of the index that is on, or MSI-X. */
static const uint32_t indexes[] = {
	VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX,
	VFIO_PCI_ERR_IRQ_INDEX, VFIO_PCI_REQ_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX,
	5, UINT32_MAX,
};

#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK

/* 0: whatever the bytes say */
static const uint32_t forms[] = {
	EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER,
	EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER,
	EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER,
	EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER,
	EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER, EVENTFD | TRIGGER,
	NONE | TRIGGER, NONE | TRIGGER, BOOL | TRIGGER, BOOL | TRIGGER,
	NONE | MASK, BOOL | MASK, EVENTFD | MASK, NONE | UNMASK,
	BOOL | UNMASK, EVENTFD | UNMASK, EVENTFD | UNMASK, 0,
};

static uint32_t decode_flags(struct program_reader *reader, uint8_t form, uint32_t index)
{
	uint32_t flags = forms[form % ARRAY_SIZE(forms)];
	uint16_t raw;

	/* There is nothing else that can be masked. */
	if (flags & (MASK | UNMASK) && index != VFIO_PCI_INTX_IRQ_INDEX && form < 224)
		return EVENTFD | TRIGGER;
	if (flags)
		return flags;
	raw = u16(reader);
	return raw & 0x8000 ? raw << 13 : raw & 0x7f;
}

static uint32_t decode_start(uint8_t code, unsigned int vectors)
{
	const uint32_t odd[] = {
		vectors, vectors + 1, vectors - 1, UINT32_MAX, UINT32_MAX - 1, 0x80000000U,
		INT32_MAX, 65536,
	};

	if (code >= 248)
		return odd[code % ARRAY_SIZE(odd)];
	if (code >= 128)
		return vectors > 128 ? (code - 128) * (vectors / 120) % vectors : 0;
	return vectors ? code % vectors : code;
}

static uint32_t decode_count(uint8_t code, uint32_t start, unsigned int vectors)
{
	uint32_t left = start < vectors ? vectors - start : 1;
	const uint32_t odd[] = {
		0, 0, 0, left + 1, vectors + 1, UINT32_MAX, UINT32_MAX - start,
		0U - start, 0x40000000U, 0x80000000U,
	};

	if (code >= 246)
		return odd[code % ARRAY_SIZE(odd)];
	if (code >= 212)
		return left;
	return 1 + code % (left < 5 ? left : 5);
}

static void decode_elements(struct program_reader *reader, struct program_op *op)
{
	uint8_t shape = u8(reader);
	unsigned int i;

	op->elements = 1 + shape % 4;
	for (i = 0; i < op->elements; i++)
		op->element[i] = u8(reader);
	op->odd_one = -1;
	if ((shape & 0x30) == 0x30 && op->count) {
		op->odd_one = u8(reader) % op->count;
		op->odd = u8(reader);
	}
	if ((shape & 0xfc) == 0xfc)
		op->missing = 1 + u8(reader) % 5;
}

static void decode_request(struct program_reader *reader, const unsigned int *counts, int on,
			   struct program_op *op)
{
	uint8_t what = u8(reader), form = u8(reader);
	unsigned int vectors;

	op->index = on < 0 ? VFIO_PCI_MSIX_IRQ_INDEX : on;
	if (what >= 192)
		op->index = indexes[what % (what < 240 ? 5 : ARRAY_SIZE(indexes))];
	vectors = op->index < 5 ? counts[op->index] : 1;
	op->flags = decode_flags(reader, form, op->index);
	op->start = decode_start(u8(reader), vectors);
	op->count = decode_count(u8(reader), op->start, vectors);
	if (op->flags & (EVENTFD | BOOL))
		decode_elements(reader, op);
}

uint8_t program_element(const struct program_op *op, unsigned int i)
{
	if ((long)i == op->odd_one)
		return op->odd;
	return op->elements ? op->element[i % op->elements] : 0;
}

/* ---- Operations --------------------------------------------------------------------- */

static const uint8_t kinds[64] = {
	[36] = PROGRAM_DISABLE, PROGRAM_DISABLE, PROGRAM_DISABLE,
	PROGRAM_RESET, PROGRAM_TABLE_LOST, PROGRAM_CLOSE_DEVICE,
	PROGRAM_FD_NEW, PROGRAM_FD_NEW, PROGRAM_FD_NEW, PROGRAM_FD_CLOSE, PROGRAM_FD_DUP,
	PROGRAM_FD_OTHER, PROGRAM_FD_CLOSE, PROGRAM_CONSUMER_ADD, PROGRAM_CONSUMER_ADD,
	PROGRAM_CONSUMER_REMOVE, PROGRAM_MEMORY, PROGRAM_DISINTX, PROGRAM_DISINTX,
	PROGRAM_LINE, PROGRAM_LINE, PROGRAM_NOTIFY, PROGRAM_WRITE, PROGRAM_PARAM,
	PROGRAM_MOVE, PROGRAM_RAISE, PROGRAM_RAISE, PROGRAM_DEBUGFS,
};

static const enum program_mishap_kind mishaps[] = {
	PROGRAM_MESSAGE, PROGRAM_MESSAGE, PROGRAM_MESSAGE, PROGRAM_FAIL, PROGRAM_FAIL,
	PROGRAM_FAIL_ON, PROGRAM_MOVED, PROGRAM_PULSE,
};

static void decode_mishap(struct program_reader *reader, struct program_mishap *mishap)
{
	uint8_t what = u8(reader);

	mishap->kind = mishaps[what % ARRAY_SIZE(mishaps)];
	mishap->timing = (what >> 3) % SIM_TIMINGS;
	mishap->point = u8(reader);
	/* Most have less than a hundred, large ranges have many. */
	if ((what & 0xe0) == 0xe0)
		mishap->point *= 7;
	else
		mishap->point %= 96;
	if (mishap->kind == PROGRAM_FAIL || mishap->kind == PROGRAM_FAIL_ON)
		mishap->point %= mishap->point < 192 ? 6 : 32;
	else
		mishap->vector = u8(reader);
}

unsigned int program_vector(const struct program_op *op, uint8_t code, unsigned int vectors)
{
	if (code < 192 && op->kind == PROGRAM_SET_IRQS && op->count && op->start < vectors &&
	    op->count <= vectors)
		return (op->start + code % op->count) % vectors;
	return vectors ? code % vectors : 0;
}

bool program_next(struct program_reader *reader, const unsigned int *counts, int on,
		  struct program_op *op)
{
	unsigned int n, i;
	uint8_t code;

	if (reader->at >= reader->end)
		return false;

	*op = (struct program_op){ .odd_one = -1 };
	code = u8(reader);
	op->kind = kinds[code % ARRAY_SIZE(kinds)];
	/* A quarter is left in peace, another has two mishaps. */
	n = code < 64 ? 0 : code < 192 ? 1 : 2;
	for (i = 0; i < n; i++)
		decode_mishap(reader, &op->mishap[i]);

	if (op->kind == PROGRAM_SET_IRQS) {
		decode_request(reader, counts, on, op);
		return true;
	}
	code = u8(reader);
	op->argument = code & 0x0f;
	op->other = code >> 4;
	return true;
}

/* ---- For people --------------------------------------------------------------------------- */

static const char *const kind_names[PROGRAM_KINDS] = {
	[PROGRAM_SET_IRQS] = "set irqs",
	[PROGRAM_DISABLE] = "disable",
	[PROGRAM_RESET] = "reset",
	[PROGRAM_TABLE_LOST] = "table lost",
	[PROGRAM_CLOSE_DEVICE] = "close and open",
	[PROGRAM_FD_NEW] = "new eventfd",
	[PROGRAM_FD_DUP] = "dup",
	[PROGRAM_FD_OTHER] = "other file",
	[PROGRAM_FD_CLOSE] = "close descriptor",
	[PROGRAM_CONSUMER_ADD] = "add consumer",
	[PROGRAM_CONSUMER_REMOVE] = "remove consumer",
	[PROGRAM_MEMORY] = "memory decoding",
	[PROGRAM_DISINTX] = "DisINTx",
	[PROGRAM_LINE] = "line",
	[PROGRAM_NOTIFY] = "notify",
	[PROGRAM_WRITE] = "write eventfd",
	[PROGRAM_PARAM] = "module parameter",
	[PROGRAM_MOVE] = "move irq",
	[PROGRAM_RAISE] = "raise",
	[PROGRAM_DEBUGFS] = "read debugfs",
};

static const char *const mishap_names[] = {
	[PROGRAM_NOTHING] = "",
	[PROGRAM_MESSAGE] = "raise",
	[PROGRAM_MOVED] = "move irq",
	[PROGRAM_PULSE] = "assert line",
	[PROGRAM_FAIL] = "fail",
	[PROGRAM_FAIL_ON] = "fail from there on",
};

void program_print_machine(FILE *out, const struct program_machine *machine)
{
	const struct sim_options *o = &machine->options;

	fprintf(out, "kernel %s, MSI-X %u, MSI %u, irqs %u, CPU vectors %u%s%s%s%s%s%s\n",
		sim_kernel(), o->msix_vectors, o->msi_vectors, o->irqs, o->cpu_vectors,
		o->forget_disabled ? ", forgets when disabled" : "",
		o->forget_masked ? ", forgets when masked" : "",
		o->no_dynamic ? ", no dynamic MSI-X" : "",
		o->no_disintx ? ", no DisINTx" : "", o->nointx ? ", no INTx" : "",
		o->same_vector ? ", same CPU vector again" : "");
	fprintf(out, "teardown_on_error %d, free_on_unbind %d, msix_reserve %d, "
		"msix_reserve_max %u\n", machine->teardown_on_error, machine->free_on_unbind,
		machine->reserve, machine->reserve_max);
}

static void print_request(FILE *out, const struct program_op *op)
{
	unsigned int i;

	fprintf(out, " flags %#" PRIx32 " index %" PRIu32 " start %" PRIu32 " count %" PRIu32,
		op->flags, op->index, op->start, op->count);
	if (op->elements)
		fprintf(out, " data");
	for (i = 0; i < op->elements; i++)
		fprintf(out, " %u", op->element[i]);
	if (op->odd_one >= 0)
		fprintf(out, " but [%ld] %u", op->odd_one, op->odd);
	if (op->missing)
		fprintf(out, " short of %u bytes", op->missing);
}

void program_print(FILE *out, const struct program_op *op)
{
	unsigned int i;

	fprintf(out, "%s", kind_names[op->kind]);
	if (op->kind == PROGRAM_SET_IRQS)
		print_request(out, op);
	else
		fprintf(out, " %u %u", op->argument, op->other);
	for (i = 0; i < PROGRAM_MISHAPS && op->mishap[i].kind; i++) {
		const struct program_mishap *mishap = &op->mishap[i];

		fprintf(out, "; at point %u %s", mishap->point, mishap_names[mishap->kind]);
		if (mishap->kind == PROGRAM_MESSAGE || mishap->kind == PROGRAM_MOVED)
			fprintf(out, " %u", program_vector(op, mishap->vector, 256));
		if (mishap->kind == PROGRAM_MESSAGE)
			fprintf(out, " (%s)", sim_timing_names[mishap->timing]);
	}
	fputc('\n', out);
}
