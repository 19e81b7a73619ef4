/*
 * What adperm.conf says to the tool: how mail leaves this machine, and what to tell people of
 * without being asked.
 */
#ifndef ADPERM_CLI_SETTINGS_H
#define ADPERM_CLI_SETTINGS_H

#include "base/conf.h"
#include "cli/mail.h"
#include "cli/mail_template.h"
#include "model/names.h"

/* What people are told of by `adperm alert`: ALERT(SYMBOL, "name", "what happened"). */
#define ALERTS_ALL(ALERT)                                                                          \
	ALERT(EXPIRING, "expiring", "a grant ends within seven days")                              \
	ALERT(LOCKED, "locked", "somebody is locked out after wrong codes")                        \
	ALERT(BREAKGLASS, "break-glass", "the break-glass user has logged in")                     \
	ALERT(POLICY, "policy", "another policy was installed")

enum alert {
#define ALERT(symbol, name, says) ALERT_##symbol,
	ALERTS_ALL(ALERT)
#undef ALERT
		ALERTS,
};

extern const char *const alert_names[ALERTS];

struct settings {
	char from[EMAIL_MAX + 1];    /* "": the default */
	char language[UNIX_MAX + 1]; /* of the templates */
	bool alerts[ALERTS];         /* all, unless the file has a line `alerts` */
};

/*
 * Reads the file; an absent one says nothing. It must be root's alone, and its lines for the tool
 * must be right. False: all complaints are printed, with their lines.
 */
bool settings_read(const char *command, const char *path, struct settings *out);

/* Where the parts of mail are, of the options of a command. */
struct mail_paths {
	const char *config, *templates, *language, *sendmail, *spool;
};

/* Their rows, for a `struct arguments` that has it as `paths`. */
#define OPTIONS_MAIL(arguments)                                                                    \
	OPTION_VALUE(arguments, paths.language, "language", 0, "NAME",                             \
		"of the template, not that of adperm.conf"),                                       \
		OPTION_USUAL(arguments, paths.config, "config", 0, "FILE", "other settings",       \
			CONF_PATH),                                                                \
		OPTION_USUAL(arguments, paths.templates, "templates", 0, "DIR", "other templates", \
			MAIL_TEMPLATES),                                                           \
		OPTION_USUAL(arguments, paths.sendmail, "sendmail", 0, "PATH",                     \
			"another sendmail(8)", MAIL_SENDMAIL),                                     \
		OPTION_USUAL(                                                                      \
			arguments, paths.spool, "spool", 0, "DIR", "where mail waits", MAIL_SPOOL)

/*
 * Reads the settings and fills in how mail leaves, as the options want it; `settings` must outlive
 * `system`. False: the complaint is printed.
 */
bool settings_mail(const char *command, const struct mail_paths *paths, struct settings *settings,
	struct mail_system *system);

#endif
