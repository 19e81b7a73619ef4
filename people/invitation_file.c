/* The files of invitations, read by whoever may; see invitation.h. */
#include "people/invitation.h"

#include "base/process.h"

#include <errno.h>
#include <stdlib.h>

#define MAGIC "adpermpi"

void invitation_put(struct buf *out, const struct invitation *i)
{
	people_file_begin(out, MAGIC, slice_str(i->profile));
	buf_u64(out, (uint64_t)i->made_at);
	buf_u64(out, (uint64_t)i->expires_at);
	buf_u8(out, (uint8_t)i->no_pin);
	buf_u8(out, i->mailed);
	buf_bytes(out, i->code, sizeof i->code);
	buf_bytes(out, i->both, sizeof i->both);
	buf_u32(out, i->wrong);
	buf_text(out, slice_str(i->place));
	buf_u32(out, i->holder.pid);
	buf_u64(out, i->holder.start);
	buf_text(out, slice_of(i->key, i->key_len));
	people_file_end(out);
}

/* A text into an array that it leaves room in for a NUL, and has none inside. */
static bool take_text(struct cursor *c, char *out, size_t room)
{
	struct slice text = cursor_text(c);

	if (text.len >= room || (text.len > 0 && memchr(text.at, '\0', text.len) != NULL))
		return false;
	if (text.len > 0)
		memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return true;
}

static void take_digest(struct cursor *c, uint8_t out[static SHA256_SIZE])
{
	struct slice bytes = cursor_take(c, SHA256_SIZE);

	if (bytes.len == SHA256_SIZE)
		memcpy(out, bytes.at, SHA256_SIZE);
}

static bool take(struct cursor *c, struct invitation *out)
{
	struct slice key;
	uint8_t no_pin;
	bool good = take_text(c, out->profile, sizeof out->profile);

	out->made_at = (int64_t)cursor_u64(c);
	out->expires_at = (int64_t)cursor_u64(c);
	no_pin = cursor_u8(c);
	out->no_pin = (enum wish_pin)no_pin;
	out->mailed = cursor_u8(c) != 0;
	take_digest(c, out->code);
	take_digest(c, out->both);
	out->wrong = cursor_u32(c);
	good = good && take_text(c, out->place, sizeof out->place);
	out->holder.pid = cursor_u32(c);
	out->holder.start = cursor_u64(c);
	key = cursor_text(c);
	if (!good || !cursor_done(c) || no_pin > WISH_PIN_UNFLAGGED || key.len > sizeof out->key)
		return false;
	if (key.len > 0)
		memcpy(out->key, key.at, key.len);
	out->key_len = (uint16_t)key.len;
	return true;
}

void invitation_name(struct slice profile, char out[static PEOPLE_NAME_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	sha256_of(profile, digest);
	people_name(INVITATION_KIND, digest, out);
}

enum people_result invitation_read(const char *directory, const char *name, struct invitation *out)
{
	uint8_t *memory = NULL;
	char right[PEOPLE_NAME_SIZE];
	struct cursor c;
	enum people_result result =
		people_file_read(directory, TRUST_ROOT, name, MAGIC, &memory, &c);

	*out = (struct invitation){ .wrong = 0 };
	if (result == PEOPLE_YES) {
		if (!take(&c, out))
			result = PEOPLE_CORRUPT;
		invitation_name(slice_str(out->profile), right);
		if (strcmp(name, right) != 0)
			result = PEOPLE_CORRUPT;
	}
	free(memory);
	if (result != PEOPLE_YES)
		*out = (struct invitation){ .wrong = 0 };
	return result;
}

/* --- all of them */

static int is_invitation(const struct dirent *entry)
{
	return entry->d_name[0] == INVITATION_KIND && strlen(entry->d_name) == PEOPLE_NAME_SIZE - 1;
}

int invitation_names(const char *directory, struct dirent ***names)
{
	int n;

	*names = NULL;
	n = scandir(directory, names, is_invitation, alphasort);
	return n >= 0 ? n : -errno;
}

void invitation_names_free(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

bool holder_has_ended(const struct holder *holder)
{
	struct process process;
	int ret = process_read((pid_t)holder->pid, &process);

	return ret == -ENOENT || (ret == 0 && process.start != holder->start);
}
