/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config-problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int config_problem_set(struct config_problem *problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem->sentence, sizeof(problem->sentence), format, args);
	va_end(args);
	return -EINVAL;
}

int config_problem_errno(struct config_problem *problem, int error)
{
	char text[128];

	snprintf(problem->sentence, sizeof(problem->sentence), "cannot be read: %s",
		 strerror_r(-error, text, sizeof(text)));
	return error;
}
