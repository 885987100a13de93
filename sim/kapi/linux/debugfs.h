/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: debugfs (kapi/sight.c). */
#ifndef KAPI_LINUX_DEBUGFS_H
#define KAPI_LINUX_DEBUGFS_H

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/types.h>

struct dentry;
typedef unsigned short umode_t;

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *fops);
void debugfs_remove(struct dentry *dentry);
#define debugfs_remove_recursive debugfs_remove

#endif /* KAPI_LINUX_DEBUGFS_H */
