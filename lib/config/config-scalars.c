/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-types.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/parse.h"

_Static_assert(sizeof(enum rule_mode) == sizeof(int), "choices are stored as int");

struct unit {
	const char *name;
	uint64_t factor;
};

/* The largest unit that divides the value, so that it is printed exactly. */
static void format_with_unit(uint64_t value, const struct unit *units,
			     char text[static CONFIG_NUMBER_TEXT])
{
	while (value == 0 ? units->factor != 1 : value % units->factor != 0)
		units++;
	snprintf(text, CONFIG_NUMBER_TEXT, "%" PRIu64 "%s", value / units->factor, units->name);
}

static void format_duration(uint64_t value, char text[static CONFIG_NUMBER_TEXT])
{
	static const struct unit units[] = { { "h", 3600000000 },
					     { "min", 60000000 },
					     { "s", 1000000 },
					     { "ms", 1000 },
					     { "us", 1 } };

	format_with_unit(value, units, text);
}

static void format_size(uint64_t value, char text[static CONFIG_NUMBER_TEXT])
{
	static const struct unit units[] = { { "T", UINT64_C(1) << 40 },
					     { "G", UINT64_C(1) << 30 },
					     { "M", UINT64_C(1) << 20 },
					     { "K", UINT64_C(1) << 10 },
					     { "", 1 } };

	format_with_unit(value, units, text);
}

static void format_percent(uint64_t value, char text[static CONFIG_NUMBER_TEXT])
{
	unsigned whole = (unsigned)(value / 100), part = (unsigned)(value % 100);

	if (part == 0)
		snprintf(text, CONFIG_NUMBER_TEXT, "%u%%", whole);
	else if (part % 10 == 0)
		snprintf(text, CONFIG_NUMBER_TEXT, "%u.%u%%", whole, part / 10);
	else
		snprintf(text, CONFIG_NUMBER_TEXT, "%u.%02u%%", whole, part);
}

static void format_count(uint64_t value, char text[static CONFIG_NUMBER_TEXT])
{
	snprintf(text, CONFIG_NUMBER_TEXT, "%" PRIu64, value);
}

static int parse_permyriad(const char *text, uint64_t *ret_value)
{
	unsigned permyriad;
	int r = parse_percent(text, &permyriad);

	if (r == 0)
		*ret_value = permyriad;
	return r;
}

/* How a number of each type is written. */
static const struct number {
	const char *what;
	int (*parse)(const char *text, uint64_t *ret_value);
	void (*format)(uint64_t value, char text[static CONFIG_NUMBER_TEXT]);
	bool is_wide; /* stored as uint64_t, else as unsigned */
} numbers[] = {
	[TYPE_DURATION] = { "a duration: a number with us, ms, s, min or h", parse_duration,
			    format_duration, true },
	[TYPE_SIZE] = { "a size: a whole number of bytes with K, M, G or T", parse_size,
			format_size, true },
	[TYPE_PERCENT] = { "a percentage: a number with %", parse_permyriad, format_percent,
			   false },
	[TYPE_COUNT] = { "a whole number", parse_u64, format_count, false },
};

void config_format_number(const struct config_key *key, uint64_t value,
			  char text[static CONFIG_NUMBER_TEXT])
{
	numbers[key->type].format(value, text);
}

int config_parse_number(const struct config_key *key, const char *text, void *base,
			struct config_problem *problem)
{
	const struct number *number = &numbers[key->type];
	char min[CONFIG_NUMBER_TEXT], max[CONFIG_NUMBER_TEXT];
	uint64_t value;
	int r = number->parse(text, &value);

	if (r == -EINVAL)
		return config_problem_set(problem, "\"%s\" is not %s", text, number->what);
	if (r < 0 || value < key->min || value > key->max) {
		config_format_number(key, key->min, min);
		config_format_number(key, key->max, max);
		return config_problem_set(problem, "%s is out of range, %s to %s are allowed", text,
					  min, max);
	}
	if (number->is_wide)
		*(uint64_t *)((char *)base + key->offset) = value;
	else
		*(unsigned *)((char *)base + key->offset) = (unsigned)value;
	return 0;
}

void config_print_number(const struct config_key *key, const void *value, FILE *f)
{
	const struct number *number = &numbers[key->type];
	char text[CONFIG_NUMBER_TEXT];

	number->format(number->is_wide ? *(const uint64_t *)value : *(const unsigned *)value, text);
	config_print_line(key, text, f);
}

int config_parse_choice(const struct config_key *key, const char *text, void *base,
			struct config_problem *problem)
{
	char known[160] = "";

	for (const struct config_choice *choice = key->choices; choice->name; choice++) {
		if (strcmp(text, choice->name) == 0) {
			*(int *)((char *)base + key->offset) = choice->value;
			return 0;
		}
		if (known[0])
			strncat(known, choice[1].name ? ", " : " or ",
				sizeof(known) - strlen(known) - 1);
		strncat(known, choice->name, sizeof(known) - strlen(known) - 1);
	}
	return config_problem_set(problem, "\"%s\" is not known, expected %s", text, known);
}

void config_print_choice(const struct config_key *key, const void *value, FILE *f)
{
	const struct config_choice *choice = key->choices;

	while (choice->name && choice->value != *(const int *)value)
		choice++;
	if (choice->name)
		config_print_line(key, choice->name, f);
}

int config_parse_bool(const struct config_key *key, const char *text, void *base,
		      struct config_problem *problem)
{
	if (parse_bool(text, (bool *)((char *)base + key->offset)) < 0)
		return config_problem_set(problem, "\"%s\" is neither yes nor no", text);
	return 0;
}

void config_print_bool(const struct config_key *key, const void *value, FILE *f)
{
	config_print_line(key, *(const bool *)value ? "yes" : "no", f);
}
