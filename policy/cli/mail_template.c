/* Filling in the text of a mail, and the words of its language; see mail_template.h. */
#include "cli/mail_template.h"

#include "base/file.h"
#include "cli/cli.h"
#include "model/names.h"

#include <errno.h>
#include <limits.h>

#define TEMPLATE_MAX 16384 /* bytes */
#define SUBJECT      "Subject: "

/* A template while it is being read. */
struct reading {
	const char *path;
	struct slice rest;
	unsigned line, col;
	const struct mail_value *values;
};

static uint8_t next(struct reading *r)
{
	uint8_t c = r->rest.at[0];

	r->rest = slice_of(r->rest.at + 1, r->rest.len - 1);
	r->col++;
	if (c == '\n') {
		r->line++;
		r->col = 1;
	}
	return c;
}

static bool wrong(const struct reading *r, const char *what)
{
	complain("%s:%u:%u: error: %s", r->path, r->line, r->col, what);
	return false;
}

static bool unknown(const struct reading *r, struct slice name)
{
	char known[400] = "";
	size_t len = 0;

	for (const struct mail_value *v = r->values; v->name != NULL && len < sizeof known; v++)
		len += (size_t)snprintf(known + len, sizeof known - len, " {%s}", v->name);
	complain("%s:%u:%u: error: nothing is called {%.*s}; here there are%s", r->path, r->line,
		r->col, (int)name.len, (const char *)name.at, known);
	return false;
}

/* What stands behind an opening brace, up to the closing one. */
static bool take_value(struct reading *r, struct buf *out)
{
	struct slice name = { r->rest.at + 1, 0 };

	while (name.len + 1 < r->rest.len && strchr("}\n{", name.at[name.len]) == NULL)
		name.len++;
	if (name.len + 1 == r->rest.len || name.at[name.len] != '}')
		return wrong(r, "this { is closed by no } in the same line; {{ is a brace");
	for (const struct mail_value *v = r->values; v->name != NULL; v++) {
		if (!slice_equal(name, slice_str(v->name)))
			continue;
		buf_bytes(out, v->text, strlen(v->text));
		for (size_t i = 0; i < name.len + 2; i++)
			next(r);
		return true;
	}
	return unknown(r, name);
}

/* Takes the text up to a line's end, or to the end. */
static bool take_text(struct reading *r, bool line, struct buf *out)
{
	while (r->rest.len > 0 && !(line && r->rest.at[0] == '\n')) {
		uint8_t c = r->rest.at[0];

		if (c == '\0')
			return wrong(r, "a control character");
		if ((c == '{' || c == '}') && r->rest.len > 1 && r->rest.at[1] == c) {
			next(r);
		} else if (c == '{') {
			if (!take_value(r, out))
				return false;
			continue;
		} else if (c == '}') {
			return wrong(r, "this } closes nothing; }} is a brace");
		}
		buf_u8(out, next(r));
	}
	buf_u8(out, '\0');
	return true;
}

static bool fill(struct reading *r, struct mail_text *out)
{
	size_t len = strlen(SUBJECT);

	if (r->rest.len < len || memcmp(r->rest.at, SUBJECT, len) != 0)
		return wrong(r, "a template begins with \"" SUBJECT "\" and an empty line");
	for (size_t i = 0; i < len; i++)
		next(r);
	if (!take_text(r, true, &out->subject))
		return false;
	if (r->rest.len < 2 || memcmp(r->rest.at, "\n\n", 2) != 0)
		return wrong(r, "behind the subject there is an empty line, and then the text");
	next(r);
	next(r);
	if (!take_text(r, false, &out->body))
		return false;
	return (!out->subject.failed && !out->body.failed) || wrong(r, "out of memory");
}

/*
 * A file of a language: 0 or a negative errno, which was complained of unless it is -ENOENT and the
 * file need not be there.
 */
static int read_file(const char *command, const char *directory, const char *language,
	const char *name, bool needed, char path[static PATH_MAX], char text[static TEMPLATE_MAX],
	size_t *len)
{
	int ret;

	if (language == NULL)
		language = MAIL_LANGUAGE;
	if (!name_is_label(slice_str(language))) {
		complain("%s: a language is a directory of templates, like \"en\"", command);
		return -EINVAL;
	}
	snprintf(path, PATH_MAX, "%s/%s/%s.txt", directory, language, name);
	ret = file_read(path, TRUST_ROOT, text, TEMPLATE_MAX, len);
	if (ret == -EPERM)
		complain("%s: %s: it, and every directory above it, must be root's and writable by "
			 "nobody else",
			command, path);
	else if (ret != 0 && (needed || ret != -ENOENT))
		complain("%s: %s: %s", command, path, strerror(-ret));
	return ret;
}

bool mail_fill(const char *command, const char *directory, const char *language, const char *name,
	const struct mail_value *values, struct mail_text *out)
{
	char path[PATH_MAX], text[TEMPLATE_MAX];
	struct reading r = { .path = path, .line = 1, .col = 1, .values = values };
	size_t len;

	*out = (struct mail_text){ .subject = { .at = NULL } };
	if (read_file(command, directory, language, name, true, path, text, &len) != 0)
		return false;
	r.rest = slice_of(text, len);
	return fill(&r, out);
}

bool mail_words(const char *command, const char *directory, const char *language, struct words *out)
{
	char path[PATH_MAX], text[TEMPLATE_MAX];
	size_t len;
	int ret = read_file(command, directory, language, WORDS_FILE, false, path, text, &len);

	*out = (struct words){ .word = { NULL } };
	return ret == 0 ? words_take(path, slice_of(text, len), out) : ret == -ENOENT;
}

static void wipe(struct buf *b)
{
	if (b->at != NULL)
		explicit_bzero(b->at, b->cap);
	buf_done(b);
}

void mail_text_done(struct mail_text *text)
{
	wipe(&text->subject);
	wipe(&text->body);
}
