/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "act/batch.h"

#include <errno.h>

#include "base/cleanup.h"
#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"

#define PID  7
#define HERE (16ULL << 20)
#define FLAG 2 /* MPOL_MF_MOVE */

static struct batch batch;

static void fill(struct move_unit *units, size_t n)
{
	for (size_t i = 0; i < n; i++)
		units[i] = (struct move_unit){ HERE + i * 4096, HERE + i * 4096, 1, 0 };
}

TEST(test_query, "a query goes in batches and tells a status for every page")
{
	static int status[2 * BATCH_MAX + 10];

	fake_pages_map(PID, HERE, 2 * BATCH_MAX + 9, 3);
	CHECK_INT(batch_query(&batch, PID, HERE, ELEMENTSOF(status), 4096, status), 0);
	CHECK_INT(fake_calls(FAKE_MOVE_PAGES), 3);
	CHECK_INT(status[0], 3);
	CHECK_INT(status[2 * BATCH_MAX + 8], 3);
	CHECK_INT(status[2 * BATCH_MAX + 9], -ENOENT);
	CHECK(fake_syscalls_finish());
}

TEST(test_exiting, "the -EINVAL of a process without memory is -ESRCH")
{
	struct move_unit unit = { HERE, HERE, 1, 0 };
	uint64_t usec;
	int status;

	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .result = -EINVAL);
	CHECK_INT(batch_query(&batch, PID, HERE, 1, 4096, &status), -ESRCH);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .nodes = FAKE_NODES_TO, .to_node = 1,
		    .result = -EINVAL);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .nodes = FAKE_NODES_QUERY, .result = -EINVAL);
	CHECK_INT(batch_move(&batch, PID, &unit, 1, 1, FLAG, &usec), -ESRCH);
	CHECK_INT(unit.result, UNIT_PENDING);
	CHECK(fake_syscalls_finish());
}

TEST(test_all_written, "when every status was written and none is -EBUSY, nothing is asked again")
{
	struct move_unit units[3];
	const int status[] = { 1, -EACCES, 1 };
	uint64_t usec;

	fill(units, 3);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .pid = PID, .count = 3, .address = HERE,
		    .nodes = FAKE_NODES_TO, .to_node = 1, .check_flags = true, .flags = FLAG,
		    .data = status, .data_bytes = sizeof(status));
	CHECK_INT(batch_move(&batch, PID, units, 3, 1, FLAG, &usec), 0);
	CHECK_INT(units[0].result, 1);
	CHECK_INT(units[1].result, -EACCES);
	CHECK(fake_syscalls_finish());
}

TEST(test_sentinel, "what the kernel did not write is asked again: moved, gone, or open")
{
	struct move_unit units[5];
	const int status[] = { 1 }; /* the others stay unwritten */
	const int where[] = { 1, -EFAULT, 0, -ENOENT };
	uint64_t usec;

	fill(units, 5);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 5, .data = status,
		    .data_bytes = sizeof(status), .result = 4);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 4, .address = HERE + 4096,
		    .nodes = FAKE_NODES_QUERY, .data = where, .data_bytes = sizeof(where));
	CHECK_INT(batch_move(&batch, PID, units, 5, 1, FLAG, &usec), 0);
	CHECK_INT(units[0].result, 1);
	CHECK_INT(units[1].result, 1);
	CHECK_INT(units[2].result, -EFAULT);
	CHECK_INT(units[3].result, UNIT_PENDING);
	CHECK_INT(units[4].result, -ENOENT);
	CHECK(fake_syscalls_finish());
}

TEST(test_busy, "a busy page that is on the target after all has moved with its huge page")
{
	struct move_unit units[3];
	const int status[] = { 1, -EBUSY, -EBUSY };
	const int where[] = { 1, 0 };
	uint64_t usec;

	fill(units, 3);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 3, .data = status,
		    .data_bytes = sizeof(status));
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 2, .nodes = FAKE_NODES_QUERY, .data = where,
		    .data_bytes = sizeof(where));
	CHECK_INT(batch_move(&batch, PID, units, 3, 1, FLAG, &usec), 0);
	CHECK_INT(units[1].result, 1);
	CHECK_INT(units[2].result, -EBUSY);
	CHECK(fake_syscalls_finish());
}

TEST(test_full, "when the target is full, what did not move has no room")
{
	struct move_unit units[3];
	const int status[] = { 1 };
	const int where[] = { 0, 1 };
	uint64_t usec;

	fill(units, 3);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 3, .data = status,
		    .data_bytes = sizeof(status), .result = -ENOMEM);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 2, .data = where,
		    .data_bytes = sizeof(where));
	CHECK_INT(batch_move(&batch, PID, units, 3, 1, FLAG, &usec), -ENOMEM);
	CHECK_INT(units[0].result, 1);
	CHECK_INT(units[1].result, -ENOMEM);
	CHECK_INT(units[2].result, 1);
	CHECK(fake_syscalls_finish());
}

TEST(test_whole_call, "errors of the whole call are passed on")
{
	const int errors[] = { -EACCES, -EPERM, -ENODEV, -ESRCH };
	struct move_unit units[2];
	uint64_t usec;

	for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
		fill(units, 2);
		FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .nodes = FAKE_NODES_TO, .to_node = 1,
			    .result = errors[i]);
		if (errors[i] != -ESRCH)
			FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .nodes = FAKE_NODES_QUERY,
				    .result = -EPERM);
		CHECK_INT(batch_move(&batch, PID, units, 2, 1, FLAG, &usec), errors[i]);
		CHECK_INT(units[0].result, UNIT_PENDING);
	}
	CHECK(fake_syscalls_finish());
}

TEST(test_bound, "more than a call may hold is refused")
{
	uint64_t usec;

	CHECK_INT(batch_move(&batch, PID, NULL, BATCH_MAX + 1, 1, FLAG, &usec), -E2BIG);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
