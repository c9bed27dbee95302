/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/idmap.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* The macros of its hash function fall through cases without saying so. */
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"

struct idmap_entry {
	struct idmap_key key;
	void *value;
	UT_hash_handle hh;
};

static struct idmap_entry *find(const struct idmap *map, struct idmap_key key)
{
	struct idmap_entry *entry = NULL;

	HASH_FIND(hh, map->head, &key, sizeof(key), entry);
	return entry;
}

void *idmap_get(const struct idmap *map, struct idmap_key key)
{
	struct idmap_entry *entry = find(map, key);

	return entry ? entry->value : NULL;
}

int idmap_put(struct idmap *map, struct idmap_key key, void *value)
{
	struct idmap_entry *entry = find(map, key);

	if (entry) {
		entry->value = value;
		return 0;
	}
	entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->key = key;
	entry->value = value;
	/* The analyzer does not follow the macro's hash over a struct of two numbers. */
	HASH_ADD(hh, map->head, key, sizeof(key), entry); /* NOLINT */
	/* With HASH_NONFATAL_OOM an entry that could not be added has no table. */
	if (!entry->hh.tbl) {
		free(entry);
		return -ENOMEM;
	}
	return 0;
}

void *idmap_remove(struct idmap *map, struct idmap_key key)
{
	struct idmap_entry *entry = find(map, key);

	if (!entry)
		return NULL;

	void *value = entry->value;

	HASH_DEL(map->head, entry);
	free(entry);
	return value;
}

void idmap_done(struct idmap *map)
{
	struct idmap_entry *entry, *next;

	HASH_ITER(hh, map->head, entry, next)
	{
		HASH_DEL(map->head, entry);
		free(entry);
	}
}
