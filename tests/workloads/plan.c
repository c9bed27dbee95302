/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a workload's description to processes, workers, nodes and the blocks that each uses. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workload.h"

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* Shuffled with a fixed seed, so that every run has the same hot blocks. */
static void keep_a_tenth(uint32_t *blocks, size_t *n_blocks)
{
	size_t keep = (*n_blocks + 9) / 10;
	uint64_t state = 20250101;

	for (size_t i = 0; i < keep; i++) {
		size_t j = i + random_next(&state) % (*n_blocks - i);
		uint32_t block = blocks[j];

		blocks[j] = blocks[i];
		blocks[i] = block;
	}
	*n_blocks = keep;
}

static int choose_blocks(struct plan *plan)
{
	unsigned megabytes = plan->spec->process_megabytes;

	if (megabytes == 0)
		megabytes = plan->options->megabytes;
	plan->process_blocks = ((size_t)megabytes + 1) / 2;
	if (plan->process_blocks < plan->workers_per_process)
		plan->process_blocks = plan->workers_per_process;
	plan->blocks = malloc(plan->process_blocks * sizeof(*plan->blocks));
	if (!plan->blocks)
		return -ENOMEM;
	for (size_t i = 0; i < plan->process_blocks; i++)
		plan->blocks[i] = (uint32_t)i;
	plan->n_blocks = plan->process_blocks;
	if (plan->spec->part == HOT_PART)
		keep_a_tenth(plan->blocks, &plan->n_blocks);
	return 0;
}

static unsigned node_of_worker(const struct plan *plan, unsigned worker)
{
	switch (plan->spec->where) {
	case ON_EACH:
		return worker % plan->nodes->count;
	case ON_HOME_AND_AWAY:
		return worker / plan->workers_per_process % 2;
	case ON_AWAY:
	default:
		return 1;
	}
}

static void add_group(struct plan *plan, unsigned process, unsigned first_worker,
		      unsigned n_workers, size_t first_block, size_t end_block)
{
	struct group *group = &plan->group[plan->n_groups];

	*group = (struct group){
		.process = process,
		.first_worker = first_worker,
		.n_workers = n_workers,
		.blocks = plan->blocks + first_block,
		.n_blocks = end_block - first_block,
	};
	for (unsigned i = 0; i < n_workers; i++)
		plan->worker_group[first_worker + i] = plan->n_groups;
	plan->n_groups++;
}

static void group_workers(struct plan *plan, unsigned process)
{
	unsigned n = plan->workers_per_process, first = process * n;

	if (plan->spec->part == WHOLE) {
		add_group(plan, process, first, n, 0, plan->n_blocks);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		add_group(plan, process, first + i, 1, plan->n_blocks * i / n,
			  plan->n_blocks * (i + 1) / n);
}

static int make_shared(struct plan *plan)
{
	void *control = mmap(NULL, sizeof(*plan->control), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (control == MAP_FAILED)
		return -errno;
	plan->control = control;
	if (plan->spec->memory != MEMFD && plan->spec->memory != POSIX_SHM)
		return 0;
	return memory_make_shared(plan->spec->memory, plan->process_blocks * BLOCK_BYTES,
				  &plan->shared_fd);
}

int plan_make(const struct options *options, const struct nodes *nodes, struct plan *ret_plan)
{
	struct plan *plan = ret_plan;
	int r;

	*plan = (struct plan){
		.options = options, .spec = options->spec, .nodes = nodes, .shared_fd = -1
	};
	plan->n_processes = options->processes > 0 ? options->processes : plan->spec->processes;
	plan->workers_per_process = plan->spec->workers > 0 ? plan->spec->workers : nodes->count;
	plan->n_workers = plan->n_processes * plan->workers_per_process;
	if (plan->n_workers > MAX_WORKERS)
		return -E2BIG;
	r = choose_blocks(plan);
	if (r < 0)
		return r;
	for (unsigned worker = 0; worker < plan->n_workers; worker++)
		plan->worker_node[worker] = node_of_worker(plan, worker);
	for (unsigned process = 0; process < plan->n_processes; process++)
		group_workers(plan, process);
	return make_shared(plan);
}

void plan_done(struct plan *plan)
{
	free(plan->blocks);
	plan->blocks = NULL;
}
