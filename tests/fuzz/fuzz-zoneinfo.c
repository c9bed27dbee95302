/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/zoneinfo, buddyinfo and pressure; CPU lists and distances of /sys. */
#include "observe/machine.h"
#include "tests/fuzz/text.h"

struct readers {
	struct topology *topology;
	struct node_room *room;
	struct zoneinfo zoneinfo;
};

static void add_cpu(void *to, unsigned cpu)
{
	(void)to;
	MUST(cpu < TOPOLOGY_MAX_CPUS);
}

static void parse(const char *line, void *userdata)
{
	struct readers *readers = userdata;
	uint8_t row[3];
	unsigned permyriad;

	zoneinfo_line(&readers->zoneinfo, line);
	MUST(readers->zoneinfo.node < (int)readers->topology->n_nodes);
	buddyinfo_line(readers->topology, readers->room, line);
	cpu_list_parse(line, add_cpu, NULL);
	if (distance_row_parse(line, 3, row))
		MUST(row[0] >= 10 && row[1] >= 10 && row[2] >= 10);
	if (pressure_parse_line(line, &permyriad) == 0)
		MUST(permyriad <= 10099);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct readers readers = {
		.topology = calloc(1, sizeof(struct topology)),
		.room = calloc(3, sizeof(struct node_room)),
		.zoneinfo = { .node = NODE_NONE },
	};

	MUST(readers.topology && readers.room);
	readers.topology->n_nodes = 3;
	readers.topology->node[1].id = 1;
	readers.topology->node[2].id = 8;
	readers.zoneinfo.topology = readers.topology;
	readers.zoneinfo.room = readers.room;
	for_each_line(data, size, parse, &readers);
	zoneinfo_finish(&readers.zoneinfo);
	free(readers.room);
	free(readers.topology);
	return 0;
}
