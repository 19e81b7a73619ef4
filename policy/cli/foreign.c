/* What the readers of other programs' files share; see foreign.h. */
#include "cli/foreign.h"

#include <stdlib.h>

#define SECRET_MIN 16 /* bytes; RFC 4226, section 4, R6 */

struct foreign_text foreign_text(struct slice text, uint32_t file, struct diags *diags)
{
	return (struct foreign_text){ .rest = text, .at = { .file = file }, .diags = diags };
}

bool foreign_line(struct foreign_text *t)
{
	const uint8_t *end;
	size_t len;

	if (t->rest.len == 0)
		return false;
	end = memchr(t->rest.at, '\n', t->rest.len);
	len = end != NULL ? (size_t)(end - t->rest.at) : t->rest.len;
	t->begin = t->rest.at;
	t->line = slice_of(t->rest.at, len);
	len += end != NULL;
	t->rest = slice_of(t->rest.at + len, t->rest.len - len);
	t->at.line++;
	t->at.col = 1;
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct slice foreign_word(struct foreign_text *t)
{
	struct slice word;
	size_t blanks = 0, len = 0;

	while (blanks < t->line.len && is_blank(t->line.at[blanks]))
		blanks++;
	while (blanks + len < t->line.len && !is_blank(t->line.at[blanks + len]))
		len++;
	word = slice_of(t->line.at + blanks, len);
	t->at.col = (uint32_t)(word.at - t->begin) + 1;
	t->line = slice_of(word.at + len, t->line.len - blanks - len);
	return word;
}

bool foreign_number(struct slice word, int64_t *out)
{
	int64_t value = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9' || value > INT64_MAX / 10 - 1)
			return false;
		value = value * 10 + (word.at[i] - '0');
	}
	*out = value;
	return word.len > 0;
}

bool foreign_add(struct foreigners *all, const struct foreign *one, const char *obstacle,
	struct diags *diags)
{
	if (obstacle == NULL && one->secret_len < SECRET_MIN)
		obstacle = "the secret is shorter than 16 bytes";
	if (obstacle != NULL) {
		diag(diags, one->mark, DIAG_IMPORT_NOT_OURS, "%s: this person is left out",
			obstacle);
		all->left_out++;
		return true;
	}
	if (all->n == all->room)
		return diag(diags, one->mark, DIAG_NO_MEMORY, "out of memory");
	all->at[all->n++] = *one;
	return true;
}

bool foreigners_room(struct foreigners *all, struct slice text)
{
	uint32_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	all->at = calloc(lines, sizeof *all->at);
	all->room = all->at != NULL ? lines : 0;
	return all->at != NULL;
}

void foreigners_done(struct foreigners *all)
{
	if (all->at != NULL)
		explicit_bzero(all->at, all->n * sizeof *all->at);
	free(all->at);
	*all = (struct foreigners){ .at = NULL };
}
