/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process's threads, and where they may run. */
#include "observe/process.h"

#include <errno.h>
#include <limits.h>

#include "base/syscalls.h"
#include "observe/process-file.h"
#include "observe/scan.h"

#define WORD_BITS (sizeof(unsigned long) * CHAR_BIT)

static uint64_t nodes_of_word(const struct topology *topology, size_t word, unsigned long bits)
{
	uint64_t nodes = 0;

	for (; bits; bits &= bits - 1) {
		unsigned cpu = (unsigned)(word * WORD_BITS) + (unsigned)__builtin_ctzl(bits);
		int node = topology_node_of_cpu(topology, cpu);

		if (node >= 0)
			nodes |= UINT64_C(1) << node;
	}
	return nodes;
}

int thread_read_nodes(const struct topology *topology, pid_t tid, uint64_t *ret_node_mask)
{
	unsigned long mask[TOPOLOGY_MAX_CPUS / WORD_BITS] = { 0 };
	uint64_t nodes = 0;
	int n = sys_sched_getaffinity(tid, sizeof(mask), mask);

	if (n < 0)
		return n;
	for (size_t word = 0; word < ELEMENTSOF(mask); word++)
		nodes |= nodes_of_word(topology, word, mask[word]);
	*ret_node_mask = nodes;
	return 0;
}

static bool parse_tid(const char *name, pid_t *ret_tid)
{
	uint64_t value;

	if (!scan_decimal(&name, &value) || *name || value == 0 || value > INT_MAX)
		return false;
	*ret_tid = (pid_t)value;
	return true;
}

ssize_t process_read_threads(const struct root *root, pid_t pid, pid_t *ret_tids, size_t max)
{
	char path[PROCESS_PATH_MAX];
	_cleanup_closedir_ DIR *dir = root_open_dir(root, process_path(path, pid, "task"));
	size_t n = 0;

	if (!dir)
		return process_error(-errno);
	while (n < max) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry && errno)
			return process_error(-errno);
		if (!entry)
			break;
		if (parse_tid(entry->d_name, &ret_tids[n]))
			n++;
	}
	/* A living process has at least one thread. */
	return n || !max ? (ssize_t)n : -ESRCH;
}
