/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "observe/process.h"

#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/tree.h"

static int compare_tids(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

TEST(lists_threads, "the numbers in the task directory are the threads, anything else is not")
{
	_cleanup_tree_ struct tree tree = tree_make();
	pid_t tids[8];

	tree_put_dir(&tree, "/proc/42/task/42");
	tree_put_dir(&tree, "/proc/42/task/43");
	tree_put_dir(&tree, "/proc/42/task/4194304");
	tree_put_dir(&tree, "/proc/42/task/x");
	tree_put_dir(&tree, "/proc/42/task/44x");
	tree_put_dir(&tree, "/proc/42/task/0");
	tree_put_dir(&tree, "/proc/42/task/99999999999");
	REQUIRE(process_read_threads(&tree.root, 42, tids, 8) == 3);
	qsort(tids, 3, sizeof(*tids), compare_tids);
	CHECK_INT(tids[0], 42);
	CHECK_INT(tids[1], 43);
	CHECK_INT(tids[2], 4194304);
}

TEST(bounds_threads, "threads beyond the bound are left out")
{
	_cleanup_tree_ struct tree tree = tree_make();
	pid_t tids[3] = { -1, -1, -1 };

	for (int tid = 42; tid < 52; tid++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/42/task/%d", tid);
		tree_put_dir(&tree, path);
	}
	CHECK_INT(process_read_threads(&tree.root, 42, tids, 2), 2);
	CHECK(tids[0] >= 42 && tids[1] >= 42);
	CHECK_INT(tids[2], -1);
	CHECK_INT(process_read_threads(&tree.root, 42, tids, 0), 0);
}

TEST(vanished, "a process that is gone, or has no thread any more, is -ESRCH")
{
	_cleanup_tree_ struct tree tree = tree_make();
	pid_t tid;

	CHECK_INT(process_read_threads(&tree.root, 42, &tid, 1), -ESRCH);
	tree_put_dir(&tree, "/proc/42/task");
	CHECK_INT(process_read_threads(&tree.root, 42, &tid, 1), -ESRCH);
}

TEST(denied, "a directory that may not be read is -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	pid_t tid;

	tree_put_dir(&tree, "/proc/42/task/42");
	tree_set_mode(&tree, "/proc/42/task", 0);
	become_nobody();
	CHECK_INT(process_read_threads(&tree.root, 42, &tid, 1), -EACCES);
	become_self();
	tree_set_mode(&tree, "/proc/42/task", 0755);
}

/* CPUs 0-1 on node 0, 2 offline, 3 on node 1, 100 on node 2, 8191 on node 63. */
static struct topology make_topology(void)
{
	struct topology t = { .n_nodes = 64, .n_cpus = TOPOLOGY_MAX_CPUS };

	memset(t.cpu_node, NODE_NONE, sizeof(t.cpu_node));
	t.cpu_node[0] = t.cpu_node[1] = 0;
	t.cpu_node[3] = 1;
	t.cpu_node[100] = 2;
	t.cpu_node[8191] = 63;
	return t;
}

static int read_nodes(const void *mask, size_t size, uint64_t *ret_nodes)
{
	struct topology t = make_topology();
	int r;

	FAKE_EXPECT(.call = FAKE_SCHED_GETAFFINITY, .pid = 7, .result = (long)size, .data = mask,
		    .data_bytes = size);
	r = thread_read_nodes(&t, 7, ret_nodes);
	CHECK(fake_syscalls_finish());
	return r;
}

TEST(reads_affinity, "the CPUs that a thread may run on become a set of nodes")
{
	unsigned long mask[TOPOLOGY_MAX_CPUS / 8 / sizeof(unsigned long)] = { 0 };
	uint64_t nodes = 0;

	mask[0] = 1 << 1;
	CHECK_INT(read_nodes(mask, 8, &nodes), 0);
	CHECK_INT(nodes, 1);
	mask[0] = 1 << 1 | 1 << 3;
	CHECK_INT(read_nodes(mask, 8, &nodes), 0);
	CHECK_INT(nodes, 3);
	mask[0] = 0;
	mask[100 / 64] = 1UL << (100 % 64);
	CHECK_INT(read_nodes(mask, 16, &nodes), 0);
	CHECK_INT(nodes, 4);
	memset(mask, 0xff, sizeof(mask));
	CHECK_INT(read_nodes(mask, sizeof(mask), &nodes), 0);
	CHECK(nodes == (7 | UINT64_C(1) << 63));
}

TEST(ignores_offline, "a thread bound to a CPU that is on no node has no node")
{
	unsigned long mask = 1 << 2;
	uint64_t nodes = 77;

	CHECK_INT(read_nodes(&mask, sizeof(mask), &nodes), 0);
	CHECK_INT(nodes, 0);
}

TEST(affinity_errors,
     "a thread that is gone is -ESRCH, other errors pass, and the result is left alone")
{
	struct topology t = make_topology();
	uint64_t nodes = 77;

	FAKE_EXPECT(.call = FAKE_SCHED_GETAFFINITY, .pid = 7, .result = -ESRCH);
	CHECK_INT(thread_read_nodes(&t, 7, &nodes), -ESRCH);
	FAKE_EXPECT(.call = FAKE_SCHED_GETAFFINITY, .pid = 7, .result = -EPERM);
	CHECK_INT(thread_read_nodes(&t, 7, &nodes), -EPERM);
	CHECK_INT(nodes, 77);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
