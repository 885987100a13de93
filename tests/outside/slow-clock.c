// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: a CLOCK_MONOTONIC_RAW that runs ten times slower.
 *
 * DPDK measures the TSC with it, and with the TSC the second that its test waits for the
 * device at most. A machine that is emulated, device and all, can stand still for longer.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOWER 10
#define NS_PER_S 1000000000LL

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int ret = syscall(SYS_clock_gettime, clock, now);
	long long ns;

	if (ret || clock != CLOCK_MONOTONIC_RAW)
		return ret;
	ns = (now->tv_sec * NS_PER_S + now->tv_nsec) / SLOWER;
	now->tv_sec = ns / NS_PER_S;
	now->tv_nsec = ns % NS_PER_S;
	return 0;
}
