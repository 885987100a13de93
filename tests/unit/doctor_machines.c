// SPDX-License-Identifier: GPL-2.0-only
#include "doctor_machines.h"

#include <errno.h>

/* ---- Files that machines are made of ------------------------------------------ */

static const struct machine_file linux_6_1[] = {
	{ "/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n" },
	{ "/proc/kallsyms", "0000000000000000 T pci_alloc_irq_vectors\n" },
	{ "/proc/cmdline", "root=/dev/sda1 ro quiet\n" },
	{ "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n" },
	{ NULL },
};

static const struct machine_file linux_6_12[] = {
	{ "/proc/sys/kernel/osrelease", "6.12.117+deb12-amd64\n" },
	{ "/proc/kallsyms", "0000000000000000 T pci_msix_can_alloc_dyn\n" },
	{ "/proc/cmdline", "root=/dev/sda1 ro quiet\n" },
	{ "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n" },
	{ NULL },
};

/* Of a Sapphire Rapids machine, with idxd on the device. */
static const struct machine_file silicon[] = {
	{ "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu movdiri movdir64b\n"
			   "processor\t: 1\nflags\t\t: fpu movdiri movdir64b\n" },
	{ "/proc/interrupts", "  0:  1  1  IR-IO-APIC   2-edge  timer\n" },
	{ "/sys/firmware/acpi/tables/DMAR", "" },
	{ "/sys/class/iommu/dmar0", MACHINE_LINK("../../devices/virtual/iommu/dmar0") },
	{ "/sys/kernel/iommu_groups/12/devices/" A, MACHINE_LINK("../../../../devices") },
	{ SYS_A "/vendor", "0x8086\n" },
	{ SYS_A "/device", "0x0b25\n" },
	{ SYS_A "/class", "0x088000\n" },
	{ SYS_A "/config", MACHINE_MSIX_9 },
	{ SYS_A "/driver", MACHINE_LINK(DRIVERS "idxd") },
	{ SYS_A "/iommu_group", MACHINE_LINK("../../../../kernel/iommu_groups/12") },
	{ "/dev/kvm", MACHINE_NODE("0660") },
	{ "/lib/modules/6.1.0-56-amd64/kernel/drivers/dma/idxd/idxd.ko", "" },
	{ NULL },
};

static const struct machine_file vfio_stock[] = {
	{ "/sys/module/vfio_pci/initstate", "live\n" },
	{ "/sys/module/vfio_pci/taint", "\n" },
	{ "/sys/module/vfio_pci/parameters/disable_denylist", "Y\n" },
	{ "/sys/module/vfio_pci_core/taint", "\n" },
	{ SYS_A "/driver", MACHINE_LINK(DRIVERS "vfio-pci") },
	{ SYS_A "/msi_irqs/40", "msix\n" },
	{ "/dev/vfio/vfio", MACHINE_NODE("0666") },
	{ "/dev/vfio/12", MACHINE_NODE("0600") },
	{ NULL },
};

static const struct machine_file vfio_ours[] = {
	{ "/sys/module/vfio_pci/taint", "OE\n" },
	{ "/sys/module/vfio_pci_core/taint", "OE\n" },
	{ "/sys/module/vfio_pci_core/version", PACKAGE_VERSION "\n" },
	{ "/sys/module/vfio_pci_core/parameters/msix_reserve", "-1\n" },
	{ NULL },
};

/* Of the chain: QEMU's CPU, and a device in software. */
static const struct machine_file guest[] = {
	{ "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n" },
	{ SYS_A "/vendor", "0x8086\n" },
	{ SYS_A "/device", "0x0b25\n" },
	{ SYS_A "/config", MACHINE_MSIX_9 },
	{ SYS_A "/driver", MACHINE_LINK(DRIVERS "dsa_sample") },
	{ SYS_A "/msi_irqs/24", "msix\n" },
	{ SYS_A "/msi_irqs/25", "msix\n" },
	{ "/sys/module/dsa_sample/parameters/portal", "auto\n" },
	{ "/dev/dsa-sample0", MACHINE_NODE("0600") },
	{ NULL },
};

/* A guest whose device the kernel's own driver has. */
static const struct machine_file stock_driver[] = {
	{ SYS_A "/driver", MACHINE_LINK(DRIVERS "idxd") },
	{ "/sys/module/idxd/initstate", "live\n" },
	{ "/sys/module/dsa_sample", MACHINE_ABSENT },
	{ "/dev/dsa-sample0", MACHINE_ABSENT },
	{ "/lib/modules/6.1.0-56-amd64/kernel/drivers/dma/idxd/idxd.ko", "" },
	{ "/lib/modules/6.1.0-56-amd64/modules.dep",
	  "kernel/drivers/dma/idxd/idxd.ko: kernel/drivers/dma/idxd/idxd_bus.ko\n"
	  "updates/dmatest.ko:\n" },
	{ NULL },
};

static const struct machine_file no_device[] = {
	{ "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu\n" },
	{ "/proc/interrupts", "  0:  1  IO-APIC   2-edge  timer\n" },
	{ "/sys/bus/pci/devices/0000:00:1f.6/vendor", "0x8086\n" },
	{ "/sys/bus/pci/devices/0000:00:1f.6/device", "0x15bb\n" },
	{ "/sys/bus/pci/devices/0000:00:1f.6/msi_irqs/30", "msi\n" },
	{ NULL },
};

static const struct machine_file pictures[] = {
	{ "/usr/bin/gnuplot", "#!" },
	{ NULL },
};

static const struct machine_file for_users[] = {
	{ SYS_A "/config", MACHINE_HEADER_ONLY },
	{ NULL },
};

/* ---- Machines ------------------------------------------------------------------ */

const struct known_machine doctor_machines[] = {
	{ .name = "bare",
	  .files = { linux_6_12, no_device },
	  .parts = DOCTOR_NEITHER,
	  .verdict = DOCTOR_SIMULATES,
	  .lines = { "warn device no DSA function (8086:0b25, 11fb, 1212), and nothing bound to "
		     "vfio-pci",
		     "warn gnuplot no gnuplot is in PATH: wq-demo report -o draws no pictures" } },
	{ .name = "bare, an ordinary user with gnuplot",
	  .files = { linux_6_12, no_device, pictures },
	  .uid = 1000,
	  .parts = DOCTOR_NEITHER,
	  .verdict = DOCTOR_SIMULATES,
	  .lines = { "warn device no DSA function (8086:0b25, 11fb, 1212), and nothing bound to "
		     "vfio-pci",
		     "pass gnuplot /usr/bin/gnuplot draws the pictures of wq-demo report" } },
	{ .name = "bare, as a guest",
	  .files = { linux_6_12, no_device },
	  .asked = DOCTOR_GUEST,
	  .parts = DOCTOR_GUEST,
	  .verdict = DOCTOR_CANNOT,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.12.117+deb12-amd64 is of a series the modules are made "
		     "for",
		     "fail device no DSA function (8086:0b25, 11fb, 1212)",
		     "fail driver the driver dsa_sample is not loaded",
		     "warn movdir64b this CPU has no MOVDIR64B: descriptors go out as eight "
		     "stores, "
		     "which only dsa-model understands",
		     "pass blacklist this kernel has no idxd that could take the device",
		     "fail nodes there is no /dev/dsa-sampleN" } },
	{ .name = "bare, as a host",
	  .files = { linux_6_12, no_device },
	  .asked = DOCTOR_HOST,
	  .parts = DOCTOR_HOST,
	  .verdict = DOCTOR_CANNOT,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.12.117+deb12-amd64 is of a series the modules are made "
		     "for",
		     "fail iommu no IOMMU: no device can be passed through to a guest",
		     "fail interrupt-remapping no interrupt is remapped: VFIO refuses to pass "
		     "devices through",
		     "fail vfio-pci vfio-pci is not loaded",
		     "pass msix-growth Linux 6.12.117+deb12-amd64 adds MSI-X vectors one at a "
		     "time, "
		     "and vfio-pci makes use of it",
		     "fail device no DSA function (8086:0b25, 11fb, 1212), and nothing bound to "
		     "vfio-pci",
		     "pass vectors 1 message interrupts are in use, about 200 are possible, 0 more "
		     "may be wanted by guests",
		     "warn kvm no /dev/kvm: guests would be emulated, at a hundredth of the speed",
		     "warn qemu no QEMU is in PATH" } },
	{ .name = "Sapphire Rapids, untouched",
	  .files = { linux_6_1, silicon },
	  .qemu = "7.2.22",
	  .parts = DOCTOR_HOST,
	  .verdict = DOCTOR_CANNOT,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass iommu Intel VT-d is in use: 1 groups",
		     "pass interrupt-remapping interrupts are remapped",
		     "fail vfio-pci vfio-pci is not loaded",
		     "fail deny-list " A " (8086:0b25) is on the deny list of vfio-pci",
		     "fail msix-growth Linux 6.1.0-56-amd64 cannot add an MSI-X vector: all are "
		     "taken down for a new one",
		     "fail device " A " (8086:0b25) is bound to idxd, not to vfio-pci",
		     "pass vectors 0 message interrupts are in use, about 400 are possible, 0 more "
		     "may be wanted by guests",
		     "pass kvm /dev/kvm can be used",
		     "fail qemu QEMU 7.2.22 (/usr/bin/qemu-system-x86_64) takes all vectors down "
		     "to "
		     "add one, whatever the kernel can do" } },
	{ .name = "host with ours",
	  .files = { linux_6_1, silicon, vfio_stock, vfio_ours },
	  .irq = { .count = 9 },
	  .qemu = "10.0.2",
	  .parts = DOCTOR_HOST,
	  .verdict = DOCTOR_READY,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass iommu Intel VT-d is in use: 1 groups",
		     "pass interrupt-remapping interrupts are remapped",
		     "pass vfio-pci our vfio-pci " PACKAGE_VERSION " is loaded",
		     "pass deny-list vfio-pci takes devices of its deny list (disable_denylist=Y)",
		     "pass msix-growth Linux 6.1.0-56-amd64 cannot add an MSI-X vector; our "
		     "vfio-pci "
		     "reserves irqs for the whole table instead",
		     "pass device " A " (8086:0b25) is bound to vfio-pci",
		     "pass iommu-group " A " is in IOMMU group 12, with nobody else's device",
		     "pass noresize VFIO_IRQ_INFO_NORESIZE is not set for " A
		     ": its 9 vectors come "
		     "and go one at a time",
		     "pass vectors " A " has 1 of its 9 MSI-X vectors now",
		     "pass vectors 1 message interrupts are in use, about 400 are possible, 8 more "
		     "may be wanted by guests",
		     "pass nodes /dev/vfio/12 can be used", "pass kvm /dev/kvm can be used",
		     "pass qemu QEMU 10.0.2 (/usr/bin/qemu-system-x86_64) adds vectors one at a "
		     "time" } },
	{ .name = "host with stock",
	  .files = { linux_6_1, silicon, vfio_stock },
	  .irq = { .count = 9, .noresize = true },
	  .qemu = "7.2.22",
	  .parts = DOCTOR_HOST,
	  .verdict = DOCTOR_LOSES,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass iommu Intel VT-d is in use: 1 groups",
		     "pass interrupt-remapping interrupts are remapped",
		     "warn vfio-pci the kernel's own vfio-pci is loaded: a vector that is given "
		     "another eventfd can lose an interrupt, and a request that fails leaves "
		     "vectors dead",
		     "pass deny-list vfio-pci takes devices of its deny list (disable_denylist=Y)",
		     "fail msix-growth Linux 6.1.0-56-amd64 cannot add an MSI-X vector: all are "
		     "taken down for a new one",
		     "pass device " A " (8086:0b25) is bound to vfio-pci",
		     "pass iommu-group " A " is in IOMMU group 12, with nobody else's device",
		     "fail noresize VFIO_IRQ_INFO_NORESIZE is set for " A ": to add a vector all 9 "
		     "are taken down",
		     "pass vectors " A " has 1 of its 9 MSI-X vectors now",
		     "pass vectors 1 message interrupts are in use, about 400 are possible, 8 more "
		     "may be wanted by guests",
		     "pass nodes /dev/vfio/12 can be used", "pass kvm /dev/kvm can be used",
		     "fail qemu QEMU 7.2.22 (/usr/bin/qemu-system-x86_64) takes all vectors down "
		     "to "
		     "add one, whatever the kernel can do" } },
	{ .name = "guest with the model",
	  .files = { linux_6_1, guest },
	  .parts = DOCTOR_GUEST,
	  .verdict = DOCTOR_READY,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass device " A " (8086:0b25) is bound to dsa_sample",
		     "pass driver dsa_sample is loaded",
		     "pass msix-table " A
		     " has an MSI-X table of 9: one for itself, 8 for queues; 2 "
		     "are enabled",
		     "warn movdir64b this CPU has no MOVDIR64B: descriptors go out as eight "
		     "stores, "
		     "which only dsa-model understands",
		     "pass blacklist this kernel has no idxd that could take the device",
		     "pass nodes /dev/dsa-sample0: 8 queues of 16 entries, 9 vectors, 0 queues are "
		     "up" } },
	{ .name = "host with ours, an ordinary user",
	  .files = { linux_6_1, silicon, vfio_stock, vfio_ours, for_users },
	  .uid = 1000,
	  .vfio = -EACCES,
	  .qemu = "10.0.2",
	  .parts = DOCTOR_HOST,
	  .verdict = DOCTOR_READY,
	  .lines = { "warn user user 1000 does not see the sizes of MSI-X tables, debugfs, and "
		     "devices of others",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass iommu Intel VT-d is in use: 1 groups",
		     "pass interrupt-remapping interrupts are remapped",
		     "pass vfio-pci our vfio-pci " PACKAGE_VERSION " is loaded",
		     "pass deny-list vfio-pci takes devices of its deny list (disable_denylist=Y)",
		     "pass msix-growth Linux 6.1.0-56-amd64 cannot add an MSI-X vector; our "
		     "vfio-pci "
		     "reserves irqs for the whole table instead",
		     "pass device " A " (8086:0b25) is bound to vfio-pci",
		     "pass iommu-group " A " is in IOMMU group 12, with nobody else's device",
		     "warn noresize " A " cannot be asked by this user: open /dev/vfio/12: "
		     "Permission denied",
		     "pass vectors " A
		     " has 1 message interrupts now; the size of its table is for "
		     "root to see",
		     "pass vectors 1 message interrupts are in use, about 400 are possible, 0 more "
		     "may be wanted by guests",
		     "warn nodes /dev/vfio/12 cannot be used by this user",
		     "warn kvm /dev/kvm cannot be used by this user",
		     "pass qemu QEMU 10.0.2 (/usr/bin/qemu-system-x86_64) adds vectors one at a "
		     "time" } },
	{ .name = "guest with idxd",
	  .files = { linux_6_1, guest, stock_driver },
	  .parts = DOCTOR_GUEST,
	  .verdict = DOCTOR_READY,
	  .lines = { "pass user root sees all there is",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass device " A " (8086:0b25) is bound to idxd, for wq-demo run --backend "
		     "idxd",
		     "warn driver dsa_sample does not have the device: --backend sample cannot run",
		     "pass msix-table " A
		     " has an MSI-X table of 9: one for itself, 8 for queues; 2 "
		     "are enabled",
		     "pass dmatest dmatest is installed: --backend idxd copies and verifies with it",
		     "pass movdir64b idxd submits with MOVDIR64B, without which it does not load",
		     "pass blacklist idxd is not blacklisted: it takes the device at boot",
		     "pass nodes root may configure the queues of idxd" } },
	{ .name = "guest with idxd, an ordinary user",
	  .files = { linux_6_1, guest, stock_driver },
	  .uid = 1000,
	  .parts = DOCTOR_GUEST,
	  .verdict = DOCTOR_CANNOT,
	  .lines = { "warn user user 1000 does not see the sizes of MSI-X tables, debugfs, and "
		     "devices of others",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass device " A " (8086:0b25) is bound to idxd, for wq-demo run --backend "
		     "idxd",
		     "warn driver dsa_sample does not have the device: --backend sample cannot run",
		     "pass msix-table " A
		     " has an MSI-X table of 9: one for itself, 8 for queues; 2 "
		     "are enabled",
		     "pass dmatest dmatest is installed: --backend idxd copies and verifies with it",
		     "pass movdir64b idxd submits with MOVDIR64B, without which it does not load",
		     "pass blacklist idxd is not blacklisted: it takes the device at boot",
		     "fail nodes only root may configure the queues of idxd" } },
	{ .name = "guest, an ordinary user",
	  .files = { linux_6_1, guest, for_users },
	  .uid = 1000,
	  .parts = DOCTOR_GUEST,
	  .verdict = DOCTOR_CANNOT,
	  .lines = { "warn user user 1000 does not see the sizes of MSI-X tables, debugfs, and "
		     "devices of others",
		     "pass kernel Linux 6.1.0-56-amd64 is of a series the modules are made for",
		     "pass device " A " (8086:0b25) is bound to dsa_sample",
		     "pass driver dsa_sample is loaded",
		     "pass msix-table " A " has 2 MSI-X vectors: one for itself, 1 for queues",
		     "warn movdir64b this CPU has no MOVDIR64B: descriptors go out as eight "
		     "stores, "
		     "which only dsa-model understands",
		     "pass blacklist this kernel has no idxd that could take the device",
		     "fail nodes /dev/dsa-sample0 cannot be used by this user" } },
};

const size_t doctor_machine_count = sizeof(doctor_machines) / sizeof(doctor_machines[0]);

/* ---- One thing is different ----------------------------------------------------- */

const struct change doctor_changes[] = {
	/* iommu */
	{ "host with ours",
	  { "/sys/kernel/iommu_groups", MACHINE_ABSENT },
	  "fail iommu the machine has an IOMMU (DMAR), but Linux does not use it",
	  "intel_iommu=on",
	  DOCTOR_CANNOT },
	/* what it is */
	{ "bare",
	  { "/sys/module/vfio_pci/parameters/disable_denylist", "N\n" },
	  "warn device no DSA function (8086:0b25, 11fb, 1212), and nothing bound to vfio-pci",
	  "'wq-demo run' simulates one",
	  DOCTOR_SIMULATES },
	{ "bare",
	  { "/sys/module/vfio_pci/initstate", "live\n" },
	  "fail device no DSA function (8086:0b25, 11fb, 1212), and nothing bound to vfio-pci",
	  "'wq-demo run' simulates one",
	  DOCTOR_CANNOT },
	{ "bare",
	  { "/sys/module/dsa_sample/initstate", "live\n" },
	  "fail device no DSA function (8086:0b25, 11fb, 1212)",
	  "'wq-demo run' simulates it",
	  DOCTOR_CANNOT },
	{ "bare, as a host",
	  { "/sys/firmware/acpi/tables/IVRS", "" },
	  "fail iommu the machine has an IOMMU (IVRS), but Linux does not use it",
	  "remove amd_iommu=off",
	  DOCTOR_CANNOT },
	{ "bare, as a host",
	  { "/sys/kernel/nothing", "" },
	  "fail iommu no IOMMU: no device can be passed through to a guest",
	  "firmware's setup",
	  DOCTOR_CANNOT },
	{ "host with ours",
	  { "/sys/class/iommu", MACHINE_ABSENT },
	  "pass iommu an IOMMU is in use: 1 groups",
	  NULL,
	  DOCTOR_READY },
	/* interrupt-remapping */
	{ "host with ours",
	  { "/proc/interrupts", "  0:  1  IO-APIC   2-edge  timer\n" },
	  "fail interrupt-remapping no interrupt is remapped: VFIO refuses to pass devices through",
	  "intremap=off",
	  DOCTOR_CANNOT },
	{ "bare, as a host",
	  { "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n" },
	  "warn interrupt-remapping no interrupt remapping, and allow_unsafe_interrupts=1: a guest "
	  "can raise any interrupt of the host",
	  "enable interrupt remapping",
	  DOCTOR_CANNOT },
	/* vfio-pci */
	{ "host with ours",
	  { "/sys/module/vfio_pci_core/version", "0.0.9\n" },
	  "warn vfio-pci our vfio-pci 0.0.9 is loaded, but this program is " PACKAGE_VERSION,
	  "from one release",
	  DOCTOR_READY },
	{ "host with ours",
	  { "/sys/module/vfio_pci/taint", "\n" },
	  "warn vfio-pci vfio-pci-core " PACKAGE_VERSION
	  " is loaded, vfio-pci is not of the same make",
	  "modprobe -r vfio-pci vfio-pci-core",
	  DOCTOR_READY },
	{ "host with ours",
	  { "/sys/module/vfio_pci", MACHINE_ABSENT },
	  "fail vfio-pci our vfio-pci-core " PACKAGE_VERSION " is loaded, vfio-pci is not",
	  "modprobe vfio-pci",
	  DOCTOR_CANNOT },
	{ "Sapphire Rapids, untouched",
	  { "/lib/modules/6.1.0-56-amd64/updates/dkms/vfio-pci-core.ko.xz", "" },
	  "fail vfio-pci our vfio-pci is installed, but not loaded",
	  "modprobe vfio-pci",
	  DOCTOR_CANNOT },
	{ "host with stock",
	  { "/lib/modules/6.1.0-56-amd64/updates/vfio-pci-core.ko", "" },
	  "warn vfio-pci the kernel's own vfio-pci is loaded: a vector that is given another "
	  "eventfd "
	  "can lose an interrupt, and a request that fails leaves vectors dead",
	  "ours is installed; with no device in use: modprobe -r",
	  DOCTOR_LOSES },
	/* deny-list */
	{ "host with ours",
	  { "/sys/module/vfio_pci/parameters/disable_denylist", "N\n" },
	  "fail deny-list " A " (8086:0b25) is on the deny list of vfio-pci",
	  "options vfio-pci disable_denylist=1",
	  DOCTOR_CANNOT },
	{ "Sapphire Rapids, untouched",
	  { "/etc/modprobe.d/dsa.conf",
	    "# ours\noptions vfio_pci ids=8086:0b25 disable_denylist=1\n" },
	  "pass deny-list modprobe.d has disable_denylist=1 for vfio-pci",
	  NULL,
	  DOCTOR_CANNOT },
	{ "Sapphire Rapids, untouched",
	  { "/etc/modprobe.d/dsa.conf.off", "options vfio-pci disable_denylist=1\n" },
	  "fail deny-list " A " (8086:0b25) is on the deny list of vfio-pci",
	  "INTEL-SA-01084",
	  DOCTOR_CANNOT },
	/* msix-growth */
	{ "host with ours",
	  { "/sys/module/vfio_pci_core/parameters/msix_reserve", "0\n" },
	  "fail msix-growth Linux 6.1.0-56-amd64 cannot add an MSI-X vector, and msix_reserve=0 "
	  "keeps our vfio-pci from reserving them",
	  "remove msix_reserve=0",
	  DOCTOR_LOSES },
	{ "host with stock",
	  { "/proc/kallsyms", "0000000000000000 T pci_msix_can_alloc_dyn\n" },
	  "fail msix-growth Linux 6.1.0-56-amd64 can add an MSI-X vector, but its own vfio-pci "
	  "does "
	  "not",
	  "vfio-pci-dynmsix",
	  DOCTOR_LOSES },
	{ "bare, as a host",
	  { "/proc/kallsyms", MACHINE_ABSENT },
	  "pass msix-growth Linux 6.12.117+deb12-amd64 adds MSI-X vectors one at a time, and "
	  "vfio-pci makes use of it",
	  NULL,
	  DOCTOR_CANNOT },
	/* kernel, lockdown */
	{ "host with ours",
	  { "/proc/sys/kernel/osrelease", "6.6.1\n" },
	  "warn kernel Linux 6.6.1: the modules are tested with 6.1, 6.12 and 7.x",
	  "use a kernel of 6.1",
	  DOCTOR_READY },
	{ "host with ours",
	  { "/proc/sys/kernel/osrelease", "6.120.1\n" },
	  "warn kernel Linux 6.120.1: the modules are tested with 6.1, 6.12 and 7.x",
	  "use a kernel of 6.1",
	  DOCTOR_READY },
	{ "bare, as a host",
	  { "/proc/sys/kernel/osrelease", MACHINE_ABSENT },
	  "warn kernel the release of the kernel is not known",
	  "/proc",
	  DOCTOR_CANNOT },
	{ "host with stock",
	  { "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n" },
	  "warn lockdown the kernel is locked down (Secure Boot): it refuses modules that are not "
	  "signed",
	  "mokutil",
	  DOCTOR_LOSES },
	/* device, iommu-group */
	{ "Sapphire Rapids, untouched",
	  { SYS_A "/driver", MACHINE_LINK(DRIVERS "idxd") },
	  "fail device " A " (8086:0b25) is bound to idxd, not to vfio-pci",
	  "echo " A " >/sys/bus/pci/drivers/idxd/unbind; echo vfio-pci "
	  ">/sys/bus/pci/devices/" A "/driver_override",
	  DOCTOR_CANNOT },
	{ "Sapphire Rapids, untouched",
	  { SYS_A "/driver", MACHINE_ABSENT },
	  "fail device " A " (8086:0b25) is bound to no driver, not to vfio-pci",
	  "echo vfio-pci >/sys/bus/pci/devices/" A "/driver_override",
	  DOCTOR_CANNOT },
	{ "host with ours",
	  { SYS_A "/device", "0x11fb\n" },
	  "pass device " A " (8086:11fb) is bound to vfio-pci",
	  NULL,
	  DOCTOR_READY },
	{ "host with ours",
	  { SYS_A "/driver", MACHINE_LINK(DRIVERS "other-vfio-pci") },
	  "pass device " A " (8086:0b25) is bound to other-vfio-pci",
	  NULL,
	  DOCTOR_READY },
	/* vectors */
	{ "host with ours",
	  { "/proc/cpuinfo", "flags : fpu\n" },
	  "pass vectors " A " has 1 of its 9 MSI-X vectors now",
	  NULL,
	  DOCTOR_READY },
	{ "host with ours",
	  { SYS_A "/config", MACHINE_RING },
	  "pass vectors " A " has 1 of its 0 MSI-X vectors now",
	  NULL,
	  DOCTOR_READY },
	/* nodes */
	{ "host with ours",
	  { "/dev/vfio/12", MACHINE_NODE("0666") },
	  "warn nodes /dev/vfio/12 can be used by everybody, and with it " A,
	  "udev",
	  DOCTOR_READY },
	{ "host with ours",
	  { "/dev/vfio/12", MACHINE_ABSENT },
	  "fail nodes /dev/vfio/12 does not exist",
	  "devtmpfs",
	  DOCTOR_CANNOT },
	{ "host with ours",
	  { "/dev/vfio/vfio", MACHINE_ABSENT },
	  "fail nodes /dev/vfio/vfio does not exist",
	  "vfio_iommu_type1",
	  DOCTOR_CANNOT },
	/* The guest. */
	{ "guest with the model",
	  { SYS_A "/driver", MACHINE_LINK(DRIVERS "uio_pci_generic") },
	  "fail device " A " (8086:0b25) is bound to uio_pci_generic, not to dsa_sample",
	  "/drivers/uio_pci_generic/unbind; modprobe dsa_sample",
	  DOCTOR_CANNOT },
	{ "guest with idxd",
	  { "/lib/modules/6.1.0-56-amd64/updates/dsa_sample.ko", "" },
	  "warn driver dsa_sample does not have the device: --backend sample cannot run",
	  "echo " A " >/sys/bus/pci/drivers/idxd/unbind; modprobe dsa_sample; echo " A,
	  DOCTOR_READY },
	{ "guest with idxd",
	  { "/nothing", "" },
	  "warn driver dsa_sample does not have the device: --backend sample cannot run",
	  "modprobe dsa_sample (package dsa-sample-dkms); echo",
	  DOCTOR_READY },
	{ "guest with idxd",
	  { "/lib/modules/6.1.0-56-amd64/modules.dep", "a/other.ko: updates/dmatest.ko\n" },
	  "fail dmatest no module dmatest: --backend idxd copies and verifies with it",
	  "linux-source",
	  DOCTOR_CANNOT },
	{ "guest with idxd",
	  { "/lib/modules/6.1.0-56-amd64/modules.dep", "dmatest.ko.xz:\n" },
	  "pass dmatest dmatest is installed: --backend idxd copies and verifies with it",
	  NULL,
	  DOCTOR_READY },
	{ "guest with idxd",
	  { "/lib/modules/6.1.0-56-amd64/modules.dep", "kernel/nodmatest.ko:\nother.ko:\n" },
	  "fail dmatest no module dmatest: --backend idxd copies and verifies with it",
	  "linux-source",
	  DOCTOR_CANNOT },
	{ "guest with idxd",
	  { "/sys/module/dmatest/parameters/run", "N\n" },
	  "pass dmatest dmatest is loaded: --backend idxd copies and verifies with it",
	  NULL,
	  DOCTOR_READY },
	{ "guest with idxd",
	  { "/etc/modprobe.d/a.conf", "blacklist idxd\n" },
	  "warn blacklist idxd is blacklisted: it has the device now, and will not at the next boot",
	  "remove blacklist idxd",
	  DOCTOR_READY },
	{ "guest with the model",
	  { SYS_A "/driver", MACHINE_ABSENT },
	  "fail device " A " (8086:0b25) is bound to no driver",
	  "modprobe dsa_sample",
	  DOCTOR_CANNOT },
	{ "guest with the model",
	  { SYS_A, MACHINE_ABSENT },
	  "fail device no DSA function (8086:0b25, 11fb, 1212)",
	  "-device vfio-pci",
	  DOCTOR_CANNOT },
	{ "guest with the model",
	  { "/sys/module/dsa_sample", MACHINE_ABSENT },
	  "fail driver the driver dsa_sample is not loaded",
	  "make modules",
	  DOCTOR_CANNOT },
	{ "guest with the model",
	  { SYS_A "/config", MACHINE_MSIX_1 },
	  "fail msix-table " A
	  " has an MSI-X table of 1: one for itself and one per queue are needed",
	  "VMM",
	  DOCTOR_CANNOT },
	{ "guest with the model",
	  { SYS_A "/config", MACHINE_NO_MSIX },
	  "fail msix-table " A
	  " has an MSI-X table of 0: one for itself and one per queue are needed",
	  "VMM",
	  DOCTOR_CANNOT },
	{ "guest, an ordinary user",
	  { SYS_A "/msi_irqs", MACHINE_ABSENT },
	  "warn msix-table " A ": the size of its MSI-X table is for root to see",
	  "as root",
	  DOCTOR_CANNOT },
	{ "guest with the model",
	  { "/proc/cpuinfo", "processor : 0\nflags : fpu hypervisor movdir64b" },
	  "pass movdir64b this CPU has MOVDIR64B",
	  NULL,
	  DOCTOR_READY },
	{ "guest with the model",
	  { "/lib/modules/6.1.0-56-amd64/kernel/drivers/dma/idxd/idxd.ko", "" },
	  "warn blacklist idxd is not blacklisted: at boot it takes the device first",
	  "blacklist idxd",
	  DOCTOR_READY },
	{ "guest with the model",
	  { "/etc/modprobe.d/a.conf", "#blacklist idxd\n  blacklist\tidxd\n" },
	  "pass blacklist idxd is blacklisted: it will not take the device at boot",
	  NULL,
	  DOCTOR_READY },
	{ "guest with the model",
	  { "/proc/cmdline", "quiet modprobe.blacklist=foo,idxd ro\n" },
	  "pass blacklist idxd is blacklisted: it will not take the device at boot",
	  NULL,
	  DOCTOR_READY },
	{ "guest with the model",
	  { "/dev/dsa-sample0", MACHINE_NODE("0666") },
	  "warn nodes /dev/dsa-sample0 can be used by everybody",
	  "0660",
	  DOCTOR_READY },
	{ "guest with the model",
	  { "/dev/dsa-sample0", MACHINE_ABSENT },
	  "fail nodes there is no /dev/dsa-sampleN",
	  "dmesg",
	  DOCTOR_CANNOT },
};

const size_t doctor_change_count = sizeof(doctor_changes) / sizeof(doctor_changes[0]);
