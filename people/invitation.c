/* Invitations, made, judged and kept; see invitation.h. */
#include "people/invitation.h"

#include "base/text.h"

#include <errno.h>
#include <sys/random.h>

#define MODE 0600

#define LETTERS 28 /* of five bits: 140, of which 128 would do; whole groups are easier to type */
#define GROUP   4
#define DIGITS  6

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

_Static_assert(sizeof alphabet - 1 == 32, "five bits a letter");
_Static_assert(LETTERS * 5 >= 128, "bits of a code");
_Static_assert(LETTERS + LETTERS / GROUP <= WISH_CODE_SIZE, "letters, dashes and a NUL");
_Static_assert(DIGITS < WISH_PIN_SIZE, "digits and a NUL");

/* --- code and PIN */

static int make_code(char out[static WISH_CODE_SIZE])
{
	uint8_t random[LETTERS];
	size_t used = 0;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	for (size_t i = 0; i < LETTERS; i++) {
		if (i > 0 && i % GROUP == 0)
			out[used++] = '-';
		out[used++] = alphabet[random[i] % 32];
	}
	out[used] = '\0';
	explicit_bzero(random, sizeof random);
	return 0;
}

/* As likely as each other: what lies above the last whole million is drawn again. */
static int make_pin(char out[static WISH_PIN_SIZE])
{
	uint32_t random, million = 1000000;

	do
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
			return -EIO;
	while (random >= UINT32_MAX / million * million);
	for (size_t i = DIGITS; i > 0; i--, random /= 10)
		out[i - 1] = (char)('0' + random % 10);
	out[DIGITS] = '\0';
	return 0;
}

/* Each behind its length, so that no two lists of words are the same bytes. */
static void digest_of(
	const char *profile, const char *code, const char *pin, uint8_t out[static SHA256_SIZE])
{
	const char *const words[] = { "adperm invitation", profile, code, pin };
	struct sha256 s;

	sha256_init(&s);
	for (size_t i = 0; i < sizeof words / sizeof words[0] && words[i] != NULL; i++) {
		uint8_t len[4];

		put_le32(len, (uint32_t)strlen(words[i]));
		sha256_add(&s, slice_of(len, sizeof len));
		sha256_add(&s, slice_str(words[i]));
	}
	sha256_done(&s, out);
	explicit_bzero(&s, sizeof s);
}

/* Looks at every byte whatever the first ones are. */
static bool same(const uint8_t a[static SHA256_SIZE], const uint8_t b[static SHA256_SIZE])
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < SHA256_SIZE; i++)
		differs = (uint8_t)(differs | (a[i] ^ b[i]));
	return differs == 0;
}

int invitation_make(struct invitation *out, struct invitation_words *words)
{
	int ret = make_code(words->code);

	words->pin[0] = '\0';
	if (ret == 0 && out->no_pin == WISH_PIN_MADE)
		ret = make_pin(words->pin);
	digest_of(out->profile, words->code, NULL, out->code);
	digest_of(out->profile, words->code, words->pin, out->both);
	return ret;
}

enum wish_result invitation_judge(const struct invitation *i, const char *code, const char *pin)
{
	uint8_t of_code[SHA256_SIZE], of_both[SHA256_SIZE];
	bool code_good, both_good;

	digest_of(i->profile, code, NULL, of_code);
	digest_of(i->profile, code, pin, of_both);
	code_good = same(of_code, i->code);
	both_good = same(of_both, i->both);
	if (!code_good)
		return WISH_BAD_CODE;
	return i->no_pin == WISH_PIN_MADE && !both_good ? WISH_BAD_PIN : WISH_DONE;
}

bool invitation_is_held_by(const struct invitation *i, const struct holder *holder)
{
	return holder->pid != 0 && i->holder.pid == holder->pid && i->holder.start == holder->start;
}

/* --- kept */

static enum wish_result load(struct book *book, const char *name, struct invitation *out)
{
	enum people_result result = invitation_read(book->directory, name, out);

	return result == PEOPLE_NO ? WISH_NOT_INVITED : book_read(book, result);
}

enum wish_result invitation_load(struct book *book, struct slice profile, struct invitation *out)
{
	char name[PEOPLE_NAME_SIZE];

	invitation_name(profile, name);
	return load(book, name, out);
}

enum wish_result invitation_store(struct book *book, const struct invitation *i)
{
	struct buf bytes = { .at = NULL };
	enum wish_result result;

	invitation_put(&bytes, i);
	result = book_put(book, INVITATION_KIND, slice_str(i->profile), MODE, &bytes);
	buf_done(&bytes);
	return result;
}

enum wish_result invitation_remove(struct book *book, struct slice profile)
{
	return book_take_away(book, INVITATION_KIND, profile);
}

enum wish_result invitation_number(struct book *book, uint32_t number, struct invitation *out)
{
	struct dirent **names;
	int n = invitation_names(book->directory, &names);
	enum wish_result result = WISH_NOT_INVITED;

	*out = (struct invitation){ .wrong = 0 };
	if (n < 0)
		return book_failed(book, n);
	if (number < (uint32_t)n)
		result = load(book, names[number]->d_name, out);
	invitation_names_free(names, n);
	return result;
}

void invitation_ended(const char *directory, struct buf *out)
{
	struct dirent **names;
	int n = invitation_names(directory, &names);
	struct invitation found;

	for (int i = 0; i < n; i++)
		if (invitation_read(directory, names[i]->d_name, &found) == PEOPLE_YES &&
			found.holder.pid != 0 && holder_has_ended(&found.holder))
			buf_bytes(out, &found.holder, sizeof found.holder);
	invitation_names_free(names, n);
}

bool invitation_has_ended(const struct buf *ended, const struct holder *holder)
{
	struct holder one;

	for (size_t at = 0; at + sizeof one <= ended->len; at += sizeof one) {
		memcpy(&one, ended->at + at, sizeof one);
		if (one.pid == holder->pid && one.start == holder->start)
			return true;
	}
	return false;
}
