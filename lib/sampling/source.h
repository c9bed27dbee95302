/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sources of samples behind one interface: how the perf event of a source is set up and how one
 * of its records becomes samples. A further source is one more file and one more row in source.c's
 * table. */
#pragma once

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sample.h"
#include "sampling/operand.h"
#include "sampling/record.h"

#define SOURCE_SAMPLES_MAX OPERAND_ACCESSES_MAX /* samples of one record */

/* What a source needs besides the record. */
struct source_context {
	struct operand_decoder *decoder; /* for `operand` */
	uint64_t generation;             /* of the record's process: see struct operand_space */
	uint64_t now_usec;
};

struct source {
	enum source_id id;
	const char *name;
	const char *tells; /* for --probe */
	/* Fills the event: everything but size and the sampling period's enable bits. NULL: not in
	 * this version. */
	void (*setup)(struct perf_event_attr *attr, uint64_t period_nsec);
	/* Turns a record into at most SOURCE_SAMPLES_MAX samples. Count (0: it tells nothing) or
	 * -errno. */
	int (*resolve)(const struct source_context *context, const struct record *record,
		       struct sample ret_samples[static SOURCE_SAMPLES_MAX]);
};

/* The table, best first; index is enum source_id. */
extern const struct source *const sources[_SOURCE_MAX];

/* Id of a source's name, or -EINVAL. */
int source_from_name(const char *name);

/* Can its event be opened here and does it deliver? 0 or -errno; -EOPNOTSUPP: not in this version.
 */
int source_probe(const struct source *source, unsigned cpu);

/* A sentence for --probe and the journal on why source_probe() returned `error` (< 0). */
const char *source_error_text(const struct source *source, int error);
