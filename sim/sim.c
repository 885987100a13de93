// SPDX-License-Identifier: GPL-2.0-only
/* The machine: on, off, and what is there to be seen. */
#include <errno.h>

#include "kapi/bypass.h"
#include "kapi/cpu.h"
#include "kapi/device.h"
#include "kapi/fault.h"
#include "kapi/files.h"
#include "kapi/irq.h"
#include "kapi/machine.h"
#include "kapi/memory.h"
#include "kapi/msi.h"
#include "kapi/params.h"
#include "kapi/pci.h"
#include "kapi/rcu.h"
#include "kapi/sight.h"
#include "kapi/virqfd.h"
#include "sim.h"

struct kapi_machine machine;

const char *const sim_timing_names[SIM_TIMINGS] = {
	[SIM_PROMPT] = "prompt",
	[SIM_HELD] = "accepted by a CPU with interrupts off",
	[SIM_STALLED_ENTRY] = "handler at its entry",
	[SIM_STALLED_SIGNAL] = "handler at eventfd_signal()",
};

/* At sim_start(); what is more at sim_stop() has leaked. */
static struct kapi_memory_use at_start;

const char *sim_kernel(void)
{
	return SIM_KERNEL;
}

static bool options_valid(const struct sim_options *options)
{
	unsigned int msi = options->msi_vectors;

	return msi <= 32 && !(msi & (msi - 1)) && options->msix_vectors <= 2048;
}

int sim_start(const struct sim_options *options)
{
	static const struct sim_options defaults;
	int ret;

	if (!options)
		options = &defaults;
	if (machine.on)
		return -EBUSY;
	if (!options_valid(options))
		return -EINVAL;

	machine = (struct kapi_machine){ .options = *options };
	kapi_params_reset();
	kapi_cpu_reset();
	sim_set_hook(NULL, NULL);
	at_start = kapi_memory_use();
	ret = kapi_pci_start();
	if (ret)
		return ret;
	ret = kapi_irqs_start();
	if (ret) {
		kapi_pci_stop();
		return ret;
	}
	machine.on = true;
	return 0;
}

void sim_stop(void)
{
	if (!machine.on)
		return;

	sim_set_hook(NULL, NULL);
	sim_settle();
	if (machine.opened)
		sim_close_device();
	sim_settle();
	kapi_device_unbind(&machine.pdev.dev);
	kapi_debugfs_check_empty();
	kapi_files_reset();
	kapi_bypass_reset();
	kapi_msi_stop();
	kapi_irqs_stop();
	kapi_pci_stop();
	kapi_sight_reset();
	machine.on = false;

	if (kapi_memory_use().allocations != at_start.allocations)
		kapi_fault("%zu allocations of %zu bytes have leaked",
			   kapi_memory_use().allocations - at_start.allocations,
			   kapi_memory_use().bytes - at_start.bytes);
}

void sim_settle(void)
{
	sim_release();
	kapi_rcu_run();
	kapi_virqfd_run();
}

/* ---- Interrupts -------------------------------------------------------------------- */

static void arm(enum sim_timing timing, u32 address)
{
	kapi_cpu_arm_stall(timing == SIM_STALLED_ENTRY	? KAPI_STALLED_ENTRY :
			   timing == SIM_STALLED_SIGNAL ? KAPI_STALLED_SIGNAL :
							  KAPI_RUNNING);
	if (timing == SIM_HELD)
		kapi_cpu_hold(address);
}

void sim_raise(unsigned int vector, enum sim_timing timing)
{
	if (vector >= sim_vectors())
		return;
	arm(timing, kapi_pci_entry_address(vector));
	kapi_pci_raise(vector);
	kapi_cpu_arm_stall(KAPI_RUNNING);
}

void sim_raise_msi(unsigned int vector, enum sim_timing timing)
{
	struct msi_desc *desc = machine.pdev.msi_enabled ? kapi_msi_desc(vector) : NULL;

	if (!desc)
		return;
	arm(timing, desc->msg.address_lo);
	kapi_msi_raise(vector);
	kapi_cpu_run();
	kapi_cpu_arm_stall(KAPI_RUNNING);
}

void sim_raise_line(enum sim_timing timing)
{
	arm(timing == SIM_HELD ? SIM_PROMPT : timing, 0);
	sim_intx(true);
	kapi_cpu_arm_stall(KAPI_RUNNING);
}

void sim_release(void)
{
	kapi_irq_resume_all();
	kapi_cpu_release();
}

void sim_move_irq(unsigned int vector)
{
	struct msi_desc *desc = kapi_msi_desc(vector);

	if (desc)
		kapi_irq_move(desc->irq);
}

/* ---- Accounts ------------------------------------------------------------------------ */

void sim_counts(struct sim_counts *counts)
{
	struct kapi_memory_use memory = kapi_memory_use();
	struct kapi_irq_use irqs = kapi_irq_use();
	int index = machine.vdev.irq_type;

	*counts = (struct sim_counts){
		.irqs = irqs.irqs,
		.requested = irqs.requested,
		.enabled = irqs.enabled,
		.cpu_vectors = kapi_vectors_used(),
		.eventfd_refs = kapi_eventfd_kernel_refs(),
		.producers = kapi_bypass_producers(),
		.bytes = memory.bytes - at_start.bytes,
		.allocations = memory.allocations - at_start.allocations,
		.index = machine.opened && index < VFIO_PCI_NUM_IRQS ? index : -1,
	};
}

const char *sim_irq_name(unsigned int vector)
{
	struct msi_desc *desc = kapi_msi_desc(vector);

	return desc ? kapi_irq_name(desc->irq) : NULL;
}
