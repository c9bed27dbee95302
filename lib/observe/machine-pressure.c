/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/pressure/memory and /proc/vmstat: how hard the kernel works for memory. */
#include "observe/machine.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "observe/lines.h"
#include "observe/scan.h"

int pressure_parse_line(const char *line, unsigned *ret_permyriad)
{
	uint64_t whole, hundredths;
	const char *fraction;

	if (!scan_text(&line, "some avg10=") || !scan_decimal(&line, &whole) ||
	    !scan_char(&line, '.'))
		return -ENODATA;
	fraction = line;
	if (!scan_decimal(&line, &hundredths) || line - fraction != 2 || whole > 100)
		return -ENODATA;
	*ret_permyriad = (unsigned)(whole * 100 + hundredths);
	return 0;
}

int machine_read_memory_pressure(const struct root *root, unsigned *ret_permyriad)
{
	_cleanup_lines_ struct lines lines;
	const char *line;
	int r = lines_open(&lines, root, "/proc/pressure/memory");

	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line)) > 0)
		if (pressure_parse_line(line, ret_permyriad) == 0)
			return 0;
	return r < 0 ? r : -ENODATA;
}

#define COUNTER(name)                                                                              \
	{                                                                                          \
#name, offsetof(struct vmstat, name)                                               \
	}

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	COUNTER(pgmigrate_success),
	COUNTER(pgmigrate_fail),
	COUNTER(numa_pages_migrated),
	COUNTER(pswpin),
	COUNTER(pswpout),
	COUNTER(oom_kill),
	COUNTER(allocstall),
	COUNTER(pgscan_direct),
	COUNTER(pgscan_kswapd),
};

static void count_line(const char *line, struct vmstat *vmstat)
{
	const char *p = line;
	uint64_t value;

	/* Since 4.10 there is one for each zone type: their sum is what it used to be. */
	if (scan_text(&p, "allocstall_")) {
		p = strchr(p, ' ');
		if (p && scan_char(&p, ' ') && scan_decimal(&p, &value))
			vmstat->allocstall += value;
		return;
	}
	for (size_t i = 0; i < ELEMENTSOF(counters); i++) {
		p = line;
		if (scan_word(&p, counters[i].name) && scan_char(&p, ' ') &&
		    scan_decimal(&p, &value)) {
			memcpy((char *)vmstat + counters[i].offset, &value, sizeof(value));
			return;
		}
	}
}

int machine_read_vmstat(const struct root *root, struct vmstat *ret_vmstat)
{
	_cleanup_lines_ struct lines lines;
	struct vmstat vmstat = { 0 };
	const char *line;
	int r = lines_open(&lines, root, "/proc/vmstat");

	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line)) > 0)
		count_line(line, &vmstat);
	if (r < 0)
		return r;
	*ret_vmstat = vmstat;
	return 0;
}
