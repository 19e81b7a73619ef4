/* What a question needs of the directory; see collect.h. */
#include "sources/ldap/collect.h"

#include "sources/ldap/schema.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define TRIES 5
#define PAUSE INT64_C(5000000) /* nanoseconds, while somebody is changing things */

static void put(struct buf *b, const char *text)
{
	buf_bytes(b, text, strlen(text));
}

void filter_add(struct buf *filter, const char *class, const char *attribute, struct slice value)
{
	char escaped[4] = "\\";

	put(filter, "(&(objectClass=");
	put(filter, class);
	put(filter, ")(");
	put(filter, attribute);
	put(filter, "=");
	for (size_t i = 0; i < value.len; i++) {
		struct text t = text_over(escaped + 1, sizeof escaped - 1);

		text_add_hex(&t, slice_of(value.at + i, 1));
		buf_bytes(filter, escaped, 3);
	}
	put(filter, "))");
}

bool filter_end(struct buf *filter)
{
	put(filter, ")");
	buf_u8(filter, 0);
	return !filter->failed;
}

static bool search(
	struct collection *k, struct buf *filter, struct found *found, struct sha256 *digest)
{
	bool good = filter_end(filter) &&
		    connection_search(k->c, (const char *)filter->at, found, digest);

	buf_done(filter);
	return good;
}

/* Notes an entry of which there may be one only. */
static bool only(struct collection *k, LDAPMessage **where, LDAPMessage *entry, const char *what)
{
	if (*where != NULL)
		return entry_wrong(k->c, entry, what, "stands in the directory twice");
	*where = entry;
	return true;
}

static bool is_of(const struct collection *k, LDAPMessage *entry, const char *class)
{
	struct values v = entry_values(k->c, entry, "objectClass");
	bool found = false;

	for (size_t i = 0; i < v.n; i++)
		found |= strcasecmp(v.at[i]->bv_val, class) == 0;
	entry_values_done(&v);
	return found;
}

/* The server, and who asks. */
static bool find_places(struct collection *k, struct sha256 *digest)
{
	struct buf filter = { .at = NULL };
	bool good = true;

	put(&filter, "(|");
	filter_add(&filter, CLASS_SERVER, ATTR_HOST, slice_str(k->server));
	if (k->profile != NULL)
		filter_add(&filter, CLASS_PROFILE, ATTR_EMAIL, slice_str(k->profile));
	if (!search(k, &filter, &k->places, digest))
		return false;
	for (size_t i = 0; good && i < found_count(&k->places); i++) {
		LDAPMessage *entry = found_at(&k->places, i);

		if (is_of(k, entry, CLASS_SERVER) &&
			entry_has(k->c, entry, ATTR_HOST, slice_str(k->server)))
			good = only(k, &k->server_entry, entry, ATTR_HOST);
		if (good && k->profile != NULL && is_of(k, entry, CLASS_PROFILE))
			good = only(k, &k->profile_entry, entry, ATTR_EMAIL);
	}
	return good && (k->server_entry == NULL ||
			       entry_email(k->c, k->server_entry, ATTR_OWNED_BY, k->owner));
}

/* Sorted by their names, with as many as the owner's entry says. */
static int compare_grants(const void *a, const void *b, void *context)
{
	const struct collection *k = context;
	LDAPMessage *const *x = a, *const *y = b;
	struct values m = entry_values(k->c, *x, ATTR_ORDER);
	struct values n = entry_values(k->c, *y, ATTR_ORDER);
	int order = m.n == 1 && n.n == 1 ? strcmp(m.at[0]->bv_val, n.at[0]->bv_val) : 0;

	entry_values_done(&m);
	entry_values_done(&n);
	return order;
}

static bool count_grants(struct collection *k)
{
	char total[11], counted[11];
	struct text t = text_over(counted, sizeof counted);

	if (k->owner_entry == NULL) {
		text_add(&k->c->trouble, "the owner has no entry: ");
		text_add(&k->c->trouble, k->owner);
		return false;
	}
	if (!entry_text(k->c, k->owner_entry, ATTR_GRANT_TOTAL, true, total, sizeof total))
		return false;
	text_add_u64(&t, collection_grants(k));
	return strcmp(total, counted) == 0 ||
	       entry_wrong(k->c, k->owner_entry, ATTR_GRANT_TOTAL,
		       "is not the number of the owner's grants: one is lost, hidden or new");
}

/* The server's owner, and all that the owner has granted to anybody. */
static bool find_rights(struct collection *k, struct sha256 *digest)
{
	struct buf filter = { .at = NULL };
	bool good = true;

	put(&filter, "(|");
	filter_add(&filter, CLASS_OWNER, ATTR_EMAIL, slice_str(k->owner));
	filter_add(&filter, CLASS_GRANT, ATTR_OWNED_BY, slice_str(k->owner));
	if (!search(k, &filter, &k->rights, digest))
		return false;
	for (size_t i = 0; good && i < found_count(&k->rights); i++) {
		LDAPMessage *entry = found_at(&k->rights, i);

		if (is_of(k, entry, CLASS_OWNER))
			good = only(k, &k->owner_entry, entry, ATTR_EMAIL);
		if (is_of(k, entry, CLASS_GRANT))
			buf_bytes(&k->grants, &entry, sizeof entry);
	}
	if (!good || k->grants.failed || !count_grants(k))
		return false;
	if (collection_grants(k) > 1)
		qsort_r(k->grants.at, collection_grants(k), sizeof(LDAPMessage *), compare_grants,
			k);
	return true;
}

static bool is_group(struct slice to, struct slice *name)
{
	static const size_t prefix = sizeof PREFIX_GROUP - 1;

	if (to.len <= prefix || memcmp(to.at, PREFIX_GROUP, prefix) != 0)
		return false;
	*name = slice_of(to.at + prefix, to.len - prefix);
	return true;
}

/* Calls for each group that the grants name; false as soon as it does. */
static bool each_group(const struct collection *k,
	bool (*take)(const struct collection *k, struct slice name, LDAPMessage *grant, void *to),
	void *to)
{
	bool good = true;

	for (size_t g = 0; good && g < collection_grants(k); g++) {
		struct values v = entry_values(k->c, collection_grant(k, g), ATTR_TO);
		struct slice name;

		for (size_t i = 0; good && i < v.n; i++)
			good = !is_group(value_at(&v, i), &name) ||
			       take(k, name, collection_grant(k, g), to);
		entry_values_done(&v);
	}
	return good;
}

static bool ask_group(
	const struct collection *k, struct slice name, LDAPMessage *grant, void *filter)
{
	(void)k;
	(void)grant;
	filter_add(filter, CLASS_GROUP, ATTR_GROUP, name);
	return !((struct buf *)filter)->failed;
}

/* A group is there once, and has members. */
static bool check_group(
	const struct collection *k, struct slice name, LDAPMessage *grant, void *unused)
{
	size_t n = 0;

	(void)unused;
	for (size_t i = 0; i < found_count(&k->groups); i++) {
		struct values v;

		if (!entry_has(k->c, found_at(&k->groups, i), ATTR_GROUP, name))
			continue;
		v = entry_values(k->c, found_at(&k->groups, i), ATTR_MEMBER);
		n += v.n > 0 ? 1 : 2;
		entry_values_done(&v);
	}
	return n == 1 ||
	       entry_wrong(k->c, grant, ATTR_TO,
		       "names a group that is not there, there twice, or without members");
}

static bool find_groups(struct collection *k, struct sha256 *digest)
{
	struct buf filter = { .at = NULL };
	size_t begun;

	put(&filter, "(|");
	begun = filter.len;
	if (!each_group(k, ask_group, &filter)) {
		buf_done(&filter);
		return false;
	}
	if (filter.len == begun) {
		buf_done(&filter);
		return true;
	}
	return search(k, &filter, &k->groups, digest) && each_group(k, check_group, NULL);
}

bool collection_reaches(const struct collection *k, LDAPMessage *grant)
{
	struct values to = entry_values(k->c, grant, ATTR_TO);
	struct slice name;
	bool reaches = false;

	for (size_t i = 0; i < to.n && !reaches; i++) {
		reaches = value_is_email(value_at(&to, i), k->profile);
		if (!is_group(value_at(&to, i), &name))
			continue;
		for (size_t g = 0; g < found_count(&k->groups); g++)
			reaches |= entry_has(k->c, found_at(&k->groups, g), ATTR_GROUP, name) &&
				   entry_has_email(
					   k->c, found_at(&k->groups, g), ATTR_MEMBER, k->profile);
	}
	entry_values_done(&to);
	return reaches;
}

void collection_done(struct collection *k)
{
	found_done(&k->places);
	found_done(&k->rights);
	found_done(&k->groups);
	buf_done(&k->grants);
	k->server_entry = k->profile_entry = k->owner_entry = NULL;
	k->owner[0] = '\0';
}

static bool collect_once(struct collection *k, uint8_t out[static SHA256_SIZE])
{
	struct sha256 digest;
	bool good;

	collection_done(k);
	sha256_init(&digest);
	good = find_places(k, &digest);
	if (good && k->server_entry != NULL && !k->places_only)
		good = find_rights(k, &digest);
	if (good && k->server_entry != NULL && k->profile != NULL)
		good = find_groups(k, &digest);
	sha256_done(&digest, out);
	return good;
}

/*
 * What fails while the directory answers may be a change half made, and is tried again too. The
 * trouble of the last try is what is told.
 */
enum adperm_source_status collect(struct collection *k)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	uint8_t digest[2][SHA256_SIZE];
	struct connection *c = k->c;
	bool before = false, good;

	for (unsigned i = 0; i < TRIES; i++) {
		c->trouble = text_over(c->words, sizeof c->words);
		good = collect_once(k, digest[i % 2]);
		if (good && k->places_only)
			return ADPERM_SOURCE_SUCCESS;
		if (good && before && memcmp(digest[0], digest[1], SHA256_SIZE) == 0)
			return ADPERM_SOURCE_SUCCESS;
		if (!good && c->ld == NULL)
			return ADPERM_SOURCE_UNAVAIL;
		if (!good || before)
			nanosleep(&pause, NULL);
		before = good;
	}
	if (good)
		text_add(&c->trouble, "the directory is being changed all the time");
	return good ? ADPERM_SOURCE_TRYAGAIN : ADPERM_SOURCE_UNAVAIL;
}
