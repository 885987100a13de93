/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: files made of text (kapi/sight.c). */
#ifndef KAPI_LINUX_SEQ_FILE_H
#define KAPI_LINUX_SEQ_FILE_H

#include <linux/fs.h>
#include <linux/kernel.h>

/**
 * struct seq_file - a file that is being read
 * @private: data of the file
 * @text: what has been printed, @length of @size bytes
 */
struct seq_file {
	void *private;
	char *text;
	size_t size;
	size_t length;
};

void seq_printf(struct seq_file *seq, const char *format, ...) __printf(2, 3);

static inline void seq_puts(struct seq_file *seq, const char *text)
{
	seq_printf(seq, "%s", text);
}

static inline void seq_putc(struct seq_file *seq, char c)
{
	seq_printf(seq, "%c", c);
}

#define DEFINE_SHOW_ATTRIBUTE(name)						\
	static const struct file_operations name##_fops = {			\
		.show = name##_show,						\
	}

#endif /* KAPI_LINUX_SEQ_FILE_H */
