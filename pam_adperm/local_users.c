/* The users left to others; see local_users.h. */
#include "local_users.h"

#include "base/file.h"

#include <errno.h>

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trimmed(struct slice line)
{
	while (line.len > 0 && is_blank(line.at[0]))
		line = slice_of(line.at + 1, line.len - 1);
	while (line.len > 0 && is_blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

static bool listed_in(struct slice text, struct slice name)
{
	while (text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;

		if (slice_equal(trimmed(slice_of(text.at, len)), name))
			return true;
		len += end != NULL;
		text = slice_of(text.at + len, text.len - len);
	}
	return false;
}

enum adperm_reason local_users_has(const char *path, const char *name, bool *listed)
{
	char text[LOCAL_USERS_MAX];
	size_t len;
	int error = file_read(path, TRUST_ROOT, text, sizeof text, &len);

	*listed = false;
	if (error == -ENOENT)
		return ADPERM_OK;
	if (error != 0)
		return ADPERM_LOCAL_USERS;
	/* A blank line is no name, and one that begins with # never is a user's. */
	*listed = name[0] != '\0' && name[0] != '#' &&
		  listed_in(slice_of(text, len), slice_str(name));
	return ADPERM_OK;
}
