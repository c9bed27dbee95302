/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /sys/devices/system/{node,cpu}: nodes, their CPUs, memory and distances. */
#include "observe/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/nodeset.h"
#include "observe/lines.h"
#include "observe/scan.h"

#define NODES_PATH "/sys/devices/system/node"
#define CPUS_PATH  "/sys/devices/system/cpu"

#define LIST_BYTES      65536 /* "0,2,4,…" of every second CPU */
#define LOCAL_DISTANCE  10
#define REMOTE_DISTANCE 20
#define CPU_WORDS       (TOPOLOGY_MAX_CPUS / 64)

struct cpu_set {
	uint64_t word[CPU_WORDS];
};

static bool has_cpu(const struct cpu_set *set, unsigned cpu)
{
	return set->word[cpu / 64] >> (cpu % 64) & 1;
}

int cpu_list_parse(const char *text, void (*add)(void *to, unsigned cpu), void *to)
{
	while (*text && *text != '\n') {
		uint64_t first, last;

		if (!scan_decimal(&text, &first))
			return -EBADMSG;
		last = first;
		if (scan_char(&text, '-') && !scan_decimal(&text, &last))
			return -EBADMSG;
		if (last < first)
			return -EBADMSG;
		if (last >= TOPOLOGY_MAX_CPUS)
			return -E2BIG;
		for (uint64_t cpu = first; cpu <= last; cpu++)
			add(to, (unsigned)cpu);
		if (!scan_char(&text, ',') && *text && *text != '\n')
			return -EBADMSG;
	}
	return 0;
}

static void add_cpu(void *to, unsigned cpu)
{
	struct cpu_set *set = to;

	set->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

static int read_cpus(const struct root *root, const char *path, struct cpu_set *ret_set)
{
	_cleanup_free_ char *text = NULL;
	struct cpu_set set = { 0 };
	ssize_t n = root_read_all(root, path, LIST_BYTES, &text);
	int r;

	if (n < 0)
		return (int)n;
	r = cpu_list_parse(text, add_cpu, &set);
	if (r < 0)
		return r;
	*ret_set = set;
	return 0;
}

static unsigned count_cpu_ids(const struct cpu_set *set)
{
	for (unsigned word = CPU_WORDS; word-- > 0;)
		if (set->word[word])
			return word * 64 + 64 - (unsigned)__builtin_clzll(set->word[word]);
	return 0;
}

/* The CPU ids: up to the highest possible one, or online one where that is all we know. */
static int read_cpu_ids(const struct root *root, struct topology *topology,
			struct cpu_set *ret_online)
{
	struct cpu_set possible;
	int r = read_cpus(root, CPUS_PATH "/online", ret_online);

	if (r < 0)
		return r;
	r = read_cpus(root, CPUS_PATH "/possible", &possible);
	if (r < 0 && r != -ENOENT)
		return r;
	topology->n_cpus = count_cpu_ids(ret_online);
	if (r == 0 && count_cpu_ids(&possible) > topology->n_cpus)
		topology->n_cpus = count_cpu_ids(&possible);
	memset(topology->cpu_node, NODE_NONE, sizeof(topology->cpu_node));
	return 0;
}

static void assign_cpus(struct topology *topology, unsigned index, const struct cpu_set *cpus,
			const struct cpu_set *online)
{
	for (unsigned cpu = 0; cpu < topology->n_cpus; cpu++) {
		if (!has_cpu(cpus, cpu) || !has_cpu(online, cpu))
			continue;
		topology->cpu_node[cpu] = (int8_t)index;
		topology->node[index].has_cpus = true;
	}
}

/* Finds "MemTotal: N kB", behind "Node N " in a node's meminfo. */
static int read_memory(const struct root *root, const char *path, struct topology_node *node)
{
	_cleanup_lines_ struct lines lines;
	const char *line;
	int r = lines_open(&lines, root, path);

	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line)) > 0) {
		const char *found = strstr(line, "MemTotal:");
		uint64_t kib;

		if (!found)
			continue;
		found += strlen("MemTotal:");
		scan_blanks(&found);
		if (!scan_decimal(&found, &kib) || kib > UINT64_MAX / 1024)
			return -EBADMSG;
		node->memory_bytes = kib * 1024;
		node->has_memory = kib > 0;
		return 0;
	}
	return r;
}

/* A row that is not one sane number for each node is not trusted at all. */
bool distance_row_parse(const char *text, unsigned n_nodes, uint8_t ret_row[])
{
	uint8_t row[TOPOLOGY_MAX_NODES];

	for (unsigned i = 0; i < n_nodes; i++) {
		uint64_t value;

		scan_blanks(&text);
		if (!scan_decimal(&text, &value) || value < LOCAL_DISTANCE || value > UINT8_MAX)
			return false;
		row[i] = (uint8_t)value;
	}
	scan_blanks(&text);
	scan_char(&text, '\n');
	if (*text)
		return false;
	memcpy(ret_row, row, n_nodes);
	return true;
}

static void read_distances(const struct root *root, struct topology *topology, unsigned index)
{
	char path[64], text[4096];
	uint8_t *row = topology->distance[index];

	for (unsigned i = 0; i < topology->n_nodes; i++)
		row[i] = i == index ? LOCAL_DISTANCE : REMOTE_DISTANCE;
	snprintf(path, sizeof(path), NODES_PATH "/node%d/distance", topology->node[index].id);
	if (root_read(root, path, text, sizeof(text)) > 0)
		distance_row_parse(text, topology->n_nodes, row);
}

static int read_node(const struct root *root, struct topology *topology, unsigned index,
		     const struct cpu_set *online)
{
	int id = topology->node[index].id, r;
	struct cpu_set cpus;
	char path[64];

	snprintf(path, sizeof(path), NODES_PATH "/node%d/cpulist", id);
	r = read_cpus(root, path, &cpus);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		assign_cpus(topology, index, &cpus, online);

	snprintf(path, sizeof(path), NODES_PATH "/node%d/meminfo", id);
	r = read_memory(root, path, &topology->node[index]);
	if (r < 0 && r != -ENOENT)
		return r;
	read_distances(root, topology, index);
	return 0;
}

static int read_online_nodes(const struct root *root, struct nodeset *ret_nodes)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = root_read_all(root, NODES_PATH "/online", LIST_BYTES, &text);
	int r;

	if (n < 0)
		return (int)n;
	r = nodeset_parse_list(text, ret_nodes);
	if (r < 0)
		return r == -ERANGE ? -E2BIG : r;
	return nodeset_is_empty(ret_nodes) ? -ENODATA : 0;
}

static int read_nodes(const struct root *root, const struct nodeset *nodes,
		      struct topology *topology, const struct cpu_set *online)
{
	if (nodeset_count(nodes) > TOPOLOGY_MAX_NODES)
		return -E2BIG;
	NODESET_FOREACH (id, nodes) {
		topology->node[topology->n_nodes++].id = id;
	}
	for (unsigned i = 0; i < topology->n_nodes; i++) {
		int r = read_node(root, topology, i, online);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_single_node(const struct root *root, struct topology *topology,
			    const struct cpu_set *online)
{
	topology->n_nodes = 1;
	topology->distance[0][0] = LOCAL_DISTANCE;
	assign_cpus(topology, 0, online, online);
	return read_memory(root, "/proc/meminfo", &topology->node[0]);
}

int machine_read_topology(const struct root *root, struct topology *ret_topology)
{
	struct topology topology = { .page_bytes = (uint32_t)sysconf(_SC_PAGESIZE) };
	struct cpu_set online;
	struct nodeset nodes;
	int r = read_cpu_ids(root, &topology, &online);

	if (r < 0)
		return r;
	r = read_online_nodes(root, &nodes);
	if (r == -ENOENT)
		r = read_single_node(root, &topology, &online);
	else if (r == 0)
		r = read_nodes(root, &nodes, &topology, &online);
	if (r < 0)
		return r;
	*ret_topology = topology;
	return 0;
}
