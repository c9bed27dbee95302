/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static const char *const move_reasons[_MOVE_REASON_MAX] = {
	[MOVE_EXTENT_EVIDENCE] = "used from that node",
	[MOVE_RANGE_EVIDENCE] = "used evenly from that node",
	[MOVE_AFFINITY] = "all threads are bound to that node",
};

static const char *const hold_reasons[_HOLD_REASON_MAX] = {
	[HOLD_IN_PLACE] = "in place",
	[HOLD_FEW_SAMPLES] = "too few samples",
	[HOLD_SHARED] = "used from several nodes",
	[HOLD_COOLING] = "cooling down",
	[HOLD_NOT_WORTH] = "gain below cost",
	[HOLD_NO_ROOM] = "no room on the node",
	[HOLD_BACK_OFF] = "earlier moves did not help",
	[HOLD_POLICY] = "left alone by policy",
};

const char *move_reason_text(enum move_reason reason)
{
	return (unsigned)reason < _MOVE_REASON_MAX ? move_reasons[reason] : "?";
}

const char *hold_reason_text(enum hold_reason reason)
{
	return (unsigned)reason < _HOLD_REASON_MAX ? hold_reasons[reason] : "?";
}

void plan_done(struct plan *plan)
{
	free(plan->move);
	*plan = (struct plan){ 0 };
}

static double value(const struct move *move)
{
	return move->gain_usec / (move->cost_usec > 0 ? move->cost_usec : 1e-3);
}

/* A min-heap on value once the plan is full, so that the worst is at the root. */
static void sift_down(struct move *heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
			if (value(&heap[child]) < value(&heap[least]))
				least = child;
		if (least == i)
			return;

		struct move t = heap[i];

		heap[i] = heap[least];
		heap[least] = t;
		i = least;
	}
}

static int grow(struct plan *plan)
{
	size_t capacity = plan->capacity ? plan->capacity * 2 : 64;
	struct move *larger = reallocarray(plan->move, capacity, sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	plan->move = larger;
	plan->capacity = capacity;
	return 0;
}

int plan_add(struct plan *plan, const struct move *move)
{
	if (plan->n == PLAN_MOVES_MAX) {
		plan->moves_dropped++;
		if (value(move) > value(&plan->move[0])) {
			plan->move[0] = *move;
			sift_down(plan->move, plan->n, 0);
		}
		return 0;
	}
	if (plan->n == plan->capacity) {
		int r = grow(plan);

		if (r < 0)
			return r;
	}
	plan->move[plan->n++] = *move;
	if (plan->n == PLAN_MOVES_MAX)
		for (size_t i = plan->n / 2; i-- > 0;)
			sift_down(plan->move, plan->n, i);
	return 0;
}

static int compare_best_first(const void *pa, const void *pb)
{
	const struct move *a = pa, *b = pb;
	double va = value(a), vb = value(b);

	if (va != vb)
		return va < vb ? 1 : -1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

void plan_sort(struct plan *plan)
{
	if (plan->n)
		qsort(plan->move, plan->n, sizeof(*plan->move), compare_best_first);
}
