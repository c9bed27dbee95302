/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "sampling/source.h"

#include <errno.h>
#include <fcntl.h>

#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"

TEST(table, "every source stands at its id, with a name by which it is found")
{
	for (int i = 0; i < _SOURCE_MAX; i++) {
		REQUIRE(sources[i]);
		CHECK_INT(sources[i]->id, i);
		CHECK_INT(source_from_name(sources[i]->name), i);
		CHECK(sources[i]->tells && *sources[i]->tells);
		CHECK((sources[i]->setup == NULL) == (sources[i]->resolve == NULL));
	}
	CHECK_INT(source_from_name("auto"), -EINVAL);
	CHECK_INT(source_from_name(""), -EINVAL);
	CHECK_INT(source_from_name("PEBS"), -EINVAL);
}

TEST(setup, "every source that works here asks for a fixed period and fields that are decoded")
{
	for (int i = 0; i < _SOURCE_MAX; i++) {
		struct perf_event_attr attr = { .size = sizeof(attr) };

		if (!sources[i]->setup)
			continue;
		sources[i]->setup(&attr, 1234567);
		CHECK_INT(attr.sample_period, 1234567);
		CHECK(!attr.freq);
		CHECK_INT(attr.sample_type & ~(uint64_t)RECORD_SAMPLE_TYPES, 0);
		CHECK(attr.sample_type & PERF_SAMPLE_TID && attr.sample_type & PERF_SAMPLE_CPU);
		CHECK(__builtin_popcountll(attr.sample_regs_user) <= RECORD_REGS_MAX);
		CHECK_INT(!(attr.sample_type & PERF_SAMPLE_REGS_USER), !attr.sample_regs_user);
		CHECK(attr.comm && attr.comm_exec && attr.task);
		CHECK(attr.use_clockid);
	}
}

TEST(probe, "a source is probed by opening its event on the CPU asked for")
{
	const struct source *source = sources[SOURCE_OPERAND];

	FAKE_EXPECT(.call = FAKE_PERF_EVENT_OPEN, .check_cpu_plus_one = 4,
		    .result = open("/dev/null", O_RDONLY));
	CHECK_INT(source_probe(source, 3), 0);
	FAKE_EXPECT(.call = FAKE_PERF_EVENT_OPEN, .result = -EACCES);
	CHECK_INT(source_probe(source, 0), -EACCES);
	CHECK_INT(source_probe(sources[SOURCE_PEBS], 0), -EOPNOTSUPP);
	CHECK(fake_syscalls_finish());
}

TEST(errors, "each error has a sentence that tells what to do")
{
	static const int errors[] = { EACCES, EPERM, ENOENT,     ENODEV, ENOSYS,
				      EMFILE, EBUSY, EOPNOTSUPP, EINVAL, 4000 };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		CHECK(strlen(source_error_text(sources[SOURCE_OPERAND], -errors[i])) > 3);
	CHECK(strstr(source_error_text(sources[SOURCE_OPERAND], -EACCES), "CAP_PERFMON"));
	CHECK(strstr(source_error_text(sources[SOURCE_PEBS], -EOPNOTSUPP), "version"));
}

TEST_MAIN()
