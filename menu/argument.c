/* The types of arguments; see argument.h. */
#include "argument.h"

#include "base/text.h"
#include "model/names.h"

#include <stdio.h>

#define WORD_MAX 64

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool good_account(
	const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	(void)menus, (void)a;
	return name_is_account(text) && name_reserved(text) == NULL;
}

static bool good_address(
	const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	struct address address;

	(void)menus, (void)a;
	return address_parse(text, &address);
}

static bool good_network(
	const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	struct net net;

	(void)menus, (void)a;
	return net_parse(text, &net) == NET_GOOD;
}

static bool good_host(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	(void)menus, (void)a;
	return name_is_host(text);
}

/* A decimal number without a sign or leading zeros. */
static bool number(struct slice text, uint32_t *out)
{
	uint64_t value = 0;

	if (text.len == 0 || text.len > 9 || (text.len > 1 && text.at[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = 10 * value + (uint64_t)(text.at[i] - '0');
	}
	*out = (uint32_t)value;
	return true;
}

static bool good_number(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	uint32_t value;

	(void)menus;
	return number(text, &value) && value >= a->least && value <= a->most;
}

static bool good_port(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	uint32_t value;

	(void)menus, (void)a;
	return number(text, &value) && value >= 1 && value <= 65535;
}

/* As systemd writes sizes: 512M. */
static bool good_size(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	uint32_t value;

	(void)menus, (void)a;
	return text.len > 1 && memchr("KMGT", text.at[text.len - 1], 4) != NULL &&
	       number(slice_of(text.at, text.len - 1), &value) && value > 0;
}

static bool good_word(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	(void)menus, (void)a;
	if (text.len == 0 || text.len > WORD_MAX || !is_alnum(text.at[0]))
		return false;
	for (size_t i = 1; i < text.len; i++)
		if (!is_alnum(text.at[i]) && memchr("._-", text.at[i], 3) == NULL)
			return false;
	return true;
}

/* Postfix's and exim's. Too long for the "ALL" that would be every message to postsuper(1). */
static bool good_queue_id(
	const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	return text.len >= 6 && text.len <= 24 && good_word(menus, a, text) &&
	       memchr(text.at, '.', text.len) == NULL && memchr(text.at, '_', text.len) == NULL;
}

static bool good_choice(const struct menus *menus, const struct menu_argument *a, struct slice text)
{
	for (uint32_t i = 0; i < a->choices.n; i++)
		if (slice_equal(text,
			    slice_str(menu_text(menus, menus->words.at[a->choices.first + i]))))
			return true;
	return false;
}

static const struct argument_kind kinds[] = {
	{ "account", "a hosting account of this server", .good = good_account, .account = true },
	{ "address", "an address, as 192.0.2.7 or 2001:db8::7", .good = good_address },
	{ "network", "an address or network, as 192.0.2.7 or 2001:db8::/32", .good = good_network },
	{ "host", "a host name in lower case", .good = good_host },
	{ "port", "a port, 1 to 65535", .good = good_port },
	{ "number", "a number", .good = good_number, .limits = true },
	{ "size", "a size, as 512M or 2G", .good = good_size },
	{ "word", "a word of letters, digits, dots, - and _", .good = good_word },
	{ "queue_id", "the id of a message in the mail queue", .good = good_queue_id },
	{ "choice", "one of", .good = good_choice, .choices = true },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

const struct argument_kind *argument_kind(struct slice word)
{
	for (size_t i = 0; i < KINDS; i++)
		if (slice_equal(word, slice_str(kinds[i].word)))
			return &kinds[i];
	return NULL;
}

const char *argument_kinds(void)
{
	static char words[160];
	struct text t = text_over(words, sizeof words);

	for (size_t i = 0; i < KINDS; i++) {
		text_add(&t, i == 0 ? "" : i + 1 < KINDS ? ", " : " or ");
		text_add(&t, kinds[i].word);
	}
	return words;
}

bool argument_good(const struct menus *menus, const struct menu_argument *a, const char *text)
{
	return a->kind->good(menus, a, slice_str(text));
}

void argument_what(const struct menus *menus, const struct menu_argument *a, char *out, size_t room)
{
	FILE *f = fmemopen(out, room, "w");

	out[0] = '\0';
	if (f == NULL)
		return;
	fputs(a->kind->what, f);
	if (a->kind->limits)
		fprintf(f, " from %u to %u", a->least, a->most);
	for (uint32_t i = 0; i < a->choices.n; i++)
		fprintf(f, "%s %s", i == 0 ? "" : ",",
			menu_text(menus, menus->words.at[a->choices.first + i]));
	fclose(f);
}

bool argument_placeholder(const struct menus *menus, const struct menu *menu, struct slice rest,
	uint32_t *argument, enum argument_part *part, size_t *len)
{
	static const char *const parts[] = {
		[PART_WHOLE] = "}", [PART_HOME] = ".home}", [PART_UID] = ".uid}"
	};

	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(menus, menu, i);
		struct slice name = slice_str(menu_text(menus, a->name)), found;

		if (!slice_sub(rest, 1, name.len, &found) || !slice_equal(found, name))
			continue;
		for (size_t n = 0; n < (a->kind->account ? 3 : 1); n++) {
			struct slice end = slice_str(parts[n]);

			if (!slice_sub(rest, 1 + name.len, end.len, &found) ||
				!slice_equal(found, end))
				continue;
			*argument = i;
			*part = (enum argument_part)n;
			*len = 1 + name.len + end.len;
			return true;
		}
	}
	return false;
}
