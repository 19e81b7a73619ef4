/* The key that sshd's AuthorizedKeysCommand may print; see adperm.h. */
#include "switch/ask.h"

#include "base/base64.h"
#include "base/sshkey.h"
#include "model/member.h"
#include "switch/hold.h"

/* By the permission asked for; at the door at which people help themselves there is none. */
static struct verdict judge(const struct held *held, const struct question *question)
{
	return question->perm != PERM_NONE ? decide(&held->holding, question)
					   : member_judge(&held->holding, question);
}

/*
 * Could the person be allowed from some address? Networks are nested or apart, so where several
 * must contain an address at once, the first address of the narrowest of them does if any does.
 */
static enum adperm_reason from_anywhere(
	const struct adperm *policy, struct asked *asked, const char *profile)
{
	struct held held = { .memory = { NULL } };
	struct verdict verdict = { .cause = CAUSE_NO_GRANT };
	enum adperm_reason why = ask_load(policy, asked, profile, &held);

	if (why == ADPERM_OK)
		why = ask_renounced(policy, asked, profile, &held);
	if (why == ADPERM_OK)
		verdict = judge(&held, &asked->question);
	for (uint32_t i = 0;
		why == ADPERM_OK && verdict.answer == ANSWER_DENY && i < held.holding.net_total;
		i++) {
		const struct net *net = &held.holding.nets[i];

		asked->question.from.family = net->family;
		memcpy(asked->question.from.octet, net->octet, sizeof net->octet);
		verdict = judge(&held, &asked->question);
	}
	held_done(&held);
	if (why == ADPERM_OK && verdict.answer == ANSWER_ERROR)
		why = ADPERM_BAD_QUESTION;
	return why != ADPERM_OK ? why : ask_reason(verdict.cause);
}

/*
 * What logging in as `user` over SSH asks: an account's SSH, or, of one's own login, ssh_users; of
 * nobody (NULL), whether anything is held.
 */
static enum adperm_reason find_user(
	const struct adperm *policy, const char *user, const char *profile, struct asked *asked)
{
	const struct adperm_question of_login = { .who = ADPERM_LOGIN, .name = user };
	char owner[ADPERM_EMAIL_SIZE];
	enum adperm_reason why = ask_server(policy, NULL, asked);

	if (why != ADPERM_OK || user == NULL)
		return why;
	why = ask_account(policy, user, asked);
	if (why == ADPERM_OK) {
		asked->question.perm = PERM_ACCOUNT_SSH;
		return ADPERM_OK;
	}
	if (why != ADPERM_UNKNOWN_ACCOUNT)
		return why;
	asked->account = slice_of(NULL, 0);
	asked->question.perm = PERM_SERVER_SSH_USERS;
	why = ask_person(policy, &of_login, owner);
	if (why == ADPERM_OK && strcmp(owner, profile) != 0)
		why = ADPERM_FOREIGN_KEY;
	return why;
}

/* Whose key it is, and that this person could be let in. */
static enum adperm_reason find_offered(
	const struct adperm *policy, const char *user, struct slice blob, int64_t time)
{
	const struct adperm_question of_key = {
		.who = ADPERM_KEY, .key = blob.at, .key_len = blob.len
	};
	struct asked asked = { .question = { .now = time } };
	char profile[ADPERM_EMAIL_SIZE];
	enum adperm_reason why;

	if (time >= policy->not_after)
		return ADPERM_POLICY_EXPIRED;
	why = ask_person(policy, &of_key, profile);
	if (why == ADPERM_OK)
		why = find_user(policy, user, profile, &asked);
	return why == ADPERM_OK ? from_anywhere(policy, &asked, profile) : why;
}

enum adperm_reason adperm_offered_key(struct adperm *policy, const char *user, const void *key,
	size_t key_len, int64_t time, char *line, size_t room)
{
	struct slice blob = slice_of(key, key_len), type;
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	line[0] = '\0';
	if (why != ADPERM_OK)
		return why;
	why = find_offered(hold.now, user, blob, time);
	hold_end(policy, &hold);
	if (why != ADPERM_OK)
		return why;
	/* A certificate is not offered: sshd accepts it by its authority. What is printed is the
	 * argument only in so far as it was equal, byte by byte, to the policy's own copy. */
	type = sshkey_type(blob);
	if (type.len == 0)
		return ADPERM_UNKNOWN_PERSON;
	if (type.len + 1 + BASE64_LEN(blob.len) + 1 > room)
		return ADPERM_NOMEM;
	memcpy(line, type.at, type.len);
	line[type.len] = ' ';
	base64_encode(blob, line + type.len + 1);
	return ADPERM_OK;
}
