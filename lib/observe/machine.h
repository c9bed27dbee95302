/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /sys and /proc say of the machine: topology, room on the nodes, pressure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "model/topology.h"

/* Reads /sys/devices/system/node: online nodes, their CPUs (online ones), memory, distances;
 * missing distance files count as 10 / 20. A machine without that directory is one node with every
 * online CPU. 0 or -errno; -E2BIG beyond TOPOLOGY_MAX_*. */
int machine_read_topology(const struct root *root, struct topology *ret_topology);

struct node_room {
	uint64_t free_pages;      /* of all zones that movable user memory may come from */
	uint64_t watermark_pages; /* the sum of those zones' high watermarks and of the reserve that
				     keeps such allocations out (zoneinfo's "protection" of the
				     Normal/Movable class) */
	uint64_t usable_pages;    /* sum over zones of max(0, free - high - protection) */
	uint64_t managed_pages;
	uint64_t free_huge_blocks; /* free blocks of order 9 and above, in units of order 9
				      (buddyinfo) */
};

/* By node index. Reads /proc/zoneinfo and /proc/buddyinfo. Nodes that are not in them have no room.
 */
int machine_read_room(const struct root *root, const struct topology *topology,
		      struct node_room ret_room[static TOPOLOGY_MAX_NODES]);

/* avg10 of the "some" line of /proc/pressure/memory in hundredths of a percent; -ENODATA or
 * -ENOENT/-EOPNOTSUPP without PSI. */
int machine_read_memory_pressure(const struct root *root, unsigned *ret_permyriad);

/* Counters of /proc/vmstat that numaplaced's effect is judged by. Missing ones are 0. */
struct vmstat {
	uint64_t pgmigrate_success, pgmigrate_fail, numa_pages_migrated, pswpin, pswpout, oom_kill,
		allocstall, pgscan_direct, pgscan_kswapd;
};
int machine_read_vmstat(const struct root *root, struct vmstat *ret_vmstat);

/* The text of these files, line by line, without I/O. Malformed lines are passed over. */
struct zone_room {
	uint64_t free_pages, high_pages, managed_pages, protection_pages;
};
struct zoneinfo {
	const struct topology *topology;
	struct node_room *room; /* by node index; zones are added to it */
	int node;               /* of the zone being read; start with NODE_NONE */
	struct zone_room zone;
};
void zoneinfo_line(struct zoneinfo *zoneinfo, const char *line);
void zoneinfo_finish(struct zoneinfo *zoneinfo); /* after the last line */
void buddyinfo_line(const struct topology *topology, struct node_room room[], const char *line);

/* "0-3,8" of CPUs; calls `add` for each. 0, -EBADMSG, or -E2BIG from TOPOLOGY_MAX_CPUS on. */
int cpu_list_parse(const char *text, void (*add)(void *to, unsigned cpu), void *to);

/* A distance file: false, and the row untouched, unless it is one distance of 10 to 255 for each
 * node. */
bool distance_row_parse(const char *text, unsigned n_nodes, uint8_t ret_row[]);

/* The "some" line of a pressure file. 0 or -ENODATA. */
int pressure_parse_line(const char *line, unsigned *ret_permyriad);
