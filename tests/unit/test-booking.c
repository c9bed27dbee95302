/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/booking.h"

#include <errno.h>

#include "act/batch.h"
#include "tests/tap.h"

TEST(test_results, "each result has its count, and whatever is not known failed")
{
	struct move_outcome o = { .to_node_id = 3 };

	booking_add_result(&o, 3, 512);
	booking_add_result(&o, -EBUSY, 1);
	booking_add_result(&o, -EACCES, 2);
	booking_add_result(&o, -ENOENT, 4);
	booking_add_result(&o, -EFAULT, 8);
	booking_add_result(&o, -ENOMEM, 16);
	booking_add_result(&o, -EIO, 32);
	booking_add_result(&o, UNIT_PENDING, 64);
	booking_add_result(&o, 2, 128); /* moved, but elsewhere */
	CHECK_INT(o.pages_moved, 512);
	CHECK_INT(o.pages_busy, 1);
	CHECK_INT(o.pages_shared, 2);
	CHECK_INT(o.pages_absent, 12);
	CHECK_INT(o.pages_no_room, 16);
	CHECK_INT(o.pages_failed, 32 + 64 + 128);
}

TEST(test_residency, "pages are present or absent, and some are there already")
{
	const int status[] = { 0, 3, -ENOENT, 3, -EFAULT, 1 };
	struct move_outcome o = { .to_node_id = 3 };

	booking_add_residency(&o, status, 6);
	CHECK_INT(o.pages_present, 4);
	CHECK_INT(o.pages_already, 2);
	CHECK_INT(o.pages_absent, 2);
}

TEST(test_calls, "time adds up, the longest is kept")
{
	struct move_outcome o = { 0 };

	booking_add_call(&o, 100, 50);
	booking_add_call(&o, 300, 20);
	booking_add_call(&o, 200, 60);
	CHECK_INT(o.n_calls, 3);
	CHECK_INT(o.busy_usec, 600);
	CHECK_INT(o.longest_call_usec, 300);
	CHECK_INT(o.longest_run_usec, 60);
}

TEST_MAIN()
