/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unit-test harness: a program is a list of TEST()s named as behaviour and TEST_MAIN(); it
 * prints TAP and exits 1 when one failed. CHECK*() report and go on; REQUIRE() ends the test. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

static struct tap_test *tap_first, **tap_last = &tap_first;
static unsigned tap_checks, tap_failures;
static const char *tap_skip_reason;

#define TEST(function, description)                                                                \
	static void function(void);                                                                \
	static struct tap_test function##_entry = { description, function, NULL };                 \
	__attribute__((constructor)) static void function##_register(void)                         \
	{                                                                                          \
		*tap_last = &function##_entry;                                                     \
		tap_last = &function##_entry.next;                                                 \
	}                                                                                          \
	static void function(void)

static inline bool tap_check(bool ok, const char *file, int line, const char *text)
{
	tap_checks++;
	if (!ok) {
		tap_failures++;
		printf("# %s:%d: %s\n", file, line, text);
	}
	return ok;
}

static inline bool tap_check_int(long long got, long long want, const char *file, int line,
				 const char *text)
{
	bool ok = tap_check(got == want, file, line, text);

	if (!ok)
		printf("#   got %lld, want %lld\n", got, want);
	return ok;
}

static inline bool tap_check_str(const char *got, const char *want, const char *file, int line,
				 const char *text)
{
	bool ok = tap_check(got && want && strcmp(got, want) == 0, file, line, text);

	if (!ok)
		printf("#   got \"%s\"\n#  want \"%s\"\n", got ? got : "(null)",
		       want ? want : "(null)");
	return ok;
}

#define CHECK(condition) tap_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want)                                                                       \
	tap_check_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got " == " #want)
#define CHECK_STR(got, want) tap_check_str((got), (want), __FILE__, __LINE__, #got " == " #want)
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!CHECK(condition))                                                             \
			return;                                                                    \
	} while (0)
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		tap_skip_reason = (reason);                                                        \
		return;                                                                            \
	} while (0)

static inline int tap_run_all(void)
{
	unsigned n = 0, failed = 0;

	for (struct tap_test *t = tap_first; t; t = t->next) {
		unsigned failures_before = tap_failures, checks_before = tap_checks;

		tap_skip_reason = NULL;
		t->run();
		/* A test that asserted nothing proves nothing. */
		bool empty = tap_checks == checks_before && !tap_skip_reason;
		bool ok = tap_failures == failures_before && !empty;

		if (empty)
			printf("# the test made no check\n");
		printf("%sok %u - %s%s%s\n", ok ? "" : "not ", ++n, t->name,
		       tap_skip_reason ? " # SKIP " : "", tap_skip_reason ? tap_skip_reason : "");
		failed += !ok;
	}
	printf("1..%u\n", n);
	return failed || !n ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define TEST_MAIN()                                                                                \
	int main(void)                                                                             \
	{                                                                                          \
		setvbuf(stdout, NULL, _IOLBF, 0);                                                  \
		return tap_run_all();                                                              \
	}
