/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/ini-source.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

struct reader {
	const char *rest, *end;
	unsigned line;
	bool has_section;
	bool key_is_due; /* a line with a key was given to inih, which has not called back yet */
	int result;
	const struct ini_source_events *events;
	void *user;
	struct config_problem *problem;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the next line without its end. False at the end of the text. */
static bool next_line(struct reader *reader, const char **ret_line, size_t *ret_length)
{
	const char *start = reader->rest, *newline;

	if (start == reader->end)
		return false;
	newline = memchr(start, '\n', (size_t)(reader->end - start));
	*ret_line = start;
	*ret_length = (size_t)((newline ? newline : reader->end) - start);
	if (*ret_length > 0 && start[*ret_length - 1] == '\r')
		(*ret_length)--;
	reader->rest = newline ? newline + 1 : reader->end;
	reader->line++;
	return true;
}

static bool is_empty_or_comment(const char *line, size_t length)
{
	size_t i = 0;

	while (i < length && is_blank(line[i]))
		i++;
	return i == length || line[i] == ';' || line[i] == '#';
}

static bool has_control_character(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return true;
	return false;
}

/* What inih would cut, merge or guess at, whatever the line says. */
static int check_line(const char *line, size_t length, struct config_problem *problem)
{
	if (has_control_character(line, length))
		return config_problem_set(problem, "the line has a control character");
	if (is_blank(line[0]))
		return config_problem_set(problem,
					  "the line is indented: continuation lines are not "
					  "supported, begin at the first column");
	if (length > INI_SOURCE_LINE_MAX)
		return config_problem_set(problem,
					  "the line has %zu bytes, at most %d are supported; * "
					  "and ** shorten a pattern",
					  length, INI_SOURCE_LINE_MAX);
	return 0;
}

static int check_behind_section(const char *text, struct config_problem *problem)
{
	size_t blanks = strspn(text, " \t");
	char first = text[blanks];

	if (!first || (blanks && (first == ';' || first == '#')))
		return 0;
	return config_problem_set(problem, "\"%s\" behind the section", text + blanks);
}

/* Announces the section itself: inih tells nothing of one without keys. */
static int take_section(struct reader *reader, const char *line)
{
	char section[INI_SOURCE_SECTION_MAX + 1];
	const char *close = strchr(line, ']');
	size_t length;
	int r;

	if (!close)
		return config_problem_set(reader->problem, "']' is missing");
	length = (size_t)(close - line - 1);
	if (length > INI_SOURCE_SECTION_MAX)
		return config_problem_set(
			reader->problem, "the section name has %zu bytes, at most %d are supported",
			length, INI_SOURCE_SECTION_MAX);
	r = check_behind_section(close + 1, reader->problem);
	if (r < 0)
		return r;
	memcpy(section, line + 1, length);
	section[length] = '\0';
	reader->has_section = true;
	return reader->events->section(reader->user, reader->line, section, reader->problem);
}

/* Length of the line without its ` ; comment`. */
static size_t length_without_comment(const char *line)
{
	for (size_t i = 1; line[i]; i++)
		if (line[i] == ';' && is_blank(line[i - 1]))
			return i;
	return strlen(line);
}

static int check_key(struct reader *reader, const char *line)
{
	size_t key_length = strcspn(line, "=:");

	if (key_length >= length_without_comment(line))
		return config_problem_set(reader->problem, "expected [section] or key = value");
	if (line[key_length] == ':')
		return config_problem_set(reader->problem,
					  "expected key = value, but ':' comes first");
	if (key_length == 0)
		return config_problem_set(reader->problem, "the key before '=' is missing");
	if (!reader->has_section)
		return config_problem_set(reader->problem,
					  "a key before the first [section] belongs to nothing");
	reader->key_is_due = true;
	return 0;
}

/* Checks the line and copies it, so that inih sees it whole or not at all. */
static int give_line(struct reader *reader, const char *line, size_t length, char *buffer,
		     size_t size)
{
	int r;

	if (memchr(line, '\0', length))
		return config_problem_set(reader->problem, "the line has a NUL byte");
	if (is_empty_or_comment(line, length))
		length = 0;
	if (length > 0) {
		r = check_line(line, length, reader->problem);
		if (r < 0)
			return r;
	}
	if (length + sizeof("\n") > size)
		return config_problem_set(reader->problem, "the line does not fit inih's buffer");
	memcpy(buffer, line, length);
	buffer[length] = '\0';
	r = buffer[0] == '[' ? take_section(reader, buffer)
	    : buffer[0]      ? check_key(reader, buffer)
			     : 0;
	memcpy(buffer + length, "\n", sizeof("\n"));
	return r;
}

static char *read_line(char *buffer, int size, void *stream)
{
	struct reader *reader = stream;
	const char *line;
	size_t length;

	if (reader->result < 0)
		return NULL;
	if (reader->key_is_due)
		reader->result = config_problem_set(reader->problem, "the line is not understood");
	else if (next_line(reader, &line, &length))
		reader->result = give_line(reader, line, length, buffer, (size_t)size);
	else
		return NULL;
	return reader->result < 0 ? NULL : buffer;
}

static int check_value(const char *value, struct config_problem *problem)
{
	if (!*value)
		return config_problem_set(problem, "the value is missing");
	for (const char *p = value; (p = strchr(p, '#')); p++)
		if (p == value || is_blank(p[-1]))
			return config_problem_set(problem,
						  "a comment behind a value begins with ' ;', "
						  "'#' would be part of the value");
	return 0;
}

/* inih's convention: non-zero is success. */
static int take_key(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;

	(void)section;
	if (reader->result < 0)
		return 0;
	if (!reader->key_is_due)
		reader->result = config_problem_set(reader->problem, "the line is not understood");
	else
		reader->result = check_value(value, reader->problem);
	reader->key_is_due = false;
	if (reader->result == 0)
		reader->result = reader->events->key(reader->user, reader->line, key, value,
						     reader->problem);
	if (reader->result < 0 && !reader->problem->key[0])
		strncat(reader->problem->key, key, sizeof(reader->problem->key) - 1);
	return reader->result == 0;
}

static const char *skip_byte_order_mark(const char *text, size_t length)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };

	return length >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0 ? text + sizeof(mark)
									       : text;
}

int ini_source_read(const char *text, size_t length, const struct ini_source_events *events,
		    void *user, struct config_problem *problem)
{
	struct reader reader = {
		.rest = skip_byte_order_mark(text, length),
		.end = text + length,
		.events = events,
		.user = user,
		.problem = problem,
	};
	int r = ini_parse_stream(read_line, &reader, take_key, &reader);

	if (reader.result == 0 && (r != 0 || reader.key_is_due))
		reader.result =
			r < 0 ? -ENOMEM : config_problem_set(problem, "the line is not understood");
	if (reader.result == -ENOMEM)
		config_problem_errno(problem, -ENOMEM);
	if (reader.result < 0 && !problem->line)
		problem->line = r > 0 && !reader.line ? (unsigned)r : reader.line;
	return reader.result;
}
