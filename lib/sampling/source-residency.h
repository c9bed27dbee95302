/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `residency`: the CPU clock tells where threads run; no address. Every access of a process counts
 * as spread over all of its memory, which its samples without an address stand for. */
#pragma once

#include "sampling/source.h"

extern const struct source source_residency;

/* The event of both CPU-clock sources, without registers. */
void source_setup_cpu_clock(struct perf_event_attr *attr, uint64_t period_nsec);
