/* The grammar of a file of tests: its rows, and what each takes; see tests.h. */
#include "lang/tests_rows.h"

#include "base/sshkey.h"
#include "lang/nearest.h"
#include "lang/schema.h"

static struct tests_load *whole(struct load *l)
{
	return (struct tests_load *)l;
}

static struct policy_test *row_of(struct load *l)
{
	struct tests *tests = whole(l)->tests;

	return &tests->all.at[tests->all.n - 1];
}

static bool test_open(struct load *l, struct mark at)
{
	struct policy_test *row = ROWS_ADD(&whole(l)->tests->all);

	if (row == NULL)
		return load_no_memory(l);
	*row = (struct policy_test){ .mark = at };
	whole(l)->people = 0;
	whole(l)->errors = diags_errors(l->d);
	return true;
}

/* What can only be judged of the whole test. */
static void test_close(struct load *l, struct mark at)
{
	const struct policy_test *row = row_of(l);
	const struct perm_info *info;
	bool ambiguous;

	if (diags_errors(l->d) != whole(l)->errors)
		return;
	if (whole(l)->people != 1)
		diag(l->d, at, DIAG_TEST_QUESTION,
			"a test asks about one profile, one login or one key, and this one about "
			"%u",
			whole(l)->people);
	info = perm_info(
		(unsigned)perm_parse(slice_str(policy_text(l->p, row->permission)), &ambiguous));
	if (info != NULL && (info->scope == SCOPE_ACCOUNT) != (row->account != 0))
		diag(l->d, at, DIAG_TEST_QUESTION,
			row->account == 0 ? "%s is of an account, and the test names none"
					  : "%s is not of an account, and the test names one",
			info->full);
	if (row->reason != 0 && row->expect != ADPERM_DENY)
		diag(l->d, at, DIAG_TEST_EXPECT, "a reason is for expect: deny only");
}

static bool take_name(struct load *l, const struct event *e)
{
	return value_line(l, e, &row_of(l)->name);
}

static bool take_person(struct load *l, const struct event *e, enum adperm_who who)
{
	row_of(l)->who = who;
	whole(l)->people++;
	return value_line(l, e, &row_of(l)->person);
}

static bool take_profile(struct load *l, const struct event *e)
{
	char email[EMAIL_MAX + 1];

	return value_email(l, e, email) && take_person(l, e, ADPERM_PROFILE);
}

static bool take_login(struct load *l, const struct event *e)
{
	return take_person(l, e, ADPERM_LOGIN);
}

static bool take_key(struct load *l, const struct event *e)
{
	uint8_t digest[SHA256_SIZE];

	if (!sshkey_fingerprint_parse(e->text, digest))
		return diag(l->d, e->at, DIAG_TEST_QUESTION,
			"%s is no fingerprint of a key, as `ssh-keygen -l` prints it: SHA256:...",
			diag_quote(l->d, e->text));
	return take_person(l, e, ADPERM_FINGERPRINT);
}

static bool take_permission(struct load *l, const struct event *e)
{
	struct nearest nearest;
	bool ambiguous;

	if (perm_parse(e->text, &ambiguous) != PERM_NONE)
		return value_line(l, e, &row_of(l)->permission);
	if (ambiguous)
		return diag(l->d, e->at, DIAG_UNKNOWN_PERMISSION,
			"several scopes have %s: write the scope before it, as in server.resources",
			diag_quote(l->d, e->text));
	nearest_start(&nearest, e->text);
	nearest_offer_perms(&nearest, 0, true);
	return diag(l->d, e->at, DIAG_UNKNOWN_PERMISSION, "no permission is called %s%s",
		diag_quote(l->d, e->text), nearest_hint(&nearest));
}

static bool take_server(struct load *l, const struct event *e)
{
	return value_name(l, e, NAME_SERVER) && value_line(l, e, &row_of(l)->server);
}

static bool take_account(struct load *l, const struct event *e)
{
	return value_line(l, e, &row_of(l)->account);
}

static bool take_from(struct load *l, const struct event *e)
{
	struct address address;

	if (!address_parse(e->text, &address))
		return diag(l->d, e->at, DIAG_BAD_NETWORK, "%s is no numeric address",
			diag_quote(l->d, e->text));
	return value_line(l, e, &row_of(l)->from);
}

static bool take_at(struct load *l, const struct event *e)
{
	row_of(l)->has_time = true;
	return when_parse(e->text, &row_of(l)->time) ||
	       diag(l->d, e->at, DIAG_BAD_TIME, "%s is no time: write it like 2027-01-31T18:00:00Z",
		       diag_quote(l->d, e->text));
}

static const struct {
	const char *words;
	enum adperm_verdict verdict;
} verdicts[] = {
	{ "allow", ADPERM_ALLOW },
	{ "allow with 2FA", ADPERM_ALLOW_2FA },
	{ "deny", ADPERM_DENY },
};

static bool take_expect(struct load *l, const struct event *e)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (slice_equal(e->text, slice_str(verdicts[i].words)))
			row_of(l)->expect = verdicts[i].verdict;
	return row_of(l)->expect != ADPERM_ERROR ||
	       diag(l->d, e->at, DIAG_TEST_EXPECT,
		       "%s is no answer: write allow, allow with 2FA, or deny",
		       diag_quote(l->d, e->text));
}

/* Why a question may be denied. */
static const enum adperm_reason reasons[] = { ADPERM_NO_GRANT, ADPERM_EXPIRED, ADPERM_SUSPENDED,
	ADPERM_ADDRESS, ADPERM_RENOUNCED, ADPERM_UNKNOWN_PERSON, ADPERM_UNKNOWN_SERVER,
	ADPERM_UNKNOWN_ACCOUNT };

static bool take_reason(struct load *l, const struct event *e)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (slice_equal(e->text, slice_str(adperm_reason_word(reasons[i]))))
			return value_line(l, e, &row_of(l)->reason);
	return diag(l->d, e->at, DIAG_TEST_EXPECT,
		"%s is no reason: write no_grant, expired, suspended, address, renounced, "
		"unknown_person, unknown_server or unknown_account",
		diag_quote(l->d, e->text));
}

static const struct field test_keys[] = {
	{ .key = "name", SHAPE_SCALAR, TYPE_LINE, .take = take_name },
	{ .key = "profile", SHAPE_SCALAR, TYPE_EMAIL, .take = take_profile },
	{ .key = "login", SHAPE_SCALAR, TYPE_LOGIN, .take = take_login },
	{ .key = "key", SHAPE_SCALAR, TYPE_LINE, .take = take_key },
	{ .key = "permission", SHAPE_SCALAR, TYPE_PERM, FIELD_REQUIRED, .take = take_permission },
	{ .key = "server", SHAPE_SCALAR, TYPE_HOST, .take = take_server },
	{ .key = "account", SHAPE_SCALAR, TYPE_ACCOUNT, .take = take_account },
	{ .key = "from", SHAPE_SCALAR, TYPE_LINE, .take = take_from },
	{ .key = "at", SHAPE_SCALAR, TYPE_TIME, .take = take_at },
	{ .key = "expect", SHAPE_SCALAR, TYPE_LINE, FIELD_REQUIRED, .take = take_expect },
	{ .key = "reason", SHAPE_SCALAR, TYPE_LINE, .take = take_reason },
	{ .key = NULL },
};

static const struct field test = {
	.shape = SHAPE_KEYS,
	.type = TYPE_TEST,
	.keys = test_keys,
	.open = test_open,
	.close = test_close,
};

static const struct field root_keys[] = {
	{ .key = "adperm_tests", SHAPE_SCALAR, TYPE_VERSION, FIELD_FIRST, .take = take_version },
	{ .key = "tests", SHAPE_ENTRIES, TYPE_TEST, FIELD_REQUIRED, .inner = &test },
	{ .key = NULL },
};

static const struct field tests_root = {
	.shape = SHAPE_KEYS,
	.type = TYPE_TESTS,
	.keys = root_keys,
};

bool tests_walk(struct tests_load *l)
{
	return walk_root(&l->load, &tests_root);
}
