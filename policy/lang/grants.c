/* What stands in a grant. */
#include "lang/schema.h"

#include "model/when.h"

#define GRACE_MAX (24u * 3600) /* seconds */

static struct policy_grant *grant_row(struct load *l)
{
	return &l->p->grants.at[l->grant];
}

static struct grant_terms *terms_row(struct load *l)
{
	return &l->p->terms.at[grant_row(l)->terms];
}

bool grant_open(struct load *l, struct mark at)
{
	static const struct grant_terms always = { .until = WHEN_NEVER };
	struct policy_grant *row = ROWS_ADD(&l->p->grants);

	if (row == NULL || !terms_add(l->p, &always))
		return load_no_memory(l);
	*row = (struct policy_grant){
		.owner = l->owner, .mark = at, .terms = (l->p->terms.n - 1) & (TO_GROUP - 1)
	};
	l->grant = l->p->grants.n - 1;
	l->grace = (struct mark){ 0 };
	l->flag_read = false;
	l->errors = diags_errors(l->d);
	l->first_place = l->p->places.n;
	l->first_item = l->p->items.n;
	l->first_ref = l->refs.n;
	return true;
}

void grant_close(struct load *l, struct mark at)
{
	struct policy_grant *grant = grant_row(l);
	bool good = diags_errors(l->d) == l->errors;

	/* After an error the grant may be empty, or without the flag, because of that. */
	if (grant->places.n == 0 && good)
		diag(l->d, at, DIAG_EMPTY_GRANT,
			"this grant gives nothing: it has neither overall, servers nor accounts");
	if (l->grace.line != 0 && !grant->require_2fa && (good || l->flag_read))
		diag(l->d, l->grace, DIAG_GRACE_WITHOUT_FLAG,
			"grace without require_2fa: true has no meaning");
	/* What a reference still has to fill cannot be compared. */
	if (diags_errors(l->d) == l->errors && l->refs.n == l->first_ref)
		same_share(&l->same, l->p, l->grant, l->first_place, l->first_item);
	terms_share(l->p, grant);
}

bool grant_to(struct load *l, const struct event *e)
{
	static const size_t prefix = sizeof "group:" - 1;
	struct ref ref = { .at = e->at, .slot = l->p->ids.n, .owner = l->owner };
	struct slice group;
	struct name *name;

	if (e->text.len < prefix || memcmp(e->text.at, "group:", prefix) != 0)
		return load_list_person(l, e, &grant_row(l)->to);
	group = slice_of(e->text.at + prefix, e->text.len - prefix);
	name = name_mention(l->p, NAME_GROUP, group);
	if (name == NULL)
		return load_no_memory(l);
	return !load_repeated(l, name, e) && load_id(l, NO_INDEX, &grant_row(l)->to) &&
	       ref_take(l, name, &ref);
}

/* A further place of the grant; its permissions follow. */
static bool place_add(struct load *l, enum scope scope)
{
	struct place *row = ROWS_ADD(&l->p->places);

	if (row == NULL)
		return load_no_memory(l);
	*row = (struct place){ .scope = scope, .target = scope == SCOPE_OVERALL ? 0 : NO_INDEX };
	l->place = l->p->places.n - 1;
	span_add(&grant_row(l)->places, l->place);
	return true;
}

/* A place that is named: which, may be known only when all files are read. */
static bool place_named(
	struct load *l, const struct event *e, enum scope scope, enum name_kind kind)
{
	struct ref ref = { .at = e->at, .owner = l->owner };
	struct name *name = name_mention(l->p, kind, e->text);
	bool known = name != NULL && name->index != NO_INDEX;

	if (name == NULL)
		return load_no_memory(l);
	if (name->list == l->list) {
		diag(l->d, e->at, DIAG_DUPLICATE_KEY, "the key %s stands here twice",
			diag_quote(l->d, e->text));
		diag_note(l->d, name_seen(name, e->at.file), "the first one is here");
		return false;
	}
	name_see(name, l->list, e->at);
	if (!place_add(l, scope))
		return false;
	ref.slot = l->place;
	/* Whatever is wrong with the name, its permissions are looked at. */
	if (known || value_name(l, e, kind))
		ref_take(l, name, &ref);
	return true;
}

bool grant_server(struct load *l, const struct event *e)
{
	return place_named(l, e, SCOPE_SERVER, NAME_SERVER);
}

bool grant_account(struct load *l, const struct event *e)
{
	return place_named(l, e, SCOPE_ACCOUNT, NAME_ACCOUNT);
}

bool grant_list(struct load *l, struct mark at)
{
	(void)at;
	l->given = 0;
	return true;
}

bool grant_overall(struct load *l, struct mark at)
{
	return place_add(l, SCOPE_OVERALL) && grant_list(l, at);
}

/* Where the list names this permission already. */
static struct mark item_before(struct load *l, enum perm perm)
{
	const struct place *place = &l->p->places.at[l->place];

	for (uint32_t i = 0; i < place->items.n; i++) {
		const struct item *item = &l->p->items.at[place->items.first + i];

		if (item->perm[place->scope] == perm)
			return item->mark;
	}
	return (struct mark){ 0 };
}

static bool item_add(struct load *l, const struct item *item)
{
	struct item *row = ROWS_ADD(&l->p->items);

	if (row == NULL)
		return load_no_memory(l);
	*row = *item;
	span_add(&l->p->places.at[l->place].items, l->p->items.n - 1);
	return true;
}

bool grant_item(struct load *l, const struct event *e)
{
	static const size_t prefix = sizeof "role:" - 1;
	struct place *place = &l->p->places.at[l->place];
	struct ref ref = { .at = e->at, .slot = l->p->items.n, .place = l->place };
	struct item item = { .role = NO_INDEX, .mark = e->at };
	struct slice role;
	struct name *name;
	enum perm perm;

	if (e->text.len > prefix && memcmp(e->text.at, "role:", prefix) == 0) {
		role = slice_of(e->text.at + prefix, e->text.len - prefix);
		name = name_mention(l->p, NAME_ROLE, role);
		if (name == NULL)
			return load_no_memory(l);
		return !load_repeated(l, name, e) && item_add(l, &item) && ref_take(l, name, &ref);
	}
	if (!value_perm(l, e, place->scope, &item))
		return false;
	perm = item.perm[place->scope];
	if ((l->given & PERM_BIT(perm)) != 0)
		return load_warn_item(l, e, item_before(l, perm));
	l->given |= PERM_BIT(perm);
	place->perms |= PERM_BIT(perm);
	return item_add(l, &item);
}

bool grant_expires(struct load *l, const struct event *e)
{
	struct grant_terms *terms = terms_row(l);
	bool is_date = false, good = when_parse_end(e->text, &terms->until, &is_date);

	terms->until_is_date = is_date;
	return good || diag(l->d, e->at, DIAG_BAD_TIME,
			       "%s is no time: write 2027-01-31 or 2027-01-31T18:00:00Z",
			       diag_quote(l->d, e->text));
}

bool grant_net(struct load *l, const struct event *e)
{
	return value_net(l, e, &terms_row(l)->nets);
}

bool grant_flag(struct load *l, const struct event *e)
{
	bool flag = false, good = value_bool(l, e, &flag);

	grant_row(l)->require_2fa = flag;
	l->flag_read = good;
	return good;
}

bool grant_grace(struct load *l, const struct event *e)
{
	uint32_t seconds = 0;
	bool good = duration_parse(e->text, GRACE_MAX, &seconds);

	l->grace = e->at;
	terms_row(l)->grace = seconds & 0x3fffffff; /* at most GRACE_MAX */
	return good || diag(l->d, e->at, DIAG_BAD_GRACE,
			       "%s is no grace: write minutes or hours, as 30m or 8h, at most 24h",
			       diag_quote(l->d, e->text));
}

bool grant_note(struct load *l, const struct event *e)
{
	return value_line(l, e, &grant_row(l)->note);
}
