/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/source-residency.h"

#include "tests/tap.h"

TEST(resolves, "a record is one sample without an address, of weight one")
{
	struct record record = {
		.kind = RECORD_SAMPLE, .pid = 5, .tid = 6, .cpu = 7, .time_nsec = 8
	};
	struct source_context context = { 0 };
	struct sample samples[SOURCE_SAMPLES_MAX];

	REQUIRE(source_residency.resolve(&context, &record, samples) == 1);
	CHECK_INT(samples[0].address, 0);
	CHECK_INT(samples[0].pid, 5);
	CHECK_INT(samples[0].tid, 6);
	CHECK_INT(samples[0].cpu, 7);
	CHECK_INT(samples[0].time_nsec, 8);
	CHECK_INT(samples[0].weight, 1);
	CHECK_INT(samples[0].source, SOURCE_RESIDENCY);
}

TEST(event, "its event is the CPU clock, which any VM has, and needs no registers")
{
	struct perf_event_attr attr = { .size = sizeof(attr) };

	source_residency.setup(&attr, 999983);
	CHECK_INT(attr.type, PERF_TYPE_SOFTWARE);
	CHECK_INT(attr.config, PERF_COUNT_SW_CPU_CLOCK);
	CHECK_INT(attr.sample_period, 999983);
	CHECK_INT(attr.sample_regs_user, 0);
	CHECK(!(attr.sample_type & PERF_SAMPLE_REGS_USER));
	CHECK(attr.exclude_idle);
}

TEST_MAIN()
