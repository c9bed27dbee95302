/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/rule.h"

#include <string.h>

/* A pattern is compiled into steps and run as a set of states (state i: steps before i are done),
 * so that a hostile cgroup name costs at most states times bytes, never an exponential search. */
enum step_kind {
	STEP_LITERAL,
	STEP_ONE,      /* ? */
	STEP_NAME_RUN, /* * */
	STEP_RUN,      /* ** */
	STEP_OPTIONAL, /* may skip the two steps behind it: the `**` and `/` of a whole name */
};

struct step {
	uint8_t kind;
	char literal;
};

#define STEPS_MAX CGROUP_GLOB_MAX /* no step without a byte of its own */

struct glob {
	size_t n_steps;
	struct step step[STEPS_MAX];
};

static void add_step(struct glob *glob, enum step_kind kind, char literal)
{
	glob->step[glob->n_steps++] = (struct step){ .kind = (uint8_t)kind, .literal = literal };
}

static void glob_compile(struct glob *glob, const char *pattern)
{
	const char *p = pattern;

	glob->n_steps = 0;
	while (*p) {
		const char *start = p;

		while (*p == '*')
			p++;
		if (p - start >= 2) {
			if (*p == '/' && start > pattern && start[-1] == '/')
				add_step(glob, STEP_OPTIONAL, 0);
			add_step(glob, STEP_RUN, 0);
		} else if (p - start == 1) {
			add_step(glob, STEP_NAME_RUN, 0);
		} else {
			add_step(glob, *p == '?' ? STEP_ONE : STEP_LITERAL, *p);
			p++;
		}
	}
}

/* Adds the states that are reached without reading a character. */
static void close_states(const struct glob *glob, bool *state)
{
	for (size_t i = 0; i < glob->n_steps; i++) {
		if (!state[i])
			continue;
		if (glob->step[i].kind == STEP_OPTIONAL)
			state[i + 1] = state[i + 3] = true;
		else if (glob->step[i].kind == STEP_RUN || glob->step[i].kind == STEP_NAME_RUN)
			state[i + 1] = true;
	}
}

/* Moves every state over `c`; false when none is left. From the back, for a state only leads to
 * itself or to the next one. */
static bool advance(const struct glob *glob, bool *state, char c)
{
	bool any = false;

	state[glob->n_steps] = false;
	for (size_t i = glob->n_steps; i-- > 0;) {
		const struct step *step = &glob->step[i];
		bool stays = step->kind == STEP_RUN || (step->kind == STEP_NAME_RUN && c != '/');
		bool passes = (step->kind == STEP_LITERAL && c == step->literal) ||
			      (step->kind == STEP_ONE && c != '/');

		if (!state[i])
			continue;
		state[i] = stays;
		if (passes)
			state[i + 1] = true;
		any = any || stays || passes;
	}
	if (any)
		close_states(glob, state);
	return any;
}

/* Length of the common beginning without wildcards, where most patterns fail already. */
static size_t literal_prefix(const char *pattern, const char *path)
{
	size_t n = 0;

	while (pattern[n] && pattern[n] == path[n] && pattern[n] != '*' && pattern[n] != '?')
		n++;
	return n;
}

/* From the first wildcard's name on; `pattern` is no longer than CGROUP_GLOB_MAX. */
static bool run_states(const char *pattern, const char *path, bool or_ancestor)
{
	bool state[STEPS_MAX + 1] = { [0] = true };
	struct glob glob;

	glob_compile(&glob, pattern);
	close_states(&glob, state);
	for (const char *p = path; *p; p++) {
		if (or_ancestor && *p == '/' && state[glob.n_steps])
			return true;
		if (!advance(&glob, state, *p))
			return false;
	}
	return state[glob.n_steps];
}

static bool matches(const char *pattern, const char *path, bool or_ancestor)
{
	size_t n = literal_prefix(pattern, path);

	if (pattern[0] != '/')
		return false;
	if (pattern[n] != '*' && pattern[n] != '?')
		return !pattern[n] && (!path[n] || (or_ancestor && path[n] == '/'));
	if (strnlen(pattern, CGROUP_GLOB_MAX + 1) > CGROUP_GLOB_MAX)
		return false;
	/* Begins at the slash, so that a `**` behind it is seen to be a whole name. */
	while (n > 0 && pattern[n] != '/')
		n--;
	return run_states(pattern + n, path + n, or_ancestor);
}

static bool is_root(const char *path)
{
	return strcmp(path, "/") == 0;
}

bool cgroup_glob_matches(const char *pattern, const char *path)
{
	if (is_root(pattern) || is_root(path))
		return is_root(pattern) && is_root(path);
	return matches(pattern, path, false);
}

bool cgroup_glob_covers(const char *pattern, const char *path)
{
	if (is_root(pattern) || is_root(path))
		return is_root(pattern);
	return matches(pattern, path, true);
}

static bool rule_covers(const struct rule *rule, const char *cgroup)
{
	for (size_t i = 0; i < rule->n_match; i++)
		if (cgroup_glob_covers(rule->match[i], cgroup))
			return true;
	return false;
}

const struct rule *config_rule_for(const struct config *config, const char *cgroup)
{
	for (size_t i = config->n_rules; i-- > 0;)
		if (rule_covers(&config->rules[i], cgroup))
			return &config->rules[i];
	return &config->default_rule;
}

void rule_nodes_resolve(const struct rule_nodes *nodes, const struct nodeset *present,
			struct nodeset *ret_set)
{
	nodeset_clear(ret_set);
	if (!nodes->is_given)
		return;
	NODESET_FOREACH (id, present)
		if ((nodes->all || nodeset_has(&nodes->set, id)) &&
		    !nodeset_has(&nodes->excluded, id))
			nodeset_add(ret_set, id);
}

bool policy_is_supported(enum rule_policy policy)
{
	return policy == POLICY_DEFAULT || policy == POLICY_LOCAL;
}

const char *rule_mode_name(enum rule_mode mode)
{
	static const char *const names[_RULE_MODE_MAX] = {
		[RULE_OFF] = "off",
		[RULE_OBSERVE] = "observe",
		[RULE_ACTIVE] = "active",
	};

	return names[mode];
}

const char *rule_policy_name(enum rule_policy policy)
{
	static const char *const names[_RULE_POLICY_MAX] = {
		[POLICY_DEFAULT] = "default",
		[POLICY_LOCAL] = "local",
		[POLICY_PREFERRED] = "preferred",
		[POLICY_PREFERRED_MANY] = "preferred-many",
		[POLICY_BIND] = "bind",
		[POLICY_INTERLEAVE] = "interleave",
		[POLICY_WEIGHTED_INTERLEAVE] = "weighted-interleave",
	};

	return names[policy];
}
