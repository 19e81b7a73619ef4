/* What the options of a report name; see place.h. */
#include "cli/place.h"

#include "base/text.h"
#include "cli/cli.h"
#include "db/people.h"
#include "lang/nearest.h"
#include "model/names.h"

#include <time.h>

/* The name of row i of a kind. */
typedef const char *name_at(const struct policy *p, uint32_t i);

static const char *server_at(const struct policy *p, uint32_t i)
{
	return policy_text(p, p->servers.at[i].name);
}

static const char *account_at(const struct policy *p, uint32_t i)
{
	return policy_text(p, p->accounts.at[i].name);
}

static const char *profile_at(const struct policy *p, uint32_t i)
{
	return policy_text(p, p->profiles.at[i].email);
}

static const char *owner_at(const struct policy *p, uint32_t i)
{
	return policy_text(p, p->profiles.at[p->owners.at[i].profile].email);
}

/* Finds a name or complains, with the nearest one that there is. */
static uint32_t find(const char *command, const struct policy *p, enum name_kind kind,
	const char *name, const char *what, uint32_t n, name_at *at)
{
	uint32_t found = policy_find(p, kind, slice_str(name));
	char shown[4 * NEAREST_MAX + 1];
	struct text text = text_over(shown, sizeof shown);
	struct nearest nearest;

	if (found != NO_INDEX)
		return found;
	nearest_start(&nearest, slice_str(name));
	for (uint32_t i = 0; i < n; i++)
		nearest_offer(&nearest, slice_str(at(p, i)));
	text_add_escaped(&text, slice_str(name), sizeof shown - 1);
	complain("%s: the policy has no %s \"%s\"%s", command, what, shown, nearest_hint(&nearest));
	return NO_INDEX;
}

bool place_find(const char *command, const struct policy *p, const char *server,
	const char *account, struct place_found *out)
{
	*out = (struct place_found){ NO_INDEX, NO_INDEX };
	if (server != NULL) {
		out->server =
			find(command, p, NAME_SERVER, server, "server", p->servers.n, server_at);
		if (out->server == NO_INDEX)
			return false;
	}
	if (account != NULL) {
		out->account = find(
			command, p, NAME_ACCOUNT, account, "account", p->accounts.n, account_at);
		if (out->account == NO_INDEX)
			return false;
		if (out->server == NO_INDEX)
			out->server = p->accounts.at[out->account].server;
	}
	if (out->account != NO_INDEX && p->accounts.at[out->account].server != out->server) {
		complain("%s: the account %s is not on %s but on %s", command, account, server,
			server_at(p, p->accounts.at[out->account].server));
		return false;
	}
	if (out->server == NO_INDEX && p->servers.n == 1)
		out->server = 0;
	if (out->server == NO_INDEX)
		complain("%s: which server? The policy has %u; name one with --server", command,
			(unsigned)p->servers.n);
	return out->server != NO_INDEX;
}

static uint32_t find_email(const char *command, const struct policy *p, enum name_kind kind,
	const char *email, const char *what, uint32_t n, name_at *at)
{
	char lower[EMAIL_MAX + 1];

	if (!name_is_email(slice_str(email)) ||
		!name_lower(slice_str(email), lower, sizeof lower)) {
		complain("%s: that is no e-mail address", command);
		return NO_INDEX;
	}
	return find(command, p, kind, lower, what, n, at);
}

uint32_t place_profile(const char *command, const struct policy *p, const char *email)
{
	return find_email(command, p, NAME_PROFILE, email, "profile", p->profiles.n, profile_at);
}

uint32_t place_owner(const char *command, const struct policy *p, const char *email)
{
	return find_email(command, p, NAME_OWNER, email, "owner", p->owners.n, owner_at);
}

bool place_time(const char *command, const char *at, int64_t *when)
{
	*when = time(NULL);
	if (at == NULL || when_parse(slice_str(at), when))
		return true;
	complain("%s: the time is not written like 2027-01-31T18:00:00Z", command);
	return false;
}

/* Once a profile: whoever asks one thing of it asks many. */
static void complain_people(struct place_people *people, const struct policy *p, uint32_t profile)
{
	if (!people->bad || people->last != profile)
		complain("%s: what %s changed there cannot be read; none of it and nothing that "
			 "was granted to them is counted",
			people->directory, profile_at(p, profile));
	people->bad = true;
	people->last = profile;
}

bool place_renounced(
	struct place_people *people, const struct policy *p, uint32_t profile, uint32_t owner)
{
	enum people_result result = PEOPLE_NO;

	if (people->directory != NULL)
		result = people_renounced(people->directory, TRUST_CALLER,
			slice_str(profile_at(p, profile)), slice_str(owner_at(p, owner)), NULL);
	if (result != PEOPLE_YES && result != PEOPLE_NO)
		complain_people(people, p, profile);
	return result != PEOPLE_NO;
}

bool place_registered(struct place_people *people, const struct policy *p, uint32_t profile,
	uint32_t *number, struct registered *out)
{
	enum people_result result = PEOPLE_NO;

	while (people->directory != NULL) {
		result = people_key_of(people->directory, TRUST_CALLER,
			slice_str(profile_at(p, profile)), (*number)++, out->blob, sizeof out->blob,
			&out->len);
		if (result != PEOPLE_YES)
			break;
		sha256_of(slice_of(out->blob, out->len), out->digest);
		if (policy_find(p, NAME_KEY, slice_of(out->digest, sizeof out->digest)) == NO_INDEX)
			return true;
	}
	if (result != PEOPLE_NO)
		complain_people(people, p, profile);
	return false;
}
