/* Scalars and what they must be. Never a guess: one spelling is right, and the message says which.
 */
#include "lang/load.h"
#include "lang/nearest.h"

#include "base/base64.h"
#include "base/sshkey.h"

bool value_bool(struct load *l, const struct event *e, bool *out)
{
	bool is_true = slice_equal(e->text, slice_str("true"));
	bool is_false = slice_equal(e->text, slice_str("false"));

	if (e->plain && (is_true || is_false)) {
		*out = is_true;
		return true;
	}
	if (is_true || is_false)
		return diag(l->d, e->at, DIAG_BAD_BOOLEAN,
			"%s in quotes is a text: write it without quotes",
			diag_quote(l->d, e->text));
	return diag(l->d, e->at, DIAG_BAD_BOOLEAN, "%s is no boolean: write true or false",
		diag_quote(l->d, e->text));
}

bool value_line(struct load *l, const struct event *e, uint32_t *out)
{
	if (e->text.len == 0)
		return diag(l->d, e->at, DIAG_BAD_TEXT, "this text is empty");
	if (memchr(e->text.at, '\n', e->text.len) != NULL)
		return diag(l->d, e->at, DIAG_BAD_TEXT,
			"this text has several lines: write it on one, or after >-");
	return pool_put(l->p, e->text, out) || load_no_memory(l);
}

bool value_is_email(struct load *l, const struct event *e)
{
	return name_is_email(e->text) ||
	       diag(l->d, e->at, DIAG_BAD_EMAIL, "%s is no e-mail address",
		       diag_quote(l->d, e->text));
}

bool value_email(struct load *l, const struct event *e, char *out)
{
	return value_is_email(l, e) && name_lower(e->text, out, EMAIL_MAX + 1);
}

/* What a kind of name must look like. */
static const struct name_rule {
	enum name_kind kind;
	bool (*good)(struct slice text);
	enum diag_id id;
	const char *what, *form;
	bool unix_name; /* shares its name space with the system's users */
} name_rules[] = {
	{ NAME_LOGIN, name_is_login, DIAG_BAD_LOGIN, "login",
		"a-z, then up to 31 of a-z, 0-9 and -", true },
	{ NAME_ACCOUNT, name_is_account, DIAG_BAD_ACCOUNT, "account",
		"a-z or _, then up to 31 of a-z, 0-9, _ and -", true },
	{ NAME_GROUP, name_is_label, DIAG_BAD_LABEL, "name of a group",
		"a-z, then up to 31 of a-z, 0-9, _ and -", false },
	{ NAME_ROLE, name_is_label, DIAG_BAD_LABEL, "name of a role",
		"a-z, then up to 31 of a-z, 0-9, _ and -", false },
	{ NAME_SERVER, name_is_host, DIAG_BAD_HOST, "host name", "lower case, RFC 1123", false },
};

bool value_name(struct load *l, const struct event *e, enum name_kind kind)
{
	const struct name_rule *rule = name_rules;
	const char *who;

	while (rule->kind != kind)
		rule++;
	if (!rule->good(e->text))
		return diag(l->d, e->at, rule->id, "%s is no %s (%s)", diag_quote(l->d, e->text),
			rule->what, rule->form);
	who = rule->unix_name ? name_reserved(e->text) : NULL;
	if (who != NULL)
		return diag(l->d, e->at, DIAG_RESERVED_NAME, "the name %s is taken by %s",
			diag_quote(l->d, e->text), who);
	return true;
}

static const char *net_problem_words(enum net_problem problem)
{
	switch (problem) {
	case NET_MAPPED: return "write an IPv4-mapped network as IPv4";
	case NET_ZONE: return "a zone has no meaning here";
	case NET_ZEROS: return "leading zeros can be read in two ways";
	case NET_GOOD:
	case NET_HOST_BITS:
	case NET_MALFORMED: break;
	}
	return "as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32";
}

bool value_net(struct load *l, const struct event *e, struct span *nets)
{
	struct net net, *row;
	enum net_problem problem = net_parse(e->text, &net);
	char text[ADDRESS_TEXT_SIZE];
	struct name *name;

	if (problem != NET_GOOD && problem != NET_HOST_BITS)
		return diag(l->d, e->at, DIAG_BAD_NETWORK, "%s is no address or network (%s)",
			diag_quote(l->d, e->text), net_problem_words(problem));
	net_text(&net, text);
	if (problem == NET_HOST_BITS)
		diag(l->d, e->at, DIAG_HOST_BITS, "%s has bits set behind the prefix: taken as %s",
			diag_quote(l->d, e->text), text);
	name = name_mention(l->p, NAME_WORD, slice_str(text));
	if (name == NULL)
		return load_no_memory(l);
	if (load_repeated(l, name, e))
		return false;
	row = ROWS_ADD(&l->p->nets);
	if (row == NULL)
		return load_no_memory(l);
	*row = net;
	span_add(nets, l->p->nets.n - 1);
	return true;
}

/* The first word of *rest, which loses it and the blanks behind it. */
static struct slice take_word(struct slice *rest)
{
	struct slice word = { rest->at, 0 };

	while (word.len < rest->len && rest->at[word.len] != ' ' && rest->at[word.len] != '\t')
		word.len++;
	*rest = slice_of(rest->at + word.len, rest->len - word.len);
	while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t'))
		*rest = slice_of(rest->at + 1, rest->len - 1);
	return word;
}

/* Does a type of key stand somewhere behind the first word, as it does behind options? */
static bool has_options(struct slice rest)
{
	static const struct slice none = { NULL, 0 };

	while (rest.len > 0) {
		if (sshkey_check(take_word(&rest), none) != SSHKEY_UNKNOWN)
			return true;
	}
	return false;
}

static bool report_key(
	struct load *l, const struct event *e, enum sshkey_problem problem, struct slice type)
{
	switch (problem) {
	case SSHKEY_WEAK:
		return diag(l->d, e->at, DIAG_WEAK_KEY,
			"this key is too weak: it is DSA, or RSA below 2048 bits");
	case SSHKEY_UNKNOWN:
		return diag(l->d, e->at, DIAG_KEY_TYPE, "%s is no type of key that OpenSSH takes",
			diag_quote(l->d, type));
	case SSHKEY_CERT:
		return diag(l->d, e->at, DIAG_KEY_TYPE,
			"this is a certificate: give the plain key instead");
	case SSHKEY_GOOD:
	case SSHKEY_MALFORMED: break;
	}
	return diag(l->d, e->at, DIAG_BAD_KEY,
		"this is no SSH public key: expected a type, the key in base64, and a comment");
}

bool value_key(struct load *l, const struct event *e, struct key *out)
{
	struct slice rest = e->text, type, text, comment;
	uint8_t blob[SSHKEY_MAX];
	enum sshkey_problem problem;
	long len;

	type = take_word(&rest);
	comment = rest;
	text = take_word(&comment);
	len = base64_decode(text, blob, sizeof blob);
	problem = len <= 0 ? SSHKEY_MALFORMED : sshkey_check(type, slice_of(blob, (size_t)len));
	if (problem != SSHKEY_GOOD && sshkey_check(type, slice_of(NULL, 0)) == SSHKEY_UNKNOWN &&
		has_options(rest))
		return diag(l->d, e->at, DIAG_KEY_OPTIONS,
			"key options are not accepted: begin with the type of the key");
	if (problem != SSHKEY_GOOD)
		return report_key(l, e, problem, type);
	*out = (struct key){ .len = (uint32_t)len, .mark = e->at };
	sha256_of(slice_of(blob, (size_t)len), out->digest);
	if (!load_word(l, type, &out->type) ||
		!pool_put(l->p, slice_of(blob, (size_t)len), &out->blob))
		return load_no_memory(l);
	return comment.len == 0 || pool_put(l->p, comment, &out->comment) || load_no_memory(l);
}

static const enum scope scopes[] = { SCOPE_OVERALL, SCOPE_ACCOUNT, SCOPE_SERVER };

/* Nobody has this permission in `scope`, or anywhere if that is 0. */
static bool report_perm(struct load *l, const struct event *e, enum scope scope)
{
	const char *words = scope != 0 ? scope_name(scope) : "", *blank = scope != 0 ? " " : "";
	struct nearest nearest;

	for (size_t i = 0; scope != 0 && i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		if (slice_equal(e->text, slice_str(info->id)) ||
			slice_equal(e->text, slice_str(info->full)))
			return diag(l->d, e->at, DIAG_UNKNOWN_PERMISSION,
				"%s is no %s permission: its scope is %s",
				diag_quote(l->d, e->text), words, scope_name(info->scope));
	}
	nearest_start(&nearest, e->text);
	nearest_offer_perms(&nearest, scope, false);
	return diag(l->d, e->at, DIAG_UNKNOWN_PERMISSION, "no %s%spermission is called %s%s", words,
		blank, diag_quote(l->d, e->text), nearest_hint(&nearest));
}

bool value_perm(struct load *l, const struct event *e, enum scope scope, struct item *out)
{
	enum perm only = scope != 0 ? perm_in_scope(scope, e->text) : PERM_NONE, full;
	bool ambiguous, any = false;

	*out = (struct item){ .role = NO_INDEX, .mark = e->at };
	if (only != PERM_NONE && !perm_info(only)->derived) {
		out->perm[scope] = (uint8_t)only;
		return true;
	}
	full = perm_parse(e->text, &ambiguous);
	for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
		enum perm perm = perm_in_scope(scopes[i], e->text);

		if (perm == PERM_NONE && full != PERM_NONE && perm_info(full)->scope == scopes[i])
			perm = full;
		if (perm == PERM_NONE || (scope != 0 && scopes[i] != scope))
			continue;
		if (perm_info(perm)->derived)
			return diag(l->d, e->at, DIAG_DERIVED_MENU, "%s cannot be granted: %s",
				diag_quote(l->d, e->text), perm_meaning((enum perm)perm));
		out->perm[scopes[i]] = (uint8_t)perm;
		any = true;
	}
	return any || report_perm(l, e, scope);
}
