/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rate control: the sampling period that keeps our CPU use under its cap and the evidence
 * sufficient. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RATE_PERIOD_MIN_NSEC     2000000ULL   /* 500 Hz on each CPU: more disturbs small VMs */
#define RATE_PERIOD_MAX_NSEC     100000000ULL /* 10 Hz */
#define RATE_PERIOD_INITIAL_NSEC 10000019ULL  /* 100 Hz */
/* While everything is local, this part of the cap. */
#define RATE_QUIET_PERIOD_NSEC                                                                     \
	20000000ULL /* and at most 50 Hz: a tick costs the CPU that it interrupts, too */
#define RATE_QUIET_SHARE (1.0 / 8)

struct rate {
	uint64_t period_nsec;
	double cost_usec;  /* of one record, smoothed; 0 before the first */
	double other_usec; /* per second: CPU time used for everything else, smoothed */
	uint64_t n_windows;
	double busy_cpus; /* that deliver records, smoothed */
};

/* What one window saw. */
struct rate_window {
	uint64_t elapsed_usec;
	uint64_t sampling_cpu_usec; /* reading rings and resolving records */
	uint64_t other_cpu_usec;    /* the deciding thread's other work */
	uint64_t records;           /* samples read */
	unsigned n_cpus;
	unsigned max_cpu_permyriad; /* of one CPU */
	bool is_hunting;            /* something is remote: evidence is wanted */
	bool is_throttled;          /* the kernel paused an event */
};

void rate_init(struct rate *rate);

/* The period for the next window; a prime number of nanoseconds, so that it does not march in step
 * with timers. */
uint64_t rate_next(struct rate *rate, const struct rate_window *window);
