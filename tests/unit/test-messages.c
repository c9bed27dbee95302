/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/messages.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/tap.h"

/* What was written to the journal. */
static struct {
	unsigned entries, fields;
	char field[32][1100];
} journal;

/* In place of libsystemd's. */
int sd_journal_sendv(const struct iovec *iov, int n);
int sd_journal_sendv(const struct iovec *iov, int n)
{
	journal.entries++;
	journal.fields = 0;
	for (int i = 0; i < n && journal.fields < 32; i++) {
		char *field = journal.field[journal.fields];

		snprintf(field, sizeof(journal.field[0]), "%.*s", (int)iov[i].iov_len,
			 (const char *)iov[i].iov_base);
		/* The library adds where in the source the call is. */
		journal.fields += strncmp(field, "CODE_", 5) != 0;
	}
	return 0;
}

/* What JOURNAL_STREAM says for a service whose stderr is this file. */
#define STREAM_MAX 64
static void stream_of(int fd, char ret_stream[static STREAM_MAX])
{
	struct stat status;

	if (fstat(fd, &status) < 0) {
		printf("Bail out! file %d cannot be looked at\n", fd);
		exit(EXIT_FAILURE);
	}
	snprintf(ret_stream, STREAM_MAX, "%ju:%ju", (uintmax_t)status.st_dev,
		 (uintmax_t)status.st_ino);
}

/* As under systemd: stderr is the journal's stream. */
static void journal_start(void)
{
	char stream[STREAM_MAX];

	memset(&journal, 0, sizeof(journal));
	stream_of(STDERR_FILENO, stream);
	setenv("JOURNAL_STREAM", stream, 1);
}

/* Sends one message with JOURNAL_STREAM set so (NULL: unset) and stderr on this file (-1: closed).
 */
static void send_to(int fd, const char *stream)
{
	struct messenger messenger = { 0 };
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	if (stream)
		setenv("JOURNAL_STREAM", stream, 1);
	else
		unsetenv("JOURNAL_STREAM");
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
	else
		close(STDERR_FILENO);
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved %d", 512);
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* Sends so to an empty file in place of stderr, and returns what is in it then. */
static const char *sent_to_file(int fd, const char *stream)
{
	static char text[256];

	memset(&journal, 0, sizeof(journal));
	memset(text, 0, sizeof(text));
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return "the file cannot be emptied";
	send_to(fd, stream);
	return pread(fd, text, sizeof(text) - 1, 0) < 0 ? "the file cannot be read" : text;
}

static bool has_field(const char *text)
{
	for (unsigned i = 0; i < journal.fields; i++)
		if (strcmp(journal.field[i], text) == 0)
			return true;
	return false;
}

TEST(table, "every message has a name, an id of 32 hexadecimal digits of its own, and a level")
{
	for (int i = 0; i < _MESSAGE_MAX; i++) {
		CHECK(message_table[i].name && strlen(message_table[i].id) == 32);
		CHECK_INT(strspn(message_table[i].id, "0123456789abcdef"), 32);
		CHECK(message_table[i].priority >= LOG_ERR &&
		      message_table[i].priority <= LOG_INFO);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(message_table[i].id, message_table[j].id) != 0 &&
			      strcmp(message_table[i].name, message_table[j].name) != 0);
	}
}

TEST(entry, "a message is one entry with its text, id, level and fields")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };

	journal_start();
	message_field(&fields, "CGROUP", "%s", "/a.slice");
	message_field(&fields, "PAGES", "%d", 512);
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "moved %d", 512);
	CHECK_INT(journal.entries, 1);
	CHECK_INT(journal.fields, 5);
	CHECK(has_field("MESSAGE=moved 512"));
	CHECK(has_field("MESSAGE_ID=8d5032da84fc4f8caa996d01bc01129f"));
	CHECK(has_field("PRIORITY=6"));
	CHECK(has_field("NUMAPLACE_CGROUP=/a.slice"));
	CHECK(has_field("NUMAPLACE_PAGES=512"));
}

TEST(newline, "a newline in a value stays in its field and makes no other")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };

	journal_start();
	message_field(&fields, "CGROUP", "%s",
		      "/a\nPRIORITY=0\nMESSAGE_ID=ffffffffffffffffffffffffffffffff");
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "%s", "x\nPRIORITY=0");
	/* One iovec is one field for the journal, whatever it holds: only their number counts. */
	CHECK_INT(journal.fields, 4);
	CHECK(has_field("PRIORITY=6"));
	CHECK(!has_field("PRIORITY=0"));
	for (unsigned i = 0; i < journal.fields; i++)
		CHECK(strchr(journal.field[i], '=') &&
		      (!strchr(journal.field[i], '\n') ||
		       strchr(journal.field[i], '=') < strchr(journal.field[i], '\n')));
}

TEST(bounds, "long values are cut, and more fields than there is room for are left out")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };
	static char text[5000];

	journal_start();
	memset(text, 'x', sizeof(text) - 1);
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX + 5; i++)
		message_field(&fields, "CGROUP", "%s", text);
	CHECK_INT(fields.n, MESSAGE_FIELDS_MAX);
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX; i++)
		CHECK_INT(strlen(fields.field[i]), sizeof(fields.field[i]) - 1);
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "%s", text);
	CHECK_INT(journal.entries, 1);
	CHECK_INT(journal.fields, MESSAGE_FIELDS_MAX + 3);
	CHECK(strlen(journal.field[0]) < 1024);
}

TEST(no_fields, "a message needs no fields")
{
	struct messenger messenger = { 0 };

	journal_start();
	message_send(&messenger, USEC_PER_SEC, MESSAGE_STOPPED, NULL, "stopped");
	CHECK_INT(journal.fields, 3);
}

TEST(own_stream, "where stderr is the journal's stream, the journal gets the line and stderr none")
{
	char stream[STREAM_MAX];
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	REQUIRE(fd >= 0);
	stream_of(fd, stream);
	CHECK_STR(sent_to_file(fd, stream), "");
	CHECK_INT(journal.entries, 1);
	CHECK(has_field("MESSAGE=moved 512"));
	close(fd);
}

TEST(inherited_stream, "an inherited JOURNAL_STREAM of another stream leaves the line to stderr")
{
	char stream[STREAM_MAX];
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	REQUIRE(fd >= 0);
	/* The service's stderr is the journal, that of the program that it starts is a file. */
	stream_of(STDERR_FILENO, stream);
	CHECK_STR(sent_to_file(fd, stream), "numaplaced: moved 512\n");
	CHECK_INT(journal.entries, 0);
	/* Nor does it help that another descriptor is the journal's. */
	stream_of(STDOUT_FILENO, stream);
	CHECK_STR(sent_to_file(fd, stream), "numaplaced: moved 512\n");
	CHECK_INT(journal.entries, 0);
	close(fd);
}

TEST(no_stream, "without a JOURNAL_STREAM the line goes to stderr")
{
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	REQUIRE(fd >= 0);
	CHECK_STR(sent_to_file(fd, NULL), "numaplaced: moved 512\n");
	CHECK_INT(journal.entries, 0);
	close(fd);
}

TEST(odd_streams, "a JOURNAL_STREAM that is stderr's only in part is another stream")
{
	struct stat status;
	char stream[6][STREAM_MAX] = { "" };
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(fstat(fd, &status) == 0);

	uintmax_t device = status.st_dev, inode = status.st_ino;

	snprintf(stream[1], STREAM_MAX, "%ju:", device);
	snprintf(stream[2], STREAM_MAX, ":%ju", inode);
	snprintf(stream[3], STREAM_MAX, "%ju:%ju0", device, inode);
	snprintf(stream[4], STREAM_MAX, "%ju:%ju", device + 1, inode);
	snprintf(stream[5], STREAM_MAX, "%ju:%ju", device, inode + 1);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_STR(sent_to_file(fd, stream[i]), "numaplaced: moved 512\n");
		CHECK_INT(journal.entries, 0);
	}
	close(fd);
}

TEST(closed_stderr, "a closed stderr is no stream of the journal's")
{
	char stream[STREAM_MAX];

	memset(&journal, 0, sizeof(journal));
	stream_of(STDERR_FILENO, stream);
	send_to(-1, stream);
	CHECK_INT(journal.entries, 0);
}

TEST(rate, "a minute has its bound of lines; a third of them is kept for warnings")
{
	struct messenger messenger = { 0 };
	uint64_t now = 1000 * USEC_PER_SEC;

	journal_start();
	for (unsigned i = 0; i < 500; i++)
		message_send(&messenger, now + i, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, MESSAGES_PER_MINUTE * 2 / 3);
	for (unsigned i = 0; i < 500; i++)
		message_send(&messenger, now + i, MESSAGE_FAILURE, NULL, "failure");
	CHECK_INT(journal.entries, MESSAGES_PER_MINUTE);
}

TEST(suppressed, "how many lines were left out is told with the first of the next minute, once")
{
	struct messenger messenger = { 0 };
	uint64_t now = 1000 * USEC_PER_SEC;

	journal_start();
	for (unsigned i = 0; i < 100; i++)
		message_send(&messenger, now, MESSAGE_MOVED, NULL, "moved");
	journal.entries = 0;
	message_send(&messenger, now + 59 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 0);
	message_send(&messenger, now + 60 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 2);
	message_send(&messenger, now + 200 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 3);
}

TEST_MAIN()
