/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config-print.c: what is printed parses back to the same. */
#include "config/config.h"
#include "tests/tap.h"

static struct config *parse(const char *text)
{
	struct config *config = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";

	if (!CHECK_INT(config_parse_text("f", text, strlen(text), &config, message), 0))
		printf("# %s\n", message);
	return config;
}

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	CHECK(f);
	config_print(config, f);
	fclose(f);
	return text;
}

/* Text without its comments: the origins differ. */
static void drop_comments(char *text)
{
	char *to = text;

	for (char *line = text, *next; *line; line = next) {
		next = strchrnul(line, '\n');
		next += *next == '\n';
		if (*line == '#')
			continue;
		memmove(to, line, (size_t)(next - line));
		to += next - line;
	}
	*to = '\0';
}

static const char everything[] =
	"[daemon]\ninterval=1500ms\n[sampling]\nsource=faults\nmax_cpu=0.25%\nmax_memory=9M\n"
	"[migration]\nbandwidth=3M\nmax_stall=123us\nkernel_balancing=leave\n"
	"[compaction]\nmode=observe\norder=10,3 9\nlow=1\nhigh=2\nhorizon=90s\nmax_cpu=99.99%\n"
	"interval=700ms\n"
	"[default]\nmode=off\npolicy=default\nmax_stall=1s\nbandwidth=5G\nmin_size=4097\ncollapse="
	"on\n"
	"[rule b]\nmatch=/b/**\nmatch=/c d?\nmode=observe\npolicy=local\n[rule "
	"a]\nmatch=/\nmin_size=0\n";

TEST(round_trip, "what is printed parses back to the same values")
{
	_cleanup_config_ struct config *first = parse(everything), *second = NULL;
	_cleanup_free_ char *once = NULL, *twice = NULL;

	REQUIRE(first);
	once = print(first);
	second = parse(once);
	REQUIRE(second);
	twice = print(second);
	drop_comments(once);
	drop_comments(twice);
	CHECK_STR(twice, once);
	CHECK_INT(second->interval_usec, 1500000);
	CHECK_INT(second->source, SOURCE_FAULTS);
	CHECK_INT(second->compaction_order[2], 9);
	CHECK_INT(second->default_rule.min_size_bytes, 4097);
	CHECK_INT(second->migration_max_stall_usec, 123);
	CHECK_INT(second->default_rule.max_stall_usec, 1000000);
	CHECK_INT(second->n_rules, 2);
	CHECK_STR(second->rules[0].match[1], "/c d?");
}

TEST(text, "the whole effective configuration is printed, with origins")
{
	_cleanup_config_ struct config *config = parse("\n[rule x]\nmatch=/x\n");
	_cleanup_free_ char *text = NULL;

	REQUIRE(config);
	text = print(config);
	CHECK_STR(text, "[daemon]\ninterval = 1s\n\n"
			"[sampling]\nsource = auto\nmax_cpu = 2%\nmax_memory = 64M\n\n"
			"[migration]\nbandwidth = 1G\nmax_stall = 5ms\nkernel_balancing = pause\n\n"
			"[compaction]\nmode = active\norder = 9\nlow = 64\nhigh = 256\n"
			"horizon = 30s\nmax_cpu = 5%\ninterval = 5s\n\n"
			"[default]\n# built in\nmode = active\npolicy = local\nmax_stall = 5ms\n"
			"bandwidth = 1G\nmin_size = 4M\ncollapse = no\n\n"
			"[rule x]\n# f:2\nmatch = /x\nmode = active\npolicy = local\n"
			"max_stall = 5ms\nbandwidth = 1G\nmin_size = 4M\ncollapse = no\n");
}

TEST_MAIN()
