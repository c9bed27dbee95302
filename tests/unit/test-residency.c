/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "observe/residency.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"

static struct topology sparse_nodes(void)
{
	return (struct topology){ .n_nodes = 2,
				  .node = { { .id = 0 }, { .id = 8 } },
				  .page_bytes = 4096 };
}

TEST(nodes,
     "node ids become indexes; pages that are not there, and nodes that are not known, have none")
{
	struct topology topology = sparse_nodes();
	uint64_t addresses[] = { 0x1000, 0x2fff, 0x3000, 0x4000, 0x5000 };
	int status[] = { 0, 8, -ENOENT, -EBUSY, 3 };
	int8_t nodes[5];

	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .pid = 42, .count = 5, .address = 0x1000,
		    .nodes = FAKE_NODES_QUERY, .data = status, .data_bytes = sizeof(status));
	CHECK_INT(residency_query(&topology, 42, addresses, 5, nodes), 2);
	CHECK_INT(nodes[0], 0);
	CHECK_INT(nodes[1], 1);
	CHECK_INT(nodes[2], NODE_NONE);
	CHECK_INT(nodes[3], NODE_NONE);
	CHECK_INT(nodes[4], NODE_NONE);
	CHECK(fake_syscalls_finish());
}

static uint64_t seen_address;

static long see(pid_t pid, size_t count, void *const *pages, const int *nodes, int *status,
		int flags)
{
	(void)pid;
	(void)nodes;
	(void)flags;
	seen_address = (uint64_t)(uintptr_t)pages[0];
	for (size_t i = 0; i < count; i++)
		status[i] = 0;
	return 0;
}

TEST(aligns, "the page of an address is asked for, whatever its offset")
{
	struct topology topology = sparse_nodes();
	uint64_t address = 0x7f0000001fff;
	int8_t node;

	fake_move_pages_handler = see;
	CHECK_INT(residency_query(&topology, 1, &address, 1, &node), 1);
	CHECK_INT(seen_address, 0x7f0000001000);
	topology.page_bytes = 65536;
	CHECK_INT(residency_query(&topology, 1, &address, 1, &node), 1);
	CHECK_INT(seen_address, 0x7f0000000000);
	CHECK(fake_syscalls_finish());
}

TEST(batches, "many addresses are asked for in batches")
{
	static uint64_t addresses[1300];
	static int8_t nodes[1300];
	struct topology topology = sparse_nodes();

	fake_pages_map(7, 0x100000, 1300, 8);
	for (size_t i = 0; i < 1300; i++)
		addresses[i] = 0x100000 + i * 4096;
	CHECK_INT(residency_query(&topology, 7, addresses, 1300, nodes), 1300);
	CHECK_INT(nodes[0], 1);
	CHECK_INT(nodes[1299], 1);
	CHECK_INT(fake_calls(FAKE_MOVE_PAGES), 3);
	CHECK(fake_syscalls_finish());
}

TEST(vanished, "a process that vanished is told by its error")
{
	struct topology topology = sparse_nodes();
	uint64_t address = 0x1000;
	int8_t node = 77;

	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .result = -ESRCH);
	CHECK_INT(residency_query(&topology, 42, &address, 1, &node), -ESRCH);
	CHECK_INT(node, 77);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .result = -EPERM);
	CHECK_INT(residency_query(&topology, 42, &address, 1, &node), -EPERM);
	CHECK(fake_syscalls_finish());
}

TEST(none, "no address is no call")
{
	struct topology topology = sparse_nodes();

	CHECK_INT(residency_query(&topology, 42, NULL, 0, NULL), 0);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
