/* The lines between the marks: wiring/block.h. */
#include "tap.h"
#include "wiring/block.h"

#include <stdlib.h>

#define BLOCK BLOCK_BEGIN "account required pam_adperm.so\n" BLOCK_END

static char *text_of(struct buf *b)
{
	static char out[4096];

	snprintf(out, sizeof out, "%.*s", (int)b->len, (const char *)b->at);
	buf_done(b);
	return out;
}

static void test_made(void)
{
	struct buf b = { .at = NULL };

	block_make(&b,
		slice_str("# why\n\nauth [success=1] pam_succeed_if.so user = adperm-bg\n"
			  "  # more\naccount required x adperm-bg adperm-bg\n"),
		"rescue");
	is_str(text_of(&b),
		BLOCK_BEGIN "auth [success=1] pam_succeed_if.so user = rescue\n"
			    "account required x rescue rescue\n" BLOCK_END,
		"comments stay out, the break-glass user is put in");
}

static void test_inserted_and_removed(void)
{
	static const struct {
		const char *file, *with, *what;
	} rows[] = {
		{ "", BLOCK, "an empty file" },
		{ "auth required x\n", BLOCK "auth required x\n", "above the first line" },
		{ "# Heading\n# of two lines\n\n# A comment\nauth required x\n",
			"# Heading\n# of two lines\n\n" BLOCK "# A comment\nauth required x\n",
			"below a heading" },
		{ "# A comment\nauth required x\n", BLOCK "# A comment\nauth required x\n",
			"above a comment that belongs to its line" },
		{ "# Heading\n ", BLOCK "# Heading\n ", "a heading that ends without a newline" },
		{ "# Nothing but this", BLOCK "# Nothing but this", "above a comment alone" },
		{ "\n\nauth required x", "\n" BLOCK "\nauth required x", "without a last newline" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf with = { .at = NULL }, without = { .at = NULL };
		size_t from, to;

		block_insert(&with, slice_str(rows[i].file), slice_str(BLOCK));
		block_remove(&without, buf_slice(&with));
		ok(block_find(buf_slice(&with), &from, &to) == BLOCK_THERE, "%s: it is found",
			rows[i].what);
		is_str(text_of(&with), rows[i].with, "%s: put in", rows[i].what);
		is_str(text_of(&without), rows[i].file, "%s: taken out again", rows[i].what);
	}
}

static void test_found(void)
{
	static const struct {
		const char *file;
		enum block_found found;
	} rows[] = {
		{ "", BLOCK_NONE },
		{ "# END adperm is what comes last\n", BLOCK_NONE },
		{ BLOCK, BLOCK_THERE },
		{ "a\n" BLOCK "b", BLOCK_THERE },
		{ BLOCK BLOCK, BLOCK_BROKEN },
		{ BLOCK_BEGIN "a\n", BLOCK_BROKEN },
		{ "a\n" BLOCK_END, BLOCK_BROKEN },
		{ BLOCK_END BLOCK_BEGIN, BLOCK_BROKEN },
		{ BLOCK BLOCK_END, BLOCK_BROKEN },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t from, to;

		is_int(block_find(slice_str(rows[i].file), &from, &to), rows[i].found, "file %zu",
			i);
	}
}

int main(void)
{
	test_made();
	test_inserted_and_removed();
	test_found();
	return tap_done();
}
