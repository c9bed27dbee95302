/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of every key of the configuration: parsing, printing and the checks of the sample and
 * the manual page all work from it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_section {
	SECTION_DAEMON,
	SECTION_SAMPLING,
	SECTION_MIGRATION,
	SECTION_COMPACTION,
	SECTION_DEFAULT,
	SECTION_RULE, /* [rule NAME]; has the keys of [default] too */
	_SECTION_MAX,
};

enum config_type {
	TYPE_CHOICE,   /* one word of `choices`; stored as int or enum */
	TYPE_DURATION, /* uint64_t, microseconds */
	TYPE_SIZE,     /* uint64_t, bytes */
	TYPE_PERCENT,  /* unsigned, hundredths of a percent */
	TYPE_COUNT,    /* unsigned */
	TYPE_BOOL,     /* bool */
	TYPE_ORDERS,   /* struct config's compaction_order and n_compaction_orders */
	TYPE_NODES,    /* struct rule_nodes */
	TYPE_WEIGHTS,  /* struct rule_weights */
	TYPE_MATCH,    /* struct rule's match and n_match: each line adds one */
};

struct config_choice {
	const char *name; /* NULL ends the list */
	int value;
};

struct config_key {
	enum config_section section; /* SECTION_DEFAULT: of [default] and of [rule NAME] */
	const char *name;
	enum config_type type;
	const struct config_choice *choices;
	uint64_t min, max;        /* durations, sizes, percents, counts */
	const char *default_text; /* NULL: none, or that of another key */
	const char *inherits;     /* "[migration] bandwidth": the key that gives the default */
	size_t offset; /* in struct rule for [default] and [rule], else in struct config */
	const char *help;
};

#define CONFIG_KEYS_MAX 64

extern const struct config_key config_keys[];
extern const size_t n_config_keys;

/* The key of that section, or NULL. */
const struct config_key *config_key_find(enum config_section section, const char *name);

/* The known key of that section that is most like `name`, or NULL when none is near. */
const struct config_key *config_key_nearest(enum config_section section, const char *name);

/* "daemon"; "rule" for SECTION_RULE. */
const char *config_section_name(enum config_section section);

/* True when the section is kept in a struct rule. */
bool config_section_is_rule(enum config_section section);
