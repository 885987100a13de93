// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device in software costs, each figure beside a yardstick taken in turn with it
 * in the same run. README.md says what is in the results. Nothing is asserted.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <linux/idxd.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include <dsa/profile.h>

#include "dma_map.h"
#include "protocol.h"
#include "server.h"
#include "../unit/send_fds.h"

#define PAGE 4096ULL
#define ROUNDS_MAX 64
#define WQ_SIZE 128
#define MOVE_SIZE (1 << 20)
#define FILE_PAGES 1024ULL

static unsigned int rounds = 7;
static double scale = 1;
/* Processors this program may use. */
static cpu_set_t allowed;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench-model: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* How many repetitions make up a round. */
static uint64_t repeat(uint64_t count)
{
	count *= scale;
	return count ? count : 1;
}

/* ---- Figures ------------------------------------------------------------------------- */

/**
 * struct series - one number a round
 */
struct series {
	double value[ROUNDS_MAX];
	unsigned int count;
};

static void add(struct series *series, double value)
{
	series->value[series->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const struct series *series, unsigned int numerator, unsigned int of)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, series->value, series->count * sizeof(sorted[0]));
	qsort(sorted, series->count, sizeof(sorted[0]), compare);
	return sorted[(series->count - 1) * numerator / of];
}

static double median(const struct series *series)
{
	return quantile(series, 1, 2);
}

/* By how much the middle half of the rounds differ. */
static double noise(const struct series *series)
{
	return quantile(series, 3, 4) - quantile(series, 1, 4);
}

static struct json_object *figure(const struct series *series)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "value", json_object_new_double(median(series)));
	json_object_object_add(object, "noise", json_object_new_double(noise(series)));
	return object;
}

/* @ours / @yardstick, round by round. */
static struct series ratio(const struct series *ours, const struct series *yardstick)
{
	struct series series = { .count = 0 };
	unsigned int i;

	for (i = 0; i < ours->count; i++)
		add(&series, ours->value[i] / yardstick->value[i]);
	return series;
}

/* ---- Where threads run -------------------------------------------------------------------- */

/* Only there from now on; elsewhere again with -1. */
static void run_on(pthread_t thread, int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (processor >= 0)
		CPU_SET(processor, &set);
	else
		set = allowed;
	must(!pthread_setaffinity_np(thread, sizeof(set), &set), "pthread_setaffinity_np");
}

/* The @n-th processor that this program may use; the last one if there are fewer. */
static int nth_processor(unsigned int n)
{
	int processor, found = -1;

	for (processor = 0; processor < CPU_SETSIZE; processor++) {
		if (!CPU_ISSET(processor, &allowed))
			continue;
		found = processor;
		if (!n--)
			break;
	}
	return found;
}

/* ---- Memory and a device in this process ------------------------------------------------- */

static struct dma_map *map;
static int trigger;

static int host_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	(void)host;
	return dma_map_read(map, iova, buf, len, done);
}

static int host_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	(void)host;
	return dma_map_write(map, iova, buf, len, done);
}

static int host_copy(void *host, uint64_t dst, uint64_t src, size_t len, size_t *done,
		     bool *write_fault)
{
	(void)host;
	return dma_map_copy(map, dst, src, len, done, write_fault);
}

static int host_signal(void *host, unsigned int vector)
{
	(void)host;
	(void)vector;
	return eventfd_write(trigger, 1) ? -errno : 1;
}

static const struct dsa_host_ops host_ops = {
	.dma_read = host_read,
	.dma_write = host_write,
	.dma_copy = host_copy,
	.signal = host_signal,
};

static int memory_file(uint64_t size)
{
	int fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	must(fd >= 0 && !ftruncate(fd, size) && !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), "memfd");
	return fd;
}

static void put(struct dsa_device *dev, uint64_t offset, uint64_t value, size_t len)
{
	must(!dsa_bar_write(dev, 0, offset, &value, len), "register");
}

static void command(struct dsa_device *dev, uint32_t code)
{
	uint32_t status;

	put(dev, DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, code), 4);
	must(!dsa_bar_read(dev, 0, DSA_REG_CMDSTATUS, &status, 4) && !status, "command");
}

/* Queue 0 with all entries, and one engine. */
static struct dsa_device *bring_up(void)
{
	static const struct dsa_device_params params = { .profile = "spr" };
	struct dsa_device *dev = dsa_device_create(&params, &host_ops, NULL);
	uint16_t pci = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t msix = DSA_MSIX_CONTROL_ENABLE;

	must(dev, "device");
	must(!dsa_config_write(dev, PCI_COMMAND, &pci, 2), "PCI command");
	must(!dsa_config_write(dev, DSA_MSIX_CONTROL_OFFSET, &msix, 2), "MSI-X");
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_SIZE, WQ_SIZE, 4);
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_MODE,
	    DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1), 4);
	put(dev, DSA_SPR_WQCFG + 4 * DSA_WQCFG_LIMITS,
	    FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, 21) | FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, 5),
	    4);
	put(dev, DSA_SPR_GRPCFG + DSA_GRPCFG_WQS, 1, 8);
	put(dev, DSA_SPR_GRPCFG + DSA_GRPCFG_ENGINES, 1, 8);
	command(dev, DSA_COMMAND_ENABLE_DEVICE);
	command(dev, DSA_COMMAND_ENABLE_WQ);
	return dev;
}

/*
 * Submit @count times, by halves of the queue; the last of a half interrupts. So one half
 * is filled while the other is worked on, and whoever waits sleeps.
 */
static double run_descriptors(struct dsa_device *dev, const struct dsa_hw_desc *desc,
			      uint64_t count)
{
	struct dsa_hw_desc last = *desc;
	uint64_t sent = 0, under_way = 0, half;
	double start = now();
	eventfd_t value;

	last.flags |= IDXD_OP_FLAG_RCI;
	last.int_handle = 1;
	while (sent < count || under_way) {
		if (under_way == 2 || sent == count) {
			must(!eventfd_read(trigger, &value), "eventfd");
			under_way -= value;
			continue;
		}
		for (half = 1; half < WQ_SIZE / 2 && sent + 1 < count; half++, sent++)
			dsa_bar_write(dev, 2, DSA_PORTAL_LIMITED, desc, sizeof(*desc));
		dsa_bar_write(dev, 2, DSA_PORTAL_LIMITED, &last, sizeof(last));
		sent++;
		under_way++;
	}
	return now() - start;
}

/* ---- NOOP: descriptors a second, beside stores to a portal that takes none ------------------ */

static void measure_noop(struct json_object *result, struct json_object *all)
{
	static const struct dsa_hw_desc noop = { .opcode = DSA_OPCODE_NOOP };
	struct series ours = { .count = 0 }, batched = { .count = 0 }, stores = { .count = 0 };
	uint64_t count = repeat(400000), i;
	struct dsa_device *dev;
	unsigned int round;

	/* Engines stay where their maker was: each side has a processor of its own. */
	run_on(pthread_self(), nth_processor(1));
	dev = bring_up();
	run_on(pthread_self(), nth_processor(0));
	for (round = 0; round < rounds; round++) {
		double start;

		add(&ours, count / run_descriptors(dev, &noop, count));
		start = now();
		for (i = 0; i < count; i++)
			dsa_bar_write(dev, 2, DSA_PORTAL_STRIDE, &noop, sizeof(noop));
		add(&stores, count / (now() - start));
	}
	/* In batches of 32, from memory that is zero: no-ops without a record. */
	for (round = 0; round < rounds; round++) {
		struct dsa_hw_desc batch = { .opcode = DSA_OPCODE_BATCH,
					     .desc_list_addr = 0,
					     .desc_count = 32 };

		add(&batched, count / run_descriptors(dev, &batch, (count + 31) / 32));
	}
	dsa_device_destroy(dev);
	run_on(pthread_self(), -1);
	json_object_object_add(result, "noop_per_second", json_object_new_double(median(&ours)));
	json_object_object_add(all, "noop_per_second", figure(&ours));
	json_object_object_add(all, "noop_batched_per_second", figure(&batched));
	json_object_object_add(all, "refused_portal_stores_per_second", figure(&stores));
}

/* ---- MEMMOVE, beside memcpy() on the same buffers --------------------------------------------- */

static void measure_move(struct json_object *result, struct json_object *all, int fd)
{
	static const uint32_t sizes[] = { 4096, 65536, MOVE_SIZE };
	uint8_t *view = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct dsa_device *dev = bring_up();
	struct series share = { .count = 0 };
	unsigned int round, s;
	uint64_t i;

	must(view != MAP_FAILED, "mmap");
	memset(view, 1, 2 * MOVE_SIZE);
	for (s = 0; s < 3; s++) {
		struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_MEMMOVE,
					    .src_addr = 0,
					    .dst_addr = MOVE_SIZE,
					    .xfer_size = sizes[s] };
		struct series device = { .count = 0 }, copy = { .count = 0 };
		uint64_t count = repeat(600ULL * MOVE_SIZE / (sizes[s] + 65536));
		char name[64];

		for (round = 0; round < rounds; round++) {
			double start = now();

			for (i = 0; i < count; i++) {
				memcpy(view + MOVE_SIZE, view, sizes[s]);
				/* Or the compiler would do it once. */
				__asm__ volatile("" : : "r"(view) : "memory");
			}
			add(&copy, count * (double)sizes[s] / (now() - start));
			add(&device, count * (double)sizes[s] /
				     run_descriptors(dev, &desc, count));
		}
		share = ratio(&device, &copy);
		snprintf(name, sizeof(name), "memmove_%u_bytes_per_second", sizes[s]);
		json_object_object_add(all, name, figure(&device));
		snprintf(name, sizeof(name), "memcpy_%u_bytes_per_second", sizes[s]);
		json_object_object_add(all, name, figure(&copy));
		snprintf(name, sizeof(name), "memmove_ratio_%u", sizes[s]);
		json_object_object_add(all, name, figure(&share));
	}
	dsa_device_destroy(dev);
	munmap(view, FILE_PAGES * PAGE);
	json_object_object_add(result, "memmove_ratio", json_object_new_double(median(&share)));
}

/* ---- Time to interrupt, beside a bare eventfd between two threads -------------------------------- */

static int ask_fd;

static void *echo_events(void *arg)
{
	eventfd_t value;

	(void)arg;
	while (!eventfd_read(ask_fd, &value) && value == 1)
		eventfd_write(trigger, 1);
	return NULL;
}

static void wait_for_trigger(void)
{
	eventfd_t value;

	must(!eventfd_read(trigger, &value), "eventfd");
}

static void measure_interrupt(struct json_object *all)
{
	static const struct dsa_hw_desc desc = { .opcode = DSA_OPCODE_NOOP,
						 .flags = IDXD_OP_FLAG_RCI,
						 .int_handle = 1 };
	struct series device = { .count = 0 }, bare = { .count = 0 }, share;
	struct dsa_device *dev = bring_up();
	uint64_t count = repeat(5000), i;
	unsigned int round;
	pthread_t thread;

	ask_fd = eventfd(0, EFD_CLOEXEC);
	must(ask_fd >= 0 && !pthread_create(&thread, NULL, echo_events, NULL), "thread");
	for (round = 0; round < rounds; round++) {
		double start = now();

		for (i = 0; i < count; i++) {
			dsa_bar_write(dev, 2, DSA_PORTAL_LIMITED, &desc, sizeof(desc));
			wait_for_trigger();
		}
		add(&device, (now() - start) / count * 1e9);
		start = now();
		for (i = 0; i < count; i++) {
			eventfd_write(ask_fd, 1);
			wait_for_trigger();
		}
		add(&bare, (now() - start) / count * 1e9);
	}
	eventfd_write(ask_fd, 2);
	pthread_join(thread, NULL);
	close(ask_fd);
	dsa_device_destroy(dev);
	share = ratio(&device, &bare);
	json_object_object_add(all, "interrupt_ns", figure(&device));
	json_object_object_add(all, "eventfd_ns", figure(&bare));
	json_object_object_add(all, "interrupt_ratio", figure(&share));
}

/* ---- The socket: a register read, beside as many bytes back and forth ------------------------------- */

struct read_request {
	struct vfu_header header;
	struct vfu_region_access access;
};

struct read_reply {
	struct vfu_header header;
	struct vfu_region_access access;
	uint32_t value;
} __attribute__((packed));

static void exchange(int sock, void *request, size_t size, void *reply, size_t reply_size)
{
	must(send(sock, request, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
	must(recv(sock, reply, reply_size, MSG_WAITALL) == (ssize_t)reply_size, "recv");
}

/* The least a server can do. */
static void *echo_messages(void *arg)
{
	struct read_reply reply = { .header = { .size = sizeof(reply) } };
	struct read_request request;
	int sock = *(int *)arg;

	while (recv(sock, &request, sizeof(request), MSG_WAITALL) == sizeof(request))
		must(send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) == sizeof(reply), "send");
	return NULL;
}

static void *serve(void *arg)
{
	must(!server_run(arg, -1), "server");
	return NULL;
}

static int start_server(struct server **server, pthread_t *thread, uint64_t max_maps)
{
	const struct server_params params = {
		.device = { .profile = "spr" },
		.limits = { .max_maps = max_maps, .max_memory = 1ULL << 40 },
		.stall_seconds = 1000,
	};
	struct {
		struct vfu_header header;
		struct vfu_version version;
	} hello = { .header = { .command = VFU_VERSION, .size = sizeof(hello) } }, answer;
	int pair[2];

	*server = server_create(&params);
	must(*server, "server");
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	must(!server_adopt(*server, pair[1]), "server");
	must(!pthread_create(thread, NULL, serve, *server), "thread");
	exchange(pair[0], &hello, sizeof(hello), &answer, sizeof(answer));
	return pair[0];
}

static void stop_server(struct server *server, pthread_t thread, int sock)
{
	close(sock);
	server_stop(server);
	pthread_join(thread, NULL);
	server_destroy(server);
}

static double round_trips(int sock, uint64_t count)
{
	struct read_request request = {
		.header = { .command = VFU_REGION_READ, .size = sizeof(request) },
		.access = { .offset = DSA_REG_GENCAP, .count = 4 },
	};
	struct read_reply reply;
	double start = now();
	uint64_t i;

	for (i = 0; i < count; i++)
		exchange(sock, &request, sizeof(request), &reply, sizeof(reply));
	return (now() - start) / count * 1e9;
}

/*
 * Where two threads run makes more of a difference than what they do, and where that is
 * left to chance, it differs from round to round: so both servers are put to one place.
 */
static struct series measure_read_on(struct json_object *all, const char *where, int processor)
{
	struct series device = { .count = 0 }, bare = { .count = 0 }, share;
	pthread_t server_thread, echo_thread;
	uint64_t count = repeat(5000);
	struct server *server;
	unsigned int round;
	int sock, pair[2];
	char name[64];

	sock = start_server(&server, &server_thread, 1);
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	must(!pthread_create(&echo_thread, NULL, echo_messages, &pair[1]), "thread");
	run_on(pthread_self(), nth_processor(0));
	run_on(server_thread, processor);
	run_on(echo_thread, processor);
	for (round = 0; round < rounds; round++) {
		add(&device, round_trips(sock, count));
		add(&bare, round_trips(pair[0], count));
	}
	run_on(pthread_self(), -1);
	close(pair[0]);
	pthread_join(echo_thread, NULL);
	close(pair[1]);
	stop_server(server, server_thread, sock);
	share = ratio(&device, &bare);
	snprintf(name, sizeof(name), "mmio_read_ratio%s", where);
	json_object_object_add(all, name, figure(&share));
	snprintf(name, sizeof(name), "mmio_read_ns%s", where);
	json_object_object_add(all, name, figure(&device));
	snprintf(name, sizeof(name), "ping_pong_ns%s", where);
	json_object_object_add(all, name, figure(&bare));
	return share;
}

static void measure_read(struct json_object *result, struct json_object *all)
{
	struct series share = measure_read_on(all, "", nth_processor(1));

	json_object_object_add(result, "mmio_read_ratio", json_object_new_double(median(&share)));
	measure_read_on(all, "_one_processor", nth_processor(0));
}

/* ---- A million mappings -------------------------------------------------------------------------------- */

static struct dma_range nth_range(uint64_t n, int fd)
{
	return (struct dma_range){
		.iova = n * 2 * PAGE,
		.size = PAGE,
		.prot = DMA_PROT_READ | DMA_PROT_WRITE,
		.fd = fd,
		.offset = n % FILE_PAGES * PAGE,
	};
}

/* Anywhere, by a full-period generator. */
static uint64_t next_page(uint64_t *state, uint64_t count)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 33) % count;
}

static double look_up(uint64_t maps, uint64_t count)
{
	uint64_t state = 1, i, value;
	double start = now();

	for (i = 0; i < count; i++)
		must(!dma_map_read(map, next_page(&state, maps) * 2 * PAGE, &value, sizeof(value),
				   NULL), "look-up");
	return (now() - start) / count * 1e9;
}

static void measure_maps(struct json_object *result, struct json_object *all, int fd)
{
	const struct dma_limits limits = { .max_maps = UINT64_MAX, .max_memory = 1ULL << 40 };
	struct series many = { .count = 0 }, one = { .count = 0 };
	struct dma_map *saved = map;
	uint64_t maps = repeat(1000000), count = repeat(1000000), i;
	struct mallinfo2 before, after;
	struct json_object *bytes = NULL;
	struct dma_range range;
	unsigned int round;
	const char *why;
	double start;

	map = dma_map_create(&limits);
	must(map, "dma_map_create");
	before = mallinfo2();
	start = now();
	for (i = 0; i < maps; i++) {
		range = nth_range(i, fd);
		must(!dma_map_add(map, &range, &why), "dma_map_add");
	}
	json_object_object_add(all, "map_ns",
			       json_object_new_double((now() - start) / maps * 1e9));
	after = mallinfo2();
	/* A sanitizer's allocator does not say; then it is null. */
	if (after.uordblks > before.uordblks)
		bytes = json_object_new_double((double)(after.uordblks - before.uordblks) / maps);
	json_object_object_add(result, "bytes_per_map", bytes);
	for (round = 0; round < rounds; round++) {
		add(&many, look_up(maps, count));
		add(&one, look_up(1, count));
	}
	start = now();
	dma_map_clear(map);
	json_object_object_add(all, "unmap_all_seconds", json_object_new_double(now() - start));
	json_object_object_add(all, "maps", json_object_new_int64(maps));
	json_object_object_add(result, "map_lookup_ns", json_object_new_double(median(&many)));
	json_object_object_add(all, "map_lookup_ns", figure(&many));
	json_object_object_add(all, "map_lookup_of_one_ns", figure(&one));
	dma_map_destroy(map);
	map = saved;
}

/* One request with a descriptor beside it. */
static void send_map(int sock, const struct dma_range *range)
{
	struct {
		struct vfu_header header;
		struct vfu_dma_map map;
	} request = {
		.header = { .command = VFU_DMA_MAP, .size = sizeof(request) },
		.map = { .argsz = sizeof(request.map),
			 .flags = 3,
			 .offset = range->offset,
			 .address = range->iova,
			 .size = range->size },
	};
	struct iovec iov = { .iov_base = &request, .iov_len = sizeof(request) };

	must(send_fds(sock, &iov, 1, &range->fd, 1, MSG_NOSIGNAL) == sizeof(request), "sendmsg");
}

/* The same as a client: each map is a message, and all go with one. */
static void measure_map_messages(struct json_object *all, int fd)
{
	struct {
		struct vfu_header header;
		struct vfu_dma_unmap unmap;
	} unmap = {
		.header = { .command = VFU_DMA_UNMAP, .size = sizeof(unmap) },
		.unmap = { .argsz = sizeof(unmap.unmap), .flags = VFU_DMA_UNMAP_ALL },
	}, unmapped;
	uint64_t maps = repeat(1000000), i;
	double start, begin, worst = 0;
	struct vfu_header reply;
	struct server *server;
	pthread_t thread;
	int sock;

	sock = start_server(&server, &thread, maps);
	begin = now();
	for (i = 0; i < maps; i++) {
		struct dma_range range = nth_range(i, fd);

		start = now();
		send_map(sock, &range);
		must(recv(sock, &reply, sizeof(reply), MSG_WAITALL) == sizeof(reply) &&
		     reply.flags == VFU_TYPE_REPLY, "DMA_MAP");
		if (now() - start > worst)
			worst = now() - start;
	}
	json_object_object_add(all, "map_message_ns",
			       json_object_new_double((now() - begin) / maps * 1e9));
	json_object_object_add(all, "map_message_worst_seconds", json_object_new_double(worst));
	start = now();
	exchange(sock, &unmap, sizeof(unmap), &unmapped, sizeof(unmapped));
	must(unmapped.header.flags == VFU_TYPE_REPLY, "DMA_UNMAP");
	json_object_object_add(all, "unmap_all_message_seconds",
			       json_object_new_double(now() - start));
	stop_server(server, thread, sock);
}

/* ---- main ------------------------------------------------------------------------------------------------ */

static const char usage[] =
	"Usage: %s [OPTION]...\n"
	"Measures the device model, and writes what it found as JSON.\n"
	"\n"
	"  -o, --out FILE   write there instead of to standard output\n"
	"  -r, --rounds N   of each measurement, 3 to 64 (default 7)\n"
	"  -q, --quick      a hundredth of the work: to try the program, not the device\n"
	"  -h, --help       this text\n";

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "bench-model: %s %s; see --help\n", what, value);
	return 2;
}

static int measure(const char *path)
{
	const struct dma_limits limits = { .max_maps = 1000, .max_memory = 1 << 30 };
	struct json_object *result = json_object_new_object();
	struct json_object *all = json_object_new_object();
	struct dma_range range = { .size = FILE_PAGES * PAGE,
				   .prot = DMA_PROT_READ | DMA_PROT_WRITE };
	const char *why, *text;
	FILE *out = stdout;
	bool written;

	if (path)
		out = fopen(path, "w");
	if (!out) {
		fprintf(stderr, "bench-model: cannot write %s: %s\n", path, strerror(errno));
		return 1;
	}
	must(!sched_getaffinity(0, sizeof(allowed), &allowed), "sched_getaffinity");
	range.fd = memory_file(range.size);
	map = dma_map_create(&limits);
	trigger = eventfd(0, EFD_CLOEXEC);
	must(map && trigger >= 0 && !dma_map_add(map, &range, &why), "memory");
	fprintf(stderr, "bench-model: no-ops\n");
	measure_noop(result, all);
	fprintf(stderr, "bench-model: moves\n");
	measure_move(result, all, range.fd);
	fprintf(stderr, "bench-model: interrupts\n");
	measure_interrupt(all);
	fprintf(stderr, "bench-model: register reads\n");
	measure_read(result, all);
	fprintf(stderr, "bench-model: mappings\n");
	measure_maps(result, all, range.fd);
	measure_map_messages(all, range.fd);
	dma_map_destroy(map);
	close(range.fd);
	close(trigger);

	json_object_object_add(result, "figures", all);
	json_object_object_add(result, "rounds", json_object_new_int(rounds));
	json_object_object_add(result, "command", json_object_new_string("bench-model"));
	json_object_object_add(result, "processors",
			       json_object_new_int(sysconf(_SC_NPROCESSORS_ONLN)));
	text = json_object_to_json_string_ext(result, JSON_C_TO_STRING_PRETTY);
	written = fprintf(out, "%s\n", text) > 0 && !fflush(out);
	if (path && fclose(out))
		written = false;
	json_object_put(result);
	if (!written)
		fprintf(stderr, "bench-model: cannot write the results: %s\n", strerror(errno));
	return written ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "quick", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = NULL;
	char *end;
	int option;

	while ((option = getopt_long(argc, argv, "o:r:qh", options, NULL)) != -1) {
		switch (option) {
		case 'o':
			path = optarg;
			break;
		case 'r':
			rounds = strtoul(optarg, &end, 10);
			if (*end || rounds < 3 || rounds > ROUNDS_MAX)
				return wrong("a number of rounds is from 3 to 64, not", optarg);
			break;
		case 'q':
			scale = 0.01;
			break;
		case 'h':
			printf(usage, argv[0]);
			return 0;
		default:
			return 2;
		}
	}
	if (optind < argc)
		return wrong("no arguments are taken:", argv[optind]);
	return measure(path);
}
