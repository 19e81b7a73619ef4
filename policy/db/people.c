/* What people change; see people.h. */
#include "db/people.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define PROFILE_MAGIC "adpermpp"
#define KEY_MAGIC     "adpermpk"
#define CHECKSUM_SIZE 8

static const uint8_t salt[SIPHASH_KEY_SIZE] = { 0 };

void people_name(
	char kind, const uint8_t digest[static SHA256_SIZE], char out[static PEOPLE_NAME_SIZE])
{
	struct text t = text_over(out, PEOPLE_NAME_SIZE);

	text_add_slice(&t, slice_of(&kind, 1));
	text_add(&t, "-");
	text_add_hex(&t, slice_of(digest, SHA256_SIZE));
}

void people_file_begin(struct buf *out, const char *magic, struct slice profile)
{
	buf_reset(out);
	buf_bytes(out, magic, PEOPLE_MAGIC_SIZE);
	buf_u32(out, PEOPLE_FORMAT);
	buf_text(out, profile);
}

void people_file_end(struct buf *out)
{
	buf_u64(out, siphash(salt, buf_slice(out), slice_of(NULL, 0)));
}

void people_put_profile(struct buf *out, struct slice profile, const struct slice *owners,
	uint32_t owner_total, const struct slice *keys, uint32_t key_total, uint32_t readmitted)
{
	people_file_begin(out, PROFILE_MAGIC, profile);
	buf_u32(out, owner_total);
	for (uint32_t i = 0; i < owner_total; i++)
		buf_text(out, owners[i]);
	buf_u32(out, key_total);
	for (uint32_t i = 0; i < key_total; i++)
		buf_text(out, keys[i]);
	if (readmitted > 0)
		buf_u32(out, readmitted);
	people_file_end(out);
}

void people_put_key(struct buf *out, struct slice profile, struct slice blob)
{
	people_file_begin(out, KEY_MAGIC, profile);
	buf_text(out, blob);
	people_file_end(out);
}

enum people_result people_file_read(const char *directory, enum trust trust, const char *name,
	const char *magic, uint8_t **memory, struct cursor *c)
{
	char path[PATH_MAX];
	struct text t = text_over(path, sizeof path);
	struct slice bytes, body;
	size_t len;
	int ret;

	text_add(&t, directory);
	text_add(&t, "/");
	text_add(&t, name);
	if (t.cut)
		return PEOPLE_UNREADABLE;
	*memory = malloc(PEOPLE_FILE_MAX);
	if (*memory == NULL)
		return PEOPLE_NOMEM;
	ret = file_read(path, trust, *memory, PEOPLE_FILE_MAX, &len);
	if (ret != 0) {
		free(*memory);
		*memory = NULL;
	}
	if (ret == -ENOENT)
		return PEOPLE_NO;
	if (ret != 0)
		return ret == -EPERM                  ? PEOPLE_UNSAFE
		       : ret == -EFBIG || ret == -EIO ? PEOPLE_CORRUPT
						      : PEOPLE_UNREADABLE;
	bytes = slice_of(*memory, len);
	if (len < CHECKSUM_SIZE || !slice_sub(bytes, 0, len - CHECKSUM_SIZE, &body) ||
		siphash(salt, body, slice_of(NULL, 0)) != le64(*memory + body.len))
		return PEOPLE_CORRUPT;
	*c = cursor_of(body);
	if (!slice_equal(cursor_take(c, PEOPLE_MAGIC_SIZE), slice_str(magic)) ||
		cursor_u32(c) != PEOPLE_FORMAT)
		return PEOPLE_CORRUPT;
	return PEOPLE_YES;
}

/* Without the directory nobody has changed anything, and no digest need be computed. */
static bool nothing_there(const char *directory)
{
	struct stat state;

	return lstat(directory, &state) != 0 && errno == ENOENT;
}

/* As people_file_read(), for the file of a profile: *c stands before its lists. */
static enum people_result read_profile(const char *directory, enum trust trust,
	struct slice profile, uint8_t **memory, struct cursor *c)
{
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE];
	enum people_result result;

	if (nothing_there(directory))
		return PEOPLE_NO;
	sha256_of(profile, digest);
	people_name('p', digest, name);
	result = people_file_read(directory, trust, name, PROFILE_MAGIC, memory, c);
	if (result == PEOPLE_YES && !slice_equal(cursor_text(c), profile))
		return PEOPLE_CORRUPT;
	return result;
}

/* What stands behind the lists. False: it is not that, or not all of it. */
static bool take_end(struct cursor *c, uint32_t *readmitted)
{
	*readmitted = cursor_done(c) ? 0 : cursor_u32(c);
	return cursor_done(c);
}

enum people_result people_renounced(const char *directory, enum trust trust, struct slice profile,
	struct slice owner, uint32_t *readmitted)
{
	uint32_t times = 0;
	uint8_t *memory = NULL;
	enum people_result result;
	struct cursor c;
	bool found = false;

	result = read_profile(directory, trust, profile, &memory, &c);
	if (result == PEOPLE_YES) {
		uint32_t owners = cursor_u32(&c), keys;

		for (uint32_t i = 0; i < owners && !c.short_of; i++)
			found |= slice_equal(cursor_text(&c), owner);
		keys = cursor_u32(&c);
		for (uint32_t i = 0; i < keys && !c.short_of; i++)
			cursor_text(&c);
		result = !take_end(&c, &times) ? PEOPLE_CORRUPT : found ? PEOPLE_YES : PEOPLE_NO;
	}
	if (readmitted != NULL)
		*readmitted = times;
	free(memory);
	return result;
}

enum people_result people_key_of(const char *directory, enum trust trust, struct slice profile,
	uint32_t number, uint8_t *blob, size_t room, size_t *len)
{
	uint8_t *memory = NULL;
	enum people_result result;
	uint32_t readmitted;
	struct cursor c;

	result = read_profile(directory, trust, profile, &memory, &c);
	if (result == PEOPLE_YES) {
		uint32_t owners = cursor_u32(&c), keys;
		struct slice found = { NULL, 0 };

		for (uint32_t i = 0; i < owners && !c.short_of; i++)
			cursor_text(&c);
		keys = cursor_u32(&c);
		for (uint32_t i = 0; i < keys && !c.short_of; i++) {
			struct slice key = cursor_text(&c);

			if (i == number)
				found = key;
		}
		if (!take_end(&c, &readmitted) || found.len > room)
			result = PEOPLE_CORRUPT;
		else if (number >= keys)
			result = PEOPLE_NO;
		else
			memcpy(blob, found.at, *len = found.len);
	}
	free(memory);
	return result;
}

enum people_result people_key(const char *directory, enum trust trust,
	const uint8_t digest[static SHA256_SIZE], struct slice blob, char *profile, size_t room)
{
	uint8_t own[SHA256_SIZE], *memory = NULL;
	char name[PEOPLE_NAME_SIZE];
	enum people_result result;
	struct cursor c;

	if (nothing_there(directory))
		return PEOPLE_NO;
	people_name('k', digest, name);
	result = people_file_read(directory, trust, name, KEY_MAGIC, &memory, &c);
	if (result == PEOPLE_YES) {
		struct slice email = cursor_text(&c), key = cursor_text(&c);

		sha256_of(key, own);
		if (!cursor_done(&c) || email.len == 0 || email.len >= room ||
			memcmp(own, digest, sizeof own) != 0)
			result = PEOPLE_CORRUPT;
		else if (blob.at != NULL && !slice_equal(blob, key))
			result = PEOPLE_NO;
		else
			memcpy(profile, email.at, email.len);
		if (result == PEOPLE_YES)
			profile[email.len] = '\0';
	}
	free(memory);
	return result;
}

/* False: there are more than `room`. */
static bool take_list(struct cursor *c, struct slice *list, uint32_t room, uint32_t *total)
{
	*total = cursor_u32(c);
	for (uint32_t i = 0; i < *total && i < room; i++)
		list[i] = cursor_text(c);
	return *total <= room;
}

enum people_result people_lists_read(
	const char *directory, enum trust trust, struct slice profile, struct people_lists *out)
{
	enum people_result result;
	struct cursor c;

	*out = (struct people_lists){ .memory = NULL };
	result = read_profile(directory, trust, profile, &out->memory, &c);
	if (result == PEOPLE_YES &&
		(!take_list(&c, out->owners, PEOPLE_OWNERS_MAX, &out->owner_total) ||
			!take_list(&c, out->keys, PEOPLE_KEYS_MAX, &out->key_total) ||
			!take_end(&c, &out->readmitted)))
		result = PEOPLE_CORRUPT;
	return result;
}

void people_lists_done(struct people_lists *lists)
{
	free(lists->memory);
	*lists = (struct people_lists){ .memory = NULL };
}
