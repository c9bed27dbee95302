/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small machine with one memory object, for the tests of placement: who uses which extent is a
 * function of the test's, samples are drawn from it with a fixed seed, and moves can be carried
 * out. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/placement.h"

#define WORLD_NODES_MAX 4

struct world {
	struct topology topology;
	struct heat heat;
	struct ledger ledger;
	struct placement_range range[8];
	size_t n_ranges;
	uint64_t first, n_extents; /* the extents that `home` tells of */
	uint8_t *home;             /* where each lies */
	uint32_t *times_moved;
	uint64_t room_pages[TOPOLOGY_MAX_NODES];
	struct placement_object object;
	uint64_t now_usec;
	uint64_t seed;
	unsigned user; /* for the test's draw function */
};

static inline uint64_t world_random(struct world *world)
{
	uint64_t z = world->seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline void world_set_distances(struct topology *topology, unsigned n_nodes,
				       const uint8_t *distance)
{
	topology->n_nodes = n_nodes;
	topology->page_bytes = 4096;
	for (unsigned i = 0; i < n_nodes; i++) {
		topology->node[i].id = (int)i;
		topology->node[i].has_cpus = topology->node[i].has_memory = true;
		topology->node[i].memory_bytes = 64ULL << 30;
		memcpy(topology->distance[i], distance + (size_t)i * n_nodes, n_nodes);
	}
}

static const uint8_t world_two_nodes[] = { 10, 21, 21, 10 };

/* Two nodes; `n_extents` from `first` on are mapped and lie on node 0. */
static inline struct world world_make(uint64_t first, uint64_t n_extents)
{
	struct world world = {
		.first = first, .n_extents = n_extents, .now_usec = 1000000, .n_ranges = 1
	};

	world_set_distances(&world.topology, 2, world_two_nodes);
	heat_init(&world.heat, 2);
	ledger_init(&world.ledger);
	world.range[0] = (struct placement_range){ first, first + n_extents };
	world.home = calloc(n_extents, sizeof(*world.home));
	world.times_moved = calloc(n_extents, sizeof(*world.times_moved));
	if (!world.home || !world.times_moved)
		abort();
	for (unsigned i = 0; i < TOPOLOGY_MAX_NODES; i++)
		world.room_pages[i] = 1ULL << 40;
	world.object = (struct placement_object){
		.id = 7, .usec_per_sample = 10000, .page_cost_usec = 1, .may_move = true
	};
	return world;
}

static inline void world_set_nodes(struct world *world, unsigned n_nodes, const uint8_t *distance)
{
	world_set_distances(&world->topology, n_nodes, distance);
	heat_done(&world->heat);
	heat_init(&world->heat, n_nodes);
}

static inline void world_done(struct world *world)
{
	heat_done(&world->heat);
	ledger_done(&world->ledger);
	free(world->home);
	free(world->times_moved);
}
#define _cleanup_world_ _cleanup_(world_done)
#define _cleanup_plan_  _cleanup_(plan_done)

static inline void world_sample(struct world *world, uint64_t extent, unsigned node)
{
	if (heat_add(&world->heat, extent, node, world->home[extent - world->first], 1,
		     world->now_usec) < 0)
		abort();
}

/* Draws `n` samples spread over `usec`: `draw` says which extent (from 0) is used, and from which
 * node. */
typedef uint64_t (*world_draw_t)(struct world *world, unsigned *ret_node);
static inline void world_run(struct world *world, world_draw_t draw, unsigned n, uint64_t usec)
{
	uint64_t start_usec = world->now_usec;

	for (unsigned i = 0; i < n; i++) {
		unsigned node;
		uint64_t extent = draw(world, &node);

		world->now_usec = start_usec + usec * i / n;
		world_sample(world, world->first + extent, node);
	}
	world->now_usec = start_usec + usec;
	heat_settle(&world->heat, world->now_usec);
}

static inline int world_plan(struct world *world, struct plan *ret_plan)
{
	struct placement_input input = { .topology = &world->topology,
					 .room_pages = world->room_pages,
					 .object = &world->object,
					 .n_objects = 1,
					 .now_usec = world->now_usec };

	/* The world is a value that moves about: its pointers are set when they are used. */
	world->object.heat = &world->heat;
	world->object.ledger = &world->ledger;
	world->object.range = world->range;
	world->object.n_ranges = world->n_ranges;
	return placement_plan(&input, ret_plan);
}

/* Carries a plan out. Returns the number of extents moved. */
static inline uint64_t world_move(struct world *world, const struct plan *plan)
{
	uint64_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct move *move = &plan->move[i];

		for (uint64_t extent = move->first; extent < move->end; extent++, n++) {
			world->home[extent - world->first] = move->to;
			world->times_moved[extent - world->first]++;
		}
		heat_moved(&world->heat, move->first, move->end, move->to);
		struct ledger_move booked = { .first = move->first,
					      .end = move->end,
					      .from = move->from,
					      .to = move->to,
					      .pages = move->pages,
					      .phase = world->heat.n_phases };

		if (ledger_book_move(&world->ledger, &booked, world->now_usec) < 0)
			abort();
	}
	return n;
}

/* `rounds` ticks of `usec`, each with `n` samples and its plan carried out. Returns the extents
 * moved in all. */
static inline uint64_t world_tick(struct world *world, world_draw_t draw, unsigned rounds,
				  unsigned n, uint64_t usec)
{
	uint64_t moved = 0;

	for (unsigned i = 0; i < rounds; i++) {
		_cleanup_plan_ struct plan plan = { 0 };

		world_run(world, draw, n, usec);
		if (world_plan(world, &plan) < 0)
			abort();
		moved += world_move(world, &plan);
	}
	return moved;
}

static inline uint64_t plan_extents(const struct plan *plan)
{
	uint64_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += plan->move[i].end - plan->move[i].first;
	return n;
}

static inline const struct move *plan_find(const struct plan *plan, uint64_t extent)
{
	for (size_t i = 0; i < plan->n; i++)
		if (extent >= plan->move[i].first && extent < plan->move[i].end)
			return &plan->move[i];
	return NULL;
}
