/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applies moves with move_pages(2): two worker threads for each destination node, fed with address
 * ranges, which it cuts into slices so that no slice makes a thread wait longer than max_stall and
 * the node receives at most `bandwidth`. What the kernel reported comes back as outcomes; an
 * eventfd tells the owner's loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/root.h"

#define MOVER_QUEUE_MAX                                                                            \
	4096 /* requests waiting per destination; more are refused with -ENOBUFS                   \
	      */

struct move_request {
	uint64_t ticket; /* the caller's name for it */
	pid_t pid;
	uint64_t start_time_ticks; /* identity: checked before each slice through pidfd +
				      /proc/PID/stat */
	uint64_t start, end;       /* page-aligned addresses in that process, [start, end) */
	int to_node_id;
	bool move_all; /* MPOL_MF_MOVE_ALL: for shared mappings, also pages that others map */
	uint64_t max_stall_usec;
	uint64_t bandwidth_bytes_per_sec;
	uint64_t room_pages; /* at most this many pages may be put on the node by this request */
	uint64_t huge_room;  /* at most this many huge pages; where the page's kind cannot be read,
				extents that  may be huge pages need it too */
};

/* What the kernel reported, in base pages unless said otherwise; a huge page counts as all its
 * pages. */
struct move_outcome {
	uint64_t ticket;
	pid_t pid;
	int to_node_id;
	uint64_t start, end;    /* the request's range */
	uint64_t pages_present; /* pages found in the range, on any node */
	uint64_t pages_already; /* of them on the target before */
	uint64_t pages_moved;   /* on the target afterwards that were not before (by status or
				   re-query) */
	uint64_t huge_moved;    /* huge pages among them, in huge pages */
	uint64_t pages_busy;    /* -EBUSY: pinned or off the LRU */
	uint64_t pages_shared;  /* -EACCES per page: mapped by others and not move_all */
	uint64_t pages_absent;  /* -ENOENT, -EFAULT */
	uint64_t pages_no_room; /* -ENOMEM, or left because room_pages / huge_room was used up */
	uint64_t pages_failed;  /* every other status, those never attempted, parts of giant
				   hugetlbfs pages */
	int error; /* 0, or the -errno that ended it: -ESRCH vanished or another process now,
		      -EACCES target outside the cpuset, -EPERM, -ENODEV, -ECANCELED */
	/* Without an error, the counts from pages_already to pages_failed add up to the range; with
	 * one, pages that were not reached are in none of them. */
	unsigned n_calls;
	uint64_t busy_usec; /* time inside move_pages(2) */
	uint64_t cpu_usec;  /* CPU time of it */
	uint64_t longest_call_usec;
	uint64_t longest_run_usec; /* modelled worst wait of a toucher: time of one unmap-copy-remap
				      run; the call's own time (emptying the CPUs' caches) stalls
				      nobody */
};

struct mover;

/* `page_bytes` and `huge_page_bytes` of the machine; root for /proc. Workers start with the first
 * request for their node. `run_pages_max`: how many base pages the kernel unmaps at a time (512
 * from 6.3 on, 1 before). */
int mover_new(struct mover **ret_mover, const struct root *root, uint32_t page_bytes,
	      uint64_t huge_page_bytes, unsigned run_pages_max);

/* Stops the workers after the call that is in progress, drops the rest. */
struct mover *mover_free(struct mover *mover);
DEFINE_CLEANUP(struct mover, mover_free)

/* Becomes readable when outcomes wait. */
int mover_fd(const struct mover *mover);

/* Queues a request behind the others for its node. 0, -ENOBUFS (MOVER_QUEUE_MAX wait, or wait to be
 * collected), -ENOMEM, -EAGAIN (no thread), -EINVAL (empty or unaligned range, no pid, no node). */
int mover_submit(struct mover *mover, const struct move_request *request);

/* Drops the requests that have not started; their outcomes are not reported. The running one goes
 * on to its end or, with `cancel_running`, ends after the current slice with -ECANCELED and its
 * partial outcome. */
void mover_clear(struct mover *mover, bool cancel_running);

/* Requests queued or running, over all nodes. */
size_t mover_pending(struct mover *mover);

/* Is a request for part of [start, end) of that process in work, or done and not collected yet? */
bool mover_is_working_on(struct mover *mover, pid_t pid, uint64_t start, uint64_t end);

/* Takes at most `max` outcomes. Returns the count. */
size_t mover_collect(struct mover *mover, struct move_outcome *ret_outcomes, size_t max);

/* Measured cost of moving one base page / one huge page, usec; the built-in guess before the first
 * move. */
double mover_page_cost_usec(struct mover *mover);
double mover_huge_cost_usec(struct mover *mover);
