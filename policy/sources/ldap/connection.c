/* The connection to the directory; see connection.h. */
#include "sources/ldap/connection.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openldap.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define SECOND      INT64_C(1000000000)
#define ENTRIES_MAX 100000
#define BYTES_MAX   (16u << 20) /* of all entries of one search */

static int64_t now(void)
{
	struct timespec t = { .tv_sec = 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* What is left, at least a microsecond: zero would mean something else to libldap. */
static struct timeval time_left(const struct connection *c)
{
	int64_t left = c->deadline - now();

	if (left < 1000)
		left = 1000;
	return (struct timeval){ .tv_sec = left / SECOND, .tv_usec = left % SECOND / 1000 };
}

static bool fail(struct connection *c, const char *what, const char *why)
{
	text_add(&c->trouble, what);
	text_add(&c->trouble, why != NULL ? ": " : "");
	text_add(&c->trouble, why != NULL ? why : "");
	return false;
}

static bool fail_ldap(struct connection *c, const char *what, int code)
{
	return fail(c, what, ldap_err2string(code));
}

void connection_begin(struct connection *c)
{
	c->deadline = now() + ADPERM_SOURCE_SECONDS * SECOND;
	c->trouble = text_over(c->words, sizeof c->words);
}

/*
 * After a fork the connection is the parent's, and a goodbye on it would end it for both: the child
 * only closes its copy of the descriptor, and leaves libldap's memory as it is.
 */
void connection_close(struct connection *c)
{
	if (c->ld != NULL && c->pid == getpid())
		ldap_unbind_ext(c->ld, NULL, NULL);
	else if (c->ld != NULL)
		close(c->fd);
	c->ld = NULL;
	c->used = false;
}

/* A connected, non-blocking descriptor, or -1; servers share what time is left. */
static int open_socket(const struct connection *c, unsigned index)
{
	const struct config_server *server = &c->config->server[index];
	int64_t end = now() + (c->deadline - now()) / (c->config->servers - index);
	int fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd waiting = { .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof error;

	fd = file_above_standard(fd);
	if (fd < 0)
		return -1;
	waiting.fd = fd;
	if (connect(fd, (const struct sockaddr *)&server->address, server->len) == 0)
		return fd;
	if (errno == EINPROGRESS) {
		int ready = 0;

		do {
			int64_t left = (end - now()) / 1000000;

			ready = poll(&waiting, 1, left > 0 ? (int)left : 0);
		} while (ready < 0 && errno == EINTR);
		if (ready == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
			error == 0)
			return fd;
	}
	close(fd);
	return -1;
}

/*
 * Every option of which libldap takes a default from files or the environment, where users of su
 * and sudo can reach it, and which decides about safety or completeness, is set here.
 */
static bool set_options(LDAP *ld, const struct config *config)
{
	static const struct {
		int option, value;
	} numbers[] = {
		{ LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3 },
		{ LDAP_OPT_DEREF, LDAP_DEREF_NEVER },
		{ LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND },
		{ LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2 },
	};
	static const int unset[] = { LDAP_OPT_X_TLS_CACERTDIR, LDAP_OPT_X_TLS_CERTFILE,
		LDAP_OPT_X_TLS_KEYFILE, LDAP_OPT_X_TLS_CIPHER_SUITE, LDAP_OPT_X_TLS_CRLFILE };
	bool good = ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
		    ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS;
	const int client = 0;

	/* Else a handshake that waits for the server would spin, and for ever. */
	good = good && ldap_set_option(ld, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON) == LDAP_OPT_SUCCESS;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		good = good && ldap_set_option(ld, numbers[i].option, &numbers[i].value) ==
				       LDAP_OPT_SUCCESS;
	if (config->tls == TLS_NONE)
		return good;
	for (size_t i = 0; i < sizeof unset / sizeof unset[0]; i++)
		good = good && ldap_set_option(ld, unset[i], NULL) == LDAP_OPT_SUCCESS;
	return good &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, config->ca) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS;
}

static bool set_timeouts(struct connection *c)
{
	struct timeval left = time_left(c);

	return ldap_set_option(c->ld, LDAP_OPT_NETWORK_TIMEOUT, &left) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(c->ld, LDAP_OPT_TIMEOUT, &left) == LDAP_OPT_SUCCESS;
}

/* No answer is longer than this, and none makes us wait for its end on a blocking socket. */
static bool bound_reads(struct connection *c)
{
	ber_len_t most = BYTES_MAX;
	Sockbuf *sockbuf = NULL;

	return ldap_get_option(c->ld, LDAP_OPT_SOCKBUF, &sockbuf) == LDAP_OPT_SUCCESS &&
	       ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1 &&
	       fcntl(c->fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0;
}

static int start_tls(struct connection *c)
{
	switch (c->config->tls) {
	case TLS_START: return ldap_start_tls_s(c->ld, NULL, NULL);
	case TLS_LDAPS: return ldap_install_tls(c->ld);
	case TLS_NONE: break;
	}
	return LDAP_SUCCESS;
}

/* Waits for the one answer of an operation that has one; its result code. */
static int await(struct connection *c, int id)
{
	struct timeval left = time_left(c);
	LDAPMessage *message = NULL;
	int type = ldap_result(c->ld, id, LDAP_MSG_ALL, &left, &message);
	int code = type == 0 ? LDAP_TIMEOUT : LDAP_SERVER_DOWN;

	if (type > 0 &&
		ldap_parse_result(c->ld, message, &code, NULL, NULL, NULL, NULL, 0) != LDAP_SUCCESS)
		code = LDAP_DECODING_ERROR;
	if (message != NULL)
		ldap_msgfree(message);
	return code;
}

static int bind_as(struct connection *c)
{
	struct berval secret = { c->config->secret_len, NULL };
	char copy[sizeof c->config->secret];
	int id, code;

	if (c->config->bind_dn[0] == '\0')
		return LDAP_SUCCESS;
	memcpy(copy, c->config->secret, sizeof copy);
	secret.bv_val = copy;
	code = ldap_sasl_bind(
		c->ld, c->config->bind_dn, LDAP_SASL_SIMPLE, &secret, NULL, NULL, &id);
	explicit_bzero(copy, sizeof copy);
	return code == LDAP_SUCCESS ? await(c, id) : code;
}

/* Everything between a connected socket and the first search. */
static bool greet(struct connection *c, const struct config_server *server)
{
	int code = ldap_init_fd(c->fd, LDAP_PROTO_TCP, server->url, &c->ld);

	if (code != LDAP_SUCCESS) {
		close(c->fd);
		c->ld = NULL;
		return fail_ldap(c, "libldap", code);
	}
	c->pid = getpid();
	if (!set_options(c->ld, c->config) || !set_timeouts(c) || !bound_reads(c))
		return fail(c, "libldap does not take our options", c->config->ca);
	code = start_tls(c);
	if (code != LDAP_SUCCESS)
		return fail_ldap(c, "TLS", code);
	if (!bound_reads(c))
		return fail(c, "the connection broke", NULL);
	code = bind_as(c);
	return code == LDAP_SUCCESS || fail_ldap(c, "bind", code);
}

static bool connect_any(struct connection *c)
{
	for (unsigned i = 0; i < c->config->servers; i++) {
		c->trouble = text_over(c->words, sizeof c->words);
		c->fd = open_socket(c, i);
		if (c->fd < 0) {
			fail(c, c->config->server[i].url, "cannot connect");
			continue;
		}
		if (greet(c, &c->config->server[i]))
			return true;
		connection_close(c);
	}
	return false;
}

void found_done(struct found *f)
{
	for (size_t i = 0; i < found_count(f); i++)
		ldap_msgfree(found_at(f, i));
	buf_done(&f->entries);
}

/* With its length before it, so that no two lists of texts are the same bytes. */
static long digest_text(struct sha256 *digest, const struct berval *text)
{
	uint8_t len[4];

	put_le32(len, (uint32_t)text->bv_len);
	sha256_add(digest, slice_of(len, sizeof len));
	sha256_add(digest, slice_of(text->bv_val, text->bv_len));
	return (long)text->bv_len;
}

/* All attributes of an entry into the digest; how many bytes, or -1 if it cannot be read. */
static long digest_entry(struct connection *c, LDAPMessage *entry, struct sha256 *digest)
{
	BerElement *ber = NULL;
	struct berval name, *values = NULL;
	long bytes = 0;

	if (ldap_get_dn_ber(c->ld, entry, &ber, &name) != LDAP_SUCCESS)
		return -1;
	digest_text(digest, &name);
	while (bytes >= 0 &&
		ldap_get_attribute_ber(c->ld, entry, ber, &name, &values) == LDAP_SUCCESS &&
		name.bv_val != NULL) {
		digest_text(digest, &name);
		for (size_t i = 0; values != NULL && values[i].bv_val != NULL; i++)
			bytes += digest_text(digest, &values[i]);
		ber_memfree(values);
		values = NULL;
	}
	ber_free(ber, 0);
	return bytes;
}

/* Keeps an entry; NULL, or why the search cannot be used. */
static const char *keep_entry(struct connection *c, struct found *found, LDAPMessage *entry,
	struct sha256 *digest, size_t *bytes)
{
	long more = digest_entry(c, entry, digest);

	buf_bytes(&found->entries, &entry, sizeof entry);
	if (found->entries.failed) {
		ldap_msgfree(entry);
		return "out of memory";
	}
	*bytes += more > 0 ? (size_t)more : 0;
	if (more < 0)
		return "an entry cannot be read";
	return *bytes > BYTES_MAX || found_count(found) > ENTRIES_MAX ? "too much was found" : NULL;
}

/* Takes what comes until the end of the search; its result code, or *why. */
static int receive(
	struct connection *c, int id, struct found *found, struct sha256 *digest, const char **why)
{
	size_t bytes = 0;

	for (;;) {
		struct timeval left = time_left(c);
		LDAPMessage *message = NULL;
		int type = now() < c->deadline
				   ? ldap_result(c->ld, id, LDAP_MSG_ONE, &left, &message)
				   : 0;
		int code = LDAP_SERVER_DOWN;
		char **referrals = NULL;

		switch (type) {
		case 0: return LDAP_TIMEOUT;
		case LDAP_RES_SEARCH_ENTRY:
			*why = keep_entry(c, found, message, digest, &bytes);
			if (*why != NULL)
				return LDAP_OTHER;
			continue;
		case LDAP_RES_SEARCH_RESULT:
			if (ldap_parse_result(c->ld, message, &code, NULL, NULL, &referrals, NULL,
				    1) != LDAP_SUCCESS)
				code = LDAP_DECODING_ERROR;
			ldap_memvfree((void **)referrals);
			return referrals != NULL ? LDAP_REFERRAL : code;
		case LDAP_RES_SEARCH_REFERENCE: code = LDAP_REFERRAL; break;
		default: ldap_get_option(c->ld, LDAP_OPT_RESULT_CODE, &code); break;
		}
		if (message != NULL)
			ldap_msgfree(message);
		return code != LDAP_SUCCESS ? code : LDAP_DECODING_ERROR;
	}
}

static int search(struct connection *c, const char *filter, struct found *found,
	struct sha256 *digest, const char **why)
{
	/* Each change gives an entry another CSN, so that there and back again is not "the same".
	 */
	static char all[] = "*", csn[] = "entryCSN", time[] = "modifyTimestamp";
	char *attributes[] = { all, csn, time, NULL };
	struct timeval left = time_left(c);
	int id, code = ldap_search_ext(c->ld, c->config->base, LDAP_SCOPE_SUBTREE, filter,
			attributes, 0, NULL, NULL, &left, LDAP_NO_LIMIT, &id);

	return code == LDAP_SUCCESS ? receive(c, id, found, digest, why) : code;
}

bool connection_search(
	struct connection *c, const char *filter, struct found *found, struct sha256 *digest)
{
	const char *why = NULL;
	bool again;
	int code;

	if (c->ld != NULL && c->pid != getpid())
		connection_close(c);
	do {
		found_done(found);
		again = c->used;
		if (c->ld == NULL && !connect_any(c))
			return false;
		code = search(c, filter, found, digest, &why);
		if (code == LDAP_SUCCESS) {
			c->used = true;
			return true;
		}
		/* What is unread of a failed search must not be the answer to the next one. */
		connection_close(c);
		/* A server that was restarted has closed what it had; then, and once, begin anew.
		 */
	} while (again && code == LDAP_SERVER_DOWN);
	found_done(found);
	return fail(c, "search", why != NULL ? why : ldap_err2string(code));
}
