/*
 * A policy in two wordings behind one path below /run, and the shared library that is asked about
 * it. In "yes" plain@x.example may use server.ssh_users, in "no" not; yes.yaml and no.yaml are what
 * the answers cite.
 */
#ifndef ADPERM_TESTS_LIBRARY_WORLD_H
#define ADPERM_TESTS_LIBRARY_WORLD_H

#include "../unit/sanitized.h"
#include "../unit/tap.h"

#include "adperm.h"
#include "lang/emit.h"
#include "lang/load.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1795000000) /* 2026-11-18 */

enum wording { NO, YES, WORDINGS };

struct world {
	char dir[64], db[96], next[96], people[96], switch_conf[96];
	struct policy *policy[WORDINGS];
	struct diags *diags[WORDINGS];
};

static inline void world_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		abort();
}

/* The policy; `grants` are the lines of its owner's. */
static inline struct policy *world_load(struct world *w, enum wording wording, const char *grants)
{
	static const char *const names[] = { [NO] = "no.yaml", [YES] = "yes.yaml" };
	const char *path;
	char at[128], text[4096];

	snprintf(at, sizeof at, "%s/%s", w->dir, names[wording]);
	snprintf(text, sizeof text,
		"---\n"
		"adperm: 1\n"
		"profiles:\n"
		"  plain@x.example: {login: plain}\n"
		"  other@x.example: {login: other, allow_from: [192.0.2.0/24]}\n"
		"  tired@x.example: {login: tired, suspended: true}\n"
		"owners:\n"
		"  own@x.example:\n"
		"    servers:\n"
		"      web1.x.example: {accounts: [acme, shop]}\n"
		"      web2.x.example: {accounts: [blog]}\n"
		"    grants:\n"
		"      - {to: other@x.example, servers: {web2.x.example: [ssh_users]}}\n"
		"%s"
		"...\n",
		grants);
	world_write(at, text);
	path = at;
	w->diags[wording] = diags_new();
	w->policy[wording] = policy_load(&path, 1, w->diags[wording]);
	if (w->policy[wording] == NULL)
		diags_print(w->diags[wording], stdout);
	return w->policy[wording];
}

/* Writes a database beside the installed one: the slice of web1, or of another server. */
static inline void world_emit(
	const struct world *w, enum wording wording, const char *server, uint64_t generation)
{
	const struct policy *p = w->policy[wording];
	const struct emit_options options = {
		.server =
			server != NULL ? policy_find(p, NAME_SERVER, slice_str(server)) : NO_INDEX,
		.generation = generation,
		.not_after = WHEN_NEVER,
	};
	int fd = open(w->next, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0 || policy_emit(p, &options, fd) != 0 || fchmod(fd, 0640) != 0 || close(fd) != 0)
		abort();
}

/* Installs one as `adperm apply` does: under another name first, then in the place of the old. */
static inline void world_install(const struct world *w, enum wording wording, uint64_t generation)
{
	world_emit(w, wording, "web1.x.example", generation);
	if (rename(w->next, w->db) != 0)
		abort();
}

static inline enum adperm_reason world_open(const struct world *w, struct adperm **policy)
{
	const struct adperm_options options = {
		.db = w->db, .switch_conf = w->switch_conf, .people = w->people
	};

	return adperm_open(&options, policy);
}

static inline enum adperm_verdict world_ask(struct adperm *policy, struct adperm_answer *answer)
{
	const struct adperm_question q = {
		.who = ADPERM_LOGIN, .name = "plain", .permission = "ssh_users", .time = NOW
	};

	return adperm_ask(policy, &q, answer);
}

/* False, and a check is skipped, if this is not root: whose files could be believed? */
static inline bool world_begin(struct world *w)
{
	*w = (struct world){ .dir = "/run/adperm-test.XXXXXX" };
	if (geteuid() != 0 || mkdtemp(w->dir) == NULL || chmod(w->dir, 0755) != 0) {
		tap_skip("needs root", "trusted files");
		return false;
	}
	snprintf(w->db, sizeof w->db, "%s/policy.cdb", w->dir);
	snprintf(w->next, sizeof w->next, "%s/next.cdb", w->dir);
	snprintf(w->people, sizeof w->people, "%s/people", w->dir);
	snprintf(w->switch_conf, sizeof w->switch_conf, "%s/switch.conf", w->dir);
	return world_load(w, NO, "      - {to: plain@x.example, accounts: {acme: [ssh]}}\n") !=
		       NULL &&
	       world_load(w, YES,
		       "      - {to: plain@x.example, servers: {web1.x.example: [ssh_users]}}\n"
		       "      - {to: plain@x.example, accounts: {acme: [ssh]}, require_2fa: true}\n"
		       "      - {to: plain@x.example, accounts: {shop: [sites]}, expires: "
		       "2026-01-01}\n"
		       "      - {to: [other@x.example, tired@x.example],\n"
		       "         servers: {web1.x.example: [technical_contact]}}\n"
		       "      - {to: plain@x.example, accounts: {acme: [technical_contact]},\n"
		       "         allow_from: [192.0.2.0/24]}\n") != NULL;
}

static inline void world_end(struct world *w)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/rm", "rm", "-rf", w->dir, (char *)NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
	for (size_t i = 0; i < WORDINGS; i++) {
		policy_free(w->policy[i]);
		diags_free(w->diags[i]);
	}
}

#endif
