/* The door at which people help themselves: what shows who it is, in which phase. */
#include "self.h"

#include "tap.h"

static const struct {
	enum phase phase;
	unsigned keys;
	bool handed;
	enum self_way way;
	const char *says;
} rows[] = {
	{ PHASE_AUTH, 0, false, SELF_NOBODY, "auth without a key asks for an invitation" },
	{ PHASE_AUTH, 0, true, SELF_NOBODY, "also if an earlier try has left something" },
	{ PHASE_AUTH, 1, false, SELF_KEY, "auth with a key knows whose it is" },
	{ PHASE_AUTH, 2, true, SELF_KEY, "and goes by nothing else" },
	{ PHASE_ACCOUNT, 0, false, SELF_LATE, "account without anything waits for the session" },
	{ PHASE_ACCOUNT, 0, true, SELF_HANDED, "account goes by what auth found out" },
	{ PHASE_ACCOUNT, 1, false, SELF_KEY, "or by the key" },
	{ PHASE_ACCOUNT, 1, true, SELF_HANDED, "of both by the former, which has the key in it" },
	{ PHASE_SESSION, 0, false, SELF_NOBODY, "a session without anything is nobody's" },
	{ PHASE_SESSION, 0, true, SELF_HANDED, "a session goes by what auth found out" },
	{ PHASE_SESSION, 1, false, SELF_KEY, "or by the key" },
	{ PHASE_SESSION, 1, true, SELF_HANDED, "of both by the former" },
	{ PHASES, 1, true, SELF_NOBODY, "there is no other phase" },
};

static bool is_door(const char *self, bool has_user, const char *user)
{
	struct call c = { .has_user = has_user, .options = { .self = self } };

	memcpy(c.user, user, strlen(user) + 1);
	return self_is_door(&c);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(self_way(rows[i].phase, rows[i].keys, rows[i].handed), rows[i].way, "%s",
			rows[i].says);
	ok(is_door("adperm", true, "adperm"), "it is the door of that user");
	ok(!is_door("adperm", true, "adpermd") && !is_door("adperm", true, "ADPERM") &&
			!is_door("adperm", true, "root"),
		"and of no other");
	ok(!is_door("adperm", false, "") && !is_door("adperm", true, ""), "nor of none");
	ok(!is_door(NULL, true, "adperm") && !is_door(NULL, false, ""),
		"without the option there is none");
	return tap_done();
}
