/* The words of mails: the file of each language that is shipped, and what is no such file. */
#include "cli/words.h"

#include "tap.h"

#include <stdlib.h>

static struct words words;

static bool take(const char *text)
{
	return words_take("words.txt", slice_str(text), &words);
}

/* What is printed of a word with its value, in these words. */
static const char *shown(const struct words *in, enum word word, const char *value)
{
	static char text[256];
	FILE *out = fmemopen(text, sizeof text, "w");

	words_show(out, in, word, value);
	fclose(out);
	return text;
}

static void test_english(void)
{
	is_str(words_text(NULL, WORD_OWNER), "owner", "a word");
	is_str(words_perm(NULL, PERM_ACCOUNT_SSH), "account.ssh", "a permission by its name");
	is_str(shown(NULL, WORD_UNTIL, "then"), "; until then", "a word with its value");
	ok(take(""), "a file without words");
	is_str(words_text(&words, WORD_OWNER), "owner", "has those of English");
	is_str(words_perm(&words, PERM_ACCOUNT_SSH), "account.ssh", "and its permissions");
}

static void test_other(void)
{
	ok(take("# a comment\n\nowner: Besitzer\nuntil: {time} lang%n\naccount.ssh: SSH: ja"),
		"some words, the last without the end of its line");
	is_str(words_text(&words, WORD_OWNER), "Besitzer", "a word of another language");
	is_str(shown(&words, WORD_UNTIL, "%s"), "%s lang%n", "a value that comes first");
	is_str(words_perm(&words, PERM_ACCOUNT_SSH), "SSH: ja", "a permission");
	is_str(words_perm(&words, PERM_SERVER_SSH_USERS), "server.ssh_users",
		"what is not there is English");
	ok(take("until:  ; {time}\n"), "a blank at the beginning");
	is_str(shown(&words, WORD_UNTIL, "then"), " ; then", "is one of the text");
}

static void test_refused(void)
{
	static const char *const rows[] = { "owner", "owner:", "owner: ", "owner:x", " owner: x",
		"OWNER: x", "nothing: x", "ssh: x", "account.nothing: x", "server.ssh_users : x",
		"owner: x\nowner: y", "account.ssh: x\naccount.ssh: x", "owner: {time}", "owner: {",
		"owner: }", "until: always", "until: {tiem}", "until: {time} {time}",
		"until: {time", "until: {time}}", "until: }{time}", "until: {{time}", "until: {}",
		"owner: a\033[2J", "owner: a\tb", "owner: a\r", "owner: \xff",
		"owner: \xe2\x80\xae", "owner: \xc3" };
	char *large = malloc(WORDS_SIZE + 1);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(!take(rows[i]), "t96_a_word_of_noise %zu", i);
	ok(!words_take("words.txt", slice_of("owner: a\0b", 10), &words), "t96_a_NUL");
	memset(large, '#', WORDS_SIZE);
	large[WORDS_SIZE] = '\0';
	ok(!take(large), "what is too long");
	large[WORDS_SIZE - 1] = '\0';
	ok(take(large), "what just fits");
	free(large);
}

/* A permission that is granted, or a word, that a language does not have would be English. */
static void test_shipped(const char *path)
{
	char text[WORDS_SIZE];
	FILE *file = fopen(path, "re");
	size_t len;

	if (!ok(file != NULL, "%s is there", path))
		return;
	len = fread(text, 1, sizeof text, file);
	fclose(file);
	ok(words_take(path, slice_of(text, len), &words), "%s is one", path);
	for (unsigned i = 0; i < WORDS; i++)
		ok(words.word[i] != NULL, "it has \"%s\"", words_text(NULL, (enum word)i));
	for (size_t i = 0; i < perm_rows; i++)
		ok(perm_table[i].derived || words.perm[perm_table[i].perm] != NULL, "it has %s",
			perm_table[i].full);
}

/* The manual says which there are. */
static void test_manual(void)
{
	static char page[1 << 18];
	FILE *file = fopen("policy/cli/adperm.1", "re");

	if (!ok(file != NULL, "adperm(1) is there"))
		return;
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
#define WORD(symbol, name, value, english)                                                         \
	ok(strstr(page, value[0] != '\0' ? "\n.It Li " name " Ta " value " Ta \"" english "\"\n"   \
					 : "\n.It Li " name " Ta Ta \"" english "\"\n") != NULL,   \
		"adperm(1) has %s", name);
	WORDS_ALL(WORD)
#undef WORD
}

int main(void)
{
	test_manual();
	test_english();
	test_other();
	test_refused();
	test_shipped("conf/templates/fr/words.txt");
	return tap_done();
}
