/*
 * References: a group, role, server or account that a grant names. Settled at once where the thing
 * is known already, else when all files are read.
 */
#include "lang/load.h"
#include "lang/nearest.h"

/* What the message calls a kind. */
static const struct ref_kind {
	enum name_kind kind;
	enum diag_id unknown;
	const char *what;
} ref_kinds[] = {
	{ NAME_GROUP, DIAG_UNKNOWN_GROUP, "group" },
	{ NAME_ROLE, DIAG_UNKNOWN_ROLE, "role" },
	{ NAME_SERVER, DIAG_UNKNOWN_SERVER, "server" },
	{ NAME_ACCOUNT, DIAG_UNKNOWN_ACCOUNT, "account" },
};

static const struct name *ref_name(const struct load *l, const struct ref *ref)
{
	return &l->p->names->all.at[ref->name];
}

/* Servers are granted on by who owns them. */
static bool check_owner(struct load *l, const struct ref *ref, const char *what, uint32_t server)
{
	const struct policy *p = l->p;
	const struct server *row = &p->servers.at[server];
	const struct owner *owner = &p->owners.at[row->owner];

	if (row->owner == ref->owner)
		return true;
	diag(l->d, ref->at, DIAG_NOT_OWNED, "the %s %s belongs to %s", what,
		diag_quote(l->d, name_text(p, ref_name(l, ref))),
		policy_text(p, p->profiles.at[owner->profile].email));
	diag_note(l->d, row->mark, "its server stands here");
	return false;
}

/* An item of a role as it can only be meant: "ssh", or "account.ssh" if others have that id too. */
static const char *item_words(const struct item *item)
{
	const struct perm_info *found = NULL;
	bool several = false;

	for (size_t i = 0; i < sizeof item->perm; i++) {
		if (item->perm[i] == PERM_NONE)
			continue;
		several = found != NULL;
		found = perm_info(item->perm[i]);
	}
	if (found == NULL)
		return "";
	return several ? found->id : found->full;
}

/* What a role gives in the scope of the list it is used in. */
static bool use_role(struct load *l, const struct ref *ref, const struct role *role)
{
	struct place *place = &l->p->places.at[ref->place];
	bool good = true;

	for (uint32_t i = 0; i < role->items.n; i++) {
		const struct item *item = &l->p->items.at[role->items.first + i];
		uint8_t perm = item->perm[place->scope];

		if (perm != PERM_NONE) {
			place->perms |= PERM_BIT(perm);
			continue;
		}
		good = diag(l->d, ref->at, DIAG_ROLE_SCOPE,
			"the role %s contains %s, which is no %s permission",
			diag_quote(l->d, slice_str(policy_text(l->p, role->name))),
			item_words(item), scope_name(place->scope));
		diag_note(l->d, item->mark, "it stands in the role here");
	}
	return good;
}

/* The thing has a row: puts its index where it is referred to. */
static bool settle(struct load *l, const struct ref *ref)
{
	struct policy *p = l->p;
	const struct name *name = ref_name(l, ref);

	switch ((enum name_kind)name->kind) {
	case NAME_GROUP: p->ids.at[ref->slot] = TO_GROUP | name->index; return true;
	case NAME_ROLE:
		p->items.at[ref->slot].role = name->index;
		return use_role(l, ref, &p->roles.at[name->index]);
	case NAME_SERVER:
		p->places.at[ref->slot].target = name->index;
		return check_owner(l, ref, "server", name->index);
	case NAME_ACCOUNT:
		p->places.at[ref->slot].target = name->index;
		return check_owner(l, ref, "account", p->accounts.at[name->index].server);
	case NAME_PROFILE:
	case NAME_OWNER:
	case NAME_LOGIN:
	case NAME_KEY:
	case NAME_WORD: break;
	}
	return false;
}

bool ref_take(struct load *l, const struct name *name, const struct ref *ref)
{
	struct ref *row, settled = *ref;

	settled.name = (uint32_t)(name - l->p->names->all.at);
	if (name->index != NO_INDEX)
		return settle(l, &settled);
	row = ROWS_ADD(&l->refs);
	if (row == NULL)
		return load_no_memory(l);
	*row = settled;
	return true;
}

/* What somebody else owns is never meant. */
static bool may_be_meant(const struct policy *p, const struct name *known, uint32_t owner)
{
	uint32_t server = known->index;

	if (known->kind == NAME_ACCOUNT)
		server = p->accounts.at[known->index].server;
	else if (known->kind != NAME_SERVER)
		return true;
	return p->servers.at[server].owner == owner;
}

static void report_unknown(struct load *l, const struct ref *ref)
{
	const struct names *names = l->p->names;
	const struct name *name = ref_name(l, ref);
	const struct ref_kind *kind = ref_kinds;
	struct nearest nearest;

	while (kind->kind != (enum name_kind)name->kind)
		kind++;
	nearest_start(&nearest, name_text(l->p, name));
	for (uint32_t i = 0; i < names->all.n && l->compared < NEAREST_TRIES; i++) {
		const struct name *known = &names->all.at[i];

		l->compared++;
		if (known->kind == name->kind && known->index != NO_INDEX &&
			may_be_meant(l->p, known, ref->owner))
			nearest_offer(&nearest, name_text(l->p, known));
	}
	diag(l->d, ref->at, kind->unknown, "no %s is called %s%s", kind->what,
		diag_quote(l->d, name_text(l->p, name)), nearest_hint(&nearest));
}

/* What is unknown after an error may only not have been read; without one it is unknown. */
void refs_settle(struct load *l)
{
	for (uint32_t i = 0; i < l->refs.n; i++) {
		const struct ref *ref = &l->refs.at[i];
		const struct name *name = ref_name(l, ref);

		if (name->index != NO_INDEX)
			settle(l, ref);
		else if (diags_errors(l->d) == 0 ||
			 (!l->incomplete && (l->lost >> name->kind & 1) == 0))
			report_unknown(l, ref);
	}
}
