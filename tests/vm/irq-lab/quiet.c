// SPDX-License-Identifier: GPL-2.0-only
/* Operations with nothing under way on the vectors that they touch. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

/* Closed, so that no descriptor can have this number. */
#define NO_SUCH_FD 1000000

static const int8_t all_1[LAB_USED] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };

/* A call that must succeed; a refusal is noted, and what follows shows the rest. */
static void expect_success(struct lab *lab, const char *what, int ret)
{
	if (ret > 0)
		lab_note(lab, "%s: only %d vectors", what, ret);
	else if (ret)
		lab_note(lab, "%s: %s", what, strerror(-ret));
}

static int enable(struct lab *lab)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < lab->settings->rounds; i++) {
		ret = lab_fresh(lab, LAB_USED);
		if (!ret)
			ret = lab_disable(lab, LAB_UNTIMED);
		if (ret)
			break;
		expect_success(lab, "enable", lab_bind(lab, 0, LAB_USED, all_1, LAB_TIMED));
		ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

static int disable_enable(struct lab *lab)
{
	unsigned int i;
	int ret = lab_fresh(lab, LAB_USED);

	for (i = 0; !ret && i < lab->settings->rounds; i++) {
		ret = lab_rebuild(lab, LAB_USED, LAB_TIMED);
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

/* Every second vector of a range has no eventfd, and gets one later. */
static int hole(struct lab *lab)
{
	static const int8_t sparse[LAB_VECTORS] = { 1, -1, 1, -1, 1, -1, 1, -1 };
	unsigned int i, v;
	int ret = 0;

	for (i = 0; !ret && i < lab->settings->rounds; i++) {
		ret = lab_fresh(lab, LAB_USED);
		if (ret)
			break;
		expect_success(lab, "range with holes",
			       lab_bind(lab, 0, LAB_VECTORS, sparse, LAB_TIMED));
		ret = lab_check(lab, 0, LAB_USED);
		for (v = 1; !ret && v < LAB_VECTORS; v += 2)
			ret = lab_bind_one(lab, v, 0, LAB_UNTIMED);
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

/* The last vector of the table alone; then the first one, too; then only that. */
static int sparse_last(struct lab *lab)
{
	unsigned int last = lab->vfio.vectors - 1, i;
	static const int8_t one;
	int ret = 0;

	for (i = 0; !ret && i < lab->settings->rounds; i++) {
		ret = lab_fresh(lab, 1);
		if (!ret)
			ret = lab_disable(lab, LAB_UNTIMED);
		if (ret)
			break;
		expect_success(lab, "last vector", lab_bind(lab, last, 1, &one, LAB_TIMED));
		ret = lab_check(lab, last, 1);
		if (!ret)
			ret = lab_bind_one(lab, 0, 0, LAB_UNTIMED);
		if (!ret)
			ret = lab_check(lab, last, 1);
		if (!ret)
			ret = lab_bind_one(lab, last, FIRE_UNBOUND, LAB_UNTIMED);
		if (!ret)
			ret = lab_check(lab, 0, 1);
	}
	return ret;
}

/* A range of new eventfds, one of which is none: all old ones must go on working. */
static int bad_position(struct lab *lab, unsigned int position, int fd)
{
	int ret = lab_fresh(lab, LAB_USED);

	if (ret)
		return ret;
	fire_raise(lab->fire, LAB_WITNESS, 1, FIRE_ENDLESS);
	ret = lab_bind_with(lab, 0, LAB_VECTORS, all_1, position, fd, LAB_TIMED);
	if (!ret)
		lab_note(lab, "a bad descriptor at position %u was accepted", position);
	ret = lab_check(lab, 0, LAB_VECTORS);
	if (!ret)
		ret = fire_settle(lab->fire, LAB_WITNESS, 1);
	return ret;
}

static int bad_range(struct lab *lab)
{
	unsigned int position;
	int null, ret = 0;

	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -errno;
	for (position = 0; !ret && position < LAB_VECTORS && !lab_late(lab); position++) {
		ret = bad_position(lab, position, null);
		if (!ret && lab->settings->rounds > 1)
			ret = bad_position(lab, position, NO_SUCH_FD);
	}
	close(null);
	return ret;
}

static int out_of_range(struct lab *lab)
{
	unsigned int last = lab->vfio.vectors - 1, i, c;
	const struct {
		unsigned int start;
		unsigned int count;
	} cases[] = { { last, 2 }, { last + 1, 1 }, { 1, last + 1 }, { ~0U, 2 } };
	int8_t which[LAB_MOST_VECTORS];
	int ret = lab_fresh(lab, LAB_USED);

	memset(which, 1, sizeof(which));
	for (i = 0; !ret && i < lab->settings->rounds; i++)
		for (c = 0; !ret && c < sizeof(cases) / sizeof(cases[0]); c++) {
			int32_t fds[LAB_MOST_VECTORS];
			uint64_t begin;
			unsigned int v;

			for (v = 0; v < LAB_MOST_VECTORS; v++)
				fds[v] = fire_fd(lab->fire, v % LAB_USED, 1);
			begin = fire_now_ns();
			ret = vfio_bind(&lab->vfio, cases[c].start, cases[c].count, fds);
			lab->figures.nanoseconds += fire_now_ns() - begin;
			lab->figures.calls++;
			if (ret != -EINVAL)
				lab_note(lab, "vectors %u+%u: %d", cases[c].start, cases[c].count, ret);
			ret = lab_check(lab, 0, LAB_USED);
		}
	return ret;
}

/* A reset of the device leaves the bindings as they are. */
static int reset(struct lab *lab)
{
	unsigned int i;
	int ret = lab_fresh(lab, LAB_USED);

	for (i = 0; !ret && i < lab->settings->rounds; i++) {
		uint64_t begin = fire_now_ns();

		ret = vfio_reset(&lab->vfio);
		lab->figures.nanoseconds += fire_now_ns() - begin;
		lab->figures.calls++;
		if (!ret)
			ret = accel_enable(lab->accel);
		if (!ret)
			ret = lab_bind_one(lab, i % LAB_VECTORS, i & 1, LAB_UNTIMED);
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

/* A vector is signalled by software, without a message. */
static int loopback(struct lab *lab)
{
	struct fire_counts before, after;
	unsigned int i, v;
	int ret = lab_fresh(lab, LAB_USED);

	for (i = 0; !ret && i < lab->settings->rounds; i++)
		for (v = 0; !ret && v < LAB_USED; v++) {
			uint64_t begin = fire_now_ns();

			before = fire_count(lab->fire, v, 1);
			ret = vfio_loopback(&lab->vfio, v);
			lab->figures.nanoseconds += fire_now_ns() - begin;
			lab->figures.calls++;
			/* Signalled when the call returns; this reads all that is there. */
			fire_signals_only(lab->fire, v, FIRE_UNBOUND);
			fire_may_signal(lab->fire, v, 0);
			after = fire_count(lab->fire, v, 1);
			if (after.extra != before.extra + 1)
				lab_note(lab, "vector %u: %llu signals", v,
					 (unsigned long long)(after.extra - before.extra));
		}
	if (!ret)
		ret = lab_check(lab, 0, LAB_USED);
	lab_fold(lab);
	/* Those were asked for. */
	lab->figures.counts.extra = 0;
	return ret;
}

/* ---- Every vector of the table ------------------------------------------------ */

/* As many as a processor's interrupt vectors allow, then the next ones. */
struct window {
	unsigned int first;
	unsigned int end;
	unsigned int most;
};

/* The machine has no room for one more: all must be as before. Then start afresh. */
static int next_window(struct lab *lab, struct window *w, int why)
{
	unsigned int live = w->end - w->first;
	int ret = lab_check(lab, w->first, live);

	if (live > w->most) {
		w->most = live;
		lab->figures.note[0] = '\0';
		lab_note(lab, "%u at once, then: %s", live, strerror(why < 0 ? -why : ENOSPC));
	}
	if (!ret)
		ret = lab_disable(lab, LAB_UNTIMED);
	w->first = w->end;
	return ret;
}

/* One by one; vectors that the host cannot add one by one, in blocks. */
static int all_vectors(struct lab *lab)
{
	unsigned int step = lab->vfio.noresize ? 64 : 1;
	static const int8_t zeros[LAB_MOST_VECTORS];
	struct window w = { 0 };
	int ret = lab_fresh(lab, 1);

	if (!ret)
		ret = lab_disable(lab, LAB_UNTIMED);
	while (!ret && w.end < lab->vfio.vectors && !lab_late(lab)) {
		unsigned int n = lab->vfio.vectors - w.end;
		int refusal;

		if (n > step)
			n = step;
		refusal = lab_bind(lab, w.end, n, zeros, LAB_TIMED);
		if (!refusal) {
			w.end += n;
			if (!lab->vfio.noresize)
				continue;
		}
		if (refusal && w.end == w.first) {
			lab_note(lab, "vector %u cannot be bound at all: %s", w.end,
				 strerror(refusal < 0 ? -refusal : ENOSPC));
			return 0;
		}
		ret = next_window(lab, &w, refusal);
		lab_progress(lab, "all-vectors", w.end, lab->vfio.vectors);
	}
	if (!ret && w.end > w.first)
		ret = lab_check(lab, w.first, w.end - w.first);
	if (w.end < lab->vfio.vectors)
		lab_note(lab, "%u of %u vectors in the time there was", w.end, lab->vfio.vectors);
	if (lab->vfio.noresize) {
		lab->figures.note[0] = '\0';
		lab_note(lab, "in blocks of %u: this host cannot add single vectors", step);
	}
	return ret ? ret : lab_disable(lab, LAB_UNTIMED);
}

const struct operation quiet_operations[] = {
	{ "enable", "enable all at once", enable },
	{ "disable-enable", "disable and enable", disable_enable },
	{ "hole", "range with holes", hole },
	{ "sparse-last", "the last vector alone", sparse_last },
	{ "range-bad-fd", "range with one bad descriptor", bad_range },
	{ "out-of-range", "vectors that are not there", out_of_range },
	{ "reset", "reset in between", reset },
	{ "loopback", "trigger by software", loopback },
	{ "all-vectors", "all vectors of the table", all_vectors },
	{ NULL, NULL, NULL },
};
