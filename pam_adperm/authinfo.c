/* The lines of SSH_AUTH_INFO_0; see authinfo.h. */
#include "authinfo.h"

#include "base/base64.h"

/* The bytes before the first `end`, or all; both are taken from the front of *rest. */
static struct slice take_until(struct slice *rest, char end)
{
	const uint8_t *at = memchr(rest->at, end, rest->len);
	size_t len = at != NULL ? (size_t)(at - rest->at) : rest->len;
	struct slice word = slice_of(rest->at, len);

	len += at != NULL;
	*rest = slice_of(rest->at + len, rest->len - len);
	return word;
}

enum authinfo authinfo_next(struct slice *rest, struct authinfo_key *key)
{
	struct slice line, method;
	long len;

	if (rest->len == 0)
		return AUTHINFO_END;
	line = take_until(rest, '\n');
	if (slice_equal(line, slice_str("keyboard-interactive/pam")))
		return AUTHINFO_KBDINT;
	method = take_until(&line, ' ');
	if (!slice_equal(method, slice_str("publickey")))
		return AUTHINFO_OTHER;
	take_until(&line, ' '); /* the type stands in the key, too */
	len = base64_decode(line, key->decoded, sizeof key->decoded);
	if (len < 0 || !sshkey_plain(slice_of(key->decoded, (size_t)len), key->inside,
			       sizeof key->inside, &key->plain))
		return AUTHINFO_BAD_KEY;
	return AUTHINFO_KEY;
}
