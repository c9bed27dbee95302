/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan over a million extents (2 TiB) costs: every extent decided on its own, shared by two
 * nodes and undecided, in place. The bar is 50 ms. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "decide/placement.h"

#define EXTENTS  (1U << 20)
#define ROUNDS   9
#define BAR_MSEC 50.0

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct topology two_nodes(void)
{
	return (struct topology){ .n_nodes = 2,
				  .page_bytes = 4096,
				  .node = { { .id = 0, .has_cpus = true, .has_memory = true },
					    { .id = 1, .has_cpus = true, .has_memory = true } },
				  .distance = { { 10, 21 }, { 21, 10 } } };
}

/* Samples of each extent by node, and the node that it lies on. */
typedef void (*pattern_t)(unsigned extent, unsigned ret_samples[2], int *ret_home);

/* Used from the two nodes in turn, so that no range of two is of one mind; all lie on node 0. */
static void decided(unsigned extent, unsigned ret_samples[2], int *ret_home)
{
	ret_samples[extent % 2] = 20;
	*ret_home = 0;
}

static void shared(unsigned extent, unsigned ret_samples[2], int *ret_home)
{
	ret_samples[0] = 3 + extent % 3;
	ret_samples[1] = 5 - extent % 3;
	*ret_home = 0;
}

static void in_place(unsigned extent, unsigned ret_samples[2], int *ret_home)
{
	ret_samples[extent / 4096 % 2] = 4;
	*ret_home = extent / 4096 % 2;
}

static void stranded(unsigned extent, unsigned ret_samples[2], int *ret_home)
{
	(void)extent;
	ret_samples[1] = 2;
	*ret_home = 0;
}

/* Written as it is, not sample by sample: in such an order they would look like changes of phase.
 */
static void fill(struct heat *heat, pattern_t pattern)
{
	heat->since_usec = 1000000;
	for (unsigned extent = 0; extent < EXTENTS; extent++) {
		unsigned samples[2] = { 0 };
		float *element = extent_map_put(&heat->extents, extent);
		int home;

		if (!element)
			abort();
		pattern(extent, samples, &home);
		for (unsigned node = 0; node < 2; node++) {
			heat_access(heat, element)[node] = (float)samples[node];
			heat_residency(heat, element)[home] += (float)samples[node];
			if ((int)node != home)
				*heat_remote(heat, element) += (float)samples[node];
		}
	}
}

static int compare(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return *a < *b ? -1 : *a > *b;
}

static bool measure(const char *name, pattern_t pattern)
{
	struct topology topology = two_nodes();
	struct heat heat;
	struct ledger ledger;
	struct placement_range range = { 0, EXTENTS };
	uint64_t room[2] = { UINT64_MAX / 2, UINT64_MAX / 2 };
	struct placement_object object = { .heat = &heat,
					   .ledger = &ledger,
					   .range = &range,
					   .n_ranges = 1,
					   .usec_per_sample = 10000,
					   .page_cost_usec = 1,
					   .may_move = true };
	struct placement_input input = { .topology = &topology,
					 .room_pages = room,
					 .object = &object,
					 .n_objects = 1,
					 .now_usec = 2000000 };
	double msec[ROUNDS];
	size_t moves = 0;

	heat_init(&heat, 2);
	ledger_init(&ledger);
	fill(&heat, pattern);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct plan plan = { 0 };
		double start = milliseconds();

		if (placement_plan(&input, &plan) < 0)
			abort();
		msec[i] = milliseconds() - start;
		moves = plan.n;
		plan_done(&plan);
	}
	qsort(msec, ROUNDS, sizeof(*msec), compare);
	printf("%-10s %8.1f %8.1f %8.1f %8zu   %s\n", name, msec[0], msec[ROUNDS / 2],
	       msec[ROUNDS - 1], moves, msec[ROUNDS / 2] <= BAR_MSEC ? "ok" : "ABOVE THE BAR");
	heat_done(&heat);
	ledger_done(&ledger);
	return msec[ROUNDS / 2] <= BAR_MSEC;
}

int main(void)
{
	bool ok = true;

	printf("a plan over %u extents, milliseconds of CPU time; the bar is %.0f\n", EXTENTS,
	       BAR_MSEC);
	printf("%-10s %8s %8s %8s %8s\n", "extents", "least", "median", "most", "moves");
	ok &= measure("decided", decided);
	ok &= measure("shared", shared);
	ok &= measure("in place", in_place);
	ok &= measure("stranded", stranded);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
