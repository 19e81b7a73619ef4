/* The decision in the system log; see log.h. */
#include "log.h"

#include "logline.h"

#include <syslog.h>

static const char *const phases[] = { "auth", "account", "session" };
static const char *const verdicts[] = { "none", "deny", "allow", "allow_2fa" };

static int level_of(int code)
{
	switch (code) {
	case PAM_SUCCESS:
	case PAM_IGNORE: return LOG_INFO;
	case PAM_SYSTEM_ERR:
	case PAM_BUF_ERR:
	case PAM_SERVICE_ERR: return LOG_ERR;
	default: return LOG_NOTICE;
	}
}

static const char *decision_of(int code)
{
	switch (code) {
	case PAM_SUCCESS: return "allow";
	case PAM_IGNORE: return "ignore";
	default: return "deny";
	}
}

static void add_word(struct text *line, const char *name, const char *word)
{
	text_add(line, name);
	text_add(line, word);
}

void log_decision(const struct call *c, enum adperm_reason reason, int code)
{
	char room[LOGLINE_MAX];
	const char *server = c->policy != NULL ? adperm_server(c->policy) : c->options.server;
	struct text line = logline_begin(room, level_of(code), "adperm");

	add_word(&line,
		c->options.rehearsal ? " v=1 rehearsal phase=" : " v=1 phase=", phases[c->phase]);
	add_word(&line, " dec=", decision_of(code));
	add_word(&line, " reason=", adperm_reason_word(reason));
	logline_field(&line, "svc", c->service);
	logline_field(&line, "user", c->user);
	logline_field(&line, "profile", c->profile);
	logline_field(&line, "perm", c->permission);
	logline_field(&line, "account", c->account);
	logline_field(&line, "server", server);
	logline_field(&line, "rhost", c->rhost);
	logline_key(&line, c->keys > 0 ? c->key_digest : NULL);
	logline_field(&line, "src", c->answer.source);
	text_add(&line, " gen=");
	text_add_u64(&line, c->policy != NULL ? adperm_generation(c->policy) : 0);
	text_add(&line, " rid=");
	text_add_hex(&line, slice_of(c->rid, sizeof c->rid));
	if (c->hint != NULL)
		logline_field(&line, "hint", c->hint);
	if (level_of(code) == LOG_ERR)
		logline_trouble(&line, c->policy);
	logline_send(&line);
}

void log_debug(const struct call *c)
{
	char room[LOGLINE_MAX];
	struct text line = logline_begin(room, LOG_DEBUG, "adperm");

	add_word(&line, " v=1 debug phase=", phases[c->phase]);
	add_word(&line, " option_permission=", c->options.full);
	add_word(&line, " verdict=", verdicts[c->answer.verdict]);
	text_add(&line, " keys=");
	text_add_u64(&line, c->keys);
	add_word(&line, " kbdint=", c->kbdint ? "yes" : "no");
	add_word(&line, " account_2fa=", c->account_2fa ? "yes" : "no");
	text_add(&line, " rid=");
	text_add_hex(&line, slice_of(c->rid, sizeof c->rid));
	logline_send(&line);
}
