/* The allow list; see peers.h. The words of a line are rows of a table. */
#include "adpermd/peers.h"

#include "adpermd/log.h"
#include "base/conf.h"
#include "base/file.h"
#include <errno.h>
#include <stdlib.h>

#define BIT(op) (UINT32_C(1) << (op))

/* What can be listed, and which operations it stands for. All others are root's and in no row. */
static const struct {
	const char *name;
	uint32_t operations;
} listable[] = {
	/* Who may have codes judged must know how many digits to take off a combined answer. */
	{ "verify", BIT(PROTO_VERIFY) | BIT(PROTO_DIGITS) },
};

struct reading {
	const char *file;
	unsigned line;
	peers_lookup *lookup;
	struct peer peer;
};

static bool complain(const struct reading *r, const char *what, struct slice word)
{
	struct log_safe safe = log_safe((const char *)word.at, word.len);

	log_line(LOG_ERR, "%s:%u: %s: \"%s\"", r->file, r->line, what, safe.text);
	return false;
}

static bool take_service(struct reading *r, struct slice word)
{
	struct peer *peer = &r->peer;

	if (word.len == 0 || word.len >= sizeof peer->service[0])
		return complain(r, "a service has between 1 and 63 characters", word);
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] <= 0x20 || word.at[i] > 0x7e)
			return complain(r, "a service is named in printable ASCII", word);
	}
	if (peer->services == PEERS_SERVICES_MAX)
		return complain(r, "at most 8 services a client; one too many", word);
	memcpy(peer->service[peer->services++], word.at, word.len);
	return true;
}

static bool take_operation(struct reading *r, struct slice word)
{
	for (size_t i = 0; i < sizeof listable / sizeof listable[0]; i++) {
		if (slice_equal(word, slice_str(listable[i].name))) {
			r->peer.operations |= listable[i].operations;
			return true;
		}
	}
	return complain(r, "only \"verify\" can be listed; all other operations are root's", word);
}

static const struct {
	const char *name;
	bool (*take)(struct reading *r, struct slice word);
} settings[] = {
	{ "service", take_service },
	{ "operations", take_operation },
};

/* "service=postgresql,other" */
static bool take_setting(struct reading *r, struct slice word)
{
	struct slice values = word;
	struct slice name = conf_piece(&values, '=');

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		if (!slice_equal(name, slice_str(settings[i].name)))
			continue;
		do {
			if (!settings[i].take(r, conf_piece(&values, ',')))
				return false;
		} while (values.len > 0);
		return true;
	}
	return complain(r, "expected \"service=NAME\" or \"operations=verify\"", word);
}

/* Adds the client of a complete line. */
static bool add_peer(struct reading *r, struct slice user, struct peers *out)
{
	struct log_safe safe = log_safe((const char *)user.at, user.len);
	char name[64] = "";

	if (user.len == 0 || user.len >= sizeof name || memchr(user.at, '\0', user.len) != NULL)
		return complain(r, "expected a user name or a number after \"client\"", user);
	memcpy(name, user.at, user.len);
	if (r->peer.services == 0 || r->peer.operations == 0)
		return complain(r, "a client needs \"service=\" and \"operations=\"", user);
	if (!r->lookup(name, &r->peer.uid)) {
		log_line(LOG_WARNING,
			"%s:%u: there is no user \"%s\": the line gives nobody anything", r->file,
			r->line, safe.text);
		return true;
	}
	if (r->peer.uid == 0)
		return complain(r, "root may ask everything and is not listed", user);
	for (size_t i = 0; i < out->count; i++) {
		if (out->peer[i].uid == r->peer.uid)
			return complain(r, "this user has a line already", user);
	}
	if (out->count == PEERS_MAX)
		return complain(r, "at most 32 clients; one too many", user);
	log_line(LOG_NOTICE, "%s:%u: client %s is uid %u", r->file, r->line, safe.text,
		(unsigned)r->peer.uid);
	out->peer[out->count++] = r->peer;
	return true;
}

static bool parse_line(struct reading *r, struct slice line, struct peers *out)
{
	struct slice rest = line;
	struct slice word = conf_piece(&rest, ' ');
	struct slice user;

	if (word.len == 0 || conf_whose(word) == CONF_TOOL)
		return true;
	if (conf_whose(word) != CONF_ADPERMD)
		return complain(r, "expected \"client USER service=NAME operations=verify\"", word);
	r->peer = (struct peer){ .line = r->line };
	user = conf_piece(&rest, ' ');
	for (;;) {
		word = conf_piece(&rest, ' ');
		if (word.len > 0 && !take_setting(r, word))
			return false;
		if (word.len == 0 && rest.len == 0)
			return add_peer(r, user, out);
	}
}

int peers_parse(
	const char *name, const char *text, size_t len, peers_lookup *lookup, struct peers *out)
{
	struct reading r = { .file = name, .lookup = lookup };
	struct slice rest = slice_of(text, len);
	bool good = true;

	out->count = 0;
	while (rest.len > 0) {
		r.line++;
		if (!parse_line(&r, conf_line(&rest), out))
			good = false;
	}
	return good ? 0 : -EINVAL;
}

int peers_read(const char *path, peers_lookup *lookup, struct peers *out)
{
	char *text = malloc(CONF_MAX);
	size_t len;
	int ret = text == NULL ? -ENOMEM : file_read(path, TRUST_ROOT, text, CONF_MAX, &len);

	out->count = 0;
	if (ret == 0)
		ret = peers_parse(path, text, len, lookup, out);
	else if (ret == -ENOENT)
		ret = 0;
	else if (ret == -EPERM)
		log_line(LOG_ERR,
			"%s: it, and every directory above it, must be root's and writable by "
			"nobody "
			"else",
			path);
	else
		log_line(LOG_ERR, "%s: %s", path, strerror(-ret));
	free(text);
	return ret;
}

bool peers_allow(const struct peers *peers, uid_t uid, unsigned op, const char *service)
{
	if (uid == 0)
		return true;
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->peer[i];

		if (peer->uid != uid || op >= 32 || (peer->operations & BIT(op)) == 0)
			continue;
		for (size_t k = 0; k < peer->services; k++) {
			if (strcmp(peer->service[k], service) == 0)
				return true;
		}
	}
	return false;
}
