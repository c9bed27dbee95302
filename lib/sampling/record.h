/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* perf ring records -> plain values. Field order and sizes: uapi linux/perf_event.h, enum
 * perf_event_type. */
#pragma once

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RECORD_REGS_MAX 32

enum record_kind {
	RECORD_SAMPLE,
	RECORD_EXEC,     /* a process replaced its address space */
	RECORD_EXIT,     /* a process (its last thread) ended */
	RECORD_LOST,     /* `lost` records did not fit in the ring */
	RECORD_THROTTLE, /* the kernel paused the event */
	RECORD_OTHER,
};

struct record {
	enum record_kind kind;
	pid_t pid, tid;
	uint32_t cpu;
	uint64_t time_nsec;
	uint64_t ip, address, physical_address, weight, data_source, period;
	uint64_t lost;
	bool has_regs;                 /* of a 64-bit user context */
	uint64_t reg[RECORD_REGS_MAX]; /* in the bit order of the mask */
};

/* What the records of a ring look like. */
struct record_layout {
	uint64_t sample_type; /* only the RECORD_SAMPLE_TYPES */
	unsigned n_regs;      /* popcount of sample_regs_user */
};

#define RECORD_SAMPLE_TYPES                                                                        \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |            \
	 PERF_SAMPLE_ADDR | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |             \
	 PERF_SAMPLE_PERIOD | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_WEIGHT | PERF_SAMPLE_DATA_SRC |  \
	 PERF_SAMPLE_PHYS_ADDR)

/* Decodes one whole record of header->size bytes. 0, -EBADMSG (truncated or malformed), -EOPNOTSUPP
 * (the layout has fields we do not decode). */
int record_decode(const struct record_layout *layout, const struct perf_event_header *header,
		  struct record *ret_record);
