/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf/numaplaced.conf, conf/examples/ and man/numaplaced.conf.5 say what the key table says: every
 * key with its default, range and words, and none besides. Run from the top of the source. */
#include <ctype.h>
#include <errno.h>
#include <glob.h>

#include "base/root.h"
#include "config/config.h"
#include "config/config-types.h"
#include "config/config-values.h"
#include "tests/tap.h"

#define SAMPLE "conf/numaplaced.conf"
#define MANUAL "man/numaplaced.conf.5"

static char *read_whole(const char *path)
{
	struct root here;
	char *text = NULL;

	CHECK_INT(root_open(&here, "."), 0);
	if (!CHECK(root_read_all(&here, path, 1024 * 1024, &text) > 0))
		printf("# %s\n", path);
	root_close(&here);
	return text;
}

static struct config *parse(const char *name, const char *text)
{
	struct config *config = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";

	if (!CHECK_INT(config_parse_text(name, text, strlen(text), &config, message), 0))
		printf("# %s\n", message);
	return config;
}

/* The value of a default as config_print() writes it, "" when there is none. */
static void default_text(const struct config_key *key, char text[static 256])
{
	_cleanup_config_ struct config *config = config_new_default();
	const void *base = config_section_is_rule(key->section) ? (void *)&config->default_rule
								: (void *)config;
	char line[256] = "";
	FILE *f = fmemopen(line, sizeof(line), "w");

	config_value_print(key, base, f);
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	snprintf(text, 256, "%s", line[0] ? strstr(line, " = ") + 3 : "");
}

static bool find_section(const char *name, enum config_section *ret_section)
{
	for (enum config_section i = 0; i < _SECTION_MAX; i++)
		if (strncmp(name, config_section_name(i), strlen(config_section_name(i))) == 0) {
			*ret_section = i;
			return true;
		}
	return false;
}

/* A line "#key = value" or "# key = value": the word before " = ", or false. */
static bool key_of_line(const char *line, char key[static 64], const char **ret_value)
{
	const char *start = line + (*line == '#');
	size_t length;

	start += *start == ' ';
	length = strspn(start, "abcdefghijklmnopqrstuvwxyz_");
	if (length == 0 || length > 63 || strncmp(start + length, " = ", 3) != 0)
		return false;
	memcpy(key, start, length);
	key[length] = '\0';
	*ret_value = start + length + 3;
	return true;
}

/* Calls `visit` for each line, with the section that it stands in. */
static void for_each_line(char *text,
			  void (*visit)(enum config_section section, const char *line,
					const char *before, void *user),
			  void *user)
{
	enum config_section section = _SECTION_MAX;
	const char *before = "";
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")); before = line) {
		if (line[0] == '[' || strncmp(line, "# [", 3) == 0)
			CHECK(find_section(strchr(line, '[') + 1, &section));
		visit(section, line, before, user);
	}
}

struct sample_state {
	unsigned seen[CONFIG_KEYS_MAX];
};

static void visit_sample(enum config_section section, const char *line, const char *before,
			 void *user)
{
	struct sample_state *state = user;
	const struct config_key *key;
	char name[64], want[256];
	const char *value;

	if (!key_of_line(line, name, &value))
		return;
	key = section < _SECTION_MAX ? config_key_find(section, name) : NULL;
	if (!CHECK(key)) {
		printf("# the sample has a key that is none: %s\n", line);
		return;
	}
	state->seen[key - config_keys]++;
	default_text(key, want);
	if (line[0] == '#' && line[1] == ' ')
		CHECK(!want[0] || section == SECTION_RULE);
	else
		CHECK_STR(value, want);
	if (section != SECTION_RULE || key->section == SECTION_RULE)
		CHECK(before[0] == '#' && before[1] == ' ');
}

TEST(sample_keys, "the sample has every key with its default, and no other")
{
	_cleanup_free_ char *text = read_whole(SAMPLE);
	struct sample_state state = { 0 };

	REQUIRE(text);
	for_each_line(text, visit_sample, &state);
	for (size_t i = 0; i < n_config_keys; i++)
		if (!CHECK(state.seen[i] > 0))
			printf("# [%s] %s is missing in the sample\n",
			       config_section_name(config_keys[i].section), config_keys[i].name);
}

TEST(sample_help, "the sample explains each key in the table's words, with its range")
{
	_cleanup_free_ char *text = read_whole(SAMPLE);
	char wanted[512], min[CONFIG_NUMBER_TEXT], max[CONFIG_NUMBER_TEXT];

	REQUIRE(text);
	for (size_t i = 0; i < n_config_keys; i++) {
		const struct config_key *key = &config_keys[i];
		const char *at;

		snprintf(wanted, sizeof(wanted), "\n# %s", key->help);
		at = strstr(text, wanted);
		if (!CHECK(at))
			printf("# %s: %s\n", key->name, key->help);
		if (!at || !key->max || key->type > TYPE_COUNT || key->inherits)
			continue;
		config_format_number(key, key->min, min);
		config_format_number(key, key->max, max);
		snprintf(wanted, sizeof(wanted), "%s (%s to %s)\n#%s = ", key->help, min, max,
			 key->name);
		if (!CHECK(strstr(text, wanted)))
			printf("# missing: %s\n", wanted);
	}
}

/* Makes "#key = value" a key. */
static void uncomment(char *text)
{
	char *to = text;
	const char *from = text;

	while (*from) {
		bool at_start = from == text || from[-1] == '\n';

		if (at_start && *from == '#' && islower((unsigned char)from[1]))
			from++;
		*to++ = *from++;
	}
	*to = '\0';
}

static char *print_without_origin(struct config *config)
{
	char *text = NULL, *origin = config->default_rule.origin;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	config->default_rule.origin = (char *)"";
	config_print(config, f);
	config->default_rule.origin = origin;
	fclose(f);
	return text;
}

TEST(sample_values, "the sample is the defaults, as it is and uncommented")
{
	_cleanup_free_ char *text = read_whole(SAMPLE), *want = NULL, *as_is = NULL, *open = NULL;
	_cleanup_config_ struct config *defaults = config_new_default(), *first = NULL,
				       *second = NULL;
	size_t length;

	REQUIRE(text && defaults);
	first = parse(SAMPLE, text);
	length = strlen(text);
	uncomment(text);
	CHECK(length - strlen(text) >= n_config_keys - 3);
	second = parse(SAMPLE, text);
	REQUIRE(first && second);
	want = print_without_origin(defaults);
	as_is = print_without_origin(first);
	open = print_without_origin(second);
	CHECK_STR(as_is, want);
	CHECK_STR(open, want);
}

/* Removes troff's escapes of the characters that stand in names and values. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '\\' && from[1] == '&')
			from++;
		else if (*from != '\\')
			*to++ = *from;
	}
	*to = '\0';
}

/* The manual's text from after `start` up to the newline that begins the next `end`, on the heap.
 */
static char *cut(const char *text, const char *start, const char *end)
{
	const char *from = text ? strstr(text, start) : NULL, *to;

	if (!from)
		return NULL;
	from += strlen(start);
	to = strstr(from, end);
	return strndup(from, to ? (size_t)(to + 1 - from) : strlen(from));
}

static char *section_of_manual(const char *manual, enum config_section section)
{
	char heading[64];

	if (config_section_is_rule(section))
		section = SECTION_DEFAULT;
	snprintf(heading, sizeof(heading), "\n.Ss [%s]", config_section_name(section));
	return cut(manual, heading, "\n.S");
}

static void check_manual_default(const struct config_key *key, const char *item)
{
	char want[320], value[256];

	default_text(key, value);
	snprintf(want, sizeof(want), "\nDefault: %s.\n",
		 key->inherits ? "as in [migration]"
		 : value[0]    ? value
			       : "none");
	if (!CHECK(strstr(item, want)))
		printf("# %s: %s", key->name, want + 1);
}

static void check_manual_range(const struct config_key *key, const char *item)
{
	char want[128], min[CONFIG_NUMBER_TEXT], max[CONFIG_NUMBER_TEXT];

	if (key->type > TYPE_COUNT) {
		snprintf(min, sizeof(min), "%u", (unsigned)key->min);
		snprintf(max, sizeof(max), "%u", (unsigned)key->max);
	} else {
		config_format_number(key, key->min, min);
		config_format_number(key, key->max, max);
	}
	snprintf(want, sizeof(want), "\nRange: %s to %s.\n", min, max);
	if (!CHECK(strstr(item, want)))
		printf("# %s: %s", key->name, want + 1);
}

static void check_manual_key(const char *manual, const struct config_key *key)
{
	_cleanup_free_ char *section = section_of_manual(manual, key->section), *item = NULL;
	char start[80], word[80];

	snprintf(start, sizeof(start), "\n.It Cm %s\n", key->name);
	item = cut(section, start, "\n.It");
	if (!CHECK(item)) {
		printf("# [%s] %s is missing in the manual\n", config_section_name(key->section),
		       key->name);
		return;
	}
	check_manual_default(key, item);
	if (key->max)
		check_manual_range(key, item);
	for (const struct config_choice *c = key->choices; c && c->name; c++) {
		snprintf(word, sizeof(word), ".Cm %s", c->name);
		if (!CHECK(strstr(item, word)))
			printf("# %s: %s is missing in the manual\n", key->name, c->name);
	}
}

/* Undoes the end of the last item of a section, which has no item behind it. */
static void end_items(char *manual)
{
	for (char *p = manual; (p = strstr(p, "\n.El")); p++)
		memcpy(p, "\n.It", 4);
}

TEST(manual_keys, "the manual has every key with its default, range and words")
{
	_cleanup_free_ char *manual = read_whole(MANUAL);

	REQUIRE(manual);
	unescape(manual);
	end_items(manual);
	for (size_t i = 0; i < n_config_keys; i++)
		check_manual_key(manual, &config_keys[i]);
}

TEST(manual_only, "the manual has no other key")
{
	_cleanup_free_ char *manual = read_whole(MANUAL);
	unsigned n = 0;

	REQUIRE(manual);
	for (const char *p = manual; (p = strstr(p, "\n.It Cm ")); p++)
		n++;
	CHECK_INT(n, n_config_keys);
}

TEST(examples, "every example loads")
{
	glob_t found = { 0 };

	CHECK_INT(glob("conf/examples/*.conf", 0, NULL, &found), 0);
	CHECK(found.gl_pathc >= 3);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		_cleanup_free_ char *text = read_whole(found.gl_pathv[i]);
		_cleanup_config_ struct config *config =
			text ? parse(found.gl_pathv[i], text) : NULL;

		CHECK(config && config->n_rules > 0);
	}
	globfree(&found);
}

TEST_MAIN()
