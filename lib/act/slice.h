/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One move request: asks where its pages are, cuts what must move into slices, moves them and books
 * what the kernel reported. */
#pragma once

#include <stdint.h>

#include "act/mover.h"
#include "base/root.h"
#include "decide/pace.h"

struct slice_machine {
	const struct root *root;
	uint32_t page_bytes;
	unsigned pages_per_huge; /* 1 where there are none */
};

/* How the caller governs the calls. */
struct slice_governor {
	/* Before each call that moves at most `bytes` (0: before a query): waits until they may be
	 * moved. 0, or -errno that ends the request. */
	int (*before)(void *userdata, uint64_t bytes);
	/* After each call. */
	void (*after)(void *userdata, uint64_t moved_bytes);
	void *userdata;
};

/* Carries the request out. `pace` learns from its calls. */
void slice_run(const struct slice_machine *machine, const struct slice_governor *governor,
	       struct pace *pace, const struct move_request *request,
	       struct move_outcome *ret_outcome);
