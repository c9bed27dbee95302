/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much to move at a time: slice sizes from the measured cost of a page, and a token bucket for
 * bandwidth. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PACE_START_PAGES 64   /* first slice of base pages: nothing is known of the cost yet */
#define PACE_MAX_PAGES   4096 /* largest slice of base pages */
#define PACE_MAX_HUGE    32   /* largest slice of huge pages */
#define PACE_CALL_MAX_USEC                                                                         \
	100000U                /* a call cannot be interrupted: this much may delay a shutdown */
#define PACE_BURST_USEC 50000U /* bandwidth that may be saved up */

enum pace_kind {
	PACE_BASE,
	PACE_HUGE,
	_PACE_KIND_MAX,
};

/* A call of n pages takes call_usec + n * page_usec: only the second part makes anybody wait for a
 * page. */
struct pace {
	struct pace_class {
		double call_usec; /* the call itself: it empties caches on all CPUs first */
		double page_usec; /* each page of this kind in it */
		unsigned slice;   /* what calls have proven to be fine, in pages of this kind */
		unsigned slice_max;
		unsigned slice_min;
		unsigned run_max; /* pages of this kind that the kernel unmaps at a time */
		unsigned n_calls;
		/* Sums over the calls, the latest weighing most, of x = 1/n and y = usec/n. */
		double weight, sum_x, sum_y, sum_xx, sum_xy;
		double shortest_usec; /* of the latest calls: no call is shorter than call_usec */
	} class[_PACE_KIND_MAX];
};

/* `run_pages_max`: base pages that the kernel unmaps, copies and maps again at a time; a huge page
 * is always a run of its own. */
void pace_init(struct pace *pace, unsigned run_pages_max, uint32_t page_bytes,
	       uint64_t huge_page_bytes);

/* How many pages of this kind to give to the kernel in the next call, at least 1: a thread that
 * touches a page on the move waits for that page's run, so the slice is limited to what fits
 * max_stall only where a whole run would not. */
unsigned pace_slice(const struct pace *pace, enum pace_kind kind, uint64_t max_stall_usec);

/* Learns from a call that was asked for n_asked pages, moved n_moved of them and took call_usec. */
void pace_measure(struct pace *pace, enum pace_kind kind, unsigned n_asked, unsigned n_moved,
		  uint64_t call_usec);

/* The longest wait that a call of n_pages pages that took call_usec can have caused: that for one
 * run of it. */
uint64_t pace_run_usec(const struct pace *pace, enum pace_kind kind, unsigned n_pages,
		       uint64_t call_usec);

/* What a page of this kind costs at the present slice, its share of the call included. */
double pace_cost_usec(const struct pace *pace, enum pace_kind kind);

/* Bytes that may be put on a node; { 0 } is a bucket that fills from its first use. */
struct pace_bucket {
	double tokens_bytes;
	uint64_t filled_usec;
};

/* Microseconds to wait at `now_usec` until `bytes` may be moved at this rate, 0: now. More than the
 * bucket holds may go when it is full (it is in debt afterwards). A rate of 0 is no limit. */
uint64_t pace_bucket_wait_usec(struct pace_bucket *bucket, uint64_t bytes_per_sec, uint64_t bytes,
			       uint64_t now_usec);

/* Books what was moved. */
void pace_bucket_take(struct pace_bucket *bucket, uint64_t bytes);

/* The largest burst at this rate, in bytes. */
uint64_t pace_burst_bytes(uint64_t bytes_per_sec);
