/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report: journal lines with the numbers behind them, and the status text. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "daemon/manager.h"

/* Moves of an object are told together once this much time has gone by since the first. */
#define REPORT_MOVES_USEC  2000000ULL
#define REPORT_STATUS_USEC 2000000ULL

static double mebibytes(const struct manager *manager, uint64_t pages)
{
	return (double)pages * manager->topology.page_bytes / (1 << 20);
}

void report_object_name(struct manager *manager, const struct object *object, char *buffer,
			size_t size)
{
	const struct process *process =
		object->is_shared ? tracker_find_user(manager->tracker, object)
				  : tracker_find_process(manager->tracker, object->pid);

	if (object->is_shared)
		snprintf(buffer, size, "shared memory %u:%u:%" PRIu64 " (used by %s)",
			 object->device >> 20, object->device & 0xfffff, object->inode,
			 process ? process->name : "nobody known");
	else
		snprintf(buffer, size, "process %d (%s)", (int)object->pid,
			 process ? process->name : "gone");
}

static void object_fields(struct manager *manager, const struct object *object,
			  struct message_fields *fields)
{
	const struct process *process =
		object->is_shared ? tracker_find_user(manager->tracker, object)
				  : tracker_find_process(manager->tracker, object->pid);

	if (!process)
		return;
	message_field(fields, "PID_TARGET", "%d", (int)process->pid);
	message_field(fields, "CGROUP", "%s", process->cgroup);
	message_field(fields, "RULE", "%s", process->rule->name);
}

static int node_id(const struct manager *manager, int index)
{
	return index < 0 ? -1 : manager->topology.node[index].id;
}

void report_source(struct manager *manager)
{
	char text[640] = "";
	size_t used = 0;

	for (int i = 0; i < _SOURCE_MAX; i++) {
		const struct source *source = sources[i];

		if (manager->sampler && sampler_source(manager->sampler) == source)
			break;
		if (manager->config->source >= 0 && manager->config->source != i)
			continue;

		int r = source_probe(source, 0);

		if (used < sizeof(text))
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "; not %s: %s", source->name,
				r < 0 ? source_error_text(source, r) : "not chosen");
	}
	if (manager->sampler)
		message_send(&manager->messenger, clock_now_usec(), MESSAGE_SOURCE, NULL,
			     "Sampling with %s (%s)%s.", sampler_source(manager->sampler)->name,
			     sampler_source(manager->sampler)->tells, text);
	else
		message_send(&manager->messenger, clock_now_usec(), MESSAGE_NO_SOURCE, NULL,
			     "No source of samples works, so nothing will be moved%s.", text);
}

void report_started(struct manager *manager)
{
	unsigned n = topology_count_memory_nodes(&manager->topology);

	message_send(&manager->messenger, clock_now_usec(), MESSAGE_STARTED, NULL,
		     "numaplaced " NUMAPLACED_VERSION
		     " started: %u nodes, %u with memory, %zu rules, default %s%s.",
		     manager->topology.n_nodes, n, manager->config->n_rules,
		     manager->config->default_rule.mode == RULE_ACTIVE    ? "active"
		     : manager->config->default_rule.mode == RULE_OBSERVE ? "observe"
									  : "off",
		     manager->options->observe ? ", --observe forbids every action" : "");
	if (n < 2)
		message_send(
			&manager->messenger, clock_now_usec(), MESSAGE_ONE_NODE, NULL,
			"This machine has %u NUMA node%s with memory: there is nothing to place.",
			n, n == 1 ? "" : "s");
}

void report_stopped(struct manager *manager)
{
	const struct counters *counters = &manager->counters;

	message_send(&manager->messenger, clock_now_usec(), MESSAGE_STOPPED, NULL,
		     "numaplaced stopped: %" PRIu64 " samples, %" PRIu64 " pages moved, %" PRIu64
		     " refused by the kernel, %" PRIu64 " processes vanished meanwhile.",
		     counters->samples, counters->pages_moved, counters->pages_refused,
		     tracker_n_vanished(manager->tracker));
}

static const char *refusal_text(int error)
{
	switch (-error) {
	case EACCES:
		return "the node is outside the process's cpuset";
	case EPERM:
		return "no permission";
	default:
		return "they are pinned, busy, or shared with other processes";
	}
}

static void tell_move(struct manager *manager, struct object *object, uint64_t now_usec)
{
	struct message_fields fields = { .n = 0 };
	char name[256];
	bool is_refusal = object->report.moved_pages == 0;

	report_object_name(manager, object, name, sizeof(name));
	object_fields(manager, object, &fields);
	message_field(&fields, "FROM", "%d", node_id(manager, object->report.from));
	message_field(&fields, "TO", "%d", node_id(manager, object->report.to));
	message_field(&fields, "PAGES", "%" PRIu64,
		      object->report.moved_pages + object->report.refused_pages);
	message_field(&fields, "MOVED", "%" PRIu64, object->report.moved_pages);
	message_field(&fields, "REASON", "%s", move_reason_text(object->report.reason));
	message_field(&fields, "STALL_USEC", "%" PRIu64, object->report.longest_run_usec);
	if (is_refusal)
		message_send(&manager->messenger, now_usec, MESSAGE_REFUSED, &fields,
			     "The kernel refused to move %" PRIu64 " pages of %s to node %d: %s.",
			     object->report.refused_pages, name,
			     node_id(manager, object->report.to),
			     refusal_text(object->report.error));
	else
		message_send(&manager->messenger, now_usec, MESSAGE_MOVED, &fields,
			     "Moved %" PRIu64
			     " pages (%.1f MiB) of %s from node %d to node %d: %s; %" PRIu64
			     " refused; longest wait about %" PRIu64 " us.",
			     object->report.moved_pages,
			     mebibytes(manager, object->report.moved_pages), name,
			     node_id(manager, object->report.from),
			     node_id(manager, object->report.to),
			     move_reason_text(object->report.reason), object->report.refused_pages,
			     object->report.longest_run_usec);
	object->report.moved_pages = object->report.refused_pages =
		object->report.longest_run_usec = 0;
}

void report_moves(struct manager *manager, uint64_t now_usec)
{
	size_t n;
	struct object **objects = tracker_objects(manager->tracker, &n);

	for (size_t i = 0; i < n; i++)
		if ((objects[i]->report.moved_pages || objects[i]->report.refused_pages) &&
		    now_usec >= objects[i]->report.since_usec + REPORT_MOVES_USEC)
			tell_move(manager, objects[i], now_usec);
}

static void tell_verdict(struct manager *manager, struct object *object,
			 enum ledger_verdict verdict, const struct ledger_judgement *judgement,
			 uint64_t now_usec)
{
	struct message_fields fields = { .n = 0 };
	char name[256];

	report_object_name(manager, object, name, sizeof(name));
	object_fields(manager, object, &fields);
	message_field(&fields, "PAGES", "%" PRIu64, judgement->pages);
	message_field(&fields, "LOCALITY_BEFORE", "%.3f", judgement->before);
	message_field(&fields, "LOCALITY_AFTER", "%.3f", judgement->after);
	if (verdict == LEDGER_HELPED)
		message_send(&manager->messenger, now_usec, MESSAGE_VERIFIED, &fields,
			     "Accesses to the %" PRIu64
			     " pages (%.1f MiB) moved of %s: %.0f %% local before, %.0f %% now.",
			     judgement->pages, mebibytes(manager, judgement->pages), name,
			     judgement->before * 100, judgement->after * 100);
	else
		message_send(
			&manager->messenger, now_usec, MESSAGE_DID_NOT_HELP, &fields,
			"Moving %" PRIu64
			" pages of %s did not help: %.0f %% of the accesses to them were local "
			"before, %.0f %% are now; left alone for %.0f s.",
			judgement->pages, name, judgement->before * 100, judgement->after * 100,
			(double)object->ledger.back_off_usec / 1e6);
}

void report_verdicts(struct manager *manager, uint64_t now_usec)
{
	size_t n;
	struct object **objects = tracker_objects(manager->tracker, &n);

	for (size_t i = 0; i < n; i++) {
		struct ledger_judgement judgement;
		enum ledger_verdict verdict = ledger_judge(
			&objects[i]->ledger, objects[i]->heat.n_phases, now_usec, &judgement);

		if (verdict != LEDGER_NOTHING)
			tell_verdict(manager, objects[i], verdict, &judgement, now_usec);
	}
}

void report_would_move(struct manager *manager, struct object *object, const struct move *move,
		       uint64_t now_usec)
{
	struct message_fields fields = { .n = 0 };
	char name[256];

	report_object_name(manager, object, name, sizeof(name));
	object_fields(manager, object, &fields);
	message_field(&fields, "FROM", "%d", node_id(manager, move->from));
	message_field(&fields, "TO", "%d", node_id(manager, move->to));
	message_field(&fields, "PAGES", "%" PRIu64, move->pages);
	message_field(&fields, "REASON", "%s", move_reason_text(move->reason));
	message_send(&manager->messenger, now_usec, MESSAGE_WOULD_MOVE, &fields,
		     "Would move %" PRIu64
		     " pages (%.1f MiB) and perhaps more of %s from node %d to node %d: %s; "
		     "locality now %.0f %%.",
		     move->pages, mebibytes(manager, move->pages), name,
		     node_id(manager, move->from), node_id(manager, move->to),
		     move_reason_text(move->reason), 100 * heat_locality(&object->heat, 0));
}

void report_no_room(struct manager *manager, const struct plan *plan)
{
	uint64_t held = plan->held_extents[HOLD_NO_ROOM], now_usec = clock_now_usec();

	if (held == 0) {
		/* Said once until it was over for a while. */
		if (manager->no_room_usec && now_usec > manager->no_room_usec + 60 * USEC_PER_SEC)
			manager->no_room_usec = 0;
		return;
	}
	if (!manager->no_room_usec)
		message_send(&manager->messenger, now_usec, MESSAGE_NO_ROOM, NULL,
			     "%" PRIu64
			     " MiB belong on a node that has no room%s; they stay where they are.",
			     held * (uint64_t)(EXTENT_BYTES >> 20),
			     manager->is_pressed ? " (the machine is under memory pressure)"
						 : " above its watermarks");
	manager->no_room_usec = now_usec;
}

double report_locality(struct manager *manager)
{
	size_t n;
	struct object **objects = tracker_objects(manager->tracker, &n);
	double local = 0, located = 0;

	for (size_t i = 0; i < n; i++) {
		local += objects[i]->heat.local;
		located += objects[i]->heat.located;
	}
	return located > 0 ? local / located : -1;
}

void report_status(struct manager *manager, uint64_t now_usec)
{
	double locality = report_locality(manager);
	char text[32] = "unknown yet";

	if (now_usec < manager->status_usec + REPORT_STATUS_USEC)
		return;
	manager->status_usec = now_usec;
	if (locality >= 0)
		snprintf(text, sizeof(text), "%.0f %%", locality * 100);
	if (!manager->sampler)
		sd_notify(0, "STATUS=Nothing to place, or no source of samples works here.");
	else
		sd_notifyf(0,
			   "STATUS=Locality %s; %zu processes watched; %" PRIu64
			   " pages moved; %s every %.1f ms.",
			   text, tracker_n_processes(manager->tracker),
			   manager->counters.pages_moved, sampler_source(manager->sampler)->name,
			   (double)manager->rate.period_nsec / 1e6);
}

static void print_move(struct manager *manager, const struct move *move, FILE *f)
{
	struct object *object = tracker_find_object(manager->tracker, move->object);
	char name[256] = "?";

	if (object)
		report_object_name(manager, object, name, sizeof(name));
	fprintf(f,
		"  move %.1f MiB of %s from node %d to node %d: %s (%.0f samples, at least %.0f %% "
		"gain, "
		"saves %.1f ms, costs %.1f ms)\n",
		mebibytes(manager, move->pages), name, node_id(manager, move->from),
		node_id(manager, move->to), move_reason_text(move->reason), (double)move->samples,
		100 * (double)move->share, move->gain_usec / 1e3, move->cost_usec / 1e3);
}

void report_plan(struct manager *manager, const struct plan *plan, FILE *f)
{
	double locality = report_locality(manager);

	fprintf(f, "%" PRIu64 " samples of %zu processes", manager->counters.samples,
		tracker_n_processes(manager->tracker));
	if (locality >= 0)
		fprintf(f, "; locality %.1f %%", locality * 100);
	fprintf(f, "\nplan: %zu moves\n", plan->n);
	for (size_t i = 0; i < plan->n && i < 50; i++)
		print_move(manager, &plan->move[i], f);
	if (plan->n > 50)
		fprintf(f, "  and %zu more\n", plan->n - 50);
	for (int i = 0; i < _HOLD_REASON_MAX; i++)
		if (plan->held_extents[i])
			fprintf(f, "held: %" PRIu64 " extents of %llu MiB: %s\n",
				plan->held_extents[i], EXTENT_BYTES >> 20,
				hold_reason_text((enum hold_reason)i));
}
