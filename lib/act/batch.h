/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One move_pages(2) call, its traps closed: what was asked, and what became of each unit. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BATCH_MAX 4096 /* addresses in one call */

/* The kernel wrote nothing and the page is where it was: it failed, or it was never attempted. */
#define UNIT_PENDING INT_MIN

/* What one address given to the kernel stands for. */
struct move_unit {
	uint64_t address; /* given to the kernel; of a huge page, its head */
	uint64_t first;   /* the first address of the request's range that it stands for */
	uint32_t n_pages; /* how many base pages of that range */
	int result;       /* node id, -errno of the page, or UNIT_PENDING */
};

/* Arrays for the kernel, reused by all calls of a request. */
struct batch {
	void *address[BATCH_MAX];
	int node[BATCH_MAX];
	int status[BATCH_MAX];
	int where[BATCH_MAX];
	uint64_t cpu_usec; /* CPU time of the last move: without waiting, being preempted or held up
			    */
};

/* Where n_pages pages from `start` on are: node ids or -errno of the page. 0 or -errno of the call.
 */
int batch_query(struct batch *batch, pid_t pid, uint64_t start, size_t n_pages, uint32_t page_bytes,
		int *ret_status);

/* Moves at most BATCH_MAX units and sets their results; what the kernel left open is asked again,
 * so a unit's result is the target node when it is there now. 0, or -errno of the whole call
 * (-ENOMEM: the target is full, the results tell how far it came). */
int batch_move(struct batch *batch, pid_t pid, struct move_unit *units, size_t n, int to_node_id,
	       int flags, uint64_t *ret_usec);
