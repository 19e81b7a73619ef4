/*
 * adperm totp rekey: another key for the secrets of adpermd. The key's file holds the new key and,
 * until every secret is sealed with it, the old one behind it; adpermd opens with both. So it may
 * end at any point: the next rekey goes on where this one stopped.
 */
#include "cli/progress.h"
#include "cli/totp.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define KEY_MODE 0400

struct arguments {
	const char *socket, *key;
};

/* What the file holds. */
struct keys {
	uint8_t now[PROTO_KEY_SIZE], before[PROTO_KEY_SIZE];
};

static bool write_keys(const char *path, const struct keys *keys, size_t len)
{
	int ret = file_write(path, KEY_MODE, slice_of(keys, len));

	if (ret != 0)
		complain("%s: %s", path, strerror(-ret));
	return ret == 0;
}

/* The keys that are to be in force meanwhile: those of a rekey that was not ended, or a new one. */
static bool prepare(const char *path, struct keys *keys)
{
	size_t len = 0;
	int ret = file_read(path, TRUST_ROOT, keys, sizeof *keys, &len);

	if (ret == 0 && len == sizeof *keys)
		return true;
	if (ret == 0 && len != sizeof keys->now)
		ret = -EFBIG;
	if (ret != 0) {
		complain("%s: %s", path,
			ret == -EPERM ? "the file and the directories above it must be root's alone"
			: ret == -EFBIG ? "is no key of adpermd"
					: strerror(-ret));
		return false;
	}
	memcpy(keys->before, keys->now, sizeof keys->before);
	if (getrandom(keys->now, sizeof keys->now, 0) != (ssize_t)sizeof keys->now) {
		complain("no random bytes: %s", strerror(errno));
		return false;
	}
	return write_keys(path, keys, sizeof *keys);
}

/* Some secrets a question, until none is left. */
static bool seal_all(struct totp_question *q, const char *socket, const struct keys *keys)
{
	bool good;

	progress_begin("sealing", "the secrets");
	do {
		totp_begin(q, socket, PROTO_REKEY);
		memcpy(q->request.secret, keys->now, sizeof keys->now);
		q->request.secret_len = sizeof keys->now;
		good = totp_ask(q);
	} while (good && q->reply.left > 0);
	progress_end();
	return good;
}

static int rekey(const struct arguments *a)
{
	struct totp_question q;
	struct keys keys;
	int code = EXIT_ERROR;

	if (!prepare(a->key, &keys))
		goto out;
	if (!seal_all(&q, a->socket, &keys)) {
		code = totp_failed(&q);
		complain("%s: holds both keys; the same command goes on", a->key);
	} else if (write_keys(a->key, &keys, sizeof keys.now)) {
		printf("%s: a new key, and all secrets are sealed with it; keep a copy where no "
		       "copy "
		       "of the state is kept\n",
			a->key);
		code = EXIT_OK;
	}
	explicit_bzero(&q, sizeof q);
out:
	explicit_bzero(&keys, sizeof keys);
	return code;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	int first, code;

	if (!arguments_parse(&totp_rekey, &a, argc, argv, &first, &code))
		return code;
	return first < argc ? complain_surplus(&totp_rekey, argv[first]) : rekey(&a);
}

static const struct command_option options[] = {
	OPTION_USUAL(struct arguments, key, "key", 0, "FILE", "of adpermd", PROTO_KEY),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

const struct command totp_rekey = {
	.name = "totp rekey",
	.synopsis = "[OPTION...]",
	.summary = "seals all secrets with a new key",
	.run = run,
	.options = options,
};
