/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/model/rule.c: which rule is in force for a cgroup, and for which nodes. */
#include "base/clock.h"
#include "model/rule.h"
#include "tests/tap.h"

static void check_glob(const char *pattern, const char *path, bool want)
{
	if (!CHECK(cgroup_glob_matches(pattern, path) == want))
		printf("# %s %s %s\n", pattern, path, want ? "does not match" : "matches");
}

TEST(literal, "what is no wildcard stands for itself")
{
	check_glob("/", "/", true);
	check_glob("/a", "/a", true);
	check_glob("/a", "/ab", false);
	check_glob("/ab", "/a", false);
	check_glob("/a", "/a/b", false);
	check_glob("/a/b", "/a", false);
	check_glob("/", "/a", false);
	check_glob("/a", "/", false);
	check_glob("/system.slice/dev-disk\\x2dby.swap", "/system.slice/dev-disk\\x2dby.swap",
		   true);
	check_glob("/pg\\*", "/pg\\main", true);
	check_glob("/pg\\*", "/pgmain", false);
	check_glob("/[ab]", "/a", false);
	check_glob("/[ab]", "/[ab]", true);
	check_glob("/{a,b}@x", "/{a,b}@x", true);
}

TEST(one_star, "a star stays within a name")
{
	check_glob("/*", "/a", true);
	check_glob("/*", "/a/b", false);
	check_glob("/*", "/", false);
	check_glob("/a/*/c", "/a/b/c", true);
	check_glob("/a/*/c", "/a/b/b/c", false);
	check_glob("/system.slice/postgresql@*.service", "/system.slice/postgresql@15-main.service",
		   true);
	check_glob("/system.slice/postgresql@*.service", "/system.slice/postgresql@/x.service",
		   false);
	check_glob("/a*", "/a", true);
	check_glob("/*a*b*", "/xxaxxbxx", true);
	check_glob("/*a*b*", "/xxbxxaxx", false);
	check_glob("/a*a*a", "/aa", false);
	check_glob("/*.slice/*.service", "/x.slice/y.service", true);
}

TEST(two_stars, "two stars cross names")
{
	check_glob("/a/**", "/a/b", true);
	check_glob("/a/**", "/a/b/c/d", true);
	check_glob("/a/**", "/a", false);
	check_glob("/a/**", "/ab/c", false);
	check_glob("/**/x", "/x", true);
	check_glob("/**/x", "/a/x", true);
	check_glob("/**/x", "/a/b/x", true);
	check_glob("/**/x", "/ax", false);
	check_glob("/**/x", "/x/a", false);
	check_glob("/a/**/b", "/a/b", true);
	check_glob("/a/**/b", "/a/x/y/b", true);
	check_glob("/a/**/b", "/ab", false);
	check_glob("/a/**/b", "/a/xb", false);
	check_glob("/a**b", "/a/x/b", true);
	check_glob("/a**b", "/ab", true);
	check_glob("/a**/b", "/ax/y/b", true);
	check_glob("/a**/b", "/ab", false);
	check_glob("/**", "/a/b", true);
	check_glob("/**", "/", false);
	check_glob("/***/x", "/a/b/x", true);
	check_glob("/**/**/x", "/x", true);
	check_glob("/**/*.scope", "/machine.slice/vm-1.scope", true);
	check_glob("/**/a/**/b", "/a/a/a/b", true);
	check_glob("/**/a/**/b", "/c/b/a", false);
}

TEST(question, "a question mark is one byte of a name")
{
	check_glob("/a?", "/ab", true);
	check_glob("/a?", "/a", false);
	check_glob("/a?", "/abc", false);
	check_glob("/a?b", "/a/b", false);
	check_glob("/??", "/ab", true);
	check_glob("/*?", "/a", true);
	check_glob("/?*?", "/a", false);
}

TEST(relative, "a pattern that does not begin with a slash matches nothing below the root")
{
	check_glob("*", "/a", false);
	check_glob("**", "/a", false);
	check_glob("", "/", false);
	check_glob("", "/a", false);
	CHECK(!cgroup_glob_covers("", "/a"));
	CHECK(!cgroup_glob_covers("*", "/a"));
	CHECK(!cgroup_glob_covers("a", "a/b"));
}

TEST(covering, "a pattern covers what it matches and all below")
{
	CHECK(cgroup_glob_covers("/", "/"));
	CHECK(cgroup_glob_covers("/", "/a/b"));
	CHECK(cgroup_glob_covers("/a", "/a/b/c"));
	CHECK(!cgroup_glob_covers("/a", "/ab/c"));
	CHECK(cgroup_glob_covers("/a/*", "/a/b/c/d"));
	CHECK(!cgroup_glob_covers("/a/*", "/a"));
	CHECK(!cgroup_glob_covers("/a/*", "/"));
	CHECK(cgroup_glob_covers("/**/x", "/a/x/b"));
	CHECK(!cgroup_glob_covers("/**/x", "/a/xx/b"));
	CHECK(cgroup_glob_covers("/a*/b", "/aa/b/c"));
}

TEST(hostile, "a hostile name costs no exponential search")
{
	char pattern[CGROUP_GLOB_MAX + 1] = "/", path[4096];
	uint64_t start = clock_process_cpu_usec();

	while (strlen(pattern) + 8 < sizeof(pattern))
		strcat(pattern, "**/*a*");
	strcat(pattern, "b");
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (size_t i = 0; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	CHECK(!cgroup_glob_matches(pattern, path));
	CHECK(!cgroup_glob_covers(pattern, path));
	CHECK(clock_process_cpu_usec() - start < 2 * USEC_PER_SEC);
}

TEST(too_long, "a pattern beyond the bound matches nothing")
{
	char pattern[CGROUP_GLOB_MAX + 2];

	memset(pattern, '*', sizeof(pattern) - 1);
	pattern[0] = '/';
	pattern[CGROUP_GLOB_MAX + 1] = '\0';
	CHECK(!cgroup_glob_matches(pattern, "/a"));
	pattern[CGROUP_GLOB_MAX] = '\0';
	CHECK(cgroup_glob_matches(pattern, "/a"));
}

TEST(last_wins, "the last rule that covers the cgroup is in force, else the default")
{
	char *all[] = { (char *)"/**" };
	char *services[] = { (char *)"/nothing", (char *)"/system.slice/*.service" };
	char *one[] = { (char *)"/system.slice/a.service" };
	struct rule rules[] = {
		{ .name = (char *)"one", .match = one, .n_match = 1 },
		{ .name = (char *)"all", .match = all, .n_match = 1 },
		{ .name = (char *)"services", .match = services, .n_match = 2 },
	};
	struct config config = { .rules = rules, .n_rules = 3 };

	CHECK(config_rule_for(&config, "/system.slice/a.service") == &rules[2]);
	CHECK(config_rule_for(&config, "/system.slice/a.service/worker") == &rules[2]);
	CHECK(config_rule_for(&config, "/system.slice") == &rules[1]);
	CHECK(config_rule_for(&config, "/") == &config.default_rule);
	config.n_rules = 1;
	CHECK(config_rule_for(&config, "/system.slice/a.service/x/y") == &rules[0]);
	CHECK(config_rule_for(&config, "/system.slice/b.service") == &config.default_rule);
	config.n_rules = 0;
	CHECK(config_rule_for(&config, "/a") == &config.default_rule);
}

static struct nodeset list(const char *text)
{
	struct nodeset set;

	nodeset_clear(&set);
	CHECK_INT(nodeset_parse_list(text, &set), 0);
	return set;
}

TEST(resolving, "nodes are resolved against those that the machine has")
{
	struct nodeset present = list("0,4,8"), want, got;
	struct rule_nodes nodes = { .is_given = true, .all = true };

	rule_nodes_resolve(&nodes, &present, &got);
	CHECK(nodeset_equals(&got, &present));
	nodes.excluded = list("2,4");
	rule_nodes_resolve(&nodes, &present, &got);
	want = list("0,8");
	CHECK(nodeset_equals(&got, &want));
	nodes.all = false;
	nodes.set = list("0-4,6");
	rule_nodes_resolve(&nodes, &present, &got);
	want = list("0");
	CHECK(nodeset_equals(&got, &want));
	nodes.is_given = false;
	rule_nodes_resolve(&nodes, &present, &got);
	CHECK(nodeset_is_empty(&got));
}

TEST(names, "every mode and policy has a name, and only two policies are supported")
{
	for (enum rule_mode mode = 0; mode < _RULE_MODE_MAX; mode++)
		CHECK(rule_mode_name(mode));
	for (enum rule_policy policy = 0; policy < _RULE_POLICY_MAX; policy++) {
		CHECK(rule_policy_name(policy));
		CHECK(policy_is_supported(policy) ==
		      (policy == POLICY_DEFAULT || policy == POLICY_LOCAL));
	}
}

TEST_MAIN()
