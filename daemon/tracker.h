/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes that were sampled and the memory objects that they use. A process that is not
 * sampled is not here and costs nothing. Part of the manager's state; nobody else holds pointers
 * into it between ticks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"
#include "decide/ledger.h"
#include "decide/placement.h"
#include "model/heat.h"
#include "model/rule.h"
#include "model/topology.h"
#include "observe/process.h"

#define TRACKER_PROCESSES_MAX 8192
#define TRACKER_OBJECTS_MAX   16384
#define TRACKER_MAPPINGS_MAX  131072 /* of one process */

/* How long what was read of /proc counts as fresh. */
#define TRACKER_STATUS_USEC   5000000ULL
#define TRACKER_MAPPINGS_USEC 10000000ULL
#define TRACKER_MISS_USEC     500000ULL /* reread that soon when samples hit no known mapping */
#define TRACKER_POLICIES_USEC 30000000ULL
#define TRACKER_UNREAD_USEC   300000ULL   /* mappings came whose policy is not known */
#define TRACKER_IDLE_USEC     60000000ULL /* forgotten after that long without a sample */

enum standing {
	STANDING_ACTIVE,  /* may be moved */
	STANDING_OBSERVE, /* by rule or --observe */
	STANDING_IGNORED, /* kernel thread, ourselves, off, too small, or not readable */
};

struct process {
	pid_t pid;
	uint64_t start_time_ticks;
	uint64_t generation; /* grows with every exec */
	char name[PROCESS_NAME_MAX];
	char *cgroup;
	const struct rule *rule;
	enum standing standing;
	const char *standing_reason; /* why it is not active; constant text */
	uint64_t resident_pages;
	struct mappings mappings;
	uint64_t status_usec, mappings_usec, policies_usec,
		nodes_usec; /* when they were read; 0: never */
	uint64_t mappings_cost_usec, policies_cost_usec;
	bool has_unread;  /* mappings whose policy is not known */
	bool is_confined; /* its cpuset leaves out nodes that have memory: somebody else places it
			   */
	uint64_t thread_nodes; /* bitmap of node indexes the threads may run on; 0: unknown */
	uint64_t sampled_usec;
	uint64_t misses; /* samples outside the known mappings since they were read */
	uint32_t object; /* its private memory; 0: none yet */
	size_t position; /* in the tracker's list */
};

struct object {
	uint32_t id;
	bool is_shared;
	pid_t pid;           /* private: whose */
	uint64_t generation; /* private: of which address space */
	uint32_t device;     /* shared: the file */
	uint64_t inode;
	struct heat heat;
	struct ledger ledger;
	struct extent_map
		users; /* shared: element pid_t, the process that touched the extent last */
	struct placement_range *range;
	size_t n_ranges, ranges_capacity;
	uint64_t sampled_usec;
	bool has_huge_pages; /* an outcome said so */
	struct {             /* since the last journal line about it */
		uint64_t moved_pages, refused_pages, since_usec;
		int from, to; /* node indexes */
		uint8_t reason;
		int error; /* of a whole call, -errno */
		uint64_t longest_run_usec;
	} report;
	uint64_t observed_usec; /* when a plan that is not carried out was last told */
	size_t position;        /* in the tracker's list */
};

struct tracker;

struct tracker *tracker_new(const struct root *root, const struct topology *topology);
struct tracker *tracker_free(struct tracker *tracker);

/* Forgets everything. */
void tracker_clear(struct tracker *tracker);

/* Rules may have changed, or a flag that stands above them: every standing is worked out again when
 * next asked. */
void tracker_set_rules(struct tracker *tracker, const struct config *config, bool observe_only);

/* The process, read from /proc at first and again when stale. NULL: it vanished, or no memory. */
struct process *tracker_process(struct tracker *tracker, pid_t pid, uint64_t now_usec);

/* Only what is known, without reading. */
struct process *tracker_find_process(struct tracker *tracker, pid_t pid);

/* The address space of `pid` was replaced / ended. */
void tracker_exec(struct tracker *tracker, pid_t pid);
void tracker_exit(struct tracker *tracker, pid_t pid);

/* Object and extent that an address of the process belongs to. NULL: not in a mapping that we
 * place. */
struct object *tracker_locate(struct tracker *tracker, struct process *process, uint64_t address,
			      uint64_t now_usec, uint64_t *ret_extent);

/* An address in the process's placed mappings, all bytes of them equally likely over `random`. 0:
 * there is none. */
uint64_t tracker_draw_address(struct tracker *tracker, struct process *process, uint64_t random,
			      uint64_t now_usec);

struct object *tracker_find_object(struct tracker *tracker, uint32_t id);

/* Reads numa_maps and affinities when stale. false: they could not be read, so the process must not
 * be moved. */
bool tracker_prepare_move(struct tracker *tracker, struct process *process, uint64_t now_usec);

/* The same for the processes that use an object (of a shared one, some). false: it must not be
 * moved; a policy of a shared mapping belongs to the file, so one user that shows it is enough. */
bool tracker_prepare_object(struct tracker *tracker, struct object *object, uint64_t now_usec);

/* Works out the object's mapped extents from its processes' mappings. */
int tracker_update_ranges(struct tracker *tracker, struct object *object);

/* A process that uses a shared object and that is not ignored, an active one first. NULL: none is
 * known. */
struct process *tracker_find_user(struct tracker *tracker, const struct object *object);

/* The objects, in no order; valid until the next call that may add or forget one. */
struct object **tracker_objects(struct tracker *tracker, size_t *ret_n);

/* Calls `visit` for each part [start, end) of an address space through which the object's extents
 * [first, end) can be moved, until it returns < 0. Extents that no known process maps are left out.
 * Returns what stopped it. */
typedef int (*tracker_visit_t)(void *userdata, struct process *process, uint64_t start,
			       uint64_t end);
int tracker_visit_addresses(struct tracker *tracker, struct object *object, uint64_t first,
			    uint64_t end, tracker_visit_t visit, void *userdata);

/* Forgets what was not sampled for TRACKER_IDLE_USEC, and the least recently sampled beyond
 * `max_bytes`. */
void tracker_settle(struct tracker *tracker, size_t max_bytes, uint64_t now_usec);

size_t tracker_n_processes(const struct tracker *tracker);
uint64_t tracker_n_vanished(const struct tracker *tracker);
size_t tracker_bytes(const struct tracker *tracker);
