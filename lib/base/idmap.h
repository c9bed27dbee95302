/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A hash map from a pair of numbers to a pointer that somebody else owns. uthash is used here only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct idmap_entry;

struct idmap {
	struct idmap_entry *head;
};

struct idmap_key {
	uint64_t a, b;
};

/* The pointer, or NULL. */
void *idmap_get(const struct idmap *map, struct idmap_key key);

/* Sets the pointer of a key. 0 or -ENOMEM. */
int idmap_put(struct idmap *map, struct idmap_key key, void *value);

/* Removes a key that may be absent. Returns its pointer or NULL. */
void *idmap_remove(struct idmap *map, struct idmap_key key);

/* Empties the map; the values are not touched. */
void idmap_done(struct idmap *map);
