/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/record.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/record-bytes.h"

#define ALL_TYPES ((uint64_t)RECORD_SAMPLE_TYPES)

/* A sample with all fields that are decoded; each has a value of its own. */
static void put_full_sample(struct record_bytes *bytes, uint64_t abi, unsigned n_regs)
{
	record_begin(bytes, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	record_put_u64(bytes, 9);          /* IDENTIFIER */
	record_put_u64(bytes, 0x401000);   /* IP */
	record_put_u32(bytes, 1234);       /* pid */
	record_put_u32(bytes, 1235);       /* tid */
	record_put_u64(bytes, 777);        /* TIME */
	record_put_u64(bytes, 0x7f00dead); /* ADDR */
	record_put_u64(bytes, 9);          /* ID */
	record_put_u64(bytes, 10);         /* STREAM_ID */
	record_put_u32(bytes, 17);         /* cpu */
	record_put_u32(bytes, 0);
	record_put_u64(bytes, 4000); /* PERIOD */
	record_put_u64(bytes, abi);  /* REGS_USER */
	for (unsigned i = 0; abi && i < n_regs; i++)
		record_put_u64(bytes, 1000 + i);
	record_put_u64(bytes, 55);          /* WEIGHT */
	record_put_u64(bytes, 0x68100142);  /* DATA_SRC */
	record_put_u64(bytes, 0x123456000); /* PHYS_ADDR */
}

TEST(full, "every field of a sample is found in the kernel's order")
{
	struct record_layout layout = { .sample_type = ALL_TYPES, .n_regs = 18 };
	struct record_bytes bytes;
	struct record record;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_64, 18);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.kind, RECORD_SAMPLE);
	CHECK_INT(record.ip, 0x401000);
	CHECK_INT(record.pid, 1234);
	CHECK_INT(record.tid, 1235);
	CHECK_INT(record.time_nsec, 777);
	CHECK_INT(record.address, 0x7f00dead);
	CHECK_INT(record.cpu, 17);
	CHECK_INT(record.period, 4000);
	CHECK(record.has_regs);
	CHECK_INT(record.reg[0], 1000);
	CHECK_INT(record.reg[17], 1017);
	CHECK_INT(record.weight, 55);
	CHECK_INT(record.data_source, 0x68100142);
	CHECK_INT(record.physical_address, 0x123456000);
}

TEST(kernel_thread, "a sample without user registers has none of their bytes")
{
	struct record_layout layout = { .sample_type = ALL_TYPES, .n_regs = 18 };
	struct record_bytes bytes;
	struct record record;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_NONE, 18);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK(!record.has_regs);
	CHECK_INT(record.weight, 55);
	CHECK_INT(record.physical_address, 0x123456000);
}

TEST(compat, "the registers of a 32-bit program are passed over")
{
	struct record_layout layout = { .sample_type = ALL_TYPES, .n_regs = 18 };
	struct record_bytes bytes;
	struct record record;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_32, 18);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK(!record.has_regs);
	CHECK_INT(record.weight, 55);
}

TEST(subset, "fields that are not asked for take no room")
{
	struct record_layout layout = { .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
						       PERF_SAMPLE_CPU };
	struct record_bytes bytes;
	struct record record;

	record_begin(&bytes, PERF_RECORD_SAMPLE, 0);
	record_put_u32(&bytes, 5);
	record_put_u32(&bytes, 6);
	record_put_u64(&bytes, 99);
	record_put_u32(&bytes, 3);
	record_put_u32(&bytes, 0);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.pid, 5);
	CHECK_INT(record.tid, 6);
	CHECK_INT(record.time_nsec, 99);
	CHECK_INT(record.cpu, 3);
	CHECK_INT(record.address, 0);
	CHECK(!record.has_regs);
}

TEST(truncated, "a sample cut short at any byte is malformed, and nothing beyond it is read")
{
	struct record_layout layout = { .sample_type = ALL_TYPES, .n_regs = 18 };
	struct record_bytes bytes;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_64, 18);
	for (size_t n = 0; n < bytes.n; n++) {
		/* A copy that ends where its memory ends: a sanitizer sees every read beyond. */
		size_t allocated =
			n < sizeof(struct perf_event_header) ? sizeof(struct perf_event_header) : n;
		struct perf_event_header *copy = malloc(allocated);
		struct record record = { .pid = 77 };

		REQUIRE(copy);
		memcpy(copy, bytes.byte, allocated);
		copy->size = (uint16_t)n;
		CHECK_INT(record_decode(&layout, copy, &record), -EBADMSG);
		CHECK_INT(record.pid, 77);
		free(copy);
	}
}

TEST(longer, "bytes behind the fields we know are passed over")
{
	struct record_layout layout = { .sample_type = ALL_TYPES, .n_regs = 18 };
	struct record_bytes bytes;
	struct record record;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_64, 18);
	record_put_u64(&bytes, UINT64_MAX);
	CHECK_INT(record_decode(&layout, record_end(&bytes), &record), 0);
	CHECK_INT(record.physical_address, 0x123456000);
}

TEST(unknown_layout, "a layout with fields that we do not decode is refused")
{
	struct record_layout stack = { .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_STACK_USER };
	struct record_layout regs = { .sample_type = PERF_SAMPLE_REGS_USER,
				      .n_regs = RECORD_REGS_MAX + 1 };
	struct record_bytes bytes;
	struct record record;

	put_full_sample(&bytes, PERF_SAMPLE_REGS_ABI_64, 18);
	CHECK_INT(record_decode(&stack, record_end(&bytes), &record), -EOPNOTSUPP);
	CHECK_INT(record_decode(&regs, record_end(&bytes), &record), -EOPNOTSUPP);
}

static int decode_comm(uint16_t misc, struct record *ret_record)
{
	struct record_layout layout = { .sample_type = ALL_TYPES };
	struct record_bytes bytes;

	record_begin(&bytes, PERF_RECORD_COMM, misc);
	record_put_u32(&bytes, 42);
	record_put_u32(&bytes, 43);
	record_put_u64(&bytes, 0x736c); /* the name */
	return record_decode(&layout, record_end(&bytes), ret_record);
}

TEST(exec, "a new name is an exec only where the kernel marks it so")
{
	struct record record;

	REQUIRE(decode_comm(PERF_RECORD_MISC_COMM_EXEC, &record) == 0);
	CHECK_INT(record.kind, RECORD_EXEC);
	CHECK_INT(record.pid, 42);
	REQUIRE(decode_comm(0, &record) == 0);
	CHECK_INT(record.kind, RECORD_OTHER);
}

static int decode_exit(uint32_t pid, uint32_t tid, struct record *ret_record)
{
	struct record_layout layout = { .sample_type = ALL_TYPES };
	struct record_bytes bytes;

	record_begin(&bytes, PERF_RECORD_EXIT, 0);
	record_put_u32(&bytes, pid);
	record_put_u32(&bytes, 1); /* parent */
	record_put_u32(&bytes, tid);
	record_put_u32(&bytes, 1);
	record_put_u64(&bytes, 12345); /* time */
	return record_decode(&layout, record_end(&bytes), ret_record);
}

TEST(exits, "the end of the first thread is the process's, that of another thread is not")
{
	struct record record;

	REQUIRE(decode_exit(42, 42, &record) == 0);
	CHECK_INT(record.kind, RECORD_EXIT);
	CHECK_INT(record.pid, 42);
	REQUIRE(decode_exit(42, 43, &record) == 0);
	CHECK(record.kind != RECORD_EXIT);
}

TEST(lost, "lost records are counted, in both forms the kernel has")
{
	struct record_layout layout = { .sample_type = ALL_TYPES };
	struct record_bytes bytes;
	struct record record;

	record_begin(&bytes, PERF_RECORD_LOST, 0);
	record_put_u64(&bytes, 7);
	record_put_u64(&bytes, 100);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.kind, RECORD_LOST);
	CHECK_INT(record.lost, 100);
	record_begin(&bytes, PERF_RECORD_LOST_SAMPLES, 0);
	record_put_u64(&bytes, 5);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.kind, RECORD_LOST);
	CHECK_INT(record.lost, 5);
	record_begin(&bytes, PERF_RECORD_LOST, 0);
	record_put_u64(&bytes, 7);
	CHECK_INT(record_decode(&layout, record_end(&bytes), &record), -EBADMSG);
}

TEST(others, "throttling is told, and records that we do not know are passed over")
{
	struct record_layout layout = { .sample_type = ALL_TYPES };
	struct record_bytes bytes;
	struct record record;

	record_begin(&bytes, PERF_RECORD_THROTTLE, 0);
	record_put_u64(&bytes, 1);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.kind, RECORD_THROTTLE);
	record_begin(&bytes, 999, 0xffff);
	REQUIRE(record_decode(&layout, record_end(&bytes), &record) == 0);
	CHECK_INT(record.kind, RECORD_OTHER);
}

TEST_MAIN()
