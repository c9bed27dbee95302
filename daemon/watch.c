/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* observe: rings -> samples -> where their pages lie -> heat. */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "daemon/manager.h"
#include "observe/residency.h"

#define RECORDS_PER_LOOK_MAX 65536
#define QUERY_MAX            1024
#define SETTLE_USEC          1000000ULL
#define RATE_WINDOW_USEC     400000ULL

static void keep_samples(struct manager *manager, const struct sample *samples, int n)
{
	double usec = (double)manager->rate.period_nsec / 1e3 / n;

	for (int i = 0; i < n; i++) {
		if (manager->n_samples == MANAGER_SAMPLES_MAX) {
			manager->counters.samples_dropped += (uint64_t)(n - i);
			return;
		}
		manager->samples[manager->n_samples++] =
			(struct located_sample){ samples[i], usec,
						 (float)samples[i].weight / (float)n };
	}
}

static void resolve(struct manager *manager, const struct record *record, uint64_t now_usec)
{
	struct process *process =
		record->pid > 0 ? tracker_process(manager->tracker, record->pid, now_usec) : NULL;

	/* Decoding is the expensive part: only for memory that somebody wants placed. */
	if (!process || process->standing == STANDING_IGNORED)
		return;

	struct source_context context = {
		.decoder = manager->decoder,
		.generation = process->generation,
		.now_usec = now_usec,
	};
	struct sample samples[SOURCE_SAMPLES_MAX];
	int n = sampler_source(manager->sampler)->resolve(&context, record, samples);

	if (n > 0)
		keep_samples(manager, samples, n);
}

static void take_record(void *userdata, const struct record *record)
{
	struct manager *manager = userdata;

	switch (record->kind) {
	case RECORD_SAMPLE:
		manager->sampling_records++;
		resolve(manager, record, manager->look_usec);
		break;
	case RECORD_EXEC:
		/* The code cache goes by generation: what it knows of the program before never
		 * matches again. */
		tracker_exec(manager->tracker, record->pid);
		break;
	case RECORD_EXIT:
		tracker_exit(manager->tracker, record->pid);
		break;
	default:
		break;
	}
}

static int compare_by_pid(const void *pa, const void *pb)
{
	const struct located_sample *a = pa, *b = pb;

	return a->sample.pid < b->sample.pid ? -1 : a->sample.pid > b->sample.pid;
}

static void book_sample(struct manager *manager, struct process *process,
			const struct located_sample *located, int page_node, uint64_t now_usec)
{
	const struct sample *sample = &located->sample;
	int node = topology_node_of_cpu(&manager->topology, sample->cpu);
	uint64_t extent;
	struct object *object =
		tracker_locate(manager->tracker, process, sample->address, now_usec, &extent);

	if (!object || node == NODE_NONE) {
		manager->counters.samples_unplaced++;
		return;
	}
	object->sampled_usec = now_usec;
	if (page_node != NODE_NONE)
		ledger_observe(&object->ledger, extent,
			       heat_is_local(&object->heat, (unsigned)node, (unsigned)page_node),
			       (double)located->weight);
	heat_add_time(&object->heat, located->weight, located->usec, now_usec);
	if (heat_add(&object->heat, extent, (unsigned)node, page_node, located->weight, now_usec) >=
	    0)
		manager->counters.samples_located++;
}

/* Samples of one process, at most QUERY_MAX. */
static void locate_batch(struct manager *manager, const struct located_sample *samples, size_t n,
			 uint64_t now_usec)
{
	struct process *process = tracker_find_process(manager->tracker, samples[0].sample.pid);
	uint64_t addresses[QUERY_MAX];
	int8_t nodes[QUERY_MAX];

	if (!process)
		return;
	for (size_t i = 0; i < n; i++)
		addresses[i] = samples[i].sample.address;

	ssize_t r = residency_query(&manager->topology, process->pid, addresses, n, nodes);

	if (r == -ESRCH) {
		tracker_exit(manager->tracker, process->pid);
		return;
	}
	if (r < 0) {
		process->standing = STANDING_IGNORED;
		process->standing_reason = r == -EPERM ? "no permission to ask where its pages are"
						       : "its pages cannot be asked for";
		return;
	}
	for (size_t i = 0; i < n; i++)
		book_sample(manager, process, &samples[i], nodes[i], now_usec);
}

/* A source without addresses stands for even use of all of the process's memory: draw an address.
 */
static void draw_addresses(struct manager *manager, uint64_t now_usec)
{
	uint64_t state = now_usec * 2654435761u + 1;

	for (size_t i = 0; i < manager->n_samples; i++) {
		struct sample *sample = &manager->samples[i].sample;
		struct process *process;

		if (sample->address ||
		    !(process = tracker_find_process(manager->tracker, sample->pid)))
			continue;
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		sample->address =
			tracker_draw_address(manager->tracker, process, state >> 16, now_usec);
	}
}

static void locate_samples(struct manager *manager, uint64_t now_usec)
{
	struct located_sample *samples = manager->samples;

	draw_addresses(manager, now_usec);
	if (manager->n_samples)
		qsort(samples, manager->n_samples, sizeof(*samples), compare_by_pid);
	for (size_t at = 0, n; at < manager->n_samples; at += n) {
		for (n = 1; at + n < manager->n_samples && n < QUERY_MAX &&
			    samples[at + n].sample.pid == samples[at].sample.pid;)
			n++;
		locate_batch(manager, samples + at, n, now_usec);
	}
	manager->counters.samples += manager->n_samples;
}

static void adapt_rate(struct manager *manager, uint64_t now_usec)
{
	uint64_t cpu_usec = clock_thread_cpu_usec(), before_nsec = manager->rate.period_nsec;

	/* Evidence is wanted at once when something turns out to be remote. */
	if (now_usec < manager->rate_window_usec + RATE_WINDOW_USEC &&
	    manager->is_hunting == manager->rate_was_hunting)
		return;
	manager->rate_was_hunting = manager->is_hunting;
	uint64_t throttled = sampler_throttled(manager->sampler);

	uint64_t used_usec = cpu_usec - manager->rate_cpu_usec;
	struct rate_window window = {
		.elapsed_usec = now_usec - manager->rate_window_usec,
		.sampling_cpu_usec = manager->sampling_cpu_usec,
		.other_cpu_usec = used_usec > manager->sampling_cpu_usec
					  ? used_usec - manager->sampling_cpu_usec
					  : 0,
		.records = manager->sampling_records,
		.n_cpus = manager->topology.n_cpus,
		.max_cpu_permyriad = manager->config->max_cpu_permyriad,
		.is_hunting = manager->is_hunting,
		.is_throttled = throttled > manager->throttled_before,
	};

	if (rate_next(&manager->rate, &window) != before_nsec)
		sampler_set_period(manager->sampler, manager->rate.period_nsec);
	manager->throttled_before = throttled;
	manager->rate_window_usec = now_usec;
	manager->rate_cpu_usec = cpu_usec;
	manager->sampling_cpu_usec = 0;
	manager->sampling_records = 0;
}

void watch_samples(struct manager *manager, uint64_t now_usec)
{
	uint64_t cpu_before = clock_thread_cpu_usec();

	if (!manager->sampler)
		return;
	manager->n_samples = 0;
	manager->look_usec = now_usec;
	sampler_drain(manager->sampler, RECORDS_PER_LOOK_MAX, take_record, manager);
	locate_samples(manager, now_usec);
	manager->sampling_cpu_usec += clock_thread_cpu_usec() - cpu_before;
	adapt_rate(manager, now_usec);
}

void watch_room(struct manager *manager)
{
	unsigned pressure = 0;
	int r;

	if (machine_read_room(&manager->root, &manager->topology, manager->room) < 0)
		for (unsigned i = 0; i < TOPOLOGY_MAX_NODES; i++)
			manager->room[i] = (struct node_room){ 0 };
	r = machine_read_memory_pressure(&manager->root, &pressure);
	/* A kernel without PSI leaves room as the only guard; one whose PSI cannot be read is not
	 * trusted. */
	manager->is_pressed = pressure > MANAGER_PRESSURE_MAX_PERMYRIAD ||
			      (r < 0 && r != -ENOENT && r != -EOPNOTSUPP && r != -ENODATA);
}

void watch_machine(struct manager *manager, uint64_t now_usec)
{
	if (manager->settled_usec && now_usec < manager->settled_usec + SETTLE_USEC)
		return;
	manager->settled_usec = now_usec;
	tracker_settle(manager->tracker, manager->config->max_memory_bytes / 2, now_usec);
}
