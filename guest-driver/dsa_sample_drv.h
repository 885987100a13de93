/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dsa_sample: what its files share.
 *
 *   pci.c       the function: probe, remove, BARs, vectors
 *   vector0.c   messages of vector 0: commands, software errors, halt
 *   device.c    capabilities, administrative commands, configuration
 *   queue.c     the life of a queue
 *   work.c      from work items to descriptors in the portal
 *   reap.c      from completion records to events
 *   watchdog.c  completions that no interrupt announced, or that never came
 *   chardev.c   the user interface of include/uapi/dsa_sample.h
 *
 * Locks, outermost first:
 *
 *   dsa_sample_device.lock        mutex: bring-up, take-down, commands
 *   dsa_sample_queue.submit_lock  mutex: the portal
 *   dsa_sample_queue.read_lock    mutex: the reading end of the events; not
 *                                 taken together with the two above
 *   dsa_sample_queue.lock         spinlock, taken by the handler: entries,
 *                                 events, counters
 *
 * dsa_sample_device.command_lock and .queues_lock are spinlocks under which
 * nothing else is taken but the lock of a wait queue.
 *
 * Functions return 0 or a negative errno unless said otherwise.
 */
#ifndef DSA_SAMPLE_DRV_H
#define DSA_SAMPLE_DRV_H

#include <linux/idxd.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <dsa/registers.h>
#include <uapi/dsa_sample.h>

#define DSA_SAMPLE_NAME "dsa_sample"

/* dsa_sample_info.queues_up has one bit for each. */
#define DSA_SAMPLE_QUEUES_MAX DSA_SAMPLE_QUEUES
/* One contiguous allocation: what the page allocator gives on x86. */
#define DSA_SAMPLE_BUFFER_MAX SZ_4M
/* Submission always leaves room for the events of what is in flight. */
#define DSA_SAMPLE_ENTRIES_MAX (DSA_SAMPLE_EVENTS_MAX / 2)

/**
 * struct dsa_sample_caps - what the capability registers say, decoded
 * @version: VERSION
 * @opcap: bit n: operation n is supported, of the first 64
 * @wqs: work queues
 * @groups: groups
 * @engines: engines
 * @total_entries: descriptors of all work queues together
 * @wq_entries: descriptors each work queue gets unless it is configured
 * @read_buffers: read buffers to allow each group; 0 if not controllable
 * @grpcfg: offset of the group table in BAR0
 * @wqcfg: offset of the work queue table
 * @wqcfg_stride: bytes from one of its entries to the next
 * @msixperm: offset of the MSI-X permission table
 * @max_xfer_shift: log2 of the largest transfer
 * @max_batch_shift: log2 of the largest batch
 * @priority: work queues have a priority
 * @vectors: size of the MSI-X table
 */
struct dsa_sample_caps {
	u32 version;
	u64 opcap;
	unsigned int wqs;
	unsigned int groups;
	unsigned int engines;
	unsigned int total_entries;
	unsigned int wq_entries;
	unsigned int read_buffers;
	u32 grpcfg;
	u32 wqcfg;
	u32 wqcfg_stride;
	u32 msixperm;
	u32 max_xfer_shift;
	u32 max_batch_shift;
	bool priority;
	unsigned int vectors;
};

/* Bits of dsa_sample_device.state; once set they stay. */
enum dsa_sample_state {
	/* remove() has run: no registers any more */
	DSA_SAMPLE_REMOVED,
	/* registers read all ones */
	DSA_SAMPLE_LOST,
	/* the device has halted */
	DSA_SAMPLE_HALTED,
};

/* Whose command is in the command register. */
enum dsa_sample_command_owner {
	DSA_SAMPLE_COMMAND_NONE,
	/* dsa_sample_command() */
	DSA_SAMPLE_COMMAND_CALLER,
	/* dsa_sample_probe_vector0() */
	DSA_SAMPLE_COMMAND_PROBE,
};

/**
 * struct dsa_sample_device - one DSA function
 * @ref: one for the driver, one for each open file
 * @pdev: a reference is held
 * @misc: the character device
 * @name: its name
 * @id: number in @name
 * @state: enum dsa_sample_state
 * @regs: BAR0
 * @portals: BAR2
 * @caps: capabilities
 * @movdir64b: submit with MOVDIR64B rather than with eight stores
 * @queues_number: queues that can be brought up
 * @vector0_requested: commands can ask for an interrupt
 * @lock: bring-up, take-down, configuration and commands
 * @config: what the groups and queues are; changes while no queue is up
 * @queues_lock: @queues, for those who do not hold @lock. Writers hold both
 * @queues: the queues that are up
 * @queues_up: their bitmap
 * @command_lock: the five after it
 * @command_owner: whose command the device executes
 * @command_done: vector 0 announced the end of the caller's command
 * @command_probe_ns: when the probe was issued
 * @commands: commands issued
 * @commands_polled: of these, found complete without an interrupt
 * @command_wait: woken when @command_owner or @command_done changes
 * @handler_runs: per vector, counted when the handler begins. Written by the
 *	handler alone, read by everybody
 */
struct dsa_sample_device {
	struct kref ref;
	struct pci_dev *pdev;
	struct miscdevice misc;
	char name[24];
	int id;
	unsigned long state;
	void __iomem *regs;
	void __iomem *portals;
	struct dsa_sample_caps caps;
	bool movdir64b;
	unsigned int queues_number;
	bool vector0_requested;

	/* see the order of locks above */
	struct mutex lock;
	struct dsa_sample_configure config;
	/* with lock held too when written */
	spinlock_t queues_lock;
	struct dsa_sample_queue *queues[DSA_SAMPLE_QUEUES_MAX];
	u64 queues_up;

	/* the five after it */
	spinlock_t command_lock;
	enum dsa_sample_command_owner command_owner;
	bool command_done;
	u64 command_probe_ns;
	u64 commands;
	u64 commands_polled;
	wait_queue_head_t command_wait;

	u64 *handler_runs;
};

/* What an entry's credit is counted for. */
enum dsa_sample_watch {
	/* not seen by the watchdog yet */
	DSA_SAMPLE_WATCH_NEW,
	/* no completion record */
	DSA_SAMPLE_WATCH_MISSING,
	/* a completion record, but no handler run */
	DSA_SAMPLE_WATCH_STRANDED,
};

/**
 * struct dsa_sample_entry - a slot of a queue: one descriptor at most
 * @node: in the queue's list of free, outstanding or quarantined entries
 * @tag: the user's
 * @submit_ns: when it was handed to the device
 * @visible_ns: when its completion record was first seen; 0 if not yet
 * @interrupt: an interrupt was requested
 * @watch: what @credit_ns counts
 * @checked: its credit was full at the previous tick already
 * @credit_ns: how long it has been like that while the machine was alive
 */
struct dsa_sample_entry {
	struct list_head node;
	u64 tag;
	u64 submit_ns;
	u64 visible_ns;
	bool interrupt;
	enum dsa_sample_watch watch;
	bool checked;
	u64 credit_ns;
};

/* Life of a queue; it only moves down this list. */
enum dsa_sample_queue_phase {
	DSA_SAMPLE_QUEUE_IS_UP,
	/* being taken down: nothing is accepted, completions still arrive */
	DSA_SAMPLE_QUEUE_CLOSING,
	/* no irq, no DMA, no watchdog */
	DSA_SAMPLE_QUEUE_IS_DOWN,
};

/**
 * struct dsa_sample_queue - one queue, from bring-up to the last close
 * @device: a reference is held
 * @number: work queue
 * @vector: MSI-X table index
 * @irq: Linux irq number
 * @irq_name: as in /proc/interrupts
 * @buffer: user's data. Ordinary pages: user mappings hold references of their
 *	own and may outlive the device
 * @buffer_size: bytes
 * @buffer_dma: bus address of @buffer
 * @records: completion records, one for each entry
 * @records_dma: bus address of @records
 * @confirm_ns: credit after which a visible completion is stranded
 * @timeout_ns: credit after which an invisible one is missing
 * @submit_lock: the next two
 * @portal: limited portal of the work queue
 * @portal_slot: where in the portal the next descriptor goes
 * @read_lock: the reading end of @events
 * @lock: all the rest
 * @phase: enum dsa_sample_queue_phase
 * @hold: the last submission had DSA_SAMPLE_SUBMIT_HOLD
 * @entries: all slots, as many as the work queue has
 * @free: slots without a descriptor
 * @outstanding: slots in flight, in the order of submission
 * @quarantined: slots of missing descriptors: the device may still write there
 * @outstanding_number: length of @outstanding
 * @events: ring of DSA_SAMPLE_EVENTS_MAX
 * @events_head: events written since bring-up
 * @events_tail: events read since bring-up
 * @wait: readers and pollers
 * @tick: the watchdog
 * @ticking: @tick is queued, or running and will decide
 * @tick_ns: when the watchdog last ran; 0 after a pause
 * @tick_others: handler runs of the other queues' vectors at that time
 * @tick_vector0: handler runs of vector 0 at that time
 * @stats: counters; sizes, flags and the last two members are not used
 */
struct dsa_sample_queue {
	struct dsa_sample_device *device;
	unsigned int number;
	unsigned int vector;
	int irq;
	char irq_name[40];

	void *buffer;
	size_t buffer_size;
	dma_addr_t buffer_dma;
	struct dsa_completion_record *records;
	dma_addr_t records_dma;
	u64 confirm_ns;
	u64 timeout_ns;

	/* the next two */
	struct mutex submit_lock;
	void __iomem *portal;
	unsigned int portal_slot;

	/* events_tail is moved by its holder only */
	struct mutex read_lock;

	/* all the rest */
	spinlock_t lock;
	enum dsa_sample_queue_phase phase;
	bool hold;
	struct dsa_sample_entry *entries;
	struct list_head free;
	struct list_head outstanding;
	struct list_head quarantined;
	unsigned int outstanding_number;
	struct dsa_sample_event *events;
	u32 events_head;
	u32 events_tail;
	wait_queue_head_t wait;

	struct delayed_work tick;
	bool ticking;
	u64 tick_ns;
	u64 tick_others;
	u64 tick_vector0;

	struct dsa_sample_queue_stats stats;
};

/* The device is there and its registers may be touched. */
static inline bool dsa_sample_present(const struct dsa_sample_device *dev)
{
	return !test_bit(DSA_SAMPLE_REMOVED, &dev->state) &&
	       !test_bit(DSA_SAMPLE_LOST, &dev->state);
}

static inline bool dsa_sample_halted(const struct dsa_sample_device *dev)
{
	return test_bit(DSA_SAMPLE_HALTED, &dev->state);
}

/* ---- pci.c --------------------------------------------------------------- */

/* Drop a reference on the device. */
void dsa_sample_device_put(struct dsa_sample_device *dev);

/* ---- vector0.c ----------------------------------------------------------- */

/* Hard handler of vector 0: counts, and wakes the thread. */
irqreturn_t dsa_sample_vector0_handler(int irq, void *data);

/* Thread of vector 0: finds out what happened. */
irqreturn_t dsa_sample_vector0_thread(int irq, void *data);

/* ---- device.c ------------------------------------------------------------ */

/*
 * Read the capabilities. BAR0 is mapped and @regs_size long, @caps.vectors is
 * set. -EOPNOTSUPP or -EINVAL with a message if this driver cannot work with
 * the device.
 */
int dsa_sample_read_caps(struct dsa_sample_device *dev, u64 regs_size, u64 portals_size);

/*
 * Execute an administrative command and wait for its end, at most five seconds.
 * Called with dsa_sample_device.lock held. -EIO the device refused (the log says
 * why), -ETIMEDOUT no answer, -ENODEV the device is gone.
 */
int dsa_sample_command(struct dsa_sample_device *dev, enum dsa_command command, u32 operand);

/* Reset Device, and FLR if the device needs that to leave the halt state. */
int dsa_sample_reset(struct dsa_sample_device *dev);

/* Make dsa_sample_device.config what it is after probe: all queues, equal, in turn. */
void dsa_sample_default_config(struct dsa_sample_device *dev);

/* Write the tables as in dsa_sample_device.config and enable the device, which is disabled. */
int dsa_sample_configure(struct dsa_sample_device *dev);

/* The same with another @config; all zeros: the default. As DSA_SAMPLE_CONFIGURE. */
int dsa_sample_reconfigure(struct dsa_sample_device *dev,
			   const struct dsa_sample_configure *config);

/* Configure and enable work queue @wq. */
int dsa_sample_wq_enable(struct dsa_sample_device *dev, unsigned int wq);

/*
 * Drain and reset work queue @wq. When it returns, the device touches no memory
 * and sends no interrupt on behalf of the queue: whatever it takes.
 */
void dsa_sample_wq_disable(struct dsa_sample_device *dev, unsigned int wq);

/* Vector 0 announced the end of a command. Any context. */
void dsa_sample_command_interrupt(struct dsa_sample_device *dev);

/*
 * Ask for an interrupt of vector 0, without waiting for it. Does nothing while
 * a command is under way: its interrupt will do. Returns whether it asked.
 */
bool dsa_sample_probe_vector0(struct dsa_sample_device *dev);

/* Look whether the device has halted; say so, once, and wake who waits. */
void dsa_sample_check_halt(struct dsa_sample_device *dev);

/* The registers read all ones. Returns -ENODEV. */
int dsa_sample_lost(struct dsa_sample_device *dev);

/* ---- queue.c ------------------------------------------------------------- */

/*
 * Bring a queue up as @args asks, and fill in what it answers but for the file
 * descriptor. Errors as documented for DSA_SAMPLE_QUEUE_UP.
 */
int dsa_sample_queue_up(struct dsa_sample_device *dev, struct dsa_sample_queue_up *args,
			struct dsa_sample_queue **queue);

/* Take a queue down. Nothing if it is down. dsa_sample_device.lock is held. */
void dsa_sample_queue_down(struct dsa_sample_queue *q);

/* Last close: take the queue down and free it. */
void dsa_sample_queue_release(struct dsa_sample_queue *q);

/* Wake all who wait on a queue: the state of the device has changed. */
void dsa_sample_wake_queues(struct dsa_sample_device *dev);

/* ---- work.c -------------------------------------------------------------- */

/*
 * Hand the items of @args to the device, and set @args->accepted. Errors as
 * documented for DSA_SAMPLE_SUBMIT.
 */
int dsa_sample_submit(struct dsa_sample_queue *q, struct dsa_sample_submit *args);

/* What a submission would return now. dsa_sample_queue.lock is held. */
int dsa_sample_acceptable(struct dsa_sample_queue *q, bool hold);

/* ---- reap.c -------------------------------------------------------------- */

/* Handler of a queue's vector. */
irqreturn_t dsa_sample_queue_handler(int irq, void *data);

/*
 * Note which completion records have become visible, and account for those that
 * nobody wanted an interrupt for. Returns how many visible ones await their
 * interrupt. dsa_sample_queue.lock is held.
 */
unsigned int dsa_sample_look(struct dsa_sample_queue *q, u64 now);

/* The entry's completion record has been written. dsa_sample_queue.lock is held. */
bool dsa_sample_visible(struct dsa_sample_queue *q, const struct dsa_sample_entry *entry);

/*
 * Account for an outstanding entry: write its event, free or quarantine the
 * slot. dsa_sample_queue.lock is held.
 */
void dsa_sample_account(struct dsa_sample_queue *q, struct dsa_sample_entry *entry,
			enum dsa_sample_how how, u64 now);

/* Copy up to @number of the oldest events; they stay. Returns how many. */
unsigned int dsa_sample_events_peek(struct dsa_sample_queue *q, struct dsa_sample_event *events,
				    unsigned int number);

/* Remove @number of the oldest events. dsa_sample_queue.read_lock is held. */
void dsa_sample_events_drop(struct dsa_sample_queue *q, unsigned int number);

/* ---- watchdog.c ---------------------------------------------------------- */

/* Work function of dsa_sample_queue.tick. */
void dsa_sample_watchdog_tick(struct work_struct *work);

/* Queue the next tick on the CPU at which the queue's vector is aimed. */
void dsa_sample_watchdog_queue(struct dsa_sample_queue *q);

/* ---- chardev.c ----------------------------------------------------------- */

extern const struct file_operations dsa_sample_device_fops;

#endif /* DSA_SAMPLE_DRV_H */
