/* What stands under `profiles` and `groups`. */
#include "lang/schema.h"

static struct profile *profile_row(struct load *l)
{
	return &l->p->profiles.at[l->profile];
}

bool profile_begin(struct load *l, const struct event *e)
{
	bool good = value_email(l, e, l->email);
	/* A bad address has been reported; what it says is checked under the name it has. */
	struct name *name = load_person(l, good ? slice_str(l->email) : e->text, e->at);
	struct profile *row;

	if (name == NULL)
		return false;
	l->profile = name->index;
	row = profile_row(l);
	if (row->defined)
		return load_twice(l, e, "profile", row->mark);
	row->defined = true;
	row->mark = e->at;
	return true;
}

bool profile_name(struct load *l, const struct event *e)
{
	return value_line(l, e, &profile_row(l)->name);
}

bool profile_login(struct load *l, const struct event *e)
{
	uint32_t account;
	struct name *name;

	if (!value_name(l, e, NAME_LOGIN))
		return false;
	name = name_mention(l->p, NAME_LOGIN, e->text);
	if (name == NULL)
		return load_no_memory(l);
	if (name->index != NO_INDEX) {
		diag(l->d, e->at, DIAG_LOGIN_TWICE, "the login %s belongs to another profile",
			diag_quote(l->d, e->text));
		diag_note(l->d, name_seen(name, l->p->profiles.at[name->index].mark.file),
			"it is given here");
		return false;
	}
	name->index = l->profile;
	name_see(name, 0, e->at);
	profile_row(l)->login = name->text;
	account = policy_find(l->p, NAME_ACCOUNT, e->text);
	if (account == NO_INDEX)
		return true;
	diag(l->d, e->at, DIAG_LOGIN_IS_ACCOUNT, "the login %s is the name of an account",
		diag_quote(l->d, e->text));
	diag_note(l->d, l->p->accounts.at[account].mark, "the account is here");
	return false;
}

/* Its own, which it gets with its first key or network. NULL: out of memory. */
static struct access *access_row(struct load *l)
{
	struct profile *who = profile_row(l);

	if (who->access == 0 && access_add(l->p) != NULL)
		who->access = l->p->access.n - 1;
	if (who->access == 0)
		load_no_memory(l);
	return who->access != 0 ? &l->p->access.at[who->access] : NULL;
}

bool profile_key(struct load *l, const struct event *e)
{
	struct access *access = access_row(l);
	struct key key, *row;
	struct name *name;

	if (access == NULL || !value_key(l, e, &key))
		return false;
	name = name_mention(l->p, NAME_KEY, slice_of(key.digest, sizeof key.digest));
	if (name == NULL)
		return load_no_memory(l);
	if (name->index != NO_INDEX) {
		const struct key *first = &l->p->keys.at[name->index];

		if (first->profile == l->profile)
			diag(l->d, e->at, DIAG_REPEATED, "this key stands here twice");
		else
			diag(l->d, e->at, DIAG_KEY_TWICE, "this key belongs to another profile");
		diag_note(l->d, first->mark, "it is given here");
		return false;
	}
	row = ROWS_ADD(&l->p->keys);
	if (row == NULL)
		return load_no_memory(l);
	*row = key;
	row->profile = l->profile;
	name->index = l->p->keys.n - 1;
	span_add(&access->keys, name->index);
	return true;
}

bool profile_net(struct load *l, const struct event *e)
{
	struct access *access = access_row(l);

	return access != NULL && value_net(l, e, &access->nets);
}

bool profile_suspended(struct load *l, const struct event *e)
{
	return value_bool(l, e, &profile_row(l)->suspended);
}

bool profile_kind(struct load *l, const struct event *e)
{
	if (slice_equal(e->text, slice_str("person")))
		return true;
	profile_row(l)->machine = slice_equal(e->text, slice_str("machine"));
	return profile_row(l)->machine ||
	       diag(l->d, e->at, DIAG_BAD_KIND, "%s is no kind of profile: write person or machine",
		       diag_quote(l->d, e->text));
}

bool group_begin(struct load *l, const struct event *e)
{
	struct name *name;
	struct group *row;

	value_name(l, e, NAME_GROUP);
	name = name_mention(l->p, NAME_GROUP, e->text);
	if (name == NULL)
		return load_no_memory(l);
	if (name->index != NO_INDEX)
		return load_twice(l, e, "group", l->p->groups.at[name->index].mark);
	row = ROWS_ADD(&l->p->groups);
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct group){ .name = name->text, .mark = e->at };
	name->index = l->group = l->p->groups.n - 1;
	return true;
}

bool group_member(struct load *l, const struct event *e)
{
	if (e->text.len > 6 && memcmp(e->text.at, "group:", 6) == 0)
		return diag(l->d, e->at, DIAG_NESTED_GROUP, "a group contains people only, not %s",
			diag_quote(l->d, e->text));
	return load_list_person(l, e, &l->p->groups.at[l->group].members);
}
