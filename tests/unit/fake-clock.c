/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/fake-clock.h"

#include <stdatomic.h>

#include "base/clock.h"

static _Atomic uint64_t now = USEC_PER_SEC;

void fake_clock_set(uint64_t now_usec)
{
	now = now_usec;
}

void fake_clock_advance(uint64_t usec)
{
	now += usec;
}

uint64_t clock_now_usec(void)
{
	return now;
}

uint64_t clock_process_cpu_usec(void)
{
	return now;
}

uint64_t clock_thread_cpu_usec(void)
{
	return now;
}

void clock_sleep_usec(uint64_t usec)
{
	fake_clock_advance(usec);
}
