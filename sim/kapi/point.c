// SPDX-License-Identifier: GPL-2.0-only
/* Points, and the hook that is called at each. */
#include "../sim.h"
#include "cpu.h"
#include "point.h"

#include <linux/compiler.h>

static struct {
	sim_hook_fn *hook;
	void *arg;
	bool running; /* the hook, or an operation has none */
	bool operation;
	unsigned int number;
} points;

void sim_set_hook(sim_hook_fn *hook, void *arg)
{
	points.hook = hook;
	points.arg = arg;
}

unsigned int sim_points(void)
{
	return points.number;
}

void kapi_operation_begin(void)
{
	points.operation = true;
	points.number = 0;
}

void kapi_operation_end(void)
{
	points.operation = false;
}

static bool pass(const char *name, enum sim_when when, int error)
{
	struct sim_point point = {
		.number = points.number,
		.name = name,
		.when = when,
		.error = error,
	};
	bool fail = false;

	if (!points.operation || points.running || kapi_cpu != &kapi_op_cpu)
		return false;

	points.number++;
	if (points.hook) {
		points.running = true;
		fail = points.hook(points.arg, &point);
		points.running = false;
	}
	return fail && error;
}

/* The name of a call is needed again when it returns: calls nest this deep at most. */
#define DEPTH_MAX 8
static const char *names[DEPTH_MAX];

int kapi_enter(const char *name, int error)
{
	bool fail = false;

	if (kapi_cpu->depth == 0)
		fail = pass(name, SIM_BEFORE, error);
	if (kapi_cpu == &kapi_op_cpu && !points.running && kapi_cpu->depth < DEPTH_MAX)
		names[kapi_cpu->depth] = name;
	kapi_cpu->depth++;
	return fail ? error : 0;
}

void kapi_leave(void)
{
	kapi_cpu->depth--;
	if (kapi_cpu->depth == 0)
		pass(names[0], SIM_AFTER, 0);
}

void kapi_step(const char *name)
{
	if (kapi_cpu->depth == 1)
		pass(name, SIM_DURING, 0);
}

void kapi_store_begin(const char *what)
{
	kapi_enter(what, 0);
}

void kapi_store_end(void)
{
	kapi_leave();
}
