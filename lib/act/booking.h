/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How what the kernel reported adds up in an outcome. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "act/mover.h"

/* n_pages pages came to this result: a node id, -errno of the page, or anything else (failed). */
void booking_add_result(struct move_outcome *outcome, int result, uint64_t n_pages);

/* Where n pages were before anything moved. */
void booking_add_residency(struct move_outcome *outcome, const int *status, size_t n);

/* One call that took `usec`; a thread may have waited `run_usec` for a page of it. */
void booking_add_call(struct move_outcome *outcome, uint64_t usec, uint64_t run_usec);
