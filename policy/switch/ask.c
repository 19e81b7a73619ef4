/*
 * The questions: from words to the decision and back; see adperm.h. Rules 0 and 1 of the permission
 * model (is there such a server, account, person?) are here, all others in decide().
 */
#include "switch/handle.h"

#include "base/base64.h"
#include "base/sshkey.h"
#include "base/text.h"
#include "db/people.h"

/* What a question names, found. */
struct asked {
	const struct perm_info *perm;
	struct slice server, account;
	struct question question;
	bool ssh_2fa;
};

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

enum adperm_reason adperm_person(struct adperm *policy, enum adperm_who who, const char *name,
	const void *key, size_t key_len, char profile[ADPERM_EMAIL_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	profile[0] = '\0';
	switch (who) {
	case ADPERM_PROFILE:
		return name_is_email(slice_str(name)) &&
				       name_lower(slice_str(name), profile, ADPERM_EMAIL_SIZE)
			       ? ADPERM_OK
			       : ADPERM_UNKNOWN_PERSON;
	case ADPERM_LOGIN:
		return name_is_login(slice_str(name)) ? walk_login(policy, slice_str(name), profile)
						      : ADPERM_UNKNOWN_PERSON;
	case ADPERM_FINGERPRINT:
		return sshkey_fingerprint_parse(slice_str(name), digest)
			       ? person_of_key(policy, digest, slice_of(NULL, 0), profile)
			       : ADPERM_UNKNOWN_PERSON;
	case ADPERM_KEY: return person_of_blob(policy, slice_of(key, key_len), profile);
	}
	return ADPERM_BAD_QUESTION;
}

/* The server of a question, known to the policy. */
static enum adperm_reason find_server(
	const struct adperm *policy, const char *name, struct asked *asked)
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

static enum adperm_reason find_account(
	const struct adperm *policy, const char *name, struct asked *asked)
{
	asked->account = slice_str(name);
	if (!name_is_account(asked->account))
		return ADPERM_UNKNOWN_ACCOUNT;
	return walk_account(policy, asked->account, asked->server, &asked->ssh_2fa);
}

enum adperm_reason adperm_account(struct adperm *policy, const char *name, int *ssh_2fa)
{
	struct asked asked = { .ssh_2fa = true };
	enum adperm_reason why = find_server(policy, NULL, &asked);

	if (why == ADPERM_OK)
		why = find_account(policy, name, &asked);
	*ssh_2fa = asked.ssh_2fa;
	return why;
}

/* Everything of the question but the person. */
static enum adperm_reason find_asked(
	const struct adperm *policy, const struct adperm_question *q, struct asked *asked)
{
	bool ambiguous;
	enum adperm_reason why;

	*asked = (struct asked){ .perm = perm_info((unsigned)perm_parse(
					 slice_str(q->permission), &ambiguous)) };
	if (asked->perm == NULL || (asked->perm->scope == SCOPE_ACCOUNT) != (q->account != NULL))
		return ADPERM_BAD_QUESTION;
	if (q->time >= policy->not_after)
		return ADPERM_POLICY_EXPIRED;
	asked->question = (struct question){ .perm = asked->perm->perm, .now = q->time };
	if (q->from != NULL)
		address_parse(slice_str(q->from), &asked->question.from);
	why = find_server(policy, q->server, asked);
	if (why == ADPERM_OK && q->account != NULL)
		why = find_account(policy, q->account, asked);
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

static enum adperm_reason reason_of_cause(enum cause cause)
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
	text_add(&t, ":");
	text_add_u64(&t, line);
}

/* What the profile holds on the server that is asked about. */
static enum adperm_reason load(
	const struct adperm *policy, struct asked *asked, const char *profile, struct held *held)
{
	enum adperm_reason why = walk_holding(policy, slice_str(profile), asked->server, held);

	if (why == ADPERM_OK)
		asked->question.account = number_account(&held->text, asked->account);
	return why;
}

/* Has the profile given back what the server's owner granted? */
static enum adperm_reason look_for_renunciation(const struct adperm *policy, struct asked *asked,
	const char *profile, const struct held *held)
{
	enum adperm_reason why = ADPERM_NO_GRANT;

	if (policy->people != NULL)
		why = reason_of_people(people_renounced(policy->people, policy->people_trust,
					       slice_str(profile), held->text.owner),
			ADPERM_NO_GRANT);
	asked->question.renounced = why == ADPERM_OK;
	return why == ADPERM_NO_GRANT ? ADPERM_OK : why;
}

/* Decides for one profile. A renunciation is looked for only where it can turn a yes into a no. */
static enum adperm_reason judge(const struct adperm *policy, struct asked *asked,
	const char *profile, struct held *held, struct verdict *verdict)
{
	enum adperm_reason why = load(policy, asked, profile, held);

	if (why != ADPERM_OK)
		return why;
	*verdict = decide(&held->holding, &asked->question);
	if (verdict->answer == ANSWER_DENY)
		return ADPERM_OK;
	why = look_for_renunciation(policy, asked, profile, held);
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

static void give_verdict(
	const struct verdict *verdict, const struct held *held, struct adperm_answer *answer)
{
	answer->reason = reason_of_cause(verdict->cause);
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

enum adperm_verdict adperm_ask(
	struct adperm *policy, const struct adperm_question *q, struct adperm_answer *answer)
{
	struct held held = { .memory = { NULL } };
	struct verdict verdict;
	struct asked asked;
	enum adperm_reason why = find_asked(policy, q, &asked);

	*answer = (struct adperm_answer){ .generation = policy->generation };
	if (asked.perm != NULL)
		memcpy(answer->permission, asked.perm->full, strlen(asked.perm->full) + 1);
	if (why == ADPERM_OK)
		why = adperm_person(policy, q->who, q->name, q->key, q->key_len, answer->profile);
	if (why == ADPERM_OK)
		why = judge(policy, &asked, answer->profile, &held, &verdict);
	if (why == ADPERM_OK)
		give_verdict(&verdict, &held, answer);
	else
		give_up(why, answer);
	held_done(&held);
	return answer->verdict;
}

enum adperm_reason adperm_permission(
	const char *name, char full[ADPERM_PERM_SIZE], char counterpart[ADPERM_PERM_SIZE])
{
	bool ambiguous;
	enum perm perm = perm_parse(slice_str(name), &ambiguous);
	enum perm other = perm_counterpart(perm);

	full[0] = counterpart[0] = '\0';
	if (perm == PERM_NONE)
		return ADPERM_BAD_QUESTION;
	memcpy(full, perm_info((unsigned)perm)->full, strlen(perm_info((unsigned)perm)->full) + 1);
	if (other != PERM_NONE)
		memcpy(counterpart, perm_info((unsigned)other)->full,
			strlen(perm_info((unsigned)other)->full) + 1);
	return ADPERM_OK;
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
	enum adperm_reason why = load(policy, asked, profile, &held);

	if (why == ADPERM_OK)
		why = look_for_renunciation(policy, asked, profile, &held);
	if (why == ADPERM_OK)
		verdict = decide(&held.holding, &asked->question);
	for (uint32_t i = 0;
		why == ADPERM_OK && verdict.answer == ANSWER_DENY && i < held.holding.net_total;
		i++) {
		const struct net *net = &held.holding.nets[i];

		asked->question.from.family = net->family;
		memcpy(asked->question.from.octet, net->octet, sizeof net->octet);
		verdict = decide(&held.holding, &asked->question);
	}
	held_done(&held);
	if (why == ADPERM_OK && verdict.answer == ANSWER_ERROR)
		why = ADPERM_BAD_QUESTION;
	return why != ADPERM_OK ? why : reason_of_cause(verdict.cause);
}

/* What logging in as `user` over SSH asks: an account's SSH, or, of one's own login, ssh_users. */
static enum adperm_reason find_user(
	struct adperm *policy, const char *user, const char *profile, struct asked *asked)
{
	char owner[ADPERM_EMAIL_SIZE];
	enum adperm_reason why = find_server(policy, NULL, asked);

	if (why != ADPERM_OK)
		return why;
	why = find_account(policy, user, asked);
	if (why == ADPERM_OK) {
		asked->question.perm = PERM_ACCOUNT_SSH;
		return ADPERM_OK;
	}
	if (why != ADPERM_UNKNOWN_ACCOUNT)
		return why;
	asked->account = slice_of(NULL, 0);
	asked->question.perm = PERM_SERVER_SSH_USERS;
	why = adperm_person(policy, ADPERM_LOGIN, user, NULL, 0, owner);
	if (why == ADPERM_OK && strcmp(owner, profile) != 0)
		why = ADPERM_FOREIGN_KEY;
	return why;
}

enum adperm_reason adperm_offered_key(struct adperm *policy, const char *user, const void *key,
	size_t key_len, int64_t time, char *line, size_t room)
{
	struct asked asked = { .question = { .now = time } };
	char profile[ADPERM_EMAIL_SIZE];
	struct slice blob = slice_of(key, key_len), type = { NULL, 0 };
	enum adperm_reason why;

	line[0] = '\0';
	if (time >= policy->not_after)
		return ADPERM_POLICY_EXPIRED;
	why = adperm_person(policy, ADPERM_KEY, NULL, key, key_len, profile);
	if (why == ADPERM_OK)
		why = find_user(policy, user, profile, &asked);
	if (why == ADPERM_OK)
		why = from_anywhere(policy, &asked, profile);
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
