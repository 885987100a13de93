// SPDX-License-Identifier: GPL-2.0-only
/*
 * The account of irq-lab (tests/vm/irq-lab/fire.c), over an accelerator that does
 * what a test wants: every interrupt in its eventfd, one lost, one late, one in the
 * wrong place. What the laboratory says of hosts is worth as much as this.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "fire.h"
#include "unit.h"

#define VECTORS 4
#define VICTIM 2
#define CONFIRM_NS 1000000ULL

enum fault {
	NO_FAULT,
	LOSE,		/* the message of VICTIM number @at is not signalled */
	KEEP,		/* it is signalled when the test says so */
	TWICE,		/* it is signalled twice */
	WRONG_EVENTFD,	/* it is signalled in the one that is not bound */
	REFUSE,		/* the descriptor cannot be submitted */
	NO_COMPLETION,	/* it has no completion record yet, nor a signal */
};

/* The accelerator, and the host it signals through. */
struct accel {
	struct fire *fire;
	enum fault fault;
	unsigned int at;
	atomic_uint raised[VECTORS];
	atomic_bool kept;
	atomic_bool incomplete;
	int bound[VECTORS];
};

static struct accel accel;

static void signal_vector(unsigned int vector, int which)
{
	ck_assert_int_eq(eventfd_write(fire_fd(accel.fire, vector, which), 1), 0);
}

static bool faulty(unsigned int vector, unsigned int number)
{
	int bound = accel.bound[vector];

	if (vector != VICTIM || number != accel.at)
		return false;
	switch (accel.fault) {
	case NO_FAULT:
		return false;
	case LOSE:
		return true;
	case KEEP:
		atomic_store(&accel.kept, true);
		return true;
	case TWICE:
		signal_vector(vector, bound);
		return false;
	case WRONG_EVENTFD:
		signal_vector(vector, !bound);
		return true;
	case NO_COMPLETION:
		atomic_store(&accel.incomplete, true);
		return true;
	case REFUSE:
		break;
	}
	return true;
}

int accel_raise(struct accel *a, const uint16_t *vectors, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int v = vectors[i];
		unsigned int number = atomic_fetch_add(&a->raised[v], 1) + 1;

		if (!faulty(v, number))
			signal_vector(v, a->bound[v]);
		else if (a->fault == REFUSE)
			return -EIO;
	}
	return 0;
}

bool accel_complete(const struct accel *a, unsigned int vector)
{
	return vector != VICTIM || !atomic_load(&a->incomplete);
}

static void begin(enum fault fault, unsigned int at)
{
	unsigned int v;

	accel = (struct accel){ .fault = fault, .at = at };
	accel.fire = fire_create(&accel, VECTORS, CONFIRM_NS);
	ck_assert_ptr_nonnull(accel.fire);
	for (v = 0; v < VECTORS; v++)
		fire_may_signal(accel.fire, v, 0);
}

static struct fire_counts all(void)
{
	return fire_count(accel.fire, 0, VECTORS);
}

START_TEST(every_one_arrives)
{
	struct fire_counts c;
	unsigned int v;

	begin(NO_FAULT, 0);
	fire_raise(accel.fire, 0, VECTORS, 1000);
	ck_assert_int_eq(fire_settle(accel.fire, 0, VECTORS), 0);
	c = all();
	ck_assert_uint_eq(c.raised, VECTORS * 1000);
	ck_assert_uint_eq(c.arrived, VECTORS * 1000);
	ck_assert_uint_eq(c.lost + c.late + c.extra + c.stray, 0);
	for (v = 0; v < VECTORS; v++) {
		ck_assert_uint_eq(atomic_load(&accel.raised[v]), 1000);
		ck_assert_int_eq(fire_last(accel.fire, v), 0);
	}
	fire_destroy(accel.fire);
}
END_TEST

/* Alone, where only time tells, and among others that go on. */
START_TEST(a_loss_is_one_loss)
{
	struct fire_counts c;

	begin(LOSE, 3);
	if (_i)
		fire_raise(accel.fire, 0, VICTIM, FIRE_ENDLESS);
	fire_raise(accel.fire, VICTIM, 1, 10);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_int_eq(fire_settle(accel.fire, 0, VECTORS), 0);
	c = fire_count(accel.fire, VICTIM, 1);
	ck_assert_uint_eq(c.raised, 10);
	ck_assert_uint_eq(c.arrived, 9);
	ck_assert_uint_eq(c.lost, 1);
	ck_assert_uint_eq(all().lost, 1);
	ck_assert_uint_eq(all().raised, all().arrived + 1);
	ck_assert_uint_eq(all().extra, 0);
	fire_destroy(accel.fire);
}
END_TEST

START_TEST(a_late_one_is_told_from_a_lost_one)
{
	begin(KEEP, 1);
	fire_raise(accel.fire, VICTIM, 1, 1);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_uint_eq(all().lost, 1);
	ck_assert_uint_eq(all().late, 0);
	ck_assert(atomic_load(&accel.kept));
	signal_vector(VICTIM, 0);
	fire_signals_only(accel.fire, VICTIM, 1);
	ck_assert_uint_eq(all().lost, 1);
	ck_assert_uint_eq(all().late, 1);
	ck_assert_uint_eq(all().extra, 0);
	fire_destroy(accel.fire);
}
END_TEST

/* One signal more than was raised is no arrival of another. */
START_TEST(twice_is_extra)
{
	begin(TWICE, 5);
	fire_raise(accel.fire, VICTIM, 1, 5);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	fire_signals_only(accel.fire, VICTIM, 1);
	ck_assert_uint_eq(all().arrived, 5);
	ck_assert_uint_eq(all().extra, 1);
	fire_destroy(accel.fire);
}
END_TEST

START_TEST(a_signal_to_an_unbound_eventfd_is_stray)
{
	begin(WRONG_EVENTFD, 2);
	fire_raise(accel.fire, VICTIM, 1, 2);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_uint_eq(all().arrived, 2);
	ck_assert_uint_eq(all().stray, 1);
	ck_assert_int_eq(fire_last(accel.fire, VICTIM), 1);
	fire_destroy(accel.fire);
}
END_TEST

/* While a binding changes either may be signalled; afterwards only the new one. */
START_TEST(a_swap_takes_what_the_old_one_holds)
{
	begin(KEEP, 1);
	fire_raise(accel.fire, VICTIM, 1, 1);
	ck_assert_int_eq(fire_wait_more(accel.fire, 0), 0);
	while (!atomic_load(&accel.kept))
		sched_yield();
	fire_may_signal(accel.fire, VICTIM, 1);
	signal_vector(VICTIM, 0);
	accel.bound[VICTIM] = 1;
	fire_signals_only(accel.fire, VICTIM, 1);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_uint_eq(all().arrived, 1);
	ck_assert_uint_eq(all().stray, 0);
	fire_raise(accel.fire, VICTIM, 1, 1);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_int_eq(fire_last(accel.fire, VICTIM), 1);
	ck_assert_uint_eq(all().arrived, 2);
	ck_assert_uint_eq(all().stray, 0);
	fire_destroy(accel.fire);
}
END_TEST

START_TEST(endless_until_settled)
{
	struct fire_counts c;

	begin(NO_FAULT, 0);
	fire_raise(accel.fire, 0, VECTORS, FIRE_ENDLESS);
	ck_assert_int_eq(fire_wait_more(accel.fire, 5000), 0);
	ck_assert_int_eq(fire_settle(accel.fire, 0, VECTORS), 0);
	c = all();
	ck_assert_uint_ge(c.raised, 5000);
	ck_assert_uint_eq(c.raised, c.arrived);
	fire_reset_counts(accel.fire);
	ck_assert_uint_eq(all().raised, 0);
	ck_assert_int_eq(fire_last(accel.fire, 0), FIRE_UNBOUND);
	fire_destroy(accel.fire);
}
END_TEST

START_TEST(a_refused_descriptor_ends_it)
{
	begin(REFUSE, 1);
	fire_raise(accel.fire, VICTIM, 1, 1);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), -EIO);
	ck_assert_int_eq(fire_wait_more(accel.fire, 1), -EIO);
	fire_destroy(accel.fire);
}
END_TEST

/* Without a completion nothing is lost yet. It is stopped in the middle. */
START_TEST(no_completion_no_loss)
{
	begin(NO_COMPLETION, 1);
	fire_raise(accel.fire, VICTIM, 1, 1);
	fire_raise(accel.fire, 0, 1, 2000);
	ck_assert_int_eq(fire_settle(accel.fire, 0, 1), 0);
	ck_assert_uint_eq(all().lost, 0);
	ck_assert_uint_eq(fire_count(accel.fire, VICTIM, 1).arrived, 0);
	atomic_store(&accel.incomplete, false);
	ck_assert_int_eq(fire_settle(accel.fire, VICTIM, 1), 0);
	ck_assert_uint_eq(all().lost, 1);
	fire_destroy(accel.fire);
}
END_TEST

START_TEST(nothing_is_left)
{
	int before = open_fds();

	begin(KEEP, 1);
	ck_assert_int_gt(open_fds(), before + 2 * VECTORS);
	fire_raise(accel.fire, 0, VECTORS, FIRE_ENDLESS);
	fire_destroy(accel.fire);
	ck_assert_int_eq(open_fds(), before);
	fire_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fire");
	TCase *tc = tcase_create("fire");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_one_arrives);
	tcase_add_loop_test(tc, a_loss_is_one_loss, 0, 2);
	tcase_add_test(tc, a_late_one_is_told_from_a_lost_one);
	tcase_add_test(tc, twice_is_extra);
	tcase_add_test(tc, a_signal_to_an_unbound_eventfd_is_stray);
	tcase_add_test(tc, a_swap_takes_what_the_old_one_holds);
	tcase_add_test(tc, endless_until_settled);
	tcase_add_test(tc, a_refused_descriptor_ends_it);
	tcase_add_test(tc, no_completion_no_loss);
	tcase_add_test(tc, nothing_is_left);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
