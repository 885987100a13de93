// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"

int lab_open(struct lab *lab)
{
	int ret = vfio_open(&lab->vfio, lab->settings->bdf);

	if (ret)
		return ret;
	if (lab->vfio.vectors < LAB_USED || lab->vfio.vectors > LAB_MOST_VECTORS) {
		fprintf(stderr, "irq-lab: %s has %u vectors; %d to %d are needed\n",
			lab->vfio.bdf, lab->vfio.vectors, LAB_USED, LAB_MOST_VECTORS);
		ret = -ENODEV;
		goto close_device;
	}
	lab->enabled = false;
	memset(lab->bound, FIRE_UNBOUND, sizeof(lab->bound));
	lab->accel = accel_create(&lab->vfio);
	if (!lab->accel) {
		ret = -errno;
		goto close_device;
	}
	lab->fire = fire_create(lab->accel, lab->vfio.vectors, lab->settings->confirm_ns);
	if (lab->fire)
		return 0;
	ret = -errno;
	fprintf(stderr, "irq-lab: cannot make the eventfds: %s\n", strerror(-ret));
close_device:
	vfio_close(&lab->vfio);
	accel_destroy(lab->accel);
	lab->accel = NULL;
	return ret;
}

static void add_time(struct lab *lab, uint64_t begin, enum lab_timing timing)
{
	uint64_t ns = fire_now_ns() - begin;

	if (timing == LAB_UNTIMED)
		return;
	lab->figures.calls++;
	lab->figures.nanoseconds += ns;
	if (ns > lab->figures.worst)
		lab->figures.worst = ns;
}

void lab_close(struct lab *lab, enum lab_timing timing)
{
	uint64_t begin;

	if (!lab->fire)
		return;
	fire_destroy(lab->fire);
	lab->fire = NULL;
	begin = fire_now_ns();
	vfio_close(&lab->vfio);
	add_time(lab, begin, timing);
	accel_destroy(lab->accel);
	lab->accel = NULL;
}

void lab_fold(struct lab *lab)
{
	struct fire_counts now = fire_count(lab->fire, 0, lab->vfio.vectors);
	struct fire_counts *sum = &lab->figures.counts;

	sum->raised += now.raised;
	sum->arrived += now.arrived;
	sum->lost += now.lost;
	sum->late += now.late;
	sum->extra += now.extra;
	sum->stray += now.stray;
	fire_reset_counts(lab->fire);
}

void lab_note(struct lab *lab, const char *format, ...)
{
	size_t used = strlen(lab->figures.note);
	va_list arguments;

	if (used)
		used += snprintf(lab->figures.note + used, sizeof(lab->figures.note) - used, "; ");
	if (used >= sizeof(lab->figures.note))
		return;
	va_start(arguments, format);
	vsnprintf(lab->figures.note + used, sizeof(lab->figures.note) - used, format, arguments);
	va_end(arguments);
}

bool lab_late(const struct lab *lab)
{
	return fire_now_ns() >= lab->deadline_ns;
}

void lab_progress(const struct lab *lab, const char *operation, uint64_t done, uint64_t all)
{
	FILE *file;

	if (!lab->settings->progress)
		return;
	file = fopen(lab->settings->progress, "a");
	if (!file)
		return;
	fprintf(file, "chain: irq-lab, %s: %s", lab->settings->phase, operation);
	if (all)
		fprintf(file, " %llu of %llu", (unsigned long long)done, (unsigned long long)all);
	fputc('\n', file);
	fclose(file);
}

/* ---- Bindings ---------------------------------------------------------------- */

int lab_bind_with(struct lab *lab, unsigned int start, unsigned int count, const int8_t *which,
		  unsigned int bad, int fd, enum lab_timing timing)
{
	int32_t fds[LAB_MOST_VECTORS];
	unsigned int i;
	uint64_t begin;
	int ret;

	for (i = 0; i < count; i++) {
		fire_may_signal(lab->fire, start + i, which[i]);
		fds[i] = which[i] == FIRE_UNBOUND ? -1 :
						    fire_fd(lab->fire, start + i, which[i]);
	}
	if (bad < count)
		fds[bad] = fd;
	begin = fire_now_ns();
	ret = vfio_bind(&lab->vfio, start, count, fds);
	add_time(lab, begin, timing);
	if (!ret)
		lab->enabled = true;
	for (i = 0; i < count; i++) {
		if (!ret)
			lab->bound[start + i] = which[i];
		fire_signals_only(lab->fire, start + i, lab->bound[start + i]);
	}
	return ret;
}

int lab_bind(struct lab *lab, unsigned int start, unsigned int count, const int8_t *which,
	     enum lab_timing timing)
{
	return lab_bind_with(lab, start, count, which, count, 0, timing);
}

static int refused(unsigned int start, unsigned int count, int ret)
{
	fprintf(stderr, "irq-lab: binding vectors %u to %u: ", start, start + count - 1);
	if (ret > 0)
		fprintf(stderr, "the host offers %d vectors only\n", ret);
	else
		fprintf(stderr, "%s\n", strerror(-ret));
	return ret > 0 ? -ENOSPC : ret;
}

int lab_bind_one(struct lab *lab, unsigned int vector, int which, enum lab_timing timing)
{
	const int8_t one = which;
	int ret = lab_bind(lab, vector, 1, &one, timing);

	return ret ? refused(vector, 1, ret) : 0;
}

int lab_disable(struct lab *lab, enum lab_timing timing)
{
	uint64_t begin = fire_now_ns();
	unsigned int i;
	int ret;

	if (!lab->enabled)
		return 0;
	ret = vfio_disable(&lab->vfio);
	add_time(lab, begin, timing);
	lab->enabled = false;
	if (ret) {
		fprintf(stderr, "irq-lab: disabling MSI-X: %s\n", strerror(-ret));
		return ret;
	}
	for (i = 0; i < lab->vfio.vectors; i++) {
		if (lab->bound[i] == FIRE_UNBOUND)
			continue;
		lab->bound[i] = FIRE_UNBOUND;
		fire_signals_only(lab->fire, i, FIRE_UNBOUND);
	}
	return 0;
}

int lab_rebuild(struct lab *lab, unsigned int vectors, enum lab_timing timing)
{
	int32_t fds[LAB_MOST_VECTORS];
	uint64_t begin;
	unsigned int i;
	int ret;

	for (i = 0; i < vectors; i++) {
		if (lab->bound[i] == FIRE_UNBOUND)
			lab->bound[i] = 0;
		fire_may_signal(lab->fire, i, lab->bound[i]);
		fds[i] = fire_fd(lab->fire, i, lab->bound[i]);
	}
	begin = fire_now_ns();
	ret = vfio_disable(&lab->vfio);
	if (!ret)
		ret = vfio_bind(&lab->vfio, 0, vectors, fds);
	add_time(lab, begin, timing);
	lab->enabled = !ret;
	return ret ? refused(0, vectors, ret) : 0;
}

int lab_fresh(struct lab *lab, unsigned int vectors)
{
	static const int8_t zeros[LAB_MOST_VECTORS];
	unsigned int i;
	int ret = fire_settle(lab->fire, 0, lab->vfio.vectors);

	if (!ret)
		ret = lab_disable(lab, LAB_UNTIMED);
	if (ret)
		return ret;
	lab_fold(lab);
	ret = lab_bind(lab, 0, vectors, zeros, LAB_UNTIMED);
	if (ret)
		return refused(0, vectors, ret);
	/* What a masked entry has kept comes now, and shall not be taken for more. */
	fire_raise(lab->fire, 0, vectors, 1);
	ret = fire_settle(lab->fire, 0, vectors);
	for (i = 0; i < vectors; i++)
		fire_signals_only(lab->fire, i, 0);
	fire_reset_counts(lab->fire);
	return ret;
}

int lab_check(struct lab *lab, unsigned int first, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = first; !ret && i < first + count; i++)
		ret = fire_settle(lab->fire, i, 1);
	fire_forget_last(lab->fire, first, count);
	for (i = first; i < first + count; i++)
		if (lab->bound[i] != FIRE_UNBOUND)
			fire_raise(lab->fire, i, 1, 1);
	if (!ret)
		ret = fire_settle(lab->fire, first, count);
	for (i = first; !ret && i < first + count; i++) {
		if (lab->bound[i] == FIRE_UNBOUND)
			continue;
		lab->figures.bindings++;
		lab->figures.kept += fire_last(lab->fire, i) == lab->bound[i];
	}
	return ret;
}
