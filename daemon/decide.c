/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decide: gathers what the pure decision needs and asks it. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/manager.h"

/* Remote accesses of an object, of the last seconds, from which on it is looked at. */
#define REMOTE_MIN 0.5
/* Hunting goes on for this long without a move to make. */
#define HUNT_USEC 5000000ULL
/* Policies are read for at most this long in one look. */
#define PREPARE_USEC 100000ULL

static bool is_remote(const struct object *object, uint64_t now_usec)
{
	return heat_remote_now(&object->heat, now_usec) >= REMOTE_MIN;
}

/* The process that stands for the object: of a shared one, the first user that may be placed. */
static struct process *representative(struct manager *manager, const struct object *object)
{
	if (!object->is_shared)
		return tracker_find_process(manager->tracker, object->pid);
	return tracker_find_user(manager->tracker, object);
}

/* Fills what the decision wants to know of an object. false: there is nothing to decide about it.
 */
static bool prepare(struct manager *manager, struct object *object, uint64_t now_usec,
		    struct placement_object *ret_object)
{
	struct process *process = representative(manager, object);

	if (!process || process->standing == STANDING_IGNORED || !is_remote(object, now_usec))
		return false;

	/* Reading policies walks page tables: what does not fit this look's time waits for the next
	 * one. */
	bool may_move = clock_now_usec() < now_usec + PREPARE_USEC &&
			tracker_prepare_object(manager->tracker, object, now_usec);

	if (tracker_update_ranges(manager->tracker, object) < 0)
		return false;
	heat_settle(&object->heat, now_usec);
	ledger_settle(&object->ledger, now_usec);
	*ret_object = (struct placement_object){
		.id = object->id,
		.heat = &object->heat,
		.ledger = &object->ledger,
		.range = object->range,
		.n_ranges = object->n_ranges,
		.thread_nodes = object->is_shared ? 0 : process->thread_nodes,
		.usec_per_sample = heat_usec_per_weight(&object->heat),
		.page_cost_usec = price_page_usec(&manager->price, now_usec),
		.may_move = may_move,
		.is_observed = process->standing == STANDING_OBSERVE,
	};
	return true;
}

static bool is_hunted(const struct placement_object *object)
{
	return object->may_move && !object->is_observed;
}

/* Evidence is wanted while it leads to moves. What stays remote for other reasons (shared by all
 * nodes, no room) is watched at the quiet rate: a change there still shows. */
static void hunt(struct manager *manager, size_t n_hunted, bool has_moves, uint64_t now_usec)
{
	if (has_moves || n_hunted > manager->n_hunted)
		manager->useful_usec = now_usec;
	manager->n_hunted = n_hunted;
	manager->is_hunting = n_hunted > 0 && now_usec < manager->useful_usec + HUNT_USEC;
}

static void fill_room(const struct manager *manager, uint64_t room_pages[static TOPOLOGY_MAX_NODES])
{
	for (unsigned i = 0; i < manager->topology.n_nodes; i++) {
		const struct node_room *room = &manager->room[i];

		room_pages[i] = manager->is_pressed ? 0
						    : placement_room_pages(room->usable_pages,
									   room->managed_pages);
	}
}

int decide_moves(struct manager *manager, uint64_t now_usec, struct plan *ret_plan)
{
	uint64_t room_pages[TOPOLOGY_MAX_NODES] = { 0 }, started_usec = clock_now_usec();
	size_t n_objects, n = 0, n_hunted = 0;
	struct object **objects = tracker_objects(manager->tracker, &n_objects);
	_cleanup_free_ struct placement_object *wanted = calloc(n_objects + 1, sizeof(*wanted));

	if (!wanted)
		return -ENOMEM;
	for (size_t i = 0; i < n_objects; i++)
		if (prepare(manager, objects[i], now_usec, &wanted[n]))
			n_hunted += is_hunted(&wanted[n++]);
	if (n)
		watch_room(manager); /* moves are weighed against the room of now */
	fill_room(manager, room_pages);

	struct placement_input input = {
		.topology = &manager->topology,
		.room_pages = room_pages,
		.object = wanted,
		.n_objects = n,
		.now_usec = now_usec,
	};
	int r = placement_plan(&input, ret_plan);

	hunt(manager, n_hunted, r >= 0 && ret_plan->n > 0, now_usec);
	manager->counters.plans++;
	manager->counters.plan_usec += clock_now_usec() - started_usec;
	return r;
}
