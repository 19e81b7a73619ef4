/* Values out of written records; see from_db_take.h. */
#include "lang/from_db_take.h"

#include "lang/unicode.h"

#include <stdlib.h>

bool from_db_no_memory(struct from_db *f)
{
	f->no_memory = true;
	return false;
}

void from_db_part(struct from_db *f, enum written_part part, void *into)
{
	written_take(&f->c, &f->before, part, into);
}

/* One line, of what a policy may contain. */
static bool text_is_good(struct slice text, bool line)
{
	while (text.len > 0) {
		uint32_t character;
		int len = utf8_decode(text, &character);

		if (len <= 0 || character_refused(character) != NULL || (line && character == '\n'))
			return false;
		text = slice_of(text.at + len, text.len - (size_t)len);
	}
	return true;
}

bool from_db_text(struct from_db *f, struct slice text, bool line, uint32_t *offset)
{
	*offset = 0;
	if (text.len == 0)
		return true;
	return text_is_good(text, line) && (pool_put(f->p, text, offset) || from_db_no_memory(f));
}

struct name *from_db_name(struct from_db *f, enum name_kind kind, struct slice text,
	bool (*good)(struct slice text), uint32_t index)
{
	struct name *name = good(text) ? name_mention(f->p, kind, text) : NULL;

	if (name == NULL) {
		f->no_memory |= good(text);
		return NULL;
	}
	if (name->index != NO_INDEX)
		return NULL;
	name->index = index;
	return name;
}

bool from_db_find(const struct from_db *f, enum name_kind kind, struct slice text, uint32_t *index)
{
	*index = policy_find(f->p, kind, text);
	return *index != NO_INDEX;
}

/*
 * The number of a file among the diagnostics' names, where those of this database stand together.
 * Records of a kind follow the files, so it is likely that of the last mark, or the next.
 */
static bool take_file(struct from_db *f, struct slice file, uint32_t *number)
{
	struct diags *d = f->p->diags;
	char *name;

	for (uint32_t i = 0; i < f->files; i++) {
		*number = f->first_file + (f->file + i) % f->files;
		if (!slice_equal(file, slice_str(diags_file_name(d, *number))))
			continue;
		f->file = *number - f->first_file;
		return true;
	}
	if (file.len == 0 || memchr(file.at, '\0', file.len) != NULL)
		return false;
	name = strndup((const char *)file.at, file.len);
	*number = name != NULL ? diags_file(d, name) : 0;
	free(name);
	if (*number == 0)
		return from_db_no_memory(f);
	if (f->files == 0)
		f->first_file = *number;
	f->file = f->files++;
	return true;
}

bool from_db_mark(struct from_db *f, const struct written_mark *from, struct mark *mark)
{
	*mark = (struct mark){ .line = from->line, .col = from->col };
	if (from->line == 0)
		return from->file.len == 0;
	return take_file(f, from->file, &mark->file);
}

/* Could it have been written so? */
static bool net_is_good(const struct net *net)
{
	char text[ADDRESS_TEXT_SIZE];
	struct net again;

	net_text(net, text);
	return net_parse(slice_str(text), &again) == NET_GOOD;
}

bool from_db_nets(struct from_db *f, uint32_t n, struct span *nets)
{
	*nets = (struct span){ f->p->nets.n, n };
	for (uint32_t i = 0; i < n && !f->c.short_of; i++) {
		struct net net, *row;

		record_take_net(&f->c, &net);
		if (f->c.short_of || !net_is_good(&net))
			return false;
		row = ROWS_ADD(&f->p->nets);
		if (row == NULL)
			return from_db_no_memory(f);
		*row = net;
	}
	return !f->c.short_of;
}

bool from_db_ids(struct from_db *f, uint32_t n, bool groups, struct span *ids)
{
	struct policy *p = f->p;

	*ids = (struct span){ p->ids.n, n };
	for (uint32_t i = 0; i < n && !f->c.short_of; i++) {
		struct written_name part;
		uint32_t id, *row;

		from_db_part(f, WRITTEN_NAME, &part);
		if ((part.group != 0 && !groups) ||
			!from_db_find(
				f, part.group != 0 ? NAME_GROUP : NAME_PROFILE, part.name, &id))
			return false;
		if (part.group != 0)
			id |= TO_GROUP;
		row = ROWS_ADD(&p->ids);
		if (row == NULL)
			return from_db_no_memory(f);
		*row = id;
	}
	return n > 0 && !f->c.short_of;
}
