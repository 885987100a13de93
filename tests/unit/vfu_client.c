// SPDX-License-Identifier: GPL-2.0-only
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "send_fds.h"
#include "vfu_client.h"

const char vfu_qemu_version[] =
	"{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, \"max_dma_maps\": 65535, "
	"\"max_data_xfer_size\": 1048576, \"migration\": {\"max_bitmap_size\": 268435456, "
	"\"pgsize\": 4096}, \"write_multiple\": true}}";

#define CLIENT_MAX_FDS 64

/*
 * Check notes the place of every assertion in a file, which costs more than a message,
 * and only for one thread at a time. So assertions here are silent until they fail.
 */
#define MUST(condition)                                               \
	do {                                                          \
		if (!(condition))                                     \
			ck_abort_msg("client: not so: " #condition); \
	} while (0)

void vfu_client_connect(struct vfu_client *client, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	client->id = 0x1000;
	client->reply_len = 0;
	client->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(client->sock >= 0);
	MUST(connect(client->sock, (struct sockaddr *)&address, sizeof(address)) == 0);
}

void vfu_client_close(struct vfu_client *client)
{
	close(client->sock);
	client->sock = -1;
}

void vfu_client_raw(struct vfu_client *client, const struct vfu_header *header, const void *payload,
		    size_t len, const int *fds, unsigned int nfds)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)header, .iov_len = sizeof(*header) },
		{ .iov_base = (void *)payload, .iov_len = len },
	};

	MUST(nfds <= CLIENT_MAX_FDS);
	/* A server that has closed the connection already is seen when receiving. */
	if (send_fds(client->sock, iov, 2, fds, nfds, MSG_NOSIGNAL) < 0)
		MUST(errno == EPIPE || errno == ECONNRESET);
}

uint16_t vfu_client_send(struct vfu_client *client, uint16_t command, uint32_t flags,
			 const void *payload, size_t len, const int *fds, unsigned int nfds)
{
	struct vfu_header header = {
		.id = client->id++,
		.command = command,
		.size = sizeof(header) + len,
		.flags = flags,
	};

	vfu_client_raw(client, &header, payload, len, fds, nfds);
	return header.id;
}

static int receive_exactly(struct vfu_client *client, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = recv(client->sock, (char *)buf + got, len - got, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != ECONNRESET)
			ck_abort_msg("recv: %s", strerror(errno));
		if (n <= 0)
			return -ENOTCONN;
		got += n;
	}
	return 0;
}

int vfu_client_receive(struct vfu_client *client)
{
	int ret = receive_exactly(client, &client->header, sizeof(client->header));

	if (ret)
		return ret;
	MUST(client->header.size >= sizeof(client->header));
	client->reply_len = client->header.size - sizeof(client->header);
	MUST(client->reply_len <= sizeof(client->reply));
	return receive_exactly(client, client->reply, client->reply_len);
}

int vfu_client_call(struct vfu_client *client, uint16_t command, const void *payload, size_t len,
		    const int *fds, unsigned int nfds)
{
	uint16_t id = vfu_client_send(client, command, 0, payload, len, fds, nfds);

	if (vfu_client_receive(client))
		return -ENOTCONN;
	MUST(client->header.id == id);
	MUST(client->header.command == command);
	if (client->header.flags == (VFU_TYPE_REPLY | VFU_FLAG_ERROR)) {
		MUST(client->header.size == sizeof(client->header));
		MUST(client->header.error >= 1 && client->header.error <= 4095);
		return -(int)client->header.error;
	}
	MUST(client->header.flags == VFU_TYPE_REPLY);
	MUST(client->header.error == 0);
	return 0;
}

void vfu_client_hello(struct vfu_client *client)
{
	uint8_t payload[sizeof(struct vfu_version) + sizeof(vfu_qemu_version)] = { 0 };

	memcpy(payload + sizeof(struct vfu_version), vfu_qemu_version, sizeof(vfu_qemu_version));
	ck_assert_int_eq(vfu_client_call(client, VFU_VERSION, payload, sizeof(payload), NULL, 0),
			 0);
	/* QEMU's buffer is as large as its request. */
	MUST(client->reply_len <= sizeof(payload));
}

int vfu_client_read(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		    uint64_t *value)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = count };
	int ret = vfu_client_call(client, VFU_REGION_READ, &access, sizeof(access), NULL, 0);

	*value = 0;
	if (ret)
		return ret;
	MUST(client->reply_len == sizeof(access) + count);
	MUST(!memcmp(client->reply, &access, sizeof(access)));
	if (count <= sizeof(*value))
		memcpy(value, client->reply + sizeof(access), count);
	return 0;
}

static size_t compose_write(uint8_t *payload, uint32_t region, uint64_t offset, uint32_t count,
			    uint64_t value)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = count };

	memcpy(payload, &access, sizeof(access));
	memcpy(payload + sizeof(access), &value, count);
	return sizeof(access) + count;
}

int vfu_client_write(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		     uint64_t value)
{
	uint8_t payload[sizeof(struct vfu_region_access) + 8];
	size_t len = compose_write(payload, region, offset, count, value);
	int ret = vfu_client_call(client, VFU_REGION_WRITE, payload, len, NULL, 0);

	if (!ret)
		MUST(client->reply_len == sizeof(struct vfu_region_access));
	return ret;
}

void vfu_client_post(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t count,
		     uint64_t value)
{
	uint8_t payload[sizeof(struct vfu_region_access) + 8];
	size_t len = compose_write(payload, region, offset, count, value);

	vfu_client_send(client, VFU_REGION_WRITE, VFU_FLAG_NO_REPLY, payload, len, NULL, 0);
}

int vfu_client_map(struct vfu_client *client, uint64_t iova, uint64_t size, uint32_t flags, int fd,
		   uint64_t offset)
{
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.offset = offset,
		.address = iova,
		.size = size,
	};

	return vfu_client_call(client, VFU_DMA_MAP, &map, sizeof(map), &fd, fd >= 0);
}

int vfu_client_unmap(struct vfu_client *client, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct vfu_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.address = iova,
		.size = size,
	};
	int ret = vfu_client_call(client, VFU_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0);

	if (!ret) {
		MUST(client->reply_len == sizeof(unmap));
		MUST(!memcmp(client->reply, &unmap, sizeof(unmap)));
	}
	return ret;
}

int vfu_client_set_irqs(struct vfu_client *client, uint32_t flags, uint32_t index, uint32_t start,
			uint32_t count, const int *fds, unsigned int nfds)
{
	struct vfu_irq_set set = {
		.argsz = sizeof(set),
		.flags = flags,
		.index = index,
		.start = start,
		.count = count,
	};

	return vfu_client_call(client, VFU_DEVICE_SET_IRQS, &set, sizeof(set), fds, nfds);
}
