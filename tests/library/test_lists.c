/*
 * Lists: what somebody holds is what adperm_ask() says of each permission; whom to tell is what
 * `adperm contacts` says.
 */
#include "world.h"

#include "model/catalogue.h"

static struct world world;
static struct adperm *policy;

static const char *const accounts[] = { "acme", "shop" };

/* What a list says of a permission, or NULL. */
static const struct adperm_answer *listed(
	const struct adperm_held *held, size_t n, const char *permission, const char *account)
{
	const struct adperm_answer *others = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(held[i].answer.permission, permission) != 0)
			continue;
		if (strcmp(held[i].account, account) == 0)
			return &held[i].answer;
		if (strcmp(held[i].account, "*") == 0)
			others = &held[i].answer;
	}
	return others;
}

static bool same(const struct adperm_answer *a, const struct adperm_answer *b)
{
	return a->verdict == b->verdict && a->reason == b->reason && a->grace == b->grace &&
	       a->generation == b->generation && strcmp(a->source, b->source) == 0 &&
	       strcmp(a->profile, b->profile) == 0 && strcmp(a->permission, b->permission) == 0;
}

/* Does the list say the same as a question? What is not in it must be a no for want of a grant. */
static bool agrees(const struct adperm_held *held, size_t n, struct adperm_question q,
	const struct perm_info *info, const char *account)
{
	const struct adperm_answer *said =
		listed(held, n, info->full, account != NULL ? account : "");
	struct adperm_answer answer;

	q.permission = info->full;
	q.account = account;
	adperm_ask(policy, &q, &answer);
	if (said == NULL)
		return answer.verdict == ADPERM_DENY &&
		       (answer.reason == ADPERM_NO_GRANT || answer.reason == ADPERM_SUSPENDED ||
			       answer.reason == ADPERM_ADDRESS);
	return same(said, &answer);
}

static size_t compare_all(const char *who, const char *from)
{
	const struct adperm_question q = {
		.who = ADPERM_PROFILE, .name = who, .from = from, .time = NOW
	};
	struct adperm_held *held;
	unsigned differ = 0;
	size_t n;

	if (adperm_holdings(policy, &q, &held, &n) != ADPERM_OK)
		return 0;
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		if (info->scope != SCOPE_ACCOUNT)
			differ += !agrees(held, n, q, info, NULL);
		for (size_t a = 0; info->scope == SCOPE_ACCOUNT && a < 2; a++)
			differ += !agrees(held, n, q, info, accounts[a]);
	}
	is_int(differ, 0, "%s from %s: the list says what the questions say", who,
		from != NULL ? from : "somewhere");
	adperm_free(held);
	return n;
}

static void holdings(void)
{
	struct adperm_question q = { .who = ADPERM_LOGIN, .name = "nobody", .time = NOW };
	struct adperm_held *held;
	size_t n;

	ok(compare_all("plain@x.example", NULL) > 3, "plain holds something");
	compare_all("plain@x.example", "192.0.2.7");
	ok(compare_all("other@x.example", "192.0.2.7") > 0, "other too");
	compare_all("other@x.example", "198.51.100.1");
	ok(compare_all("tired@x.example", NULL) > 0, "and tired, who is suspended");
	ok(compare_all("own@x.example", NULL) == perm_rows, "the owner holds everything");
	is_int(adperm_holdings(policy, &q, &held, &n), ADPERM_UNKNOWN_PERSON, "a stranger");
	ok(held == NULL && n == 0, "has no list");
	q.name = "plain";
	q.server = "web9.x.example";
	is_int(adperm_holdings(policy, &q, &held, &n), ADPERM_UNKNOWN_SERVER,
		"nor a strange server");
	q = (struct adperm_question){ .who = ADPERM_LOGIN, .name = "plain", .time = NOW };
	is_int(adperm_holdings(policy, &q, &held, &n), ADPERM_OK, "by a login");
	ok(n > 0 && strcmp(held[0].answer.profile, "plain@x.example") == 0, "the same person");
	adperm_free(held);
}

static void is_told(const struct adperm_contact *contacts, size_t n, size_t i, const char *profile,
	const char *what)
{
	is_str(i < n ? contacts[i].profile : NULL, profile, "%s: %s is told", what, profile);
}

static void contacts(void)
{
	struct adperm_question q = { .permission = "server.technical_contact", .time = NOW };
	struct adperm_contact *told;
	size_t n;

	is_int(adperm_contacts(policy, &q, &told, &n), ADPERM_OK, "whom to tell of the server");
	is_int(n, 2, "the owner and one");
	is_told(told, n, 0, "own@x.example", "the server");
	is_told(told, n, 1, "other@x.example", "the server, from wherever");
	ok(told[0].owner && !told[1].owner && !told[0].suspended, "the first is the owner");
	ok(strstr(told[0].source, "yes.yaml:") != NULL &&
			strstr(told[1].source, "yes.yaml:") != NULL,
		"and why stands there");
	adperm_free(told);
	q.permission = "account.technical_contact";
	q.account = "acme";
	is_int(adperm_contacts(policy, &q, &told, &n), ADPERM_OK, "whom to tell of an account");
	is_int(n, 2, "the owner and another");
	is_told(told, n, 1, "plain@x.example", "the account, from wherever");
	adperm_free(told);
	q.permission = "overall.billing";
	q.account = NULL;
	is_int(adperm_contacts(policy, &q, &told, &n), ADPERM_OK, "whom to tell of money");
	is_int(n, 1, "the owner alone");
	adperm_free(told);
	q.permission = "account.ssh";
	is_int(adperm_contacts(policy, &q, &told, &n), ADPERM_BAD_QUESTION,
		"an account without name");
	ok(told == NULL && n == 0, "has no list");
	q.permission = "server.ssh_users";
	q.server = "web2.x.example";
	is_int(adperm_contacts(policy, &q, &told, &n), ADPERM_UNKNOWN_SERVER,
		"a slice knows no other server");
}

/* The profiles that the tool tells, a line each. */
static bool tool_says(const char *const argv[], const char *out)
{
	const char *build = getenv("BUILD");
	char program[512];
	int status;
	pid_t child;

	snprintf(program, sizeof program, "%s/adperm", build != NULL ? build : "build");
	fflush(stdout);
	child = fork();
	if (child == 0) {
		int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
			execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

/* The same people, in the same order, each with the same line of the policy. */
static void as_the_tool(const char *topic, const char *permission, const char *account)
{
	const struct adperm_question q = {
		.permission = permission, .account = account, .time = NOW
	};
	const char *const argv[] = { "adperm", "contacts", "--policy", world.db, "--topic", topic,
		"--at", "2026-11-18T12:00:00Z", account != NULL ? "--account" : "--server",
		account != NULL ? account : "web1.x.example", NULL };
	struct adperm_contact *told;
	char out[128], line[1024];
	bool same;
	size_t n, rows = 0;
	FILE *in;

	snprintf(out, sizeof out, "%s/said", world.dir);
	if (!ok(tool_says(argv, out) && adperm_contacts(policy, &q, &told, &n) == ADPERM_OK,
		    "the tool and the library know whom to tell"))
		return;
	in = fopen(out, "re");
	same = in != NULL && fgets(line, sizeof line, in) != NULL;
	for (; in != NULL && fgets(line, sizeof line, in) != NULL; rows++)
		same &= rows < n &&
			strncmp(line, told[rows].profile, strlen(told[rows].profile)) == 0 &&
			strstr(line, told[rows].source) != NULL;
	ok(same && rows == n, "the same %zu people about %s", n, permission);
	if (in != NULL)
		fclose(in);
	adperm_free(told);
}

int main(void)
{
	if (!world_begin(&world))
		return tap_done();
	world_install(&world, YES, 3);
	if (ok(world_open(&world, &policy) == ADPERM_OK, "the policy opens")) {
		holdings();
		contacts();
		as_the_tool("technical", "server.technical_contact", NULL);
		as_the_tool("technical", "account.technical_contact", "acme");
		as_the_tool("billing", "overall.billing", NULL);
		adperm_close(policy);
	}
	world_end(&world);
	return tap_done();
}
