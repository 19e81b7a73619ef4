/*
 * adperm alert, in its parts: what has happened that people are told of (alert_find.c), what they
 * were told already (alert_told.c), and telling them (cmd_alert.c).
 */
#ifndef ADPERM_CLI_ALERT_H
#define ADPERM_CLI_ALERT_H

#include "base/hash.h"
#include "cli/private_dir.h"
#include "cli/settings.h"
#include "cli/words.h"
#include "lang/policy.h"

#define ALERT_STATE "/var/lib/adperm/alerts"

/* Something that happened. The same in the next run, if it has not passed by then, by its digest.
 */
struct event {
	enum alert kind;
	uint8_t digest[SHA256_SIZE];
	bool told;  /* in an earlier run, or in this one */
	char *text; /* one line or more, for people; allocated */
};

/*
 * What people were told: a directory with
 *
 *	told        lines "KIND DIGEST"
 *	policy.cdb  the database that was installed when they were last told of it, by another link
 */
struct told {
	struct private_dir dir;
	ROWS(struct event) rows; /* without text */
};

/* Where to look, and what was found; zero it first. */
struct finding {
	const struct policy *p; /* the installed one, */
	const char *db;         /* and where it is */
	const char *log, *socket;
	const struct words *words; /* in which it is told */
	int64_t now;
	struct told *told;
	bool unseen[ALERTS]; /* nobody looked, or not all could be seen, which was complained of */
	bool no_memory;
	ROWS(struct event) rows;
};

/* Looks for what is of a kind. */
void find_events(struct finding *f, enum alert kind);
void finding_done(struct finding *f);

/* False: the complaint is printed. told_done() in any case. */
bool told_read(struct told *told, const char *directory);
bool told_already(const struct told *told, enum alert kind, const uint8_t digest[SHA256_SIZE]);
/* The path of a file of the directory. False: too long. */
bool told_path(const struct told *told, const char *name, char *out, size_t room);
/*
 * Notes what was told, and forgets what has passed, except where it could not be seen. False: the
 * complaint is printed.
 */
bool told_write(struct told *told, const struct finding *f);
void told_done(struct told *told);

#endif
