// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bindings.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

static bool complain(struct bindings *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool complain(struct bindings *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(b->complaint, sizeof(b->complaint), format, ap);
	va_end(ap);
	return false;
}

static void forget_producers(struct bindings *b)
{
	unsigned int e;

	for (e = 0; e < SIGNALS_EVENTFDS; e++)
		b->producer[e] = -1;
	b->producers_known = true;
}

void bindings_init(struct bindings *b, const struct bindings_setup *setup)
{
	unsigned int v;

	memset(b, 0, sizeof(*b));
	b->setup = *setup;
	b->index = -1;
	for (v = 0; v < BINDINGS_VECTORS; v++)
		b->vectors[v].trigger = SIGNALS_NONE;
	b->intx.trigger = SIGNALS_NONE;
	b->intx.unmask = SIGNALS_NONE;
	b->single[0] = SIGNALS_NONE;
	b->single[1] = SIGNALS_NONE;
	forget_producers(b);
}

int bindings_trigger(const struct bindings *b, unsigned int vector)
{
	return b->index == MSI || b->index == MSIX ? b->vectors[vector].trigger : SIGNALS_NONE;
}

/* ---- References and signals --------------------------------------------------- */

static void get(struct bindings *b, int eventfd)
{
	if (eventfd != SIGNALS_NONE)
		b->refs[eventfd]++;
}

static void put(struct bindings *b, int eventfd)
{
	if (eventfd != SIGNALS_NONE)
		b->refs[eventfd]--;
}

static void set(struct bindings *b, int *slot, int eventfd)
{
	get(b, eventfd);
	put(b, *slot);
	*slot = eventfd;
}

/* Automasked: it signals once, and again only after it was unmasked. */
static bool line_fires(struct bindings *b)
{
	if (!b->intx.on || !b->intx.line || b->intx.masked)
		return false;
	b->intx.masked = true;
	return !b->intx.disintx;
}

static bool unmask_fires(struct bindings *b)
{
	if (!b->intx.on || !b->intx.masked || b->intx.disintx)
		return false;
	b->intx.masked = false;
	return line_fires(b);
}

/* The eventfd that unmasks INTx is read by the kernel, and by nobody else. */
static void signalled(struct bindings *b, int eventfd)
{
	if (eventfd == SIGNALS_NONE)
		return;
	if (eventfd != b->intx.unmask)
		signals_exact(&b->signals, eventfd);
	else if (unmask_fires(b) && b->intx.trigger != b->intx.unmask)
		signals_exact_late(&b->signals, b->intx.trigger);
}

static void line_may_fire(struct bindings *b)
{
	if (line_fires(b))
		signalled(b, b->intx.trigger);
}

static void unmask(struct bindings *b)
{
	if (unmask_fires(b))
		signalled(b, b->intx.trigger);
}

void bindings_line(struct bindings *b, bool asserted)
{
	b->intx.line = asserted;
	line_may_fire(b);
}

void bindings_disintx(struct bindings *b, bool disable)
{
	b->intx.disintx = disable;
	if (disable)
		b->intx.masked = true;
	else
		unmask(b);
}

void bindings_notify(struct bindings *b, unsigned int index)
{
	signalled(b, b->single[index - VFIO_PCI_ERR_IRQ_INDEX]);
}

void bindings_written(struct bindings *b, int eventfd)
{
	signalled(b, eventfd);
}

void bindings_hung_up(struct bindings *b, int eventfd)
{
	if (b->intx.unmask == eventfd)
		set(b, &b->intx.unmask, SIGNALS_NONE);
}

/* ---- What is expected of a request --------------------------------------------- */

static uint32_t type_of(const struct bindings_request *request)
{
	return request->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
}

static uint32_t action_of(const struct bindings_request *request)
{
	return request->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
}

static int32_t fd_at(const struct bindings_request *request, unsigned int i)
{
	return ((const int32_t *)request->data)[i];
}

static bool bool_at(const struct bindings_request *request, unsigned int i)
{
	return type_of(request) == VFIO_IRQ_SET_DATA_NONE ||
	       ((const uint8_t *)request->data)[i];
}

/* What is refused whatever the state: linux/vfio.h. */
static int expect_valid(const struct bindings *b, const struct bindings_request *r)
{
	const uint32_t known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
	uint64_t end = (uint64_t)r->start + r->count;
	size_t element;

	if (r->index >= VFIO_PCI_NUM_IRQS || (r->flags & ~known))
		return -EINVAL;
	if (r->start >= b->setup.count[r->index] || end > b->setup.count[r->index])
		return -EINVAL;

	switch (type_of(r)) {
	case VFIO_IRQ_SET_DATA_NONE:
		element = 0;
		break;
	case VFIO_IRQ_SET_DATA_BOOL:
		element = sizeof(uint8_t);
		break;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		element = sizeof(int32_t);
		break;
	default:
		return -EINVAL;
	}
	return r->size < element * r->count ? -EINVAL : 0;
}

static int expect_mask(const struct bindings *b, const struct bindings_request *r)
{
	if (r->index != INTX)
		return -ENOTTY;
	if (!b->intx.on || r->count != 1)
		return -EINVAL;
	return type_of(r) == VFIO_IRQ_SET_DATA_EVENTFD ? -ENOTTY : 0;
}

static int expect_unmask(const struct bindings *b, const struct bindings_request *r,
			 const struct bindings_world *world)
{
	int eventfd;

	if (r->index != INTX)
		return -ENOTTY;
	if (!b->intx.on || r->count != 1)
		return -EINVAL;
	if (type_of(r) != VFIO_IRQ_SET_DATA_EVENTFD || fd_at(r, 0) < 0)
		return 0;
	eventfd = world->eventfd_of(world->arg, fd_at(r, 0));
	if (eventfd < 0)
		return eventfd;
	return b->intx.unmask != SIGNALS_NONE ? -EBUSY : 0;
}

static int expect_line(const struct bindings *b, const struct bindings_request *r,
		       const struct bindings_world *world)
{
	int eventfd;

	if (!r->count)
		return b->intx.on && type_of(r) == VFIO_IRQ_SET_DATA_NONE ? 0 : -EINVAL;
	if (type_of(r) != VFIO_IRQ_SET_DATA_EVENTFD)
		return b->intx.on ? 0 : -EINVAL;
	if (!b->intx.on && b->index >= 0)
		return -EINVAL;
	if (fd_at(r, 0) < 0)
		return 0;
	eventfd = world->eventfd_of(world->arg, fd_at(r, 0));
	return eventfd < 0 ? eventfd : 0;
}

static int expect_single(const struct bindings *b, const struct bindings_request *r,
			 const struct bindings_world *world)
{
	bool present = b->single[r->index - VFIO_PCI_ERR_IRQ_INDEX] != SIGNALS_NONE;
	int eventfd;

	if (type_of(r) == VFIO_IRQ_SET_DATA_NONE)
		return present ? 0 : -EINVAL;
	if (!r->count)
		return -EINVAL;
	if (type_of(r) == VFIO_IRQ_SET_DATA_BOOL || fd_at(r, 0) == -1)
		return 0;
	if (fd_at(r, 0) < 0)
		return -EINVAL;
	eventfd = world->eventfd_of(world->arg, fd_at(r, 0));
	return eventfd < 0 ? eventfd : 0;
}

/* Irqs come one by one, and go one by one. */
static bool one_by_one(const struct bindings *b, unsigned int index)
{
	return index == MSIX && b->setup.growable && !b->setup.reserve;
}

static unsigned int wanted(const struct bindings_request *r)
{
	unsigned int i, n = 0;

	for (i = 0; i < r->count; i++)
		n += fd_at(r, i) >= 0;
	return n;
}

/* Of how many irqs the index is switched on with, fewer would do: *@least. */
static unsigned int irqs_at_enable(const struct bindings *b, const struct bindings_request *r,
				   unsigned int *least)
{
	unsigned int end = r->start + r->count;
	unsigned int most = end;

	if (one_by_one(b, r->index)) {
		most = wanted(r);
		most = most ? most : 1;
		*least = most;
		return most;
	}
	if (r->index == MSIX && b->setup.growable && b->setup.reserve > end)
		most = b->setup.reserve;
	*least = end;
	return b->setup.irqs && most > b->setup.irqs ? b->setup.irqs : most;
}

/* Are there irqs, and handlers, for all that is to be bound? */
static int expect_irqs(const struct bindings *b, const struct bindings_request *r,
		       unsigned int limit, unsigned int irqs, bool enabling, long *failing)
{
	unsigned int bound = b->bound;
	unsigned int i;

	for (i = 0; i < r->count; i++) {
		const struct bindings_vector *vector = &b->vectors[r->start + i];

		*failing = i;
		if (fd_at(r, i) < 0 || bindings_trigger(b, r->start + i) != SIGNALS_NONE)
			continue;
		if (!one_by_one(b, r->index)) {
			if (r->start + i >= limit)
				return -ENOSPC;
		} else if (!enabling && !vector->irq) {
			if (b->setup.irqs && irqs >= b->setup.irqs)
				return -ENOSPC;
			irqs++;
		}
		if (b->setup.cpu_vectors && bound >= b->setup.cpu_vectors)
			return -ENOSPC;
		bound++;
	}
	*failing = -1;
	return 0;
}

static int expect_eventfds(const struct bindings_request *r, const struct bindings_world *world,
			   long *failing)
{
	unsigned int i;
	int eventfd;

	for (i = 0; i < r->count; i++) {
		if (fd_at(r, i) < 0)
			continue;
		eventfd = world->eventfd_of(world->arg, fd_at(r, i));
		if (eventfd >= 0)
			continue;
		*failing = i;
		return eventfd;
	}
	return 0;
}

static bool in_range(const struct bindings *b, const struct bindings_request *r)
{
	if (r->index == MSIX && b->setup.growable)
		return true;
	return r->start + r->count <= b->limit;
}

static int expect_vectors(const struct bindings *b, const struct bindings_request *r,
			  const struct bindings_world *world, long *failing)
{
	bool on = b->index == (int)r->index;
	unsigned int irqs, least;
	int ret;

	if (on && !r->count && type_of(r) == VFIO_IRQ_SET_DATA_NONE)
		return 0;
	if (!on && b->index >= 0)
		return -EINVAL;
	if (type_of(r) != VFIO_IRQ_SET_DATA_EVENTFD)
		return on && in_range(b, r) ? 0 : -EINVAL;
	if (on ? !in_range(b, r) : !r->count)
		return -EINVAL;

	ret = expect_eventfds(r, world, failing);
	if (ret || on)
		return ret ? ret : expect_irqs(b, r, b->limit, b->irqs, false, failing);

	irqs = irqs_at_enable(b, r, &least);
	if (b->setup.irqs && least > b->setup.irqs)
		return b->setup.irqs;
	return expect_irqs(b, r, irqs, irqs, true, failing);
}

int bindings_expect(const struct bindings *b, const struct bindings_request *request,
		    const struct bindings_world *world, long *failing)
{
	long unused;
	int ret = expect_valid(b, request);

	if (!failing)
		failing = &unused;
	*failing = -1;
	if (ret)
		return ret;

	switch (action_of(request)) {
	case VFIO_IRQ_SET_ACTION_MASK:
		return expect_mask(b, request);
	case VFIO_IRQ_SET_ACTION_UNMASK:
		return expect_unmask(b, request, world);
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		break;
	default:
		return -ENOTTY;
	}

	switch (request->index) {
	case INTX:
		return expect_line(b, request, world);
	case MSI:
	case MSIX:
		return expect_vectors(b, request, world, failing);
	default:
		return expect_single(b, request, world);
	}
}

/* ---- What a request does ----------------------------------------------------------- */

/* An eventfd has one producer: the vector that comes first. */
static void register_producer(struct bindings *b, unsigned int v)
{
	int *producer = &b->producer[b->vectors[v].trigger];

	if (*producer < 0)
		*producer = v;
}

static void unregister_producer(struct bindings *b, unsigned int v)
{
	int eventfd = b->vectors[v].trigger;

	if (eventfd != SIGNALS_NONE && b->producer[eventfd] == (int)v)
		b->producer[eventfd] = -1;
}

static void free_irq_of(struct bindings *b, struct bindings_vector *vector)
{
	b->irqs -= vector->irq;
	vector->irq = false;
}

static void unbind(struct bindings *b, unsigned int v)
{
	struct bindings_vector *vector = &b->vectors[v];

	if (vector->trigger == SIGNALS_NONE)
		return;
	unregister_producer(b, v);
	set(b, &vector->trigger, SIGNALS_NONE);
	vector->broken = false;
	b->bound--;
	if (b->free_on_unbind && one_by_one(b, b->index))
		free_irq_of(b, vector);
}

static void bind(struct bindings *b, unsigned int v, int eventfd)
{
	struct bindings_vector *vector = &b->vectors[v];

	b->bound += vector->trigger == SIGNALS_NONE;
	b->irqs += !vector->irq;
	vector->irq = true;
	set(b, &vector->trigger, eventfd);
	if (vector->latent)
		signals_maybe(&b->signals, eventfd);
	/* In the MSI-X table it waits on while MSI is used. */
	if (b->index != MSIX)
		return;
	vector->latent = false;
	vector->broken = false;
}

static void all_off(struct bindings *b)
{
	unsigned int v;

	if (b->index < 0)
		return;
	for (v = 0; v < b->setup.count[b->index]; v++) {
		struct bindings_vector *vector = &b->vectors[v];

		set(b, &vector->trigger, SIGNALS_NONE);
		*vector = (struct bindings_vector){
			.trigger = SIGNALS_NONE,
			.latent = vector->latent,
		};
	}
	set(b, &b->intx.trigger, SIGNALS_NONE);
	set(b, &b->intx.unmask, SIGNALS_NONE);
	b->intx.on = false;
	b->intx.masked = false;
	b->bound = 0;
	b->irqs = 0;
	b->limit = 0;
	b->index = -1;
	forget_producers(b);
}

static void switch_on(struct bindings *b, const struct bindings_request *r)
{
	unsigned int least, v;
	unsigned int n = irqs_at_enable(b, r, &least);

	b->index = r->index;
	b->limit = n;
	if (!one_by_one(b, r->index)) {
		for (v = 0; v < n; v++)
			b->vectors[v].irq = true;
		b->irqs = n;
	} else if (!wanted(r)) {
		b->vectors[r->start].irq = true;
		b->irqs = 1;
	}
}

static void set_triggers(struct bindings *b, const struct bindings_request *r,
			 const struct bindings_world *world)
{
	unsigned int i;

	if (b->index < 0)
		switch_on(b, r);

	/* A trigger may move from one vector to another: first all go. */
	for (i = 0; i < r->count; i++)
		unregister_producer(b, r->start + i);
	for (i = 0; i < r->count; i++) {
		if (fd_at(r, i) < 0)
			unbind(b, r->start + i);
		else
			bind(b, r->start + i, world->eventfd_of(world->arg, fd_at(r, i)));
	}
	for (i = 0; i < r->count; i++)
		if (fd_at(r, i) >= 0)
			register_producer(b, r->start + i);
}

static void do_vectors(struct bindings *b, const struct bindings_request *r,
		       const struct bindings_world *world)
{
	unsigned int i;

	if (type_of(r) == VFIO_IRQ_SET_DATA_EVENTFD) {
		if (r->count)
			set_triggers(b, r, world);
	} else if (!r->count && type_of(r) == VFIO_IRQ_SET_DATA_NONE) {
		all_off(b);
	} else {
		for (i = 0; i < r->count; i++)
			if (bool_at(r, i))
				signalled(b, b->vectors[r->start + i].trigger);
	}
}

static void do_line(struct bindings *b, const struct bindings_request *r,
		    const struct bindings_world *world)
{
	int eventfd = SIGNALS_NONE;

	if (!r->count) {
		all_off(b);
	} else if (type_of(r) != VFIO_IRQ_SET_DATA_EVENTFD) {
		if (bool_at(r, 0) && !b->intx.disintx)
			signalled(b, b->intx.trigger);
	} else {
		if (fd_at(r, 0) >= 0)
			eventfd = world->eventfd_of(world->arg, fd_at(r, 0));
		set(b, &b->intx.trigger, eventfd);
		if (b->intx.on)
			return;
		b->intx.on = true;
		b->index = INTX;
		b->intx.masked = b->intx.disintx;
		line_may_fire(b);
	}
}

static void do_unmask(struct bindings *b, const struct bindings_request *r,
		      const struct bindings_world *world)
{
	if (type_of(r) != VFIO_IRQ_SET_DATA_EVENTFD) {
		if (bool_at(r, 0))
			unmask(b);
	} else if (fd_at(r, 0) < 0) {
		set(b, &b->intx.unmask, SIGNALS_NONE);
	} else {
		set(b, &b->intx.unmask, world->eventfd_of(world->arg, fd_at(r, 0)));
	}
}

static void do_single(struct bindings *b, const struct bindings_request *r,
		      const struct bindings_world *world)
{
	int *slot = &b->single[r->index - VFIO_PCI_ERR_IRQ_INDEX];

	if (type_of(r) == VFIO_IRQ_SET_DATA_EVENTFD)
		set(b, slot, fd_at(r, 0) < 0 ? SIGNALS_NONE :
					       world->eventfd_of(world->arg, fd_at(r, 0)));
	else if (!r->count)
		set(b, slot, SIGNALS_NONE);
	else if (bool_at(r, 0))
		signalled(b, *slot);
}

static void apply(struct bindings *b, const struct bindings_request *r,
		  const struct bindings_world *world)
{
	if (action_of(r) == VFIO_IRQ_SET_ACTION_MASK) {
		if (bool_at(r, 0))
			b->intx.masked = true;
	} else if (action_of(r) == VFIO_IRQ_SET_ACTION_UNMASK) {
		do_unmask(b, r, world);
	} else if (r->index == INTX) {
		do_line(b, r, world);
	} else if (r->index == MSI || r->index == MSIX) {
		do_vectors(b, r, world);
	} else {
		do_single(b, r, world);
	}
}

/* ---- Verdict ------------------------------------------------------------------------ */

static bool was_injected(const struct bindings_outcome *outcome, int error)
{
	unsigned int i;

	for (i = 0; i < outcome->injections; i++)
		if (outcome->injected[i] == error)
			return true;
	return false;
}

/*
 * With teardown_on_error vectors up to the failing one are unbound. Which one
 * that was is known unless a call was made to fail: then it is looked up, and all
 * that has to hold is that those behind it are left alone.
 */
static bool torn_down(struct bindings *b, const struct bindings_request *r,
		      const struct bindings_world *world, bool injected, long failing)
{
	unsigned int i, end = failing + 1;

	if (injected) {
		for (end = r->count; end; end--)
			if (b->vectors[r->start + end - 1].trigger != SIGNALS_NONE &&
			    !world->has_irq(world->arg, r->start + end - 1))
				break;
	}
	for (i = 0; i < end; i++) {
		if (b->vectors[r->start + i].trigger != SIGNALS_NONE &&
		    world->has_irq(world->arg, r->start + i))
			return complain(b, "vector %u is bound, and %u behind it is torn down",
					r->start + i, r->start + end - 1);
		unbind(b, r->start + i);
	}
	return true;
}

static bool tears_down(const struct bindings *b, const struct bindings_request *r)
{
	return b->teardown_on_error && b->index >= 0 && b->index == (int)r->index &&
	       r->index != INTX && action_of(r) == VFIO_IRQ_SET_ACTION_TRIGGER &&
	       type_of(r) == VFIO_IRQ_SET_DATA_EVENTFD;
}

bool bindings_done(struct bindings *b, const struct bindings_request *request,
		   const struct bindings_world *world, const struct bindings_outcome *outcome)
{
	long failing;
	int expected = bindings_expect(b, request, world, &failing);
	bool injected = outcome->result < 0 && was_injected(outcome, outcome->result);

	if (outcome->result != expected && !injected)
		return complain(b, "returned %d, expected %d", outcome->result, expected);

	if (!outcome->result) {
		apply(b, request, world);
		if (outcome->bypass_injected)
			b->producers_known = false;
		return true;
	}
	if (outcome->result < 0 && tears_down(b, request)) {
		/* The index is valid here, and so is the range if a vector is at fault. */
		if (injected || failing >= 0)
			return torn_down(b, request, world, injected, failing);
	}
	return true;
}

/* ---- Other events --------------------------------------------------------------------- */

void bindings_closed(struct bindings *b)
{
	unsigned int v;

	all_off(b);
	set(b, &b->single[0], SIGNALS_NONE);
	set(b, &b->single[1], SIGNALS_NONE);
	b->intx.line = false;
	b->intx.disintx = false;
	for (v = 0; v < b->setup.count[MSIX]; v++)
		b->vectors[v].latent = false;
}

void bindings_reset(struct bindings *b)
{
	unsigned int v;

	b->intx.line = false;
	if (b->index != MSIX)
		return;
	for (v = 0; v < b->setup.count[MSIX]; v++) {
		struct bindings_vector *vector = &b->vectors[v];

		if (vector->trigger == SIGNALS_NONE)
			continue;
		if (vector->latent)
			signals_maybe(&b->signals, vector->trigger);
		vector->latent = false;
		vector->broken = false;
	}
}

void bindings_table_lost(struct bindings *b)
{
	unsigned int v;

	if (b->index != MSIX)
		return;
	for (v = 0; v < b->setup.count[MSIX]; v++)
		b->vectors[v].broken = b->vectors[v].trigger != SIGNALS_NONE;
}

void bindings_accounts(const struct bindings *b, struct bindings_accounts *accounts)
{
	unsigned int i;

	*accounts = (struct bindings_accounts){
		.irqs = b->irqs,
		.requested = b->bound + b->intx.on,
		.enabled = b->bound +
			   (b->intx.on && (b->setup.maskable_line || !b->intx.masked)),
		.cpu_vectors = b->bound,
		.contexts = b->index >= 0,
		.lines = b->intx.on,
		.unmasks = b->intx.unmask != SIGNALS_NONE,
		.singles = (b->single[0] != SIGNALS_NONE) + (b->single[1] != SIGNALS_NONE),
	};
	for (i = 0; i < SIGNALS_EVENTFDS; i++) {
		accounts->eventfd_refs += b->refs[i];
		accounts->producers += b->producer[i] >= 0;
	}
}
