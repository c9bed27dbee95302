/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Zydis' names mean to the emulator. For operand-decode.c only. */
#pragma once

#include <Zydis/Zydis.h>
#include <stdbool.h>

#include "sampling/operand-instruction.h"

/* The operation with ordinary operands: the first one is written or compared, the second one is
 * read. OPERATION_STOP: not such a one. */
enum operand_operation operand_decode_ordinary(ZydisMnemonic mnemonic);

/* The string operation (of that category: "movsd" is also a vector instruction), or OPERATION_STOP.
 */
enum operand_operation operand_decode_string(ZydisMnemonic mnemonic);

/* May an instruction of which no more is known than Zydis' tables be walked over? */
bool operand_decode_is_opaque_allowed(const ZydisDecodedInstruction *instruction);

/* Its memory operand is not accessed. */
bool operand_decode_has_no_access(const ZydisDecodedInstruction *instruction);

/* The access may not happen, or in parts only, as a mask says. */
bool operand_decode_is_masked(const ZydisDecodedInstruction *instruction);
