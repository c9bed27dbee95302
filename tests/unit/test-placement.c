/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/placement.h"

#include <time.h>

#include "tests/tap.h"
#include "tests/unit/placement-world.h"

#define EXTENTS 1024

static uint64_t draw_stranded(struct world *world, unsigned *ret_node)
{
	*ret_node = 1;
	return world_random(world) % world->n_extents;
}

static uint64_t draw_split(struct world *world, unsigned *ret_node)
{
	uint64_t extent = world_random(world) % world->n_extents;

	*ret_node = extent >= world->n_extents / 2;
	return extent;
}

static uint64_t draw_shared(struct world *world, unsigned *ret_node)
{
	*ret_node = (unsigned)(world_random(world) % world->topology.n_nodes);
	return world_random(world) % world->n_extents;
}

static bool is_hot(uint64_t extent)
{
	return extent * 7919 % 1009 < 101;
}

static uint64_t draw_hot_tenth(struct world *world, unsigned *ret_node)
{
	uint64_t extent;

	do
		extent = world_random(world) % world->n_extents;
	while (!is_hot(extent));
	*ret_node = 1;
	return extent;
}

static uint64_t draw_stripes(struct world *world, unsigned *ret_node)
{
	uint64_t extent = world_random(world) % world->n_extents;

	*ret_node = extent / 16 % 2;
	return extent;
}

TEST(moves_stranded, "memory that is used from another node only is moved as a whole, on a "
		     "fraction of a sample each")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };

	world_run(&world, draw_stranded, EXTENTS, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK(plan_extents(&plan) >= EXTENTS * 95 / 100);
	for (size_t i = 0; i < plan.n; i++) {
		CHECK_INT(plan.move[i].object, 7);
		CHECK_INT(plan.move[i].from, 0);
		CHECK_INT(plan.move[i].to, 1);
		CHECK_INT(plan.move[i].reason, MOVE_RANGE_EVIDENCE);
		CHECK(plan.move[i].gain_usec > plan.move[i].cost_usec);
	}
}

TEST(moves_half, "of memory that is used half by each node only the half that lies wrong is moved")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);

	world_tick(&world, draw_split, 20, 1000, 500000);
	uint64_t right = 0, wrong = 0;

	for (uint64_t i = 0; i < EXTENTS; i++) {
		right += i >= EXTENTS / 2 && world.home[i] == 1;
		wrong += i < EXTENTS / 2 && world.times_moved[i] > 0;
	}
	CHECK(right >= EXTENTS / 2 * 98 / 100);
	CHECK_INT(wrong, 0);
}

TEST(leaves_shared,
     "memory that is used from both nodes at random stays, however often it is looked at")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	uint64_t moved = 0, moves = world_tick(&world, draw_shared, 400, 500, 500000);

	for (uint64_t i = 0; i < EXTENTS; i++)
		moved += world.times_moved[i] > 0;
	printf("# shared: %llu of %d extents were moved, %llu moves, in 400 decisions\n",
	       (unsigned long long)moved, EXTENTS, (unsigned long long)moves);
	CHECK(moved <= EXTENTS * 2 / 100);
}

TEST(leaves_shared_four, "memory that is used from four nodes at random stays")
{
	static const uint8_t distance[] = { 10, 21, 21, 21, 21, 10, 21, 21,
					    21, 21, 10, 21, 21, 21, 21, 10 };
	_cleanup_world_ struct world world = world_make(0, EXTENTS);

	world_set_nodes(&world, 4, distance);
	uint64_t moved = 0;

	world_tick(&world, draw_shared, 200, 500, 500000);
	for (uint64_t i = 0; i < EXTENTS; i++)
		moved += world.times_moved[i] > 0;
	printf("# shared by four: %llu of %d extents were moved\n", (unsigned long long)moved,
	       EXTENTS);
	CHECK(moved <= EXTENTS * 2 / 100);
}

TEST(moves_hot,
     "only what is hot is moved: at least nine tenths of it and at most 1.3 times as much")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	uint64_t hot = 0, hot_moved = 0, moved = 0;

	world_tick(&world, draw_hot_tenth, 40, 100, 500000);
	for (uint64_t i = 0; i < EXTENTS; i++) {
		hot += is_hot(i);
		hot_moved += is_hot(i) && world.home[i] == 1;
		moved += world.home[i] == 1;
	}
	printf("# hot: %llu, moved: %llu, of them hot: %llu\n", (unsigned long long)hot,
	       (unsigned long long)moved, (unsigned long long)hot_moved);
	CHECK(hot_moved * 10 >= hot * 9);
	CHECK(moved * 10 <= hot * 13);
}

TEST(moves_stripes, "stripes of a few extents that alternate between the nodes are told apart")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	uint64_t right = 0;

	world_tick(&world, draw_stripes, 40, 1000, 500000);
	for (uint64_t i = 0; i < EXTENTS; i++)
		right += world.home[i] == i / 16 % 2;
	CHECK(right >= EXTENTS * 97 / 100);
}

TEST(stays_moved, "what was moved to where it is used is not moved again")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);

	world_tick(&world, draw_split, 60, 1000, 500000);
	uint64_t twice = 0;

	for (uint64_t i = 0; i < EXTENTS; i++)
		twice += world.times_moved[i] > 1;
	CHECK_INT(twice, 0);
}

static uint64_t draw_by_one(struct world *world, unsigned *ret_node)
{
	*ret_node = world->user;
	return world_random(world) % world->n_extents;
}

TEST(follows_phase,
     "when all threads have gone to the other node the memory follows within seconds")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	uint64_t right = 0;

	CHECK_INT(world_tick(&world, draw_by_one, 60, 500, 1000000), 0);
	world.user = 1;
	world_tick(&world, draw_by_one, 6, 500, 1000000);
	for (uint64_t i = 0; i < EXTENTS; i++)
		right += world.home[i] == 1;
	CHECK(right >= EXTENTS * 9 / 10);
}

TEST(unseen_even, "extents without a sample go along where use is even, and stay where it is not")
{
	_cleanup_world_ struct world world = world_make(0, 256);
	_cleanup_plan_ struct plan even = { 0 };

	world_run(&world, draw_stranded, 256, 1000000); /* leaves about 94 without a sample */
	REQUIRE(world_plan(&world, &even) == 0);
	CHECK(plan_extents(&even) >= 250);

	_cleanup_world_ struct world uneven = world_make(0, 256);
	_cleanup_plan_ struct plan plan = { 0 };

	for (unsigned i = 0; i < 256; i++)
		world_sample(&uneven, i % 16 * 16, 1);
	uneven.now_usec += 1000000;
	REQUIRE(world_plan(&uneven, &plan) == 0);
	CHECK_INT(plan_extents(&plan), 16);
	for (size_t i = 0; i < plan.n; i++)
		CHECK_INT(plan.move[i].first % 16, 0);
}

TEST(contrary_stay, "extents of a range that say otherwise stay when the range goes")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };

	for (uint64_t i = 0; i < EXTENTS; i++)
		for (unsigned j = 0; j < 4; j++)
			world_sample(&world, i, i % 300 != 7);
	world.now_usec += 1000000;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan_extents(&plan), EXTENTS - 4);
	for (uint64_t i = 7; i < EXTENTS; i += 300)
		CHECK(!plan_find(&plan, i));
}

TEST(in_place_stays, "what is where it is used is held as in place")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };

	memset(world.home, 1, EXTENTS);
	world_run(&world, draw_stranded, 10000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK_INT(plan.held_extents[HOLD_IN_PLACE], EXTENTS);
}

TEST(moment, "evidence of one moment is held, however much of it, unless the threads are bound")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 }, bound = { 0 }, later = { 0 };

	for (uint64_t i = 0; i < EXTENTS; i++)
		for (unsigned j = 0; j < 20; j++)
			world_sample(&world, i, 1);
	world.now_usec += PLACEMENT_EVIDENCE_USEC - 1;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK_INT(plan.held_extents[HOLD_FEW_SAMPLES], EXTENTS);
	world.object.thread_nodes = 1ULL << 1;
	REQUIRE(world_plan(&world, &bound) == 0);
	CHECK_INT(plan_extents(&bound), EXTENTS);
	world.object.thread_nodes = 0;
	world.now_usec++;
	REQUIRE(world_plan(&world, &later) == 0);
	CHECK_INT(plan_extents(&later), EXTENTS);
}

TEST(few_samples, "one extent with few samples is held as not known well enough")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 }, later = { 0 };

	for (unsigned i = 0; i < 5; i++)
		world_sample(&world, 100, 1);
	world.now_usec += PLACEMENT_EVIDENCE_USEC;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK_INT(plan.held_extents[HOLD_FEW_SAMPLES], 1);
	for (unsigned i = 0; i < 20; i++)
		world_sample(&world, 100, 1);
	REQUIRE(world_plan(&world, &later) == 0);
	REQUIRE(later.n == 1);
	CHECK_INT(later.move[0].first, 100);
	CHECK_INT(later.move[0].end, 101);
	CHECK_INT(later.move[0].pages, 512);
	CHECK_INT(later.move[0].reason, MOVE_EXTENT_EVIDENCE);
	plan_done(&later);
}

TEST(room, "no more is moved to a node than it has room for, and what found none is told")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };
	uint64_t pages = 0;

	world.room_pages[1] = 100 * 512 + 511;
	world_run(&world, draw_stranded, 20000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	for (size_t i = 0; i < plan.n; i++)
		pages += plan.move[i].pages;
	CHECK(pages <= world.room_pages[1]);
	CHECK_INT(plan_extents(&plan), 100);
	CHECK_INT(plan.held_extents[HOLD_NO_ROOM], EXTENTS - 100);
}

TEST(no_room, "a full node takes nothing, not even one page")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };

	world.room_pages[1] = 0;
	world_run(&world, draw_stranded, 5000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK(plan.held_extents[HOLD_NO_ROOM] > 0);
}

TEST(room_is_per_node, "a full node does not keep moves to another one back")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan plan = { 0 };

	memset(world.home, 1, EXTENTS / 2);
	world.room_pages[1] = 0;
	/* The lower half lies on node 1 and is used from 0, the upper half the other way round. */
	world_run(&world, draw_split, 8000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan_extents(&plan), EXTENTS / 2);
	for (size_t i = 0; i < plan.n; i++)
		CHECK_INT(plan.move[i].to, 0);
}

TEST(reserve, "the room of a node is what lies above its watermarks, less the reserve")
{
	CHECK_INT(placement_room_pages(1000, 6400), 900);
	CHECK_INT(placement_room_pages(100, 6400), 0);
	CHECK_INT(placement_room_pages(0, 6400), 0);
	CHECK_INT(placement_room_pages(99, 6400), 0);
	CHECK_INT(placement_room_pages(500, 0), 500);
}

TEST(cooling, "what was moved a moment ago stays until it has cooled down")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 }, later = { 0 };

	struct ledger_move booked = { .end = 32, .from = 1, .to = 0, .pages = 32 * 512 };

	REQUIRE(ledger_book_move(&world.ledger, &booked, world.now_usec) == 0);
	world_run(&world, draw_stranded, 2000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	for (uint64_t i = 0; i < 32; i++)
		CHECK(!plan_find(&plan, i));
	CHECK_INT(plan_extents(&plan), 32);
	CHECK_INT(plan.held_extents[HOLD_COOLING], 32);
	world.now_usec += 2 * LEDGER_COOLING_USEC;
	REQUIRE(world_plan(&world, &later) == 0);
	CHECK_INT(plan_extents(&later), 64);
	plan_done(&later);
}

TEST(back_off, "an object whose moves did not help is left alone until its time is over")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 }, later = { 0 };

	world_run(&world, draw_stranded, 2000, 1000000);
	world.ledger.back_off_until_usec = world.now_usec + 1;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK(plan.held_extents[HOLD_BACK_OFF] > 0);
	world.now_usec++;
	REQUIRE(world_plan(&world, &later) == 0);
	CHECK_INT(plan_extents(&later), 64);
	plan_done(&later);
}

TEST(policy, "an object that must not be moved is held by policy")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world.object.may_move = false;
	world_run(&world, draw_stranded, 2000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK(plan.held_extents[HOLD_POLICY] > 0);
}

TEST(affinity, "threads that may run on one node only decide at once, without statistics")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world.object.thread_nodes = 1 << 1;
	world_sample(&world, 5, 1);
	world.now_usec += 1000000;
	REQUIRE(world_plan(&world, &plan) == 0);
	const struct move *move = plan_find(&plan, 5);

	REQUIRE(move);
	CHECK_INT(move->to, 1);
	CHECK_INT(move->reason, MOVE_AFFINITY);
}

static const uint8_t four_nodes[] = {
	10, 12, 20, 32, 12, 10, 32, 20, 20, 32, 10, 12, 32, 20, 12, 10
};

static uint64_t draw_first_two(struct world *world, unsigned *ret_node)
{
	*ret_node = world_random(world) % 2;
	return world_random(world) % world->n_extents;
}

TEST(distances, "memory far from all its users is moved near them, though they are several")
{
	_cleanup_world_ struct world world = world_make(0, 64);

	world_set_nodes(&world, 4, four_nodes);
	memset(world.home, 3, 64);
	world_tick(&world, draw_first_two, 10, 1000, 500000);
	uint64_t left = 0, twice = 0;

	for (uint64_t i = 0; i < 64; i++) {
		left += world.home[i] > 1;
		twice += world.times_moved[i] > 1;
	}
	CHECK_INT(left, 0);
	CHECK_INT(twice, 0);
}

TEST(distances_shared, "between two near nodes that share it evenly memory does not bounce")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	uint64_t moved;

	world_set_nodes(&world, 4, four_nodes);
	moved = world_tick(&world, draw_first_two, 100, 1000, 500000);
	printf("# near nodes: %llu moves\n", (unsigned long long)moved);
	CHECK(moved <= EXTENTS * 2 / 100);
}

TEST(memoryless, "a node without memory gets its memory to the nearest one that has some")
{
	static const uint8_t distance[] = { 10, 21, 31, 21, 10, 15, 31, 15, 10 };
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world_set_nodes(&world, 3, distance);
	world.topology.node[2].has_memory = false;
	for (unsigned i = 0; i < 64 * 30; i++)
		world_sample(&world, i % 64, 2);
	world.now_usec += 1000000;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan_extents(&plan), 64);
	for (size_t i = 0; i < plan.n; i++)
		CHECK_INT(plan.move[i].to, 1);
}

TEST(memoryless_affinity, "threads bound to a node without memory get theirs to the nearest one")
{
	static const uint8_t distance[] = { 10, 21, 31, 21, 10, 15, 31, 15, 10 };
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world_set_nodes(&world, 3, distance);
	world.topology.node[2].has_memory = false;
	world.object.thread_nodes = 1 << 2;
	world_sample(&world, 0, 2);
	world.now_usec += 1000000;
	REQUIRE(world_plan(&world, &plan) == 0);
	REQUIRE(plan.n == 1);
	CHECK_INT(plan.move[0].to, 1);
}

TEST(sparse_ids, "a plan speaks of node indexes, whatever the ids are")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world.topology.node[0].id = 8;
	world.topology.node[1].id = 252;
	world_run(&world, draw_stranded, 2000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK(plan.n > 0);
	for (size_t i = 0; i < plan.n; i++) {
		CHECK_INT(plan.move[i].from, 0);
		CHECK_INT(plan.move[i].to, 1);
	}
}

TEST(not_worth, "what costs more than it gains is not moved")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };

	world.object.page_cost_usec = 1e9;
	world_run(&world, draw_stranded, 2000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	CHECK_INT(plan.held_extents[HOLD_NOT_WORTH], 64);
}

TEST(unaligned, "a range that begins and ends anywhere is decided to its very ends, and not beyond")
{
	_cleanup_world_ struct world world = world_make(1003, 777);
	_cleanup_plan_ struct plan plan = { 0 };
	uint64_t extents = 0;

	world_run(&world, draw_stranded, 20000, 1000000);
	REQUIRE(world_plan(&world, &plan) == 0);
	extents = plan_extents(&plan);
	CHECK_INT(extents, 777);
	for (size_t i = 0; i < plan.n; i++)
		CHECK(plan.move[i].first >= 1003 && plan.move[i].end <= 1780 &&
		      plan.move[i].first < plan.move[i].end);
}

TEST(unmapped, "what is not mapped any more is not moved, however hot it was")
{
	_cleanup_world_ struct world world = world_make(0, 256);
	_cleanup_plan_ struct plan plan = { 0 };

	world_run(&world, draw_stranded, 10000, 1000000);
	world.range[0] = (struct placement_range){ 10, 20 };
	world.range[1] = (struct placement_range){ 63, 65 };
	world.range[2] = (struct placement_range){ 200, 201 };
	world.n_ranges = 3;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan_extents(&plan), 13);
	CHECK(plan_find(&plan, 10) && plan_find(&plan, 19) && plan_find(&plan, 63) &&
	      plan_find(&plan, 64) && plan_find(&plan, 200));
	CHECK(!plan_find(&plan, 9) && !plan_find(&plan, 20) && !plan_find(&plan, 201));
}

TEST(nothing, "an object without samples or without ranges gives an empty plan")
{
	_cleanup_world_ struct world world = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 }, other = { 0 };

	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, 0);
	world_run(&world, draw_stranded, 2000, 1000000);
	world.n_ranges = 0;
	REQUIRE(world_plan(&world, &other) == 0);
	CHECK_INT(other.n, 0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

TEST(huge_sparse, "sixteen terabytes of mapping with a thousand samples are decided in a blink")
{
	_cleanup_world_ struct world world = world_make(0, 1);
	_cleanup_plan_ struct plan plan = { 0 };
	uint64_t n_extents = (16ULL << 40) >> EXTENT_SHIFT;

	world.range[0] = (struct placement_range){ 0x7f0000000000 >> EXTENT_SHIFT,
						   (0x7f0000000000 >> EXTENT_SHIFT) + n_extents };
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t extent = world.range[0].first + world_random(&world) % n_extents;

		for (unsigned j = 0; j < 20; j++)
			REQUIRE(heat_add(&world.heat, extent, 1, 0, 1, world.now_usec) == 0);
	}
	world.now_usec += 1000000;
	double start = seconds();

	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK(seconds() - start < 1);
	CHECK_INT(plan_extents(&plan), 1000);
}

TEST(bound, "a plan has at most its bound of moves: the best, best first, and it counts the others")
{
	_cleanup_world_ struct world world = world_make(0, 20000);
	_cleanup_plan_ struct plan plan = { 0 };

	for (uint64_t i = 0; i < 20000; i += 2)
		for (unsigned j = 0; j < 20 + i % 64; j++)
			world_sample(&world, i, 1);
	world.now_usec += 1000000;
	REQUIRE(world_plan(&world, &plan) == 0);
	CHECK_INT(plan.n, PLAN_MOVES_MAX);
	CHECK_INT(plan.moves_dropped, 10000 - PLAN_MOVES_MAX);
	for (size_t i = 1; i < plan.n; i++)
		if (plan.move[i - 1].gain_usec / plan.move[i - 1].cost_usec <
		    plan.move[i].gain_usec / plan.move[i].cost_usec) {
			CHECK(!"in order");
			break;
		}
	/* Of the residues 0, 2, ..., 62 the best ones: 4096 of 10000 are the upper thirteen or
	 * fourteen of 32. */
	for (size_t i = 0; i < plan.n; i++)
		if (plan.move[i].first % 64 < 34) {
			CHECK(!"the best");
			break;
		}
}

TEST(deterministic, "the same input gives the same plan")
{
	_cleanup_world_ struct world world = world_make(0, EXTENTS);
	_cleanup_plan_ struct plan a = { 0 }, b = { 0 };

	world_run(&world, draw_hot_tenth, 3000, 1000000);
	REQUIRE(world_plan(&world, &a) == 0);
	REQUIRE(world_plan(&world, &b) == 0);
	REQUIRE(a.n > 0);
	REQUIRE(a.n == b.n);
	for (size_t i = 0; i < a.n; i++) {
		CHECK_INT(a.move[i].first, b.move[i].first);
		CHECK_INT(a.move[i].end, b.move[i].end);
		CHECK(a.move[i].gain_usec == b.move[i].gain_usec);
	}
	CHECK(memcmp(a.held_extents, b.held_extents, sizeof(a.held_extents)) == 0);
}

TEST(several_objects, "of several objects the one that gains most per page comes first")
{
	_cleanup_world_ struct world cool = world_make(0, 64);
	_cleanup_world_ struct world hot = world_make(0, 64);
	_cleanup_plan_ struct plan plan = { 0 };
	uint64_t room[2] = { 1ULL << 40, 64 * 512 };

	world_run(&cool, draw_stranded, 300, 1000000);
	world_run(&hot, draw_stranded, 3000, 1000000);
	for (struct world *world = &cool; world; world = world == &cool ? &hot : NULL) {
		world->object.heat = &world->heat;
		world->object.ledger = &world->ledger;
		world->object.range = world->range;
		world->object.n_ranges = 1;
	}

	struct placement_object objects[] = { cool.object, hot.object };

	objects[0].id = 1;
	objects[1].id = 2;

	struct placement_input input = { .topology = &cool.topology,
					 .room_pages = room,
					 .object = objects,
					 .n_objects = 2,
					 .now_usec = cool.now_usec };

	REQUIRE(placement_plan(&input, &plan) == 0);
	CHECK_INT(plan_extents(&plan), 64);
	for (size_t i = 0; i < plan.n; i++)
		CHECK_INT(plan.move[i].object, 2);
}

TEST_MAIN()
