/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-types.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "config/config-values.h"
#include "config/ini-source.h"

#define SEPARATORS ", \t"

/* "0,2,4,...": at most half of the ids are first of a run. */
#define NODESET_TEXT_MAX (NODESET_MAX / 2 * 5 + 1)

/* The next word of a list separated by commas or blanks, in a buffer of one line's size. False at
 * the end. */
static bool next_word(const char **text, char word[static INI_SOURCE_LINE_MAX + 1])
{
	const char *start = *text + strspn(*text, SEPARATORS);
	size_t length = strcspn(start, SEPARATORS);

	if (length == 0 || length > INI_SOURCE_LINE_MAX)
		return false;
	memcpy(word, start, length);
	word[length] = '\0';
	*text = start + length;
	return true;
}

/* Refuses what next_word() would skip: ",1", "1,", "1,,2". */
static int check_commas(const char *text, struct config_problem *problem)
{
	bool has_word = false;

	for (const char *p = text; *p; p++) {
		if (*p == ',' && !has_word)
			return config_problem_set(problem, "a value is missing beside a comma");
		has_word = *p == ' ' || *p == '\t' ? has_word : *p != ',';
	}
	return has_word ? 0 : config_problem_set(problem, "a value is missing beside a comma");
}

int config_parse_orders(const struct config_key *key, const char *text, void *base,
			struct config_problem *problem)
{
	struct config *config = base;
	unsigned order[CONFIG_ORDERS_MAX], n = 0;
	char word[INI_SOURCE_LINE_MAX + 1];
	int r = check_commas(text, problem);

	if (r < 0)
		return r;
	while (next_word(&text, word)) {
		uint64_t value;

		if (parse_u64(word, &value) < 0 || value < key->min || value > key->max)
			return config_problem_set(problem,
						  "\"%s\" is not an order, %" PRIu64 " to %" PRIu64
						  " are allowed",
						  word, key->min, key->max);
		for (unsigned i = 0; i < n; i++)
			if (order[i] == value)
				return config_problem_set(problem, "order %s is given twice", word);
		if (n == CONFIG_ORDERS_MAX)
			return config_problem_set(problem, "more than %d orders",
						  CONFIG_ORDERS_MAX);
		order[n++] = (unsigned)value;
	}
	memcpy(config->compaction_order, order, sizeof(order[0]) * n);
	config->n_compaction_orders = n;
	return 0;
}

void config_print_orders(const struct config_key *key, const void *value, FILE *f)
{
	const struct config *config =
		(const void *)((const char *)value - offsetof(struct config, compaction_order));

	fprintf(f, "%s = ", key->name);
	for (unsigned i = 0; i < config->n_compaction_orders; i++)
		fprintf(f, "%s%u", i ? "," : "", config->compaction_order[i]);
	fputc('\n', f);
}

static void add_all(struct nodeset *set, const struct nodeset *more)
{
	NODESET_FOREACH (id, more)
		nodeset_add(set, id);
}

/* One word: "all", "0-3" or "!2". */
static int parse_nodes_word(const char *word, struct rule_nodes *nodes,
			    struct config_problem *problem)
{
	bool is_excluded = word[0] == '!';
	struct nodeset set;
	int r;

	if (strcmp(word, "all") == 0) {
		nodes->all = true;
		return 0;
	}
	r = nodeset_parse_list(word + is_excluded, &set);
	if (r == -ERANGE)
		return config_problem_set(problem, "\"%s\": node ids end at %d", word,
					  NODESET_MAX - 1);
	if (r < 0 || nodeset_is_empty(&set))
		return config_problem_set(
			problem, "\"%s\" is not a list of nodes such as 0-1,4 or all or !2", word);
	add_all(is_excluded ? &nodes->excluded : &nodes->set, &set);
	return 0;
}

/* "!2" alone means all but 2. */
static int complete_nodes(const char *text, struct rule_nodes *nodes,
			  struct config_problem *problem)
{
	if (nodes->all && !nodeset_is_empty(&nodes->set))
		return config_problem_set(problem, "\"%s\" names nodes beside all", text);
	if (nodeset_is_empty(&nodes->set))
		nodes->all = true;
	else if (nodeset_contains(&nodes->excluded, &nodes->set))
		return config_problem_set(problem, "\"%s\" leaves no node", text);
	return 0;
}

int config_parse_nodes(const struct config_key *key, const char *text, void *base,
		       struct config_problem *problem)
{
	struct rule_nodes nodes = { .is_given = true };
	char word[INI_SOURCE_LINE_MAX + 1];
	const char *rest = text;
	int r = check_commas(text, problem);

	while (r == 0 && next_word(&rest, word))
		r = parse_nodes_word(word, &nodes, problem);
	if (r == 0)
		r = complete_nodes(text, &nodes, problem);
	if (r == 0)
		*(struct rule_nodes *)((char *)base + key->offset) = nodes;
	return r;
}

/* "!2,!4-5" for what is left out. */
static void print_excluded(const struct nodeset *excluded, FILE *f)
{
	char list[NODESET_TEXT_MAX];

	nodeset_format(excluded, list, sizeof(list));
	fputc('!', f);
	for (const char *p = list; *p; p++) {
		fputc(*p, f);
		if (*p == ',')
			fputc('!', f);
	}
}

static void print_nodes_value(const void *value, FILE *f)
{
	const struct rule_nodes *nodes = value;
	bool has_excluded = !nodeset_is_empty(&nodes->excluded);
	char list[NODESET_TEXT_MAX];

	nodeset_format(&nodes->set, list, sizeof(list));
	if (!nodes->all)
		fprintf(f, "%s%s", list, has_excluded ? "," : "");
	else if (!has_excluded)
		fputs("all", f);
	if (has_excluded)
		print_excluded(&nodes->excluded, f);
}

static void print_weights_value(const void *value, FILE *f)
{
	const struct rule_weights *weights = value;
	const char *separator = "";

	for (int id = 0; id < NODESET_MAX; id++) {
		if (!weights->weight[id])
			continue;
		fprintf(f, "%s%d:%u", separator, id, weights->weight[id]);
		separator = " ";
	}
}

/* By way of memory, for config_print_line() must know the length. Out of memory, the key is left
 * out. */
static void print_list(const struct config_key *key, const void *value, FILE *f,
		       void (*print_value)(const void *value, FILE *f))
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	print_value(value, memory);
	if (fclose(memory) == 0)
		config_print_line(key, text, f);
}

void config_print_nodes(const struct config_key *key, const void *value, FILE *f)
{
	const struct rule_nodes *nodes = value;

	if (nodes->is_given)
		print_list(key, value, f, print_nodes_value);
}

void config_print_weights(const struct config_key *key, const void *value, FILE *f)
{
	const struct rule_weights *weights = value;

	if (weights->is_given)
		print_list(key, value, f, print_weights_value);
}

/* One word: "0:3". */
static int parse_weight(const struct config_key *key, char *word, struct rule_weights *weights,
			struct config_problem *problem)
{
	char *colon = strchr(word, ':');
	uint64_t id, weight;

	if (!colon)
		return config_problem_set(problem, "\"%s\" is not NODE:WEIGHT", word);
	*colon = '\0';
	if (parse_u64(word, &id) < 0 || parse_u64(colon + 1, &weight) < 0) {
		*colon = ':';
		return config_problem_set(problem, "\"%s\" is not NODE:WEIGHT", word);
	}
	if (id >= NODESET_MAX)
		return config_problem_set(problem, "node %s: node ids end at %d", word,
					  NODESET_MAX - 1);
	if (weight < key->min || weight > key->max)
		return config_problem_set(problem,
					  "weight %s of node %s is out of range, %" PRIu64
					  " to %" PRIu64 " are allowed",
					  colon + 1, word, key->min, key->max);
	if (weights->weight[id])
		return config_problem_set(problem, "node %s has two weights", word);
	weights->weight[id] = (uint8_t)weight;
	return 0;
}

int config_parse_weights(const struct config_key *key, const char *text, void *base,
			 struct config_problem *problem)
{
	struct rule_weights weights = { .is_given = true };
	char word[INI_SOURCE_LINE_MAX + 1];
	int r = check_commas(text, problem);

	while (r == 0 && next_word(&text, word))
		r = parse_weight(key, word, &weights, problem);
	if (r == 0)
		*(struct rule_weights *)((char *)base + key->offset) = weights;
	return r;
}

/* A path that no cgroup can have would silently match nothing. */
static int check_pattern(const char *pattern, struct config_problem *problem)
{
	if (pattern[0] != '/')
		return config_problem_set(
			problem, "\"%s\" does not begin with '/', as a cgroup path does", pattern);
	for (const char *name = pattern + 1, *end;; name = end + 1) {
		end = strchrnul(name, '/');
		if (end == name && pattern[1])
			return config_problem_set(problem, "\"%s\" has an empty name", pattern);
		if ((end - name == 1 && name[0] == '.') ||
		    (end - name == 2 && name[0] == '.' && name[1] == '.'))
			return config_problem_set(problem, "\"%s\" has a \".\" or \"..\"", pattern);
		if (!*end)
			return 0;
	}
}

int config_parse_match(const struct config_key *key, const char *text, void *base,
		       struct config_problem *problem)
{
	struct rule *rule = base;
	_cleanup_free_ char *pattern = NULL;
	char **match;
	int r = check_pattern(text, problem);

	(void)key;
	if (r < 0)
		return r;
	if (rule->n_match == RULE_MATCHES_MAX)
		return config_problem_set(problem, "more than %d match lines", RULE_MATCHES_MAX);
	pattern = strdup(text);
	match = reallocarray(rule->match, rule->n_match + 1, sizeof(*match));
	if (match)
		rule->match = match;
	if (!pattern || !match)
		return config_problem_errno(problem, -ENOMEM);
	match[rule->n_match++] = TAKE_PTR(pattern);
	return 0;
}

void config_print_match(const struct config_key *key, const void *value, FILE *f)
{
	const struct rule *rule =
		(const void *)((const char *)value - offsetof(struct rule, match));

	for (size_t i = 0; i < rule->n_match; i++)
		config_print_line(key, rule->match[i], f);
}

void config_rule_clear_match(struct rule *rule)
{
	while (rule->n_match > 0)
		free(rule->match[--rule->n_match]);
	free(rule->match);
	rule->match = NULL;
}
