/* A question as options say it; see question.h. */
#include "cli/question.h"

#include "lang/nearest.h"
#include "model/address.h"
#include "model/when.h"

#include <string.h>
#include <time.h>

static const struct {
	const char *word;
	enum adperm_who who;
} kinds[] = { { "profile", ADPERM_PROFILE }, { "login", ADPERM_LOGIN },
	{ "key", ADPERM_FINGERPRINT } };

bool question_kind(const char *word, enum adperm_who *who)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(word, kinds[i].word) != 0)
			continue;
		*who = kinds[i].who;
		return true;
	}
	return false;
}

const char *question_wrong_value(const char *from, const char *at, int64_t *when)
{
	struct address address;

	if (from != NULL && !address_parse(slice_str(from), &address))
		return "the address is not a numeric one";
	if (at != NULL && !when_parse(slice_str(at), when))
		return "the time is not written like 2027-01-31T18:00:00Z";
	return NULL;
}

/* Who is asked about: exactly one of the three. */
static bool settle_who(const struct question_options *o, struct adperm_question *q)
{
	const char *const given[] = { o->profile, o->login, o->key };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		if (given[i] == NULL)
			continue;
		q->who = kinds[i].who;
		q->name = given[i];
		n++;
	}
	return n == 1;
}

static void complain_unknown(const char *command, const char *permission)
{
	struct nearest nearest;

	nearest_start(&nearest, slice_str(permission));
	nearest_offer_perms(&nearest, 0, true);
	complain("%s: no permission is called \"%s\"%s; ids are in adperm.policy(5)", command,
		permission, nearest_hint(&nearest));
}

bool question_permission(
	const char *command, const char *permission, const char *account, enum perm *out)
{
	bool ambiguous = false;
	const struct perm_info *info;

	*out = permission != NULL ? perm_parse(slice_str(permission), &ambiguous) : PERM_NONE;
	info = perm_info((unsigned)*out);
	if (permission == NULL)
		complain("%s: --permission is missing; ids are in adperm.policy(5)", command);
	else if (ambiguous)
		complain("%s: several scopes have \"%s\"; write the scope before it, as in "
			 "server.%s",
			command, permission, permission);
	else if (info == NULL)
		complain_unknown(command, permission);
	else if (info->scope == SCOPE_ACCOUNT && account == NULL)
		complain("%s: %s is of an account: name it with --account", command, info->full);
	else if (info->scope != SCOPE_ACCOUNT && account != NULL)
		complain("%s: %s is not of an account: leave --account out", command, info->full);
	else
		return true;
	return false;
}

bool question_settle(
	const char *command, const struct question_options *o, struct adperm_question *q)
{
	const char *wrong;
	enum perm perm;

	*q = (struct adperm_question){ .permission = o->permission,
		.server = o->server,
		.account = o->account,
		.from = o->from,
		.time = time(NULL) };
	wrong = question_wrong_value(o->from, o->at, &q->time);
	if (!settle_who(o, q))
		complain("%s: ask about one of --profile, --login and --key", command);
	else if (wrong != NULL)
		complain("%s: %s", command, wrong);
	else
		return question_permission(command, o->permission, o->account, &perm);
	return false;
}

void answer_json(struct json *j, const struct adperm_answer *answer)
{
	json_string(j, "verdict", adperm_verdict_word(answer->verdict));
	json_string(j, "reason", adperm_reason_word(answer->reason));
	json_string(j, "profile", answer->profile);
	json_string(j, "permission", answer->permission);
	json_string(j, "source", answer->source);
}

void answer_print(const struct adperm_answer *answer)
{
	char why[ADPERM_WHY_SIZE];

	if (answer->verdict == ADPERM_ERROR)
		return;
	adperm_why(answer, why, sizeof why);
	puts(why);
}

int answer_exit(const char *command, const struct adperm_answer *answer)
{
	bool where = answer->reason == ADPERM_POLICY_WRONG_SERVER;

	switch (answer->verdict) {
	case ADPERM_ALLOW: return EXIT_OK;
	case ADPERM_ALLOW_2FA: return EXIT_WITH_2FA;
	case ADPERM_DENY: return EXIT_NO;
	case ADPERM_ERROR: break;
	}
	return complain("%s: %s (%s)%s", command, adperm_reason_text(answer->reason),
		adperm_reason_word(answer->reason), where ? ": name it with --server" : "");
}
