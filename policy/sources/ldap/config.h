/*
 * source_ldap.conf: where the directory is, and who we are to it. A line a word and its value; `#`
 * begins a comment line.
 *
 *	server       192.0.2.10 ldap.acme.example
 *	tls          starttls
 *	ca           /etc/ssl/certs/ca-certificates.crt
 *	base         ou=adperm,dc=acme,dc=example
 *	bind_dn      cn=web1,ou=hosts,dc=acme,dc=example
 *	bind_secret  /etc/adperm/source_ldap.secret
 *
 * A server has a numeric address, because a login must not wait for name servers or believe them,
 * and the name that its certificate has to show.
 */
#ifndef ADPERM_SOURCES_LDAP_CONFIG_H
#define ADPERM_SOURCES_LDAP_CONFIG_H

#include "adperm_source.h"
#include "base/text.h"

#include <limits.h>
#include <sys/socket.h>

#define CONFIG_SERVERS 4
#define CONFIG_DN_SIZE 512

enum config_tls {
	TLS_START = 0, /* StartTLS on the plain port */
	TLS_LDAPS,
	TLS_NONE, /* to the loopback alone */
};

struct config_server {
	struct sockaddr_storage address;
	socklen_t len;
	char url[320]; /* with the name, for the certificate */
};

struct config {
	struct config_server server[CONFIG_SERVERS];
	unsigned servers;
	enum config_tls tls;
	char ca[PATH_MAX];
	char base[CONFIG_DN_SIZE], bind_dn[CONFIG_DN_SIZE]; /* bind_dn "": anonymous */
	char secret[256];
	size_t secret_len;
};

/*
 * Reads it; false with *wrong filled ("source_ldap.conf:3: ..."). The file must be root's alone to
 * write, and the secret's also not for everybody to read. config_done() wipes it in every case.
 */
bool config_read(struct config *c, const char *path, struct text *wrong);
void config_done(struct config *c);

#endif
