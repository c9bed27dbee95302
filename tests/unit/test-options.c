/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include <errno.h>

#include "config/config.h"
#include "tests/tap.h"

#define ARGUMENTS_MAX 8

/* Parses the arguments up to NULL; what is said on stderr is not shown. */
static int parse(struct options *ret_options, const char *const *arguments)
{
	char *argv[ARGUMENTS_MAX + 2] = { (char *)(uintptr_t) "numaplaced" };
	int argc = 1;

	for (; argc <= ARGUMENTS_MAX && arguments[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
	fflush(stderr);

	FILE *shown = stderr;

	stderr = fopen("/dev/null", "we");

	int r = options_parse(argc, argv, ret_options);

	fclose(stderr);
	stderr = shown;
	return r;
}
#define PARSE(ret, ...) parse(ret, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

TEST(defaults, "without arguments it runs, with the usual configuration below /")
{
	struct options options;

	REQUIRE(PARSE(&options) == 0);
	CHECK_INT(options.verb, VERB_RUN);
	CHECK_STR(options.config, CONFIG_PATH);
	CHECK_STR(options.root, "/");
	CHECK(!options.observe);
	CHECK(!options.has_config);
}

TEST(verbs, "each verb has its option")
{
	static const struct {
		const char *text;
		enum verb verb;
	} rows[] = { { "--check-config", VERB_CHECK_CONFIG },
		     { "--once", VERB_ONCE },
		     { "--probe", VERB_PROBE },
		     { "--restore", VERB_RESTORE },
		     { "--version", VERB_VERSION },
		     { "--help", VERB_HELP },
		     { "-h", VERB_HELP } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;

		CHECK_INT(PARSE(&options, rows[i].text), 0);
		CHECK_INT(options.verb, rows[i].verb);
	}
}

TEST(arguments, "an argument may follow its option or an equals sign")
{
	struct options options;

	REQUIRE(PARSE(&options, "--config", "/a", "--root=/b=c", "--observe") == 0);
	CHECK_STR(options.config, "/a");
	CHECK(options.has_config);
	CHECK_STR(options.root, "/b=c");
	CHECK(options.observe);
	REQUIRE(PARSE(&options, "--config=/c") == 0);
	CHECK_STR(options.config, "/c");
}

TEST(relative, "a path of a configuration is absolute: it is looked for below the root")
{
	struct options options;

	CHECK(PARSE(&options, "--config=") < 0);
	CHECK(PARSE(&options, "--config", "numaplaced.conf") < 0);
	CHECK(PARSE(&options, "--config=./numaplaced.conf") < 0);
}

TEST(bad, "unknown, incomplete and ambiguous words are refused, and nothing is guessed")
{
	struct options options = { .config = "untouched" };

	CHECK_INT(PARSE(&options, "--conf", "/a"), -EINVAL);
	CHECK_INT(PARSE(&options, "--config"), -EINVAL);
	CHECK_INT(PARSE(&options, "--root"), -EINVAL);
	CHECK_INT(PARSE(&options, "--once=yes"), -EINVAL);
	CHECK_INT(PARSE(&options, "--observe=1"), -EINVAL);
	CHECK_INT(PARSE(&options, "once"), -EINVAL);
	CHECK_INT(PARSE(&options, "--"), -EINVAL);
	CHECK_INT(PARSE(&options, ""), -EINVAL);
	CHECK_INT(PARSE(&options, "-v"), -EINVAL);
	CHECK_INT(PARSE(&options, "--onces"), -EINVAL);
	CHECK_STR(options.config, "untouched");
}

TEST(two_verbs, "two different verbs are refused, one twice is not")
{
	struct options options;

	CHECK_INT(PARSE(&options, "--once", "--probe"), -EINVAL);
	CHECK_INT(PARSE(&options, "--check-config", "--observe", "--restore"), -EINVAL);
	CHECK_INT(PARSE(&options, "--once", "--once"), 0);
}

TEST(help, "the help tells every option of the table, and the exit codes")
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	REQUIRE(f);
	options_print_help(f);
	fclose(f);
	for (size_t i = 0; i < n_options; i++) {
		char name[64];

		snprintf(name, sizeof(name), "--%s", option_table[i].name);
		CHECK(strstr(text, name));
		CHECK(strstr(text, option_table[i].help));
	}
	CHECK(strstr(text, "exit: 0"));
}

TEST_MAIN()
