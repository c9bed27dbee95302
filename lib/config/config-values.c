/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-values.h"

#include <string.h>

#include "config/config-types.h"
#include "config/ini-source.h"

void config_print_line(const struct config_key *key, const char *value, FILE *f)
{
	bool is_long = strlen(key->name) + strlen(" = ") + strlen(value) > INI_SOURCE_LINE_MAX;

	fprintf(f, is_long ? "%s=%s\n" : "%s = %s\n", key->name, value);
}

static const struct {
	config_parse_function *parse;
	config_print_function *print;
	size_t size;
} types[] = {
	[TYPE_CHOICE] = { config_parse_choice, config_print_choice, sizeof(int) },
	[TYPE_DURATION] = { config_parse_number, config_print_number, sizeof(uint64_t) },
	[TYPE_SIZE] = { config_parse_number, config_print_number, sizeof(uint64_t) },
	[TYPE_PERCENT] = { config_parse_number, config_print_number, sizeof(unsigned) },
	[TYPE_COUNT] = { config_parse_number, config_print_number, sizeof(unsigned) },
	[TYPE_BOOL] = { config_parse_bool, config_print_bool, sizeof(bool) },
	[TYPE_ORDERS] = { config_parse_orders, config_print_orders, 0 },
	[TYPE_NODES] = { config_parse_nodes, config_print_nodes, sizeof(struct rule_nodes) },
	[TYPE_WEIGHTS] = { config_parse_weights, config_print_weights,
			   sizeof(struct rule_weights) },
	[TYPE_MATCH] = { config_parse_match, config_print_match, 0 },
};

int config_value_parse(const struct config_key *key, const char *text, void *base,
		       struct config_problem *problem)
{
	return types[key->type].parse(key, text, base, problem);
}

void config_value_print(const struct config_key *key, const void *base, FILE *f)
{
	types[key->type].print(key, (const char *)base + key->offset, f);
}

void config_value_copy(const struct config_key *key, const struct rule *from, struct rule *to)
{
	memcpy((char *)to + key->offset, (const char *)from + key->offset, types[key->type].size);
}
