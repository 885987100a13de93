// SPDX-License-Identifier: GPL-2.0-only
/* Operations while interrupts come in at full rate. */
#include <errno.h>

#include "lab.h"

/* Messages raised between two steps, so that each step meets some. */
#define BETWEEN_STEPS 20
/* Most attempts of the control. */
#define CONTROL_MOST 200

/* One vector more. A host that cannot add one must be taken down and up again. */
static int add_vector(struct lab *lab, unsigned int vector)
{
	if (lab->vfio.noresize)
		return lab_rebuild(lab, vector + 1, LAB_TIMED);
	return lab_bind_one(lab, vector, 0, LAB_TIMED);
}

static int grow(struct lab *lab)
{
	unsigned int i, v;
	int ret = 0;

	if (lab->vfio.noresize)
		lab_note(lab, "by taking all down: this host cannot add single vectors");
	for (i = 0; !ret && i < lab->settings->rounds && !lab_late(lab); i++) {
		ret = lab_fresh(lab, 1);
		for (v = 1; !ret && v < LAB_USED; v++) {
			fire_raise(lab->fire, v - 1, 1, FIRE_ENDLESS);
			ret = fire_wait_more(lab->fire, BETWEEN_STEPS);
			if (!ret)
				ret = add_vector(lab, v);
		}
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

static int shrink(struct lab *lab)
{
	unsigned int i, v;
	int ret = 0;

	for (i = 0; !ret && i < lab->settings->rounds && !lab_late(lab); i++) {
		ret = lab_fresh(lab, LAB_USED);
		fire_raise(lab->fire, 0, LAB_USED, FIRE_ENDLESS);
		for (v = LAB_USED - 1; !ret && v > 0; v--) {
			ret = fire_wait_more(lab->fire, BETWEEN_STEPS);
			if (!ret)
				ret = fire_settle(lab->fire, v, 1);
			if (!ret)
				ret = lab_bind_one(lab, v, FIRE_UNBOUND, LAB_TIMED);
		}
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

/* One vector at a time stands still and gets eventfd @toggle; the others fire. */
static int change_quiet_vector(struct lab *lab, int toggle)
{
	unsigned int i, v;
	int ret = lab_fresh(lab, LAB_USED);

	fire_raise(lab->fire, 0, LAB_USED, FIRE_ENDLESS);
	for (i = 0; !ret && i < lab->settings->rounds * LAB_VECTORS && !lab_late(lab); i++) {
		v = i % LAB_VECTORS;
		ret = fire_settle(lab->fire, v, 1);
		if (!ret)
			ret = lab_bind_one(lab, v, lab->bound[v] ^ toggle, LAB_TIMED);
		if (!ret)
			ret = lab_check(lab, v, 1);
		fire_raise(lab->fire, v, 1, FIRE_ENDLESS);
	}
	return ret ? ret : fire_settle(lab->fire, 0, LAB_USED);
}

static int swap(struct lab *lab)
{
	return change_quiet_vector(lab, 1);
}

static int rebind(struct lab *lab)
{
	return change_quiet_vector(lab, 0);
}

/*
 * Every vector fires, and gets another eventfd again and again: until there have
 * been enough of both.
 */
static int change_under_fire(struct lab *lab, const char *name, int toggle, uint64_t changes,
			     uint64_t interrupts)
{
	uint64_t done = 0, raised = 0;
	int ret = lab_fresh(lab, LAB_USED);

	fire_raise(lab->fire, 0, LAB_USED, FIRE_ENDLESS);
	while (!ret && (done < changes || raised < interrupts) && !lab_late(lab)) {
		unsigned int v = done++ % LAB_VECTORS;

		ret = lab_bind_one(lab, v, lab->bound[v] ^ toggle, LAB_TIMED);
		if (done % 1024)
			continue;
		raised = fire_count(lab->fire, 0, LAB_USED).raised;
		if (done % 16384 == 0)
			lab_progress(lab, name, raised < interrupts ? raised : done,
				     raised < interrupts ? interrupts : changes);
	}
	if (!ret)
		ret = lab_check(lab, 0, LAB_USED);
	if (done < changes)
		lab_note(lab, "%llu changes in the time there was", (unsigned long long)done);
	return ret;
}

static int swap_fire(struct lab *lab)
{
	return change_under_fire(lab, "swap-fire", 1, lab->settings->swaps,
				 lab->settings->interrupts);
}

static int rebind_fire(struct lab *lab)
{
	return change_under_fire(lab, "rebind-fire", 0, lab->settings->swaps / 10,
				 lab->settings->interrupts / 10);
}

/*
 * The device is closed, with messages on their way; nothing is left of it, and the
 * next owner finds it working.
 */
static int close_fire(struct lab *lab)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < lab->settings->rounds && !lab_late(lab); i++) {
		ret = lab_fresh(lab, LAB_USED);
		fire_raise(lab->fire, 0, LAB_USED, FIRE_ENDLESS);
		if (!ret)
			ret = fire_wait_more(lab->fire, BETWEEN_STEPS);
		if (ret)
			break;
		/* Nobody is left to whom the last ones could be lost. */
		lab_close(lab, LAB_TIMED);
		ret = lab_open(lab);
		if (!ret)
			ret = lab_fresh(lab, LAB_USED);
		if (!ret)
			ret = lab_check(lab, 0, LAB_USED);
	}
	return ret;
}

static int rebuild_once(struct lab *lab)
{
	int ret;

	fire_raise(lab->fire, 0, LAB_USED, FIRE_ENDLESS);
	ret = fire_wait_more(lab->fire, BETWEEN_STEPS);
	if (!ret)
		ret = lab_rebuild(lab, LAB_USED, LAB_TIMED);
	return ret ? ret : fire_settle(lab->fire, 0, LAB_USED);
}

/*
 * The negative control: MSI-X is taken down and up again under fire, which must lose
 * interrupts of a device that forgets them meanwhile, whatever the host does. Not
 * each time: it goes on until there is one.
 */
static int control_rebuild(struct lab *lab)
{
	unsigned int i;
	int ret = lab_fresh(lab, LAB_USED);

	for (i = 0; !ret && i < CONTROL_MOST && !lab_late(lab); i++) {
		if (i >= lab->settings->rounds && fire_count(lab->fire, 0, LAB_USED).lost)
			break;
		ret = rebuild_once(lab);
	}
	return ret ? ret : lab_check(lab, 0, LAB_USED);
}

const struct operation live_operations[] = {
	{ "grow", "one vector more, others fire", grow },
	{ "shrink", "one vector less, others fire", shrink },
	{ "swap", "another eventfd, others fire", swap },
	{ "rebind", "the same eventfd, others fire", rebind },
	{ "swap-fire", "another eventfd, under fire", swap_fire },
	{ "rebind-fire", "the same eventfd, under fire", rebind_fire },
	{ "close", "closed under fire", close_fire },
	{ "control-rebuild", "control: all down and up, under fire", control_rebuild },
	{ NULL, NULL, NULL },
};
