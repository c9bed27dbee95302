/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/heat.h"

#include <math.h>

#include "base/cleanup.h"
#include "tests/tap.h"

#define SEC            1000000ULL
#define _cleanup_heat_ _cleanup_(heat_done)

static struct heat new_heat(unsigned n_nodes)
{
	struct heat heat;

	heat_init(&heat, n_nodes);
	return heat;
}

static bool is_near(double a, double b, double within)
{
	return fabs(a - b) <= within;
}

static double access_of(struct heat *heat, uint64_t extent, unsigned node)
{
	float *element = extent_map_get(&heat->extents, extent);

	return element ? (double)heat_access(heat, element)[node] : -1;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 33;
}

TEST(books, "an access counts for its extent, its node, and the node of its page")
{
	_cleanup_heat_ struct heat heat = new_heat(3);
	float *element;

	CHECK_INT(heat_add(&heat, 5, 2, 0, 1, SEC), 0);
	CHECK_INT(heat_add(&heat, 5, 0, 0, 2, SEC), 0);
	CHECK_INT(heat_add(&heat, 5, 1, -1, 1, SEC), 0);
	element = extent_map_get(&heat.extents, 5);
	REQUIRE(element);
	CHECK(heat_access(&heat, element)[0] == 2 && heat_access(&heat, element)[1] == 1 &&
	      heat_access(&heat, element)[2] == 1);
	CHECK(heat_residency(&heat, element)[0] == 3);
	CHECK(*heat_remote(&heat, element) == 1);
	CHECK(!extent_map_get(&heat.extents, 4));
}

TEST(decays, "weight halves in a half-life, however often it is settled")
{
	_cleanup_heat_ struct heat heat = new_heat(2);
	_cleanup_heat_ struct heat often = new_heat(2);

	for (unsigned i = 0; i < 64; i++) {
		CHECK_INT(heat_add(&heat, 1, 1, 0, 1, SEC), 0);
		CHECK_INT(heat_add(&often, 1, 1, 0, 1, SEC), 0);
	}
	heat_settle(&heat, SEC + 2 * HEAT_HALF_LIFE_USEC);
	for (uint64_t t = SEC; t <= SEC + 2 * HEAT_HALF_LIFE_USEC; t += 100000)
		heat_settle(&often, t);
	CHECK(is_near(access_of(&heat, 1, 1), 16, 0.01));
	CHECK(is_near(access_of(&often, 1, 1), 16, 0.3));
}

TEST(forgets, "what was not used for a long time is dropped with its memory")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	for (uint64_t extent = 0; extent < 1000; extent++)
		CHECK_INT(heat_add(&heat, extent, 0, 0, 1, SEC), 0);
	heat_settle(&heat, SEC + 4 * HEAT_HALF_LIFE_USEC);
	CHECK_INT(heat.extents.n_chunks, 16);
	heat_settle(&heat, SEC + 7 * HEAT_HALF_LIFE_USEC);
	CHECK_INT(heat.extents.n_chunks, 0);
}

TEST(backwards, "time that stands still or goes back does no harm")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	CHECK_INT(heat_add(&heat, 1, 1, 0, 1, 10 * SEC), 0);
	CHECK_INT(heat_add(&heat, 1, 1, 0, 1, 5 * SEC), 0);
	heat_settle(&heat, 5 * SEC);
	CHECK(is_near(access_of(&heat, 1, 1), 2, 0.001));
	CHECK(heat_locality(&heat, 1) == 0);
}

TEST(take_over, "an extent that another node takes over is known as its own within a few samples")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	for (unsigned i = 0; i < 1000; i++)
		CHECK_INT(heat_add(&heat, 3, 0, 0, 1, SEC), 0);
	for (unsigned i = 0; i < HEAT_CONTRARY_RUN; i++)
		CHECK_INT(heat_add(&heat, 3, 1, 0, 1, SEC), 0);
	CHECK(access_of(&heat, 3, 0) < 60);
	for (unsigned i = 0; i < 100; i++)
		CHECK_INT(heat_add(&heat, 3, 1, 0, 1, SEC), 0);
	CHECK(access_of(&heat, 3, 1) > 4 * access_of(&heat, 3, 0));
}

TEST(one_contrary, "single contrary samples take nothing over")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	for (unsigned i = 0; i < 1000; i++)
		CHECK_INT(heat_add(&heat, 3, i % 10 == 9, 0, 1, SEC), 0);
	CHECK(is_near(access_of(&heat, 3, 0), 900, 0.1));
	CHECK_INT(heat.n_phases, 0);
}

TEST(phase, "a change of all users is seen within a hundred samples, on a large object too")
{
	_cleanup_heat_ struct heat heat = new_heat(2);
	uint64_t seed = 1;
	unsigned n = 0;

	for (unsigned i = 0; i < 20000; i++)
		CHECK_INT(heat_add(&heat, next_random(&seed) % 4096, 0, 0, 1, SEC + i * 100), 0);
	CHECK_INT(heat.n_phases, 0);
	while (heat.n_phases == 0 && n < 1000) {
		CHECK_INT(heat_add(&heat, next_random(&seed) % 4096, 1, 0, 1, 4 * SEC), 0);
		n++;
	}
	printf("# the phase was seen after %u samples\n", n);
	CHECK(n <= 100);
}

TEST(phase_forgets, "of the phase before only a trace is left")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	for (unsigned i = 0; i < 10000; i++)
		CHECK_INT(heat_add(&heat, i % 1000, 0, 0, 1, SEC), 0);
	for (unsigned i = 0; i < 70; i++)
		CHECK_INT(heat_add(&heat, 5 + i * 13, 1, 0, 1, SEC), 0);
	CHECK_INT(heat.n_phases, 1);
	CHECK(access_of(&heat, 1, 0) <= 10 * (double)HEAT_PHASE_FORGET + 0.001);
}

/* Samples of `extents` extents, each from node 1 with this probability. */
static uint32_t phases_seen(unsigned samples, unsigned extents, unsigned percent)
{
	_cleanup_heat_ struct heat heat = new_heat(2);
	uint64_t seed = 42;

	for (unsigned i = 0; i < samples; i++)
		if (heat_add(&heat, next_random(&seed) % extents,
			     next_random(&seed) % 100 < percent, 0, 1, SEC + i * 1000ULL) < 0)
			return UINT32_MAX;
	return heat.n_phases;
}

TEST(no_phase, "use by both nodes at random is no change of phase, over a hundred thousand samples")
{
	CHECK_INT(phases_seen(100000, 1, 50), 0);
	CHECK_INT(phases_seen(100000, 100, 50), 0);
	CHECK_INT(phases_seen(100000, 10000, 50), 0);
	CHECK_INT(phases_seen(100000, 100, 20), 0);
	CHECK_INT(phases_seen(100000, 10000, 80), 0);
}

TEST(bouncing_thread, "one thread that changes nodes now and then makes phases, not noise")
{
	_cleanup_heat_ struct heat heat = new_heat(2);
	uint64_t seed = 3;

	for (unsigned i = 0; i < 10000; i++)
		CHECK_INT(heat_add(&heat, next_random(&seed) % 100, i / 1000 % 2, 0, 1,
				   SEC + i * 1000ULL),
			  0);
	CHECK(heat.n_phases >= 8 && heat.n_phases <= 10);
}

TEST(moved, "what was moved is booked as lying on its new node")
{
	_cleanup_heat_ struct heat heat = new_heat(2);
	float *element;

	for (uint64_t extent = 10; extent < 20; extent++)
		for (unsigned i = 0; i < 4; i++)
			CHECK_INT(heat_add(&heat, extent, i != 0, 0, 1, SEC), 0);
	heat_moved(&heat, 12, 15, 1);
	element = extent_map_get(&heat.extents, 13);
	REQUIRE(element);
	CHECK(heat_residency(&heat, element)[0] == 0 && heat_residency(&heat, element)[1] == 4);
	CHECK(*heat_remote(&heat, element) == 1);
	element = extent_map_get(&heat.extents, 15);
	REQUIRE(element);
	CHECK(heat_residency(&heat, element)[0] == 4);
	CHECK(*heat_remote(&heat, element) == 3);
	heat_moved(&heat, 1000, 2000, 0);
	CHECK(!extent_map_get(&heat.extents, 1000));
}

TEST(locality, "locality is the share of the present, unknown where there is too little")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	CHECK(heat_locality(&heat, 0) == -1);
	for (unsigned i = 0; i < 100; i++)
		CHECK_INT(heat_add(&heat, 1, 0, i % 4 != 0, 1, SEC), 0);
	CHECK(heat_locality(&heat, 101) == -1);
	CHECK(is_near(heat_locality(&heat, 50), 0.25, 1e-9));
	/* Ten half-lives of locality later only the new counts. */
	for (unsigned i = 0; i < 100; i++)
		CHECK_INT(heat_add(&heat, 1, 0, 0, 1, SEC + 10 * HEAT_LOCALITY_HALF_LIFE_USEC), 0);
	CHECK(heat_locality(&heat, 50) > 0.99);
}

TEST(unknown_place, "a page of unknown place does not count for locality")
{
	_cleanup_heat_ struct heat heat = new_heat(2);

	CHECK_INT(heat_add(&heat, 1, 0, -1, 100, SEC), 0);
	CHECK(heat_locality(&heat, 1) == -1);
}

/* Node 2 has no memory and is as near to node 0 as to node 1; node 3 is farther, though it sees
 * node 2 as near itself. */
static const struct topology memoryless = {
	.n_nodes = 4,
	.node = {
		{ .id = 0, .has_cpus = true, .has_memory = true },
		{ .id = 1, .has_cpus = true, .has_memory = true },
		{ .id = 4, .has_cpus = true },
		{ .id = 6, .has_cpus = true, .has_memory = true },
	},
	.distance = {
		{ 10, 12, 15, 31 },
		{ 12, 10, 15, 31 },
		{ 15, 15, 10, 16 },
		{ 31, 31, 11, 10 },
	},
};

static struct heat new_memoryless_heat(void)
{
	struct heat heat = new_heat(4);

	heat.topology = &memoryless;
	return heat;
}

TEST(local_nodes, "a node without memory has its nearest ones as local, ties all of them")
{
	_cleanup_heat_ struct heat heat = new_memoryless_heat();

	CHECK(heat_is_local(&heat, 2, 0));
	CHECK(heat_is_local(&heat, 2, 1));
	CHECK(!heat_is_local(&heat, 2, 3));
}

TEST(local_to_itself, "a node with memory has only itself as local, however near another is")
{
	_cleanup_heat_ struct heat heat = new_memoryless_heat();

	for (unsigned node = 0; node < 4; node++)
		for (unsigned page_node = 0; page_node < 4 && node != 2; page_node++)
			CHECK_INT(heat_is_local(&heat, node, page_node), node == page_node);
	CHECK(heat_is_local(&heat, 2, 2));
}

TEST(one_nearest, "without a tie only the nearest memory is local, a higher index too")
{
	_cleanup_heat_ struct heat heat = new_memoryless_heat();
	struct topology topology = memoryless;

	heat.topology = &topology;
	topology.distance[2][3] = 14;
	CHECK(!heat_is_local(&heat, 2, 0));
	CHECK(!heat_is_local(&heat, 2, 1));
	CHECK(heat_is_local(&heat, 2, 3));
}

TEST(no_topology, "without a topology, or memory in it, each node is local only to itself")
{
	_cleanup_heat_ struct heat heat = new_heat(4);
	struct topology topology = memoryless;

	for (unsigned i = 0; i < topology.n_nodes; i++)
		topology.node[i].has_memory = false;
	for (unsigned pass = 0; pass < 2; pass++) {
		heat.topology = pass ? &topology : NULL;
		for (unsigned i = 0; i < 16; i++)
			CHECK_INT(heat_is_local(&heat, i / 4, i % 4), i / 4 == i % 4);
	}
}

TEST(memoryless_books, "accesses from a node without memory to its nearest are not remote")
{
	_cleanup_heat_ struct heat heat = new_memoryless_heat();
	double all = 0, remote = 0;
	float *element;

	CHECK_INT(heat_add(&heat, 5, 2, 0, 1, SEC), 0);
	CHECK_INT(heat_add(&heat, 5, 2, 1, 2, SEC), 0);
	element = extent_map_get(&heat.extents, 5);
	REQUIRE(element);
	CHECK(*heat_remote(&heat, element) == 0);
	CHECK(heat_locality(&heat, 1) == 1);
	CHECK_INT(heat_add(&heat, 5, 2, 3, 4, SEC), 0);
	CHECK(*heat_remote(&heat, element) == 4);
	CHECK_INT(heat_add(&heat, 5, 0, 1, 1, SEC), 0);
	CHECK(*heat_remote(&heat, element) == 5);
	CHECK(is_near(heat_locality(&heat, 1), 3.0 / 8, 1e-9));
	/* The books of who and where stay as they are. */
	CHECK(heat_access(&heat, element)[2] == 7 && heat_access(&heat, element)[0] == 1);
	CHECK(heat_residency(&heat, element)[0] == 1 && heat_residency(&heat, element)[1] == 3 &&
	      heat_residency(&heat, element)[2] == 0 && heat_residency(&heat, element)[3] == 4);
	heat_sum_located(&heat, 5, 6, &all, &remote);
	CHECK(all == 8 && remote == 5);
}

TEST(memoryless_moved, "what was moved near a node without memory is local to it")
{
	/* The accesses of node i weigh 1 << i. */
	static const float remote[4] = { 2 + 8, 1 + 8, 1 + 2 + 8, 1 + 2 + 4 };
	_cleanup_heat_ struct heat heat = new_memoryless_heat();
	float *element;

	for (unsigned i = 0; i < 4; i++)
		CHECK_INT(heat_add(&heat, 7, i, 3, (float)(1U << i), SEC), 0);
	element = extent_map_get(&heat.extents, 7);
	REQUIRE(element);
	CHECK(*heat_remote(&heat, element) == remote[3]);
	for (unsigned i = 0; i < 4; i++) {
		heat_moved(&heat, 7, 8, i);
		CHECK(*heat_remote(&heat, element) == remote[i]);
		CHECK(heat_residency(&heat, element)[i] == 15);
	}
	heat.topology = NULL;
	heat_moved(&heat, 7, 8, 0);
	CHECK(*heat_remote(&heat, element) == 2 + 4 + 8);
}

TEST_MAIN()
