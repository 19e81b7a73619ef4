/* The files of signing keys; see signature.h. */
#include "cli/signature.h"

#include "base/base64.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define PUBLIC_WORD   "adperm-ed25519-public "
#define SECRET_WORD   "adperm-ed25519-secret "
#define PUBLIC_SUFFIX ".pub"

void public_key_name(struct public_key *key)
{
	struct text t = text_over(key->id, sizeof key->id);
	uint8_t digest[SHA256_SIZE];

	sha256_of(slice_of(key->bytes, sizeof key->bytes), digest);
	text_add_hex(&t, slice_of(digest, (KEY_ID_SIZE - 1) / 2));
}

/* The key in a file's one line. */
static bool parse_line(struct slice text, const char *word, uint8_t *out, size_t size)
{
	size_t skip = strlen(word), len = BASE64_LEN(size);
	struct slice begin, encoded;

	return slice_sub(text, 0, skip, &begin) && slice_equal(begin, slice_str(word)) &&
	       slice_sub(text, skip, len, &encoded) && text.len == skip + len + 1 &&
	       text.at[text.len - 1] == '\n' && base64_decode(encoded, out, size) == (long)size;
}

int public_key_read(const char *path, enum trust trust, struct public_key *key)
{
	char text[KEY_TEXT_MAX];
	size_t len;
	int ret = file_read(path, trust, text, sizeof text, &len);

	if (ret == -EFBIG || (ret == 0 && !parse_line(slice_of(text, len), PUBLIC_WORD, key->bytes,
						  sizeof key->bytes)))
		ret = -EBADMSG;
	if (ret == 0)
		public_key_name(key);
	return ret;
}

const char *public_key_error(int error)
{
	if (error == -EPERM)
		return "not a regular file";
	return error == -EBADMSG ? "no public key that `adperm keygen` made" : strerror(-error);
}

/* Do the two halves belong together? A signature with another public half would give it away. */
static bool halves_match(const struct secret_key *key)
{
	uint8_t public_half[PUBLIC_KEY_SIZE];
	struct secret_key again;
	bool same;

	same = sodium_init() >= 0 &&
	       crypto_sign_seed_keypair(public_half, again.bytes, key->bytes) == 0 &&
	       sodium_memcmp(again.bytes, key->bytes, sizeof again.bytes) == 0;
	explicit_bzero(&again, sizeof again);
	return same;
}

int secret_key_read(const char *path, struct secret_key *key)
{
	char text[KEY_TEXT_MAX];
	struct stat state;
	int fd, ret = file_open(path, TRUST_CALLER, &fd, &state);
	size_t len;

	if (ret != 0)
		return ret;
	len = (size_t)state.st_size;
	if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		ret = -EPERM;
	else if (state.st_size < 0 || len > sizeof text)
		ret = -EBADMSG;
	else
		ret = file_read_at(fd, 0, text, len);
	close(fd);
	if (ret == 0 &&
		(!parse_line(slice_of(text, len), SECRET_WORD, key->bytes, sizeof key->bytes) ||
			!halves_match(key)))
		ret = -EBADMSG;
	explicit_bzero(text, sizeof text);
	return ret;
}

/* A file that was not there before, with one line, and on the disk. */
static int create_line(
	const char *path, mode_t mode, const char *word, const uint8_t *bytes, size_t size)
{
	char line[KEY_TEXT_MAX];
	int len, ret = 0,
		 fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t skip = strlen(word);

	if (fd < 0)
		return -errno;
	memcpy(line, word, skip);
	base64_encode(slice_of(bytes, size), line + skip);
	len = (int)(skip + BASE64_LEN(size));
	line[len++] = '\n';
	errno = EIO;
	if (write(fd, line, (size_t)len) != len || fchmod(fd, mode) != 0 || fsync(fd) != 0)
		ret = -errno;
	explicit_bzero(line, sizeof line);
	if (close(fd) != 0 && ret == 0)
		ret = -errno;
	if (ret != 0)
		unlink(path);
	return ret;
}

int keypair_create(const char *path, struct public_key *made)
{
	char public_path[PATH_MAX];
	struct secret_key secret;
	int n = snprintf(public_path, sizeof public_path, "%s" PUBLIC_SUFFIX, path);
	int ret;

	if (n < 0 || (size_t)n >= sizeof public_path)
		return -ENAMETOOLONG;
	if (sodium_init() < 0 || crypto_sign_keypair(made->bytes, secret.bytes) != 0)
		return -EIO;
	public_key_name(made);
	ret = create_line(public_path, 0644, PUBLIC_WORD, made->bytes, sizeof made->bytes);
	if (ret == 0) {
		ret = create_line(path, 0600, SECRET_WORD, secret.bytes, sizeof secret.bytes);
		if (ret != 0)
			unlink(public_path);
	}
	explicit_bzero(&secret, sizeof secret);
	return ret;
}

static bool is_public_name(const char *name)
{
	size_t len = strlen(name), end = strlen(PUBLIC_SUFFIX);

	return name[0] != '.' && len > end && strcmp(name + len - end, PUBLIC_SUFFIX) == 0;
}

int trusted_keys_read(
	const char *directory, enum trust trust, struct trusted_keys *keys, char wrong[static 512])
{
	DIR *list;
	struct dirent *entry;
	int ret = trust == TRUST_ROOT ? file_trusted_dir(directory) : 0;

	keys->n = 0;
	snprintf(wrong, 512, "%s", directory);
	if (ret != 0)
		return ret == -ENOENT ? 0 : ret;
	list = opendir(directory);
	if (list == NULL)
		return errno == ENOENT ? 0 : -errno;
	while (ret == 0 && (entry = readdir(list)) != NULL) {
		if (!is_public_name(entry->d_name))
			continue;
		snprintf(wrong, 512, "%s/%s", directory, entry->d_name);
		ret = keys->n == TRUSTED_KEYS_MAX
			      ? -E2BIG
			      : public_key_read(wrong, trust, &keys->key[keys->n]);
		keys->n += ret == 0;
	}
	closedir(list);
	return ret;
}
