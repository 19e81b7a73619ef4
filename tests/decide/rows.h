/*
 * The same policy by other ways: read back from a database, and printed and loaded again. Every way
 * must come to the same rows. Used by the property tests.
 */
#ifndef ADPERM_TESTS_ROWS_H
#define ADPERM_TESTS_ROWS_H

#include "lang/emit.h"
#include "lang/from_db.h"
#include "lang/print.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The policy as text, to be freed. */
static inline char *rows_text(const struct policy *p)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL || p == NULL || !policy_print(p, out) || fclose(out) != 0)
		abort();
	return text;
}

/* The policy that a text says; its diagnostics are the caller's. */
static inline struct policy *rows_load(const char *text, const char *path, struct diags *diags)
{
	FILE *out = fopen(path, "we");
	struct policy *p;

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		abort();
	p = policy_load(&path, 1, diags);
	if (p == NULL)
		diags_print(diags, stdout);
	return p;
}

/* Writes the database, or the slice of a server. */
static inline bool rows_emit(const struct policy *p, uint32_t server, const char *path)
{
	const struct emit_options options = {
		.server = server, .generation = 7, .not_after = WHEN_NEVER
	};
	int fd;
	bool good;

	/* What stands there may be open still. */
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	good = fd >= 0 && policy_emit(p, &options, fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

static inline struct policy *rows_read(const char *path, struct diags *diags)
{
	struct policy *p;
	struct meta meta;

	return policy_from_db(path, TRUST_CALLER, diags, &meta, &p) == DB_FOUND ? p : NULL;
}

static inline bool same_bytes(const char *one, const char *other)
{
	FILE *a = fopen(one, "re"), *b = fopen(other, "re");
	int x = 0, y = 0;

	while (a != NULL && b != NULL && x != EOF && x == y) {
		x = fgetc(a);
		y = fgetc(b);
	}
	if (a != NULL)
		fclose(a);
	if (b != NULL)
		fclose(b);
	return x == EOF && y == EOF;
}

#endif
