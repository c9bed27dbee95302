/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From where the pages of a range lie to what must be given to the kernel, in address order by
 * kind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/batch.h"
#include "act/page-kind.h"

enum unit_kind {
	UNIT_HUGE,
	UNIT_PROBE, /* the first page of what may be a huge page */
	UNIT_BASE,
	_UNIT_KIND_MAX,
};

struct unit_list {
	struct move_unit *unit;
	size_t n;
};

struct units {
	struct unit_list list[_UNIT_KIND_MAX];
	int to_node_id;
	uint32_t page_bytes;
	unsigned pages_per_huge;
};

/* Room for the units of a range of max_pages, a multiple of pages_per_huge. 0 or -ENOMEM;
 * units_done() frees in either case. */
int units_allocate(struct units *units, size_t max_pages);
void units_done(struct units *units);

/* Replaces the lists by the units of the n_pages pages from `start` on whose residency is `status`.
 * Pages that lie on the target or nowhere are in none. Returns how many pages lie in giant pages
 * and are left out: one of them would move the whole, for far longer than any max_stall. */
size_t units_sort(struct units *units, const struct page_kinds *kinds, uint64_t start,
		  const int *status, size_t n_pages);

/* Appends those of n pages that lie elsewhere, as base pages. */
void units_add_base(struct units *units, uint64_t start, const int *status, size_t n);

/* True when all n pages are present and on the same node. */
bool units_are_together(const int *status, size_t n);
