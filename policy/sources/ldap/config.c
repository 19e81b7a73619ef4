/* Reading source_ldap.conf; see config.h. */
#include "sources/ldap/config.h"

#include "base/file.h"
#include "model/address.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#define CONFIG_MAX 8192 /* bytes */
#define LDAP_PORT  389
#define LDAPS_PORT 636

/* Each takes the value of a word; NULL, or what is wrong. */
typedef const char *take_value(struct config *c, struct slice value);

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.at[0]))
		s = slice_of(s.at + 1, s.len - 1);
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Cuts the first word off. */
static struct slice next_word(struct slice *rest)
{
	struct slice whole = trim(*rest);
	size_t len = 0;

	while (len < whole.len && !is_blank(whole.at[len]))
		len++;
	*rest = trim(slice_of(whole.at + len, whole.len - len));
	return slice_of(whole.at, len);
}

static bool copy(char *out, size_t room, struct slice value)
{
	struct text t = text_over(out, room);

	text_add_slice(&t, value);
	return !t.cut && memchr(value.at, '\0', value.len) == NULL;
}

/* "192.0.2.10", "192.0.2.10:1389", "[2001:db8::1]:1389" or "2001:db8::1" in two parts. */
static bool split_port(struct slice text, struct slice *host, uint16_t *port)
{
	const uint8_t *colon = memrchr(text.at, ':', text.len), *end;
	uint32_t number = 0;

	*host = text;
	*port = 0;
	if (text.at[0] == '[') {
		end = memchr(text.at, ']', text.len);
		if (end == NULL)
			return false;
		*host = slice_of(text.at + 1, (size_t)(end - text.at) - 1);
		if (end + 1 == text.at + text.len)
			return true;
		if (end + 1 != colon)
			return false;
	} else if (colon == NULL || memchr(text.at, ':', (size_t)(colon - text.at)) != NULL) {
		return true;
	} else {
		host->len = (size_t)(colon - text.at);
	}
	for (end = colon + 1; end < text.at + text.len && number <= UINT16_MAX; end++) {
		if (*end < '0' || *end > '9')
			return false;
		number = number * 10 + (uint32_t)(*end - '0');
	}
	*port = (uint16_t)number;
	return number > 0 && number <= UINT16_MAX;
}

static void fill_address(struct config_server *server, const struct address *address, uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&server->address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&server->address;

	if (address->family == FAMILY_IPV4) {
		*in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		memcpy(&in->sin_addr, address->octet, sizeof in->sin_addr);
		server->len = sizeof *in;
	} else {
		*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
		memcpy(&in6->sin6_addr, address->octet, sizeof in6->sin6_addr);
		server->len = sizeof *in6;
	}
}

/* The address, and the name; the port waits for the word `tls`, which may come later. */
static const char *take_server(struct config *c, struct slice value)
{
	struct config_server *server = &c->server[c->servers];
	struct slice where = next_word(&value), host;
	struct address address;
	struct text url;
	uint16_t port;

	if (c->servers == CONFIG_SERVERS)
		return "too many servers";
	if (where.len == 0 || !split_port(where, &host, &port) || !address_parse(host, &address))
		return "a server begins with its numeric address, perhaps with :port";
	if (!name_is_host(value) && !address_parse(value, &(struct address){ .octet = { 0 } }))
		return "behind the address stands the name in the server's certificate";
	fill_address(server, &address, port);
	url = text_over(server->url, sizeof server->url);
	text_add(&url, "ldap://");
	text_add_slice(&url, value);
	text_add(&url, "/");
	c->servers++;
	return NULL;
}

static const char *take_tls(struct config *c, struct slice value)
{
	static const char *const words[] = {
		[TLS_START] = "starttls", [TLS_LDAPS] = "ldaps", [TLS_NONE] = "none"
	};

	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_equal(value, slice_str(words[i]))) {
			c->tls = (enum config_tls)i;
			return NULL;
		}
	return "tls is starttls, ldaps or none";
}

static const char *take_ca(struct config *c, struct slice value)
{
	return value.at[0] == '/' && copy(c->ca, sizeof c->ca, value) ? NULL
								      : "not an absolute path";
}

static const char *take_base(struct config *c, struct slice value)
{
	return copy(c->base, sizeof c->base, value) ? NULL : "the name is too long";
}

static const char *take_bind_dn(struct config *c, struct slice value)
{
	return copy(c->bind_dn, sizeof c->bind_dn, value) ? NULL : "the name is too long";
}

/* The first line of a file that not everybody may read. */
static const char *take_secret(struct config *c, struct slice value)
{
	char path[PATH_MAX];
	struct stat state;
	const char *end;
	int fd, ret;

	if (value.at[0] != '/' || !copy(path, sizeof path, value))
		return "not an absolute path";
	ret = file_open(path, TRUST_ROOT, &fd, &state);
	if (ret == -EPERM)
		return "the file, or a directory above it, is not root's alone to write";
	if (ret != 0)
		return "the file cannot be read";
	if ((state.st_mode & S_IRWXO) != 0)
		ret = -EPERM;
	else if (state.st_size <= 0 || (size_t)state.st_size > sizeof c->secret)
		ret = -EFBIG;
	else
		ret = file_read_at(fd, 0, c->secret, (size_t)state.st_size);
	close(fd);
	if (ret != 0)
		return ret == -EPERM ? "the file is everybody's to read: chmod o= it"
				     : "the file is empty, too long or cannot be read";
	end = memchr(c->secret, '\n', (size_t)state.st_size);
	c->secret_len = end != NULL ? (size_t)(end - c->secret) : (size_t)state.st_size;
	return c->secret_len > 0 ? NULL : "the first line of the file is empty";
}

static const struct row {
	const char *word;
	take_value *take;
	bool once, needed;
} rows[] = {
	{ "server", take_server, false, true },
	{ "tls", take_tls, true, false },
	{ "ca", take_ca, true, false },
	{ "base", take_base, true, true },
	{ "bind_dn", take_bind_dn, true, false },
	{ "bind_secret", take_secret, true, false },
};

#define ROWS (sizeof rows / sizeof rows[0])

static const char *take_line(struct config *c, struct slice line, unsigned *seen)
{
	struct slice value = trim(line), word = next_word(&value);

	if (word.len == 0 || word.at[0] == '#')
		return NULL;
	for (size_t i = 0; i < ROWS; i++) {
		if (!slice_equal(word, slice_str(rows[i].word)))
			continue;
		if (rows[i].once && (*seen & 1u << i) != 0)
			return "this word stands here a second time";
		*seen |= 1u << i;
		return value.len > 0 ? rows[i].take(c, value) : "a value is missing";
	}
	return "the words are server, tls, ca, base, bind_dn and bind_secret";
}

static bool is_loopback(const struct config_server *server)
{
	const struct sockaddr_in *in = (const void *)&server->address;
	const struct sockaddr_in6 *in6 = (const void *)&server->address;

	return server->address.ss_family == AF_INET ? ntohl(in->sin_addr.s_addr) >> 24 == 127
						    : IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* What is only seen when all lines are read. */
static const char *judge_whole(struct config *c, unsigned seen)
{
	static const char *const missing[ROWS] = {
		[0] = "no line says which server", [3] = "no line says which base"
	};

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].needed && (seen & 1u << i) == 0)
			return missing[i];
	if ((c->bind_dn[0] != '\0') != (c->secret_len > 0))
		return "bind_dn and bind_secret go together";
	if (c->tls != TLS_NONE && c->ca[0] == '\0')
		return "no line says ca: which authority signs the server's certificate";
	for (unsigned i = 0; i < c->servers; i++) {
		struct sockaddr_in *in = (struct sockaddr_in *)&c->server[i].address;

		if (c->tls == TLS_NONE && !is_loopback(&c->server[i]))
			return "tls none is for the loopback alone";
		if (in->sin_port == 0) /* at the same place in both kinds of address */
			in->sin_port = htons(c->tls == TLS_LDAPS ? LDAPS_PORT : LDAP_PORT);
	}
	return NULL;
}

static void locate(struct text *wrong, const char *path, unsigned line, const char *what)
{
	const char *slash = strrchr(path, '/');

	text_add(wrong, slash != NULL ? slash + 1 : path);
	text_add(wrong, ":");
	if (line > 0) {
		text_add_u64(wrong, line);
		text_add(wrong, ":");
	}
	text_add(wrong, " ");
	text_add(wrong, what);
}

bool config_read(struct config *c, const char *path, struct text *wrong)
{
	uint8_t bytes[CONFIG_MAX];
	struct slice rest = slice_of(bytes, 0);
	int ret = file_read(path, TRUST_ROOT, bytes, sizeof bytes, &rest.len);
	const char *what = NULL;
	unsigned line = 0, seen = 0;

	*c = (struct config){ .servers = 0 };
	if (ret != 0)
		what = ret == -ENOENT  ? "there is no such file"
		       : ret == -EPERM ? "the file is not root's alone to write"
				       : "the file cannot be read, or is too long";
	while (what == NULL && rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.at) : rest.len;

		line++;
		what = take_line(c, slice_of(rest.at, len), &seen);
		rest = slice_of(rest.at + len + (end != NULL), rest.len - len - (end != NULL));
	}
	if (what == NULL) {
		line = 0;
		what = judge_whole(c, seen);
	}
	if (what != NULL)
		locate(wrong, path, line, what);
	return what == NULL;
}

void config_done(struct config *c)
{
	explicit_bzero(c, sizeof *c);
}
