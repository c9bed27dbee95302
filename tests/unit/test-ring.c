/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/ring.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "tests/tap.h"

#define PAGE_BYTES 4096
#define DATA_BYTES 4096

/* A ring and the kernel's side of it. */
struct rig {
	unsigned char *memory;
	struct perf_event_mmap_page *control;
	struct ring ring;
	uint64_t malformed;
};

static struct rig new_rig(uint64_t start)
{
	struct rig rig = { .memory = calloc(1, PAGE_BYTES + DATA_BYTES) };

	if (!rig.memory)
		abort();
	rig.control = (void *)rig.memory;
	rig.control->data_head = rig.control->data_tail = start;
	ring_wrap(&rig.ring, rig.memory, PAGE_BYTES, DATA_BYTES);
	return rig;
}

static void rig_done(struct rig *rig)
{
	ring_unmap(&rig->ring);
	free(rig->memory);
}
#define _cleanup_rig_ _cleanup_(rig_done)

/* The kernel writes bytes, round the end of the buffer where they reach it. */
static void kernel_writes(struct rig *rig, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig->memory[PAGE_BYTES + (rig->control->data_head + i) % DATA_BYTES] =
			((const unsigned char *)bytes)[i];
	rig->control->data_head += n;
}

/* A record of `size` bytes, filled with `fill`. */
static void kernel_puts(struct rig *rig, uint16_t size, unsigned char fill)
{
	unsigned char bytes[DATA_BYTES];
	struct perf_event_header header = { .type = PERF_RECORD_SAMPLE, .size = size };

	memset(bytes, fill, sizeof(bytes));
	memcpy(bytes, &header, sizeof(header));
	kernel_writes(rig, bytes, size);
}

/* The next record has this size and fill. */
static bool reads(struct rig *rig, uint16_t size, unsigned char fill)
{
	const struct perf_event_header *header = ring_next(&rig->ring, &rig->malformed);

	if (!header || header->size != size)
		return false;
	for (size_t i = sizeof(*header); i < size; i++)
		if (((const unsigned char *)header)[i] != fill)
			return false;
	return true;
}

TEST(empty, "an empty ring has no record")
{
	_cleanup_rig_ struct rig rig = new_rig(0);

	CHECK(!ring_next(&rig.ring, &rig.malformed));
	CHECK_INT(rig.malformed, 0);
}

TEST(in_order, "records come in the order they were written, and are given back together")
{
	_cleanup_rig_ struct rig rig = new_rig(0);

	kernel_puts(&rig, 24, 1);
	kernel_puts(&rig, 8, 2);
	kernel_puts(&rig, 200, 3);
	CHECK(reads(&rig, 24, 1));
	CHECK(reads(&rig, 8, 2));
	CHECK_INT(rig.control->data_tail, 0);
	CHECK(reads(&rig, 200, 3));
	CHECK(!ring_next(&rig.ring, &rig.malformed));
	ring_release(&rig.ring);
	CHECK_INT(rig.control->data_tail, 232);
	CHECK_INT(rig.malformed, 0);
}

TEST(wraps, "a record that wraps anywhere, its header included, is put together")
{
	for (unsigned before = 8; before < 128; before += 8) {
		_cleanup_rig_ struct rig rig = new_rig(DATA_BYTES - before);

		kernel_puts(&rig, 128, 7);
		kernel_puts(&rig, 64, 8);
		CHECK(reads(&rig, 128, 7));
		CHECK(reads(&rig, 64, 8));
		CHECK_INT(rig.malformed, 0);
	}
}

TEST(wraps_header, "a header that is itself cut by the end is read right")
{
	_cleanup_rig_ struct rig rig = new_rig(DATA_BYTES - 4);

	kernel_puts(&rig, 24, 9);
	CHECK(reads(&rig, 24, 9));
}

TEST(full, "a ring that is full to the last byte is read whole")
{
	_cleanup_rig_ struct rig rig = new_rig(1000);

	kernel_puts(&rig, 4088, 5);
	kernel_puts(&rig, 8, 6);
	CHECK(reads(&rig, 4088, 5));
	CHECK(reads(&rig, 8, 6));
	CHECK(!ring_next(&rig.ring, &rig.malformed));
}

TEST(counter_wraps, "positions beyond 2^64 start again at zero without harm")
{
	_cleanup_rig_ struct rig rig = new_rig(UINT64_MAX - 15);

	kernel_puts(&rig, 64, 3);
	CHECK(reads(&rig, 64, 3));
	ring_release(&rig.ring);
	CHECK_INT(rig.control->data_tail, 48);
}

static void check_skips(uint16_t size)
{
	_cleanup_rig_ struct rig rig = new_rig(0);
	struct perf_event_header header = { .type = PERF_RECORD_SAMPLE, .size = size };
	unsigned char bytes[64] = { 0 };

	memcpy(bytes, &header, sizeof(header));
	kernel_puts(&rig, 16, 1);
	kernel_writes(&rig, bytes, sizeof(bytes));
	CHECK(reads(&rig, 16, 1));
	CHECK(!ring_next(&rig.ring, &rig.malformed));
	CHECK_INT(rig.malformed, 1);
	ring_release(&rig.ring);
	CHECK_INT(rig.control->data_tail, rig.control->data_head);
	/* And it goes on behind it. */
	kernel_puts(&rig, 32, 4);
	CHECK(reads(&rig, 32, 4));
}

TEST(malformed,
     "a size that makes no sense skips what was written so far, once, and goes on behind it")
{
	check_skips(0);
	check_skips(7);
	check_skips(12); /* the kernel writes multiples of eight only */
	check_skips(72); /* more than was written */
	check_skips(UINT16_MAX);
}

TEST(overrun, "a head that ran away further than the ring is long is skipped")
{
	_cleanup_rig_ struct rig rig = new_rig(0);

	kernel_puts(&rig, 16, 1);
	rig.control->data_head += DATA_BYTES;
	CHECK(!ring_next(&rig.ring, &rig.malformed));
	CHECK_INT(rig.malformed, 1);
	CHECK(!ring_next(&rig.ring, &rig.malformed));
	CHECK_INT(rig.malformed, 1);
}

TEST(half_header, "less than a header is no record")
{
	_cleanup_rig_ struct rig rig = new_rig(0);

	kernel_writes(&rig, "1234", 4);
	CHECK(!ring_next(&rig.ring, &rig.malformed));
	CHECK_INT(rig.malformed, 1);
}

TEST(random_writes, "ten thousand records of random sizes come through whole")
{
	_cleanup_rig_ struct rig rig = new_rig(12345 * 8);
	uint64_t seed = 5;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 10000; i++) {
		uint16_t size;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		size = (uint16_t)(8 + (seed >> 40) % 200 * 8);
		kernel_puts(&rig, size, (unsigned char)i);
		wrong += !reads(&rig, size, (unsigned char)i);
		ring_release(&rig.ring);
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(rig.malformed, 0);
}

TEST(unmaps, "a ring that was never mapped can be unmapped, twice")
{
	struct ring ring = { 0 };

	ring_unmap(&ring);
	ring_unmap(&ring);
	CHECK(!ring.control);
	CHECK_INT(ring_map(&ring, -1, PAGE_BYTES, 1), -EBADF);
}

TEST_MAIN()
