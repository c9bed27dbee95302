/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/record.h"

#include <errno.h>
#include <string.h>

struct cursor {
	const unsigned char *at, *end;
	bool is_short;
};

static uint64_t take_u64(struct cursor *cursor)
{
	uint64_t value = 0;

	if ((size_t)(cursor->end - cursor->at) < sizeof(value)) {
		cursor->is_short = true;
		return 0;
	}
	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	return value;
}

/* The kernel writes pairs of 32-bit fields: the first one is at the lower address. */
static uint32_t take_u32(struct cursor *cursor)
{
	uint32_t value = 0;

	if ((size_t)(cursor->end - cursor->at) < sizeof(value)) {
		cursor->is_short = true;
		return 0;
	}
	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	return value;
}

static void take_regs(struct cursor *cursor, unsigned n_regs, struct record *record)
{
	uint64_t abi = take_u64(cursor);

	if (abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	for (unsigned i = 0; i < n_regs; i++)
		record->reg[i] = take_u64(cursor);
	record->has_regs = abi == PERF_SAMPLE_REGS_ABI_64;
}

static void take_task_and_time(struct cursor *cursor, uint64_t type, struct record *record)
{
	if (type & PERF_SAMPLE_IDENTIFIER)
		take_u64(cursor);
	if (type & PERF_SAMPLE_IP)
		record->ip = take_u64(cursor);
	if (type & PERF_SAMPLE_TID) {
		record->pid = (pid_t)take_u32(cursor);
		record->tid = (pid_t)take_u32(cursor);
	}
	if (type & PERF_SAMPLE_TIME)
		record->time_nsec = take_u64(cursor);
	if (type & PERF_SAMPLE_ADDR)
		record->address = take_u64(cursor);
	if (type & PERF_SAMPLE_ID)
		take_u64(cursor);
	if (type & PERF_SAMPLE_STREAM_ID)
		take_u64(cursor);
	if (type & PERF_SAMPLE_CPU) {
		record->cpu = take_u32(cursor);
		take_u32(cursor);
	}
	if (type & PERF_SAMPLE_PERIOD)
		record->period = take_u64(cursor);
}

static int decode_sample(const struct record_layout *layout, struct cursor *cursor,
			 struct record *record)
{
	uint64_t type = layout->sample_type;

	if (type & ~(uint64_t)RECORD_SAMPLE_TYPES || layout->n_regs > RECORD_REGS_MAX)
		return -EOPNOTSUPP;
	record->kind = RECORD_SAMPLE;
	take_task_and_time(cursor, type, record);
	if (type & PERF_SAMPLE_REGS_USER)
		take_regs(cursor, layout->n_regs, record);
	if (type & PERF_SAMPLE_WEIGHT)
		record->weight = take_u64(cursor);
	if (type & PERF_SAMPLE_DATA_SRC)
		record->data_source = take_u64(cursor);
	if (type & PERF_SAMPLE_PHYS_ADDR)
		record->physical_address = take_u64(cursor);
	return 0;
}

static void decode_task(struct cursor *cursor, struct record *record)
{
	record->pid = (pid_t)take_u32(cursor);
	take_u32(cursor); /* parent */
	record->tid = (pid_t)take_u32(cursor);
	record->kind = record->pid == record->tid ? RECORD_EXIT : RECORD_OTHER;
}

static void decode_comm(const struct perf_event_header *header, struct cursor *cursor,
			struct record *record)
{
	record->pid = (pid_t)take_u32(cursor);
	record->tid = (pid_t)take_u32(cursor);
	record->kind = header->misc & PERF_RECORD_MISC_COMM_EXEC ? RECORD_EXEC : RECORD_OTHER;
}

int record_decode(const struct record_layout *layout, const struct perf_event_header *header,
		  struct record *ret_record)
{
	const unsigned char *start = (const unsigned char *)header;
	struct cursor cursor = { start + sizeof(*header), start + header->size, false };
	struct record record = { .kind = RECORD_OTHER };
	int r = 0;

	if (header->size < sizeof(*header))
		return -EBADMSG;
	switch (header->type) {
	case PERF_RECORD_SAMPLE:
		r = decode_sample(layout, &cursor, &record);
		break;
	case PERF_RECORD_EXIT:
		decode_task(&cursor, &record);
		break;
	case PERF_RECORD_COMM:
		decode_comm(header, &cursor, &record);
		break;
	case PERF_RECORD_LOST:
		take_u64(&cursor); /* event id */
		record.lost = take_u64(&cursor);
		record.kind = RECORD_LOST;
		break;
	case PERF_RECORD_LOST_SAMPLES:
		record.lost = take_u64(&cursor);
		record.kind = RECORD_LOST;
		break;
	case PERF_RECORD_THROTTLE:
		record.kind = RECORD_THROTTLE;
		break;
	default:
		break;
	}
	if (r < 0)
		return r;
	if (cursor.is_short)
		return -EBADMSG;
	*ret_record = record;
	return 0;
}
