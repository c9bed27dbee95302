/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Heat: decayed access weight of one memory object, by extent and by accessing node. One sample of
 * a software source weighs 1, so undecayed weights are sample counts and carry their statistics. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/extent-map.h"
#include "model/topology.h"

#define EXTENT_SHIFT                                                                               \
	21 /* 2 MiB: a PMD-mapped huge page of x86-64 and of arm64 with 4 KiB pages                \
	    */
#define EXTENT_BYTES (1ULL << EXTENT_SHIFT)

/* Long enough to add up evidence on large objects, because a change of pattern is not waited out by
 * decay: it is detected (below) and the old evidence is dropped at once. */
#define HEAT_HALF_LIFE_USEC 20000000ULL
/* Locality is a report of the present. */
#define HEAT_LOCALITY_HALF_LIFE_USEC 1000000ULL

/* An extent that one node owns (share >= HEAT_OWNED_SHARE) is seen as taken over when this many
 * samples in a row come from other nodes: (1 - 0.8)^5 = 0.03 % by chance. */
#define HEAT_OWNED_SHARE  0.8f
#define HEAT_CONTRARY_RUN 5
/* An object is seen as in a new phase when 90 % of its last 40 to 64 samples in owned extents
 * contradict. */
#define HEAT_PHASE_SAMPLES 40
#define HEAT_PHASE_SHARE   0.9f
/* So is one whose samples hardly contradicted and now do, nearly every other one: a part of it has
 * a new user. What is shared contradicts from the start and does not change. */
#define HEAT_PHASE_CALM   0.04f
#define HEAT_PHASE_UNREST 0.45f
#define HEAT_PHASE_FORGET 0.01f /* what is kept of the old evidence */

struct heat {
	struct extent_map extents; /* element: floats, see heat_extent_* below */
	unsigned n_nodes;
	const struct topology
		*topology; /* tells which nodes are local to which; NULL: each only to itself */
	uint32_t n_phases; /* phase changes seen so far */
	uint64_t history;  /* last samples in owned extents, 1 = from another node than the owner */
	unsigned history_n;
	uint64_t since_usec; /* when the evidence in force began: the first sample, or the last new
				phase */
	double local,
		located; /* decayed weight of local / of all accesses whose page's node is known */
	uint64_t locality_usec; /* when those two were decayed */
	double weight,
		usec; /* decayed weight of all accesses, and the CPU time that they stand for */
	uint64_t usec_usec; /* when those two were decayed */
};

void heat_init(struct heat *heat, unsigned n_nodes);
void heat_done(struct heat *heat);

/* Is memory of `page_node` as near to `node` as memory can be? A node without memory is local to
 * its nearest ones. */
bool heat_is_local(const struct heat *heat, unsigned node, unsigned page_node);

/* Books one access. `node`: index of the accessor's node; `page_node`: index of the page's node or
 * NODE_NONE where unknown. 0 or -ENOMEM. */
int heat_add(struct heat *heat, uint64_t extent, unsigned node, int page_node, float weight,
	     uint64_t now_usec);

/* Books the CPU time that an access of that weight stands for. */
void heat_add_time(struct heat *heat, float weight, double usec, uint64_t now_usec);

/* CPU time that one unit of weight stands for, usec; 0 while nothing is known. */
double heat_usec_per_weight(const struct heat *heat);

/* Brings every chunk's decay up to `now_usec` and drops chunks that hold nothing any more. */
void heat_settle(struct heat *heat, uint64_t now_usec);

/* Books that the pages of [first, end) that were sampled are on `node` now. */
void heat_moved(struct heat *heat, uint64_t first, uint64_t end, unsigned node);

/* Adds up the located accesses to the extents [first, end): all of them, and those that are remote.
 */
void heat_sum_located(struct heat *heat, uint64_t first, uint64_t end, double *ret_all,
		      double *ret_remote);

/* Weight of the remote accesses of the last seconds, decayed to `now_usec`. */
double heat_remote_now(const struct heat *heat, uint64_t now_usec);

/* Share of the accesses of the last seconds that were local, in [0, 1]; -1 while fewer than
 * `min_weight`. */
double heat_locality(const struct heat *heat, double min_weight);

/* The parts of an extent's element. */
static inline float *heat_access(const struct heat *heat, float *element)
{
	(void)heat;
	return element; /* by accessing node */
}

static inline float *heat_residency(const struct heat *heat, float *element)
{
	return element + heat->n_nodes; /* accesses by the node of the page */
}

static inline float *heat_remote(const struct heat *heat, float *element)
{
	return element + 2 * heat->n_nodes; /* accesses that found the page on another node */
}

static inline float *heat_contrary(const struct heat *heat, float *element)
{
	return element + 2 * heat->n_nodes + 1; /* samples in a row that were not the owner's */
}
