/*
 * Everything that one question needs, out of several searches, as it was at one moment. A directory
 * answers each search from the state of that instant, so between two of them a grant could be taken
 * away and another given, and what is collected be neither the old nor the new policy: it is
 * collected until two collections in a row are the same.
 */
#ifndef ADPERM_SOURCES_LDAP_COLLECT_H
#define ADPERM_SOURCES_LDAP_COLLECT_H

#include "sources/ldap/entry.h"

#include "adperm.h"

struct collection {
	struct connection *c;
	const char *server;
	const char *profile; /* whose entry and groups are collected too, or NULL */
	bool places_only;    /* only whether there is such a server */

	struct found places, rights, groups;                     /* the three searches */
	LDAPMessage *server_entry, *profile_entry, *owner_entry; /* NULL: there is none */
	char owner[ADPERM_EMAIL_SIZE];
	struct buf grants; /* of LDAPMessage *: the owner's, in their order */
};

/*
 * Collects. ADPERM_SOURCE_SUCCESS: all is there, though server or profile may be NULL, and without
 * a server there is nothing else.
 */
enum adperm_source_status collect(struct collection *k);
void collection_done(struct collection *k);

static inline size_t collection_grants(const struct collection *k)
{
	return k->grants.len / sizeof(LDAPMessage *);
}

static inline LDAPMessage *collection_grant(const struct collection *k, size_t i)
{
	return ((LDAPMessage *const *)(const void *)k->grants.at)[i];
}

/* Is the profile among those that the grant is given to? */
bool collection_reaches(const struct collection *k, LDAPMessage *grant);

/* "(class=NAME)(attribute=VALUE)" with an & around it, the value escaped (RFC 4515). */
void filter_add(struct buf *filter, const char *class, const char *attribute, struct slice value);
/* Brackets and the NUL at the end of a filter that was begun with "(|"; false: out of memory. */
bool filter_end(struct buf *filter);

#endif
