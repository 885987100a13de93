// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"
#include "server.h"
#include "session.h"
#include "stats.h"
#include "transport.h"

/* Requests carried out before signals and newcomers get a look in. */
#define MESSAGES_PER_TURN 64
/* A client that sends nothing but nonsense does not get to fill the log. */
#define COMPLAINTS_PER_CLIENT 10
/*
 * After a reply the next request is waited for in recvmsg() first: most follow at once, and
 * to poll for them costs a fifth of a register read. Everything else waits so long.
 */
#define NEXT_REQUEST_USEC 1000

/**
 * struct server - the server
 * @client: socket of the client, or -1
 * @progress: when the client's socket last moved, CLOCK_MONOTONIC seconds
 * @complaints: requests of this client reported as refused
 * @stop_fd: eventfd of server_stop()
 * @patient: turns may wait for the next request after a reply
 * @no_accept: out of descriptors; newcomers wait until the client has gone
 */
struct server {
	struct server_params params;
	struct session session;
	struct listener listener;
	struct vfu_rx rx;
	struct vfu_tx tx;
	struct server_counters counters;
	int client;
	time_t progress;
	unsigned int complaints;
	int stop_fd;
	bool patient;
	bool no_accept;
	bool stopping;
};

static time_t now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

struct server *server_create(const struct server_params *params)
{
	struct server *server = calloc(1, sizeof(*server));
	unsigned int vectors;
	int error;

	if (!server)
		return NULL;
	server->params = *params;
	server->client = -1;
	server->listener.fd = -1;
	server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->stop_fd < 0)
		goto free_server;
	if (vfu_rx_init(&server->rx) || vfu_tx_init(&server->tx))
		goto no_memory;
	server->session.dma = dma_map_create(&params->limits);
	if (!server->session.dma)
		goto no_memory;
	server->session.device =
		dsa_device_create(&server->params.device, &session_host_ops, &server->session);
	if (!server->session.device)
		goto free_buffers;
	/* The device signals nothing before somebody has programmed it. */
	vectors = dsa_device_vectors(server->session.device);
	server->session.irqs = irq_set_create(vectors);
	if (!server->session.irqs)
		goto destroy_device;
	if (params->access_log_path) {
		server->session.log = access_log_open(params->access_log_path);
		if (!server->session.log) {
			log_error("--access-log: cannot write to %s: %s", params->access_log_path,
				  strerror(errno));
			goto destroy_irqs;
		}
	}
	session_init_shape(&server->session);
	return server;

destroy_irqs:
	error = errno;
	irq_set_destroy(server->session.irqs);
	errno = error;
destroy_device:
	error = errno;
	dsa_device_destroy(server->session.device);
	errno = error;
	goto free_buffers;
no_memory:
	errno = ENOMEM;
free_buffers:
	error = errno;
	dma_map_destroy(server->session.dma);
	vfu_tx_destroy(&server->tx);
	vfu_rx_destroy(&server->rx);
	close(server->stop_fd);
	errno = error;
free_server:
	free(server);
	return NULL;
}

void server_destroy(struct server *server)
{
	if (!server)
		return;
	if (server->client >= 0)
		close(server->client);
	listener_close(&server->listener);
	dsa_device_destroy(server->session.device);
	irq_set_destroy(server->session.irqs);
	dma_map_destroy(server->session.dma);
	if (access_log_close(server->session.log))
		log_error("--access-log: %s is not complete", server->params.access_log_path);
	vfu_tx_destroy(&server->tx);
	vfu_rx_destroy(&server->rx);
	close(server->stop_fd);
	free(server);
}

struct dsa_device *server_device(struct server *server)
{
	return server->session.device;
}

int server_listen(struct server *server, const char *path)
{
	return listener_open(&server->listener, path, server->params.socket_mode);
}

void server_stop(struct server *server)
{
	eventfd_write(server->stop_fd, 1);
}

static struct stats_sources sources_of(struct server *server)
{
	return (struct stats_sources){
		.params = &server->params.device,
		.device = server->session.device,
		.dma = server->session.dma,
		.counters = &server->counters,
		.resets = &server->session.resets,
	};
}

int server_write_stats(struct server *server)
{
	struct stats_sources sources = sources_of(server);

	access_log_flush(server->session.log);
	if (!server->params.stats_path)
		return 0;
	return stats_write(server->params.stats_path, &sources);
}

struct json_object *server_collect_stats(struct server *server)
{
	struct stats_sources sources = sources_of(server);

	return stats_collect(&sources);
}

static int set_timeout(int sock)
{
	const struct timeval timeout = { .tv_usec = NEXT_REQUEST_USEC };

	return setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ? -errno : 0;
}

static void start_client(struct server *server, int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	server->client = sock;
	server->complaints = 0;
	server->progress = now_seconds();
	if (!getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		log_detail("client connected: process %d, user %u", (int)peer.pid,
			   (unsigned int)peer.uid);
}

/* Give back everything the client had. */
static void end_client(struct server *server)
{
	bool was_client = server->session.negotiated;

	close(server->client);
	server->client = -1;
	vfu_rx_next(&server->rx);
	vfu_tx_clear(&server->tx);
	session_end(&server->session);
	server->no_accept = false;
	log_detail("client gone, device reset");
	if (server->params.once && was_client)
		server->stopping = true;
}

int server_adopt(struct server *server, int sock)
{
	int ret;

	if (server->client >= 0)
		return -EBUSY;
	if (fcntl(sock, F_SETFL, fcntl(sock, F_GETFL) & ~O_NONBLOCK))
		return -errno;
	ret = set_timeout(sock);
	if (!ret)
		start_client(server, sock);
	return ret;
}

static void complain(struct server *server, const struct vfu_header *header, int error,
		     const char *why)
{
	/* QEMU asks for interrupts the device does not have, and takes no for an answer. */
	if (!why)
		return;
	server->counters.refused++;
	if (server->complaints == COMPLAINTS_PER_CLIENT && !log_is_verbose())
		return;
	log_error("%s refused: %s (%s)", vfu_command_name(header->command), why, strerror(-error));
	if (++server->complaints == COMPLAINTS_PER_CLIENT && !log_is_verbose())
		log_error("further refusals of this client are not shown (--verbose shows all)");
}

/* Carry out the request in rx; afterwards the reply, if any, is in tx. */
static void serve_request(struct server *server)
{
	const struct vfu_header *header = &server->rx.header;
	bool was_negotiated = server->session.negotiated;
	const char *why;
	long ret;

	server->counters.requests++;
	ret = session_request(&server->session, header, server->rx.payload, server->rx.fds,
			      server->rx.nfds, vfu_tx_payload(&server->tx), &why);
	if (ret < 0)
		complain(server, header, ret, why);
	if (!was_negotiated && server->session.negotiated)
		server->counters.clients++;
	if (!(header->flags & VFU_FLAG_NO_REPLY))
		vfu_tx_reply(&server->tx, header, ret < 0 ? 0 : ret, ret < 0 ? ret : 0);
	vfu_rx_next(&server->rx);
}

/* The connection is beyond repair, or over. */
static void lose_client(struct server *server, int error, const char *why)
{
	if (error == -ENOTCONN || error == -ECONNRESET || error == -EPIPE) {
		log_detail("%s", why);
	} else {
		server->counters.protocol_errors++;
		log_error("connection closed: %s (%s)", why, strerror(-error));
	}
	end_client(server);
}

/*
 * One turn of the client: replies before requests, so that a client that does
 * not read is not listened to either, and costs no memory.
 */
static void serve_client(struct server *server)
{
	const char *why = NULL;
	bool replied = false;
	unsigned int i;
	int ret;

	for (i = 0; i < MESSAGES_PER_TURN; i++) {
		ret = vfu_send(&server->tx, server->client);
		if (ret < 0) {
			lose_client(server, ret, "cannot send");
			return;
		}
		/* The session may be over with its last reply stuck: then that is lost. */
		if (server->session.over) {
			lose_client(server, -EPROTO, "no version could be agreed on");
			return;
		}
		/* Who has waited for a reply has sent nothing yet. */
		if (!ret || (replied && !server->patient))
			return;
		server->progress = now_seconds();
		ret = vfu_recv(&server->rx, server->client, replied, &why);
		if (ret < 0) {
			lose_client(server, ret, why);
			return;
		}
		if (!ret)
			return;
		serve_request(server);
		replied = vfu_tx_pending(&server->tx);
	}
}

/* Has the client gone, though not all it sent has been read? */
static bool client_hung_up(const struct server *server)
{
	struct pollfd pfd = { .fd = server->client };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & (POLLHUP | POLLERR));
}

/* Waiting for the rest of a message, for a reply to be read, or for VERSION. */
static bool client_stalled(const struct server *server)
{
	if (server->session.negotiated && !vfu_rx_partial(&server->rx) &&
	    !vfu_tx_pending(&server->tx))
		return false;
	return now_seconds() - server->progress >= server->params.stall_seconds;
}

static void accept_client(struct server *server)
{
	int sock, error;

	/* What the last client sent is dealt with first; the newcomer waits. */
	if (server->client >= 0 && client_hung_up(server))
		return;
	sock = accept4(server->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	if (sock < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		log_error("cannot accept a connection: %s", strerror(errno));
		server->no_accept = server->client >= 0;
		return;
	}
	if (server->client >= 0 && client_stalled(server)) {
		log_error("the client has not moved for %lld seconds and makes room for another",
			  (long long)(now_seconds() - server->progress));
		end_client(server);
	}
	if (server->client >= 0 || server->stopping) {
		server->counters.turned_away++;
		log_error("a second client is turned away: one at a time");
		close(sock);
		return;
	}
	error = set_timeout(sock);
	if (error) {
		log_error("cannot set up a connection: %s", strerror(-error));
		close(sock);
		return;
	}
	start_client(server, sock);
}

static void handle_signals(struct server *server, int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1) {
			server_write_stats(server);
		} else {
			log_detail("%s: ending", strsignal(info.ssi_signo));
			server->stopping = true;
		}
	}
}

enum { POLL_STOP, POLL_SIGNAL, POLL_LISTEN, POLL_CLIENT, POLL_COUNT };

/* Wait until there is something to do, and do it. */
static int turn(struct server *server, int signal_fd, int timeout)
{
	struct pollfd pfds[POLL_COUNT] = {
		[POLL_STOP] = { .fd = server->stop_fd, .events = POLLIN },
		[POLL_SIGNAL] = { .fd = signal_fd, .events = POLLIN },
		[POLL_LISTEN] = {
			.fd = server->no_accept ? -1 : server->listener.fd,
			.events = POLLIN,
		},
		[POLL_CLIENT] = {
			.fd = server->client,
			.events = vfu_tx_pending(&server->tx) ? POLLOUT : POLLIN,
		},
	};

	if (poll(pfds, POLL_COUNT, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
	if (pfds[POLL_SIGNAL].revents)
		handle_signals(server, signal_fd);
	if (pfds[POLL_STOP].revents)
		server->stopping = true;
	if (server->stopping)
		return 0;
	if (pfds[POLL_CLIENT].revents)
		serve_client(server);
	if (pfds[POLL_LISTEN].revents)
		accept_client(server);
	return 0;
}

int server_turn(struct server *server, int timeout)
{
	int ret = turn(server, -1, timeout);

	return ret ? ret : server->client >= 0;
}

int server_run(struct server *server, int signal_fd)
{
	int ret = 0, stats;

	server->patient = true;
	while (!ret && !server->stopping)
		ret = turn(server, signal_fd, -1);
	if (server->client >= 0)
		end_client(server);
	stats = server_write_stats(server);
	return ret ? ret : stats;
}
