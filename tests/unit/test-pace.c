/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/pace.h"

#include "tests/tap.h"

#define HUGE_BYTES (2ULL << 20)
#define MSEC       1000ULL

static struct pace make(unsigned run_pages_max)
{
	struct pace pace;

	pace_init(&pace, run_pages_max, 4096, HUGE_BYTES);
	return pace;
}

/* Full slices at a steady cost. */
static void feed(struct pace *pace, enum pace_kind kind, uint64_t max_stall_usec,
		 uint64_t cost_usec, unsigned n_calls)
{
	for (unsigned i = 0; i < n_calls; i++) {
		unsigned n = pace_slice(pace, kind, max_stall_usec);

		pace_measure(pace, kind, n, n, n * cost_usec);
	}
}

TEST(test_start, "the first slices are small")
{
	struct pace pace = make(512);

	CHECK_INT(pace_slice(&pace, PACE_BASE, 5 * MSEC), PACE_START_PAGES);
	CHECK_INT(pace_slice(&pace, PACE_HUGE, 5 * MSEC), 1);
}

TEST(test_growth, "slices grow step by step to the maximum while calls are fine")
{
	struct pace pace = make(512);
	unsigned last = pace_slice(&pace, PACE_BASE, 5 * MSEC);

	for (unsigned i = 0; i < 5; i++) {
		feed(&pace, PACE_BASE, 5 * MSEC, 4, 1);

		unsigned now = pace_slice(&pace, PACE_BASE, 5 * MSEC);

		CHECK(now > last && now <= 2 * last);
		last = now;
	}
	feed(&pace, PACE_BASE, 5 * MSEC, 4, 20);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 5 * MSEC), PACE_MAX_PAGES);
	feed(&pace, PACE_HUGE, 5 * MSEC, 600, 20);
	CHECK_INT(pace_slice(&pace, PACE_HUGE, 5 * MSEC), PACE_MAX_HUGE);
}

TEST(test_small_calls, "a call smaller than the slice does not make it grow")
{
	struct pace pace = make(512);

	for (unsigned i = 0; i < 20; i++)
		pace_measure(&pace, PACE_BASE, 10, 10, 40);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 5 * MSEC), PACE_START_PAGES);
}

TEST(test_stall, "where a whole run would stall too long, the slice is what fits max_stall")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 5 * MSEC, 20, 40); /* a run takes 10 ms */
	CHECK_INT(pace.class[PACE_BASE].n_calls % 4, 0);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 5 * MSEC), 250);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 60), 3);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 0), 1);
	CHECK_INT(pace_slice(&pace, PACE_HUGE, 0), 1);
}

TEST(test_run, "where a run fits max_stall, the slice may be much longer than it")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 15 * MSEC, 20, 40);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 15 * MSEC), PACE_MAX_PAGES);

	struct pace one_by_one = make(1);

	feed(&one_by_one, PACE_BASE, 100, 20, 40);
	CHECK_INT(pace_slice(&one_by_one, PACE_BASE, 100), PACE_MAX_PAGES);
}

TEST(test_call_limit, "no call is planned to take longer than a tenth of a second")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 1000 * MSEC, 50, 40);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 1000 * MSEC), 2000);
	feed(&pace, PACE_HUGE, 1000 * MSEC, 40 * MSEC, 40);
	CHECK_INT(pace_slice(&pace, PACE_HUGE, 1000 * MSEC), 2);
}

TEST(test_slow_call, "a call that took far longer than modelled halves the slice")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 5 * MSEC, 4, 40);
	pace_measure(&pace, PACE_BASE, 4096, 4096, 3 * 4 * 4096);
	CHECK_INT(pace.class[PACE_BASE].slice, PACE_MAX_PAGES / 2);
	CHECK(pace_cost_usec(&pace, PACE_BASE) > 4.5 && pace_cost_usec(&pace, PACE_BASE) < 8);
}

static bool is_near(double got, double want)
{
	return got > want * 0.98 && got < want * 1.02;
}

TEST(test_first, "a first call that hung is no cost, but a slow machine is known after a few calls")
{
	struct pace pace = make(512);

	pace_measure(&pace, PACE_BASE, 64, 64, 64 * 1000);
	CHECK(pace_cost_usec(&pace, PACE_BASE) < 25);
	pace = make(512);
	for (unsigned i = 0; i < 4; i++)
		pace_measure(&pace, PACE_BASE, 64, 64, 64 * 100);
	CHECK(pace_cost_usec(&pace, PACE_BASE) > 50);
}

TEST(test_smoothing, "cost follows the measurements smoothly")
{
	struct pace pace = make(512);

	for (unsigned i = 0; i < 40; i++)
		pace_measure(&pace, PACE_BASE, 64, 64, 64 * 30);
	CHECK(is_near(pace_cost_usec(&pace, PACE_BASE), 30));
	pace_measure(&pace, PACE_BASE, 64, 64, 64 * 10);
	CHECK(pace_cost_usec(&pace, PACE_BASE) > 15 && pace_cost_usec(&pace, PACE_BASE) < 29);
	for (unsigned i = 0; i < 40; i++)
		pace_measure(&pace, PACE_BASE, 64, 64, 64 * 10);
	CHECK(is_near(pace_cost_usec(&pace, PACE_BASE), 10));
}

/* Calls that take call_usec and page_usec for each page. */
static void feed_two_costs(struct pace *pace, uint64_t max_stall_usec, uint64_t call_usec,
			   uint64_t page_usec, unsigned n_calls)
{
	for (unsigned i = 0; i < n_calls; i++) {
		unsigned n = pace_slice(pace, PACE_BASE, max_stall_usec);

		pace_measure(pace, PACE_BASE, n, n, call_usec + n * page_usec);
	}
}

TEST(test_two_costs,
     "the call's own time is told apart from the pages', and makes no slice smaller")
{
	struct pace pace = make(512);

	/* 9 ms a call on a machine with many CPUs, and 30 us a page; 3 ms are allowed. */
	feed_two_costs(&pace, 3000, 9000, 30, 60);
	CHECK(pace.class[PACE_BASE].call_usec > 8000 && pace.class[PACE_BASE].call_usec < 9500);
	CHECK(pace.class[PACE_BASE].page_usec > 25 && pace.class[PACE_BASE].page_usec < 45);
	CHECK(pace_slice(&pace, PACE_BASE, 3000) > 66 && pace_slice(&pace, PACE_BASE, 3000) < 115);
	CHECK(pace_run_usec(&pace, PACE_BASE, 100, 12000) < 4500);
}

TEST(test_recovery, "after a time of hanging calls, slices find back to their size")
{
	struct pace pace = make(512);

	feed_two_costs(&pace, 3000, 4000, 30, 30);
	feed_two_costs(&pace, 3000, 100000, 30, 30);
	feed_two_costs(&pace, 3000, 4000, 5000, 30);
	CHECK(pace_slice(&pace, PACE_BASE, 3000) <= 2);
	feed_two_costs(&pace, 3000, 4000, 30, 100);
	CHECK(pace_slice(&pace, PACE_BASE, 3000) > 40 && pace_slice(&pace, PACE_BASE, 3000) < 115);
}

/* Of 1000 calls, how often page_usec was half the truth or less (stalls), and twice or more (slow).
 */
struct misled {
	unsigned low, high;
};

/* A machine where each call takes up to a third longer or shorter, and one in ten hangs. */
static struct misled count_misled(uint64_t max_stall_usec, double call_usec, double page_usec,
				  double hang_usec)
{
	struct pace pace = make(512);
	struct misled misled = { 0 };
	uint32_t random = 1;

	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = pace_slice(&pace, PACE_BASE, max_stall_usec);
		double usec;

		random = random * 1664525 + 1013904223;
		n = random % 7 ? n : 1 + n / 3; /* a request's tail */
		random = random * 1664525 + 1013904223;
		usec = (call_usec + n * page_usec) * (1.0 + ((random >> 16) % 200 - 100.0) / 300.0);
		random = random * 1664525 + 1013904223;
		usec += (random >> 16) % 10 ? 0 : hang_usec;
		pace_measure(&pace, PACE_BASE, n, n, (uint64_t)usec);
		misled.low += pace.class[PACE_BASE].page_usec < page_usec / 2;
		misled.high += pace.class[PACE_BASE].page_usec > page_usec * 2;
	}
	return misled;
}

TEST(test_noise,
     "noise and calls that hang make slices smaller at times, but hardly ever too large")
{
	static const struct {
		uint64_t max_stall_usec;
		double call_usec, page_usec, hang_usec;
		unsigned low_max, high_max;
	} machine[] = {
		{ 5000, 60, 4, 0, 0, 10 },
		{ 5000, 60, 4, 2000, 5, 20 },
		{ 5000, 60, 20, 20000, 10, 50 },
		{ 3000, 2000, 30, 50000, 30, 400 },
	};

	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++) {
		struct misled misled = count_misled(machine[i].max_stall_usec, machine[i].call_usec,
						    machine[i].page_usec, machine[i].hang_usec);

		CHECK(misled.low <= machine[i].low_max);
		CHECK(misled.high <= machine[i].high_max);
		printf("# machine %zu: too low %u, too high %u of 1000\n", i, misled.low,
		       misled.high);
	}
}

TEST(test_tiny_calls, "calls of a page or two do not make later slices small")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 5 * MSEC, 4, 5);
	for (unsigned i = 0; i < 50; i++)
		pace_measure(&pace, PACE_BASE, 1 + i % 3, 1 + i % 3, 60 + 4 * (1 + i % 3));
	CHECK(pace.class[PACE_BASE].page_usec < 10);
	CHECK(pace_slice(&pace, PACE_BASE, 5 * MSEC) > 64);
}

TEST(test_failed_calls, "a call that moved little does not count as cheap")
{
	struct pace pace = make(512);

	feed(&pace, PACE_BASE, 5 * MSEC, 4, 5);
	pace_measure(&pace, PACE_BASE, 64, 0, 5);
	pace_measure(&pace, PACE_BASE, 64, 10, 5);
	CHECK(pace_cost_usec(&pace, PACE_BASE) > 3.9);
}

TEST(test_zero, "a clock that stood still breaks nothing")
{
	struct pace pace = make(0);

	feed(&pace, PACE_BASE, 5 * MSEC, 0, 100);
	CHECK_INT(pace_slice(&pace, PACE_BASE, 5 * MSEC), PACE_MAX_PAGES);
	CHECK(pace_cost_usec(&pace, PACE_BASE) > 0);
}

TEST(test_run_usec, "the modelled wait is one run's share of the call")
{
	struct pace pace = make(512);

	CHECK_INT(pace_run_usec(&pace, PACE_BASE, 4096, 8000), 1000);
	CHECK_INT(pace_run_usec(&pace, PACE_BASE, 100, 700), 700);
	CHECK_INT(pace_run_usec(&pace, PACE_HUGE, 4, 2801), 701);
}

TEST(test_burst, "a bucket starts empty, saves up 50 ms at most and pays from it")
{
	struct pace_bucket bucket = { 0 };
	const uint64_t rate = 100000000; /* 5 MB in 50 ms */
	uint64_t now = 1000000;

	CHECK_INT(pace_burst_bytes(rate), 5000000);
	CHECK_INT(pace_bucket_wait_usec(&bucket, rate, 1000000, now), 10001);
	now += 10001;
	CHECK_INT(pace_bucket_wait_usec(&bucket, rate, 1000000, now), 0);
	now += 3600 * 1000000ULL;
	CHECK_INT(pace_bucket_wait_usec(&bucket, rate, 5000000, now), 0);
	pace_bucket_take(&bucket, 5000000);
	CHECK(pace_bucket_wait_usec(&bucket, rate, 1000000, now) > 9000);
}

TEST(test_rate, "over a second no more than the rate and one burst go through")
{
	struct pace_bucket bucket = { 0 };
	const uint64_t rate = 64 << 20, slice = 256 << 10;
	uint64_t now = 5, moved = 0;

	while (now < 1000000) {
		uint64_t wait = pace_bucket_wait_usec(&bucket, rate, slice, now);

		if (!wait) {
			pace_bucket_take(&bucket, slice);
			moved += slice;
		}
		now += wait ? wait : 100;
	}
	CHECK(moved <= rate + pace_burst_bytes(rate));
	CHECK(moved >= rate * 95 / 100);
}

TEST(test_debt, "a slice larger than the bucket goes when it is full, and is paid for afterwards")
{
	struct pace_bucket bucket = { 0 };
	const uint64_t rate = 1 << 20;
	uint64_t now = 1, wait;

	wait = pace_bucket_wait_usec(&bucket, rate, HUGE_BYTES, now);
	CHECK(wait > 0 && wait <= PACE_BURST_USEC + 1);
	now += wait;
	CHECK_INT(pace_bucket_wait_usec(&bucket, rate, HUGE_BYTES, now), 0);
	pace_bucket_take(&bucket, HUGE_BYTES);
	wait = pace_bucket_wait_usec(&bucket, rate, HUGE_BYTES, now);
	CHECK(wait > 1900000 && wait < 2100000);
}

TEST(test_no_rate, "a rate of 0 never waits, and leaves no debt")
{
	struct pace_bucket bucket = { .tokens_bytes = -1e12, .filled_usec = 1 };

	CHECK_INT(pace_bucket_wait_usec(&bucket, 0, HUGE_BYTES, 10), 0);
	CHECK(bucket.tokens_bytes >= 0);
}

TEST(test_time_backwards, "time that goes backwards gives nothing and takes nothing")
{
	struct pace_bucket bucket = { 0 };
	const uint64_t rate = 1000000;

	pace_bucket_wait_usec(&bucket, rate, 1000, 1000000);
	CHECK_INT(pace_bucket_wait_usec(&bucket, rate, 1000, 1000), 1001);
	CHECK_INT(bucket.filled_usec, 1000000);
}

TEST_MAIN()
