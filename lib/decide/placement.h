/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where memory should lie: from heat, topology and room to a plan. Pure: same input, same plan.
 *
 * Resolution follows evidence. Each mapped range of an object is judged as a whole; it is split in
 * halves, down to single extents, where its parts are used differently. A range may be moved as a
 * whole, extents that were not sampled included, only when it is used from one node
 * (PLACEMENT_PURE_SHARE) and the samples are spread over its extents as an even use would spread
 * them; otherwise an extent moves only on its own samples. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/ledger.h"
#include "model/heat.h"
#include "model/plan.h"
#include "model/topology.h"

/* Standard deviations of the Wilson score bound: about one wrong verdict in a thousand looks. */
#define PLACEMENT_CONFIDENCE_Z 3.0
/* The bound of the share of accesses that gain must exceed this; 0.5 would be break-even of the
 * distances. */
#define PLACEMENT_GAIN_SHARE 0.6
#define PLACEMENT_PURE_SHARE 0.95
/* What has at most this share of remote accesses is in place. */
#define PLACEMENT_IN_PLACE_SHARE 0.02
/* A range is not looked into when it has at most this share: one extent of a few hundred must not
 * hide. */
#define PLACEMENT_IN_PLACE_RANGE_SHARE 0.001
/* Even use is judged from this many samples per extent on. */
#define PLACEMENT_EVEN_SAMPLES 0.5
/* With more samples per extent than this on average, an extent without any is cold: e^-4 = 2 %. */
#define PLACEMENT_COLD_SAMPLES 4.0
/* Share of CPU time assumed to wait for memory at local distance; a remote access waits distance /
 * 10 as long. */
#define PLACEMENT_MEMORY_SHARE 0.3
/* A pattern is expected to last as long again as it has lasted, but at least and at most this. */
/* Samples of a moment are not independent: the other threads may not have had a CPU yet. Evidence
 * must span this before it says who uses what. */
#define PLACEMENT_EVIDENCE_USEC    500000ULL
#define PLACEMENT_HORIZON_MIN_USEC 60000000ULL
#define PLACEMENT_HORIZON_MAX_USEC 600000000ULL
/* Share of a target node's memory that stays free above its watermarks. */
#define PLACEMENT_RESERVE_SHARE (1.0 / 64)

struct placement_range {
	uint64_t first, end; /* mapped extents [first, end), ascending, no overlap */
};

struct placement_object {
	uint32_t id;
	struct heat *heat;     /* settled to `now` by the caller */
	struct ledger *ledger; /* only asked */
	const struct placement_range *range;
	size_t n_ranges;
	uint64_t thread_nodes;  /* bitmap of the nodes its threads may run on; 0: unknown */
	double usec_per_sample; /* CPU time that one sample stands for, over the heat's life */
	double page_cost_usec;  /* of moving one base page of it */
	bool may_move;          /* false: everything is held by policy */
	bool is_observed;       /* its moves are told, not made: they take no room */
};

struct placement_input {
	const struct topology *topology;
	const uint64_t *room_pages; /* by node index: base pages that may be put there now */
	const struct placement_object *object;
	size_t n_objects;
	uint64_t now_usec;
};

/* Fills a plan, best moves first, within the room of each target. The caller frees it with
 * plan_done(). 0 or -ENOMEM (the plan is empty then). */
int placement_plan(const struct placement_input *input, struct plan *ret_plan);

/* The room a node has for moves: what the allocator may hand out above the watermarks, less the
 * reserve. */
uint64_t placement_room_pages(uint64_t usable_pages, uint64_t managed_pages);

/* Lower bound of Wilson's score interval for a share observed over `n` trials. */
double placement_wilson_bound(double share, double n);
