/* What a grant of the directory gives on one server, and on which conditions. */
#ifndef ADPERM_SOURCES_LDAP_RIGHTS_H
#define ADPERM_SOURCES_LDAP_RIGHTS_H

#include "model/catalogue.h"
#include "sources/ldap/collect.h"

/* One place of a grant. */
struct right {
	LDAPMessage *grant;
	char account[ADPERM_NAME_SIZE]; /* "" without */
	uint64_t perms;                 /* PERM_BIT()s */
};

/* Adds what a grant gives on the collection's server to the rows of `rights`. False: trouble. */
bool rights_add(const struct collection *k, LDAPMessage *grant, struct buf *rights);

static inline size_t rights_count(const struct buf *rights)
{
	return rights->len / sizeof(struct right);
}

static inline const struct right *rights_at(const struct buf *rights, size_t i)
{
	return (const struct right *)(const void *)rights->at + i;
}

/* Gives the record what the row says, with the conditions of its grant. False: trouble. */
bool right_give(
	const struct collection *k, const struct right *right, struct adperm_record *record);

/* The networks of a profile or grant: a list that has to be there, or "any". */
struct from {
	struct values values;
	struct buf at; /* of const char * */
};

bool from_take(struct connection *c, LDAPMessage *entry, struct from *from,
	struct adperm_source_list *list);
void from_done(struct from *from);

#endif
