/*
 * One connection to the directory, kept from look-up to look-up, and searches on it that are
 * complete or fail. Everything keeps one deadline: what a server does or does not send cannot make
 * it longer.
 */
#ifndef ADPERM_SOURCES_LDAP_CONNECTION_H
#define ADPERM_SOURCES_LDAP_CONNECTION_H

#include "base/buf.h"
#include "base/hash.h"
#include "sources/ldap/config.h"

#include <ldap.h>
#include <sys/types.h>

#define CONNECTION_TROUBLE_SIZE 256

struct connection {
	const struct config *config;
	LDAP *ld; /* NULL: not connected */
	int fd;
	pid_t pid;        /* who has connected: a forked child makes a connection of its own */
	bool used;        /* it has answered before */
	int64_t deadline; /* of the look-up under way; nanoseconds of CLOCK_MONOTONIC */
	char words[CONNECTION_TROUBLE_SIZE];
	struct text trouble; /* why the look-up under way fails; over `words` */
};

/* What a search found: entries to be freed by found_done(). Zero it before the first use. */
struct found {
	struct buf entries; /* of LDAPMessage * */
};

static inline size_t found_count(const struct found *f)
{
	return f->entries.len / sizeof(LDAPMessage *);
}

static inline LDAPMessage *found_at(const struct found *f, size_t i)
{
	return ((LDAPMessage *const *)(const void *)f->entries.at)[i];
}

void found_done(struct found *f);

/* Begins a look-up: from now on there is so much time. */
void connection_begin(struct connection *c);

/*
 * Searches the whole tree below the base. True only if everything that the filter matches has come,
 * with all that was asked for: a limit reached, a referral or a lost connection is a failure. What
 * came goes into the digest too.
 */
bool connection_search(
	struct connection *c, const char *filter, struct found *found, struct sha256 *digest);

void connection_close(struct connection *c);

#endif
