// SPDX-License-Identifier: GPL-2.0-only
/* One operation, again and again: each time with something else in its way. */
#include <stdlib.h>
#include <string.h>

#include <linux/vfio.h>

#include "test_exhaustive.h"

#define POINTS_MAX 4096
#define NOWHERE (~0U)
#define EXPLAINED_MAX 10

/* What happens at a point. */
enum kind {
	KIND_PROMPT,
	KIND_HELD,
	KIND_STALLED_ENTRY,
	KIND_STALLED_SIGNAL,
	KIND_MOVE, /* the irq moves to another CPU */
	KINDS,
};

static const char *const kind_names[KINDS] = {
	[KIND_PROMPT] = "an interrupt",
	[KIND_HELD] = "an interrupt, accepted by a CPU with interrupts off",
	[KIND_STALLED_ENTRY] = "an interrupt whose handler is about to start",
	[KIND_STALLED_SIGNAL] = "an interrupt whose handler is about to signal",
	[KIND_MOVE] = "the irq moves to another CPU",
};

static const char *const when_names[] = {
	[SIM_BEFORE] = "before", [SIM_DURING] = "in the middle of a call,", [SIM_AFTER] = "after",
};

/**
 * struct plan - how one run differs from the undisturbed one
 * @at: point at which @kind happens to @vector
 * @fail: point at which the call fails
 */
struct plan {
	unsigned int at;
	unsigned int fail;
	enum kind kind;
	unsigned int vector;
};

/* A point as it was passed in the run that is the model for the others. */
struct passed {
	const char *name;
	enum sim_when when;
	int error;
};

/**
 * struct record - the model run
 * @after: what the kernel held when it had succeeded
 */
struct record {
	struct passed points[POINTS_MAX];
	unsigned int count;
	struct sim_counts after;
};

/* @recording: NULL, or filled; @model: NULL, or compared with */
static struct {
	const struct scenario *scenario;
	struct plan plan;
	struct record *recording;
	const struct record *model;
	unsigned int number;
	bool active; /* in the operation */
	bool reached;
	bool astray;
	bool printing;
	FILE *out;
} run;

static unsigned int explained;

/* ---- Points ------------------------------------------------------------------- */

static void interfere(void)
{
	static const enum sim_timing timings[] = {
		[KIND_PROMPT] = SIM_PROMPT,
		[KIND_HELD] = SIM_HELD,
		[KIND_STALLED_ENTRY] = SIM_STALLED_ENTRY,
		[KIND_STALLED_SIGNAL] = SIM_STALLED_SIGNAL,
	};

	if (run.plan.kind == KIND_MOVE)
		sim_move_irq(run.plan.vector);
	else if (run.scenario->line)
		sim_raise_line(timings[run.plan.kind]);
	else if (run.scenario->msi)
		sim_raise_msi(run.plan.vector, timings[run.plan.kind]);
	else
		sim_raise(run.plan.vector, timings[run.plan.kind]);
}

/* Calls a reader wants to see in the story of a lost interrupt. */
static bool worth_telling(const char *name)
{
	static const char *const worth[] = {
		"free_irq", "request_irq", "enable_irq", "disable_irq", "synchronize_irq",
		"pci_alloc", "pci_free", "pci_enable", "pci_msix", "irq_bypass", "eventfd_ctx",
		"WRITE_ONCE(vector->trigger)", "VFIO_DEVICE",
	};
	unsigned int i;

	for (i = 0; i < sizeof(worth) / sizeof(worth[0]); i++)
		if (!strncmp(name, worth[i], strlen(worth[i])))
			return true;
	return false;
}

static void tell(const struct sim_point *point)
{
	bool here = run.number == run.plan.at;

	if (point->when == SIM_BEFORE && worth_telling(point->name))
		fprintf(run.out, "  %s\n", point->name);
	if (here)
		fprintf(run.out, "    >> %s %s: vector %u: %s\n", when_names[point->when],
			point->name, run.plan.vector, kind_names[run.plan.kind]);
}

static bool hook(void *arg, const struct sim_point *point)
{
	unsigned int n = run.number;

	(void)arg;
	if (run.printing)
		tell(point);
	if (run.recording && n < POINTS_MAX)
		run.recording->points[n] = (struct passed){ point->name, point->when,
							    point->error };
	if (run.model && (n >= run.model->count || run.model->points[n].name != point->name ||
			  run.model->points[n].when != point->when))
		run.astray = true;
	if (n == run.plan.at) {
		run.reached = true;
		interfere();
	}
	run.number++;
	return n == run.plan.fail;
}

void scenario_between(void *arg)
{
	static const char name[] = "VFIO_DEVICE_SET_IRQS";
	const struct sim_point point = { .name = name, .when = SIM_BEFORE };

	if (run.active)
		hook(arg, &point);
}

/* ---- One run --------------------------------------------------------------------- */

/* What is wrong, in the order in which it is looked for. */
enum wrong {
	WRONG_NOTHING,
	WRONG_STRANDED,
	WRONG_STRAY,
	WRONG_BROKEN,
	WRONG_LEAK,
	WRONG_FAULT,
	WRONG_RESULT,
};

static const char *const wrong_names[] = {
	"nothing", "an interrupt was lost", "an interrupt in an eventfd that was unbound",
	"vectors do not do what they should", "something has leaked", "fault of the kernel",
	"unexpected result",
};

struct outcome {
	enum wrong wrong;
	int result;
	const char *detail;
};

static void set_wrong(struct outcome *outcome, enum wrong wrong, const char *detail)
{
	if (outcome->wrong)
		return;
	outcome->wrong = wrong;
	outcome->detail = detail;
}

static void raise_now(const struct scenario *s, unsigned int vector)
{
	if (s->msi)
		sim_raise_msi(vector, SIM_PROMPT);
	else
		sim_raise(vector, SIM_PROMPT);
}

/* Each bound vector reaches its own eventfd, each other one reaches nothing. */
static void check_bindings(const struct scenario *s, struct sim_owner *owner,
			   struct outcome *outcome)
{
	unsigned int v, other;

	for (v = 0; v < sim_vectors() && v < SIM_OWNER_VECTORS; v++) {
		sim_owner_clear(owner);
		raise_now(s, v);
		sim_owner_read(owner);
		if (owner->stray)
			set_wrong(outcome, WRONG_STRAY, "afterwards");
		if (!!owner->received[v] != (owner->bound[v] >= 0))
			set_wrong(outcome, WRONG_BROKEN, "afterwards");
		for (other = 0; other < SIM_OWNER_VECTORS; other++)
			if (other != v && owner->received[other])
				set_wrong(outcome, WRONG_BROKEN, "wrong vector, afterwards");
	}
}

/* The line: unmask, assert, and it arrives. */
static void check_line(struct sim_owner *owner, struct outcome *outcome)
{
	sim_intx(false);
	sim_set_irqs(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK,
		     VFIO_PCI_INTX_IRQ_INDEX, 0, 1, NULL, 0);
	sim_settle();
	sim_owner_read(owner);
	sim_owner_clear(owner);
	sim_intx(true);
	sim_owner_read(owner);
	if (owner->stray)
		set_wrong(outcome, WRONG_STRAY, "afterwards");
	if (!!owner->received[0] != (owner->bound[0] >= 0))
		set_wrong(outcome, WRONG_BROKEN, "INTx afterwards");
	sim_intx(false);
}

/* A line that has fired is disabled, and before the first request there is less memory. */
static bool counts_equal(const struct scenario *s, const struct sim_counts *a,
			 const struct sim_counts *b, bool memory)
{
	return a->irqs == b->irqs && a->requested == b->requested &&
	       (s->line || a->enabled == b->enabled) && a->cpu_vectors == b->cpu_vectors &&
	       a->eventfd_refs == b->eventfd_refs && a->producers == b->producers &&
	       (!memory || (a->bytes == b->bytes && a->allocations == b->allocations)) &&
	       a->index == b->index;
}

/* A bound vector is one requested irq, one reference, and one producer if it could be had. */
static void check_against_bindings(const struct sim_owner *owner, const struct sim_counts *now,
				   struct outcome *outcome)
{
	unsigned int v, bound = 0;

	for (v = 0; v < SIM_OWNER_VECTORS; v++)
		bound += owner->bound[v] >= 0;
	if (now->requested != bound || now->enabled != bound || now->eventfd_refs != bound)
		set_wrong(outcome, WRONG_BROKEN, "irqs or references are not as many as vectors");
	if (now->producers != bound && (outcome->result || run.plan.fail == NOWHERE))
		set_wrong(outcome, WRONG_BROKEN, "producers are not as many as vectors");
}

static void check_counts(const struct scenario *s, const struct sim_owner *owner,
			 struct outcome *outcome)
{
	struct sim_counts now;

	sim_counts(&now);
	if (!s->line)
		check_against_bindings(owner, &now, outcome);
	if (run.recording && !outcome->result)
		run.recording->after = now;
	if (outcome->result) {
		if (!counts_equal(s, &now, &owner->before, !s->cold))
			set_wrong(outcome, WRONG_LEAK, "after a request that failed");
	} else if (run.model && run.plan.fail == NOWHERE) {
		if (!counts_equal(s, &now, &run.model->after, true))
			set_wrong(outcome, WRONG_LEAK, "other than in the undisturbed run");
	}
}

/* Live: bound before, bound after. Its interrupt has to have been received. */
static void check_received(const struct scenario *s, const struct sim_owner *owner,
			   const int *before, struct outcome *outcome)
{
	unsigned int v = run.plan.vector;
	bool raised = run.reached && run.plan.kind != KIND_MOVE;
	bool works = !(s->broken_before && outcome->result);

	if (owner->stray)
		set_wrong(outcome, WRONG_STRAY, "raised in the operation");
	if (raised && works && !s->may_lose && !owner->received[v] && before[v] >= 0 &&
	    owner->bound[v] >= 0)
		set_wrong(outcome, WRONG_STRANDED, "raised in the operation");
}

static void world_start(struct world *w, const struct scenario *s)
{
	unsigned int i;

	w->owner = &w->own;
	sim_owner_start(w->owner, s->msi  ? VFIO_PCI_MSI_IRQ_INDEX :
				  s->line ? VFIO_PCI_INTX_IRQ_INDEX :
					    VFIO_PCI_MSIX_IRQ_INDEX);
	for (i = 0; i < 8; i++) {
		w->a[i] = sim_owner_eventfd(w->owner);
		w->b[i] = sim_owner_eventfd(w->owner);
	}
	w->other = sim_other_file();

	/* The driver allocates some things once and for all. */
	if (!s->cold) {
		sim_owner_bind(w->owner, 0, 1, w->a);
		sim_owner_disable(w->owner);
	}
}

static void must(bool condition, const struct scenario *s, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s: %s\n", s->name, what);
	exit(2);
}

static void close_and_check(const struct scenario *s, const struct sim_counts *idle,
			    struct outcome *outcome)
{
	struct sim_counts now;

	sim_close_device();
	sim_counts(&now);
	if (!counts_equal(s, &now, idle, !s->cold))
		set_wrong(outcome, WRONG_LEAK, "after close");
}

static struct outcome run_once(const struct scenario *s, struct plan plan)
{
	struct outcome outcome = { WRONG_NOTHING, 0, NULL };
	int before[SIM_OWNER_VECTORS];
	static struct world w;
	struct sim_counts idle;
	const char *fault;

	memset(&w, 0, sizeof(w));
	sim_clear_faults();
	must(!sim_start(&s->options), s, "sim_start");
	must(!s->param || !sim_set_param(s->param, 1), s, "no such parameter");
	must(!sim_open_device(), s, "sim_open_device");
	world_start(&w, s);
	sim_counts(&idle);
	must(!s->setup || !s->setup(&w, s->arg), s, "setup");
	sim_settle();
	sim_owner_read(w.owner);
	sim_owner_clear(w.owner);
	memcpy(before, w.owner->bound, sizeof(before));

	run.scenario = s;
	run.plan = plan;
	run.number = 0;
	run.reached = false;
	run.astray = false;
	run.active = true;
	sim_set_hook(hook, NULL);
	outcome.result = s->operation(&w, s->arg);
	sim_set_hook(NULL, NULL);
	run.active = false;
	if (run.recording)
		run.recording->count = run.number;

	/* The request has returned, its answer was read; now the rest goes on. */
	sim_settle();
	sim_owner_read(w.owner);
	check_received(s, w.owner, before, &outcome);
	check_counts(s, w.owner, &outcome);
	if (!(s->broken_before && outcome.result)) {
		if (s->line)
			check_line(w.owner, &outcome);
		else
			check_bindings(s, w.owner, &outcome);
	}
	close_and_check(s, &idle, &outcome);
	sim_stop();
	if (sim_faults(&fault))
		set_wrong(&outcome, WRONG_FAULT, fault);
	if (plan.fail == NOWHERE && outcome.result != s->expect)
		set_wrong(&outcome, WRONG_RESULT, "");
	return outcome;
}

/* ---- All runs ------------------------------------------------------------------------ */

static void explain(const struct scenario *s, const struct plan *plan,
		    const struct outcome *outcome, const struct record *model)
{
	if (s->way != WAY_OURS || explained++ >= EXPLAINED_MAX)
		return;
	fprintf(stderr, "%s, %s: %s: %s (result %d)\n", sim_kernel(), s->name,
		wrong_names[outcome->wrong], outcome->detail, outcome->result);
	if (plan->fail != NOWHERE)
		fprintf(stderr, "  failing: %s (point %u)\n", model->points[plan->fail].name,
			plan->fail);
	if (plan->at != NOWHERE)
		fprintf(stderr, "  %s %s (point %u): vector %u: %s\n",
			when_names[model->points[plan->at].when], model->points[plan->at].name,
			plan->at, plan->vector, kind_names[plan->kind]);
}

static void count(struct tally *tally, const struct plan *plan, const struct outcome *outcome)
{
	tally->points++;
	tally->reached += (plan->at == NOWHERE || run.reached) && !run.astray;
	tally->failures += plan->fail != NOWHERE;
	switch (outcome->wrong) {
	case WRONG_NOTHING:
		break;
	case WRONG_STRANDED:
		tally->stranded++;
		break;
	case WRONG_STRAY:
		tally->stray++;
		break;
	case WRONG_BROKEN:
	case WRONG_RESULT:
		tally->broken++;
		break;
	case WRONG_LEAK:
		tally->leaks++;
		break;
	case WRONG_FAULT:
		tally->faults++;
		break;
	}
}

static void keep_shortest(const struct scenario *s, const struct plan *plan,
			  const struct record *model, struct loss *loss)
{
	unsigned int length = model->count + 1000 * plan->kind +
			      10000 * s->options.forget_masked +
			      100000 * (plan->fail != NOWHERE);

	if (loss->scenario && loss->length <= length)
		return;
	memset(loss->text, 0, sizeof(loss->text));
	loss->scenario = s;
	loss->length = length;
	run.out = fmemopen(loss->text, sizeof(loss->text) - 1, "w");
	if (!run.out)
		return;
	fprintf(run.out, "  vector %u is bound and enabled\n", plan->vector);
	run.printing = true;
	run_once(s, *plan);
	run.printing = false;
	fprintf(run.out, "  read all eventfds: no interrupt of vector %u\n", plan->vector);
	fclose(run.out);
}

static void run_plan(const struct scenario *s, const struct plan *plan,
		     const struct record *model, struct tally *tally, struct loss *loss)
{
	struct outcome outcome;

	run.recording = NULL;
	run.model = model;
	outcome = run_once(s, *plan);
	count(tally, plan, &outcome);
	if (outcome.wrong)
		explain(s, plan, &outcome, model);
	if (loss && outcome.wrong == WRONG_STRANDED)
		keep_shortest(s, plan, model, loss);
}

static void record(const struct scenario *s, const struct plan *plan, struct record *model,
		   struct tally *tally)
{
	struct outcome outcome;

	run.recording = model;
	run.model = NULL;
	outcome = run_once(s, *plan);
	must(model->count <= POINTS_MAX, s, "more points than there is room for");
	count(tally, plan, &outcome);
	if (outcome.wrong)
		explain(s, plan, &outcome, model);
}

/*
 * Everything at every point, with the call failing that @plan says: then from
 * there on, for up to there it is the undisturbed operation.
 */
static void run_points(const struct scenario *s, struct plan plan, const struct record *model,
		       unsigned int kinds, struct tally *tally, struct loss *loss)
{
	unsigned int from = plan.fail == NOWHERE ? 0 : plan.fail;

	for (plan.at = from; plan.at < model->count; plan.at++)
		for (plan.vector = 0; plan.vector < SIM_OWNER_VECTORS; plan.vector++)
			for (plan.kind = 0; plan.kind < KINDS; plan.kind++)
				if ((s->raise & 1ULL << plan.vector) &&
				    (kinds & 1U << plan.kind))
					run_plan(s, &plan, model, tally, loss);
}

bool scenario_applies(const struct scenario *s)
{
	struct sim_irq_info info = { 0 };
	bool applies;

	must(!sim_start(&s->options), s, "sim_start");
	must(!sim_open_device(), s, "sim_open_device");
	applies = !s->param || !sim_set_param(s->param, 1);
	sim_irq_info(VFIO_PCI_MSIX_IRQ_INDEX, &info);
	if (s->growable && info.flags & VFIO_IRQ_INFO_NORESIZE)
		applies = false;
	sim_stop();
	return applies;
}

void scenario_run(const struct scenario *s, struct tally *tally, struct loss *loss,
		  bool quiet)
{
	static struct record undisturbed, failing;
	const unsigned int moves = s->no_moves ? 0 : 1U << KIND_MOVE;
	const unsigned int messages = (1U << KIND_MOVE) - 1 + moves;
	const unsigned int all = s->line ? messages & ~(1U << KIND_HELD | 1U << KIND_MOVE) :
					   messages;
	const unsigned int some = all & ~(1U << KIND_STALLED_ENTRY | 1U << KIND_MOVE);
	const bool both = s->options.forget_masked || s->msi || s->line;
	struct plan plan = { .at = NOWHERE, .fail = NOWHERE };

	if (quiet)
		explained = EXPLAINED_MAX;
	record(s, &plan, &undisturbed, tally);
	run_points(s, plan, &undisturbed, all, tally, loss);

	if (s->way != WAY_OURS)
		return;
	for (plan.fail = 0; plan.fail < undisturbed.count; plan.fail++) {
		if (!undisturbed.points[plan.fail].error)
			continue;
		plan.at = NOWHERE;
		record(s, &plan, &failing, tally);
		/* Rolling back is the same on every device: the most demanding one will do. */
		if (both)
			run_points(s, plan, &failing, some, tally, loss);
	}
}
