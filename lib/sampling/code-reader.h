/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads code bytes of another process without making it (or us) wait: a page that is not in memory
 * would be faulted in by process_vm_readv(2) in the caller's context, for as long as its file
 * system takes, for ever if that is a FUSE server that does not answer. So only pages that are
 * there are read: move_pages(2) tells it without faulting. */
#pragma once

#include "sampling/operand.h"

/* An operand_read_code_t; `userdata` is a const uint32_t * to the page size. Reads up to the first
 * page that is not there; -EFAULT when that is the first one. */
ssize_t code_read(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length);
