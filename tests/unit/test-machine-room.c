/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/machine.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

struct zone {
	const char *name;
	unsigned long free, high, managed;
	const char *protection;
};

/* One zone as the kernel prints it. The first zone of a node carries the node's own counters; a
 * populated zone is followed by its counters and a set of pages for each CPU, where "high:" means
 * something else. */
static void print_zone(FILE *file, int node, const struct zone *zone, bool is_first,
		       unsigned n_cpus)
{
	fprintf(file, "Node %d, zone %8s\n", node, zone->name);
	if (is_first)
		fputs("  per-node stats\n      nr_inactive_anon 133975\n"
		      "      nr_slab_unreclaimable 6400\n      nr_mapped    8563\n"
		      "      nr_written   798324\n",
		      file);
	fprintf(file,
		"  pages free     %lu\n        boost    0\n        min      %lu\n        low      "
		"%lu\n"
		"        high     %lu\n        promo    %lu\n        spanned  %lu\n        present "
		" %lu\n"
		"        managed  %lu\n        cma      0\n        protection: %s\n",
		zone->free, zone->high / 2, zone->high * 3 / 4, zone->high, zone->high * 5 / 4,
		zone->managed * 2, zone->managed, zone->managed, zone->protection);
	if (!zone->managed)
		return;
	fprintf(file,
		"      nr_free_pages %lu\n      nr_free_pages_blocks 120832\n"
		"      nr_zone_inactive_anon 133975\n      nr_free_cma  0\n      numa_hit     "
		"7833168\n"
		"  pagesets\n",
		zone->free);
	for (unsigned cpu = 0; cpu < n_cpus; cpu++)
		fprintf(file,
			"    cpu: %u\n              count:    2551\n              high:     "
			"999999\n"
			"              batch:    63\n              high_min: 888888\n"
			"              high_max: 32768\n  vm stats threshold: 24\n",
			cpu);
	fputs("  node_unreclaimable:  0\n  start_pfn:           1048576\n", file);
}

static void put_zones(const struct tree *tree, const struct zone *const zones[], const int ids[],
		      unsigned n_nodes, unsigned n_cpus)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	TREE_CHECK(file);
	for (unsigned i = 0; i < n_nodes; i++)
		for (const struct zone *zone = zones[i]; zone->name; zone++)
			print_zone(file, ids[i], zone, zone == zones[i], n_cpus);
	fclose(file);
	tree_put(tree, "/proc/zoneinfo", text);
	free(text);
}

static const struct topology machine = {
	.n_nodes = 3,
	.node = { { .id = 0 }, { .id = 1 }, { .id = 8 } },
};

#define EMPTY_MOVABLE                                                                              \
	{                                                                                          \
		"Movable", 0, 32, 0, "(0, 0, 0, 0, 0)"                                             \
	}
#define EMPTY_DEVICE                                                                               \
	{                                                                                          \
		"Device", 0, 0, 0, "(0, 0, 0, 0, 0)"                                               \
	}

static const struct zone node0[] = {
	{ "DMA", 3840, 73, 3840, "(0, 3019, 5067, 5067, 5067)" },
	{ "DMA32", 772918, 15055, 772918, "(0, 0, 2048, 2048, 2048)" },
	{ "Normal", 207376, 10212, 524288, "(0, 0, 0, 0, 0)" },
	EMPTY_MOVABLE,
	EMPTY_DEVICE,
	{ 0 },
};

static const struct zone node1[] = {
	{ "DMA", 0, 0, 0, "(0, 0, 1024, 1024, 1024)" },
	{ "DMA32", 0, 0, 0, "(0, 0, 1024, 1024, 1024)" },
	{ "Normal", 300000, 6000, 400000, "(0, 0, 0, 7000, 7000)" },
	{ "Movable", 50000, 500, 60000, "(0, 0, 0, 0, 0)" },
	{ "Device", 900000, 10, 900000, "(0, 0, 0, 0, 0)" },
	{ 0 },
};

static struct tree make_machine(void)
{
	struct tree tree = tree_make();

	put_zones(&tree, (const struct zone *const[]){ node0, node1 }, (const int[]){ 0, 1 }, 2, 4);
	tree_put(&tree, "/proc/buddyinfo",
		 "Node 0, zone      DMA      0      0      0      0      0      0      0      0    "
		 "  1      1      3 \n"
		 "Node 0, zone    DMA32      2      2      4      2      5      4      3      3    "
		 "  4      2    752 \n"
		 "Node 0, zone   Normal   1209    914    720    440    280    133    246    251    "
		 " 80      4    116 \n"
		 "Node 1, zone   Normal   1209    914    720    440    280    133    246    251    "
		 " 80     40      0 \n"
		 "Node 1, zone  Movable      1      1      1      1      1      1      1      1    "
		 "  1      1      2 \n"
		 "Node 1, zone   Device      0      0      0      0      0      0      0      0    "
		 "  0      0    999 \n");
	return tree;
}

TEST(adds_zones, "a node's room is the sum of its zones, each above its watermark and reserve")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[0].free_pages, 3840 + 772918 + 207376);
	CHECK_INT(room[0].managed_pages, 3840 + 772918 + 524288);
	CHECK_INT(room[0].watermark_pages, 73 + 5067 + 15055 + 2048 + 10212);
	/* The reserve of the DMA zone is larger than the zone: nothing of it is usable. */
	CHECK_INT(room[0].usable_pages, (772918 - 15055 - 2048) + (207376 - 10212));
}

TEST(uses_movable_zone,
     "a movable zone counts, device memory does not, and Normal keeps its reserve")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[1].free_pages, 300000 + 50000);
	CHECK_INT(room[1].managed_pages, 400000 + 60000);
	CHECK_INT(room[1].usable_pages, (300000 - 6000 - 7000) + (50000 - 500));
}

TEST(counts_huge_blocks, "blocks of order 9 and above are counted in units of order 9")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[0].free_huge_blocks, 1 + 2 * 3 + 2 + 2 * 752 + 4 + 2 * 116);
	CHECK_INT(room[1].free_huge_blocks, 40 + 1 + 2 * 2);
}

TEST(absent_node_has_no_room, "a node that the files do not name has no room")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	memset(room, 0xff, sizeof(room));
	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[2].free_pages, 0);
	CHECK_INT(room[2].usable_pages, 0);
	CHECK_INT(room[2].free_huge_blocks, 0);
}

TEST(maps_ids, "rooms are by node index, and a node outside the topology is passed over")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	put_zones(&tree, (const struct zone *const[]){ node0, node1 }, (const int[]){ 8, 5 }, 2, 1);
	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[0].free_pages, 0);
	CHECK_INT(room[1].free_pages, 0);
	CHECK_INT(room[2].free_pages, 3840 + 772918 + 207376);
}

TEST(below_watermark, "a zone below its watermark takes nothing from the others")
{
	static const struct zone zones[] = {
		{ "DMA32", 10000, 15055, 772918, "(0, 0, 2048)" },
		{ "Normal", 207376, 10212, 524288, "(0, 0, 0)" },
		{ 0 },
	};
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	put_zones(&tree, (const struct zone *const[]){ zones }, (const int[]){ 0 }, 1, 1);
	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[0].free_pages, 217376);
	CHECK_INT(room[0].usable_pages, 207376 - 10212);
}

TEST(dma_only, "a node of one DMA zone (arm64) has that zone's room")
{
	static const struct zone zones[] = { { "DMA", 80000, 1000, 90000, "(0, 0, 0, 0)" }, { 0 } };
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	put_zones(&tree, (const struct zone *const[]){ zones }, (const int[]){ 1 }, 1, 0);
	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[1].usable_pages, 79000);
	CHECK_INT(room[0].usable_pages, 0);
}

static uint64_t usable_with_protection(const char *protection)
{
	struct zone zones[] = { { "Normal", 10000, 1000, 90000, protection }, { 0 } };
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	put_zones(&tree, (const struct zone *const[]){ zones }, (const int[]){ 0 }, 1, 0);
	if (!CHECK(machine_read_room(&tree.root, &machine, room) == 0))
		return 0;
	return room[0].usable_pages;
}

TEST(protection_lengths, "the reserve is found whatever the number of zone types")
{
	CHECK_INT(usable_with_protection("(0, 50)"), 8950);
	CHECK_INT(usable_with_protection("(0)"), 9000);
	CHECK_INT(usable_with_protection("(0, 0, 50)"), 8950);
	CHECK_INT(usable_with_protection("(0, 0, 50, 70, 70, 70, 70)"), 8930);
	CHECK_INT(usable_with_protection("()"), 9000);
	CHECK_INT(usable_with_protection("garbage"), 9000);
	CHECK_INT(usable_with_protection("(0, 50"), 8950);
}

static uint64_t huge_blocks(const char *orders)
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];
	char text[512];

	snprintf(text, sizeof(text), "Node 0, zone   Normal %s\n", orders);
	tree_put(&tree, "/proc/buddyinfo", text);
	if (!CHECK(machine_read_room(&tree.root, &machine, room) == 0))
		return 0;
	return room[0].free_huge_blocks;
}

TEST(order_numbers, "buddyinfo may have any number of orders")
{
	CHECK_INT(huge_blocks(" 1 1 1 1 1 1 1 1 1 "), 0);
	CHECK_INT(huge_blocks(" 1 1 1 1 1 1 1 1 1 1 "), 1);
	CHECK_INT(huge_blocks(" 0 0 0 0 0 0 0 0 0 1 1 1 1 1 "), 1 + 2 + 4 + 8 + 16);
	CHECK_INT(huge_blocks(""), 0);
	CHECK_INT(huge_blocks(" 0 0 0 0 0 0 0 0 0 7 x 9 "), 7);
}

TEST(missing_files,
     "without zoneinfo or buddyinfo there is no answer, and the result is left alone")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct node_room room[TOPOLOGY_MAX_NODES] = { { .free_pages = 77 } };

	CHECK_INT(machine_read_room(&tree.root, &machine, room), -ENOENT);
	put_zones(&tree, (const struct zone *const[]){ node0 }, (const int[]){ 0 }, 1, 1);
	CHECK_INT(machine_read_room(&tree.root, &machine, room), -ENOENT);
	CHECK_INT(room[0].free_pages, 77);
}

TEST(many_cpus, "the noise of a thousand CPUs changes nothing")
{
	_cleanup_tree_ struct tree tree = make_machine();
	struct node_room room[TOPOLOGY_MAX_NODES];

	put_zones(&tree, (const struct zone *const[]){ node0, node1 }, (const int[]){ 0, 1 }, 2,
		  1000);
	REQUIRE(machine_read_room(&tree.root, &machine, room) == 0);
	CHECK_INT(room[0].usable_pages, (772918 - 15055 - 2048) + (207376 - 10212));
	CHECK_INT(room[1].usable_pages, (300000 - 6000 - 7000) + (50000 - 500));
}

TEST(reads_this_machine, "the machine that runs the test has plausible room")
{
	struct root root;
	struct topology t;
	struct node_room room[TOPOLOGY_MAX_NODES];
	uint64_t managed = 0;

	REQUIRE(root_open(&root, "/") == 0);
	REQUIRE(machine_read_topology(&root, &t) == 0);
	CHECK_INT(machine_read_room(&root, &t, room), 0);
	for (unsigned i = 0; i < t.n_nodes; i++) {
		managed += room[i].managed_pages;
		CHECK(room[i].usable_pages <= room[i].free_pages);
		CHECK(room[i].free_pages <= room[i].managed_pages);
	}
	CHECK(managed * t.page_bytes > 64 << 20);
	root_close(&root);
}

TEST_MAIN()
