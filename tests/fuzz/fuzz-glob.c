/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "PATTERN\nPATH": the matcher agrees with a plain recursive one, and with its own word on
 * ancestors. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/rule.h"

/* The recursion is exponential; short texts keep it in bounds. */
#define TEXT_MAX 14

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool matches(const char *start, const char *pattern, const char *path)
{
	size_t stars = strspn(pattern, "*");
	const char *rest = pattern + stars;

	if (!*pattern)
		return !*path;
	if (stars == 0)
		return *path && (*pattern == '?' ? *path != '/' : *pattern == *path) &&
		       matches(start, pattern + 1, path + 1);
	if (stars > 1 && pattern > start && pattern[-1] == '/' && *rest == '/' &&
	    matches(start, rest + 1, path))
		return true;
	for (;; path++) {
		if (matches(start, rest, path))
			return true;
		if (!*path || (stars == 1 && *path == '/'))
			return false;
	}
}

static bool covers_by_ancestors(const char *pattern, const char *path)
{
	_cleanup_free_ char *ancestor = strdup(path);

	if (!ancestor)
		abort();
	for (char *slash; *ancestor; *slash = '\0') {
		if (cgroup_glob_matches(pattern, ancestor))
			return true;
		slash = strrchr(ancestor, '/');
	}
	return cgroup_glob_matches(pattern, "/");
}

/* As the kernel's: "/", or names with a slash before each. */
static bool is_cgroup(const char *path)
{
	return path[0] == '/' && !strstr(path, "//") && (!path[1] || path[strlen(path) - 1] != '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *pattern = strndup((const char *)data, size);
	char *path;

	if (!pattern)
		abort();
	path = strchr(pattern, '\n');
	if (!path)
		return 0;
	*path++ = '\0';
	bool is_match = cgroup_glob_matches(pattern, path);
	bool is_covered = cgroup_glob_covers(pattern, path);

	if (!is_cgroup(path))
		return 0;
	if (is_match && !is_covered)
		abort();
	if (is_covered != covers_by_ancestors(pattern, path))
		abort();
	if (strlen(pattern) > TEXT_MAX || strlen(path) > 2 * TEXT_MAX || !path[1] ||
	    pattern[0] != '/')
		return 0;
	if (is_match != matches(pattern, pattern, path))
		abort();
	return 0;
}
