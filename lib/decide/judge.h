/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the samples of an extent or a range say: which node it should be on, and how sure that is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/topology.h"

/* Sums over some extents; the arrays are by node index. */
struct evidence {
	double access[TOPOLOGY_MAX_NODES];
	double residency[TOPOLOGY_MAX_NODES];
	double samples; /* sum of access */
	double remote;
	double extents_seen; /* with at least JUDGE_SEEN_WEIGHT */
};

#define JUDGE_SEEN_WEIGHT 0.3

struct judgement {
	int target; /* node of least total distance; NODE_NONE when nothing is known */
	int from; /* the other node that holds most of it; NODE_NONE when nothing lies elsewhere */
	double gaining;   /* share of the distance-weighted accesses that get nearer by the move */
	double bound;     /* its lower confidence bound */
	double saved;     /* mean part of an access's latency that is saved, in [-1, 1] */
	double elsewhere; /* share of the located accesses whose page is not on the target */
};

/* `thread_nodes` with one bit: that node decides. */
struct judgement judge(const struct topology *topology, uint64_t thread_nodes,
		       const struct evidence *evidence);

/* Fewer samples than this do not tell how they are spread. */
#define JUDGE_EVEN_SAMPLES_MIN 16

/* True when `evidence` over `extents` extents is spread as an even use of all of them would spread
 * it. */
bool judge_is_even(const struct evidence *evidence, uint64_t extents);
