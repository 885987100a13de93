// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the backend idxd reads of the kernel: dmatest's messages, /proc/interrupts, the parameters
 * of the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend_idxd_dmatest.h"
#include "backend_idxd_interrupts.h"
#include "backend_idxd_log.h"
#include "machine_files.h"
#include "unit.h"

/* ---- Messages ------------------------------------------------------------------- */

#define TAIL " with src_off=0x0 dst_off=0x10 len=0x200 (0)\n SUBSYSTEM=x\n"

static const struct {
	const char *record;
	int error;
	enum dmatest_kind kind;
	const char *channel;
	uint64_t time_ns;
	uint64_t tests;
	uint64_t failures;
} records[] = {
	{ "6,339,5140900,-;dmatest: dma0chan3-copy0: result #5: 'test timed out'" TAIL, 0,
	  DMATEST_TIMED_OUT, "dma0chan3", UINT64_C(5140900000), 0, 0 },
	{ "6,1,7,c,caller=T12;dmatest: dma0chan0-copy1: result #1: 'data error'" TAIL, 0,
	  DMATEST_WRONG, "dma0chan0", 7000, 0, 0 },
	{ "6,1,7,-;dmatest: dma0chan0-copy1: result #1: 'completion error status'" TAIL, 0,
	  DMATEST_WRONG, "dma0chan0", 7000, 0, 0 },
	{ "6,1,7,-;dmatest: dma0chan0-copy1: result #1: 'prep error'" TAIL, 0,
	  DMATEST_NOT_SUBMITTED, "dma0chan0", 7000, 0, 0 },
	{ "6,1,7,-;dmatest: dma0chan0-copy1: result #1: 'submit error'" TAIL, 0,
	  DMATEST_NOT_SUBMITTED, "dma0chan0", 7000, 0, 0 },
	{ "6,1,7,-;dmatest: dma0chan0-copy1: result #1: 'test passed'" TAIL, 0, DMATEST_OTHER,
	  "dma0chan0", 7000, 0, 0 },
	/* A thread's name is cut. */
	{ "6,1,7,-;dmatest: dma0chan12-copy: summary 99 tests, 3 failures 101.50 iops 7 KB/s (0)\n",
	  0, DMATEST_SUMMARY, "dma0chan12", 7000, 99, 3 },
	{ "4,1,7,-;dmatest: dma0chan0-copy0: dstbuf[0x1] not copied! Expected e1, got 1e\n", 0,
	  DMATEST_OTHER, "dma0chan0", 7000, 0, 0 },
	{ "6,1,7,-;dmatest: Started 1 threads using dma0chan0\n", 0, DMATEST_OTHER, "", 7000, 0,
	  0 },
	/* Who says the same and is not dmatest. */
	{ "6,1,7,-;mytest: dma0chan0-copy0: result #5: 'test timed out'" TAIL, 0, DMATEST_OTHER, "",
	  7000, 0, 0 },
	{ "6,1,7,-;dmatest: eth0-copy0: result #5: 'test timed out'" TAIL, 0, DMATEST_OTHER, "",
	  7000, 0, 0 },
	{ "6,1,7,-;", 0, DMATEST_OTHER, "", 7000, 0, 0 },
	{ "6,1,7,-", -EBADMSG, DMATEST_OTHER, "", 0, 0, 0 },
	{ "6,1", -EBADMSG, DMATEST_OTHER, "", 0, 0, 0 },
	{ "", -EBADMSG, DMATEST_OTHER, "", 0, 0, 0 },
	{ "dmatest: dma0chan3-copy0: result #5: 'test timed out'" TAIL, -EBADMSG, DMATEST_OTHER, "",
	  0, 0, 0 },
	{ "6,1,18446744073709551615,-;too late\n", -EBADMSG, DMATEST_OTHER, "", 0, 0, 0 },
};

START_TEST(a_record_is_understood)
{
	struct dmatest_message message;

	ck_assert_int_eq(dmatest_parse(records[_i].record, &message), records[_i].error);
	if (records[_i].error)
		return;
	ck_assert_uint_eq(message.kind, records[_i].kind);
	ck_assert_str_eq(message.channel, records[_i].channel);
	ck_assert_uint_eq(message.time_ns, records[_i].time_ns);
	ck_assert_uint_eq(message.tests, records[_i].tests);
	ck_assert_uint_eq(message.failures, records[_i].failures);
}
END_TEST

/* A log of records, as /dev/kmsg is one. */
START_TEST(what_does_not_count_is_passed_over)
{
	struct kernel_log log = { .ahead_ns = 1000 };
	struct dmatest_message message;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	log.fd = ends[0];
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		if (*records[i].record)
			ck_assert_int_gt(
				send(ends[1], records[i].record, strlen(records[i].record), 0), 0);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (records[i].kind == DMATEST_OTHER)
			continue;
		ck_assert_int_eq(kernel_log_read(&log, &message), 1);
		ck_assert_uint_eq(message.kind, records[i].kind);
		ck_assert_uint_eq(message.time_ns, records[i].time_ns + 1000);
		if (message.kind == DMATEST_TIMED_OUT)
			ck_assert_uint_eq(message.test, 5);
	}
	ck_assert_int_eq(kernel_log_read(&log, &message), 0);
	ck_assert_uint_eq(log.overwritten, 0);
	close(ends[1]);
	kernel_log_close(&log);
}
END_TEST

START_TEST(a_log_that_is_none_is_refused)
{
	struct problem problem;
	struct kernel_log log;

	ck_assert_int_eq(kernel_log_open(&log, "/nonexistent/kmsg", "mark", &problem), -ENOENT);
	ck_assert_ptr_nonnull(strstr(problem.text, "/nonexistent/kmsg"));
	ck_assert_int_eq(kernel_log_open(&log, "/dev/null", "mark", &problem), -ENOMSG);
	ck_assert_ptr_nonnull(strstr(problem.text, "cannot leave a mark"));
	ck_assert_int_lt(log.fd, 0);
}
END_TEST

/* ---- Interrupts -------------------------------------------------------------------- */

#define TWO_CPUS \
	"           CPU0       CPU1       \n" \
	"  0:         44          0   IO-APIC   2-edge      timer\n" \
	" 26:        100         11  PCI-MSI-0000:00:04.0   3-edge      idxd-portal\n" \
	"126:          7          0  PCI-MSI-0000:00:04.0   4-edge      26:\n" \
	"NMI:          1          2   Non-maskable interrupts\n" \
	"ERR:          9\n"

static const struct {
	const char *text;
	int irq;
	int error;
	bool found;
	uint64_t count;
} interrupts[] = {
	{ TWO_CPUS, 26, 0, true, 111 },
	{ TWO_CPUS, 126, 0, true, 7 },
	{ TWO_CPUS, 6, 0, false, 0 },
	{ "            CPU0       CPU2       CPU5\n 9:  1 2 3 4-fasteoi\n", 9, 0, true, 6 },
	/* A column for each processor, and no more: what comes then is not a count. */
	{ "            CPU0\n 9:  5  7 IO-APIC\n", 9, 0, true, 5 },
	{ "            CPU0\n 9:\n", 9, 0, true, 0 },
	{ "            CPU0\n 9: 18446744073709551615 x\n", 9, 0, true, UINT64_MAX },
	{ "", 9, -EBADMSG, false, 0 },
	{ " 9:  5  7 IO-APIC\n", 9, -EBADMSG, false, 0 },
};

START_TEST(an_interrupt_is_counted)
{
	struct interrupt_line lines[] = { { .irq = 1000 }, { .irq = interrupts[_i].irq } };
	const char *text = interrupts[_i].text;
	FILE *stream = *text ? fmemopen((char *)text, strlen(text), "r") : fopen("/dev/null", "r");

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(interrupts_parse(stream, lines, 2), interrupts[_i].error);
	ck_assert_uint_eq(lines[1].found, interrupts[_i].found);
	ck_assert(!lines[0].found);
	if (lines[1].found)
		ck_assert_uint_eq(lines[1].count, interrupts[_i].count);
	fclose(stream);
}
END_TEST

/* ---- A machine ------------------------------------------------------------------------ */

#define ADDRESS "0000:00:04.0"
#define IRQS "/sys/bus/pci/devices/" ADDRESS "/msi_irqs/"
#define DMATEST "/sys/module/dmatest/parameters/"

static const struct machine_file files[] = {
	{ "/proc/interrupts", TWO_CPUS },
	{ IRQS "26", "msix" },
	{ IRQS "126", "msix" },
	{ IRQS "9", "msix" },
	{ DMATEST "run", "N\n" },
	{ DMATEST "channel", "\n" },
	{ DMATEST "iterations", "77\n" },
	{ DMATEST "timeout", "3000\n" },
	{ DMATEST "threads_per_chan", "4\n" },
	{ DMATEST "test_buf_size", "16384\n" },
	{ DMATEST "noverify", "Y\n" },
	{ DMATEST "device", "some\n" },
	{ DMATEST "max_channels", "3\n" },
	{ DMATEST "polled", "Y\n" },
	{ NULL, NULL },
};

static char root[64];
static struct doctor_machine machine;
static struct dmatest dmatest;
static struct problem problem;

static void make_machine(void)
{
	snprintf(root, sizeof(root), "/tmp/test_idxd_kernel.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	machine_files_make(root, files);
	machine = (struct doctor_machine){ .root = root };
	problem.text[0] = '\0';
}

static void remove_machine(void)
{
	machine_files_remove(root);
}

START_TEST(vectors_are_in_the_order_of_their_irqs)
{
	struct interrupt_line line = { .irq = 26 };

	ck_assert_int_eq(interrupts_vector(&machine, ADDRESS, 0), 9);
	ck_assert_int_eq(interrupts_vector(&machine, ADDRESS, 1), 26);
	ck_assert_int_eq(interrupts_vector(&machine, ADDRESS, 2), 126);
	ck_assert_int_eq(interrupts_vector(&machine, ADDRESS, 3), -ENOENT);
	ck_assert_int_eq(interrupts_vector(&machine, "0000:00:05.0", 0), -ENOENT);
	ck_assert_uint_eq(interrupts_vectors(&machine, ADDRESS), 3);
	ck_assert_int_eq(interrupts_read(&machine, &line, 1), 0);
	ck_assert_uint_eq(line.count, 111);
}
END_TEST

START_TEST(parameters_are_put_back)
{
	const struct dmatest_work work = { .threads = 2, .size = 512, .timeout_ms = 10000 };

	ck_assert_int_eq(dmatest_open(&dmatest, &machine, &problem), 0);
	ck_assert_int_eq(dmatest_set_up(&dmatest, &work, &problem), 0);
	ck_assert(machine_file_says(root, DMATEST "threads_per_chan", "2"));
	ck_assert(machine_file_says(root, DMATEST "test_buf_size", "512"));
	ck_assert(machine_file_says(root, DMATEST "timeout", "10000"));
	ck_assert(machine_file_says(root, DMATEST "noverify", "N"));
	ck_assert(machine_file_says(root, DMATEST "polled", "N"));
	ck_assert(machine_file_says(root, DMATEST "device", ""));
	ck_assert(machine_file_says(root, DMATEST "max_channels", "0"));
	ck_assert_int_eq(dmatest_add(&dmatest, "dma0chan1", 500, &problem), 0);
	ck_assert(machine_file_says(root, DMATEST "iterations", "500"));
	ck_assert(machine_file_says(root, DMATEST "channel", "dma0chan1"));
	ck_assert(machine_file_says(root, DMATEST "run", "1"));
	ck_assert_int_eq(dmatest_limit(&dmatest, 1, &problem), 0);
	ck_assert(machine_file_says(root, DMATEST "iterations", "1"));
	ck_assert(machine_file_says(root, DMATEST "channel", "dma0chan1"));
	ck_assert_int_eq(dmatest_release(&dmatest, &problem), 0);
	ck_assert(machine_file_says(root, DMATEST "run", "0"));
	ck_assert_int_eq(dmatest_close(&dmatest, &problem), 0);
	ck_assert(machine_file_says(root, DMATEST "iterations", "77"));
	ck_assert(machine_file_says(root, DMATEST "threads_per_chan", "4"));
	ck_assert(machine_file_says(root, DMATEST "test_buf_size", "16384"));
	ck_assert(machine_file_says(root, DMATEST "timeout", "3000"));
	ck_assert(machine_file_says(root, DMATEST "noverify", "Y"));
	ck_assert(machine_file_says(root, DMATEST "polled", "Y"));
	ck_assert(machine_file_says(root, DMATEST "device", "some"));
	ck_assert(machine_file_says(root, DMATEST "max_channels", "3"));
}
END_TEST

static const struct {
	const char *path;
	const char *text;
	int error;
	const char *says;
} refused[] = {
	{ DMATEST "run", "Y\n", -EBUSY, "dmatest is at work already" },
	{ DMATEST "channel", "dma0chan7\n", -EBUSY, "dmatest has the channel dma0chan7" },
	{ DMATEST "timeout", MACHINE_ABSENT, -EPROTONOSUPPORT, "no parameter timeout" },
	{ DMATEST "run", MACHINE_ABSENT, -EPROTONOSUPPORT, "no parameter run" },
	{ "/sys/module/dmatest", MACHINE_ABSENT, -ENOENT, "there is no module dmatest" },
	/* The control: what dmatest can do without. */
	{ DMATEST "polled", MACHINE_ABSENT, 0, "" },
};

START_TEST(a_dmatest_that_will_not_do_is_refused)
{
	const struct machine_file change[] = {
		{ refused[_i].path, refused[_i].text },
		{ NULL, NULL },
	};

	machine_files_make(root, change);
	ck_assert_int_eq(dmatest_open(&dmatest, &machine, &problem), refused[_i].error);
	ck_assert_ptr_nonnull(strstr(problem.text, refused[_i].says));
}
END_TEST

START_TEST(a_parameter_that_is_not_taken_is_named)
{
	const struct dmatest_work work = { .threads = 2, .size = 512, .timeout_ms = 10000 };
	const struct machine_file change[] = {
		{ DMATEST "timeout", MACHINE_ABSENT },
		{ DMATEST "timeout", MACHINE_DIRECTORY },
		{ DMATEST "run", MACHINE_ABSENT },
		{ NULL, NULL },
	};

	ck_assert_int_eq(dmatest_open(&dmatest, &machine, &problem), 0);
	machine_files_make(root, change);
	ck_assert_int_eq(dmatest_set_up(&dmatest, &work, &problem), -EISDIR);
	ck_assert_ptr_nonnull(strstr(problem.text, "dmatest does not take timeout=10000"));
	ck_assert_int_lt(dmatest_add(&dmatest, "dma0chan1", 1, &problem), 0);
	ck_assert_ptr_nonnull(strstr(problem.text, "dmatest does not take run=1"));
	ck_assert_int_eq(dmatest_close(&dmatest, &problem), -EISDIR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idxd_kernel");
	TCase *tcase = tcase_create("texts");

	tcase_add_loop_test(tcase, a_record_is_understood, 0, sizeof(records) / sizeof(records[0]));
	tcase_add_test(tcase, what_does_not_count_is_passed_over);
	tcase_add_test(tcase, a_log_that_is_none_is_refused);
	tcase_add_loop_test(tcase, an_interrupt_is_counted, 0,
			    sizeof(interrupts) / sizeof(interrupts[0]));
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("machine");
	tcase_add_checked_fixture(tcase, make_machine, remove_machine);
	tcase_add_test(tcase, vectors_are_in_the_order_of_their_irqs);
	tcase_add_test(tcase, parameters_are_put_back);
	tcase_add_loop_test(tcase, a_dmatest_that_will_not_do_is_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, a_parameter_that_is_not_taken_is_named);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
