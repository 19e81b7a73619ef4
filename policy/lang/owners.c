/* What stands under `roles` and, less the grants, under `owners`. */
#include "lang/schema.h"

bool role_begin(struct load *l, const struct event *e)
{
	struct name *name;
	struct role *row;

	value_name(l, e, NAME_ROLE);
	name = name_mention(l->p, NAME_ROLE, e->text);
	if (name == NULL)
		return load_no_memory(l);
	if (name->index != NO_INDEX)
		return load_twice(l, e, "role", l->p->roles.at[name->index].mark);
	row = ROWS_ADD(&l->p->roles);
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct role){ .name = name->text, .mark = e->at };
	name->index = l->role = l->p->roles.n - 1;
	return true;
}

bool role_item(struct load *l, const struct event *e)
{
	struct role *role = &l->p->roles.at[l->role];
	struct item item, *row;

	if (e->text.len > 5 && memcmp(e->text.at, "role:", 5) == 0)
		return diag(l->d, e->at, DIAG_NESTED_ROLE,
			"a role contains permissions only, not %s", diag_quote(l->d, e->text));
	if (!value_perm(l, e, 0, &item))
		return false;
	for (uint32_t i = 0; i < role->items.n; i++) {
		const struct item *before = &l->p->items.at[role->items.first + i];

		if (memcmp(before->perm, item.perm, sizeof item.perm) == 0)
			return load_warn_item(l, e, before->mark);
	}
	row = ROWS_ADD(&l->p->items);
	if (row == NULL)
		return load_no_memory(l);
	*row = item;
	span_add(&role->items, l->p->items.n - 1);
	return true;
}

/* Once in a file; in further files the owner is the same. */
bool owner_begin(struct load *l, const struct event *e)
{
	bool good = value_email(l, e, l->email);
	struct slice text = good ? slice_str(l->email) : e->text;
	struct name *person = load_person(l, text, e->at), *name;
	struct owner *row;
	uint32_t profile;

	if (person == NULL)
		return false;
	profile = person->index;
	name = name_mention(l->p, NAME_OWNER, text);
	if (name == NULL)
		return load_no_memory(l);
	if (name->list == l->list)
		return load_twice(l, e, "owner", name_seen(name, e->at.file));
	name_see(name, l->list, e->at);
	if (name->index == NO_INDEX) {
		row = ROWS_ADD(&l->p->owners);
		if (row == NULL)
			return load_no_memory(l);
		*row = (struct owner){ .profile = profile, .mark = e->at };
		name->index = l->p->owners.n - 1;
		l->p->profiles.at[profile].owner = name->index;
	}
	l->owner = name->index;
	return true;
}

bool owner_flag(struct load *l, const struct event *e)
{
	struct owner *owner = &l->p->owners.at[l->owner];
	bool flag;

	if (!value_bool(l, e, &flag))
		return false;
	if (owner->require_2fa != FLAG_UNSET) {
		diag(l->d, e->at, DIAG_OWNER_FLAG_TWICE,
			"require_2fa of this owner is written in another file already");
		diag_note(l->d, owner->flag_mark, "it is written here");
		return false;
	}
	owner->require_2fa = flag ? FLAG_TRUE : FLAG_FALSE;
	owner->flag_mark = e->at;
	return true;
}

bool server_begin(struct load *l, const struct event *e)
{
	struct name *name;
	struct server *row;

	value_name(l, e, NAME_SERVER);
	name = name_mention(l->p, NAME_SERVER, e->text);
	row = name != NULL ? ROWS_ADD(&l->p->servers) : NULL;
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct server){ .name = name->text, .owner = l->owner, .mark = e->at };
	l->server = l->p->servers.n - 1;
	if (name->index == NO_INDEX) {
		name->index = l->server;
		return true;
	}
	diag(l->d, e->at, DIAG_SERVER_TWICE, "the server %s stands in the policy twice",
		diag_quote(l->d, e->text));
	diag_note(l->d, l->p->servers.at[name->index].mark, "the first time is here");
	return true;
}

/* An account that is there already: on the same server that is a slip, on another a contradiction.
 */
static bool account_twice(struct load *l, const struct event *e, const struct account *first)
{
	const struct server *server = &l->p->servers.at[first->server];

	if (first->server == l->server)
		return load_warn_item(l, e, first->mark);
	/* That the server stands in the policy twice has been said. */
	if (server->name == l->p->servers.at[l->server].name)
		return false;
	diag(l->d, e->at, DIAG_ACCOUNT_TWICE, "the account %s lives on the server %s already",
		diag_quote(l->d, e->text),
		diag_quote(l->d, slice_str(policy_text(l->p, server->name))));
	diag_note(l->d, first->mark, "it stands there");
	return false;
}

bool server_account(struct load *l, const struct event *e)
{
	struct name *name, *login;
	struct account *row;

	value_name(l, e, NAME_ACCOUNT);
	name = name_mention(l->p, NAME_ACCOUNT, e->text);
	if (name == NULL)
		return load_no_memory(l);
	if (name->index != NO_INDEX)
		return account_twice(l, e, &l->p->accounts.at[name->index]);
	row = ROWS_ADD(&l->p->accounts);
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct account){ .name = name->text, .server = l->server, .mark = e->at };
	name->index = l->p->accounts.n - 1;
	span_add(&l->p->servers.at[l->server].accounts, name->index);
	login = name_mention(l->p, NAME_LOGIN, e->text);
	if (login == NULL)
		return load_no_memory(l);
	if (login->index == NO_INDEX)
		return true;
	diag(l->d, e->at, DIAG_LOGIN_IS_ACCOUNT, "the account %s has the name of a login",
		diag_quote(l->d, e->text));
	diag_note(l->d, name_seen(login, l->p->profiles.at[login->index].mark.file),
		"the login is here");
	return false;
}
