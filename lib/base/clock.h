/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only reader of time. */
#pragma once

#include <stdint.h>

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC  1000000ULL
#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_SEC  1000000000ULL

/* CLOCK_MONOTONIC, in microseconds. */
uint64_t clock_now_usec(void);

/* CPU time used by this process since it started, in microseconds. */
uint64_t clock_process_cpu_usec(void);

/* CPU time used by the calling thread since it started, in microseconds. */
uint64_t clock_thread_cpu_usec(void);

/* Sleeps for at least `usec` microseconds, or until a signal. */
void clock_sleep_usec(uint64_t usec);
