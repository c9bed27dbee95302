/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `operand`: the CPU clock as the trigger; addresses by decoding the instructions ahead of each
 * tick. */
#pragma once

#include "sampling/source.h"

extern const struct source source_operand;
