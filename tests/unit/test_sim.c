// SPDX-License-Identifier: GPL-2.0-only
/*
 * sim/: the machine does what it says, before anything is proven with it. Where
 * interrupts get lost in a kernel they get lost here; and kernel/ behaves.
 */
#include <errno.h>

#include <linux/vfio.h>

#include "sim.h"
#include "unit.h"
#include "vmm.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define NONE_TRIGGER (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)

static const int none = -1;

static void start(const struct sim_options *options)
{
	ck_assert_int_eq(sim_start(options), 0);
	ck_assert_int_eq(sim_open_device(), 0);
}

static void stop(void)
{
	const char *first;

	sim_stop();
	ck_assert_msg(!sim_faults(&first), "%s", first);
}

static void bind_one(unsigned int index, unsigned int vector, int fd, int expect)
{
	ck_assert_int_eq(sim_bind(index, vector, 1, &fd), expect);
}

/* An eventfd bound to vector 0. */
static int bound(unsigned int index)
{
	int fd = sim_eventfd();

	bind_one(index, 0, fd, 0);
	return fd;
}

/* ---- The machine -------------------------------------------------------------- */

START_TEST(bind_raise_read)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	ck_assert_uint_eq(sim_read(fd), 0);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	ck_assert_uint_eq(sim_read(fd), 0);
	sim_raise(1, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 0);
	stop();
}
END_TEST

/* However an interrupt is held up, it arrives when it is let go. */
START_TEST(held_up_and_let_go)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	sim_raise(0, _i);
	ck_assert_uint_eq(sim_read(fd), _i == SIM_PROMPT);
	sim_release();
	ck_assert_uint_eq(sim_read(fd), _i != SIM_PROMPT);
	stop();
}
END_TEST

/* Interrupts while a handler runs: one the kernel remembers, one the device; no more. */
START_TEST(merged_while_handled)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	sim_raise(0, SIM_STALLED_ENTRY);
	sim_raise(0, SIM_PROMPT);
	sim_raise(0, SIM_PROMPT);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 0);
	sim_release();
	ck_assert_uint_eq(sim_read(fd), 3);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

/* free_irq() forgets what a CPU has accepted, unless the vector comes back. */
START_TEST(free_irq_loses_accepted)
{
	struct sim_options options = { .same_vector = _i };
	int a, b;

	start(&options);
	a = bound(MSIX);
	b = sim_eventfd();
	sim_raise(0, SIM_HELD);
	bind_one(MSIX, 0, none, 0);
	bind_one(MSIX, 0, b, 0);
	sim_release();
	ck_assert_uint_eq(sim_read(a), 0);
	ck_assert_uint_eq(sim_read(b), _i);
	stop();
}
END_TEST

/* free_irq() waits for a handler; what comes then is kept at the device. */
START_TEST(free_irq_waits_and_masks)
{
	struct sim_options options = { .forget_masked = _i };
	int a, b;

	start(&options);
	a = bound(MSIX);
	b = sim_eventfd();
	sim_raise(0, SIM_STALLED_SIGNAL);
	bind_one(MSIX, 0, none, 0);
	ck_assert_uint_eq(sim_read(a), 1);
	sim_raise(0, SIM_PROMPT);
	bind_one(MSIX, 0, b, 0);
	ck_assert_uint_eq(sim_read(b), !_i);
	ck_assert_uint_eq(sim_read(a), 0);
	stop();
}
END_TEST

/* With MSI-X off a device may forget, and may remember. */
START_TEST(disabled_device)
{
	struct sim_options options = { .forget_disabled = _i };
	int fd;

	start(&options);
	fd = bound(MSIX);
	ck_assert_int_eq(sim_disable(MSIX), 0);
	sim_raise(0, SIM_PROMPT);
	bind_one(MSIX, 0, fd, 0);
	ck_assert_uint_eq(sim_read(fd), !_i);
	stop();
}
END_TEST

START_TEST(posted_to_consumer)
{
	int fd;

	start(NULL);
	fd = sim_eventfd();
	ck_assert_int_eq(sim_consumer_add(fd), 0);
	ck_assert_int_eq(sim_consumer_add(fd), -EBUSY);
	bind_one(MSIX, 0, fd, 0);
	/* No handler stands in the way of it. */
	sim_raise(0, SIM_STALLED_ENTRY);
	ck_assert_uint_eq(sim_read(fd), 1);
	ck_assert_int_eq(sim_consumer_remove(fd), 0);
	ck_assert_int_eq(sim_consumer_remove(fd), -ENOENT);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

START_TEST(moved_irq_still_arrives)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	sim_raise(0, SIM_HELD);
	sim_move_irq(0);
	sim_release();
	ck_assert_uint_eq(sim_read(fd), 1);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

/* A table that the device lost: the next request for the vector repairs it. */
START_TEST(backdoor_reset_and_repair)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	sim_backdoor_reset();
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 0);
	bind_one(MSIX, 0, fd, 0);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

START_TEST(reset_keeps_bindings)
{
	int fd;

	start(NULL);
	fd = bound(MSIX);
	ck_assert_int_eq(sim_reset(), 0);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

START_TEST(whole_table)
{
	struct sim_options options = { .msix_vectors = 2048 };
	static int fds[2048];
	unsigned int v;

	start(&options);
	ck_assert_uint_eq(sim_vectors(), 2048);
	for (v = 0; v < 2048; v++)
		fds[v] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 2048, fds), 0);
	for (v = 0; v < 2048; v++) {
		sim_raise(v, SIM_PROMPT);
		ck_assert_uint_eq(sim_read(fds[v]), 1);
	}
	stop();
}
END_TEST

/* ---- What the machine must notice ------------------------------------------------ */

/* A bookkeeping that never complains would prove nothing. */
START_TEST(faults_are_counted)
{
	const char *first;

	start(NULL);
	ck_assert_uint_eq(sim_faults(&first), 0);
	ck_assert_ptr_null(first);
	sim_memory_decoding(false);
	sim_intx(true);
	ck_assert_uint_eq(sim_faults(NULL), 0);
	sim_stop();
	ck_assert_uint_eq(sim_faults(NULL), 0);
}
END_TEST

static bool fail_all(void *arg, const struct sim_point *point)
{
	unsigned int *passed = arg;

	ck_assert_uint_eq(point->number, *passed);
	ck_assert_ptr_nonnull(point->name);
	(*passed)++;
	return true;
}

START_TEST(hook_numbers_and_fails)
{
	struct sim_counts before, after;
	unsigned int passed = 0;
	int fd;

	start(NULL);
	fd = bound(MSIX);
	sim_counts(&before);
	sim_set_hook(fail_all, &passed);
	bind_one(MSIX, 0, fd, -EBADF);
	ck_assert_uint_gt(passed, 4);
	ck_assert_uint_eq(sim_points(), passed);
	sim_set_hook(NULL, NULL);
	sim_counts(&after);
	ck_assert_uint_eq(after.bytes, before.bytes);
	ck_assert_uint_eq(after.eventfd_refs, before.eventfd_refs);
	ck_assert_uint_eq(after.requested, before.requested);
	ck_assert_uint_eq(after.producers, before.producers);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

/* ---- Options and requests that are no good ----------------------------------------- */

START_TEST(options_refused)
{
	ck_assert_int_eq(sim_start(&(struct sim_options){ .msi_vectors = 3 }), -EINVAL);
	ck_assert_int_eq(sim_start(&(struct sim_options){ .msi_vectors = 64 }), -EINVAL);
	ck_assert_int_eq(sim_start(&(struct sim_options){ .msix_vectors = 2049 }), -EINVAL);
	ck_assert_int_eq(sim_open_device(), -ENODEV);
	start(NULL);
	ck_assert_int_eq(sim_start(NULL), -EBUSY);
	ck_assert_int_eq(sim_open_device(), -EBUSY);
	ck_assert_int_eq(sim_set_param("no_such_parameter", 1), -ENOENT);
	ck_assert_int_eq(sim_close_device(), 0);
	ck_assert_int_eq(sim_close_device(), -EBADF);
	ck_assert_int_eq(sim_disable(MSIX), -EBADF);
	stop();
}
END_TEST

START_TEST(ioctl_checks)
{
	static const struct {
		uint32_t flags, index, start, count;
		size_t size;
		int result;
	} cases[] = {
		{ NONE_TRIGGER, VFIO_PCI_NUM_IRQS, 0, 1, 0, -EINVAL },
		{ NONE_TRIGGER, MSIX, 9, 0, 0, -EINVAL },
		{ NONE_TRIGGER, MSIX, 0, 10, 0, -EINVAL },
		{ NONE_TRIGGER, MSIX, 1, UINT32_MAX, 0, -EINVAL },
		{ NONE_TRIGGER | 1U << 20, MSIX, 0, 1, 0, -EINVAL },
		{ NONE_TRIGGER | VFIO_IRQ_SET_DATA_BOOL, MSIX, 0, 1, 4, -EINVAL },
		{ VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, MSIX, 0, 2, 4, -EINVAL },
		{ NONE_TRIGGER | VFIO_IRQ_SET_ACTION_MASK, MSIX, 0, 1, 0, -ENOTTY },
		{ VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, MSIX, 0, 1, 0, -ENOTTY },
		{ NONE_TRIGGER, MSI, 0, 0, 0, -EINVAL },
	};
	unsigned int i;

	start(NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(sim_set_irqs(cases[i].flags, cases[i].index, cases[i].start,
					   cases[i].count, &none, cases[i].size) ==
			      cases[i].result, "case %u", i);
	stop();
}
END_TEST

START_TEST(descriptors)
{
	int a, b;

	start(NULL);
	a = sim_eventfd();
	b = sim_dup(a);
	ck_assert_int_ge(b, SIM_FIRST_FD);
	bind_one(MSIX, 0, a, 0);
	ck_assert_int_eq(sim_close(a), 0);
	ck_assert_int_eq(sim_close(a), -EBADF);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(b), 1);
	bind_one(MSIX, 0, a, -EBADF);
	bind_one(MSIX, 0, sim_other_file(), -EINVAL);
	bind_one(MSIX, 0, -2, 0);
	stop();
}
END_TEST

/* ---- kernel/ ---------------------------------------------------------------------------- */

/* The module parameter brings the historical way to fail back. */
START_TEST(teardown_on_error)
{
	int fds[3], bad[3];
	unsigned int v;

	start(NULL);
	ck_assert_int_eq(sim_set_param("teardown_on_error", _i), 0);
	for (v = 0; v < 3; v++)
		fds[v] = bad[v] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 3, fds), 0);
	bad[1] = 9999;
	ck_assert_int_eq(sim_bind(MSIX, 0, 3, bad), -EBADF);
	for (v = 0; v < 3; v++) {
		sim_raise(v, SIM_PROMPT);
		ck_assert_uint_eq(sim_read(fds[v]), !_i || v == 2);
	}
	stop();
}
END_TEST

START_TEST(loopback)
{
	const uint8_t bools[] = { 0, 1 };
	int fds[2] = { 0 };

	start(NULL);
	fds[0] = sim_eventfd();
	fds[1] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 2, fds), 0);
	ck_assert_int_eq(sim_set_irqs(NONE_TRIGGER, MSIX, 0, 2, NULL, 0), 0);
	ck_assert_uint_eq(sim_read(fds[0]), 1);
	ck_assert_uint_eq(sim_read(fds[1]), 1);
	ck_assert_int_eq(sim_set_irqs(VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER, MSIX,
				      0, 2, bools, 2), 0);
	ck_assert_uint_eq(sim_read(fds[0]), 0);
	ck_assert_uint_eq(sim_read(fds[1]), 1);
	stop();
}
END_TEST

START_TEST(irq_names)
{
	start(NULL);
	bound(MSIX);
	ck_assert_str_eq(sim_irq_name(0), "vfio-msix[0](0000:6a:01.0)");
	bind_one(MSIX, 0, none, 0);
	ck_assert_ptr_null(sim_irq_name(0));
	stop();
}
END_TEST

START_TEST(msi)
{
	struct sim_options options = { .msi_vectors = 4 };
	struct sim_irq_info info;
	int fds[4];
	unsigned int v;

	start(&options);
	ck_assert_int_eq(sim_irq_info(MSI, &info), 0);
	ck_assert_uint_eq(info.count, 4);
	ck_assert_uint_ne(info.flags & VFIO_IRQ_INFO_NORESIZE, 0);
	for (v = 0; v < 4; v++)
		fds[v] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSI, 0, 3, fds), 0);
	for (v = 0; v < 3; v++) {
		sim_raise_msi(v, SIM_PROMPT);
		ck_assert_uint_eq(sim_read(fds[v]), 1);
	}
	bind_one(MSI, 3, fds[3], -EINVAL);
	bind_one(MSIX, 0, fds[3], -EINVAL);
	ck_assert_int_eq(sim_disable(MSI), 0);
	bind_one(MSIX, 0, fds[3], 0);
	stop();
}
END_TEST

START_TEST(line)
{
	struct sim_options options = { .no_disintx = _i };
	int fd, unmask;

	start(&options);
	fd = bound(INTX);
	sim_intx(true);
	ck_assert_uint_eq(sim_read(fd), 1);
	/* Masked by now; unmasked while it is still asserted it comes again. */
	ck_assert_int_eq(sim_set_irqs(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, INTX,
				      0, 1, NULL, 0), 0);
	ck_assert_uint_eq(sim_read(fd), 1);
	unmask = sim_eventfd();
	ck_assert_int_eq(sim_set_irqs(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK,
				      INTX, 0, 1, &unmask, sizeof(unmask)), 0);
	ck_assert_int_eq(sim_write(unmask), 0);
	sim_settle();
	ck_assert_uint_eq(sim_read(fd), 1);
	sim_intx(false);
	ck_assert_int_eq(sim_write(unmask), 0);
	sim_settle();
	ck_assert_uint_eq(sim_read(fd), 0);
	/* Closed by its owner, who forgot to tell. */
	ck_assert_int_eq(sim_close(unmask), 0);
	ck_assert_int_eq(sim_disable(INTX), 0);
	stop();
}
END_TEST

START_TEST(virtual_disintx)
{
	int fd;

	start(NULL);
	fd = bound(INTX);
	sim_disintx(true);
	sim_intx(true);
	ck_assert_uint_eq(sim_read(fd), 0);
	sim_disintx(false);
	ck_assert_uint_eq(sim_read(fd), 1);
	stop();
}
END_TEST

START_TEST(error_and_request)
{
	unsigned int index = _i ? VFIO_PCI_ERR_IRQ_INDEX : VFIO_PCI_REQ_IRQ_INDEX;
	int a, b;

	start(NULL);
	a = sim_eventfd();
	b = sim_eventfd();
	bind_one(index, 0, a, 0);
	sim_notify(index);
	ck_assert_uint_eq(sim_read(a), 1);
	bind_one(index, 0, b, 0);
	sim_notify(index);
	ck_assert_uint_eq(sim_read(a), 0);
	ck_assert_uint_eq(sim_read(b), 1);
	ck_assert_int_eq(sim_set_irqs(NONE_TRIGGER, index, 0, 0, NULL, 0), 0);
	sim_notify(index);
	ck_assert_uint_eq(sim_read(b), 0);
	bind_one(index, 0, a, 0);
	stop();
}
END_TEST

/* ---- VMMs ---------------------------------------------------------------------------------- */

static const struct sim_vmm_policy *const policies[] = {
	&sim_vmm_qemu_7_2, &sim_vmm_qemu_7_2_kvm, &sim_vmm_qemu_8_2, &sim_vmm_qemu_8_2_kvm,
	&sim_vmm_free_request,
};

/* A guest brings queues up one by one; between its requests nothing is lost. */
START_TEST(guest_brings_queues_up)
{
	static struct sim_vmm vmm;
	unsigned int v, i;

	start(NULL);
	ck_assert_int_eq(sim_vmm_start(&vmm, policies[_i]), 0);
	ck_assert_int_eq(sim_vmm_enable(&vmm), 0);
	for (v = 0; v < sim_vectors(); v++) {
		ck_assert_int_eq(sim_vmm_unmask(&vmm, v), 0);
		for (i = 0; i <= v; i++)
			sim_raise(i, SIM_PROMPT);
		sim_owner_read(&vmm.owner);
		for (i = 0; i <= v; i++)
			ck_assert_uint_eq(vmm.owner.received[i], v - i + 1);
	}
	ck_assert_int_eq(sim_vmm_mask(&vmm, 1), 0);
	sim_raise(1, SIM_PROMPT);
	ck_assert_int_eq(sim_vmm_unmask(&vmm, 1), 0);
	sim_owner_read(&vmm.owner);
	ck_assert_uint_eq(vmm.owner.received[1], sim_vectors());
	ck_assert_uint_eq(vmm.owner.stray, 0);
	ck_assert_int_eq(sim_vmm_disable(&vmm), 0);
	stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim");
	TCase *tc = tcase_create("sim");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, bind_raise_read);
	tcase_add_loop_test(tc, held_up_and_let_go, 0, SIM_TIMINGS);
	tcase_add_test(tc, merged_while_handled);
	tcase_add_loop_test(tc, free_irq_loses_accepted, 0, 2);
	tcase_add_loop_test(tc, free_irq_waits_and_masks, 0, 2);
	tcase_add_loop_test(tc, disabled_device, 0, 2);
	tcase_add_test(tc, posted_to_consumer);
	tcase_add_test(tc, moved_irq_still_arrives);
	tcase_add_test(tc, backdoor_reset_and_repair);
	tcase_add_test(tc, reset_keeps_bindings);
	tcase_add_test(tc, whole_table);
	tcase_add_test(tc, faults_are_counted);
	tcase_add_test(tc, hook_numbers_and_fails);
	tcase_add_test(tc, options_refused);
	tcase_add_test(tc, ioctl_checks);
	tcase_add_test(tc, descriptors);
	tcase_add_loop_test(tc, teardown_on_error, 0, 2);
	tcase_add_test(tc, loopback);
	tcase_add_test(tc, irq_names);
	tcase_add_test(tc, msi);
	tcase_add_loop_test(tc, line, 0, 2);
	tcase_add_test(tc, virtual_disintx);
	tcase_add_loop_test(tc, error_and_request, 0, 2);
	tcase_add_loop_test(tc, guest_brings_queues_up, 0,
			    sizeof(policies) / sizeof(policies[0]));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
