/*
 * Telling the people to tell, one message each, from a template that has {subject}, {text}, {why}
 * and {place}.
 */
#ifndef ADPERM_CLI_TELL_H
#define ADPERM_CLI_TELL_H

#include "cli/contacts.h"
#include "cli/settings.h"

/* telling_begin() fills in what stands below. */
struct telling {
	const char *command; /* for complaints */
	const struct mail_paths *paths;
	const char *template;
	const char *text;
	bool dry_run; /* say who would be told and what, and send nothing */
	bool json;    /* what became of it, as an array on stdout; else, as lines */

	const char *subject;
	struct settings settings;
	struct mail_system system;
	struct words words; /* of the language of the template */
};

/* Reads the settings and words. False: the complaint is printed. */
bool telling_begin(struct telling *t, const char *subject);

/*
 * Tells those that were found. EXIT_OK, EXIT_NO if some message waits or was refused, EXIT_ERROR if
 * there is none; the complaints are printed.
 */
int tell(const struct telling *t, const struct contacts *c);

#endif
