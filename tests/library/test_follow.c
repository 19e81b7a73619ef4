/*
 * A handle follows what is installed, and refuses what adperm_open() would: missing, damaged,
 * unsafe, another server's. A child of fork(2) goes on with it. Nothing of it stays behind, and
 * nothing of the process is touched.
 */
#include "../decide/library.h"
#include "world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

static struct world world;

static enum adperm_reason reason(struct adperm *policy)
{
	struct adperm_answer answer;

	world_ask(policy, &answer);
	return answer.reason;
}

static void replaced(void)
{
	struct adperm_answer answer;
	struct adperm *policy;

	world_install(&world, YES, 3);
	is_int(world_open(&world, &policy), ADPERM_OK, "the policy opens");
	is_str(adperm_server(policy), "web1.x.example", "and says whose it is");
	is_int(world_ask(policy, &answer), ADPERM_ALLOW, "a yes");
	is_int(answer.generation, 3, "of the third generation");
	ok(strstr(answer.source, "yes.yaml:") != NULL, "and where it is written");
	world_install(&world, NO, 4);
	is_int(world_ask(policy, &answer), ADPERM_DENY, "the next policy says no at once");
	is_int(answer.generation, 4, "and is the fourth");
	is_int(adperm_generation(policy), 4, "the handle says so, too");
	world_install(&world, YES, 2);
	is_int(world_ask(policy, &answer), ADPERM_ALLOW, "what is installed counts, also if older");
	is_int(answer.generation, 2, "and is told");
	for (uint64_t i = 10; i < 60; i++)
		world_install(&world, i % 2 == 0 ? NO : YES, i);
	world_ask(policy, &answer);
	is_int(answer.generation, 59, "of fifty at once the last counts");
	adperm_close(policy);
}

static void refused(void)
{
	struct adperm *policy;

	world_install(&world, YES, 5);
	world_open(&world, &policy);
	unlink(world.db);
	is_int(reason(policy), ADPERM_POLICY_MISSING, "taken away, nothing is answered");
	is_int(adperm_generation(policy), 0, "there is no generation");
	ok(adperm_not_after(policy) == INT64_MIN, "nor a time before which it answered");
	world_install(&world, YES, 6);
	is_int(reason(policy), ADPERM_OK, "until another is installed");
	ok(adperm_not_after(policy) == INT64_MAX, "which has no end");
	chmod(world.db, 0666);
	is_int(reason(policy), ADPERM_POLICY_UNSAFE_PATH, "t26_writable_by_others");
	chmod(world.db, 0640);
	is_int(reason(policy), ADPERM_OK, "and no longer");
	if (chown(world.db, 1000, 0) == 0)
		is_int(reason(policy), ADPERM_POLICY_UNSAFE_PATH, "t26_of_another_user");
	world_write(world.db, "not a database");
	chmod(world.db, 0640);
	if (chown(world.db, 0, 0) == 0)
		is_int(reason(policy), ADPERM_POLICY_CORRUPT, "something else");
	unlink(world.db);
	world_emit(&world, YES, "web1.x.example", 7);
	if (symlink(world.next, world.db) != 0)
		abort();
	is_int(reason(policy), ADPERM_POLICY_UNSAFE_PATH, "t26_a_symbolic_link");
	unlink(world.db);
	world_emit(&world, YES, "web2.x.example", 8);
	if (rename(world.next, world.db) != 0)
		abort();
	is_int(reason(policy), ADPERM_POLICY_WRONG_SERVER, "t25_another_servers_slice");
	is_str(adperm_server(policy), "web1.x.example", "the handle stays this server's");
	world_emit(&world, YES, NULL, 9);
	if (rename(world.next, world.db) != 0)
		abort();
	is_int(reason(policy), ADPERM_OK, "also with a whole database");
	world_write(world.switch_conf, "policy: db [nonsense]\n");
	world_install(&world, YES, 10);
	is_int(reason(policy), ADPERM_POLICY_SWITCH, "switch.conf is read with each database");
	unlink(world.switch_conf);
	is_int(reason(policy), ADPERM_OK, "and nothing of the failure is kept");
	adperm_close(policy);
}

/* A truncated file must not end the process, as it would if it were mapped. */
static void truncated(void)
{
	struct adperm *policy;

	world_install(&world, YES, 11);
	world_open(&world, &policy);
	is_int(reason(policy), ADPERM_OK, "a good file");
	if (truncate(world.db, 3000) != 0)
		abort();
	is_int(reason(policy), ADPERM_POLICY_CORRUPT, "cut short under the handle");
	adperm_close(policy);
}

static void told_nothing(void)
{
	const struct adperm_question none = { .who = ADPERM_LOGIN, .time = NOW };
	struct adperm_question q = none;
	struct adperm_answer answer;
	char profile[ADPERM_EMAIL_SIZE], line[64], full[ADPERM_PERM_SIZE], other[ADPERM_PERM_SIZE];
	struct adperm *policy;
	int flagged;

	world_install(&world, YES, 12);
	world_open(&world, &policy);
	is_int(adperm_ask(policy, &q, &answer), ADPERM_ERROR, "no permission is no question");
	is_int(answer.reason, ADPERM_BAD_QUESTION, "and a bad one");
	q.permission = "ssh_users";
	for (q.who = 0; q.who < 6; q.who++)
		ok(adperm_ask(policy, &q, &answer) <= ADPERM_DENY, "nobody, in the way %d",
			(int)q.who);
	q = (struct adperm_question){ .who = ADPERM_KEY, .key_len = 51, .permission = "ssh_users" };
	is_int(adperm_ask(policy, &q, &answer), ADPERM_DENY, "a length without a key");
	is_int(adperm_person(policy, ADPERM_LOGIN, NULL, NULL, 0, profile), ADPERM_UNKNOWN_PERSON,
		"no login is nobody's");
	is_int(adperm_account(policy, NULL, &flagged), ADPERM_UNKNOWN_ACCOUNT, "nor an account");
	is_int(adperm_offered_key(policy, NULL, NULL, 51, NOW, line, sizeof line),
		ADPERM_UNKNOWN_PERSON, "nor a key offered");
	is_int(adperm_permission(NULL, full, other), ADPERM_BAD_QUESTION, "nor a permission");
	adperm_close(policy);
	ok((adperm_open(NULL, &policy) == ADPERM_OK) == (policy != NULL),
		"the usual files, or none");
	adperm_close(policy);
	adperm_close(NULL);
	adperm_free(NULL);
}

/* What it says in one line. */
static void why(void)
{
	struct adperm_answer answer = { .verdict = ADPERM_ALLOW_2FA, .source = "a.yaml:3" };
	char text[ADPERM_WHY_SIZE], small[8];

	adperm_why(&answer, text, sizeof text);
	is_str(text, "allow with 2FA (a.yaml:3)", "a yes and its place");
	answer = (struct adperm_answer){ .verdict = ADPERM_DENY, .reason = ADPERM_EXPIRED };
	adperm_why(&answer, text, sizeof text);
	is_str(text, "deny: expired: the grant has expired", "a no and its reason");
	adperm_why(&answer, small, sizeof small);
	is_str(small, "deny: e", "cut, but ended");
	answer.verdict = 77;
	adperm_why(&answer, text, sizeof text);
	ok(strncmp(text, "error: ", 7) == 0, "what is no verdict is no yes");
	is_str(adperm_version(), ADPERM_VERSION, "the version");
}

/* --- the process */

/* How many are open, and how many of these a program that is executed would have. */
static unsigned descriptors(unsigned *inherited)
{
	unsigned n = 0;

	*inherited = 0;
	for (int fd = 0; fd < 1000; fd++) {
		int flags = fcntl(fd, F_GETFD);

		n += flags >= 0;
		*inherited += flags >= 0 && (flags & FD_CLOEXEC) == 0;
	}
	return n;
}

/* With the standard streams closed, in a child. Its exit code says what was wrong. */
static int without_streams(void)
{
	struct adperm *policy;
	int wrong = 0;

	for (int fd = 0; fd < 1000; fd++)
		close(fd);
	if (world_open(&world, &policy) != ADPERM_OK || reason(policy) != ADPERM_OK)
		return 1;
	world_install(&world, YES, 21);
	if (reason(policy) != ADPERM_OK)
		return 2;
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			wrong = 3;
	adperm_close(policy);
	for (int fd = 0; fd < 1000; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			wrong = 4;
	return wrong;
}

/* The exit code of a child that runs `run`; -1 if it died or took longer than ten seconds. */
static int in_child(int (*run)(void))
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		alarm(10);
		_exit(run());
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void files(void)
{
	struct adperm *policy;
	unsigned inherited, others, before = descriptors(&others);

	world_install(&world, YES, 20);
	world_open(&world, &policy);
	is_int(descriptors(&inherited), before + 1, "an open handle has one descriptor");
	is_int(inherited, others, "which exec closes");
	adperm_close(policy);
	is_int(descriptors(&inherited), before, "a closed one none");
	is_int(in_child(without_streams), 0, "it is never one of the standard streams");
}

/* --- fork: threads ask while the process forks, and the children go on with the handle */

static struct adperm *shared;
static _Atomic bool over;

static void *keep_asking(void *unused)
{
	(void)unused;
	while (!atomic_load(&over))
		reason(shared);
	return NULL;
}

static int ask_on(void)
{
	if (reason(shared) != ADPERM_OK)
		return 1;
	world_install(&world, YES, 31);
	if (reason(shared) != ADPERM_OK || adperm_generation(shared) != 31)
		return 2;
	adperm_close(shared);
	return 0;
}

static void forked(void)
{
	enum { FORKS = 100, ASKING = 4 };
	const int asking = SANITIZED ? 0 : ASKING;
	pthread_t thread[ASKING];
	int bad = 0;

	world_install(&world, YES, 30);
	world_open(&world, &shared);
	for (int i = 0; i < asking; i++)
		if (pthread_create(&thread[i], NULL, keep_asking, NULL) != 0)
			abort();
	for (unsigned i = 0; i < FORKS; i++) {
		world_install(&world, YES, 30);
		bad += in_child(ask_on) != 0;
	}
	atomic_store(&over, true);
	for (int i = 0; i < asking; i++)
		pthread_join(thread[i], NULL);
	is_int(bad, 0, "children go on with the handle while threads of the parent ask");
	is_int(reason(shared), ADPERM_OK, "and so does the parent");
	adperm_close(shared);
}

/* --- dlopen: as a plug-in of a program that loads and unloads it */

static long resident(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* A whole life of the library. */
static bool load_and_ask(const char *path)
{
	const struct adperm_options options = {
		.db = world.db, .switch_conf = world.switch_conf, .people = world.people
	};
	const struct adperm_question q = {
		.who = ADPERM_LOGIN, .name = "plain", .permission = "ssh_users", .time = NOW
	};
	struct adperm_answer answer = { .verdict = ADPERM_ERROR };
	struct library library;

	if (library_load(&library, path) && library.open(&options, &library.policy) == ADPERM_OK)
		library.ask(library.policy, &q, &answer);
	library_close(&library);
	return answer.verdict == ADPERM_ALLOW;
}

/* The copy has another name, so that it is not the library that this program is linked with. */
static bool copy_library(const char *to)
{
	FILE *in = fopen(library_path(), "re"), *out = fopen(to, "we");
	char bytes[65536];
	size_t n;

	if (in == NULL || out == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		fwrite(bytes, 1, n, out);
	fclose(in);
	return fclose(out) == 0;
}

static void loaded(void)
{
	enum { TIMES = 1000 };
	char path[128];
	unsigned bad = 0, before, inherited;
	long memory;

	snprintf(path, sizeof path, "%s/copy.so", world.dir);
	world_install(&world, YES, 40);
	if (!ok(copy_library(path) && load_and_ask(path), "the library as a plug-in"))
		return;
	before = descriptors(&inherited);
	memory = resident();
	for (unsigned i = 0; i < TIMES; i++)
		bad += !load_and_ask(path);
	is_int(bad, 0, "is loaded, asked and unloaded a thousand times");
	is_int(descriptors(&inherited), before, "nothing stays open");
	ok(dlopen(path, RTLD_NOW | RTLD_NOLOAD) == NULL, "nothing stays loaded");
	memory = resident() - memory;
	if (SANITIZED)
		tap_skip("the allocator keeps what was freed", "memory does not grow");
	else
		ok(memory < 1024, "and memory does not grow (%ld KiB)", memory);
}

int main(void)
{
	if (!world_begin(&world))
		return tap_done();
	replaced();
	refused();
	truncated();
	told_nothing();
	why();
	files();
	forked();
	loaded();
	world_end(&world);
	return tap_done();
}
