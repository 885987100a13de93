// SPDX-License-Identifier: GPL-2.0-only
#include "fake_idxd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <accel-config/libaccel_config.h>
#include <check.h>

#include "machine_files.h"
#include "units.h"

#define DMATEST "/sys/module/dmatest/parameters/"
/* Those that do something when they are written. */
#define PARAMETERS 3

struct fake_idxd_plan fake_idxd_plan;
struct fake_idxd_state fake_idxd_state;

static char fake_root[64];

enum thread_state {
	THREAD_ABSENT,
	THREAD_PENDING,
	THREAD_RUNNING,
	THREAD_WAITING, /* for an interrupt that does not come */
	THREAD_ENDED,
};

/* dmatest's, one for each channel. Below kernel.lock, as all that is written of the others. */
static struct {
	enum thread_state state;
	uint64_t tests;
	uint64_t failures;
	uint64_t interrupts;
	uint64_t gives_up_ns;
} threads[FAKE_QUEUES];

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	/* The threads have done something. */
	pthread_cond_t turned;
	bool quit;
	int log_fd;
	/* What is in the file, and what the threads keep to. */
	uint64_t iterations;
	uint64_t limit;
	/* The files of the parameters. */
	struct stat files[PARAMETERS];
} kernel = { .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER };

/* ---- libaccel-config --------------------------------------------------------------- */

struct accfg_ctx {
	int unused;
};

struct accfg_device {
	unsigned int cmd_status;
};

struct accfg_wq {
	int id;
	char name[16];
	uint64_t size;
	enum accfg_wq_state state;
};

struct accfg_engine {
	int id;
};

static struct accfg_ctx fake_context;
static struct accfg_device fake_device;
static struct accfg_wq fake_queues[FAKE_QUEUES];
static struct accfg_engine fake_engines[4];

static int set(const char *attribute)
{
	return fake_idxd_plan.refuse && strcmp(fake_idxd_plan.refuse, attribute) == 0 ? -EPERM : 0;
}

int accfg_new(struct accfg_ctx **ctx)
{
	*ctx = &fake_context;
	return 0;
}

struct accfg_ctx *accfg_unref(struct accfg_ctx *ctx)
{
	(void)ctx;
	return NULL;
}

void accfg_set_log_fn(struct accfg_ctx *ctx,
		      void (*log_fn)(struct accfg_ctx *ctx, int priority, const char *file,
				     int line, const char *fn, const char *format, va_list args))
{
	(void)ctx;
	(void)log_fn;
}

struct accfg_device *accfg_device_get_first(struct accfg_ctx *ctx)
{
	(void)ctx;
	return &fake_device;
}

struct accfg_device *accfg_device_get_next(struct accfg_device *device)
{
	(void)device;
	return NULL;
}

const char *accfg_device_get_devname(struct accfg_device *device)
{
	(void)device;
	return "dsa0";
}

enum accfg_device_type accfg_device_get_type(struct accfg_device *device)
{
	(void)device;
	return ACCFG_DEVICE_DSA;
}

enum accfg_device_state accfg_device_get_state(struct accfg_device *device)
{
	(void)device;
	return fake_idxd_plan.enabled || fake_idxd_state.device_enabled ? ACCFG_DEVICE_ENABLED
									: ACCFG_DEVICE_DISABLED;
}

/* Only one number differs from device to device. */
#define DEVICE_HAS(type, function, value) \
	type function(struct accfg_device *device) \
	{ \
		(void)device; \
		return value; \
	}

DEVICE_HAS(unsigned int, accfg_device_get_version, 0x100)
DEVICE_HAS(unsigned int, accfg_device_get_max_work_queues, FAKE_QUEUES)
DEVICE_HAS(unsigned int, accfg_device_get_max_groups, 4)
DEVICE_HAS(unsigned int, accfg_device_get_max_engines, 4)
DEVICE_HAS(unsigned int, accfg_device_get_max_work_queues_size, 128)
DEVICE_HAS(uint64_t, accfg_device_get_max_transfer_size, 1 << 20)

unsigned int accfg_device_get_cmd_status(struct accfg_device *device)
{
	return device->cmd_status;
}

const char *accfg_device_get_cmd_status_str(struct accfg_device *device)
{
	return device->cmd_status ? "WQ Portal mapping error" : "Successful";
}

int accfg_device_enable(struct accfg_device *device)
{
	(void)device;
	if (set("device"))
		return -ENXIO;
	fake_idxd_state.device_enabled = true;
	return 0;
}

int accfg_device_disable(struct accfg_device *device, bool force)
{
	(void)device;
	(void)force;
	fake_idxd_state.device_enabled = false;
	/* It forgets. */
	for (int i = 0; i < FAKE_QUEUES; i++)
		fake_queues[i].size = 0;
	return 0;
}

struct accfg_engine *accfg_engine_get_first(struct accfg_device *device)
{
	(void)device;
	return &fake_engines[0];
}

struct accfg_engine *accfg_engine_get_next(struct accfg_engine *engine)
{
	return engine == &fake_engines[3] ? NULL : engine + 1;
}

int accfg_engine_get_id(struct accfg_engine *engine)
{
	return engine->id;
}

const char *accfg_engine_get_devname(struct accfg_engine *engine)
{
	(void)engine;
	return "engine0.0";
}

int accfg_engine_set_group_id(struct accfg_engine *engine, int value)
{
	static const int none[4];
	const bool given = memcmp(fake_idxd_plan.engine_groups, none, sizeof(none)) != 0;

	ck_assert_int_eq(value, given ? fake_idxd_plan.engine_groups[engine->id] : engine->id);
	return set("engine");
}

struct accfg_wq *accfg_wq_get_first(struct accfg_device *device)
{
	(void)device;
	return &fake_queues[0];
}

struct accfg_wq *accfg_wq_get_next(struct accfg_wq *wq)
{
	return wq == &fake_queues[FAKE_QUEUES - 1] ? NULL : wq + 1;
}

struct accfg_wq *accfg_device_wq_get_by_id(struct accfg_device *device, int id)
{
	(void)device;
	return id < FAKE_QUEUES ? &fake_queues[id] : NULL;
}

const char *accfg_wq_get_devname(struct accfg_wq *wq)
{
	return wq->name;
}

uint64_t accfg_wq_get_size(struct accfg_wq *wq)
{
	return wq->size;
}

enum accfg_wq_state accfg_wq_get_state(struct accfg_wq *wq)
{
	return wq->state;
}

/* Note it. */
static int set_text(const struct accfg_wq *wq, const char *attribute, const char *value)
{
	char *note = fake_idxd_state.set[wq->id];
	const size_t used = strlen(note);

	snprintf(note + used, sizeof(fake_idxd_state.set[0]) - used, "%s=%s ", attribute, value);
	return set(attribute);
}

static int set_number(const struct accfg_wq *wq, const char *attribute, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return set_text(wq, attribute, text);
}

#define SETS_TEXT(function, attribute) \
	int function(struct accfg_wq *wq, const char *value) \
	{ \
		return set_text(wq, attribute, value); \
	}

#define SETS_NUMBER(function, attribute) \
	int function(struct accfg_wq *wq, int value) \
	{ \
		return set_number(wq, attribute, (uint64_t)value); \
	}

SETS_TEXT(accfg_wq_set_str_mode, "mode")
SETS_TEXT(accfg_wq_set_str_type, "type")
SETS_TEXT(accfg_wq_set_str_name, "name")
SETS_TEXT(accfg_wq_set_str_driver_name, "driver_name")
SETS_NUMBER(accfg_wq_set_group_id, "group_id")
SETS_NUMBER(accfg_wq_set_threshold, "threshold")
SETS_NUMBER(accfg_wq_set_priority, "priority")
SETS_NUMBER(accfg_wq_set_block_on_fault, "block_on_fault")
SETS_NUMBER(accfg_wq_set_max_batch_size, "max_batch_size")
SETS_NUMBER(accfg_wq_set_ats_disable, "ats_disable")

int accfg_wq_set_size(struct accfg_wq *wq, int value)
{
	wq->size = (uint64_t)value;
	return set_number(wq, "size", (uint64_t)value);
}

int accfg_wq_set_max_transfer_size(struct accfg_wq *wq, uint64_t value)
{
	return set_number(wq, "max_transfer_size", value);
}

int accfg_wq_get_block_on_fault(struct accfg_wq *wq)
{
	(void)wq;
	return 0;
}

int accfg_wq_get_ats_disable(struct accfg_wq *wq)
{
	(void)wq;
	return 0;
}

/*
 * A queue that is up has still to reach what is planned for it. The queues after it come up when
 * that has happened, so that no run is over before it, however slow the machine.
 */
static bool fault_is_to_come(void)
{
	const unsigned int queue = fake_idxd_plan.fault_queue;

	if (!fake_idxd_plan.fault || threads[queue].state == THREAD_ABSENT ||
	    threads[queue].state == THREAD_ENDED)
		return false;
	return fake_idxd_plan.fault == FAKE_ENDS_EARLY ||
	       threads[queue].tests < fake_idxd_plan.fault_at;
}

int accfg_wq_enable(struct accfg_wq *wq)
{
	char path[256];

	if (fake_idxd_plan.enable_error && (unsigned int)wq->id == fake_idxd_plan.fault_queue) {
		fake_device.cmd_status = 0x80070000;
		return fake_idxd_plan.enable_error;
	}
	pthread_mutex_lock(&kernel.lock);
	while (fault_is_to_come())
		pthread_cond_wait(&kernel.turned, &kernel.lock);
	pthread_mutex_unlock(&kernel.lock);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/" FAKE_ADDRESS "/dma/dma0chan%d",
		 fake_root, wq->id);
	ck_assert_int_eq(mkdir(path, 0777), 0);
	wq->state = ACCFG_WQ_ENABLED;
	fake_idxd_state.queues_enabled++;
	return 0;
}

int accfg_wq_disable(struct accfg_wq *wq, bool force)
{
	ck_assert(!force);
	if (set("disable"))
		return -EBUSY;
	wq->state = ACCFG_WQ_DISABLED;
	fake_idxd_state.queues_enabled--;
	return 0;
}

/* ---- dmatest ------------------------------------------------------------------------ */

static const char *path_of(char path[256], const char *file)
{
	snprintf(path, 256, "%s%s", fake_root, file);
	return path;
}

static void write_interrupts(void)
{
	char path[256], new[256];
	FILE *file;

	file = fopen(path_of(new, "/proc/interrupts.new"), "we");
	ck_assert_ptr_nonnull(file);
	fputs("           CPU0       CPU1\n", file);
	for (int i = 0; i <= FAKE_QUEUES; i++)
		fprintf(file, "%3d: %10" PRIu64 " %10d  PCI-MSI  %d-edge  idxd-portal\n", 30 + i,
			i ? threads[i - 1].interrupts : 5, 100, i);
	fclose(file);
	ck_assert_int_eq(rename(new, path_of(path, "/proc/interrupts")), 0);
}

static void say(int queue, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The interrupts before it have been counted: a message is not to be known before they are. */
static void say(int queue, const char *format, ...)
{
	char record[256];
	va_list arguments;
	int used = snprintf(record, sizeof(record), "6,1,%" PRIu64 ",-;dmatest: dma0chan%d-copy0: ",
			    units_now_ns() / NSEC_PER_USEC, queue);

	va_start(arguments, format);
	vsnprintf(record + used, sizeof(record) - (size_t)used, format, arguments);
	va_end(arguments);
	write_interrupts();
	ck_assert_int_gt(send(kernel.log_fd, record, strlen(record), 0), 0);
}

static bool anybody(enum thread_state state)
{
	for (int i = 0; i < FAKE_QUEUES; i++)
		if (threads[i].state == state)
			return true;
	return false;
}

static void take_iterations(const char *text)
{
	kernel.iterations = strtoull(text, NULL, 10);
}

/* As the kernel's: what is written is taken over when a channel is. */
static void take_channel(const char *text)
{
	unsigned int queue;

	if (sscanf(text, "dma0chan%u", &queue) != 1 || queue >= FAKE_QUEUES)
		return;
	kernel.limit = kernel.iterations;
	if (threads[queue].state == THREAD_ABSENT)
		threads[queue].state = THREAD_PENDING;
}

static void take_run(const char *text)
{
	if (text[0] == '1') {
		for (int i = 0; i < FAKE_QUEUES; i++)
			if (threads[i].state == THREAD_PENDING)
				threads[i].state = THREAD_RUNNING;
	} else if (text[0] == '0') {
		fake_idxd_state.stopped_at_work |=
			anybody(THREAD_RUNNING) || anybody(THREAD_WAITING);
		fake_idxd_state.released = true;
	}
}

static const struct {
	const char *file;
	void (*take)(const char *text);
} parameters[PARAMETERS] = {
	{ DMATEST "iterations", take_iterations },
	{ DMATEST "channel", take_channel },
	{ DMATEST "run", take_run },
};

static void take_parameter(int fd, const void *text, size_t length)
{
	struct stat status;
	char line[64];

	if (fstat(fd, &status))
		return;
	snprintf(line, sizeof(line), "%.*s", (int)length, (const char *)text);
	for (int i = 0; i < PARAMETERS; i++) {
		if (status.st_dev != kernel.files[i].st_dev ||
		    status.st_ino != kernel.files[i].st_ino)
			continue;
		pthread_mutex_lock(&kernel.lock);
		parameters[i].take(line);
		pthread_mutex_unlock(&kernel.lock);
	}
}

/*
 * The linker has every write() of the program come here. A write to a parameter returns when the
 * kernel has acted on it, so the next one cannot undo it.
 */
ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);

ssize_t __wrap_write(int fd, const void *data, size_t length)
{
	const ssize_t written = __real_write(fd, data, length);

	if (written > 0)
		take_parameter(fd, data, (size_t)written);
	return written;
}

static void test_begins(int i)
{
	const bool hit = fake_idxd_plan.fault && (unsigned int)i == fake_idxd_plan.fault_queue &&
			 threads[i].tests + 1 >= fake_idxd_plan.fault_at;
	const bool once = hit && threads[i].tests + 1 == fake_idxd_plan.fault_at;

	threads[i].tests++;
	if ((hit && fake_idxd_plan.fault == FAKE_DEAD_VECTOR) ||
	    (once && (fake_idxd_plan.fault == FAKE_LOST_INTERRUPT ||
		      fake_idxd_plan.fault == FAKE_LATE_INTERRUPT))) {
		threads[i].state = THREAD_WAITING;
		threads[i].gives_up_ns = units_now_ns() + fake_idxd_plan.timeout_ms * NSEC_PER_MSEC;
		return;
	}
	if (once && fake_idxd_plan.fault == FAKE_NOT_SUBMITTED) {
		threads[i].failures++;
		say(i, "result #%" PRIu64 ": 'prep error' with src_off=0x0", threads[i].tests);
		return;
	}
	threads[i].interrupts++;
	if (once && fake_idxd_plan.fault == FAKE_WRONG_DATA) {
		threads[i].failures++;
		say(i, "result #%" PRIu64 ": 'data error' with src_off=0x0", threads[i].tests);
	}
}

static void test_given_up(int i)
{
	threads[i].failures++;
	threads[i].state = THREAD_RUNNING;
	threads[i].interrupts += fake_idxd_plan.fault == FAKE_LATE_INTERRUPT;
	say(i, "result #%" PRIu64 ": 'test timed out' with src_off=0x0", threads[i].tests);
}

static bool has_to_end(int i)
{
	if ((unsigned int)i == fake_idxd_plan.fault_queue && fake_idxd_plan.fault == FAKE_ENDLESS)
		return false;
	if ((unsigned int)i == fake_idxd_plan.fault_queue &&
	    fake_idxd_plan.fault == FAKE_ENDS_EARLY && threads[i].tests >= fake_idxd_plan.fault_at)
		return true;
	return kernel.limit && threads[i].tests >= kernel.limit;
}

static void thread_runs(int i)
{
	if (threads[i].state == THREAD_WAITING && units_now_ns() >= threads[i].gives_up_ns)
		test_given_up(i);
	if (threads[i].state != THREAD_RUNNING)
		return;
	if (has_to_end(i)) {
		threads[i].state = THREAD_ENDED;
		say(i, "summary %" PRIu64 " tests, %" PRIu64 " failures 1.00 iops 1 KB/s (0)",
		    threads[i].tests, threads[i].failures);
		return;
	}
	test_begins(i);
}

static void *kernel_thread(void *argument)
{
	const struct timespec turn = { .tv_nsec = NSEC_PER_MSEC };

	pthread_mutex_lock(&kernel.lock);
	while (!kernel.quit) {
		for (int i = 0; i < FAKE_QUEUES; i++)
			thread_runs(i);
		write_interrupts();
		pthread_cond_broadcast(&kernel.turned);
		pthread_mutex_unlock(&kernel.lock);
		nanosleep(&turn, NULL);
		pthread_mutex_lock(&kernel.lock);
	}
	pthread_mutex_unlock(&kernel.lock);
	return argument;
}

/* ---- The machine ---------------------------------------------------------------------- */

void fake_idxd_begin(struct doctor_machine *machine, char root[64], struct kernel_log *log)
{
	static const struct machine_file files[] = {
		{ "/sys/devices/pci0000:00/" FAKE_ADDRESS "/dsa0/state", "disabled\n" },
		{ "/sys/devices/pci0000:00/" FAKE_ADDRESS "/dma", MACHINE_DIRECTORY },
		{ "/sys/bus/dsa/devices/dsa0",
		  MACHINE_LINK("../../../devices/pci0000:00/" FAKE_ADDRESS "/dsa0") },
		{ "/sys/bus/pci/devices/" FAKE_ADDRESS,
		  MACHINE_LINK("../../../devices/pci0000:00/" FAKE_ADDRESS) },
		{ "/sys/bus/pci/drivers/idxd/bind", "" },
		{ "/sys/bus/pci/drivers/idxd/unbind", "" },
		{ "/proc/interrupts", "" },
		{ DMATEST "run", "N\n" },
		{ DMATEST "channel", "\n" },
		{ DMATEST "iterations", "0\n" },
		{ DMATEST "timeout", "3000\n" },
		{ DMATEST "threads_per_chan", "1\n" },
		{ DMATEST "test_buf_size", "16384\n" },
		{ DMATEST "noverify", "N\n" },
		{ DMATEST "device", "\n" },
		{ DMATEST "max_channels", "0\n" },
		{ NULL, NULL },
	};
	struct machine_file irqs[FAKE_QUEUES + 2] = { 0 };
	char names[FAKE_QUEUES + 1][96];
	char path[256];
	int ends[2];

	snprintf(root, 64, "/tmp/test_idxd_run.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(fake_root, sizeof(fake_root), "%s", root);
	machine_files_make(root, files);
	for (int i = 0; i <= FAKE_QUEUES; i++) {
		snprintf(names[i], sizeof(names[i]),
			 "/sys/devices/pci0000:00/" FAKE_ADDRESS "/msi_irqs/%d", 30 + i);
		irqs[i] = (struct machine_file){ names[i], "msix\n" };
	}
	machine_files_make(root, irqs);

	memset(threads, 0, sizeof(threads));
	kernel.quit = false;
	kernel.iterations = 0;
	kernel.limit = 0;
	memset(&fake_device, 0, sizeof(fake_device));
	fake_idxd_state = (struct fake_idxd_state){ 0 };
	for (int i = 0; i < FAKE_QUEUES; i++) {
		fake_queues[i] = (struct accfg_wq){ .id = i };
		snprintf(fake_queues[i].name, sizeof(fake_queues[i].name), "wq0.%d", i);
	}
	for (int i = 0; i < 4; i++)
		fake_engines[i].id = i;
	fake_queues[2].size = fake_idxd_plan.configured ? 16 : 0;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	*log = (struct kernel_log){ .fd = ends[0] };
	kernel.log_fd = ends[1];
	for (int i = 0; i < PARAMETERS; i++)
		ck_assert_int_eq(stat(path_of(path, parameters[i].file), &kernel.files[i]), 0);
	write_interrupts();
	ck_assert_int_eq(pthread_create(&kernel.thread, NULL, kernel_thread, NULL), 0);
	*machine = (struct doctor_machine){ .root = root };
}

void fake_idxd_end(const char *root, struct kernel_log *log)
{
	pthread_mutex_lock(&kernel.lock);
	kernel.quit = true;
	pthread_mutex_unlock(&kernel.lock);
	pthread_join(kernel.thread, NULL);
	/* Another file may get their numbers. */
	memset(kernel.files, 0, sizeof(kernel.files));
	close(kernel.log_fd);
	kernel_log_close(log);
	machine_files_remove(root);
}
