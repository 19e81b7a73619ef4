/*
 * Random policies and random questions. The policy in memory, the whole database, the server's
 * slice, the rows read back from either, and the policy dumped and loaded again must give the same
 * verdict, the same grace and the same line; so must the shared library, over one handle for all of
 * them, and `adperm check`, alone and as a batch, and `explain`. And what is read back must be all
 * there is: it compiles to the same bytes and dumps to the same text. The seed of a disagreement is
 * printed; `property SEED` runs that one policy alone and leaves its files.
 */
#include "engines.h"
#include "library.h"
#include "random.h"
#include "rows.h"
#include "tap.h"

#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define POLICIES   200
#define QUESTIONS  400
#define TOOL_EVERY 20 /* policies of which one is asked through the tool: */
#define ALONE      20 /* so many questions one by one, and all in a batch */

static struct counts {
	unsigned differ, tool_differs, asked_handle, handle_differs, text, bytes, leaks, allow,
		allow_2fa, deny, asked_tool;
} counts;

/* Below /run, where the library believes what it reads, if this is root. */
static char work[64];
static struct library library;

/* A name below the working directory, in one of a few rotating arrays. */
static const char *in_work(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", work, name);
	return path;
}

/* Names of other servers and their accounts that a slice has no business with. */
static unsigned leaks(const struct policy *slice, unsigned server)
{
	char *text = rows_text(slice), name[32];
	unsigned n = 0;

	for (unsigned s = 0; s < SERVERS; s++) {
		snprintf(name, sizeof name, "s%u.x.example", s);
		n += s != server && strstr(text, name) != NULL;
		snprintf(name, sizeof name, "a%u-", s);
		n += s != server && strstr(text, name) != NULL;
	}
	n += strstr(text, "bare") != NULL;
	free(text);
	return n;
}

/* One way of asking. */
struct engine {
	struct adperm *handle;
	struct policy *p;    /* NULL: it has none of its own */
	struct diags *diags; /* of p */
	bool slice, moved;   /* it need not know everybody; its lines are others */
};

static bool same(
	const struct adperm_answer *a, const struct adperm_answer *b, const struct engine *engine)
{
	bool yes = a->verdict == ADPERM_ALLOW || a->verdict == ADPERM_ALLOW_2FA;

	if (a->verdict != b->verdict || a->grace != b->grace)
		return false;
	/* A slice need not know who holds nothing there; of a yes it knows everything. */
	if (engine->slice && !yes)
		return a->reason == b->reason || b->reason == ADPERM_UNKNOWN_PERSON;
	return a->reason == b->reason && (engine->moved || strcmp(a->source, b->source) == 0) &&
	       strcmp(a->profile, b->profile) == 0;
}

static struct adperm *handle_of_database(const char *path)
{
	struct adperm *handle = NULL;
	struct source source;

	if (source_db_open(path, TRUST_CALLER, &source) == ADPERM_OK)
		adperm_over(&source, NULL, TRUST_CALLER, NULL, &handle);
	return handle;
}

/* The rows of a database. They must make the same database again. */
static struct engine engine_read(const char *path, const char *server)
{
	struct engine e = { .diags = diags_new(), .slice = server != NULL };
	uint32_t index = NO_INDEX;

	e.p = rows_read(path, e.diags);
	if (e.p == NULL)
		return e;
	e.handle = engine_memory(e.p);
	if (server != NULL)
		index = policy_find(e.p, NAME_SERVER, slice_str(server));
	counts.bytes += !rows_emit(e.p, index, in_work("again.cdb")) ||
			!same_bytes(path, in_work("again.cdb"));
	return e;
}

/* A policy dumped and loaded. It must dump to the same text again. */
static struct engine engine_dumped(const struct policy *p, bool slice)
{
	struct engine e = { .diags = diags_new(), .slice = slice, .moved = true };
	char *text = rows_text(p), *again;

	e.p = rows_load(text, in_work(slice ? "dumped-slice.yaml" : "dumped.yaml"), e.diags);
	if (e.p != NULL) {
		again = rows_text(e.p);
		counts.text += strcmp(text, again) != 0;
		free(again);
		e.handle = engine_memory(e.p);
	}
	free(text);
	return e;
}

static void engine_done(struct engine *e)
{
	adperm_close(e->handle);
	policy_free(e->p);
	diags_free(e->diags);
}

enum { WHOLE, READ, DUMPED, WAYS_OF_ALL };
enum { SLICE, SLICE_READ, SLICE_DUMPED, WAYS_OF_SLICE };

struct engines {
	struct adperm *memory;
	struct engine all[WAYS_OF_ALL];
	struct engine slices[SERVERS][WAYS_OF_SLICE];
};

/* False: one of them is not there. */
static bool engines_make(const struct policy *p, struct engines *e)
{
	char *text = rows_text(p), *again;
	bool good = rows_emit(p, NO_INDEX, in_work("whole.cdb"));

	e->memory = engine_memory(p);
	e->all[WHOLE] = (struct engine){ .handle = handle_of_database(in_work("whole.cdb")) };
	e->all[READ] = engine_read(in_work("whole.cdb"), NULL);
	e->all[DUMPED] = engine_dumped(e->all[READ].p, false);
	again = rows_text(e->all[READ].p);
	counts.text += strcmp(text, again) != 0;
	free(text);
	free(again);
	for (unsigned s = 0; s < SERVERS; s++) {
		struct engine *slice = e->slices[s];
		char name[32];

		snprintf(name, sizeof name, "s%u.x.example", s);
		good &= rows_emit(
			p, policy_find(p, NAME_SERVER, slice_str(name)), in_work("slice.cdb"));
		slice[SLICE] = (struct engine){ .handle = handle_of_database(in_work("slice.cdb")),
			.slice = true };
		slice[SLICE_READ] = engine_read(in_work("slice.cdb"), name);
		if (slice[SLICE_READ].p != NULL)
			counts.leaks += leaks(slice[SLICE_READ].p, s);
		slice[SLICE_DUMPED] = engine_dumped(slice[SLICE_READ].p, true);
		for (unsigned i = 0; i < WAYS_OF_SLICE; i++)
			good &= slice[i].handle != NULL;
	}
	for (unsigned i = 0; i < WAYS_OF_ALL; i++)
		good &= e->all[i].handle != NULL;
	return good && e->memory != NULL;
}

static void engines_done(struct engines *e)
{
	adperm_close(e->memory);
	for (unsigned i = 0; i < WAYS_OF_ALL; i++)
		engine_done(&e->all[i]);
	for (unsigned s = 0; s < SERVERS; s++)
		for (unsigned i = 0; i < WAYS_OF_SLICE; i++)
			engine_done(&e->slices[s][i]);
}

static bool agrees(const struct engine *e, const struct asked *a, const struct adperm_answer *right)
{
	struct adperm_answer answer;

	adperm_ask(e->handle, &a->q, &answer);
	return same(right, &answer, e);
}

/* The library opens the first database, and then sees each further one by itself. */
static void ask_library(const struct asked *a, const struct adperm_answer *right)
{
	static const struct engine whole = { .handle = NULL };
	const struct adperm_options options = { .db = in_work("whole.cdb"),
		.switch_conf = in_work("none"),
		.people = in_work("none") };
	struct adperm_answer answer = { .verdict = ADPERM_ERROR };

	if (geteuid() != 0)
		return;
	if (library.loaded == NULL && (!library_load(&library, library_path()) ||
					      library.open(&options, &library.policy) != ADPERM_OK))
		abort();
	library.ask(library.policy, &a->q, &answer);
	counts.asked_handle++;
	counts.handle_differs += !same(right, &answer, &whole);
}

static const char *const words[] = {
	[ADPERM_ERROR] = "error",
	[ADPERM_DENY] = "deny",
	[ADPERM_ALLOW] = "allow",
	[ADPERM_ALLOW_2FA] = "allow_2fa",
};

static const char *const kinds[] = {
	[ADPERM_PROFILE] = "profile",
	[ADPERM_LOGIN] = "login",
	[ADPERM_FINGERPRINT] = "key",
};

/* The tool takes no address that is none; to the library it is unknown. */
static bool has_address(const struct asked *a)
{
	return a->q.from != NULL && strcmp(a->q.from, "not-numeric") != 0;
}

/* The question as a line of a batch. */
static void put_line(FILE *out, const struct asked *a)
{
	char at[WHEN_SIZE];

	when_text(a->q.time, at);
	fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kinds[a->q.who], a->who, a->q.permission,
		a->server, a->q.account != NULL ? a->account : "-",
		has_address(a) ? a->q.from : "-", at);
}

/* Runs the tool, its answers into a file; gives its exit code. */
static int run_tool(const char *const argv[])
{
	const char *build = getenv("BUILD");
	char program[512];
	int status = -1;
	pid_t child;

	snprintf(program, sizeof program, "%s/adperm", build != NULL ? build : "build");
	child = fork();
	if (child == 0) {
		int out = open(in_work("said"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0)
			execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The tool's answers to the batch, about a policy in YAML or a database. */
static void ask_tool(const char *policy)
{
	const char *const argv[] = { "adperm", "check", "--policy", policy, "--batch",
		in_work("batch"), NULL };

	if (run_tool(argv) != 0 || !same_bytes(in_work("said"), in_work("answers")))
		counts.tool_differs++;
	counts.asked_tool++;
}

/* One question to `check` and to `explain`, which end alike. */
static void ask_alone(const struct asked *a, enum adperm_verdict right, const char *policy)
{
	static const int codes[] = {
		[ADPERM_DENY] = 1, [ADPERM_ALLOW] = 0, [ADPERM_ALLOW_2FA] = 3
	};
	static const char *const options[] = {
		[ADPERM_PROFILE] = "--profile",
		[ADPERM_LOGIN] = "--login",
		[ADPERM_FINGERPRINT] = "--key",
	};
	const char *argv[20] = { "adperm", "", "--policy", policy, options[a->q.who], a->who,
		"--permission", a->q.permission, "--server", a->server };
	char at[WHEN_SIZE];
	size_t n = 10;

	when_text(a->q.time, at);
	argv[n++] = "--at";
	argv[n++] = at;
	if (a->q.account != NULL) {
		argv[n++] = "--account";
		argv[n++] = a->q.account;
	}
	if (has_address(a)) {
		argv[n++] = "--from";
		argv[n++] = a->q.from;
	}
	argv[1] = "check";
	counts.tool_differs += run_tool(argv) != codes[right];
	argv[1] = "explain";
	counts.tool_differs += run_tool(argv) != codes[right];
	counts.asked_tool += 2;
}

static void ask_all(const struct engines *e, FILE *batch, FILE *answers, bool tool)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct adperm_answer right;
		bool agree = true;
		struct asked a;

		random_question(&a);
		adperm_ask(e->memory, &a.q, &right);
		for (unsigned way = 0; way < WAYS_OF_ALL; way++)
			agree &= agrees(&e->all[way], &a, &right);
		for (unsigned way = 0; way < WAYS_OF_SLICE; way++)
			agree &= agrees(&e->slices[a.server[1] - '0'][way], &a, &right);
		counts.differ += !agree;
		ask_library(&a, &right);
		counts.allow += right.verdict == ADPERM_ALLOW;
		counts.allow_2fa += right.verdict == ADPERM_ALLOW_2FA;
		counts.deny += right.verdict == ADPERM_DENY;
		put_line(batch, &a);
		fprintf(answers, "%s\n", words[right.verdict]);
		if (tool && i < ALONE)
			ask_alone(&a, right.verdict, in_work(i % 2 == 0 ? "policy" : "whole.cdb"));
	}
}

static struct policy *make_policy(struct diags *diags)
{
	static const char *const names[RANDOM_FILES] = { "policy/10-people.yaml",
		"policy/20-owners.yaml", "policy/30-more.yaml" };
	const char *directory = in_work("policy");
	FILE *out[RANDOM_FILES];
	struct policy *p;

	for (unsigned i = 0; i < RANDOM_FILES; i++) {
		out[i] = fopen(in_work(names[i]), "we");
		if (out[i] == NULL)
			abort();
	}
	random_policy(out);
	for (unsigned i = 0; i < RANDOM_FILES; i++)
		fclose(out[i]);
	directory = in_work("policy");
	p = policy_load(&directory, 1, diags);
	if (p == NULL)
		diags_print(diags, stdout);
	return p;
}

static bool run_seed(uint64_t seed)
{
	struct diags *diags = diags_new();
	const struct counts before = counts;
	struct engines e = { .memory = NULL };
	FILE *batch = fopen(in_work("batch"), "we"), *answers = fopen(in_work("answers"), "we");
	struct policy *p;
	bool good = false, tool = seed % TOOL_EVERY == 1;

	if (batch == NULL || answers == NULL || diags == NULL)
		abort();
	random_seed(seed);
	p = make_policy(diags);
	if (p != NULL) {
		good = engines_make(p, &e);
		if (good)
			ask_all(&e, batch, answers, tool);
		engines_done(&e);
	}
	fclose(batch);
	fclose(answers);
	if (good && tool) {
		ask_tool(in_work("policy"));
		ask_tool(in_work("whole.cdb"));
		ask_tool(in_work("dumped.yaml"));
	}
	if (!good || counts.differ != before.differ || counts.text != before.text ||
		counts.bytes != before.bytes || counts.tool_differs != before.tool_differs ||
		counts.handle_differs != before.handle_differs)
		printf("# seed %llu\n", (unsigned long long)seed);
	policy_free(p);
	diags_free(diags);
	return good;
}

static int remove_one(const char *path, const struct stat *state, int type, struct FTW *at)
{
	(void)state;
	(void)type;
	(void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t last = argc > 1 ? first : POLICIES;
	unsigned loaded = 0;

	snprintf(work, sizeof work, "%s/adperm-property-XXXXXX", geteuid() == 0 ? "/run" : "/tmp");
	if (mkdtemp(work) == NULL || mkdir(in_work("policy"), 0700) != 0)
		abort();
	for (uint64_t seed = first; seed <= last; seed++)
		loaded += run_seed(seed);
	is_int(loaded, last - first + 1,
		"every random policy loads, in every way (seeds %llu to %llu)",
		(unsigned long long)first, (unsigned long long)last);
	is_int(counts.differ, 0,
		"memory, database, slice, rows read back from both, and what is dumped and loaded "
		"agree on %u questions to each of %u policies",
		QUESTIONS, loaded);
	is_int(counts.tool_differs, 0, "and so does the tool, asked %u times for one answer or %u",
		counts.asked_tool, QUESTIONS);
	if (counts.asked_handle > 0)
		is_int(counts.handle_differs, 0, "and the library, asked %u times on one handle",
			counts.asked_handle);
	else
		tap_skip("needs root", "the library, on one handle");
	is_int(counts.bytes, 0, "what is read back from a database compiles to the same bytes");
	is_int(counts.text, 0, "and dumps to the same text, also when that is loaded");
	is_int(counts.leaks, 0, "a slice names no other server, and no account of one");
	ok(counts.allow > 0 && counts.allow_2fa > 0 && counts.deny > 0,
		"all verdicts came up: allow %u, with 2FA %u, deny %u", counts.allow,
		counts.allow_2fa, counts.deny);
	library_close(&library);
	if (argc > 1)
		printf("# %s\n", work);
	else
		nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
