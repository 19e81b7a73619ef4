/*
 * The text of a mail, in a file that is root's alone: a line `Subject: TEXT`, an empty line, and
 * the text of the message. {NAME} stands for a value, {{ and }} for a brace. Whatever else is said
 * is a located error, and nothing is sent.
 */
#ifndef ADPERM_CLI_MAIL_TEMPLATE_H
#define ADPERM_CLI_MAIL_TEMPLATE_H

#include "base/buf.h"
#include "cli/words.h"

#define MAIL_TEMPLATES "/etc/adperm/templates" /* below it a directory a language */
#define MAIL_LANGUAGE  "en"

struct mail_value {
	const char *name; /* NULL behind the last */
	const char *text;
};

/* Both end in NUL. */
struct mail_text {
	struct buf subject, body;
};

/*
 * Fills in the template `name` of a language; directory and language may be NULL, for those above.
 * False: the complaint is printed, as by `command`. mail_text_done() in any case.
 */
bool mail_fill(const char *command, const char *directory, const char *language, const char *name,
	const struct mail_value *values, struct mail_text *out);
/* Reads the words of a language, which may have none. False: the complaint is printed. */
bool mail_words(
	const char *command, const char *directory, const char *language, struct words *out);
/* Wipes and frees them. */
void mail_text_done(struct mail_text *text);

#endif
