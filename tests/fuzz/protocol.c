// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol: an input is what a client sends to the real server, which has the real
 * device behind it. Whatever that is, the server answers each request once and in order,
 * closes only with a reason, and keeps nothing of a client that has gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/idxd.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <dsa/profile.h>

#include "protocol_client.h"

#define STEPS_MAX 40U
#define FILE_SIZE (64 * 4096ULL)
#define FDS_ALLOWED 8

/* What a client might pass on. */
enum kind {
	FD_SEALED,
	FD_SEALED_TOO,
	FD_LOOSE,
	FD_READ_ONLY,
	FD_TINY,
	FD_EVENT,
	FD_EVENT_TOO,
	FD_EVENT_FULL,
	FD_PIPE,
	FD_SOCKET,
	FD_FOLDER,
	FD_PATH,
	FD_APPEND,
	FD_KINDS,
};

static int fds[FD_KINDS];
static struct server *server;
static struct fuzz_client client;
static int fds_open;

static struct {
	uint64_t messages;
	uint64_t raw;
	uint64_t clients;
	uint64_t replies;
	uint64_t errors;
	uint64_t closed;
} totals;

struct run {
	struct model_input in;
	const struct model_options *options;
	struct model_verdict *verdict;
	uint16_t id;
	unsigned int piece;
	unsigned int fds_at;
};

/* ---- Once ------------------------------------------------------------------------------------ */

static int must(int value, const char *what)
{
	if (value >= 0)
		return value;
	fprintf(stderr, "protocol: %s: %s\n", what, strerror(errno));
	abort();
}

static int memory_file(const char *name, uint64_t size, bool seal)
{
	int fd = must(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create");

	must(ftruncate(fd, size), "ftruncate");
	if (seal)
		must(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), "F_ADD_SEALS");
	return fd;
}

/* The same file, opened another way. */
static int reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return must(open(path, flags | O_CLOEXEC), "open");
}

static int count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	must(folder ? 0 : -1, "/proc/self/fd");
	/* cppcheck-suppress readdirCalled ; a stream of its own */
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void prepare(void)
{
	static const struct server_params params = {
		.device = { .profile = "spr" },
		.limits = { .max_maps = 50, .max_memory = 1 << 20 },
		.stall_seconds = 1000,
	};
	uint64_t full = UINT64_MAX - 1;
	int pair[2];

	if (server)
		return;
	fds[FD_SEALED] = memory_file("sealed", FILE_SIZE, true);
	fds[FD_SEALED_TOO] = memory_file("sealed too", FILE_SIZE, true);
	fds[FD_LOOSE] = memory_file("loose", FILE_SIZE, false);
	fds[FD_READ_ONLY] = reopen(fds[FD_SEALED], O_RDONLY);
	fds[FD_TINY] = memory_file("tiny", 4096, true);
	fds[FD_EVENT] = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	fds[FD_EVENT_TOO] = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	fds[FD_EVENT_FULL] = must(eventfd(0, EFD_CLOEXEC), "eventfd");
	must(write(fds[FD_EVENT_FULL], &full, sizeof(full)), "eventfd");
	must(pipe2(pair, O_CLOEXEC), "pipe");
	fds[FD_PIPE] = pair[1];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	fds[FD_SOCKET] = pair[0];
	fds[FD_FOLDER] = must(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/");
	fds[FD_PATH] = reopen(fds[FD_LOOSE], O_PATH);
	fds[FD_APPEND] = reopen(fds[FD_LOOSE], O_RDWR | O_APPEND);
	server = server_create(&params);
	must(server ? 0 : -1, "server");
}

/* ---- Requests, by default sound ----------------------------------------------------------------- */

static uint64_t page_number(struct model_input *in)
{
	uint8_t n = model_u8(in);

	return n < 0xf0 ? n % 64 * 4096ULL : model_edge(in);
}

static void make_version(struct model_input *in, struct message *m)
{
	static const char *const texts[] = {
		"{\"capabilities\":{\"max_msg_fds\":16,\"write_multiple\":true}}",
		"{}", "{\"capabilities\":{}}", "{\"capabilities\":1}", "[[[[[[[[[[[[[[[[[[[[[[",
		"{\"capabilities\":{\"max_msg_fds\":-1}}",
		"{\"capabilities\":{\"pgsizes\":18446744073709551616}}", "{\"a\":\"\\u0000\"}", "",
	};
	const char *text = texts[model_u8(in) % (sizeof(texts) / sizeof(texts[0]))];

	m->len = 4 + strlen(text) + 1;
	memcpy(m->payload + 4, text, strlen(text) + 1);
}

static void make_map(struct model_input *in, struct message *m)
{
	uint8_t how = model_u8(in);
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = how & 3 ? how & 3 : 3,
		.offset = how & 4 ? page_number(in) : 0,
		.address = page_number(in),
		.size = 4096 * (1 + (how >> 5)),
	};

	memcpy(m->payload, &map, sizeof(map));
	m->len = sizeof(map);
	if (how & 8) {
		m->fds[0] = fds[how & 16 ? model_u8(in) % FD_KINDS : FD_SEALED];
		m->nfds = 1;
	}
}

static void make_unmap(struct model_input *in, struct message *m)
{
	uint8_t how = model_u8(in);
	struct vfu_dma_unmap unmap = { .argsz = sizeof(unmap) };

	if (how % 8 == 7) {
		unmap.flags = VFU_DMA_UNMAP_ALL;
	} else {
		unmap.address = page_number(in);
		unmap.size = how & 0x80 ? model_edge(in) : 4096ULL * (1 + how % 32);
	}
	memcpy(m->payload, &unmap, sizeof(unmap));
	m->len = sizeof(unmap);
}

static void make_info(struct model_input *in, struct message *m)
{
	struct vfu_region_info info = { .argsz = 32, .index = model_u8(in) % 12 };

	memcpy(m->payload, &info, sizeof(info));
	m->len = m->header.command == VFU_DEVICE_GET_REGION_INFO ? 32 : 16;
}

static void make_set_irqs(struct model_input *in, struct message *m)
{
	uint8_t how = model_u8(in), range = model_u8(in);
	struct vfu_irq_set set = {
		.argsz = sizeof(set),
		.flags = 1U << how % 3 | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = how & 0x80 ? model_u8(in) % 6 : VFIO_PCI_MSIX_IRQ_INDEX,
		.start = range & 15,
		.count = range >> 4,
	};
	unsigned int i;

	memcpy(m->payload, &set, sizeof(set));
	m->len = sizeof(set);
	if (set.flags & VFIO_IRQ_SET_DATA_BOOL) {
		for (i = 0; i < set.count; i++)
			m->payload[m->len + i] = range >> i % 8 & 1;
		m->len += set.count;
		((struct vfu_irq_set *)m->payload)->argsz = m->len;
	}
	if ((set.flags & VFIO_IRQ_SET_DATA_EVENTFD) && (how & 8)) {
		m->nfds = set.count;
		for (i = 0; i < set.count; i++)
			m->fds[i] = fds[how & 16 ? model_u8(in) % FD_KINDS : FD_EVENT + i % 3];
	}
}

/* Somewhere in a region, mostly where there is something. */
static void make_access(struct model_input *in, struct vfu_region_access *access)
{
	static const uint32_t regions[] = { 0, 0, 2, 7 };
	uint8_t how = model_u8(in);

	access->region = how < 0xf8 ? regions[how % 4] : model_u8(in);
	access->count = 1U << (how >> 2 & 3);
	access->offset = model_u16(in);
	if (how & 0x40)
		access->offset &= 0x7ff;
	access->offset &= ~(uint64_t)(access->count - 1);
	if ((how & 0x30) == 0x30)
		access->count = model_edge(in);
}

static void make_read(struct model_input *in, struct message *m)
{
	make_access(in, (void *)m->payload);
	m->len = sizeof(struct vfu_region_access);
}

static void make_write(struct model_input *in, struct message *m)
{
	struct vfu_region_access *access = (void *)m->payload;
	uint32_t i;

	make_access(in, access);
	if (access->count > 4096)
		access->count = 64;
	for (i = 0; i < access->count && i < 64; i++)
		access->data[i] = model_u8(in);
	m->len = sizeof(*access) + access->count;
}

static void make_write_multi(struct model_input *in, struct message *m)
{
	struct vfu_write_multi *multi = (void *)m->payload;
	uint64_t i;

	multi->count = model_u8(in) % 12;
	for (i = 0; i < multi->count; i++) {
		struct vfu_region_access access;
		uint64_t value;

		make_access(in, &access);
		multi->entries[i].region = access.region;
		multi->entries[i].offset = access.offset;
		multi->entries[i].count = access.count;
		value = model_edge(in);
		memcpy(multi->entries[i].data, &value, sizeof(value));
	}
	m->len = sizeof(*multi) + multi->count * sizeof(multi->entries[0]);
}

static void make_nothing(struct model_input *in, struct message *m)
{
	(void)in;
	m->len = 0;
}

static void make_bytes(struct model_input *in, struct message *m)
{
	size_t i;

	m->len = model_u8(in) % 40;
	for (i = 0; i < m->len; i++)
		m->payload[i] = model_u8(in);
}

static void (*const makers[])(struct model_input *in, struct message *m) = {
	[VFU_VERSION] = make_version,
	[VFU_DMA_MAP] = make_map,
	[VFU_DMA_UNMAP] = make_unmap,
	[VFU_DEVICE_GET_INFO] = make_info,
	[VFU_DEVICE_GET_REGION_INFO] = make_info,
	[VFU_DEVICE_GET_IRQ_INFO] = make_info,
	[VFU_DEVICE_SET_IRQS] = make_set_irqs,
	[VFU_REGION_READ] = make_read,
	[VFU_REGION_WRITE] = make_write,
	[VFU_DEVICE_RESET] = make_nothing,
	[VFU_REGION_WRITE_MULTI] = make_write_multi,
};

#define MAKERS (sizeof(makers) / sizeof(makers[0]))

/* ---- Steps -------------------------------------------------------------------------------------- */

static void say(const struct run *run, const struct message *m)
{
	size_t i;

	if (!run->options->trace)
		return;
	fprintf(run->options->trace, "  %s id %u size %u flags %#x error %u, %u fds, piece %u:",
		vfu_command_name(m->header.command), m->header.id, m->header.size,
		m->header.flags, m->header.error, m->nfds, m->piece);
	for (i = 0; i < m->len && i < 64; i++)
		fprintf(run->options->trace, "%s%02x", i % 4 ? "" : " ", m->payload[i]);
	fprintf(run->options->trace, "\n");
}

/* Change some of a message. Its size stays true unless the header is what is changed. */
static void tamper(struct run *run, struct message *m)
{
	struct model_input *in = &run->in;
	uint8_t how = model_u8(in), n;

	if (how & 0x80)
		m->header.flags = VFU_FLAG_NO_REPLY;
	for (n = how & 3; n && m->len; n--) {
		size_t at = model_u8(in) % m->len;
		uint64_t value = model_edge(in);

		memcpy(m->payload + at, &value, m->len - at < 4 ? m->len - at : 4);
	}
	if ((how & 0x0c) == 0x0c)
		m->len = model_u16(in) % sizeof(m->payload);
	if ((how & 0x30) == 0x30) {
		m->nfds = model_u8(in) % CLIENT_FDS;
		for (n = 0; n < m->nfds; n++)
			m->fds[n] = fds[(how + n) % FD_KINDS];
		client.may_close |= m->nfds > 32;
	}
	m->header.size = sizeof(m->header) + m->len;
	if ((how & 0x7c) != 0x40)
		return;
	switch (model_u8(in) % 4) {
	case 0:
		m->header.size = model_edge(in);
		break;
	case 1:
		m->header.flags = model_edge(in);
		break;
	case 2:
		m->header.error = model_edge(in);
		break;
	default:
		m->header.command = model_edge(in);
		break;
	}
}

static void send_message(struct run *run, uint16_t command)
{
	static struct message m;

	memset(&m, 0, offsetof(struct message, fds));
	m.nfds = 0;
	m.header.command = command;
	m.header.id = run->id++;
	m.piece = run->piece;
	m.fds_at = run->fds_at;
	if (command < MAKERS && makers[command])
		makers[command](&run->in, &m);
	else
		make_bytes(&run->in, &m);
	tamper(run, &m);
	say(run, &m);
	/* Which it may get wrong, or twice. */
	client.may_close |= m.header.command == VFU_VERSION;
	client_send(&client, &m);
	totals.messages++;
}

static void send_bytes(struct run *run)
{
	uint8_t bytes[64], how = model_u8(&run->in), i;
	uint8_t len = how % sizeof(bytes) + 1;

	for (i = 0; i < len; i++)
		bytes[i] = model_u8(&run->in);
	client.wild = true;
	client_send_raw(&client, bytes, len, fds + how % 8, how >> 6);
	totals.raw++;
}

static void poke(uint32_t region, uint64_t offset, uint32_t count, const void *data)
{
	static struct message m;
	struct vfu_region_access access = { .region = region, .offset = offset, .count = count };

	m.header = (struct vfu_header){
		.command = VFU_REGION_WRITE,
		.size = sizeof(m.header) + sizeof(access) + count,
		.flags = VFU_FLAG_NO_REPLY,
	};
	memcpy(m.payload, &access, sizeof(access));
	memcpy(m.payload + sizeof(access), data, count);
	m.len = sizeof(access) + count;
	client_send(&client, &m);
}

/* A queue that works, and something for it to do. */
static void set_to_work(struct run *run)
{
	static const struct {
		uint32_t region, offset, count;
		uint64_t value;
	} pokes[] = {
		{ 7, 4, 2, 6 },
		{ 7, DSA_MSIX_CONTROL_OFFSET, 2, DSA_MSIX_CONTROL_ENABLE },
		{ 0, DSA_SPR_WQCFG + 4 * DSA_WQCFG_SIZE, 4, 8 },
		{ 0, DSA_SPR_WQCFG + 4 * DSA_WQCFG_MODE, 4, DSA_WQCFG2_DEDICATED | 1 << 4 },
		{ 0, DSA_SPR_WQCFG + 4 * DSA_WQCFG_LIMITS, 4, 20 | 4 << 5 },
		{ 0, DSA_SPR_GRPCFG + DSA_GRPCFG_WQS, 8, 1 },
		{ 0, DSA_SPR_GRPCFG + DSA_GRPCFG_ENGINES, 8, 1 },
		{ 0, DSA_REG_CMD, 4, DSA_COMMAND_ENABLE_DEVICE << 20 },
		{ 0, DSA_REG_CMD, 4, DSA_COMMAND_ENABLE_WQ << 20 },
	};
	struct dsa_hw_desc desc = {
		.opcode = DSA_OPCODE_MEMMOVE,
		.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
		.completion_addr = page_number(&run->in),
		.src_addr = page_number(&run->in),
		.dst_addr = page_number(&run->in),
		.xfer_size = 8192,
		.int_handle = model_u8(&run->in) % 10,
	};
	unsigned int i;

	for (i = 0; i < sizeof(pokes) / sizeof(pokes[0]); i++)
		poke(pokes[i].region, pokes[i].offset, pokes[i].count, &pokes[i].value);
	for (i = 0; i < 4; i++)
		poke(2, 0, sizeof(desc), &desc);
}

static void step(struct run *run)
{
	uint8_t what = model_u8(&run->in);

	if (what < 0xc0) {
		send_message(run, what % 20);
		return;
	}
	switch (what % 8) {
	case 0:
		send_bytes(run);
		break;
	case 1:
		run->piece = model_u8(&run->in) % 48;
		run->fds_at = model_u8(&run->in) % 3;
		break;
	case 2:
		client_settle(&client);
		break;
	case 3:
		client.deaf = !client.deaf;
		break;
	case 4:
		must(ftruncate(fds[FD_LOOSE], model_u8(&run->in) * 1024), "ftruncate");
		break;
	case 5:
		set_to_work(run);
		break;
	case 6:
		shutdown(client.sock, SHUT_WR);
		client.may_close = client.wild = true;
		break;
	default:
		run->id = model_u16(&run->in);
		break;
	}
}

static void greet(struct run *run)
{
	static struct message m = { .header = { .command = VFU_VERSION, .size = 20 }, .len = 4 };
	static struct message ask = { .header = { .command = VFU_REGION_READ, .size = 32 } };
	struct vfu_region_access access = { .offset = DSA_REG_GENSTS, .count = 4 };

	m.header.id = run->id++;
	client_send(&client, &m);
	memcpy(ask.payload, &access, sizeof(access));
	ask.len = sizeof(access);
	ask.header.id = run->id++;
	client_send(&client, &ask);
	client_settle(&client);
	if (client.replies - totals.replies != 2 || client.errors != totals.errors)
		model_complain(run->verdict, "the server does not answer as it should");
}

/*
 * Nothing stays open. Once in a while only; some are allowed for, since the fuzzer opens
 * files of its own.
 */
static void check_fds(struct run *run)
{
	int open = count_fds();

	if (fds_open && (open < fds_open || open > fds_open + FDS_ALLOWED))
		model_complain(run->verdict, "%d file descriptors are open, %d were", open,
			       fds_open);
	if (!fds_open)
		fds_open = open;
}

/* The device is as new for each client. */
static void check_state(struct run *run)
{
	uint32_t state;

	if (dsa_bar_read(server_device(server), 0, DSA_REG_GENSTS, &state, 4) ||
	    FIELD_GET(DSA_GENSTS_STATE, state) !=
		    (run->options->spoil ? DSA_STATE_ENABLED : DSA_STATE_DISABLED))
		model_complain(run->verdict, "a client has left the device in state %#x", state);
}

static void run_input(const uint8_t *data, size_t size, const struct model_options *options,
		      struct model_verdict *verdict)
{
	struct run run = { .in = { data, size }, .options = options, .verdict = verdict };
	unsigned int i;
	uint8_t first;

	prepare();
	first = model_u8(&run.in);
	if (!client_open(&client, server, verdict)) {
		model_complain(verdict, "the server takes no client");
		return;
	}
	totals.clients++;
	totals.replies = client.replies;
	totals.errors = client.errors;
	if (first % 16)
		greet(&run);
	else
		client.may_close = true;
	for (i = 0; i < STEPS_MAX && run.in.left && !client.lost && !verdict->wrong; i++)
		step(&run);
	client.deaf = false;
	client_settle(&client);
	totals.closed += client.lost;
	client_close(&client);
	check_state(&run);
	must(ftruncate(fds[FD_LOOSE], FILE_SIZE), "ftruncate");
	if (options->thorough)
		check_fds(&run);
}

static void say_totals(FILE *out)
{
	fprintf(out, "%" PRIu64 " clients, %" PRIu64 " messages, %" PRIu64
		" times bytes that are none, %" PRIu64 " replies (%" PRIu64
		" refusals), %" PRIu64 " connections closed by the server",
		totals.clients, totals.messages, totals.raw, client.replies, client.errors,
		totals.closed);
}

const struct model_target model_target = {
	.name = "protocol",
	.max_len = 256,
	.run = run_input,
	.say_totals = say_totals,
};
