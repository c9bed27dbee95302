/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/judge.h"

#include <math.h>

#include "decide/placement.h"

double placement_wilson_bound(double share, double n)
{
	const double z2 = PLACEMENT_CONFIDENCE_Z * PLACEMENT_CONFIDENCE_Z;

	if (n <= 0)
		return 0;

	double centre = share + z2 / (2 * n);
	double margin = PLACEMENT_CONFIDENCE_Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n));

	return (centre - margin) / (1 + z2 / n);
}

static double distance_sum(const struct topology *topology, const struct evidence *evidence,
			   unsigned target)
{
	double sum = 0;

	for (unsigned a = 0; a < topology->n_nodes; a++)
		sum += evidence->access[a] * topology->distance[a][target];
	return sum;
}

static int nearest_to_users(const struct topology *topology, const struct evidence *evidence)
{
	int best = NODE_NONE;
	double best_sum = 0;

	for (unsigned t = 0; t < topology->n_nodes; t++) {
		if (!topology->node[t].has_memory)
			continue;

		double sum = distance_sum(topology, evidence, t);

		if (best == NODE_NONE || sum < best_sum) {
			best = (int)t;
			best_sum = sum;
		}
	}
	return best;
}

static int only_node(const struct topology *topology, uint64_t thread_nodes)
{
	if (__builtin_popcountll(thread_nodes) != 1)
		return NODE_NONE;
	return topology_nearest_memory(topology, __builtin_ctzll(thread_nodes));
}

static int main_other_node(const struct topology *topology, const struct evidence *evidence,
			   int target)
{
	int from = NODE_NONE;

	for (unsigned n = 0; n < topology->n_nodes; n++)
		if ((int)n != target && evidence->residency[n] > 0 &&
		    (from == NODE_NONE || evidence->residency[n] > evidence->residency[from]))
			from = (int)n;
	return from;
}

static double share_elsewhere(const struct topology *topology, const struct evidence *evidence,
			      int target)
{
	double located = 0;

	for (unsigned n = 0; n < topology->n_nodes; n++)
		located += evidence->residency[n];
	return located > 0 ? 1 - evidence->residency[target] / located : 0;
}

/* Weighs each accessor by the distance it wins or loses when the memory goes from `from` to
 * `target`. */
static void weigh(const struct topology *topology, const struct evidence *evidence,
		  struct judgement *judgement)
{
	double gain = 0, loss = 0, saved = 0, n = 0;

	for (unsigned a = 0; a < topology->n_nodes; a++) {
		double before = topology->distance[a][judgement->from];
		double after = topology->distance[a][judgement->target];
		double weight = evidence->access[a];

		saved += weight * (before - after) / before;
		if (before == after)
			continue;
		n += weight;
		if (before > after)
			gain += weight * (before - after);
		else
			loss += weight * (after - before);
	}
	judgement->gaining = gain > 0 ? gain / (gain + loss) : 0;
	judgement->bound = placement_wilson_bound(judgement->gaining, n);
	judgement->saved = evidence->samples > 0 ? saved / evidence->samples : 0;
}

struct judgement judge(const struct topology *topology, uint64_t thread_nodes,
		       const struct evidence *evidence)
{
	struct judgement judgement = { .target = NODE_NONE, .from = NODE_NONE };
	int only = only_node(topology, thread_nodes);

	judgement.target = only != NODE_NONE ? only : nearest_to_users(topology, evidence);
	if (judgement.target == NODE_NONE)
		return judgement;
	judgement.elsewhere = share_elsewhere(topology, evidence, judgement.target);
	judgement.from = main_other_node(topology, evidence, judgement.target);
	if (judgement.from == NODE_NONE)
		return judgement;
	weigh(topology, evidence, &judgement);
	/* Where the threads may run needs no statistics. */
	if (only != NODE_NONE && judgement.gaining > 0)
		judgement.bound = 1;
	return judgement;
}

bool judge_is_even(const struct evidence *evidence, uint64_t extents)
{
	double k = (double)extents, x = evidence->samples / k;

	if (x < PLACEMENT_EVEN_SAMPLES || evidence->samples < JUDGE_EVEN_SAMPLES_MIN)
		return false;

	/* Occupancy: N balls thrown evenly into k boxes leave k e^-x empty, with this variance. */
	double empty = k * exp(-x);
	double variance = k * (exp(-x) - (1 + x) * exp(-2 * x));

	return evidence->extents_seen >= k - empty - 2 * sqrt(fmax(variance, 0)) - 0.02 * k;
}
