/* libyaml behind limits; see events.h. */
#include "lang/events.h"

#include "lang/unicode.h"

static int give_bytes(void *data, unsigned char *into, size_t room, size_t *len)
{
	return input_read(data, into, room, len);
}

static struct mark mark_of(const struct events *e, yaml_mark_t at)
{
	return (struct mark){ e->input->at.file, (uint32_t)at.line + 1, (uint32_t)at.column + 1 };
}

/* libyaml's own complaint. */
static bool syntax_error(struct events *e)
{
	const yaml_parser_t *p = &e->parser;
	struct diags *d = e->input->diags;

	if (p->error == YAML_READER_ERROR) {
		/* The bytes were judged before, so this is the input that stopped, and said why. */
		if (!e->input->stopped)
			diag(d, e->input->at, DIAG_SYNTAX, "%s", p->problem);
		return false;
	}
	if (p->error == YAML_MEMORY_ERROR || p->problem == NULL)
		return diag(d, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	diag(d, mark_of(e, p->problem_mark), DIAG_SYNTAX, "%s", p->problem);
	if (p->context != NULL && p->context_mark.index != p->problem_mark.index)
		diag_note(d, mark_of(e, p->context_mark), "%s that begins here", p->context);
	return false;
}

/* libyaml's next event into e->last. */
static bool step(struct events *e)
{
	yaml_event_delete(&e->last);
	return yaml_parser_parse(&e->parser, &e->last) != 0 || syntax_error(e);
}

bool events_start(struct events *e, struct input *input)
{
	memset(e, 0, sizeof *e);
	e->input = input;
	if (!yaml_parser_initialize(&e->parser))
		return diag(input->diags, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	yaml_parser_set_encoding(&e->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&e->parser, give_bytes, input);
	if (!step(e) || !step(e))
		return false;
	if (e->last.type == YAML_STREAM_END_EVENT)
		return diag(input->diags, (struct mark){ input->at.file, 1, 1 }, DIAG_EMPTY_FILE,
			"the file is empty");
	if (e->last.data.document_start.version_directive != NULL ||
		e->last.data.document_start.tag_directives.start !=
			e->last.data.document_start.tag_directives.end)
		diag(input->diags, mark_of(e, e->last.start_mark), DIAG_DIRECTIVE,
			"YAML directives are not supported");
	e->begins = !e->last.data.document_start.implicit;
	return true;
}

bool events_finish(struct events *e)
{
	struct diags *d = e->input->diags;
	struct mark at;
	size_t tokens;
	bool ends;

	if (!step(e))
		return false;
	at = mark_of(e, e->last.end_mark);
	ends = !e->last.data.document_end.implicit;
	tokens = e->parser.tokens_parsed;
	if (!step(e))
		return false;
	/* libyaml passes over them without an event. */
	if (e->last.type == YAML_STREAM_END_EVENT && e->parser.tokens_parsed > tokens + 1)
		return diag(d, at, DIAG_SECOND_DOCUMENT,
			"behind this ... stands another one: only comments may stand there");
	if (e->last.type != YAML_STREAM_END_EVENT)
		return diag(d, mark_of(e, e->last.start_mark), DIAG_SECOND_DOCUMENT,
			"a second document begins here");
	if (e->begins && !ends)
		return diag(d, at, DIAG_CUT_OFF,
			"the file begins with --- and does not end with ...: it was cut off");
	if (!e->begins && !ends)
		diag(d, (struct mark){ at.file, 1, 1 }, DIAG_NO_MARKERS,
			"the file has no --- at its beginning and no ... at its end");
	return true;
}

void events_done(struct events *e)
{
	yaml_event_delete(&e->last);
	yaml_parser_delete(&e->parser);
}

static void refuse_properties(struct events *e, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct mark at = mark_of(e, e->last.start_mark);
	struct diags *d = e->input->diags;

	if (anchor != NULL)
		diag(d, at, DIAG_ALIAS, "aliases are not supported: anchor %s",
			diag_quote(d, slice_str((const char *)anchor)));
	if (tag != NULL)
		diag(d, at, DIAG_TAG, "tags are not supported: %s",
			diag_quote(d, slice_str((const char *)tag)));
}

/* Escapes can say what the bytes of the file may not. */
static bool escapes_good(struct events *e, struct event *scalar)
{
	struct slice rest = scalar->text;

	while (rest.len > 0) {
		uint32_t c = 0;
		int len = utf8_decode(rest, &c);

		if (len > 0 && character_refused(c) != NULL)
			return diag(e->input->diags, scalar->at, DIAG_BAD_ESCAPE,
				"this text contains U+%04X by an escape: %s", c,
				character_refused(c));
		len = len > 0 ? len : 1;
		rest = slice_of(rest.at + len, rest.len - (size_t)len);
	}
	return true;
}

static enum event_kind take_scalar(struct events *e, struct event *out)
{
	yaml_scalar_style_t style = e->last.data.scalar.style;

	refuse_properties(e, e->last.data.scalar.anchor, e->last.data.scalar.tag);
	out->text = slice_of(e->last.data.scalar.value, e->last.data.scalar.length);
	out->plain = style == YAML_PLAIN_SCALAR_STYLE;
	if (out->text.len > SCALAR_MAX) {
		diag(e->input->diags, out->at, DIAG_TOO_LONG,
			"this text has %zu bytes, and the limit is 4096", out->text.len);
		return EVENT_BAD;
	}
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && !escapes_good(e, out))
		return EVENT_BAD;
	return EVENT_SCALAR;
}

/* A list or mapping begins. */
static bool descend(struct events *e, struct mark at)
{
	if (++e->depth <= DEPTH_MAX)
		return true;
	return diag(
		e->input->diags, at, DIAG_TOO_DEEP, "nesting is deeper than %d levels", DEPTH_MAX);
}

bool events_next(struct events *e, struct event *out)
{
	if (!step(e))
		return false;
	*out = (struct event){ .kind = EVENT_BAD, .at = mark_of(e, e->last.start_mark) };
	switch (e->last.type) {
	case YAML_SCALAR_EVENT: out->kind = take_scalar(e, out); return true;
	case YAML_ALIAS_EVENT:
		diag(e->input->diags, out->at, DIAG_ALIAS, "aliases are not supported: %s",
			diag_quote(e->input->diags,
				slice_str((const char *)e->last.data.alias.anchor)));
		return true;
	case YAML_SEQUENCE_START_EVENT:
		refuse_properties(
			e, e->last.data.sequence_start.anchor, e->last.data.sequence_start.tag);
		out->kind = EVENT_LIST;
		return descend(e, out->at);
	case YAML_MAPPING_START_EVENT:
		refuse_properties(
			e, e->last.data.mapping_start.anchor, e->last.data.mapping_start.tag);
		out->kind = EVENT_MAPPING;
		return descend(e, out->at);
	case YAML_SEQUENCE_END_EVENT:
		e->depth--;
		out->kind = EVENT_LIST_END;
		return true;
	case YAML_MAPPING_END_EVENT:
		e->depth--;
		out->kind = EVENT_MAPPING_END;
		return true;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT: break;
	}
	/* The walk asks for as many events as the root has, so a document's end is never met here.
	 */
	return diag(e->input->diags, out->at, DIAG_SYNTAX, "the document ends too early");
}
