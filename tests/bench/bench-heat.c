/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many samples heat takes in a second, on one core. The bar is 5 million. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "model/heat.h"

#define SAMPLES       4000000U
#define ROUNDS        5
#define BAR_PER_SEC   5e6
#define SAMPLES_A_SEC 100000U /* of the simulated time */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double one_round(unsigned n_nodes, unsigned extents)
{
	struct heat heat;
	uint64_t seed = 1;

	heat_init(&heat, n_nodes);

	double start = seconds();

	for (unsigned i = 0; i < SAMPLES; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

		unsigned extent = (unsigned)(seed >> 33) % extents, node = extent % n_nodes;

		if (heat_add(&heat, extent, node, (int)((seed >> 20) % n_nodes), 1,
			     1000000 + i * 1000000ULL / SAMPLES_A_SEC) < 0)
			abort();
	}

	double elapsed = seconds() - start;

	heat_done(&heat);
	return SAMPLES / elapsed;
}

static bool measure(unsigned n_nodes, unsigned extents)
{
	double best = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		double per_sec = one_round(n_nodes, extents);

		best = per_sec > best ? per_sec : best;
	}
	printf("%5u %9u %12.1f   %s\n", n_nodes, extents, best / 1e6,
	       best >= BAR_PER_SEC ? "ok" : "BELOW THE BAR");
	return best >= BAR_PER_SEC;
}

int main(void)
{
	bool ok = true;

	printf("samples at random extents, millions a second on one core; the bar is %.0f\n",
	       BAR_PER_SEC / 1e6);
	printf("%5s %9s %12s\n", "nodes", "extents", "million/s");
	ok &= measure(2, 1000);
	ok &= measure(2, 100000);
	ok &= measure(2, 1000000);
	ok &= measure(4, 100000);
	ok &= measure(16, 100000);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
