/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings the machine forward, one instruction at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sampling/operand-machine.h"

/* Everything known, as sampled; accesses go to `accesses`. */
void operand_machine_start(struct operand_machine *machine,
			   const uint64_t regs[static OPERAND_REGS_COUNT],
			   struct operand_access accesses[static OPERAND_ACCESSES_MAX]);

/* Executes the instruction at machine->ip: notes its accesses and moves on to the next one. False:
 * where the thread goes from here is not certain. */
bool operand_machine_step(struct operand_machine *machine,
			  const struct operand_instruction *instruction);
