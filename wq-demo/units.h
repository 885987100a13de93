/* SPDX-License-Identifier: GPL-2.0-only */
/* Times and sizes as people write and read them. */
#ifndef WQ_DEMO_UNITS_H
#define WQ_DEMO_UNITS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NSEC_PER_USEC UINT64_C(1000)
#define NSEC_PER_MSEC UINT64_C(1000000)
#define NSEC_PER_SEC UINT64_C(1000000000)

/* Room for every text units_format_ns() makes, with its NUL. */
#define UNITS_TEXT 24

/* CLOCK_MONOTONIC in nanoseconds: the clock of every time in this program. */
static inline uint64_t units_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/**
 * units_parse_duration() - read "250ms", "0.5s", "2m"
 * @text: digits, at most one decimal point, and a unit: ns, us, ms, s, m or h;
 *	the unit may be left out of a zero only
 * @ns: out: nanoseconds; a fraction of one is cut off
 *
 * Returns 0; -EINVAL not a number or no unit; -ERANGE does not fit 64 bits.
 */
int units_parse_duration(const char *text, uint64_t *ns);

/**
 * units_parse_size() - read "4096", "64k", "2M"
 * @text: digits and at most one of k, M, G (powers of 1024)
 * @bytes: out
 *
 * Returns 0; -EINVAL; -ERANGE.
 */
int units_parse_size(const char *text, uint64_t *bytes);

/**
 * units_parse_number() - read a number in decimal, or in hexadecimal after 0x
 *
 * Returns 0; -EINVAL; -ERANGE.
 */
int units_parse_number(const char *text, uint64_t *number);

/**
 * units_parse_cpus() - read "0-3,8"
 * @cpus: out
 *
 * Returns 0; -EINVAL not a list of CPUs; -ERANGE a number that no CPU has.
 */
int units_parse_cpus(const char *text, cpu_set_t *cpus);

/**
 * units_format_ns() - three significant digits and a unit: "812ns", "1.25ms"
 * @text: where, UNITS_TEXT bytes
 * @ns: nanoseconds
 *
 * Returns @text.
 */
const char *units_format_ns(char text[UNITS_TEXT], uint64_t ns);

#endif /* WQ_DEMO_UNITS_H */
