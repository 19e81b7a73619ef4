/* Whether who wires could come in again; see wire.h. */
#include "cli/wire.h"

#include "cli/entry.h"
#include "cli/origin.h"
#include "db/reader.h"
#include "lang/policy.h"

#include <time.h>

static bool judge(const struct wire *w, uint32_t profile, struct entry *entry)
{
	struct entry_judge judge = { .p = w->policy.policy,
		.server = NO_INDEX,
		.now = time(NULL),
		.people = w->o->people,
		.socket = w->o->socket };
	struct db db;
	bool good = false;

	if (db_open(&db, w->o->db, TRUST_ROOT) == DB_FOUND) {
		judge.server = policy_find(judge.p, NAME_SERVER, slice_str(db.server));
		db_close(&db);
	}
	if (judge.server != NO_INDEX)
		good = entry_judge(&judge, profile, entry);
	entry_judge_done(&judge);
	return good;
}

static const char *what_stands_in_the_way(const struct wire *w, const char *login)
{
	uint32_t profile = policy_find(w->policy.policy, NAME_LOGIN, slice_str(login));
	struct entry entry;

	if (users_have(&w->lost, login))
		return "is nobody's login in the policy: name it with --leave, or put it there";
	if (profile == NO_INDEX || !judge(w, profile, &entry) || entry.obstacle == OBSTACLE_NONE)
		return NULL;
	return obstacle_text(entry.obstacle);
}

int wire_look_at_self(const struct wire *w)
{
	char logins[ORIGINS][ORIGIN_SIZE];
	int code = EXIT_OK;

	origin_find(NULL, logins);
	for (size_t i = 0; i < ORIGINS; i++) {
		const char *why =
			logins[i][0] != '\0' ? what_stands_in_the_way(w, logins[i]) : NULL;

		if (why == NULL)
			continue;
		complain("wire: you, %s, could not come in again: the login %s", logins[i], why);
		code = EXIT_NO;
	}
	return code;
}
