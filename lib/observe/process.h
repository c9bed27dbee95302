/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc says of one process, as plain values. Every reader returns 0 or -errno; -ESRCH means
 * that it vanished (ENOENT of a /proc file is turned into it), an ordinary outcome. All text is
 * foreign: lines are bounded, odd ones are skipped and counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "model/nodeset.h"
#include "model/topology.h"

#define CGROUP_PATH_MAX  4096
#define PROCESS_NAME_MAX 64

struct process_status {
	uint64_t start_time_ticks;   /* field 22 of /proc/PID/stat: with the pid an identity */
	bool is_kernel_thread;       /* PF_KTHREAD in stat's flags */
	char name[PROCESS_NAME_MAX]; /* comm; parentheses and newlines in it do not confuse the
					reader; what is not printable ASCII is replaced by '?' */
	uint64_t resident_pages;     /* /proc/PID/statm */
	uint64_t n_threads;
};
/* -EBADMSG when the kernel's text is not what proc(5) describes. */
int process_read_status(const struct root *root, pid_t pid, struct process_status *ret_status);

/* The cgroup v2 path ("/a/b") from the "0::" line of /proc/PID/cgroup; a " (deleted)" suffix is
 * dropped. -ENODATA when there is no such line (no cgroup v2), -E2BIG beyond CGROUP_PATH_MAX. */
int process_read_cgroup(const struct root *root, pid_t pid, char ret_path[static CGROUP_PATH_MAX]);

/* One mapping of /proc/PID/maps. */
struct mapping {
	uint64_t start, end; /* [start, end), page aligned */
	uint64_t file_offset;
	uint64_t inode;  /* 0: anonymous */
	uint32_t device; /* major << 20 | minor */
	bool is_shared;  /* 's' */
	bool is_readable, is_writable, is_executable;
	bool is_stack, is_special; /* [stack]; [vdso], [vvar], [vsyscall] */
	bool is_hugetlb;           /* backed by hugetlbfs: the path starts with /dev/hugepages or
				      /anon_hugepage,	   or numa_maps said "huge" */
	bool has_own_policy; /* set by process_read_policies: an explicit mempolicy governs it */
};

struct mappings {
	struct mapping *map; /* by address */
	size_t n;
	size_t n_skipped; /* malformed lines */
	bool truncated;   /* more than the bound: the rest is not here */
};
void mappings_done(struct mappings *mappings);
#define _cleanup_mappings_ _cleanup_(mappings_done)

/* Reads at most `max_mappings` of /proc/PID/maps. The caller frees with mappings_done(). */
int process_read_mappings(const struct root *root, pid_t pid, size_t max_mappings,
			  struct mappings *ret_mappings);

/* The mapping that holds `address`, or NULL. */
const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address);

/* Marks every mapping as having a mempolicy of its own, but for those that /proc/PID/numa_maps says
 * are governed by "default" or "local"; and those of "huge" pages as hugetlb. A mapping is cleared
 * only by a line that starts where it starts, and not when another line inside it is explicit (it
 * was split since): what is not known is left alone. Malformed lines are passed over. On failure
 * the marks may be set, never cleared wrongly. The kernel walks the whole page table for this file:
 * the caller budgets it. If the process's task policy is explicit, every line shows it. */
int process_read_policies(const struct root *root, pid_t pid, struct mappings *mappings);

/* The nodes whose CPUs one thread may run on (sched_getaffinity(2)), as a bitmap of node indexes.
 */
int thread_read_nodes(const struct topology *topology, pid_t tid, uint64_t *ret_node_mask);

/* The thread ids of a process, at most `max` (the others are left out). Count or -errno. */
ssize_t process_read_threads(const struct root *root, pid_t pid, pid_t *ret_tids, size_t max);

/* Mems_allowed_list of /proc/PID/status. */
int process_read_mems_allowed(const struct root *root, pid_t pid, struct nodeset *ret_nodes);

/* The text of these files, one line or file each, without I/O. 0, or -EBADMSG for malformed text.
 */
int process_parse_stat(const char *text,
		       struct process_status *ret_status); /* resident_pages is 0 */
int process_parse_statm(const char *text, uint64_t *ret_resident_pages);
int mapping_parse_line(const char *line, struct mapping *ret_mapping);

/* One line of numa_maps. */
struct policy_line {
	uint64_t address;
	bool is_explicit; /* neither "default" nor "local" */
	bool is_hugetlb;
};
int policy_parse_line(const char *line, struct policy_line *ret_policy);

/* 1 when the line holds the cgroup v2 path, 0 when not, -E2BIG. */
int cgroup_parse_line(const char *line, char ret_path[static CGROUP_PATH_MAX]);
