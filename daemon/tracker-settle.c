/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is forgotten: processes and objects that were not sampled for a while, and more when memory
 * runs short. */
#include "daemon/tracker-internal.h"

static size_t object_bytes(const struct object *object)
{
	return sizeof(*object) + extent_map_bytes(&object->heat.extents) +
	       extent_map_bytes(&object->ledger.moved) + extent_map_bytes(&object->users) +
	       object->ranges_capacity * sizeof(*object->range);
}

static size_t process_bytes(const struct process *process)
{
	return sizeof(*process) + process->mappings.n * sizeof(*process->mappings.map);
}

size_t tracker_bytes(const struct tracker *tracker)
{
	size_t bytes = 0;

	for (size_t i = 0; i < tracker->n_processes; i++)
		bytes += process_bytes(tracker->process[i]);
	for (size_t i = 0; i < tracker->n_objects; i++)
		bytes += object_bytes(tracker->object[i]);
	return bytes;
}

static void forget_idle(struct tracker *tracker, uint64_t idle_usec, uint64_t now_usec)
{
	for (size_t i = tracker->n_processes; i-- > 0;)
		if (now_usec >= tracker->process[i]->sampled_usec + idle_usec)
			tracker_forget_process(tracker, tracker->process[i]);
	for (size_t i = tracker->n_objects; i-- > 0;)
		if (now_usec >= tracker->object[i]->sampled_usec + idle_usec)
			tracker_forget_object(tracker, tracker->object[i]);
}

/* What was sampled a moment ago must go as well when it does not fit: the objects that were sampled
 * longest ago first, a quarter of them at a time. */
static void forget_quarter(struct tracker *tracker)
{
	uint64_t oldest_usec = UINT64_MAX, newest_usec = 0;

	for (size_t i = 0; i < tracker->n_objects; i++) {
		uint64_t usec = tracker->object[i]->sampled_usec;

		oldest_usec = usec < oldest_usec ? usec : oldest_usec;
		newest_usec = usec > newest_usec ? usec : newest_usec;
	}

	size_t n = tracker->n_objects / 4 + 1;
	uint64_t limit_usec = oldest_usec + (newest_usec - oldest_usec) / 4;

	for (size_t i = tracker->n_objects; n && i-- > 0;)
		if (tracker->object[i]->sampled_usec <= limit_usec) {
			tracker_forget_object(tracker, tracker->object[i]);
			n--;
		}
}

void tracker_settle(struct tracker *tracker, size_t max_bytes, uint64_t now_usec)
{
	forget_idle(tracker, TRACKER_IDLE_USEC, now_usec);
	for (uint64_t idle = TRACKER_IDLE_USEC / 2;
	     idle > 100000 && tracker_bytes(tracker) > max_bytes; idle /= 2)
		forget_idle(tracker, idle, now_usec);
	while (tracker->n_objects && tracker_bytes(tracker) > max_bytes)
		forget_quarter(tracker);
	/* What is left are processes with very many mappings. */
	while (tracker->n_processes && tracker_bytes(tracker) > max_bytes)
		tracker_forget_process(tracker, tracker->process[tracker->n_processes - 1]);
}
