/*
 * Values out of an entry of the directory. Whoever takes one has to be told if it is not there: a
 * failed take leaves the reason, with the entry and the attribute, as the look-up's trouble.
 */
#ifndef ADPERM_SOURCES_LDAP_ENTRY_H
#define ADPERM_SOURCES_LDAP_ENTRY_H

#include "adperm.h"
#include "sources/ldap/connection.h"

/* The values of one attribute, for entry_values_done(); n is 0 if the entry has none. */
struct values {
	struct berval **at;
	size_t n;
};

struct values entry_values(struct connection *c, LDAPMessage *entry, const char *attribute);
void entry_values_done(struct values *v);

static inline struct slice value_at(const struct values *v, size_t i)
{
	return slice_of(v->at[i]->bv_val, v->at[i]->bv_len);
}

/* One of the values is this text. */
bool entry_has(struct connection *c, LDAPMessage *entry, const char *attribute, struct slice text);

/* One of the values is this e-mail address, which is in lower case; those in entries may not be. */
bool value_is_email(struct slice value, const char *email);
bool entry_has_email(
	struct connection *c, LDAPMessage *entry, const char *attribute, const char *email);
/* The one value of an attribute that is an e-mail address, in lower case. */
bool entry_email(struct connection *c, LDAPMessage *entry, const char *attribute,
	char out[static ADPERM_EMAIL_SIZE]);

/*
 * The one value of an attribute, as a text that fits; if it may be absent, `out` is then "". False:
 * absent, several, too long, or with a NUL inside.
 */
bool entry_text(struct connection *c, LDAPMessage *entry, const char *attribute, bool needed,
	char *out, size_t room);
/* TRUE or FALSE, and nothing else. */
bool entry_bool(struct connection *c, LDAPMessage *entry, const char *attribute, bool *out);

/* Where it is written: what the attribute says, else the name of the entry. */
#define ENTRY_FILE_SIZE 256
bool entry_place(struct connection *c, LDAPMessage *entry, const char *attribute,
	char file[static ENTRY_FILE_SIZE], uint32_t *line);

/* Says what is wrong with an attribute of an entry. Returns false. */
bool entry_wrong(struct connection *c, LDAPMessage *entry, const char *attribute, const char *what);

#endif
