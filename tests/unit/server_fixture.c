// SPDX-License-Identifier: GPL-2.0-only
#include <check.h>
#include <fcntl.h>
#include <linux/idxd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dsa/profile.h>

#include "server_fixture.h"

char folder[64], socket_path[80], stats_path[80];
struct server *server;
pthread_t thread;
int run_result;
struct vfu_client client;
int ram = -1;
uint8_t *memory;

static void *run_main(void *arg)
{
	(void)arg;
	run_result = server_run(server, -1);
	return NULL;
}

unsigned int stall_seconds = 10;

void start(uint64_t service_ns, bool once)
{
	struct server_params params = {
		.device = {
			.profile = "spr",
			.service = { .min_ns = service_ns, .max_ns = service_ns, .seed = 1 },
		},
		.limits = { .max_maps = 1000, .max_memory = 1ULL << 30 },
		.stats_path = stats_path,
		.stall_seconds = stall_seconds,
		.once = once,
	};

	server = server_create(&params);
	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(server_listen(server, socket_path), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_main, NULL), 0);
}

void stop(void)
{
	if (!server)
		return;
	server_stop(server);
	pthread_join(thread, NULL);
	server_destroy(server);
	server = NULL;
	ck_assert_int_eq(run_result, 0);
}

void setup(void)
{
	strcpy(folder, "/tmp/test_server.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
	snprintf(stats_path, sizeof(stats_path), "%s/stats.json", folder);
	ram = memfd_create("guest-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ck_assert_int_ge(ram, 0);
	ck_assert_int_eq(ftruncate(ram, RAM_SIZE), 0);
	ck_assert_int_eq(fcntl(ram, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	memory = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ram, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	start(0, false);
}

void teardown(void)
{
	stop();
	munmap(memory, RAM_SIZE);
	close(ram);
	unlink(socket_path);
	unlink(stats_path);
	/* Nothing else is left in there. */
	ck_assert_int_eq(rmdir(folder), 0);
}


uint64_t eventfd_count(int fd)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

uint64_t eventfd_wait(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	ck_assert_int_eq(poll(&pfd, 1, -1), 1);
	return eventfd_count(fd);
}

int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ck_assert_int_ge(fd, 0);
	return fd;
}

void connect_and_hello(void)
{
	vfu_client_connect(&client, socket_path);
	vfu_client_hello(&client);
}

void next_client(void)
{
	vfu_client_close(&client);
	connect_and_hello();
}

void device_command(uint32_t code, uint32_t operand)
{
	uint64_t status;

	vfu_client_post(&client, 0, DSA_REG_CMD, 4, FIELD_PREP(DSA_CMD_CODE, code) | operand);
	ck_assert_int_eq(vfu_client_read(&client, 0, DSA_REG_CMDSTATUS, 4, &status), 0);
	ck_assert_uint_eq(status, 0);
}

#define ENGINES ((1U << DSA_SPR_ENGINES) - 1)

static void configure_group(unsigned int group, uint64_t queues, uint64_t engines)
{
	uint64_t at = DSA_SPR_GRPCFG + group * DSA_GRPCFG_STRIDE;
	/* Half of the read buffers: enough for all engines, and for each group. */
	uint64_t flags = FIELD_PREP(DSA_GRPFLAGS_READ_BUFS_ALLOWED, 48);

	vfu_client_post(&client, 0, at + DSA_GRPCFG_WQS, 8, queues);
	vfu_client_post(&client, 0, at + DSA_GRPCFG_ENGINES, 8, engines);
	vfu_client_post(&client, 0, at + DSA_GRPCFG_FLAGS, 8, flags);
}

void bring_up_queues(unsigned int count, unsigned int size, bool shared)
{
	uint64_t control;
	unsigned int i;

	ck_assert_int_eq(vfu_client_write(&client, CONFIG, 4, 2, 6), 0);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, &control), 0);
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2,
					  control | DSA_MSIX_CONTROL_ENABLE),
			 0);
	for (i = 0; i < count; i++) {
		uint64_t at = DSA_SPR_WQCFG + i * DSA_WQCFG_MIN_STRIDE;

		vfu_client_post(&client, 0, at, 4, size);
		vfu_client_post(&client, 0, at + 4, 4, 0);
		vfu_client_post(&client, 0, at + 8, 4,
				DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1 + i));
		vfu_client_post(&client, 0, at + 12, 4,
				FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, 20) |
					FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, 4));
		if (!shared)
			configure_group(i, 1U << i, 1U << i);
	}
	if (shared)
		configure_group(0, (1U << count) - 1, ENGINES);
	device_command(DSA_COMMAND_ENABLE_DEVICE, 0);
	for (i = 0; i < count; i++)
		device_command(DSA_COMMAND_ENABLE_WQ, i);
}

void submit_descriptor(unsigned int wq, const void *desc)
{
	uint64_t words[8];
	unsigned int i;

	memcpy(words, desc, sizeof(words));
	for (i = 0; i < 8; i++)
		vfu_client_post(&client, 2, wq * DSA_PORTAL_STRIDE + 8 * i, 8, words[i]);
}

void submit_copy(void)
{
	struct dsa_hw_desc desc = {
		.flags = IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCI,
		.opcode = DSA_OPCODE_MEMMOVE,
		.completion_addr = RAM_IOVA + PAGE,
		.src_addr = RAM_IOVA + 2 * PAGE,
		.dst_addr = RAM_IOVA + 3 * PAGE,
		.xfer_size = PAGE,
		.int_handle = 1,
	};

	submit_descriptor(0, &desc);
}

void assert_alive(void)
{
	uint64_t id;

	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0, 4, &id), 0);
	ck_assert_uint_eq(id, 0x0b258086);
}

void assert_closed(void)
{
	while (!vfu_client_receive(&client))
		;
	next_client();
	assert_alive();
}
