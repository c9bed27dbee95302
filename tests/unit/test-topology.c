/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/topology.h"

#include "tests/tap.h"

/* Nodes 0, 2 and 8 with distances of a line; node 2 has no memory, node 8 no CPUs. CPUs 0-1 on node
 * 0, 2 offline, 3 on node 2. */
static const struct topology machine = {
	.n_nodes = 3,
	.node = {
		{ .id = 0, .has_cpus = true, .has_memory = true, .memory_bytes = 1 << 30 },
		{ .id = 2, .has_cpus = true },
		{ .id = 8, .has_memory = true, .memory_bytes = 1 << 29 },
	},
	.distance = { { 10, 21, 31 }, { 21, 10, 17 }, { 31, 17, 10 } },
	.n_cpus = 4,
	.cpu_node = { 0, 0, NODE_NONE, 1, 2 },
	.page_bytes = 4096,
};

TEST(finds_sparse_ids, "a node id is turned into its index, an absent one into none")
{
	CHECK_INT(topology_index_of(&machine, 0), 0);
	CHECK_INT(topology_index_of(&machine, 2), 1);
	CHECK_INT(topology_index_of(&machine, 8), 2);
	CHECK_INT(topology_index_of(&machine, 1), NODE_NONE);
	CHECK_INT(topology_index_of(&machine, -1), NODE_NONE);
	CHECK_INT(topology_index_of(&machine, 1 << 30), NODE_NONE);
}

TEST(finds_cpus, "a CPU has the node it is on; offline and unknown ones have none")
{
	CHECK_INT(topology_node_of_cpu(&machine, 0), 0);
	CHECK_INT(topology_node_of_cpu(&machine, 1), 0);
	CHECK_INT(topology_node_of_cpu(&machine, 2), NODE_NONE);
	CHECK_INT(topology_node_of_cpu(&machine, 3), 1);
	CHECK_INT(topology_node_of_cpu(&machine, 4), NODE_NONE);
	CHECK_INT(topology_node_of_cpu(&machine, TOPOLOGY_MAX_CPUS), NODE_NONE);
	CHECK_INT(topology_node_of_cpu(&machine, UINT32_MAX), NODE_NONE);
}

TEST(counts_nodes, "nodes with CPUs and nodes with memory are counted apart")
{
	CHECK_INT(topology_count_cpu_nodes(&machine), 2);
	CHECK_INT(topology_count_memory_nodes(&machine), 2);
}

TEST(nearest_is_itself, "a node with memory is its own nearest memory")
{
	struct topology odd = machine;

	CHECK_INT(topology_nearest_memory(&machine, 0), 0);
	CHECK_INT(topology_nearest_memory(&machine, 2), 2);
	odd.distance[2][0] = 10;
	CHECK_INT(topology_nearest_memory(&odd, 2), 2);
}

TEST(nearest_by_distance, "a node without memory has the nearest one's")
{
	CHECK_INT(topology_nearest_memory(&machine, 1), 2);
}

TEST(nearest_tie, "of two equally near nodes the lower index is taken")
{
	struct topology even = machine;

	even.distance[1][0] = even.distance[1][2] = 20;
	CHECK_INT(topology_nearest_memory(&even, 1), 0);
}

TEST(nearest_none, "without any memory, or for a node that is not there, there is no nearest")
{
	struct topology bare = machine;

	bare.node[0].has_memory = bare.node[2].has_memory = false;
	CHECK_INT(topology_nearest_memory(&bare, 0), NODE_NONE);
	CHECK_INT(topology_nearest_memory(&machine, 3), NODE_NONE);
	CHECK_INT(topology_nearest_memory(&machine, NODE_NONE), NODE_NONE);
}

TEST_MAIN()
