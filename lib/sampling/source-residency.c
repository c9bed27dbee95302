/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/source-residency.h"

#include <time.h>

void source_setup_cpu_clock(struct perf_event_attr *attr, uint64_t period_nsec)
{
	attr->type = PERF_TYPE_SOFTWARE;
	attr->config = PERF_COUNT_SW_CPU_CLOCK;
	attr->sample_period = period_nsec;
	attr->sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU;
	attr->read_format = PERF_FORMAT_LOST;
	attr->exclude_idle = 1;
	attr->exclude_hv = 1;
	/* Side-band: exec and exit end what we know of a process. */
	attr->comm = 1;
	attr->comm_exec = 1;
	attr->task = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC;
	attr->watermark = 1;
	attr->wakeup_watermark = 1U << 30; /* a timer reads the rings; nobody needs waking */
}

static int resolve(const struct source_context *context, const struct record *record,
		   struct sample ret_samples[static SOURCE_SAMPLES_MAX])
{
	(void)context;
	ret_samples[0] = (struct sample){
		.time_nsec = record->time_nsec,
		.pid = record->pid,
		.tid = record->tid,
		.cpu = record->cpu,
		.weight = 1,
		.source = SOURCE_RESIDENCY,
	};
	return 1;
}

const struct source source_residency = {
	.id = SOURCE_RESIDENCY,
	.name = "residency",
	.tells = "on which nodes a process runs, and where its memory lies (no addresses)",
	.setup = source_setup_cpu_clock,
	.resolve = resolve,
};
