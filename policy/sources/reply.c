/* What a source says, checked; see reply.h. */
#include "sources/reply.h"

#include "base/text.h"

#define FILE_NAME_MAX 255
#define SAME_FILE     8 /* how far back a file is looked for that was named before */

struct file_row {
	char name[FILE_NAME_MAX + 1];
};

struct account_row {
	char name[ADPERM_NAME_SIZE];
};

static void wrong(struct reply *a, const char *what)
{
	if (a->wrong == NULL)
		a->wrong = what;
}

/* The text of a source; empty, and noted as wrong, if it is none or longer than it may be. */
static struct slice bounded(struct reply *a, const char *text, size_t max, const char *what)
{
	size_t len = text != NULL ? strnlen(text, max + 1) : 0;

	if (text != NULL && len > 0 && len <= max)
		return slice_of(text, len);
	wrong(a, what);
	return slice_of(NULL, 0);
}

/* An e-mail in lower case, into an array that has room for any. */
static void take_email(
	struct reply *a, const char *text, char out[static ADPERM_EMAIL_SIZE], const char *what)
{
	struct slice email = bounded(a, text, EMAIL_MAX, what);

	out[0] = '\0';
	if (!name_is_email(email) || !name_lower(email, out, ADPERM_EMAIL_SIZE) ||
		!slice_equal(email, slice_str(out)))
		wrong(a, what);
}

static bool begin_part(struct reply *a, enum reply_part part)
{
	if (a->wanted != part)
		wrong(a, "the record has a part that was not asked for");
	else if ((a->given & part) != 0)
		wrong(a, "the record has a part twice");
	a->given |= part;
	return a->wrong == NULL;
}

static void give_person(struct adperm_record *record, const char *email)
{
	struct reply *a = (struct reply *)record;

	if (begin_part(a, REPLY_PERSON))
		take_email(a, email, a->person,
			"the person is no e-mail address in lower case, or has no end");
}

static void give_account(struct adperm_record *record, int ssh_2fa)
{
	struct reply *a = (struct reply *)record;

	if (begin_part(a, REPLY_ACCOUNT))
		a->ssh_2fa = ssh_2fa != 0;
}

/* Is the record still of a size that a database would take? */
static bool has_room(struct reply *a)
{
	size_t size = a->grants.len + a->nets.len + a->files.len + a->accounts.len;

	if (a->grants.failed || a->nets.failed || a->files.failed || a->accounts.failed ||
		size > DB_RECORD_MAX)
		wrong(a, "the record is too long");
	return a->wrong == NULL;
}

static uint32_t rows(const struct buf *b, size_t size)
{
	return (uint32_t)(b->len / size);
}

/* Adds the networks; gives how many. */
static uint32_t take_nets(struct reply *a, const struct adperm_source_list *list)
{
	uint32_t first = rows(&a->nets, sizeof(struct net));

	if (list->n > 0 && list->at == NULL)
		wrong(a, "a list of networks is nowhere");
	for (size_t i = 0; i < list->n && has_room(a); i++) {
		struct slice text = bounded(
			a, list->at[i], ADDRESS_TEXT_SIZE, "a network is empty, or has no end");
		struct net net;
		enum net_problem problem = net_parse(text, &net);

		if (problem != NET_GOOD && problem != NET_HOST_BITS)
			wrong(a, "a network is none");
		else
			buf_bytes(&a->nets, &net, sizeof net);
	}
	return rows(&a->nets, sizeof(struct net)) - first;
}

/* The number of a file; most follow one that was named just before. */
static uint32_t take_file(struct reply *a, const char *name)
{
	struct slice text = bounded(a, name, FILE_NAME_MAX, "a file name is empty, or has no end");
	uint32_t n = rows(&a->files, sizeof(struct file_row));
	struct file_row row = { "" };

	if (n > UINT16_MAX)
		wrong(a, "the record is too long");
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 0x20 || text.at[i] == 0x7f)
			wrong(a, "a file name has a control character");
	for (uint32_t back = 1; back <= n && back <= SAME_FILE; back++) {
		const struct file_row *files = (const void *)a->files.at;

		if (slice_equal(text, slice_str(files[n - back].name)))
			return n - back;
	}
	if (a->wrong == NULL)
		memcpy(row.name, text.at, text.len);
	buf_bytes(&a->files, &row, sizeof row);
	return n;
}

/* The number that grants have an account by: one name, one number. */
static uint32_t take_account(struct reply *a, const char *name)
{
	struct slice text = bounded(a, name, UNIX_MAX, "an account is empty, or has no end");
	uint32_t n = rows(&a->accounts, sizeof(struct account_row));
	struct account_row row = { "" };

	for (uint32_t i = 0; i < n; i++) {
		const struct account_row *accounts = (const void *)a->accounts.at;

		if (slice_equal(text, slice_str(accounts[i].name)))
			return i + 1;
	}
	if (text.len == 0 || !name_is_account(text)) {
		wrong(a, "an account is none");
		return ACCOUNT_NONE;
	}
	memcpy(row.name, text.at, text.len);
	buf_bytes(&a->accounts, &row, sizeof row);
	return n + 1;
}

static void give_profile(struct adperm_record *record, const struct adperm_source_profile *p)
{
	struct reply *a = (struct reply *)record;
	char email[ADPERM_EMAIL_SIZE];

	if (!begin_part(a, REPLY_PROFILE) || p == NULL) {
		wrong(a, "a profile is nowhere");
		return;
	}
	take_email(a, p->email, email, "the profile is no e-mail address, or has no end");
	if (strcmp(email, a->person) != 0)
		wrong(a, "the profile is not the one that was asked for");
	take_email(a, p->owner, a->owner, "the owner is no e-mail address, or has no end");
	a->holding = (struct holding){
		.suspended = p->suspended != 0,
		.machine = p->machine != 0,
		.net_count = take_nets(a, &p->allow_from),
		.file = take_file(a, p->place.file),
		.line = p->place.line,
	};
	a->announced = p->grants;
	has_room(a);
}

/* The permissions of a grant, all of the scope that its account says. */
static uint64_t take_permissions(struct reply *a, const struct adperm_source_grant *g)
{
	uint64_t perms = 0;

	if (g->permissions.n == 0 || g->permissions.at == NULL)
		wrong(a, "a grant has no permission");
	for (size_t i = 0; i < g->permissions.n && a->wrong == NULL; i++) {
		struct slice name = bounded(a, g->permissions.at[i], ADPERM_PERM_SIZE,
			"a permission is empty, or has no end");
		bool ambiguous;
		const struct perm_info *info = perm_info((unsigned)perm_parse(name, &ambiguous));

		if (info == NULL || info->derived || !slice_equal(name, slice_str(info->full)))
			wrong(a, "a permission is none, or not in full");
		else if ((info->scope == SCOPE_ACCOUNT) != (g->account != NULL))
			wrong(a, "a permission does not go with the grant's account");
		else
			perms |= PERM_BIT(info->perm);
	}
	return perms;
}

/* What owning the server gives; the sentence of a grant that claims more or less. */
static const char *wrong_ownership(const struct reply *a, const struct adperm_source_grant *g)
{
	if (strcmp(a->person, a->owner) != 0)
		return "somebody else than the owner owns the server";
	if (a->ownerships > 0)
		return "the server is owned twice";
	if (g->permissions.n > 0 || g->account != NULL || g->allow_from.n > 0 || g->grace != 0 ||
		g->until != WHEN_NEVER)
		return "an ownership has conditions";
	return NULL;
}

static const char *wrong_conditions(const struct reply *a, const struct adperm_source_grant *g)
{
	if (g->until != WHEN_NEVER && (g->until < 0 || g->until > WHEN_MAX))
		return "a grant ends at a time that is none";
	if (g->grace > (g->require_2fa != 0 ? WHEN_DAY : 0))
		return "a grant has too much grace";
	if (g->require_2fa != 0 && a->holding.machine)
		return "a machine is to prove a second factor";
	return NULL;
}

static void give_grant(struct adperm_record *record, const struct adperm_source_grant *g)
{
	struct reply *a = (struct reply *)record;
	struct grant grant = { .perms = UINT64_MAX, .until = WHEN_NEVER };
	const char *conditions;

	if ((a->given & REPLY_PROFILE) == 0 || g == NULL)
		wrong(a, "a grant comes before its profile, or is nowhere");
	if (!has_room(a))
		return;
	conditions = wrong_conditions(a, g);
	grant.ownership = g->ownership != 0;
	if (conditions == NULL && grant.ownership)
		conditions = wrong_ownership(a, g);
	if (conditions != NULL)
		wrong(a, conditions);
	if (!grant.ownership)
		grant.perms = take_permissions(a, g);
	if (g->account != NULL)
		grant.account = take_account(a, g->account);
	grant.require_2fa = g->require_2fa != 0;
	grant.grace = g->grace;
	grant.until = g->until;
	grant.net_first = rows(&a->nets, sizeof(struct net));
	grant.net_count = take_nets(a, &g->allow_from);
	grant.file = take_file(a, g->place.file);
	grant.line = g->place.line;
	a->ownerships += grant.ownership;
	buf_bytes(&a->grants, &grant, sizeof grant);
}

static void give_trouble(struct adperm_record *record, const char *words)
{
	struct reply *a = (struct reply *)record;
	struct text t = text_over(a->trouble, sizeof a->trouble);

	if (words != NULL)
		text_add_escaped(&t, slice_of(words, strnlen(words, REPLY_TROUBLE_SIZE)),
			REPLY_TROUBLE_SIZE);
}

void reply_begin(struct reply *a, enum reply_part wanted, struct slice person)
{
	a->record = (struct adperm_record){ give_person, give_account, give_profile, give_grant,
		give_trouble };
	a->wanted = wanted;
	a->given = REPLY_NOTHING;
	a->wrong = NULL;
	a->trouble[0] = a->person[0] = a->owner[0] = '\0';
	a->ssh_2fa = true;
	a->announced = a->ownerships = 0;
	if (person.len > 0 && !name_lower(person, a->person, sizeof a->person))
		wrong(a, "the person who is asked for is none");
	buf_reset(&a->grants);
	buf_reset(&a->nets);
	buf_reset(&a->files);
	buf_reset(&a->accounts);
}

/* Is all there that was announced, and nothing that must be? */
static void judge_whole(struct reply *a)
{
	if (a->given != a->wanted)
		wrong(a, "the record lacks what was asked for");
	if (a->given != REPLY_PROFILE || !has_room(a))
		return;
	if (rows(&a->grants, sizeof(struct grant)) != a->announced)
		wrong(a, "there are not as many grants as were announced");
	if ((strcmp(a->person, a->owner) == 0) != (a->ownerships == 1))
		wrong(a, "the owner does not own the server");
}

enum adperm_reason reply_end(
	struct reply *a, enum adperm_source_status status, enum adperm_reason absent)
{
	enum adperm_reason why = ADPERM_POLICY_SOURCE_RECORD;

	switch (status) {
	case ADPERM_SOURCE_SUCCESS:
		judge_whole(a);
		why = ADPERM_OK;
		break;
	case ADPERM_SOURCE_NOTFOUND:
		if (a->given != REPLY_NOTHING)
			wrong(a, "what is not found has a record");
		why = absent;
		break;
	case ADPERM_SOURCE_UNAVAIL: return ADPERM_POLICY_UNAVAIL;
	case ADPERM_SOURCE_TRYAGAIN: return ADPERM_POLICY_TRYAGAIN;
	default: wrong(a, "the status is none"); break;
	}
	if (a->wrong == NULL)
		return why;
	give_trouble(&a->record, a->wrong);
	return ADPERM_POLICY_SOURCE_RECORD;
}

enum adperm_reason reply_held(struct reply *a, struct held *held)
{
	uint32_t files = rows(&a->files, sizeof(struct file_row));
	uint32_t accounts = rows(&a->accounts, sizeof(struct account_row));
	const struct file_row *file = (const void *)a->files.at;
	const struct account_row *account = (const void *)a->accounts.at;
	struct holding_text text = { .owner = slice_str(a->owner) };
	struct buf names = { .at = NULL }, payload = { .at = NULL };
	enum adperm_reason why = ADPERM_NOMEM;

	for (uint32_t i = 0; i < files + accounts; i++) {
		struct slice name = slice_str(i < files ? file[i].name : account[i - files].name);

		buf_bytes(&names, &name, sizeof name);
	}
	a->holding.nets = (const void *)a->nets.at;
	a->holding.net_total = rows(&a->nets, sizeof(struct net));
	a->holding.grants = (const void *)a->grants.at;
	a->holding.grant_total = rows(&a->grants, sizeof(struct grant));
	if (!names.failed) {
		text.files = (const void *)names.at;
		text.file_total = files;
		text.accounts = text.files + files;
		text.account_total = accounts;
		record_put_holding(&payload, &a->holding, &text);
		why = held_decode(buf_slice(&payload), held);
	}
	if (payload.failed)
		why = ADPERM_NOMEM;
	else if (why == ADPERM_POLICY_CORRUPT)
		why = ADPERM_POLICY_SOURCE_RECORD;
	buf_done(&names);
	buf_done(&payload);
	return why;
}

void reply_done(struct reply *a)
{
	buf_done(&a->grants);
	buf_done(&a->nets);
	buf_done(&a->files);
	buf_done(&a->accounts);
}
