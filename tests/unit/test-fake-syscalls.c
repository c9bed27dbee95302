/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "tests/unit/fake-syscalls.h"

#include <errno.h>
#include <pthread.h>

#include "base/syscalls.h"
#include "tests/tap.h"

#define HUGE ((size_t)FAKE_HUGE_PAGES * FAKE_PAGE_BYTES)

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

TEST(answers, "an expected call gets its answer and its data")
{
	void *pages[2] = { at(0x1000), at(0x2000) };
	const int nodes[2] = { 1, 1 }, want[2] = { 1, -EBUSY };
	int status[2] = { 0 };
	char bytes[4] = "";

	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .pid = 7, .count = 2, .address = 0x1000,
		    .nodes = FAKE_NODES_TO, .to_node = 1, .check_flags = true, .flags = 2,
		    .result = 0, .data = want, .data_bytes = sizeof(want));
	FAKE_EXPECT(.call = FAKE_PROCESS_VM_READ, .pid = 7, .address = 0x3000, .count = 4,
		    .result = 2, .data = "ab", .data_bytes = 2);
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .result = -ESRCH);
	CHECK_INT(sys_move_pages(7, 2, pages, nodes, status, 2), 0);
	CHECK_INT(status[1], -EBUSY);
	CHECK_INT(sys_process_vm_read(7, 0x3000, bytes, 4), 2);
	CHECK_STR(bytes, "ab");
	CHECK_INT(sys_pidfd_open(7), -ESRCH);
	CHECK_INT(fake_calls(FAKE_MOVE_PAGES), 1);
	CHECK(fake_syscalls_finish());
}

TEST(unexpected,
     "a call that is not expected, comes out of order or has other arguments fails the test")
{
	CHECK_INT(sys_pidfd_open(7), -ENOSYS);
	CHECK(!fake_syscalls_finish());
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = 3);
	CHECK_INT(sys_migrate_pages(7, 64, NULL, NULL), -ENOSYS);
	CHECK(!fake_syscalls_finish());
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = 3);
	CHECK_INT(sys_pidfd_open(8), 3);
	CHECK(!fake_syscalls_finish());
}

TEST(unused, "an expectation that was not used fails the test")
{
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = 3);
	CHECK(!fake_syscalls_finish());
	CHECK(fake_syscalls_finish());
}

TEST(niceness, "niceness and thread id need no expectation")
{
	CHECK_INT(sys_set_thread_nice(10), 0);
	CHECK(sys_gettid() > 0);
	FAKE_EXPECT(.call = FAKE_SET_THREAD_NICE, .result = -EPERM);
	CHECK_INT(sys_set_thread_nice(10), -EPERM);
	CHECK(fake_syscalls_finish());
}

TEST(moves_pages, "simulated pages are found, moved, refused and vanish")
{
	void *pages[4] = { at(0x10000), at(0x11000), at(0x12000), at(0x99000) };
	const int to[4] = { 1, 1, 1, 1 };
	int status[4];

	fake_pages_map(7, 0x10000, 3, 0);
	fake_pages_refuse(7, 0x11000, 1, -EBUSY);
	CHECK_INT(sys_move_pages(7, 4, pages, NULL, status, 0), 0);
	CHECK(status[0] == 0 && status[1] == 0 && status[2] == 0 && status[3] == -ENOENT);
	CHECK_INT(sys_move_pages(7, 4, pages, to, status, 2), 0);
	CHECK(status[0] == 1 && status[1] == -EBUSY && status[2] == 1 && status[3] == -ENOENT);
	CHECK_INT(fake_pages_count(7, 0x10000, 3, 1), 2);
	fake_pages_exit(7);
	CHECK_INT(sys_move_pages(7, 4, pages, NULL, status, 0), -ESRCH);
	CHECK(fake_syscalls_finish());
}

TEST(runs_out_of_room, "without room the rest is left alone and counted, its statuses unwritten")
{
	void *pages[3] = { at(0x10000), at(0x11000), at(0x12000) };
	const int to[3] = { 1, 1, 1 };
	int status[3] = { 77, 77, 77 };

	fake_pages_map(7, 0x10000, 3, 0);
	fake_pages_room(1, 1);
	CHECK_INT(sys_move_pages(7, 3, pages, to, status, 2), 2);
	CHECK(status[0] == 1 && status[1] == 77 && status[2] == 77);
	CHECK_INT(fake_pages_count(7, 0x10000, 3, 1), 1);
	CHECK(fake_syscalls_finish());
}

TEST(moves_huge_pages, "one address moves a huge page, a second one of it in the same call is busy")
{
	void *pages[3] = { at(HUGE), at(HUGE + 0x1000), at(2 * HUGE) };
	const int to[3] = { 1, 1, 1 };
	int status[3];

	fake_pages_map_huge(7, HUGE, (size_t)2 * FAKE_HUGE_PAGES, 0);
	CHECK_INT(sys_move_pages(7, 3, pages, to, status, 2), 0);
	CHECK(status[0] == 1 && status[1] == -EBUSY && status[2] == 1);
	CHECK_INT(fake_pages_count(7, HUGE, (size_t)2 * FAKE_HUGE_PAGES, 1), 1024);
	CHECK(fake_syscalls_finish());
}

static void *move_many(void *start)
{
	const int to[16] = { [0 ... 15] = 1 };
	void *pages[16];
	int status[16];

	for (unsigned i = 0; i < 64; i++) {
		for (unsigned j = 0; j < 16; j++)
			pages[j] = at((uintptr_t)start + (i * 16 + j) * FAKE_PAGE_BYTES);
		if (sys_move_pages(7, 16, pages, to, status, 2) != 0)
			return start;
	}
	return NULL;
}

TEST(from_threads, "several threads may call at once")
{
	pthread_t thread[4];
	void *failed;

	fake_pages_map(7, 0x10000000, 4096, 0);
	for (size_t i = 0; i < 4; i++)
		REQUIRE(pthread_create(&thread[i], NULL, move_many,
				       at(0x10000000 + i * 1024 * FAKE_PAGE_BYTES)) == 0);
	for (size_t i = 0; i < 4; i++) {
		REQUIRE(pthread_join(thread[i], &failed) == 0);
		CHECK(!failed);
	}
	CHECK_INT(fake_pages_count(7, 0x10000000, 4096, 1), 4096);
	CHECK_INT(fake_calls(FAKE_MOVE_PAGES), 256);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
