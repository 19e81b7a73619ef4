/*
 * The questions: from words to the decision and back; see adperm.h. Rules 0 and 1 of the permission
 * model (is there such a server, account, person?) are here, all others in decide().
 */
#include "switch/ask.h"

#include "base/sshkey.h"
#include "base/text.h"
#include "db/people.h"
#include "switch/hold.h"
#include "switch/terms.h"

/* A text that a program gave us; NULL is no name of anything. */
static struct slice given(const char *text)
{
	return slice_str(text != NULL ? text : "");
}

static enum adperm_reason reason_of_people(enum people_result result, enum adperm_reason absent)
{
	switch (result) {
	case PEOPLE_YES: return ADPERM_OK;
	case PEOPLE_NO: return absent;
	case PEOPLE_UNSAFE: return ADPERM_PEOPLE_UNSAFE_PATH;
	case PEOPLE_UNREADABLE: return ADPERM_PEOPLE_UNREADABLE;
	case PEOPLE_NOMEM: return ADPERM_NOMEM;
	case PEOPLE_CORRUPT: break;
	}
	return ADPERM_PEOPLE_CORRUPT;
}

/*
 * Who a key belongs to: by the policy, else by what people registered. A registered key counts only
 * for a profile that the policy names; the look-up of the holding sees to that.
 */
static enum adperm_reason person_of_key(const struct adperm *policy,
	const uint8_t digest[static SHA256_SIZE], struct slice blob,
	char profile[static ADPERM_EMAIL_SIZE])
{
	enum adperm_reason why = walk_key(policy, digest, blob, profile);

	if (why != ADPERM_UNKNOWN_PERSON || policy->people == NULL)
		return why;
	return reason_of_people(people_key(policy->people, policy->people_trust, digest, blob,
					profile, ADPERM_EMAIL_SIZE),
		ADPERM_UNKNOWN_PERSON);
}

static enum adperm_reason person_of_blob(
	const struct adperm *policy, struct slice blob, char profile[static ADPERM_EMAIL_SIZE])
{
	uint8_t digest[SHA256_SIZE], plain_bytes[SSHKEY_MAX];
	struct slice plain;

	if (blob.len > SSHKEY_MAX || !sshkey_plain(blob, plain_bytes, sizeof plain_bytes, &plain))
		return ADPERM_UNKNOWN_PERSON;
	sha256_of(plain, digest);
	return person_of_key(policy, digest, plain, profile);
}

enum adperm_reason ask_person(const struct adperm *policy, const struct adperm_question *q,
	char profile[static ADPERM_EMAIL_SIZE])
{
	struct slice name = given(q->name);
	uint8_t digest[SHA256_SIZE];

	profile[0] = '\0';
	switch (q->who) {
	case ADPERM_PROFILE:
		return name_is_email(name) && name_lower(name, profile, ADPERM_EMAIL_SIZE)
			       ? ADPERM_OK
			       : ADPERM_UNKNOWN_PERSON;
	case ADPERM_LOGIN:
		return name_is_login(name) ? walk_login(policy, name, profile)
					   : ADPERM_UNKNOWN_PERSON;
	case ADPERM_FINGERPRINT:
		return sshkey_fingerprint_parse(name, digest)
			       ? person_of_key(policy, digest, slice_of(NULL, 0), profile)
			       : ADPERM_UNKNOWN_PERSON;
	case ADPERM_KEY:
		return person_of_blob(
			policy, slice_of(q->key, q->key != NULL ? q->key_len : 0), profile);
	}
	return ADPERM_BAD_QUESTION;
}

enum adperm_reason adperm_person(struct adperm *policy, enum adperm_who who, const char *name,
	const void *key, size_t key_len, char profile[ADPERM_EMAIL_SIZE])
{
	const struct adperm_question q = {
		.who = who, .name = name, .key = key, .key_len = key_len
	};
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	profile[0] = '\0';
	if (why != ADPERM_OK)
		return why;
	why = ask_person(hold.now, &q, profile);
	hold_end(policy, &hold);
	return why;
}

enum adperm_reason ask_server(const struct adperm *policy, const char *name, struct asked *asked)
{
	asked->server = slice_str(name != NULL ? name : policy->server);
	if (asked->server.len == 0)
		return ADPERM_POLICY_WRONG_SERVER;
	if (policy->slice && slice_equal(asked->server, slice_str(policy->server)))
		return ADPERM_OK;
	if (!name_is_host(asked->server))
		return ADPERM_UNKNOWN_SERVER;
	return walk_server(policy, asked->server);
}

enum adperm_reason ask_account(const struct adperm *policy, const char *name, struct asked *asked)
{
	asked->account = given(name);
	if (!name_is_account(asked->account))
		return ADPERM_UNKNOWN_ACCOUNT;
	return walk_account(policy, asked->account, asked->server, &asked->ssh_2fa);
}

enum adperm_reason adperm_account(struct adperm *policy, const char *name, int *ssh_2fa)
{
	struct asked asked = { .ssh_2fa = true };
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	*ssh_2fa = true;
	if (why != ADPERM_OK)
		return why;
	why = ask_server(hold.now, NULL, &asked);
	if (why == ADPERM_OK)
		why = ask_account(hold.now, name, &asked);
	hold_end(policy, &hold);
	*ssh_2fa = asked.ssh_2fa;
	return why;
}

enum adperm_reason ask_when(
	const struct adperm *policy, const struct adperm_question *q, struct asked *asked)
{
	if (q->time >= policy->not_after)
		return ADPERM_POLICY_EXPIRED;
	asked->question.now = q->time;
	return ADPERM_OK;
}

void ask_where(const struct adperm_question *q, struct asked *asked)
{
	if (q->from != NULL)
		address_parse(slice_str(q->from), &asked->question.from);
}

enum adperm_reason ask_place(
	const struct adperm *policy, const struct adperm_question *q, struct asked *asked)
{
	bool ambiguous;
	enum adperm_reason why;

	*asked = (struct asked){ .perm = perm_info(
					 (unsigned)perm_parse(given(q->permission), &ambiguous)) };
	if (asked->perm == NULL || (asked->perm->scope == SCOPE_ACCOUNT) != (q->account != NULL))
		return ADPERM_BAD_QUESTION;
	asked->question.perm = asked->perm->perm;
	why = ask_when(policy, q, asked);
	if (why == ADPERM_OK)
		why = ask_server(policy, q->server, asked);
	if (why == ADPERM_OK && q->account != NULL)
		why = ask_account(policy, q->account, asked);
	return why;
}

/* The number that the account has in a holding. */
static uint32_t number_account(const struct holding_text *text, struct slice account)
{
	if (account.len == 0)
		return ACCOUNT_NONE;
	for (uint32_t i = 0; i < text->account_total; i++)
		if (slice_equal(text->accounts[i], account))
			return i + 1;
	return ACCOUNT_OTHER;
}

enum adperm_reason ask_reason(enum cause cause)
{
	switch (cause) {
	case CAUSE_NONE: return ADPERM_OK;
	case CAUSE_NO_GRANT: return ADPERM_NO_GRANT;
	case CAUSE_SUSPENDED: return ADPERM_SUSPENDED;
	case CAUSE_ADDRESS: return ADPERM_ADDRESS;
	case CAUSE_EXPIRED: return ADPERM_EXPIRED;
	case CAUSE_RENOUNCED: return ADPERM_RENOUNCED;
	}
	return ADPERM_NO_GRANT;
}

/* Where it is written what decided: a grant, or the profile that is suspended or kept to addresses.
 */
static void cite(
	const struct held *held, const struct verdict *v, char out[static ADPERM_SOURCE_SIZE])
{
	bool by_profile = v->cause == CAUSE_SUSPENDED || v->cause == CAUSE_ADDRESS;
	uint32_t file = held->holding.file, line = held->holding.line;
	struct text t = text_over(out, ADPERM_SOURCE_SIZE);

	if (v->grant < held->holding.grant_total) {
		file = held->holding.grants[v->grant].file;
		line = held->holding.grants[v->grant].line;
	} else if (!by_profile) {
		return;
	}
	if (file >= held->text.file_total)
		return;
	text_add_slice(&t, held->text.files[file]);
	if (line == 0)
		return; /* a source that has no files names the entry */
	text_add(&t, ":");
	text_add_u64(&t, line);
}

enum adperm_reason ask_load(
	const struct adperm *policy, struct asked *asked, const char *profile, struct held *held)
{
	enum adperm_reason why = walk_holding(policy, slice_str(profile), asked->server, held);

	if (why == ADPERM_OK)
		asked->question.account = number_account(&held->text, asked->account);
	return why;
}

enum adperm_reason ask_renounced(const struct adperm *policy, struct asked *asked,
	const char *profile, const struct held *held)
{
	enum adperm_reason why = ADPERM_NO_GRANT;

	if (policy->people != NULL)
		why = reason_of_people(
			people_renounced(policy->people, policy->people_trust, slice_str(profile),
				held->text.owner, &asked->readmitted),
			ADPERM_NO_GRANT);
	asked->question.renounced = why == ADPERM_OK;
	return why == ADPERM_NO_GRANT ? ADPERM_OK : why;
}

enum adperm_reason ask_judge(const struct adperm *policy, struct asked *asked, const char *profile,
	const struct held *held, struct verdict *verdict)
{
	enum adperm_reason why;

	*verdict = decide(&held->holding, &asked->question);
	if (verdict->answer == ANSWER_DENY)
		return ADPERM_OK;
	why = ask_renounced(policy, asked, profile, held);
	if (why == ADPERM_OK && asked->question.renounced)
		*verdict = decide(&held->holding, &asked->question);
	return why;
}

/* A question that ended before the decision: what is not there is denied, what failed is no answer.
 */
static enum adperm_verdict give_up(enum adperm_reason why, struct adperm_answer *answer)
{
	bool denied = why == ADPERM_UNKNOWN_PERSON || why == ADPERM_UNKNOWN_SERVER ||
		      why == ADPERM_UNKNOWN_ACCOUNT;

	answer->reason = why;
	answer->verdict = denied ? ADPERM_DENY : ADPERM_ERROR;
	return answer->verdict;
}

void ask_give(const struct verdict *verdict, const struct held *held, struct adperm_answer *answer)
{
	answer->reason = ask_reason(verdict->cause);
	cite(held, verdict, answer->source);
	switch (verdict->answer) {
	case ANSWER_ALLOW: answer->verdict = ADPERM_ALLOW; break;
	case ANSWER_ALLOW_2FA:
		answer->verdict = ADPERM_ALLOW_2FA;
		answer->grace = verdict->grace;
		break;
	case ANSWER_DENY: answer->verdict = ADPERM_DENY; break;
	case ANSWER_ERROR:
		answer->verdict = ADPERM_ERROR;
		answer->reason = ADPERM_BAD_QUESTION;
		break;
	}
}

/* The whole way of a question, to the policy as it is now. */
static enum adperm_reason ask(const struct adperm *policy, const struct adperm_question *q,
	struct held *held, struct adperm_answer *answer)
{
	struct verdict verdict;
	struct asked asked;
	enum adperm_reason why = ask_place(policy, q, &asked);

	answer->generation = policy->generation;
	if (asked.perm != NULL)
		memcpy(answer->permission, asked.perm->full, strlen(asked.perm->full) + 1);
	if (why == ADPERM_OK)
		why = ask_person(policy, q, answer->profile);
	if (why == ADPERM_OK)
		why = ask_load(policy, &asked, answer->profile, held);
	/* Most people may come from anywhere. */
	if (why == ADPERM_OK && held->holding.net_total > 0)
		ask_where(q, &asked);
	if (why == ADPERM_OK)
		why = ask_judge(policy, &asked, answer->profile, held, &verdict);
	if (why == ADPERM_OK)
		ask_give(&verdict, held, answer);
	if (answer->grace > 0)
		terms_digest(held, &asked, answer->terms);
	return why;
}

enum adperm_verdict adperm_ask(
	struct adperm *policy, const struct adperm_question *q, struct adperm_answer *answer)
{
	struct held held = { .memory = { NULL } };
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	*answer = (struct adperm_answer){ .verdict = ADPERM_ERROR };
	if (why != ADPERM_OK)
		return give_up(why, answer);
	why = ask(hold.now, q, &held, answer);
	if (why != ADPERM_OK)
		give_up(why, answer);
	held_done(&held);
	hold_end(policy, &hold);
	return answer->verdict;
}

enum adperm_reason adperm_permission(
	const char *name, char full[ADPERM_PERM_SIZE], char counterpart[ADPERM_PERM_SIZE])
{
	bool ambiguous;
	enum perm perm = perm_parse(given(name), &ambiguous);
	const struct perm_info *info = perm_info((unsigned)perm);
	const struct perm_info *other = perm_info((unsigned)perm_counterpart(perm));

	full[0] = counterpart[0] = '\0';
	if (info == NULL)
		return ADPERM_BAD_QUESTION;
	memcpy(full, info->full, strlen(info->full) + 1);
	if (other != NULL)
		memcpy(counterpart, other->full, strlen(other->full) + 1);
	return ADPERM_OK;
}
