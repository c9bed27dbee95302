/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/zoneinfo and /proc/buddyinfo: what movable user memory may still take from a node. */
#include "observe/machine.h"

#include <limits.h>
#include <string.h>

#include "observe/lines.h"
#include "observe/scan.h"

#define HUGE_ORDER 9
#define ORDERS_MAX 32 /* more than any kernel has */

/* "Node 1, zone   Normal"; the name may be followed by more. Returns the node's index. */
static bool scan_zone(const char **p, const struct topology *topology, int *ret_node)
{
	uint64_t id;

	if (!scan_text(p, "Node ") || !scan_decimal(p, &id) || !scan_text(p, ", zone"))
		return false;
	scan_blanks(p);
	*ret_node = id > INT_MAX ? NODE_NONE : topology_index_of(topology, (int)id);
	/* Device memory is handed out by its driver, never to ordinary allocations. */
	if (scan_word(p, "Device"))
		*ret_node = NODE_NONE;
	return true;
}

static bool scan_value(const char *p, const char *key, uint64_t *ret_value)
{
	if (!scan_word(&p, key))
		return false;
	scan_blanks(&p);
	return scan_decimal(&p, ret_value);
}

/* "protection: (0, 3019, 5067)": the pages that an allocation may not take here, by the highest
 * zone it may use. The last one stands for movable user memory: Device, the only zone above
 * Movable, has no pages to add to the reserve. */
static bool scan_protection(const char *p, uint64_t *ret_pages)
{
	if (!scan_text(&p, "protection:"))
		return false;
	scan_blanks(&p);
	if (!scan_char(&p, '('))
		return false;
	while (scan_decimal(&p, ret_pages)) {
		scan_char(&p, ',');
		scan_blanks(&p);
	}
	return true;
}

void zoneinfo_finish(struct zoneinfo *zoneinfo)
{
	const struct zone_room *zone = &zoneinfo->zone;

	/* An unpopulated zone has watermarks too, but nothing to guard. */
	if (zoneinfo->node >= 0 && zone->managed_pages) {
		struct node_room *room = &zoneinfo->room[zoneinfo->node];
		uint64_t kept = zone->high_pages + zone->protection_pages;

		room->free_pages += zone->free_pages;
		room->watermark_pages += kept;
		room->managed_pages += zone->managed_pages;
		if (zone->free_pages > kept)
			room->usable_pages += zone->free_pages - kept;
	}
	zoneinfo->node = NODE_NONE;
	zoneinfo->zone = (struct zone_room){ 0 };
}

void zoneinfo_line(struct zoneinfo *zoneinfo, const char *line)
{
	struct zone_room *zone = &zoneinfo->zone;
	int node;

	if (scan_zone(&line, zoneinfo->topology, &node)) {
		zoneinfo_finish(zoneinfo);
		zoneinfo->node = node;
		return;
	}
	scan_blanks(&line);
	if (scan_word(&line, "pages")) {
		scan_blanks(&line);
		scan_value(line, "free", &zone->free_pages);
		return;
	}
	if (!scan_value(line, "high", &zone->high_pages) &&
	    !scan_value(line, "managed", &zone->managed_pages))
		scan_protection(line, &zone->protection_pages);
}

void buddyinfo_line(const struct topology *topology, struct node_room room[], const char *line)
{
	uint64_t blocks;
	int node;

	if (!scan_zone(&line, topology, &node) || node < 0)
		return;
	while (*line && *line != ' ')
		line++;
	scan_blanks(&line);
	for (unsigned order = 0; order < ORDERS_MAX && scan_decimal(&line, &blocks); order++) {
		if (order >= HUGE_ORDER)
			room[node].free_huge_blocks += blocks << (order - HUGE_ORDER);
		scan_blanks(&line);
	}
}

static int read_zoneinfo(const struct root *root, const struct topology *topology,
			 struct node_room room[])
{
	_cleanup_lines_ struct lines lines;
	struct zoneinfo zoneinfo = { .topology = topology, .room = room, .node = NODE_NONE };
	const char *line;
	int r = lines_open(&lines, root, "/proc/zoneinfo");

	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line)) > 0)
		zoneinfo_line(&zoneinfo, line);
	zoneinfo_finish(&zoneinfo);
	return r;
}

static int read_buddyinfo(const struct root *root, const struct topology *topology,
			  struct node_room room[])
{
	_cleanup_lines_ struct lines lines;
	const char *line;
	int r = lines_open(&lines, root, "/proc/buddyinfo");

	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line)) > 0)
		buddyinfo_line(topology, room, line);
	return r;
}

int machine_read_room(const struct root *root, const struct topology *topology,
		      struct node_room ret_room[static TOPOLOGY_MAX_NODES])
{
	struct node_room room[TOPOLOGY_MAX_NODES] = { 0 };
	int r = read_zoneinfo(root, topology, room);

	if (r < 0)
		return r;
	r = read_buddyinfo(root, topology, room);
	if (r < 0)
		return r;
	memcpy(ret_room, room, sizeof(room));
	return 0;
}
