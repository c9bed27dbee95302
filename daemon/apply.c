/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* act: plan -> requests for the mover; its outcomes -> heat, ledger, counters. And the knob. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/knobs.h"
#include "base/clock.h"
#include "daemon/manager.h"

#define KERNEL_BALANCING_PATH "/proc/sys/kernel/numa_balancing"
/* A request is small enough that the next plan, made on better evidence, soon takes over. */
#define REQUEST_EXTENTS 16
/* What an observed object would do is told this often. */
#define WOULD_MOVE_USEC   60000000ULL
#define PAGES_LEFT_MAX    64
#define OUTCOMES_PER_LOOK 512

/* A ticket carries what the outcome has to be booked on. */
static uint64_t make_ticket(const struct move *move)
{
	return (uint64_t)move->object << 32 | (uint64_t)move->from << 16 |
	       (uint64_t)move->reason << 8 | move->to;
}

struct submission {
	struct manager *manager;
	struct object *object;
	const struct move *move;
	uint64_t huge_room[TOPOLOGY_MAX_NODES];
	uint64_t now_usec;
	bool is_observed;
};

/* Pages that other processes map as well go along only with somebody who may write them: who can
 * just read a file has no say in where its other users' memory lies. */
static bool may_move_for_all(const struct object *object, const struct process *process,
			     uint64_t start)
{
	const struct mapping *mapping = mappings_find(&process->mappings, start);

	return object->is_shared && mapping && mapping->is_writable;
}

static int submit_request(struct submission *submission, struct process *process, uint64_t start,
			  uint64_t end)
{
	struct manager *manager = submission->manager;
	const struct move *move = submission->move;
	uint64_t *huge_room = &submission->huge_room[move->to],
		 extents = (end - start) >> EXTENT_SHIFT;
	struct move_request request = {
		.ticket = make_ticket(move),
		.pid = process->pid,
		.start_time_ticks = process->start_time_ticks,
		.start = start,
		.end = end,
		.to_node_id = manager->topology.node[move->to].id,
		.move_all = may_move_for_all(submission->object, process, start),
		.max_stall_usec = process->rule->max_stall_usec,
		.bandwidth_bytes_per_sec = process->rule->bandwidth_bytes_per_sec,
		.room_pages = (end - start) / manager->topology.page_bytes,
		.huge_room = *huge_room,
	};
	int r = mover_submit(manager->mover, &request);

	/* A full queue is one node's; the next plan goes on from there. */
	if (r == -ENOBUFS)
		return 0;
	if (r < 0)
		return r;
	manager->counters.moves_submitted++;
	if (submission->object->has_huge_pages)
		*huge_room -= extents < *huge_room ? extents : *huge_room;
	return 0;
}

static int submit_range(void *userdata, struct process *process, uint64_t start, uint64_t end)
{
	struct submission *submission = userdata;

	if (process->standing == STANDING_OBSERVE)
		submission->is_observed = true;
	if (process->standing != STANDING_ACTIVE)
		return 0;
	while (start < end) {
		/* Requests end on extent borders, so that a huge page is never cut. */
		uint64_t stop = ((start >> EXTENT_SHIFT) + REQUEST_EXTENTS) << EXTENT_SHIFT;
		int r = 0;

		if (stop > end)
			stop = end;
		if (!mover_is_working_on(submission->manager->mover, process->pid, start, stop))
			r = submit_request(submission, process, start, stop);

		if (r < 0)
			return r;
		start = stop;
	}
	return 0;
}

static void tell_observed(struct submission *submission)
{
	struct object *object = submission->object;

	if (object->observed_usec && submission->now_usec < object->observed_usec + WOULD_MOVE_USEC)
		return;
	object->observed_usec = submission->now_usec;
	report_would_move(submission->manager, object, submission->move, submission->now_usec);
}

void apply_plan(struct manager *manager, const struct plan *plan, uint64_t now_usec)
{
	struct submission submission = { .manager = manager, .now_usec = now_usec };

	/* The new plan takes the place of what the last one has not begun. */
	mover_clear(manager->mover, false);
	for (unsigned i = 0; i < manager->topology.n_nodes; i++)
		submission.huge_room[i] = manager->room[i].free_huge_blocks;
	for (size_t i = 0; i < plan->n; i++) {
		submission.move = &plan->move[i];
		submission.object = tracker_find_object(manager->tracker, submission.move->object);
		submission.is_observed = false;
		if (!submission.object)
			continue;

		int r = tracker_visit_addresses(manager->tracker, submission.object,
						submission.move->first, submission.move->end,
						submit_range, &submission);

		if (submission.is_observed)
			tell_observed(&submission);
		if (r < 0)
			break;
	}
}

/* The extents of the object that a range of the process's addresses is. */
static int extents_of_range(const struct object *object, const struct process *process,
			    const struct move_outcome *outcome, uint64_t *ret_first,
			    uint64_t *ret_end)
{
	uint64_t start = outcome->start;

	if (object->is_shared) {
		const struct mapping *mapping = mappings_find(&process->mappings, outcome->start);

		if (!mapping || mapping->device != object->device ||
		    mapping->inode != object->inode)
			return -ENOENT;
		start = outcome->start - mapping->start + mapping->file_offset;
	}
	*ret_first = start >> EXTENT_SHIFT;
	*ret_end = ((start + (outcome->end - outcome->start) - 1) >> EXTENT_SHIFT) + 1;
	return 0;
}

static void note_for_report(struct object *object, const struct move_outcome *outcome,
			    uint64_t refused, uint64_t now_usec)
{
	if (!object->report.moved_pages && !object->report.refused_pages) {
		object->report.since_usec = now_usec;
		object->report.error = 0;
	}
	if (outcome->error)
		object->report.error = outcome->error;
	object->report.moved_pages += outcome->pages_moved;
	object->report.refused_pages += refused;
	object->report.from = (int)(outcome->ticket >> 16 & 0xff);
	object->report.to = (int)(outcome->ticket & 0xff);
	object->report.reason = (uint8_t)(outcome->ticket >> 8);
	if (outcome->longest_run_usec > object->report.longest_run_usec)
		object->report.longest_run_usec = outcome->longest_run_usec;
}

/* Some pages of a range seldom go (busy, shared): a few of them do not make it worth another try.
 */
static bool is_partial(const struct move_outcome *outcome)
{
	return outcome->pages_moved + outcome->pages_already + PAGES_LEFT_MAX <
	       outcome->pages_present;
}

static void book_move(struct object *object, const struct move_outcome *outcome, uint64_t first,
		      uint64_t end, uint64_t now_usec)
{
	struct ledger_move move = {
		.first = first,
		.end = end,
		.from = (unsigned)(outcome->ticket >> 16 & 0xff),
		.to = (unsigned)(outcome->ticket & 0xff),
		.pages = outcome->pages_moved,
		.phase = object->heat.n_phases,
		.is_partial = is_partial(outcome),
	};
	double remote = 0;

	heat_sum_located(&object->heat, first, end, &move.all, &remote);
	move.local = move.all > remote ? move.all - remote : 0;
	(void)ledger_book_move(&object->ledger, &move, now_usec);
}

static void book_outcome(struct object *object, const struct process *process,
			 const struct move_outcome *outcome, uint64_t now_usec)
{
	uint64_t refused = outcome->pages_busy + outcome->pages_shared + outcome->pages_failed,
		 first, end;
	bool is_forbidden = outcome->error == -EACCES || outcome->error == -EPERM;

	if (is_forbidden && !refused)
		refused = outcome->pages_present - outcome->pages_already;

	if (extents_of_range(object, process, outcome, &first, &end) < 0)
		return;
	if (outcome->huge_moved)
		object->has_huge_pages = true;
	if (outcome->pages_moved || refused)
		note_for_report(object, outcome, refused, now_usec);
	if (outcome->pages_moved)
		book_move(object, outcome, first, end, now_usec);
	else if (refused || outcome->pages_no_room || is_forbidden)
		(void)ledger_book_refusal(&object->ledger, first, end, now_usec);
	/* What is there now need not wait for samples to say so; what went in part does. */
	if (outcome->pages_present && !is_partial(outcome))
		heat_moved(&object->heat, first, end, (unsigned)(outcome->ticket & 0xff));
}

void apply_outcomes(struct manager *manager, uint64_t now_usec)
{
	struct move_outcome *outcomes = calloc(OUTCOMES_PER_LOOK, sizeof(*outcomes));
	size_t n = outcomes ? mover_collect(manager->mover, outcomes, OUTCOMES_PER_LOOK) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct move_outcome *outcome = &outcomes[i];
		struct object *object =
			tracker_find_object(manager->tracker, (uint32_t)(outcome->ticket >> 32));
		struct process *process = tracker_find_process(manager->tracker, outcome->pid);

		price_book(&manager->price, outcome->pages_moved, outcome->cpu_usec, now_usec);
		manager->counters.pages_moved += outcome->pages_moved;
		manager->counters.pages_vanished += outcome->pages_absent;
		manager->counters.pages_refused +=
			outcome->pages_busy + outcome->pages_shared + outcome->pages_failed;
		manager->counters.calls += outcome->n_calls;
		if (outcome->error == -ESRCH)
			tracker_exit(manager->tracker, outcome->pid);
		else if (object && process)
			book_outcome(object, process, outcome, now_usec);
	}
	free(outcomes);
}

static bool places(const struct rule *rule)
{
	return rule->mode == RULE_ACTIVE && rule->policy != POLICY_DEFAULT;
}

static bool may_act(const struct manager *manager)
{
	if (manager->options->observe)
		return false;
	for (size_t i = 0; i < manager->config->n_rules; i++)
		if (places(&manager->config->rules[i]))
			return true;
	return places(&manager->config->default_rule);
}

static void tell_knob(void *userdata, const char *path, const char *saved, const char *current,
		      int result)
{
	struct manager *manager = userdata;
	uint64_t now_usec = clock_now_usec();

	if (result == 0)
		message_send(&manager->messenger, now_usec, MESSAGE_KNOB, NULL,
			     "Restored %s to %s.", path, saved);
	else if (result > 0)
		message_send(&manager->messenger, now_usec, MESSAGE_KNOB, NULL,
			     "Left %s at %s: somebody else changed it since (it was %s before "
			     "numaplaced).",
			     path, current, saved);
	else
		message_send(&manager->messenger, now_usec, MESSAGE_FAILURE, NULL,
			     "Cannot restore %s to %s: %s.", path, saved, strerror(-result));
}

/* Two balancers fight; a source without addresses is no reason to stop the kernel's. */
void apply_kernel_balancing(struct manager *manager)
{
	bool has_addresses =
		manager->sampler && sampler_source(manager->sampler)->id < SOURCE_FAULTS;
	bool wants_pause = has_addresses &&
			   manager->config->kernel_balancing == KERNEL_BALANCING_PAUSE &&
			   may_act(manager);

	if (!wants_pause) {
		apply_restore(manager);
		return;
	}
	if (manager->has_knobs)
		return;

	char before[KNOB_VALUE_MAX] = "", wanted[32];

	/* A kernel without it has nothing to pause. */
	if (root_read(&manager->root, KERNEL_BALANCING_PATH, before, sizeof(before)) < 0)
		return;
	/* Bit 0 balances between nodes; bit 1, memory tiering, is not our matter. */
	snprintf(wanted, sizeof(wanted), "%lu", strtoul(before, NULL, 10) & ~1UL);
	before[strcspn(before, "\n")] = '\0';

	int r = knob_set(&manager->root, KERNEL_BALANCING_PATH, wanted);

	manager->has_knobs = true;
	if (r >= 0 && strcmp(before, wanted) != 0)
		message_send(&manager->messenger, clock_now_usec(), MESSAGE_KNOB, NULL,
			     "Paused the kernel's own balancing: %s is %s while numaplaced runs, "
			     "was %s.",
			     KERNEL_BALANCING_PATH, wanted, before);
	if (r < 0)
		message_send(
			&manager->messenger, clock_now_usec(), MESSAGE_FAILURE, NULL,
			"Cannot pause the kernel's own balancing (%s): %s. Both will move pages.",
			KERNEL_BALANCING_PATH, strerror(-r));
}

void apply_restore(struct manager *manager)
{
	/* Who only observes beside the service does not undo what the service did. */
	if (manager->options->observe)
		return;
	manager->has_knobs = false;
	(void)knobs_restore(&manager->root, tell_knob, manager);
}
