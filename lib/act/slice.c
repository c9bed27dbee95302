/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/slice.h"

#include <errno.h>
#include <numaif.h>
#include <stdlib.h>

#include "act/batch.h"
#include "act/booking.h"
#include "act/page-kind.h"
#include "act/target.h"
#include "act/units.h"
#include "base/cleanup.h"

#define WINDOW_PAGES        16384 /* residency is asked for this much at a time */
#define RETRY_UNITS         32    /* of what a call left open, in one call */
#define RETRIES_IN_VAIN_MAX 2

struct run {
	const struct slice_machine *machine;
	const struct slice_governor *governor;
	const struct move_request *request;
	struct move_outcome *outcome;
	struct pace *pace;
	struct page_kinds kinds;
	struct batch *batch;
	int pidfd;
	int flags;
	size_t window_pages;
	int *status; /* of the window's pages, or of one extent */
	struct units units;
	uint64_t room_pages, huge_room; /* what is left of them */
};

static void book_no_room(struct run *run, const struct move_unit *units, size_t n)
{
	for (size_t i = 0; i < n; i++)
		booking_add_result(run->outcome, -ENOMEM, units[i].n_pages);
}

static void book_failed(struct run *run, const struct move_unit *units, size_t n)
{
	for (size_t i = 0; i < n; i++)
		booking_add_result(run->outcome, UNIT_PENDING, units[i].n_pages);
}

/* The kernel found no page of this kind on the target. */
static void note_full(struct run *run, enum unit_kind kind)
{
	if (kind == UNIT_BASE)
		run->room_pages = 0;
	else
		run->huge_room = 0;
}

static void use_room(struct run *run, bool is_huge)
{
	uint64_t n = is_huge ? run->machine->pages_per_huge : 1;

	run->room_pages -= n < run->room_pages ? n : run->room_pages;
	if (is_huge && run->huge_room)
		run->huge_room--;
}

/* Waits until a call may be made. */
static int pass_gate(struct run *run, uint64_t bytes)
{
	int r = run->governor->before(run->governor->userdata, bytes);

	if (r < 0)
		return r;
	return target_lives(run->pidfd) ? 0 : -ESRCH;
}

static uint64_t unit_pages(const struct run *run, enum unit_kind kind)
{
	return kind == UNIT_BASE ? 1 : run->machine->pages_per_huge;
}

static enum pace_kind pace_of(enum unit_kind kind)
{
	return kind == UNIT_BASE ? PACE_BASE : PACE_HUGE;
}

static size_t at_most(size_t n, uint64_t limit)
{
	return limit < n ? (size_t)limit : n;
}

/* How many of n units the next call takes; 0: no room for any. */
static size_t slice_length(const struct run *run, enum unit_kind kind, size_t n)
{
	const struct move_request *request = run->request;
	uint64_t pages = unit_pages(run, kind);

	n = at_most(n, pace_slice(run->pace, pace_of(kind), request->max_stall_usec));
	if (request->bandwidth_bytes_per_sec) {
		uint64_t burst = pace_burst_bytes(request->bandwidth_bytes_per_sec) /
				 (pages * run->machine->page_bytes);

		n = at_most(n, burst ? burst : 1);
	}
	n = at_most(n, run->room_pages / pages);
	return kind == UNIT_BASE ? n : at_most(n, run->huge_room);
}

/* Books the units that have a result and moves the open ones to the front. Returns how many moved.
 */
static size_t book_units(struct run *run, enum unit_kind kind, struct move_unit *units, size_t n,
			 size_t *ret_open)
{
	size_t n_open = 0, n_moved = 0;

	for (size_t i = 0; i < n; i++) {
		int result = units[i].result;

		if (result == UNIT_PENDING) {
			units[n_open++] = units[i];
			continue;
		}
		booking_add_result(run->outcome, result, units[i].n_pages);
		if (result == run->request->to_node_id) {
			n_moved++;
			use_room(run, kind == UNIT_HUGE);
			run->outcome->huge_moved += kind == UNIT_HUGE;
		} else if (result == -ENOMEM) {
			note_full(run, kind);
		}
	}
	*ret_open = n_open;
	return n_moved;
}

static uint64_t bytes_of(const struct run *run, enum unit_kind kind, size_t n)
{
	return n * unit_pages(run, kind) * run->machine->page_bytes;
}

/* One call with everything around it. 0 or -errno; a full target is not an error but the end of the
 * room. */
static int move_batch(struct run *run, enum unit_kind kind, struct move_unit *units, size_t n,
		      size_t *ret_open, size_t *ret_moved)
{
	uint64_t usec;
	int r = pass_gate(run, bytes_of(run, kind, n));

	if (r < 0)
		return r;
	r = batch_move(run->batch, run->request->pid, units, n, run->request->to_node_id,
		       run->flags, &usec);
	*ret_moved = book_units(run, kind, units, n, ret_open);
	run->outcome->cpu_usec += run->batch->cpu_usec;
	booking_add_call(run->outcome, usec,
			 pace_run_usec(run->pace, pace_of(kind), (unsigned)n, usec));
	/* The kernel tries a page that will not move many times: such a call tells no cost. */
	if (!*ret_open)
		pace_measure(run->pace, pace_of(kind), (unsigned)n, (unsigned)*ret_moved,
			     run->batch->cpu_usec);
	run->governor->after(run->governor->userdata, bytes_of(run, kind, *ret_moved));
	if (r == -ENOMEM)
		note_full(run, kind);
	return r == -ENOMEM ? 0 : r;
}

/* A call ends at the first run that fails, and what follows it is never attempted: the open units
 * are tried once more, few at a time. */
static int retry_open(struct run *run, enum unit_kind kind, struct move_unit *units, size_t n)
{
	size_t in_vain = 0, done = 0;

	while (done < n && in_vain < RETRIES_IN_VAIN_MAX) {
		size_t length = slice_length(
			run, kind, at_most(n - done, kind == UNIT_BASE ? RETRY_UNITS : 1));
		size_t n_open, n_moved;

		if (!length) {
			book_no_room(run, units + done, n - done);
			return 0;
		}

		int r = move_batch(run, kind, units + done, length, &n_open, &n_moved);

		if (r < 0)
			return r;
		book_failed(run, units + done, n_open);
		in_vain = n_moved ? 0 : in_vain + 1;
		done += length;
	}
	book_failed(run, units + done, n - done);
	return 0;
}

static int move_units(struct run *run, enum unit_kind kind)
{
	struct unit_list *list = &run->units.list[kind];

	for (size_t done = 0; done < list->n;) {
		struct move_unit *units = list->unit + done;
		size_t length = slice_length(run, kind, list->n - done);
		size_t n_open, n_moved;

		if (!length) {
			book_no_room(run, units, list->n - done);
			return 0;
		}

		int r = move_batch(run, kind, units, length, &n_open, &n_moved);

		if (r == 0 && n_open && length == 1)
			book_failed(run, units, 1); /* it was attempted */
		else if (r == 0 && n_open)
			r = retry_open(run, kind, units, n_open);
		if (r < 0)
			return r;
		done += length;
	}
	return 0;
}

/* What became of a probed extent: the huge page went with its first page, or the rest is base
 * pages. */
static int settle_probe(struct run *run, const struct move_unit *probe, bool *ret_is_huge)
{
	struct move_outcome *outcome = run->outcome;
	int to = run->request->to_node_id, *status = run->status;
	int r = batch_query(run->batch, run->request->pid, probe->first, probe->n_pages,
			    run->machine->page_bytes, status);

	if (r < 0)
		return r;
	*ret_is_huge =
		probe->n_pages > 1 && units_are_together(status, probe->n_pages) && status[0] == to;
	use_room(run, *ret_is_huge);
	if (*ret_is_huge) {
		outcome->huge_moved++;
		outcome->pages_moved += probe->n_pages;
		return 0;
	}
	booking_add_result(outcome, probe->result, 1);
	for (size_t i = 1; i < probe->n_pages; i++)
		if (status[i] < 0 || status[i] == to)
			booking_add_result(outcome, status[i], 1);
	units_add_base(&run->units, probe->first + run->machine->page_bytes, status + 1,
		       probe->n_pages - 1);
	return 0;
}

static int probe_batch(struct run *run, struct move_unit *probes, size_t n);

static int settle_probes(struct run *run, struct move_unit *probes, size_t n, size_t *ret_huge)
{
	*ret_huge = 0;
	for (size_t i = 0; i < n; i++) {
		bool is_huge = false;
		/* One that the call left open was perhaps never attempted: it gets a call of its
		 * own. */
		int r = probes[i].result == UNIT_PENDING && n > 1
				? probe_batch(run, &probes[i], 1)
				: settle_probe(run, &probes[i], &is_huge);

		if (r < 0)
			return r;
		*ret_huge += is_huge;
	}
	return 0;
}

static int probe_batch(struct run *run, struct move_unit *probes, size_t n)
{
	uint64_t usec;
	size_t n_huge;
	int r = pass_gate(run, bytes_of(run, UNIT_PROBE, n));

	if (r < 0)
		return r;

	int error = batch_move(run->batch, run->request->pid, probes, n, run->request->to_node_id,
			       run->flags, &usec);

	run->outcome->cpu_usec += run->batch->cpu_usec;
	booking_add_call(run->outcome, usec,
			 pace_run_usec(run->pace, PACE_HUGE, (unsigned)n, usec));
	if (error == -ENOMEM)
		note_full(run, UNIT_PROBE);
	else if (error < 0)
		return error;
	r = settle_probes(run, probes, n, &n_huge);
	if (r < 0)
		return r;
	run->governor->after(run->governor->userdata, bytes_of(run, UNIT_PROBE, n_huge) +
							      bytes_of(run, UNIT_BASE, n - n_huge));
	/* Only a call of one kind tells what that kind costs. */
	if (n_huge == n)
		pace_measure(run->pace, PACE_HUGE, (unsigned)n, (unsigned)n, run->batch->cpu_usec);
	return 0;
}

/* Moves the first page of each extent that may be a huge page; what turns out not to be one is
 * added to the base pages. */
static int move_probes(struct run *run)
{
	struct unit_list *list = &run->units.list[UNIT_PROBE];

	for (size_t done = 0; done < list->n;) {
		size_t length = slice_length(run, UNIT_PROBE, list->n - done);

		if (!length) {
			book_no_room(run, list->unit + done, list->n - done);
			return 0;
		}

		int r = probe_batch(run, list->unit + done, length);

		if (r < 0)
			return r;
		done += length;
	}
	return 0;
}

static int move_window(struct run *run, uint64_t start, size_t n_pages)
{
	int r = pass_gate(run, 0);

	if (r >= 0)
		r = batch_query(run->batch, run->request->pid, start, n_pages,
				run->machine->page_bytes, run->status);
	if (r < 0)
		return r;
	booking_add_residency(run->outcome, run->status, n_pages);
	run->outcome->pages_failed +=
		units_sort(&run->units, &run->kinds, start, run->status, n_pages);
	r = move_units(run, UNIT_HUGE);
	if (r >= 0)
		r = move_probes(run);
	return r < 0 ? r : move_units(run, UNIT_BASE);
}

static int move_range(struct run *run)
{
	uint64_t window_bytes = run->window_pages * run->machine->page_bytes;
	uint64_t at = run->request->start, end = run->request->end;

	while (at < end) {
		uint64_t n_bytes = window_bytes - at % window_bytes;

		if (n_bytes > end - at)
			n_bytes = end - at;

		int r = move_window(run, at, (size_t)(n_bytes / run->machine->page_bytes));

		if (r < 0)
			return r;
		at += n_bytes;
	}
	return 0;
}

static int allocate(struct run *run)
{
	size_t huge = run->machine->pages_per_huge;

	/* Whole huge pages, so that no extent lies in two windows. */
	run->window_pages = huge >= WINDOW_PAGES ? huge : WINDOW_PAGES / huge * huge;
	run->batch = malloc(sizeof(*run->batch));
	run->status = calloc(run->window_pages, sizeof(*run->status));

	int r = units_allocate(&run->units, run->window_pages);

	return run->batch && run->status ? r : -ENOMEM;
}

static void run_done(struct run *run)
{
	units_done(&run->units);
	free(run->status);
	free(run->batch);
	page_kinds_close(&run->kinds);
	if (run->pidfd >= 0)
		close(run->pidfd);
}

static int run_request(struct run *run)
{
	const struct move_request *request = run->request;
	int r = target_open(run->machine->root, request->pid, request->start_time_ticks);

	if (r < 0)
		return r;
	run->pidfd = r;
	page_kinds_open(&run->kinds, run->machine->root, run->request->pid,
			run->machine->page_bytes, run->machine->pages_per_huge);
	r = allocate(run);
	return r < 0 ? r : move_range(run);
}

void slice_run(const struct slice_machine *machine, const struct slice_governor *governor,
	       struct pace *pace, const struct move_request *request,
	       struct move_outcome *ret_outcome)
{
	*ret_outcome = (struct move_outcome){
		.ticket = request->ticket,
		.pid = request->pid,
		.to_node_id = request->to_node_id,
		.start = request->start,
		.end = request->end,
	};

	_cleanup_(run_done) struct run run = {
		.machine = machine,
		.governor = governor,
		.request = request,
		.outcome = ret_outcome,
		.pace = pace,
		.kinds = { .pagemap_fd = -1, .kpageflags_fd = -1 },
		.units = {
			.to_node_id = request->to_node_id,
			.page_bytes = machine->page_bytes,
			.pages_per_huge = machine->pages_per_huge,
		},
		.pidfd = -1,
		.flags = request->move_all ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE,
		.room_pages = request->room_pages,
		.huge_room = request->huge_room,
	};

	ret_outcome->error = run_request(&run);
}
