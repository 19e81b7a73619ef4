/*
 * Sources of policy as shared objects: which are loaded at all, that nothing which they say is
 * believed unless it is in order, the switch between them, and the example.
 */
#include "../decide/engines.h"
#include "adperm_source.h"
#include "slapd.h"
#include "tap.h"

#include <pthread.h>
#include <time.h>

#define NOW INT64_C(1795000000) /* 2026-11-18 */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct adperm *hostile(void)
{
	struct adperm *handle = NULL;

	is_int(switch_open("hostile", "hostile", "hostile", "", NULL, &handle), ADPERM_OK,
		"the hostile source opens");
	return handle;
}

/* What a look-up of that login comes to. */
static enum adperm_reason login(const struct adperm *handle, const char *name)
{
	char profile[ADPERM_EMAIL_SIZE];

	return walk_login(handle, slice_str(name), profile);
}

static void bad_people(void)
{
	static const struct {
		const char *login;
		enum adperm_reason why;
	} table[] = {
		{ "good", ADPERM_OK },
		{ "null", ADPERM_POLICY_SOURCE_RECORD },
		{ "empty", ADPERM_POLICY_SOURCE_RECORD },
		{ "endless", ADPERM_POLICY_SOURCE_RECORD },
		{ "upper", ADPERM_POLICY_SOURCE_RECORD },
		{ "nobody", ADPERM_POLICY_SOURCE_RECORD },
		{ "newline", ADPERM_POLICY_SOURCE_RECORD },
		{ "twice", ADPERM_POLICY_SOURCE_RECORD },
		{ "other", ADPERM_POLICY_SOURCE_RECORD },
		{ "grant", ADPERM_POLICY_SOURCE_RECORD },
		{ "nothing", ADPERM_POLICY_SOURCE_RECORD },
		{ "found-not", ADPERM_POLICY_SOURCE_RECORD },
		{ "status", ADPERM_POLICY_SOURCE_RECORD },
		{ "notfound", ADPERM_UNKNOWN_PERSON },
		{ "unavail", ADPERM_POLICY_UNAVAIL },
		{ "tryagain", ADPERM_POLICY_TRYAGAIN },
		{ "good", ADPERM_OK },
	};
	struct adperm *handle = hostile();
	char why[ADPERM_WHY_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		is_str(adperm_reason_word(login(handle, table[i].login)),
			adperm_reason_word(table[i].why), "a person: %s", table[i].login);
	login(handle, "upper");
	adperm_trouble(handle, why, sizeof why);
	is_str(why, "hostile: the person is no e-mail address in lower case, or has no end",
		"what was wrong is told");
	adperm_close(handle);
}

static void bad_holdings(void)
{
	static const char *const servers[] = { "nothing", "stranger", "ownerless", "owner",
		"file-endless", "file-control", "net-null", "net-none", "fewer", "more", "huge",
		"permissions-none", "permissions-null", "permission-short", "permission-unknown",
		"permission-menu", "permission-scope", "account-none", "account-scope", "ended",
		"grace", "grace-long", "machine", "usurper", "grant-null", "grant-first",
		"profile-null", "profile-twice" };
	struct adperm *handle = hostile();
	struct adperm_question q = { .who = ADPERM_PROFILE,
		.name = "p@x.example",
		.permission = "server.ssh_users",
		.server = "good.example",
		.time = NOW };
	struct adperm_answer answer;
	char name[64];

	is_int(adperm_ask(handle, &q, &answer), ADPERM_ALLOW, "a holding that is in order counts");
	is_str(answer.source, "hostile:2", "and is cited");
	q.server = name;
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		snprintf(name, sizeof name, "%s.example", servers[i]);
		is_int(adperm_ask(handle, &q, &answer), ADPERM_ERROR, "a holding: %s", servers[i]);
		is_str(adperm_reason_word(answer.reason), "source_record", "is none");
	}
	q.server = "person.example";
	adperm_ask(handle, &q, &answer);
	is_str(adperm_reason_word(answer.reason), "source_record", "nor is a server a person");
	adperm_close(handle);
}

/* A late answer is none, and for a while nobody waits for that source again. */
static void late(void)
{
	struct adperm *handle = hostile();
	double before = seconds();

	is_int(login(handle, "late"), ADPERM_POLICY_SOURCE_LATE, "what comes late does not count");
	ok(seconds() - before > ADPERM_SOURCE_SECONDS, "(it was waited for)");
	before = seconds();
	is_int(login(handle, "good"), ADPERM_POLICY_SOURCE_LATE, "and the source is left alone");
	ok(seconds() - before < NO_WAIT, "which takes no time");
	adperm_close(handle);
}

static void *ask_often(void *handle)
{
	static const char *const logins[] = { "good", "upper", "notfound", "huge" };
	uintptr_t wrong = 0;

	for (unsigned i = 0; i < 500; i++) {
		enum adperm_reason why = login(handle, logins[i % 4]);

		wrong += (why == ADPERM_OK) != (i % 4 == 0);
	}
	return (void *)wrong;
}

static void threads(void)
{
	struct adperm *handle = hostile();
	pthread_t thread[8];
	uintptr_t wrong = 0;

	for (size_t i = 0; i < 8; i++)
		pthread_create(&thread[i], NULL, ask_often, handle);
	for (size_t i = 0; i < 8; i++) {
		void *result;

		pthread_join(thread[i], &result);
		wrong += (uintptr_t)result;
	}
	is_int(wrong, 0, "eight threads on one handle get the answers to their own questions");
	adperm_close(handle);
}

static void opening(void)
{
	struct adperm *handle = NULL;
	char why[ADPERM_WHY_SIZE];

	is_int(switch_open("none", "nosuch", "nosuch", NULL, NULL, &handle),
		ADPERM_POLICY_SOURCE_MISSING, "a source that is not installed");
	is_int(switch_open(
		       "none", "nosuch [unavail=continue] hostile", "hostile", "", NULL, &handle),
		ADPERM_OK, "may be passed over if switch.conf says so");
	is_int(login(handle, "good"), ADPERM_OK, "and the next is asked");
	adperm_close(handle);
	is_int(switch_open("refused", "hostile", "hostile", "", NULL, &handle), ADPERM_OK,
		"a source that refuses its configuration opens");
	is_int(login(handle, "good"), ADPERM_POLICY_UNAVAIL, "and is not available");
	adperm_trouble(handle, why, sizeof why);
	is_str(why, "hostile: not today\\x0a\\x1b[31m",
		"for a reason that cannot write to a terminal");
	adperm_close(handle);
	is_int(switch_open("stateless", "hostile", "hostile", "", NULL, &handle), ADPERM_OK,
		"a source without a state opens");
	is_int(login(handle, "good"), ADPERM_POLICY_SOURCE_RECORD, "and is not asked");
	adperm_close(handle);
}

/* Each is the hostile source with something of it spoilt: the file, or what it exports. */
static void loading(void)
{
	struct adperm *handle = NULL;

	RUN("cp", in_slapd("lib/source_hostile.so"), in_slapd("lib/source_writable.so"));
	chmod(in_slapd("lib/source_writable.so"), 0666);
	is_int(switch_open("unsafe", "writable", "writable", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_UNSAFE_PATH, "one that everybody may write");
	RUN("cp", in_slapd("lib/source_hostile.so"), in_slapd("lib/source_foreign.so"));
	if (chown(in_slapd("lib/source_foreign.so"), 65534, 65534) != 0)
		abort();
	is_int(switch_open("unsafe", "foreign", "foreign", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_UNSAFE_PATH, "one that is somebody else's");
	RUN("ln", "-s", "source_hostile.so", in_slapd("lib/source_linked.so"));
	is_int(switch_open("unsafe", "linked", "linked", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_UNSAFE_PATH, "a symbolic link");
	write_text(in_slapd("lib/source_text.so"), "not a program\n");
	is_int(switch_open("unsafe", "text", "text", "", NULL, &handle), ADPERM_POLICY_SOURCE_ABI,
		"one that is no shared object");
	RUN("cp", in_slapd("lib/sources.so"), in_slapd("lib/source_symbol.so"));
	is_int(switch_open("unsafe", "symbol", "symbol", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_ABI, "one without the symbol");
	is_int(switch_open("unsafe", "version", "version", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_ABI, "one made for another version");
	is_int(switch_open("unsafe", "smaller", "smaller", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_ABI, "one that lacks functions");
	chmod(in_slapd("lib"), 0777);
	is_int(switch_open("unsafe", "hostile", "hostile", "", NULL, &handle),
		ADPERM_POLICY_SOURCE_UNSAFE_PATH, "any, in a directory that everybody may write");
	chmod(in_slapd("lib"), 0755);
}

/* The words of switch.conf, each with both actions. */
static void switches(void)
{
	static const struct {
		const char *line, *login;
		enum adperm_reason why;
	} table[] = {
		{ "hostile flat", "good", ADPERM_OK },
		{ "hostile flat", "unavail", ADPERM_POLICY_UNAVAIL },
		{ "hostile flat", "upper", ADPERM_POLICY_SOURCE_RECORD },
		{ "hostile flat", "tryagain", ADPERM_POLICY_TRYAGAIN },
		{ "hostile flat", "alice", ADPERM_POLICY_SOURCE_RECORD },
		{ "hostile flat", "notfound", ADPERM_UNKNOWN_PERSON },
		{ "hostile [unavail=continue] flat", "alice", ADPERM_OK },
		{ "hostile [unavail=continue] flat", "tryagain", ADPERM_POLICY_TRYAGAIN },
		{ "hostile [unavail=continue] flat", "unavail", ADPERM_UNKNOWN_PERSON },
		{ "hostile [tryagain=continue] flat", "tryagain", ADPERM_UNKNOWN_PERSON },
		{ "hostile [success=continue] flat", "good", ADPERM_UNKNOWN_PERSON },
		{ "flat hostile", "good", ADPERM_OK },
		{ "flat [notfound=return] hostile", "good", ADPERM_UNKNOWN_PERSON },
		{ "flat [!success=continue] hostile", "alice", ADPERM_OK },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct adperm *handle = NULL;

		switch_open("switches", table[i].line, "flat",
			"server web1.x.example o@x.example\nperson alice@x.example alice\n", NULL,
			&handle);
		is_str(adperm_reason_word(login(handle, table[i].login)),
			adperm_reason_word(table[i].why), "policy: %s, for %s", table[i].line,
			table[i].login);
		adperm_close(handle);
	}
}

#define FLAT                                                                                       \
	"# who, where, what\n"                                                                     \
	"server web1.x.example owner@x.example\n"                                                  \
	"person owner@x.example owner\n"                                                           \
	"person alice@x.example alice\n"                                                           \
	"person bob@x.example bob\n\n"                                                             \
	"grant alice@x.example web1.x.example server.ssh_users 2fa\n"                              \
	"grant alice@x.example web1.x.example server.consumption\n"

/* The example answers as its file says, and half a file is none. */
static void example(void)
{
	static const struct {
		const char *login, *permission, *source;
		enum adperm_verdict verdict;
	} table[] = {
		{ "alice", "server.ssh_users", "source_flat.conf:7", ADPERM_ALLOW_2FA },
		{ "alice", "server.consumption", "source_flat.conf:8", ADPERM_ALLOW },
		{ "alice", "server.resources", "", ADPERM_DENY },
		{ "bob", "server.ssh_users", "", ADPERM_DENY },
		{ "owner", "server.resources", "source_flat.conf:2", ADPERM_ALLOW },
		{ "nobody", "server.ssh_users", "", ADPERM_DENY },
	};
	struct adperm *handle = NULL;
	struct adperm_answer answer;
	struct adperm_question q = { .who = ADPERM_LOGIN, .server = "web1.x.example", .time = NOW };

	is_int(switch_open("flat", "flat", "flat", FLAT, NULL, &handle), ADPERM_OK,
		"the example opens");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		q.name = table[i].login;
		q.permission = table[i].permission;
		is_int(adperm_ask(handle, &q, &answer), table[i].verdict, "the example on %s of %s",
			table[i].permission, table[i].login);
		is_str(answer.source, table[i].source, "with its line");
	}
	q.name = "alice";
	q.permission = "server.ssh_users";
	for (size_t cut = sizeof FLAT - 2; cut > sizeof FLAT - 90; cut--) {
		char text[sizeof FLAT] = FLAT;

		text[cut] = '\0';
		write_text(in_slapd("flat/source_flat.conf"), text);
		if (adperm_ask(handle, &q, &answer) == ADPERM_ALLOW)
			break;
	}
	ok(answer.verdict != ADPERM_ALLOW, "a file that was cut anywhere never loses a 2fa");
	chmod(in_slapd("flat/source_flat.conf"), 0666);
	adperm_ask(handle, &q, &answer);
	is_int(answer.reason, ADPERM_POLICY_UNAVAIL, "a file that everybody may write is not used");
	adperm_close(handle);
}

int main(void)
{
	const char *build = getenv("BUILD");

	if (geteuid() != 0) {
		tap_skip("needs root", "trusted files");
		return tap_done();
	}
	slapd_make(build != NULL ? build : "build");
	loading();
	opening();
	bad_people();
	bad_holdings();
	late();
	threads();
	switches();
	example();
	slapd_clean_up();
	return tap_done();
}
