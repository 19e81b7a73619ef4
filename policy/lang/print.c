/*
 * The printer of policies; see print.h. A text stands without quotes only if every YAML reader
 * takes it for that same text. A list stands on one line if it fits.
 */
#include "lang/print.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/sshkey.h"
#include "model/when.h"

#include <stdlib.h>
#include <strings.h>

#define WIDTH 100 /* columns */

struct print {
	const struct policy *p;
	FILE *out;
	struct buf list; /* texts, each with a NUL: the list being made */
	uint32_t listed;
	bool dash; /* the next line begins an entry of a list */
};

static bool is_word_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c >= 0x80;
}

/* What other readers take for a boolean or for nothing. */
static bool is_other_word(const char *text)
{
	static const char *const words[] = { "y", "n", "yes", "no", "on", "off", "true", "false",
		"null" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

/* Could it be a number or a date to other readers? A network, with its slash or dots, is none. */
static bool is_like_number(const char *text)
{
	const char *dot = strchr(text, '.');

	return text[0] >= '0' && text[0] <= '9' && strpbrk(text, "/@") == NULL &&
	       (dot == NULL || strchr(dot + 1, '.') == NULL);
}

/* May it stand without quotes, in a list in brackets too? */
static bool is_plain(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || !is_word_byte((uint8_t)text[0]) || text[len - 1] == ' ' ||
		text[len - 1] == ':' || is_other_word(text) || is_like_number(text))
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == ':' && !is_word_byte((uint8_t)c[1]))
			return false;
		if (!is_word_byte((uint8_t)*c) && strchr(" _-./@+:=()'", *c) == NULL)
			return false;
	}
	return true;
}

static void print_text(FILE *out, const char *text)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (const char *c = text; *c != '\0'; c++) {
		switch (*c) {
		case '\n': fputs("\\n", out); break;
		case '\t': fputs("\\t", out); break;
		case '"': fputs("\\\"", out); break;
		case '\\': fputs("\\\\", out); break;
		default: fputc(*c, out);
		}
	}
	fputc('"', out);
}

static const char *text_of(const struct print *w, uint32_t offset)
{
	return policy_text(w->p, offset);
}

static const char *email_of(const struct print *w, uint32_t profile)
{
	return text_of(w, w->p->profiles.at[profile].email);
}

/* In front of an entry stands "- ". */
static void indent(struct print *w, unsigned columns)
{
	fprintf(w->out, "%*s", (int)(w->dash ? columns - 2 : columns), "");
	if (w->dash)
		fputs("- ", w->out);
	w->dash = false;
}

/* "  key: ", for a value on the same line. */
static void print_key(struct print *w, unsigned columns, const char *key)
{
	indent(w, columns);
	print_text(w->out, key);
	fputs(": ", w->out);
}

/* "  key:", for what stands on the lines below. */
static void open_key(struct print *w, unsigned columns, const char *key)
{
	indent(w, columns);
	print_text(w->out, key);
	fputs(":\n", w->out);
}

/* "  key: {}". */
static void print_empty(struct print *w, unsigned columns, const char *key)
{
	print_key(w, columns, key);
	fputs("{}\n", w->out);
}

static void print_value(struct print *w, unsigned columns, const char *key, const char *text)
{
	print_key(w, columns, key);
	print_text(w->out, text);
	fputc('\n', w->out);
}

/* "yes" without quotes would be a boolean to others; true is one to all. */
static void print_flag(struct print *w, unsigned columns, const char *key, bool value)
{
	print_key(w, columns, key);
	fputs(value ? "true\n" : "false\n", w->out);
}

static void put_words(struct buf *to, const char *words)
{
	buf_bytes(to, words, strlen(words));
}

static void list_start(struct print *w)
{
	buf_reset(&w->list);
	w->listed = 0;
}

static void list_add(struct print *w, const char *prefix, const char *text)
{
	put_words(&w->list, prefix);
	put_words(&w->list, text);
	buf_u8(&w->list, 0);
	w->listed++;
}

/* The list that was made: in brackets where that fits, else an item a line. */
static void list_print(struct print *w, unsigned columns, const char *key)
{
	const char *at = (const char *)w->list.at;
	/* Each item comes with its NUL, and with a comma, a blank and quotes at most. */
	size_t width = columns + strlen(key) + 4 + w->list.len + 3 * (size_t)w->listed;
	bool fits = width <= WIDTH;

	if (fits)
		print_key(w, columns, key);
	else
		open_key(w, columns, key);
	for (uint32_t i = 0; i < w->listed && !w->list.failed; i++, at += strlen(at) + 1) {
		if (fits) {
			fputs(i == 0 ? "[" : ", ", w->out);
		} else {
			indent(w, columns + 2);
			fputs("- ", w->out);
		}
		print_text(w->out, at);
		if (!fits)
			fputc('\n', w->out);
	}
	if (fits)
		fputs("]\n", w->out);
}

static void print_nets(struct print *w, unsigned columns, struct span nets)
{
	char text[ADDRESS_TEXT_SIZE];

	list_start(w);
	for (uint32_t i = 0; i < nets.n; i++) {
		net_text(&w->p->nets.at[nets.first + i], text);
		list_add(w, "", text);
	}
	if (nets.n > 0)
		list_print(w, columns, "allow_from");
}

static void print_keys(struct print *w, struct span keys)
{
	if (keys.n > 0)
		open_key(w, 4, "ssh_keys");
	for (uint32_t i = 0; i < keys.n; i++) {
		const struct key *key = &w->p->keys.at[keys.first + i];
		char blob[BASE64_LEN(SSHKEY_MAX) + 1];
		struct buf *line = &w->list;

		base64_encode(slice_of(w->p->pool + key->blob, key->len), blob);
		buf_reset(line);
		put_words(line, text_of(w, key->type));
		put_words(line, " ");
		put_words(line, blob);
		put_words(line, key->comment != 0 ? " " : "");
		put_words(line, text_of(w, key->comment));
		buf_u8(line, 0);
		fputs("      - ", w->out);
		if (!line->failed)
			print_text(w->out, (const char *)line->at);
		fputc('\n', w->out);
	}
}

static void print_profile(struct print *w, const struct profile *who)
{
	const struct access *access = profile_access(w->p, who);
	bool empty = who->name == 0 && who->login == 0 && access->keys.n == 0 &&
		     access->nets.n == 0 && !who->suspended && !who->machine;

	if (empty) {
		print_empty(w, 2, text_of(w, who->email));
		return;
	}
	open_key(w, 2, text_of(w, who->email));
	if (who->name != 0)
		print_value(w, 4, "name", text_of(w, who->name));
	if (who->machine)
		print_value(w, 4, "kind", "machine");
	if (who->login != 0)
		print_value(w, 4, "login", text_of(w, who->login));
	print_keys(w, access->keys);
	print_nets(w, 4, access->nets);
	if (who->suspended)
		print_flag(w, 4, "suspended", true);
}

/* Who is only named by others needs no entry. */
static void print_profiles(struct print *w)
{
	const struct policy *p = w->p;
	bool any = false;

	for (uint32_t i = 0; i < p->profiles.n; i++) {
		if (!p->profiles.at[i].defined)
			continue;
		if (!any)
			fputs("\nprofiles:\n", w->out);
		any = true;
		print_profile(w, &p->profiles.at[i]);
	}
}

static void print_groups(struct print *w)
{
	const struct policy *p = w->p;

	if (p->groups.n > 0)
		fputs("\ngroups:\n", w->out);
	for (uint32_t i = 0; i < p->groups.n; i++) {
		const struct group *group = &p->groups.at[i];

		list_start(w);
		for (uint32_t m = 0; m < group->members.n; m++)
			list_add(w, "", email_of(w, p->ids.at[group->members.first + m]));
		list_print(w, 2, text_of(w, group->name));
	}
}

/*
 * A permission of a role keeps its scope, unless it was written without, for all scopes that have
 * it.
 */
static const char *role_item_text(const struct item *item)
{
	const struct perm_info *info = NULL;
	bool several = false, ambiguous;

	for (unsigned scope = SCOPE_OVERALL; scope <= SCOPE_SERVER; scope++) {
		if (item->perm[scope] == PERM_NONE)
			continue;
		several = info != NULL;
		info = perm_info(item->perm[scope]);
	}
	if (info == NULL)
		return "";
	perm_parse(slice_str(info->id), &ambiguous);
	return several || !ambiguous ? info->id : info->full;
}

static void print_roles(struct print *w)
{
	const struct policy *p = w->p;

	if (p->roles.n > 0)
		fputs("\nroles:\n", w->out);
	for (uint32_t i = 0; i < p->roles.n; i++) {
		const struct role *role = &p->roles.at[i];

		list_start(w);
		for (uint32_t n = 0; n < role->items.n; n++)
			list_add(w, "", role_item_text(&p->items.at[role->items.first + n]));
		list_print(w, 2, text_of(w, role->name));
	}
}

static void print_servers(struct print *w, uint32_t owner)
{
	const struct policy *p = w->p;
	const struct index *index = &p->owner_servers;

	if (index->start[owner] < index->start[owner + 1])
		open_key(w, 4, "servers");
	for (uint32_t i = index->start[owner]; i < index->start[owner + 1]; i++) {
		const struct server *server = &p->servers.at[index->item[i]];

		if (server->accounts.n == 0) {
			print_empty(w, 6, text_of(w, server->name));
			continue;
		}
		open_key(w, 6, text_of(w, server->name));
		list_start(w);
		for (uint32_t a = 0; a < server->accounts.n; a++)
			list_add(
				w, "", text_of(w, p->accounts.at[server->accounts.first + a].name));
		list_print(w, 8, "accounts");
	}
}

static void print_to(struct print *w, struct span to)
{
	const struct policy *p = w->p;

	list_start(w);
	for (uint32_t i = 0; i < to.n; i++) {
		uint32_t id = p->ids.at[to.first + i];

		if ((id & TO_GROUP) != 0)
			list_add(w, "group:", text_of(w, p->groups.at[id & ~TO_GROUP].name));
		else
			list_add(w, "", email_of(w, id));
	}
	if (w->listed == 1 && !w->list.failed)
		print_value(w, 8, "to", (const char *)w->list.at);
	else
		list_print(w, 8, "to");
}

/* The permissions of one place. The list they stand in says which scope is meant. */
static void print_items(
	struct print *w, unsigned columns, const char *key, const struct place *place)
{
	const struct policy *p = w->p;

	list_start(w);
	for (uint32_t i = 0; i < place->items.n; i++) {
		const struct item *item = &p->items.at[place->items.first + i];

		if (item->role != NO_INDEX)
			list_add(w, "role:", text_of(w, p->roles.at[item->role].name));
		else
			list_add(w, "", perm_info(item->perm[place->scope])->id);
	}
	list_print(w, columns, key);
}

static const char *place_name(const struct print *w, const struct place *place)
{
	return text_of(w, place->scope == SCOPE_SERVER ? w->p->servers.at[place->target].name
						       : w->p->accounts.at[place->target].name);
}

/* The places of a grant in one scope; `key` names them. */
static void print_places(
	struct print *w, const struct policy_grant *g, enum scope scope, const char *key)
{
	bool any = false;

	for (uint32_t i = 0; i < g->places.n; i++) {
		const struct place *place = &w->p->places.at[g->places.first + i];

		if (place->scope != scope)
			continue;
		if (scope == SCOPE_OVERALL) {
			print_items(w, 8, key, place);
			continue;
		}
		if (!any)
			open_key(w, 8, key);
		any = true;
		print_items(w, 10, place_name(w, place), place);
	}
}

void print_expires(const struct grant_terms *terms, char out[static WHEN_SIZE])
{
	/* A date ends with its day. */
	when_text(terms->until_is_date ? terms->until - WHEN_DAY : terms->until, out);
	if (terms->until_is_date)
		out[sizeof "2027-01-31" - 1] = '\0';
}

void print_grace(const struct grant_terms *terms, char out[static PRINT_GRACE_SIZE])
{
	bool hours = terms->grace % 3600 == 0;

	snprintf(out, PRINT_GRACE_SIZE, "%u%s", terms->grace / (hours ? 3600 : 60),
		hours ? "h" : "m");
}

/* A text that needs no quotes. */
static void print_plain(struct print *w, unsigned columns, const char *key, const char *text)
{
	print_key(w, columns, key);
	fprintf(w->out, "%s\n", text);
}

static void print_grant(struct print *w, const struct policy_grant *g)
{
	const struct grant_terms *terms = grant_terms(w->p, g);
	char text[WHEN_SIZE > PRINT_GRACE_SIZE ? WHEN_SIZE : PRINT_GRACE_SIZE];

	w->dash = true;
	print_to(w, g->to);
	print_places(w, g, SCOPE_OVERALL, "overall");
	print_places(w, g, SCOPE_SERVER, "servers");
	print_places(w, g, SCOPE_ACCOUNT, "accounts");
	if (terms->until != WHEN_NEVER) {
		print_expires(terms, text);
		print_plain(w, 8, "expires", text);
	}
	print_nets(w, 8, terms->nets);
	if (g->require_2fa)
		print_flag(w, 8, "require_2fa", true);
	if (terms->grace != 0) {
		print_grace(terms, text);
		print_plain(w, 8, "grace", text);
	}
	if (g->note != 0)
		print_value(w, 8, "note", text_of(w, g->note));
}

/* The grants of each owner, in order: the first, and behind each grant the next; or NO_INDEX. */
struct chains {
	uint32_t *first, *next;
};

static bool chains_make(const struct policy *p, struct chains *chains)
{
	chains->first = malloc(((size_t)p->owners.n + 1) * sizeof *chains->first);
	chains->next = malloc(((size_t)p->grants.n + 1) * sizeof *chains->next);
	if (chains->first == NULL || chains->next == NULL)
		return false;
	for (uint32_t i = 0; i < p->owners.n; i++)
		chains->first[i] = NO_INDEX;
	for (uint32_t i = p->grants.n; i-- > 0;) {
		uint32_t *first = &chains->first[p->grants.at[i].owner];

		chains->next[i] = *first;
		*first = i;
	}
	return true;
}

static void print_owner(struct print *w, uint32_t index, const struct chains *chains)
{
	const struct policy *p = w->p;
	const struct owner *owner = &p->owners.at[index];
	const uint32_t *servers = p->owner_servers.start + index;

	if (owner->require_2fa == FLAG_UNSET && servers[0] == servers[1] &&
		chains->first[index] == NO_INDEX) {
		print_empty(w, 2, email_of(w, owner->profile));
		return;
	}
	open_key(w, 2, email_of(w, owner->profile));
	print_servers(w, index);
	if (owner->require_2fa != FLAG_UNSET)
		print_flag(w, 4, "require_2fa", owner->require_2fa == FLAG_TRUE);
	if (chains->first[index] != NO_INDEX)
		open_key(w, 4, "grants");
	for (uint32_t i = chains->first[index]; i != NO_INDEX; i = chains->next[i])
		print_grant(w, &p->grants.at[i]);
}

static void print_owners(struct print *w)
{
	struct chains chains;

	if (!chains_make(w->p, &chains)) {
		w->list.failed = true;
	} else {
		if (w->p->owners.n > 0)
			fputs("\nowners:\n", w->out);
		for (uint32_t i = 0; i < w->p->owners.n; i++)
			print_owner(w, i, &chains);
	}
	free(chains.first);
	free(chains.next);
}

bool policy_print(const struct policy *p, FILE *out)
{
	struct print w = { .p = p, .out = out };
	bool good;

	fputs("---\nadperm: 1\n", out);
	print_profiles(&w);
	print_groups(&w);
	print_roles(&w);
	print_owners(&w);
	fputs("...\n", out);
	good = !w.list.failed;
	buf_done(&w.list);
	return good;
}
