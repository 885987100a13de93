// SPDX-License-Identifier: GPL-2.0-only
/* VMMs as tables of requests. */
#include <errno.h>

#include <linux/vfio.h>

#include "sim.h"
#include "vmm.h"

#define QEMU_7_2							\
	.resize = true,							\
	.enable = { SIM_VMM_DISABLE, SIM_VMM_FIRST },			\
	.use = { SIM_VMM_ONE },						\
	.grow = { SIM_VMM_DISABLE, SIM_VMM_ALL },			\
	.disable = { SIM_VMM_DISABLE }

#define QEMU_8_2							\
	.enable = { SIM_VMM_NO_VECTOR },				\
	.use = { SIM_VMM_ONE },						\
	.disable = { SIM_VMM_DISABLE }

const struct sim_vmm_policy sim_vmm_qemu_7_2 = { .name = "qemu-7.2", QEMU_7_2 };

const struct sim_vmm_policy sim_vmm_qemu_7_2_kvm = {
	.name = "qemu-7.2-kvm", .kvm = true, .mask = { SIM_VMM_ONE }, QEMU_7_2
};

const struct sim_vmm_policy sim_vmm_qemu_8_2 = { .name = "qemu-8.2", QEMU_8_2 };

const struct sim_vmm_policy sim_vmm_qemu_8_2_kvm = {
	.name = "qemu-8.2-kvm", .kvm = true, .mask = { SIM_VMM_ONE }, QEMU_8_2
};

const struct sim_vmm_policy sim_vmm_rebuild = {
	.name = "rebuild",
	.resize = true,
	.give_back = true,
	.enable = { SIM_VMM_DISABLE, SIM_VMM_FIRST },
	.use = { SIM_VMM_ONE },
	.grow = { SIM_VMM_DISABLE, SIM_VMM_ALL },
	.mask = { SIM_VMM_UNBIND_ONE },
	.disable = { SIM_VMM_DISABLE },
};

const struct sim_vmm_policy sim_vmm_dynamic = {
	.name = "dynamic",
	.give_back = true,
	.enable = { SIM_VMM_NO_VECTOR },
	.use = { SIM_VMM_ONE },
	.mask = { SIM_VMM_UNBIND_ONE },
	.disable = { SIM_VMM_DISABLE },
};

const struct sim_vmm_policy sim_vmm_dynamic_kvm = {
	.name = "dynamic-kvm",
	.kvm = true,
	.enable = { SIM_VMM_NO_VECTOR },
	.use = { SIM_VMM_ONE },
	.mask = { SIM_VMM_ONE },
	.disable = { SIM_VMM_DISABLE },
};

const struct sim_vmm_policy sim_vmm_free_request = {
	.name = "free-request",
	.kvm = true,
	.enable = { SIM_VMM_NO_VECTOR },
	.use = { SIM_VMM_UNBIND_ONE, SIM_VMM_ONE },
	.mask = { SIM_VMM_UNBIND_ONE, SIM_VMM_ONE },
	.disable = { SIM_VMM_DISABLE },
};

int sim_vmm_start(struct sim_vmm *vmm, const struct sim_vmm_policy *policy)
{
	unsigned int v;
	int ret = 0;

	*vmm = (struct sim_vmm){ .policy = policy };
	sim_owner_start(&vmm->owner, VFIO_PCI_MSIX_IRQ_INDEX);
	for (v = 0; !ret && v < sim_vectors() && v < SIM_OWNER_VECTORS; v++) {
		vmm->vectors[v].masked = true;
		vmm->vectors[v].fd = sim_owner_eventfd(&vmm->owner);
		vmm->vectors[v].kvm_fd = policy->kvm ? sim_owner_eventfd(&vmm->owner) : -1;
		if (vmm->vectors[v].fd < 0 || (policy->kvm && vmm->vectors[v].kvm_fd < 0))
			ret = -EMFILE;
		else if (policy->kvm)
			ret = sim_consumer_add(vmm->vectors[v].kvm_fd);
	}
	return ret;
}

static int wanted_fd(const struct sim_vmm *vmm, unsigned int v)
{
	if (!vmm->vectors[v].wanted)
		return -1;
	return vmm->policy->kvm && !vmm->vectors[v].masked ? vmm->vectors[v].kvm_fd :
							     vmm->vectors[v].fd;
}

static int bind_one(struct sim_vmm *vmm, unsigned int vector, int fd)
{
	return sim_owner_bind(&vmm->owner, vector, 1, &fd);
}

static int step(struct sim_vmm *vmm, enum sim_vmm_step what, unsigned int vector)
{
	int fds[SIM_OWNER_VECTORS];
	unsigned int v;

	switch (what) {
	case SIM_VMM_DISABLE:
		return sim_owner_disable(&vmm->owner);
	case SIM_VMM_NO_VECTOR:
		return bind_one(vmm, 0, -1);
	case SIM_VMM_FIRST:
		return bind_one(vmm, 0, vmm->vectors[0].fd);
	case SIM_VMM_ONE:
		return bind_one(vmm, vector, wanted_fd(vmm, vector));
	case SIM_VMM_UNBIND_ONE:
		return bind_one(vmm, vector, -1);
	case SIM_VMM_ALL:
		for (v = 0; v < vmm->enabled; v++)
			fds[v] = wanted_fd(vmm, v);
		return sim_owner_bind(&vmm->owner, 0, vmm->enabled, fds);
	case SIM_VMM_END:
		break;
	}
	return 0;
}

static int run(struct sim_vmm *vmm, const enum sim_vmm_step *steps, unsigned int vector)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < SIM_VMM_STEPS && steps[i] != SIM_VMM_END; i++) {
		if (vmm->between)
			vmm->between(vmm->arg);
		ret = step(vmm, steps[i], vector);
	}
	return ret;
}

int sim_vmm_enable(struct sim_vmm *vmm)
{
	vmm->enabled = 1;
	return run(vmm, vmm->policy->enable, 0);
}

int sim_vmm_unmask(struct sim_vmm *vmm, unsigned int vector)
{
	bool grow;

	if (vector >= SIM_OWNER_VECTORS)
		return -EINVAL;
	grow = vmm->policy->resize &&
	       (vector >= vmm->enabled || (vmm->policy->give_back && !vmm->vectors[vector].wanted));
	vmm->vectors[vector].wanted = true;
	vmm->vectors[vector].masked = false;
	if (vector >= vmm->enabled)
		vmm->enabled = vector + 1;
	return run(vmm, grow ? vmm->policy->grow : vmm->policy->use, vector);
}

int sim_vmm_mask(struct sim_vmm *vmm, unsigned int vector)
{
	if (vector >= SIM_OWNER_VECTORS)
		return -EINVAL;
	vmm->vectors[vector].masked = true;
	if (vmm->policy->give_back)
		vmm->vectors[vector].wanted = false;
	return run(vmm, vmm->policy->mask, vector);
}

int sim_vmm_disable(struct sim_vmm *vmm)
{
	unsigned int v;

	for (v = 0; v < SIM_OWNER_VECTORS; v++) {
		vmm->vectors[v].wanted = false;
		vmm->vectors[v].masked = true;
	}
	vmm->enabled = 0;
	return run(vmm, vmm->policy->disable, 0);
}
