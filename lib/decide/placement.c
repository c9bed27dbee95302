/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/placement.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "decide/judge.h"

#define PAGES_PER_EXTENT(topology) (EXTENT_BYTES / (topology)->page_bytes)
#define RANGE_LEAF                 16   /* extents that are no longer judged together, */
#define LEAF_SAMPLES               16   /* when each has this many samples to speak for itself */
#define RANGE_LOOK_MAX             4096 /* extents: 8 GiB */
#define USEC_PER_SEC_F             1e6

/* The walk over one object. */
struct walk {
	const struct placement_input *input;
	const struct placement_object *object;
	struct plan *plan;
	float *summary;      /* per chunk: access, residency, remote, extents seen */
	size_t summary_size; /* floats allocated */
	double seconds_of_evidence;
	double horizon_sec;
	int error;
};

uint64_t placement_room_pages(uint64_t usable_pages, uint64_t managed_pages)
{
	uint64_t reserve = (uint64_t)((double)managed_pages * PLACEMENT_RESERVE_SHARE);

	return usable_pages > reserve ? usable_pages - reserve : 0;
}

static unsigned n_nodes(const struct walk *walk)
{
	return walk->input->topology->n_nodes;
}

static size_t summary_floats(const struct walk *walk)
{
	return 2 * (size_t)n_nodes(walk) + 2;
}

static void evidence_clear(const struct walk *walk, struct evidence *evidence)
{
	for (unsigned i = 0; i < n_nodes(walk); i++)
		evidence->access[i] = evidence->residency[i] = 0;
	evidence->samples = evidence->remote = evidence->extents_seen = 0;
}

/* Adds an extent's element, or a chunk's summary; both begin with access, residency, remote. */
static void evidence_add(const struct walk *walk, struct evidence *evidence, const float *sums)
{
	unsigned n = n_nodes(walk);

	for (unsigned i = 0; i < n; i++) {
		evidence->access[i] += (double)sums[i];
		evidence->residency[i] += (double)sums[n + i];
		evidence->samples += (double)sums[i];
	}
	evidence->remote += (double)sums[2 * n];
}

static float element_samples(const struct walk *walk, const float *element)
{
	float sum = 0;

	for (unsigned i = 0; i < n_nodes(walk); i++)
		sum += element[i];
	return sum;
}

static void summarise_chunk(const struct walk *walk, struct extent_chunk *chunk, float *summary)
{
	const struct extent_map *extents = &walk->object->heat->extents;
	unsigned floats = 2 * n_nodes(walk) + 1;

	for (unsigned j = 0; j <= floats; j++)
		summary[j] = 0;
	for (unsigned i = 0; i < EXTENT_CHUNK_EXTENTS; i++) {
		const float *element = extent_chunk_at(extents, chunk, i);

		if (!(chunk->present >> i & 1))
			continue;
		for (unsigned j = 0; j < floats; j++)
			summary[j] += element[j];
		summary[floats] += element_samples(walk, element) >= (float)JUDGE_SEEN_WEIGHT;
	}
}

static int summarise(struct walk *walk)
{
	const struct extent_map *extents = &walk->object->heat->extents;
	size_t size = extents->n_chunks * summary_floats(walk);

	if (!walk->summary || size > walk->summary_size) {
		float *larger = reallocarray(walk->summary, size, sizeof(float));

		if (!larger)
			return -ENOMEM;
		walk->summary = larger;
		walk->summary_size = size;
	}
	for (size_t i = 0; i < extents->n_chunks; i++)
		summarise_chunk(walk, extents->chunk[i], walk->summary + i * summary_floats(walk));
	return 0;
}

/* Adds the part of a chunk that lies in [first, end). */
static void sum_part(const struct walk *walk, struct extent_chunk *chunk, uint64_t first,
		     uint64_t end, struct evidence *evidence)
{
	uint64_t from = first > chunk->first ? first - chunk->first : 0;
	uint64_t to = end - chunk->first < EXTENT_CHUNK_EXTENTS ? end - chunk->first
								: EXTENT_CHUNK_EXTENTS;

	for (unsigned i = (unsigned)from; i < to; i++) {
		const float *element = extent_chunk_at(&walk->object->heat->extents, chunk, i);

		if (!(chunk->present >> i & 1))
			continue;
		evidence_add(walk, evidence, element);
		evidence->extents_seen +=
			element_samples(walk, element) >= (float)JUDGE_SEEN_WEIGHT;
	}
}

static void sum_range(const struct walk *walk, uint64_t first, uint64_t end,
		      struct evidence *evidence)
{
	const struct extent_map *extents = &walk->object->heat->extents;

	evidence_clear(walk, evidence);
	for (size_t i = extent_map_lower_bound(extents, first); i < extents->n_chunks; i++) {
		struct extent_chunk *chunk = extents->chunk[i];
		const float *summary = walk->summary + i * summary_floats(walk);

		if (chunk->first >= end)
			break;
		if (chunk->first >= first && chunk->first + EXTENT_CHUNK_EXTENTS <= end) {
			evidence_add(walk, evidence, summary);
			evidence->extents_seen += (double)summary[2 * n_nodes(walk) + 1];
		} else
			sum_part(walk, chunk, first, end, evidence);
	}
}

static void hold(struct walk *walk, enum hold_reason reason, uint64_t extents)
{
	walk->plan->held_extents[reason] += extents;
}

/* Gain: the part of their CPU time that the sampled accesses save per second, for as long as it is
 * expected to last. Cost: the pages that are elsewhere, at the measured price of a page. */
static void emit(struct walk *walk, uint64_t first, uint64_t end, enum move_reason reason,
		 const struct evidence *evidence, const struct judgement *judgement)
{
	uint64_t extents = end - first;
	uint64_t base_pages = extents * PAGES_PER_EXTENT(walk->input->topology);
	double pages = (double)base_pages * judgement->elsewhere;
	double samples_per_sec =
		evidence->samples * judgement->elsewhere / walk->seconds_of_evidence;
	struct move move = {
		.object = walk->object->id,
		.reason = (uint8_t)reason,
		.is_observed = walk->object->is_observed,
		.to = (uint8_t)judgement->target,
		.from = (uint8_t)judgement->from,
		.first = first,
		.end = end,
		.pages = (uint64_t)ceil(pages),
		.samples = (float)evidence->samples,
		.share = (float)judgement->bound,
		.gain_usec = samples_per_sec * walk->object->usec_per_sample *
			     PLACEMENT_MEMORY_SHARE * judgement->saved * walk->horizon_sec,
		.cost_usec = pages * walk->object->page_cost_usec,
	};

	if (move.gain_usec <= move.cost_usec) {
		hold(walk, HOLD_NOT_WORTH, extents);
		return;
	}

	int r = plan_add(walk->plan, &move);

	if (r < 0)
		walk->error = r;
}

static enum move_reason reason_of(const struct walk *walk, enum move_reason by_samples)
{
	return __builtin_popcountll(walk->object->thread_nodes) == 1 ? MOVE_AFFINITY : by_samples;
}

/* Do the accesses to an extent get nearer, all together, by its range's move? */
static bool gains(const struct walk *walk, const float *element, const struct judgement *judgement)
{
	const struct topology *topology = walk->input->topology;
	double saved = 0;

	for (unsigned a = 0; a < topology->n_nodes; a++)
		saved += (double)element[a] * (topology->distance[a][judgement->from] -
					       topology->distance[a][judgement->target]);
	return saved > 0;
}

/* Does an extent of a range that is moved go along? */
static bool goes_along(struct walk *walk, uint64_t extent, const struct judgement *judgement,
		       bool with_unseen)
{
	float *element = extent_map_get(&walk->object->heat->extents, extent);

	if (!ledger_allows(walk->object->ledger, extent, walk->input->now_usec)) {
		hold(walk, HOLD_COOLING, 1);
		return false;
	}
	if (!element || element_samples(walk, element) < (float)JUDGE_SEEN_WEIGHT)
		return with_unseen;

	/* Its own samples may say otherwise, or that it is there already. */
	if (!gains(walk, element, judgement))
		return false;
	return element[n_nodes(walk) + (unsigned)judgement->target] <
	       element_samples(walk, element) * (float)(1 - PLACEMENT_IN_PLACE_SHARE);
}

/* Moves what goes along of a range, in runs. Where the use is even, every extent counts with the
 * mean and those that were not sampled go along, until they ought to have been sampled; elsewhere
 * each counts with its own. */
static void emit_range(struct walk *walk, uint64_t first, uint64_t end, enum move_reason reason,
		       const struct evidence *evidence, const struct judgement *judgement)
{
	double samples_per_extent = evidence->samples / (double)(end - first);
	bool is_even = judge_is_even(evidence, end - first);
	bool with_unseen = is_even && samples_per_extent < PLACEMENT_COLD_SAMPLES;
	uint64_t run = first;

	for (uint64_t extent = first; extent <= end; extent++) {
		if (extent < end && goes_along(walk, extent, judgement, with_unseen))
			continue;
		if (extent > run) {
			struct judgement verdict = *judgement;
			struct evidence part;

			sum_range(walk, run, extent, &part);
			if (is_even)
				part.samples = samples_per_extent * (double)(extent - run);
			/* The extents in place are left out of the run: what is left is all
			 * elsewhere. */
			verdict.elsewhere = 1;
			emit(walk, run, extent,
			     is_even ? reason : reason_of(walk, MOVE_EXTENT_EVIDENCE), &part,
			     &verdict);
		}
		run = extent + 1;
	}
}

static void decide_extent(struct walk *walk, uint64_t extent, const struct evidence *evidence)
{
	if (evidence->remote <= PLACEMENT_IN_PLACE_SHARE * evidence->samples) {
		hold(walk, HOLD_IN_PLACE, 1);
		return;
	}

	struct judgement verdict =
		judge(walk->input->topology, walk->object->thread_nodes, evidence);

	if (verdict.target == NODE_NONE || verdict.from == NODE_NONE ||
	    verdict.elsewhere <= PLACEMENT_IN_PLACE_SHARE)
		hold(walk, HOLD_IN_PLACE, 1);
	else if (verdict.gaining <= PLACEMENT_GAIN_SHARE)
		hold(walk, HOLD_SHARED, 1);
	else if (verdict.bound <= PLACEMENT_GAIN_SHARE)
		hold(walk, HOLD_FEW_SAMPLES, 1);
	else if (!ledger_allows(walk->object->ledger, extent, walk->input->now_usec))
		hold(walk, HOLD_COOLING, 1);
	else
		emit(walk, extent, extent + 1, reason_of(walk, MOVE_EXTENT_EVIDENCE), evidence,
		     &verdict);
}

/* The extents of a small range, one by one. */
static void decide_extents(struct walk *walk, uint64_t first, uint64_t end)
{
	for (uint64_t extent = first; extent < end; extent++) {
		const float *element = extent_map_get(&walk->object->heat->extents, extent);
		struct evidence evidence;

		if (!element)
			continue;
		evidence_clear(walk, &evidence);
		evidence_add(walk, &evidence, element);
		if (evidence.samples > 0)
			decide_extent(walk, extent, &evidence);
	}
}

/* The most aligned index strictly inside (first, end), so that halves are aligned power-of-two
 * ranges. */
static uint64_t split_point(uint64_t first, uint64_t end)
{
	unsigned bit = 63 - (unsigned)__builtin_clzll(first ^ (end - 1));

	return (end - 1) & ~((1ULL << bit) - 1);
}

/* The extents of a range are looked at one by one: a large one with few samples is split first. */
static bool is_small_or_dense(const struct evidence *evidence, uint64_t extents)
{
	return extents <= RANGE_LOOK_MAX || judge_is_even(evidence, extents);
}

/* Is most of it used from one node each, extent by extent? Then a part of it may be pure as a
 * whole. */
static bool has_pure_parts(const struct walk *walk, uint64_t first, uint64_t end)
{
	unsigned seen = 0, pure = 0;

	for (uint64_t extent = first; extent < end; extent++) {
		const float *element = extent_map_get(&walk->object->heat->extents, extent);
		float sum = 0, most = 0;

		if (!element)
			continue;
		for (unsigned i = 0; i < n_nodes(walk); i++) {
			sum += element[i];
			most = element[i] > most ? element[i] : most;
		}
		seen += sum > 0;
		pure += sum > 0 && most >= (float)PLACEMENT_PURE_SHARE * sum;
	}
	return 2 * pure > seen;
}

static bool is_leaf(const struct walk *walk, const struct evidence *evidence, uint64_t first,
		    uint64_t end)
{
	if (end - first == 1)
		return true;
	return end - first <= RANGE_LEAF &&
	       (evidence->samples >= LEAF_SAMPLES * evidence->extents_seen ||
		!has_pure_parts(walk, first, end));
}

static void decide_range(struct walk *walk, uint64_t first, uint64_t end)
{
	struct evidence evidence;

	sum_range(walk, first, end, &evidence);
	if (evidence.samples <= 0 || walk->error)
		return;
	if (evidence.remote <= PLACEMENT_IN_PLACE_RANGE_SHARE * evidence.samples) {
		hold(walk, HOLD_IN_PLACE, (uint64_t)evidence.extents_seen);
		return;
	}

	struct judgement verdict =
		judge(walk->input->topology, walk->object->thread_nodes, &evidence);

	if (verdict.from != NODE_NONE && verdict.gaining >= PLACEMENT_PURE_SHARE &&
	    verdict.bound > PLACEMENT_GAIN_SHARE && is_small_or_dense(&evidence, end - first)) {
		emit_range(walk, first, end, reason_of(walk, MOVE_RANGE_EVIDENCE), &evidence,
			   &verdict);
		return;
	}

	if (is_leaf(walk, &evidence, first, end)) {
		decide_extents(walk, first, end);
		return;
	}

	uint64_t middle = split_point(first, end);

	decide_range(walk, first, middle);
	decide_range(walk, middle, end);
}

static void set_time_scale(struct walk *walk)
{
	/* A weight that decays with half-life h holds h / ln 2 of samples when it is steady. */
	double steady_sec = (double)HEAT_HALF_LIFE_USEC / USEC_PER_SEC_F / M_LN2;
	uint64_t now = walk->input->now_usec, since = walk->object->heat->since_usec;
	uint64_t age_usec = now > since ? now - since : 0;

	walk->seconds_of_evidence = CLAMP((double)age_usec / USEC_PER_SEC_F, 0.05, steady_sec);
	walk->horizon_sec =
		(double)CLAMP(age_usec, PLACEMENT_HORIZON_MIN_USEC, PLACEMENT_HORIZON_MAX_USEC) /
		USEC_PER_SEC_F;
}

static uint64_t extents_of(const struct heat *heat)
{
	uint64_t n = 0;

	for (size_t i = 0; i < heat->extents.n_chunks; i++)
		n += (uint64_t)__builtin_popcountll(heat->extents.chunk[i]->present);
	return n;
}

static bool is_too_young(const struct walk *walk)
{
	bool is_bound = __builtin_popcountll(walk->object->thread_nodes) == 1;

	return !is_bound &&
	       walk->input->now_usec < walk->object->heat->since_usec + PLACEMENT_EVIDENCE_USEC;
}

static void decide_object(struct walk *walk, const struct placement_object *object)
{
	enum hold_reason all = object->may_move ? HOLD_BACK_OFF : HOLD_POLICY;

	walk->object = object;
	if (!object->may_move || ledger_is_backed_off(object->ledger, walk->input->now_usec)) {
		hold(walk, all, extents_of(object->heat));
		return;
	}
	if (is_too_young(walk)) {
		hold(walk, HOLD_FEW_SAMPLES, extents_of(object->heat));
		return;
	}
	set_time_scale(walk);

	if (!object->heat->extents.n_chunks)
		return;

	int r = summarise(walk);

	if (r < 0) {
		walk->error = r;
		return;
	}
	for (size_t i = 0; i < object->n_ranges; i++)
		decide_range(walk, object->range[i].first, object->range[i].end);
}

/* Takes the moves in their order while their target has room; cuts the last one to what is left. */
static void fit_room(const struct placement_input *input, struct plan *plan)
{
	uint64_t room[TOPOLOGY_MAX_NODES], per_extent = PAGES_PER_EXTENT(input->topology);
	size_t kept = 0;

	for (unsigned i = 0; i < input->topology->n_nodes; i++)
		room[i] = input->room_pages[i];
	for (size_t i = 0; i < plan->n; i++) {
		struct move move = plan->move[i];

		/* What is only told takes no room. */
		if (move.is_observed) {
			plan->move[kept++] = move;
			continue;
		}
		uint64_t extents = move.end - move.first, fit = room[move.to] / per_extent;

		if (fit < extents && move.pages > room[move.to]) {
			plan->held_extents[HOLD_NO_ROOM] += extents - fit;
			if (!fit)
				continue;
			move.end = move.first + fit;
			move.gain_usec *= (double)fit / (double)extents;
			move.cost_usec *= (double)fit / (double)extents;
			move.pages = move.pages * fit / extents;
		}
		room[move.to] -= move.pages < room[move.to] ? move.pages : room[move.to];
		plan->move[kept++] = move;
	}
	plan->n = kept;
}

int placement_plan(const struct placement_input *input, struct plan *ret_plan)
{
	struct plan plan = { 0 };
	struct walk walk = { .input = input, .plan = &plan };

	for (size_t i = 0; i < input->n_objects && !walk.error; i++)
		decide_object(&walk, &input->object[i]);
	free(walk.summary);
	if (walk.error) {
		plan_done(&plan);
		return walk.error;
	}
	plan_sort(&plan);
	fit_room(input, &plan);
	*ret_plan = plan;
	return 0;
}
