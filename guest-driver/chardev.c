// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface of <uapi/dsa_sample.h>: the device and its queues as files.
 */
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dsa_sample_drv.h"

/* One of the calls of a file: what becomes of its structure, and who carries it out. */
struct call {
	unsigned int command;
	size_t size;			/* of the structure that we know */
	size_t first;			/* of its first version, if that was another */
	bool writing;			/* needs a file that is open for that */
	/* @queue: a file that @args names the descriptor of, to be installed there. */
	int (*function)(struct file *file, void *args, struct file **queue);
};

/*
 * What the caller does not know of the structure reads zero. That there is a place
 * for the answer is found out before: work, for one, cannot be taken back. What is
 * used of args is copied first, so nothing of it is cleared: the largest is long.
 */
static long call(struct file *file, const struct call *calls, unsigned int command,
		 void __user *user)
{
	union {
		u32 argsz;
		struct dsa_sample_info info;
		struct dsa_sample_queue_up queue_up;
		struct dsa_sample_configure configure;
		struct dsa_sample_submit submit;
		struct dsa_sample_queue_stats stats;
	} args __uninitialized;
	struct file *queue = NULL;
	size_t answer;
	u32 argsz;
	int ret;

	while (calls->command != command)
		if (!calls++->command)
			return -ENOTTY;
	if (calls->writing && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (get_user(argsz, (u32 __user *)user))
		return -EFAULT;
	if (argsz < (calls->first ? : calls->size))
		return -EINVAL;
	if (argsz > PAGE_SIZE)
		return -E2BIG;
	answer = min_t(size_t, argsz, calls->size);
	ret = copy_struct_from_user(&args, calls->size, user, argsz);
	if (ret)
		return ret;
	args.argsz = argsz;
	if (copy_to_user(user, &args, answer))
		return -EFAULT;

	ret = calls->function(file, &args, &queue);
	args.argsz = calls->size;
	if (!ret && copy_to_user(user, &args, answer))
		ret = -EFAULT;
	if (queue && !ret) {
		fd_install(args.queue_up.fd, queue);
	} else if (queue) {
		put_unused_fd(args.queue_up.fd);
		fput(queue);
	}
	return ret;
}

/* ---- Queue --------------------------------------------------------------- */

static int queue_release(struct inode *inode, struct file *file)
{
	dsa_sample_queue_release(file->private_data);
	return 0;
}

static int queue_submit(struct file *file, void *data, struct file **unused)
{
	struct dsa_sample_submit *args = data;

	if (args->flags & ~DSA_SAMPLE_SUBMIT_HOLD || !args->count ||
	    args->count > DSA_SAMPLE_SUBMIT_MAX)
		return -EINVAL;
	return dsa_sample_submit(file->private_data, args);
}

static int queue_stats(struct file *file, void *data, struct file **unused)
{
	struct dsa_sample_queue *q = file->private_data;
	struct dsa_sample_queue_stats *stats = data;

	if (stats->flags)
		return -EINVAL;
	spin_lock_irq(&q->lock);
	q->stats.awaiting = dsa_sample_look(q, ktime_get_ns());
	q->stats.in_flight = q->outstanding_number;
	*stats = q->stats;
	spin_unlock_irq(&q->lock);
	return 0;
}

static const struct call queue_calls[] = {
	{ DSA_SAMPLE_SUBMIT, sizeof(struct dsa_sample_submit), 0, false, queue_submit },
	{ DSA_SAMPLE_QUEUE_STATS, sizeof(struct dsa_sample_queue_stats),
	  offsetof(struct dsa_sample_queue_stats, aborted), false, queue_stats },
	{}
};

static long queue_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	return call(file, queue_calls, command, (void __user *)arg);
}

/* What a reader gets without an event: 0 to wait for one, or why there will be none. */
static int queue_end(const struct dsa_sample_queue *q)
{
	int ret = dsa_sample_usable(q->device);

	return ret == -EAGAIN ? 0 : ret;
}

static ssize_t queue_read(struct file *file, char __user *user, size_t size, loff_t *offset)
{
	struct dsa_sample_queue *q = file->private_data;
	unsigned int copied = 0, unread;
	int ret, end;

	if (size < sizeof(struct dsa_sample_event))
		return -EINVAL;
	do {
		ret = mutex_lock_interruptible(&q->read_lock);
		if (ret)
			return ret;
		/* In this order: after the end no event comes any more. */
		end = queue_end(q);
		spin_lock_irq(&q->lock);
		dsa_sample_look(q, ktime_get_ns());
		unread = kfifo_len(&q->events);
		spin_unlock_irq(&q->lock);
		ret = kfifo_to_user(&q->events, user, size, &copied);
		mutex_unlock(&q->read_lock);
		/* There may be room again for the events of new work. */
		if (unread + READ_ONCE(q->outstanding_number) >= DSA_SAMPLE_EVENTS_MAX)
			wake_up_all(&q->wait);
		if (copied || ret || end)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		/* An old answer does no harm: who puts an event there wakes us after that. */
		ret = wait_event_interruptible(q->wait, !data_race(kfifo_is_empty(&q->events)) ||
					       queue_end(q));
	} while (!ret);
	if (copied)
		return copied;
	return ret ? : end;
}

static __poll_t queue_poll(struct file *file, poll_table *wait)
{
	struct dsa_sample_queue *q = file->private_data;
	__poll_t events = 0;
	int ret;

	poll_wait(file, &q->wait, wait); /* Rule 13 */

	spin_lock_irq(&q->lock);
	ret = dsa_sample_acceptable(q, 1, q->hold, ktime_get_ns());
	if (!ret)
		events |= EPOLLOUT | EPOLLWRNORM;
	else if (ret != -EAGAIN)
		events |= EPOLLERR;
	if (!kfifo_is_empty(&q->events))
		events |= EPOLLIN | EPOLLRDNORM;
	spin_unlock_irq(&q->lock);
	return events;
}

/* The buffer is there as long as the queue has a file, which a mapping holds. */
static vm_fault_t queue_fault(struct vm_fault *vmf)
{
	struct dsa_sample_queue *q = vmf->vma->vm_file->private_data;

	if (vmf->pgoff >= q->buffer_size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(q->buffer + (vmf->pgoff << PAGE_SHIFT));
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct queue_vm_ops = {
	.fault = queue_fault,
};

static int queue_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct dsa_sample_queue *q = file->private_data;
	unsigned long pages = q->buffer_size >> PAGE_SHIFT;

	/* A private copy would not be what the device sees. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_ops = &queue_vm_ops;
	return 0;
}

static const struct file_operations queue_fops = {
	.owner = THIS_MODULE,
	.release = queue_release,
	.unlocked_ioctl = queue_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.read = queue_read,
	.poll = queue_poll,
	.mmap = queue_mmap,
};

/* ---- Device -------------------------------------------------------------- */

static void opener_free(struct kref *ref)
{
	struct dsa_sample_opener *opener = container_of(ref, struct dsa_sample_opener, ref);

	dsa_sample_device_put(opener->device);
	kfree(opener);
}

void dsa_sample_opener_put(struct dsa_sample_opener *opener)
{
	kref_put(&opener->ref, opener_free);
}

static int device_open(struct inode *inode, struct file *file)
{
	/* misc_open() runs under the lock that misc_deregister() takes. */
	struct dsa_sample_device *dev =
		container_of(file->private_data, struct dsa_sample_device, misc);
	struct dsa_sample_opener *opener = kzalloc(sizeof(*opener), GFP_KERNEL_ACCOUNT);

	if (!opener)
		return -ENOMEM;
	kref_init(&opener->ref);
	kref_get(&dev->ref);
	opener->device = dev;
	file->private_data = opener;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	dsa_sample_opener_put(file->private_data);
	return 0;
}

static int device_info(struct file *file, void *data, struct file **unused)
{
	const struct dsa_sample_opener *opener = file->private_data;
	const struct dsa_sample_device *dev = opener->device;
	struct dsa_sample_info *info = data;
	int ret = dsa_sample_usable(dev);

	if (info->flags || info->resets || info->reserved2)
		return -EINVAL;
	if (ret == -ENODEV)
		return ret;

	dsa_sample_info_caps(&dev->caps, info);
	info->flags = dsa_sample_movdir64b ? DSA_SAMPLE_INFO_MOVDIR64B : DSA_SAMPLE_INFO_STORES;
	if (!dev->unshared)
		info->flags |= DSA_SAMPLE_INFO_SHARED;
	if (ret == -EIO)
		info->flags |= DSA_SAMPLE_INFO_HALTED;
	info->queues = dev->queues_number;
	info->vectors = dev->vectors;
	info->max_buffer = DSA_SAMPLE_BUFFER_MAX;
	info->queues_up = READ_ONCE(dev->queues_up);
	info->commands = READ_ONCE(dev->commands);
	info->commands_polled = READ_ONCE(dev->commands_polled);
	info->resets = READ_ONCE(dev->resets);
	info->misc_interrupts = READ_ONCE(dev->handler_runs[0]);
	return 0;
}

static int device_queue_up(struct file *file, void *data, struct file **queue)
{
	struct dsa_sample_queue_up *args = data;
	struct dsa_sample_queue *q;
	int ret;

	if (args->flags & ~(DSA_SAMPLE_QUEUE_CLOEXEC | DSA_SAMPLE_QUEUE_SHARED))
		return -EINVAL;
	ret = get_unused_fd_flags(args->flags & DSA_SAMPLE_QUEUE_CLOEXEC ? O_CLOEXEC : 0);
	if (ret < 0)
		return ret;
	args->fd = ret;
	ret = dsa_sample_queue_up(file->private_data, args, &q);
	if (ret)
		goto put_fd;
	*queue = anon_inode_getfile("[dsa-sample-queue]", &queue_fops, q, O_RDWR);
	if (!IS_ERR(*queue))
		return nonseekable_open(file_inode(*queue), *queue);

	ret = PTR_ERR(*queue);
	*queue = NULL;
	dsa_sample_queue_release(q);
put_fd:
	put_unused_fd(args->fd);
	return ret;
}

static int device_configure(struct file *file, void *data, struct file **unused)
{
	const struct dsa_sample_opener *opener = file->private_data;

	return dsa_sample_reconfigure(opener->device, data);
}

static const struct call device_calls[] = {
	{ DSA_SAMPLE_INFO, sizeof(struct dsa_sample_info),
	  offsetof(struct dsa_sample_info, groups), false, device_info },
	{ DSA_SAMPLE_QUEUE_UP, sizeof(struct dsa_sample_queue_up), 0, true, device_queue_up },
	{ DSA_SAMPLE_CONFIGURE, sizeof(struct dsa_sample_configure), 0, true, device_configure },
	{}
};

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	return call(file, device_calls, command, (void __user *)arg);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* ---- Counters for people --------------------------------------------------- */

static int counters_show(struct seq_file *file, void *unused)
{
	static const char *const phases[] = { "running", "stopped", "given up", "gone" };
	struct dsa_sample_device *dev = file->private;
	struct dsa_sample_queue *q;

	mutex_lock(&dev->lock);
	seq_printf(file, "%s: resets %llu commands %llu polled %llu vector-0 %llu\n",
		   phases[dev->phase], dev->resets, READ_ONCE(dev->commands),
		   READ_ONCE(dev->commands_polled), READ_ONCE(dev->handler_runs[0]));
	list_for_each_entry(q, &dev->queues, node) {
		spin_lock_irq(&q->lock);
		seq_printf(file, "queue %u: submitted %llu again %llu interrupted %llu polled %llu stranded %llu missing %llu aborted %llu runs %llu spurious %llu probes %llu\n",
			   q->number, q->stats.submitted, q->stats.resubmitted,
			   q->stats.interrupted, q->stats.polled, q->stats.stranded,
			   q->stats.missing, q->stats.aborted, q->stats.handler_runs,
			   q->stats.handler_spurious, q->stats.probes);
		spin_unlock_irq(&q->lock);
	}
	mutex_unlock(&dev->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

int dsa_sample_chardev_add(struct dsa_sample_device *dev)
{
	int ret;

	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = dev->name;
	dev->misc.fops = &device_fops;
	dev->misc.parent = &dev->pdev->dev;
	dev->misc.mode = 0600;
	ret = misc_register(&dev->misc);
	if (!ret)
		dev->debugfs = debugfs_create_file(dev->name, 0400, NULL, dev, &counters_fops);
	return ret;
}

void dsa_sample_chardev_remove(struct dsa_sample_device *dev)
{
	debugfs_remove(dev->debugfs);
	misc_deregister(&dev->misc);
}
