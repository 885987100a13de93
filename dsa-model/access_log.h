/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log of what the client does to the device and the device to it: --access-log.
 *
 * One line each, fields separated by one space, the first being seconds since the log
 * was opened:
 *
 *	0.000001234 read config 0x04 2 0x0000
 *	0.000001234 write bar0 0x0a0 4 0x00500000
 *	0.000001234 write bar2 0x1000 64 00112233...
 *	0.000001234 bind 0 9
 *	0.000001234 unbind 0 9
 *	0.000001234 message 1
 *	0.000001234 reset
 *	0.000001234 begin
 *	0.000001234 end
 *
 * An access has the region, the offset, the number of bytes and the value; with more than
 * eight bytes that is the bytes in the order of memory. bind and unbind have the first
 * vector and how many, message the vector of a message that was handed to a trigger. begin
 * and end are those of a client. A write is logged before it is carried out, and so
 * also if it is refused; a read that is refused is not logged.
 */
#ifndef DSA_MODEL_ACCESS_LOG_H
#define DSA_MODEL_ACCESS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access_log;

/* What a line is about, besides accesses. */
enum access_log_event {
	ACCESS_LOG_BEGIN,
	ACCESS_LOG_END,
	ACCESS_LOG_RESET,
	ACCESS_LOG_BIND,
	ACCESS_LOG_UNBIND,
	ACCESS_LOG_MESSAGE,
};

/* A new file at @path, or NULL with errno set. */
struct access_log *access_log_open(const char *path);
/* The functions below do nothing with a NULL log. 0 or the negative errno of a lost line. */
int access_log_close(struct access_log *log);

/**
 * access_log_access - an access of the client's. From any thread
 * @region: VFIO's number of the region
 */
void access_log_access(struct access_log *log, bool write, unsigned int region, uint64_t offset,
		       const void *data, size_t len);

/* Something else. The numbers are those of the line; what it does not have is not looked at. */
void access_log_event(struct access_log *log, enum access_log_event event, unsigned int first,
		      unsigned int count);

/* What has been logged is in the file when this returns. */
void access_log_flush(struct access_log *log);

#endif /* DSA_MODEL_ACCESS_LOG_H */
