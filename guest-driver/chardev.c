// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface of <uapi/dsa_sample.h>: the device and its queues as files.
 */
#include <linux/anon_inodes.h>
#include <linux/bitfield.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "dsa_sample_drv.h"

/* Events copied to user space at a time. */
#define EVENTS_BATCH 16

/*
 * Copy an argument structure of @size bytes, @first in its first version; what the
 * caller does not know is zero. How much args_put() may write is in @args then, and
 * not found later.
 */
static int args_get(void *args, size_t size, size_t first, void __user *user)
{
	u32 argsz;
	int ret;

	if (get_user(argsz, (u32 __user *)user))
		return -EFAULT;
	if (argsz < first)
		return -EINVAL;
	if (argsz > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(args, size, user, argsz);
	if (ret)
		return ret;
	*(u32 *)args = min_t(size_t, argsz, size);
	return 0;
}

static int args_put(void __user *user, void *args, size_t size)
{
	u32 known = *(u32 *)args;

	*(u32 *)args = size;
	return copy_to_user(user, args, known) ? -EFAULT : 0;
}

/* ---- Queue --------------------------------------------------------------- */

static int queue_release(struct inode *inode, struct file *file)
{
	dsa_sample_queue_release(file->private_data);
	return 0;
}

static int queue_ioctl_submit(struct dsa_sample_queue *q, struct dsa_sample_submit __user *user)
{
	struct dsa_sample_submit args;
	int ret;

	ret = args_get(&args, sizeof(args), sizeof(args), user);
	if (ret)
		return ret;
	if (args.flags & ~DSA_SAMPLE_SUBMIT_HOLD)
		return -EINVAL;
	if (!args.count || args.count > DSA_SAMPLE_SUBMIT_MAX)
		return -EINVAL;
	/* Work cannot be taken back: find out now whether the answer has a place. */
	if (put_user(0, &user->accepted))
		return -EFAULT;
	ret = dsa_sample_submit(q, &args);
	if (ret)
		return ret;
	return args_put(user, &args, sizeof(args));
}

static int queue_ioctl_stats(struct dsa_sample_queue *q, struct dsa_sample_queue_stats __user *user)
{
	struct dsa_sample_queue_stats args, stats;
	int ret;

	ret = args_get(&args, sizeof(args), sizeof(args), user);
	if (ret)
		return ret;
	if (args.flags)
		return -EINVAL;

	spin_lock_irq(&q->lock);
	q->stats.awaiting = dsa_sample_look(q, ktime_get_ns());
	q->stats.in_flight = q->outstanding_number;
	stats = q->stats;
	spin_unlock_irq(&q->lock);

	stats.argsz = args.argsz;
	stats.flags = 0;
	return args_put(user, &stats, sizeof(stats));
}

static long queue_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct dsa_sample_queue *q = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case DSA_SAMPLE_SUBMIT:
		return queue_ioctl_submit(q, user);
	case DSA_SAMPLE_QUEUE_STATS:
		return queue_ioctl_stats(q, user);
	default:
		return -ENOTTY;
	}
}

/*
 * What a reader gets when there is no event: 0 to wait for one, or why there
 * will not be any.
 */
static int queue_end(struct dsa_sample_queue *q)
{
	int ret = 0;

	spin_lock_irq(&q->lock);
	if (q->phase == DSA_SAMPLE_QUEUE_IS_DOWN || !dsa_sample_present(q->device))
		ret = -ENODEV;
	else if (dsa_sample_halted(q->device))
		ret = -EIO;
	else
		dsa_sample_look(q, ktime_get_ns());
	spin_unlock_irq(&q->lock);
	return ret;
}

static bool queue_readable(struct dsa_sample_queue *q)
{
	bool readable;

	spin_lock_irq(&q->lock);
	readable = q->events_head != q->events_tail;
	spin_unlock_irq(&q->lock);
	return readable || queue_end(q);
}

static ssize_t queue_read(struct file *file, char __user *user, size_t size, loff_t *offset)
{
	struct dsa_sample_queue *q = file->private_data;
	struct dsa_sample_event events[EVENTS_BATCH];
	size_t room = size / sizeof(*events), done = 0;
	unsigned int number;
	int ret;

	if (!room)
		return -EINVAL;

	ret = mutex_lock_interruptible(&q->read_lock);
	if (ret)
		return ret;
	while (done < room) {
		/* In this order: after the end no event comes any more. */
		ret = queue_end(q);
		number = dsa_sample_events_peek(q, events,
						min_t(size_t, room - done, EVENTS_BATCH));
		if (!number) {
			if (done || ret)
				break;
			if (file->f_flags & O_NONBLOCK) {
				ret = -EAGAIN;
				break;
			}
			mutex_unlock(&q->read_lock);
			ret = wait_event_interruptible(q->wait, queue_readable(q)) ? :
			      mutex_lock_interruptible(&q->read_lock);
			if (ret)
				return ret;
			continue;
		}
		if (copy_to_user(user + done * sizeof(*events), events,
				 number * sizeof(*events))) {
			ret = -EFAULT;
			break;
		}
		dsa_sample_events_drop(q, number);
		done += number;
	}
	mutex_unlock(&q->read_lock);
	return done ? done * sizeof(*events) : ret;
}

static __poll_t queue_poll(struct file *file, poll_table *wait)
{
	struct dsa_sample_queue *q = file->private_data;
	__poll_t events = 0;
	int ret;

	poll_wait(file, &q->wait, wait);

	spin_lock_irq(&q->lock);
	ret = dsa_sample_acceptable(q, q->hold);
	if (!ret)
		events |= EPOLLOUT | EPOLLWRNORM;
	else if (ret != -EAGAIN)
		events |= EPOLLERR;
	if (q->events_head != q->events_tail)
		events |= EPOLLIN | EPOLLRDNORM;
	spin_unlock_irq(&q->lock);
	return events;
}

static vm_fault_t queue_fault(struct vm_fault *vmf)
{
	struct dsa_sample_queue *q = vmf->vma->vm_file->private_data;
	struct page *page = NULL;

	if (vmf->pgoff >= q->buffer_size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	spin_lock_irq(&q->lock);
	if (q->phase != DSA_SAMPLE_QUEUE_IS_DOWN) {
		page = virt_to_page(q->buffer + (vmf->pgoff << PAGE_SHIFT));
		get_page(page);
	}
	spin_unlock_irq(&q->lock);
	if (!page)
		return VM_FAULT_SIGBUS;
	vmf->page = page;
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

static int device_open(struct inode *inode, struct file *file)
{
	/* misc_open() runs under the lock that misc_deregister() takes. */
	struct dsa_sample_device *dev =
		container_of(file->private_data, struct dsa_sample_device, misc);

	kref_get(&dev->ref);
	file->private_data = dev;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	dsa_sample_device_put(file->private_data);
	return 0;
}

static int device_ioctl_info(struct dsa_sample_device *dev, struct dsa_sample_info __user *user)
{
	const struct dsa_sample_caps *caps = &dev->caps;
	struct dsa_sample_info info;
	int ret;

	ret = args_get(&info, sizeof(info), offsetof(struct dsa_sample_info, groups), user);
	if (ret)
		return ret;
	if (info.flags || info.reserved || info.reserved2)
		return -EINVAL;
	if (!dsa_sample_present(dev))
		return -ENODEV;

	info.flags = dev->movdir64b ? DSA_SAMPLE_INFO_MOVDIR64B : DSA_SAMPLE_INFO_STORES;
	if (dsa_sample_halted(dev))
		info.flags |= DSA_SAMPLE_INFO_HALTED;
	info.api_version = DSA_SAMPLE_API_VERSION;
	info.device_version = caps->version;
	info.queues = dev->queues_number;
	info.queue_entries = caps->wq_entries;
	info.vectors = caps->vectors;
	info.max_buffer = DSA_SAMPLE_BUFFER_MAX;
	info.max_transfer = BIT_ULL(caps->max_xfer_shift);
	spin_lock_irq(&dev->queues_lock);
	info.queues_up = dev->queues_up;
	spin_unlock_irq(&dev->queues_lock);
	spin_lock_irq(&dev->command_lock);
	info.commands = dev->commands;
	info.commands_polled = dev->commands_polled;
	spin_unlock_irq(&dev->command_lock);
	info.misc_interrupts = READ_ONCE(dev->handler_runs[0]);
	info.groups = min_t(unsigned int, caps->groups, DSA_SAMPLE_GROUPS);
	info.engines = min(caps->engines, 64U);
	info.total_entries = caps->total_entries;
	info.group_flags = FIELD_PREP(DSA_GRPFLAGS_READ_BUFS_ALLOWED, caps->read_buffers);
	return args_put(user, &info, sizeof(info));
}

static int device_ioctl_queue_up(struct dsa_sample_device *dev, struct file *file,
				 struct dsa_sample_queue_up __user *user)
{
	struct dsa_sample_queue_up args;
	struct dsa_sample_queue *q;
	struct file *queue;
	int ret, fd;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	ret = args_get(&args, sizeof(args), sizeof(args), user);
	if (ret)
		return ret;
	if (args.flags & ~DSA_SAMPLE_QUEUE_CLOEXEC)
		return -EINVAL;

	fd = get_unused_fd_flags(args.flags & DSA_SAMPLE_QUEUE_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;
	ret = dsa_sample_queue_up(dev, &args, &q);
	if (ret)
		goto put_fd;
	queue = anon_inode_getfile("[dsa-sample-queue]", &queue_fops, q, O_RDWR);
	if (IS_ERR(queue)) {
		ret = PTR_ERR(queue);
		dsa_sample_queue_release(q);
		goto put_fd;
	}
	nonseekable_open(file_inode(queue), queue);
	args.fd = fd;
	ret = args_put(user, &args, sizeof(args));
	if (ret)
		goto put_queue;
	fd_install(fd, queue);
	return 0;

put_queue:
	fput(queue);
put_fd:
	put_unused_fd(fd);
	return ret;
}

static int device_ioctl_configure(struct dsa_sample_device *dev, struct file *file,
				  struct dsa_sample_configure __user *user)
{
	struct dsa_sample_configure args;
	int ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	ret = args_get(&args, sizeof(args), sizeof(args), user);
	if (ret)
		return ret;
	if (args.flags)
		return -EINVAL;
	return dsa_sample_reconfigure(dev, &args) ? : args_put(user, &args, sizeof(args));
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct dsa_sample_device *dev = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case DSA_SAMPLE_INFO:
		return device_ioctl_info(dev, user);
	case DSA_SAMPLE_QUEUE_UP:
		return device_ioctl_queue_up(dev, file, user);
	case DSA_SAMPLE_CONFIGURE:
		return device_ioctl_configure(dev, file, user);
	default:
		return -ENOTTY;
	}
}

const struct file_operations dsa_sample_device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
