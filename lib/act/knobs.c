/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/knobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KNOB_PATH_MAX   512
#define STATE_BYTES_MAX (KNOBS_MAX * (KNOB_PATH_MAX + 3 * KNOB_VALUE_MAX + 4))
#define STATE_TEMP_PATH KNOB_STATE_PATH ".new"

/* One line of the state file: the fields with tabs between them. */
struct knob {
	char path[KNOB_PATH_MAX];
	char saved[KNOB_VALUE_MAX];    /* before we changed it for the first time */
	char written[KNOB_VALUE_MAX];  /* what we wrote last, or are about to write */
	char previous[KNOB_VALUE_MAX]; /* what we wrote before that: it still holds if we died in
					  between */
};

struct knobs {
	struct knob knob[KNOBS_MAX];
	size_t n;
	size_t n_garbled;
};

static bool fits(const char *text, size_t size)
{
	return strlen(text) < size && !strpbrk(text, "\t\n");
}

static bool copy(char *to, size_t size, const char *from)
{
	if (!fits(from, size))
		return false;
	memcpy(to, from, strlen(from) + 1);
	return true;
}

/* Without the newline that the kernel puts behind a value. */
static int read_value(const struct root *root, const char *path,
		      char ret_value[static KNOB_VALUE_MAX])
{
	char text[KNOB_VALUE_MAX + 1];
	ssize_t n = root_read(root, path, text, sizeof(text));

	if (n < 0)
		return (int)n;
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	return copy(ret_value, KNOB_VALUE_MAX, text) ? 0 : -EINVAL;
}

static bool is_kernel_setting(const char *path)
{
	bool is_below = strncmp(path, "/proc/sys/", 10) == 0 || strncmp(path, "/sys/", 5) == 0;

	return is_below && !strstr(path, "/../");
}

static bool parse_line(char *line, struct knob *ret_knob)
{
	struct knob knob = { 0 };
	const char *path = strsep(&line, "\t");
	const char *saved = strsep(&line, "\t");
	const char *written = strsep(&line, "\t");
	const char *previous = strsep(&line, "\t");

	/* Whoever could write the file could otherwise have any file written. */
	if (!written || line || !is_kernel_setting(path))
		return false;
	if (!previous)
		previous = written;
	if (!copy(knob.path, sizeof(knob.path), path) ||
	    !copy(knob.saved, sizeof(knob.saved), saved) ||
	    !copy(knob.written, sizeof(knob.written), written) ||
	    !copy(knob.previous, sizeof(knob.previous), previous))
		return false;
	*ret_knob = knob;
	return true;
}

static struct knob *find(struct knobs *knobs, const char *path)
{
	for (size_t i = 0; i < knobs->n; i++)
		if (strcmp(knobs->knob[i].path, path) == 0)
			return &knobs->knob[i];
	return NULL;
}

static void parse_state(char *text, struct knobs *knobs)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct knob knob;

		if (!text && !*line)
			return; /* after the last newline */
		if (text && knobs->n < KNOBS_MAX && parse_line(line, &knob) &&
		    !find(knobs, knob.path))
			knobs->knob[knobs->n++] = knob;
		else
			knobs->n_garbled++;
	}
}

/* A missing file is an empty state. The caller frees. */
static int load(const struct root *root, struct knobs **ret_knobs)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ struct knobs *knobs = calloc(1, sizeof(*knobs));

	if (!knobs)
		return -ENOMEM;

	ssize_t n = root_read_all(root, KNOB_STATE_PATH, STATE_BYTES_MAX, &text);

	if (n == -E2BIG)
		knobs->n_garbled++;
	else if (n < 0 && n != -ENOENT)
		return (int)n;
	else if (n > 0 && strlen(text) != (size_t)n)
		knobs->n_garbled++;
	else if (n > 0)
		parse_state(text, knobs);
	*ret_knobs = TAKE_PTR(knobs);
	return 0;
}

static int write_lines(int fd, const struct knobs *knobs)
{
	_cleanup_fclose_ FILE *file = fdopen(fd, "w");

	if (!file) {
		int r = -errno;

		close(fd);
		return r;
	}
	for (size_t i = 0; i < knobs->n; i++) {
		const struct knob *k = &knobs->knob[i];

		if (fprintf(file, "%s\t%s\t%s\t%s\n", k->path, k->saved, k->written, k->previous) <
		    0)
			return -EIO;
	}
	if (fflush(file) != 0 || fsync(fd) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

static int make_directory(const struct root *root)
{
	char path[] = KNOB_STATE_PATH;

	*strrchr(path, '/') = '\0';
	if (mkdirat(root->fd, path + 1, 0755) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int store(const struct root *root, const struct knobs *knobs)
{
	const char *temp = &STATE_TEMP_PATH[1], *final = &KNOB_STATE_PATH[1];
	int r = make_directory(root);

	if (r < 0)
		return r;
	if (!knobs->n)
		return unlinkat(root->fd, final, 0) < 0 && errno != ENOENT ? -errno : 0;

	int fd =
		openat(root->fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	r = write_lines(fd, knobs);
	if (r == 0 && renameat(root->fd, temp, root->fd, final) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(root->fd, temp, 0);
	return r;
}

static void forget(struct knobs *knobs, struct knob *knob)
{
	size_t i = (size_t)(knob - knobs->knob);

	memmove(knob, knob + 1, (--knobs->n - i) * sizeof(*knob));
}

/* Enters what is about to be written. */
static int enter(struct knobs *knobs, const char *path, const char *current, const char *value)
{
	struct knob *knob = find(knobs, path);

	if (!knob) {
		if (knobs->n == KNOBS_MAX)
			return -ENOSPC;
		knob = &knobs->knob[knobs->n++];
		*knob = (struct knob){ 0 };
		copy(knob->path, sizeof(knob->path), path);
		copy(knob->saved, sizeof(knob->saved), current);
		copy(knob->previous, sizeof(knob->previous), current);
	} else {
		copy(knob->previous, sizeof(knob->previous), knob->written);
	}
	copy(knob->written, sizeof(knob->written), value);
	return 0;
}

/* The kernel may show a value in another form than it was written in ("0,1" as "0-1"): that form
 * must be known to recognize it later. */
static void note_shown_form(const struct root *root, struct knobs *knobs, const char *path)
{
	char shown[KNOB_VALUE_MAX];
	struct knob *knob = find(knobs, path);

	if (!knob || read_value(root, path, shown) < 0 || strcmp(shown, knob->written) == 0)
		return;
	copy(knob->written, sizeof(knob->written), shown);
	store(root, knobs);
}

static int save_and_write(const struct root *root, struct knobs *knobs, const char *path,
			  const char *current, const char *value)
{
	_cleanup_free_ struct knobs *before = malloc(sizeof(*before));
	int r;

	if (!before)
		return -ENOMEM;
	*before = *knobs;
	r = enter(knobs, path, current, value);
	if (r == 0)
		r = store(root, knobs);
	if (r < 0)
		return r;
	r = root_write(root, path, value);
	if (r < 0) {
		store(root, before);
		return r;
	}
	note_shown_form(root, knobs, path);
	return 0;
}

int knob_set(const struct root *root, const char *path, const char *value)
{
	_cleanup_free_ struct knobs *knobs = NULL;
	char current[KNOB_VALUE_MAX];

	if (*path != '/' || !fits(path, KNOB_PATH_MAX) || !fits(value, KNOB_VALUE_MAX))
		return -EINVAL;

	int r = read_value(root, path, current);

	if (r < 0 || strcmp(current, value) == 0)
		return r;
	r = load(root, &knobs);
	return r < 0 ? r : save_and_write(root, knobs, path, current, value);
}

/* 0: it has its saved value again; 1: it is somebody else's now; -errno. */
static int restore_value(const struct root *root, const struct knob *knob,
			 char ret_current[static KNOB_VALUE_MAX])
{
	int r = read_value(root, knob->path, ret_current);

	if (r < 0)
		return r;
	if (strcmp(ret_current, knob->saved) == 0)
		return 0;
	if (strcmp(ret_current, knob->written) != 0 && strcmp(ret_current, knob->previous) != 0)
		return 1;
	return root_write(root, knob->path, knob->saved);
}

int knobs_restore(const struct root *root, knob_report_t report, void *userdata)
{
	_cleanup_free_ struct knobs *knobs = NULL;
	int n_restored = 0, failure = load(root, &knobs);

	if (failure < 0)
		return failure;
	if (!knobs->n && !knobs->n_garbled)
		return 0;
	for (size_t i = 0; i < knobs->n;) {
		struct knob *knob = &knobs->knob[i];
		char current[KNOB_VALUE_MAX] = "";
		int r = restore_value(root, knob, current);

		if (report)
			report(userdata, knob->path, knob->saved, current, r);
		n_restored += r == 0;
		if (r >= 0) {
			forget(knobs, knob);
			continue;
		}
		failure = failure < 0 ? failure : r;
		i++;
	}
	for (size_t i = 0; i < knobs->n_garbled; i++) {
		failure = failure < 0 ? failure : -EBADMSG;
		if (report)
			report(userdata, KNOB_STATE_PATH, "", "", -EBADMSG);
	}

	int r = store(root, knobs);

	failure = failure < 0 ? failure : r;
	return failure < 0 ? failure : n_restored;
}

int knob_restore(const struct root *root, const char *path)
{
	_cleanup_free_ struct knobs *knobs = NULL;
	char current[KNOB_VALUE_MAX];
	int r = load(root, &knobs);

	if (r < 0)
		return r;

	struct knob *knob = find(knobs, path);

	if (!knob)
		return -ENOENT;
	r = restore_value(root, knob, current);
	if (r < 0)
		return r;
	forget(knobs, knob);

	int stored = store(root, knobs);

	return stored < 0 ? stored : r;
}
