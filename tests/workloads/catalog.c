/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The workloads, as a table. */
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "workload.h"

static const struct spec catalog[] = {
	{ .name = "stranded",
	  .summary = "memory on the first node, both threads on the second",
	  .min_nodes = 2,
	  .processes = 1,
	  .workers = 2,
	  .where = ON_AWAY },
	{ .name = "split",
	  .summary = "memory on the first node, a thread on each node, each with its own part",
	  .min_nodes = 2,
	  .processes = 1,
	  .where = ON_EACH },
	{ .name = "hot-tenth",
	  .summary = "as stranded, but only a tenth of the 2 MiB blocks is used",
	  .min_nodes = 2,
	  .processes = 1,
	  .workers = 2,
	  .where = ON_AWAY,
	  .part = HOT_PART },
	{ .name = "shared",
	  .summary = "a thread on each node, all use everything at random: nothing to gain",
	  .min_nodes = 2,
	  .processes = 1,
	  .where = ON_EACH,
	  .part = WHOLE,
	  .pattern = RANDOM },
	{ .name = "swap",
	  .summary = "as split; half way the threads exchange their nodes",
	  .min_nodes = 2,
	  .processes = 1,
	  .where = ON_EACH,
	  .swaps = true },
	{ .name = "chase",
	  .summary = "as split, each thread follows a chain of pointers at random",
	  .min_nodes = 2,
	  .processes = 1,
	  .where = ON_EACH,
	  .pattern = CHASE },
	{ .name = "many-small",
	  .summary = "24 processes of 8 MiB on the first node, every other one runs on the second",
	  .min_nodes = 2,
	  .processes = 24,
	  .workers = 1,
	  .where = ON_HOME_AND_AWAY,
	  .process_megabytes = 8 },
	{ .name = "huge",
	  .summary = "as stranded, with transparent huge pages",
	  .min_nodes = 2,
	  .processes = 1,
	  .workers = 2,
	  .where = ON_AWAY,
	  .memory = HUGE_PAGES },
	{ .name = "local",
	  .summary = "a thread on each node, its memory there already: the steady state",
	  .min_nodes = 1,
	  .processes = 1,
	  .where = ON_EACH,
	  .touched_by_user = true },
	{ .name = "shared-file",
	  .summary = "three processes on the second node share a memfd that lies on the first",
	  .min_nodes = 2,
	  .processes = 3,
	  .workers = 1,
	  .where = ON_AWAY,
	  .part = WHOLE,
	  .memory = MEMFD },
	{ .name = "shm",
	  .summary = "as shared-file, with POSIX shared memory",
	  .min_nodes = 2,
	  .processes = 3,
	  .workers = 1,
	  .where = ON_AWAY,
	  .part = WHOLE,
	  .memory = POSIX_SHM },
	{ .name = "stopgo",
	  .summary = "as stranded, idle for half of each second",
	  .min_nodes = 2,
	  .processes = 1,
	  .workers = 2,
	  .where = ON_AWAY,
	  .pauses = true },
};

const struct spec *catalog_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(catalog); i++)
		if (strcmp(catalog[i].name, name) == 0)
			return &catalog[i];
	return NULL;
}

void catalog_print(void)
{
	for (size_t i = 0; i < ELEMENTSOF(catalog); i++)
		printf("  %-12s %s\n", catalog[i].name, catalog[i].summary);
}
