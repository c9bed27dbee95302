/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tracker-process.c and tracker-object.c share. */
#pragma once

#include "base/idmap.h"
#include "daemon/tracker.h"

struct tracker {
	const struct root *root;
	const struct topology *topology;
	const struct config *config;
	bool observe_only;
	struct idmap process_by_pid;
	struct process **process;
	size_t n_processes, processes_capacity;
	struct idmap object_by_key, object_by_id;
	struct object **object;
	size_t n_objects, objects_capacity;
	uint32_t last_object_id;
	uint64_t generations; /* handed out */
	uint64_t n_vanished;
};

void tracker_forget_process(struct tracker *tracker, struct process *process);
void tracker_forget_object(struct tracker *tracker, struct object *object);

/* The object of an address in a mapping that is placed, made at need. NULL: no memory. */
struct object *tracker_object_of(struct tracker *tracker, struct process *process,
				 const struct mapping *mapping, uint64_t address,
				 uint64_t *ret_extent);

/* Mappings whose memory we place: private ones and shared files, not special ones. */
bool tracker_places(const struct mapping *mapping);
