/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The workload's own check of locality: where a fixed sample of the used pages lies, against where
 * it was used. */
#pragma once

#include "workload.h"

struct probe {
	void *page;
	int node;         /* at the last check; -1 unknown */
	uint64_t visited; /* nodes, as a bit mask */
	unsigned group;
};

struct locality {
	const struct plan *plan;
	struct probe *probes; /* sorted by process */
	void **pages;         /* the same, as move_pages(2) wants them */
	int *status;
	size_t n_probes;
	double pages_per_probe;
	uint64_t used_pages;
	uint64_t chunks_before[MAX_WORKERS][MAX_NODES];
	double share[MAX_WORKERS][MAX_NODES]; /* of each group's use, by node id */
	double moved_pages, moved_back_pages; /* estimates from the sample */
	uint64_t unknown_probes;              /* at the last check */
	uint64_t cost_nsec;                   /* of the last check */
};

int locality_init(struct locality *locality, const struct plan *plan);
void locality_done(struct locality *locality);

/* The use-weighted share of local pages, 0..1, or -errno. */
double locality_check(struct locality *locality);

/* From here on a page may go where it was before without being counted as moved back. */
void locality_new_phase(struct locality *locality);
