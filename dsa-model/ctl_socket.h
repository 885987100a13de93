/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dsa-model-ctl's connection. Errors are reported on standard error.
 */
#ifndef DSA_MODEL_CTL_SOCKET_H
#define DSA_MODEL_CTL_SOCKET_H

struct json_object;

/* 0 or a negative errno. There is one connection. */
int ctl_connect(const char *path);
void ctl_close(void);

/* Send a request and wait for its reply, at most ten seconds. NULL: none came. */
struct json_object *ctl_ask(struct json_object *request);

#endif /* DSA_MODEL_CTL_SOCKET_H */
