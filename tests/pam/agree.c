/*
 * agree BUILD SOURCE: random policies, random people at random doors, by their login or by the key
 * that sshd verified. What the module answers in each phase is what the policy in memory says: yes
 * is success, and nobody is asked anything; yes with a second factor is one question, and a refusal
 * for want of its proof; no is a refusal for the same reason. `explain` and `check`, run on the
 * database that is installed, end accordingly. A seed that differs is printed.
 */
#include "../decide/engines.h"
#include "../decide/random.h"
#include "../unit/tap.h"
#include "cli/cli.h"
#include "support/world.h"

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { POLICIES = 200, VISITS = 50 };

/* The doors: a menu for every permission that a login can ask for, and two that want a pair. */
static bool is_pair(const struct perm_info *info)
{
	return info->perm == PERM_ACCOUNT_FTP || info->perm == PERM_ACCOUNT_WEBDAV;
}

static bool is_door(const struct perm_info *info)
{
	return info->scope != SCOPE_ACCOUNT || is_pair(info);
}

static void make_stacks(void)
{
	char options[1024];

	for (size_t i = 0; i < perm_rows; i++) {
		snprintf(options, sizeof options, "permission=%s " WORLD_OPTIONS,
			perm_table[i].full);
		if (is_door(&perm_table[i]))
			world_stack(perm_table[i].full, "", options);
	}
}

/* Installs a random policy, as the slice of one server, and gives it in memory, too. */
static struct policy *install(uint64_t seed, const char *server, struct diags *diags)
{
	static const char *const names[RANDOM_FILES] = { WORLD "/policy/1.yaml",
		WORLD "/policy/2.yaml", WORLD "/policy/3.yaml" };
	const char *directory = WORLD "/policy";
	struct emit_options options = { .not_after = WHEN_NEVER };
	FILE *out[RANDOM_FILES];
	struct policy *p;
	int fd;

	random_seed(seed);
	for (unsigned i = 0; i < RANDOM_FILES; i++)
		if ((out[i] = fopen(names[i], "we")) == NULL)
			err(2, "%s", names[i]);
	random_policy(out);
	for (unsigned i = 0; i < RANDOM_FILES; i++)
		fclose(out[i]);
	p = policy_load(&directory, 1, diags);
	if (p == NULL)
		return NULL;
	options.server = policy_find(p, NAME_SERVER, slice_str(server));
	unlink(WORLD "/policy.cdb");
	fd = open(WORLD "/policy.cdb", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || policy_emit(p, &options, fd) != 0)
		errx(2, WORLD "/policy.cdb");
	close(fd);
	return p;
}

/* Somebody comes to a door. */
struct visit {
	const struct perm_info *door;
	char user[32], login[8], account[16], server[16], authinfo[160];
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];
	const char *from;
	bool has_key, by_key; /* by_key: as the account, who it is the key says */
	struct adperm_question q;
};

/* The words of sshd for a verified key. */
static void show_key(struct visit *v, unsigned person)
{
	char text[BASE64_LEN(KEY_SIZE) + 1];
	uint8_t blob[KEY_SIZE], digest[SHA256_SIZE];

	key_blob(person, blob);
	base64_encode(slice_of(blob, sizeof blob), text);
	sha256_of(slice_of(blob, sizeof blob), digest);
	sshkey_fingerprint(digest, v->fingerprint);
	snprintf(v->authinfo, sizeof v->authinfo, "SSH_AUTH_INFO_0=publickey ssh-ed25519 %s\n%s",
		text, one_in(2) ? "keyboard-interactive/pam\n" : "");
	v->has_key = true;
}

static void random_visit(struct visit *v, const char *server)
{
	unsigned person = below(PEOPLE);
	bool on_account;

	*v = (struct visit){ .from = PICK(addresses) };
	do
		v->door = &perm_table[below((uint32_t)perm_rows)];
	while (!is_door(v->door));
	snprintf(v->server, sizeof v->server, "%s", server);
	snprintf(v->login, sizeof v->login, "p%u", person);
	snprintf(v->account, sizeof v->account, "a%c-%u", server[1], below(ACCOUNTS));
	if (one_in(3)) {
		v->by_key = true;
		v->door = perm_info(PERM_SERVER_SSH_USERS);
	}
	if (v->by_key || one_in(3))
		show_key(v, person);
	on_account = v->by_key || is_pair(v->door);
	snprintf(v->user, sizeof v->user, "%s%s%s", on_account ? v->account : "",
		is_pair(v->door) ? "_" : "", v->by_key ? "" : v->login);
	v->q = (struct adperm_question){ .who = v->by_key ? ADPERM_FINGERPRINT : ADPERM_LOGIN,
		.name = v->by_key ? v->fingerprint : v->login,
		.permission = v->by_key ? "account.ssh" : v->door->full,
		.server = v->server,
		.account = on_account ? v->account : NULL,
		.from = v->from,
		.time = time(NULL) };
}

static unsigned prompts;

/* A person who knows no code. */
static int guess(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	prompts += (unsigned)n;
	*answers = calloc((size_t)n, sizeof **answers);
	for (int i = 0; *answers != NULL && i < n; i++)
		(*answers)[i].resp = strdup("000000");
	return *answers != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* adpermd is not there: whom it would be asked about, its absence tells. */
static const struct phase {
	const char *name;
	int (*run)(pam_handle_t *pamh, int flags);
	int denied, unproved;
	const char *unproved_reason;
} phases[] = {
	{ "auth", pam_authenticate, PAM_AUTH_ERR, PAM_SYSTEM_ERR, "daemon_unreachable" },
	{ "account", pam_acct_mgmt, PAM_PERM_DENIED, PAM_PERM_DENIED, "no_2fa_proof" },
	{ "session", pam_open_session, PAM_SESSION_ERR, PAM_SESSION_ERR, "no_2fa_proof" },
};

enum { AUTH, ACCOUNT, SESSION, PHASES };

static pam_handle_t *come(const struct visit *v)
{
	static const struct pam_conv person = { guess, NULL };
	pam_handle_t *pamh = world_begin(v->door->full, v->user, &person);

	if (v->from != NULL)
		pam_set_item(pamh, PAM_RHOST, v->from);
	if (v->has_key)
		pam_putenv(pamh, v->authinfo);
	return pamh;
}

/* What a phase says to the visitor; its log line is in `line`. */
static int enter(pam_handle_t *pamh, const struct phase *phase, char *line)
{
	int code;

	while (world_log(line))
		continue;
	prompts = 0;
	code = phase->run(pamh, 0);
	world_log(line);
	return code;
}

struct expected {
	int code;
	const char *reason;
	unsigned prompts;
};

/* What a phase must say, by the answer of the policy. */
static struct expected expect(const struct visit *v, enum adperm_reason key, unsigned phase,
	const struct adperm_answer *right)
{
	bool vouched = v->has_key || phase != AUTH;
	struct expected e = { .code = phases[phase].denied, .prompts = phase == AUTH };

	if (v->has_key && key != ADPERM_OK) {
		e.reason = adperm_reason_word(key);
	} else if (!vouched) {
		e.reason = "no_first_factor";
	} else if (right->verdict == ADPERM_DENY) {
		e.reason = adperm_reason_word(right->reason);
	} else if (right->verdict == ADPERM_ALLOW ||
		   (phase == SESSION && strstr(v->authinfo, "keyboard") != NULL)) {
		e = (struct expected){ PAM_SUCCESS, "ok", 0 };
	} else {
		e.code = phases[phase].unproved;
		e.reason = phases[phase].unproved_reason;
	}
	return e;
}

static unsigned count[ADPERM_ALLOW_2FA + 1], opened, asked;

static bool phase_agrees(pam_handle_t *pamh, const struct visit *v, enum adperm_reason key,
	unsigned phase, const struct adperm_answer *right)
{
	struct expected e = expect(v, key, phase, right);
	char line[WORLD_LINE_SIZE], reason[64], source[256];
	int code = enter(pamh, &phases[phase], line);
	bool stranger, good;

	world_field(line, "reason", reason, sizeof reason);
	world_field(line, "src", source, sizeof source);
	/* Who has no login, or nothing on this server, is nobody at its doors. */
	stranger = right->verdict == ADPERM_DENY &&
		   (strcmp(reason, "unmanaged") == 0 || strcmp(reason, "unknown_person") == 0);
	good = code == e.code && prompts == e.prompts &&
	       (stranger || strcmp(reason, e.reason) == 0) &&
	       (right->verdict == ADPERM_DENY || code != PAM_SUCCESS ||
		       strcmp(source, right->source) == 0);
	if (!good)
		printf("# %s of %s at %s: %d %s, %u prompts; expected %d %s, %u\n",
			phases[phase].name, v->user, v->door->full, code, reason, prompts, e.code,
			e.reason, e.prompts);
	opened += code == PAM_SUCCESS;
	asked += prompts;
	return good;
}

/* The exit code of a command that asks the installed database what the module was asked. */
static int exit_code(const struct command *command, const struct visit *v)
{
	const char *argv[20] = { command->name, "--policy", WORLD "/policy.cdb", "--permission",
		v->q.permission, v->by_key ? "--key" : "--login", v->q.name };
	int argc = 7;

	if (v->q.account != NULL) {
		argv[argc++] = "--account";
		argv[argc++] = v->q.account;
	}
	/* What is no address is an error to the tool, and unknown to the module. */
	if (v->from != NULL && strcmp(v->from, "not-numeric") != 0) {
		argv[argc++] = "--from";
		argv[argc++] = v->from;
	}
	return command->run(argc, (char **)(uintptr_t)argv);
}

/* What the commands print is not wanted here: to /dev/null, and back. */
static bool tool_agrees(const struct visit *v, const struct adperm_answer *right)
{
	static const int codes[] = { [ADPERM_DENY] = EXIT_NO,
		[ADPERM_ALLOW] = EXIT_OK,
		[ADPERM_ALLOW_2FA] = EXIT_WITH_2FA };
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool good;

	fflush(stdout);
	if (out < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		err(2, "/dev/null");
	good = exit_code(&cmd_explain, v) == codes[right->verdict] &&
	       exit_code(&cmd_check, v) == codes[right->verdict];
	fflush(stdout);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(2);
	close(out);
	close(null);
	return good;
}

static struct {
	unsigned module, tool;
} differ;

static void visit(struct adperm *memory, const char *server)
{
	struct adperm_answer right;
	enum adperm_reason key = ADPERM_OK;
	char owner[ADPERM_EMAIL_SIZE];
	uint8_t blob[KEY_SIZE];
	pam_handle_t *pamh;
	struct visit v;

	random_visit(&v, server);
	if (v.has_key) {
		key_blob((unsigned)(v.login[1] - '0'), blob);
		key = adperm_person(memory, ADPERM_KEY, NULL, blob, sizeof blob, owner);
	}
	adperm_ask(memory, &v.q, &right);
	count[right.verdict]++;
	pamh = come(&v);
	for (unsigned phase = AUTH; phase < PHASES; phase++) {
		differ.module += !phase_agrees(pamh, &v, key, phase, &right);
		/* sshd with a key alone asks for no auth, and its children's handles are lost. */
		if (phase == AUTH && one_in(2)) {
			pam_end(pamh, PAM_SUCCESS);
			pamh = come(&v);
		}
	}
	pam_end(pamh, PAM_SUCCESS);
	differ.tool += !tool_agrees(&v, &right);
}

static void visit_all(const struct policy *p, uint64_t seed, const char *server)
{
	struct adperm *memory = engine_memory(p);
	unsigned before = differ.module + differ.tool;

	for (unsigned i = 0; memory != NULL && i < VISITS; i++)
		visit(memory, server);
	if (memory == NULL || differ.module + differ.tool != before)
		printf("# seed %llu on %s\n", (unsigned long long)seed, server);
	adperm_close(memory);
}

int main(int argc, char **argv)
{
	unsigned loaded = 0;

	if (argc != 3)
		errx(2, "usage: agree BUILD SOURCE");
	world_make(argv[1], argv[2]);
	if (mkdir(WORLD "/policy", 0755) != 0)
		err(2, WORLD "/policy");
	make_stacks();
	for (uint64_t seed = 1; seed <= POLICIES; seed++) {
		struct diags *diags = diags_new();
		char server[] = "s0.x.example";
		struct policy *p;

		server[1] = (char)('0' + seed % SERVERS);
		p = install(seed, server, diags);
		loaded += p != NULL;
		if (p != NULL)
			visit_all(p, seed, server);
		policy_free(p);
		diags_free(diags);
	}
	is_int(loaded, POLICIES, "every random policy loads (seeds 1 to %d)", POLICIES);
	is_int(differ.module, 0,
		"in every phase the module agrees with %u policies on %u visits each", loaded,
		VISITS);
	is_int(differ.tool, 0, "t99_explain_and_check_end_as_the_module_decides");
	ok(count[ADPERM_ALLOW] > 0 && count[ADPERM_ALLOW_2FA] > 0 && count[ADPERM_DENY] > 0,
		"all verdicts came up: allow %u, with 2FA %u, deny %u", count[ADPERM_ALLOW],
		count[ADPERM_ALLOW_2FA], count[ADPERM_DENY]);
	ok(opened > 0 && asked > 0, "%u phases were passed, %u times a code was asked for", opened,
		asked);
	return tap_done();
}
