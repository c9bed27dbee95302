/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* perf records put together byte by byte, in the kernel's order (uapi linux/perf_event.h). */
#pragma once

#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>

struct record_bytes {
	_Alignas(8) unsigned char byte[4096];
	size_t n;
};

static inline void record_begin(struct record_bytes *bytes, uint32_t type, uint16_t misc)
{
	struct perf_event_header header = { .type = type, .misc = misc };

	memcpy(bytes->byte, &header, sizeof(header));
	bytes->n = sizeof(header);
}

static inline void record_put_u64(struct record_bytes *bytes, uint64_t value)
{
	memcpy(bytes->byte + bytes->n, &value, sizeof(value));
	bytes->n += sizeof(value);
}

static inline void record_put_u32(struct record_bytes *bytes, uint32_t value)
{
	memcpy(bytes->byte + bytes->n, &value, sizeof(value));
	bytes->n += sizeof(value);
}

/* Sets the size of what was put so far and returns it as a record. */
static inline const struct perf_event_header *record_end(struct record_bytes *bytes)
{
	uint16_t size = (uint16_t)bytes->n;

	memcpy(bytes->byte + offsetof(struct perf_event_header, size), &size, sizeof(size));
	return (const void *)bytes->byte;
}
