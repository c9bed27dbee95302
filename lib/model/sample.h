/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One observed access, whatever source saw it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Best first; the names are in sampling/source.c. */
enum source_id {
	SOURCE_PEBS,
	SOURCE_IBS,
	SOURCE_SPE,
	SOURCE_OPERAND,
	SOURCE_FAULTS,
	SOURCE_RESIDENCY,
	_SOURCE_MAX,
};

struct sample {
	uint64_t time_nsec; /* CLOCK_MONOTONIC */
	uint64_t address;   /* 0: the source tells no address, only where the thread ran */
	pid_t pid;
	pid_t tid;
	uint32_t cpu;
	uint16_t weight; /* 1 where the source tells nothing better */
	uint8_t source;  /* enum source_id */
	uint8_t is_write;
};
