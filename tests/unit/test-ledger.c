/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/ledger.h"

#include "base/cleanup.h"
#include "tests/tap.h"

#define SEC              1000000ULL
#define _cleanup_ledger_ _cleanup_(ledger_done)

static struct ledger new_ledger(void)
{
	struct ledger ledger;

	ledger_init(&ledger);
	return ledger;
}

/* Ten extents, of which half of 20 located accesses were local before. */
static int book(struct ledger *ledger, unsigned from, unsigned to, uint64_t now_usec)
{
	struct ledger_move move = { .first = 100,
				    .end = 110,
				    .from = from,
				    .to = to,
				    .pages = 5120,
				    .local = 10,
				    .all = 20 };

	return ledger_book_move(ledger, &move, now_usec);
}

/* How long an extent that was moved at `now_usec` stays. */
static uint64_t cooling_of(struct ledger *ledger, uint64_t extent, uint64_t now_usec)
{
	uint64_t low = 0, high = 2 * LEDGER_COOLING_MAX_USEC;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (ledger_allows(ledger, extent, now_usec + middle))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

TEST(unmoved, "what was never moved may be moved")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	CHECK(ledger_allows(&ledger, 0, 0));
	CHECK(ledger_allows(&ledger, UINT64_MAX, SEC));
	CHECK(!ledger_is_backed_off(&ledger, 0));
}

TEST(cools, "what was moved stays for its cooling time, its neighbours may go")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	REQUIRE(book(&ledger, 0, 1, 10 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 10 * SEC), LEDGER_COOLING_USEC);
	CHECK_INT(cooling_of(&ledger, 109, 10 * SEC), LEDGER_COOLING_USEC);
	CHECK(ledger_allows(&ledger, 99, 10 * SEC));
	CHECK(ledger_allows(&ledger, 110, 10 * SEC));
}

TEST(ping_pong, "each return doubles the cooling time, up to a bound")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	uint64_t now = SEC, expected = LEDGER_COOLING_USEC;

	REQUIRE(book(&ledger, 0, 1, now) == 0);
	for (unsigned i = 0; i < 20; i++) {
		now += cooling_of(&ledger, 100, now);
		REQUIRE(book(&ledger, (i + 1) % 2, i % 2, now) == 0);
		expected = expected * 2 < LEDGER_COOLING_MAX_USEC ? expected * 2
								  : LEDGER_COOLING_MAX_USEC;
		CHECK_INT(cooling_of(&ledger, 100, now), expected);
	}
	CHECK_INT(expected, LEDGER_COOLING_MAX_USEC);
}

TEST(slow_phases,
     "a return long after the move is a change of phase and cools no longer than the first")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	uint64_t now = SEC;

	for (unsigned i = 0; i < 10; i++) {
		REQUIRE(book(&ledger, i % 2, (i + 1) % 2, now) == 0);
		CHECK_INT(cooling_of(&ledger, 100, now), LEDGER_COOLING_USEC);
		now += LEDGER_RETURN_FACTOR * LEDGER_COOLING_USEC + 1;
	}
}

TEST(onwards, "a move on to a third node is no return")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	REQUIRE(book(&ledger, 0, 1, SEC) == 0);
	REQUIRE(book(&ledger, 1, 2, 5 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 5 * SEC), LEDGER_COOLING_USEC);
}

TEST(refused, "what the kernel refuses cools longer each time, up to a bound")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	uint64_t now = SEC, last = 0;

	for (unsigned i = 0; i < 4; i++) {
		REQUIRE(ledger_book_refusal(&ledger, 7, 8, now) == 0);
		CHECK(cooling_of(&ledger, 7, now) > last);
		last = cooling_of(&ledger, 7, now);
		now += last;
	}
	for (unsigned i = 0; i < 4; i++) {
		REQUIRE(ledger_book_refusal(&ledger, 7, 8, now) == 0);
		CHECK_INT(cooling_of(&ledger, 7, now), LEDGER_REFUSAL_MAX_USEC);
		now += LEDGER_REFUSAL_MAX_USEC;
	}
	CHECK(ledger_allows(&ledger, 8, now));
}

/* Samples of the moved extents, of which so many in a hundred are local. */
static void observe(struct ledger *ledger, unsigned samples, unsigned percent)
{
	for (unsigned i = 0; i < samples; i++)
		ledger_observe(ledger, 100 + i % 10, i * 37 % 100 < percent, 1);
}

static enum ledger_verdict judge_at(struct ledger *ledger, uint64_t now_usec)
{
	struct ledger_judgement judgement = { .pages = 77 };
	enum ledger_verdict verdict = ledger_judge(ledger, 0, now_usec, &judgement);

	CHECK((verdict == LEDGER_NOTHING) == (judgement.pages == 77));
	return verdict;
}

TEST(partial, "what went in part is tried again soon, and less and less often")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	struct ledger_move move = {
		.first = 100, .end = 110, .to = 1, .is_partial = true, .pages = 500
	};

	REQUIRE(ledger_book_move(&ledger, &move, 10 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 10 * SEC), LEDGER_PARTIAL_USEC);
	REQUIRE(ledger_book_move(&ledger, &move, 11 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 11 * SEC), 2 * LEDGER_PARTIAL_USEC);
	REQUIRE(ledger_book_move(&ledger, &move, 13 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 13 * SEC), 4 * LEDGER_PARTIAL_USEC);
	move.is_partial = false;
	REQUIRE(ledger_book_move(&ledger, &move, 100 * SEC) == 0);
	CHECK_INT(cooling_of(&ledger, 100, 100 * SEC), LEDGER_COOLING_USEC);
}

TEST(few_pages, "a few pages that did not help hold back their extents, not the object")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	struct ledger_move move = {
		.first = 100, .end = 110, .to = 1, .pages = 50, .local = 10, .all = 20
	};

	REQUIRE(ledger_book_move(&ledger, &move, 10 * SEC) == 0);
	observe(&ledger, 100, 10);
	CHECK_INT(judge_at(&ledger, 13 * SEC), LEDGER_NOTHING);
	CHECK(!ledger_is_backed_off(&ledger, 13 * SEC));
	CHECK_INT(cooling_of(&ledger, 100, 10 * SEC), 8 * LEDGER_COOLING_USEC);
	CHECK(ledger_allows(&ledger, 99, 13 * SEC));
	/* It is judged once: what follows has a judgement of its own. */
	observe(&ledger, 100, 10);
	CHECK_INT(judge_at(&ledger, 60 * SEC), LEDGER_NOTHING);
}

TEST(helped, "moves after which their extents are used locally have helped, and are judged once")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	struct ledger_judgement judgement = { 0 };

	REQUIRE(book(&ledger, 0, 1, 10 * SEC) == 0);
	observe(&ledger, 100, 90);
	CHECK_INT(judge_at(&ledger, 10 * SEC + LEDGER_VERIFY_USEC - 1), LEDGER_NOTHING);
	REQUIRE(ledger_judge(&ledger, 0, 10 * SEC + LEDGER_VERIFY_USEC, &judgement) ==
		LEDGER_HELPED);
	CHECK(judgement.before > 0.499 && judgement.before < 0.501);
	CHECK(judgement.after > 0.899 && judgement.after < 0.901);
	CHECK_INT(judgement.pages, 5120);
	CHECK(!ledger_is_backed_off(&ledger, 14 * SEC));
	CHECK_INT(judge_at(&ledger, 20 * SEC), LEDGER_NOTHING);
}

TEST(waits, "without enough samples of what was moved nothing is judged, however late")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	REQUIRE(book(&ledger, 0, 1, 10 * SEC) == 0);
	observe(&ledger, LEDGER_VERIFY_SAMPLES - 1, 0);
	for (unsigned i = 0; i < 1000; i++)
		ledger_observe(&ledger, 200 + i, false, 1);
	CHECK_INT(judge_at(&ledger, 1000 * SEC), LEDGER_NOTHING);
	observe(&ledger, 1, 0);
	CHECK_INT(judge_at(&ledger, 1000 * SEC), LEDGER_DID_NOT_HELP);
}

TEST(sums, "several moves before the judgement are judged together")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	struct ledger_judgement judgement = { 0 };

	REQUIRE(book(&ledger, 0, 1, 10 * SEC) == 0);
	REQUIRE(book(&ledger, 0, 1, 11 * SEC) == 0);
	observe(&ledger, 100, 90);
	CHECK_INT(ledger_judge(&ledger, 0, 11 * SEC + LEDGER_VERIFY_USEC, &judgement),
		  LEDGER_HELPED);
	CHECK_INT(judgement.pages, 10240);
}

TEST(no_help, "moves that did not help back the object off, each time twice as long, up to a bound")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	uint64_t now = 10 * SEC, expected = LEDGER_BACK_OFF_USEC;

	for (unsigned i = 0; i < 12; i++) {
		REQUIRE(book(&ledger, 0, 1, now) == 0);
		observe(&ledger, 100, 55);
		now += LEDGER_VERIFY_USEC;
		CHECK_INT(judge_at(&ledger, now), LEDGER_DID_NOT_HELP);
		CHECK(ledger_is_backed_off(&ledger, now));
		CHECK(ledger_is_backed_off(&ledger, now + expected - 1));
		CHECK(!ledger_is_backed_off(&ledger, now + expected));
		now += expected;
		expected = expected * 2 < LEDGER_BACK_OFF_MAX_USEC ? expected * 2
								   : LEDGER_BACK_OFF_MAX_USEC;
	}
	CHECK_INT(expected, LEDGER_BACK_OFF_MAX_USEC);
}

TEST(help_forgives, "moves that helped bring the back-off down to its least again")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	for (unsigned i = 0; i < 5; i++) {
		REQUIRE(book(&ledger, 0, 1, 100 * (i + 1) * SEC) == 0);
		observe(&ledger, 100, i == 3 ? 95 : 40);
		CHECK_INT(judge_at(&ledger, 100 * (i + 1) * SEC + 10 * SEC),
			  i == 3 ? LEDGER_HELPED : LEDGER_DID_NOT_HELP);
	}
	CHECK(ledger_is_backed_off(&ledger, 510 * SEC));
	CHECK(!ledger_is_backed_off(&ledger, 510 * SEC + LEDGER_BACK_OFF_USEC));
}

TEST(new_phase, "a new phase ends the judgement of moves that were made for the one before")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	struct ledger_judgement judgement;

	REQUIRE(book(&ledger, 0, 1, 10 * SEC) == 0);
	observe(&ledger, 100, 0);
	CHECK_INT(ledger_judge(&ledger, 1, 20 * SEC, &judgement), LEDGER_NOTHING);
	CHECK_INT(ledger_judge(&ledger, 0, 30 * SEC, &judgement), LEDGER_NOTHING);
	CHECK(!ledger_is_backed_off(&ledger, 30 * SEC));
}

TEST(judged_under_way, "an object that is moved on and on is judged nevertheless")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();
	unsigned judged = 0;

	for (unsigned i = 0; i < 120; i++) {
		REQUIRE(book(&ledger, i % 2, (i + 1) % 2, (10 + i) * SEC) == 0);
		observe(&ledger, 100, 50);
		judged += judge_at(&ledger, (10 + i) * SEC + SEC / 2) != LEDGER_NOTHING;
	}
	CHECK(judged > 0);
}

TEST(settles,
     "moves whose cooling is long over are forgotten, those that went back and forth later")
{
	_cleanup_ledger_ struct ledger ledger = new_ledger();

	REQUIRE(book(&ledger, 0, 1, SEC) == 0);
	REQUIRE(ledger.moved.n_chunks > 0);
	ledger_settle(&ledger, SEC + LEDGER_COOLING_USEC);
	CHECK(ledger.moved.n_chunks > 0);
	ledger_settle(&ledger, SEC + LEDGER_RETURN_FACTOR * LEDGER_COOLING_USEC);
	CHECK_INT(ledger.moved.n_chunks, 0);
	CHECK(ledger_allows(&ledger, 100, SEC));
}

TEST_MAIN()
