/* The lines of adperm.conf for the tool, as tables; see settings.h. */
#include "cli/settings.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"

#include <errno.h>

const char *const alert_names[ALERTS] = {
#define ALERT(symbol, name, says) [ALERT_##symbol] = (name),
	ALERTS_ALL(ALERT)
#undef ALERT
};

struct reading {
	const char *path;
	unsigned line;
	struct settings *to;
	bool seen_mail, seen_alerts;
};

static bool wrong(const struct reading *r, const char *what, struct slice word)
{
	char quoted[128];
	struct text t = text_over(quoted, sizeof quoted);

	text_add_escaped(&t, word, sizeof quoted - 1);
	complain("%s:%u: error: %s: \"%s\"", r->path, r->line, what, quoted);
	return false;
}

static bool take_from(struct reading *r, struct slice value)
{
	if (!name_is_email(value) || r->to->from[0] != '\0')
		return wrong(r, "from= is one e-mail address", value);
	memcpy(r->to->from, value.at, value.len);
	return true;
}

static bool take_language(struct reading *r, struct slice value)
{
	if (!name_is_label(value) || r->to->language[0] != '\0')
		return wrong(r, "language= is one directory of templates, like \"en\"", value);
	memcpy(r->to->language, value.at, value.len);
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct reading *r, struct slice value);
} mail_settings[] = {
	{ "from", take_from },
	{ "language", take_language },
};

/* "from=adperm@acme.example" */
static bool take_mail(struct reading *r, struct slice word)
{
	struct slice value = word;
	struct slice name = conf_piece(&value, '=');

	for (size_t i = 0; i < sizeof mail_settings / sizeof mail_settings[0]; i++)
		if (slice_equal(name, slice_str(mail_settings[i].name)))
			return mail_settings[i].take(r, value);
	return wrong(r, "expected \"from=ADDRESS\" or \"language=NAME\"", word);
}

static bool take_alert(struct reading *r, struct slice word)
{
	for (size_t i = 0; i < ALERTS; i++)
		if (slice_equal(word, slice_str(alert_names[i]))) {
			r->to->alerts[i] = true;
			return true;
		}
	return slice_equal(word, slice_str("none")) ||
	       wrong(r, "expected expiring, locked, break-glass, policy or none", word);
}

static bool take_line(struct reading *r, struct slice line)
{
	struct slice rest = line, word = conf_piece(&rest, ' ');
	bool is_mail = slice_equal(word, slice_str("mail"));
	bool *seen = is_mail ? &r->seen_mail : &r->seen_alerts;
	bool good = true, any = false;

	if (word.len == 0 || conf_whose(word) == CONF_ADPERMD)
		return true;
	if (conf_whose(word) != CONF_TOOL)
		return wrong(r, "a line begins with client, mail or alerts", word);
	if (*seen)
		return wrong(r, "there is such a line already", word);
	*seen = true;
	if (!is_mail)
		memset(r->to->alerts, 0, sizeof r->to->alerts);
	while (rest.len > 0) {
		struct slice next = conf_piece(&rest, ' ');

		if (next.len > 0) {
			any = true;
			good = (is_mail ? take_mail(r, next) : take_alert(r, next)) && good;
		}
	}
	return any ? good : wrong(r, "nothing follows", word);
}

bool settings_read(const char *command, const char *path, struct settings *out)
{
	char text[CONF_MAX];
	struct reading r = { .path = path, .to = out };
	struct slice rest;
	size_t len = 0;
	int ret = file_read(path, TRUST_ROOT, text, sizeof text, &len);
	bool good = ret == 0 || ret == -ENOENT;

	*out = (struct settings){ .from = "" };
	for (size_t i = 0; i < ALERTS; i++)
		out->alerts[i] = true;
	if (ret == -EPERM)
		complain("%s: %s: it, and every directory above it, must be root's and writable by "
			 "nobody else",
			command, path);
	else if (!good)
		complain("%s: %s: %s", command, path, strerror(-ret));
	for (rest = slice_of(text, ret == 0 ? len : 0); rest.len > 0;) {
		r.line++;
		good = take_line(&r, conf_line(&rest)) && good;
	}
	return good;
}

bool settings_mail(const char *command, const struct mail_paths *paths, struct settings *settings,
	struct mail_system *system)
{
	bool good = settings_read(command, paths->config, settings);

	*system = (struct mail_system){
		.sendmail = paths->sendmail,
		.spool = paths->spool,
		.from = settings->from[0] != '\0' ? settings->from : NULL,
	};
	if (paths->language == NULL && settings->language[0] == '\0')
		memcpy(settings->language, MAIL_LANGUAGE, sizeof MAIL_LANGUAGE);
	return good;
}
