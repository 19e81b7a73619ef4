/*
 * The PAM module, by its entry points: any user, host, SSH_AUTH_INFO_0, options and answer, any
 * order of the phases, with up to three calls of libc that fail and a daemon that says anything.
 * Who gets in has a right to, with a code if it takes one; nothing falls through to other modules
 * but root and the local users; nothing stays open.
 *
 * The input: 16 bytes as struct plan has them, then lines: user, remote host, options, answer, and
 * all the rest is SSH_AUTH_INFO_0.
 */
#include "../decide/rows.h"
#include "adpermd/proto.h"
#include "faults.h"
#include "fuzz.h"

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#define NOW     INT64_C(1780000000)
#define POLICY  "tests/fuzz/module.yaml"
#define OPTIONS 16

/*
 * Who may come in by some door, with a code or without one: logins, alone or behind an account, and
 * accounts, whose person the key says. Whoever is not here holds nothing that is in force.
 */
static const struct person {
	const char *name;
	bool plain, coded;
} people[] = {
	{ "alice", true, false },
	{ "bob", false, true },
	{ "grace", true, false },
	{ "hans", true, false },
	{ "ddddddddddddddddddddddddddddddd", true, false },
	{ "acme", true, false },
	{ "shop", true, true },
};

/* --- a handle of PAM -----------------------------------------------------------------------------
 */

struct pam_handle {
	char user[512], rhost[512], authinfo[8192], answer[512];
	char options[1024];
	struct pam_conv conv;
	struct {
		const char *name;
		void *data;
		void (*cleanup)(pam_handle_t *, void *, int);
	} kept[4];
	unsigned prompts;
};

int pam_get_item(const pam_handle_t *h, int type, const void **item)
{
	*item = NULL;
	switch (type) {
	case PAM_USER: *item = h->user; break;
	case PAM_SERVICE: *item = "sshd"; break;
	case PAM_RHOST: *item = h->rhost[0] != '\0' ? h->rhost : NULL; break;
	case PAM_CONV: *item = &h->conv; break;
	}
	return PAM_SUCCESS;
}

int pam_set_item(pam_handle_t *h, int type, const void *item)
{
	(void)h;
	(void)type;
	(void)item;
	return PAM_SUCCESS;
}

const char *pam_getenv(pam_handle_t *h, const char *name)
{
	must(strcmp(name, "SSH_AUTH_INFO_0") == 0);
	return h->authinfo[0] != '\0' ? h->authinfo : NULL;
}

int pam_putenv(pam_handle_t *h, const char *words)
{
	(void)h;
	must(strncmp(words, "ADPERM_PROFILE", 14) == 0 && strpbrk(words, "\n\r") == NULL);
	return PAM_SUCCESS;
}

int pam_fail_delay(pam_handle_t *h, unsigned usec)
{
	(void)h;
	(void)usec;
	return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *h, const char *name, const void **data)
{
	for (size_t i = 0; i < sizeof h->kept / sizeof h->kept[0]; i++)
		if (h->kept[i].name != NULL && strcmp(h->kept[i].name, name) == 0) {
			*data = h->kept[i].data;
			return PAM_SUCCESS;
		}
	return PAM_NO_MODULE_DATA;
}

int pam_set_data(
	pam_handle_t *h, const char *name, void *data, void (*cleanup)(pam_handle_t *, void *, int))
{
	for (size_t i = 0; i < sizeof h->kept / sizeof h->kept[0]; i++) {
		if (h->kept[i].name != NULL && strcmp(h->kept[i].name, name) != 0)
			continue;
		if (h->kept[i].cleanup != NULL)
			h->kept[i].cleanup(h, h->kept[i].data, PAM_DATA_REPLACE);
		h->kept[i].name = name;
		h->kept[i].data = data;
		h->kept[i].cleanup = cleanup;
		return PAM_SUCCESS;
	}
	return PAM_BUF_ERR;
}

static void forget(pam_handle_t *h)
{
	for (size_t i = 0; i < sizeof h->kept / sizeof h->kept[0]; i++)
		if (h->kept[i].cleanup != NULL)
			h->kept[i].cleanup(h, h->kept[i].data, PAM_SUCCESS);
}

/* The first byte of the answer may say that the person, or sshd, has gone. */
static int converse(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	const pam_handle_t *h = data;
	bool armed = faults.armed;

	must(n == 1 && messages[0]->msg != NULL);
	if (h->answer[0] == '\1')
		return PAM_CONV_ERR;
	faults.armed = false;
	*answers = calloc(1, sizeof **answers);
	must(*answers != NULL);
	if (h->answer[0] != '\2')
		(*answers)->resp = strdup(h->answer);
	faults.armed = armed;
	return PAM_SUCCESS;
}

/* --- logins --------------------------------------------------------------------------------------
 */

struct plan {
	uint16_t at[FAULTS];
	uint8_t error[FAULTS];
	uint8_t phases[3]; /* which one is called, one after the other */
	uint8_t result, damage, clock, flags;
};

_Static_assert(sizeof(struct plan) == 16, "a plan has no padding");

static char world[6][160]; /* the options that say where things are */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const options[][2] = { { "db", "policy.cdb" }, { "switch", "none" },
		{ "people", "none" }, { "local_users", "local-users" }, { "sessions", "none" },
		{ "socket", "auth.sock" } };
	static const char locals[] = "local\n";
	const char *path = POLICY;
	struct diags *diags;
	struct policy *p;

	(void)argc;
	(void)argv;
	if (!fuzz_trusted())
		return 1;
	diags = diags_new();
	p = policy_load(&path, 1, diags);
	diags_print(diags, stderr);
	must(p != NULL && rows_emit(p, policy_find(p, NAME_SERVER, slice_str("web1.acme.example")),
				  fuzz_path("policy.cdb")));
	fuzz_file("local-users", (const uint8_t *)locals, sizeof locals - 1);
	for (size_t i = 0; i < sizeof world / sizeof world[0]; i++)
		snprintf(world[i], sizeof world[i], "%s=%s", options[i][0],
			fuzz_path(options[i][1]));
	policy_free(p);
	diags_free(diags);
	return 0;
}

static const struct person *person_of(const char *user)
{
	const char *border = strrchr(user, '_'), *name = border != NULL ? border + 1 : user;

	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		if (strcmp(people[i].name, name) == 0)
			return &people[i];
	return NULL;
}

/* The words of a line, cut in place, behind those of the world. */
static int split_options(char *line, const char *argv[static OPTIONS])
{
	int n = 0;

	for (size_t i = 0; i < sizeof world / sizeof world[0]; i++)
		argv[n++] = world[i];
	for (char *word = strsep(&line, " "); word != NULL && n < OPTIONS;
		word = strsep(&line, " "))
		argv[n++] = word;
	return n;
}

static bool has_option(const char *const *argv, int argc, const char *option)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], option) == 0)
			return true;
	return false;
}

static void judge(
	const pam_handle_t *h, unsigned phase, int code, const char *const *argv, int argc)
{
	const struct person *who = person_of(h->user);
	bool local = strcmp(h->user, "root") == 0 || strcmp(h->user, "local") == 0;

	switch (code) {
	case PAM_AUTH_ERR:
	case PAM_PERM_DENIED:
	case PAM_SESSION_ERR:
	case PAM_SYSTEM_ERR:
	case PAM_CONV_ERR:
	case PAM_BUF_ERR:
	case PAM_SERVICE_ERR: return;
	case PAM_IGNORE:
		must((local && has_option(argv, argc, "unmanaged=ignore")) ||
			(phase == 0 && has_option(argv, argc, "split")));
		return;
	default: must(code == PAM_SUCCESS);
	}
	/* Who may come there is another question; the script self_door has its answers. */
	if (has_option(argv, argc, "self=adperm"))
		return;
	must(who != NULL);
	must(who->plain || faults.yes > 0);
}

static void log_in(pam_handle_t *h, const struct plan *plan)
{
	static int (*const calls[])(pam_handle_t *, int, int,
		const char **) = { pam_sm_authenticate, pam_sm_acct_mgmt, pam_sm_open_session };
	const char *argv[OPTIONS];
	int argc = split_options(h->options, argv);

	for (size_t i = 0; i < sizeof plan->phases; i++) {
		unsigned phase = plan->phases[i] % 4;
		int code, fd = dup(STDERR_FILENO), after;

		close(fd);
		if (phase == 3)
			continue;
		faults.armed = true;
		code = calls[phase](h, (plan->flags & 1) != 0 ? PAM_SILENT : 0, argc, argv);
		faults.armed = false;
		judge(h, phase, code, argv, argc);
		after = dup(STDERR_FILENO);
		close(after);
		must(after == fd);
		if (code != PAM_SUCCESS && code != PAM_IGNORE)
			break;
	}
	must(pam_sm_setcred(h, 0, argc, argv) == PAM_SUCCESS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest;
	struct plan plan;
	pam_handle_t h = { .conv = { converse, NULL } };

	if (size < sizeof plan)
		return 0;
	memcpy(&plan, data, sizeof plan);
	rest = slice_of(data + sizeof plan, size - sizeof plan);
	faults = (struct faults){ .result = plan.result % (PROTO_STORE_ROLLBACK + 2),
		.damage = plan.damage,
		.now = (plan.clock & 1) != 0 ? (int64_t)plan.clock * 10000000 : NOW };
	for (size_t i = 0; i < FAULTS; i++) {
		faults.at[i] = plan.at[i] % 256;
		faults.error[i] = plan.error[i];
	}
	h.conv.appdata_ptr = &h;
	fuzz_text(fuzz_line(&rest), h.user, sizeof h.user);
	fuzz_text(fuzz_line(&rest), h.rhost, sizeof h.rhost);
	fuzz_text(fuzz_line(&rest), h.options, sizeof h.options);
	fuzz_text(fuzz_line(&rest), h.answer, sizeof h.answer);
	fuzz_text(rest, h.authinfo, sizeof h.authinfo);
	log_in(&h, &plan);
	forget(&h);
	return 0;
}
