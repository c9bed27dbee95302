/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the constant chunks of work took: a log-linear histogram (within 6 %) and the longest.
 */
#pragma once

#include <stdint.h>

#define STALL_STEPS   16u
#define STALL_BUCKETS (48u * STALL_STEPS)

struct stalls {
	uint32_t count[STALL_BUCKETS];
	uint64_t longest_nsec;
};

void stalls_add(struct stalls *stalls, uint64_t nsec);
void stalls_merge(struct stalls *into, const struct stalls *from);

/* The time that a share (0..1) of the chunks did not exceed; 0 when there are none. */
uint64_t stalls_quantile(const struct stalls *stalls, double share);
