/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock in place of lib/base/clock that stands still unless the test turns it. Safe to use from
 * threads. */
#pragma once

#include <stdint.h>

void fake_clock_set(uint64_t now_usec);
void fake_clock_advance(uint64_t usec);
