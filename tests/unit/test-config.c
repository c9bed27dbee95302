/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/config/config.c: from files to a configuration, all or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "tests/tap.h"

static char directory[64];
static struct root root;

static void set_up(void)
{
	snprintf(directory, sizeof(directory), "/tmp/test-config-XXXXXX");
	CHECK(mkdtemp(directory));
	CHECK_INT(root_open(&root, directory), 0);
	CHECK_INT(mkdirat(root.fd, "etc", 0755), 0);
}

static void tear_down(void)
{
	char command[128];

	root_close(&root);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	CHECK_INT(system(command), 0);
}

static void write_file(const char *path, const char *text, size_t length)
{
	int fd = openat(root.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, length), length);
	close(fd);
}

static void write_text(const char *path, const char *text)
{
	write_file(path, text, strlen(text));
}

static void expect_failure(int error, const char *want)
{
	struct config *const before = (struct config *)&root, *config = before;
	char message[CONFIG_MESSAGE_MAX] = "";

	CHECK_INT(config_load(&root, CONFIG_PATH, false, &config, message), error);
	CHECK_STR(message, want);
	CHECK(config == before);
}

static struct config *expect_success(bool may_be_missing)
{
	struct config *config = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";

	if (!CHECK_INT(config_load(&root, CONFIG_PATH, may_be_missing, &config, message), 0))
		printf("# %s\n", message);
	return config;
}

TEST(defaults, "the built-in configuration has every default")
{
	_cleanup_config_ struct config *config = config_new_default();

	REQUIRE(config);
	CHECK_INT(config->interval_usec, 1000000);
	CHECK_INT(config->source, -1);
	CHECK_INT(config->max_cpu_permyriad, 200);
	CHECK_INT(config->max_memory_bytes, 64 << 20);
	CHECK_INT(config->migration_bandwidth_bytes_per_sec, 1 << 30);
	CHECK_INT(config->migration_max_stall_usec, 5000);
	CHECK_INT(config->kernel_balancing, KERNEL_BALANCING_PAUSE);
	CHECK_INT(config->compaction_mode, RULE_ACTIVE);
	CHECK_INT(config->n_compaction_orders, 1);
	CHECK_INT(config->compaction_order[0], 9);
	CHECK_INT(config->compaction_horizon_usec, 30000000);
	CHECK_INT(config->compaction_max_cpu_permyriad, 500);
	CHECK_INT(config->compaction_interval_usec, 5000000);
	CHECK_STR(config->default_rule.name, "default");
	CHECK_STR(config->default_rule.origin, "built in");
	CHECK_INT(config->default_rule.mode, RULE_ACTIVE);
	CHECK_INT(config->default_rule.policy, POLICY_LOCAL);
	CHECK_INT(config->default_rule.max_stall_usec, 5000);
	CHECK_INT(config->default_rule.bandwidth_bytes_per_sec, 1 << 30);
	CHECK_INT(config->default_rule.min_size_bytes, 4 << 20);
	CHECK(!config->default_rule.collapse);
	CHECK_INT(config->n_rules, 0);
	CHECK(!config_free(NULL));
}

TEST(missing, "a missing main file is an error unless it may be missing")
{
	set_up();
	expect_failure(-ENOENT, "/etc/numaplaced.conf: cannot be read: No such file or directory");

	_cleanup_config_ struct config *config = expect_success(true);

	CHECK(config && config->interval_usec == 1000000);
	mkdirat(root.fd, "etc/numaplaced.conf.d", 0755);
	write_text("etc/numaplaced.conf.d/a.conf", "[daemon]\ninterval=2s\n");
	config_free(config);
	config = expect_success(true);
	CHECK(config && config->interval_usec == 2000000);
	tear_down();
}

TEST(drop_ins, "drop-ins follow in byte order, and only *.conf that is not hidden")
{
	set_up();
	mkdirat(root.fd, "etc/numaplaced.conf.d", 0755);
	write_text("etc/numaplaced.conf", "[daemon]\ninterval=2s\n[default]\nmin_size=1M\n");
	write_text("etc/numaplaced.conf.d/b.conf", "[daemon]\ninterval=4s\n");
	write_text("etc/numaplaced.conf.d/a.conf",
		   "[daemon]\ninterval=3s\n[default]\nmin_size=2M\n");
	write_text("etc/numaplaced.conf.d/B.conf", "[default]\nmin_size=3M\n");
	write_text("etc/numaplaced.conf.d/.hidden.conf", "nonsense");
	write_text("etc/numaplaced.conf.d/c.conf.dpkg-new", "nonsense");
	write_text("etc/numaplaced.conf.d/.conf", "nonsense");

	_cleanup_config_ struct config *config = expect_success(false);

	REQUIRE(config);
	CHECK_INT(config->interval_usec, 4000000);
	CHECK_INT(config->default_rule.min_size_bytes, 2 << 20);
	CHECK_STR(config->default_rule.origin, "/etc/numaplaced.conf:3, "
					       "/etc/numaplaced.conf.d/B.conf:1, "
					       "/etc/numaplaced.conf.d/a.conf:3");
	tear_down();
}

TEST(all_or_nothing, "one bad drop-in fails the whole load, with its name and line")
{
	set_up();
	mkdirat(root.fd, "etc/numaplaced.conf.d", 0755);
	write_text("etc/numaplaced.conf", "[daemon]\ninterval=2s\n[rule x]\nmatch=/x\n");
	write_text("etc/numaplaced.conf.d/a.conf", "\n[daemon]\ninterval=2\n");
	expect_failure(-EINVAL,
		       "/etc/numaplaced.conf.d/a.conf:3: interval: \"2\" is not a duration: a "
		       "number with us, ms, s, min or h");
	write_text("etc/numaplaced.conf.d/a.conf", "[rule x]\npolicy=bind\nnodes=0\n");
	expect_failure(-EINVAL,
		       "/etc/numaplaced.conf.d/a.conf:2: policy: \"bind\" is not supported yet "
		       "by this version");
	write_text("etc/numaplaced.conf.d/a.conf", "");
	write_text("etc/numaplaced.conf", "[rule x]\n");
	expect_failure(-EINVAL, "/etc/numaplaced.conf:1: match: [rule x] has no match line");
	tear_down();
}

TEST(no_files, "what is no regular file is refused without waiting for it")
{
	set_up();
	mkdirat(root.fd, "etc/numaplaced.conf", 0755);
	expect_failure(-EISDIR, "/etc/numaplaced.conf: is a directory");
	unlinkat(root.fd, "etc/numaplaced.conf", AT_REMOVEDIR);
	mkfifoat(root.fd, "etc/numaplaced.conf", 0644);
	expect_failure(-EINVAL, "/etc/numaplaced.conf: is not a regular file");
	unlinkat(root.fd, "etc/numaplaced.conf", 0);
	write_text("etc/numaplaced.conf", "");
	write_text("etc/numaplaced.conf.d", "");
	expect_failure(-ENOTDIR, "/etc/numaplaced.conf.d: cannot be read: Not a directory");
	unlinkat(root.fd, "etc/numaplaced.conf.d", 0);
	mkdirat(root.fd, "etc/numaplaced.conf.d", 0755);
	mkdirat(root.fd, "etc/numaplaced.conf.d/x.conf", 0755);
	expect_failure(-EISDIR, "/etc/numaplaced.conf.d/x.conf: is a directory");
	unlinkat(root.fd, "etc/numaplaced.conf.d/x.conf", AT_REMOVEDIR);
	CHECK_INT(symlinkat("/nowhere", root.fd, "etc/numaplaced.conf.d/x.conf"), 0);
	expect_failure(-ENOENT, "/etc/numaplaced.conf.d/x.conf: cannot be read: "
				"No such file or directory");
	tear_down();
}

TEST(unreadable, "an unreadable file is refused")
{
	uid_t user = geteuid();

	set_up();
	CHECK_INT(chmod(directory, 0755), 0);
	write_text("etc/numaplaced.conf", "");
	CHECK_INT(fchmodat(root.fd, "etc/numaplaced.conf", 0, 0), 0);
	/* root would read it all the same */
	if (user == 0)
		CHECK_INT(seteuid(65534), 0);
	expect_failure(-EACCES, "/etc/numaplaced.conf: cannot be read: Permission denied");
	if (user == 0)
		CHECK_INT(seteuid(0), 0);
	tear_down();
}

TEST(too_large, "a file above the bound is refused, one at the bound is read")
{
	char *text = malloc(CONFIG_FILE_MAX + 1);

	REQUIRE(text);
	set_up();
	memset(text, '\n', CONFIG_FILE_MAX + 1);
	write_file("etc/numaplaced.conf", text, CONFIG_FILE_MAX);

	_cleanup_config_ struct config *config = expect_success(false);

	CHECK(config);
	write_file("etc/numaplaced.conf", text, CONFIG_FILE_MAX + 1);
	expect_failure(-E2BIG, "/etc/numaplaced.conf: is larger than 1048576 bytes");
	tear_down();
	free(text);
}

TEST(odd_names, "a drop-in's name cannot break the line of a message")
{
	set_up();
	write_text("etc/numaplaced.conf", "");
	mkdirat(root.fd, "etc/numaplaced.conf.d", 0755);
	write_text("etc/numaplaced.conf.d/a\nb.conf", "");
	expect_failure(-EINVAL, "/etc/numaplaced.conf.d: a file's name has a control character");
	tear_down();
}

TEST(text, "a text is parsed as if it were the main file")
{
	_cleanup_config_ struct config *config = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";
	static const char bad[] = "[daemon]\nx\n";

	CHECK_INT(config_parse_text("f", bad, strlen(bad), &config, message), -EINVAL);
	CHECK_STR(message, "f:2: expected [section] or key = value");
	CHECK(!config);
	CHECK_INT(config_parse_text("f", "", 0, &config, message), 0);
	CHECK(config);
}

TEST_MAIN()
