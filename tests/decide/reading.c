/*
 * Files read by any number of threads, in pieces of any size: the same policy, to the byte of its
 * database, and the same diagnostics, as read by one thread and in one piece. Policies are random,
 * and full of what looks like something else; many are damaged.
 */
#include "random.h"

#include "lang/emit.h"
#include "lang/reading.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS 150

/* What looks like the beginning of something in the nesting that it stands in. */
static const char *const notes[] = {
	"note: plain",
	"note: >-\n          folded\n          - to: a@x.example",
	"note: \"quoted\n      - to: a@x.example\n      over lines\"",
	"note: 'quoted\n    grants:\n      - to: a@x.example'",
	"note: plain\n          - to a@x.example\n          profiles",
	"note: x # - to: a@x.example\n#     - to: b@x.example\n",
	"note: \"tab\\t\"",
	"# a comment\n        note: behind a comment",
	"note: x\r\n        expires: 2099-01-31\r",
};

static const char *const mistakes[] = { "note: |-\n\n          - to: a@x.example", "note: {}",
	"note: &anchor x", "note: \"\\u202e\"", "not: x", "note: x\n        note: y",
	"expires: soon", "allow_from: [192.0.2.1, 192.0.2.1]", "note: x\n       - x" };

static void write_grant(FILE *out, unsigned file, unsigned owner, bool flat)
{
	const char *dash = flat ? "    - " : "      - ", *in = flat ? "      " : "        ";

	if (one_in(8)) {
		fprintf(out, "%s{to: p%u@x.example, overall: [billing]}\n", dash, below(40));
		return;
	}
	if (one_in(8))
		fprintf(out, "%s\n%sto:\n%s- p%u@x.example\n%s- p%u@x.example\n", dash, in, in,
			below(20), in, 20 + below(20));
	else
		fprintf(out, "%sto: p%u@x.example\n", dash, below(40));
	if (!flat && one_in(3))
		fprintf(out, "%s%s\n", in, PICK(notes));
	else if (!flat && one_in(200))
		fprintf(out, "%s%s\n", in, PICK(mistakes));
	fprintf(out, "%sservers:\n%s  w%u-%u.x.example: [ssh_users]\n", in, in, file, owner);
}

static void write_policy(FILE *out, unsigned file)
{
	unsigned owners = 1 + below(3);
	bool flat = one_in(4);

	fprintf(out, "---\nadperm: 1\nprofiles:\n");
	for (unsigned i = 0; i < 20; i++)
		fprintf(out, "  f%u-%u@x.example:%s\n", file, i,
			one_in(2) ? " {}" : "\n    name: 'a\n  p1@x.example: '");
	fprintf(out, "owners:\n");
	for (unsigned o = 0; o < owners; o++) {
		fprintf(out, "  o%u-%u@x.example:\n    servers: {w%u-%u.x.example: {}}\n", file, o,
			file, o);
		fprintf(out, "    grants:\n");
		for (unsigned i = 1 + below(60); i > 0; i--)
			write_grant(out, file, o, flat);
	}
	fprintf(out, "...\n");
}

/* Some are cut off, some have wrong bytes. */
static size_t damage(char *text, size_t len, bool characters)
{
	static const char wrong[] = "\n\t :-#'\"[]{}&|>z", never[] = "\r\x01\x80\0";

	switch (below(5)) {
	case 0: return below((uint32_t)len);
	case 1:
		for (unsigned n = 1 + below(3); n > 0; n--)
			text[below((uint32_t)len)] = characters ? never[below(sizeof never - 1)]
								: wrong[below(sizeof wrong - 1)];
		return len;
	default: return len;
	}
}

/* Has it a byte that is allowed nowhere? Who cuts a file between CR and LF leaves one, too. */
static bool has_wrong_character(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\r' && (i + 1 == len || text[i + 1] != '\n'))
			return true;
		if (c != '\r' && c != '\n' && c != '\t' && (c < ' ' || c > '~'))
			return true;
	}
	return false;
}

static char directory[] = "/tmp/adperm-test.XXXXXX";

/* Whether it has a wrong character; some are put in on purpose. */
static bool put_file(unsigned number, bool characters)
{
	char path[64], *text = NULL;
	size_t len = 0;
	bool wrong;
	FILE *out = open_memstream(&text, &len);

	write_policy(out, number);
	fclose(out);
	len = damage(text, len, characters);
	snprintf(path, sizeof path, "%s/%u.yaml", directory, number);
	out = fopen(path, "we");
	if (out == NULL || fwrite(text, 1, len, out) != len)
		perror(path);
	if (out != NULL)
		fclose(out);
	wrong = has_wrong_character(text, len);
	free(text);
	return wrong;
}

/* All that is known of a reading: what was said, and the database, if there is one. */
struct outcome {
	char *said;
	size_t said_len;
	uint8_t *bytes;
	size_t len;
};

static void emit(const struct policy *p, struct outcome *out, unsigned threads)
{
	const struct emit_options options = { .server = NO_INDEX, .not_after = WHEN_NEVER };
	int fd = memfd_create("policy", MFD_CLOEXEC);

	if (fd < 0 || policy_emit_on(p, &options, fd, threads) != 0)
		return;
	out->len = (size_t)lseek(fd, 0, SEEK_END);
	out->bytes = malloc(out->len);
	if (out->bytes == NULL || pread(fd, out->bytes, out->len, 0) != (ssize_t)out->len)
		perror("pread");
	close(fd);
}

static struct outcome read_so(struct load_how how)
{
	struct outcome out = { .said = NULL };
	struct diags *d = diags_new();
	const char *path = directory;
	struct policy *p = policy_load_how(&path, 1, d, &how);
	FILE *said = open_memstream(&out.said, &out.said_len);

	diags_print(d, said);
	fclose(said);
	if (p != NULL)
		emit(p, &out, how.threads);
	policy_free(p);
	diags_free(d);
	return out;
}

static void outcome_done(struct outcome *out)
{
	free(out->said);
	free(out->bytes);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->said_len == b->said_len && memcmp(a->said, b->said, a->said_len) == 0 &&
	       a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static bool compare(struct load_how how, const struct outcome *expected)
{
	struct outcome got = read_so(how);
	bool good = same(&got, expected);

	if (!good)
		printf("# %u threads, pieces of %zu:\n%sinstead of:\n%s", how.threads, how.piece,
			got.said, expected->said);
	outcome_done(&got);
	return good;
}

/*
 * Reads one set of files in every way. Behind what ends a file early, how far the bytes have been
 * judged depends on the pieces; so with wrong characters pieces of different size are not compared.
 */
static bool all_the_same(bool characters, unsigned *loaded)
{
	static const size_t pieces[] = { PIECE_MAX, 64, 90, 333, 1000 };
	static const unsigned threads[] = { 1, 2, 8 };
	struct outcome whole = read_so((struct load_how){ .piece = PIECE_MAX });
	bool good = true;

	*loaded += whole.len > 0;
	for (size_t i = 0; good && i < sizeof pieces / sizeof pieces[0]; i++) {
		struct outcome alone = read_so((struct load_how){ .piece = pieces[i] });

		good = characters || compare((struct load_how){ .piece = pieces[i] }, &whole);
		for (size_t n = 0; good && n < sizeof threads / sizeof threads[0]; n++)
			good = compare(
				(struct load_how){ .threads = threads[n], .piece = pieces[i] },
				&alone);
		outcome_done(&alone);
	}
	outcome_done(&whole);
	return good;
}

static void random_sets(unsigned long seed)
{
	unsigned loaded = 0;
	char path[64];

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned files = 1 + below(3);
		bool on_purpose = one_in(4), characters = false, good;

		for (unsigned i = 0; i < files; i++)
			characters |= put_file(i, on_purpose);
		good = all_the_same(characters, &loaded);
		if (!good)
			printf("# seed %lu, round %u\n", seed, round);
		ok(good, "set %u: the same in every way", round);
		for (unsigned i = 0; good && i < files; i++) {
			snprintf(path, sizeof path, "%s/%u.yaml", directory, i);
			unlink(path);
		}
		if (!good)
			return;
	}
	ok(loaded >= ROUNDS / 20 && loaded <= ROUNDS * 19 / 20,
		"some were good, and some were not: %u of %u", loaded, ROUNDS);
}

int main(void)
{
	const char *given = getenv("SEED");
	unsigned long seed = given != NULL ? strtoul(given, NULL, 10) : (unsigned long)getpid();

	random_seed(seed);
	if (mkdtemp(directory) == NULL)
		return 1;
	printf("# seed %lu\n", seed);
	random_sets(seed);
	rmdir(directory);
	return tap_done();
}
