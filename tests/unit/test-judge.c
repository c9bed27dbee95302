/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/judge.h"

#include <math.h>

#include "decide/placement.h"
#include "tests/tap.h"

static bool is_near(double a, double b)
{
	return fabs(a - b) < 1e-4;
}

static struct topology two_nodes(void)
{
	struct topology topology = { .n_nodes = 2,
				     .node = { { .id = 0, .has_cpus = true, .has_memory = true },
					       { .id = 1, .has_cpus = true, .has_memory = true } },
				     .distance = { { 10, 21 }, { 21, 10 } } };

	return topology;
}

TEST(wilson, "the lower bound is Wilson's at three standard deviations")
{
	CHECK(is_near(placement_wilson_bound(1, 9), 0.5));
	CHECK(is_near(placement_wilson_bound(0.5, 100), 0.356326));
	CHECK(is_near(placement_wilson_bound(1, 1e9), 1));
	CHECK(is_near(placement_wilson_bound(0, 50), 0));
	CHECK_INT(placement_wilson_bound(1, 0), 0);
	CHECK_INT(placement_wilson_bound(1, -1), 0);
}

TEST(wilson_order, "the bound grows with the evidence and never leaves the share below")
{
	for (double share = 0; share <= 1; share += 0.1)
		for (double n = 1; n < 1e6; n *= 1.5) {
			double bound = placement_wilson_bound(share, n);

			if (bound < -1e-12 || bound > share + 1e-12 ||
			    bound > placement_wilson_bound(share, n * 1.5) + 1e-12) {
				CHECK(!"monotonous");
				return;
			}
		}
	CHECK(true);
}

TEST(least_samples, "fourteen samples of one mind are enough for an extent, thirteen are not")
{
	CHECK(placement_wilson_bound(1, 13) < PLACEMENT_GAIN_SHARE);
	CHECK(placement_wilson_bound(1, 14) > PLACEMENT_GAIN_SHARE);
}

TEST(stranded, "what is used from one node and lies on another belongs on the former")
{
	struct topology topology = two_nodes();
	struct evidence evidence = {
		.access = { 0, 20 }, .residency = { 20, 0 }, .samples = 20, .remote = 20
	};
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.target, 1);
	CHECK_INT(verdict.from, 0);
	CHECK(is_near(verdict.gaining, 1));
	CHECK(is_near(verdict.bound, 20.0 / 29));
	CHECK(is_near(verdict.saved, 11.0 / 21));
	CHECK(is_near(verdict.elsewhere, 1));
}

TEST(in_place, "what lies where it is used has no other node to come from")
{
	struct topology topology = two_nodes();
	struct evidence evidence = { .access = { 0, 20 }, .residency = { 0, 20 }, .samples = 20 };
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.target, 1);
	CHECK_INT(verdict.from, NODE_NONE);
	CHECK(is_near(verdict.elsewhere, 0));
}

TEST(shared, "what is used evenly gains nothing by a move, and its bound is below break-even")
{
	struct topology topology = two_nodes();
	struct evidence evidence = { .access = { 499, 501 },
				     .residency = { 1000, 0 },
				     .samples = 1000 };
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.target, 1);
	CHECK(verdict.bound < 0.5);
	CHECK(verdict.saved < 0);
}

TEST(unconcerned, "accessors at the same distance before and after have no say")
{
	struct topology topology = {
		.n_nodes = 3,
		.node = { { .has_memory = true }, { .has_memory = true }, { .has_memory = false } },
		.distance = { { 10, 20, 30 }, { 20, 10, 30 }, { 30, 30, 10 } }
	};
	struct evidence evidence = { .access = { 0, 20, 1000 },
				     .residency = { 1020, 0, 0 },
				     .samples = 1020 };
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.target, 1);
	CHECK(is_near(verdict.gaining, 1));
	CHECK(is_near(verdict.bound, 20.0 / 29));
	CHECK(verdict.saved > 0 && verdict.saved < 0.02);
}

TEST(weighted, "gain and loss are weighed by the distance")
{
	struct topology topology = { .n_nodes = 2,
				     .node = { { .has_memory = true }, { .has_memory = true } },
				     .distance = { { 10, 40 }, { 20, 10 } } };
	/* Node 0 wins 30 by a move to itself, node 1 loses 10. */
	struct evidence evidence = { .access = { 10, 10 }, .residency = { 0, 20 }, .samples = 20 };
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.target, 0);
	CHECK_INT(verdict.from, 1);
	CHECK(is_near(verdict.gaining, 0.75));
}

TEST(no_memory, "without a node that has memory there is no target")
{
	struct topology topology = two_nodes();
	struct evidence evidence = { .access = { 0, 20 }, .residency = { 20, 0 }, .samples = 20 };

	topology.node[0].has_memory = topology.node[1].has_memory = false;
	CHECK_INT(judge(&topology, 0, &evidence).target, NODE_NONE);
	CHECK_INT(judge(&topology, 1, &evidence).target, NODE_NONE);
}

TEST(unlocated, "pages of unknown place come from nowhere")
{
	struct topology topology = two_nodes();
	struct evidence evidence = { .access = { 0, 20 }, .samples = 20 };
	struct judgement verdict = judge(&topology, 0, &evidence);

	CHECK_INT(verdict.from, NODE_NONE);
	CHECK_INT(verdict.elsewhere, 0);
}

TEST(affinity, "one node that all threads are bound to needs no statistics, several of them do")
{
	struct topology topology = two_nodes();
	struct evidence evidence = { .access = { 0, 1 }, .residency = { 1, 0 }, .samples = 1 };

	CHECK(is_near(judge(&topology, 1 << 1, &evidence).bound, 1));
	CHECK_INT(judge(&topology, 1 << 1, &evidence).target, 1);
	CHECK(judge(&topology, 3, &evidence).bound < 0.5);
	CHECK(judge(&topology, 0, &evidence).bound < 0.5);
}

TEST(affinity_stale, "samples from before the threads were bound do not make the bound certain")
{
	struct topology topology = two_nodes();
	/* Bound to node 0, but all samples still come from node 1: to move would gain nothing of
	 * what was seen. */
	struct evidence evidence = { .access = { 0, 20 }, .residency = { 0, 20 }, .samples = 20 };
	struct judgement verdict = judge(&topology, 1, &evidence);

	CHECK_INT(verdict.target, 0);
	CHECK(verdict.bound < PLACEMENT_GAIN_SHARE);
}

static double draw(uint64_t *seed, unsigned extents, unsigned samples, unsigned used)
{
	bool seen[4096] = { false };
	double n = 0;

	for (unsigned i = 0; i < samples; i++) {
		*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;

		unsigned extent = (unsigned)((*seed >> 33) % used);

		n += !seen[extent];
		seen[extent] = true;
	}
	(void)extents;
	return n;
}

static unsigned count_even(unsigned extents, unsigned samples, unsigned used)
{
	uint64_t seed = 1;
	unsigned n = 0;

	for (unsigned i = 0; i < 1000; i++) {
		struct evidence evidence = { .samples = samples,
					     .extents_seen = draw(&seed, extents, samples, used) };

		n += judge_is_even(&evidence, extents);
	}
	return n;
}

TEST(even, "an even use is known as such nearly always, half of the extents used is not")
{
	CHECK(count_even(64, 64, 64) > 970);
	CHECK(count_even(1024, 600, 1024) > 970);
	CHECK(count_even(4096, 8192, 4096) > 970);
	CHECK(count_even(64, 128, 32) == 0);
	/* A few samples of a few extents tell nothing. */
	CHECK(count_even(2, 1, 2) == 0);
	CHECK(count_even(8, 15, 8) == 0);
	CHECK(count_even(1024, 1024, 512) == 0);
	CHECK(count_even(4096, 4096, 3000) == 0);
}

TEST(even_few, "too few samples are never called even")
{
	struct evidence evidence = { .samples = 499, .extents_seen = 499 };

	CHECK(!judge_is_even(&evidence, 1000));
	evidence.samples = evidence.extents_seen = 0;
	CHECK(!judge_is_even(&evidence, 1));
	CHECK(!judge_is_even(&evidence, 1ULL << 40));
}

TEST_MAIN()
