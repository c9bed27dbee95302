/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/machine.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

#define NODES "/sys/devices/system/node"
#define CPUS  "/sys/devices/system/cpu"

static void put_cpus(const struct tree *tree, const char *possible, const char *online)
{
	tree_put(tree, CPUS "/possible", possible);
	tree_put(tree, CPUS "/online", online);
}

/* Files as the kernel writes them; NULL leaves one out. */
static void put_node(const struct tree *tree, int id, const char *cpus, unsigned long mib,
		     const char *distance)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), NODES "/node%d/cpulist", id);
	if (cpus)
		tree_put(tree, path, cpus);
	snprintf(path, sizeof(path), NODES "/node%d/meminfo", id);
	snprintf(text, sizeof(text),
		 "Node %d MemTotal:       %8lu kB\nNode %d MemFree:        %8lu kB\n"
		 "Node %d MemUsed:               0 kB\n",
		 id, mib * 1024, id, mib * 512, id);
	tree_put(tree, path, text);
	snprintf(path, sizeof(path), NODES "/node%d/distance", id);
	if (distance)
		tree_put(tree, path, distance);
}

static struct tree two_nodes(void)
{
	struct tree tree = tree_make();

	put_cpus(&tree, "0-3\n", "0-3\n");
	tree_put(&tree, NODES "/online", "0-1\n");
	put_node(&tree, 0, "0-1\n", 2048, "10 21\n");
	put_node(&tree, 1, "2-3\n", 1024, "22 10\n");
	return tree;
}

TEST(reads_two_nodes, "two nodes with their CPUs, memory and (asymmetric) distances")
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t;

	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 2);
	CHECK_INT(t.node[0].id, 0);
	CHECK_INT(t.node[1].id, 1);
	CHECK(t.node[0].has_cpus && t.node[1].has_cpus);
	CHECK(t.node[0].has_memory && t.node[1].has_memory);
	CHECK_INT(t.node[0].memory_bytes, 2048LL << 20);
	CHECK_INT(t.node[1].memory_bytes, 1024LL << 20);
	CHECK_INT(t.distance[0][0], 10);
	CHECK_INT(t.distance[0][1], 21);
	CHECK_INT(t.distance[1][0], 22);
	CHECK_INT(t.n_cpus, 4);
	CHECK_INT(topology_node_of_cpu(&t, 1), 0);
	CHECK_INT(topology_node_of_cpu(&t, 2), 1);
	CHECK_INT(t.page_bytes, sysconf(_SC_PAGESIZE));
}

TEST(reads_four_nodes, "four nodes with interleaved CPU numbers")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-7\n", "0-7\n");
	tree_put(&tree, NODES "/online", "0-3\n");
	put_node(&tree, 0, "0,4\n", 512, "10 16 32 33\n");
	put_node(&tree, 1, "1,5\n", 512, "16 10 25 32\n");
	put_node(&tree, 2, "2,6\n", 512, "32 25 10 16\n");
	put_node(&tree, 3, "3,7\n", 512, "33 32 16 10\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 4);
	for (unsigned cpu = 0; cpu < 8; cpu++)
		CHECK_INT(topology_node_of_cpu(&t, cpu), cpu % 4);
	CHECK_INT(t.distance[3][0], 33);
	CHECK_INT(t.distance[1][2], 25);
}

TEST(reads_sparse_ids, "sparse ids become dense indexes in the order of the ids")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-15\n", "0-15\n");
	tree_put(&tree, NODES "/online", "0,2,8,252\n");
	put_node(&tree, 0, "0-7\n", 512, "10 40 80 80\n");
	put_node(&tree, 2, "\n", 256, "40 10 80 80\n");
	put_node(&tree, 8, "8-15\n", 512, "80 80 10 40\n");
	put_node(&tree, 252, "\n", 256, "80 80 40 10\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 4);
	CHECK_INT(t.node[3].id, 252);
	CHECK_INT(topology_index_of(&t, 8), 2);
	CHECK_INT(topology_node_of_cpu(&t, 9), 2);
	CHECK_INT(t.distance[2][3], 40);
	CHECK_INT(t.distance[3][0], 80);
}

TEST(reads_odd_nodes,
     "a node without memory and a memory node without CPUs (CXL) are kept, as such")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-3\n", "0-3\n");
	tree_put(&tree, NODES "/online", "0-2\n");
	put_node(&tree, 0, "0-1\n", 2048, "10 20 30\n");
	put_node(&tree, 1, "2-3\n", 0, "20 10 17\n");
	put_node(&tree, 2, "\n", 4096, "30 17 10\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK(t.node[1].has_cpus && !t.node[1].has_memory);
	CHECK(!t.node[2].has_cpus && t.node[2].has_memory);
	CHECK_INT(topology_nearest_memory(&t, 1), 2);
}

TEST(reads_without_node0, "a machine need not have a node 0")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-3\n", "0-3\n");
	tree_put(&tree, NODES "/online", "1-2\n");
	put_node(&tree, 1, "0-1\n", 512, "10 20\n");
	put_node(&tree, 2, "2-3\n", 512, "20 10\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 2);
	CHECK_INT(t.node[0].id, 1);
	CHECK_INT(topology_index_of(&t, 0), NODE_NONE);
	CHECK_INT(topology_node_of_cpu(&t, 0), 0);
}

TEST(skips_offline_cpus, "an offline CPU is on no node, and a node of offline CPUs has none")
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t;

	put_cpus(&tree, "0-7\n", "0\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_cpus, 8);
	CHECK_INT(topology_node_of_cpu(&t, 0), 0);
	CHECK_INT(topology_node_of_cpu(&t, 1), NODE_NONE);
	CHECK_INT(topology_node_of_cpu(&t, 7), NODE_NONE);
	CHECK(!t.node[1].has_cpus);
}

TEST(knows_online_only, "without a list of possible CPUs the online ones count")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	tree_put(&tree, CPUS "/online", "0-5\n");
	tree_put(&tree, NODES "/online", "0\n");
	put_node(&tree, 0, "0-5\n", 512, "10\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_cpus, 6);
}

TEST(reads_machine_without_nodes, "without a node directory the machine is one node")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-3\n", "0-1,3\n");
	tree_put(&tree, "/proc/meminfo", "MemTotal:        5123456 kB\nMemFree: 1 kB\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 1);
	CHECK_INT(t.node[0].id, 0);
	CHECK(t.node[0].has_cpus && t.node[0].has_memory);
	CHECK_INT(t.node[0].memory_bytes, 5123456LL * 1024);
	CHECK_INT(t.distance[0][0], 10);
	CHECK_INT(topology_node_of_cpu(&t, 3), 0);
	CHECK_INT(topology_node_of_cpu(&t, 2), NODE_NONE);
}

static void check_default_distance(const char *distance)
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t;

	tree_put(&tree, NODES "/node1/distance", distance);
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.distance[1][0], 20);
	CHECK_INT(t.distance[1][1], 10);
	CHECK_INT(t.distance[0][1], 21);
}

TEST(distrusts_distances, "short, long, garbled or impossible distances count as 10 and 20")
{
	static const char *const bad[] = {
		"",         "\n",
		"10\n",     "21 10 30\n",
		"21 x\n",   "local 10\n",
		"21 0\n",   "256 10\n",
		"9 10\n",   "-21 10\n",
		"21,10\n",  "21 10 junk\n",
		"21 1e1\n", "99999999999999999999999999 10\n",
	};

	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		check_default_distance(bad[i]);
}

TEST(misses_distances, "missing distance files count as 10 and 20")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	put_cpus(&tree, "0-1\n", "0-1\n");
	tree_put(&tree, NODES "/online", "0-1\n");
	put_node(&tree, 0, "0\n", 512, NULL);
	put_node(&tree, 1, "1\n", 512, NULL);
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.distance[0][0], 10);
	CHECK_INT(t.distance[0][1], 20);
	CHECK_INT(t.distance[1][0], 20);
}

TEST(bears_vanished_node, "a node that vanished after it was listed has neither CPUs nor memory")
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t;

	tree_put(&tree, NODES "/online", "0-2\n");
	REQUIRE(machine_read_topology(&tree.root, &t) == 0);
	CHECK_INT(t.n_nodes, 3);
	CHECK(!t.node[2].has_cpus && !t.node[2].has_memory);
}

static int read_with_online(const char *online)
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t = { .n_nodes = 77 };
	int r;

	tree_put(&tree, NODES "/online", online);
	r = machine_read_topology(&tree.root, &t);
	if (r < 0)
		CHECK_INT(t.n_nodes, 77);
	return r;
}

TEST(bounds_nodes, "64 nodes are read, more are too many")
{
	CHECK_INT(read_with_online("0-63\n"), 0);
	CHECK_INT(read_with_online("0-64\n"), -E2BIG);
	CHECK_INT(read_with_online("0,5000\n"), -E2BIG);
	CHECK_INT(read_with_online("960-1023\n"), 0);
}

TEST(refuses_garbled_lists, "a garbled or empty node list is an error and leaves the result alone")
{
	CHECK(read_with_online("x\n") < 0);
	CHECK(read_with_online("1-0\n") < 0);
	CHECK_INT(read_with_online("\n"), -ENODATA);
}

static int read_with_cpus(const char *possible, const char *online)
{
	_cleanup_tree_ struct tree tree = two_nodes();
	struct topology t;

	put_cpus(&tree, possible, online);
	return machine_read_topology(&tree.root, &t);
}

TEST(bounds_cpus, "CPU 8191 is the last one that is accepted")
{
	CHECK_INT(read_with_cpus("0-8191\n", "0-3\n"), 0);
	CHECK_INT(read_with_cpus("0-8192\n", "0-3\n"), -E2BIG);
	CHECK_INT(read_with_cpus("0-3\n", "0-3,99999\n"), -E2BIG);
	CHECK_INT(read_with_cpus("0-18446744073709551615\n", "0-3\n"), -E2BIG);
}

TEST(refuses_garbled_cpus, "a garbled CPU list is an error")
{
	CHECK_INT(read_with_cpus("0-3\n", "a\n"), -EBADMSG);
	CHECK_INT(read_with_cpus("0-3\n", "0-\n"), -EBADMSG);
	CHECK_INT(read_with_cpus("0-3\n", "3-0\n"), -EBADMSG);
	CHECK_INT(read_with_cpus("0-3\n", "0 1\n"), -EBADMSG);
}

TEST(needs_cpus, "a root without CPU lists is no machine")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct topology t;

	CHECK_INT(machine_read_topology(&tree.root, &t), -ENOENT);
}

TEST(reads_this_machine, "the machine that runs the test can be read")
{
	struct root root;
	struct topology t;

	REQUIRE(root_open(&root, "/") == 0);
	CHECK_INT(machine_read_topology(&root, &t), 0);
	CHECK(t.n_nodes >= 1 && topology_count_cpu_nodes(&t) >= 1);
	CHECK(topology_count_memory_nodes(&t) >= 1);
	root_close(&root);
}

TEST_MAIN()
