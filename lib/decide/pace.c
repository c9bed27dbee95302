/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/pace.h"

/* Before the first measurement: published figures of a two-socket machine, 512 base pages in 2 ms
 * and a 2 MiB page in 0.66 ms. */
#define GUESS_USEC_PER_BASE_PAGE 4.0
#define GUESS_USEC_PER_HUGE_MIB  330.0

#define MEMORY               0.85 /* what a measurement weighs one call later */
#define WEIGHT_MIN           0.25 /* of the shortest calls: they may be all there is */
#define MIN_SPREAD           0.3 /* of 1/n, relative: below it the two costs cannot be told apart */
#define OUTLIER_FACTOR       2.5 /* how much longer than modelled a hanging call counts, at most */
#define SHORTEST_GROWTH      1.05 /* by which the shortest call is forgotten */
#define CALL_SHARE_MAX       0.95 /* of a call's time that we believe is not the pages' */
#define PAGE_USEC_MIN        0.01
#define SLOW_CALL_FACTOR     2.0
#define SLOW_CALL_SLACK_USEC 500.0 /* a busy machine may delay any call by this much */
#define SLICE_MIN_PAGES      16
#define VARY_EVERY           4 /* calls */

static unsigned clamp_count(double count, unsigned low, unsigned high)
{
	count *= 1.0 + 1e-9; /* the fit's rounding errors are not worth a page */
	if (!(count > low))
		return low;
	return count >= high ? high : (unsigned)count;
}

void pace_init(struct pace *pace, unsigned run_pages_max, uint32_t page_bytes,
	       uint64_t huge_page_bytes)
{
	double huge_mib = (double)huge_page_bytes / (1024.0 * 1024.0);
	double page_kib = (double)page_bytes / 1024.0;

	*pace = (struct pace){
		.class[PACE_BASE] = {
			/* Half of it is the page's bookkeeping, whatever its size. */
			.page_usec = GUESS_USEC_PER_BASE_PAGE * (0.5 + 0.5 * page_kib / 4.0),
			.slice = PACE_START_PAGES,
			.slice_max = PACE_MAX_PAGES,
			.slice_min = SLICE_MIN_PAGES,
			.run_max = run_pages_max ? run_pages_max : 1,
		},
		.class[PACE_HUGE] = {
			.page_usec = GUESS_USEC_PER_HUGE_MIB * huge_mib,
			.slice = 1,
			.slice_max = PACE_MAX_HUGE,
			.slice_min = 1,
			.run_max = 1,
		},
	};
}

unsigned pace_slice(const struct pace *pace, enum pace_kind kind, uint64_t max_stall_usec)
{
	const struct pace_class *class = &pace->class[kind];
	unsigned limit = clamp_count((PACE_CALL_MAX_USEC - class->call_usec) / class->page_usec, 1,
				     class->slice);

	if (class->run_max * class->page_usec <= (double)max_stall_usec)
		return limit;
	limit = clamp_count((double)max_stall_usec / class->page_usec, 1, limit);
	/* Calls of one length do not tell whether it is the pages or the call that takes so long.
	 */
	if (class->n_calls % VARY_EVERY == VARY_EVERY - 1)
		return limit > 1 ? limit / 2 : class->run_max > 1 ? 2 : 1;
	return limit;
}

static void remember(struct pace_class *class, double n, double usec)
{
	double outlier_usec =
		OUTLIER_FACTOR * (class->call_usec + n * class->page_usec) + SLOW_CALL_SLACK_USEC;
	bool is_first = class->weight <= 0;

	class->shortest_usec *= SHORTEST_GROWTH;
	if (is_first || usec < class->shortest_usec)
		class->shortest_usec = usec;

	if (usec > outlier_usec)
		usec = outlier_usec;

	double x = 1.0 / n, y = usec / n;
	/* In a short call, whatever disturbed it is a large part of y. */
	double weight = n < class->slice_min ? n / class->slice_min : 1.0;

	if (weight < WEIGHT_MIN)
		weight = WEIGHT_MIN;

	double memory = 1.0 - (1.0 - MEMORY) * weight;

	class->weight = class->weight * memory + weight;
	class->sum_x = class->sum_x * memory + weight * x;
	class->sum_y = class->sum_y * memory + weight * y;
	class->sum_xx = class->sum_xx * memory + weight * x * x;
	class->sum_xy = class->sum_xy * memory + weight * x * y;
}

/* Fits usec/n = page_usec + call_usec * 1/n: the errors of a call grow with its length, so this
 * weighs short and long ones alike. While all calls have the same length, the old call_usec stays.
 * Errors only ever make a call longer, so the shortest one bounds call_usec; what it does not
 * explain is the pages'. */
static void fit(struct pace_class *class)
{
	double mean_x = class->sum_x / class->weight, mean_y = class->sum_y / class->weight;
	double variance = class->sum_xx / class->weight - mean_x * mean_x;
	double covariance = class->sum_xy / class->weight - mean_x * mean_y;
	double call_usec_max = CALL_SHARE_MAX * mean_y / mean_x;

	if (class->shortest_usec < call_usec_max)
		call_usec_max = class->shortest_usec;
	if (variance > MIN_SPREAD * MIN_SPREAD * mean_x * mean_x)
		class->call_usec = covariance / variance;
	if (!(class->call_usec > 0))
		class->call_usec = 0;
	else if (class->call_usec > call_usec_max)
		class->call_usec = call_usec_max;
	class->page_usec = mean_y - class->call_usec * mean_x;
	if (class->page_usec < PAGE_USEC_MIN)
		class->page_usec = PAGE_USEC_MIN;
}

void pace_measure(struct pace *pace, enum pace_kind kind, unsigned n_asked, unsigned n_moved,
		  uint64_t call_usec)
{
	struct pace_class *class = &pace->class[kind];
	double modelled_usec = class->call_usec + n_asked * class->page_usec;

	if ((double)call_usec > SLOW_CALL_FACTOR * modelled_usec + SLOW_CALL_SLACK_USEC)
		class->slice = clamp_count(class->slice / 2.0, class->slice_min, class->slice_max);
	else if (n_asked >= class->slice)
		class->slice =
			clamp_count(class->slice * 1.5 + 0.5, class->slice_min, class->slice_max);
	/* A call that mostly failed tells nothing of the cost of a move. */
	if (!n_moved || n_moved < n_asked / 2)
		return;
	class->n_calls++;
	remember(class, n_moved, (double)call_usec);
	fit(class);
}

uint64_t pace_run_usec(const struct pace *pace, enum pace_kind kind, unsigned n_pages,
		       uint64_t call_usec)
{
	const struct pace_class *class = &pace->class[kind];
	double usec = (double)call_usec - class->call_usec;

	/* Of a call that was quicker than the model, nobody knows how much was the pages'. */
	if (usec < (1.0 - CALL_SHARE_MAX) * (double)call_usec)
		usec = (1.0 - CALL_SHARE_MAX) * (double)call_usec;
	if (n_pages > class->run_max)
		usec = usec * class->run_max / n_pages;
	return (uint64_t)(usec + 0.999);
}

double pace_cost_usec(const struct pace *pace, enum pace_kind kind)
{
	const struct pace_class *class = &pace->class[kind];

	return class->page_usec + class->call_usec / class->slice;
}

uint64_t pace_burst_bytes(uint64_t bytes_per_sec)
{
	return (uint64_t)((double)bytes_per_sec * PACE_BURST_USEC / 1e6);
}

static void fill(struct pace_bucket *bucket, double bytes_per_sec, double burst, uint64_t now_usec)
{
	if (bucket->filled_usec && now_usec > bucket->filled_usec)
		bucket->tokens_bytes +=
			bytes_per_sec * (double)(now_usec - bucket->filled_usec) / 1e6;
	if (bucket->tokens_bytes > burst)
		bucket->tokens_bytes = burst;
	if (now_usec > bucket->filled_usec)
		bucket->filled_usec = now_usec;
}

uint64_t pace_bucket_wait_usec(struct pace_bucket *bucket, uint64_t bytes_per_sec, uint64_t bytes,
			       uint64_t now_usec)
{
	double rate = (double)bytes_per_sec;
	double burst = (double)pace_burst_bytes(bytes_per_sec);
	double want = (double)bytes < burst ? (double)bytes : burst;

	if (!bytes_per_sec) {
		*bucket = (struct pace_bucket){ .filled_usec = now_usec };
		return 0;
	}
	fill(bucket, rate, burst, now_usec);
	if (bucket->tokens_bytes >= want)
		return 0;

	double wait = (want - bucket->tokens_bytes) * 1e6 / rate;

	/* Rounded up: the caller must find enough when it comes back. */
	return wait >= 3600e6 ? 3600000000ULL : (uint64_t)wait + 1;
}

void pace_bucket_take(struct pace_bucket *bucket, uint64_t bytes)
{
	bucket->tokens_bytes -= (double)bytes;
}
