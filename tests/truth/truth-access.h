/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which memory an instruction touches, from the registers that it really ran with: worked out by
 * Zydis' own address calculation, apart from the code under test. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#define TRUTH_ACCESSES_MAX 4

struct truth_access {
	uint64_t address;
	uint16_t size;
	bool is_write;
};

/* The accesses of the instruction at before->rip, and whether it is a string operation with a
 * repeat prefix. `after`: the registers behind it. Returns how many, or -1: not decodable. */
int truth_accesses(pid_t pid, const struct user_regs_struct *before,
		   const struct user_regs_struct *after,
		   struct truth_access ret_accesses[static TRUTH_ACCESSES_MAX]);

/* Forgets all decoded code: a new program runs. */
void truth_forget(void);

/* Is the instruction at `ip` a repeated string operation? A single step is one round of it. */
bool truth_is_repeated(pid_t pid, uint64_t ip);
