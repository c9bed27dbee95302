/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One source's events on every CPU, system-wide, each with its ring. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "model/topology.h"
#include "sampling/record.h"
#include "sampling/source.h"

struct sampler;

struct sampler_statistics {
	uint64_t records, samples, lost, malformed, throttled;
};

/* Opens `source` on every CPU of the topology; CPUs that went offline meanwhile are skipped. The
 * events run. 0 or -errno (of the first CPU that failed; -ENODEV when none could be opened). */
int sampler_new(struct sampler **ret_sampler, const struct source *source,
		const struct topology *topology, uint64_t period_nsec);
struct sampler *sampler_free(struct sampler *sampler);
DEFINE_CLEANUP(struct sampler, sampler_free)

const struct source *sampler_source(const struct sampler *sampler);

/* Sets the period of all events. 0 or -errno of the last failure; the others are set. */
int sampler_set_period(struct sampler *sampler, uint64_t period_nsec);

/* Reads at most `max_records` waiting records, the CPUs in turn, and hands each decoded one over.
 * Returns the number handed over. */
typedef void (*sampler_record_t)(void *userdata, const struct record *record);
size_t sampler_drain(struct sampler *sampler, size_t max_records, sampler_record_t handler,
		     void *userdata);

/* How often the kernel paused an event; costs nothing. */
uint64_t sampler_throttled(const struct sampler *sampler);

/* Totals since the start; `lost` from the kernel's own counter (PERF_FORMAT_LOST) where it has one.
 */
void sampler_read_statistics(struct sampler *sampler, struct sampler_statistics *ret_statistics);
