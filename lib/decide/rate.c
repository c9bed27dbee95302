/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/rate.h"

#include <math.h>

#include "base/cleanup.h"

#define SMOOTHING      0.2
#define SMOOTHING_DOWN 0.6
/* Reading a large process's mappings is rare and dear; it must not stop the sampling for a while.
 */
#define OTHER_SMOOTHING 0.05
/* Sampling keeps at least this part of the budget. */
#define LEAST_SHARE 0.5
/* One window on a busy machine may look many times as dear as it is. */
#define COST_STEP_MAX 2.0

void rate_init(struct rate *rate)
{
	*rate = (struct rate){ .period_nsec = RATE_PERIOD_INITIAL_NSEC };
}

static double smooth(double old, double new, double share)
{
	return old > 0 ? old + share * (new - old) : new;
}

static bool is_prime(uint64_t n)
{
	if (n % 2 == 0)
		return n == 2;
	for (uint64_t d = 3; d * d <= n; d += 2)
		if (n % d == 0)
			return false;
	return n > 1;
}

static uint64_t next_prime(uint64_t n)
{
	while (!is_prime(n))
		n++;
	return n;
}

static void learn(struct rate *rate, const struct rate_window *window)
{
	double seconds = (double)window->elapsed_usec / 1e6;

	/* A handful of records does not tell what one costs. */
	if (window->records >= 10) {
		double cost = (double)window->sampling_cpu_usec / (double)window->records;

		if (rate->cost_usec > 0)
			cost = fmin(cost, COST_STEP_MAX * rate->cost_usec);
		/* The first records meet cold caches: what is cheaper is believed sooner. */
		rate->cost_usec = smooth(rate->cost_usec, cost,
					 cost < rate->cost_usec ? SMOOTHING_DOWN : SMOOTHING);
	}
	/* The first window holds the start of the program. */
	rate->other_usec = rate->n_windows++ ? smooth(rate->other_usec,
						      (double)window->other_cpu_usec / seconds,
						      OTHER_SMOOTHING)
					     : 1;
}

uint64_t rate_next(struct rate *rate, const struct rate_window *window)
{
	if (window->elapsed_usec == 0)
		return rate->period_nsec;
	learn(rate, window);
	if (rate->cost_usec <= 0)
		return rate->period_nsec;

	double cap_usec = window->max_cpu_permyriad * 100.0; /* CPU microseconds a second */
	double budget_usec = window->is_hunting ? cap_usec : cap_usec * RATE_QUIET_SHARE;
	double left_usec = fmax(budget_usec - rate->other_usec, budget_usec * LEAST_SHARE);
	double records_per_sec = left_usec / rate->cost_usec;
	/* Idle CPUs deliver nothing: what counts is how many delivered. */
	double busy_cpus = (double)window->records * (double)rate->period_nsec / 1e3 /
			   (double)window->elapsed_usec;

	rate->busy_cpus = smooth(rate->busy_cpus, busy_cpus, SMOOTHING);
	busy_cpus = CLAMP(rate->busy_cpus, 1.0, window->n_cpus ? (double)window->n_cpus : 1.0);

	double period = 1e9 * busy_cpus / records_per_sec;

	if (window->is_throttled)
		period = fmax(period, 2.0 * (double)rate->period_nsec);
	double shortest =
		window->is_hunting ? (double)RATE_PERIOD_MIN_NSEC : (double)RATE_QUIET_PERIOD_NSEC;

	period = CLAMP(period, shortest, (double)RATE_PERIOD_MAX_NSEC);
	/* Small corrections are not worth a system call on every CPU. */
	if (fabs(period - (double)rate->period_nsec) > 0.15 * (double)rate->period_nsec)
		rate->period_nsec = next_prime((uint64_t)period);
	return rate->period_nsec;
}
