/*
 * Invitations that go with a policy: whoever holds something for the first time and has no key is
 * invited, if that is wanted; and who loses everything is invited no more.
 */
#include "cli/apply.h"

#include "cli/inviting.h"
#include "cli/people_ask.h"
#include "cli/place.h"
#include "db/people.h"
#include "lang/rows.h"

#include <dirent.h>
#include <stdlib.h>

struct people_options apply_people(const struct apply *a)
{
	return (struct people_options){
		.people = a->o->people, .program = a->o->adperm_people, .auth = a->o->socket
	};
}

static const char *email_at(const struct policy *p, uint32_t profile)
{
	return policy_text(p, p->profiles.at[profile].email);
}

/* --- who is invited */

static struct inviting begin(struct apply *a)
{
	return (struct inviting){ .command = "apply",
		.p = a->after.policy,
		.server = policy_find(a->after.policy, NAME_SERVER, slice_str(a->server)),
		.people = apply_people(a),
		.paths = &a->o->paths,
		.json = apply_json(a) };
}

/* What somebody of that address holds on this server by a policy; -1: out of memory. */
static int holds(struct standing *standing, const struct policy *p, const char *server,
	const char *email, int64_t now)
{
	uint32_t profile = policy_find(p, NAME_PROFILE, slice_str(email));
	uint32_t on = policy_find(p, NAME_SERVER, slice_str(server));

	if (profile == NO_INDEX || on == NO_INDEX)
		return 0;
	if (!standing_take(standing, p, profile, on))
		return -1;
	for (uint32_t i = 0; i < standing->holding.grant_total; i++)
		if (standing->holding.grants[i].until > now)
			return 1;
	return 0;
}

/* A key that will count: not one that is forgotten because its person has gone meanwhile. */
static bool has_registered(const struct apply *a, uint32_t profile)
{
	struct place_people people = { .directory = a->o->people };
	struct registered key;
	uint32_t number = 0;

	for (uint32_t i = 0; i < a->returned.n; i++)
		if (a->returned.at[i].profile == profile)
			return a->returned.at[i].fate == RETURNED_READOPTED;
	return place_registered(&people, a->after.policy, profile, &number, &key);
}

/* False: out of memory. */
static bool find(struct apply *a, struct inviting *v, struct standing *before, uint32_t profile)
{
	const char *email = email_at(a->after.policy, profile);
	struct invitee row = { .profile = profile };
	struct invitee *added;
	int held = 0;

	if (inviting_obstacle(v, profile, &row.needs_pin) != NULL || has_registered(a, profile))
		return true;
	if (a->before.policy != NULL)
		held = holds(before, a->before.policy, a->installed.server, email, a->now);
	if (held != 0)
		return held > 0;
	added = ROWS_ADD(&a->invitees);
	if (added != NULL)
		*added = row;
	return added != NULL;
}

int invitees_find(struct apply *a)
{
	struct standing before = { .p = NULL };
	struct inviting v = begin(a);
	bool good = true;

	if (!a->o->invite)
		return EXIT_OK;
	/* Before anything is installed: a mail that cannot be written is an error now. */
	if (inviting_begin(&v))
		for (uint32_t i = 0; good && i < a->after.policy->profiles.n; i++)
			good = find(a, &v, &before, i);
	else
		good = false;
	standing_done(&before);
	inviting_done(&v);
	return good ? EXIT_OK : EXIT_ERROR;
}

void invitees_tell(struct apply *a)
{
	if (!a->o->invite)
		return;
	if (a->o->json)
		json_array(&a->json, "to_invite");
	else
		puts(a->invitees.n > 0 ? "Invited, when it is installed:"
				       : "Nobody has a first grant and no key: none is invited.");
	for (uint32_t i = 0; i < a->invitees.n; i++) {
		const struct invitee *row = &a->invitees.at[i];
		const char *email = email_at(a->after.policy, row->profile);

		if (!a->o->json) {
			printf("  %s%s\n", email, row->needs_pin ? ", with a PIN" : "");
			continue;
		}
		json_object(&a->json, NULL);
		json_string(&a->json, "profile", email);
		json_bool(&a->json, "needs_pin", row->needs_pin);
		json_object_end(&a->json);
	}
	if (a->o->json)
		json_array_end(&a->json);
}

bool invitees_send(struct apply *a)
{
	struct inviting v = begin(a);
	bool good = true;

	if (a->invitees.n == 0)
		return true;
	if (a->o->json)
		json_array(&a->json, "invited");
	if (inviting_begin(&v))
		for (uint32_t i = 0; i < a->invitees.n; i++)
			good = inviting_send(&v, a->invitees.at[i].profile) == INVITED_SENT && good;
	else
		good = false;
	inviting_done(&v);
	if (a->o->json)
		json_array_end(&a->json);
	return good;
}

void invitees_done(struct apply *a)
{
	free(a->invitees.at);
	a->invitees.at = NULL;
	a->invitees.n = a->invitees.cap = 0;
}

/* --- who is invited no more */

static int is_invitation(const struct dirent *entry)
{
	return entry->d_name[0] == 'i' && strlen(entry->d_name) == PEOPLE_NAME_SIZE - 1;
}

static int by_name(const void *name, const void *entry)
{
	return strcmp(name, (*(struct dirent *const *)entry)->d_name);
}

static bool is_invited(struct dirent *const *entries, int n, const char *email)
{
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE];

	sha256_of(slice_str(email), digest);
	people_name('i', digest, name);
	return bsearch(name, entries, (size_t)n, sizeof entries[0], by_name) != NULL;
}

static void uninvite(const struct apply *a, const char *email)
{
	struct people_options where = apply_people(a);
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "apply", WISH_UNINVITE, email, NULL) ||
		!people_ask("apply", &where, &wish, &reply))
		return;
	if (reply.result == WISH_DONE)
		note("apply: %s holds nothing any more, and is not invited any more", email);
	else if (reply.result != WISH_NOT_INVITED)
		people_failed("apply", &reply);
}

/* Nobody could redeem one without a grant: this is so that none waits for the next grant. */
void uninvite_lost(const struct apply *a)
{
	const struct policy *before = a->before.policy;
	struct standing standing = { .p = NULL };
	struct dirent **entries = NULL;
	int n = before != NULL ? scandir(a->o->people, &entries, is_invitation, alphasort) : 0;

	for (uint32_t i = 0; n > 0 && i < before->profiles.n; i++) {
		const char *email = email_at(before, i);

		if (is_invited(entries, n, email) &&
			holds(&standing, a->after.policy, a->server, email, a->now) == 0)
			uninvite(a, email);
	}
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	standing_done(&standing);
}
