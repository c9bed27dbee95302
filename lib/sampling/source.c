/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "sampling/source-operand.h"
#include "sampling/source-residency.h"

static const struct source pebs = { .id = SOURCE_PEBS,
				    .name = "pebs",
				    .tells = "DRAM accesses (Intel)" };
static const struct source ibs = { .id = SOURCE_IBS,
				   .name = "ibs",
				   .tells = "DRAM accesses (AMD)" };
static const struct source spe = { .id = SOURCE_SPE,
				   .name = "spe",
				   .tells = "DRAM accesses (Arm)" };
static const struct source faults = { .id = SOURCE_FAULTS,
				      .name = "faults",
				      .tells = "NUMA hinting faults" };

const struct source *const sources[_SOURCE_MAX] = {
	[SOURCE_PEBS] = &pebs,     [SOURCE_IBS] = &ibs,
	[SOURCE_SPE] = &spe,       [SOURCE_OPERAND] = &source_operand,
	[SOURCE_FAULTS] = &faults, [SOURCE_RESIDENCY] = &source_residency,
};

int source_from_name(const char *name)
{
	for (int i = 0; i < _SOURCE_MAX; i++)
		if (strcmp(sources[i]->name, name) == 0)
			return i;
	return -EINVAL;
}

int source_probe(const struct source *source, unsigned cpu)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .disabled = 1 };

	if (!source->setup)
		return -EOPNOTSUPP;
	source->setup(&attr, 10000000);

	_cleanup_close_ int fd = sys_perf_event_open(&attr, -1, (int)cpu, -1, 0);

	return fd < 0 ? fd : 0;
}

const char *source_error_text(const struct source *source, int error)
{
	if (error == -EOPNOTSUPP && !source->setup)
		return "not supported by this version";
	switch (-error) {
	case EACCES:
	case EPERM:
		return "no permission: needs CAP_PERFMON, or CAP_SYS_ADMIN where "
		       "kernel.perf_event_paranoid is 3";
	case ENOENT:
	case ENODEV:
		return "the kernel does not offer this event here";
	case ENOSYS:
		return "the kernel was built without perf events";
	case EMFILE:
	case ENFILE:
		return "out of file descriptors";
	case EBUSY:
		return "the hardware is in use by somebody else";
	default:
		return strerror(-error);
	}
}
