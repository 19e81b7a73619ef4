/* A policy as LDIF; see ldif.h. */
#include "cli/ldif.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/sshkey.h"
#include "lang/print.h"
#include "model/address.h"
#include "sources/ldap/schema.h"

#include <stdlib.h>
#include <string.h>

struct ldif {
	const struct policy *p;
	const char *base;
	FILE *out;
	struct buf value;    /* scratch */
	uint32_t *grants_of; /* by owner: how many */
};

static void put(struct buf *b, const char *text)
{
	buf_bytes(b, text, strlen(text));
}

/* SAFE-STRING of RFC 2849, and no blank at the end. */
static bool is_safe(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.at[i];

		if (c == '\0' || c == '\n' || c == '\r' || c > 0x7f)
			return false;
	}
	return value.len == 0 ||
	       (strchr(" :<", value.at[0]) == NULL && value.at[value.len - 1] != ' ');
}

/* Base64 of any length: whole groups of three bytes at a time. */
static void print_base64(FILE *out, struct slice value)
{
	char text[BASE64_LEN(48) + 1];

	for (size_t at = 0; at < value.len; at += 48) {
		size_t n = value.len - at < 48 ? value.len - at : 48;

		base64_encode(slice_of(value.at + at, n), text);
		fputs(text, out);
	}
}

static void print_value(struct ldif *l, const char *attribute, struct slice value)
{
	fputs(attribute, l->out);
	if (is_safe(value)) {
		fputs(": ", l->out);
		fwrite(value.at, 1, value.len, l->out);
	} else {
		fputs(":: ", l->out);
		print_base64(l->out, value);
	}
	fputc('\n', l->out);
}

static void print(struct ldif *l, const char *attribute, const char *value)
{
	print_value(l, attribute, slice_str(value));
}

static void print_bool(struct ldif *l, const char *attribute, bool value)
{
	print(l, attribute, value ? WORD_TRUE : WORD_FALSE);
}

/* The value that has been put together. */
static void print_made(struct ldif *l, const char *attribute)
{
	if (!l->value.failed)
		print_value(l, attribute, buf_slice(&l->value));
	buf_reset(&l->value);
}

/* "cn=...,ou=...,BASE" with what RFC 4514 does not take as it is in hex. */
static void print_head(struct ldif *l, const char *unit, const char *name, const char *class,
	const char *second_class)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@.-_";
	char hex[4];

	put(&l->value, "cn=");
	for (const char *at = name; *at != '\0'; at++) {
		snprintf(hex, sizeof hex, strchr(plain, *at) != NULL ? "%c" : "\\%02x",
			(unsigned char)*at);
		put(&l->value, hex);
	}
	put(&l->value, ",ou=");
	put(&l->value, unit);
	put(&l->value, ",");
	put(&l->value, l->base);
	print_made(l, "dn");
	print(l, "objectClass", CLASS_OBJECT);
	print(l, "objectClass", class);
	if (second_class != NULL)
		print(l, "objectClass", second_class);
	print(l, "cn", name);
}

static void print_unit(struct ldif *l, const char *name)
{
	fprintf(l->out, "dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n", name, l->base,
		name);
}

static void print_place(struct ldif *l, const char *attribute, struct mark mark)
{
	char line[16];

	if (mark.line == 0)
		return;
	snprintf(line, sizeof line, ":%u", mark.line);
	put(&l->value, diags_file_name(l->p->diags, mark.file));
	put(&l->value, line);
	print_made(l, attribute);
}

static void print_from(struct ldif *l, struct span nets)
{
	char text[ADDRESS_TEXT_SIZE];

	for (uint32_t i = 0; i < nets.n; i++) {
		net_text(&l->p->nets.at[nets.first + i], text);
		print(l, ATTR_FROM, text);
	}
	if (nets.n == 0)
		print(l, ATTR_FROM, WORD_ANY);
}

static void print_key(struct ldif *l, const struct key *key)
{
	char blob[BASE64_LEN(SSHKEY_MAX) + 1], fingerprint[SSHKEY_FINGERPRINT_SIZE];

	base64_encode(slice_of(l->p->pool + key->blob, key->len), blob);
	put(&l->value, policy_text(l->p, key->type));
	put(&l->value, " ");
	put(&l->value, blob);
	put(&l->value, key->comment != 0 ? " " : "");
	put(&l->value, policy_text(l->p, key->comment));
	print_made(l, ATTR_KEY);
	sshkey_fingerprint(key->digest, fingerprint);
	print(l, ATTR_FINGERPRINT, fingerprint);
}

static void print_owner(struct ldif *l, const struct owner *owner, uint32_t index)
{
	char total[16];

	snprintf(total, sizeof total, "%u", l->grants_of[index]);
	print(l, ATTR_GRANT_TOTAL, total);
	print_bool(l, ATTR_OWN_2FA, owner->require_2fa == FLAG_TRUE);
	print_place(l, ATTR_OWN_WRITTEN,
		owner->require_2fa != FLAG_UNSET ? owner->flag_mark : owner->mark);
}

/* Everybody, also who is only named by a grant: that profile exists too. */
static void print_profile(struct ldif *l, const struct profile *who)
{
	const struct access *access = profile_access(l->p, who);
	const char *email = policy_text(l->p, who->email);

	print_head(
		l, "profiles", email, CLASS_PROFILE, who->owner != NO_INDEX ? CLASS_OWNER : NULL);
	print(l, ATTR_EMAIL, email);
	if (who->name != 0)
		print(l, ATTR_NAME, policy_text(l->p, who->name));
	if (who->login != 0)
		print(l, ATTR_LOGIN, policy_text(l->p, who->login));
	for (uint32_t i = 0; i < access->keys.n; i++)
		print_key(l, &l->p->keys.at[access->keys.first + i]);
	print_bool(l, ATTR_SUSPENDED, who->suspended);
	print_bool(l, ATTR_MACHINE, who->machine);
	print_from(l, access->nets);
	print_place(l, ATTR_WRITTEN, who->mark);
	if (who->owner != NO_INDEX)
		print_owner(l, &l->p->owners.at[who->owner], who->owner);
	fputc('\n', l->out);
}

static const char *owner_email(const struct ldif *l, uint32_t owner)
{
	return policy_text(l->p, l->p->profiles.at[l->p->owners.at[owner].profile].email);
}

static void print_server(struct ldif *l, const struct server *server)
{
	const char *name = policy_text(l->p, server->name);

	print_head(l, "servers", name, CLASS_SERVER, NULL);
	print(l, ATTR_HOST, name);
	print(l, ATTR_OWNED_BY, owner_email(l, server->owner));
	for (uint32_t i = 0; i < server->accounts.n; i++)
		print(l, ATTR_ACCOUNT,
			policy_text(l->p, l->p->accounts.at[server->accounts.first + i].name));
	fputc('\n', l->out);
}

static void print_group(struct ldif *l, const struct group *group)
{
	const char *name = policy_text(l->p, group->name);

	print_head(l, "groups", name, CLASS_GROUP, NULL);
	print(l, ATTR_GROUP, name);
	for (uint32_t i = 0; i < group->members.n; i++) {
		uint32_t who = l->p->ids.at[group->members.first + i];

		print(l, ATTR_MEMBER, policy_text(l->p, l->p->profiles.at[who].email));
	}
	fputc('\n', l->out);
}

static void print_to(struct ldif *l, struct span to)
{
	for (uint32_t i = 0; i < to.n; i++) {
		uint32_t id = l->p->ids.at[to.first + i];

		if ((id & TO_GROUP) != 0) {
			put(&l->value, PREFIX_GROUP);
			put(&l->value, policy_text(l->p, l->p->groups.at[id & ~TO_GROUP].name));
		} else {
			put(&l->value, policy_text(l->p, l->p->profiles.at[id].email));
		}
		print_made(l, ATTR_TO);
	}
}

/* One value a permission, with its target before it. */
static void print_rights(struct ldif *l, const struct place *place)
{
	static const char *const attributes[] = { [SCOPE_OVERALL] = ATTR_OVERALL,
		[SCOPE_ACCOUNT] = ATTR_ON_ACCOUNT,
		[SCOPE_SERVER] = ATTR_ON_SERVER };
	const struct policy *p = l->p;

	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		if ((place->perms & PERM_BIT(info->perm)) == 0)
			continue;
		if (place->scope != SCOPE_OVERALL) {
			put(&l->value,
				policy_text(p, place->scope == SCOPE_SERVER
						       ? p->servers.at[place->target].name
						       : p->accounts.at[place->target].name));
			put(&l->value, " ");
		}
		put(&l->value, info->id);
		print_made(l, attributes[place->scope]);
	}
}

/* Named by its number, so that the entries have the order of the files. */
static void print_grant(struct ldif *l, uint32_t index)
{
	const struct policy_grant *g = &l->p->grants.at[index];
	const struct grant_terms *terms = grant_terms(l->p, g);
	char text[WHEN_SIZE > PRINT_GRACE_SIZE ? WHEN_SIZE : PRINT_GRACE_SIZE];

	snprintf(text, sizeof text, "%08u", index + 1);
	print_head(l, "grants", text, CLASS_GRANT, NULL);
	print(l, ATTR_OWNED_BY, owner_email(l, g->owner));
	print_to(l, g->to);
	for (uint32_t i = 0; i < g->places.n; i++)
		print_rights(l, &l->p->places.at[g->places.first + i]);
	print_bool(l, ATTR_2FA, g->require_2fa);
	if (terms->grace != 0) {
		print_grace(terms, text);
		print(l, ATTR_GRACE, text);
	}
	if (terms->until != WHEN_NEVER)
		print_expires(terms, text);
	print(l, ATTR_EXPIRES, terms->until != WHEN_NEVER ? text : WORD_NEVER);
	print_from(l, terms->nets);
	if (g->note != 0)
		print(l, ATTR_NOTE, policy_text(l->p, g->note));
	print_place(l, ATTR_WRITTEN, g->mark);
	fputc('\n', l->out);
}

bool ldif_is_dn(const char *text)
{
	const char *equals = strchr(text, '=');

	return equals != NULL && equals != text && equals[1] != '\0' && is_safe(slice_str(text));
}

bool ldif_print(const struct policy *p, const char *base, FILE *out)
{
	struct ldif l = { .p = p, .base = base, .out = out };
	bool good;

	l.grants_of = calloc((size_t)p->owners.n + 1, sizeof *l.grants_of);
	if (l.grants_of == NULL)
		return false;
	for (uint32_t i = 0; i < p->grants.n; i++)
		l.grants_of[p->grants.at[i].owner]++;
	print_unit(&l, "profiles");
	for (uint32_t i = 0; i < p->profiles.n; i++)
		print_profile(&l, &p->profiles.at[i]);
	print_unit(&l, "groups");
	for (uint32_t i = 0; i < p->groups.n; i++)
		print_group(&l, &p->groups.at[i]);
	print_unit(&l, "servers");
	for (uint32_t i = 0; i < p->servers.n; i++)
		print_server(&l, &p->servers.at[i]);
	print_unit(&l, "grants");
	for (uint32_t i = 0; i < p->grants.n; i++)
		print_grant(&l, i);
	good = !l.value.failed;
	buf_done(&l.value);
	free(l.grants_of);
	return good;
}
