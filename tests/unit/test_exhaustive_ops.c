// SPDX-License-Identifier: GPL-2.0-only
/* The operations, and the states they start from. */
#include <errno.h>

#include <linux/vfio.h>

#include "test_exhaustive.h"

const char *const way_names[WAYS] = {
	[WAY_OURS] = "ours",
	[WAY_DISABLE_REENABLE] = "disable-reenable",
	[WAY_FREE_REQUEST] = "free-request",
};

/* Vectors bound at the start, where there are any. */
#define N 3

static int bind_n(struct world *w, int n)
{
	return sim_owner_bind(w->owner, 0, n, w->a);
}

/* ---- Operations ----------------------------------------------------------------- */

static int enable(struct world *w, int n)
{
	return sim_owner_bind(w->owner, 0, n, w->a);
}

/* MSI-X on, nothing bound: as QEMU 8.2 and later begin. */
static int enable_none(struct world *w, int arg)
{
	static const int none = -1;

	(void)arg;
	return sim_owner_bind(w->owner, 0, 1, &none);
}

static int enable_last(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, sim_vectors() - 1, 1, w->a);
}

static int grow_one(struct world *w, int n)
{
	return sim_owner_bind(w->owner, n, 1, &w->a[n]);
}

static int grow_two(struct world *w, int n)
{
	return sim_owner_bind(w->owner, n, 2, &w->a[n]);
}

static int grow_last(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, sim_vectors() - 1, 1, &w->a[N]);
}

static int unbind_one(struct world *w, int vector)
{
	static const int none = -1;

	return sim_owner_bind(w->owner, vector, 1, &none);
}

static int unbind_all(struct world *w, int n)
{
	static const int none[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	return sim_owner_bind(w->owner, 0, n, none);
}

static int swap_one(struct world *w, int vector)
{
	return sim_owner_bind(w->owner, vector, 1, &w->b[vector]);
}

static int swap_all(struct world *w, int n)
{
	return sim_owner_bind(w->owner, 0, n, w->b);
}

static int same_one(struct world *w, int vector)
{
	return sim_owner_bind(w->owner, vector, 1, &w->a[vector]);
}

static int same_all(struct world *w, int n)
{
	return sim_owner_bind(w->owner, 0, n, w->a);
}

/* Two vectors exchange their eventfds in one request. */
static int exchange(struct world *w, int arg)
{
	const int fds[] = { w->a[1], w->a[0] };

	(void)arg;
	return sim_owner_bind(w->owner, 0, 2, fds);
}

/* The middle one goes, the others stay. */
static int make_hole(struct world *w, int arg)
{
	const int fds[] = { w->a[0], -1, w->a[2] };

	(void)arg;
	return sim_owner_bind(w->owner, 0, 3, fds);
}

/* One of each: swap, unbind, same, bind. */
static int mixture(struct world *w, int arg)
{
	const int fds[] = { w->b[0], -1, w->a[2], w->a[3] };

	(void)arg;
	return sim_owner_bind(w->owner, 0, 4, fds);
}

/* Four that are bound and one that is not, one of the eventfds being none. */
static int bad_fd(struct world *w, int position)
{
	int fds[] = { w->b[0], w->b[1], -1, w->a[3], w->a[4] };

	fds[position] = position % 2 ? w->other : 9999;
	return sim_owner_bind(w->owner, 0, 5, fds);
}

static int out_of_range(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, sim_vectors() - 1, 2, w->b);
}

static int disable(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_disable(w->owner);
}

static int close_device(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_close(w->owner);
}

static int reset(struct world *w, int arg)
{
	(void)w;
	(void)arg;
	return sim_reset();
}

/* ---- States to start from ---------------------------------------------------------- */

static int with_hole(struct world *w, int arg)
{
	(void)arg;
	return bind_n(w, N) ?: unbind_one(w, 1);
}

static int fill_hole(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, 1, 1, &w->b[1]);
}

static int three(struct world *w, int arg)
{
	(void)arg;
	return bind_n(w, N);
}

static int four(struct world *w, int arg)
{
	(void)arg;
	return bind_n(w, 4);
}

static int none_bound(struct world *w, int arg)
{
	return enable_none(w, arg);
}

static int three_without_memory(struct world *w, int arg)
{
	int ret = three(w, arg);

	sim_memory_decoding(false);
	return ret;
}

static int three_table_lost(struct world *w, int arg)
{
	int ret = three(w, arg);

	sim_backdoor_reset();
	return ret;
}

static int three_reset(struct world *w, int arg)
{
	return three(w, arg) ?: sim_reset();
}

/* Its eventfd is closed: vfio-pci has the last reference. */
static int three_one_closed(struct world *w, int arg)
{
	return three(w, arg) ?: sim_close(w->a[1]);
}

/* Posted interrupts: KVM consumes all eventfds, or those at the start only. */
static int three_consumed(struct world *w, int arg)
{
	int v, ret = 0;

	for (v = 0; !ret && v < N; v++)
		ret = sim_consumer_add(w->a[v]);
	for (v = 0; !ret && arg && v < N; v++)
		ret = sim_consumer_add(w->b[v]);
	return ret ?: bind_n(w, N);
}

static int swap_all_of_three(struct world *w, int arg)
{
	(void)arg;
	return swap_all(w, N);
}

static int three_to_consume(struct world *w, int arg)
{
	int v, ret = 0;

	(void)arg;
	for (v = 0; !ret && v < N; v++)
		ret = sim_consumer_add(w->b[v]);
	return ret ?: bind_n(w, N);
}

/* ---- INTx ----------------------------------------------------------------------------- */

static int swap_line(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, 0, 1, &w->b[0]);
}

static int line(struct world *w, int arg)
{
	(void)arg;
	return sim_owner_bind(w->owner, 0, 1, w->a);
}

static int line_swapped_to_none(struct world *w, int arg)
{
	return unbind_one(w, arg);
}

/* ---- VMMs --------------------------------------------------------------------------------- */

static const struct sim_vmm_policy *const policies[] = {
	&sim_vmm_qemu_7_2, &sim_vmm_qemu_7_2_kvm, &sim_vmm_qemu_8_2, &sim_vmm_qemu_8_2_kvm,
	&sim_vmm_free_request,
};

enum { QEMU_7_2, QEMU_7_2_KVM, QEMU_8_2, QEMU_8_2_KVM, FREE_REQUEST };

/* A guest whose queues 0 to n - 1 are up. */
static int guest(struct world *w, int policy, int n)
{
	int v, ret;

	ret = sim_vmm_start(&w->vmm, policies[policy]);
	w->owner = &w->vmm.owner;
	w->vmm.between = scenario_between;
	ret = ret ?: sim_vmm_enable(&w->vmm);
	for (v = 0; !ret && v < n; v++)
		ret = sim_vmm_unmask(&w->vmm, v);
	return ret;
}

static int guest_of_one(struct world *w, int policy)
{
	return guest(w, policy, 1);
}

static int guest_of_three(struct world *w, int policy)
{
	return guest(w, policy, N);
}

static int guest_unmasks_one(struct world *w, int policy)
{
	(void)policy;
	return sim_vmm_unmask(&w->vmm, 1);
}

static int guest_unmasks_three(struct world *w, int policy)
{
	(void)policy;
	return sim_vmm_unmask(&w->vmm, N);
}

static int guest_masks(struct world *w, int policy)
{
	(void)policy;
	return sim_vmm_mask(&w->vmm, 0);
}

/* As a change of affinity in the guest: masked, written, unmasked. */
static int guest_masks_first(struct world *w, int policy)
{
	int ret = sim_vmm_mask(&w->vmm, 0);

	(void)policy;
	return ret ?: sim_vmm_unmask(&w->vmm, 0);
}

/* ---- The table ------------------------------------------------------------------------------- */

#define V(n) (1ULL << (n))
#define FIRST(n) (V(n) - 1)
#define FORGETFUL { .forget_disabled = true, .forget_masked = true }
#define FORGETS_DISABLED { .forget_disabled = true }
#define REMEMBERING { .forget_disabled = false }
#define FEW_IRQS(n) { .irqs = (n) }
#define FEW_CPU_VECTORS(n) { .cpu_vectors = (n) }
#define MSI { .msi_vectors = 8 }
#define FIXED { .no_dynamic = true, .forget_masked = true }
#define NO_DISINTX { .no_disintx = true }

/* An operation on a device that forgets whatever it can, and on one that remembers. */
#define TWICE(text, before, what, argument, result, vectors, ...)			\
	{ .name = text, .options = FORGETFUL, .setup = before, .operation = what,	\
	  .arg = argument, .expect = result, .raise = vectors, ##__VA_ARGS__ },		\
	{ .name = text ", device remembers", .options = REMEMBERING, .setup = before,	\
	  .operation = what, .arg = argument, .expect = result, .raise = vectors,	\
	  ##__VA_ARGS__ }

const struct scenario scenarios[] = {
	{ .name = "first enable ever", .operation = enable, .arg = 2, .raise = FIRST(2),
	  .cold = true },
	TWICE("enable one", NULL, enable, 1, 0, FIRST(2)),
	TWICE("enable three", NULL, enable, N, 0, FIRST(4)),
	TWICE("enable none", NULL, enable_none, 0, 0, FIRST(2)),
	TWICE("enable the last vector", NULL, enable_last, 0, 0, V(0) | V(8)),
	{ .name = "enable, too few irqs", .options = FEW_IRQS(2), .operation = enable, .arg = N,
	  .expect = 2, .raise = FIRST(N) },
	{ .name = "enable, too few CPU vectors", .options = FEW_CPU_VECTORS(2),
	  .operation = enable, .arg = N, .expect = -ENOSPC, .raise = FIRST(N) },

	TWICE("grow by one", three, grow_one, N, 0, FIRST(4), .growable = true),
	TWICE("grow by two", three, grow_two, N, 0, FIRST(5), .growable = true),
	TWICE("grow by the last vector", three, grow_last, 0, 0, FIRST(3) | V(8),
	      .growable = true),
	TWICE("grow from none", none_bound, grow_two, 0, 0, FIRST(2), .growable = true),
	{ .name = "grow, no CPU vector left", .options = FEW_CPU_VECTORS(4), .setup = three,
	  .operation = grow_two, .arg = N, .expect = -ENOSPC, .raise = FIRST(5),
	  .growable = true },
	{ .name = "grow, memory decoding off", .setup = three_without_memory,
	  .operation = grow_one, .arg = N, .raise = FIRST(4), .no_moves = true,
	  .growable = true },

	TWICE("shrink by one", four, unbind_one, 3, 0, FIRST(4)),
	TWICE("shrink to none", three, unbind_all, N, 0, FIRST(N)),
	{ .name = "shrink, irqs given back", .param = "free_on_unbind", .setup = four,
	  .operation = unbind_one, .arg = 3, .raise = FIRST(4) },
	TWICE("hole", three, make_hole, 0, 0, FIRST(N)),
	TWICE("fill a hole", with_hole, fill_hole, 0, 0, FIRST(N)),

	TWICE("swap one", three, swap_one, 1, 0, FIRST(N)),
	TWICE("swap three", three, swap_all, N, 0, FIRST(N)),
	{ .name = "swap one, its eventfd closed", .options = FORGETFUL,
	  .setup = three_one_closed, .operation = swap_one, .arg = 1, .raise = V(1),
	  .may_lose = true, .broken_before = true },
	{ .name = "unbind one, its eventfd closed", .options = FORGETFUL,
	  .setup = three_one_closed, .operation = unbind_one, .arg = 1, .raise = V(1),
	  .may_lose = true },
	{ .name = "disable, an eventfd closed", .options = FORGETFUL,
	  .setup = three_one_closed, .operation = disable, .raise = V(1), .may_lose = true },
	TWICE("same eventfd for one", three, same_one, 1, 0, FIRST(N)),
	TWICE("same eventfds for three", three, same_all, N, 0, FIRST(N)),
	TWICE("exchange eventfds", three, exchange, 0, 0, FIRST(N)),
	TWICE("swap, unbind, same, bind", three, mixture, 0, 0, FIRST(4), .growable = true),
	{ .name = "swap, memory decoding off", .options = FORGETFUL,
	  .setup = three_without_memory, .operation = swap_all, .arg = N, .raise = FIRST(N),
	  .no_moves = true },
	{ .name = "swap, posted to host", .options = FORGETFUL, .setup = three_consumed,
	  .operation = swap_all_of_three, .arg = 0, .raise = FIRST(N) },
	{ .name = "swap, posted to posted", .options = FORGETFUL, .setup = three_consumed,
	  .operation = swap_all_of_three, .arg = 1, .raise = FIRST(N) },
	{ .name = "swap, host to posted", .options = FORGETFUL, .setup = three_to_consume,
	  .operation = swap_all, .arg = N, .raise = FIRST(N) },

	TWICE("bad eventfd, position 0", four, bad_fd, 0, -EBADF, FIRST(5), .growable = true),
	TWICE("bad eventfd, position 1", four, bad_fd, 1, -EINVAL, FIRST(5), .growable = true),
	TWICE("bad eventfd, position 2", four, bad_fd, 2, -EBADF, FIRST(5), .growable = true),
	TWICE("bad eventfd, position 3", four, bad_fd, 3, -EINVAL, FIRST(5), .growable = true),
	TWICE("bad eventfd, position 4", four, bad_fd, 4, -EBADF, FIRST(5), .growable = true),
	TWICE("out of range", three, out_of_range, 0, -EINVAL, FIRST(N)),

	TWICE("disable", three, disable, 0, 0, FIRST(N)),
	TWICE("close", three, close_device, 0, 0, FIRST(N)),
	{ .name = "reset", .setup = three, .operation = reset, .raise = FIRST(N),
	  .may_lose = true, .no_moves = true },
	{ .name = "swap after a reset", .options = FORGETFUL, .setup = three_reset,
	  .operation = swap_all, .arg = N, .raise = FIRST(N) },
	{ .name = "same eventfds, table lost", .setup = three_table_lost, .operation = same_all,
	  .arg = N, .raise = FIRST(N), .broken_before = true, .no_moves = true },
	{ .name = "swap, table lost", .setup = three_table_lost, .operation = swap_all,
	  .arg = N, .raise = FIRST(N), .broken_before = true, .no_moves = true },

	/* MSI, and MSI-X that cannot grow. */
	{ .name = "MSI: enable", .options = MSI, .operation = enable, .arg = 4,
	  .raise = FIRST(4), .msi = true },
	{ .name = "MSI: swap", .options = MSI, .setup = three, .operation = swap_all, .arg = N,
	  .raise = FIRST(N), .msi = true },
	{ .name = "MSI: hole", .options = MSI, .setup = three, .operation = make_hole,
	  .raise = FIRST(N), .msi = true },
	{ .name = "MSI: fill a hole", .options = MSI, .setup = with_hole,
	  .operation = fill_hole, .raise = FIRST(N), .msi = true },
	{ .name = "MSI: disable", .options = MSI, .setup = three, .operation = disable,
	  .raise = FIRST(N), .msi = true },
	{ .name = "no dynamic MSI-X: enable", .options = FIXED, .operation = enable, .arg = N,
	  .raise = FIRST(N) },
	{ .name = "no dynamic MSI-X: swap", .options = FIXED, .setup = three,
	  .operation = swap_all, .arg = N, .raise = FIRST(N) },
	{ .name = "no dynamic MSI-X: fill a hole", .options = FIXED, .setup = with_hole,
	  .operation = fill_hole, .raise = FIRST(N) },

	/* The line. */
	{ .name = "INTx: enable", .operation = line, .raise = V(0), .line = true },
	{ .name = "INTx: swap", .setup = line, .operation = swap_line, .raise = V(0),
	  .line = true },
	{ .name = "INTx: unbind", .setup = line, .operation = line_swapped_to_none,
	  .raise = V(0), .line = true },
	{ .name = "INTx: disable", .setup = line, .operation = disable, .raise = V(0),
	  .line = true },
	{ .name = "INTx without DisINTx: enable", .options = NO_DISINTX, .operation = line,
	  .raise = V(0), .line = true },
	{ .name = "INTx without DisINTx: swap", .options = NO_DISINTX, .setup = line,
	  .operation = swap_line, .raise = V(0), .line = true },

	/* What QEMU asks for. */
	{ .name = "QEMU 8.2, one more queue", .options = FORGETFUL, .setup = guest_of_three,
	  .operation = guest_unmasks_three, .arg = QEMU_8_2, .raise = FIRST(4),
	  .growable = true },
	{ .name = "QEMU 8.2 with KVM, one more queue", .options = FORGETFUL,
	  .setup = guest_of_three, .operation = guest_unmasks_three, .arg = QEMU_8_2_KVM,
	  .raise = FIRST(4), .growable = true },
	{ .name = "QEMU 8.2 with KVM, affinity changed", .options = FORGETFUL,
	  .setup = guest_of_three, .operation = guest_masks_first, .arg = QEMU_8_2_KVM,
	  .raise = FIRST(N), .growable = true },
	{ .name = "QEMU 7.2 with KVM, affinity changed", .options = FORGETFUL,
	  .setup = guest_of_three, .operation = guest_masks_first, .arg = QEMU_7_2_KVM,
	  .raise = FIRST(N) },

	/* The ways of the past: they have to be caught. */
	{ .name = "one queue, one more", .way = WAY_DISABLE_REENABLE,
	  .options = FORGETS_DISABLED, .setup = guest_of_one, .operation = guest_unmasks_one,
	  .arg = QEMU_7_2, .raise = FIRST(2) },
	{ .name = "one queue, one more, device remembers", .way = WAY_DISABLE_REENABLE,
	  .options = REMEMBERING, .setup = guest_of_one, .operation = guest_unmasks_one,
	  .arg = QEMU_7_2, .raise = FIRST(2) },
	{ .name = "three queues, one more", .way = WAY_DISABLE_REENABLE,
	  .options = FORGETS_DISABLED, .setup = guest_of_three,
	  .operation = guest_unmasks_three, .arg = QEMU_7_2, .raise = FIRST(4) },
	{ .name = "three queues, one more, KVM", .way = WAY_DISABLE_REENABLE,
	  .options = FORGETS_DISABLED, .setup = guest_of_three,
	  .operation = guest_unmasks_three, .arg = QEMU_7_2_KVM, .raise = FIRST(4) },
	{ .name = "masked", .way = WAY_FREE_REQUEST, .options = REMEMBERING,
	  .setup = guest_of_one, .operation = guest_masks, .arg = FREE_REQUEST, .raise = V(0) },
	{ .name = "masked, device forgets", .way = WAY_FREE_REQUEST, .options = FORGETFUL,
	  .setup = guest_of_one, .operation = guest_masks, .arg = FREE_REQUEST, .raise = V(0) },
	{ .name = "affinity changed", .way = WAY_FREE_REQUEST, .options = REMEMBERING,
	  .setup = guest_of_one, .operation = guest_masks_first, .arg = FREE_REQUEST,
	  .raise = V(0) },
	{ .name = "affinity changed, three queues", .way = WAY_FREE_REQUEST,
	  .options = REMEMBERING, .setup = guest_of_three, .operation = guest_masks_first,
	  .arg = FREE_REQUEST, .raise = FIRST(N), .growable = true },
};

const unsigned int scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
