/* The door at which people help themselves; see member.h. */
#include "switch/member.h"

#include "model/member.h"
#include "switch/ask.h"

enum adperm_reason member_ask(
	struct adperm *policy, const struct adperm_question *q, struct adperm_answer *answer)
{
	struct held held = { .memory = { NULL } };
	struct asked asked = { .perm = NULL };
	struct verdict verdict;
	enum adperm_reason why;

	*answer = (struct adperm_answer){ .generation = policy->generation };
	why = ask_person(policy, q, answer->profile);
	if (why == ADPERM_OK)
		why = ask_when(policy, q, &asked);
	if (why == ADPERM_OK)
		why = ask_server(policy, q->server, &asked);
	if (why == ADPERM_OK)
		why = ask_load(policy, &asked, answer->profile, &held);
	if (why == ADPERM_OK)
		why = ask_renounced(policy, &asked, answer->profile, &held);
	if (why == ADPERM_OK) {
		verdict = member_judge(&held.holding, &asked.question);
		ask_give(&verdict, &held, answer);
		why = answer->reason;
	}
	held_done(&held);
	return why;
}
