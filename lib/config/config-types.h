/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One parser and one printer for each config_type, for config-values.c to choose from. */
#pragma once

#include <stdio.h>

#include "config/config-keys.h"
#include "config/config-problem.h"
#include "model/rule.h"

/* As config_value_parse(). */
typedef int config_parse_function(const struct config_key *key, const char *text, void *base,
				  struct config_problem *problem);

/* As config_value_print(), but from the value itself. */
typedef void config_print_function(const struct config_key *key, const void *value, FILE *f);

/* Prints "key = value", without the blanks where they would make the line too long to be read
 * again. */
void config_print_line(const struct config_key *key, const char *value, FILE *f);

#define CONFIG_NUMBER_TEXT 32

/* Writes a number of the key's type in the largest unit that is exact. */
void config_format_number(const struct config_key *key, uint64_t value,
			  char text[static CONFIG_NUMBER_TEXT]);

/* config-scalars.c */
config_parse_function config_parse_number;
config_print_function config_print_number;
config_parse_function config_parse_choice;
config_print_function config_print_choice;
config_parse_function config_parse_bool;
config_print_function config_print_bool;

/* config-lists.c */
config_parse_function config_parse_orders;
config_print_function config_print_orders;
config_parse_function config_parse_nodes;
config_print_function config_print_nodes;
config_parse_function config_parse_weights;
config_print_function config_print_weights;
config_parse_function config_parse_match;
config_print_function config_print_match;
