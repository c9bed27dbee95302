/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/rate.h"

#include <math.h>

#include "tests/tap.h"

/* A machine that is sampled: what a period costs there. */
struct plant {
	double busy_cpus, cost_usec, other_usec, noise;
	unsigned n_cpus, max_cpu_permyriad;
	bool is_hunting;
	uint64_t seed;
};

static double random_around_one(struct plant *plant)
{
	plant->seed = plant->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return 1 + plant->noise * ((double)(plant->seed >> 11) / (double)(1ULL << 53) * 2 - 1);
}

static struct rate_window window_of(struct plant *plant, uint64_t period_nsec)
{
	double records = plant->busy_cpus * 1e9 / (double)period_nsec * random_around_one(plant);

	return (struct rate_window){ .elapsed_usec = 1000000,
				     .records = (uint64_t)records,
				     .sampling_cpu_usec = (uint64_t)(records * plant->cost_usec *
								     random_around_one(plant)),
				     .other_cpu_usec = (uint64_t)plant->other_usec,
				     .n_cpus = plant->n_cpus,
				     .max_cpu_permyriad = plant->max_cpu_permyriad,
				     .is_hunting = plant->is_hunting };
}

struct outcome {
	double mean_usec, most_usec; /* CPU time a second, over the second half */
	unsigned changes;            /* of the period, over the second half */
};

static struct outcome run(struct plant *plant, struct rate *rate, unsigned windows)
{
	struct outcome outcome = { 0 };

	for (unsigned i = 0; i < windows; i++) {
		uint64_t before = rate->period_nsec;
		struct rate_window window = window_of(plant, before);
		double used = (double)window.sampling_cpu_usec + (double)window.other_cpu_usec;
		uint64_t period = rate_next(rate, &window);

		if (i < windows / 2)
			continue;
		outcome.mean_usec += used / (windows - windows / 2);
		outcome.most_usec = fmax(outcome.most_usec, used);
		outcome.changes += period != before;
	}
	return outcome;
}

static struct plant new_plant(void)
{
	return (struct plant){ .busy_cpus = 8,
			       .cost_usec = 30,
			       .other_usec = 500,
			       .noise = 0.1,
			       .n_cpus = 16,
			       .max_cpu_permyriad = 200,
			       .is_hunting = true,
			       .seed = 1 };
}

TEST(converges, "while it hunts it uses its cap of CPU time, without swinging")
{
	struct plant plant = new_plant();
	struct rate rate;

	rate_init(&rate);
	struct outcome outcome = run(&plant, &rate, 100);

	CHECK(outcome.mean_usec > 0.75 * 20000);
	CHECK(outcome.mean_usec < 1.15 * 20000);
	CHECK(outcome.most_usec < 1.5 * 20000);
	CHECK(outcome.changes < 10);
}

TEST(converges_noise, "noise of a third in load and cost does not make it swing")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.noise = 0.33;
	rate_init(&rate);
	struct outcome outcome = run(&plant, &rate, 400);

	CHECK(outcome.mean_usec > 0.6 * 20000);
	CHECK(outcome.mean_usec < 1.3 * 20000);
	printf("# noise: %u changes in 200 windows, mean %.0f us, most %.0f us\n", outcome.changes,
	       outcome.mean_usec, outcome.most_usec);
}

TEST(expensive, "a record that costs seven times as much is drawn more seldom")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.cost_usec = 200;
	rate_init(&rate);
	struct outcome outcome = run(&plant, &rate, 100);

	CHECK(outcome.mean_usec < 1.2 * 20000);
	CHECK(rate.period_nsec > 20000000);
}

TEST(quiet, "while everything is local it uses an eighth of the cap")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.is_hunting = false;
	plant.other_usec = 0;
	rate_init(&rate);
	struct outcome outcome = run(&plant, &rate, 100);

	CHECK(outcome.mean_usec > 0.6 * 20000 * RATE_QUIET_SHARE);
	CHECK(outcome.mean_usec < 1.3 * 20000 * RATE_QUIET_SHARE);
}

TEST(wakes, "when something becomes remote the period is short within two windows")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.is_hunting = false;
	rate_init(&rate);
	run(&plant, &rate, 50);

	uint64_t quiet = rate.period_nsec;

	plant.is_hunting = true;
	run(&plant, &rate, 2);
	CHECK(rate.period_nsec < quiet / 4);
}

TEST(other_work,
     "other work of the daemon is taken off the cap, but half of it is left for sampling")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.other_usec = 8000;
	rate_init(&rate);
	struct outcome outcome = run(&plant, &rate, 200);

	CHECK(outcome.mean_usec < 1.15 * 20000);
	plant.other_usec = 1e6;
	run(&plant, &rate, 200);

	double sampling_usec = plant.busy_cpus * 1e9 / (double)rate.period_nsec * plant.cost_usec;

	CHECK(sampling_usec > 0.7 * 10000 && sampling_usec < 1.4 * 10000);
}

TEST(one_dear_window, "one window that looks a hundred times as dear does not stop the sampling")
{
	struct plant plant = new_plant();
	struct rate rate;

	rate_init(&rate);
	run(&plant, &rate, 100);

	uint64_t before = rate.period_nsec;
	struct rate_window window = window_of(&plant, before);

	window.sampling_cpu_usec *= 100;
	CHECK(rate_next(&rate, &window) < 2 * before);
}

static bool is_prime(uint64_t n)
{
	for (uint64_t d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n > 1;
}

TEST(prime, "every period is a prime number within its bounds, whatever the window says")
{
	struct plant plant = new_plant();
	struct rate rate;

	rate_init(&rate);
	CHECK(is_prime(rate.period_nsec));
	for (unsigned i = 0; i < 60; i++) {
		plant.cost_usec = i % 2 ? 0.01 * i : 40.0 * i + 1;
		plant.busy_cpus = i % 3 ? 0.1 : 100;
		plant.max_cpu_permyriad = i % 5 * 100;

		struct rate_window window = window_of(&plant, rate.period_nsec);
		uint64_t period = rate_next(&rate, &window);

		CHECK(is_prime(period));
		CHECK(period >= RATE_PERIOD_MIN_NSEC && period <= RATE_PERIOD_MAX_NSEC + 1000);
	}
}

TEST(throttled, "when the kernel throttles the period doubles at least")
{
	struct rate rate;
	struct plant plant = new_plant();

	rate_init(&rate);
	run(&plant, &rate, 20);

	uint64_t before = rate.period_nsec;
	struct rate_window window = window_of(&plant, before);

	window.is_throttled = true;
	CHECK(rate_next(&rate, &window) >= 2 * before);
}

TEST(idle, "an idle machine, or a window of no length, leaves the period as it is")
{
	struct rate rate;
	struct rate_window window = { .n_cpus = 4, .max_cpu_permyriad = 200 };

	rate_init(&rate);
	CHECK_INT(rate_next(&rate, &window), RATE_PERIOD_INITIAL_NSEC);
	window.elapsed_usec = 1000000;
	CHECK_INT(rate_next(&rate, &window), RATE_PERIOD_INITIAL_NSEC);
	window.records = 9;
	window.sampling_cpu_usec = 900000;
	CHECK_INT(rate_next(&rate, &window), RATE_PERIOD_INITIAL_NSEC);
}

TEST(no_cap, "a cap of nothing is the longest period")
{
	struct plant plant = new_plant();
	struct rate rate;

	plant.max_cpu_permyriad = 0;
	rate_init(&rate);
	run(&plant, &rate, 5);
	CHECK(rate.period_nsec >= RATE_PERIOD_MAX_NSEC * 85 / 100);
}

TEST_MAIN()
