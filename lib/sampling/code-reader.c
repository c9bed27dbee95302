/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/code-reader.h"

#include <errno.h>

#include "base/syscalls.h"

#define PAGES_MAX 4

ssize_t code_read(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	uint64_t page_bytes = *(const uint32_t *)userdata, first = address & ~(page_bytes - 1);
	size_t n = (size_t)((address + length - 1 - first) / page_bytes) + 1, there = 0;
	void *pages[PAGES_MAX] = { NULL };
	int status[PAGES_MAX];

	if (!length || n > PAGES_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		pages[i] = (void *)(uintptr_t)(first + i * page_bytes);
		status[i] = -EFAULT;
	}

	long r = sys_move_pages(pid, n, pages, NULL, status, 0);

	if (r < 0)
		return r;
	while (there < n && status[there] >= 0)
		there++;
	if (!there)
		return -EFAULT;

	uint64_t end = first + there * page_bytes;

	if (address + length > end)
		length = (size_t)(end - address);
	return sys_process_vm_read(pid, address, buffer, length);
}
