/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config-draft.h"
#include "config/config-keys.h"
#include "config/config-values.h"

static void rule_clear(struct rule *rule)
{
	config_rule_clear_match(rule);
	free(rule->name);
	free(rule->origin);
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	for (size_t i = 0; i < config->n_rules; i++)
		rule_clear(&config->rules[i]);
	free(config->rules);
	rule_clear(&config->default_rule);
	free(config);
	return NULL;
}

/* The table's default texts are the only defaults there are. */
struct config *config_new_default(void)
{
	_cleanup_config_ struct config *config = calloc(1, sizeof(*config));
	struct config_problem problem;

	if (!config)
		return NULL;
	config->default_rule.name = strdup("default");
	config->default_rule.origin = strdup("built in");
	if (!config->default_rule.name || !config->default_rule.origin)
		return NULL;
	for (size_t i = 0; i < n_config_keys; i++) {
		const struct config_key *key = &config_keys[i];
		void *base = config_section_is_rule(key->section) ? (void *)&config->default_rule
								  : (void *)config;

		if (key->default_text &&
		    config_value_parse(key, key->default_text, base, &problem) < 0)
			return NULL;
	}
	config->default_rule.max_stall_usec = config->migration_max_stall_usec;
	config->default_rule.bandwidth_bytes_per_sec = config->migration_bandwidth_bytes_per_sec;
	return TAKE_PTR(config);
}

static void write_message(const struct config_problem *problem, const char *file,
			  char message[static CONFIG_MESSAGE_MAX])
{
	char line[32] = "";

	if (problem->file)
		file = problem->file;
	if (problem->line)
		snprintf(line, sizeof(line), "%u:", problem->line);
	snprintf(message, CONFIG_MESSAGE_MAX, "%s:%s %s%s%s", file, line, problem->key,
		 problem->key[0] ? ": " : "", problem->sentence);
}

static int check_file(int fd, struct config_problem *problem)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return config_problem_errno(problem, -errno);
	if (S_ISDIR(st.st_mode)) {
		config_problem_set(problem, "is a directory");
		return -EISDIR;
	}
	if (!S_ISREG(st.st_mode))
		return config_problem_set(problem, "is not a regular file");
	return 0;
}

/* Non-blocking, for a FIFO would wait for its writer before it can be refused. */
static int read_file(const struct root *root, const char *path, struct config_draft *draft,
		     struct config_problem *problem)
{
	_cleanup_close_ int fd = root_open_file(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	ssize_t length;
	int r;

	if (fd < 0)
		return config_problem_errno(problem, fd);
	r = check_file(fd, problem);
	if (r < 0)
		return r;
	length = fd_read_all(fd, CONFIG_FILE_MAX, &text);
	if (length == -E2BIG) {
		config_problem_set(problem, "is larger than %d bytes", CONFIG_FILE_MAX);
		return -E2BIG;
	}
	if (length < 0)
		return config_problem_errno(problem, (int)length);
	return config_draft_read(draft, path, text, (size_t)length, problem);
}

/* The names of the drop-ins in byte order. */
struct names {
	char *name[CONFIG_FILES_MAX];
	size_t n;
};

static void names_clear(struct names *names)
{
	while (names->n > 0)
		free(names->name[--names->n]);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_drop_in(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > strlen(".conf") &&
	       strcmp(name + length - strlen(".conf"), ".conf") == 0;
}

/* A name that is printed with a message or as a rule's origin must not break its line. */
static int add_name(struct names *names, const char *name, struct config_problem *problem)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return config_problem_set(problem, "a file's name has a control character");
	if (names->n == ELEMENTSOF(names->name))
		return config_problem_set(problem, "more than %zu files", ELEMENTSOF(names->name));
	names->name[names->n] = strdup(name);
	if (!names->name[names->n])
		return config_problem_errno(problem, -ENOMEM);
	names->n++;
	return 0;
}

static int list_drop_ins(const struct root *root, const char *directory, struct names *names,
			 struct config_problem *problem)
{
	_cleanup_closedir_ DIR *dir = root_open_dir(root, directory);
	struct dirent *entry;
	int r;

	if (!dir)
		return errno == ENOENT ? 0 : config_problem_errno(problem, -errno);
	while ((errno = 0, entry = readdir(dir))) {
		r = is_drop_in(entry->d_name) ? add_name(names, entry->d_name, problem) : 0;
		if (r < 0)
			return r;
	}
	if (errno)
		return config_problem_errno(problem, -errno);
	qsort(names->name, names->n, sizeof(names->name[0]), compare_names);
	return 0;
}

static int read_drop_ins(const struct root *root, const char *main_path, struct config_draft *draft,
			 char message[static CONFIG_MESSAGE_MAX])
{
	_cleanup_(names_clear) struct names names = { .n = 0 };
	_cleanup_free_ char *directory = NULL;
	struct config_problem problem = { 0 };
	int r;

	if (asprintf(&directory, "%s.d", main_path) < 0)
		directory = NULL;
	r = directory ? list_drop_ins(root, directory, &names, &problem)
		      : config_problem_errno(&problem, -ENOMEM);
	if (r < 0)
		write_message(&problem, directory ? directory : main_path, message);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *path = NULL;

		problem = (struct config_problem){ 0 };
		if (asprintf(&path, "%s/%s", directory, names.name[i]) < 0)
			path = NULL;
		r = path ? read_file(root, path, draft, &problem)
			 : config_problem_errno(&problem, -ENOMEM);
		if (r < 0)
			write_message(&problem, path ? path : directory, message);
	}
	return r;
}

static int finish(struct config_draft *draft, const char *path, struct config **ret_config,
		  char message[static CONFIG_MESSAGE_MAX])
{
	struct config_problem problem = { 0 };
	int r = config_draft_finish(draft, ret_config, &problem);

	if (r < 0)
		write_message(&problem, path, message);
	return r;
}

static int out_of_memory(const char *path, char message[static CONFIG_MESSAGE_MAX])
{
	struct config_problem problem = { 0 };

	config_problem_errno(&problem, -ENOMEM);
	write_message(&problem, path, message);
	return -ENOMEM;
}

int config_load(const struct root *root, const char *path, bool may_be_missing,
		struct config **ret_config, char ret_message[static CONFIG_MESSAGE_MAX])
{
	_cleanup_config_draft_ struct config_draft *draft = config_draft_new();
	struct config_problem problem = { 0 };
	int r;

	if (!draft)
		return out_of_memory(path, ret_message);
	r = read_file(root, path, draft, &problem);
	if (r < 0 && !(r == -ENOENT && may_be_missing)) {
		write_message(&problem, path, ret_message);
		return r;
	}
	r = read_drop_ins(root, path, draft, ret_message);
	return r < 0 ? r : finish(draft, path, ret_config, ret_message);
}

int config_parse_text(const char *name, const char *text, size_t length, struct config **ret_config,
		      char ret_message[static CONFIG_MESSAGE_MAX])
{
	_cleanup_config_draft_ struct config_draft *draft = config_draft_new();
	struct config_problem problem = { 0 };
	int r;

	if (!draft)
		return out_of_memory(name, ret_message);
	if (length > CONFIG_FILE_MAX)
		r = config_problem_set(&problem, "is larger than %d bytes", CONFIG_FILE_MAX);
	else
		r = config_draft_read(draft, name, text, length, &problem);
	if (r < 0) {
		write_message(&problem, name, ret_message);
		return r;
	}
	return finish(draft, name, ret_config, ret_message);
}
