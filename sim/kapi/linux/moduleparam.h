/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: module parameters, for sim_set_param(). */
#ifndef KAPI_LINUX_MODULEPARAM_H
#define KAPI_LINUX_MODULEPARAM_H

#include <linux/types.h>

/**
 * struct kapi_param - one module parameter
 * @type: as written in module_param(): bool, int or uint
 * @value: the variable
 */
struct kapi_param {
	const char *name;
	const char *type;
	void *value;
	struct kapi_param *next;
};

/* Defined in kapi/params.c. */
void kapi_param_register(struct kapi_param *param);

#define module_param(variable, type, mode)					\
	static __attribute__((constructor)) void kapi_param_##variable(void)	\
	{									\
		static struct kapi_param param = { #variable, #type,		\
						   &variable, NULL };		\
										\
		kapi_param_register(&param);					\
	}									\
	struct kapi_param
#define MODULE_PARM_DESC(variable, text) struct kapi_param

#endif /* KAPI_LINUX_MODULEPARAM_H */
