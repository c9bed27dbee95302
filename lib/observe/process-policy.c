/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/numa_maps: which mappings a mempolicy governs. */
#include "observe/process.h"

#include <errno.h>
#include <string.h>

#include "observe/lines.h"
#include "observe/process-file.h"
#include "observe/scan.h"

/* The kernel escapes blanks in file names, so a word of the line is never part of one. */
static bool has_word(const char *line, const char *word)
{
	while (*line) {
		scan_blanks(&line);
		if (scan_word(&line, word))
			return true;
		while (*line && *line != ' ')
			line++;
	}
	return false;
}

int policy_parse_line(const char *line, struct policy_line *ret_policy)
{
	struct policy_line policy;
	const char *word;

	if (!scan_hex(&line, &policy.address) || !scan_char(&line, ' '))
		return -EBADMSG;
	if (*line < 'a' || *line > 'z')
		return -EBADMSG;
	word = line;
	policy.is_explicit = !scan_word(&word, "default") && !scan_word(&word, "local");
	policy.is_hugetlb = has_word(line, "huge");
	*ret_policy = policy;
	return 0;
}

int process_read_policies(const struct root *root, pid_t pid, struct mappings *mappings)
{
	_cleanup_lines_ struct lines lines;
	char path[PROCESS_PATH_MAX];
	const char *line;
	int r = lines_open(&lines, root, process_path(path, pid, "numa_maps"));

	if (r < 0)
		return process_error(r);
	/* A mapping that was merged or replaced since it was read has no line of its own: it stays
	 * marked. */
	for (size_t i = 0; i < mappings->n; i++)
		mappings->map[i].has_own_policy = true;
	while ((r = lines_next(&lines, &line)) > 0) {
		struct policy_line policy;
		const struct mapping *found;
		struct mapping *mapping;

		if (policy_parse_line(line, &policy) < 0)
			continue;
		found = mappings_find(mappings, policy.address);
		if (!found)
			continue;
		mapping = &mappings->map[found - mappings->map];
		if (policy.address == mapping->start)
			mapping->has_own_policy = policy.is_explicit;
		else
			mapping->has_own_policy |= policy.is_explicit;
		mapping->is_hugetlb |= policy.is_hugetlb;
	}
	/* What was cleared may have been marked again by a line that was not read. */
	for (size_t i = 0; r < 0 && i < mappings->n; i++)
		mappings->map[i].has_own_policy = true;
	return process_error(r);
}
