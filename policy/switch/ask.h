/*
 * The steps of a question, for whoever asks in another way than adperm_ask(): about any address, or
 * about all that somebody holds. Each takes the policy of a hold (hold.h), and returns ADPERM_OK or
 * why the question ends there.
 */
#ifndef ADPERM_SWITCH_ASK_H
#define ADPERM_SWITCH_ASK_H

#include "switch/handle.h"

/* What a question names, found. */
struct asked {
	const struct perm_info *perm;
	struct slice server, account;
	struct question question;
	uint32_t readmitted; /* how often the profile's renunciation was undone */
	bool ssh_2fa;
};

/* The profile of who, name and key of the question. */
enum adperm_reason ask_person(const struct adperm *policy, const struct adperm_question *q,
	char profile[static ADPERM_EMAIL_SIZE]);

/* The time of the question; the policy still answers then. */
enum adperm_reason ask_when(
	const struct adperm *policy, const struct adperm_question *q, struct asked *asked);

/* The address that the question came from. Nothing but a network that is held depends on it. */
void ask_where(const struct adperm_question *q, struct asked *asked);

/* Everything of the question but the person and the address. Sets all of *asked. */
enum adperm_reason ask_place(
	const struct adperm *policy, const struct adperm_question *q, struct asked *asked);

/* The server, by its name or (NULL) this one; known to the policy. */
enum adperm_reason ask_server(const struct adperm *policy, const char *name, struct asked *asked);
/* An account of the server that was found. */
enum adperm_reason ask_account(const struct adperm *policy, const char *name, struct asked *asked);

/*
 * What the profile holds on the server that was found, and which of its accounts is asked about.
 * held_done() is due in every case.
 */
enum adperm_reason ask_load(
	const struct adperm *policy, struct asked *asked, const char *profile, struct held *held);

/*
 * Has the profile given back what the server's owner granted? The answer is in asked->question, and
 * in asked->readmitted.
 */
enum adperm_reason ask_renounced(const struct adperm *policy, struct asked *asked,
	const char *profile, const struct held *held);

/* Decides. A renunciation is looked for only where it can turn a yes into a no. */
enum adperm_reason ask_judge(const struct adperm *policy, struct asked *asked, const char *profile,
	const struct held *held, struct verdict *verdict);

/* The decision's cause as a reason. */
enum adperm_reason ask_reason(enum cause cause);

/* The verdict in the words of an answer: verdict, reason, source, grace. */
void ask_give(const struct verdict *verdict, const struct held *held, struct adperm_answer *answer);

#endif
