/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host in one process: the interrupt code of kernel/, unmodified, on a kernel
 * API in user space (kapi/) and the MSI-X table of the dsa-model library.
 *
 * There is one machine with one device; everything is called from one thread.
 * What in reality happens at the same time happens here between two calls of
 * the code under test, as a hook decides: see sim_set_hook().
 *
 *	sim_start(&options);
 *	sim_open_device();
 *	fd = sim_eventfd();
 *	sim_bind(VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, &fd);
 *	sim_raise(0, SIM_PROMPT);
 *	count = sim_read(fd);
 *	sim_close_device();
 *	sim_stop();
 *
 * Functions that return int return 0 or a negative errno unless they say more.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors of the machine, not of this process: [SIM_FIRST_FD, SIM_FIRST_FD + SIM_FDS). */
#define SIM_FIRST_FD 3
#define SIM_FDS 4096

/**
 * struct sim_options - the machine; all zero is a good one
 * @forget_disabled: the device forgets a message raised while MSI-X is off; PCIe
 *	allows it to forget and to remember
 * @forget_masked: the device forgets a message of a masked entry; PCIe forbids it
 * @no_dynamic: no allocation of single MSI-X irqs on this platform
 * @no_disintx: the device cannot mask INTx (pci_2_3 is false)
 * @nointx: INTx does not work on this device
 * @same_vector: an irq requested again gets the CPU vector back that it had
 * @verbose: print the kernel's log to stderr
 * @stepped: the device works in sim_device_step() only, see there
 * @service_min_ns, @service_max_ns, @service_seed: how long a descriptor takes
 * @msix_vectors: size of the MSI-X table, up to 2048; 0: what the device has
 * @msi_vectors: messages of an MSI capability, a power of two up to 32; 0: none
 * @irqs: Linux irqs to be had, 0: plenty
 * @cpu_vectors: CPU vectors to be had, 0: plenty
 */
struct sim_options {
	bool forget_disabled;
	bool forget_masked;
	bool no_dynamic;
	bool no_disintx;
	bool nointx;
	bool same_vector;
	bool verbose;
	unsigned int msix_vectors;
	unsigned int msi_vectors;
	unsigned int irqs;
	unsigned int cpu_vectors;
	bool stepped;
	uint64_t service_min_ns;
	uint64_t service_max_ns;
	uint64_t service_seed;
};

/* ---- The machine ------------------------------------------------------------ */

/**
 * sim_start - switch the machine on
 * @options: copied; NULL: all zero
 *
 * -EBUSY if it is on, -EINVAL for options it cannot have, -ENOMEM. Devices and
 * the threads in them are kept from one sim_start() to the next.
 */
int sim_start(const struct sim_options *options);

/* Switch it off: the device is closed, all descriptors too, the driver unbound. */
void sim_stop(void);

/* Which kernel this library is built as: "6.1", "6.12", "7" or "stock-6.12". */
const char *sim_kernel(void);

/* Set a module parameter. -ENOENT: there is none of this name. */
int sim_set_param(const char *name, long value);

/* ---- Operations: what user space asks for ------------------------------------- */

/* As open() and the last close() of the device. -EBUSY if open, -EBADF if not. */
int sim_open_device(void);
int sim_close_device(void);

/**
 * struct sim_irq_info - answer to VFIO_DEVICE_GET_IRQ_INFO
 * @flags: VFIO_IRQ_INFO_*
 */
struct sim_irq_info {
	uint32_t flags;
	uint32_t count;
};

int sim_irq_info(unsigned int index, struct sim_irq_info *info);

/**
 * sim_set_irqs - VFIO_DEVICE_SET_IRQS with the checks of the core
 * @flags: VFIO_IRQ_SET_*
 * @data: what follows struct vfio_irq_set; copied
 * @size: its size in bytes
 *
 * Return: as the ioctl, with a negative errno for an error.
 */
int sim_set_irqs(uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
		 const void *data, size_t size);

/* VFIO_IRQ_SET_DATA_EVENTFD | ACTION_TRIGGER; @fds as in the ioctl, -1: unbind. */
int sim_bind(unsigned int index, unsigned int start, unsigned int count, const int *fds);
/* VFIO_IRQ_SET_DATA_NONE | ACTION_TRIGGER with count 0. */
int sim_disable(unsigned int index);

/* VFIO_DEVICE_RESET: function level reset; the kernel restores the MSI-X table. */
int sim_reset(void);
/* The device resets itself, and nobody tells the kernel: its MSI-X table is lost. */
void sim_backdoor_reset(void);
/* Memory Space Enable in the command register, as user space sets it. */
void sim_memory_decoding(bool on);
/* DisINTx in the command register, as user space writes it (virtual). */
void sim_disintx(bool disable);
/* An error or a request of the core: the eventfd of VFIO_PCI_{ERR,REQ}_IRQ_INDEX. */
void sim_notify(unsigned int index);

/* ---- Descriptors --------------------------------------------------------------- */

/* A new eventfd. -EMFILE. */
int sim_eventfd(void);
/* One more descriptor for the same file. -EBADF, -EMFILE. */
int sim_dup(int fd);
/* A file that is no eventfd. -EMFILE. */
int sim_other_file(void);
int sim_close(int fd);

/*
 * Read the eventfd and empty it, counting also interrupts that were posted to
 * its consumer. 0 where a real read would block, and for what is no eventfd.
 */
uint64_t sim_read(int fd);
/* Write 1, as user space does to unmask INTx. */
int sim_write(int fd);

/**
 * sim_consumer_add - register the eventfd's consumer of bypassed irqs, as KVM does
 * @fd: eventfd; -EBUSY if it has one, -EBADF, -EINVAL
 *
 * While a producer with the same eventfd is registered, its interrupts are
 * posted: they reach the consumer and no host handler.
 */
int sim_consumer_add(int fd);
int sim_consumer_remove(int fd);

/* ---- Interrupts ------------------------------------------------------------------- */

/**
 * enum sim_timing - how far a raised interrupt comes at once
 * @SIM_PROMPT: as far as it can
 * @SIM_HELD: accepted by a CPU that has its interrupts off
 * @SIM_STALLED_ENTRY: its handler is about to execute its first instruction
 * @SIM_STALLED_SIGNAL: its handler is about to call eventfd_signal()
 *
 * It goes on with sim_release(); a stalled handler earlier, if the code under
 * test waits for it.
 */
enum sim_timing {
	SIM_PROMPT,
	SIM_HELD,
	SIM_STALLED_ENTRY,
	SIM_STALLED_SIGNAL,
};
#define SIM_TIMINGS 4
extern const char *const sim_timing_names[SIM_TIMINGS];

/* The device raises the message of an MSI-X entry. */
void sim_raise(unsigned int vector, enum sim_timing timing);
/* The device raises an MSI message. */
void sim_raise_msi(unsigned int vector, enum sim_timing timing);
/* The device asserts its INTx line, or takes it back. */
void sim_intx(bool asserted);
/* It asserts it, and the handler stalls, if @timing is one of these. */
void sim_raise_line(enum sim_timing timing);
void sim_release(void);
/* The irq of an MSI-X entry moves to another CPU, as irqbalance wants. */
void sim_move_irq(unsigned int vector);
/* All of a grace period, work queues: what goes on when nothing is asked for. */
void sim_settle(void);

/* ---- The device as its user has it ------------------------------------------------- */

/*
 * Accesses to its registers (BAR 0, but the MSI-X table is the VMM's) and portals (BAR 2),
 * aligned, of 1, 2, 4 or 8 bytes, or 64 to a portal. -EINVAL.
 */
int sim_bar_read(unsigned int bar, uint64_t offset, void *buf, size_t len);
int sim_bar_write(unsigned int bar, uint64_t offset, const void *buf, size_t len);

/* Regions of memory, as an IOMMU has them: number n begins at address (n + 1) << 32. */
#define SIM_REGIONS 64
#define SIM_REGION_IOVA(region) (((uint64_t)(region) + 1) << 32)

/* Let the device reach @size bytes, or, with 0, no longer. -EINVAL. Gone with sim_stop(). */
int sim_map(unsigned int region, void *memory, size_t size);

/**
 * sim_device_step - a stepped device works, up to that time
 * @now_ns: never goes back
 *
 * May be called in a hook. Messages arrive, and their handlers run as far as they can.
 *
 * Return: when it has something to do again, UINT64_MAX: not before it is told to.
 */
uint64_t sim_device_step(uint64_t now_ns);

/**
 * struct sim_messages - what became of the messages of a vector, as the device sees it
 * @raised: wanted by the device
 * @dropped: of them, lost because MSI-X was off
 */
struct sim_messages {
	uint64_t raised;
	uint64_t dropped;
};

/* Since the device was made; all zero for a vector there is not. */
struct sim_messages sim_messages(unsigned int vector);

/* ---- Points --------------------------------------------------------------------- */

enum sim_when {
	SIM_BEFORE, /* the call */
	SIM_DURING, /* between two steps of it */
	SIM_AFTER,
};

/**
 * struct sim_point - a moment in an operation
 * @number: from 0 in each operation
 * @name: the kernel function that is called
 * @error: with which the call may be made to fail, or 0
 */
struct sim_point {
	unsigned int number;
	const char *name;
	enum sim_when when;
	int error;
};

/*
 * Called at every point of every operation. True: make the call fail, if it can.
 * It may raise interrupts, move irqs and read descriptors, and nothing else.
 */
typedef bool sim_hook_fn(void *arg, const struct sim_point *point);

/* NULL: none. */
void sim_set_hook(sim_hook_fn *hook, void *arg);
/* Points of the last operation, or so far. */
unsigned int sim_points(void);

/* ---- What is there to be seen --------------------------------------------------------- */

/**
 * struct sim_counts - what the kernel holds for the device
 * @irqs: Linux irqs allocated
 * @requested: of them, with a handler
 * @enabled: of them, not disabled
 * @cpu_vectors: assigned to irqs
 * @eventfd_refs: references to eventfds that are not files
 * @producers: of bypassed irqs, registered
 * @bytes, @allocations: of memory
 * @index: irq index that is on, or -1
 */
struct sim_counts {
	unsigned int irqs;
	unsigned int requested;
	unsigned int enabled;
	unsigned int cpu_vectors;
	unsigned int eventfd_refs;
	unsigned int producers;
	size_t bytes;
	size_t allocations;
	int index;
};

void sim_counts(struct sim_counts *counts);

/* Size of the MSI-X table. */
unsigned int sim_vectors(void);

/**
 * sim_faults - how often the kernel would have warned, oopsed or deadlocked
 * @first: NULL, or gets the first one's text
 *
 * Counts from the start of the process or the last sim_clear_faults().
 */
unsigned int sim_faults(const char **first);
void sim_clear_faults(void);

/* Name of a vector's irq in /proc/interrupts, NULL if it is not requested. */
const char *sim_irq_name(unsigned int vector);

/*
 * Times a tracepoint was passed since sim_start(), and, while tracing is on, its
 * last text; 0 and NULL if none of this name was.
 */
void sim_trace(bool on);
unsigned long sim_trace_count(const char *event);
const char *sim_trace_text(const char *event);

/**
 * sim_debugfs_read - read a file in debugfs
 * @path: from its root
 * @text: gets its text, cut to @size, and a terminating 0
 *
 * Return: length of the text; -ENOENT.
 */
int sim_debugfs_read(const char *path, char *text, size_t size);

#endif /* SIM_SIM_H */
