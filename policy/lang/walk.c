/* The walk over a file's events along the rows of the schema. It knows shapes, and no key by name.
 */
#include "lang/nearest.h"
#include "lang/schema.h"

static bool walk_as(struct load *l, const struct field *f, enum shape shape, const struct event *e);

/* One value, wherever it stands. False: the file cannot be read on. */
static bool walk_event(struct load *l, const struct field *f, const struct event *e)
{
	return walk_as(l, f, f->shape, e);
}

static bool next(struct load *l, struct event *e)
{
	return !l->stop && reading_event(l->reading, e);
}

/* Passes over the rest of what e began. */
static bool skip(struct load *l, const struct event *e)
{
	struct event inside;
	unsigned depth = e->kind == EVENT_LIST || e->kind == EVENT_MAPPING;

	while (depth > 0) {
		if (!next(l, &inside))
			return false;
		if (inside.kind == EVENT_LIST || inside.kind == EVENT_MAPPING)
			depth++;
		else if (inside.kind == EVENT_LIST_END || inside.kind == EVENT_MAPPING_END)
			depth--;
	}
	return true;
}

static bool skip_next(struct load *l)
{
	struct event e = { .kind = EVENT_BAD };

	return next(l, &e) && skip(l, &e);
}

static bool is_null(const struct event *e)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (e->kind != EVENT_SCALAR || !e->plain || e->text.len > 4)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (slice_equal(e->text, slice_str(words[i])))
			return true;
	}
	return false;
}

static const char *found_words(enum event_kind kind)
{
	switch (kind) {
	case EVENT_LIST: return "a list";
	case EVENT_MAPPING: return "a mapping";
	case EVENT_SCALAR:
	case EVENT_BAD:
	case EVENT_LIST_END:
	case EVENT_MAPPING_END: break;
	}
	return "a single value";
}

/* "expected a list of permissions, found a mapping" */
static void report_shape(
	struct load *l, const struct field *f, enum shape shape, const struct event *e)
{
	static const struct {
		const char *before, *after;
		bool many;
		const char *none; /* how an empty one is written */
	} words[] = {
		[SHAPE_SCALAR] = { "", "", false, NULL },
		[SHAPE_LIST] = { "a list of ", "", true, "[]" },
		[SHAPE_ONE_OR_LIST] = { "", ", or a list", false, "[]" },
		[SHAPE_KEYS] = { "", "", false, "{}" },
		[SHAPE_NAMED] = { "a mapping from ", " to what belongs to each", true, "{}" },
		[SHAPE_ENTRIES] = { "a list of ", "", true, "[]" },
	};
	const struct type_words *type = &type_words[f->type];
	const char *name = words[shape].many ? type->many : type->one;
	const char *found = found_words(e->kind), *hint = "", *none = "";

	if (is_null(e)) {
		found = "nothing";
		none = words[shape].none;
		if (none == NULL)
			none = "";
		else if ((f->flags & FIELD_EMPTY) != 0)
			hint = "; for none at all write ";
		else
			hint = "; it may not be left empty, nor be ";
	}
	diag(l->d, e->at, is_null(e) ? DIAG_NULL_VALUE : DIAG_WRONG_SHAPE,
		"expected %s%s%s, found %s%s%s", words[shape].before, name, words[shape].after,
		found, hint, none);
}

static bool report_empty(struct load *l, const struct field *f, struct mark at, bool empty)
{
	if (!empty || (f->flags & FIELD_EMPTY) != 0)
		return true;
	return diag(l->d, at, DIAG_EMPTY_LIST, "there are no %s here: name at least one",
		type_words[f->type].many);
}

/*
 * The next key of a mapping. EVENT_SCALAR: one to be looked at; EVENT_BAD: reported, its value is
 * passed over; EVENT_MAPPING_END: no more.
 */
static bool next_key(struct load *l, struct event *key)
{
	if (!next(l, key))
		return false;
	if (key->kind == EVENT_MAPPING_END)
		return true;
	if (key->kind == EVENT_LIST || key->kind == EVENT_MAPPING) {
		diag(l->d, key->at, DIAG_KEY_NOT_TEXT, "expected a key, found %s",
			found_words(key->kind));
		if (!skip(l, key))
			return false;
		key->kind = EVENT_BAD;
	} else if (key->kind == EVENT_SCALAR && key->plain &&
		   slice_equal(key->text, slice_str("<<"))) {
		diag(l->d, key->at, DIAG_MERGE_KEY, "merge keys are not supported");
		key->kind = EVENT_BAD;
	} else if (is_null(key)) {
		diag(l->d, key->at, DIAG_NULL_VALUE, "expected a key, found nothing");
		key->kind = EVENT_BAD;
	}
	return key->kind != EVENT_BAD || skip_next(l);
}

/* No text of a policy contains a NUL. */
static bool is_key(const struct event *e, const char *key)
{
	return e->text.len > 0 && key[0] == (char)e->text.at[0] &&
	       strncmp(key, (const char *)e->text.at, e->text.len) == 0 && key[e->text.len] == '\0';
}

/* Reports it; the row that was probably meant, or NULL. */
static const struct field *unknown_key(
	struct load *l, const struct field *keys, const struct event *key)
{
	const struct field *meant = NULL;
	struct nearest nearest;

	nearest_start(&nearest, key->text);
	for (const struct field *f = keys; f->key != NULL; f++)
		nearest_offer(&nearest, slice_str(f->key));
	for (const struct field *f = keys; f->key != NULL; f++)
		if (strcmp(f->key, nearest.best) == 0)
			meant = f;
	diag(l->d, key->at, DIAG_UNKNOWN_KEY, "there is no key %s here%s",
		diag_quote(l->d, key->text), nearest_hint(&nearest));
	return meant;
}

/* NULL: reported; *meant is then the row that was probably meant, or NULL. */
static const struct field *find_key(struct load *l, const struct field *keys,
	const struct event *key, const struct field **meant)
{
	*meant = NULL;
	for (const struct field *f = keys; f->key != NULL; f++) {
		if (is_key(key, f->key))
			return f;
	}
	*meant = unknown_key(l, keys, key);
	return NULL;
}

/* The key that must come first did not. */
static void report_first(struct load *l, const struct field *first, struct mark at)
{
	diag(l->d, at, DIAG_BAD_VERSION, "the first key must be \"%s: 1\"", first->key);
}

/* A mapping with fixed keys while it is read. */
struct mapping {
	const struct field *f;
	struct {
		uint32_t line, col;
	} seen[FIELD_KEYS_MAX]; /* by row; line 0: not yet */
	unsigned excused;       /* a bit a row: it is missing because it is misspelt */
	bool any;
};

/* The row of a key; NULL: it was reported, and its value is passed over. */
static const struct field *take_key(struct load *l, struct mapping *m, const struct event *key)
{
	const struct field *keys = m->f->keys, *meant;
	const struct field *row = find_key(l, keys, key, &meant);

	if (!m->any && (keys->flags & FIELD_FIRST) != 0 && row != NULL && row != keys)
		report_first(l, keys, key->at);
	m->any = true;
	if (meant != NULL)
		m->excused |= 1u << (meant - keys);
	if (row != NULL && m->seen[row - keys].line != 0) {
		diag(l->d, key->at, DIAG_DUPLICATE_KEY, "the key %s stands here twice",
			diag_quote(l->d, key->text));
		diag_note(l->d,
			(struct mark){
				key->at.file, m->seen[row - keys].line, m->seen[row - keys].col },
			"the first one is here");
		row = NULL;
	}
	if (row == NULL) {
		l->lost |= m->f->defines;
	} else {
		m->seen[row - keys].line = key->at.line;
		m->seen[row - keys].col = key->at.col;
	}
	return row;
}

static void end_keys(struct load *l, const struct mapping *m, struct mark at)
{
	for (const struct field *row = m->f->keys; row->key != NULL; row++) {
		size_t i = (size_t)(row - m->f->keys);

		if ((row->flags & FIELD_REQUIRED) != 0 && m->seen[i].line == 0 &&
			(m->excused >> i & 1) == 0)
			diag(l->d, at, DIAG_MISSING_KEY, "the key \"%s\" is missing here",
				row->key);
	}
	if (!m->any && (m->f->keys->flags & FIELD_FIRST) != 0)
		report_first(l, m->f->keys, at);
	if (m->f->close != NULL)
		m->f->close(l, at);
}

static bool walk_keys(struct load *l, const struct field *f, struct mark at)
{
	struct mapping m = { .f = f };
	struct event key = { .kind = EVENT_BAD };

	if (f->open != NULL && !f->open(l, at))
		return false;
	while (next_key(l, &key) && key.kind != EVENT_MAPPING_END) {
		const struct field *row = NULL;

		if (key.kind == EVENT_BAD) {
			l->lost |= f->defines;
			continue;
		}
		row = take_key(l, &m, &key);
		if (row == NULL ? !skip_next(l) : !next(l, &key) || !walk_event(l, row, &key))
			return false;
	}
	if (key.kind != EVENT_MAPPING_END)
		return false;
	end_keys(l, &m, at);
	return true;
}

static bool walk_named(struct load *l, const struct field *f, struct mark at)
{
	uint32_t list = ++l->lists;
	bool empty = true;
	struct event e = { .kind = EVENT_BAD };

	while (next_key(l, &e) && e.kind != EVENT_MAPPING_END) {
		empty = false;
		if (e.kind == EVENT_BAD) {
			l->lost |= f->defines;
			continue;
		}
		l->list = list;
		if (f->take(l, &e)) {
			if (!next(l, &e) || !walk_event(l, f->inner, &e))
				return false;
		} else {
			l->lost |= f->inner->defines;
			if (!skip_next(l))
				return false;
		}
		e.kind = EVENT_BAD;
	}
	if (e.kind != EVENT_MAPPING_END)
		return false;
	report_empty(l, f, at, empty);
	return true;
}

/* Items of a list: scalars for the field itself, or entries for its inner one. */
static bool walk_list(struct load *l, const struct field *f, struct mark at)
{
	bool entries = f->shape == SHAPE_ENTRIES, empty = true;
	struct event e = { .kind = EVENT_BAD };

	l->list = ++l->lists;
	if (f->open != NULL && !f->open(l, at))
		return false;
	while (next(l, &e)) {
		if (e.kind == EVENT_LIST_END) {
			report_empty(l, f, at, empty);
			return true;
		}
		empty = false;
		if (entries ? !walk_event(l, f->inner, &e) : !walk_as(l, f, SHAPE_SCALAR, &e))
			return false;
	}
	return false;
}

/* The same where the value should have this shape: an item of a list is no list. */
static bool walk_as(struct load *l, const struct field *f, enum shape shape, const struct event *e)
{
	bool list_fits =
		shape == SHAPE_LIST || shape == SHAPE_ONE_OR_LIST || shape == SHAPE_ENTRIES;
	bool scalar_fits = shape == SHAPE_SCALAR || shape == SHAPE_ONE_OR_LIST;

	if (e->kind == EVENT_BAD) {
		l->lost |= f->defines;
		return true;
	}
	if (e->kind == EVENT_LIST && list_fits)
		return walk_list(l, f, e->at);
	if (e->kind == EVENT_MAPPING && shape == SHAPE_KEYS)
		return walk_keys(l, f, e->at);
	if (e->kind == EVENT_MAPPING && shape == SHAPE_NAMED)
		return walk_named(l, f, e->at);
	if (e->kind == EVENT_SCALAR && scalar_fits && !is_null(e)) {
		if (shape == SHAPE_ONE_OR_LIST)
			l->list = ++l->lists;
		f->take(l, e);
		return true;
	}
	report_shape(l, f, shape, e);
	l->lost |= f->defines;
	return skip(l, e);
}

bool take_version(struct load *l, const struct event *e)
{
	if (e->plain && slice_equal(e->text, slice_str("1")))
		return true;
	l->stop = true;
	return diag(l->d, e->at, DIAG_BAD_VERSION,
		"the version of the format is 1, without quotes, and not %s",
		diag_quote(l->d, e->text));
}

bool walk_root(struct load *l, const struct field *field)
{
	struct event root;

	return next(l, &root) && walk_event(l, field, &root) && !l->stop &&
	       reading_finish(l->reading);
}

bool walk_file(struct load *l)
{
	return walk_root(l, &schema_root);
}
