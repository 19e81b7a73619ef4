/*
 * people DIR EMAIL [owner=EMAIL | key=BASE64]...: writes what a person has changed below DIR, as
 * the program that lets them will: the owners whose grants they gave back, the keys they
 * registered.
 *
 * people DIR EMAIL invited=SECONDS: instead, an invitation that ends then, since 1970.
 */
#include "base/base64.h"
#include "base/sshkey.h"
#include "people/invitation.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 8 };

static void write_file(const char *directory, char kind, struct slice of, const struct buf *bytes)
{
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE], path[512];
	int fd;

	sha256_of(of, digest);
	people_name(kind, digest, name);
	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0 || write(fd, bytes->at, bytes->len) != (ssize_t)bytes->len || close(fd) != 0)
		err(2, "%s", path);
}

static void invite(const char *directory, const char *email, const char *until)
{
	struct invitation i = { .mailed = true, .expires_at = strtoll(until, NULL, 10) };
	struct buf file = { .at = NULL };

	snprintf(i.profile, sizeof i.profile, "%s", email);
	invitation_put(&file, &i);
	write_file(directory, INVITATION_KIND, slice_str(email), &file);
	buf_done(&file);
}

int main(int argc, char **argv)
{
	static uint8_t blobs[LIST_MAX][SSHKEY_MAX];
	struct slice owners[LIST_MAX], keys[LIST_MAX];
	uint32_t owner_total = 0, key_total = 0;
	struct buf file = { .at = NULL };

	if (argc < 3 || argc > 3 + LIST_MAX)
		errx(2, "usage: people DIR EMAIL [owner=EMAIL | key=BASE64]... | invited=SECONDS");
	if (argc == 4 && strncmp(argv[3], "invited=", 8) == 0) {
		invite(argv[1], argv[2], argv[3] + 8);
		return 0;
	}
	for (int i = 3; i < argc; i++) {
		long len;

		if (strncmp(argv[i], "owner=", 6) == 0) {
			owners[owner_total++] = slice_str(argv[i] + 6);
			continue;
		}
		len = base64_decode(slice_str(argv[i] + 4), blobs[key_total], SSHKEY_MAX);
		if (strncmp(argv[i], "key=", 4) != 0 || len <= 0)
			errx(2, "%s", argv[i]);
		keys[key_total] = slice_of(blobs[key_total], (size_t)len);
		people_put_key(&file, slice_str(argv[2]), keys[key_total]);
		write_file(argv[1], 'k', keys[key_total++], &file);
	}
	people_put_profile(&file, slice_str(argv[2]), owners, owner_total, keys, key_total, 0);
	write_file(argv[1], 'p', slice_str(argv[2]), &file);
	buf_done(&file);
	return 0;
}
