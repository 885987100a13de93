// SPDX-License-Identifier: GPL-2.0-only
/* The table of checks, and how it is gone through. */
#include "doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor_files.h"
#include "doctor_private.h"

#define BOTH (DOCTOR_HOST | DOCTOR_GUEST)

#define OURS \
	"install vfio-pci-dynmsix (package vfio-pci-dynmsix-dkms, or make modules and " \
	"modules_install), then, with no device in use: modprobe -r vfio-pci vfio-pci-core; " \
	"modprobe vfio-pci"

/* In the order in which things have to be put right. */
static const struct doctor_check checks[] = {
	{ "user", BOTH, doctor_check_user, "run it as root to see all" },
	{ "kernel", BOTH, doctor_check_kernel, "use a kernel of 6.1, 6.12 or 7.x" },
	{ "lockdown", BOTH, doctor_check_lockdown,
	  "sign the modules with a key the firmware trusts (mokutil --import), or switch Secure "
	  "Boot off" },

	{ "iommu", DOCTOR_HOST, doctor_check_iommu,
	  "enable VT-d or AMD-Vi in the firmware's setup; in a virtual machine give it a virtual "
	  "IOMMU (QEMU: -device intel-iommu,intremap=on,caching-mode=on)" },
	{ "interrupt-remapping", DOCTOR_HOST, doctor_check_remapping,
	  "enable interrupt remapping (VT-d, AMD-Vi) in the firmware's setup, and remove "
	  "intremap=off from the kernel's command line" },
	{ "vfio-pci", DOCTOR_HOST, doctor_check_vfio_pci, OURS },
	{ "deny-list", DOCTOR_HOST, doctor_check_deny_list,
	  "if the guest is trusted (INTEL-SA-01084): echo options vfio-pci disable_denylist=1 "
	  ">/etc/modprobe.d/vfio-dsa.conf; modprobe -r vfio-pci; modprobe vfio-pci" },
	{ "msix-growth", DOCTOR_HOST, doctor_check_growth, OURS },
	{ "device", DOCTOR_HOST, doctor_check_host_device,
	  "see lspci -nn; without the hardware dsa-model(1) serves one to a virtual machine, and "
	  "'wq-demo run' simulates one" },
	{ "iommu-group", DOCTOR_HOST, doctor_check_group,
	  "unbind the others from their drivers: a group is passed through as a whole" },
	{ "noresize", DOCTOR_HOST, doctor_check_noresize, OURS },
	{ "vectors", DOCTOR_HOST, doctor_check_vectors,
	  "give back interrupts of devices that are not used, or use fewer queues" },
	{ "nodes", DOCTOR_HOST, doctor_check_host_nodes,
	  "give the node to the group of those who run guests, and to nobody else, by a rule of "
	  "udev, as the example vfio-dsa.rules does" },
	{ "kvm", DOCTOR_HOST, doctor_check_kvm,
	  "modprobe kvm-intel or kvm-amd; enable VT-x or SVM in the firmware's setup" },
	{ "qemu", DOCTOR_HOST, doctor_check_qemu,
	  "use QEMU 8.2 or later; Debian 12: apt-get install -t bookworm-backports "
	  "qemu-system-x86" },

	{ "device", DOCTOR_GUEST, doctor_check_guest_device,
	  "start the guest with -device vfio-pci,host=ADDRESS, or load dsa_sample where the device "
	  "is; without one 'wq-demo run' simulates it" },
	{ "driver", DOCTOR_GUEST, doctor_check_driver,
	  "install dsa_sample (package dsa-sample-dkms, or make modules and modules_install), then "
	  "modprobe dsa_sample" },
	{ "msix-table", DOCTOR_GUEST, doctor_check_table,
	  "let the VMM show the whole MSI-X table: a queue needs a vector of its own" },
	{ "dmatest", DOCTOR_GUEST, doctor_check_dmatest,
	  "build drivers/dma/dmatest.c of linux-source for this kernel, which Debian's kernels do "
	  "not have, and install it; or let dsa_sample have the device" },
	{ "movdir64b", DOCTOR_GUEST, doctor_check_movdir64b,
	  "with silicon: start the guest with -cpu host on a host that has MOVDIR64B" },
	{ "blacklist", DOCTOR_GUEST, doctor_check_blacklist,
	  "echo blacklist idxd >/etc/modprobe.d/dsa-sample.conf" },
	{ "nodes", DOCTOR_GUEST, doctor_check_guest_nodes,
	  "run wq-demo as root, or give the node to a group by a rule of udev, as the example "
	  "dsa-sample.rules does" },

	{ "device", DOCTOR_NEITHER, doctor_check_no_device,
	  "none is needed: 'wq-demo run' simulates one; what is missing to pass one through, or to "
	  "drive one: wq-demo doctor --part host, or --part guest" },
	{ "gnuplot", DOCTOR_NEITHER, doctor_check_gnuplot, "apt-get install gnuplot-nox" },
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

/* ---- Lines ------------------------------------------------------------------ */

static void add(struct doctor *doctor, enum doctor_status status, enum doctor_verdict verdict,
		const char *format, va_list arguments)
{
	struct doctor_report *report = doctor->report;
	struct doctor_line *lines, line = {
		.check = doctor->check->name,
		.part = doctor->part,
		.status = status,
		.verdict = verdict,
	};

	if (vasprintf(&line.text, format, arguments) < 0) {
		doctor->no_memory = true;
		return;
	}
	lines = reallocarray(report->lines, report->count + 1, sizeof(*lines));
	if (lines)
		report->lines = lines;
	if (lines && status != DOCTOR_PASS)
		line.fix = strdup(doctor->check->fix);
	if (!lines || (status != DOCTOR_PASS && !line.fix)) {
		free(line.text);
		free(line.fix);
		doctor->no_memory = true;
		return;
	}
	report->lines[report->count++] = line;
}

void doctor_pass(struct doctor *doctor, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(doctor, DOCTOR_PASS, DOCTOR_READY, format, arguments);
	va_end(arguments);
}

void doctor_warn(struct doctor *doctor, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(doctor, DOCTOR_WARN, DOCTOR_READY, format, arguments);
	va_end(arguments);
}

void doctor_fail(struct doctor *doctor, enum doctor_verdict verdict, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(doctor, DOCTOR_FAIL, verdict, format, arguments);
	va_end(arguments);
}

void doctor_fix(struct doctor *doctor, const char *format, ...)
{
	struct doctor_line *last;
	va_list arguments;
	char *fix;

	/* The line this is about may not have been added. */
	if (doctor->no_memory)
		return;
	va_start(arguments, format);
	if (vasprintf(&fix, format, arguments) < 0)
		fix = NULL;
	va_end(arguments);
	if (!fix) {
		doctor->no_memory = true;
		return;
	}
	last = &doctor->report->lines[doctor->report->count - 1];
	free(last->fix);
	last->fix = fix;
}

/* ---- The machine ------------------------------------------------------------ */

static enum doctor_vfio find_vfio(const struct doctor_machine *machine)
{
	/* The kernel's modules have no version, ours have. */
	if (doctor_exists(machine, "/sys/module/vfio_pci_core/version"))
		return DOCTOR_VFIO_OURS;
	if (doctor_exists(machine, "/sys/module/vfio_pci_core") ||
	    doctor_exists(machine, "/sys/module/vfio_pci"))
		return DOCTOR_VFIO_STOCK;
	if (doctor_module_installed(machine, "vfio-pci-core"))
		return DOCTOR_VFIO_INSTALLED;
	return DOCTOR_VFIO_NONE;
}

/*
 * A machine that has begun to be one of the two is that one. Otherwise, if it has a
 * device, a virtual machine is a guest, and any other a host. What "wq-demo run" takes
 * for a machine without a device is one here, too.
 */
static unsigned int find_parts(const struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	unsigned int parts = 0;

	/* As a part of the kernel it is there in any case. */
	if (doctor_exists(machine, "/sys/module/vfio_pci/initstate"))
		parts |= DOCTOR_HOST;
	if (doctor_exists(machine, "/sys/module/dsa_sample"))
		parts |= DOCTOR_GUEST;
	for (size_t i = 0; i < doctor->function_count; i++)
		if (doctor->functions[i].is_vfio)
			parts |= DOCTOR_HOST;
	if (parts)
		return parts;
	if (doctor->function_count == 0)
		return DOCTOR_NEITHER;
	return doctor->is_virtual ? DOCTOR_GUEST : DOCTOR_HOST;
}

void doctor_machine_here(struct doctor_machine *machine, const char *root)
{
	*machine = (struct doctor_machine){
		.root = strcmp(root, "/") == 0 ? "" : root,
		.uid = geteuid(),
		.gid = getegid(),
		.path = getenv("PATH"),
	};
	if (!machine->path)
		machine->path = "";
	if (machine->root[0])
		return;
	machine->vfio_irq_info = doctor_vfio_irq_info;
	machine->qemu_version = doctor_qemu_version;
	machine->sample_info = doctor_sample_info;
}

int doctor_examine(const struct doctor_machine *machine, unsigned int parts,
		   struct doctor_report *report)
{
	struct doctor doctor = { .machine = machine, .report = report };
	int error;

	*report = (struct doctor_report){ .parts = parts };
	doctor.is_virtual = doctor_has_word(machine, "/proc/cpuinfo", "hypervisor");
	doctor.vfio = find_vfio(machine);
	error = doctor_functions_find(&doctor);
	if (error)
		return error;
	if (!report->parts)
		report->parts = find_parts(&doctor);
	for (size_t i = 0; i < CHECKS; i++) {
		doctor.check = &checks[i];
		doctor.part = checks[i].applies & report->parts;
		if (doctor.part)
			checks[i].function(&doctor);
	}
	free(doctor.functions);
	return doctor.no_memory ? -ENOMEM : 0;
}

/* ---- The report ------------------------------------------------------------- */

enum doctor_verdict doctor_verdict(const struct doctor_report *report)
{
	enum doctor_verdict worst = DOCTOR_READY;

	if (report->parts == DOCTOR_NEITHER)
		worst = DOCTOR_SIMULATES;
	for (size_t i = 0; i < report->count; i++)
		if (report->lines[i].verdict > worst)
			worst = report->lines[i].verdict;
	return worst;
}

unsigned int doctor_count(const struct doctor_report *report, enum doctor_status status)
{
	unsigned int count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += report->lines[i].status == status;
	return count;
}

void doctor_report_destroy(struct doctor_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->lines[i].text);
		free(report->lines[i].fix);
	}
	free(report->lines);
	*report = (struct doctor_report){ 0 };
}
