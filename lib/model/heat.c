/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/heat.h"

#include <errno.h>
#include <math.h>

/* Decay is applied to a chunk as a whole and no more often than this. */
#define DECAY_STEP_USEC 250000ULL
/* Below this an extent's weight is noise of the past. */
#define WEIGHT_FORGOTTEN 0.02f

void heat_init(struct heat *heat, unsigned n_nodes)
{
	*heat = (struct heat){ .n_nodes = n_nodes };
	extent_map_init(&heat->extents, (2 * (size_t)n_nodes + 2) * sizeof(float));
}

void heat_done(struct heat *heat)
{
	extent_map_done(&heat->extents);
}

static float total(const float *weight, unsigned n)
{
	float sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += weight[i];
	return sum;
}

/* Scales the weights of an element; the run of contrary samples is a count and stays. */
static void scale_extent(const struct heat *heat, float *element, float factor)
{
	for (unsigned i = 0; i < 2 * heat->n_nodes + 1; i++)
		element[i] *= factor;
}

static void scale_chunk(const struct heat *heat, struct extent_chunk *chunk, float factor)
{
	for (unsigned i = 0; i < EXTENT_CHUNK_EXTENTS; i++)
		if (chunk->present >> i & 1)
			scale_extent(heat, extent_chunk_at(&heat->extents, chunk, i), factor);
}

static void decay_chunk(const struct heat *heat, struct extent_chunk *chunk, uint64_t now_usec)
{
	if (chunk->stamp == 0)
		chunk->stamp = now_usec;
	if (now_usec < chunk->stamp + DECAY_STEP_USEC)
		return;

	double half_lives = (double)(now_usec - chunk->stamp) / (double)HEAT_HALF_LIFE_USEC;

	scale_chunk(heat, chunk, (float)exp2(-half_lives));
	chunk->stamp = now_usec;
}

static void book_locality(struct heat *heat, bool is_local, float weight, uint64_t now_usec)
{
	if (now_usec >= heat->locality_usec + DECAY_STEP_USEC / 4) {
		double half_lives = (double)(now_usec - heat->locality_usec) /
				    (double)HEAT_LOCALITY_HALF_LIFE_USEC;
		double factor = exp2(-half_lives);

		heat->local *= factor;
		heat->located *= factor;
		heat->locality_usec = now_usec;
	}
	heat->located += (double)weight;
	if (is_local)
		heat->local += (double)weight;
}

void heat_add_time(struct heat *heat, float weight, double usec, uint64_t now_usec)
{
	if (now_usec >= heat->usec_usec + DECAY_STEP_USEC) {
		double half_lives =
			(double)(now_usec - heat->usec_usec) / (double)HEAT_HALF_LIFE_USEC;
		double factor = exp2(-half_lives);

		heat->weight *= factor;
		heat->usec *= factor;
		heat->usec_usec = now_usec;
	}
	heat->weight += (double)weight;
	heat->usec += usec;
}

double heat_usec_per_weight(const struct heat *heat)
{
	return heat->weight > 0 ? heat->usec / heat->weight : 0;
}

static void new_phase(struct heat *heat, uint64_t now_usec)
{
	for (size_t i = 0; i < heat->extents.n_chunks; i++)
		scale_chunk(heat, heat->extents.chunk[i], HEAT_PHASE_FORGET);
	heat->weight *= (double)HEAT_PHASE_FORGET;
	heat->usec *= (double)HEAT_PHASE_FORGET;
	heat->history = 0;
	heat->history_n = 0;
	heat->since_usec = now_usec;
	heat->n_phases++;
}

/* Returns true when the samples say that the whole object is used from elsewhere now. */
static bool book_history(struct heat *heat, bool is_contrary)
{
	heat->history = heat->history << 1 | is_contrary;
	if (heat->history_n < 64)
		heat->history_n++;

	unsigned recent = (unsigned)__builtin_popcount((uint32_t)heat->history);
	unsigned older = (unsigned)__builtin_popcount((uint32_t)(heat->history >> 32));
	unsigned n_older = heat->history_n > 32 ? heat->history_n - 32 : 0;

	if (n_older >= 16 && (float)older <= HEAT_PHASE_CALM * (float)n_older &&
	    (float)recent >= HEAT_PHASE_UNREST * 32)
		return true;
	return heat->history_n >= HEAT_PHASE_SAMPLES &&
	       (float)(recent + older) >= HEAT_PHASE_SHARE * (float)heat->history_n;
}

/* Returns true when a new phase of the object began. */
static bool detect_change(struct heat *heat, float *element, unsigned node)
{
	const float *access = heat_access(heat, element);
	float sum = total(access, heat->n_nodes), *contrary = heat_contrary(heat, element);
	unsigned owner = 0;

	for (unsigned i = 1; i < heat->n_nodes; i++)
		if (access[i] > access[owner])
			owner = i;
	if (sum < 1 || access[owner] < HEAT_OWNED_SHARE * sum)
		return false;

	bool is_contrary = owner != node;

	*contrary = is_contrary ? *contrary + 1 : 0;
	if (*contrary >= HEAT_CONTRARY_RUN) {
		scale_extent(heat, element, HEAT_PHASE_FORGET);
		*contrary = 0;
	}
	return book_history(heat, is_contrary);
}

bool heat_is_local(const struct heat *heat, unsigned node, unsigned page_node)
{
	const struct topology *topology = heat->topology;
	int nearest = topology && node != page_node ? topology_nearest_memory(topology, (int)node)
						    : NODE_NONE;

	return node == page_node ||
	       (nearest != NODE_NONE &&
		topology->distance[node][page_node] <= topology->distance[node][nearest]);
}

int heat_add(struct heat *heat, uint64_t extent, unsigned node, int page_node, float weight,
	     uint64_t now_usec)
{
	struct extent_chunk *chunk = extent_map_put_chunk(&heat->extents, extent);

	if (!chunk)
		return -ENOMEM;
	decay_chunk(heat, chunk, now_usec);

	unsigned i = (unsigned)(extent % EXTENT_CHUNK_EXTENTS);
	float *element = extent_chunk_at(&heat->extents, chunk, i);

	if (!heat->since_usec)
		heat->since_usec = now_usec;
	if (chunk->present >> i & 1 && detect_change(heat, element, node))
		new_phase(heat, now_usec);
	chunk->present |= 1ULL << i;

	heat_access(heat, element)[node] += weight;
	if (page_node < 0)
		return 0;
	heat_residency(heat, element)[page_node] += weight;
	bool is_local = heat_is_local(heat, node, (unsigned)page_node);

	if (!is_local)
		*heat_remote(heat, element) += weight;
	book_locality(heat, is_local, weight, now_usec);
	return 0;
}

/* Forgets extents without weight. Returns true when the chunk is empty then. */
static bool prune_chunk(const struct heat *heat, struct extent_chunk *chunk)
{
	for (unsigned i = 0; i < EXTENT_CHUNK_EXTENTS; i++) {
		float *element = extent_chunk_at(&heat->extents, chunk, i);

		if (!(chunk->present >> i & 1) || total(element, heat->n_nodes) >= WEIGHT_FORGOTTEN)
			continue;
		for (unsigned j = 0; j < 2 * heat->n_nodes + 2; j++)
			element[j] = 0;
		chunk->present &= ~(1ULL << i);
	}
	return chunk->present == 0;
}

void heat_settle(struct heat *heat, uint64_t now_usec)
{
	for (size_t i = heat->extents.n_chunks; i-- > 0;) {
		struct extent_chunk *chunk = heat->extents.chunk[i];

		decay_chunk(heat, chunk, now_usec);
		if (prune_chunk(heat, chunk))
			extent_map_drop_chunk(&heat->extents, i);
	}
}

void heat_moved(struct heat *heat, uint64_t first, uint64_t end, unsigned node)
{
	for (uint64_t extent = first; extent < end; extent++) {
		float *element = extent_map_get(&heat->extents, extent);

		if (!element)
			continue;

		float *residency = heat_residency(heat, element),
		      sum = total(residency, heat->n_nodes);
		const float *access = heat_access(heat, element);

		for (unsigned i = 0; i < heat->n_nodes; i++)
			residency[i] = i == node ? sum : 0;
		*heat_remote(heat, element) = 0;
		for (unsigned i = 0; i < heat->n_nodes; i++)
			if (!heat_is_local(heat, i, node))
				*heat_remote(heat, element) += access[i];
	}
}

void heat_sum_located(struct heat *heat, uint64_t first, uint64_t end, double *ret_all,
		      double *ret_remote)
{
	double all = 0, remote = 0;

	for (uint64_t extent = first; extent < end; extent++) {
		float *element = extent_map_get(&heat->extents, extent);

		if (!element)
			continue;
		all += (double)total(heat_residency(heat, element), heat->n_nodes);
		remote += (double)*heat_remote(heat, element);
	}
	*ret_all = all;
	*ret_remote = remote;
}

double heat_remote_now(const struct heat *heat, uint64_t now_usec)
{
	uint64_t age_usec = now_usec > heat->locality_usec ? now_usec - heat->locality_usec : 0;

	return (heat->located - heat->local) *
	       exp2(-(double)age_usec / (double)HEAT_LOCALITY_HALF_LIFE_USEC);
}

double heat_locality(const struct heat *heat, double min_weight)
{
	if (heat->located < min_weight || heat->located <= 0)
		return -1;
	return heat->local / heat->located;
}
