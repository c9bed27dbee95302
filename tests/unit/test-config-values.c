/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config-values.c: text -> value -> text, by type. */
#include <errno.h>

#include "base/cleanup.h"
#include "config/config-values.h"
#include "tests/tap.h"

static struct config config;
static struct rule rule;

static void *base_of(enum config_section section)
{
	return config_section_is_rule(section) ? (void *)&rule : (void *)&config;
}

static int parse(enum config_section section, const char *name, const char *text,
		 struct config_problem *problem)
{
	const struct config_key *key = config_key_find(section, name);

	*problem = (struct config_problem){ 0 };
	return CHECK(key) ? config_value_parse(key, text, base_of(section), problem) : -ENOENT;
}

/* Reads `text` and expects the lines `want` when it is printed. */
static void check(enum config_section section, const char *name, const char *text, const char *want)
{
	struct config_problem problem;
	_cleanup_free_ char *printed = NULL;
	size_t size;
	FILE *f = open_memstream(&printed, &size);

	if (!CHECK(f))
		return;
	if (!CHECK_INT(parse(section, name, text, &problem), 0))
		printf("# %s = %s: %s\n", name, text, problem.sentence);
	config_value_print(config_key_find(section, name), base_of(section), f);
	fclose(f);
	CHECK_STR(printed, want);
}

static void refuse(enum config_section section, const char *name, const char *text,
		   const char *sentence)
{
	struct config_problem problem;
	struct config config_before = config;
	struct rule rule_before = rule;

	CHECK_INT(parse(section, name, text, &problem), -EINVAL);
	CHECK_STR(problem.sentence, sentence);
	CHECK(memcmp(&config_before, &config, sizeof(config)) == 0);
	CHECK(memcmp(&rule_before, &rule, sizeof(rule)) == 0);
}

TEST(numbers, "numbers are printed in the largest unit that is exact")
{
	check(SECTION_DAEMON, "interval", "1000ms", "interval = 1s\n");
	check(SECTION_DAEMON, "interval", "1.5s", "interval = 1500ms\n");
	check(SECTION_DAEMON, "interval", "60s", "interval = 1min\n");
	check(SECTION_DAEMON, "interval", "50001us", "interval = 50001us\n");
	check(SECTION_SAMPLING, "max_memory", "65536K", "max_memory = 64M\n");
	check(SECTION_SAMPLING, "max_memory", "8388609", "max_memory = 8388609\n");
	check(SECTION_DEFAULT, "min_size", "0", "min_size = 0\n");
	check(SECTION_SAMPLING, "max_cpu", "2.00%", "max_cpu = 2%\n");
	check(SECTION_SAMPLING, "max_cpu", "0.5%", "max_cpu = 0.5%\n");
	check(SECTION_SAMPLING, "max_cpu", "2.05%", "max_cpu = 2.05%\n");
	check(SECTION_COMPACTION, "low", "17", "low = 17\n");
}

TEST(ranges, "a number out of its range is refused with the range")
{
	refuse(SECTION_DAEMON, "interval", "49ms",
	       "49ms is out of range, 50ms to 1min are allowed");
	refuse(SECTION_DAEMON, "interval", "61s", "61s is out of range, 50ms to 1min are allowed");
	refuse(SECTION_DAEMON, "interval", "99999999999999999999h",
	       "99999999999999999999h is out of range, 50ms to 1min are allowed");
	refuse(SECTION_DAEMON, "interval", "1",
	       "\"1\" is not a duration: a number with us, ms, s, min or h");
	refuse(SECTION_SAMPLING, "max_cpu", "101%",
	       "101% is out of range, 0.1% to 100% are allowed");
	refuse(SECTION_SAMPLING, "max_cpu", "2", "\"2\" is not a percentage: a number with %");
	refuse(SECTION_MIGRATION, "bandwidth", "1023K",
	       "1023K is out of range, 1M to 1T are allowed");
	refuse(SECTION_MIGRATION, "bandwidth", "fast",
	       "\"fast\" is not a size: a whole number of bytes with K, M, G or T");
	refuse(SECTION_COMPACTION, "low", "-1", "\"-1\" is not a whole number");
}

TEST(choices, "a word is one of the known ones")
{
	check(SECTION_SAMPLING, "source", "residency", "source = residency\n");
	CHECK_INT(config.source, SOURCE_RESIDENCY);
	check(SECTION_SAMPLING, "source", "auto", "source = auto\n");
	CHECK_INT(config.source, -1);
	check(SECTION_DEFAULT, "policy", "weighted-interleave", "policy = weighted-interleave\n");
	refuse(SECTION_DEFAULT, "mode", "Active",
	       "\"Active\" is not known, expected active, observe or off");
	refuse(SECTION_DEFAULT, "collapse", "maybe", "\"maybe\" is neither yes nor no");
	check(SECTION_DEFAULT, "collapse", "on", "collapse = yes\n");
}

TEST(policy_names, "the words of the file are those of the model")
{
	for (const struct config_choice *c = config_key_find(SECTION_DEFAULT, "policy")->choices;
	     c->name; c++)
		CHECK_STR(c->name, rule_policy_name((enum rule_policy)c->value));
	for (const struct config_choice *c = config_key_find(SECTION_DEFAULT, "mode")->choices;
	     c->name; c++)
		CHECK_STR(c->name, rule_mode_name((enum rule_mode)c->value));
}

TEST(orders, "orders are a list without repetition")
{
	check(SECTION_COMPACTION, "order", "9", "order = 9\n");
	check(SECTION_COMPACTION, "order", "9, 4 3", "order = 9,4,3\n");
	check(SECTION_COMPACTION, "order", "1 2 3 4 5 6 7 8 9 10",
	      "order = 1,2,3,4,5,6,7,8,9,10\n");
	refuse(SECTION_COMPACTION, "order", "0", "\"0\" is not an order, 1 to 10 are allowed");
	refuse(SECTION_COMPACTION, "order", "9,11", "\"11\" is not an order, 1 to 10 are allowed");
	refuse(SECTION_COMPACTION, "order", "9-10",
	       "\"9-10\" is not an order, 1 to 10 are allowed");
	refuse(SECTION_COMPACTION, "order", "9 9", "order 9 is given twice");
	refuse(SECTION_COMPACTION, "order", "9,,8", "a value is missing beside a comma");
	refuse(SECTION_COMPACTION, "order", ",9", "a value is missing beside a comma");
	refuse(SECTION_COMPACTION, "order", "9 , ", "a value is missing beside a comma");
}

TEST(nodes, "nodes are ids, ranges, all, and what is left out")
{
	check(SECTION_DEFAULT, "nodes", "0-1,4", "nodes = 0-1,4\n");
	CHECK(!rule.nodes.all);
	check(SECTION_DEFAULT, "nodes", "4 0, 1", "nodes = 0-1,4\n");
	check(SECTION_DEFAULT, "nodes", "all", "nodes = all\n");
	check(SECTION_DEFAULT, "nodes", "!2", "nodes = !2\n");
	CHECK(rule.nodes.all);
	check(SECTION_DEFAULT, "nodes", "all !2-3 !8", "nodes = !2-3,!8\n");
	check(SECTION_DEFAULT, "nodes", "0-7,!3", "nodes = 0-7,!3\n");
	check(SECTION_DEFAULT, "nodes", "1023", "nodes = 1023\n");
}

TEST(bad_nodes, "nodes that mean nothing are refused")
{
	refuse(SECTION_DEFAULT, "nodes", "1024", "\"1024\": node ids end at 1023");
	refuse(SECTION_DEFAULT, "nodes", "3-0",
	       "\"3-0\" is not a list of nodes such as 0-1,4 or all or !2");
	refuse(SECTION_DEFAULT, "nodes", "!",
	       "\"!\" is not a list of nodes such as 0-1,4 or all or !2");
	refuse(SECTION_DEFAULT, "nodes", "!all",
	       "\"!all\" is not a list of nodes such as 0-1,4 or all or !2");
	refuse(SECTION_DEFAULT, "nodes", "all,0", "\"all,0\" names nodes beside all");
	refuse(SECTION_DEFAULT, "nodes", "0-1,!0-3", "\"0-1,!0-3\" leaves no node");
	refuse(SECTION_DEFAULT, "nodes", "0,", "a value is missing beside a comma");
}

TEST(weights, "weights are pairs of node and weight")
{
	check(SECTION_DEFAULT, "weights", "0:3 1:1", "weights = 0:3 1:1\n");
	check(SECTION_DEFAULT, "weights", "8:255,0:1", "weights = 0:1 8:255\n");
	refuse(SECTION_DEFAULT, "weights", "0", "\"0\" is not NODE:WEIGHT");
	refuse(SECTION_DEFAULT, "weights", "0:a", "\"0:a\" is not NODE:WEIGHT");
	refuse(SECTION_DEFAULT, "weights", ":1", "\":1\" is not NODE:WEIGHT");
	refuse(SECTION_DEFAULT, "weights", "0:0",
	       "weight 0 of node 0 is out of range, 1 to 255 are allowed");
	refuse(SECTION_DEFAULT, "weights", "0:256",
	       "weight 256 of node 0 is out of range, 1 to 255 are allowed");
	refuse(SECTION_DEFAULT, "weights", "1024:1", "node 1024: node ids end at 1023");
	refuse(SECTION_DEFAULT, "weights", "0:1 0:2", "node 0 has two weights");
}

TEST(matches, "match lines add up, and only what a cgroup can be called is taken")
{
	check(SECTION_RULE, "match", "/a/*", "match = /a/*\n");
	check(SECTION_RULE, "match", "/", "match = /a/*\nmatch = /\n");
	check(SECTION_RULE, "match", "/.hidden/..x",
	      "match = /a/*\nmatch = /\nmatch = /.hidden/..x\n");
	refuse(SECTION_RULE, "match", "a", "\"a\" does not begin with '/', as a cgroup path does");
	refuse(SECTION_RULE, "match", "/a//b", "\"/a//b\" has an empty name");
	refuse(SECTION_RULE, "match", "/a/", "\"/a/\" has an empty name");
	refuse(SECTION_RULE, "match", "//", "\"//\" has an empty name");
	refuse(SECTION_RULE, "match", "/./a", "\"/./a\" has a \".\" or \"..\"");
	refuse(SECTION_RULE, "match", "/a/..", "\"/a/..\" has a \".\" or \"..\"");
	config_rule_clear_match(&rule);
	CHECK_INT(rule.n_match, 0);
}

TEST(many_matches, "a rule has a bounded number of match lines")
{
	struct config_problem problem;

	for (int i = 0; i < RULE_MATCHES_MAX; i++)
		CHECK_INT(parse(SECTION_RULE, "match", "/a", &problem), 0);
	refuse(SECTION_RULE, "match", "/a", "more than 64 match lines");
	config_rule_clear_match(&rule);
}

TEST(copying, "a value is copied between rules")
{
	struct config_problem problem;
	struct rule to = { 0 };

	CHECK_INT(parse(SECTION_DEFAULT, "nodes", "0,5", &problem), 0);
	CHECK_INT(parse(SECTION_DEFAULT, "collapse", "yes", &problem), 0);
	config_value_copy(config_key_find(SECTION_DEFAULT, "nodes"), &rule, &to);
	CHECK(to.nodes.is_given && nodeset_equals(&to.nodes.set, &rule.nodes.set));
	CHECK(!to.collapse);
	config_value_copy(config_key_find(SECTION_DEFAULT, "collapse"), &rule, &to);
	CHECK(to.collapse);
}

TEST(long_print, "a line as long as can be read is printed so that it can be read again")
{
	char pattern[198 - 6], line[256];

	memset(pattern, 'x', sizeof(pattern) - 1);
	pattern[0] = '/';
	pattern[sizeof(pattern) - 1] = '\0';
	snprintf(line, sizeof(line), "match=%s\n", pattern);
	CHECK_INT(strlen(line), 197 + 1);
	check(SECTION_RULE, "match", pattern, line);
	config_rule_clear_match(&rule);
}

TEST_MAIN()
