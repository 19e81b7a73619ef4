/*
 * adperm show: one profile, all that it holds, on whom, and all that it has granted as an owner. It
 * lists what is written; only the menus are asked of decide().
 */
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/place.h"

#include "adperm.h"
#include "base/sshkey.h"
#include "lang/standing.h"

#define TYPE_SIZE 64 /* "sk-ecdsa-sha2-nistp256@openssh.com" */

struct arguments {
	const char *policy, *people, *at;
	bool json;
};

struct show {
	const struct policy *p;
	struct place_people people;
	uint32_t profile;
	int64_t now;
	struct standing standing;
	struct regions regions;
};

static const struct profile *row_of(const struct show *s)
{
	return &s->p->profiles.at[s->profile];
}

/* --- what it is */

static void show_head(const struct show *s)
{
	const struct profile *who = row_of(s);
	const struct span nets = profile_access(s->p, who)->nets;

	printf("%s", email_text(s->p, s->profile));
	if (who->name != 0) {
		fputs(", ", stdout);
		show_text(stdout, policy_text(s->p, who->name));
	}
	fputs(who->defined ? " (" : " (only named, not defined: ", stdout);
	show_mark(stdout, s->p, who->mark);
	puts(")");
	if (who->suspended)
		puts("  suspended: holds nothing");
	if (who->machine)
		puts("  a machine");
	if (who->login != 0)
		printf("  login %s\n", policy_text(s->p, who->login));
	if (nets.n > 0) {
		fputs("  usable only from ", stdout);
		show_nets(stdout, s->p->nets.at + nets.first, nets.n);
		putchar('\n');
	}
}

/* The keys, one after the other: those of the policy, then those that they registered. */
struct key_walk {
	uint32_t given, number; /* how many were there already */
	struct registered added;
	char fingerprint[SSHKEY_FINGERPRINT_SIZE], type[TYPE_SIZE];
	const char *comment; /* NULL: none */
	bool registered;
};

static bool next_key(struct show *s, struct key_walk *w)
{
	const struct span keys = profile_access(s->p, row_of(s))->keys;
	struct slice type;

	w->registered = w->given == keys.n;
	if (!w->registered) {
		const struct key *key = &s->p->keys.at[keys.first + w->given++];

		sshkey_fingerprint(key->digest, w->fingerprint);
		type = slice_str(policy_text(s->p, key->type));
		w->comment = key->comment != 0 ? policy_text(s->p, key->comment) : NULL;
	} else {
		if (!place_registered(&s->people, s->p, s->profile, &w->number, &w->added))
			return false;
		sshkey_fingerprint(w->added.digest, w->fingerprint);
		type = sshkey_type(slice_of(w->added.blob, w->added.len));
		w->comment = NULL;
	}
	snprintf(w->type, sizeof w->type, "%.*s", (int)type.len, (const char *)type.at);
	return true;
}

static void show_keys(struct show *s)
{
	struct key_walk walk = { .given = 0 };
	bool any = row_of(s)->login != 0;

	for (; next_key(s, &walk); any = true) {
		printf("  key %s %s%s", walk.fingerprint, walk.type,
			walk.comment != NULL ? " " : "");
		show_text(stdout, walk.comment != NULL ? walk.comment : "");
		puts(walk.registered ? " (registered)" : "");
	}
	if (!any)
		puts("  no key and no login: not initialised");
	for (uint32_t g = 0; g < s->p->groups.n; g++)
		if (group_has(s->p, g, s->profile))
			printf("  group %s\n", policy_text(s->p, s->p->groups.at[g].name));
}

static void json_keys(struct json *j, struct show *s)
{
	struct key_walk walk = { .given = 0 };

	json_array(j, "keys");
	while (next_key(s, &walk)) {
		json_object(j, NULL);
		json_string(j, "fingerprint", walk.fingerprint);
		json_string(j, "type", walk.type);
		json_string(j, "comment", walk.comment);
		json_bool(j, "registered", walk.registered);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_head(struct json *j, struct show *s)
{
	const struct profile *who = row_of(s);
	const struct span nets = profile_access(s->p, who)->nets;

	json_string(j, "profile", email_text(s->p, s->profile));
	json_bool(j, "defined", who->defined);
	json_mark(j, "source", s->p, who->mark);
	json_string(j, "name", who->name != 0 ? policy_text(s->p, who->name) : NULL);
	json_string(j, "login", who->login != 0 ? policy_text(s->p, who->login) : NULL);
	json_bool(j, "suspended", who->suspended);
	json_bool(j, "machine", who->machine);
	json_nets(j, "allow_from", s->p->nets.at + nets.first, nets.n);
	json_keys(j, s);
	json_array(j, "groups");
	for (uint32_t g = 0; g < s->p->groups.n; g++)
		if (group_has(s->p, g, s->profile))
			json_string(j, NULL, policy_text(s->p, s->p->groups.at[g].name));
	json_array_end(j);
}

/* --- what a grant says, seen from the one who holds it or from the one who gave it */

/* To whom, as written: "group:devs, dora@new.example". */
static void show_to(const struct policy *p, const struct policy_grant *g)
{
	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = p->ids.at[g->to.first + i];

		fputs(i > 0 ? ", " : "", stdout);
		if ((id & TO_GROUP) != 0)
			printf("group:%s", policy_text(p, p->groups.at[id & ~TO_GROUP].name));
		else
			fputs(email_text(p, id), stdout);
	}
}

static void json_to_whom(struct json *j, const struct policy *p, const struct policy_grant *g)
{
	json_array(j, "to");
	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = p->ids.at[g->to.first + i];
		char group[64];

		snprintf(group, sizeof group, "group:%s",
			(id & TO_GROUP) != 0 ? policy_text(p, p->groups.at[id & ~TO_GROUP].name)
					     : "");
		json_string(j, NULL, (id & TO_GROUP) != 0 ? group : email_text(p, id));
	}
	json_array_end(j);
}

static void show_place(const struct policy *p, const struct place *place)
{
	show_perms(stdout, place->perms);
	switch (place->scope) {
	case SCOPE_OVERALL: break;
	case SCOPE_SERVER: printf(" on %s", server_text(p, place->target)); break;
	case SCOPE_ACCOUNT:
		printf(" on %s of %s", account_text(p, place->target),
			server_text(p, p->accounts.at[place->target].server));
		break;
	}
}

static void json_place(struct json *j, const struct policy *p, const struct place *place)
{
	uint32_t server = NO_INDEX;

	if (place->scope == SCOPE_SERVER)
		server = place->target;
	else if (place->scope == SCOPE_ACCOUNT)
		server = p->accounts.at[place->target].server;
	json_string(j, "scope", scope_name(place->scope));
	json_string(j, "server", server != NO_INDEX ? server_text(p, server) : NULL);
	json_string(j, "account",
		place->scope == SCOPE_ACCOUNT ? account_text(p, place->target) : NULL);
	json_perms(j, "permissions", place->perms);
}

/* Has the profile given back what this owner granted? */
static bool gave_back(struct show *s, uint32_t owner)
{
	return place_renounced(&s->people, s->p, s->profile, owner);
}

/* One line for each place of a grant; `held`: seen by the profile that holds it. */
static void show_grant(struct show *s, uint32_t grant, bool held)
{
	const struct policy_grant *g = &s->p->grants.at[grant];
	struct terms terms = terms_of(s->p, grant, g->owner);

	for (uint32_t i = 0; i < g->places.n; i++) {
		fputs("  ", stdout);
		show_mark(stdout, s->p, g->mark);
		fputs("  ", stdout);
		show_place(s->p, &s->p->places.at[g->places.first + i]);
		if (held) {
			printf("; by %s, ", owner_text(s->p, g->owner));
			show_through(stdout, s->p, grant, s->profile);
		} else {
			fputs("; to ", stdout);
			show_to(s->p, g);
		}
		terms_show(stdout, s->p, &terms);
		fputs(s->now >= terms.until ? " (expired)" : "", stdout);
		puts(held && gave_back(s, g->owner) ? " (given back)" : "");
	}
}

static void json_grant(struct json *j, struct show *s, uint32_t grant, bool held)
{
	const struct policy_grant *g = &s->p->grants.at[grant];
	struct terms terms = terms_of(s->p, grant, g->owner);

	for (uint32_t i = 0; i < g->places.n; i++) {
		json_object(j, NULL);
		json_place(j, s->p, &s->p->places.at[g->places.first + i]);
		if (held)
			json_through(j, "through", s->p, grant, s->profile);
		else
			json_to_whom(j, s->p, g);
		json_bool(j, "expired", s->now >= terms.until);
		json_bool(j, "renounced", held && gave_back(s, g->owner));
		terms_json(j, s->p, &terms);
		json_object_end(j);
	}
}

/* The k-th grant that reaches the profile, each once; NO_INDEX behind the last. */
static uint32_t next_held(const struct show *s, uint32_t *k)
{
	const struct index *index = &s->p->profile_grants;
	uint32_t first = index->start[s->profile], end = index->start[s->profile + 1];

	while (first + *k < end) {
		uint32_t at = first + (*k)++;

		if (at == first || index->item[at] != index->item[at - 1])
			return index->item[at];
	}
	return NO_INDEX;
}

/* --- the menus */

typedef void menu_visit(const struct show *s, enum perm menu, uint32_t server, uint32_t account,
	bool with_2fa, void *data);

/* Visits a menu if the profile has it from some address. False: out of memory. */
static bool visit_menu(struct show *s, enum perm menu, uint32_t server, uint32_t account,
	menu_visit *visit, void *data)
{
	struct question q = { .perm = menu,
		.now = s->now,
		.account = standing_account(&s->standing, account),
		.renounced = gave_back(s, s->p->servers.at[server].owner) };
	bool may = false, with_2fa = false;

	if (!standing_regions(&s->standing, &q, &s->regions))
		return false;
	for (uint32_t i = 0; i < s->regions.all.n; i++) {
		enum answer answer;

		q.from = s->regions.all.at[i].from;
		answer = decide(&s->standing.holding, &q).answer;
		may |= answer == ANSWER_ALLOW || answer == ANSWER_ALLOW_2FA;
		with_2fa |= answer == ANSWER_ALLOW_2FA;
	}
	if (may)
		visit(s, menu, server, account, with_2fa, data);
	return true;
}

static bool visit_server(struct show *s, uint32_t server, menu_visit *visit, void *data)
{
	struct span accounts = s->p->servers.at[server].accounts;
	bool good = standing_take(&s->standing, s->p, s->profile, server);

	if (!good || s->standing.holding.grant_total == 0)
		return good;
	good = visit_menu(s, PERM_SERVER_CONFIGURATION, server, NO_INDEX, visit, data);
	for (uint32_t a = 0; good && a < accounts.n; a++)
		good = visit_menu(
			s, PERM_ACCOUNT_SERVER_STATUS, server, accounts.first + a, visit, data);
	return good;
}

static bool each_menu(struct show *s, menu_visit *visit, void *data)
{
	bool good = true;

	for (uint32_t server = 0; good && server < s->p->servers.n; server++)
		good = visit_server(s, server, visit, data);
	return good;
}

static void show_menu(const struct show *s, enum perm menu, uint32_t server, uint32_t account,
	bool with_2fa, void *data)
{
	bool *any = data;

	if (!*any)
		puts("\nmenus");
	*any = true;
	printf("  %s on ", perm_info((unsigned)menu)->full);
	if (account != NO_INDEX)
		printf("%s of ", account_text(s->p, account));
	printf("%s%s\n", server_text(s->p, server), with_2fa ? "; with 2FA" : "");
}

static void json_menu(const struct show *s, enum perm menu, uint32_t server, uint32_t account,
	bool with_2fa, void *data)
{
	struct json *j = data;

	json_object(j, NULL);
	json_string(j, "permission", perm_info((unsigned)menu)->full);
	json_string(j, "server", server_text(s->p, server));
	json_string(j, "account", account != NO_INDEX ? account_text(s->p, account) : NULL);
	json_bool(j, "require_2fa", with_2fa);
	json_object_end(j);
}

/* --- all of it */

static void show_owned(const struct show *s, uint32_t owner)
{
	const struct index *servers = &s->p->owner_servers;
	struct terms terms = terms_of(s->p, NO_INDEX, owner);

	puts("\nowns");
	for (uint32_t i = servers->start[owner]; i < servers->start[owner + 1]; i++) {
		struct span accounts = s->p->servers.at[servers->item[i]].accounts;

		fputs("  ", stdout);
		show_mark(stdout, s->p, terms.mark);
		printf("  %s", server_text(s->p, servers->item[i]));
		for (uint32_t a = 0; a < accounts.n; a++)
			printf("%s%s", a == 0 ? " with " : ", ",
				account_text(s->p, accounts.first + a));
		terms_show(stdout, s->p, &terms);
		putchar('\n');
	}
}

static bool show_all(struct show *s)
{
	uint32_t owner = row_of(s)->owner, k = 0, n = 0;
	bool any_menu = false;

	show_head(s);
	show_keys(s);
	if (owner != NO_INDEX)
		show_owned(s, owner);
	for (uint32_t grant; (grant = next_held(s, &k)) != NO_INDEX; n++) {
		if (n == 0)
			puts(row_of(s)->suspended ? "\nwould hold, were it not suspended"
						  : "\nholds");
		show_grant(s, grant, true);
	}
	if (!each_menu(s, show_menu, &any_menu))
		return false;
	n = 0;
	for (uint32_t g = 0; owner != NO_INDEX && g < s->p->grants.n; g++) {
		if (s->p->grants.at[g].owner != owner)
			continue;
		if (n++ == 0)
			puts("\nhas granted");
		show_grant(s, g, false);
	}
	return true;
}

static void json_owned(struct json *j, const struct show *s, uint32_t owner)
{
	const struct index *servers = &s->p->owner_servers;

	for (uint32_t i = servers->start[owner]; i < servers->start[owner + 1]; i++) {
		struct span accounts = s->p->servers.at[servers->item[i]].accounts;

		json_object(j, NULL);
		json_string(j, "server", server_text(s->p, servers->item[i]));
		json_array(j, "accounts");
		for (uint32_t a = 0; a < accounts.n; a++)
			json_string(j, NULL, account_text(s->p, accounts.first + a));
		json_array_end(j);
		json_bool(j, "require_2fa", s->p->owners.at[owner].require_2fa == FLAG_TRUE);
		json_object_end(j);
	}
}

static bool json_all(struct show *s)
{
	uint32_t owner = row_of(s)->owner, k = 0;
	struct json j = json_to(stdout);
	bool good;

	json_object(&j, NULL);
	json_head(&j, s);
	json_array(&j, "owns");
	if (owner != NO_INDEX)
		json_owned(&j, s, owner);
	json_array_end(&j);
	json_array(&j, "holds");
	for (uint32_t grant; (grant = next_held(s, &k)) != NO_INDEX;)
		json_grant(&j, s, grant, true);
	json_array_end(&j);
	json_array(&j, "menus");
	good = each_menu(s, json_menu, &j);
	json_array_end(&j);
	json_array(&j, "granted");
	for (uint32_t g = 0; owner != NO_INDEX && g < s->p->grants.n; g++)
		if (s->p->grants.at[g].owner == owner)
			json_grant(&j, s, g, false);
	json_array_end(&j);
	json_object_end(&j);
	return good;
}

static int show(const struct arguments *a, const struct policy *p, const char *email)
{
	struct show s = { .p = p,
		.people = { .directory = people_meant(a->people, a->policy) },
		.profile = place_profile("show", p, email) };
	bool good;

	if (s.profile == NO_INDEX || !place_time("show", a->at, &s.now))
		return EXIT_ERROR;
	good = a->json ? json_all(&s) : show_all(&s);
	standing_done(&s.standing);
	regions_done(&s.regions);
	if (!good)
		return complain("show: out of memory");
	return s.people.bad ? EXIT_ERROR : EXIT_OK;
}

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTION_AT(struct arguments, at),
	OPTION_PEOPLE(struct arguments, people),
	OPTION_FLAG(struct arguments, json, "json", 0, "all of it as a JSON object"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int first, code;

	if (!arguments_parse(&cmd_show, &a, argc, argv, &first, &code))
		return code;
	if (argc - first != 1)
		return complain("show takes one e-mail address; `adperm show --help` says more");
	if (!open_rows(policy_meant(a.policy), &opened))
		return EXIT_ERROR;
	code = show(&a, opened.policy, argv[first]);
	close_policy(&opened);
	return code;
}

const struct command cmd_show = {
	.name = "show",
	.synopsis = "[--policy PATH] [--at TIME] [--people DIR] [--json] EMAIL",
	.summary = "Show what a person is, holds, and has granted",
	.run = run,
	.options = options,
};
