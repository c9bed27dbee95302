/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine's nodes, CPUs and distances. Inside the program a node is its *index* here (dense,
 * sorted by id); its *id* appears only where the kernel or a person sees it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TOPOLOGY_MAX_NODES 64 /* nodes we keep heat for; a machine with more is refused */
#define TOPOLOGY_MAX_CPUS  8192
#define NODE_NONE          (-1)

struct topology_node {
	int id;
	bool has_cpus;
	bool has_memory;
	uint64_t memory_bytes;
};

struct topology {
	unsigned n_nodes;
	struct topology_node node[TOPOLOGY_MAX_NODES];
	uint8_t distance[TOPOLOGY_MAX_NODES]
			[TOPOLOGY_MAX_NODES]; /* by index; 10 is local (ACPI SLIT) */
	unsigned n_cpus;                      /* highest possible CPU id + 1 */
	int8_t cpu_node[TOPOLOGY_MAX_CPUS];   /* CPU id -> node index, NODE_NONE where offline or
						 absent */
	uint32_t page_bytes;                  /* base page size */
};

/* Index of a node id, or NODE_NONE. */
int topology_index_of(const struct topology *topology, int node_id);

/* Node index of a CPU, or NODE_NONE. */
int topology_node_of_cpu(const struct topology *topology, unsigned cpu);

/* Nodes that have CPUs / that have memory. */
unsigned topology_count_cpu_nodes(const struct topology *topology);
unsigned topology_count_memory_nodes(const struct topology *topology);

/* The nearest node with memory as seen from `node` (itself, where it has some); NODE_NONE if no
 * node has memory. Ties go to the lower index. */
int topology_nearest_memory(const struct topology *topology, int node);

/* The same nodes, CPUs and distances? Sizes of memory may differ. */
bool topology_equals(const struct topology *a, const struct topology *b);
