/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dsa_sample: what its files share.
 *
 *   pci.c         the life of the device: probe, down and up again, remove
 *   device.c      capabilities, administrative commands, vector 0, configuration
 *   queue.c       the life of a queue
 *   descriptor.c  the life of a descriptor: submission, handler, watchdog
 *   chardev.c     the user interface of include/uapi/dsa_sample.h, and counters
 *   trace.h       trace points
 *
 * Locks, outermost first:
 *
 *   dsa_sample_device.lock        mutex: phase, bring-up, take-down, commands;
 *                                 the watchdog, which is waited for under it,
 *                                 only tries to take it
 *   dsa_sample_queue.submit_lock  mutex: the portal
 *   dsa_sample_queue.read_lock    mutex: readers of the events; not taken
 *                                 together with the two above
 *   dsa_sample_queue.lock         spinlock, taken by the handler: entries,
 *                                 writing events, counters
 *
 * Functions return 0 or a negative errno unless said otherwise.
 */
#ifndef DSA_SAMPLE_DRV_H
#define DSA_SAMPLE_DRV_H

#include <linux/idxd.h>
#include <linux/interrupt.h>
#include <linux/kfifo.h>
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

#include <dsa/sample.h>

/* One contiguous allocation: what the page allocator gives on x86. */
#define DSA_SAMPLE_BUFFER_MAX SZ_4M

/* Life of the device. GONE is for ever. */
enum dsa_sample_phase {
	DSA_SAMPLE_RUNNING,
	DSA_SAMPLE_STOPPED,	/* reset or suspended; somebody is to start it */
	DSA_SAMPLE_FAILED,	/* given up: a reset by hand may help */
	DSA_SAMPLE_GONE,	/* removed, by the driver core or by hand */
};

/* What makes the recovery work run: bits of dsa_sample_device.trouble. */
enum dsa_sample_trouble {
	DSA_SAMPLE_ALL_ONES,	/* registers read all ones */
	DSA_SAMPLE_ASTRAY,	/* halted, or not enabled any more */
	DSA_SAMPLE_STUCK,	/* a command did not end */
	DSA_SAMPLE_REVOKED,	/* all interrupt handles have been */
	DSA_SAMPLE_REFUSED,	/* a descriptor was, for its interrupt handle */
};

/* One DSA function. */
struct dsa_sample_device {
	struct kref ref;		/* one for the driver, one for each open file */
	struct pci_dev *pdev;		/* a reference is held */
	struct miscdevice misc;
	struct dentry *debugfs;
	char name[24];			/* of both */
	int id;				/* number in the name */
	struct pci_saved_state *saved;	/* configuration space after probe */
	void __iomem *regs;		/* BAR0 */
	void __iomem *portals;		/* BAR2 */
	struct dsa_caps caps;
	unsigned int vectors;		/* size of the MSI-X table */
	unsigned int queues_number;	/* that can be brought up */
	int irq;			/* of vector 0; 0: commands are polled */
	const char *unshared;		/* why there are no shared queues, or NULL */
	u32 pasid;			/* that of shared queues; or 0 */

	/* phase, configuration, queues and the rest down to resets */
	struct mutex lock;
	struct dsa_sample_configure config;	/* changes while no queue is up */
	enum dsa_sample_phase phase;	/* read without the lock, too */
	bool reachable;			/* registers may be touched; likewise */
	struct list_head queues;	/* those that are up */
	u64 queues_up;			/* their bitmap; read without the lock, too */
	unsigned long probe_due;	/* jiffies: it has not been answered */
	u64 commands;			/* issued; read without the lock, too */
	u64 commands_polled;		/* of these, complete without an interrupt */
	unsigned int attempts;		/* to recover, since it has been calm */
	unsigned long calm;		/* jiffies from which on it has */
	u64 resets;			/* returns to RUNNING */

	unsigned long trouble;		/* enum dsa_sample_trouble */
	struct delayed_work recovery;	/* looks at it */

	bool command_told;		/* by vector 0, or nothing is to be told */
	wait_queue_head_t command_wait;	/* for that, or for the device to be unreachable */

	u64 handler_runs[];		/* by vector; written by its handler alone */
};

/* An open file of the device: what it and the queues it brings up may take together. */
struct dsa_sample_opener {
	struct kref ref;		/* one for the file, one for each queue */
	struct dsa_sample_device *device; /* a reference is held */

	/* with dsa_sample_device.lock */
	unsigned int queues;		/* that are up */
	size_t memory;			/* of these, buffers, records and lists in bytes */
};

/* A slot of a queue: one descriptor at most. */
struct dsa_sample_entry {
	struct list_head node;		/* free, outstanding or quarantined */
	struct dsa_hw_desc desc;	/* as it was handed to the device */
	u64 tag;			/* the user's */
	u64 submit_ns;
	u64 visible_ns;			/* when its record was first seen, or 0 */
	bool interrupt;			/* was requested */
	bool watched;			/* the watchdog has seen it like that */
	bool checked;			/* its credit was full at the tick before */
	u64 credit_ns;			/* how long, while the machine was alive */
};

/* One queue, from bring-up to the last close. */
struct dsa_sample_queue {
	struct dsa_sample_opener *opener; /* a reference is held */
	struct dsa_sample_device *device; /* of that */
	struct list_head node;		/* among those that are up */
	unsigned int number;		/* of the work queue */
	unsigned int vector;		/* MSI-X table index */
	u32 pasid;			/* of a shared queue; 0: dedicated */
	int irq;
	char irq_name[40];		/* as in /proc/interrupts */

	void *buffer;			/* to the last close; the rest to the way down */
	size_t buffer_size;
	dma_addr_t buffer_dma;
	struct dsa_hw_desc *lists;	/* members of batches: @batch for each entry */
	dma_addr_t lists_dma;
	struct dsa_completion_record *records; /* behind: one for each entry */
	dma_addr_t records_dma;
	unsigned int batch;		/* most members; 0: no batches */
	u64 confirm_ns;			/* credit that makes a visible one stranded */
	u64 timeout_ns;			/* and an invisible one missing */

	/* the four after it */
	struct mutex submit_lock;
	void __iomem *portal;		/* limited */
	unsigned int portal_slot;	/* for the next descriptor */
	u16 handle;			/* interrupt handle, or the vector */
	bool handing;			/* work to a shared queue, which may be refused */

	/* reading events */
	struct mutex read_lock;

	/* all the rest */
	spinlock_t lock;
	bool down;			/* no irq, no memory, no watchdog any more */
	bool hold;			/* flag of the last submission */
	struct list_head free;
	struct list_head outstanding;	/* in flight, in the order of submission */
	struct list_head quarantined;	/* missing: the device may still write there */
	unsigned int outstanding_number;
	unsigned int free_number;
	DECLARE_KFIFO_PTR(events, struct dsa_sample_event);
	wait_queue_head_t wait;		/* readers and pollers */

	struct delayed_work tick;	/* the watchdog */
	bool ticking;			/* queued, or running and will decide */
	u64 tick_ns;			/* when it last ran; 0 after a pause */
	u64 tick_others;		/* handler runs of the other queues then */
	u64 tick_vector0;		/* handler runs of vector 0 then */
	u64 tick_submitted;		/* the counter of submitted work then */

	struct dsa_sample_queue_stats stats; /* its counters only */
	unsigned int entries_number;	/* as many as the work queue has */
	struct dsa_sample_entry entries[];
};

/* Registers may be touched. No lock is needed to ask. */
static inline bool dsa_sample_reachable(const struct dsa_sample_device *dev)
{
	return READ_ONCE(dev->reachable) && !test_bit(DSA_SAMPLE_ALL_ONES, &dev->trouble);
}

/* What using the device gives in its present phase: 0 or an errno. No lock is needed. */
static inline int dsa_sample_usable(const struct dsa_sample_device *dev)
{
	static const int errors[] = {
		[DSA_SAMPLE_RUNNING] = 0,
		[DSA_SAMPLE_STOPPED] = -EAGAIN,
		[DSA_SAMPLE_FAILED] = -EIO,
		[DSA_SAMPLE_GONE] = -ENODEV,
	};

	return errors[READ_ONCE(dev->phase)];
}

/* ---- pci.c --------------------------------------------------------------- */

/* Work is submitted with MOVDIR64B, not with eight stores. Constant. */
extern bool dsa_sample_movdir64b;
/* Drop a reference on the device. */
void dsa_sample_device_put(struct dsa_sample_device *dev);
/* Something is wrong: have the recovery work look at it. Any context; -ENODEV. */
int dsa_sample_trouble(struct dsa_sample_device *dev, enum dsa_sample_trouble what);

/* ---- device.c, with dsa_sample_device.lock held where not said otherwise --- */

/* Read the capabilities; -EOPNOTSUPP and a message if they are too few. Once, without lock. */
int dsa_sample_read_caps(struct dsa_sample_device *dev);
/*
 * Execute an administrative command and wait for its end, at most five seconds.
 * Returns the result, which is 0 for most, or -EIO the device refused and -ETIMEDOUT
 * no answer (the log says why), -ENODEV it is not reachable.
 */
int dsa_sample_command(struct dsa_sample_device *dev, enum dsa_command command, u32 operand);
/* Write the tables as in dsa_sample_device.config and enable the device, which is disabled. */
int dsa_sample_configure(struct dsa_sample_device *dev);
/* The same with another @config; all zeros: the default. As DSA_SAMPLE_CONFIGURE. No lock. */
int dsa_sample_reconfigure(struct dsa_sample_device *dev,
			   const struct dsa_sample_configure *config);
/* Get an interrupt handle for the queue's vector, if the device deals in them. */
int dsa_sample_handle_get(struct dsa_sample_queue *q);
/* Configure and enable the work queue of @q, whose irq has been requested. */
int dsa_sample_wq_enable(struct dsa_sample_queue *q);
/*
 * Drain and reset the work queue of @q. When it returns, the device touches no
 * memory and sends no interrupt on behalf of the queue: whatever it takes.
 */
void dsa_sample_wq_disable(struct dsa_sample_queue *q);
/* Ask for an interrupt of vector 0, if none is to come. Returns whether it did. No lock. */
bool dsa_sample_probe_vector0(struct dsa_sample_device *dev);
/* Vector 0: the hard handler counts, the thread finds out what has happened. */
irqreturn_t dsa_sample_vector0_handler(int irq, void *data);
irqreturn_t dsa_sample_vector0_thread(int irq, void *data);

/* ---- queue.c ------------------------------------------------------------- */

/* Bring a queue up, fill in all but the file descriptor. Errors as for DSA_SAMPLE_QUEUE_UP. */
int dsa_sample_queue_up(struct dsa_sample_opener *opener, struct dsa_sample_queue_up *args,
			struct dsa_sample_queue **queue);
/* Take a queue down that is up. dsa_sample_device.lock is held. */
void dsa_sample_queue_down(struct dsa_sample_queue *q);
/* Last close: take the queue down, if it is not, and free it. */
void dsa_sample_queue_release(struct dsa_sample_queue *q);

/* ---- descriptor.c ---------------------------------------------------------- */

/* Hand items to the device, set @args->accepted. Errors as for DSA_SAMPLE_SUBMIT. */
int dsa_sample_submit(struct dsa_sample_queue *q, struct dsa_sample_submit *args);
/* What a submission of @n items would return now. dsa_sample_queue.lock is held. */
int dsa_sample_acceptable(struct dsa_sample_queue *q, unsigned int n, bool hold, u64 now);
/* Submit again what was refused for an old handle. False if the present one is, too. */
bool dsa_sample_resubmit(struct dsa_sample_queue *q);
/*
 * Note which completion records have become visible, and account for those that
 * nobody wanted an interrupt for. Returns how many visible ones await theirs.
 * dsa_sample_queue.lock is held.
 */
unsigned int dsa_sample_look(struct dsa_sample_queue *q, u64 now);
/* The device has been stopped: account for all that is outstanding. */
void dsa_sample_abort(struct dsa_sample_queue *q);
/* Handler of a queue's vector, and work function of dsa_sample_queue.tick. */
irqreturn_t dsa_sample_queue_handler(int irq, void *data);
void dsa_sample_watchdog_tick(struct work_struct *work);

/* ---- chardev.c ----------------------------------------------------------- */

/* Drop a reference. */
void dsa_sample_opener_put(struct dsa_sample_opener *opener);
/* Make the character device, and the file of counters in debugfs; remove both. */
int dsa_sample_chardev_add(struct dsa_sample_device *dev);
void dsa_sample_chardev_remove(struct dsa_sample_device *dev);

#endif /* DSA_SAMPLE_DRV_H */
