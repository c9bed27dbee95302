/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"
#include "config/config-keys.h"
#include "config/config-values.h"

static void print_keys(enum config_section section, const void *base, FILE *f)
{
	for (size_t i = 0; i < n_config_keys; i++) {
		const struct config_key *key = &config_keys[i];

		if (config_key_find(section, key->name) == key)
			config_value_print(key, base, f);
	}
}

static void print_rule(enum config_section section, const struct rule *rule, FILE *f)
{
	if (section == SECTION_RULE)
		fprintf(f, "\n[rule %s]\n", rule->name);
	else
		fprintf(f, "\n[%s]\n", config_section_name(section));
	fprintf(f, "# %s\n", rule->origin);
	print_keys(section, rule, f);
}

void config_print(const struct config *config, FILE *f)
{
	for (enum config_section i = 0; !config_section_is_rule(i); i++) {
		fprintf(f, "%s[%s]\n", i ? "\n" : "", config_section_name(i));
		print_keys(i, config, f);
	}
	print_rule(SECTION_DEFAULT, &config->default_rule, f);
	for (size_t i = 0; i < config->n_rules; i++)
		print_rule(SECTION_RULE, &config->rules[i], f);
}
