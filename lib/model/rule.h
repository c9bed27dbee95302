/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the administrator wrote for a set of cgroups, and the whole configuration as plain values.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/nodeset.h"
#include "model/sample.h"

#define RULES_MAX         256 /* [rule NAME] sections in force */
#define RULE_MATCHES_MAX  64  /* match lines of one rule */
#define CONFIG_ORDERS_MAX 16  /* [compaction] order values */

enum rule_mode {
	RULE_OFF,     /* do not look */
	RULE_OBSERVE, /* plan and log, touch nothing */
	RULE_ACTIVE,
	_RULE_MODE_MAX,
};

enum rule_policy {
	POLICY_DEFAULT, /* leave to the kernel */
	POLICY_LOCAL,
	POLICY_PREFERRED,
	POLICY_PREFERRED_MANY,
	POLICY_BIND,
	POLICY_INTERLEAVE,
	POLICY_WEIGHTED_INTERLEAVE,
	_RULE_POLICY_MAX,
};

/* "0-1,4", "all", "!2": resolved against the nodes of the machine by rule_nodes_resolve(). */
struct rule_nodes {
	bool is_given;
	bool all;                /* every node of the machine, else `set` */
	struct nodeset set;      /* unless `all` */
	struct nodeset excluded; /* taken away from either */
};

/* "0:3 1:1", by node id as the kernel keeps them (1-255); 0: not given. */
struct rule_weights {
	bool is_given;
	uint8_t weight[NODESET_MAX];
};

struct rule {
	char *name;   /* "default" for the [default] section */
	char *origin; /* "FILE:LINE" of the section's header, of each file that has one ("a:3,
		       * b:1"); "built in" for compiled defaults */
	char **match; /* cgroup path globs; none in [default] */
	size_t n_match;
	enum rule_mode mode;
	enum rule_policy policy;
	struct rule_nodes nodes;
	struct rule_weights weights;
	uint64_t max_stall_usec;
	uint64_t bandwidth_bytes_per_sec; /* per destination node */
	uint64_t min_size_bytes;          /* smaller processes are left alone */
	bool collapse;
};

enum kernel_balancing {
	KERNEL_BALANCING_PAUSE, /* kernel.numa_balancing = 0 while we place, restored */
	KERNEL_BALANCING_LEAVE,
};

struct config {
	/* [daemon] */
	uint64_t interval_usec;
	/* [sampling] */
	int source;                 /* enum source_id, or -1 for auto */
	unsigned max_cpu_permyriad; /* of one CPU: 200 is 2 % */
	uint64_t max_memory_bytes;
	/* [migration]; bandwidth and max_stall are the defaults of [default], and so of the rules
	 */
	uint64_t migration_bandwidth_bytes_per_sec;
	uint64_t migration_max_stall_usec;
	enum kernel_balancing kernel_balancing;
	/* [compaction] */
	enum rule_mode compaction_mode;
	unsigned compaction_order[CONFIG_ORDERS_MAX];
	unsigned n_compaction_orders;
	unsigned compaction_low,
		compaction_high; /* free blocks of an order: act below low, stop at high */
	uint64_t compaction_horizon_usec;
	unsigned compaction_max_cpu_permyriad;
	uint64_t compaction_interval_usec;
	/* [default] and [rule NAME], the latter in file order: later wins */
	struct rule default_rule;
	struct rule *rules;
	size_t n_rules;
};

/* The rule in force for a cgroup v2 path ("/system.slice/x.service"; "/" is the root): the last
 * [rule] that matches the path or one of its ancestors, else [default]. Never NULL. */
const struct rule *config_rule_for(const struct config *config, const char *cgroup);

#define CGROUP_GLOB_MAX 1024 /* bytes of a pattern; a longer one matches nothing */

/* True when `pattern` matches `path` itself: `*` any run of characters within one name, `**` across
 * names (as a whole name also none at all), `?` one byte of a name; everything else is literal, a
 * backslash too. Only
 * "/" matches the root. Linear in practice, quadratic at worst. */
bool cgroup_glob_matches(const char *pattern, const char *path);

/* True when `pattern` matches `path` or one of its ancestors; "/" covers everything. */
bool cgroup_glob_covers(const char *pattern, const char *path);

/* The nodes meant, of those `present` on the machine; empty when none was given. */
void rule_nodes_resolve(const struct rule_nodes *nodes, const struct nodeset *present,
			struct nodeset *ret_set);

/* True for the policies that this version carries out; the others are refused when a file is
 * loaded. */
bool policy_is_supported(enum rule_policy policy);

/* The words of the configuration file. */
const char *rule_mode_name(enum rule_mode mode);
const char *rule_policy_name(enum rule_policy policy);
