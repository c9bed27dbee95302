/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/stat, statm, status and task: who a process is. */
#include "observe/process.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "observe/lines.h"
#include "observe/process-file.h"
#include "observe/scan.h"

#define KERNEL_THREAD_FLAG 0x00200000 /* PF_KTHREAD of the kernel's linux/sched.h */
#define STAT_BYTES         4096

/* Fields of /proc/PID/stat by their number in proc(5); those behind the name are separated by
 * blanks. */
enum stat_field {
	FIELD_STATE = 3,
	FIELD_FLAGS = 9,
	FIELD_THREADS = 20,
	FIELD_START_TIME = 22,
};

static void copy_name(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		length = size - 1;
	for (size_t i = 0; i < length; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~'
				? from[i]
				: '?'; /* no terminal takes it for a command */
	to[length] = '\0';
}

static bool next_field(const char **p)
{
	while (**p && **p != ' ')
		(*p)++;
	scan_blanks(p);
	return **p != '\0';
}

static bool parse_fields(const char *p, struct process_status *status)
{
	uint64_t flags = 0, threads = 0, start_time = 0;

	scan_blanks(&p);
	for (int field = FIELD_STATE; field <= FIELD_START_TIME; field++) {
		const char *value = p;

		if ((field == FIELD_FLAGS && !scan_decimal(&value, &flags)) ||
		    (field == FIELD_THREADS && !scan_decimal(&value, &threads)) ||
		    (field == FIELD_START_TIME && !scan_decimal(&value, &start_time)))
			return false;
		if (!next_field(&p) && field < FIELD_START_TIME)
			return false;
	}
	status->is_kernel_thread = flags & KERNEL_THREAD_FLAG;
	status->n_threads = threads;
	status->start_time_ticks = start_time;
	return true;
}

int process_parse_stat(const char *text, struct process_status *ret_status)
{
	/* The name may hold anything, ")" and newlines too; behind it there are only numbers. */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	struct process_status status = { 0 };

	if (!open || !close || close < open || !parse_fields(close + 1, &status))
		return -EBADMSG;
	copy_name(status.name, sizeof(status.name), open + 1, (size_t)(close - open - 1));
	*ret_status = status;
	return 0;
}

int process_parse_statm(const char *text, uint64_t *ret_resident_pages)
{
	uint64_t size;

	if (!scan_decimal(&text, &size) || !scan_char(&text, ' ') ||
	    !scan_decimal(&text, ret_resident_pages))
		return -EBADMSG;
	return 0;
}

int process_read_status(const struct root *root, pid_t pid, struct process_status *ret_status)
{
	struct process_status status;
	char path[PROCESS_PATH_MAX], text[STAT_BYTES];
	ssize_t n = root_read(root, process_path(path, pid, "stat"), text, sizeof(text));
	int r;

	if (n < 0)
		return process_error((int)n);
	r = process_parse_stat(text, &status);
	if (r < 0)
		return r;
	n = root_read(root, process_path(path, pid, "statm"), text, sizeof(text));
	if (n < 0)
		return process_error((int)n);
	r = process_parse_statm(text, &status.resident_pages);
	if (r < 0)
		return r;
	*ret_status = status;
	return 0;
}

int process_read_mems_allowed(const struct root *root, pid_t pid, struct nodeset *ret_nodes)
{
	_cleanup_lines_ struct lines lines;
	char path[PROCESS_PATH_MAX];
	const char *line;
	int r = lines_open(&lines, root, process_path(path, pid, "status"));

	if (r < 0)
		return process_error(r);
	while ((r = lines_next(&lines, &line)) > 0) {
		if (!scan_text(&line, "Mems_allowed_list:"))
			continue;
		scan_blanks(&line);
		return nodeset_parse_list(line, ret_nodes);
	}
	return r < 0 ? process_error(r) : -ENODATA;
}
