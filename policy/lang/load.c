/* policy_load(): the files of a set, one after the other, then what can only be judged of all. */
#include "lang/load.h"

#include "base/hash.h"
#include <stdlib.h>

#define NAME_BYTES 64 /* of a large policy, for each name in it */

bool load_no_memory(struct load *l)
{
	if (!l->stop)
		diag(l->d, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	l->stop = true;
	return false;
}

bool load_word(struct load *l, struct slice text, uint32_t *offset)
{
	struct name *name = name_mention(l->p, NAME_WORD, text);

	if (name == NULL)
		return load_no_memory(l);
	*offset = name->text;
	return true;
}

bool load_warn_item(struct load *l, const struct event *e, struct mark before)
{
	diag(l->d, e->at, DIAG_REPEATED, "%s stands in this list twice", diag_quote(l->d, e->text));
	diag_note(l->d, before, "it stands here already");
	return false;
}

bool load_repeated(struct load *l, struct name *name, const struct event *e)
{
	if (name->list != l->list) {
		name_see(name, l->list, e->at);
		return false;
	}
	load_warn_item(l, e, name_seen(name, e->at.file));
	return true;
}

bool load_twice(struct load *l, const struct event *e, const char *what, struct mark first)
{
	enum diag_id id = first.file == e->at.file ? DIAG_DUPLICATE_KEY : DIAG_DEFINED_TWICE;

	diag(l->d, e->at, id, "the %s %s is defined twice", what, diag_quote(l->d, e->text));
	diag_note(l->d, first, "the first definition is here");
	return false;
}

/* The name, whose row is made now if there is none yet. NULL: out of memory. */
static struct name *person_row(struct load *l, struct name *name, struct mark at)
{
	struct profile *row;

	if (name != NULL && name->index != NO_INDEX)
		return name;
	row = name != NULL ? ROWS_ADD(&l->p->profiles) : NULL;
	if (row == NULL) {
		load_no_memory(l);
		return NULL;
	}
	*row = (struct profile){ .email = name->text, .mark = at, .owner = NO_INDEX };
	name->index = l->p->profiles.n - 1;
	return name;
}

struct name *load_person(struct load *l, struct slice email, struct mark at)
{
	return person_row(l, name_mention(l->p, NAME_PROFILE, email), at);
}

bool load_id(struct load *l, uint32_t id, struct span *ids)
{
	uint32_t *row = ROWS_ADD(&l->p->ids);

	if (row == NULL)
		return load_no_memory(l);
	*row = id;
	span_add(ids, l->p->ids.n - 1);
	return true;
}

bool load_list_person(struct load *l, const struct event *e, struct span *ids)
{
	struct name *name = NULL;

	if (name_lower(e->text, l->email, sizeof l->email))
		name = name_mention(l->p, NAME_PROFILE, slice_of(l->email, e->text.len));
	/* Who is known already has a good address. */
	if ((name == NULL || name->index == NO_INDEX) && !value_is_email(l, e))
		return false;
	name = person_row(l, name, e->at);
	return name != NULL && !load_repeated(l, name, e) && load_id(l, name->index, ids);
}

struct access *access_add(struct policy *p)
{
	struct access *row = ROWS_ADD(&p->access);

	if (row != NULL)
		*row = (struct access){ .keys = { 0, 0 } };
	return row;
}

/*
 * The digest of a set is over name, length and content digest of each file, so that no two sets of
 * files have the same.
 */
static void digest_add(struct sha256 *all, const char *name, const uint8_t *content)
{
	uint8_t length[8];

	put_le64(length, strlen(name));
	sha256_add(all, slice_of(length, sizeof length));
	sha256_add(all, slice_str(name));
	sha256_add(all, slice_of(content + SHA256_SIZE, 8));
	sha256_add(all, slice_of(content, SHA256_SIZE));
}

struct policy *policy_new(struct diags *diags)
{
	static const struct grant_terms always = { .until = WHEN_NEVER };
	struct policy *p = calloc(1, sizeof *p);
	uint32_t empty;

	if (p == NULL)
		return NULL;
	p->diags = diags;
	p->names = calloc(1, sizeof *p->names);
	if (p->names == NULL || !pool_put(p, slice_str(""), &empty) || !terms_add(p, &always) ||
		access_add(p) == NULL) {
		policy_free(p);
		return NULL;
	}
	return p;
}

void policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	free(p->pool);
	free(p->profiles.at);
	free(p->access.at);
	free(p->keys.at);
	free(p->groups.at);
	free(p->roles.at);
	free(p->items.at);
	free(p->owners.at);
	free(p->servers.at);
	free(p->accounts.at);
	free(p->grants.at);
	free(p->terms.at);
	free(p->places.at);
	free(p->nets.at);
	free(p->ids.at);
	names_free(p->names);
	policy_index_free(p);
	free(p);
}

/* All files, then the whole. */
static void load_set(struct load *l, const struct set *set)
{
	struct sha256 digest;

	sha256_init(&digest);
	for (uint32_t i = 0; i < set->n; i++) {
		l->stop = false;
		if (reading_file(l->reading) && walk_file(l))
			digest_add(&digest, set->files[i].name, reading_digest(l->reading));
		else
			l->incomplete = true;
	}
	sha256_done(&digest, l->p->digest);
	l->stop = false;
	refs_settle(l);
	check_policy(l);
}

struct policy *policy_load(const char *const *paths, size_t n, struct diags *diags)
{
	const struct load_how how = reading_how();

	return policy_load_how(paths, n, diags, &how);
}

struct policy *policy_load_how(
	const char *const *paths, size_t n, struct diags *diags, const struct load_how *how)
{
	struct load l = { .d = diags };
	struct set set;
	bool found = set_find(&set, paths, n, diags);

	l.p = policy_new(diags);
	l.reading = reading_start(&set, paths, diags, how);
	if (l.p == NULL || l.reading == NULL)
		load_no_memory(&l);
	else if (set.n > 0) {
		l.incomplete = !found;
		names_expect(l.p, set.bytes / NAME_BYTES);
		reading_fetch(l.reading, l.p->names);
		load_set(&l, &set);
	}
	reading_done(l.reading);
	set_done(&set);
	free(l.refs.at);
	same_done(&l.same);
	if (how->forget_names && l.p != NULL)
		policy_forget_names(l.p);
	/* A file that ended early without a word is no less of an error. */
	if (diags_errors(diags) == 0 && (l.incomplete || !policy_index(l.p)))
		load_no_memory(&l);
	if (diags_errors(diags) == 0)
		return l.p;
	policy_free(l.p);
	return NULL;
}
