// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole server with the real device behind it, spoken to over its socket:
 * what QEMU sends, the device at work, statistics and the socket file.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/idxd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <dsa/profile.h>

#include "server_fixture.h"
#include "unit.h"

/* ---- What QEMU does ------------------------------------------------------------ */

START_TEST(realize_as_qemu)
{
	struct vfu_device_info info = { .argsz = 16 };
	struct vfu_dma_map map = { .argsz = 32, .flags = 3, .size = PAGE };
	static const uint64_t sizes[9] = { 0x10000, 0, 0x20000, 0, 0, 0, 0, 4096, 0 };
	struct vfu_region_info *region = (void *)client.reply;
	struct vfu_irq_info irq = { .argsz = 16 };
	uint64_t value;
	uint32_t i;

	connect_and_hello();
	/* Maps are sent without waiting, replies come in order. */
	for (i = 0; i < 16; i++) {
		map.address = i * PAGE;
		map.offset = i * PAGE;
		vfu_client_send(&client, VFU_DMA_MAP, 0, &map, 32, &ram, 1);
	}
	for (i = 0; i < 16; i++) {
		ck_assert_int_eq(vfu_client_receive(&client), 0);
		ck_assert_uint_eq(client.header.size, 16);
		ck_assert_uint_eq(client.header.flags, VFU_TYPE_REPLY);
	}
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_GET_INFO, &info, 16, NULL, 0), 0);
	memcpy(&info, client.reply, 16);
	ck_assert_uint_eq(info.argsz, 16);
	ck_assert_uint_eq(info.flags, 3);
	ck_assert_uint_eq(info.num_regions, 9);
	ck_assert_uint_eq(info.num_irqs, 5);
	for (i = 0; i < 9; i++) {
		struct vfu_region_info ask = { .argsz = 32, .index = i };

		ck_assert_int_eq(
			vfu_client_call(&client, VFU_DEVICE_GET_REGION_INFO, &ask, 32, NULL, 0), 0);
		ck_assert_uint_eq(client.reply_len, 32);
		ck_assert_uint_eq(region->argsz, 32);
		ck_assert_uint_eq(region->index, i);
		ck_assert_uint_eq(region->size, sizes[i]);
		/* No MMAP: it would end posted writes. */
		ck_assert_uint_eq(region->flags, sizes[i] ? 3 : 0);
	}
	irq.index = VFIO_PCI_ERR_IRQ_INDEX;
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_GET_IRQ_INFO, &irq, 16, NULL, 0),
			 -EINVAL);
	irq.index = MSIX;
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_GET_IRQ_INFO, &irq, 16, NULL, 0), 0);
	memcpy(&irq, client.reply, 16);
	ck_assert_uint_eq(irq.count, DSA_MSIX_VECTORS);
	/* The sentence the project is about: without NORESIZE. */
	ck_assert_uint_eq(irq.flags, VFIO_IRQ_INFO_EVENTFD);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0, 4096, &value), 0);
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, 0x30, 4, 0xfffff800), 0);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0x30, 4, &value), 0);
	ck_assert_uint_eq(value, 0);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0x10, 4, &value), 0);
	ck_assert_uint_eq(value & 0xf, DSA_PCI_BAR_FLAGS);
	/* No pin: no INTx. */
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0x3d, 1, &value), 0);
	ck_assert_uint_eq(value, 0);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	ck_assert_uint_eq(client.header.size, 16);
	/* A reset takes no mapping away. */
	ck_assert_int_eq(vfu_client_map(&client, 0, PAGE, 3, ram, 0), -EEXIST);
	ck_assert_int_eq(vfu_client_unmap(&client, 0, 0, 2), 0);
	ck_assert_int_eq(vfu_client_map(&client, 0, PAGE, 3, ram, 0), 0);
	ck_assert_int_eq(vfu_client_unmap(&client, 1ULL << 40, 1ULL << 46, 0), 0);
	vfu_client_close(&client);
}
END_TEST

START_TEST(version_without_text)
{
	struct vfu_version version = { 0 };

	vfu_client_connect(&client, socket_path);
	ck_assert_int_eq(vfu_client_call(&client, VFU_VERSION, &version, 4, NULL, 0), 0);
	ck_assert_uint_eq(client.reply_len, 4);
	assert_alive();
	vfu_client_close(&client);
}
END_TEST

START_TEST(version_comes_first_and_once)
{
	struct vfu_version version = { 0 };
	struct vfu_version wrong = { .major = 1 };

	vfu_client_connect(&client, socket_path);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_RESET, NULL, 0, NULL, 0), -EINVAL);
	assert_closed();
	vfu_client_close(&client);
	vfu_client_connect(&client, socket_path);
	ck_assert_int_eq(vfu_client_call(&client, VFU_VERSION, &wrong, 4, NULL, 0), -EOPNOTSUPP);
	assert_closed();
	vfu_client_close(&client);
	vfu_client_connect(&client, socket_path);
	ck_assert_int_eq(vfu_client_call(&client, VFU_VERSION, "\0\0\0\0{", 6, NULL, 0), -EINVAL);
	assert_closed();
	vfu_client_close(&client);
	/* Without a reply it can lead to nothing. */
	vfu_client_connect(&client, socket_path);
	vfu_client_send(&client, VFU_VERSION, VFU_FLAG_NO_REPLY, &version, 4, NULL, 0);
	assert_closed();
	ck_assert_int_eq(vfu_client_call(&client, VFU_VERSION, &version, 4, NULL, 0), -EINVAL);
	assert_alive();
	vfu_client_close(&client);
}
END_TEST

/* Any wrong request: an error of the right kind, and the connection goes on. */
START_TEST(errors_do_not_end_the_connection)
{
	struct vfu_region_access access = { .region = 2, .offset = 0x1fffc, .count = 8 };
	struct vfu_irq_info irq = { .argsz = 16, .index = 7 };
	int fds[VFU_MAX_MSG_FDS + 4], before;
	unsigned int i;
	uint64_t value;

	for (i = 0; i < VFU_MAX_MSG_FDS + 4; i++)
		fds[i] = ram;
	connect_and_hello();
	before = open_fds();
	ck_assert_int_eq(vfu_client_call(&client, 99, "x", 1, fds, 3), -EOPNOTSUPP);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_FEATURE, &value, 8, NULL, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_call(&client, VFU_REGION_READ, &access, 16, NULL, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_call(&client, VFU_REGION_READ, &access, 15, NULL, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_GET_IRQ_INFO, &irq, 16, NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(vfu_client_read(&client, 0, 2, 4, &value), -EINVAL);
	ck_assert_int_eq(vfu_client_write(&client, 2, 3, 8, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_read(&client, 1, 0, 4, &value), -EINVAL);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 3, fds, 2),
			 -EINVAL);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 20, fds, 20),
			 -EINVAL);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 1, fds, 1),
			 -EINVAL);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, 3, 0, 1, fds, 1), -EINVAL);
	ck_assert_int_eq(vfu_client_map(&client, 0, RAM_SIZE + PAGE, 3, ram, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_map(&client, 0x800, PAGE, 3, ram, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_map(&client, 0, PAGE, 3, client.sock, 0), -EINVAL);
	ck_assert_int_eq(vfu_client_unmap(&client, 0, PAGE, 1), -EOPNOTSUPP);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_RESET, NULL, 0, fds, 1), -EINVAL);
	assert_alive();
	ck_assert_int_eq(open_fds(), before);
	vfu_client_close(&client);
}
END_TEST

START_TEST(posted_writes_are_never_answered)
{
	struct {
		struct vfu_write_multi head;
		struct vfu_write_multi_entry e[3];
	} multi = {
		.head.count = 3,
		.e = {
			{ .region = 0, .offset = DSA_REG_GENCTRL, .count = 4, .data = { 3 } },
			{ .region = 55, .offset = 0, .count = 4 },
			{ .region = 0, .offset = DSA_REG_GENCFG, .count = 4, .data = { 0x20 } },
		},
	};
	uint64_t value;

	connect_and_hello();
	vfu_client_post(&client, 0, DSA_REG_GENCTRL, 4, 1);
	vfu_client_post(&client, 0, 0x123456789, 4, 1);
	vfu_client_post(&client, 77, 0, 4, 1);
	vfu_client_send(&client, 99, VFU_FLAG_NO_REPLY, NULL, 0, NULL, 0);
	vfu_client_send(&client, VFU_REGION_WRITE, VFU_FLAG_NO_REPLY, "short", 5, NULL, 0);
	/* The next reply is that of the read, which sees the write. */
	ck_assert_int_eq(vfu_client_read(&client, 0, DSA_REG_GENCTRL, 4, &value), 0);
	ck_assert_uint_eq(value, 1);
	/* In a batch a wrong one does not take the others with it. */
	vfu_client_send(&client, VFU_REGION_WRITE_MULTI, VFU_FLAG_NO_REPLY, &multi, sizeof(multi),
			NULL, 0);
	ck_assert_int_eq(vfu_client_read(&client, 0, DSA_REG_GENCTRL, 4, &value), 0);
	ck_assert_uint_eq(value, 3);
	ck_assert_int_eq(vfu_client_read(&client, 0, DSA_REG_GENCFG, 4, &value), 0);
	ck_assert_uint_eq(value, 0x20);
	ck_assert_int_eq(
		vfu_client_call(&client, VFU_REGION_WRITE_MULTI, &multi, sizeof(multi), NULL, 0),
		0);
	memcpy(&value, client.reply, 8);
	ck_assert_uint_eq(value, 2);
	vfu_client_close(&client);
}
END_TEST

/* ---- Interrupts ------------------------------------------------------------------ */

START_TEST(triggers_come_and_go)
{
	int fds[DSA_MSIX_VECTORS], before, i, again;
	struct {
		struct vfu_irq_set set;
		uint8_t which[3];
	} some = {
		.set = { .argsz = 23,
			 .flags = VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER,
			 .index = MSIX,
			 .start = 4,
			 .count = 3 },
		.which = { 1, 0, 1 },
	};

	connect_and_hello();
	for (i = 0; i < DSA_MSIX_VECTORS; i++)
		fds[i] = new_eventfd();
	before = open_fds();
	/* "MSI-X on, no vector", as QEMU begins. */
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 1, NULL, 0), 0);
	for (i = 0; i < DSA_MSIX_VECTORS; i++) {
		ck_assert_int_eq(
			vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, i, 1, &fds[i], 1), 0);
		ck_assert_int_eq(open_fds(), before + i + 1);
	}
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 2, 3, NULL, 0), 0);
	for (i = 0; i < DSA_MSIX_VECTORS; i++)
		ck_assert_uint_eq(eventfd_count(fds[i]), i >= 2 && i < 5);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_SET_IRQS, &some, 23, NULL, 0), 0);
	for (i = 0; i < DSA_MSIX_VECTORS; i++)
		ck_assert_uint_eq(eventfd_count(fds[i]), i == 4 || i == 6);

	/* Replaced: the old one is given back and silent. */
	again = new_eventfd();
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 3, 1, &again, 1), 0);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 3, 1, NULL, 0), 0);
	ck_assert_uint_eq(eventfd_count(fds[3]), 0);
	ck_assert_uint_eq(eventfd_count(again), 1);
	close(again);
	ck_assert_int_eq(open_fds(), before + DSA_MSIX_VECTORS);

	/* One taken away: the others stay. A range, and what is not there. */
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 2, NULL, 0), 0);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 2, NULL, 0), 0);
	ck_assert_int_eq(open_fds(), before + DSA_MSIX_VECTORS - 2);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 0, 9, NULL, 0), 0);
	for (i = 0; i < DSA_MSIX_VECTORS; i++)
		ck_assert_uint_eq(eventfd_count(fds[i]), i >= 2 && i != 3);

	/* Nothing changes when one of several is no eventfd. */
	i = fds[1];
	fds[1] = ram;
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 9, fds, 9),
			 -EINVAL);
	fds[1] = i;
	ck_assert_int_eq(open_fds(), before + DSA_MSIX_VECTORS - 2);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 0, 9, fds, 9), 0);
	ck_assert_int_eq(open_fds(), before + DSA_MSIX_VECTORS);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 0, 0, NULL, 0), 0);
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, 0, 0, 0, NULL, 0), 0);
	for (i = 0; i < DSA_MSIX_VECTORS; i++)
		close(fds[i]);
	vfu_client_close(&client);
}
END_TEST

/* A counter that is full blocks whoever writes to it without looking. */
START_TEST(a_full_eventfd_does_not_block)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t most = UINT64_MAX - 1;

	connect_and_hello();
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	ck_assert_int_eq(write(fd, &most, 8), 8);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 1, 1, NULL, 0), 0);
	ck_assert_uint_eq(eventfd_count(fd), most);
	ck_assert_int_eq(vfu_client_set_irqs(&client, NONE_TRIGGER, MSIX, 1, 1, NULL, 0), 0);
	ck_assert_uint_eq(eventfd_count(fd), 1);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* ---- The device at work ------------------------------------------------------------- */

START_TEST(a_descriptor_through_the_wire)
{
	int fd = new_eventfd();
	uint64_t i;

	connect_and_hello();
	/* Page by page, as a virtual IOMMU does it. */
	for (i = 0; i < 16; i++)
		ck_assert_int_eq(
			vfu_client_map(&client, RAM_IOVA + i * PAGE, PAGE, 3, ram, i * PAGE), 0);
	bring_up_queues(1, 64, false);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	for (i = 0; i < PAGE; i++)
		memory[2 * PAGE + i] = i * 13;
	submit_copy();
	ck_assert_uint_eq(eventfd_wait(fd), 1);
	ck_assert_uint_eq(memory[PAGE] & DSA_COMP_STATUS_MASK, DSA_COMP_SUCCESS);
	ck_assert_mem_eq(memory + 2 * PAGE, memory + 3 * PAGE, PAGE);

	/* With its target taken away the same descriptor faults, and says so. */
	ck_assert_int_eq(vfu_client_unmap(&client, RAM_IOVA + 3 * PAGE, PAGE, 0), 0);
	memory[PAGE] = 0;
	submit_copy();
	ck_assert_uint_eq(eventfd_wait(fd), 1);
	ck_assert_uint_eq(memory[PAGE] & DSA_COMP_STATUS_MASK, DSA_COMP_PAGE_FAULT_NOBOF);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* A message for a vector without trigger waits for one (MSI-X is on). */
START_TEST(a_pending_message_is_sent_on_binding)
{
	struct dsa_vector_stats stats;
	int fd = new_eventfd();

	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	bring_up_queues(1, 64, false);
	submit_copy();
	/* Draining waits for the completion. */
	device_command(DSA_COMMAND_DRAIN_ALL, 0);
	ck_assert_int_eq(dsa_device_vector_stats(server_device(server), 1, &stats), 0);
	ck_assert_uint_eq(stats.pending, 1);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	ck_assert_uint_eq(eventfd_count(fd), 1);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* What one client did is nothing to the next. */
START_TEST(a_client_leaves_nothing_behind)
{
	int before, fd = new_eventfd();
	uint64_t state;

	connect_and_hello();
	before = open_fds();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	bring_up_queues(1, 64, false);
	next_client();
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(vfu_client_read(&client, 0, DSA_REG_GENSTS, 4, &state), 0);
	ck_assert_uint_eq(state & DSA_GENSTS_STATE, DSA_STATE_DISABLED);
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* Gone with a queue full of slow descriptors: no engine touches the memory any more. */
START_TEST(gone_in_the_middle_of_work)
{
	int before, i, fd = new_eventfd();

	stop();
	start(50000000, false);
	connect_and_hello();
	before = open_fds();
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
		ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1),
				 0);
		bring_up_queues(1, 64, false);
		memory[PAGE] = 0;
		submit_copy();
		submit_copy();
		next_client();
		ck_assert_int_eq(open_fds(), before);
	}
	ck_assert_uint_eq(memory[PAGE], 0);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* ---- Socket file, statistics, end ---------------------------------------------------------- */

START_TEST(socket_file)
{
	struct server_params params = { .device = { .profile = "spr" },
					.limits = { .max_maps = 1, .max_memory = 1 } };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct server *other = server_create(&params);
	char path[300];
	struct stat st;
	int fd;

	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(stat(socket_path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(server_listen(other, socket_path), -EADDRINUSE);
	ck_assert_int_eq(server_listen(other, ""), -ENAMETOOLONG);
	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	ck_assert_int_eq(server_listen(other, path), -ENAMETOOLONG);
	snprintf(path, sizeof(path), "%s/missing/socket", folder);
	ck_assert_int_eq(server_listen(other, path), -ENOENT);

	/* Something that is no socket is not touched. */
	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	ck_assert_int_eq(server_listen(other, path), -EEXIST);
	ck_assert_int_eq(stat(path, &st), 0);
	close(fd);
	unlink(path);

	/* What a dead server left is replaced; the file goes with the server. */
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	ck_assert_int_eq(server_listen(other, path), 0);
	server_destroy(other);
	ck_assert_int_eq(stat(path, &st), -1);
	ck_assert_int_eq(errno, ENOENT);

	/* A file that has taken its place is not removed. */
	other = server_create(&params);
	ck_assert_int_eq(server_listen(other, path), 0);
	unlink(path);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	close(fd);
	server_destroy(other);
	ck_assert_int_eq(stat(path, &st), 0);
	unlink(path);
}
END_TEST

static uint64_t number(struct json_object *root, const char *key)
{
	struct json_object *value;

	ck_assert_msg(json_object_object_get_ex(root, key, &value), "no key %s", key);
	return json_object_get_uint64(value);
}

START_TEST(statistics)
{
	static const char *const sums[] = {
		"raised", "delivered", "dropped", "dropped_msix_off", "merged", "pending"
	};
	struct json_object *root, *list, *dma;
	int fd = new_eventfd();
	size_t i;

	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	bring_up_queues(1, 64, false);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	for (i = 0; i < 5; i++) {
		submit_copy();
		ck_assert_uint_eq(eventfd_wait(fd), 1);
	}
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, PAGE, 3, ram, 0), -EEXIST);
	close(fd);
	vfu_client_close(&client);
	stop();

	root = json_object_from_file(stats_path);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(number(root, "raised"), 5);
	ck_assert_uint_eq(number(root, "delivered"), 5);
	ck_assert_uint_eq(number(root, "dropped"), 0);
	ck_assert_uint_eq(number(root, "clients"), 1);
	ck_assert_uint_eq(number(root, "refused"), 1);
	ck_assert_uint_eq(number(root, "protocol_errors"), 0);
	ck_assert(json_object_object_get_ex(root, "vectors", &list));
	ck_assert_uint_eq(json_object_array_length(list), DSA_MSIX_VECTORS);
	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		ck_assert_uint_eq(number(json_object_array_get_idx(list, 1), sums[i]),
				  number(root, sums[i]));
	ck_assert(json_object_object_get_ex(root, "queues", &list));
	ck_assert_uint_eq(json_object_array_length(list), DSA_SPR_WQS);
	ck_assert_uint_eq(number(json_object_array_get_idx(list, 0), "completed"), 5);
	ck_assert(json_object_object_get_ex(root, "dma", &dma));
	ck_assert_uint_eq(number(dma, "peak_maps"), 1);
	ck_assert_uint_eq(number(dma, "maps"), 0);
	json_object_put(root);
}
END_TEST

START_TEST(once)
{
	stop();
	start(0, true);
	/* Who looks in without a word is no client. */
	vfu_client_connect(&client, socket_path);
	vfu_client_close(&client);
	connect_and_hello();
	assert_alive();
	vfu_client_close(&client);
	pthread_join(thread, NULL);
	ck_assert_int_eq(run_result, 0);
	server_destroy(server);
	server = NULL;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("server");
	TCase *tcase = tcase_create("wire");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, realize_as_qemu);
	tcase_add_test(tcase, version_without_text);
	tcase_add_test(tcase, version_comes_first_and_once);
	tcase_add_test(tcase, errors_do_not_end_the_connection);
	tcase_add_test(tcase, posted_writes_are_never_answered);
	tcase_add_test(tcase, triggers_come_and_go);
	tcase_add_test(tcase, a_full_eventfd_does_not_block);
	tcase_add_test(tcase, a_descriptor_through_the_wire);
	tcase_add_test(tcase, a_pending_message_is_sent_on_binding);
	tcase_add_test(tcase, a_client_leaves_nothing_behind);
	tcase_add_test(tcase, gone_in_the_middle_of_work);
	tcase_add_test(tcase, socket_file);
	tcase_add_test(tcase, statistics);
	tcase_add_test(tcase, once);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
