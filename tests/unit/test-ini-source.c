/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/ini-source.c: the traps of inih, closed. */
#include <errno.h>

#include "base/cleanup.h"
#include "config/ini-source.h"
#include "tests/tap.h"

struct seen {
	char text[4096];
	unsigned fail_at_line;
};

/* Adds "LINE BEFORE a BETWEEN b " to what was seen. */
static void note(struct seen *seen, unsigned line, const char *before, const char *a,
		 const char *between, const char *b)
{
	size_t length = strlen(seen->text);

	snprintf(seen->text + length, sizeof(seen->text) - length, "%u%s%s%s%s ", line, before, a,
		 between, b);
}

static int on_section(void *user, unsigned line, const char *section,
		      struct config_problem *problem)
{
	(void)problem;
	note(user, line, "[", section, "]", "");
	return 0;
}

static int on_key(void *user, unsigned line, const char *key, const char *value,
		  struct config_problem *problem)
{
	struct seen *seen = user;

	if (line == seen->fail_at_line)
		return config_problem_set(problem, "no");
	note(seen, line, ":", key, "=", value);
	return 0;
}

static int read_text(const char *text, size_t length, struct seen *seen,
		     struct config_problem *problem)
{
	static const struct ini_source_events events = { on_section, on_key };

	*problem = (struct config_problem){ 0 };
	return ini_source_read(text, length, &events, seen, problem);
}

static void check_events(const char *text, const char *want)
{
	struct config_problem problem;
	struct seen seen = { .text = "" };

	if (!CHECK_INT(read_text(text, strlen(text), &seen, &problem), 0))
		printf("# %u: %s\n", problem.line, problem.sentence);
	CHECK_STR(seen.text, want);
}

static void check_problem(const char *text, unsigned line, const char *sentence)
{
	struct config_problem problem;
	struct seen seen = { .text = "" };

	CHECK_INT(read_text(text, strlen(text), &seen, &problem), -EINVAL);
	if (!CHECK_INT(problem.line, line) || !CHECK(strstr(problem.sentence, sentence)))
		printf("# for \"%s\": %u: %s\n", text, problem.line, problem.sentence);
}

/* "[s]\nk=xxx" with a second line of `length` bytes. */
static const char *with_line_of(char *buffer, size_t length, const char *end)
{
	memset(buffer, 'x', length + 4);
	memcpy(buffer, "[s]\nk=", 6);
	strcpy(buffer + 4 + length, end);
	return buffer;
}

TEST(events, "sections and keys come in order with their lines")
{
	check_events("", "");
	check_events("# c\n\n[a]\nk = 1\n; c\nl=2\n[b c]\nm = 3 4",
		     "3[a] 4:k=1 6:l=2 7[b c] 8:m=3 4 ");
	check_events("[a]\n[b]\n", "1[a] 2[b] ");
	check_events("[a] ; comment\n[b] # comment\n[c]\t\n", "1[a] 2[b] 3[c] ");
}

TEST(values, "a comment behind a value begins with a blank and a semicolon")
{
	check_events("[a]\nk = v ; comment\n", "1[a] 2:k=v ");
	check_events("[a]\nk = v;w\n", "1[a] 2:k=v;w ");
	check_events("[a]\nk = v=w:x\n", "1[a] 2:k=v=w:x ");
	check_events("[a]\nk = v#w\n", "1[a] 2:k=v#w ");
	check_events("[a]\nk = \\x2d\\\n", "1[a] 2:k=\\x2d\\ ");
	check_problem("[a]\nk = v # comment\n", 2, "begins with ' ;'");
	check_problem("[a]\nk = #v\n", 2, "begins with ' ;'");
}

TEST(foreign, "a byte order mark and carriage returns are tolerated")
{
	check_events("\xef\xbb\xbf[a]\r\nk = v\r\n\r\n", "1[a] 2:k=v ");
	check_events("\xef\xbb\xbf", "");
	check_events("\xef\xbb\xbf# c\n[a]\n", "2[a] ");
	check_problem("[a]\n\xef\xbb\xbfk", 2, "expected");
}

TEST(long_lines, "a line is read whole or refused")
{
	char text[512], want[1024];

	with_line_of(text, INI_SOURCE_LINE_MAX, "");
	snprintf(want, sizeof(want), "1[s] 2:k=%s ", text + 6);
	check_events(text, want);
	with_line_of(text, INI_SOURCE_LINE_MAX, "\nl=1\n");
	snprintf(want, sizeof(want), "1[s] 2:k=%.*s 3:l=1 ", INI_SOURCE_LINE_MAX - 2, text + 6);
	check_events(text, want);
	check_problem(with_line_of(text, INI_SOURCE_LINE_MAX + 1, ""), 2, "has 198 bytes");
	check_problem(with_line_of(text, 300, "=injected\n"), 2, "bytes");
	with_line_of(text, 300, "");
	memcpy(text, "[s]\n# ", 6);
	check_events(text, "1[s] ");
}

TEST(long_sections, "a section name is read whole or refused")
{
	static const char name[] = "123456789012345678901234567890123456789012345678";
	char text[128], want[128];

	snprintf(text, sizeof(text), "[%s]\nk=v", name);
	snprintf(want, sizeof(want), "1[%s] 2:k=v ", name);
	check_events(text, want);
	snprintf(text, sizeof(text), "[%s9]\nk=v", name);
	check_problem(text, 1, "has 49 bytes");
}

TEST(indented, "an indented line is refused, an indented comment is not")
{
	check_problem("[a]\nk = 1\n  2\n", 3, "indented");
	check_problem("[a]\n\tk = 1\n", 2, "indented");
	check_problem(" [a]\n", 1, "indented");
	check_events("[a]\n  # c\n\t; c\n  \n \t\nk=1\n", "1[a] 6:k=1 ");
}

TEST(no_key, "a line that is neither section nor key is refused")
{
	check_problem("[a]\nk\n", 2, "expected [section] or key = value");
	check_problem("[a]\nk ; = 1\n", 2, "expected [section] or key = value");
	check_problem("[a]\nk : 1\n", 2, "':' comes first");
	check_problem("[a]\nk:x = 1\n", 2, "':' comes first");
	check_problem("[a]\n= 1\n", 2, "key before '=' is missing");
	check_problem("[a]\nk =\n", 2, "value is missing");
	check_problem("[a]\nk = ; comment\n", 2, "value is missing");
	check_problem("k = 1\n[a]\n", 1, "before the first [section]");
	check_problem("[a\nk = 1\n", 1, "']' is missing");
	check_problem("[a]b\n", 1, "behind the section");
	check_problem("[a];b\n", 1, "behind the section");
	check_problem("[a] k = 1\n", 1, "behind the section");
}

TEST(bytes, "control characters and NUL bytes are refused")
{
	static const char with_nul[] = "[a]\nk = 1\0 2\n", in_comment[] = "[a]\n#\0\n";
	struct config_problem problem;
	struct seen seen = { .text = "" };

	CHECK_INT(read_text(with_nul, sizeof(with_nul) - 1, &seen, &problem), -EINVAL);
	CHECK_INT(problem.line, 2);
	CHECK_STR(problem.sentence, "the line has a NUL byte");
	CHECK_INT(read_text(in_comment, sizeof(in_comment) - 1, &seen, &problem), -EINVAL);
	CHECK_INT(problem.line, 2);
	check_problem("[a]\nk = 1\rl = 2\n", 2, "control character");
	check_problem("[a]\nk = \x1b[31m\n", 2, "control character");
	check_problem("[a]\nk = \x7f\n", 2, "control character");
	check_events("[a]\nk = \xc3\xa4\n", "1[a] 2:k=\xc3\xa4 ");
}

TEST(first_error, "the first error ends the reading and names its key")
{
	static const char text[] = "[a]\nk = 1\nl = 2\nm = 3\n[b]\nnonsense\n";
	struct seen seen = { .text = "", .fail_at_line = 3 };
	struct config_problem problem;

	CHECK_INT(read_text(text, sizeof(text) - 1, &seen, &problem), -EINVAL);
	CHECK_INT(problem.line, 3);
	CHECK_STR(problem.key, "l");
	CHECK_STR(problem.sentence, "no");
	CHECK_STR(seen.text, "1[a] 2:k=1 ");
}

TEST_MAIN()
