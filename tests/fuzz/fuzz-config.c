/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text either fails with a message or is a configuration that prints and parses back to itself.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	config_print(config, f);
	fclose(f);
	return text;
}

/* The origins of the rules stand in comments and differ. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_config_ struct config *first = NULL, *second = NULL;
	_cleanup_free_ char *once = NULL, *twice = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";

	if (config_parse_text("fuzz", (const char *)data, size, &first, message) < 0) {
		if (first || !message[0] || strchr(message, '\n'))
			abort();
		return 0;
	}
	once = print(first);
	if (config_parse_text("fuzz", once, strlen(once), &second, message) < 0)
		abort();
	twice = print(second);
	drop_comments(once);
	drop_comments(twice);
	if (strcmp(once, twice) != 0)
		abort();
	return 0;
}
