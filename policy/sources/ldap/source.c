/*
 * The source of policy `ldap`: profiles, keys, logins and grants as entries of a directory (see
 * schema.h and adperm-ldap(5)). It finds and passes on; what a permission brings along and who may
 * in the end is adperm's to say.
 */
#include "sources/ldap/rights.h"
#include "sources/ldap/schema.h"

#include "base/base64.h"
#include "base/sshkey.h"

#include <stdlib.h>

struct ldap_source {
	struct config config;
	struct connection connection;
};

static enum adperm_source_status open_ldap(
	const char *path, struct adperm_record *record, void **state)
{
	struct ldap_source *s = calloc(1, sizeof *s);
	char words[CONNECTION_TROUBLE_SIZE];
	struct text wrong = text_over(words, sizeof words);

	if (s == NULL)
		return ADPERM_SOURCE_TRYAGAIN;
	if (!config_read(&s->config, path, &wrong)) {
		record->trouble(record, words);
		config_done(&s->config);
		free(s);
		return ADPERM_SOURCE_UNAVAIL;
	}
	s->connection.config = &s->config;
	*state = s;
	return ADPERM_SOURCE_SUCCESS;
}

static void close_ldap(void *state)
{
	struct ldap_source *s = state;

	connection_close(&s->connection);
	config_done(&s->config);
	free(s);
}

/* The one profile with that value; NULL without *status a success. */
static LDAPMessage *find_profile(struct connection *c, const char *attribute, struct slice value,
	struct found *found, enum adperm_source_status *status)
{
	struct buf filter = { .at = NULL };
	struct sha256 unused;

	*status = ADPERM_SOURCE_UNAVAIL;
	sha256_init(&unused);
	buf_bytes(&filter, "(|", 2);
	filter_add(&filter, CLASS_PROFILE, attribute, value);
	if (filter_end(&filter) && connection_search(c, (const char *)filter.at, found, &unused)) {
		if (found_count(found) == 0)
			*status = ADPERM_SOURCE_NOTFOUND;
		else if (found_count(found) == 1)
			*status = ADPERM_SOURCE_SUCCESS;
		else
			entry_wrong(c, found_at(found, 1), attribute,
				"belongs to another profile already");
	}
	buf_done(&filter);
	return *status == ADPERM_SOURCE_SUCCESS ? found_at(found, 0) : NULL;
}

static bool give_person(struct connection *c, LDAPMessage *profile, struct adperm_record *record)
{
	char email[ADPERM_EMAIL_SIZE];

	if (!entry_email(c, profile, ATTR_EMAIL, email))
		return false;
	record->person(record, email);
	return true;
}

static enum adperm_source_status find_login(
	void *state, const char *login, struct adperm_record *record)
{
	struct connection *c = &((struct ldap_source *)state)->connection;
	struct found found = { .entries = { .at = NULL } };
	enum adperm_source_status status;
	LDAPMessage *profile;

	connection_begin(c);
	profile = find_profile(c, ATTR_LOGIN, slice_str(login), &found, &status);
	if (profile != NULL && !give_person(c, profile, record))
		status = ADPERM_SOURCE_UNAVAIL;
	record->trouble(record, c->words);
	found_done(&found);
	return status;
}

/* Is one of the entry's keys the one with that fingerprint, and with that blob if it is known? */
static bool has_key(struct connection *c, LDAPMessage *profile, const char *fingerprint,
	struct slice blob, bool *known)
{
	struct values v = entry_values(c, profile, ATTR_KEY);
	bool same = false;

	*known = false;
	for (size_t i = 0; i < v.n && !*known; i++) {
		struct slice line = value_at(&v, i);
		const uint8_t *blank = memchr(line.at, ' ', line.len), *end;
		uint8_t bytes[SSHKEY_MAX], digest[SHA256_SIZE];
		char text[SSHKEY_FINGERPRINT_SIZE];
		long len;

		if (blank == NULL)
			continue;
		line = slice_of(blank + 1, line.len - (size_t)(blank + 1 - line.at));
		end = memchr(line.at, ' ', line.len);
		if (end != NULL)
			line.len = (size_t)(end - line.at);
		len = base64_decode(line, bytes, sizeof bytes);
		if (len <= 0)
			continue;
		sha256_of(slice_of(bytes, (size_t)len), digest);
		sshkey_fingerprint(digest, text);
		*known = strcmp(text, fingerprint) == 0;
		same = *known &&
		       (blob.at == NULL || slice_equal(blob, slice_of(bytes, (size_t)len)));
	}
	entry_values_done(&v);
	return same;
}

static enum adperm_source_status find_key(void *state, const char *fingerprint, const void *blob,
	size_t blob_len, struct adperm_record *record)
{
	struct connection *c = &((struct ldap_source *)state)->connection;
	struct found found = { .entries = { .at = NULL } };
	enum adperm_source_status status;
	LDAPMessage *profile;
	bool known = false;

	connection_begin(c);
	profile = find_profile(c, ATTR_FINGERPRINT, slice_str(fingerprint), &found, &status);
	if (profile != NULL &&
		!has_key(c, profile, fingerprint, slice_of(blob, blob_len), &known)) {
		status = known ? ADPERM_SOURCE_NOTFOUND : ADPERM_SOURCE_UNAVAIL;
		if (!known)
			entry_wrong(c, profile, ATTR_FINGERPRINT, "is of no key of the entry");
	} else if (profile != NULL && !give_person(c, profile, record)) {
		status = ADPERM_SOURCE_UNAVAIL;
	}
	record->trouble(record, c->words);
	found_done(&found);
	return status;
}

static enum adperm_source_status find_server(
	void *state, const char *server, struct adperm_record *record)
{
	struct connection *c = &((struct ldap_source *)state)->connection;
	struct collection k = { .c = c, .server = server, .places_only = true };
	enum adperm_source_status status;

	connection_begin(c);
	status = collect(&k);
	if (status == ADPERM_SOURCE_SUCCESS && k.server_entry == NULL)
		status = ADPERM_SOURCE_NOTFOUND;
	record->trouble(record, c->words);
	collection_done(&k);
	return status;
}

/* Does something that gives account.ssh there carry the flag? False: trouble. */
static bool look_for_flag(const struct collection *k, const char *account, int *flag)
{
	uint64_t givers = perm_givers(PERM_ACCOUNT_SSH);
	bool good, flagged;

	good = entry_bool(k->c, k->owner_entry, ATTR_OWN_2FA, &flagged);
	*flag = flagged;
	for (size_t i = 0; good && i < collection_grants(k); i++) {
		struct buf rights = { .at = NULL };

		good = entry_bool(k->c, collection_grant(k, i), ATTR_2FA, &flagged) &&
		       rights_add(k, collection_grant(k, i), &rights);
		for (size_t r = 0; good && flagged && r < rights_count(&rights); r++) {
			const struct right *right = rights_at(&rights, r);
			bool here =
				right->account[0] == '\0' || strcmp(right->account, account) == 0;

			*flag |= here && (right->perms & givers) != 0;
		}
		buf_done(&rights);
	}
	return good;
}

static enum adperm_source_status find_account(
	void *state, const char *account, const char *server, struct adperm_record *record)
{
	struct connection *c = &((struct ldap_source *)state)->connection;
	struct collection k = { .c = c, .server = server };
	enum adperm_source_status status;
	int flag = 1;

	connection_begin(c);
	status = collect(&k);
	if (status == ADPERM_SOURCE_SUCCESS &&
		(k.server_entry == NULL ||
			!entry_has(c, k.server_entry, ATTR_ACCOUNT, slice_str(account))))
		status = ADPERM_SOURCE_NOTFOUND;
	if (status == ADPERM_SOURCE_SUCCESS && !look_for_flag(&k, account, &flag))
		status = ADPERM_SOURCE_UNAVAIL;
	if (status == ADPERM_SOURCE_SUCCESS)
		record->account(record, flag);
	record->trouble(record, c->words);
	collection_done(&k);
	return status;
}

static bool give_ownership(const struct collection *k, struct adperm_record *record)
{
	struct adperm_source_grant g = { .ownership = 1, .until = ADPERM_SOURCE_NEVER };
	char file[ENTRY_FILE_SIZE];
	bool flag;

	if (!entry_bool(k->c, k->owner_entry, ATTR_OWN_2FA, &flag) ||
		!entry_place(k->c, k->owner_entry, ATTR_OWN_WRITTEN, file, &g.place.line))
		return false;
	g.require_2fa = flag;
	g.place.file = file;
	record->grant(record, &g);
	return true;
}

static bool give_profile(const struct collection *k, size_t grants, struct adperm_record *record)
{
	struct adperm_source_profile p = {
		.email = k->profile, .owner = k->owner, .grants = grants
	};
	struct from from = { .values = { NULL, 0 } };
	char file[ENTRY_FILE_SIZE];
	bool suspended, machine;
	bool good = entry_bool(k->c, k->profile_entry, ATTR_SUSPENDED, &suspended) &&
		    entry_bool(k->c, k->profile_entry, ATTR_MACHINE, &machine) &&
		    entry_place(k->c, k->profile_entry, ATTR_WRITTEN, file, &p.place.line) &&
		    from_take(k->c, k->profile_entry, &from, &p.allow_from);

	if (good) {
		p.suspended = suspended;
		p.machine = machine;
		p.place.file = file;
		record->profile(record, &p);
	}
	from_done(&from);
	return good;
}

/* The whole record of a profile on the collection's server. */
static bool give_holding(const struct collection *k, struct adperm_record *record)
{
	bool owner = strcmp(k->profile, k->owner) == 0, good = true;
	struct buf rights = { .at = NULL };

	for (size_t i = 0; good && i < collection_grants(k); i++)
		if (collection_reaches(k, collection_grant(k, i)))
			good = rights_add(k, collection_grant(k, i), &rights);
	good = good && give_profile(k, rights_count(&rights) + owner, record) &&
	       (!owner || give_ownership(k, record));
	for (size_t i = 0; good && i < rights_count(&rights); i++)
		good = right_give(k, rights_at(&rights, i), record);
	buf_done(&rights);
	return good;
}

static enum adperm_source_status find_holding(
	void *state, const char *email, const char *server, struct adperm_record *record)
{
	struct connection *c = &((struct ldap_source *)state)->connection;
	struct collection k = { .c = c, .server = server, .profile = email };
	enum adperm_source_status status;

	connection_begin(c);
	status = collect(&k);
	if (status == ADPERM_SOURCE_SUCCESS && k.profile_entry == NULL)
		status = ADPERM_SOURCE_NOTFOUND;
	else if (status == ADPERM_SOURCE_SUCCESS && k.server_entry == NULL) {
		text_add(&c->trouble, "the directory has no such server");
		status = ADPERM_SOURCE_UNAVAIL;
	}
	if (status == ADPERM_SOURCE_SUCCESS && !give_holding(&k, record))
		status = ADPERM_SOURCE_UNAVAIL;
	record->trouble(record, c->words);
	collection_done(&k);
	return status;
}

const struct adperm_source adperm_source = {
	.abi = ADPERM_SOURCE_ABI,
	.size = sizeof(struct adperm_source),
	.open = open_ldap,
	.login = find_login,
	.key = find_key,
	.server = find_server,
	.account = find_account,
	.holding = find_holding,
	.close = close_ldap,
};
