// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device on its bus.
 *
 * A message leaves the library through signal(): there the masks of the entries
 * are known, which the library leaves to its host, and the address says which
 * CPU it reaches. Handlers run afterwards, when no lock of the device is held.
 */
#include <errno.h>
#include <stdlib.h>

#include "device_private.h"

#include "cpu.h"
#include "fault.h"
#include "irq.h"
#include "machine.h"
#include "pci.h"
#include "point.h"

#define ENTRY_DWORDS (PCI_MSIX_ENTRY_SIZE / 4)

/* Where the table would be mapped: never accessed, its addresses are what counts. */
static char window[2048 * PCI_MSIX_ENTRY_SIZE];
static bool line;
static struct {
	u8 *memory;
	size_t size;
} regions[SIM_REGIONS];
static struct dsa_device *kept;
static struct sim_options kept_options;

/* ---- The library's host ------------------------------------------------------ */

/* Under the device's locks, or from inside signal(): so not through its BAR. */
static u32 entry_dword(unsigned int vector, unsigned int offset)
{
	return machine.dev->msix_table[vector][offset / 4];
}

static int signal_host(void *host, unsigned int vector)
{
	if (entry_dword(vector, PCI_MSIX_ENTRY_VECTOR_CTRL) & PCI_MSIX_ENTRY_CTRL_MASKBIT)
		return machine.options.forget_masked ? -EIO : 0;
	return kapi_cpu_message(entry_dword(vector, PCI_MSIX_ENTRY_UPPER_ADDR),
				entry_dword(vector, PCI_MSIX_ENTRY_LOWER_ADDR),
				entry_dword(vector, PCI_MSIX_ENTRY_DATA)) ? 1 : -EIO;
}

int sim_map(unsigned int region, void *memory, size_t size)
{
	if (region >= SIM_REGIONS || size > UINT32_MAX || (size && !memory))
		return -EINVAL;
	regions[region].memory = memory;
	regions[region].size = size;
	return 0;
}

/* Where @iova is, and how many of @len bytes are there. */
static u8 *reach(uint64_t iova, size_t len, size_t *done)
{
	uint64_t number = iova >> 32, offset = iova & UINT32_MAX;

	*done = 0;
	if (!number || number > SIM_REGIONS || offset >= regions[number - 1].size)
		return NULL;
	*done = len < regions[number - 1].size - offset ? len : regions[number - 1].size - offset;
	return regions[number - 1].memory + offset;
}

static int dma_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	const u8 *memory = reach(iova, len, done);

	if (memory)
		memcpy(buf, memory, *done);
	return *done == len ? 0 : -EFAULT;
}

static int dma_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	u8 *memory = reach(iova, len, done);

	if (memory)
		memcpy(memory, buf, *done);
	return *done == len ? 0 : -EFAULT;
}

static const struct dsa_host_ops host_ops = {
	.dma_read = dma_read,
	.dma_write = dma_write,
	.signal = signal_host,
};

/* ---- Its user ------------------------------------------------------------------ */

int sim_bar_read(unsigned int bar, uint64_t offset, void *buf, size_t len)
{
	return dsa_bar_read(machine.dev, bar, offset, buf, len);
}

int sim_bar_write(unsigned int bar, uint64_t offset, const void *buf, size_t len)
{
	int ret = dsa_bar_write(machine.dev, bar, offset, buf, len);

	/* A command may have raised a message. */
	kapi_cpu_run();
	return ret;
}

uint64_t sim_device_step(uint64_t now_ns)
{
	uint64_t next = dsa_device_step(machine.dev, now_ns);

	kapi_cpu_run();
	return next;
}

struct sim_messages sim_messages(unsigned int vector)
{
	struct dsa_vector_stats stats = { 0 };

	dsa_device_vector_stats(machine.dev, vector, &stats);
	return (struct sim_messages){ .raised = stats.raised, .dropped = stats.dropped };
}

void kapi_pci_raise(unsigned int vector)
{
	dsa_vectors_raise(&machine.dev->vectors, vector);
	kapi_cpu_run();
}

u32 kapi_pci_entry_address(unsigned int vector)
{
	return entry_dword(vector, PCI_MSIX_ENTRY_LOWER_ADDR);
}

unsigned int sim_vectors(void)
{
	return dsa_device_vectors(machine.dev);
}

/* ---- Configuration space -------------------------------------------------------- */

int pci_read_config_word(struct pci_dev *pdev, int offset, u16 *value)
{
	kapi_enter("pci_read_config_word", 0);
	dsa_config_read(machine.dev, offset, value, sizeof(*value));
	kapi_leave();
	return 0;
}

int pci_write_config_word(struct pci_dev *pdev, int offset, u16 value)
{
	kapi_enter("pci_write_config_word", 0);
	dsa_config_write(machine.dev, offset, &value, sizeof(value));
	kapi_cpu_run();
	kapi_leave();
	return 0;
}

static u16 command(void)
{
	u16 value;

	dsa_config_read(machine.dev, PCI_COMMAND, &value, sizeof(value));
	return value;
}

static void command_set(u16 bit, bool on)
{
	u16 value = on ? command() | bit : command() & ~bit;

	dsa_config_write(machine.dev, PCI_COMMAND, &value, sizeof(value));
}

void sim_memory_decoding(bool on)
{
	command_set(PCI_COMMAND_MEMORY, on);
}

/* ---- INTx --------------------------------------------------------------------------- */

void kapi_pci_intx(struct pci_dev *pdev, bool enable)
{
	command_set(PCI_COMMAND_INTX_DISABLE, !enable);
	kapi_cpu_run();
}

void pci_intx(struct pci_dev *pdev, int enable)
{
	kapi_enter("pci_intx", 0);
	kapi_pci_intx(pdev, enable);
	kapi_leave();
}

bool kapi_pci_line(void)
{
	return line && !(command() & PCI_COMMAND_INTX_DISABLE);
}

bool pci_check_and_mask_intx(struct pci_dev *pdev)
{
	bool asserted;

	kapi_enter("pci_check_and_mask_intx", 0);
	asserted = kapi_pci_line();
	if (asserted)
		command_set(PCI_COMMAND_INTX_DISABLE, true);
	kapi_leave();
	return asserted;
}

bool pci_check_and_unmask_intx(struct pci_dev *pdev)
{
	bool asserted;

	kapi_enter("pci_check_and_unmask_intx", 0);
	asserted = line;
	if (!asserted)
		command_set(PCI_COMMAND_INTX_DISABLE, false);
	kapi_leave();
	return !asserted;
}

void sim_intx(bool asserted)
{
	line = asserted;
	kapi_cpu_run();
}

/* ---- The MSI-X table ------------------------------------------------------------------ */

/*
 * The device answers only with memory decoding on; vfio's memory_lock keeps
 * user space from switching it off.
 */
static bool accessible(void)
{
	if (kapi_cpu == &kapi_op_cpu && machine.opened &&
	    !kapi_lock_held(&machine.vdev.memory_lock.kapi))
		kapi_fault("the MSI-X table is accessed without memory_lock");
	return command() & PCI_COMMAND_MEMORY;
}

static size_t offset_of(const void __iomem *address)
{
	size_t offset = (const char *)address - window;

	if (offset >= sim_vectors() * PCI_MSIX_ENTRY_SIZE || offset % 4) {
		kapi_fault("MMIO outside the MSI-X table");
		return 0;
	}
	return offset;
}

u32 readl(const void __iomem *address)
{
	u32 value = ~0U;

	kapi_enter("readl", 0);
	if (accessible())
		dsa_bar_read(machine.dev, 0, machine.dev->layout.msix_table + offset_of(address),
			     &value, sizeof(value));
	kapi_leave();
	return value;
}

/* An entry that is no longer masked sends what waited. */
static void unmasked(unsigned int vector)
{
	dsa_device_vector_bound(machine.dev, vector);
	kapi_cpu_run();
}

void writel(u32 value, void __iomem *address)
{
	size_t offset = offset_of(address);

	kapi_enter("writel", 0);
	if (accessible()) {
		dsa_bar_write(machine.dev, 0, machine.dev->layout.msix_table + offset, &value,
			      sizeof(value));
		if (offset % PCI_MSIX_ENTRY_SIZE == PCI_MSIX_ENTRY_VECTOR_CTRL &&
		    !(value & PCI_MSIX_ENTRY_CTRL_MASKBIT))
			unmasked(offset / PCI_MSIX_ENTRY_SIZE);
	}
	kapi_leave();
}

/* ---- Reset, start, stop ------------------------------------------------------------------ */

void kapi_pci_function_reset(void)
{
	dsa_device_reset(machine.dev);
	line = false;
}

/* Threads do not survive a fork, and need not survive the process. */
static void forget_kept(void)
{
	dsa_device_destroy(kept);
	kept = NULL;
}

static bool same_device(const struct sim_options *a, const struct sim_options *b)
{
	/* A generator of service times goes on from where it was: not the same. */
	return a->forget_disabled == b->forget_disabled && a->msix_vectors == b->msix_vectors &&
	       !a->stepped && !b->stepped;
}

static int make_device(const struct sim_options *options)
{
	struct dsa_device_params params = {
		.profile = dsa_profile_names()[0],
		.msix_entries = options->msix_vectors,
		.msix_disabled = options->forget_disabled ? DSA_MSIX_DISABLED_DROP :
							    DSA_MSIX_DISABLED_LATCH,
		.stepped = options->stepped,
		.service = {
			.min_ns = options->service_min_ns,
			.max_ns = options->service_max_ns,
			.seed = options->service_seed,
		},
	};
	static bool registered;

	if (kept && !same_device(options, &kept_options))
		forget_kept();
	if (!kept)
		kept = dsa_device_create(&params, &host_ops, NULL);
	if (!kept)
		return -errno;
	if (!registered)
		registered = !atexit(forget_kept);
	kept_options = *options;
	return 0;
}

int kapi_pci_start(void)
{
	static struct pci_bus bus = { .number = 0x6a };
	const u16 on = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	int ret;

	ret = make_device(&machine.options);
	if (ret)
		return ret;
	machine.dev = kept;
	kapi_pci_function_reset();
	dsa_config_write(machine.dev, PCI_COMMAND, &on, sizeof(on));
	machine.pdev = (struct pci_dev){
		.dev = { .name = "0000:6a:01.0" },
		.bus = &bus,
		.devfn = PCI_DEVFN(1, 0),
		.irq = KAPI_INTX_IRQ,
		.msix_base = window,
	};
	return 0;
}

void kapi_pci_stop(void)
{
	kapi_pci_function_reset();
	memset(regions, 0, sizeof(regions));
	machine.dev = NULL;
}
