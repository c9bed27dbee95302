/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queries the nodes of sampled pages by move_pages(2) without a target. */
#include "locality.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void add_probes(struct locality *locality, unsigned index, size_t n, uint64_t *state)
{
	const struct group *group = &locality->plan->group[index];
	uintptr_t base = atomic_load(&locality->plan->control->base[group->process]);
	size_t pages = group->n_blocks * (BLOCK_BYTES / PAGE_BYTES);

	/* stratified: one page at random out of each of n equal stretches */
	for (size_t i = 0; i < n; i++) {
		size_t first = pages * i / n, end = pages * (i + 1) / n;
		size_t page = first + random_next(state) % (end - first);
		uintptr_t address = base +
				    group->blocks[page * PAGE_BYTES / BLOCK_BYTES] * BLOCK_BYTES +
				    page * PAGE_BYTES % BLOCK_BYTES;

		locality->pages[locality->n_probes] = (void *)address;
		locality->probes[locality->n_probes++] =
			(struct probe){ .page = (void *)address, .node = -1, .group = index };
	}
}

int locality_init(struct locality *locality, const struct plan *plan)
{
	size_t per_group = plan->options->samples / plan->n_groups, n;
	uint64_t state = 6364136223846793005u;

	*locality = (struct locality){ .plan = plan };
	if (per_group < 1)
		per_group = 1;
	n = per_group * plan->n_groups;
	locality->probes = calloc(n, sizeof(*locality->probes));
	locality->pages = calloc(n, sizeof(*locality->pages));
	locality->status = calloc(n, sizeof(*locality->status));
	if (!locality->probes || !locality->pages || !locality->status)
		return -ENOMEM;
	for (unsigned i = 0; i < plan->n_groups; i++) {
		size_t pages = plan->group[i].n_blocks * (BLOCK_BYTES / PAGE_BYTES);

		add_probes(locality, i, per_group < pages ? per_group : pages, &state);
		locality->used_pages += plan->shared_fd >= 0 && i > 0 ? 0 : pages;
	}
	locality->pages_per_probe = (double)locality->used_pages / (double)locality->n_probes;
	return 0;
}

void locality_done(struct locality *locality)
{
	free(locality->probes);
	free(locality->pages);
	free(locality->status);
}

/* Where each group's memory was used since the last check; as before where it was not used. */
static void weigh_use(struct locality *locality, unsigned index)
{
	const struct group *group = &locality->plan->group[index];
	double chunks[MAX_NODES] = { 0 }, total = 0;

	for (unsigned i = 0; i < group->n_workers; i++) {
		unsigned worker = group->first_worker + i;
		struct tally *tally = &locality->plan->control->tally[worker];

		for (unsigned node = 0; node < MAX_NODES; node++) {
			uint64_t now =
				atomic_load_explicit(&tally->chunks_on[node], memory_order_relaxed);
			double more = (double)(now - locality->chunks_before[worker][node]);

			locality->chunks_before[worker][node] = now;
			chunks[node] += more;
			total += more;
		}
	}
	for (unsigned node = 0; node < MAX_NODES && total > 0; node++)
		locality->share[index][node] = chunks[node] / total;
}

/* Before any work the workers' own nodes are the weight. */
static void weigh_plan(struct locality *locality, unsigned index)
{
	const struct plan *plan = locality->plan;
	const struct group *group = &plan->group[index];

	for (unsigned i = 0; i < group->n_workers; i++) {
		unsigned node = plan->nodes->node[plan->worker_node[group->first_worker + i]].id;

		locality->share[index][node] += 1.0 / group->n_workers;
	}
}

static int query(struct locality *locality)
{
	size_t first = 0, end;

	for (; first < locality->n_probes; first = end) {
		unsigned process = locality->plan->group[locality->probes[first].group].process;

		for (end = first; end < locality->n_probes; end++)
			if (locality->plan->group[locality->probes[end].group].process != process)
				break;
		if (syscall(SYS_move_pages, locality->plan->pid[process], end - first,
			    locality->pages + first, NULL, locality->status + first, 0) < 0)
			return -errno;
	}
	return 0;
}

static void follow_move(struct locality *locality, struct probe *probe, int node)
{
	if (probe->node >= 0 && probe->node != node) {
		locality->moved_pages += locality->pages_per_probe;
		if (probe->visited & 1ULL << node)
			locality->moved_back_pages += locality->pages_per_probe;
	}
	probe->visited |= 1ULL << node;
	probe->node = node;
}

/* Each group counts by its number of workers, each of its pages alike. */
static double sum_up(struct locality *locality)
{
	double local[MAX_WORKERS] = { 0 }, known[MAX_WORKERS] = { 0 }, sum = 0, weights = 0;

	locality->unknown_probes = 0;
	for (size_t i = 0; i < locality->n_probes; i++) {
		struct probe *probe = &locality->probes[i];
		int node = locality->status[i];

		if (node < 0 || node >= (int)MAX_NODES) {
			locality->unknown_probes++;
			continue;
		}
		follow_move(locality, probe, node);
		local[probe->group] += locality->share[probe->group][node];
		known[probe->group] += 1;
	}
	for (unsigned i = 0; i < locality->plan->n_groups; i++) {
		double weight = locality->plan->group[i].n_workers;

		if (known[i] < 1)
			continue;
		sum += weight * local[i] / known[i];
		weights += weight;
	}
	return weights > 0 ? sum / weights : 0;
}

double locality_check(struct locality *locality)
{
	bool first = locality->probes[0].visited == 0;
	uint64_t before = now_nsec();
	double result;
	int r = query(locality);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < locality->plan->n_groups; i++) {
		if (first)
			weigh_plan(locality, i);
		weigh_use(locality, i);
	}
	result = sum_up(locality);
	locality->cost_nsec = now_nsec() - before;
	return result;
}

void locality_new_phase(struct locality *locality)
{
	for (size_t i = 0; i < locality->n_probes; i++)
		locality->probes[i].visited = 0;
	for (unsigned i = 0; i < locality->plan->n_groups; i++)
		weigh_use(locality, i);
}
