/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The work phase as seen from outside the workers: checks, times to locality, and the result line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "locality.h"
#include "lib/base/cleanup.h"

#define SECOND 1e9

/* When a share was reached for good; in seconds of the phase. */
struct phase {
	double start;
	double since90, since99; /* -1: not now */
	double area;
};

struct tick {
	double time;
	uint64_t work;
};

struct monitor {
	struct plan *plan;
	struct locality locality;
	struct phase phase[2];
	unsigned n_phases;
	struct tick *ticks;
	size_t n_ticks, max_ticks;
	double last_time, first_local, last_local;
	double worst_check_msec;
};

static uint64_t work_done(const struct plan *plan)
{
	uint64_t sum = 0;

	for (unsigned worker = 0; worker < plan->n_workers; worker++)
		for (unsigned node = 0; node < MAX_NODES; node++)
			sum += atomic_load_explicit(&plan->control->tally[worker].chunks_on[node],
						    memory_order_relaxed);
	return sum;
}

static void hold(double *since, bool reached, double time)
{
	if (!reached)
		*since = -1;
	else if (*since < 0)
		*since = time;
}

static int check(struct monitor *monitor, double time)
{
	struct phase *phase = &monitor->phase[monitor->n_phases - 1];
	double local = locality_check(&monitor->locality);
	uint64_t work = work_done(monitor->plan);

	if (local < 0)
		return (int)local;
	hold(&phase->since90, local >= .90, time - phase->start);
	hold(&phase->since99, local >= .99, time - phase->start);
	phase->area += (1 - (local + monitor->last_local) / 2) * (time - monitor->last_time);
	if (monitor->n_ticks == 0)
		monitor->first_local = local;
	if (monitor->n_ticks < monitor->max_ticks)
		monitor->ticks[monitor->n_ticks++] = (struct tick){ time, work };
	monitor->last_time = time;
	monitor->last_local = local;
	if ((double)monitor->locality.cost_nsec / 1e6 > monitor->worst_check_msec)
		monitor->worst_check_msec = (double)monitor->locality.cost_nsec / 1e6;
	printf("t=%.2f local=%.4f work=%llu\n", time, local, (unsigned long long)work);
	return fflush(stdout) == 0 ? 0 : -errno;
}

static void start_phase(struct monitor *monitor, double time)
{
	monitor->phase[monitor->n_phases++] =
		(struct phase){ .start = time, .since90 = -1, .since99 = -1 };
}

static int swap_nodes(struct monitor *monitor, double time)
{
	struct plan *plan = monitor->plan;

	for (unsigned worker = 0; worker < plan->n_workers; worker++) {
		unsigned node = (plan->worker_node[worker] + 1) % plan->nodes->count;
		int r = nodes_pin(plan->nodes, node,
				  atomic_load(&plan->control->tally[worker].tid));

		if (r < 0)
			return r;
		plan->worker_node[worker] = node;
	}
	start_phase(monitor, time);
	locality_new_phase(&monitor->locality);
	printf("swapped t=%.2f\n", time);
	/* what was local is remote now, and the area counts it from here */
	monitor->last_local = 1 - monitor->last_local;
	return 0;
}

static bool held_long_enough(const struct monitor *monitor, double time)
{
	const struct options *options = monitor->plan->options;
	const struct phase *phase = &monitor->phase[monitor->n_phases - 1];

	return options->until_local && phase->since99 >= 0 &&
	       time - phase->start - phase->since99 >= options->hold_seconds;
}

/* A worker that ended by itself has failed. */
static int look_for_dead(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->n_processes; i++)
		if (waitpid(plan->pid[i], NULL, WNOHANG) != 0)
			return -ECHILD;
	return 0;
}

static int run_ticks(struct monitor *monitor)
{
	const struct options *options = monitor->plan->options;
	uint64_t start = atomic_load(&monitor->plan->control->start_nsec);
	bool will_swap = monitor->plan->spec->swaps;
	double time = 0;
	int r;

	for (unsigned n = 0;; n++) {
		uint64_t due = start + (uint64_t)(n * options->tick_seconds * SECOND);
		uint64_t now = now_nsec();

		if (now < due)
			sleep_nsec(due - now);
		time = (double)(now_nsec() - start) / SECOND;
		r = look_for_dead(monitor->plan);
		if (r == 0)
			r = check(monitor, time);
		if (r < 0)
			return r;
		if (will_swap &&
		    (time >= options->seconds / 2 || held_long_enough(monitor, time))) {
			will_swap = false;
			r = swap_nodes(monitor, time);
			if (r < 0)
				return r;
		} else if (time >= options->seconds ||
			   (!will_swap && held_long_enough(monitor, time))) {
			return 0;
		}
	}
}

/* Chunks a second over the last third. */
static double late_rate(const struct monitor *monitor)
{
	const struct tick *last = &monitor->ticks[monitor->n_ticks - 1], *from = last;

	while (from > monitor->ticks && from->time > last->time * 2 / 3)
		from--;
	if (last->time <= from->time)
		return 0;
	return (double)(last->work - from->work) / (last->time - from->time);
}

static double over_typical_msec(const struct stalls *stalls, uint64_t nsec)
{
	uint64_t typical = stalls_quantile(stalls, .5);

	return nsec > typical ? (double)(nsec - typical) / 1e6 : 0;
}

static void print_stalls(const struct plan *plan)
{
	_cleanup_free_ struct stalls *all = calloc(1, sizeof(*all));

	if (!all)
		return;
	for (unsigned i = 0; i < plan->n_workers; i++)
		stalls_merge(all, &plan->control->tally[i].stalls);
	printf(" worst_stall_ms=%.2f p999_stall_ms=%.2f p99_stall_ms=%.2f typical_ms=%.3f",
	       over_typical_msec(all, all->longest_nsec),
	       over_typical_msec(all, stalls_quantile(all, .999)),
	       over_typical_msec(all, stalls_quantile(all, .99)),
	       (double)stalls_quantile(all, .5) / 1e6);
}

static double cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / SECOND;
}

/* Of the first process; 0 where unknown. */
static unsigned long huge_kilobytes(const struct plan *plan)
{
	char path[64], line[128];
	unsigned long kilobytes = 0;
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)plan->pid[0]);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "AnonHugePages: %lu", &kilobytes) == 1)
			break;
	return kilobytes;
}

static void print_result(const struct monitor *monitor)
{
	const struct plan *plan = monitor->plan;
	const struct phase *first = &monitor->phase[0], *second = &monitor->phase[1];
	const struct tick *last = &monitor->ticks[monitor->n_ticks - 1];
	double area = first->area;

	printf("result name=%s seconds=%.2f t90=%.2f t99=%.2f", plan->spec->name, last->time,
	       first->since90, first->since99);
	if (monitor->n_phases > 1) {
		printf(" t90b=%.2f t99b=%.2f", second->since90, second->since99);
		area += second->area;
	}
	printf(" remote_area=%.3f", area);
	print_stalls(plan);
	printf(" work=%llu work_late=%.1f used_pages=%llu moved=%.0f moved_back=%.0f"
	       " local_first=%.4f local_last=%.4f huge_kb=%lu"
	       " monitor_cpu=%.2f check_ms=%.2f unknown=%llu\n",
	       (unsigned long long)last->work, late_rate(monitor),
	       (unsigned long long)monitor->locality.used_pages, monitor->locality.moved_pages,
	       monitor->locality.moved_back_pages, monitor->first_local, monitor->last_local,
	       huge_kilobytes(plan), cpu_seconds(), monitor->worst_check_msec,
	       (unsigned long long)monitor->locality.unknown_probes);
	fflush(stdout);
}

int monitor_run(struct plan *plan)
{
	_cleanup_free_ struct monitor *monitor = calloc(1, sizeof(*monitor));
	int r;

	if (!monitor)
		return -ENOMEM;
	monitor->plan = plan;
	monitor->max_ticks = (size_t)(plan->options->seconds / plan->options->tick_seconds) + 16;
	monitor->ticks = calloc(monitor->max_ticks, sizeof(*monitor->ticks));
	r = monitor->ticks ? locality_init(&monitor->locality, plan) : -ENOMEM;
	if (r == 0) {
		start_phase(monitor, 0);
		atomic_store(&plan->control->start_nsec, now_nsec());
		r = run_ticks(monitor);
	}
	atomic_store(&plan->control->stop, true);
	if (r == 0)
		print_result(monitor);
	locality_done(&monitor->locality);
	free(monitor->ticks);
	return r;
}
