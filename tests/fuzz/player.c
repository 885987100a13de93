// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bindings.h"
#include "costs.h"
#include "files.h"
#include "player.h"
#include "program.h"
#include "sim.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define EVENTFD_TRIGGER (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define EVENTFD_UNMASK (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK)
#define NONE_UNMASK (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK)

#define PROBES 6 /* bindings looked at after each operation, all if there are no more */
#define DEBUGFS "vfio-pci-irq/0000:6a:01.0/"

struct player_totals player_totals;

/* An interrupt raised in the middle: by MSI-X or MSI, and where its vector led to before. */
struct raised {
	unsigned int vector;
	bool msix;
	int before;
	bool before_broken;
};

/**
 * struct player - a program being run
 * @record: the device's counters have been seen to be there
 * @blind: the index was switched on when there may have been no memory for them
 * @decoding: user space has memory decoding on
 * @op: the operation under way
 * @failable: points passed that can fail
 * @raised: in this operation, @raises of them
 * @moved: vectors whose irqs were moved to another CPU, @moves of them
 * @pulsed: the line was raised in this operation
 */
struct player {
	const struct player_options *options;
	struct program_machine machine;
	struct bindings bindings;
	struct bindings_world world;
	struct files files;
	struct costs *costs;
	bool record;
	bool blind;
	bool decoding;
	uint32_t random;
	struct program_op op;
	unsigned int operation;
	unsigned int failable;
	struct bindings_outcome outcome;
	struct raised raised[PROGRAM_MISHAPS];
	unsigned int raises;
	unsigned int moved[PROGRAM_MISHAPS];
	unsigned int moves;
	bool pulsed;
	bool pulse_must;
	int pulse_before;
	int32_t data[PROGRAM_ELEMENTS_MAX];
	char complaint[512];
};

static struct player player;

static uint32_t next_random(struct player *p)
{
	p->random = p->random * 1664525 + 1013904223;
	return p->random >> 8;
}

/* ---- What the oracle asks for ---------------------------------------------------- */

static int eventfd_of(void *arg, int fd)
{
	const struct player *p = arg;

	return files_eventfd(&p->files, fd);
}

static bool has_irq(void *arg, unsigned int vector)
{
	(void)arg;
	return sim_irq_name(vector);
}

/* ---- Mishaps --------------------------------------------------------------------- */

static unsigned int vectors_now(const struct player *p)
{
	return p->bindings.setup.count[p->bindings.index == MSI ? MSI : MSIX];
}

static void raise(const struct player *p, unsigned int vector, enum sim_timing timing)
{
	if (p->bindings.index == MSI)
		sim_raise_msi(vector, timing);
	else
		sim_raise(vector, timing);
}

/* One for each vector: of two, one could be lost and nobody would miss it. */
static void mishap_message(struct player *p, const struct program_mishap *mishap)
{
	unsigned int vector = program_vector(&p->op, mishap->vector, vectors_now(p));
	struct raised *raised = &p->raised[p->raises];
	unsigned int i;

	for (i = 0; i < p->raises; i++)
		if (p->raised[i].vector == vector)
			return;
	raised->vector = vector;
	raised->msix = p->bindings.index != MSI;
	raised->before = bindings_trigger(&p->bindings, vector);
	raised->before_broken = p->bindings.vectors[vector].broken;
	p->raises++;
	player_totals.interrupts++;
	raise(p, vector, mishap->timing);
}

static void move(struct player *p, unsigned int vector)
{
	p->moved[p->moves++ % PROGRAM_MISHAPS] = vector;
	sim_move_irq(vector);
}

/*
 * The core itself reads, changes and writes the command register when it closes
 * or resets the device: that the handler may set DisINTx meanwhile is not our matter.
 */
static void mishap_pulse(struct player *p)
{
	const struct bindings *b = &p->bindings;

	if (p->pulsed || b->intx.line || p->op.kind == PROGRAM_CLOSE_DEVICE ||
	    p->op.kind == PROGRAM_RESET)
		return;
	p->pulsed = true;
	p->pulse_before = b->intx.on ? b->intx.trigger : SIGNALS_NONE;
	p->pulse_must = b->intx.on && !b->intx.masked && !b->intx.disintx;
	player_totals.interrupts++;
	sim_intx(true);
}

static bool mishap_fail(struct player *p, const struct sim_point *point)
{
	if (!strcmp(point->name, "irq_bypass_register_producer"))
		p->outcome.bypass_injected = true;
	else if (p->outcome.injections < BINDINGS_INJECTED)
		p->outcome.injected[p->outcome.injections++] = point->error;
	return true;
}

static bool hook(void *arg, const struct sim_point *point)
{
	struct player *p = arg;
	bool fail = false;
	unsigned int i;

	for (i = 0; i < PROGRAM_MISHAPS; i++) {
		const struct program_mishap *mishap = &p->op.mishap[i];

		switch (mishap->kind) {
		case PROGRAM_MESSAGE:
			if (point->number == mishap->point)
				mishap_message(p, mishap);
			break;
		case PROGRAM_MOVED:
			if (point->number == mishap->point)
				move(p, program_vector(&p->op, mishap->vector, vectors_now(p)));
			break;
		case PROGRAM_PULSE:
			if (point->number == mishap->point)
				mishap_pulse(p);
			break;
		case PROGRAM_FAIL:
			fail |= point->error && p->failable == mishap->point;
			break;
		case PROGRAM_FAIL_ON:
			fail |= point->error && p->failable >= mishap->point;
			break;
		case PROGRAM_NOTHING:
			break;
		}
	}
	p->failable += !!point->error;
	return fail && mishap_fail(p, point);
}

/* ---- Operations ------------------------------------------------------------------ */

static bool check_faults(struct player *p)
{
	const char *first;

	if (!sim_faults(&first))
		return true;
	snprintf(p->complaint, sizeof(p->complaint), "the kernel would say: %s", first);
	return false;
}

static size_t fill_data(struct player *p)
{
	unsigned int n = p->op.count, i;
	uint8_t *bools = (uint8_t *)p->data;

	if (n > PROGRAM_ELEMENTS_MAX)
		n = PROGRAM_ELEMENTS_MAX;
	switch (p->op.flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_EVENTFD:
		for (i = 0; i < n; i++)
			p->data[i] = files_fd(&p->files, program_element(&p->op, i));
		n *= sizeof(int32_t);
		break;
	case VFIO_IRQ_SET_DATA_BOOL:
		for (i = 0; i < n; i++)
			bools[i] = program_element(&p->op, i) & 1;
		break;
	default:
		return 0;
	}
	return n > p->op.missing ? n - p->op.missing : 0;
}

/* INTx that unmasks itself by its own trigger is a storm, of the user's own making. */
static bool makes_storm(const struct player *p)
{
	const struct bindings *b = &p->bindings;
	int eventfd = files_eventfd(&p->files, p->data[0]);

	if (p->op.index != INTX || p->op.count != 1 || eventfd < 0)
		return false;
	return (p->op.flags == EVENTFD_UNMASK && eventfd == b->intx.trigger) ||
	       (p->op.flags == EVENTFD_TRIGGER && eventfd == b->intx.unmask);
}

static bool request(struct player *p)
{
	struct bindings_request r = {
		.flags = p->op.flags,
		.index = p->op.index,
		.start = p->op.start,
		.count = p->op.count,
		.data = p->data,
		.size = fill_data(p),
	};

	if (makes_storm(p))
		return true;
	player_totals.requests++;
	p->outcome.result = sim_set_irqs(r.flags, r.index, r.start, r.count, r.data, r.size);
	player_totals.refused += p->outcome.result < 0;
	if (p->options->trace)
		fprintf(p->options->trace, "\treturns %d\n", p->outcome.result);
	if (bindings_done(&p->bindings, &r, &p->world, &p->outcome))
		return true;
	memcpy(p->complaint, p->bindings.complaint, sizeof(p->complaint));
	return false;
}

static bool disable(struct player *p)
{
	p->op.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
	p->op.index = p->op.argument < 5 ? p->op.argument :
		      p->bindings.index < 0 ? MSIX : p->bindings.index;
	return request(p);
}

static bool close_and_open(struct player *p)
{
	if (sim_close_device() || sim_open_device()) {
		snprintf(p->complaint, sizeof(p->complaint), "cannot be opened again");
		return false;
	}
	p->decoding = true;
	bindings_closed(&p->bindings);
	return true;
}

static void param(struct player *p)
{
	bool on = p->op.argument & 1;

	if (p->op.argument & 2) {
		sim_set_param("teardown_on_error", on);
		p->bindings.teardown_on_error = on;
	} else {
		sim_set_param("free_on_unbind", on);
		p->bindings.free_on_unbind = on;
	}
}

static void hang_up(struct player *p, int eventfd)
{
	if (eventfd != SIGNALS_NONE)
		bindings_hung_up(&p->bindings, eventfd);
}

static void write_eventfd(struct player *p, int fd)
{
	int eventfd = files_eventfd(&p->files, fd);

	if (sim_write(fd) >= 0)
		bindings_written(&p->bindings, eventfd);
}

static void raise_between(struct player *p)
{
	struct program_mishap mishap = {
		.vector = p->op.argument | p->op.other << 4,
		.timing = p->op.other % SIM_TIMINGS,
	};

	mishap_message(p, &mishap);
}

static bool read_debugfs(struct player *p)
{
	static char text[64 * 1024];
	unsigned int lines = 0;
	char *at;

	if (sim_debugfs_read(DEBUGFS "state", text, sizeof(text)) < 0 ||
	    sim_debugfs_read(DEBUGFS "counters", text, sizeof(text)) < 0 ||
	    sim_debugfs_read(DEBUGFS "vectors", text, sizeof(text)) < 0)
		return true;
	for (at = text; *at; at++)
		lines += *at == '\n';
	if (lines == p->bindings.bound + 1 || (p->blind && lines == 1))
		return true;
	snprintf(p->complaint, sizeof(p->complaint), "debugfs lists %u vectors, %u are bound",
		 lines - 1, p->bindings.bound);
	return false;
}

static bool carry_out(struct player *p)
{
	struct program_op *op = &p->op;
	unsigned int slot = op->argument % PROGRAM_SLOTS;
	int fd = p->files.slot[slot];
	bool on = op->argument & 1;

	switch (op->kind) {
	case PROGRAM_SET_IRQS:
		return request(p);
	case PROGRAM_DISABLE:
		return disable(p);
	case PROGRAM_RESET:
		sim_reset();
		bindings_reset(&p->bindings);
		break;
	case PROGRAM_TABLE_LOST:
		sim_backdoor_reset();
		bindings_table_lost(&p->bindings);
		break;
	case PROGRAM_CLOSE_DEVICE:
		return close_and_open(p);
	case PROGRAM_FD_NEW:
		hang_up(p, files_new(&p->files, slot, p->bindings.refs, op->other & 1));
		break;
	case PROGRAM_FD_DUP:
		hang_up(p, files_dup(&p->files, slot, op->other % PROGRAM_SLOTS));
		break;
	case PROGRAM_FD_OTHER:
		hang_up(p, files_other(&p->files, slot));
		break;
	case PROGRAM_FD_CLOSE:
		hang_up(p, files_close(&p->files, slot, op->other & 3));
		break;
	case PROGRAM_CONSUMER_ADD:
		sim_consumer_add(fd);
		break;
	case PROGRAM_CONSUMER_REMOVE:
		sim_consumer_remove(fd);
		break;
	case PROGRAM_MEMORY:
		sim_memory_decoding(on);
		p->decoding = on;
		break;
	case PROGRAM_DISINTX:
		sim_disintx(on);
		bindings_disintx(&p->bindings, on);
		break;
	case PROGRAM_LINE:
		sim_intx(on);
		bindings_line(&p->bindings, on);
		break;
	case PROGRAM_NOTIFY:
		sim_notify(on ? VFIO_PCI_ERR_IRQ_INDEX : VFIO_PCI_REQ_IRQ_INDEX);
		bindings_notify(&p->bindings, on ? VFIO_PCI_ERR_IRQ_INDEX :
						   VFIO_PCI_REQ_IRQ_INDEX);
		break;
	case PROGRAM_WRITE:
		write_eventfd(p, fd);
		break;
	case PROGRAM_PARAM:
		param(p);
		break;
	case PROGRAM_MOVE:
		move(p, (op->argument | op->other << 4) % vectors_now(p));
		break;
	case PROGRAM_RAISE:
		raise_between(p);
		break;
	case PROGRAM_DEBUGFS:
		return read_debugfs(p);
	case PROGRAM_KINDS:
		break;
	}
	return true;
}

/* ---- After an operation ---------------------------------------------------------- */

/*
 * What the kernel writes while memory decoding is off does not arrive, and when it
 * restores the table after a reset it keeps no move of an irq out.
 */
static void expect_moved(struct player *p)
{
	struct bindings *b = &p->bindings;
	unsigned int i;

	for (i = 0; i < PROGRAM_MISHAPS && i < p->moves; i++)
		if ((!p->decoding || p->op.kind == PROGRAM_RESET) &&
		    bindings_trigger(b, p->moved[i]) != SIGNALS_NONE)
			b->vectors[p->moved[i]].broken = b->index == MSIX;
}

/* What the interrupts raised in the middle of it may have come to. */
static void expect_raised(struct player *p)
{
	struct bindings *b = &p->bindings;
	unsigned int i;

	for (i = 0; i < p->raises; i++) {
		struct raised *raised = &p->raised[i];
		/* Before MSI was on, it was MSI-X where it was raised. */
		int after = raised->msix == (b->index != MSI) ?
			    bindings_trigger(b, raised->vector) : SIGNALS_NONE;
		bool must = raised->before != SIGNALS_NONE && after != SIGNALS_NONE;

		/* A reset device has forgotten what it wanted. */
		if (raised->before_broken || b->vectors[raised->vector].broken ||
		    p->op.kind == PROGRAM_RESET || p->op.kind == PROGRAM_CLOSE_DEVICE)
			must = false;
		signals_raise(&b->signals, raised->before, after, must);
		if (after == SIGNALS_NONE || b->vectors[raised->vector].broken)
			b->vectors[raised->vector].latent = true;
	}
}

static void expect_pulse(struct player *p)
{
	struct bindings *b = &p->bindings;
	int after = b->intx.on ? b->intx.trigger : SIGNALS_NONE;
	bool must = p->pulse_must && b->intx.on && !b->intx.disintx && after != SIGNALS_NONE &&
		    p->pulse_before != SIGNALS_NONE && p->op.kind != PROGRAM_DISINTX &&
		    !(p->op.kind == PROGRAM_SET_IRQS && p->op.index == INTX &&
		      !(p->op.flags & VFIO_IRQ_SET_ACTION_TRIGGER));

	signals_raise(&b->signals, p->pulse_before, after, must);
	/* Unmasked in the middle of it too, it comes twice. */
	if (!must)
		signals_maybe(&b->signals, after);
}

static bool check_signals(struct player *p, struct signals_seen *seen)
{
	files_read(&p->files, seen->settled, seen->readable);
	if (p->options->misread && player_totals.operations == p->options->misread_at)
		seen->settled[0]++;
	return signals_check(&p->bindings.signals, seen, p->complaint, sizeof(p->complaint));
}

/* After a pulse nobody knows whether INTx is masked: unmask it. */
static bool settle_pulse(struct player *p)
{
	struct bindings *b = &p->bindings;

	sim_intx(false);
	sim_settle();
	if (!b->intx.on || b->intx.disintx)
		return true;
	b->intx.masked = false;
	if (!sim_set_irqs(NONE_UNMASK, INTX, 0, 1, NULL, 0))
		return true;
	snprintf(p->complaint, sizeof(p->complaint), "INTx cannot be unmasked");
	return false;
}

/* Latent and broken vectors may come any time. */
static void expect_stragglers(struct player *p)
{
	struct bindings *b = &p->bindings;
	unsigned int v;

	if (b->index != MSIX)
		return;
	for (v = 0; v < b->setup.count[MSIX]; v++)
		if (b->vectors[v].latent && b->vectors[v].trigger != SIGNALS_NONE)
			signals_maybe(&b->signals, b->vectors[v].trigger);
}

static bool same(struct player *p, const char *what, unsigned long is, unsigned long expected)
{
	if (is == expected)
		return true;
	snprintf(p->complaint, sizeof(p->complaint), "%s: %lu, expected %lu", what, is, expected);
	return false;
}

static bool check_memory(struct player *p, const struct sim_counts *counts,
			 const struct bindings_accounts *accounts)
{
	struct costs_memory expected = costs_of(p->costs, accounts, p->record);

	/* Made when it is first needed, and as soon as there is memory for it. */
	if (!p->record && (long)counts->bytes != expected.bytes) {
		p->record = true;
		expected = costs_of(p->costs, accounts, true);
	}
	return same(p, "allocations", counts->allocations, expected.allocations) &&
	       same(p, "bytes", counts->bytes, expected.bytes);
}

static bool check_accounts(struct player *p)
{
	struct bindings_accounts expected;
	struct sim_counts counts;

	bindings_accounts(&p->bindings, &expected);
	sim_counts(&counts);
	if (!p->bindings.producers_known && counts.producers <= expected.requested)
		expected.producers = counts.producers;
	return same(p, "index that is on", counts.index, p->bindings.index) &&
	       same(p, "irqs", counts.irqs, expected.irqs) &&
	       same(p, "irqs with a handler", counts.requested, expected.requested) &&
	       same(p, "irqs enabled", counts.enabled, expected.enabled) &&
	       same(p, "CPU vectors", counts.cpu_vectors, expected.cpu_vectors) &&
	       same(p, "references to eventfds", counts.eventfd_refs, expected.eventfd_refs) &&
	       same(p, "bypass producers", counts.producers, expected.producers) &&
	       check_memory(p, &counts, &expected);
}

/* ---- Probes ---------------------------------------------------------------------- */

static bool probed(struct player *p, const char *what, unsigned int which)
{
	struct signals_seen seen = { 0 };
	size_t used;

	sim_settle();
	files_read(&p->files, seen.at_once, NULL);
	if (check_signals(p, &seen))
		return true;
	used = strlen(p->complaint);
	snprintf(p->complaint + used, sizeof(p->complaint) - used, " - when %s %u was raised", what,
		 which);
	return false;
}

static bool probe_vector(struct player *p, unsigned int vector)
{
	struct bindings *b = &p->bindings;
	struct bindings_vector *v = &b->vectors[vector];
	int trigger = bindings_trigger(b, vector);

	player_totals.probes++;
	signals_clear(&b->signals);
	expect_stragglers(p);
	if (trigger == SIGNALS_NONE || v->broken) {
		signals_maybe(&b->signals, trigger);
		v->latent = true;
	} else {
		signals_exact(&b->signals, trigger);
	}
	raise(p, vector, SIM_PROMPT);
	return probed(p, "vector", vector);
}

static bool probe_vectors(struct player *p)
{
	struct bindings *b = &p->bindings;
	unsigned int vectors = vectors_now(p);
	unsigned int v, i, first;

	/* One that may be unbound, and must stay silent. */
	if (vectors && !probe_vector(p, next_random(p) % vectors))
		return false;
	if (b->index != MSI && b->index != MSIX)
		return true;
	first = next_random(p) % vectors;
	for (v = 0, i = 0; v < vectors && i < PROBES; v++) {
		unsigned int vector = (first + v) % vectors;

		if (b->vectors[vector].trigger == SIGNALS_NONE)
			continue;
		i++;
		if (!probe_vector(p, vector))
			return false;
	}
	return true;
}

static bool probe_line(struct player *p)
{
	struct bindings *b = &p->bindings;

	if (!b->intx.on || b->intx.line)
		return true;
	signals_clear(&b->signals);
	bindings_line(b, true);
	sim_intx(true);
	if (!probed(p, "INTx", 0))
		return false;
	signals_clear(&b->signals);
	bindings_line(b, false);
	return settle_pulse(p) && probed(p, "INTx, after it was unmasked,", 0);
}

static bool probe_single(struct player *p, unsigned int index)
{
	if (p->bindings.single[index - VFIO_PCI_ERR_IRQ_INDEX] == SIGNALS_NONE)
		return true;
	signals_clear(&p->bindings.signals);
	bindings_notify(&p->bindings, index);
	sim_notify(index);
	return probed(p, "index", index);
}

static bool probe(struct player *p)
{
	sim_set_hook(NULL, NULL);
	return probe_vectors(p) && probe_single(p, VFIO_PCI_ERR_IRQ_INDEX) &&
	       probe_single(p, VFIO_PCI_REQ_IRQ_INDEX) &&
	       (p->operation % 4 || probe_line(p)) && check_faults(p);
}

/* ---- A program ------------------------------------------------------------------- */

static bool operate(struct player *p)
{
	struct signals_seen seen = { 0 };
	int on = p->bindings.index;
	bool ok;

	p->failable = 0;
	p->raises = 0;
	p->moves = 0;
	p->pulsed = false;
	p->outcome = (struct bindings_outcome){ 0 };
	signals_clear(&p->bindings.signals);
	/* Before the operation, as the model forgets there what arrives. */
	expect_stragglers(p);
	player_totals.operations++;

	sim_set_hook(hook, p);
	ok = carry_out(p);
	sim_set_hook(NULL, NULL);
	player_totals.injected += p->outcome.injections || p->outcome.bypass_injected;
	if (!ok)
		return false;

	if (p->bindings.index != on)
		p->blind = p->outcome.injections;
	expect_moved(p);
	expect_raised(p);
	if (p->pulsed)
		expect_pulse(p);
	files_read(&p->files, seen.at_once, NULL);
	sim_settle();
	if (!check_signals(p, &seen))
		return false;
	if (p->pulsed && !settle_pulse(p))
		return false;
	return check_faults(p) && check_accounts(p) && probe(p);
}

static bool start(struct player *p)
{
	static const struct sim_irq_info none;
	struct bindings_setup setup = { 0 };
	const struct program_machine *m = &p->machine;
	struct sim_irq_info info = none;
	unsigned int i;

	if (sim_start(&m->options))
		return false;
	sim_set_param("teardown_on_error", m->teardown_on_error);
	sim_set_param("free_on_unbind", m->free_on_unbind);
	sim_set_param("msix_reserve", m->reserve);
	sim_set_param("msix_reserve_max", m->reserve_max);
	if (sim_open_device() || !files_start(&p->files))
		return false;

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		if (sim_irq_info(i, &info))
			return false;
		setup.count[i] = info.count;
		if (i == MSIX)
			setup.growable = !(info.flags & VFIO_IRQ_INFO_NORESIZE);
	}
	/* Kernels with dynamic MSI-X never reserve, the older one always does. */
	if (setup.growable && !strcmp(sim_kernel(), "6.1"))
		setup.reserve = m->reserve_max && m->reserve_max < setup.count[MSIX] ?
				m->reserve_max : setup.count[MSIX];
	setup.irqs = m->options.irqs;
	setup.cpu_vectors = m->options.cpu_vectors;
	setup.maskable_line = !m->options.no_disintx;
	bindings_init(&p->bindings, &setup);
	p->bindings.teardown_on_error = m->teardown_on_error;
	p->bindings.free_on_unbind = m->free_on_unbind;
	p->decoding = true;
	return true;
}

static struct costs *costs(void)
{
	static struct costs measured;
	static bool done;

	if (!done)
		done = costs_measure(&measured);
	return done ? &measured : NULL;
}

static bool play(struct player *p, struct program_reader *reader)
{
	if (!start(p)) {
		snprintf(p->complaint, sizeof(p->complaint), "the machine does not start");
		return false;
	}
	while (program_next(reader, p->bindings.setup.count, p->bindings.index, &p->op)) {
		if (p->options->trace) {
			fprintf(p->options->trace, "%u: ", p->operation);
			program_print(p->options->trace, &p->op);
		}
		if (!operate(p))
			return false;
		p->operation++;
	}
	/* All must be given back: closing checks that, and so does switching off. */
	p->op = (struct program_op){ .kind = PROGRAM_CLOSE_DEVICE };
	return operate(p);
}

bool player_run(const uint8_t *program, size_t size, const struct player_options *options,
		char *complaint, size_t complaint_size)
{
	static const struct player_options defaults;
	struct program_reader reader = { program, program + size };
	struct player *p = &player;
	bool ok;

	memset(p, 0, offsetof(struct player, data));
	p->options = options ? options : &defaults;
	p->world = (struct bindings_world){ eventfd_of, has_irq, p };
	p->random = size;
	p->complaint[0] = '\0';
	p->costs = costs();
	program_machine(&reader, &p->machine);
	if (p->options->trace)
		program_print_machine(p->options->trace, &p->machine);

	player_totals.programs++;
	ok = p->costs && play(p, &reader);
	sim_stop();
	if (ok)
		ok = check_faults(p);
	if (!ok)
		snprintf(complaint, complaint_size, "operation %u: %s", p->operation,
			 p->costs ? p->complaint : "memory cannot be measured");
	sim_clear_faults();
	return ok;
}
