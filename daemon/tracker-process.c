/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes: read from /proc at first sight, again when stale, forgotten when they vanish. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/tracker-internal.h"

/* Of a process with more threads than this only some are asked where they may run. */
#define THREADS_ASKED_MAX 64
/* Rereading may take this share of the time: a read that took t is not repeated for t * this. */
#define READ_COST_FACTOR 50

struct tracker *tracker_new(const struct root *root, const struct topology *topology)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (!tracker)
		return NULL;
	tracker->root = root;
	tracker->topology = topology;
	return tracker;
}

void tracker_clear(struct tracker *tracker)
{
	while (tracker->n_processes)
		tracker_forget_process(tracker, tracker->process[0]);
	while (tracker->n_objects)
		tracker_forget_object(tracker, tracker->object[0]);
}

struct tracker *tracker_free(struct tracker *tracker)
{
	if (!tracker)
		return NULL;
	tracker_clear(tracker);
	idmap_done(&tracker->process_by_pid);
	idmap_done(&tracker->object_by_key);
	idmap_done(&tracker->object_by_id);
	free(tracker->process);
	free(tracker->object);
	free(tracker);
	return NULL;
}

static struct idmap_key pid_key(pid_t pid)
{
	return (struct idmap_key){ .a = (uint64_t)pid };
}

struct process *tracker_find_process(struct tracker *tracker, pid_t pid)
{
	return idmap_get(&tracker->process_by_pid, pid_key(pid));
}

static struct process *process_free(struct process *process)
{
	if (!process)
		return NULL;
	mappings_done(&process->mappings);
	free(process->cgroup);
	free(process);
	return NULL;
}
DEFINE_CLEANUP(struct process, process_free)

void tracker_forget_process(struct tracker *tracker, struct process *process)
{
	struct object *object =
		process->object ? tracker_find_object(tracker, process->object) : NULL;

	if (object)
		tracker_forget_object(tracker, object);
	idmap_remove(&tracker->process_by_pid, pid_key(process->pid));
	tracker->process[process->position] = tracker->process[--tracker->n_processes];
	tracker->process[process->position]->position = process->position;
	process_free(process);
}

static void vanish(struct tracker *tracker, struct process *process)
{
	tracker->n_vanished++;
	tracker_forget_process(tracker, process);
}

void tracker_exit(struct tracker *tracker, pid_t pid)
{
	struct process *process = tracker_find_process(tracker, pid);

	if (process)
		vanish(tracker, process);
}

void tracker_exec(struct tracker *tracker, pid_t pid)
{
	/* Another address space, another program, perhaps another rule: start from nothing. */
	struct process *process = tracker_find_process(tracker, pid);

	if (process)
		tracker_forget_process(tracker, process);
}

static void set_standing(const struct tracker *tracker, struct process *process,
			 bool is_kernel_thread)
{
	const struct rule *rule = process->rule;
	uint64_t bytes = process->resident_pages * tracker->topology->page_bytes;

	process->standing = STANDING_IGNORED;
	if (is_kernel_thread || process->pid == getpid())
		process->standing_reason = "a kernel thread or numaplaced itself";
	else if (rule->mode == RULE_OFF)
		process->standing_reason = "mode = off";
	else if (rule->policy == POLICY_DEFAULT)
		process->standing_reason = "policy = default";
	else if (bytes < rule->min_size_bytes)
		process->standing_reason = "smaller than min_size";
	else if (rule->mode == RULE_OBSERVE || tracker->observe_only) {
		process->standing = STANDING_OBSERVE;
		process->standing_reason = "observe only";
	} else {
		process->standing = STANDING_ACTIVE;
		process->standing_reason = NULL;
	}
}

static int read_rule(const struct tracker *tracker, struct process *process)
{
	char path[CGROUP_PATH_MAX] = "/";
	int r = process_read_cgroup(tracker->root, process->pid, path);

	if (r == -ESRCH)
		return r;
	/* Without cgroup v2, or with a path beyond all bounds, the [default] section holds. */
	if (r < 0)
		strcpy(path, "/");
	if (!process->cgroup || strcmp(process->cgroup, path) != 0) {
		char *copy = strdup(path);

		if (!copy)
			return -ENOMEM;
		free(process->cgroup);
		process->cgroup = copy;
	}
	process->rule = config_rule_for(tracker->config, process->cgroup);
	return 0;
}

/* Reads who the process is. -ESRCH when it vanished or the pid belongs to another one now. */
static int read_status(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	struct process_status status;
	int r = process_read_status(tracker->root, process->pid, &status);

	if (r < 0)
		return r;
	if (process->status_usec && status.start_time_ticks != process->start_time_ticks)
		return -ESRCH;
	r = read_rule(tracker, process);
	if (r < 0)
		return r;
	process->start_time_ticks = status.start_time_ticks;
	process->resident_pages = status.resident_pages;
	memcpy(process->name, status.name, sizeof(process->name));
	set_standing(tracker, process, status.is_kernel_thread);
	process->status_usec = now_usec;
	return 0;
}

static int list_process(struct tracker *tracker, struct process *process)
{
	if (tracker->n_processes == TRACKER_PROCESSES_MAX)
		return -ENOBUFS;
	if (tracker->n_processes == tracker->processes_capacity) {
		size_t capacity =
			tracker->processes_capacity ? tracker->processes_capacity * 2 : 64;
		struct process **larger = reallocarray(tracker->process, capacity, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		tracker->process = larger;
		tracker->processes_capacity = capacity;
	}
	if (idmap_put(&tracker->process_by_pid, pid_key(process->pid), process) < 0)
		return -ENOMEM;
	process->position = tracker->n_processes;
	tracker->process[tracker->n_processes++] = process;
	return 0;
}

static struct process *meet(struct tracker *tracker, pid_t pid, uint64_t now_usec)
{
	_cleanup_(process_freep) struct process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->pid = pid;
	process->generation = ++tracker->generations;

	int r = read_status(tracker, process, now_usec);

	if (r == -ESRCH)
		tracker->n_vanished++;
	if (r < 0 || list_process(tracker, process) < 0)
		return NULL;
	return TAKE_PTR(process);
}

struct process *tracker_process(struct tracker *tracker, pid_t pid, uint64_t now_usec)
{
	struct process *process = tracker_find_process(tracker, pid);

	if (!process)
		process = meet(tracker, pid, now_usec);
	else if (now_usec >= process->status_usec + TRACKER_STATUS_USEC &&
		 read_status(tracker, process, now_usec) < 0) {
		vanish(tracker, process);
		process = NULL;
	}
	if (process)
		process->sampled_usec = now_usec;
	return process;
}

void tracker_set_rules(struct tracker *tracker, const struct config *config, bool observe_only)
{
	tracker->config = config;
	tracker->observe_only = observe_only;
	/* Their rule pointers belong to the old configuration. */
	for (size_t i = tracker->n_processes; i-- > 0;) {
		struct process *process = tracker->process[i];

		if (read_status(tracker, process, process->status_usec) < 0)
			vanish(tracker, process);
	}
}

static bool is_stale(uint64_t read_usec, uint64_t age_usec, uint64_t cost_usec, uint64_t now_usec)
{
	uint64_t least = cost_usec * READ_COST_FACTOR;

	return read_usec == 0 || now_usec >= read_usec + (age_usec > least ? age_usec : least);
}

static bool is_same_mapping(const struct mapping *a, const struct mapping *b)
{
	return a->start == b->start && a->end == b->end && a->inode == b->inode &&
	       a->file_offset == b->file_offset;
}

/* What is known of policies stays with the mappings that are still there; of any other nothing is
 * known, so it counts as having its own until they are read. Returns whether there is such a one.
 */
static bool keep_policies(const struct process *process, struct mappings *mappings)
{
	bool has_unread = false;

	for (size_t i = 0; i < mappings->n; i++) {
		struct mapping *mapping = &mappings->map[i];
		const struct mapping *old = mappings_find(&process->mappings, mapping->start);
		bool is_known = old && process->policies_usec && is_same_mapping(old, mapping);

		mapping->has_own_policy = is_known ? old->has_own_policy : true;
		mapping->is_hugetlb |= is_known && old->is_hugetlb;
		has_unread |= !is_known;
	}
	return has_unread;
}

static int read_mappings(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	uint64_t before = clock_now_usec();
	struct mappings mappings;
	int r = process_read_mappings(tracker->root, process->pid, TRACKER_MAPPINGS_MAX, &mappings);

	if (r < 0)
		return r;
	process->has_unread |= keep_policies(process, &mappings);
	mappings_done(&process->mappings);
	process->mappings = mappings;
	process->mappings_usec = now_usec;
	process->mappings_cost_usec = clock_now_usec() - before;
	process->misses = 0;
	return 0;
}

bool tracker_places(const struct mapping *mapping)
{
	return !mapping->is_special && mapping->is_readable;
}

static const struct mapping *find_mapping(struct tracker *tracker, struct process *process,
					  uint64_t address, uint64_t now_usec)
{
	const struct mapping *mapping = mappings_find(&process->mappings, address);
	bool is_old = is_stale(process->mappings_usec, TRACKER_MAPPINGS_USEC,
			       process->mappings_cost_usec, now_usec);

	if (!mapping)
		process->misses++;
	if (!mapping && !is_old)
		is_old = is_stale(process->mappings_usec, TRACKER_MISS_USEC,
				  process->mappings_cost_usec, now_usec);
	if (!is_old || read_mappings(tracker, process, now_usec) < 0)
		return mapping;
	return mappings_find(&process->mappings, address);
}

struct object *tracker_locate(struct tracker *tracker, struct process *process, uint64_t address,
			      uint64_t now_usec, uint64_t *ret_extent)
{
	const struct mapping *mapping = find_mapping(tracker, process, address, now_usec);

	if (!mapping || !tracker_places(mapping))
		return NULL;
	return tracker_object_of(tracker, process, mapping, address, ret_extent);
}

uint64_t tracker_draw_address(struct tracker *tracker, struct process *process, uint64_t random,
			      uint64_t now_usec)
{
	uint64_t bytes = 0;

	find_mapping(tracker, process, 0, now_usec); /* rereads them when stale */
	for (size_t i = 0; i < process->mappings.n; i++)
		if (tracker_places(&process->mappings.map[i]))
			bytes += process->mappings.map[i].end - process->mappings.map[i].start;
	if (!bytes)
		return 0;
	random %= bytes;
	for (size_t i = 0; i < process->mappings.n; i++) {
		const struct mapping *mapping = &process->mappings.map[i];

		if (!tracker_places(mapping))
			continue;
		if (random < mapping->end - mapping->start)
			return mapping->start + random;
		random -= mapping->end - mapping->start;
	}
	return 0;
}

static int read_confinement(struct tracker *tracker, struct process *process)
{
	struct nodeset allowed;
	int r = process_read_mems_allowed(tracker->root, process->pid, &allowed);

	if (r < 0)
		return r;
	process->is_confined = false;
	for (unsigned i = 0; i < tracker->topology->n_nodes; i++) {
		const struct topology_node *node = &tracker->topology->node[i];

		process->is_confined |= node->has_memory && !nodeset_has(&allowed, node->id);
	}
	return 0;
}

static int read_thread_nodes(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	pid_t tids[THREADS_ASKED_MAX];
	ssize_t n = process_read_threads(tracker->root, process->pid, tids, THREADS_ASKED_MAX);
	uint64_t nodes = 0;

	if (n < 0)
		return (int)n;
	for (ssize_t i = 0; i < n; i++) {
		uint64_t mask;

		if (thread_read_nodes(tracker->topology, tids[i], &mask) >= 0)
			nodes |= mask;
	}
	/* Of more threads than were asked nobody knows where the others may run. */
	process->thread_nodes = n < THREADS_ASKED_MAX ? nodes : 0;
	process->nodes_usec = now_usec;
	return read_confinement(tracker, process);
}

static int read_policies(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	uint64_t before = clock_now_usec();
	/* Its lines are matched with the mappings by where they start: both must be of the same
	 * moment. */
	int r = read_mappings(tracker, process, now_usec);

	if (r >= 0)
		r = process_read_policies(tracker->root, process->pid, &process->mappings);
	if (r < 0)
		return r;
	process->policies_usec = now_usec;
	process->has_unread = false;
	process->policies_cost_usec = clock_now_usec() - before;
	return 0;
}

bool tracker_prepare_move(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	if (is_stale(process->nodes_usec, TRACKER_STATUS_USEC, 0, now_usec) &&
	    read_thread_nodes(tracker, process, now_usec) < 0)
		return false;
	uint64_t age_usec = process->has_unread ? TRACKER_UNREAD_USEC : TRACKER_POLICIES_USEC;

	return !is_stale(process->policies_usec, age_usec, process->policies_cost_usec, now_usec) ||
	       read_policies(tracker, process, now_usec) >= 0;
}

size_t tracker_n_processes(const struct tracker *tracker)
{
	return tracker->n_processes;
}

uint64_t tracker_n_vanished(const struct tracker *tracker)
{
	return tracker->n_vanished;
}
