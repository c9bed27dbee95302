/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The values of the keys: text -> struct config or struct rule, and back. */
#pragma once

#include <stdio.h>

#include "config/config-keys.h"
#include "config/config-problem.h"
#include "model/rule.h"

/* Parses `text` and stores it at the key's place in `base`, a struct rule or a struct config as the
 * key's section has it; a match line is added to those there. 0, -EINVAL or -ENOMEM with the
 * problem's sentence set; on failure nothing is stored. */
int config_value_parse(const struct config_key *key, const char *text, void *base,
		       struct config_problem *problem);

/* Prints "key = value" lines that parse back to what `base` holds; none for a value not given. */
void config_value_print(const struct config_key *key, const void *base, FILE *f);

/* Copies a rule's value, other than its match lines, to another rule. */
void config_value_copy(const struct config_key *key, const struct rule *from, struct rule *to);

/* Empties the match lines of a rule. */
void config_rule_clear_match(struct rule *rule);
