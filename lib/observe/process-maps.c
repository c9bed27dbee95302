/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/maps: the mappings of a process. */
#include "observe/process.h"

#include <errno.h>
#include <stdlib.h>

#include "observe/lines.h"
#include "observe/process-file.h"
#include "observe/scan.h"

#define FIRST_CAPACITY     256
#define SMALLEST_PAGE_MASK 4095 /* on every architecture */
#define DEVICE_MINOR_BITS  20

static bool scan_permissions(const char **p, struct mapping *mapping)
{
	const char *c = *p;

	if ((c[0] != 'r' && c[0] != '-') || (c[1] != 'w' && c[1] != '-') ||
	    (c[2] != 'x' && c[2] != '-') || (c[3] != 's' && c[3] != 'p'))
		return false;
	mapping->is_readable = c[0] == 'r';
	mapping->is_writable = c[1] == 'w';
	mapping->is_executable = c[2] == 'x';
	mapping->is_shared = c[3] == 's';
	*p = c + 4;
	return true;
}

static bool scan_device(const char **p, uint32_t *ret_device)
{
	uint64_t major, minor;

	if (!scan_hex(p, &major) || !scan_char(p, ':') || !scan_hex(p, &minor))
		return false;
	if (major >= 1u << (32 - DEVICE_MINOR_BITS) || minor >= 1u << DEVICE_MINOR_BITS)
		return false;
	*ret_device = (uint32_t)(major << DEVICE_MINOR_BITS | minor);
	return true;
}

static bool is_special_name(const char *name)
{
	static const char *const special[] = { "[vdso]",    "[vvar",     "[vsyscall]",
					       "[vectors]", "[sigpage]", "[uprobes]" };

	for (size_t i = 0; i < ELEMENTSOF(special); i++)
		if (scan_text(&name, special[i]))
			return true;
	return false;
}

static void classify(const char *name, struct mapping *mapping)
{
	if (*name == '[') {
		mapping->is_stack = scan_word(&name, "[stack]");
		mapping->is_special = is_special_name(name);
	}
	mapping->is_hugetlb =
		scan_text(&name, "/dev/hugepages/") || scan_word(&name, "/anon_hugepage");
}

int mapping_parse_line(const char *line, struct mapping *ret_mapping)
{
	struct mapping m = { 0 };

	if (!scan_hex(&line, &m.start) || !scan_char(&line, '-') || !scan_hex(&line, &m.end) ||
	    !scan_char(&line, ' ') || !scan_permissions(&line, &m) || !scan_char(&line, ' ') ||
	    !scan_hex(&line, &m.file_offset) || !scan_char(&line, ' ') ||
	    !scan_device(&line, &m.device) || !scan_char(&line, ' ') ||
	    !scan_decimal(&line, &m.inode) || (*line != ' ' && *line != '\0'))
		return -EBADMSG;
	if (m.start >= m.end || (m.start | m.end) & SMALLEST_PAGE_MASK)
		return -EBADMSG;
	scan_blanks(&line);
	classify(line, &m);
	*ret_mapping = m;
	return 0;
}

static int append(struct mappings *mappings, size_t *capacity, size_t max,
		  const struct mapping *mapping)
{
	if (mappings->n == *capacity) {
		size_t larger = *capacity ? *capacity * 2 : FIRST_CAPACITY;
		struct mapping *map;

		if (larger > max)
			larger = max;
		map = reallocarray(mappings->map, larger, sizeof(*map));
		if (!map)
			return -ENOMEM;
		mappings->map = map;
		*capacity = larger;
	}
	mappings->map[mappings->n++] = *mapping;
	return 0;
}

/* mappings_find() searches by address, so a line that is out of order is as bad as a malformed one.
 */
static bool is_in_order(const struct mappings *mappings, const struct mapping *next)
{
	return !mappings->n || mappings->map[mappings->n - 1].end <= next->start;
}

static int read_lines(struct lines *lines, size_t max, struct mappings *mappings)
{
	size_t capacity = 0;
	const char *line;
	int r;

	while ((r = lines_next(lines, &line)) > 0) {
		struct mapping mapping;

		if (mapping_parse_line(line, &mapping) < 0 || !is_in_order(mappings, &mapping)) {
			mappings->n_skipped++;
			continue;
		}
		if (mappings->n == max) {
			mappings->truncated = true;
			return 0;
		}
		r = append(mappings, &capacity, max, &mapping);
		if (r < 0)
			return r;
	}
	return r;
}

int process_read_mappings(const struct root *root, pid_t pid, size_t max_mappings,
			  struct mappings *ret_mappings)
{
	_cleanup_lines_ struct lines lines;
	_cleanup_mappings_ struct mappings mappings = { 0 };
	char path[PROCESS_PATH_MAX];
	int r = lines_open(&lines, root, process_path(path, pid, "maps"));

	if (r < 0)
		return process_error(r);
	r = read_lines(&lines, max_mappings, &mappings);
	if (r < 0)
		return process_error(r);
	*ret_mappings = mappings;
	mappings = (struct mappings){ 0 };
	return 0;
}

void mappings_done(struct mappings *mappings)
{
	free(mappings->map);
	*mappings = (struct mappings){ 0 };
}

const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address)
{
	size_t low = 0, high = mappings->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct mapping *m = &mappings->map[middle];

		if (address < m->start)
			high = middle;
		else if (address >= m->end)
			low = middle + 1;
		else
			return m;
	}
	return NULL;
}
