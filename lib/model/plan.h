/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan: an ordered list of moves, each with its reason, cost and expected gain; and what was held
 * back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_MOVES_MAX 4096 /* the best of a tick; the rest is found again at the next one */

enum move_reason {
	MOVE_EXTENT_EVIDENCE, /* the extent's own samples say so */
	MOVE_RANGE_EVIDENCE,  /* its neighbourhood is used evenly, and from one node */
	MOVE_AFFINITY,        /* every thread may run on one node only */
	_MOVE_REASON_MAX,
};

/* Why an extent that was looked at is not moved. */
enum hold_reason {
	HOLD_IN_PLACE,    /* it is where it is used */
	HOLD_FEW_SAMPLES, /* not known well enough yet */
	HOLD_SHARED,      /* used from several nodes, nothing to gain */
	HOLD_COOLING,     /* moved a moment ago, or it went back and forth */
	HOLD_NOT_WORTH,   /* the expected gain is below the cost */
	HOLD_NO_ROOM,     /* the target node is near its watermark */
	HOLD_BACK_OFF,    /* earlier moves of this object did not help */
	HOLD_POLICY,      /* observe only, off, too small, or somebody else's */
	_HOLD_REASON_MAX,
};

struct move {
	uint32_t object;     /* the caller's name for the object */
	uint8_t reason;      /* enum move_reason */
	bool is_observed;    /* to be told, not made */
	uint8_t to, from;    /* node indexes; from: where most of it lies now */
	uint64_t first, end; /* extents [first, end) */
	uint64_t pages;      /* base pages that are not on `to` yet, estimated */
	float samples;       /* evidence, decayed */
	float share;         /* lower confidence bound of the share that gains from the move */
	double gain_usec;    /* CPU time saved while the pattern is expected to last */
	double cost_usec;
};

struct plan {
	struct move *move; /* best ratio of gain to cost first */
	size_t n, capacity;
	uint64_t held_extents[_HOLD_REASON_MAX];
	uint64_t moves_dropped; /* beyond PLAN_MOVES_MAX */
};

const char *move_reason_text(enum move_reason reason);
const char *hold_reason_text(enum hold_reason reason);

void plan_done(struct plan *plan);

/* Keeps the PLAN_MOVES_MAX best moves by gain / cost. 0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct move *move);

/* Orders the moves best first. */
void plan_sort(struct plan *plan);
