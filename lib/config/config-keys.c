/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-keys.h"

#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "model/rule.h"

#define KIB  (UINT64_C(1) << 10)
#define MIB  (UINT64_C(1) << 20)
#define GIB  (UINT64_C(1) << 30)
#define TIB  (UINT64_C(1) << 40)
#define MSEC USEC_PER_MSEC
#define SEC  USEC_PER_SEC
#define MIN  (60 * USEC_PER_SEC)

#define IN_CONFIG(field) .offset = offsetof(struct config, field)
#define IN_RULE(field)   .offset = offsetof(struct rule, field)

static const struct config_choice sources[] = {
	{ "auto", -1 },
	{ "pebs", SOURCE_PEBS },
	{ "ibs", SOURCE_IBS },
	{ "spe", SOURCE_SPE },
	{ "operand", SOURCE_OPERAND },
	{ "faults", SOURCE_FAULTS },
	{ "residency", SOURCE_RESIDENCY },
	{ NULL, 0 },
};

static const struct config_choice kernel_balancing[] = {
	{ "pause", KERNEL_BALANCING_PAUSE },
	{ "leave", KERNEL_BALANCING_LEAVE },
	{ NULL, 0 },
};

static const struct config_choice modes[] = {
	{ "active", RULE_ACTIVE },
	{ "observe", RULE_OBSERVE },
	{ "off", RULE_OFF },
	{ NULL, 0 },
};

static const struct config_choice policies[] = {
	{ "default", POLICY_DEFAULT },
	{ "local", POLICY_LOCAL },
	{ "preferred", POLICY_PREFERRED },
	{ "preferred-many", POLICY_PREFERRED_MANY },
	{ "bind", POLICY_BIND },
	{ "interleave", POLICY_INTERLEAVE },
	{ "weighted-interleave", POLICY_WEIGHTED_INTERLEAVE },
	{ NULL, 0 },
};

/* clang-format off: a table */
const struct config_key config_keys[] = {
	{ SECTION_DAEMON, "interval", TYPE_DURATION, .min = 50 * MSEC, .max = MIN,
	  .default_text = "1s", IN_CONFIG(interval_usec),
	  .help = "how often memory and its users are looked at and moves are decided" },

	{ SECTION_SAMPLING, "source", TYPE_CHOICE, .choices = sources, .default_text = "auto",
	  IN_CONFIG(source),
	  .help = "where memory accesses are learnt from; auto takes the best that works" },
	{ SECTION_SAMPLING, "max_cpu", TYPE_PERCENT, .min = 10, .max = 10000, .default_text = "2%",
	  IN_CONFIG(max_cpu_permyriad),
	  .help = "CPU time that sampling and deciding may use, of one CPU" },
	{ SECTION_SAMPLING, "max_memory", TYPE_SIZE, .min = 8 * MIB, .max = 4 * GIB,
	  .default_text = "64M", IN_CONFIG(max_memory_bytes),
	  .help = "memory that samples and heat may use" },

	{ SECTION_MIGRATION, "bandwidth", TYPE_SIZE, .min = MIB, .max = TIB, .default_text = "1G",
	  IN_CONFIG(migration_bandwidth_bytes_per_sec),
	  .help = "bytes a second that may be moved to one node" },
	{ SECTION_MIGRATION, "max_stall", TYPE_DURATION, .min = 100, .max = 10 * SEC,
	  .default_text = "5ms", IN_CONFIG(migration_max_stall_usec),
	  .help = "longest wait that a page being moved may cause a thread" },
	{ SECTION_MIGRATION, "kernel_balancing", TYPE_CHOICE, .choices = kernel_balancing,
	  .default_text = "pause", IN_CONFIG(kernel_balancing),
	  .help = "what becomes of the kernel's own NUMA balancing while numaplaced runs" },

	{ SECTION_COMPACTION, "mode", TYPE_CHOICE, .choices = modes, .default_text = "active",
	  IN_CONFIG(compaction_mode),
	  .help = "active: compact; observe: say what would be done; off: do not look" },
	{ SECTION_COMPACTION, "order", TYPE_ORDERS, .min = 1, .max = 10, .default_text = "9",
	  IN_CONFIG(compaction_order),
	  .help = "block orders to keep available, one or more; 9 is 2 MiB with 4 KiB pages" },
	{ SECTION_COMPACTION, "low", TYPE_COUNT, .min = 1, .max = 1000000, .default_text = "64",
	  IN_CONFIG(compaction_low),
	  .help = "free blocks of an order on a node below which it is compacted" },
	{ SECTION_COMPACTION, "high", TYPE_COUNT, .min = 2, .max = 1000000, .default_text = "256",
	  IN_CONFIG(compaction_high),
	  .help = "free blocks of an order on a node at which compacting stops" },
	{ SECTION_COMPACTION, "horizon", TYPE_DURATION, .min = SEC, .max = 10 * MIN,
	  .default_text = "30s", IN_CONFIG(compaction_horizon_usec),
	  .help = "how far ahead a shortage is foreseen from the trend" },
	{ SECTION_COMPACTION, "max_cpu", TYPE_PERCENT, .min = 10, .max = 10000,
	  .default_text = "5%", IN_CONFIG(compaction_max_cpu_permyriad),
	  .help = "CPU time that compaction may use, of one CPU" },
	{ SECTION_COMPACTION, "interval", TYPE_DURATION, .min = 100 * MSEC, .max = 10 * MIN,
	  .default_text = "5s", IN_CONFIG(compaction_interval_usec),
	  .help = "how often fragmentation is looked at" },

	{ SECTION_RULE, "match", TYPE_MATCH, IN_RULE(match),
	  .help = "cgroups that the rule covers, with all below; several lines add up" },
	{ SECTION_DEFAULT, "mode", TYPE_CHOICE, .choices = modes, .default_text = "active",
	  IN_RULE(mode),
	  .help = "active: place; observe: plan and log, touch nothing; off: do not look" },
	{ SECTION_DEFAULT, "policy", TYPE_CHOICE, .choices = policies, .default_text = "local",
	  IN_RULE(policy), .help = "the kernel memory policy that the memory is made to follow" },
	{ SECTION_DEFAULT, "nodes", TYPE_NODES, IN_RULE(nodes),
	  .help = "the nodes of a policy that names nodes" },
	{ SECTION_DEFAULT, "weights", TYPE_WEIGHTS, .min = 1, .max = 255, IN_RULE(weights),
	  .help = "node:weight pairs of weighted-interleave" },
	{ SECTION_DEFAULT, "max_stall", TYPE_DURATION, .min = 100, .max = 10 * SEC,
	  .inherits = "[migration] max_stall", IN_RULE(max_stall_usec),
	  .help = "longest wait that a page being moved may cause a thread" },
	{ SECTION_DEFAULT, "bandwidth", TYPE_SIZE, .min = MIB, .max = TIB,
	  .inherits = "[migration] bandwidth", IN_RULE(bandwidth_bytes_per_sec),
	  .help = "bytes a second that may be moved to one node" },
	{ SECTION_DEFAULT, "min_size", TYPE_SIZE, .min = 0, .max = TIB, .default_text = "4M",
	  IN_RULE(min_size_bytes), .help = "processes with less memory are left alone" },
	{ SECTION_DEFAULT, "collapse", TYPE_BOOL, .default_text = "no", IN_RULE(collapse),
	  .help = "whether moved small pages are joined into huge pages" },
};
/* clang-format on */

const size_t n_config_keys = ELEMENTSOF(config_keys);
_Static_assert(ELEMENTSOF(config_keys) <= CONFIG_KEYS_MAX, "raise CONFIG_KEYS_MAX");

static bool belongs_to(const struct config_key *key, enum config_section section)
{
	return key->section == section ||
	       (section == SECTION_RULE && key->section == SECTION_DEFAULT);
}

const struct config_key *config_key_find(enum config_section section, const char *name)
{
	for (size_t i = 0; i < n_config_keys; i++)
		if (belongs_to(&config_keys[i], section) && strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}

#define NAME_COMPARED_MAX 32

/* Levenshtein's distance, row by row; names beyond the bound are far from everything. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[NAME_COMPARED_MAX + 1];
	size_t length = strlen(b);

	if (strlen(a) > NAME_COMPARED_MAX || length > NAME_COMPARED_MAX)
		return NAME_COMPARED_MAX;
	for (unsigned j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned i = 0; a[i]; i++) {
		unsigned diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			unsigned best = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j + 1] + 1 < best)
				best = row[j + 1] + 1;
			row[j + 1] = best;
		}
	}
	return row[length];
}

const struct config_key *config_key_nearest(enum config_section section, const char *name)
{
	const struct config_key *nearest = NULL;
	size_t least = NAME_COMPARED_MAX;

	for (size_t i = 0; i < n_config_keys; i++) {
		size_t distance = edit_distance(name, config_keys[i].name);

		/* Names that share less than half are no slip of the hand. */
		if (!belongs_to(&config_keys[i], section) || distance >= least ||
		    distance * 2 > strlen(config_keys[i].name))
			continue;
		least = distance;
		nearest = &config_keys[i];
	}
	return nearest;
}

const char *config_section_name(enum config_section section)
{
	static const char *const names[_SECTION_MAX] = {
		[SECTION_DAEMON] = "daemon",       [SECTION_SAMPLING] = "sampling",
		[SECTION_MIGRATION] = "migration", [SECTION_COMPACTION] = "compaction",
		[SECTION_DEFAULT] = "default",     [SECTION_RULE] = "rule",
	};

	return names[section];
}

bool config_section_is_rule(enum config_section section)
{
	return section == SECTION_DEFAULT || section == SECTION_RULE;
}
