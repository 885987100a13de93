/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_FS_H
#define KAPI_LINUX_FS_H

struct module;
struct seq_file;

/* Of files that DEFINE_SHOW_ATTRIBUTE() makes. */
struct file_operations {
	struct module *owner;
	int (*show)(struct seq_file *seq, void *unused);
};

#endif /* KAPI_LINUX_FS_H */
