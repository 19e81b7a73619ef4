/*
 * agree BUILD SOURCE: random policies, random people at random doors. What the module answers in
 * the account phase is what the policy in memory says: plain yes is success, yes with a second
 * factor is refused for want of its proof, no is refused for the same reason. A seed that differs
 * is printed.
 */
#include "../decide/engines.h"
#include "../decide/random.h"
#include "../unit/tap.h"
#include "support/world.h"

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { POLICIES = 40, QUESTIONS = 100 };

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

static int silent(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)n;
	(void)messages;
	(void)answers;
	(void)data;
	return PAM_CONV_ERR;
}

/* What the account phase says to a user at a door; its log line is in `line`. */
static int account(const char *door, const char *user, const char *from, char *line)
{
	static const struct pam_conv person = { silent, NULL };
	pam_handle_t *pamh = world_begin(door, user, &person);
	int code;

	while (world_log(line))
		continue;
	if (from != NULL)
		pam_set_item(pamh, PAM_RHOST, from);
	code = pam_acct_mgmt(pamh, 0);
	world_log(line);
	pam_end(pamh, code);
	return code;
}

static unsigned count[ADPERM_ALLOW_2FA + 1];

static bool agrees(struct adperm *memory, const char *server, const struct perm_info *door)
{
	struct adperm_question q = { .who = ADPERM_LOGIN,
		.permission = door->full,
		.server = server,
		.from = PICK(addresses),
		.time = time(NULL) };
	char line[WORLD_LINE_SIZE], reason[64], source[256], login[8], name[16], user[32];
	struct adperm_answer right;
	const char *expected;
	int code;

	snprintf(login, sizeof login, "p%u", below(PEOPLE));
	snprintf(name, sizeof name, "a%c-%u", server[1], below(ACCOUNTS));
	snprintf(user, sizeof user, "%s%s%s", is_pair(door) ? name : "", is_pair(door) ? "_" : "",
		login);
	q.name = login;
	q.account = is_pair(door) ? name : NULL;
	adperm_ask(memory, &q, &right);
	code = account(door->full, user, q.from, line);
	world_field(line, "reason", reason, sizeof reason);
	world_field(line, "src", source, sizeof source);
	count[right.verdict]++;
	/* Who has no login, or nothing on this server, is nobody at its doors. */
	if (strcmp(reason, "unmanaged") == 0)
		return code == PAM_PERM_DENIED && right.verdict == ADPERM_DENY;
	expected = right.verdict == ADPERM_ALLOW_2FA ? "no_2fa_proof"
						     : adperm_reason_word(right.reason);
	return code == (right.verdict == ADPERM_ALLOW ? PAM_SUCCESS : PAM_PERM_DENIED) &&
	       strcmp(reason, expected) == 0 && strcmp(source, right.source) == 0;
}

static unsigned ask_all(const struct policy *p, uint64_t seed, const char *server)
{
	struct adperm *memory = engine_memory(p);
	unsigned differ = 0;

	for (unsigned i = 0; memory != NULL && i < QUESTIONS; i++) {
		const struct perm_info *door;

		do
			door = &perm_table[below((uint32_t)perm_rows)];
		while (!is_door(door));
		differ += !agrees(memory, server, door);
	}
	if (differ > 0)
		printf("# seed %llu on %s\n", (unsigned long long)seed, server);
	adperm_close(memory);
	return memory != NULL ? differ : QUESTIONS;
}

int main(int argc, char **argv)
{
	unsigned loaded = 0, differ = 0;

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
			differ += ask_all(p, seed, server);
		policy_free(p);
		diags_free(diags);
	}
	is_int(loaded, POLICIES, "every random policy loads");
	is_int(differ, 0, "the module agrees with %u policies on %u people at doors each", loaded,
		QUESTIONS);
	ok(count[ADPERM_ALLOW] > 0 && count[ADPERM_ALLOW_2FA] > 0 && count[ADPERM_DENY] > 0,
		"all verdicts came up: allow %u, with 2FA %u, deny %u", count[ADPERM_ALLOW],
		count[ADPERM_ALLOW_2FA], count[ADPERM_DENY]);
	return tap_done();
}
