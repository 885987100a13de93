// SPDX-License-Identifier: GPL-2.0-only
/* Where interrupts were lost, from counts; and counts from what kernels show. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "custody.h"
#include "custody_count.h"
#include "unit.h"

/* ---- Blame -------------------------------------------------------------------- */

#define NONE UINT64_MAX

/* One vector, 1000 descriptors unless it says otherwise; NONE: nobody has counted. */
struct blame_case {
	const char *name;
	bool inexact;
	uint64_t raised, delivered, dropped, off, pending;
	uint64_t signals;
	uint64_t handled, spurious;
	uint64_t stranded, missing;
	uint64_t lost[CUSTODY_HOPS];
	uint64_t harmless;
};

static const struct blame_case blame_cases[] = {
	{ "all arrive", false, 1000, 1000, 0, 0, 0, 1000, 1000, 0, 0, 0, { 0 }, 0 },
	{ "the gap of a rebuild", false, 1000, 997, 3, 3, 0, 997, 997, 0, 3, 0,
	  { [HOP_DEVICE_OFF] = 3 }, 0 },
	{ "dropped on demand", false, 1000, 999, 1, 0, 0, 999, 999, 0, 1, 0,
	  { [HOP_DEVICE] = 1 }, 0 },
	{ "both", false, 1000, 995, 5, 2, 0, 995, 995, 0, 5, 0,
	  { [HOP_DEVICE_OFF] = 2, [HOP_DEVICE] = 3 }, 0 },
	{ "still waiting", false, 1000, 999, 0, 0, 1, 999, 999, 0, 1, 0,
	  { [HOP_PENDING] = 1 }, 0 },
	{ "on the way to vfio-pci", false, 1000, 1000, 0, 0, 0, 998, 998, 0, 2, 0,
	  { [HOP_HOST] = 2 }, 0 },
	{ "on the way to the guest", false, 1000, 1000, 0, 0, 0, 1000, 996, 0, 4, 0,
	  { [HOP_GUEST] = 4 }, 0 },
	{ "a bit everywhere", false, 1000, 999, 1, 1, 0, 997, 994, 0, 6, 0,
	  { [HOP_DEVICE_OFF] = 1, [HOP_HOST] = 2, [HOP_GUEST] = 3 }, 0 },
	{ "a handler that found nothing explains nothing", false, 1000, 1000, 0, 0, 0, 1000, 1000,
	  1, 1, 0, { [HOP_GUEST] = 1 }, 0 },
	{ "all counts agree", false, 1000, 1000, 0, 0, 0, 1000, 1000, 0, 2, 0,
	  { [HOP_UNKNOWN] = 2 }, 0 },
	{ "dropped, and nothing lost by it", false, 1000, 998, 2, 2, 0, 998, 998, 0, 0, 0, { 0 },
	  2 },
	{ "one in time, one not", false, 1000, 998, 2, 2, 0, 998, 998, 0, 1, 0,
	  { [HOP_DEVICE_OFF] = 1 }, 1 },
	{ "merged on the way is not lost", false, 1000, 1000, 0, 0, 0, 900, 880, 0, 0, 0, { 0 },
	  0 },
	{ "never completed", false, 1000, 1000, 0, 0, 0, 1000, 1000, 0, 0, 2,
	  { [HOP_COMPLETION] = 2 }, 0 },
	{ "sampled: the guest for certain", true, 1000, 1000, 0, 0, 0, 999, 998, 0, 2, 0,
	  { [HOP_GUEST] = 1, [HOP_ABOVE_DEVICE] = 1 }, 0 },
	{ "sampled: too few to say", true, 1000, 1000, 0, 0, 0, 500, 998, 0, 2, 0,
	  { [HOP_ABOVE_DEVICE] = 2 }, 0 },
	{ "posted past the host", false, 1000, 1000, 0, 0, 0, 10, 999, 0, 1, 0,
	  { [HOP_ABOVE_DEVICE] = 1 }, 0 },
	{ "no host", false, 1000, 999, 1, 1, 0, NONE, 998, 0, 2, 0,
	  { [HOP_DEVICE_OFF] = 1, [HOP_ABOVE_DEVICE] = 1 }, 0 },
	{ "no device", false, NONE, 0, 0, 0, 0, 999, 998, 0, 2, 0,
	  { [HOP_GUEST] = 1, [HOP_BELOW_HOST] = 1 }, 0 },
	{ "no device, sampled", true, NONE, 0, 0, 0, 0, 998, 998, 0, 2, 0, { [HOP_UNKNOWN] = 2 },
	  0 },
	{ "no handler that counts", false, 1000, 999, 1, 1, 0, 999, NONE, 0, 2, 0,
	  { [HOP_DEVICE_OFF] = 1, [HOP_UNKNOWN] = 1 }, 0 },
	{ "only the guest", false, NONE, 0, 0, 0, 0, NONE, 998, 0, 2, 0, { [HOP_UNKNOWN] = 2 }, 0 },
};

static void fill(struct custody *custody, struct custody_vector *vector,
		 const struct blame_case *one)
{
	*vector = (struct custody_vector){
		.vector = 3,
		.guest = { .known = true,
			   .has_handler_runs = one->handled != NONE,
			   .handler_runs = one->handled == NONE ? 0 : one->handled,
			   .spurious = one->spurious,
			   .descriptors = 1000,
			   .interrupted = 1000 - one->stranded - one->missing,
			   .stranded = one->stranded,
			   .missing = one->missing },
	};
	if (one->raised != NONE)
		vector->device = (struct custody_device){ .known = true,
							  .raised = one->raised,
							  .delivered = one->delivered,
							  .dropped = one->dropped,
							  .dropped_off = one->off,
							  .pending = one->pending };
	vector->has_signals = one->signals != NONE;
	vector->signals = vector->has_signals ? one->signals : 0;
	*custody = (struct custody){ .has_device = one->raised != NONE,
				     .has_host = one->signals != NONE,
				     .host_exact = one->signals != NONE && !one->inexact,
				     .vectors = vector,
				     .count = 1 };
}

START_TEST(blame)
{
	const struct blame_case *one = &blame_cases[_i];
	struct custody_vector vector;
	struct custody custody;
	struct problem problem;
	uint64_t sum = 0;

	fill(&custody, &vector, one);
	ck_assert_int_eq(custody_judge(&custody, &problem), 0);
	for (unsigned int i = 0; i < CUSTODY_HOPS; i++) {
		ck_assert_msg(vector.lost[i] == one->lost[i], "%s: %s: %lu, expected %lu",
			      one->name, custody_hop_name(i), vector.lost[i], one->lost[i]);
		ck_assert_uint_eq(custody.total.lost[i], one->lost[i]);
		sum += vector.lost[i];
	}
	ck_assert_msg(sum == one->stranded + one->missing, "%s: %lu explained", one->name, sum);
	ck_assert_uint_eq(custody_lost(&custody), sum);
	ck_assert_msg(vector.harmless == one->harmless, "%s: harmless %lu", one->name,
		      vector.harmless);
	ck_assert_int_eq(custody_verdict(&custody),
			 sum || one->harmless ? CUSTODY_LOST : CUSTODY_ACCOUNTED);
}
END_TEST

/* Documents of different runs, and controls that are just possible. */
static const struct {
	const char *name;
	uint64_t raised, signals, stranded;
	const char *says;
} contradictions[] = {
	{ "fewer messages than interrupts", 999, 999, 0, "the device raised 999" },
	{ "as many", 1000, 1000, 0, NULL },
	{ "fewer than interrupts and stranded", 999, 998, 1, "not of the same run" },
	{ "many more signals than messages", 1000, 1100, 0, "the host counted 1100" },
	{ "a few more, sent again", 1000, 1010, 0, NULL },
};

START_TEST(contradiction)
{
	const struct blame_case one = {
		.raised = contradictions[_i].raised,
		.delivered = contradictions[_i].raised,
		.signals = contradictions[_i].signals,
		.handled = 999,
		.stranded = contradictions[_i].stranded,
	};
	struct custody_vector vector;
	struct custody custody;
	struct problem problem;
	int error;

	fill(&custody, &vector, &one);
	error = custody_judge(&custody, &problem);
	ck_assert_msg(error == (contradictions[_i].says ? -EPROTO : 0), "%s: %d",
		      contradictions[_i].name, error);
	if (error)
		ck_assert_msg(strstr(problem.text, contradictions[_i].says), "%s: %s",
			      contradictions[_i].name, problem.text);
}
END_TEST

/* A vector of no queue, such as the one for commands, has no part in it. */
START_TEST(other_vectors)
{
	struct custody_vector vectors[2];
	struct custody custody;
	struct problem problem;

	fill(&custody, &vectors[1], &blame_cases[0]);
	vectors[0] = (struct custody_vector){
		.vector = 0, .device = { .known = true, .raised = 9, .delivered = 7, .dropped = 2 }
	};
	custody.vectors = vectors;
	custody.count = 2;
	ck_assert_int_eq(custody_judge(&custody, &problem), 0);
	ck_assert_int_eq(custody_verdict(&custody), CUSTODY_ACCOUNTED);
	ck_assert_uint_eq(custody.total.device.raised, 1000);
	/* Control: as a queue's it is caught. */
	vectors[0].guest.known = true;
	ck_assert_int_eq(custody_judge(&custody, &problem), 0);
	ck_assert_int_eq(custody_verdict(&custody), CUSTODY_LOST);
}
END_TEST

/* ---- Counts ------------------------------------------------------------------- */

#define ADDRESS "0000:6a:01.0"

static const struct {
	const char *name;
	int vector;
} names[] = {
	{ "vfio-msix[3](0000:6a:01.0)", 3 },
	{ "vfio-msi[0](0000:6a:01.0)", 0 },
	{ "{ name: vfio-msix[2047](0000:6a:01.0)    } hitcount:   1", 2047 },
	{ "vfio-msix[2048](0000:6a:01.0)", -1 },
	{ "vfio-msix[3](0000:6a:01.1)", -1 },
	{ "vfio-msix[3](0000:6a:01.00)", -1 },
	{ "vfio-msix[](0000:6a:01.0)", -1 },
	{ "vfio-msix[-3](0000:6a:01.0)", -1 },
	{ "vfio-msix[3(0000:6a:01.0)", -1 },
	{ "vfio-intx(0000:6a:01.0)", -1 },
	{ "vfio-msix[3](0000:6a:01.1), vfio-msix[4](0000:6a:01.0)", 4 },
	{ "vfio-msi", -1 },
	{ "", -1 },
};

START_TEST(handler_names)
{
	ck_assert_msg(custody_count_name(names[_i].name, ADDRESS) == names[_i].vector, "%s: %d",
		      names[_i].name, custody_count_name(names[_i].name, ADDRESS));
}
END_TEST

static FILE *text_file(const char *text)
{
	FILE *stream = tmpfile();

	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	rewind(stream);
	return stream;
}

#define HISTOGRAM_HEAD \
	"# event histogram\n#\n# trigger info: hist:keys=name:vals=hitcount:sort=hitcount:" \
	"size=4096 if name ~ \"vfio-msi*(0000:6a:01.0)\" [active]\n#\n\n"

static int count_histogram(struct custody_counts *counts, const char *text)
{
	FILE *stream = text_file(text);
	int error = custody_count_histogram(counts, stream, ADDRESS);

	fclose(stream);
	return error;
}

START_TEST(histogram)
{
	static struct custody_counts counts;

	ck_assert_int_eq(count_histogram(&counts, HISTOGRAM_HEAD
					 "{ name: vfio-msix[1](0000:6a:01.0)   } hitcount:    12\n"
					 "{ name: vfio-msix[0](0000:6a:01.0)   } hitcount:   345\n"
					 "{ name: vfio-msix[0](0000:6b:01.0)   } hitcount:    99\n"
					 "\nTotals:\n    Hits: 456\n    Entries: 3\n"
					 "    Dropped: 0\n"),
			 0);
	ck_assert_uint_eq(counts.signals[0], 345);
	ck_assert_uint_eq(counts.signals[1], 12);
	ck_assert(counts.seen[0] && counts.seen[1] && !counts.seen[2]);
	ck_assert_uint_eq(custody_counts_total(&counts), 357);
	/* Nothing yet. */
	ck_assert_int_eq(count_histogram(&counts, HISTOGRAM_HEAD "Totals:\n    Dropped: 0\n"), 0);
	ck_assert_uint_eq(custody_counts_total(&counts), 0);
	ck_assert_int_eq(count_histogram(&counts, HISTOGRAM_HEAD "Totals:\n    Dropped: 2\n"),
			 -EOVERFLOW);
	/* Cut off, and something else. */
	ck_assert_int_eq(count_histogram(&counts, HISTOGRAM_HEAD
					 "{ name: vfio-msix[1](0000:6a:01.0)   } hitcount:  12\n"),
			 -EPROTO);
	ck_assert_int_eq(count_histogram(&counts, ""), -EPROTO);
}
END_TEST

static void look(struct custody_counts *counts, const char *text)
{
	FILE *stream = text_file(text);

	custody_count_interrupts(counts, stream, ADDRESS);
	fclose(stream);
}

#define LINE(irq, cpu0, cpu1, vector) \
	"  " irq ":  " cpu0 "  " cpu1 "  IR-PCI-MSIX-" ADDRESS "    3-edge      vfio-msix[" vector \
	"](" ADDRESS ")\n"

START_TEST(interrupts)
{
	static struct custody_counts counts;

	memset(&counts, 0, sizeof(counts));
	/* What was there before is not counted. */
	look(&counts, "            CPU0       CPU1\n" LINE("40", "100", "7", "1")
	     "NMI:  3  4  Non-maskable interrupts\n");
	ck_assert_uint_eq(custody_counts_total(&counts), 0);
	look(&counts, LINE("40", "110", "8", "1") LINE("41", "2", "3", "2"));
	ck_assert_uint_eq(counts.signals[1], 11);
	ck_assert_uint_eq(counts.signals[2], 5);
	/* It goes away, and comes back as it was: bound again, the irq was kept. */
	look(&counts, LINE("40", "110", "8", "1"));
	look(&counts, LINE("40", "110", "8", "1") LINE("41", "2", "4", "2"));
	ck_assert_uint_eq(counts.signals[2], 6);
	/* The same irq, freed and allocated again: it counts from 0. */
	look(&counts, LINE("40", "4", "0", "1") LINE("41", "2", "4", "2"));
	ck_assert_uint_eq(counts.signals[1], 15);
	/* Another irq. */
	look(&counts, LINE("42", "1", "1", "1") LINE("41", "2", "4", "2"));
	ck_assert_uint_eq(counts.signals[1], 17);
	/* Of another device, and lines that are none. */
	look(&counts, "  50: 5 5 IR-PCI-MSIX-0000:6b:01.0 0-edge vfio-msix[1](0000:6b:01.0)\n"
		      "vfio-msix[1](" ADDRESS ")\n: 9 vfio-msix[1](" ADDRESS ")\n");
	ck_assert_uint_eq(custody_counts_total(&counts), 23);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("custody");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, blame, 0, sizeof(blame_cases) / sizeof(blame_cases[0]));
	tcase_add_loop_test(tcase, contradiction, 0,
			    sizeof(contradictions) / sizeof(contradictions[0]));
	tcase_add_test(tcase, other_vectors);
	tcase_add_loop_test(tcase, handler_names, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(tcase, histogram);
	tcase_add_test(tcase, interrupts);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
