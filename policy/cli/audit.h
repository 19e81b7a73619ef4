/*
 * The log of decisions, read back: lines of syslog or the journal in which pam_adperm.so,
 * adperm-keys or adperm-people says what it decided (adperm-audit(7)).
 */
#ifndef ADPERM_CLI_AUDIT_H
#define ADPERM_CLI_AUDIT_H

#include "base/slice.h"

#include <stdio.h>
#include <sys/types.h>

enum audit_field {
#define FIELD(symbol, name, says) AUDIT_##symbol,
#include "cli/audit_fields.def"
#undef FIELD
	AUDIT_FIELDS,
};

extern const char *const audit_names[AUDIT_FIELDS];

#define AUDIT_VALUE 320

struct audit_line {
	char time[40];                         /* as the log has it */
	char value[AUDIT_FIELDS][AUDIT_VALUE]; /* unescaped, but for control characters; "": none */
};

/* Takes a line of a log apart; false: it is none of ours. */
bool audit_parse(struct slice text, struct audit_line *line);

struct audit_log {
	FILE *file;
	pid_t child; /* journalctl, or 0 */
	char *text;
	size_t room;
	int error; /* why the reading ended, an errno; 0: there was no more */
};

/*
 * Opens `path` ("-": standard input), or if that is NULL the journal where there is one, else the
 * file that authpriv messages usually go to. False: none can be read, errno tells, *path names it.
 */
bool audit_open(struct audit_log *log, const char **path);
/* The same for what other programs say: in a journal, those with these identifiers. */
bool audit_open_of(struct audit_log *log, const char **path, const char *const *programs);
/* The next line of one of these programs: when, and what it said. False: there is none. */
bool audit_next_of(struct audit_log *log, const char *const *programs, struct slice *time,
	const char **program, struct slice *words);
/* The next line of ours; false: there is none. */
bool audit_next(struct audit_log *log, struct audit_line *line);
/* 0, or a negative errno if what was read may not be all there is. */
int audit_close(struct audit_log *log);

#endif
