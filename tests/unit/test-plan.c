/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/plan.h"

#include "base/cleanup.h"
#include "tests/tap.h"

#define _cleanup_plan_ _cleanup_(plan_done)

static struct move new_move(uint64_t first, double gain_usec, double cost_usec)
{
	return (struct move){
		.first = first, .end = first + 1, .gain_usec = gain_usec, .cost_usec = cost_usec
	};
}

TEST(sorted, "moves come by gain per cost, best first")
{
	_cleanup_plan_ struct plan plan = { 0 };
	struct move moves[] = { new_move(1, 10, 10), new_move(2, 50, 10), new_move(3, 60, 20),
				new_move(4, 1, 0) };

	for (size_t i = 0; i < ELEMENTSOF(moves); i++)
		REQUIRE(plan_add(&plan, &moves[i]) == 0);
	plan_sort(&plan);
	CHECK_INT(plan.n, 4);
	CHECK_INT(plan.move[0].first, 4); /* for nothing */
	CHECK_INT(plan.move[1].first, 2);
	CHECK_INT(plan.move[2].first, 3);
	CHECK_INT(plan.move[3].first, 1);
}

TEST(ties, "moves of one value come by object, then by extent, whatever order they were added in")
{
	_cleanup_plan_ struct plan plan = { 0 };

	for (unsigned i = 0; i < 20; i++) {
		struct move move = new_move(i * 7 % 20 / 2, 5, 1);

		move.object = i * 7 % 2;
		REQUIRE(plan_add(&plan, &move) == 0);
	}
	plan_sort(&plan);
	for (size_t i = 1; i < plan.n; i++) {
		const struct move *a = &plan.move[i - 1], *b = &plan.move[i];

		CHECK(a->object < b->object || (a->object == b->object && a->first <= b->first));
	}
}

TEST(bounded, "beyond the bound the best are kept, and the others are counted")
{
	for (unsigned order = 0; order < 3; order++) {
		_cleanup_plan_ struct plan plan = { 0 };
		unsigned n = 3 * PLAN_MOVES_MAX, wrong = 0;

		for (unsigned i = 0; i < n; i++) {
			unsigned value = order == 0 ? i : order == 1 ? n - 1 - i : i * 7919 % n;
			struct move move = new_move(value, value + 1, 1);

			REQUIRE(plan_add(&plan, &move) == 0);
		}
		plan_sort(&plan);
		CHECK_INT(plan.n, PLAN_MOVES_MAX);
		CHECK_INT(plan.moves_dropped, n - PLAN_MOVES_MAX);
		for (size_t i = 0; i < plan.n; i++)
			wrong += plan.move[i].first != n - 1 - i;
		CHECK_INT(wrong, 0);
	}
}

TEST(empty, "an empty plan can be sorted and freed, twice")
{
	struct plan plan = { 0 };

	plan_sort(&plan);
	plan_done(&plan);
	plan_done(&plan);
	CHECK_INT(plan.n, 0);
}

TEST(texts, "every reason has a sentence of its own, and a number that is none does no harm")
{
	for (int i = 0; i < _MOVE_REASON_MAX; i++)
		CHECK(strlen(move_reason_text(i)) > 3);
	for (int i = 0; i < _HOLD_REASON_MAX; i++)
		CHECK(strlen(hold_reason_text(i)) > 3);
	CHECK_STR(move_reason_text(_MOVE_REASON_MAX), "?");
	CHECK_STR(hold_reason_text(_HOLD_REASON_MAX), "?");
	CHECK_STR(hold_reason_text((enum hold_reason) - 1), "?");
}

TEST_MAIN()
