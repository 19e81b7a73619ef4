/* A request, judged and carried out; see judge.h. */
#include "people/judge.h"

#include "adpermd/proto.h"
#include "base/sshkey.h"
#include "logline.h"
#include "model/names.h"
#include "people/act.h"
#include "people/factor.h"

#include <syslog.h>

#define TAG "adperm-people"

enum proof { PROOF_NONE, PROOF_FLAGGED, PROOF_ENROLLED, PROOF_FACTOR };

enum names { NAMES_NOTHING, NAMES_OWNER, NAMES_KEY, NAMES_ANYBODY, NAMES_SESSION };

static const struct row {
	enum wish_op op;
	const char *name;
	unsigned who; /* enum asker_kind, as bits */
	enum proof proof;
	enum names names;
	carry_out *act;
} rows[] = {
#define WISH_ROW(number, symbol, name, who, proof, names, does)                                    \
	{ WISH_##symbol, #name, who, proof, names, act_##name },
	WISH_OPS(WISH_ROW)
#undef WISH_ROW
};

static const char *word_of(enum wish_result result)
{
	switch (result) {
	case WISH_NONE: break;
#define WISH_WORD(number, symbol, word, says)                                                      \
	case WISH_##symbol: return word;
		WISH_RESULTS(WISH_WORD)
#undef WISH_WORD
	}
	return "none";
}

/* --- is it a request */

/* All texts are ones; which of them mean something, the operation says. */
static bool texts_good(const struct wish *wish)
{
	return proto_text_good(wish->profile, sizeof wish->profile) &&
	       proto_text_good(wish->owner, sizeof wish->owner) &&
	       proto_text_good(wish->code, sizeof wish->code) &&
	       proto_text_good(wish->pin, sizeof wish->pin) &&
	       proto_text_good(wish->place, sizeof wish->place);
}

/* NULL: it is no request, and nothing of it is looked at, not even for the log. */
static const struct row *find_row(const struct wish *wish, size_t len)
{
	if (len != sizeof *wish || wish->magic != WISH_MAGIC || wish->version != WISH_VERSION ||
		!texts_good(wish))
		return NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].op == (enum wish_op)wish->op)
			return &rows[i];
	return NULL;
}

/* An address in lower case, or, where that is said, nothing. */
static bool take_email(const char *text, bool may_be_absent, struct slice *out)
{
	char lower[EMAIL_MAX + 1];

	*out = slice_str(text);
	if (out->len == 0)
		return may_be_absent;
	return name_is_email(*out) && name_lower(*out, lower, sizeof lower) &&
	       strcmp(lower, text) == 0;
}

static bool take(const struct row *row, struct act *a)
{
	const struct wish *wish = a->wish;
	bool anybody = row->who != ASKER_ROOT || row->names == NAMES_ANYBODY;
	bool session = row->names == NAMES_SESSION;

	a->key = slice_of(wish->key, wish->key_len);
	return take_email(wish->profile, anybody, &a->profile) &&
	       take_email(wish->owner, row->names != NAMES_OWNER, &a->owner) &&
	       wish->key_len <= sizeof wish->key &&
	       (wish->key_len > 0) == (row->names == NAMES_KEY) &&
	       (session || wish->place[0] == '\0') && (wish->session != 0) == session;
}

/* --- may this one ask it */

static bool is_proved(const struct asker *asker)
{
	return strcmp(asker->session.proved, "yes") == 0;
}

static enum wish_result prove_code(const struct act *a)
{
	return a->wish->code[0] == '\0' ? WISH_NEEDS_CODE : factor_verify(a);
}

/* The proof of a person besides their login; an invitation is one itself. */
static enum wish_result prove(const struct act *a, enum proof proof)
{
	struct factor factor = { .in_force = false };
	enum wish_result result = WISH_DONE;

	switch (proof) {
	case PROOF_NONE: return WISH_DONE;
	case PROOF_FLAGGED: return a->asker->flagged ? prove_code(a) : WISH_DONE;
	case PROOF_ENROLLED:
	case PROOF_FACTOR: break;
	}
	if (is_proved(a->asker))
		return WISH_DONE;
	result = factor_find(a, &factor);
	if (result != WISH_DONE)
		return result;
	if (factor.in_force)
		return prove_code(a);
	return proof == PROOF_FACTOR ? WISH_NOT_ENROLLED : WISH_DONE;
}

/* Whether a person may: only about themselves, and this server's owner. */
static enum wish_result admit_person(const struct row *row, const struct act *a)
{
	struct slice self = slice_str(a->asker->session.profile);

	if ((row->who & (ASKER_SELF | ASKER_INVITED)) == 0 ||
		(a->profile.len > 0 && !slice_equal(a->profile, self)))
		return WISH_REFUSED;
	if (a->asker->kind == ASKER_NOBODY)
		return a->asker->why;
	if ((row->who & a->asker->kind) == 0)
		return WISH_NOT_HERE;
	if (row->names != NAMES_OWNER)
		return WISH_DONE;
	if (slice_equal(a->owner, self))
		return WISH_OWN;
	return slice_equal(a->owner, slice_str(a->asker->owner)) ? WISH_DONE : WISH_UNKNOWN_OWNER;
}

static enum wish_result admit(const struct row *row, struct act *a)
{
	enum wish_result result = WISH_DONE;

	if (a->asker->kind == ASKER_ROOT) {
		if ((row->who & ASKER_ROOT) == 0 ||
			(a->profile.len == 0 && row->names != NAMES_ANYBODY))
			return WISH_NO_SESSION;
	} else {
		result = admit_person(row, a);
	}
	if (result == WISH_DONE && a->profile.len == 0 && a->asker->kind != ASKER_ROOT)
		a->profile = slice_str(a->asker->session.profile);
	if (result == WISH_DONE && a->asker->kind == ASKER_SELF)
		result = prove(a, row->proof);
	return result;
}

/* --- both, and then it is done */

static enum wish_result fulfil(const struct row *row, struct act *a)
{
	enum wish_result result;

	if (row == NULL || !take(row, a))
		return WISH_MALFORMED;
	result = admit(row, a);
	if (result != WISH_DONE)
		return result;
	act_copy(a->reply->profile, sizeof a->reply->profile, (const char *)a->profile.at);
	result = book_lock(a->book);
	if (result == WISH_DONE && a->asker->kind == ASKER_INVITED)
		result = act_find_invitation(a);
	return result == WISH_DONE ? row->act(a) : result;
}

/* What is to be shown once is shown for what was done only. */
static void forget_words(struct wish_reply *reply)
{
	explicit_bzero(reply->code, sizeof reply->code);
	explicit_bzero(reply->pin, sizeof reply->pin);
	explicit_bzero(reply->secret, sizeof reply->secret);
	explicit_bzero(reply->recovery, sizeof reply->recovery);
}

/* Fields as in the lines of the module, so that one reader reads them all. */
static void log_wish(const struct asker *asker, const struct row *row, const struct wish *wish,
	const struct wish_reply *reply, const struct book *book)
{
	enum wish_result result = (enum wish_result)reply->result;
	bool done = result == WISH_DONE || result == WISH_NOTHING;
	const char *user = asker->kind == ASKER_ROOT ? "root" : asker->session.user;
	uint8_t digest[SHA256_SIZE];
	bool place_is_key = row != NULL && row->names == NAMES_SESSION &&
			    sshkey_fingerprint_parse(slice_str(wish->place), digest);
	char room[LOGLINE_MAX];
	struct text line;

	if (!logline_heard())
		return;
	line = logline_begin(room, done ? LOG_NOTICE : LOG_WARNING, TAG);
	text_add(&line, " v=1 phase=people dec=");
	text_add(&line, done ? "allow" : "deny");
	text_add(&line, " reason=");
	text_add(&line, word_of(result));
	logline_field(&line, "svc", row != NULL ? row->name : "");
	logline_field(&line, "user", user);
	logline_field(&line, "profile", reply->profile);
	logline_field(&line, "rhost",
		row != NULL && row->names == NAMES_SESSION && !place_is_key ? wish->place
									    : asker->session.rhost);
	if (row != NULL && row->names == NAMES_OWNER)
		logline_field(&line, "owner", wish->owner);
	if (row != NULL && row->names == NAMES_KEY && wish->key_len <= sizeof wish->key) {
		sha256_of(slice_of(wish->key, wish->key_len), digest);
		logline_key(&line, digest);
	} else if (place_is_key) {
		logline_field(&line, "key", wish->place);
	}
	if (result == WISH_FAILED)
		logline_field(&line, "hint", strerrorname_np(-book->error));
	if (result == WISH_NO_POLICY)
		logline_field(&line, "hint", adperm_reason_word(asker->policy));
	logline_send(&line);
}

void judge_wish(struct book *book, const struct asker *asker, const char *auth,
	const struct wish *wish, size_t len, struct wish_reply *reply)
{
	const struct row *row = find_row(wish, len);
	struct act act = {
		.book = book, .asker = asker, .auth = auth, .wish = wish, .reply = reply
	};

	*reply = (struct wish_reply){ .magic = WISH_MAGIC, .version = WISH_VERSION };
	reply->op = row != NULL ? wish->op : 0;
	act_copy(reply->profile, sizeof reply->profile, asker->session.profile);
	reply->result = fulfil(row, &act);
	if (reply->result != WISH_DONE)
		forget_words(reply);
	log_wish(asker, row, wish, reply, book);
}
