// SPDX-License-Identifier: GPL-2.0-only
/* One message at a time through a socket pair: pieces, descriptors, hostile peers. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "send_fds.h"
#include "transport.h"
#include "unit.h"

static int peer, sock;
static struct vfu_rx rx;
static struct vfu_tx tx;
static const char *why;

static void setup(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	peer = pair[0];
	sock = pair[1];
	ck_assert_int_eq(vfu_rx_init(&rx), 0);
	ck_assert_int_eq(vfu_tx_init(&tx), 0);
}

static void teardown(void)
{
	vfu_rx_destroy(&rx);
	vfu_tx_destroy(&tx);
	close(sock);
	if (peer >= 0)
		close(peer);
}

static void send_with_fds(const void *data, size_t len, unsigned int nfds)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	int gifts[SEND_FDS_MAX];
	unsigned int i;

	for (i = 0; i < nfds; i++)
		gifts[i] = STDERR_FILENO;
	ck_assert_int_eq(send_fds(peer, &iov, 1, gifts, nfds, MSG_NOSIGNAL), (ssize_t)len);
}

struct message {
	struct vfu_header header;
	uint8_t data[64];
};

static struct message make(uint16_t id, size_t data)
{
	struct message m = { .header = {
				     .id = id, .command = VFU_REGION_WRITE, .size = 16 + data } };
	size_t i;

	for (i = 0; i < data; i++)
		m.data[i] = id + i;
	return m;
}

START_TEST(whole_messages)
{
	struct message a = make(1, 20), b = make(2, 0), c = make(3, 64);

	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 0);
	send_with_fds(&a, 36, 0);
	send_with_fds(&b, 16, 0);
	send_with_fds(&c, 80, 0);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_mem_eq(&rx.header, &a.header, 16);
	ck_assert_mem_eq(rx.payload, a.data, 20);
	vfu_rx_next(&rx);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_uint_eq(rx.header.id, 2);
	vfu_rx_next(&rx);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_mem_eq(rx.payload, c.data, 64);
	vfu_rx_next(&rx);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 0);
	ck_assert(!vfu_rx_partial(&rx));
}
END_TEST

START_TEST(byte_by_byte)
{
	struct message a = make(0x4142, 50);
	size_t i;

	for (i = 0; i < 66; i++) {
		ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 0);
		ck_assert(vfu_rx_partial(&rx) == (i > 0));
		/* The descriptor comes with the first byte. */
		send_with_fds((char *)&a + i, 1, i == 0);
	}
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_mem_eq(rx.payload, a.data, 50);
	ck_assert_uint_eq(rx.nfds, 1);
}
END_TEST

static void *send_a_byte(void *message)
{
	send_with_fds(message, 1, 0);
	return NULL;
}

static void set_timeout(time_t seconds, suseconds_t microseconds)
{
	const struct timeval timeout = { .tv_sec = seconds, .tv_usec = microseconds };

	ck_assert_int_eq(setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), 0);
}

/* The timeout ends the waiting; what is there does, too, though a message is more. */
START_TEST(waits_for_the_beginning)
{
	struct message a = make(7, 20);
	pthread_t thread;

	set_timeout(0, 1000);
	ck_assert_int_eq(vfu_recv(&rx, sock, true, &why), 0);
	ck_assert(!vfu_rx_partial(&rx));

	set_timeout(3600, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_a_byte, &a), 0);
	ck_assert_int_eq(vfu_recv(&rx, sock, true, &why), 0);
	ck_assert(vfu_rx_partial(&rx));
	ck_assert_int_eq(vfu_recv(&rx, sock, true, &why), 0);
	pthread_join(thread, NULL);
	send_with_fds((char *)&a + 1, 35, 0);
	ck_assert_int_eq(vfu_recv(&rx, sock, true, &why), 1);
	ck_assert_mem_eq(rx.payload, a.data, 20);
}
END_TEST

/* Reading ahead would give the second message's descriptors to the first. */
START_TEST(descriptors_stay_with_their_message)
{
	struct message a = make(1, 8), b = make(2, 8), c = make(3, 8);
	int before = open_fds();

	send_with_fds(&a, 24, 0);
	send_with_fds(&b, 24, 2);
	send_with_fds(&c, 24, 1);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_uint_eq(rx.nfds, 0);
	vfu_rx_next(&rx);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_uint_eq(rx.header.id, 2);
	ck_assert_uint_eq(rx.nfds, 2);
	ck_assert(fcntl(rx.fds[0], F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(open_fds(), before + 2);
	vfu_rx_next(&rx);
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_uint_eq(rx.nfds, 1);
	vfu_rx_next(&rx);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(a_kept_descriptor_is_kept)
{
	struct message a = make(1, 0);
	int fd;

	send_with_fds(&a, 16, 2);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	fd = rx.fds[0];
	rx.fds[0] = -1;
	vfu_rx_next(&rx);
	ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
	close(fd);
}
END_TEST

START_TEST(too_many_descriptors)
{
	struct message a = make(1, 8);
	int before = open_fds();

	/* More than the protocol allows: received, to be refused by its rules. */
	send_with_fds(&a, 24, VFU_RX_FDS);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), 1);
	ck_assert_uint_eq(rx.nfds, VFU_RX_FDS);
	vfu_rx_next(&rx);
	ck_assert_int_eq(open_fds(), before);
	/* One message, several lots of descriptors, too many together. */
	send_with_fds(&a, 8, VFU_RX_FDS);
	send_with_fds((char *)&a + 8, 16, 1);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), -EPROTO);
	vfu_rx_next(&rx);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(truncated_descriptors)
{
	struct message a = make(1, 8);
	int before = open_fds();

	send_with_fds(&a, 24, 253);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), -EPROTO);
	ck_assert_ptr_nonnull(why);
	vfu_rx_next(&rx);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

/* Out of descriptors is the same to the stream: some are missing. */
START_TEST(no_room_for_descriptors)
{
	struct rlimit old, low;
	struct message a = make(1, 8);
	int before = open_fds(), next = dup(peer);

	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = next + 2;
	send_with_fds(&a, 24, 5);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), -EPROTO);
	vfu_rx_next(&rx);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(foreign_ancillary_data)
{
	struct message a = make(1, 8);
	int on = 1;

	ck_assert_int_eq(setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	send_with_fds(&a, 24, 1);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), -EPROTO);
}
END_TEST

START_TEST(broken_headers)
{
	static const struct {
		uint32_t size, flags;
	} bad[] = {
		{ 15, 0 }, { 0, 0 },  { UINT32_MAX, 0 }, { 16 + VFU_MAX_PAYLOAD + 1, 0 },
		{ 16, 1 }, { 16, 3 },
	};
	struct message a = make(1, 0);

	a.header.size = bad[_i].size;
	a.header.flags = bad[_i].flags;
	send_with_fds(&a, 16, 1);
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), -EPROTO);
	ck_assert_ptr_nonnull(why);
	ck_assert_uint_eq(rx.nfds, 1);
}
END_TEST

START_TEST(peer_goes_away)
{
	struct message a = make(1, 8);
	size_t sent = _i;

	if (sent)
		send_with_fds(&a, sent, 1);
	close(peer);
	peer = -1;
	ck_assert_int_eq(vfu_recv(&rx, sock, false, &why), sent ? -ECONNRESET : -ENOTCONN);
	ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(replies)
{
	struct vfu_header request = { .id = 0xbeef, .command = VFU_REGION_READ, .size = 32 };
	struct vfu_header header;
	char data[8];

	ck_assert_int_eq(vfu_send(&tx, sock), 1);
	memcpy(vfu_tx_payload(&tx), "payload", 8);
	vfu_tx_reply(&tx, &request, 8, 0);
	ck_assert(vfu_tx_pending(&tx));
	ck_assert_int_eq(vfu_send(&tx, sock), 1);
	ck_assert(!vfu_tx_pending(&tx));
	ck_assert_int_eq(recv(peer, &header, 16, 0), 16);
	ck_assert_uint_eq(header.id, 0xbeef);
	ck_assert_uint_eq(header.command, VFU_REGION_READ);
	ck_assert_uint_eq(header.size, 24);
	ck_assert_uint_eq(header.flags, VFU_TYPE_REPLY);
	ck_assert_uint_eq(header.error, 0);
	ck_assert_int_eq(recv(peer, data, 8, 0), 8);
	ck_assert_str_eq(data, "payload");

	/* An error takes no payload with it. */
	vfu_tx_reply(&tx, &request, 8, -ENOSPC);
	ck_assert_int_eq(vfu_send(&tx, sock), 1);
	ck_assert_int_eq(recv(peer, &header, 16, 0), 16);
	ck_assert_uint_eq(header.size, 16);
	ck_assert_uint_eq(header.flags, VFU_TYPE_REPLY | VFU_FLAG_ERROR);
	ck_assert_uint_eq(header.error, ENOSPC);
	ck_assert_int_eq(recv(peer, data, 8, MSG_DONTWAIT), -1);
}
END_TEST

START_TEST(a_full_socket_does_not_block)
{
	struct vfu_header request = { .id = 1, .command = VFU_REGION_READ, .size = 32 };
	size_t full = 16 + VFU_MAX_PAYLOAD, got = 0;
	uint8_t *back = malloc(full);
	struct vfu_header header;
	ssize_t n;

	ck_assert_ptr_nonnull(back);
	memset(vfu_tx_payload(&tx), 0x5a, VFU_MAX_PAYLOAD);
	vfu_tx_reply(&tx, &request, VFU_MAX_PAYLOAD, 0);
	ck_assert_int_eq(vfu_send(&tx, sock), 0);
	ck_assert(vfu_tx_pending(&tx));
	/* The header is there in one piece whatever follows. */
	ck_assert_int_eq(recv(peer, &header, 16, MSG_PEEK), 16);
	while (got < full) {
		n = recv(peer, back + got, full - got, MSG_DONTWAIT);
		if (n < 0) {
			ck_assert_int_eq(errno, EAGAIN);
			ck_assert_int_ge(vfu_send(&tx, sock), 0);
			continue;
		}
		got += n;
	}
	ck_assert_int_eq(vfu_send(&tx, sock), 1);
	ck_assert_int_eq(back[full - 1], 0x5a);
	free(back);
}
END_TEST

START_TEST(sending_to_nobody)
{
	struct vfu_header request = { .id = 1, .command = VFU_DEVICE_RESET, .size = 16 };

	close(peer);
	peer = -1;
	vfu_tx_reply(&tx, &request, 0, 0);
	ck_assert_int_eq(vfu_send(&tx, sock), -EPIPE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("transport");
	TCase *tcase = tcase_create("messages");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, whole_messages);
	tcase_add_test(tcase, byte_by_byte);
	tcase_add_test(tcase, waits_for_the_beginning);
	tcase_add_test(tcase, descriptors_stay_with_their_message);
	tcase_add_test(tcase, a_kept_descriptor_is_kept);
	tcase_add_test(tcase, too_many_descriptors);
	tcase_add_test(tcase, truncated_descriptors);
	tcase_add_test(tcase, no_room_for_descriptors);
	tcase_add_test(tcase, foreign_ancillary_data);
	tcase_add_loop_test(tcase, broken_headers, 0, 6);
	tcase_add_loop_test(tcase, peer_goes_away, 0, 24);
	tcase_add_test(tcase, replies);
	tcase_add_test(tcase, a_full_socket_does_not_block);
	tcase_add_test(tcase, sending_to_nobody);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
