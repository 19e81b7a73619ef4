/* The allow list: what a line may say, what it gives, and what is said of a wrong one. */
#include "adpermd/log.h"
#include "adpermd/peers.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The users of a system, which come and go. */
static struct {
	const char *name;
	uid_t uid;
} users[] = { { "root", 0 }, { "postgres", 101 }, { "101", 101 }, { "mysql", 102 }, { "0", 0 } };

static unsigned lookups;

static bool lookup(const char *name, uid_t *uid)
{
	lookups++;
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
		if (strcmp(users[i].name, name) == 0) {
			*uid = users[i].uid;
			return true;
		}
	}
	return false;
}

/* Parses with the log caught in `said`. */
static int parse(const char *text, size_t len, struct peers *peers, char *said, size_t room)
{
	char path[] = "/tmp/adperm-test.XXXXXX";
	int log = mkstemp(path), kept = dup(STDERR_FILENO);
	ssize_t got;
	int ret;

	dup2(log, STDERR_FILENO);
	ret = peers_parse("adperm.conf", text, len, lookup, peers);
	dup2(kept, STDERR_FILENO);
	got = pread(log, said, room - 1, 0);
	said[got > 0 ? got : 0] = '\0';
	close(log);
	close(kept);
	unlink(path);
	return ret;
}

static void good_lists(void)
{
	static const char text[] =
		"# who may ask\n"
		"\n"
		"client postgres service=postgresql operations=verify\n"
		"\tclient\tmysql  operations=verify service=mariadb,mysql # both\r\n"
		"client later service=x operations=verify";
	struct peers peers;
	char said[2048];

	is_int(parse(text, sizeof text - 1, &peers, said, sizeof said), 0, "a list is read");
	is_int(peers.count, 2, "a user that does not exist gives nobody anything");
	ok(strstr(said, "adperm.conf:3: client postgres is uid 101") != NULL, "names are logged");
	ok(strstr(said, "adperm.conf:5: there is no user \"later\"") != NULL,
		"so are unknown ones");
	ok(peers_allow(&peers, 101, PROTO_VERIFY, "postgresql"), "its service");
	ok(!peers_allow(&peers, 101, PROTO_VERIFY, "mariadb"), "not another's");
	ok(!peers_allow(&peers, 101, PROTO_VERIFY, "postgres"), "not the beginning of it");
	ok(!peers_allow(&peers, 101, PROTO_VERIFY, ""), "not none");
	ok(peers_allow(&peers, 102, PROTO_VERIFY, "mysql"), "the second of two services");
	for (unsigned op = 0; op < 70; op++) {
		if (op != PROTO_VERIFY && op != PROTO_DIGITS &&
			peers_allow(&peers, 101, op, "postgresql"))
			ok(false, "operation %u was given to nobody", op);
	}
	ok(!peers_allow(&peers, 65534, PROTO_VERIFY, "postgresql"), "not to somebody else");
	ok(peers_allow(&peers, 0, PROTO_REMOVE, "adperm"), "root may ask everything");
	is_int(parse("", 0, &peers, said, sizeof said), 0, "an empty list is one");
	ok(!peers_allow(&peers, 101, PROTO_VERIFY, "postgresql"), "of root alone");
}

/*
 * A user is removed, and its number goes to a new one: the list means whom it meant when it was
 * read, by number, and nobody is looked up when somebody asks.
 */
static void t82_names_are_resolved_once(void)
{
	static const char text[] = "client postgres service=postgresql operations=verify\n";
	struct peers peers;
	char said[2048];

	lookups = 0;
	is_int(parse(text, sizeof text - 1, &peers, said, sizeof said), 0, "t82 a list is read");
	is_int(lookups, 1, "t82 its name is looked up once");
	ok(strstr(said, "client postgres is uid 101") != NULL, "t82 and the number is logged");
	users[1].uid = 103;
	users[3].uid = 101;
	ok(peers_allow(&peers, 101, PROTO_VERIFY, "postgresql"), "t82 the number stays listed");
	ok(!peers_allow(&peers, 103, PROTO_VERIFY, "postgresql"),
		"t82 the same name with a new number is a stranger");
	ok(!peers_allow(&peers, 102, PROTO_VERIFY, "postgresql"), "t82 as is anybody else");
	is_int(lookups, 1, "t82 and nobody was looked up for that");
	is_int(parse(text, sizeof text - 1, &peers, said, sizeof said), 0, "t82 read again");
	ok(peers_allow(&peers, 103, PROTO_VERIFY, "postgresql") &&
			!peers_allow(&peers, 101, PROTO_VERIFY, "postgresql"),
		"t82 it means the new number, and no longer the old one");
	users[1].uid = 101;
	users[3].uid = 102;
}

static void wrong_lines(void)
{
#define SERVICE_63 "sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
	static const struct {
		const char *line, *told;
	} rows[] = {
		{ "clients postgres service=a operations=verify", "expected \"client USER" },
		{ "client", "after \"client\": \"\"" },
		{ "client postgres", "needs \"service=\" and \"operations=\"" },
		{ "client postgres service=a", "needs \"service=\"" },
		{ "client postgres operations=verify", "needs \"service=\"" },
		{ "client postgres service= operations=verify", "between 1 and 63" },
		{ "client postgres service=" SERVICE_63 "s operations=verify", "between 1 and 63" },
		{ "client postgres service=a\x01z operations=verify",
			"printable ASCII: \"a\\x01z\"" },
		{ "client postgres service=1,2,3,4,5,6,7,8,9 operations=verify", "at most 8" },
		{ "client postgres service=a operations=enroll", "only \"verify\"" },
		{ "client postgres service=a operations=verify,remove", "only \"verify\"" },
		{ "client postgres service=a operations=*", "only \"verify\"" },
		{ "client postgres services=a operations=verify", "expected \"service=NAME\"" },
		{ "client postgres service=a operations=verify extra",
			"expected \"service=NAME\"" },
		{ "client root service=a operations=verify", "root may ask everything" },
		{ "client 0 service=a operations=verify", "root may ask everything" },
		{ "client postgres service=a operations=verify\n"
		  "client 101 service=b operations=verify",
			"adperm.conf:2: this user has a line already" },
	};
	struct peers peers;
	char said[2048];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ok(parse(rows[i].line, strlen(rows[i].line), &peers, said, sizeof said) ==
					-EINVAL &&
				strstr(said, rows[i].told) != NULL,
			"refused: %s", rows[i].told);
		if (strstr(said, "adperm.conf:") == NULL || strstr(said, rows[i].told) == NULL)
			printf("# said: %s\n", said);
	}
	is_int(parse("client postgres\0 service=a operations=verify", 43, &peers, said,
		       sizeof said),
		-EINVAL, "a NUL in a name is refused");
	is_int(parse("client postgres service=" SERVICE_63 " operations=verify", 105, &peers, said,
		       sizeof said),
		0, "the longest service is taken");
	ok(peers_allow(&peers, 101, PROTO_VERIFY, SERVICE_63), "in full");
}

static void files(void)
{
	struct peers peers;
	char dir[] = "/run/adperm-test.XXXXXX", path[64];
	int fd;

	if (geteuid() != 0 || mkdtemp(dir) == NULL) {
		tap_skip("not root", "trusted files");
		return;
	}
	snprintf(path, sizeof path, "%s/adperm.conf", dir);
	is_int(peers_read(path, lookup, &peers), 0, "no file: root alone");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	dprintf(fd, "client postgres service=a operations=verify\n");
	is_int(peers_read(path, lookup, &peers), 0, "a file of root's is read");
	is_int(peers.count, 1, "and has its line");
	fchmod(fd, 0664);
	is_int(peers_read(path, lookup, &peers), -EPERM, "one that others can write is refused");
	is_int(peers.count, 0, "and gives nobody anything");
	close(fd);
	unlink(path);
	rmdir(dir);
}

/* The list that is shipped names nobody; its example, without the #, is a good line. */
static void the_shipped_list(void)
{
	char text[4096], said[2048];
	struct peers peers;
	FILE *file = fopen("conf/adperm.conf", "re");
	size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
	char *example;

	if (file == NULL) {
		tap_skip("not at the top of the tree", "the shipped list");
		return;
	}
	fclose(file);
	text[len] = '\0';
	ok(parse(text, len, &peers, said, sizeof said) == 0 && peers.count == 0,
		"the shipped list is good, and names nobody");
	example = strstr(text, "\n#client ");
	if (!ok(example != NULL, "it has an example"))
		return;
	example[1] = ' ';
	ok(parse(text, len, &peers, said, sizeof said) == 0 && peers.count == 1,
		"which is good, too");
}

static void the_log_is_limited(void)
{
	struct log_limit limit = { 0, 0, 0 };
	unsigned missed = 0, lines = 0;

	for (int i = 0; i < 1000; i++)
		lines += log_allowed(&limit, 7, &missed);
	is_int(lines, 20, "t84 a flood writes 20 lines a second");
	ok(log_allowed(&limit, 8, &missed) && missed == 980, "t84 and then one tells the rest");
	ok(log_allowed(&limit, 8, &missed) && missed == 0, "t84 once");
}

int main(void)
{
	good_lists();
	t82_names_are_resolved_once();
	wrong_lines();
	files();
	the_shipped_list();
	the_log_is_limited();
	return tap_done();
}
