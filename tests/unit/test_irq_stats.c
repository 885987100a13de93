// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/vfio_pci_irq_stats.c and the tracepoints, on sim: what is done is
 * counted, traced and shown, once and at the right vector.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/vfio.h>

#include "sim.h"
#include "unit.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define DIR "vfio-pci-irq/0000:6a:01.0/"
#define TABLE "vector irq signals swaps repairs failures\n"

static char text[4096];

static const char *show(const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), DIR "%s", file);
	ck_assert_msg(sim_debugfs_read(path, text, sizeof(text)) > 0, "%s", path);
	return text;
}

static unsigned long long counter(const char *name)
{
	unsigned long long value;
	char found[64];
	const char *line;

	for (line = show("counters"); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63s %llu", found, &value) == 2 && !strcmp(found, name))
			return value;
	}
	ck_abort_msg("no counter %s in: %s", name, text);
}

/* Columns of a bound vector's line in "vectors". */
struct columns {
	unsigned int irq, signals, swaps, repairs, failures;
};

static struct columns vector(unsigned int wanted)
{
	struct columns c;
	const char *line;
	unsigned int v;

	ck_assert_msg(!strncmp(show("vectors"), TABLE, strlen(TABLE)), "%s", text);
	for (line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		ck_assert_int_eq(sscanf(line, "%u %u %u %u %u %u", &v, &c.irq, &c.signals,
					&c.swaps, &c.repairs, &c.failures), 6);
		if (v == wanted)
			return c;
	}
	ck_abort_msg("no vector %u in: %s", wanted, text);
}

/* Both: no event may be counted and not traced, or the other way round. */
#define ck_events(name, counter_name, n) do {						\
	ck_assert_uint_eq(counter(counter_name), n);					\
	ck_assert_uint_eq(sim_trace_count("vfio_pci_irq_" name), n);			\
} while (0)

static void start(const struct sim_options *options)
{
	ck_assert_int_eq(sim_start(options), 0);
	ck_assert_int_eq(sim_open_device(), 0);
	sim_trace(true);
}

static void stop(void)
{
	const char *first;

	sim_stop();
	ck_assert_msg(!sim_faults(&first), "%s", first);
}

START_TEST(directory_comes_and_goes)
{
	int fd;

	start(NULL);
	ck_assert_int_eq(sim_debugfs_read(DIR "state", text, sizeof(text)), -ENOENT);
	fd = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 1, &fd), 0);
	show("state");
	ck_assert_int_eq(sim_disable(MSIX), 0);
	ck_assert_str_eq(show("state"), "index none\n");
	ck_assert_str_eq(show("vectors"), TABLE);
	/* Closing asks to disable an index there is not: no failure of anybody. */
	ck_assert_int_eq(sim_close_device(), 0);
	ck_assert_uint_eq(counter("refusals"), 0);
	ck_assert_int_eq(sim_open_device(), 0);
	ck_assert_uint_eq(counter("binds"), 1);
	stop();
	ck_assert_int_eq(sim_start(NULL), 0);
	ck_assert_int_eq(sim_debugfs_read(DIR "state", text, sizeof(text)), -ENOENT);
	stop();
}
END_TEST

START_TEST(life_of_a_vector)
{
	int fds[3], other;
	char line[64];

	start(NULL);
	fds[0] = sim_eventfd();
	fds[1] = -1;
	fds[2] = sim_eventfd();
	other = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 3, fds), 0);
	ck_events("enable", "enables", 1);
	ck_events("bind", "binds", 2);
	snprintf(line, sizeof(line), "0000:6a:01.0 MSI-X vector 2 irq %u result 0",
		 vector(2).irq);
	ck_assert_str_eq(sim_trace_text("vfio_pci_irq_bind"), line);
	ck_assert_int_eq(sim_bind(MSIX, 2, 1, &other), 0);
	ck_events("swap", "swaps", 1);
	ck_assert_str_eq(sim_trace_text("vfio_pci_irq_swap"), line);
	ck_assert_int_eq(sim_bind(MSIX, 2, 1, (int[]){ -1 }), 0);
	ck_events("unbind", "unbinds", 1);
	ck_assert_str_eq(sim_trace_text("vfio_pci_irq_unbind"), line);
	ck_events("bind", "binds", 2);
	ck_events("refuse", "refusals", 0);
	ck_events("rollback", "rollbacks", 0);
	stop();
}
END_TEST

START_TEST(signals_are_counted)
{
	int fds[2], i;

	start(NULL);
	for (i = 0; i < 2; i++)
		fds[i] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 2, fds), 0);
	for (i = 0; i < 3; i++)
		sim_raise(1, SIM_PROMPT);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fds[1]), 3);
	ck_assert_uint_eq(vector(0).signals, 1);
	ck_assert_uint_eq(vector(1).signals, 3);
	ck_assert_uint_eq(counter("signals"), 4);

	/* The irq is kept for the next time; its count begins anew. */
	ck_assert_int_eq(sim_bind(MSIX, 1, 1, (int[]){ -1 }), 0);
	ck_assert_uint_eq(counter("signals"), 4);
	ck_assert_int_eq(sim_bind(MSIX, 1, 1, &fds[1]), 0);
	ck_assert_uint_eq(vector(1).signals, 0);
	sim_raise(1, SIM_PROMPT);
	ck_assert_uint_eq(vector(1).signals, 1);
	ck_assert_int_eq(sim_disable(MSIX), 0);
	ck_assert_uint_eq(counter("signals"), 5);
	stop();
}
END_TEST

START_TEST(swaps_and_repairs_are_counted)
{
	int fd, other;

	start(NULL);
	fd = sim_eventfd();
	other = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 4, 1, &fd), 0);
	ck_assert_int_eq(sim_bind(MSIX, 4, 1, &other), 0);
	ck_assert_int_eq(sim_bind(MSIX, 4, 1, &other), 0);
	ck_events("swap", "swaps", 2);
	ck_events("repair", "repairs", 0);
	sim_backdoor_reset();
	ck_assert_int_eq(sim_bind(MSIX, 4, 1, &other), 0);
	ck_events("swap", "swaps", 3);
	ck_events("repair", "repairs", 1);
	ck_assert_uint_eq(vector(4).swaps, 3);
	ck_assert_uint_eq(vector(4).repairs, 1);
	ck_events("bind", "binds", 1);
	stop();
}
END_TEST

/* The culprit is named, and counted where it is bound. */
START_TEST(refusals_name_the_vector)
{
	int fds[4], i;

	start(NULL);
	for (i = 0; i < 4; i++)
		fds[i] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 4, fds), 0);
	fds[2] = sim_other_file();
	ck_assert_int_eq(sim_bind(MSIX, 1, 3, &fds[1]), -EINVAL);
	ck_events("refuse", "refusals", 1);
	ck_assert_ptr_nonnull(strstr(show("counters"), "\nlast_refusal index 2 vector 2 result -22\n"));
	ck_assert_str_eq(sim_trace_text("vfio_pci_irq_refuse"),
			 "0000:6a:01.0 MSI-X vector 2 irq 0 result -22");
	ck_assert_uint_eq(vector(2).failures, 1);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(vector(i).failures, i == 2);
	ck_events("swap", "swaps", 0);

	/* Not bound, no line of its own; and the blame is not carried over. */
	ck_assert_int_eq(sim_bind(MSIX, 6, 1, (int[]){ 1 << 20 }), -EBADF);
	ck_assert_ptr_nonnull(strstr(show("counters"), " vector 6 result -9\n"));
	ck_assert_int_eq(sim_bind(INTX, 0, 1, fds), -EINVAL);
	ck_assert_ptr_nonnull(strstr(show("counters"), " index 0 vector 0 result -22\n"));
	ck_events("refuse", "refusals", 3);
	stop();
}
END_TEST

START_TEST(rollbacks_are_counted)
{
	const struct sim_options options = { .cpu_vectors = 3 };
	int fds[4], i;

	start(&options);
	for (i = 0; i < 4; i++)
		fds[i] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 1, fds), 0);
	ck_assert_int_eq(sim_bind(MSIX, 1, 3, &fds[1]), -ENOSPC);
	ck_events("rollback", "rollbacks", 2);
	ck_assert_uint_eq(counter("alloc_failures"), 1);
	ck_assert_ptr_nonnull(strstr(show("counters"), " vector 3 result -28\n"));
	ck_assert_ptr_nonnull(strstr(sim_trace_text("vfio_pci_irq_rollback"), " vector 1 "));
	ck_assert_ptr_nonnull(strstr(sim_trace_text("vfio_pci_irq_rollback"), " result -28"));
	ck_assert_uint_eq(counter("binds"), 1);
	/* What was allocated for it is free again. */
	ck_assert_uint_eq(counter("allocs"), counter("frees"));
	stop();
}
END_TEST

START_TEST(state_is_shown)
{
	const char *dynamic = "index MSI-X\nsource dynamic\nlimit 9\nirqs %u\n";
	bool reserve = !strcmp(sim_kernel(), "6.1");
	char expected[128];
	int fd;

	start(NULL);
	fd = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 5, 1, &fd), 0);
	snprintf(expected, sizeof(expected), dynamic, 1);
	ck_assert_str_eq(show("state"),
			 reserve ? "index MSI-X\nsource reserve\nlimit 9\nirqs 9\n" : expected);
	ck_assert_int_eq(sim_bind(MSIX, 7, 1, &fd), 0);
	snprintf(expected, sizeof(expected), dynamic, 2);
	if (!reserve)
		ck_assert_str_eq(show("state"), expected);
	ck_events("alloc", "allocs", reserve ? 0 : 1);
	ck_assert_int_eq(sim_set_param("free_on_unbind", 1), 0);
	ck_assert_int_eq(sim_bind(MSIX, 5, 1, (int[]){ -1 }), 0);
	ck_events("unbind", "unbinds", 1);
	ck_events("free", "frees", reserve ? 0 : 1);
	snprintf(expected, sizeof(expected), dynamic, 1);
	if (!reserve)
		ck_assert_str_eq(show("state"), expected);
	ck_assert_int_eq(sim_disable(MSIX), 0);
	ck_events("disable", "disables", 1);
	ck_events("unbind", "unbinds", 2);

	ck_assert_int_eq(sim_bind(INTX, 0, 1, &fd), 0);
	ck_assert_str_eq(show("state"), "index INTx\n");
	ck_assert_int_eq(sim_bind(INTX, 0, 1, &fd), 0);
	ck_events("swap", "swaps", 1);
	ck_assert_int_eq(sim_disable(INTX), 0);
	ck_events("enable", "enables", 2);
	ck_events("disable", "disables", 2);
	stop();
}
END_TEST

static bool no_record(void *arg, const struct sim_point *point)
{
	unsigned int *failed = arg;

	if (strcmp(point->name, "devres_alloc") || point->when != SIM_BEFORE)
		return false;
	++*failed;
	return true;
}

/* Without memory for the record only sight is lost. */
START_TEST(works_without_a_record)
{
	unsigned int failed = 0;
	int fds[2] = { -1, -1 };

	start(NULL);
	sim_set_hook(no_record, &failed);
	fds[0] = sim_eventfd();
	ck_assert_int_eq(sim_bind(MSIX, 0, 2, fds), 0);
	sim_raise(0, SIM_PROMPT);
	ck_assert_uint_eq(sim_read(fds[0]), 1);
	ck_assert_int_eq(sim_bind(MSIX, 0, 1, fds), 0);
	fds[1] = 1 << 20;
	ck_assert_int_eq(sim_bind(MSIX, 0, 2, fds), -EBADF);
	ck_assert_int_eq(sim_bind(MSIX, 0, 1, (int[]){ -1 }), 0);
	ck_assert_int_eq(sim_disable(MSIX), 0);
	ck_assert_uint_gt(failed, 1);
	ck_assert_int_eq(sim_debugfs_read(DIR "state", text, sizeof(text)), -ENOENT);
	ck_assert_uint_eq(sim_trace_count("vfio_pci_irq_unbind"), 1);
	sim_set_hook(NULL, NULL);
	stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("irq_stats");
	TCase *tc = tcase_create("irq_stats");

	tcase_add_test(tc, directory_comes_and_goes);
	tcase_add_test(tc, life_of_a_vector);
	tcase_add_test(tc, signals_are_counted);
	tcase_add_test(tc, swaps_and_repairs_are_counted);
	tcase_add_test(tc, refusals_name_the_vector);
	tcase_add_test(tc, rollbacks_are_counted);
	tcase_add_test(tc, state_is_shown);
	tcase_add_test(tc, works_without_a_record);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
