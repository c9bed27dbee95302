/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-check.h"

#include <stdio.h>

/* How many nodes a policy names, as mbind(2) has it. */
enum nodes_wanted { NODES_NONE, NODES_ONE, NODES_SOME };

static const enum nodes_wanted nodes_wanted[_RULE_POLICY_MAX] = {
	[POLICY_DEFAULT] = NODES_NONE,
	[POLICY_LOCAL] = NODES_NONE,
	[POLICY_PREFERRED] = NODES_ONE,
	[POLICY_PREFERRED_MANY] = NODES_SOME,
	[POLICY_BIND] = NODES_SOME,
	[POLICY_INTERLEAVE] = NODES_SOME,
	[POLICY_WEIGHTED_INTERLEAVE] = NODES_SOME,
};

/* Puts the problem on the key, or on the section's header where the key is not given there. */
static struct config_problem *at(struct config_problem *problem, const struct config_places *places,
				 enum config_section section, const char *name)
{
	const struct config_key *key = config_key_find(section, name);
	const struct config_place *place = &places->key[key - config_keys];

	if (!place->file)
		place = &places->header;
	problem->file = place->file;
	problem->line = place->line;
	snprintf(problem->key, sizeof(problem->key), "%s", name);
	return problem;
}

static int check_compaction(const struct config *config, const struct config_places *places,
			    struct config_problem *problem)
{
	const struct config_key *low = config_key_find(SECTION_COMPACTION, "low");
	bool is_low_given = places->key[low - config_keys].file;

	if (config->compaction_low < config->compaction_high)
		return 0;
	return config_problem_set(
		at(problem, places, SECTION_COMPACTION, is_low_given ? "low" : "high"),
		"low (%u) must be less than high (%u)", config->compaction_low,
		config->compaction_high);
}

static bool names_one_node(const struct rule_nodes *nodes)
{
	unsigned count = 0;

	NODESET_FOREACH (id, &nodes->set)
		count += !nodeset_has(&nodes->excluded, id);
	return count == 1;
}

static int check_nodes(const struct rule *rule, const struct config_places *places,
		       struct config_problem *problem)
{
	const char *policy = rule_policy_name(rule->policy);
	enum nodes_wanted wanted = nodes_wanted[rule->policy];

	if (wanted == NODES_NONE && rule->nodes.is_given)
		return config_problem_set(at(problem, places, SECTION_RULE, "nodes"),
					  "policy \"%s\" takes no nodes", policy);
	if (wanted != NODES_NONE && !rule->nodes.is_given)
		return config_problem_set(at(problem, places, SECTION_RULE, "policy"),
					  "\"%s\" needs nodes", policy);
	if (wanted == NODES_ONE && !names_one_node(&rule->nodes))
		return config_problem_set(at(problem, places, SECTION_RULE, "nodes"),
					  "policy \"%s\" takes exactly one node", policy);
	return 0;
}

static int check_weights(const struct rule *rule, const struct config_places *places,
			 struct config_problem *problem)
{
	const struct rule_nodes *nodes = &rule->nodes;

	if (!rule->weights.is_given)
		return 0;
	if (rule->policy != POLICY_WEIGHTED_INTERLEAVE)
		return config_problem_set(at(problem, places, SECTION_RULE, "weights"),
					  "policy \"%s\" takes no weights",
					  rule_policy_name(rule->policy));
	for (int id = 0; id < NODESET_MAX; id++)
		if (rule->weights.weight[id] && (!(nodes->all || nodeset_has(&nodes->set, id)) ||
						 nodeset_has(&nodes->excluded, id)))
			return config_problem_set(at(problem, places, SECTION_RULE, "weights"),
						  "node %d has a weight but is not among nodes",
						  id);
	return 0;
}

static int check_rule(const struct rule *rule, const struct config_places *places,
		      struct config_problem *problem)
{
	int r = check_nodes(rule, places, problem);

	return r < 0 ? r : check_weights(rule, places, problem);
}

static int check_support(const struct rule *rule, const struct config_places *places,
			 struct config_problem *problem)
{
	if (policy_is_supported(rule->policy))
		return 0;
	return config_problem_set(at(problem, places, SECTION_RULE, "policy"),
				  "\"%s\" is not supported yet by this version",
				  rule_policy_name(rule->policy));
}

int config_check(const struct config *config, const struct config_places *sections,
		 const struct config_places *rules, struct config_problem *problem)
{
	int r = check_compaction(config, sections, problem);

	if (r == 0)
		r = check_rule(&config->default_rule, sections, problem);
	for (size_t i = 0; r == 0 && i < config->n_rules; i++) {
		if (config->rules[i].n_match == 0)
			return config_problem_set(at(problem, &rules[i], SECTION_RULE, "match"),
						  "[rule %s] has no match line",
						  config->rules[i].name);
		r = check_rule(&config->rules[i], &rules[i], problem);
	}
	/* Mistakes first: they stay mistakes in a version that can do more. */
	if (r == 0)
		r = check_support(&config->default_rule, sections, problem);
	for (size_t i = 0; r == 0 && i < config->n_rules; i++)
		r = check_support(&config->rules[i], &rules[i], problem);
	return r;
}
