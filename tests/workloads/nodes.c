/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of this machine that have CPUs and memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "workload.h"

#define NODE_PATH "/sys/devices/system/node"

/* Reads a list such as "0-3,8". */
static int read_list(const char *path, cpu_set_t *ret_set)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	unsigned first, last;
	char separator = ',';

	if (!file)
		return -errno;
	CPU_ZERO(ret_set);
	while (separator == ',' && fscanf(file, "%u", &first) == 1) {
		last = first;
		if (fscanf(file, "-%u", &last) < 0)
			separator = '\n';
		for (unsigned i = first; i <= last && i < CPU_SETSIZE; i++)
			CPU_SET(i, ret_set);
		if (fscanf(file, "%c", &separator) != 1)
			break;
	}
	return 0;
}

int nodes_read(struct nodes *ret_nodes)
{
	cpu_set_t with_cpu, with_memory;
	char path[64];
	int r;

	ret_nodes->count = 0;
	r = read_list(NODE_PATH "/has_cpu", &with_cpu);
	if (r == 0)
		r = read_list(NODE_PATH "/has_memory", &with_memory);
	for (unsigned id = 0; r == 0 && id < MAX_NODES; id++) {
		struct node *node = &ret_nodes->node[ret_nodes->count];

		if (!CPU_ISSET(id, &with_cpu) || !CPU_ISSET(id, &with_memory))
			continue;
		node->id = id;
		snprintf(path, sizeof(path), NODE_PATH "/node%u/cpulist", id);
		r = read_list(path, &node->cpus);
		ret_nodes->count++;
	}
	return r;
}

int nodes_pin(const struct nodes *nodes, unsigned index, pid_t tid)
{
	if (sched_setaffinity(tid, sizeof(cpu_set_t), &nodes->node[index].cpus) < 0)
		return -errno;
	return 0;
}
