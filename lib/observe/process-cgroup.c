/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/cgroup: the cgroup v2 path of a process. */
#include "observe/process.h"

#include <errno.h>
#include <string.h>

#include "observe/lines.h"
#include "observe/process-file.h"
#include "observe/scan.h"

int cgroup_parse_line(const char *line, char ret_path[static CGROUP_PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	const size_t suffix = sizeof(deleted) - 1;
	size_t length;

	if (!scan_text(&line, "0::") || *line != '/')
		return 0;
	length = strlen(line);
	if (length > suffix && strcmp(line + length - suffix, deleted) == 0)
		length -= suffix;
	if (length >= CGROUP_PATH_MAX)
		return -E2BIG;
	memcpy(ret_path, line, length);
	ret_path[length] = '\0';
	return 1;
}

int process_read_cgroup(const struct root *root, pid_t pid, char ret_path[static CGROUP_PATH_MAX])
{
	_cleanup_lines_ struct lines lines;
	char path[PROCESS_PATH_MAX];
	const char *line;
	int r = lines_open(&lines, root, process_path(path, pid, "cgroup"));

	if (r < 0)
		return process_error(r);
	while ((r = lines_next(&lines, &line)) > 0) {
		r = cgroup_parse_line(line, ret_path);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return r < 0 ? process_error(r) : -ENODATA;
}
