/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker process: places its memory, then its threads work and time each chunk. The main thread
 * is a worker too, so that no thread of the process runs anywhere else. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define POLL_NSEC   2000000u
#define SECOND_NSEC 1000000000u

struct thread {
	const struct plan *plan;
	unsigned worker;
};

uint64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NSEC + (uint64_t)now.tv_nsec;
}

void sleep_nsec(uint64_t nsec)
{
	struct timespec wait = { .tv_sec = (time_t)(nsec / SECOND_NSEC),
				 .tv_nsec = (long)(nsec % SECOND_NSEC) };

	nanosleep(&wait, NULL);
}

_Noreturn static void fail(const char *what, int error)
{
	fprintf(stderr, "workload: %s: %s\n", what, strerror(error));
	_exit(1);
}

static void wait_for_start(struct control *control)
{
	atomic_fetch_add(&control->workers_ready, 1);
	while (atomic_load(&control->start_nsec) == 0)
		sleep_nsec(POLL_NSEC);
}

/* The second half of each second is idle. */
static void pause_if_due(const struct plan *plan)
{
	uint64_t into_second = (now_nsec() - atomic_load(&plan->control->start_nsec)) % SECOND_NSEC;

	if (plan->spec->pauses && into_second >= SECOND_NSEC / 2)
		sleep_nsec(SECOND_NSEC - into_second);
}

static void count_chunk(struct tally *tally, uint64_t nsec)
{
	unsigned cpu, node;

	stalls_add(&tally->stalls, nsec);
	if (getcpu(&cpu, &node) == 0 && node < MAX_NODES)
		atomic_store_explicit(&tally->chunks_on[node], tally->chunks_on[node] + 1,
				      memory_order_relaxed);
}

static void work(const struct plan *plan, unsigned worker)
{
	const struct group *group = &plan->group[plan->worker_group[worker]];
	struct tally *tally = &plan->control->tally[worker];
	uintptr_t base = atomic_load(&plan->control->base[group->process]);
	unsigned sharers = plan->shared_fd >= 0 ? plan->n_workers : group->n_workers;
	struct cursor cursor;

	pattern_start(&cursor, plan->spec->pattern, base, group,
		      (worker - (plan->shared_fd >= 0 ? 0 : group->first_worker)) % sharers,
		      sharers);
	while (!atomic_load_explicit(&plan->control->stop, memory_order_relaxed)) {
		uint64_t before = now_nsec();

		pattern_chunk(&cursor);
		count_chunk(tally, now_nsec() - before);
		pause_if_due(plan);
	}
}

/* Started on the node, free to go from there. */
static void unpin(const struct nodes *nodes)
{
	cpu_set_t all;

	CPU_ZERO(&all);
	for (unsigned i = 0; i < nodes->count; i++)
		CPU_OR(&all, &all, &nodes->node[i].cpus);
	sched_setaffinity(0, sizeof(all), &all);
}

static void *thread_main(void *data)
{
	const struct thread *thread = data;
	const struct plan *plan = thread->plan;
	int r = nodes_pin(plan->nodes, plan->worker_node[thread->worker], 0);

	if (r < 0)
		fail("sched_setaffinity", -r);
	atomic_store(&plan->control->tally[thread->worker].tid, gettid());
	wait_for_start(plan->control);
	if (plan->options->unpinned)
		unpin(plan->nodes);
	work(plan, thread->worker);
	return NULL;
}

static void place_memory(const struct plan *plan, unsigned process)
{
	int r = memory_map(plan, process);

	if (r == 0)
		r = memory_touch(plan, process);
	if (r < 0)
		fail("placing the memory", -r);
}

static pthread_t start_thread(struct thread *thread)
{
	pthread_t id;
	int error = pthread_create(&id, NULL, thread_main, thread);

	if (error != 0)
		fail("pthread_create", error);
	return id;
}

_Noreturn void worker_process(const struct plan *plan, unsigned process)
{
	unsigned n = plan->workers_per_process, started = plan->options->main_works ? 1 : 0;
	struct thread threads[MAX_WORKERS];
	pthread_t ids[MAX_WORKERS];
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_memory(plan, process);
	for (unsigned i = 0; i < n; i++)
		threads[i] = (struct thread){ .plan = plan, .worker = process * n + i };
	for (unsigned i = started; i < n; i++)
		ids[i] = start_thread(&threads[i]);
	r = nodes_pin(plan->nodes, plan->worker_node[process * n], 0);
	if (r < 0)
		fail("sched_setaffinity", -r);
	if (plan->options->main_works)
		thread_main(&threads[0]);
	for (unsigned i = started; i < n; i++)
		pthread_join(ids[i], NULL);
	_exit(0);
}
