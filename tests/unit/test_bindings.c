// SPDX-License-Identifier: GPL-2.0-only
/*
 * tests/fuzz/: the oracle says what a user of the interface would, and notices
 * everything that is not so. Nothing of the kernel runs here.
 */
#include <errno.h>
#include <string.h>

#include "bindings.h"
#include "unit.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define BAD_FD 90 /* closed */
#define NO_EVENTFD 91 /* another file */

static struct bindings bindings;
static bool irq_left[16];

/* Descriptor 10 + n is eventfd n. */
static int eventfd_of(void *arg, int fd)
{
	(void)arg;
	return fd == BAD_FD ? -EBADF : fd == NO_EVENTFD ? -EINVAL : fd - 10;
}

static bool has_irq(void *arg, unsigned int vector)
{
	(void)arg;
	return irq_left[vector];
}

static const struct bindings_world world = { eventfd_of, has_irq, NULL };

static void setup(void)
{
	static const struct bindings_setup device = {
		.count = { 1, 4, 9, 1, 1 },
		.growable = true,
		.maskable_line = true,
	};

	bindings_init(&bindings, &device);
	memset(irq_left, 0, sizeof(irq_left));
}

static bool done(uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
		 const int32_t *fds, const struct bindings_outcome *outcome)
{
	struct bindings_request request = {
		.flags = flags,
		.index = index,
		.start = start,
		.count = count,
		.data = fds,
		.size = fds ? count * sizeof(*fds) : 0,
	};

	return bindings_done(&bindings, &request, &world, outcome);
}

static bool bound(uint32_t index, uint32_t start, uint32_t count, const int32_t *fds, int result)
{
	const struct bindings_outcome outcome = { .result = result };

	return done(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, index, start, count,
		    fds, &outcome);
}

static bool disabled(uint32_t index, int result)
{
	const struct bindings_outcome outcome = { .result = result };

	return done(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, index, 0, 0, NULL,
		    &outcome);
}

/* What was read: @at_once and @settled of one eventfd, none of the others. */
static bool seen(unsigned int eventfd, uint64_t at_once, uint64_t settled)
{
	struct signals_seen what = { 0 };
	char complaint[512];

	memset(what.readable, true, sizeof(what.readable));
	what.at_once[eventfd] = at_once;
	what.settled[eventfd] = settled;
	return signals_check(&bindings.signals, &what, complaint, sizeof(complaint));
}

/* ---- Requests --------------------------------------------------------------------- */

START_TEST(success_is_as_requested)
{
	const int32_t fds[] = { 11, -1, 12 };

	ck_assert(bound(MSIX, 2, 3, fds, 0));
	ck_assert_int_eq(bindings.index, MSIX);
	ck_assert_int_eq(bindings_trigger(&bindings, 2), 1);
	ck_assert_int_eq(bindings_trigger(&bindings, 3), SIGNALS_NONE);
	ck_assert_int_eq(bindings_trigger(&bindings, 4), 2);
	ck_assert(disabled(MSIX, 0));
	ck_assert_int_eq(bindings.index, -1);
	ck_assert_int_eq(bindings_trigger(&bindings, 2), SIGNALS_NONE);
}
END_TEST

START_TEST(error_is_as_before)
{
	const int32_t fds[] = { 11, 12 }, bad[] = { 13, BAD_FD };

	ck_assert(bound(MSIX, 0, 2, fds, 0));
	ck_assert(bound(MSIX, 0, 2, bad, -EBADF));
	ck_assert_int_eq(bindings_trigger(&bindings, 0), 1);
	ck_assert_int_eq(bindings_trigger(&bindings, 1), 2);
}
END_TEST

/* Negative control: results that are wrong. */
START_TEST(wrong_results_are_reported)
{
	const int32_t good[] = { 11 }, bad[] = { BAD_FD }, other[] = { NO_EVENTFD };

	ck_assert(!bound(MSIX, 0, 1, bad, 0));
	ck_assert_str_eq(bindings.complaint, "returned 0, expected -9");
	ck_assert(!bound(MSIX, 0, 1, other, -EBADF));
	ck_assert(!bound(MSIX, 0, 1, good, -ENOMEM));
	ck_assert(!bound(MSIX, 0, 1, good, 1));
	ck_assert(!bound(MSIX, 9, 1, good, 0));
	ck_assert(!bound(MSIX, 8, 2, good, 0));
	ck_assert(!bound(5, 0, 1, good, 0));
	ck_assert(!disabled(MSIX, 0));
	ck_assert_int_eq(bindings.index, -1);
}
END_TEST

START_TEST(only_injected_errors_are_excused)
{
	const struct bindings_outcome memory = {
		.result = -ENOMEM, .injected = { -ENOMEM }, .injections = 1,
	};
	const struct bindings_outcome space = {
		.result = -ENOSPC, .injected = { -ENOMEM }, .injections = 1,
	};
	const uint32_t flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	const int32_t fds[] = { 11 };

	ck_assert(done(flags, MSIX, 0, 1, fds, &memory));
	ck_assert_int_eq(bindings.index, -1);
	ck_assert(!done(flags, MSIX, 0, 1, fds, &space));
}
END_TEST

START_TEST(limits_are_known)
{
	const int32_t fds[] = { 11, 12, 13 };

	bindings.setup.irqs = 2;
	ck_assert(bound(MSIX, 0, 3, fds, 2));
	ck_assert_int_eq(bindings.index, -1);
	ck_assert(!bound(MSIX, 0, 3, fds, 0));
	ck_assert(bound(MSIX, 0, 2, fds, 0));
	ck_assert(!bound(MSIX, 2, 1, fds, 0));
	ck_assert(bound(MSIX, 2, 1, fds, -ENOSPC));
}
END_TEST

START_TEST(teardown_ends_at_the_failing_vector)
{
	const int32_t fds[] = { 11, 12, 13 }, bad[] = { 14, BAD_FD, 15 };

	bindings.teardown_on_error = true;
	ck_assert(bound(MSIX, 0, 3, fds, 0));
	irq_left[2] = true;
	ck_assert(bound(MSIX, 0, 3, bad, -EBADF));
	ck_assert_int_eq(bindings_trigger(&bindings, 0), SIGNALS_NONE);
	ck_assert_int_eq(bindings_trigger(&bindings, 1), SIGNALS_NONE);
	ck_assert_int_eq(bindings_trigger(&bindings, 2), 3);

	/* Negative control: the first one was left. */
	setup();
	bindings.teardown_on_error = true;
	ck_assert(bound(MSIX, 0, 3, fds, 0));
	irq_left[0] = true;
	irq_left[2] = true;
	ck_assert(!bound(MSIX, 0, 3, bad, -EBADF));
}
END_TEST

START_TEST(one_index_at_a_time)
{
	const int32_t fds[] = { 11 };

	ck_assert(bound(INTX, 0, 1, fds, 0));
	ck_assert(!bound(MSIX, 0, 1, fds, 0));
	ck_assert(bound(MSIX, 0, 1, fds, -EINVAL));
	ck_assert(disabled(INTX, 0));
	ck_assert(bound(MSIX, 0, 1, fds, 0));
}
END_TEST

START_TEST(accounts_follow_the_bindings)
{
	const int32_t fds[] = { 11, 11, 12 }, unbind[] = { -1 };
	struct bindings_accounts a;

	ck_assert(bound(MSIX, 0, 3, fds, 0));
	ck_assert(bound(VFIO_PCI_ERR_IRQ_INDEX, 0, 1, fds, 0));
	bindings_accounts(&bindings, &a);
	ck_assert_uint_eq(a.irqs, 3);
	ck_assert_uint_eq(a.requested, 3);
	ck_assert_uint_eq(a.eventfd_refs, 4);
	ck_assert_uint_eq(a.producers, 2);
	ck_assert_uint_eq(a.singles, 1);

	/* The irq stays, unless it is to go. */
	ck_assert(bound(MSIX, 0, 1, unbind, 0));
	bindings.free_on_unbind = true;
	ck_assert(bound(MSIX, 2, 1, unbind, 0));
	bindings_accounts(&bindings, &a);
	ck_assert_uint_eq(a.irqs, 2);
	ck_assert_uint_eq(a.requested, 1);
	ck_assert_uint_eq(a.eventfd_refs, 2);

	bindings_closed(&bindings);
	bindings_accounts(&bindings, &a);
	ck_assert_uint_eq(a.irqs + a.requested + a.eventfd_refs + a.producers, 0);
}
END_TEST

/* ---- Signals ------------------------------------------------------------------------- */

START_TEST(a_signal_must_come_once)
{
	signals_clear(&bindings.signals);
	ck_assert(seen(0, 0, 0));
	ck_assert(!seen(3, 1, 0));
	signals_exact(&bindings.signals, 3);
	ck_assert(seen(3, 1, 0));
	ck_assert(!seen(3, 0, 0));
	ck_assert(!seen(3, 2, 0));
	ck_assert(!seen(4, 1, 0));
	signals_maybe(&bindings.signals, 3);
	ck_assert(seen(3, 2, 0));
	ck_assert(!seen(3, 3, 0));
}
END_TEST

START_TEST(an_interrupt_lands_in_old_or_new)
{
	signals_clear(&bindings.signals);
	signals_raise(&bindings.signals, 1, 2, true);
	ck_assert(seen(1, 1, 0));
	ck_assert(seen(2, 1, 0));
	ck_assert(seen(2, 0, 1));
	ck_assert(!seen(1, 0, 0));
	ck_assert(!seen(3, 1, 0));
	/* The owner of the old one was told that it is unbound. */
	ck_assert(!seen(1, 0, 1));
}
END_TEST

START_TEST(an_unbound_vector_is_silent)
{
	signals_clear(&bindings.signals);
	signals_raise(&bindings.signals, 1, SIGNALS_NONE, false);
	ck_assert(seen(1, 1, 0));
	ck_assert(seen(1, 0, 0));
	ck_assert(!seen(1, 0, 1));
}
END_TEST

START_TEST(intx_is_masked_by_itself)
{
	const int32_t fds[] = { 11 };

	ck_assert(bound(INTX, 0, 1, fds, 0));
	bindings_line(&bindings, true);
	bindings_line(&bindings, true);
	ck_assert(seen(1, 1, 0));
	ck_assert(!seen(1, 2, 0));
	signals_clear(&bindings.signals);
	bindings_disintx(&bindings, true);
	bindings_disintx(&bindings, false);
	ck_assert(seen(1, 1, 0));
	ck_assert(!seen(1, 0, 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bindings");
	TCase *tc = tcase_create("bindings");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, success_is_as_requested);
	tcase_add_test(tc, error_is_as_before);
	tcase_add_test(tc, wrong_results_are_reported);
	tcase_add_test(tc, only_injected_errors_are_excused);
	tcase_add_test(tc, limits_are_known);
	tcase_add_test(tc, teardown_ends_at_the_failing_vector);
	tcase_add_test(tc, one_index_at_a_time);
	tcase_add_test(tc, accounts_follow_the_bindings);
	tcase_add_test(tc, a_signal_must_come_once);
	tcase_add_test(tc, an_interrupt_lands_in_old_or_new);
	tcase_add_test(tc, an_unbound_vector_is_silent);
	tcase_add_test(tc, intx_is_masked_by_itself);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
