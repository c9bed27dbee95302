/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --probe: what this machine offers, for people and for bug reports. */
#include <stdio.h>
#include <string.h>

#include "daemon/manager.h"

static void print_nodes(const struct topology *topology, const struct node_room *room)
{
	for (unsigned i = 0; i < topology->n_nodes; i++) {
		const struct topology_node *node = &topology->node[i];

		printf("node %d: %llu MiB, %s, distances", node->id,
		       (unsigned long long)(node->memory_bytes >> 20),
		       node->has_cpus ? "with CPUs" : "without CPUs");
		for (unsigned j = 0; j < topology->n_nodes; j++)
			printf(" %u", topology->distance[i][j]);
		printf(", room for moves %llu MiB, %llu huge pages\n",
		       (unsigned long long)(placement_room_pages(room[i].usable_pages,
								 room[i].managed_pages) *
						    topology->page_bytes >>
					    20),
		       (unsigned long long)room[i].free_huge_blocks);
	}
}

static unsigned first_cpu(const struct topology *topology)
{
	for (unsigned cpu = 0; cpu < topology->n_cpus; cpu++)
		if (topology_node_of_cpu(topology, cpu) != NODE_NONE)
			return cpu;
	return 0;
}

static void print_sources(const struct topology *topology)
{
	bool is_chosen = false;

	for (int i = 0; i < _SOURCE_MAX; i++) {
		int r = source_probe(sources[i], first_cpu(topology));

		printf("source %-9s: %s (%s)\n", sources[i]->name,
		       r < 0       ? source_error_text(sources[i], r)
		       : is_chosen ? "works"
				   : "works, the best here",
		       sources[i]->tells);
		is_chosen |= r >= 0;
	}
}

int probe_run(const struct options *options)
{
	struct node_room room[TOPOLOGY_MAX_NODES] = { 0 };
	struct topology topology = { 0 };
	struct root root = { .fd = -1 };
	int r = root_open(&root, options->root);

	if (r >= 0)
		r = machine_read_topology(&root, &topology);
	if (r < 0) {
		fprintf(stderr, "numaplaced: cannot read the machine's nodes below %s: %s\n",
			options->root, strerror(-r));
		root_close(&root);
		return EXIT_CANNOT;
	}
	(void)machine_read_room(&root, &topology, room);
	print_nodes(&topology, room);
	if (topology_count_memory_nodes(&topology) < 2)
		printf("There is one node with memory: nothing to place here.\n");
	print_sources(&topology);
	root_close(&root);
	return EXIT_DONE;
}
