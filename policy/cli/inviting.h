/*
 * Inviting somebody: an invitation is made by adperm-people, and its code goes to the person in one
 * mail, and is nowhere else; its PIN goes to who invites, and is in no mail. A code whose message
 * was not taken is lost, and another is made when it is tried again.
 */
#ifndef ADPERM_CLI_INVITING_H
#define ADPERM_CLI_INVITING_H

#include "cli/json.h"
#include "cli/people_ask.h"
#include "cli/settings.h"
#include "lang/standing.h"

#define INVITING_DOOR "adperm" /* the Unix user at whose door people redeem it */

enum pin_choice {
	PIN_BY_GRANTS = 0, /* if a grant asks for a second factor */
	PIN_ALWAYS,
	PIN_NEVER, /* which is logged, if one does */
};

/* Zeroed, and what stands above set; inviting_begin() fills in what stands below. */
struct inviting {
	const char *command; /* for complaints */
	const struct policy *p;
	uint32_t server; /* index: this one */
	struct people_options people;
	const struct mail_paths *paths;
	struct json *json; /* where what became of each goes as an object; NULL: lines */
	uint32_t seconds;  /* how long an invitation lasts; 0: a day */
	enum pin_choice pin;
	bool reset; /* also who is one already: forget their keys and second factor */

	struct settings settings;
	struct mail_system system;
	struct words words; /* of the language of the mails */
	struct standing standing;
	int64_t now;
};

/* Reads the settings and words. False: the complaint is printed. inviting_done() in any case. */
bool inviting_begin(struct inviting *v);
void inviting_done(struct inviting *v);

/*
 * Why a profile is none to invite, in words behind its address; NULL: it is one, and *needs_pin
 * tells whether there will be a PIN.
 */
const char *inviting_obstacle(struct inviting *v, uint32_t profile, bool *needs_pin);

/* Invites, and says what became of it; the complaints are printed. */
enum invited_fate {
	INVITED_NOT = 0, /* there is no invitation */
	INVITED_UNSENT,  /* its message was not taken: `adperm invite --pending` */
	INVITED_SENT,
};
enum invited_fate inviting_send(struct inviting *v, uint32_t profile);

#endif
