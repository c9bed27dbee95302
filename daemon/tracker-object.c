/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory objects: private memory by process, shared mappings by (device, inode). */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "daemon/tracker-internal.h"

/* Users of a shared object that are looked at, and of those whose policies are read for it. */
#define USERS_MAX       64
#define USERS_ASKED_MAX 8

static struct idmap_key object_key(const struct object *object)
{
	if (object->is_shared)
		return (struct idmap_key){ (uint64_t)object->device << 1 | 1, object->inode };
	return (struct idmap_key){ (uint64_t)object->pid << 1, object->generation };
}

static struct idmap_key id_key(uint32_t id)
{
	return (struct idmap_key){ .a = id };
}

struct object *tracker_find_object(struct tracker *tracker, uint32_t id)
{
	return idmap_get(&tracker->object_by_id, id_key(id));
}

struct object **tracker_objects(struct tracker *tracker, size_t *ret_n)
{
	*ret_n = tracker->n_objects;
	return tracker->object;
}

static struct object *object_free(struct object *object)
{
	if (!object)
		return NULL;
	heat_done(&object->heat);
	ledger_done(&object->ledger);
	extent_map_done(&object->users);
	free(object->range);
	free(object);
	return NULL;
}
DEFINE_CLEANUP(struct object, object_free)

void tracker_forget_object(struct tracker *tracker, struct object *object)
{
	struct process *process =
		object->is_shared ? NULL : tracker_find_process(tracker, object->pid);

	if (process && process->object == object->id)
		process->object = 0;
	idmap_remove(&tracker->object_by_key, object_key(object));
	idmap_remove(&tracker->object_by_id, id_key(object->id));
	tracker->object[object->position] = tracker->object[--tracker->n_objects];
	tracker->object[object->position]->position = object->position;
	object_free(object);
}

static int list_object(struct tracker *tracker, struct object *object)
{
	if (tracker->n_objects == TRACKER_OBJECTS_MAX)
		return -ENOBUFS;
	if (tracker->n_objects == tracker->objects_capacity) {
		size_t capacity = tracker->objects_capacity ? tracker->objects_capacity * 2 : 64;
		struct object **larger = reallocarray(tracker->object, capacity, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		tracker->object = larger;
		tracker->objects_capacity = capacity;
	}
	if (idmap_put(&tracker->object_by_key, object_key(object), object) < 0)
		return -ENOMEM;
	if (idmap_put(&tracker->object_by_id, id_key(object->id), object) < 0) {
		idmap_remove(&tracker->object_by_key, object_key(object));
		return -ENOMEM;
	}
	object->position = tracker->n_objects;
	tracker->object[tracker->n_objects++] = object;
	return 0;
}

static struct object *make_object(struct tracker *tracker, const struct object *identity)
{
	_cleanup_(object_freep) struct object *object = malloc(sizeof(*object));

	if (!object)
		return NULL;
	*object = *identity;
	object->id = ++tracker->last_object_id;
	heat_init(&object->heat, tracker->topology->n_nodes);
	object->heat.topology = tracker->topology;
	ledger_init(&object->ledger);
	extent_map_init(&object->users, sizeof(pid_t));
	return list_object(tracker, object) < 0 ? NULL : TAKE_PTR(object);
}

static struct object *find_or_make(struct tracker *tracker, const struct object *identity)
{
	struct object *object = idmap_get(&tracker->object_by_key, object_key(identity));

	return object ? object : make_object(tracker, identity);
}

static struct object *private_object(struct tracker *tracker, struct process *process)
{
	struct object identity = { .pid = process->pid, .generation = process->generation };
	struct object *object =
		process->object ? tracker_find_object(tracker, process->object) : NULL;

	if (!object)
		object = find_or_make(tracker, &identity);
	if (object)
		process->object = object->id;
	return object;
}

static bool is_shared_object(const struct mapping *mapping)
{
	return mapping->is_shared && mapping->inode != 0;
}

struct object *tracker_object_of(struct tracker *tracker, struct process *process,
				 const struct mapping *mapping, uint64_t address,
				 uint64_t *ret_extent)
{
	if (!is_shared_object(mapping)) {
		*ret_extent = address >> EXTENT_SHIFT;
		return private_object(tracker, process);
	}

	struct object identity = { .is_shared = true,
				   .device = mapping->device,
				   .inode = mapping->inode };
	struct object *object = find_or_make(tracker, &identity);
	uint64_t extent = (address - mapping->start + mapping->file_offset) >> EXTENT_SHIFT;
	pid_t *user = object ? extent_map_put(&object->users, extent) : NULL;

	if (!user)
		return NULL;
	*user = process->pid;
	*ret_extent = extent;
	return object;
}

/* The extents of an object that a mapping shows: by address when private, by file offset when
 * shared. */
static struct placement_range extents_of(const struct mapping *mapping)
{
	uint64_t start = mapping->start, length = mapping->end - mapping->start;

	if (is_shared_object(mapping))
		start = mapping->file_offset;
	return (struct placement_range){ start >> EXTENT_SHIFT,
					 ((start + length - 1) >> EXTENT_SHIFT) + 1 };
}

static bool belongs(const struct object *object, const struct mapping *mapping)
{
	if (!tracker_places(mapping) || mapping->has_own_policy)
		return false;
	if (!object->is_shared)
		return !is_shared_object(mapping);
	return is_shared_object(mapping) && mapping->device == object->device &&
	       mapping->inode == object->inode;
}

static int add_range(struct object *object, struct placement_range range)
{
	if (object->n_ranges == object->ranges_capacity) {
		size_t capacity = object->ranges_capacity ? object->ranges_capacity * 2 : 8;
		struct placement_range *larger =
			reallocarray(object->range, capacity, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		object->range = larger;
		object->ranges_capacity = capacity;
	}
	object->range[object->n_ranges++] = range;
	return 0;
}

static int add_ranges_of(struct object *object, const struct process *process)
{
	for (size_t i = 0; i < process->mappings.n; i++) {
		const struct mapping *mapping = &process->mappings.map[i];

		if (!belongs(object, mapping))
			continue;

		int r = add_range(object, extents_of(mapping));

		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_ranges(const void *pa, const void *pb)
{
	const struct placement_range *a = pa, *b = pb;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* Neighbours and overlaps become one: two small mappings may share an extent. */
static void merge_ranges(struct object *object)
{
	size_t kept = 0;

	if (object->n_ranges)
		qsort(object->range, object->n_ranges, sizeof(*object->range), compare_ranges);
	for (size_t i = 0; i < object->n_ranges; i++) {
		struct placement_range range = object->range[i];

		if (kept && range.first < object->range[kept - 1].end) {
			if (range.end > object->range[kept - 1].end)
				object->range[kept - 1].end = range.end;
		} else
			object->range[kept++] = range;
	}
	object->n_ranges = kept;
}

/* The distinct processes that the extents of a shared object name as their users, at most `max`. */
static size_t find_users(struct tracker *tracker, const struct object *object,
			 struct process **ret_users, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < object->users.n_chunks; i++)
		for (unsigned j = 0; j < EXTENT_CHUNK_EXTENTS; j++) {
			pid_t pid = *(pid_t *)extent_chunk_at(&object->users,
							      object->users.chunk[i], j);
			size_t k = 0;

			while (k < n && ret_users[k]->pid != pid)
				k++;
			if (!pid || k < n)
				continue;
			if (n == max)
				return n;

			struct process *process = tracker_find_process(tracker, pid);

			if (process && process->standing != STANDING_IGNORED)
				ret_users[n++] = process;
		}
	return n;
}

static int add_ranges_of_users(struct tracker *tracker, struct object *object)
{
	struct process *users[USERS_MAX];
	size_t n = find_users(tracker, object, users, USERS_MAX);

	for (size_t i = 0; i < n; i++) {
		if (add_ranges_of(object, users[i]) < 0)
			return -ENOMEM;
		merge_ranges(object); /* many users show the same file: keep the list short */
	}
	return 0;
}

static bool has_policy_on(const struct object *object, const struct process *process)
{
	for (size_t i = 0; i < process->mappings.n; i++) {
		const struct mapping *mapping = &process->mappings.map[i];

		if (is_shared_object(mapping) && mapping->device == object->device &&
		    mapping->inode == object->inode && mapping->has_own_policy)
			return true;
	}
	return false;
}

static bool prepare_user(struct tracker *tracker, struct process *process, uint64_t now_usec)
{
	return tracker_prepare_move(tracker, process, now_usec) && !process->is_confined;
}

bool tracker_prepare_object(struct tracker *tracker, struct object *object, uint64_t now_usec)
{
	struct process *users[USERS_ASKED_MAX];
	bool may_move = false;

	if (!object->is_shared) {
		struct process *process = tracker_find_process(tracker, object->pid);

		return process && prepare_user(tracker, process, now_usec);
	}

	size_t n = find_users(tracker, object, users, USERS_ASKED_MAX);

	for (size_t i = 0; i < n; i++) {
		if (!prepare_user(tracker, users[i], now_usec))
			continue;
		if (has_policy_on(object, users[i]))
			return false;
		may_move = true;
	}
	return may_move;
}

int tracker_update_ranges(struct tracker *tracker, struct object *object)
{
	int r = 0;

	object->n_ranges = 0;
	if (object->is_shared)
		r = add_ranges_of_users(tracker, object);
	else {
		struct process *process = tracker_find_process(tracker, object->pid);

		if (process && process->generation == object->generation)
			r = add_ranges_of(object, process);
	}
	if (r < 0)
		return r;
	merge_ranges(object);
	return 0;
}

struct process *tracker_find_user(struct tracker *tracker, const struct object *object)
{
	struct process *users[USERS_MAX];
	size_t n = find_users(tracker, object, users, USERS_MAX);

	for (size_t i = 0; i < n; i++)
		if (users[i]->standing == STANDING_ACTIVE)
			return users[i];
	return n ? users[0] : NULL;
}

/* The process through which an extent can be moved. */
static struct process *user_of(struct tracker *tracker, struct object *object, uint64_t extent)
{
	pid_t *user = object->is_shared ? extent_map_get(&object->users, extent) : &object->pid;
	struct process *process = user && *user ? tracker_find_process(tracker, *user) : NULL;

	if (process && !object->is_shared && process->generation != object->generation)
		return NULL;
	/* Nothing is moved through a process whose policies were not read. */
	if (process && (!process->policies_usec || process->is_confined))
		return NULL;
	return process;
}

/* Visits the part of a mapping that shows extents [first, end). */
static int visit_mapping(struct process *process, const struct mapping *mapping, uint64_t first,
			 uint64_t end, tracker_visit_t visit, void *userdata)
{
	uint64_t base = is_shared_object(mapping) ? mapping->file_offset : mapping->start;
	uint64_t low = first << EXTENT_SHIFT, high = end << EXTENT_SHIFT;
	uint64_t length = mapping->end - mapping->start;

	low = low > base ? low - base : 0;
	high = high > base ? high - base : 0;
	if (high > length)
		high = length;
	return low < high ? visit(userdata, process, mapping->start + low, mapping->start + high)
			  : 0;
}

/* By address: the first mapping that ends after the extent begins. */
static size_t first_private_mapping(const struct process *process, uint64_t extent)
{
	size_t low = 0, high = process->mappings.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (process->mappings.map[middle].end <= extent << EXTENT_SHIFT)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int visit_process(const struct object *object, struct process *process, uint64_t first,
			 uint64_t end, tracker_visit_t visit, void *userdata)
{
	size_t start = object->is_shared ? 0 : first_private_mapping(process, first);

	for (size_t i = start; i < process->mappings.n; i++) {
		const struct mapping *mapping = &process->mappings.map[i];

		if (!object->is_shared && mapping->start >> EXTENT_SHIFT >= end)
			break;
		if (!belongs(object, mapping))
			continue;

		int r = visit_mapping(process, mapping, first, end, visit, userdata);

		if (r < 0)
			return r;
	}
	return 0;
}

int tracker_visit_addresses(struct tracker *tracker, struct object *object, uint64_t first,
			    uint64_t end, tracker_visit_t visit, void *userdata)
{
	for (uint64_t from = first, stop; from < end; from = stop) {
		struct process *process = user_of(tracker, object, from);

		/* Private memory has one user; a shared object may have another one for each
		 * extent. */
		stop = object->is_shared ? from + 1 : end;
		while (stop < end && user_of(tracker, object, stop) == process)
			stop++;
		if (!process)
			continue;

		int r = visit_process(object, process, from, stop, visit, userdata);

		if (r < 0)
			return r;
	}
	return 0;
}
