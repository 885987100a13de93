/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling the service manager that clients can connect now; see sd_notify(3), of
 * which this is the protocol.
 */
#ifndef DSA_MODEL_NOTIFY_H
#define DSA_MODEL_NOTIFY_H

/* A socket to whom it concerns, or -1: nobody. Before the sandbox, which allows none. */
int notify_open(void);
/* Say so, and close the socket; -1 is fine. */
void notify_ready(int fd);

#endif /* DSA_MODEL_NOTIFY_H */
