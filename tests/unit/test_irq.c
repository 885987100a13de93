// SPDX-License-Identifier: GPL-2.0-only
/* The client's triggers, and a client that tries to make the one who fires them sleep. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "irq.h"
#include "unit.h"

#define VECTORS 4U

static struct irq_set *set;
static const char *why;

static void setup(void)
{
	set = irq_set_create(VECTORS);
	ck_assert_ptr_nonnull(set);
}

static void teardown(void)
{
	irq_set_destroy(set);
}

static uint64_t count_of(int fd)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

/* A new eventfd, of which a second descriptor is bound to @vector. */
static int bind_one(unsigned int vector, int flags)
{
	int fd = eventfd(0, EFD_CLOEXEC | flags), copy = dup(fd);

	ck_assert_int_eq(irq_set_bind(set, vector, 1, &copy, &why), 0);
	ck_assert_int_eq(copy, -1);
	return fd;
}

START_TEST(signals_reach_their_vector)
{
	int fds[VECTORS];
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		ck_assert_int_eq(irq_set_signal(set, i), 0);
	for (i = 0; i < VECTORS; i++)
		fds[i] = bind_one(i, EFD_NONBLOCK);
	ck_assert_uint_eq(irq_set_bound(set), VECTORS);
	ck_assert_int_eq(irq_set_signal(set, 2), 1);
	ck_assert_int_eq(irq_set_signal(set, 2), 1);
	for (i = 0; i < VECTORS; i++)
		ck_assert_uint_eq(count_of(fds[i]), i == 2 ? 2 : 0);
	ck_assert_int_eq(irq_set_signal(set, VECTORS), -EINVAL);
	irq_set_unbind(set, 1, UINT32_MAX);
	ck_assert_uint_eq(irq_set_bound(set), 1);
	for (i = 0; i < VECTORS; i++)
		ck_assert_int_eq(irq_set_signal(set, i), i == 0);
	for (i = 0; i < VECTORS; i++)
		close(fds[i]);
}
END_TEST

START_TEST(only_eventfds_and_all_or_none)
{
	int fds[3] = { eventfd(0, EFD_CLOEXEC), memfd_create("no", MFD_CLOEXEC),
		       eventfd(0, EFD_CLOEXEC) };
	int old = bind_one(0, EFD_NONBLOCK);

	ck_assert_int_eq(irq_set_bind(set, 0, 3, fds, &why), -EINVAL);
	ck_assert_ptr_nonnull(why);
	ck_assert_uint_eq(irq_set_bound(set), 1);
	ck_assert_int_eq(irq_set_signal(set, 0), 1);
	ck_assert_uint_eq(count_of(old), 1);
	ck_assert_int_eq(irq_set_bind(set, 2, 3, fds, &why), -EINVAL);
	ck_assert_int_eq(irq_set_bind(set, UINT32_MAX, 2, fds, &why), -EINVAL);
	ck_assert_int_ge(fds[0], 0);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
	close(old);
}
END_TEST

START_TEST(full_counters)
{
	int fd = bind_one(0, _i ? EFD_NONBLOCK : 0);
	uint64_t most = UINT64_MAX - 1;

	ck_assert_int_eq(write(fd, &most, sizeof(most)), sizeof(most));
	ck_assert_int_eq(irq_set_signal(set, 0), 1);
	ck_assert_uint_eq(count_of(fd), most);
	close(fd);
}
END_TEST

/* Filled in the moment between the look and the write; -1: none. */
static int trap = -1;

/* In place of the C library's: what a client on another CPU does just after the look. */
int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	struct timespec none = { 0 };
	uint64_t most = UINT64_MAX - 1;
	int ret = ppoll(fds, nfds, timeout ? NULL : &none, NULL);

	if (trap >= 0 && ret == 1 && write(trap, &most, sizeof(most)) == sizeof(most))
		trap = -1;
	return ret;
}

/*
 * An eventfd whose writer is stuck is taken away, and the one who fired goes on.
 * Without a watchdog this never ends.
 */
START_TEST(a_stuck_write_is_interrupted)
{
	int bad = bind_one(0, 0), good = bind_one(1, EFD_NONBLOCK);

	trap = bad;
	ck_assert_int_eq(irq_set_signal(set, 0), -EINTR);
	ck_assert_int_eq(trap, -1);
	ck_assert_int_eq(irq_set_signal(set, 0), 0);
	ck_assert_uint_eq(irq_set_bound(set), 1);
	ck_assert_int_eq(irq_set_signal(set, 1), 1);
	ck_assert_uint_eq(count_of(good), 1);
	ck_assert_uint_eq(count_of(bad), UINT64_MAX - 1);
	close(bad);
	close(good);
}
END_TEST

/* The same with O_NONBLOCK is just a full counter. */
START_TEST(a_write_that_fails_is_a_full_counter)
{
	int fd = bind_one(0, EFD_NONBLOCK);

	trap = fd;
	ck_assert_int_eq(irq_set_signal(set, 0), 1);
	ck_assert_uint_eq(irq_set_bound(set), 1);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("irq");
	TCase *tcase = tcase_create("triggers");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, signals_reach_their_vector);
	tcase_add_test(tcase, only_eventfds_and_all_or_none);
	tcase_add_loop_test(tcase, full_counters, 0, 2);
	tcase_add_test(tcase, a_stuck_write_is_interrupted);
	tcase_add_test(tcase, a_write_that_fails_is_a_full_counter);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
