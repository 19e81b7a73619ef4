/*
 * The words that texts for people are made of where a text is not one piece: what somebody holds,
 * on what terms, why they are told. On a terminal they are English; in a mail they are of the
 * language of its template, from a file beside it: lines `NAME: TEXT`, empty ones, and comments
 * that begin with #. What it does not have is English.
 */
#ifndef ADPERM_CLI_WORDS_H
#define ADPERM_CLI_WORDS_H

#include "base/slice.h"
#include "model/catalogue.h"

#include <stdio.h>

/* WORD(SYMBOL, "its name", "the value that stands in it in braces", or "", "in English"). */
#define WORDS_ALL(WORD)                                                                            \
	WORD(OWNER, "owner", "", "owner")                                                          \
	WORD(GRANTS, "grants", "owner", "{owner} grants to")                                       \
	WORD(WITH_2FA, "with-2fa", "", "; with 2FA")                                               \
	WORD(GRACE, "grace", "time", ", grace {time}")                                             \
	WORD(UNTIL, "until", "time", "; until {time}")                                             \
	WORD(ONLY_FROM, "only-from", "addresses", "; only from {addresses}")                       \
	WORD(LOCKED, "locked", "minutes",                                                          \
		"too many wrong codes; the next is taken in {minutes} minutes")                    \
	WORD(EVERY_OVERALL, "overall.*", "", "every overall permission")                           \
	WORD(EVERY_ACCOUNT, "account.*", "", "every account permission")                           \
	WORD(EVERY_SERVER, "server.*", "", "every server permission")

enum word {
#define WORD(symbol, name, value, english) WORD_##symbol,
	WORDS_ALL(WORD)
#undef WORD
		WORDS,
};

#define WORDS_FILE "words"
#define WORDS_SIZE 16384 /* bytes of a file and a NUL */
#define WORDS_PERM 64    /* above every enum perm */

/* Those of a language, zeroed: English. Stays where it is once it was read. */
struct words {
	const char *word[WORDS], *perm[WORDS_PERM]; /* NULL: English */
	char text[WORDS_SIZE];
};

/* Takes them from the text of a file of that path. False: all complaints are printed. */
bool words_take(const char *path, struct slice text, struct words *out);

/* In all of these, `in` NULL is English. A word without a value; a permission, by its name there.
 */
const char *words_text(const struct words *in, enum word word);
const char *words_perm(const struct words *in, enum perm perm);
/* One with a value: what stands before it, and what stands behind it; or all. */
void words_before(FILE *out, const struct words *in, enum word word);
void words_behind(FILE *out, const struct words *in, enum word word);
void words_show(FILE *out, const struct words *in, enum word word, const char *value);

#endif
