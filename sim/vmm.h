/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMMs: what QEMU asks of vfio-pci when its guest does something with MSI-X.
 *
 * A policy is a table: for each event in the guest the requests that follow.
 */
#ifndef SIM_VMM_H
#define SIM_VMM_H

#include <stdbool.h>

#include "owner.h"

/* One VFIO_DEVICE_SET_IRQS of the MSI-X index. */
enum sim_vmm_step {
	SIM_VMM_END,
	SIM_VMM_DISABLE, /* DATA_NONE, count 0 */
	SIM_VMM_NO_VECTOR, /* vector 0, fd -1: MSI-X on, nothing bound */
	SIM_VMM_FIRST, /* vector 0 and its eventfd, wanted or not */
	SIM_VMM_ONE, /* the vector's eventfd */
	SIM_VMM_UNBIND_ONE, /* the vector, fd -1 */
	SIM_VMM_ALL, /* vectors 0 to the last one wanted: eventfds or -1 */
};
#define SIM_VMM_STEPS 4

/**
 * struct sim_vmm_policy - a VMM
 * @kvm: unmasked vectors have an eventfd that KVM consumes, with posted
 *	interrupts; masked ones one that the VMM reads
 * @resize: a vector beyond those that are enabled asks for @grow, any other for @use
 * @enable: the guest enables MSI-X, all vectors masked
 * @use: the guest unmasks a vector
 * @mask: it masks one
 * @give_back: what is masked is no longer one that is enabled: using it again is new
 * @disable: it disables MSI-X
 */
struct sim_vmm_policy {
	const char *name;
	bool kvm;
	bool resize;
	bool give_back;
	enum sim_vmm_step enable[SIM_VMM_STEPS];
	enum sim_vmm_step use[SIM_VMM_STEPS];
	enum sim_vmm_step grow[SIM_VMM_STEPS];
	enum sim_vmm_step mask[SIM_VMM_STEPS];
	enum sim_vmm_step disable[SIM_VMM_STEPS];
};

/* QEMU up to 8.1: MSI-X is taken down to add a vector. */
extern const struct sim_vmm_policy sim_vmm_qemu_7_2;
extern const struct sim_vmm_policy sim_vmm_qemu_7_2_kvm;
/* QEMU from 8.2 on, where the kernel lets MSI-X grow. */
extern const struct sim_vmm_policy sim_vmm_qemu_8_2;
extern const struct sim_vmm_policy sim_vmm_qemu_8_2_kvm;
/*
 * VMMs that have no more vectors than their guest uses: each one that is added or given back
 * is a change of the set. The first has to take MSI-X down to add one, the others do not.
 */
extern const struct sim_vmm_policy sim_vmm_rebuild;
extern const struct sim_vmm_policy sim_vmm_dynamic;
extern const struct sim_vmm_policy sim_vmm_dynamic_kvm;
/* What stock vfio-pci does to replace an eventfd: the irq is freed and requested. */
extern const struct sim_vmm_policy sim_vmm_free_request;

/**
 * struct sim_vmm - a VMM with a device
 * @between: called before each request, in user space; may be NULL
 * @owner: what it has bound and received
 * @vectors: @fd: read by the VMM; @kvm_fd: consumed by KVM, -1 without KVM;
 *	@wanted: unmasked once since MSI-X was enabled
 * @enabled: number of vectors that are enabled, by what the VMM knows
 */
struct sim_vmm {
	const struct sim_vmm_policy *policy;
	void (*between)(void *arg);
	void *arg;
	struct sim_owner owner;
	struct {
		int fd;
		int kvm_fd;
		bool wanted;
		bool masked;
	} vectors[SIM_OWNER_VECTORS];
	unsigned int enabled;
};

/*
 * With the machine on and its device open. All of these return 0 or what the
 * request that failed returned; the rest of the requests is then not made.
 */
int sim_vmm_start(struct sim_vmm *vmm, const struct sim_vmm_policy *policy);
int sim_vmm_enable(struct sim_vmm *vmm);
int sim_vmm_unmask(struct sim_vmm *vmm, unsigned int vector);
int sim_vmm_mask(struct sim_vmm *vmm, unsigned int vector);
int sim_vmm_disable(struct sim_vmm *vmm);

#endif /* SIM_VMM_H */
