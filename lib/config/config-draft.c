/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/config-check.h"
#include "config/config-keys.h"
#include "config/config-values.h"
#include "config/ini-source.h"

#define RULE_PREFIX "rule "

struct config_draft {
	struct config *config;
	char *file[CONFIG_FILES_MAX];
	unsigned n_files;
	struct config_places sections; /* of everything outside [rule NAME]; headers by section */
	struct config_place header[_SECTION_MAX];
	struct config_places *rules; /* beside config->rules */
	/* where the file being read is */
	enum config_section section;
	size_t rule; /* index, in SECTION_RULE */
};

struct config_draft *config_draft_new(void)
{
	_cleanup_config_draft_ struct config_draft *draft = calloc(1, sizeof(*draft));

	if (!draft)
		return NULL;
	draft->config = config_new_default();
	return draft->config ? TAKE_PTR(draft) : NULL;
}

struct config_draft *config_draft_free(struct config_draft *draft)
{
	if (!draft)
		return NULL;
	config_free(draft->config);
	for (unsigned i = 0; i < draft->n_files; i++)
		free(draft->file[i]);
	free(draft->rules);
	free(draft);
	return NULL;
}

static const char *current_file(const struct config_draft *draft)
{
	return draft->file[draft->n_files - 1];
}

static bool is_in_current_file(const struct config_draft *draft, const struct config_place *place)
{
	return place->file == current_file(draft);
}

/* "a:3", or "a:3, b:1" when an earlier file had the section. */
static int add_origin(const struct config_draft *draft, struct rule *rule, unsigned line,
		      bool is_first)
{
	char *origin;

	if (asprintf(&origin, "%s%s%s:%u", is_first ? "" : rule->origin, is_first ? "" : ", ",
		     current_file(draft), line) < 0)
		return -ENOMEM;
	free(rule->origin);
	rule->origin = origin;
	return 0;
}

static int open_once(const struct config_draft *draft, struct config_place *header, unsigned line,
		     const char *section, struct config_problem *problem)
{
	if (is_in_current_file(draft, header))
		return config_problem_set(problem, "[%s] was already opened in line %u", section,
					  header->line);
	header->file = current_file(draft);
	header->line = line;
	return 0;
}

/* Finds the rule, or adds one with nothing but a name. */
static int find_or_add_rule(struct config_draft *draft, const char *name,
			    struct config_problem *problem)
{
	struct config *config = draft->config;
	struct config_places *places;
	struct rule *rules;
	char *copy;

	for (size_t i = 0; i < config->n_rules; i++)
		if (strcmp(config->rules[i].name, name) == 0) {
			draft->rule = i;
			return 0;
		}
	if (config->n_rules == RULES_MAX)
		return config_problem_set(problem, "more than %d rules", RULES_MAX);
	rules = reallocarray(config->rules, config->n_rules + 1, sizeof(*rules));
	if (rules)
		config->rules = rules;
	places = reallocarray(draft->rules, config->n_rules + 1, sizeof(*places));
	if (places)
		draft->rules = places;
	copy = strdup(name);
	if (!rules || !places || !copy) {
		free(copy);
		return -ENOMEM;
	}
	draft->rule = config->n_rules++;
	rules[draft->rule] = (struct rule){ .name = copy };
	places[draft->rule] = (struct config_places){ 0 };
	return 0;
}

static int check_rule_name(const char *name, struct config_problem *problem)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_.@-";

	if (!*name || name[strspn(name, allowed)])
		return config_problem_set(problem,
					  "\"%s\" is not a rule's name: letters, digits, _ . @ "
					  "and - are allowed",
					  name);
	return 0;
}

static int open_rule(struct config_draft *draft, unsigned line, const char *section,
		     struct config_problem *problem)
{
	struct config_place *header;
	bool is_first;
	int r = check_rule_name(section + strlen(RULE_PREFIX), problem);

	if (r == 0)
		r = find_or_add_rule(draft, section + strlen(RULE_PREFIX), problem);
	if (r < 0)
		return r;
	draft->section = SECTION_RULE;
	header = &draft->rules[draft->rule].header;
	is_first = !header->file;
	r = open_once(draft, header, line, section, problem);
	return r < 0 ? r : add_origin(draft, &draft->config->rules[draft->rule], line, is_first);
}

static int find_section(const char *section, enum config_section *ret_section,
			struct config_problem *problem)
{
	for (enum config_section i = 0; i < SECTION_RULE; i++)
		if (strcmp(section, config_section_name(i)) == 0) {
			*ret_section = i;
			return 0;
		}
	if (strcmp(section, "rule") == 0)
		return config_problem_set(problem, "a rule needs a name: [rule NAME]");
	return config_problem_set(
		problem,
		"[%s] is not a section; there are [daemon], [sampling], [migration], "
		"[compaction], [default] and [rule NAME]",
		section);
}

static int on_section(void *user, unsigned line, const char *section,
		      struct config_problem *problem)
{
	struct config_draft *draft = user;
	struct config_place *header;
	bool is_first;
	int r;

	if (strncmp(section, RULE_PREFIX, strlen(RULE_PREFIX)) == 0)
		return open_rule(draft, line, section, problem);
	r = find_section(section, &draft->section, problem);
	if (r < 0)
		return r;
	header = &draft->header[draft->section];
	is_first = !header->file;
	r = open_once(draft, header, line, section, problem);
	if (r == 0 && draft->section == SECTION_DEFAULT)
		r = add_origin(draft, &draft->config->default_rule, line, is_first);
	return r;
}

static int refuse_key(const struct config_draft *draft, const char *name,
		      struct config_problem *problem)
{
	const char *section = config_section_name(draft->section);
	const struct config_key *other = config_key_nearest(draft->section, name);

	if (other)
		return config_problem_set(problem, "not a key of [%s]; did you mean \"%s\"?",
					  section, other->name);
	for (enum config_section i = 0; i < _SECTION_MAX; i++)
		if (config_key_find(i, name))
			return config_problem_set(problem, "not a key of [%s], but of [%s%s]",
						  section, config_section_name(i),
						  i == SECTION_RULE ? " NAME" : "");
	return config_problem_set(problem, "not a key of [%s]", section);
}

/* Refuses a scalar's second value in one file; the first match line of a file replaces an earlier
 * file's. */
static int check_repetition(const struct config_draft *draft, const struct config_key *key,
			    const struct config_place *place, void *base,
			    struct config_problem *problem)
{
	if (key->type == TYPE_MATCH && place->file && !is_in_current_file(draft, place))
		config_rule_clear_match(base);
	if (key->type == TYPE_MATCH || !is_in_current_file(draft, place))
		return 0;
	return config_problem_set(problem, "already given in line %u", place->line);
}

static void *base_of_section(struct config_draft *draft)
{
	if (draft->section == SECTION_RULE)
		return &draft->config->rules[draft->rule];
	if (draft->section == SECTION_DEFAULT)
		return &draft->config->default_rule;
	return draft->config;
}

static int on_key(void *user, unsigned line, const char *name, const char *value,
		  struct config_problem *problem)
{
	struct config_draft *draft = user;
	const struct config_key *key = config_key_find(draft->section, name);
	void *base = base_of_section(draft);
	struct config_places *places =
		draft->section == SECTION_RULE ? &draft->rules[draft->rule] : &draft->sections;
	struct config_place *place;
	int r;

	if (!key)
		return refuse_key(draft, name, problem);
	place = &places->key[key - config_keys];
	r = check_repetition(draft, key, place, base, problem);
	if (r == 0)
		r = config_value_parse(key, value, base, problem);
	if (r < 0)
		return r;
	place->file = current_file(draft);
	place->line = line;
	return 0;
}

int config_draft_read(struct config_draft *draft, const char *file, const char *text, size_t length,
		      struct config_problem *problem)
{
	static const struct ini_source_events events = { .section = on_section, .key = on_key };
	char *copy;

	if (draft->n_files == CONFIG_FILES_MAX)
		return config_problem_set(problem, "more than %d files", CONFIG_FILES_MAX);
	copy = strdup(file);
	if (!copy)
		return config_problem_errno(problem, -ENOMEM);
	draft->file[draft->n_files++] = copy;
	return ini_source_read(text, length, &events, draft, problem);
}

/* Nodes and weights belong to the policy beside which they stand: a rule with a policy of its own
 * does not inherit them. */
static bool is_inherited(const struct config_key *key, const struct config_places *places)
{
	const struct config_key *policy = config_key_find(SECTION_DEFAULT, "policy");

	if (key->section != SECTION_DEFAULT || places->key[key - config_keys].file)
		return false;
	return (key->type != TYPE_NODES && key->type != TYPE_WEIGHTS) ||
	       !places->key[policy - config_keys].file;
}

static void inherit(struct config_draft *draft)
{
	struct config *config = draft->config;
	const struct config_place *given = draft->sections.key;

	if (!given[config_key_find(SECTION_DEFAULT, "max_stall") - config_keys].file)
		config->default_rule.max_stall_usec = config->migration_max_stall_usec;
	if (!given[config_key_find(SECTION_DEFAULT, "bandwidth") - config_keys].file)
		config->default_rule.bandwidth_bytes_per_sec =
			config->migration_bandwidth_bytes_per_sec;
	for (size_t i = 0; i < config->n_rules; i++)
		for (size_t j = 0; j < n_config_keys; j++)
			if (is_inherited(&config_keys[j], &draft->rules[i]))
				config_value_copy(&config_keys[j], &config->default_rule,
						  &config->rules[i]);
}

int config_draft_finish(struct config_draft *draft, struct config **ret_config,
			struct config_problem *problem)
{
	int r;

	inherit(draft);
	draft->sections.header = draft->header[SECTION_DEFAULT];
	r = config_check(draft->config, &draft->sections, draft->rules, problem);
	if (r < 0)
		return r;
	*ret_config = TAKE_PTR(draft->config);
	return 0;
}
