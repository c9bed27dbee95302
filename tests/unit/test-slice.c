/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls clock */
#include "act/slice.h"

#include <errno.h>
#include <numaif.h>

#include "base/syscalls.h"
#include "tests/tap.h"
#include "tests/unit/fake-clock.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/frames.h"

#define PID        7
#define TICKS      4711
#define HERE       (64ULL << 20)
#define HUGE_BYTES (FRAME_HUGE * FRAME_PAGE)

/* What the tests turn. */
static struct {
	int pidfd[2]; /* a pipe in the place of a pidfd: readable when the process exited */
	unsigned n_gates, cancel_at, exit_at;
	uint64_t bytes_asked, bytes_moved;
	size_t largest_call, n_moves;
	int flags;
	uint64_t usec_per_address; /* what the kernel takes */
} world;

static int open_pidfd(pid_t pid)
{
	return pid == PID ? dup(world.pidfd[0]) : -ESRCH;
}

static int before_call(void *userdata, uint64_t bytes)
{
	(void)userdata;
	world.n_gates++;
	world.bytes_asked += bytes;
	if (world.exit_at && world.n_gates == world.exit_at && write(world.pidfd[1], "x", 1) != 1)
		return -EIO;
	return world.cancel_at && world.n_gates >= world.cancel_at ? -ECANCELED : 0;
}

static void after_call(void *userdata, uint64_t moved_bytes)
{
	(void)userdata;
	world.bytes_moved += moved_bytes;
}

static long watch_moves(pid_t pid, size_t n, void *const *pages, const int *nodes, int *status,
			int flags)
{
	if (nodes) {
		world.n_moves++;
		fake_clock_advance(n * world.usec_per_address);
		world.flags = flags;
		world.largest_call = n > world.largest_call ? n : world.largest_call;
		for (size_t i = 1; i < n; i++)
			CHECK(pages[i - 1] < pages[i] && nodes[i] == nodes[0] && status[i] < -4095);
	}
	return fake_pages_move(pid, n, pages, nodes, status, flags);
}

static struct tree start(void)
{
	struct tree tree = tree_make();

	memset(&world, 0, sizeof(world));
	world.usec_per_address = 4;
	TREE_CHECK(pipe(world.pidfd) == 0);
	frames_put_process(&tree, PID, TICKS);
	return tree;
}

static struct move_outcome run(const struct tree *tree, const struct move_request *given)
{
	struct slice_machine machine = { &tree->root, 4096, 512 };
	struct slice_governor governor = { before_call, after_call, NULL };
	struct move_request request = *given;
	struct move_outcome outcome;
	struct pace pace;

	request.ticket = 99;
	request.pid = request.pid ? request.pid : PID;
	request.start_time_ticks = request.start_time_ticks ? request.start_time_ticks : TICKS;
	request.start = request.start ? request.start : HERE;
	request.to_node_id = 1;
	request.max_stall_usec = request.max_stall_usec ? request.max_stall_usec : 1000000;
	request.room_pages = request.room_pages ? request.room_pages : 1 << 20;
	fake_pidfd_open_handler = open_pidfd;
	if (fake_move_pages_handler)
		fake_move_pages_handler = watch_moves;
	pace_init(&pace, 512, 4096, HUGE_BYTES);
	slice_run(&machine, &governor, &pace, &request, &outcome);
	close(world.pidfd[0]);
	close(world.pidfd[1]);
	CHECK_INT(outcome.ticket, 99);
	CHECK_INT(outcome.to_node_id, 1);
	return outcome;
}
#define RUN(tree, ...) run(&(tree), &(const struct move_request){ __VA_ARGS__ })

/* Every page of the range is in exactly one count. */
static void check_sum(const struct move_outcome *o)
{
	CHECK_INT(o->pages_already + o->pages_moved + o->pages_busy + o->pages_shared +
			  o->pages_absent + o->pages_no_room + o->pages_failed,
		  (o->end - o->start) / 4096);
}

TEST(test_everything, "base pages move to the target, in growing slices, in address order")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 2000, 0);
	frames_map_base(&tree, PID, HERE, 5000, 2000);

	struct move_outcome o = RUN(tree, .end = HERE + 2000 * 4096, .huge_room = 0);

	CHECK_INT(o.error, 0);
	CHECK_INT(o.pages_present, 2000);
	CHECK_INT(o.pages_moved, 2000);
	CHECK_INT(o.huge_moved, 0);
	check_sum(&o);
	CHECK_INT(fake_pages_count(PID, HERE, 2000, 1), 2000);
	CHECK(o.n_calls > 3 && o.n_calls < 20 && o.n_calls == world.n_moves);
	CHECK_INT(world.bytes_moved, 2000 * 4096);
	CHECK(world.largest_call > 512);
	CHECK_INT(world.flags, MPOL_MF_MOVE);
	CHECK_INT(o.busy_usec, 2000 * 4);
	CHECK_INT(o.longest_call_usec, world.largest_call * 4);
	CHECK_INT(o.longest_run_usec, 512 * 4);
	CHECK(fake_syscalls_finish());
}

TEST(test_already, "pages that are on the target are not given to the kernel")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 100, 1);

	struct move_outcome o = RUN(tree, .end = HERE + 100 * 4096);

	CHECK_INT(o.pages_already, 100);
	CHECK_INT(o.pages_moved, 0);
	CHECK_INT(o.n_calls, 0);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_mixed,
     "a range with holes, pages there already and pages elsewhere is booked page by page")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 100, 0);
	fake_pages_map(PID, HERE + 100 * 4096, 50, 1);
	fake_pages_map(PID, HERE + 200 * 4096, 56, 2);

	struct move_outcome o = RUN(tree, .end = HERE + 256 * 4096, .move_all = true);

	CHECK_INT(o.pages_present, 206);
	CHECK_INT(o.pages_already, 50);
	CHECK_INT(o.pages_moved, 156);
	CHECK_INT(o.pages_absent, 50);
	CHECK_INT(world.flags, MPOL_MF_MOVE_ALL);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_refusals, "busy and shared pages are counted as such and do not stop the others")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 300, 0);
	fake_pages_map(PID, HERE + 300 * 4096, 1, 2);
	fake_pages_refuse(PID, HERE + 4096, 3, -EBUSY);
	fake_pages_refuse(PID, HERE + 70 * 4096, 5, -EACCES);
	fake_pages_refuse(PID, HERE + 80 * 4096, 2, -EIO);

	struct move_outcome o = RUN(tree, .end = HERE + 301 * 4096);

	CHECK_INT(o.pages_busy, 3);
	CHECK_INT(o.pages_shared, 5);
	CHECK_INT(o.pages_failed, 2);
	CHECK_INT(o.pages_moved, 291);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_huge, "huge pages go with one address each and count as all their pages")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 8 * FRAME_HUGE, 0);
	for (uint64_t i = 0; i < 8; i++)
		frames_map_thp(&tree, PID, HERE + i * HUGE_BYTES, 8192 + i * FRAME_HUGE);

	struct move_outcome o = RUN(tree, .end = HERE + 8 * HUGE_BYTES, .huge_room = 100);

	CHECK_INT(o.pages_moved, 8 * FRAME_HUGE);
	CHECK_INT(o.huge_moved, 8);
	CHECK_INT(world.bytes_moved, 8 * HUGE_BYTES);
	CHECK(world.largest_call <= 8);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_huge_room, "no more huge pages move than there is huge room, and base pages go on")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 4 * FRAME_HUGE, 0);
	fake_pages_map(PID, HERE + 4 * HUGE_BYTES, FRAME_HUGE, 0);
	for (uint64_t i = 0; i < 4; i++)
		frames_map_thp(&tree, PID, HERE + i * HUGE_BYTES, 8192 + i * FRAME_HUGE);
	frames_map_base(&tree, PID, HERE + 4 * HUGE_BYTES, 20000, FRAME_HUGE);

	struct move_outcome o = RUN(tree, .end = HERE + 5 * HUGE_BYTES, .huge_room = 3);

	CHECK_INT(o.huge_moved, 3);
	CHECK_INT(o.pages_moved, 4 * FRAME_HUGE);
	CHECK_INT(o.pages_no_room, FRAME_HUGE);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_room, "no more pages move than room_pages, huge ones included")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 2 * FRAME_HUGE, 0);
	fake_pages_map(PID, HERE + 2 * HUGE_BYTES, FRAME_HUGE, 0);
	for (uint64_t i = 0; i < 2; i++)
		frames_map_thp(&tree, PID, HERE + i * HUGE_BYTES, 8192 + i * FRAME_HUGE);
	frames_map_base(&tree, PID, HERE + 2 * HUGE_BYTES, 20000, FRAME_HUGE);

	struct move_outcome o = RUN(tree, .end = HERE + 3 * HUGE_BYTES, .huge_room = 9,
				    .room_pages = FRAME_HUGE + 100);

	CHECK_INT(o.huge_moved, 1);
	CHECK_INT(o.pages_moved, FRAME_HUGE + 100);
	CHECK_INT(o.pages_no_room, 2 * FRAME_HUGE - 100);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_unknown_huge,
     "where kinds are unknown, the first page of an extent is tried before the rest")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 3 * FRAME_HUGE, 0);
	fake_pages_map(PID, HERE + 3 * HUGE_BYTES, FRAME_HUGE, 0);

	struct move_outcome o = RUN(tree, .end = HERE + 4 * HUGE_BYTES, .huge_room = 10);

	CHECK_INT(o.huge_moved, 3);
	CHECK_INT(o.pages_moved, 4 * FRAME_HUGE);
	CHECK_INT(o.pages_busy, 0);
	check_sum(&o);
	CHECK_INT(world.bytes_moved, 4 * HUGE_BYTES);
	CHECK(fake_syscalls_finish());
}

TEST(test_unknown_no_room,
     "where kinds are unknown and there is no huge room, extents are left alone")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, FRAME_HUGE, 0);

	struct move_outcome o = RUN(tree, .end = HERE + HUGE_BYTES, .huge_room = 0);

	CHECK_INT(o.pages_no_room, FRAME_HUGE);
	CHECK_INT(o.n_calls, 0);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_unknown_busy, "a probed page that is busy leaves the rest of its extent to be moved")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, FRAME_HUGE, 0);
	fake_pages_refuse(PID, HERE, 1, -EBUSY);

	struct move_outcome o = RUN(tree, .end = HERE + HUGE_BYTES, .huge_room = 1);

	CHECK_INT(o.pages_busy, 1);
	CHECK_INT(o.pages_moved, FRAME_HUGE - 1);
	CHECK_INT(o.huge_moved, 0);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_part_of_huge,
     "a range that ends inside a huge page moves it as one and counts only its own pages")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, FRAME_HUGE, 0);
	frames_map_thp(&tree, PID, HERE, 8192);

	struct move_outcome o =
		RUN(tree, .start = HERE + 4096, .end = HERE + 101 * 4096, .huge_room = 1);

	CHECK_INT(o.pages_moved, 100);
	CHECK_INT(o.huge_moved, 1);
	CHECK_INT(o.n_calls, 1);
	CHECK_INT(fake_pages_count(PID, HERE, FRAME_HUGE, 1), FRAME_HUGE);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_giant, "a part of a giant page is left alone")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, FRAME_HUGE, 0);
	frames_make_compound(&tree, 8192, 4 * FRAME_HUGE, FRAME_HUGETLB);
	frames_map_run(&tree, PID, HERE, 8192 + FRAME_HUGE, FRAME_HUGE);

	struct move_outcome o = RUN(tree, .end = HERE + HUGE_BYTES, .huge_room = 1);

	CHECK_INT(o.pages_failed, FRAME_HUGE);
	CHECK_INT(o.n_calls, 0);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_left_open, "what a call left open is tried once more in small calls, then given up")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 300, 0);
	fake_pages_map(PID, HERE + 300 * 4096, 212, 2);
	fake_pages_room(1, 100);

	struct move_outcome o = RUN(tree, .end = HERE + HUGE_BYTES);

	CHECK_INT(o.pages_moved, 100);
	CHECK_INT(o.pages_failed, 412);
	CHECK_INT(o.error, 0);
	CHECK(o.n_calls < 20);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_in_vain, "trying again ends after two calls that moved nothing")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 16000, 0);
	fake_pages_map(PID, HERE + 16000 * 4096, 384, 2);
	frames_map_base(&tree, PID, HERE, 50000, 16384);
	fake_pages_room(1, 12000);

	struct move_outcome o = RUN(tree, .end = HERE + 16384 * 4096);

	CHECK_INT(o.pages_moved, 12000);
	CHECK_INT(o.pages_failed, 4384);
	CHECK(o.n_calls < 13 + 3 * 4);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_one_page, "a single page whose kind is unknown is not taken for a huge one")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 1, 0);

	struct move_outcome o = RUN(tree, .end = HERE + 4096, .huge_room = 1);

	CHECK_INT(o.pages_moved, 1);
	CHECK_INT(o.huge_moved, 0);
	CHECK(fake_syscalls_finish());
}

TEST(test_window_border, "a huge page never lies on the border of two windows")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 40 * FRAME_HUGE, 0);
	for (uint64_t i = 0; i < 40; i++)
		frames_map_thp(&tree, PID, HERE + i * HUGE_BYTES, 8192 + i * FRAME_HUGE);

	struct move_outcome o = RUN(tree, .start = HERE + 256 * 4096, .end = HERE + 40 * HUGE_BYTES,
				    .huge_room = 40);

	CHECK_INT(o.huge_moved, 40);
	CHECK_INT(o.pages_already, 0);
	CHECK_INT(o.pages_moved, 40 * FRAME_HUGE - 256);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

/* The kernel stops a call at a page that it cannot move and attempts nothing behind it; a page
 * before it is done. */
static long stop_at_bad_page(pid_t pid, size_t n, void *const *pages, const int *nodes, int *status,
			     int flags)
{
	for (size_t i = 0; nodes && i < n; i++)
		if ((uintptr_t)pages[i] == HERE + 10 * 4096) {
			fake_pages_move(pid, i, pages, nodes, status, flags);
			return (long)(n - i);
		}
	return fake_pages_move(pid, n, pages, nodes, status, flags);
}

TEST(test_stopped, "pages behind one that stops the call still move, but for its neighbours")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 200, 0);
	fake_pages_map(PID, HERE + 200 * 4096, 1, 2);
	fake_move_pages_handler = stop_at_bad_page;

	struct slice_machine machine = { &tree.root, 4096, 512 };
	struct slice_governor governor = { before_call, after_call, NULL };
	struct move_request request = { .pid = PID,
					.start_time_ticks = TICKS,
					.start = HERE,
					.end = HERE + 201 * 4096,
					.to_node_id = 1,
					.max_stall_usec = 1000000,
					.room_pages = 1000 };
	struct move_outcome o;
	struct pace pace;

	fake_pidfd_open_handler = open_pidfd;
	pace_init(&pace, 512, 4096, HUGE_BYTES);
	slice_run(&machine, &governor, &pace, &request, &o);
	close(world.pidfd[0]);
	close(world.pidfd[1]);
	CHECK_INT(o.error, 0);
	CHECK(o.pages_failed >= 1 && o.pages_failed <= 32);
	CHECK_INT(o.pages_moved, 201 - o.pages_failed);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_whole_call, "an error of the whole call ends the request with that error")
{
	const int errors[] = { -EACCES, -EPERM, -ENODEV, -ESRCH };
	const int status[4] = { 0 };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		_cleanup_tree_ struct tree tree = start();

		frames_map_base(&tree, PID, HERE, 5000, 4);
		FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .pid = PID, .count = 4,
			    .nodes = FAKE_NODES_QUERY, .data = status,
			    .data_bytes = sizeof(status));
		FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .pid = PID, .count = 4, .nodes = FAKE_NODES_TO,
			    .to_node = 1, .result = errors[i]);
		if (errors[i] != -ESRCH)
			FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .nodes = FAKE_NODES_QUERY,
				    .data = status, .data_bytes = sizeof(status));

		struct move_outcome o = RUN(tree, .end = HERE + 4 * 4096);

		CHECK_INT(o.error, errors[i]);
		CHECK_INT(o.pages_moved, 0);
		CHECK_INT(o.pages_present, 4);
		CHECK_INT(o.n_calls, 1);
		CHECK(fake_syscalls_finish());
	}
}

TEST(test_no_memory, "a full target ends the moving, not the request")
{
	_cleanup_tree_ struct tree tree = start();
	const int here[100] = { 0 };
	const int moved[64] = { 1, 1, 1, 1, -ENOMEM };

	frames_map_base(&tree, PID, HERE, 5000, 100);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 100, .nodes = FAKE_NODES_QUERY, .data = here,
		    .data_bytes = sizeof(here));
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 64, .nodes = FAKE_NODES_TO, .to_node = 1,
		    .data = moved, .data_bytes = 5 * sizeof(int), .result = -ENOMEM);
	FAKE_EXPECT(.call = FAKE_MOVE_PAGES, .count = 59, .nodes = FAKE_NODES_QUERY, .data = here,
		    .data_bytes = sizeof(here));

	struct move_outcome o = RUN(tree, .end = HERE + 100 * 4096);

	CHECK_INT(o.error, 0);
	CHECK_INT(o.pages_moved, 4);
	CHECK_INT(o.pages_no_room, 96);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_huge_status_no_memory, "a huge page that finds no block ends the huge room only")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 2 * FRAME_HUGE, 0);
	fake_pages_map(PID, HERE + 2 * HUGE_BYTES, 10, 0);
	frames_map_thp(&tree, PID, HERE, 8192);
	frames_map_thp(&tree, PID, HERE + HUGE_BYTES, 8192 + FRAME_HUGE);
	frames_map_base(&tree, PID, HERE + 2 * HUGE_BYTES, 20000, 10);
	fake_pages_refuse(PID, HERE, 1, -ENOMEM);

	struct move_outcome o = RUN(tree, .end = HERE + 2 * HUGE_BYTES + 10 * 4096, .huge_room = 5);

	CHECK_INT(o.pages_no_room, 2 * FRAME_HUGE);
	CHECK_INT(o.pages_moved, 10);
	CHECK_INT(o.huge_moved, 0);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST(test_exits, "a process that exits between two slices ends the request with what was done")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 500, 0);
	frames_map_base(&tree, PID, HERE, 5000, 500);
	world.exit_at = 3; /* the query, one slice, and then */

	struct move_outcome o = RUN(tree, .end = HERE + 500 * 4096);

	CHECK_INT(o.error, -ESRCH);
	CHECK_INT(o.pages_moved, 64);
	CHECK_INT(o.n_calls, 1);
	CHECK(fake_syscalls_finish());
}

TEST(test_vanishes_in_call, "the kernel's own -ESRCH is the same")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 10, 0);
	fake_pages_exit(PID);

	struct move_outcome o = RUN(tree, .end = HERE + 10 * 4096);

	CHECK_INT(o.error, -ESRCH);
	CHECK_INT(o.n_calls, 0);
	CHECK(fake_syscalls_finish());
}

TEST(test_reused, "a pid that is another process's now is left alone")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 10, 0);

	struct move_outcome o = RUN(tree, .end = HERE + 10 * 4096, .start_time_ticks = TICKS + 1);

	CHECK_INT(o.error, -ESRCH);
	CHECK_INT(fake_calls(FAKE_MOVE_PAGES), 0);
	CHECK_INT(fake_pages_count(PID, HERE, 10, 0), 10);
	CHECK(fake_syscalls_finish());
}

TEST(test_no_such_pid, "a pid that nobody has is -ESRCH")
{
	_cleanup_tree_ struct tree tree = start();
	struct move_outcome o = RUN(tree, .end = HERE + 4096, .pid = 8);

	CHECK_INT(o.error, -ESRCH);
	CHECK(fake_syscalls_finish());
}

TEST(test_cancel, "a cancelled request ends after the current slice")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 500, 0);
	frames_map_base(&tree, PID, HERE, 5000, 500);
	world.cancel_at = 4;

	struct move_outcome o = RUN(tree, .end = HERE + 500 * 4096);

	CHECK_INT(o.error, -ECANCELED);
	CHECK_INT(o.pages_moved, 64 + 96);
	CHECK(fake_syscalls_finish());
}

TEST(test_bandwidth_slices, "a slice is no larger than the burst that the bandwidth allows")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 500, 0);
	frames_map_base(&tree, PID, HERE, 5000, 500);

	struct move_outcome o =
		RUN(tree, .end = HERE + 500 * 4096, .bandwidth_bytes_per_sec = 800 * 1024);

	CHECK_INT(o.pages_moved, 500);
	CHECK_INT(world.largest_call, 10); /* 40 KiB in 50 ms */
	CHECK(fake_syscalls_finish());
}

TEST(test_stall_slices,
     "a slice is no larger than what fits max_stall at the cost that was measured")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map(PID, HERE, 1000, 0);
	frames_map_base(&tree, PID, HERE, 5000, 1000);
	world.usec_per_address = 100;

	struct move_outcome o = RUN(tree, .end = HERE + 1000 * 4096, .max_stall_usec = 2000);

	CHECK_INT(o.pages_moved, 1000);
	CHECK_INT(world.largest_call, 64); /* the first, made before anything was measured */
	CHECK(world.n_moves >= 1 + (1000 - 64) / 20);
	CHECK_INT(o.longest_run_usec, 6400);
	CHECK(fake_syscalls_finish());
}

TEST(test_huge_stall, "the wait for a huge page is the time of one, however many a call moves")
{
	_cleanup_tree_ struct tree tree = start();

	fake_pages_map_huge(PID, HERE, 8 * FRAME_HUGE, 0);
	for (uint64_t i = 0; i < 8; i++)
		frames_map_thp(&tree, PID, HERE + i * HUGE_BYTES, 8192 + i * FRAME_HUGE);
	world.usec_per_address = 600;

	struct move_outcome o = RUN(tree, .end = HERE + 8 * HUGE_BYTES, .huge_room = 100);

	CHECK_INT(o.huge_moved, 8);
	CHECK(o.longest_call_usec > 600);
	CHECK_INT(o.longest_run_usec, 600);
	CHECK(fake_syscalls_finish());
}

TEST(test_windows, "a range of many windows that starts and ends anywhere is covered once")
{
	_cleanup_tree_ struct tree tree = start();
	const size_t n = 3 * 16384 + 777;

	fake_pages_map(PID, HERE + 5 * 4096, n, 0);
	frames_map_base(&tree, PID, HERE, 5000, n + 5);

	struct move_outcome o = RUN(tree, .start = HERE + 5 * 4096, .end = HERE + (n + 5) * 4096);

	CHECK_INT(o.pages_moved, n);
	CHECK_INT(o.pages_present, n);
	CHECK(world.largest_call <= PACE_MAX_PAGES);
	check_sum(&o);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
