/*
 * Who could really log in as themselves (ssh_users on one server): what the policy says, and what
 * else it takes. The guards against locking everybody out look at this.
 */
#ifndef ADPERM_CLI_ENTRY_H
#define ADPERM_CLI_ENTRY_H

#include "cli/enrolled.h"
#include "lang/standing.h"

enum obstacle {
	OBSTACLE_NONE = 0,
	OBSTACLE_DENIED,  /* by the policy */
	OBSTACLE_MACHINE, /* a robot helps nobody */
	OBSTACLE_NO_LOGIN,
	OBSTACLE_NO_KEY,
	OBSTACLE_NO_USER, /* the login is no Unix user here */
	OBSTACLE_NOT_ENROLLED,
	OBSTACLE_NOBODY_ANSWERS, /* enrolled or not, adpermd does not say */
};

struct entry {
	uint32_t profile;
	enum obstacle obstacle; /* that stands in the way from every address */
	enum answer answer;     /* of the policy: the strictest that lets in from somewhere */
	/* From `from` the policy lets in and asks for no code; FAMILY_UNKNOWN: from anywhere. */
	bool codeless;
	struct address from;
	bool flagged;  /* something that the profile holds here, and that counts, asks for 2FA */
	bool enrolled; /* set if flagged */
};

/* What it takes to judge one; `standing` and `regions` are scratch memory, zeroed at first. */
struct entry_judge {
	const struct policy *p;
	uint32_t server;
	int64_t now;
	const char *people; /* directory; may be NULL */
	const char *socket; /* of adpermd */
	struct enrolled_list enrolled;
	struct standing standing;
	struct regions regions;
};

/*
 * The answers about a permission that a profile gets from some address, as bits 1 << enum answer;
 * `account` is an index of the policy, NO_INDEX unless it is an account's. False: out of memory.
 */
bool entry_answers(struct entry_judge *judge, uint32_t profile, enum perm perm, uint32_t account,
	unsigned *answers);

/* False: out of memory. */
bool entry_judge(struct entry_judge *judge, uint32_t profile, struct entry *out);
void entry_judge_done(struct entry_judge *judge);

/* "has no SSH key": behind the name of a person. */
const char *obstacle_text(enum obstacle obstacle);

#endif
