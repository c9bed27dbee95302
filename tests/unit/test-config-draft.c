/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config-draft.c: files put on top of each other. */
#include <errno.h>

#include "config/config-draft.h"
#include "config/config.h"
#include "tests/tap.h"

/* Reads up to three files called a, b and c. NULL with the problem, as "FILE:LINE: KEY: SENTENCE".
 */
static struct config *read_files(const char *a, const char *b, const char *c,
				 char problem_text[1024])
{
	_cleanup_config_draft_ struct config_draft *draft = config_draft_new();
	const char *const texts[] = { a, b, c }, *const names[] = { "a", "b", "c" };
	struct config_problem problem = { 0 };
	struct config *config = NULL;
	int r = 0;

	problem_text[0] = '\0';
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(texts) && texts[i]; i++) {
		problem.file = names[i];
		r = config_draft_read(draft, names[i], texts[i], strlen(texts[i]), &problem);
	}
	if (r == 0)
		r = config_draft_finish(draft, &config, &problem);
	if (r < 0)
		snprintf(problem_text, 1024, "%s:%u: %s: %s", problem.file, problem.line,
			 problem.key, problem.sentence);
	return config;
}

static struct config *expect_config(const char *a, const char *b, const char *c)
{
	char problem[1024];
	struct config *config = read_files(a, b, c, problem);

	if (!CHECK(config))
		printf("# %s\n", problem);
	return config;
}

static void expect_problem(const char *a, const char *b, const char *want)
{
	char problem[1024];
	_cleanup_config_ struct config *config = read_files(a, b, NULL, problem);

	CHECK(!config);
	CHECK_STR(problem, want);
}

TEST(later_wins, "a later file wins key by key")
{
	_cleanup_config_ struct config *config =
		expect_config("[daemon]\ninterval=2s\n[sampling]\nmax_cpu=3%\n",
			      "[daemon]\ninterval=3s\n", "[migration]\nbandwidth=2G\n");

	REQUIRE(config);
	CHECK_INT(config->interval_usec, 3000000);
	CHECK_INT(config->max_cpu_permyriad, 300);
	CHECK_INT(config->migration_bandwidth_bytes_per_sec, 2LL << 30);
}

TEST(twice, "in one file no key and no section is given twice")
{
	expect_problem("[daemon]\ninterval=2s\ninterval=2s\n", NULL,
		       "a:3: interval: already given in line 2");
	expect_problem("[daemon]\n[sampling]\n[daemon]\n", NULL,
		       "a:3: : [daemon] was already opened in line 1");
	expect_problem("[rule x]\nmatch=/x\n", "[rule x]\n[default]\n[rule x]\n",
		       "b:3: : [rule x] was already opened in line 1");
	expect_problem("[default]\n", "[default]\nmode=off\nmode=off",
		       "b:3: mode: already given in line 2");
}

TEST(same_file_twice, "the same file may be read twice, each time as a file of its own")
{
	_cleanup_config_draft_ struct config_draft *draft = config_draft_new();
	static const char text[] = "[daemon]\ninterval=2s\n";
	struct config_problem problem = { 0 };

	CHECK_INT(config_draft_read(draft, "a", text, strlen(text), &problem), 0);
	CHECK_INT(config_draft_read(draft, "a", text, strlen(text), &problem), 0);
}

TEST(overridden_rule,
     "a later file's rule of the same name overrides the keys that it names, in place")
{
	_cleanup_config_ struct config *config = expect_config(
		"[rule x]\nmatch=/x\nmatch=/y\nmode=observe\nmin_size=8M\n[rule z]\nmatch=/z\n",
		"\n[rule x]\nmode=off\n", "[rule x]\nmatch=/w\nmatch=/v\n");

	REQUIRE(config);
	REQUIRE(config->n_rules == 2);
	CHECK_STR(config->rules[0].name, "x");
	CHECK_STR(config->rules[0].origin, "a:1, b:2, c:1");
	CHECK_INT(config->rules[0].mode, RULE_OFF);
	CHECK_INT(config->rules[0].min_size_bytes, 8 << 20);
	REQUIRE(config->rules[0].n_match == 2);
	CHECK_STR(config->rules[0].match[0], "/w");
	CHECK_STR(config->rules[0].match[1], "/v");
	CHECK_STR(config->rules[1].name, "z");
	CHECK_STR(config->rules[1].origin, "a:6");
}

TEST(inheriting,
     "what a rule does not say comes from [default], and what that does not say from [migration]")
{
	_cleanup_config_ struct config *config = expect_config(
		"[rule x]\nmatch=/x\nmin_size=8M\n[rule y]\nmatch=/y\nmax_stall=7ms\nmode=off\n"
		"[default]\nmode=observe\ncollapse=yes\nbandwidth=3G\npolicy=default\n",
		"[migration]\nmax_stall=9ms\nbandwidth=2G\n", NULL);

	REQUIRE(config);
	REQUIRE(config->n_rules == 2);
	CHECK_STR(config->default_rule.origin, "a:8");
	CHECK_INT(config->default_rule.max_stall_usec, 9000);
	CHECK_INT(config->default_rule.bandwidth_bytes_per_sec, 3LL << 30);
	CHECK_INT(config->rules[0].mode, RULE_OBSERVE);
	CHECK_INT(config->rules[0].policy, POLICY_DEFAULT);
	CHECK(config->rules[0].collapse);
	CHECK_INT(config->rules[0].min_size_bytes, 8 << 20);
	CHECK_INT(config->rules[0].max_stall_usec, 9000);
	CHECK_INT(config->rules[0].bandwidth_bytes_per_sec, 3LL << 30);
	CHECK_INT(config->rules[1].max_stall_usec, 7000);
	CHECK_INT(config->rules[1].mode, RULE_OFF);
	CHECK_INT(config->rules[1].min_size_bytes, 4 << 20);
}

TEST(unknown, "an unknown section or key is refused, with what was probably meant")
{
	expect_problem("[daemons]\n", NULL,
		       "a:1: : [daemons] is not a section; there are [daemon], [sampling], "
		       "[migration], [compaction], [default] and [rule NAME]");
	expect_problem("[Daemon]\n", NULL,
		       "a:1: : [Daemon] is not a section; there are [daemon], [sampling], "
		       "[migration], [compaction], [default] and [rule NAME]");
	expect_problem("[daemon]\nintervall=1s\n", NULL,
		       "a:2: intervall: not a key of [daemon]; did you mean \"interval\"?");
	expect_problem("[daemon]\nbandwidth=1G\n", NULL,
		       "a:2: bandwidth: not a key of [daemon], but of [migration]");
	expect_problem("[default]\nmatch=/x\n", NULL,
		       "a:2: match: not a key of [default], but of [rule NAME]");
	expect_problem("[daemon]\nfoo=1\n", NULL, "a:2: foo: not a key of [daemon]");
}

TEST(rule_names, "a rule has a plain name")
{
	static const char bad[] = "is not a rule's name: letters, digits, _ . @ and - are allowed";
	char want[256];

	expect_problem("[rule]\n", NULL, "a:1: : a rule needs a name: [rule NAME]");
	snprintf(want, sizeof(want), "a:1: : \"\" %s", bad);
	expect_problem("[rule ]\n", NULL, want);
	snprintf(want, sizeof(want), "a:1: : \" x\" %s", bad);
	expect_problem("[rule  x]\n", NULL, want);
	snprintf(want, sizeof(want), "a:1: : \"a/b\" %s", bad);
	expect_problem("[rule a/b]\n", NULL, want);

	_cleanup_config_ struct config *config =
		expect_config("[rule A-z_0.9@x]\nmatch=/x\n", NULL, NULL);

	REQUIRE(config);
	CHECK_STR(config->rules[0].name, "A-z_0.9@x");
}

TEST(many_rules, "the number of rules is bounded")
{
	static char text[(RULES_MAX + 1) * 32];
	size_t length = 0;

	for (int i = 0; i < RULES_MAX; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "[rule r%d]\nmatch=/r\n", i);

	_cleanup_config_ struct config *config = expect_config(text, NULL, NULL);

	CHECK(config && config->n_rules == RULES_MAX);
	snprintf(text + length, sizeof(text) - length, "[rule more]\n");
	expect_problem(text, NULL, "a:513: : more than 256 rules");
}

TEST(many_files, "the number of files is bounded")
{
	_cleanup_config_draft_ struct config_draft *draft = config_draft_new();
	struct config_problem problem = { 0 };

	for (int i = 0; i < CONFIG_FILES_MAX; i++)
		CHECK_INT(config_draft_read(draft, "a", "", 0, &problem), 0);
	CHECK_INT(config_draft_read(draft, "a", "", 0, &problem), -EINVAL);
	CHECK_STR(problem.sentence, "more than 256 files");
}

TEST_MAIN()
