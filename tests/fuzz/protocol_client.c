// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "protocol_client.h"
#include "../unit/send_fds.h"

/* More turns than any input needs. */
#define MANY_TURNS 2000
/* Without news: more requests than the socket holds have been carried out then. */
#define IDLE_TURNS 100

/* ---- The server's messages to people: there would be millions ------------------------------ */

void log_set_verbose(bool verbose)
{
	(void)verbose;
}

bool log_is_verbose(void)
{
	return false;
}

void log_set_device(const char *device)
{
	(void)device;
}

const char *log_device(void)
{
	return NULL;
}

void log_error(const char *format, ...)
{
	(void)format;
}

void log_error_about(const char *device, const char *format, ...)
{
	(void)device, (void)format;
}

void log_detail(const char *format, ...)
{
	(void)format;
}

/* ---- What replies must be like ----------------------------------------------------------------- */

static bool overlaps(const struct fuzz_client *client, const struct client_due *due)
{
	unsigned int i;

	for (i = 0; i < client->nranges; i++)
		if (client->ranges[i].first <= due->last && client->ranges[i].last >= due->first)
			return true;
	return false;
}

static void mapped(struct fuzz_client *client, const struct client_due *due, int error)
{
	if (client->blind)
		return;
	if (error == EEXIST && !overlaps(client, due))
		model_complain(client->verdict, "map of %#llx refused as overlapping, it is not",
			       (unsigned long long)due->first);
	if (error)
		return;
	if (overlaps(client, due))
		model_complain(client->verdict, "map of %#llx accepted, it overlaps",
			       (unsigned long long)due->first);
	if (client->nranges == CLIENT_RANGES)
		client->blind = true;
	else
		client->ranges[client->nranges++] =
			(struct client_range){ due->first, due->last };
}

static void unmapped(struct fuzz_client *client, const struct client_due *due)
{
	unsigned int i = 0;

	while (i < client->nranges && !client->blind) {
		struct client_range *range = &client->ranges[i];

		if (!due->all && (range->last < due->first || range->first > due->last)) {
			i++;
			continue;
		}
		if (!due->all && (range->first < due->first || range->last > due->last))
			model_complain(client->verdict, "unmap from %#llx cut a mapping",
				       (unsigned long long)due->first);
		*range = client->ranges[--client->nranges];
	}
}

/* Bytes of a success; QEMU's buffer has no room for more. */
static bool size_is_right(const struct client_due *due, uint32_t size)
{
	static const uint32_t sizes[VFU_COMMANDS] = {
		[VFU_DMA_MAP] = 16,	       [VFU_DMA_UNMAP] = 16 + 24,
		[VFU_DEVICE_GET_INFO] = 32,    [VFU_DEVICE_GET_REGION_INFO] = 48,
		[VFU_DEVICE_GET_IRQ_INFO] = 32, [VFU_DEVICE_SET_IRQS] = 16,
		[VFU_REGION_WRITE] = 32,       [VFU_DEVICE_RESET] = 16,
		[VFU_REGION_WRITE_MULTI] = 24,
	};

	if (due->command == VFU_VERSION)
		return size >= 20 && size <= due->request_size;
	if (due->command == VFU_REGION_READ)
		return size == 32 + due->count;
	return due->command < VFU_COMMANDS && sizes[due->command] && size == sizes[due->command];
}

static void check_reply(struct fuzz_client *client, const struct vfu_header *header)
{
	const struct client_due *due = &client->due[client->first_due % CLIENT_DUE];
	bool error = header->flags & VFU_FLAG_ERROR;

	if ((header->flags & ~VFU_FLAG_ERROR) != VFU_TYPE_REPLY ||
	    (error && (header->size != 16 || !header->error || header->error > 4095)) ||
	    (!error && header->error)) {
		model_complain(client->verdict, "malformed reply: size %u flags %#x error %u",
			       header->size, header->flags, header->error);
		return;
	}
	client->replies++;
	client->errors += error;
	if (client->wild)
		return;
	if (client->first_due == client->last_due) {
		model_complain(client->verdict, "reply to command %u that nobody waits for",
			       header->command);
		return;
	}
	client->first_due++;
	if (header->id != due->id || header->command != due->command)
		model_complain(client->verdict, "reply %u to command %u, expected %u to %u",
			       header->id, header->command, due->id, due->command);
	else if (!error && !size_is_right(due, header->size))
		model_complain(client->verdict, "reply to command %u of %u bytes", due->command,
			       header->size);
	else if (due->command == VFU_DMA_MAP)
		mapped(client, due, header->error);
	else if (due->command == VFU_DMA_UNMAP && !error)
		unmapped(client, due);
}

static void take_replies(struct fuzz_client *client)
{
	while (client->got >= sizeof(struct vfu_header)) {
		struct vfu_header header;

		memcpy(&header, client->rx, sizeof(header));
		if (header.size < sizeof(header) || header.size > sizeof(client->rx)) {
			model_complain(client->verdict, "reply of %u bytes", header.size);
			client->got = 0;
			return;
		}
		if (client->got < header.size)
			return;
		check_reply(client, &header);
		client->got -= header.size;
		memmove(client->rx, client->rx + header.size, client->got);
	}
}

/* False: nothing has come. */
static bool receive(struct fuzz_client *client)
{
	char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec iov = {
		.iov_base = client->rx + client->got,
		.iov_len = sizeof(client->rx) - client->got,
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	if (client->lost || client->deaf)
		return false;
	n = recvmsg(client->sock, &msg, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		client->lost = true;
		if (!client->may_close && !client->wild)
			model_complain(client->verdict, "connection closed without a reason");
		return false;
	}
	if (msg.msg_controllen)
		model_complain(client->verdict, "reply with file descriptors");
	client->got += n;
	take_replies(client);
	return true;
}

/* ---- Sending --------------------------------------------------------------------------------------- */

bool client_open(struct fuzz_client *client, struct server *server, struct model_verdict *verdict)
{
	int pair[2];

	client->server = server;
	client->verdict = verdict;
	client->lost = client->wild = client->may_close = client->deaf = client->blind = false;
	client->first_due = client->last_due = 0;
	client->nranges = 0;
	client->got = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return false;
	client->sock = pair[0];
	if (!server_adopt(server, pair[1]))
		return true;
	close(pair[0]);
	close(pair[1]);
	return false;
}

static void turn(struct fuzz_client *client)
{
	int ret = server_turn(client->server, 0);

	if (ret < 0)
		model_complain(client->verdict, "the server has given up: %s", strerror(-ret));
}

void client_send_raw(struct fuzz_client *client, const void *bytes, size_t len, const int *fds,
		     unsigned int nfds)
{
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = len };
	ssize_t n = send_fds(client->sock, &iov, 1, fds, nfds, MSG_NOSIGNAL | MSG_DONTWAIT);

	/* A server that does not read has been given a reason: it waits for its replies. */
	if (n != (ssize_t)len)
		client->wild = true;
}

static void expect_reply(struct fuzz_client *client, const struct message *message)
{
	struct client_due *due = &client->due[client->last_due % CLIENT_DUE];
	const struct vfu_dma_unmap *unmap = (const void *)message->payload;
	const struct vfu_dma_map *map = (const void *)message->payload;
	const struct vfu_region_access *access = (const void *)message->payload;

	if (message->header.flags & VFU_FLAG_NO_REPLY) {
		/* What became of it is not known. */
		client->blind |= message->header.command == VFU_DMA_MAP ||
				 message->header.command == VFU_DMA_UNMAP;
		return;
	}
	if (client->last_due - client->first_due == CLIENT_DUE) {
		client->wild = true;
		return;
	}
	client->last_due++;
	*due = (struct client_due){
		.id = message->header.id,
		.command = message->header.command,
		.request_size = message->header.size,
	};
	switch (message->header.command) {
	case VFU_DMA_MAP:
		due->first = map->address;
		due->last = map->address + (map->size - 1);
		break;
	case VFU_DMA_UNMAP:
		due->first = unmap->address;
		due->last = unmap->address + (unmap->size - 1);
		due->all = unmap->flags & VFU_DMA_UNMAP_ALL;
		break;
	case VFU_REGION_READ:
		due->count = access->count;
		break;
	default:
		break;
	}
}

void client_send(struct fuzz_client *client, const struct message *message)
{
	size_t size = sizeof(message->header) + message->len, at, n;
	uint8_t bytes[sizeof(message->header) + CLIENT_PAYLOAD];
	unsigned int piece = 0;

	memcpy(bytes, &message->header, sizeof(message->header));
	memcpy(bytes + sizeof(message->header), message->payload, message->len);
	if (message->header.size != size || (message->header.flags & VFU_FLAG_TYPE))
		client->wild = true;
	expect_reply(client, message);
	for (at = 0; at < size && !client->lost; at += n, piece++) {
		bool last, with_fds;

		n = message->piece && message->piece < size - at ? message->piece : size - at;
		last = at + n == size;
		with_fds = piece == message->fds_at || (last && piece < message->fds_at);
		client_send_raw(client, bytes + at, n, message->fds,
				with_fds ? message->nfds : 0);
		if (!last)
			turn(client);
	}
}

void client_settle(struct fuzz_client *client)
{
	unsigned int idle = 0, turns;

	/* Requests without a reply may be in front of those with one, many turns of them. */
	for (turns = 0; turns < MANY_TURNS && idle < IDLE_TURNS; turns++) {
		bool waits = !client->wild && !client->deaf && !client->lost &&
			     client->first_due != client->last_due;

		turn(client);
		idle = receive(client) ? 0 : idle + 1;
		if (idle > 1 && !waits)
			break;
	}
	if (client->wild || client->deaf || client->lost || client->verdict->wrong)
		return;
	if (client->first_due != client->last_due)
		model_complain(client->verdict, "no reply to command %u",
			       client->due[client->first_due % CLIENT_DUE].command);
}

void client_close(struct fuzz_client *client)
{
	unsigned int turns;

	close(client->sock);
	for (turns = 0; turns < MANY_TURNS; turns++)
		if (server_turn(client->server, 0) <= 0)
			return;
	model_complain(client->verdict, "the server does not notice that the client has gone");
}
