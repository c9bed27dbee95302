/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <time.h>

static uint64_t read_usec(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

uint64_t clock_now_usec(void)
{
	return read_usec(CLOCK_MONOTONIC);
}

uint64_t clock_process_cpu_usec(void)
{
	return read_usec(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t clock_thread_cpu_usec(void)
{
	return read_usec(CLOCK_THREAD_CPUTIME_ID);
}

void clock_sleep_usec(uint64_t usec)
{
	struct timespec ts = {
		.tv_sec = (time_t)(usec / USEC_PER_SEC),
		.tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC),
	};

	nanosleep(&ts, NULL);
}
