/*
 * Where a file is cut for several parsers, and where a parser that comes from before believes it:
 * only in the nesting that the part behind assumes.
 */
#include "lang/events.h"
#include "tap.h"

#include <sys/mman.h>
#include <unistd.h>

/* One parser's source: pieces of a file, and no other parser. */
struct alone {
	struct input input;
	struct piece pieces[256];
	unsigned n;
};

static const struct piece *next_piece(void *data)
{
	struct alone *a = data;

	return a->n < 256 && input_piece(&a->input, &a->pieces[a->n]) ? &a->pieces[a->n++] : NULL;
}

static bool pass_piece(void *data, const struct piece **ahead)
{
	const struct alone *a = data;

	*ahead = *ahead + 1 < a->pieces + a->n ? *ahead + 1 : NULL;
	return true;
}

/* Does a parser that reads the text from its beginning find the rest where a piece begins? */
static bool believes(const char *text, size_t piece)
{
	static struct alone a;
	struct event_source source = { &a, next_piece, pass_piece };
	struct tape tape = { .first = NULL };
	struct tape_place place = { 0, 0 };
	struct tape_entry entry = { .kind = TAPE_FAILED };
	struct diags *d = diags_new();
	struct events events;
	int fd = memfd_create("text", MFD_CLOEXEC);
	bool more;

	if (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		perror("memfd");
	a.n = 0;
	input_start(&a.input, fd, 1, d, piece);
	more = events_start(&events, &source);
	while (more)
		more = events_record(&events, &tape);
	for (struct tape_block *b = tape.first; b != NULL; b = b->next, place.at = 0)
		while (tape_take(b, &place, &entry))
			;
	events_done(&events);
	tape_free(tape.first);
	for (unsigned i = 0; i < a.n; i++)
		piece_done(&a.pieces[i]);
	input_done(&a.input);
	diags_free(d);
	close(fd);
	return entry.kind == TAPE_GOES_ON;
}

static void cuts(void)
{
	static const char head[] = "a:\n  b:\n    padding: 00000000000000000000000000000000\n";
	static const struct {
		const char *rest, *what;
		bool good;
	} rows[] = {
		{ "  key: 1\n  last: 2\n", "a key of the mapping above", true },
		{ "    key: 1\n    last: 2\n", "a key of the mapping before", true },
		{ "    key:\n      - 1\n      - 2\n", "the key of a list", true },
		{ "top: 1\nlast: 2\n", "a key of the root", true },
		{ "    key: >\n      text\n      - item: x\n      more: x\n",
			"an item inside of a text", false },
		{ "    - 1\n", "an item where a key is due", false },
		{ "   key: 1\n   last: 2\n", "an indentation that is none of those open", false },
	};
	char text[512];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "%s%s%s", head, rows[i].rest,
			"# behind it, so that the piece is full: "
			"0000000000000000000000000000000\n");
		ok(believes(text, 80) == rows[i].good, "%s is %s cut", rows[i].what,
			rows[i].good ? "a" : "no");
	}
	snprintf(text, sizeof text, "%s    key: \"text\n%s", head,
		"  other: 1\n  last: 2\"\n# behind it, so that the piece is full: 000000000\n");
	ok(!believes(text, 80), "nothing in a quoted text is a cut");
	snprintf(text, sizeof text, "a: {b:\n  {padding: 00000000000000000000000000000000},\n%s",
		"  other: 1,\n  last: 2}\n# behind it, so that the piece is full: 00000000000\n");
	ok(!believes(text, 80), "nothing in braces is a cut");
	snprintf(text, sizeof text, "%s    bad: *alias\n%s", head,
		"  other: 1\n  last: 2\n# behind it, so that the piece is full: 000000000000000\n");
	ok(!believes(text, 90), "behind a mistake no cut is believed");
}

int main(void)
{
	cuts();
	return tap_done();
}
