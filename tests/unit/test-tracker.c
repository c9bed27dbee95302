/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls clock */
#include "daemon/tracker.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/fake-clock.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/tree.h"

#define SEC 1000000ULL
#define MIB (1ULL << 20)

/* A private mapping of 64 MiB, one of 4 MiB that shares its first extent's neighbour, a shared
 * file, the stack. */
#define HEAP   0x7f0000000000ULL
#define SHARED 0x7f1000000000ULL
#define MAPS                                                                                       \
	"00400000-00401000 r-xp 00000000 08:01 77 /usr/bin/x\n"                                    \
	"7f0000000000-7f0004000000 rw-p 00000000 00:00 0 \n"                                       \
	"7f1000000000-7f1001000000 rw-s 00400000 00:01 555 /dev/shm/x\n"                           \
	"7ffff0000000-7ffff0021000 rw-p 00000000 00:00 0 [stack]\n"                                \
	"7ffff7fc0000-7ffff7fc4000 r--p 00000000 00:00 0 [vvar]\n"

struct world {
	struct tree tree;
	struct topology topology;
	struct rule rules[1];
	char *match[1];
	struct config config;
	struct tracker *tracker;
};

static void put_text(struct world *world, pid_t pid, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	tree_put(&world->tree, path, text);
}

static void put_stat(struct world *world, pid_t pid, unsigned flags, unsigned start,
		     unsigned resident_pages)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%d (worker) S 1 42 42 0 -1 %u 126 0 3 0 11 7 0 0 20 0 1 0 %u 8921088 1024 "
		 "18446744073709551615 "
		 "1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 pid, flags, start);
	put_text(world, pid, "stat", text);
	snprintf(text, sizeof(text), "100000 %u 200 5 0 110 0\n", resident_pages);
	put_text(world, pid, "statm", text);
}

/* A numa_maps that shows "default" for every mapping of `maps`, but `policy` for the one at
 * `address`. */
static void put_policies(struct world *world, pid_t pid, const char *maps, uint64_t address,
			 const char *policy)
{
	char text[1024];
	size_t used = 0;

	for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
		unsigned long long start = strtoull(line, NULL, 16);

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%08llx %s\n", start,
					 start == address ? policy : "default");
		TREE_CHECK(used < sizeof(text));
	}
	put_text(world, pid, "numa_maps", text);
}

static void put_maps(struct world *world, pid_t pid, const char *maps)
{
	put_text(world, pid, "maps", maps);
	put_policies(world, pid, maps, 0, "default");
}

static void put_threads(struct world *world, pid_t pid, pid_t first, pid_t end)
{
	char file[64];

	for (pid_t tid = first; tid < end; tid++) {
		snprintf(file, sizeof(file), "task/%d/comm", tid);
		put_text(world, pid, file, "worker\n");
	}
}

static void put_process(struct world *world, pid_t pid, const char *cgroup)
{
	char text[512];

	put_stat(world, pid, 4194560, 1000, 100000);
	snprintf(text, sizeof(text), "0::%s\n", cgroup);
	put_text(world, pid, "cgroup", text);
	put_maps(world, pid, MAPS);
	put_text(world, pid, "status",
		 "Name:\tworker\nMems_allowed:\t3\nMems_allowed_list:\t0-1\n");
	put_threads(world, pid, pid, pid + 1);
}

static void remove_process(struct world *world, pid_t pid)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/proc/%d", world->tree.path, pid);
	nftw(path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int may_run_on_cpu_1(pid_t tid, size_t size, void *mask)
{
	(void)tid;
	memset(mask, 0, size);
	*(unsigned char *)mask = 1 << 1;
	return (int)size;
}

/* Two nodes with a CPU each; a rule "off" for /off, [default] is active with min_size 1 MiB. */
static struct world *new_world(void)
{
	struct world *world = calloc(1, sizeof(*world));

	TREE_CHECK(world);
	world->tree = tree_make();
	world->topology.n_nodes = 2;
	world->topology.node[1].id = 1;
	world->topology.node[0].has_memory = world->topology.node[1].has_memory = true;
	world->topology.n_cpus = 2;
	world->topology.cpu_node[1] = 1;
	world->topology.page_bytes = 4096;
	world->match[0] = (char *)(uintptr_t) "/off";
	world->rules[0] = (struct rule){ .name = (char *)(uintptr_t) "off",
					 .match = world->match,
					 .n_match = 1,
					 .mode = RULE_OFF,
					 .policy = POLICY_LOCAL };
	world->config = (struct config){ .default_rule = { .mode = RULE_ACTIVE,
							   .policy = POLICY_LOCAL,
							   .min_size_bytes = MIB },
					 .rules = world->rules,
					 .n_rules = 1 };
	world->tracker = tracker_new(&world->tree.root, &world->topology);
	TREE_CHECK(world->tracker);
	tracker_set_rules(world->tracker, &world->config, false);
	fake_clock_set(SEC);
	fake_sched_getaffinity_handler = may_run_on_cpu_1;
	return world;
}

static void world_freep(struct world **world)
{
	tracker_free((*world)->tracker);
	tree_done(&(*world)->tree);
	free(*world);
	fake_syscalls_reset();
}
#define _cleanup_world_ _cleanup_(world_freep)

static bool prepare(struct world *world, pid_t pid, uint64_t now_usec)
{
	struct process *process = tracker_find_process(world->tracker, pid);

	return process && tracker_prepare_move(world->tracker, process, now_usec);
}

static struct object *locate(struct world *world, pid_t pid, uint64_t address, uint64_t now_usec,
			     uint64_t *ret_extent)
{
	struct process *process = tracker_process(world->tracker, pid, now_usec);

	return process ? tracker_locate(world->tracker, process, address, now_usec, ret_extent)
		       : NULL;
}

TEST(meets, "a process is read at first sight: its name, cgroup, rule and standing")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;

	put_process(world, 100, "/a.slice/b.service");
	process = tracker_process(world->tracker, 100, SEC);
	REQUIRE(process);
	CHECK_INT(process->pid, 100);
	CHECK_STR(process->name, "worker");
	CHECK_STR(process->cgroup, "/a.slice/b.service");
	CHECK(process->rule == &world->config.default_rule);
	CHECK_INT(process->standing, STANDING_ACTIVE);
	CHECK(tracker_find_process(world->tracker, 100) == process);
	CHECK_INT(tracker_n_processes(world->tracker), 1);
}

TEST(vanished, "a process that is not there is no process, and is counted")
{
	_cleanup_world_ struct world *world = new_world();

	CHECK(!tracker_process(world->tracker, 100, SEC));
	CHECK_INT(tracker_n_vanished(world->tracker), 1);
	CHECK_INT(tracker_n_processes(world->tracker), 0);
	tracker_exit(world->tracker, 100);
	tracker_exec(world->tracker, 100);
	CHECK_INT(tracker_n_processes(world->tracker), 0);
}

TEST(standings, "small ones, kernel threads, cgroups that are off and ourselves are ignored, each "
		"with its reason")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;

	put_process(world, 1, "/");
	put_stat(world, 1, 4194560, 1, 255);
	put_process(world, 2, "/");
	put_stat(world, 2, 69238880, 1, 100000);
	put_process(world, 3, "/off/below");
	put_process(world, getpid(), "/");
	for (int pid = 1; pid <= 3; pid++) {
		process = tracker_process(world->tracker, pid, SEC);
		REQUIRE(process);
		CHECK_INT(process->standing, STANDING_IGNORED);
		CHECK(process->standing_reason);
	}
	process = tracker_process(world->tracker, getpid(), SEC);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_IGNORED);
}

TEST(grows,
     "a process that has grown, or changed its cgroup, has another standing a few seconds later")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;

	put_process(world, 1, "/");
	put_stat(world, 1, 4194560, 1, 255);
	process = tracker_process(world->tracker, 1, SEC);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_IGNORED);
	put_stat(world, 1, 4194560, 1, 256);
	process = tracker_process(world->tracker, 1, SEC + TRACKER_STATUS_USEC - 1);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_IGNORED);
	process = tracker_process(world->tracker, 1, SEC + TRACKER_STATUS_USEC);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_ACTIVE);
	put_text(world, 1, "cgroup", "0::/off\n");
	process = tracker_process(world->tracker, 1, SEC + 2 * TRACKER_STATUS_USEC);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_IGNORED);
}

TEST(reload,
     "new rules, and --observe, hold at once; their pointers belong to the new configuration")
{
	_cleanup_world_ struct world *world = new_world();
	struct config other = { .default_rule = { .mode = RULE_OBSERVE, .policy = POLICY_LOCAL } };
	struct process *process;

	put_process(world, 1, "/off");
	REQUIRE(tracker_process(world->tracker, 1, SEC));
	tracker_set_rules(world->tracker, &other, false);
	process = tracker_find_process(world->tracker, 1);
	REQUIRE(process);
	CHECK(process->rule == &other.default_rule);
	CHECK_INT(process->standing, STANDING_OBSERVE);
	other.default_rule.mode = RULE_ACTIVE;
	tracker_set_rules(world->tracker, &other, true);
	process = tracker_find_process(world->tracker, 1);
	REQUIRE(process);
	CHECK_INT(process->standing, STANDING_OBSERVE);
	remove_process(world, 1);
	tracker_set_rules(world->tracker, &world->config, false);
	CHECK(!tracker_find_process(world->tracker, 1));
}

TEST(private_memory, "an address of private memory belongs to the process's object, by address")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent = 0, other = 0;
	struct object *object;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	object = locate(world, 1, HEAP + 5 * MIB, SEC, &extent);
	REQUIRE(object);
	CHECK(!object->is_shared);
	CHECK_INT(object->pid, 1);
	CHECK_INT(extent, (HEAP + 5 * MIB) >> EXTENT_SHIFT);
	CHECK(locate(world, 1, 0x7ffff0000000, SEC, &other) == object);
	CHECK(locate(world, 2, HEAP + 5 * MIB, SEC, &other) != object);
	CHECK(tracker_find_object(world->tracker, object->id) == object);
}

TEST(unplaced, "addresses that are not mapped, or that the kernel maps, belong to nothing")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent = 77;

	put_process(world, 1, "/");
	CHECK(!locate(world, 1, 0x1000, SEC, &extent));
	CHECK(!locate(world, 1, HEAP + 64 * MIB, SEC, &extent));
	CHECK(!locate(world, 1, 0x7ffff7fc0000, SEC, &extent));
	CHECK(!locate(world, 1, UINT64_MAX, SEC, &extent));
	CHECK_INT(extent, 77);
}

TEST(shared_memory, "a shared mapping is one object for all who map it, by its place in the file")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent = 0, other = 0;
	struct object *object;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	put_maps(world, 2, "7f2000000000-7f2001000000 rw-s 00000000 00:01 555 /dev/shm/x\n");
	object = locate(world, 1, SHARED + 3 * MIB, SEC, &extent);
	REQUIRE(object);
	CHECK(object->is_shared);
	CHECK_INT(extent, (0x400000 + 3 * MIB) >> EXTENT_SHIFT);
	CHECK(locate(world, 2, 0x7f2000000000 + 0x400000 + 3 * MIB, SEC, &other) == object);
	CHECK_INT(other, extent);
}

TEST(anonymous_shared, "a shared mapping of no file is the process's own")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1, "7f2000000000-7f2001000000 rw-s 00000000 00:00 0 \n");
	object = locate(world, 1, 0x7f2000000000, SEC, &extent);
	REQUIRE(object);
	CHECK(!object->is_shared);
}

TEST(new_mapping,
     "a mapping that came later is found soon after samples hit it, but not reread for each")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1, "7f0000000000-7f0004000000 rw-p 00000000 00:00 0 \n");
	CHECK(locate(world, 1, HEAP, SEC, &extent));
	put_maps(world, 1, MAPS);
	CHECK(!locate(world, 1, SHARED, SEC + TRACKER_MISS_USEC - 1, &extent));
	CHECK(locate(world, 1, SHARED, SEC + TRACKER_MISS_USEC, &extent));
}

TEST(exec, "after an exec nothing is left of the memory before, and the pid is read anew")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent, generation;
	uint32_t id;

	put_process(world, 1, "/");
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object);
	id = object->id;
	generation = tracker_find_process(world->tracker, 1)->generation;
	tracker_exec(world->tracker, 1);
	CHECK(!tracker_find_object(world->tracker, id));
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object);
	CHECK(object->id != id);
	CHECK(tracker_find_process(world->tracker, 1)->generation > generation);
	CHECK_INT(tracker_n_vanished(world->tracker), 0);
}

TEST(exits, "a process that ends takes its private memory with it, shared memory stays")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *private, *shared;
	uint64_t extent;
	size_t n;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	private = locate(world, 1, HEAP, SEC, &extent);
	shared = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(private && shared && locate(world, 2, HEAP, SEC, &extent));
	tracker_exit(world->tracker, 1);
	CHECK(!tracker_find_process(world->tracker, 1));
	CHECK(tracker_objects(world->tracker, &n) && n == 2);
	CHECK_INT(tracker_n_vanished(world->tracker), 1);
	CHECK_INT(tracker_n_processes(world->tracker), 1);
	CHECK(locate(world, 2, SHARED, SEC, &extent) == shared);
}

TEST(pid_reuse, "a pid that belongs to another process now is not taken for the one before")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent, generation;
	struct object *object;
	struct process *process;
	uint32_t id;

	put_process(world, 1, "/");
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object);
	id = object->id;
	generation = tracker_find_process(world->tracker, 1)->generation;
	put_stat(world, 1, 4194560, 2000, 100000);
	tracker_process(world->tracker, 1, SEC + TRACKER_STATUS_USEC);
	process = tracker_process(world->tracker, 1, SEC + TRACKER_STATUS_USEC);
	REQUIRE(process);
	CHECK_INT(process->start_time_ticks, 2000);
	CHECK(process->generation != generation);
	CHECK(!tracker_find_object(world->tracker, id));
}

TEST(ranges,
     "the ranges of private memory are its mappings, those that touch one extent put together")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1,
		 "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
		 "7f0000100000-7f0000101000 rw-p 00000000 00:00 0 \n"
		 "7f0000200000-7f0000600000 ---p 00000000 00:00 0 \n"
		 "7f0000600000-7f0000a01000 rw-p 00000000 00:00 0 \n"
		 "7f0000a01000-7f0000c00000 rw-p 00000000 00:00 0 \n"
		 "7f1000000000-7f1001000000 rw-s 00400000 00:01 555 /dev/shm/x\n");
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object && tracker_prepare_object(world->tracker, object, SEC));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges >= 2);
	CHECK_INT(object->range[0].first, HEAP >> EXTENT_SHIFT);
	CHECK_INT(object->range[0].end, (HEAP >> EXTENT_SHIFT) + 1);
	CHECK_INT(object->range[1].first, (HEAP >> EXTENT_SHIFT) + 3);
	CHECK_INT(object->range[object->n_ranges - 1].end, (HEAP >> EXTENT_SHIFT) + 6);
	for (size_t i = 1; i < object->n_ranges; i++)
		CHECK(object->range[i].first >= object->range[i - 1].end);
}

TEST(shared_ranges, "the ranges of shared memory are what its users map of the file, together")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	put_maps(world, 2, "7f2000000000-7f2000800000 rw-s 02000000 00:01 555 /dev/shm/x\n");
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object && locate(world, 2, 0x7f2000000000, SEC, &extent) == object);
	REQUIRE(tracker_prepare_object(world->tracker, object, SEC));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges == 2);
	CHECK_INT(object->range[0].first, 0x400000 >> EXTENT_SHIFT);
	CHECK_INT(object->range[0].end, (0x400000 + 16 * MIB) >> EXTENT_SHIFT);
	CHECK_INT(object->range[1].first, 0x2000000 >> EXTENT_SHIFT);
	CHECK_INT(object->range[1].end, (0x2000000 + 8 * MIB) >> EXTENT_SHIFT);
}

TEST(own_policy, "memory with a mempolicy of its own is in no range")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_policies(world, 1, MAPS, HEAP, "bind:0 anon=1 dirty=1 N0=1 kernelpagesize_kB=4");
	object = locate(world, 1, HEAP, SEC, &extent);
	process = tracker_find_process(world->tracker, 1);
	REQUIRE(object && process);
	REQUIRE(tracker_prepare_move(world->tracker, process, SEC));
	CHECK_INT(process->thread_nodes, 1 << 1);
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	/* The program and the stack are left. */
	CHECK_INT(object->n_ranges, 2);
	for (size_t i = 0; i < object->n_ranges; i++)
		CHECK(object->range[i].end <= HEAP >> EXTENT_SHIFT ||
		      object->range[i].first >= (HEAP + 64 * MIB) >> EXTENT_SHIFT);
	/* What is known stays when the mappings are read again. */
	CHECK(locate(world, 1, HEAP, SEC + 2 * TRACKER_MAPPINGS_USEC, &extent) == object);
	CHECK(process->mappings.map[1].has_own_policy);
	CHECK(!process->mappings.map[0].has_own_policy);
}

TEST(later_mapping, "a mapping that came, or grew, later is in no range until policies are read "
		    "again")
{
	static const char before[] = "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
				     "7f0000800000-7f0000a00000 rw-p 00000000 00:00 0 \n";
	static const char after[] = "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
				    "7f0000800000-7f0000c00000 rw-p 00000000 00:00 0 \n"
				    "7f0001000000-7f0001200000 rw-p 00000000 00:00 0 \n";
	const uint64_t later = SEC + TRACKER_MISS_USEC;
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1, before);
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object);
	/* Nothing was read yet: all of it is unknown. */
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	CHECK_INT(object->n_ranges, 0);
	REQUIRE(tracker_prepare_object(world->tracker, object, SEC));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	CHECK_INT(object->n_ranges, 2);
	put_maps(world, 1, after);
	CHECK(locate(world, 1, HEAP + 16 * MIB, later, &extent) == object);
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges == 1);
	CHECK_INT(object->range[0].first, HEAP >> EXTENT_SHIFT);
	CHECK_INT(object->range[0].end, (HEAP + 4 * MIB) >> EXTENT_SHIFT);
	REQUIRE(tracker_prepare_object(world->tracker, object, later));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges == 3);
	CHECK_INT(object->range[1].end, (HEAP + 12 * MIB) >> EXTENT_SHIFT);
	CHECK_INT(object->range[2].first, (HEAP + 16 * MIB) >> EXTENT_SHIFT);
	/* The policies are those of the mappings of that moment, not of the ones known before. */
	put_maps(world, 1, before);
	REQUIRE(tracker_prepare_object(world->tracker, object, later + TRACKER_POLICIES_USEC));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges == 2);
	CHECK_INT(object->range[1].end, (HEAP + 10 * MIB) >> EXTENT_SHIFT);
}

TEST(shared_policy, "a shared object is not movable when its second user shows a policy on it")
{
	static const char two_files[] =
		"7f1000000000-7f1001000000 rw-s 00400000 00:01 555 /dev/shm/x\n"
		"7f2000000000-7f2001000000 rw-s 00400000 00:01 556 /dev/shm/y\n";
	_cleanup_world_ struct world *world = new_world();
	uint64_t now = SEC, extent;
	struct object *object;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object && locate(world, 2, SHARED + 8 * MIB, SEC, &extent) == object);
	CHECK(tracker_prepare_object(world->tracker, object, now));
	/* A policy on another file of that user does not matter. */
	put_text(world, 2, "maps", two_files);
	put_policies(world, 2, two_files, 0x7f2000000000, "interleave:0-1");
	CHECK(tracker_prepare_object(world->tracker, object, now += TRACKER_POLICIES_USEC));
	put_policies(world, 2, two_files, SHARED, "interleave:0-1");
	CHECK(!tracker_prepare_object(world->tracker, object, now += TRACKER_POLICIES_USEC));
	put_policies(world, 2, two_files, SHARED, "default");
	CHECK(tracker_prepare_object(world->tracker, object, now += TRACKER_POLICIES_USEC));
}

TEST(shared_policy_eighth, "a policy that only the eighth user shows is seen as well")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object = NULL;
	uint64_t extent;

	for (pid_t pid = 1; pid <= 8; pid++) {
		put_process(world, pid, "/");
		object = locate(world, pid, SHARED + (unsigned)(pid - 1) * 2 * MIB, SEC, &extent);
		REQUIRE(object && object->is_shared);
	}
	CHECK(tracker_prepare_object(world->tracker, object, SEC));
	put_policies(world, 8, MAPS, SHARED, "interleave:0-1");
	CHECK(!tracker_prepare_object(world->tracker, object, SEC + TRACKER_POLICIES_USEC));
}

TEST(many_threads, "of more threads than are asked it is not known where they may run")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;

	put_process(world, 1, "/");
	put_threads(world, 1, 1000, 1062);
	process = tracker_process(world->tracker, 1, SEC);
	REQUIRE(process && tracker_prepare_move(world->tracker, process, SEC));
	CHECK_INT(process->thread_nodes, 1 << 1);
	/* 65 of them. */
	put_threads(world, 1, 1062, 1064);
	REQUIRE(tracker_prepare_move(world->tracker, process, SEC + TRACKER_STATUS_USEC));
	CHECK_INT(process->thread_nodes, 0);
}

TEST(confined, "a process whose cpuset keeps it off a node is known as confined")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;

	put_process(world, 1, "/");
	process = tracker_process(world->tracker, 1, SEC);
	REQUIRE(process && tracker_prepare_move(world->tracker, process, SEC));
	CHECK(!process->is_confined);
	put_text(world, 1, "status", "Name:\tworker\nMems_allowed:\t2\nMems_allowed_list:\t1\n");
	REQUIRE(tracker_prepare_move(world->tracker, process, SEC + TRACKER_STATUS_USEC));
	CHECK(process->is_confined);
}

TEST(prepare_vanished, "a process whose policies cannot be read must not be moved")
{
	_cleanup_world_ struct world *world = new_world();
	struct process *process;
	uint64_t extent;

	put_process(world, 1, "/");
	REQUIRE(locate(world, 1, HEAP, SEC, &extent));
	process = tracker_find_process(world->tracker, 1);
	remove_process(world, 1);
	CHECK(!tracker_prepare_move(world->tracker, process, SEC));
}

struct visited {
	size_t n;
	struct {
		pid_t pid;
		uint64_t start, end;
	} part[16];
	int result;
};

static int visit(void *userdata, struct process *process, uint64_t start, uint64_t end)
{
	struct visited *visited = userdata;

	if (visited->n < 16) {
		visited->part[visited->n].pid = process->pid;
		visited->part[visited->n].start = start;
		visited->part[visited->n].end = end;
	}
	visited->n++;
	return visited->result;
}

TEST(visits_private, "an extent is visited at its addresses, cut to the mapping")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1, "7f0000001000-7f0000501000 rw-p 00000000 00:00 0 \n");
	object = locate(world, 1, HEAP + 0x1000, SEC, &extent);
	REQUIRE(object && tracker_prepare_object(world->tracker, object, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent, extent + 1, visit,
					  &visited),
		  0);
	REQUIRE(visited.n == 1);
	CHECK_INT(visited.part[0].start, HEAP + 0x1000);
	CHECK_INT(visited.part[0].end, HEAP + 2 * MIB);
	visited.n = 0;
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent + 1, extent + 100, visit,
					  &visited),
		  0);
	REQUIRE(visited.n == 1);
	CHECK_INT(visited.part[0].start, HEAP + 2 * MIB);
	CHECK_INT(visited.part[0].end, HEAP + 0x501000);
	visited.n = 0;
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent + 3, extent + 100, visit,
					  &visited),
		  0);
	CHECK_INT(visited.n, 0);
}

TEST(visits_both, "two mappings in one extent are both visited, what is between them is not")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_maps(world, 1,
		 "7f0000001000-7f0000003000 rw-p 00000000 00:00 0 \n"
		 "7f0000003000-7f0000004000 ---p 00000000 00:00 0 \n"
		 "7f0000100000-7f0000300000 rw-p 00000000 00:00 0 \n");
	object = locate(world, 1, HEAP + 0x1000, SEC, &extent);
	REQUIRE(object && tracker_prepare_object(world->tracker, object, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent, extent + 1, visit,
					  &visited),
		  0);
	REQUIRE(visited.n == 2);
	CHECK_INT(visited.part[0].start, HEAP + 0x1000);
	CHECK_INT(visited.part[0].end, HEAP + 0x3000);
	CHECK_INT(visited.part[1].start, HEAP + 0x100000);
	CHECK_INT(visited.part[1].end, HEAP + 0x200000);
}

TEST(visits_shared,
     "shared memory is visited through a process that used the extent, at that one's addresses")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	uint64_t extent, second;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	put_maps(world, 2, "7f2000000000-7f2000800000 rw-s 01000000 00:01 555 /dev/shm/x\n");
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object && locate(world, 2, 0x7f2000000000, SEC, &second) == object);
	REQUIRE(tracker_prepare_object(world->tracker, object, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	REQUIRE(visited.n == 2);
	CHECK_INT(visited.part[0].pid, 1);
	CHECK_INT(visited.part[0].start, SHARED);
	CHECK_INT(visited.part[0].end, SHARED + 2 * MIB);
	CHECK_INT(visited.part[1].pid, 2);
	CHECK_INT(visited.part[1].start, 0x7f2000000000);
	CHECK_INT(visited.part[1].end, 0x7f2000000000 + 2 * MIB);
	/* The one that used an extent last is gone: nobody is known that maps it. */
	tracker_exit(world->tracker, 2);
	visited.n = 0;
	CHECK_INT(tracker_visit_addresses(world->tracker, object, second, second + 1, visit,
					  &visited),
		  0);
	CHECK_INT(visited.n, 0);
}

TEST(visits_read, "shared memory is not visited through a user whose policies were never read")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	struct process *second;
	uint64_t extent;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object && locate(world, 2, SHARED + 8 * MIB, SEC, &extent) == object);
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	CHECK_INT(visited.n, 0);
	REQUIRE(prepare(world, 1, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	REQUIRE(visited.n == 1);
	CHECK_INT(visited.part[0].pid, 1);
	CHECK_INT(visited.part[0].start, SHARED);
	visited.n = 0;
	REQUIRE(prepare(world, 2, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	REQUIRE(visited.n == 2);
	CHECK_INT(visited.part[1].pid, 2);
	CHECK_INT(visited.part[1].start, SHARED + 8 * MIB);
	/* Whatever its mappings say. */
	second = tracker_find_process(world->tracker, 2);
	second->policies_usec = 0;
	visited.n = 0;
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	REQUIRE(visited.n == 1);
	CHECK_INT(visited.part[0].pid, 1);
}

TEST(visits_unreadable,
     "a user whose policies cannot be read adds no range and is not visited, the "
     "others are")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	uint64_t extent;
	char path[128];

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	put_maps(world, 2, "7f2000000000-7f2000800000 rw-s 02000000 00:01 555 /dev/shm/x\n");
	snprintf(path, sizeof(path), "%s/proc/2/numa_maps", world->tree.path);
	TREE_CHECK(unlink(path) == 0);
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object && locate(world, 2, 0x7f2000000000, SEC, &extent) == object);
	CHECK(tracker_prepare_object(world->tracker, object, SEC));
	REQUIRE(tracker_update_ranges(world->tracker, object) == 0);
	REQUIRE(object->n_ranges == 1);
	CHECK_INT(object->range[0].first, 0x400000 >> EXTENT_SHIFT);
	CHECK_INT(object->range[0].end, (0x400000 + 16 * MIB) >> EXTENT_SHIFT);
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, 1000, visit, &visited), 0);
	REQUIRE(visited.n == 1);
	CHECK_INT(visited.part[0].pid, 1);
}

TEST(visits_confined, "a confined process is not movable, and not visited")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { 0 };
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	put_text(world, 1, "status", "Name:\tworker\nMems_allowed:\t2\nMems_allowed_list:\t1\n");
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object);
	CHECK(!tracker_prepare_object(world->tracker, object, SEC));
	REQUIRE(prepare(world, 1, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent, extent + 1, visit,
					  &visited),
		  0);
	CHECK_INT(visited.n, 0);
	/* Let loose, it is. */
	put_text(world, 1, "status", "Name:\tworker\nMems_allowed:\t3\nMems_allowed_list:\t0-1\n");
	CHECK(tracker_prepare_object(world->tracker, object, SEC + TRACKER_STATUS_USEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, extent, extent + 1, visit,
					  &visited),
		  0);
	CHECK_INT(visited.n, 1);
}

TEST(visit_stops, "a visitor that fails stops the visit with its error")
{
	_cleanup_world_ struct world *world = new_world();
	struct visited visited = { .result = -ENOSPC };
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/");
	object = locate(world, 1, HEAP, SEC, &extent);
	REQUIRE(object && tracker_prepare_object(world->tracker, object, SEC));
	CHECK_INT(tracker_visit_addresses(world->tracker, object, 0, UINT64_MAX >> EXTENT_SHIFT,
					  visit, &visited),
		  -ENOSPC);
	CHECK_INT(visited.n, 1);
}

TEST(shared_user, "of a shared object's users an active one is named first")
{
	_cleanup_world_ struct world *world = new_world();
	struct object *object;
	uint64_t extent;

	put_process(world, 1, "/off");
	put_process(world, 2, "/");
	object = locate(world, 1, SHARED, SEC, &extent);
	REQUIRE(object);
	CHECK(!tracker_find_user(world->tracker, object));
	REQUIRE(locate(world, 2, SHARED + 4 * MIB, SEC, &extent) == object);
	CHECK(tracker_find_user(world->tracker, object) == tracker_find_process(world->tracker, 2));
	tracker_exit(world->tracker, 2);
	CHECK(!tracker_find_user(world->tracker, object));
}

TEST(draws, "a drawn address lies in a placed mapping, and the larger one is drawn more often")
{
	_cleanup_world_ struct world *world = new_world();
	unsigned heap = 0, wrong = 0;
	struct process *process;
	uint64_t seed = 1;

	put_process(world, 1, "/");
	process = tracker_process(world->tracker, 1, SEC);
	REQUIRE(process);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t address, extent;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		address = tracker_draw_address(world->tracker, process, seed >> 16, SEC);
		wrong += !tracker_locate(world->tracker, process, address, SEC, &extent);
		heap += address >= HEAP && address < HEAP + 64 * MIB;
	}
	CHECK_INT(wrong, 0);
	/* 64 of 80 MiB. */
	CHECK(heap > 700 && heap < 900);
	CHECK(tracker_draw_address(world->tracker, process, 0, SEC));
	CHECK(tracker_draw_address(world->tracker, process, UINT64_MAX, SEC));
}

TEST(idle, "what was not sampled for a minute is forgotten")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent;
	size_t n;

	put_process(world, 1, "/");
	put_process(world, 2, "/");
	REQUIRE(locate(world, 1, HEAP, SEC, &extent));
	REQUIRE(locate(world, 2, HEAP, SEC, &extent));
	REQUIRE(tracker_process(world->tracker, 2, 50 * SEC));
	for (struct object **object = tracker_objects(world->tracker, &n); n-- > 0; object++)
		(*object)->sampled_usec = (*object)->pid == 2 ? 50 * SEC : SEC;
	tracker_settle(world->tracker, SIZE_MAX, SEC + TRACKER_IDLE_USEC);
	CHECK(!tracker_find_process(world->tracker, 1));
	CHECK(tracker_find_process(world->tracker, 2));
	tracker_objects(world->tracker, &n);
	CHECK_INT(n, 1);
}

TEST(memory_bound, "beyond its memory the least recently sampled are forgotten first")
{
	_cleanup_world_ struct world *world = new_world();
	size_t before;

	for (pid_t pid = 10; pid < 60; pid++) {
		struct object *object;
		uint64_t extent, now = (unsigned)pid * SEC / 2;

		put_process(world, pid, "/");
		object = locate(world, pid, HEAP, now, &extent);
		REQUIRE(object);
		object->sampled_usec = now;
		for (uint64_t i = 0; i < 32; i++)
			REQUIRE(heat_add(&object->heat, i * 64, 0, 0, 1, now) == 0);
	}
	before = tracker_bytes(world->tracker);
	CHECK(before > 50 * 32 * 64 * 20);
	tracker_settle(world->tracker, before / 2, 30 * SEC);
	CHECK(tracker_bytes(world->tracker) <= before / 2);
	CHECK(tracker_n_processes(world->tracker) > 0);
	CHECK(tracker_find_process(world->tracker, 59));
	CHECK(!tracker_find_process(world->tracker, 10));
}

TEST(memory_bound_recent, "memory is bounded though all was sampled a moment ago")
{
	_cleanup_world_ struct world *world = new_world();
	size_t before;

	for (pid_t pid = 10; pid < 30; pid++) {
		struct object *object;
		uint64_t extent;

		put_process(world, pid, "/");
		object = locate(world, pid, HEAP, SEC, &extent);
		REQUIRE(object);
		object->sampled_usec = SEC;
		for (uint64_t i = 0; i < 32; i++)
			REQUIRE(heat_add(&object->heat, i * 64, 0, 0, 1, SEC) == 0);
	}
	before = tracker_bytes(world->tracker);
	tracker_settle(world->tracker, before / 2, SEC);
	CHECK(tracker_bytes(world->tracker) <= before / 2);
}

TEST(clears, "all can be forgotten at once, and met again")
{
	_cleanup_world_ struct world *world = new_world();
	uint64_t extent;
	size_t n;

	put_process(world, 1, "/");
	REQUIRE(locate(world, 1, HEAP, SEC, &extent) && locate(world, 1, SHARED, SEC, &extent));
	tracker_clear(world->tracker);
	CHECK_INT(tracker_n_processes(world->tracker), 0);
	tracker_objects(world->tracker, &n);
	CHECK_INT(n, 0);
	CHECK(locate(world, 1, HEAP, SEC, &extent));
	CHECK(!tracker_free(NULL));
}

TEST_MAIN()
