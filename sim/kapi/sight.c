// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel shows of itself: tracepoints and debugfs. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include <linux/debugfs.h>
#include <linux/tracepoint.h>

#include "../sim.h"
#include "fault.h"
#include "point.h"
#include "sight.h"

/* ---- Tracepoints ----------------------------------------------------------------- */

#define EVENTS_MAX 32
#define TEXT_MAX 256

static struct event {
	const char *name;
	unsigned long hits;
	char text[TEXT_MAX];
} events[EVENTS_MAX];
static unsigned int event_count;
static bool tracing;

static struct event *find_event(const char *name)
{
	unsigned int i;

	for (i = 0; i < event_count; i++)
		if (events[i].name == name || !strcmp(events[i].name, name))
			return &events[i];
	return NULL;
}

bool kapi_trace_hit(const char *name)
{
	struct event *event = find_event(name);

	if (!event && event_count < EVENTS_MAX) {
		event = &events[event_count++];
		event->name = name;
	}
	if (!event) {
		kapi_fault("more than %d tracepoints", EVENTS_MAX);
		return false;
	}
	event->hits++;
	return tracing;
}

void kapi_trace_text(const char *name, const char *format, ...)
{
	struct event *event = find_event(name);
	va_list ap;

	va_start(ap, format);
	vsnprintf(event->text, sizeof(event->text), format, ap);
	va_end(ap);
}

const char *kapi_trace_symbol(long value, const struct kapi_trace_symbol *symbols, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (symbols[i].value == value)
			return symbols[i].name;
	return "?";
}

void sim_trace(bool on)
{
	tracing = on;
}

unsigned long sim_trace_count(const char *name)
{
	struct event *event = find_event(name);

	return event ? event->hits : 0;
}

const char *sim_trace_text(const char *name)
{
	struct event *event = find_event(name);

	return event ? event->text : NULL;
}

void kapi_sight_reset(void)
{
	event_count = 0;
	memset(events, 0, sizeof(events));
	tracing = false;
}

/* ---- debugfs ------------------------------------------------------------------------ */

struct dentry {
	char name[64];
	struct dentry *parent;
	struct dentry *children;
	struct dentry *next;
	const struct file_operations *fops; /* NULL: a directory */
	void *data;
};

static struct dentry root;

static struct dentry *lookup(struct dentry *dir, const char *name, size_t length)
{
	struct dentry *d;

	for (d = dir->children; d; d = d->next)
		if (strlen(d->name) == length && !memcmp(d->name, name, length))
			return d;
	return NULL;
}

static struct dentry *create(const char *name, struct dentry *parent, void *data,
			     const struct file_operations *fops)
{
	struct dentry *dir = parent ? parent : &root;
	struct dentry *d;

	if (IS_ERR(dir))
		return dir;
	if (lookup(dir, name, strlen(name)))
		return ERR_PTR(-EEXIST);
	d = calloc(1, sizeof(*d));
	if (!d)
		return ERR_PTR(-ENOMEM);
	snprintf(d->name, sizeof(d->name), "%s", name);
	d->parent = dir;
	d->fops = fops;
	d->data = data;
	d->next = dir->children;
	dir->children = d;
	return d;
}

static struct dentry *create_point(const char *what, const char *name, struct dentry *parent,
				   void *data, const struct file_operations *fops)
{
	struct dentry *d;
	int ret;

	ret = kapi_enter(what, -ENOMEM);
	d = ret ? ERR_PTR(ret) : create(name, parent, data, fops);
	kapi_leave();
	return d;
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return create_point("debugfs_create_dir", name, parent, NULL, NULL);
}

struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *fops)
{
	return create_point("debugfs_create_file", name, parent, data, fops);
}

static void discard(struct dentry *d)
{
	struct dentry **link;

	while (d->children)
		discard(d->children);
	for (link = &d->parent->children; *link != d; link = &(*link)->next)
		;
	*link = d->next;
	free(d);
}

void kapi_debugfs_check_empty(void)
{
	while (root.children) {
		kapi_fault("%s is left in debugfs", root.children->name);
		discard(root.children);
	}
}

void debugfs_remove(struct dentry *dentry)
{
	kapi_enter("debugfs_remove", 0);
	if (!IS_ERR_OR_NULL(dentry))
		discard(dentry);
	kapi_leave();
}

void seq_printf(struct seq_file *seq, const char *format, ...)
{
	size_t left = seq->size - seq->length;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(seq->text + seq->length, left, format, ap);
	va_end(ap);
	seq->length += (size_t)n < left ? (size_t)n : left - 1;
}

static struct dentry *walk(const char *path)
{
	struct dentry *d = &root;

	while (d && *path) {
		size_t length = strcspn(path, "/");

		d = length ? lookup(d, path, length) : d;
		path += length + (path[length] == '/');
	}
	return d;
}

int sim_debugfs_read(const char *path, char *text, size_t size)
{
	struct dentry *d = walk(path);
	struct seq_file seq = { .text = text, .size = size };
	int ret;

	if (!d || !d->fops)
		return -ENOENT;
	text[0] = '\0';
	seq.private = d->data;
	ret = d->fops->show(&seq, NULL);
	return ret < 0 ? ret : (int)seq.length;
}
