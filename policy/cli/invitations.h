/*
 * The invitations that there are, for whoever only tells of them. Their files are root's alone, and
 * are read as they lie there: nobody is asked, and nothing is logged or changed.
 */
#ifndef ADPERM_CLI_INVITATIONS_H
#define ADPERM_CLI_INVITATIONS_H

#include "cli/json.h"
#include "db/people.h"
#include "lang/policy.h"
#include "people/wish.h"

/* What is to be said of one, by what stands first: INVITATION(SYMBOL, "word", is it open). */
#define INVITATION_STATES_ALL(INVITATION)                                                          \
	INVITATION(NOT_MAILED, "not mailed", true)                                                 \
	INVITATION(MAILED, "mailed", true)                                                         \
	INVITATION(IN_USE, "in use", true)                                                         \
	INVITATION(RUN_OUT, "run out", false)                                                      \
	INVITATION(DAMAGED, "damaged", false)

enum invitation_state {
#define INVITATION(symbol, word, open) INVITATION_##symbol,
	INVITATION_STATES_ALL(INVITATION)
#undef INVITATION
		INVITATION_STATES,
};

extern const char *const invitation_words[INVITATION_STATES];

struct invited {
	char profile[WISH_EMAIL_SIZE]; /* DAMAGED: "" */
	char file[PEOPLE_NAME_SIZE];   /* its name; "" of one that adperm-people has told of */
	int64_t expires_at;            /* seconds since 1970 */
	bool needs_pin;
	enum invitation_state state;
};

enum invitation_state invitation_state(int64_t expires_at, bool held, bool mailed, int64_t now);

/* The members profile, state, expires and needs_pin of an object. */
void invitation_json(struct json *j, const struct invited *row);

struct invitations {
	ROWS(struct invited) rows; /* by profile */
	uint32_t in[INVITATION_STATES], open;
};

/*
 * All of those below `directory`, which need not be there. 0, or a negative errno if they cannot be
 * seen. invitations_done() in any case.
 */
int invitations_find(const char *directory, int64_t now, struct invitations *out);
void invitations_done(struct invitations *i);

#endif
