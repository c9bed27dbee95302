/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A log-linear histogram of times. */
#include "stalls.h"

/* The first STALL_STEPS buckets are exact; from there each doubling has STALL_STEPS buckets. */
static unsigned bucket_of(uint64_t nsec)
{
	unsigned octave, bucket;

	if (nsec < STALL_STEPS)
		return (unsigned)nsec;
	octave = 63u - (unsigned)__builtin_clzll(nsec) - 4u;
	bucket = (octave + 1) * STALL_STEPS + (unsigned)((nsec >> octave) - STALL_STEPS);
	return bucket < STALL_BUCKETS ? bucket : STALL_BUCKETS - 1;
}

static uint64_t bucket_nsec(unsigned bucket)
{
	unsigned octave = bucket / STALL_STEPS;

	if (octave == 0)
		return bucket;
	return (uint64_t)(bucket % STALL_STEPS + STALL_STEPS) << (octave - 1);
}

void stalls_add(struct stalls *stalls, uint64_t nsec)
{
	stalls->count[bucket_of(nsec)]++;
	if (nsec > stalls->longest_nsec)
		stalls->longest_nsec = nsec;
}

void stalls_merge(struct stalls *into, const struct stalls *from)
{
	for (unsigned i = 0; i < STALL_BUCKETS; i++)
		into->count[i] += from->count[i];
	if (from->longest_nsec > into->longest_nsec)
		into->longest_nsec = from->longest_nsec;
}

uint64_t stalls_quantile(const struct stalls *stalls, double share)
{
	uint64_t total = 0, seen = 0;

	for (unsigned i = 0; i < STALL_BUCKETS; i++)
		total += stalls->count[i];
	for (unsigned i = 0; i < STALL_BUCKETS && total > 0; i++) {
		seen += stalls->count[i];
		if ((double)seen >= share * (double)total)
			return bucket_nsec(i);
	}
	return 0;
}
