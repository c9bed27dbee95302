/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config-keys.c: the key table. */
#include "config/config-keys.h"
#include "tests/tap.h"

TEST(complete, "every key has a name, a sentence, and a default, or says whose it takes")
{
	for (size_t i = 0; i < n_config_keys; i++) {
		const struct config_key *key = &config_keys[i];
		bool needs_none = key->type == TYPE_MATCH || key->type == TYPE_NODES ||
				  key->type == TYPE_WEIGHTS;

		CHECK(key->name && key->name[0]);
		CHECK(key->help && key->help[0]);
		CHECK(needs_none || !key->default_text != !key->inherits);
		CHECK((key->type == TYPE_CHOICE) == !!key->choices);
		CHECK(config_key_find(key->section, key->name) == key);
	}
}

TEST(finding, "a key is found in its own section only, a default's in rules too")
{
	CHECK(config_key_find(SECTION_DAEMON, "interval"));
	CHECK(config_key_find(SECTION_DAEMON, "interval") !=
	      config_key_find(SECTION_COMPACTION, "interval"));
	CHECK(!config_key_find(SECTION_SAMPLING, "interval"));
	CHECK(config_key_find(SECTION_RULE, "mode") == config_key_find(SECTION_DEFAULT, "mode"));
	CHECK(config_key_find(SECTION_RULE, "match"));
	CHECK(!config_key_find(SECTION_DEFAULT, "match"));
	CHECK(!config_key_find(SECTION_RULE, ""));
}

TEST(nearest, "a slip of the hand is recognised, another word is not")
{
	CHECK_STR(config_key_nearest(SECTION_DAEMON, "intervall")->name, "interval");
	CHECK_STR(config_key_nearest(SECTION_SAMPLING, "max-cpu")->name, "max_cpu");
	CHECK_STR(config_key_nearest(SECTION_SAMPLING, "maxmemory")->name, "max_memory");
	CHECK_STR(config_key_nearest(SECTION_MIGRATION, "kernel_balance")->name,
		  "kernel_balancing");
	CHECK_STR(config_key_nearest(SECTION_RULE, "matches")->name, "match");
	CHECK(!config_key_nearest(SECTION_COMPACTION, "foo"));
	CHECK(!config_key_nearest(SECTION_DAEMON, ""));
	CHECK(!config_key_nearest(SECTION_DAEMON, "interval_of_the_daemon_in_seconds_and_more"));
}

TEST_MAIN()
