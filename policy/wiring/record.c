/*
 * The record of a wired service; see record.h. A line a file, fields separated by tabs:
 *
 *	block PATH - COPY
 *	file  PATH SHA256 COPY
 */
#include "wiring/record.h"

#include "base/buf.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEADER     "adperm-wiring 1\n"
#define RECORD_MAX 65536

static int record_path(const char *directory, const char *service, char out[static PATH_MAX])
{
	if ((size_t)snprintf(out, PATH_MAX, "%s/%s", directory, service) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

static void put_text(struct buf *b, const char *text)
{
	buf_bytes(b, text, strlen(text));
}

static void put_digest(struct buf *b, const uint8_t digest[static SHA256_SIZE])
{
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		char hex[3];

		snprintf(hex, sizeof hex, "%02x", digest[i]);
		put_text(b, hex);
	}
}

int record_write(const char *directory, const char *service, const struct record *record)
{
	struct buf b = { .at = NULL };
	char path[PATH_MAX];
	int ret = record_path(directory, service, path);

	put_text(&b, HEADER);
	for (size_t i = 0; i < record->n; i++) {
		const struct record_file *file = &record->files[i];

		put_text(&b, file->block ? "block\t" : "file\t");
		put_text(&b, file->path);
		put_text(&b, "\t");
		if (file->block)
			put_text(&b, "-");
		else
			put_digest(&b, file->digest);
		put_text(&b, "\t");
		put_text(&b, file->copy);
		put_text(&b, "\n");
	}
	if (ret == 0)
		ret = b.failed ? -ENOMEM : file_write(path, 0644, buf_slice(&b));
	buf_done(&b);
	return ret;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_digest(const char *text, uint8_t digest[static SHA256_SIZE])
{
	if (strlen(text) != 2 * SHA256_SIZE)
		return false;
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (uint8_t)(16 * high + low);
	}
	return true;
}

static bool take_path(const char *text, bool may_be_empty, char out[static PATH_MAX])
{
	if (text == NULL || strlen(text) >= PATH_MAX || (text[0] != '/' && !may_be_empty) ||
		(text[0] != '/' && text[0] != '\0'))
		return false;
	snprintf(out, PATH_MAX, "%s", text);
	return true;
}

static bool take_line(char *line, struct record_file *file)
{
	const char *kind = strsep(&line, "\t"), *path = strsep(&line, "\t"),
		   *digest = strsep(&line, "\t"), *copy = strsep(&line, "\t");

	*file = (struct record_file){ .block = strcmp(kind, "block") == 0 };
	if (line != NULL || copy == NULL || (!file->block && strcmp(kind, "file") != 0))
		return false;
	if (!take_path(path, false, file->path) || !take_path(copy, true, file->copy))
		return false;
	return file->block ? strcmp(digest, "-") == 0 : take_digest(digest, file->digest);
}

static int take_lines(char *text, struct record *record)
{
	char *line;

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return -EBADMSG;
	text += strlen(HEADER);
	while ((line = strsep(&text, "\n")) != NULL && text != NULL)
		if (record->n == RECORD_FILES_MAX || !take_line(line, &record->files[record->n++]))
			return -EBADMSG;
	return line != NULL && line[0] == '\0' ? 0 : -EBADMSG;
}

int record_read(const char *directory, const char *service, struct record *record)
{
	char path[PATH_MAX], *text = malloc(RECORD_MAX + 1);
	size_t len = 0;
	int ret = text != NULL ? record_path(directory, service, path) : -ENOMEM;

	record->n = 0;
	if (ret == 0)
		ret = file_read(path, TRUST_ROOT, text, RECORD_MAX, &len);
	if (ret == 0) {
		text[len] = '\0';
		ret = strlen(text) == len ? take_lines(text, record) : -EBADMSG;
	}
	free(text);
	return ret;
}

int record_remove(const char *directory, const char *service)
{
	char path[PATH_MAX];
	int ret = record_path(directory, service, path);

	if (ret == 0 && unlink(path) != 0)
		ret = -errno;
	return ret;
}
