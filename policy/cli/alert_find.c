/* What has happened that people are told of; see alert.h. */
#include "cli/alert.h"

#include "base/text.h"
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/run_program.h"
#include "cli/totp.h"
#include "lang/rows.h"
#include "model/when.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define SOON      (7 * WHEN_DAY)
#define LINE_SIZE 600

/* Takes over the text. What tells one event from others of its kind is the key. */
static void add(struct finding *f, enum alert kind, const char *key, char *text)
{
	struct event event = { .kind = kind, .text = text };
	struct event *row = text != NULL ? ROWS_ADD(&f->rows) : NULL;

	if (row == NULL) {
		f->no_memory = true;
		free(text);
		return;
	}
	sha256_of(slice_str(key), event.digest);
	event.told = told_already(f->told, kind, event.digest);
	*row = event;
}

/* --- a grant ends soon */

static void show_people(FILE *out, const struct policy *p, struct span to)
{
	for (uint32_t i = 0; i < to.n; i++) {
		uint32_t id = p->ids.at[to.first + i];

		fputs(i > 0 ? ", " : "", out);
		if ((id & TO_GROUP) != 0)
			fprintf(out, "group:%s", policy_text(p, p->groups.at[id & ~TO_GROUP].name));
		else
			fputs(email_text(p, id), out);
	}
}

/* Allocated, or NULL: out of memory. */
static char *tell_grant(
	const struct finding *f, uint32_t number, const struct words *words, bool with_line)
{
	const struct policy_grant *g = &f->p->grants.at[number];
	struct terms terms = terms_of(f->p, number, g->owner);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	words_show(out, words, WORD_GRANTS, owner_text(f->p, g->owner));
	fputc(' ', out);
	show_people(out, f->p, g->to);
	terms_show_in(out, f->p, &terms, words);
	if (with_line) {
		fputs(" (", out);
		show_mark(out, f->p, g->mark);
		fputc(')', out);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Its line may move when the policy is edited, or its language change, and it is the same grant. */
static void add_expiring(struct finding *f, uint32_t number)
{
	char *key = tell_grant(f, number, NULL, false);

	if (key == NULL)
		f->no_memory = true;
	else
		add(f, ALERT_EXPIRING, key, tell_grant(f, number, f->words, true));
	free(key);
}

static void find_expiring(struct finding *f)
{
	for (uint32_t i = 0; i < f->p->grants.n; i++) {
		int64_t until = grant_terms(f->p, &f->p->grants.at[i])->until;

		if (until > f->now && until - f->now <= SOON)
			add_expiring(f, i);
	}
}

/* --- somebody is locked out */

static char *tell_locked(const struct finding *f, const struct proto_entry *e)
{
	char *text = NULL, minutes[16];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	snprintf(minutes, sizeof minutes, "%u", (unsigned)(e->retry_after + 59) / 60);
	fprintf(out, "%s: ", e->profile);
	words_show(out, f->words, WORD_LOCKED, minutes);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void find_locked(struct finding *f)
{
	struct totp_entries all;
	struct totp_question q;

	if (!totp_entries_read(&all, &q, f->socket)) {
		totp_failed(&q);
		f->unseen[ALERT_LOCKED] = true;
		return;
	}
	for (uint32_t i = 0; i < all.n; i++)
		if (all.at[i].retry_after != 0)
			add(f, ALERT_LOCKED, all.at[i].profile, tell_locked(f, &all.at[i]));
	totp_entries_done(&all);
}

/* --- the break-glass user was in */

static const char *const doors[] = { "sshd", "sshd-session", "login", "su", NULL };

/*
 * Who may have been let in. sshd says "Accepted METHOD for USER from ...", the others, through
 * pam_unix, "session opened for user USER(uid=...)"; sshd says that, too, but not from where.
 */
static bool is_breakglass(struct slice words, bool by_sshd)
{
	static const char accepted[] = " for " BREAKGLASS " from ",
			  opened[] = ":session): session opened for user " BREAKGLASS "(",
			  accept[] = "Accepted ", unix[] = "pam_unix(";
	const char *begin = by_sshd ? accept : unix, *then = by_sshd ? accepted : opened;
	const uint8_t *at;
	size_t len = strlen(begin);

	if (words.len < len || memcmp(words.at, begin, len) != 0)
		return false;
	words = slice_of(words.at + len, words.len - len);
	at = memchr(words.at, by_sshd ? ' ' : ':', words.len);
	len = strlen(then);
	return at != NULL && words.len - (size_t)(at - words.at) >= len &&
	       memcmp(at, then, len) == 0;
}

static void cannot_read(struct finding *f, const char *path, int error)
{
	complain("alert: %s cannot be read, so not all break-glass logins are told: %s; name "
		 "a log with --log",
		path, strerror(error));
	f->unseen[ALERT_BREAKGLASS] = true;
}

static void find_breakglass(struct finding *f)
{
	struct audit_log log;
	const char *path = f->log, *program;
	struct slice time, words;
	int ret;

	if (!audit_open_of(&log, &path, doors)) {
		cannot_read(f, path, errno);
		return;
	}
	while (audit_next_of(&log, doors, &time, &program, &words)) {
		char line[LINE_SIZE];
		struct text t = text_over(line, sizeof line);

		if (!is_breakglass(words, strncmp(program, "sshd", 4) == 0))
			continue;
		text_add_escaped(&t, time, 64);
		text_add(&t, " ");
		text_add(&t, program);
		text_add(&t, ": ");
		text_add_escaped(&t, words, 400);
		add(f, ALERT_BREAKGLASS, line, strdup(line));
	}
	ret = audit_close(&log);
	if (ret != 0)
		cannot_read(f, path, -ret);
}

/* --- another policy */

static void find_policy(struct finding *f)
{
	char before[PATH_MAX];
	const char *const argv[] = { "/proc/self/exe", "diff", before, f->db, NULL };
	struct buf said = { .at = NULL };
	int status;

	/* The first time there is nothing to compare with. */
	if (!told_path(f->told, "policy.cdb", before, sizeof before) || access(before, F_OK) != 0)
		return;
	status = run_program(argv, RUN_QUIET, &said);
	if (status == EXIT_NO && !said.failed) {
		add(f, ALERT_POLICY, (const char *)said.at, strdup((const char *)said.at));
	} else if (status != EXIT_OK) {
		complain("alert: %s and %s cannot be compared: `adperm diff` says why", before,
			f->db);
		f->unseen[ALERT_POLICY] = true;
	}
	buf_done(&said);
}

void find_events(struct finding *f, enum alert kind)
{
	static void (*const find[ALERTS])(struct finding *) = {
		[ALERT_EXPIRING] = find_expiring,
		[ALERT_LOCKED] = find_locked,
		[ALERT_BREAKGLASS] = find_breakglass,
		[ALERT_POLICY] = find_policy,
	};

	find[kind](f);
}

void finding_done(struct finding *f)
{
	for (uint32_t i = 0; i < f->rows.n; i++)
		free(f->rows.at[i].text);
	free(f->rows.at);
}
