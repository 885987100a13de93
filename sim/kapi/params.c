// SPDX-License-Identifier: GPL-2.0-only
/* Module parameters. Every sim_start() finds them as the module was built. */
#include <errno.h>
#include <string.h>

#include <linux/moduleparam.h>

#include "params.h"
#include "../sim.h"

#define PARAMS_MAX 16

static struct kapi_param *params;
static struct {
	struct kapi_param *param;
	long value;
} defaults[PARAMS_MAX];
static unsigned int default_count;

static long get(const struct kapi_param *param)
{
	if (!strcmp(param->type, "bool"))
		return *(bool *)param->value;
	return *(int *)param->value;
}

static void set(struct kapi_param *param, long value)
{
	if (!strcmp(param->type, "bool"))
		*(bool *)param->value = value;
	else
		*(int *)param->value = value;
}

void kapi_param_register(struct kapi_param *param)
{
	param->next = params;
	params = param;
	if (default_count < PARAMS_MAX) {
		defaults[default_count].param = param;
		defaults[default_count++].value = get(param);
	}
}

int sim_set_param(const char *name, long value)
{
	struct kapi_param *param;

	for (param = params; param; param = param->next) {
		if (!strcmp(param->name, name)) {
			set(param, value);
			return 0;
		}
	}
	return -ENOENT;
}

void kapi_params_reset(void)
{
	unsigned int i;

	for (i = 0; i < default_count; i++)
		set(defaults[i].param, defaults[i].value);
}
