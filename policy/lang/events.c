/* libyaml behind limits; see events.h. */
#include "lang/events.h"

#include "lang/unicode.h"

#define LITTLE    256 /* bytes */
#define THIS_FILE 1   /* the number of the file in diagnostics that are on their way to a tape */

/* Copies what was found wrong with the bytes to the tape. */
static void pass_reports(struct events *e, const struct piece *piece)
{
	struct tape_place place = { 0, 0 };
	struct tape_entry entry;

	for (const struct tape_block *b = piece->reports.first; b != NULL; b = b->next) {
		place.at = 0;
		while (tape_take(b, &place, &entry))
			tape_put(e->tape, &entry);
		e->dirty = true;
	}
}

/*
 * The next bytes for libyaml; it is given no more at a time than it asks for, and where its part
 * may end just a little: it decodes whatever it has got.
 */
static int give_bytes(void *data, unsigned char *into, size_t room, size_t *len)
{
	struct events *e = data;
	const char *from = e->prefix + e->prefix_at;
	size_t left = e->prefix_len - e->prefix_at;

	while (left == 0 && e->at == e->piece->end && !e->piece->last) {
		const struct piece *next = e->source->next(e->source->data);

		if (next == NULL) {
			e->stopped = true;
			return 0;
		}
		e->piece = next;
		e->at = next->start;
		if (e->ahead == NULL)
			e->ahead = next;
		pass_reports(e, next);
	}
	*len = left > 0 ? left : e->piece->end - e->at;
	if (*len == 0)
		return !e->piece->stopped;
	if (e->ahead != NULL && room > LITTLE)
		room = LITTLE;
	*len = *len < room ? *len : room;
	if (left > 0) {
		memcpy(into, from, *len);
		e->prefix_at += *len;
	} else {
		memcpy(into, e->piece->bytes + e->at, *len);
		e->at += *len;
	}
	return 1;
}

static void put_reports(struct events *e)
{
	if (diags_kept(e->diags) == 0)
		return;
	e->dirty = true;
	tape_put_reports(e->tape, e->diags, THIS_FILE);
}

static struct mark mark_of(const struct events *e, yaml_mark_t at)
{
	return (struct mark){ THIS_FILE, e->line + (uint32_t)at.line, (uint32_t)at.column + 1 };
}

/*
 * Where it began what it was reading. What is around a cut began for this parser in the prefix, or
 * at the cut; where it did in the file the reader of the tape knows.
 */
static void note_context(struct events *e, const char *context, struct mark at)
{
	struct tape_entry note = {
		.kind = TAPE_REPORT, .of_file = true, .line = at.line, .col = at.col
	};
	bool nesting = strcmp(context, "while parsing a block mapping") == 0 ||
		       strcmp(context, "while parsing a block collection") == 0;
	char words[128];

	for (uint8_t i = 0; nesting && i < e->depth && i < e->around; i++)
		if (e->open[i].line == at.line && e->open[i].col == at.col - 1)
			note.level = (uint8_t)(i + 1);
	put_reports(e);
	snprintf(words, sizeof words, "%s that begins here", context);
	note.text = slice_str(words);
	tape_put(e->tape, &note);
}

/* libyaml's own complaint. */
static bool syntax_error(struct events *e)
{
	const yaml_parser_t *p = &e->parser;
	struct diags *d = e->diags;

	if (p->error == YAML_READER_ERROR) {
		/* The bytes were judged before, so this is the input that stopped, and said why. */
		if (!e->stopped && !e->piece->stopped)
			diag(d, (struct mark){ THIS_FILE, 0, 0 }, DIAG_SYNTAX, "%s", p->problem);
		return false;
	}
	if (p->error == YAML_MEMORY_ERROR || p->problem == NULL)
		return diag(d, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	diag(d, mark_of(e, p->problem_mark), DIAG_SYNTAX, "%s", p->problem);
	if (p->context != NULL && p->context_mark.index != p->problem_mark.index)
		note_context(e, p->context, mark_of(e, p->context_mark));
	return false;
}

/* Whether there is anything to free: of most events that is all that freeing finds out. */
static bool owns(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return false;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL ||
		       event->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL ||
		       event->data.mapping_start.tag != NULL;
	case YAML_DOCUMENT_START_EVENT:
	case YAML_ALIAS_EVENT:
	case YAML_SCALAR_EVENT: break;
	}
	return true;
}

/* libyaml's next event into e->last. False: what syntax_error() says. */
static bool step(struct events *e)
{
	if (owns(&e->last))
		yaml_event_delete(&e->last);
	return yaml_parser_parse(&e->parser, &e->last) != 0;
}

bool events_start(struct events *e, const struct event_source *source)
{
	const struct piece *piece = source->next(source->data);

	memset(e, 0, sizeof *e);
	e->source = source;
	e->diags = diags_new();
	if (e->diags == NULL || piece == NULL || diags_file(e->diags, "") != THIS_FILE ||
		!yaml_parser_initialize(&e->parser))
		return false;
	e->piece = piece;
	e->at = piece->start;
	e->line = piece->line;
	if (piece->cuttable) {
		e->prefix_len = cut_prefix(&piece->cut, e->prefix);
		e->line -= piece->cut.n;
		e->skip = e->around = piece->cut.n + 1;
	}
	yaml_parser_set_encoding(&e->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&e->parser, give_bytes, e);
	return true;
}

static void put(struct events *e, const struct tape_entry *entry)
{
	put_reports(e);
	tape_put(e->tape, entry);
}

static void put_kind(struct events *e, enum tape_kind kind, struct mark at)
{
	put(e, &(struct tape_entry){ .kind = kind, .line = at.line, .col = at.col });
}

static bool begin(struct events *e)
{
	if (!step(e) || !step(e))
		return syntax_error(e);
	if (e->last.type == YAML_STREAM_END_EVENT)
		return diag(e->diags, (struct mark){ THIS_FILE, 1, 1 }, DIAG_EMPTY_FILE,
			"the file is empty");
	if (e->last.data.document_start.version_directive != NULL ||
		e->last.data.document_start.tag_directives.start !=
			e->last.data.document_start.tag_directives.end)
		diag(e->diags, mark_of(e, e->last.start_mark), DIAG_DIRECTIVE,
			"YAML directives are not supported");
	e->begun = true;
	if (e->skip == 0)
		put(e, &(struct tape_entry){
			       .kind = TAPE_BEGIN, .flag = !e->last.data.document_start.implicit });
	return true;
}

/* Behind the last event of the root: judges how the file ends. */
static bool finish(struct events *e)
{
	struct diags *d = e->diags;
	struct mark at;
	size_t tokens;
	bool ends;

	if (!step(e))
		return syntax_error(e);
	at = mark_of(e, e->last.end_mark);
	ends = !e->last.data.document_end.implicit;
	tokens = e->parser.tokens_parsed;
	if (!step(e))
		return syntax_error(e);
	/* libyaml passes over them without an event. */
	if (e->last.type == YAML_STREAM_END_EVENT && e->parser.tokens_parsed > tokens + 1)
		return diag(d, at, DIAG_SECOND_DOCUMENT,
			"behind this ... stands another one: only comments may stand there");
	if (e->last.type != YAML_STREAM_END_EVENT)
		return diag(d, mark_of(e, e->last.start_mark), DIAG_SECOND_DOCUMENT,
			"a second document begins here");
	put(e, &(struct tape_entry){ .kind = TAPE_OVER,
		       .flag = ends,
		       .line = at.line,
		       .col = at.col,
		       .text = slice_of(e->piece->digest, sizeof e->piece->digest) });
	return true;
}

void events_done(struct events *e)
{
	yaml_event_delete(&e->last);
	yaml_parser_delete(&e->parser);
	diags_free(e->diags);
}

static void refuse_properties(struct events *e, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct mark at;
	struct diags *d = e->diags;

	if (anchor == NULL && tag == NULL)
		return;
	at = mark_of(e, e->last.start_mark);
	if (anchor != NULL)
		diag(d, at, DIAG_ALIAS, "aliases are not supported: anchor %s",
			diag_quote(d, slice_str((const char *)anchor)));
	if (tag != NULL)
		diag(d, at, DIAG_TAG, "tags are not supported: %s",
			diag_quote(d, slice_str((const char *)tag)));
}

/* Escapes can say what the bytes of the file may not. */
static bool escapes_good(struct events *e, struct slice rest, struct mark at)
{
	while (rest.len > 0) {
		uint32_t c = 0;
		int len = utf8_decode(rest, &c);

		if (len > 0 && character_refused(c) != NULL)
			return diag(e->diags, at, DIAG_BAD_ESCAPE,
				"this text contains U+%04X by an escape: %s", c,
				character_refused(c));
		len = len > 0 ? len : 1;
		rest = slice_of(rest.at + len, rest.len - (size_t)len);
	}
	return true;
}

static void take_scalar(struct events *e, struct mark at)
{
	yaml_scalar_style_t style = e->last.data.scalar.style;
	struct slice text = slice_of(e->last.data.scalar.value, e->last.data.scalar.length);
	enum tape_kind kind = TAPE_SCALAR;

	refuse_properties(e, e->last.data.scalar.anchor, e->last.data.scalar.tag);
	if (text.len > SCALAR_MAX) {
		diag(e->diags, at, DIAG_TOO_LONG, "this text has %zu bytes, and the limit is 4096",
			text.len);
		kind = TAPE_BAD;
	} else if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && !escapes_good(e, text, at)) {
		kind = TAPE_BAD;
	}
	put(e, &(struct tape_entry){ .kind = kind,
		       .flag = style == YAML_PLAIN_SCALAR_STYLE,
		       .line = at.line,
		       .col = at.col,
		       .text = text });
}

/* A list or mapping begins. */
static bool descend(struct events *e, bool list, bool flow, struct mark at)
{
	if (e->depth == DEPTH_MAX)
		return diag(
			e->diags, at, DIAG_TOO_DEEP, "nesting is deeper than %d levels", DEPTH_MAX);
	e->open[e->depth++] = (struct nesting){ list, flow, at.line, at.col - 1 };
	if (e->skip > 0)
		e->skip--;
	else
		put_kind(e, list ? TAPE_LIST : TAPE_MAPPING, at);
	return true;
}

/* Does the parser stand right at the beginning of a piece, in the nesting that it begins in? */
static bool at_cut(const struct events *e, const struct piece *piece, struct mark at)
{
	const struct cut *cut = &piece->cut;
	unsigned last = cut->n;

	if (!piece->cuttable || e->dirty || at.line != piece->line || at.col != cut->col + 1 ||
		e->depth != last + 1 || e->last.type == YAML_MAPPING_END_EVENT ||
		e->last.type == YAML_SEQUENCE_END_EVENT)
		return false;
	for (unsigned i = 0; i <= last; i++)
		if (e->open[i].flow || e->open[i].col != cut->indent[i] ||
			e->open[i].list != (i == last && cut->item))
			return false;
	return true;
}

/* Is the rest of the file on the tape of a piece that begins here? */
static bool goes_on(struct events *e, struct mark at)
{
	while (e->ahead != NULL && at.line >= e->ahead->line && !e->stopped) {
		if (at.line == e->ahead->line)
			return at_cut(e, e->ahead, at);
		e->stopped = !e->source->pass(e->source->data, &e->ahead);
	}
	return false;
}

static void ascend(struct events *e, enum tape_kind kind, struct mark at)
{
	e->depth--;
	put_kind(e, kind, at);
}

/* Takes libyaml's next event to the tape. False: that was the last. */
static bool take_event(struct events *e)
{
	struct mark at;

	if (!step(e))
		return syntax_error(e);
	at = mark_of(e, e->last.start_mark);
	if (goes_on(e, at)) {
		put_kind(e, TAPE_GOES_ON, at);
		e->over = true;
		return true;
	}
	switch (e->last.type) {
	case YAML_SCALAR_EVENT:
		if (e->skip == 0)
			take_scalar(e, at);
		break;
	case YAML_ALIAS_EVENT:
		diag(e->diags, at, DIAG_ALIAS, "aliases are not supported: %s",
			diag_quote(e->diags, slice_str((const char *)e->last.data.alias.anchor)));
		put_kind(e, TAPE_BAD, at);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_properties(
			e, e->last.data.sequence_start.anchor, e->last.data.sequence_start.tag);
		return descend(
			e, true, e->last.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, at);
	case YAML_MAPPING_START_EVENT:
		refuse_properties(
			e, e->last.data.mapping_start.anchor, e->last.data.mapping_start.tag);
		return descend(
			e, false, e->last.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, at);
	case YAML_SEQUENCE_END_EVENT: ascend(e, TAPE_LIST_END, at); break;
	case YAML_MAPPING_END_EVENT: ascend(e, TAPE_MAPPING_END, at); break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		/* The root's last event is followed by finish(), so none of them is met here. */
		return diag(e->diags, at, DIAG_SYNTAX, "the document ends too early");
	}
	if (e->depth > 0)
		return true;
	e->over = true;
	return finish(e);
}

bool events_record(struct events *e, struct tape *tape)
{
	bool good = true;

	e->tape = tape;
	if (!e->begun) {
		pass_reports(e, e->piece);
		good = begin(e);
	}
	while (good && !e->over && !e->stopped && tape->first == tape->last)
		good = take_event(e);
	if (!good || e->stopped)
		put_kind(e, TAPE_FAILED, (struct mark){ 0 });
	return good && !e->over && !e->stopped && !tape->failed;
}
