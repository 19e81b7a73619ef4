/* One login, walked through on the installed stack; see doctor.h. */
#include "cli/doctor.h"

#include "adperm.h"
#include "base/base64.h"
#include "base/sshkey.h"
#include "cli/run_program.h"
#include "cli/sshd_config.h"
#include "lang/policy.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEYS_USER "adperm-keys"

struct walk {
	const struct doctor_options *o;
	const struct policy *p;
	uint32_t profile;
	const char *key_type; /* of the first key */
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];
	char *key; /* base64 */
};

static int step(bool good, const char *what, const char *why)
{
	printf("%-4s  %s%s%s\n", good ? "ok" : "fail", what, why[0] != '\0' ? ": " : "", why);
	return good ? EXIT_OK : EXIT_NO;
}

static int find_person(struct walk *w)
{
	const struct doctor_options *o = w->o;

	w->profile = o->profile != NULL ? policy_find(w->p, NAME_PROFILE, slice_str(o->profile))
					: policy_find(w->p, NAME_LOGIN, slice_str(o->login));
	if (w->profile == NO_INDEX && o->profile != NULL)
		return step(false, "the policy knows this person", "it does not");
	if (w->profile == NO_INDEX &&
		policy_find(w->p, NAME_ACCOUNT, slice_str(o->login)) != NO_INDEX)
		return complain("doctor: %s is an account that several people share: say who with "
				"--profile EMAIL",
			o->login);
	if (w->profile == NO_INDEX)
		return step(false, "the policy knows this login",
			"it does not: only local-users and the break-glass user get in unknown");
	printf("ok    this is %s\n", policy_text(w->p, w->p->profiles.at[w->profile].email));
	return EXIT_OK;
}

static int find_key(struct walk *w)
{
	const struct span keys = profile_access(w->p, &w->p->profiles.at[w->profile])->keys;
	const struct key *key;

	if (keys.n == 0)
		return step(false, "has an SSH key in the policy", "none");
	key = &w->p->keys.at[keys.first];
	w->key_type = policy_text(w->p, key->type);
	w->key = malloc(BASE64_LEN(key->len) + 1);
	if (w->key == NULL)
		return complain("out of memory");
	sshkey_fingerprint(key->digest, w->fingerprint);
	base64_encode(slice_of(w->p->pool + key->blob, key->len), w->key);
	return EXIT_OK;
}

/* sshd asks for keys only where it is told to. */
static int try_sshd(const struct walk *w)
{
	struct buf out = { .at = NULL };
	int code;

	if (!sshd_effective(w->o->sshd, w->o->login, &out))
		code = step(false, "sshd takes its configuration", "`sshd -t` says more");
	else if (strstr((const char *)out.at, "\nauthorizedkeyscommand none") != NULL)
		code = step(false, "sshd asks adperm-keys for keys",
			"AuthorizedKeysCommand is not set: `adperm wire sshd`");
	else
		code = step(true, "sshd asks adperm-keys for keys", "");
	buf_done(&out);
	return code;
}

/* As the user that sshd runs it as: whether that one can read the database is part of it. */
static int try_key(const struct walk *w)
{
	const char *const argv[] = { "/usr/bin/setpriv", "--reuid=" KEYS_USER, "--regid=" KEYS_USER,
		"--init-groups", "--", w->o->adperm_keys, "--db", w->o->db, "--people",
		w->o->people, "--", w->o->login, w->fingerprint, w->key_type, w->key, NULL };
	struct buf said = { .at = NULL };
	int status = run_program(argv, RUN_QUIET, &said), code;

	code = step(status == 0 && said.len > 0, "adperm-keys prints the key",
		status != 0    ? "it could not be run as the user " KEYS_USER
		: said.len > 0 ? ""
			       : "no: the log says why, and `adperm explain` more");
	buf_done(&said);
	return code;
}

/* The real modules of the real stack. */
static int try_stack(const struct walk *w)
{
	size_t size = strlen(w->key_type) + strlen(w->key) + 2;
	char *key = malloc(size);
	struct buf said = { .at = NULL };
	int status, code;

	if (key == NULL)
		return complain("out of memory");
	snprintf(key, size, "%s %s", w->key_type, w->key);
	{
		const char *const argv[] = { w->o->rehearse, "--service", w->o->service, "--user",
			w->o->login, "--key", key, "--auth", w->o->from != NULL ? "--rhost" : NULL,
			w->o->from, NULL };

		fflush(stdout);
		status = run_program(argv, RUN_TERMINAL, &said);
	}
	free(key);
	if (status < 0 || status > 1 || said.failed) {
		buf_done(&said);
		return complain("doctor: %s: %s", w->o->rehearse,
			status < 0 ? strerror(-status) : "could not try");
	}
	for (char *line = (char *)said.at, *next; line != NULL && *line != '\0'; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		printf("%-4s  PAM %s\n", strstr(line, " 0 Success") != NULL ? "ok" : "fail", line);
	}
	code = status == 0 ? EXIT_OK : EXIT_NO;
	buf_done(&said);
	return code;
}

/* What the policy says of it, which the log has too. */
static void say_why(const struct walk *w)
{
	struct adperm_options where = { .db = w->o->db, .people = w->o->people };
	struct adperm_question q = { .who = ADPERM_PROFILE,
		.name = policy_text(w->p, w->p->profiles.at[w->profile].email),
		.permission = "ssh_users",
		.from = w->o->from,
		.time = time(NULL) };
	struct adperm_answer answer;
	struct adperm *policy;

	if (policy_find(w->p, NAME_LOGIN, slice_str(w->o->login)) != w->profile) {
		q.permission = "account.ssh";
		q.account = w->o->login;
	}
	if (adperm_open(&where, &policy) != ADPERM_OK)
		return;
	adperm_ask(policy, &q, &answer);
	printf("      The policy says: %s%s%s%s%s\n",
		answer.verdict == ADPERM_ALLOW       ? "allow"
		: answer.verdict == ADPERM_ALLOW_2FA ? "allow with 2FA"
						     : "deny",
		answer.verdict == ADPERM_DENY || answer.verdict == ADPERM_ERROR ? ", " : "",
		answer.verdict == ADPERM_DENY || answer.verdict == ADPERM_ERROR
			? adperm_reason_text(answer.reason)
			: "",
		answer.source[0] != '\0' ? ", " : "", answer.source);
	adperm_close(policy);
}

int doctor_login(const struct doctor_options *o)
{
	struct opened opened;
	struct walk w = { .o = o };
	int code;

	if (!open_rows(o->db, &opened))
		return EXIT_ERROR;
	w.p = opened.policy;
	code = getpwnam(o->login) != NULL
		       ? EXIT_OK
		       : step(false, "there is such a Unix user", "there is none");
	if (code == EXIT_OK)
		code = find_person(&w);
	if (code == EXIT_OK)
		code = find_key(&w);
	if (code == EXIT_OK && strcmp(o->service, "sshd") == 0) {
		code = try_sshd(&w);
		if (code == EXIT_OK)
			code = try_key(&w);
	}
	if (code == EXIT_OK) {
		code = try_stack(&w);
		say_why(&w);
	}
	if (code != EXIT_ERROR)
		puts(code == EXIT_OK ? "This login would succeed." : "This login would fail.");
	free(w.key);
	close_policy(&opened);
	return code;
}
