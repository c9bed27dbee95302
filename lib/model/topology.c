/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/topology.h"

int topology_index_of(const struct topology *topology, int node_id)
{
	for (unsigned i = 0; i < topology->n_nodes; i++)
		if (topology->node[i].id == node_id)
			return (int)i;
	return NODE_NONE;
}

int topology_node_of_cpu(const struct topology *topology, unsigned cpu)
{
	if (cpu >= topology->n_cpus || cpu >= TOPOLOGY_MAX_CPUS)
		return NODE_NONE;
	return topology->cpu_node[cpu];
}

unsigned topology_count_cpu_nodes(const struct topology *topology)
{
	unsigned n = 0;

	for (unsigned i = 0; i < topology->n_nodes; i++)
		n += topology->node[i].has_cpus;
	return n;
}

unsigned topology_count_memory_nodes(const struct topology *topology)
{
	unsigned n = 0;

	for (unsigned i = 0; i < topology->n_nodes; i++)
		n += topology->node[i].has_memory;
	return n;
}

int topology_nearest_memory(const struct topology *topology, int node)
{
	int nearest = NODE_NONE;

	if (node < 0 || node >= (int)topology->n_nodes)
		return NODE_NONE;
	if (topology->node[node].has_memory)
		return node;
	for (int i = 0; i < (int)topology->n_nodes; i++) {
		if (!topology->node[i].has_memory)
			continue;
		if (nearest == NODE_NONE ||
		    topology->distance[node][i] < topology->distance[node][nearest])
			nearest = i;
	}
	return nearest;
}

bool topology_equals(const struct topology *a, const struct topology *b)
{
	if (a->n_nodes != b->n_nodes || a->n_cpus != b->n_cpus)
		return false;
	for (unsigned i = 0; i < a->n_nodes; i++) {
		if (a->node[i].id != b->node[i].id ||
		    a->node[i].has_memory != b->node[i].has_memory)
			return false;
		for (unsigned j = 0; j < a->n_nodes; j++)
			if (a->distance[i][j] != b->distance[i][j])
				return false;
	}
	for (unsigned cpu = 0; cpu < a->n_cpus; cpu++)
		if (a->cpu_node[cpu] != b->cpu_node[cpu])
			return false;
	return true;
}
