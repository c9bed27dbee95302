/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "act/mover.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/frames.h"

#define PID           7
#define TICKS         4711
#define HERE          (64ULL << 20)
#define HUGE_BYTES    (FRAME_HUGE * FRAME_PAGE)
#define PATIENCE_USEC 20000000ULL

static int
	alive_fd; /* a pipe's end in the place of a pidfd: nothing to read, so the process lives */

static int open_pidfd(pid_t pid)
{
	return pid == PID ? dup(alive_fd) : -ESRCH;
}

/* A door in front of the kernel: while it is closed, moves wait in it. */
static pthread_mutex_t door_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t door_changed = PTHREAD_COND_INITIALIZER;
static bool door_is_closed;
static unsigned n_at_door;
static atomic_bool signals_were_blocked;

static long move_through_door(pid_t pid, size_t n, void *const *pages, const int *nodes,
			      int *status, int flags)
{
	if (nodes) {
		sigset_t blocked;

		pthread_sigmask(SIG_SETMASK, NULL, &blocked);
		signals_were_blocked =
			sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGHUP) == 1;
		pthread_mutex_lock(&door_lock);
		n_at_door++;
		pthread_cond_broadcast(&door_changed);
		while (door_is_closed)
			pthread_cond_wait(&door_changed, &door_lock);
		n_at_door--;
		pthread_mutex_unlock(&door_lock);
	}
	return fake_pages_move(pid, n, pages, nodes, status, flags);
}

static void set_door(bool closed)
{
	pthread_mutex_lock(&door_lock);
	door_is_closed = closed;
	pthread_cond_broadcast(&door_changed);
	pthread_mutex_unlock(&door_lock);
}

static void wait_for_somebody_at_door(void)
{
	pthread_mutex_lock(&door_lock);
	while (!n_at_door)
		pthread_cond_wait(&door_changed, &door_lock);
	pthread_mutex_unlock(&door_lock);
}

struct world {
	struct tree tree;
	struct mover *mover;
	int alive[2];
};

static struct world start(size_t n_pages)
{
	struct world world = { .tree = tree_make() };

	TREE_CHECK(pipe(world.alive) == 0);
	alive_fd = world.alive[0];
	frames_put_process(&world.tree, PID, TICKS);
	frames_map_base(&world.tree, PID, HERE, 5000, n_pages);
	fake_pages_map(PID, HERE, n_pages, 0);
	fake_pidfd_open_handler = open_pidfd;
	fake_move_pages_handler = move_through_door;
	set_door(false);
	TREE_CHECK(mover_new(&world.mover, &world.tree.root, 4096, HUGE_BYTES, 512) == 0);
	return world;
}

static void finish(struct world *world)
{
	set_door(false);
	mover_free(world->mover);
	close(world->alive[0]);
	close(world->alive[1]);
	tree_done(&world->tree);
	CHECK(fake_syscalls_finish());
}

static struct move_request request_for(uint64_t ticket, uint64_t first_page, size_t n_pages,
				       int node)
{
	return (struct move_request){
		.ticket = ticket,
		.pid = PID,
		.start_time_ticks = TICKS,
		.start = HERE + first_page * 4096,
		.end = HERE + (first_page + n_pages) * 4096,
		.to_node_id = node,
		.max_stall_usec = 1000000,
		.room_pages = 1 << 20,
	};
}

static bool is_readable(const struct mover *mover, int timeout_msec)
{
	struct pollfd p = { .fd = mover_fd(mover), .events = POLLIN };

	return poll(&p, 1, timeout_msec) == 1;
}

/* Collects until `n` outcomes are there, or patience ends. */
static size_t collect(struct mover *mover, struct move_outcome *outcomes, size_t n)
{
	uint64_t until = clock_now_usec() + PATIENCE_USEC;
	size_t got = 0;

	while (got < n && clock_now_usec() < until)
		if (is_readable(mover, 100))
			got += mover_collect(mover, outcomes + got, n - got);
	return got;
}

static void wait_until_idle(struct mover *mover)
{
	uint64_t until = clock_now_usec() + PATIENCE_USEC;

	while (mover_pending(mover) && clock_now_usec() < until)
		clock_sleep_usec(1000);
	CHECK_INT(mover_pending(mover), 0);
}

TEST(test_one, "a request is carried out by a worker with signals blocked and raised priority")
{
	struct world world = start(300);
	struct move_request request = request_for(5, 0, 300, 1);
	struct move_outcome outcome = { 0 };

	CHECK(!is_readable(world.mover, 0));
	CHECK_INT(mover_submit(world.mover, &request), 0);
	CHECK_INT(collect(world.mover, &outcome, 1), 1);
	CHECK_INT(outcome.ticket, 5);
	CHECK_INT(outcome.error, 0);
	CHECK_INT(outcome.pages_moved, 300);
	CHECK_INT(mover_pending(world.mover), 0);
	CHECK(!is_readable(world.mover, 0));
	CHECK(signals_were_blocked);
	CHECK_INT(fake_calls(FAKE_SET_THREAD_NICE), 1);
	finish(&world);
}

TEST(test_order,
     "requests for one node are done in order; the descriptor stays readable until all are taken")
{
	struct world world = start(100);
	struct move_outcome outcomes[10];

	for (unsigned i = 0; i < 10; i++) {
		struct move_request request = request_for(i, i * 10, 10, 1);

		CHECK_INT(mover_submit(world.mover, &request), 0);
	}
	wait_until_idle(world.mover);
	CHECK_INT(mover_collect(world.mover, outcomes, 4), 4);
	CHECK(is_readable(world.mover, 0));
	CHECK_INT(mover_collect(world.mover, outcomes + 4, 10), 6);
	CHECK(!is_readable(world.mover, 0));
	CHECK_INT(mover_collect(world.mover, outcomes, 10), 0);
	for (unsigned i = 0; i < 10; i++)
		CHECK_INT(outcomes[i].ticket, i);
	finish(&world);
}

TEST(test_nodes, "each node has a worker of its own")
{
	struct world world = start(200);
	struct move_request one = request_for(1, 0, 100, 1), two = request_for(2, 100, 100, 63);
	struct move_outcome outcomes[2];

	set_door(true);
	CHECK_INT(mover_submit(world.mover, &one), 0);
	wait_for_somebody_at_door();
	CHECK_INT(mover_submit(world.mover, &two), 0);

	/* Both stand in the kernel at the same time. */
	pthread_mutex_lock(&door_lock);
	while (n_at_door < 2)
		pthread_cond_wait(&door_changed, &door_lock);
	pthread_mutex_unlock(&door_lock);
	CHECK_INT(mover_pending(world.mover), 2);
	set_door(false);
	CHECK_INT(collect(world.mover, outcomes, 2), 2);
	CHECK_INT(fake_pages_count(PID, HERE, 100, 1), 100);
	CHECK_INT(fake_pages_count(PID, HERE + 100 * 4096, 100, 63), 100);
	finish(&world);
}

TEST(test_clear, "clearing drops what waits at once and lets the running one go on")
{
	struct world world = start(400);
	struct move_outcome outcomes[4];

	set_door(true);
	for (unsigned i = 0; i < 4; i++) {
		struct move_request request = request_for(i, i * 100, 100, 1);

		CHECK_INT(mover_submit(world.mover, &request), 0);
	}
	wait_for_somebody_at_door();
	CHECK_INT(mover_pending(world.mover), 4);
	mover_clear(world.mover, false); /* while the call is in the kernel */
	CHECK_INT(mover_pending(world.mover), 1);
	set_door(false);
	CHECK_INT(collect(world.mover, outcomes, 1), 1);
	CHECK_INT(outcomes[0].ticket, 0);
	CHECK_INT(outcomes[0].error, 0);
	CHECK_INT(outcomes[0].pages_moved, 100);
	CHECK_INT(fake_pages_count(PID, HERE + 100 * 4096, 300, 1), 0);
	CHECK(!is_readable(world.mover, 0));
	finish(&world);
}

TEST(test_cancel, "the running request can be cancelled after its slice, and the next one is not")
{
	struct world world = start(400);
	struct move_request first = request_for(1, 0, 300, 1), second = request_for(2, 300, 100, 1);
	struct move_outcome outcomes[2];

	set_door(true);
	CHECK_INT(mover_submit(world.mover, &first), 0);
	wait_for_somebody_at_door();
	mover_clear(world.mover, true);
	CHECK_INT(mover_submit(world.mover, &second), 0);
	set_door(false);
	CHECK_INT(collect(world.mover, outcomes, 2), 2);
	CHECK_INT(outcomes[0].error, -ECANCELED);
	CHECK_INT(outcomes[0].pages_moved, 64);
	CHECK_INT(outcomes[1].error, 0);
	CHECK_INT(outcomes[1].pages_moved, 100);
	finish(&world);
}

TEST(test_bandwidth, "the bandwidth is held")
{
	struct world world = start(250);
	struct move_request request = request_for(1, 0, 250, 1);
	struct move_outcome outcome;
	uint64_t start_usec = clock_now_usec();

	request.bandwidth_bytes_per_sec = 5 << 20; /* 1 MiB in 195 ms */
	CHECK_INT(mover_submit(world.mover, &request), 0);
	CHECK_INT(collect(world.mover, &outcome, 1), 1);
	CHECK_INT(outcome.pages_moved, 250);
	CHECK(clock_now_usec() - start_usec >= 140000);
	finish(&world);
}

/* The worker has begun. */
static void wait_for_query(void)
{
	uint64_t until = clock_now_usec() + PATIENCE_USEC;

	while (!fake_calls(FAKE_MOVE_PAGES) && clock_now_usec() < until)
		clock_sleep_usec(1000);
}

TEST(test_cancel_waiting, "a request that waits for bandwidth is cancelled at once")
{
	struct world world = start(250);
	struct move_request request = request_for(1, 0, 250, 1);
	struct move_outcome outcome;
	uint64_t start_usec = clock_now_usec();

	request.bandwidth_bytes_per_sec = 4096; /* a page a second */
	CHECK_INT(mover_submit(world.mover, &request), 0);
	wait_for_query();
	mover_clear(world.mover, true);
	CHECK_INT(collect(world.mover, &outcome, 1), 1);
	CHECK_INT(outcome.error, -ECANCELED);
	CHECK(clock_now_usec() - start_usec < 10000000);
	finish(&world);
}

static void *open_door_later(void *unused)
{
	clock_sleep_usec(50000);
	set_door(false);
	return unused;
}

TEST(test_free_while_busy, "freeing waits for the call in the kernel, and for nothing behind it")
{
	struct world world = start(400);
	pthread_t opener;

	set_door(true);
	for (unsigned i = 0; i < 4; i++) {
		struct move_request request = request_for(i, i * 100, 100, 1);

		CHECK_INT(mover_submit(world.mover, &request), 0);
	}
	wait_for_somebody_at_door();
	CHECK_INT(pthread_create(&opener, NULL, open_door_later, NULL), 0);
	world.mover = mover_free(world.mover);
	CHECK(!world.mover);
	pthread_join(opener, NULL);
	CHECK_INT(fake_pages_count(PID, HERE, 400, 1), 64);
	finish(&world);
}

TEST(test_free_waiting, "freeing does not wait for bandwidth")
{
	struct world world = start(250);
	struct move_request request = request_for(1, 0, 250, 1);
	uint64_t start_usec = clock_now_usec();

	request.bandwidth_bytes_per_sec = 4096;
	CHECK_INT(mover_submit(world.mover, &request), 0);
	wait_for_query();
	world.mover = mover_free(world.mover);
	CHECK(clock_now_usec() - start_usec < 10000000);
	finish(&world);
}

TEST(test_queue_bound,
     "a node's queue is bounded, counts what nobody collected, and is usable again after")
{
	struct world world = start(2);
	struct move_request request = request_for(1, 0, 1, 1), other = request_for(2, 1, 1, 2);
	static struct move_outcome outcomes[MOVER_QUEUE_MAX + 1];
	unsigned n = 0;

	set_door(true);
	CHECK_INT(mover_submit(world.mover, &request), 0);
	wait_for_somebody_at_door();
	while (n <= MOVER_QUEUE_MAX && mover_submit(world.mover, &request) == 0)
		n++;
	CHECK_INT(n, MOVER_QUEUE_MAX);
	CHECK_INT(mover_submit(world.mover, &request), -ENOBUFS);
	mover_clear(world.mover, false);
	CHECK_INT(mover_submit(world.mover, &other), 0);
	CHECK_INT(mover_submit(world.mover, &request), 0);
	set_door(false);
	CHECK_INT(collect(world.mover, outcomes, 3), 3);

	for (n = 0; n < MOVER_QUEUE_MAX; n++)
		CHECK_INT(mover_submit(world.mover, &request), 0);
	wait_until_idle(world.mover);
	CHECK_INT(mover_submit(world.mover, &request), -ENOBUFS);
	CHECK_INT(mover_collect(world.mover, outcomes, 1), 1);
	CHECK_INT(mover_submit(world.mover, &request), 0);
	finish(&world);
}

TEST(test_malformed, "requests that make no sense are refused")
{
	struct world world = start(10);
	struct move_request good = request_for(1, 0, 10, 1), bad;

	bad = good;
	bad.end = bad.start;
	CHECK_INT(mover_submit(world.mover, &bad), -EINVAL);
	bad = good;
	bad.start++;
	CHECK_INT(mover_submit(world.mover, &bad), -EINVAL);
	bad = good;
	bad.to_node_id = -1;
	CHECK_INT(mover_submit(world.mover, &bad), -EINVAL);
	bad = good;
	bad.pid = 0;
	CHECK_INT(mover_submit(world.mover, &bad), -EINVAL);
	CHECK_INT(mover_pending(world.mover), 0);
	finish(&world);
}

TEST(test_gone, "a process that is gone is an outcome like any other")
{
	struct world world = start(10);
	struct move_request request = request_for(9, 0, 10, 1);
	struct move_outcome outcome;

	request.pid = 8;
	CHECK_INT(mover_submit(world.mover, &request), 0);
	CHECK_INT(collect(world.mover, &outcome, 1), 1);
	CHECK_INT(outcome.error, -ESRCH);
	CHECK_INT(outcome.ticket, 9);
	finish(&world);
}

static long move_slowly(pid_t pid, size_t n, void *const *pages, const int *nodes, int *status,
			int flags)
{
	uint64_t until = clock_thread_cpu_usec() + n * 100;

	while (nodes && clock_thread_cpu_usec() < until)
		; /* as copying would */
	return fake_pages_move(pid, n, pages, nodes, status, flags);
}

TEST(test_cost, "the cost of a page is a guess at first and then what was measured")
{
	struct world world = start(64);
	struct move_request request = request_for(1, 0, 64, 1);
	struct move_outcome outcome;

	fake_move_pages_handler = move_slowly;
	CHECK(mover_page_cost_usec(world.mover) > 0 && mover_page_cost_usec(world.mover) < 50);
	CHECK(mover_huge_cost_usec(world.mover) > 100);
	/* A single call far above the guess is not believed; the next ones are. */
	for (int i = 0; i < 6; i++) {
		request.to_node_id = i % 2 ? 0 : 1;
		CHECK_INT(mover_submit(world.mover, &request), 0);
		CHECK_INT(collect(world.mover, &outcome, 1), 1);
	}
	CHECK(mover_page_cost_usec(world.mover) >= 60);
	finish(&world);
}

TEST(test_null, "freeing nothing is fine, and sizes that do not fit each other are refused")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct mover *mover = NULL;

	CHECK(!mover_free(NULL));
	CHECK_INT(mover_new(&mover, &tree.root, 4096, 5000, 1), -EINVAL);
	CHECK_INT(mover_new(&mover, &tree.root, 0, 4096, 1), -EINVAL);
	CHECK(!mover);
	CHECK_INT(mover_new(&mover, &tree.root, 4096, 0, 1), 0);
	mover_free(mover);
}

TEST_MAIN()
