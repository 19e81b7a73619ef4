/* A request, judged and carried out; see judge.h. */
#include "people/judge.h"

#include "adpermd/client.h"
#include "base/sshkey.h"
#include "logline.h"
#include "model/names.h"

#include <syslog.h>

#define TAG "adperm-people"

/* What a request names, once it is known to be one. */
struct meant {
	struct slice profile, owner, key;
};

enum names { NAMES_NOTHING, NAMES_OWNER, NAMES_KEY };

typedef enum wish_result carry_out(struct book *book, const struct meant *meant);

static enum wish_result renounce(struct book *book, const struct meant *meant)
{
	return slice_equal(meant->profile, meant->owner)
		       ? WISH_OWN
		       : book_renounce(book, meant->profile, meant->owner);
}

static enum wish_result readmit(struct book *book, const struct meant *meant)
{
	return book_readmit(book, meant->profile, meant->owner);
}

static enum wish_result add_key(struct book *book, const struct meant *meant)
{
	struct slice type = sshkey_type(meant->key);

	return type.len > 0 && sshkey_check(type, meant->key) == SSHKEY_GOOD
		       ? book_add_key(book, meant->profile, meant->key)
		       : WISH_BAD_KEY;
}

static enum wish_result remove_key(struct book *book, const struct meant *meant)
{
	return book_remove_key(book, meant->profile, meant->key);
}

static enum wish_result forget_keys(struct book *book, const struct meant *meant)
{
	return book_forget_keys(book, meant->profile);
}

static const struct row {
	enum wish_op op;
	const char *name;
	enum asker_kind who;
	enum names names;
	carry_out *act;
} rows[] = {
#define WISH_ROW(number, symbol, name, who, names, does) { WISH_##symbol, #name, who, names, name },
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

static const struct row *find_row(const struct wish *wish, size_t len)
{
	if (len != sizeof *wish || wish->magic != WISH_MAGIC || wish->version != WISH_VERSION)
		return NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].op == (enum wish_op)wish->op)
			return &rows[i];
	return NULL;
}

/* An address in lower case, or, where that is said, nothing. */
static bool take_email(const char *text, size_t size, bool may_be_absent, struct slice *out)
{
	char lower[EMAIL_MAX + 1];

	if (!proto_text_good(text, size))
		return false;
	*out = slice_str(text);
	if (out->len == 0)
		return may_be_absent;
	return name_is_email(*out) && name_lower(*out, lower, sizeof lower) &&
	       strcmp(lower, text) == 0;
}

static bool take(const struct row *row, const struct wish *wish, struct meant *out)
{
	out->key = slice_of(wish->key, wish->key_len);
	return take_email(wish->profile, sizeof wish->profile, row->who == ASKER_SELF,
		       &out->profile) &&
	       take_email(
		       wish->owner, sizeof wish->owner, row->names != NAMES_OWNER, &out->owner) &&
	       proto_text_good(wish->code, sizeof wish->code) &&
	       wish->key_len <= sizeof wish->key &&
	       (wish->key_len > 0) == (row->names == NAMES_KEY);
}

/* --- may this one ask it */

static void copy(char *into, size_t size, const char *text)
{
	struct text t = text_over(into, size);

	text_add(&t, text);
}

static enum wish_result result_of(const struct proto_reply *reply)
{
	switch (reply->result) {
	case PROTO_YES: return WISH_DONE;
	case PROTO_BAD_CODE:
	case PROTO_REPLAY: return WISH_BAD_CODE;
	case PROTO_NOT_ENROLLED: return WISH_NOT_ENROLLED;
	case PROTO_LOCKED: return WISH_LOCKED;
	default: return WISH_NO_DAEMON;
	}
}

/* The code counts among the guesses of the profile, and is burnt, as at a login. */
static enum wish_result verify(
	const struct asker *asker, const char *auth, const char *code, struct wish_reply *reply)
{
	struct proto_request request = { .op = PROTO_VERIFY, .generation = asker->generation };
	struct proto_reply said;
	enum wish_result result = WISH_NO_DAEMON;

	copy(request.service, sizeof request.service, TAG);
	copy(request.profile, sizeof request.profile, asker->session.profile);
	copy(request.from, sizeof request.from, asker->session.rhost);
	copy(request.key, sizeof request.key, asker->session.key);
	copy(request.code, sizeof request.code, code);
	if (client_ask(auth, &request, &said) == CLIENT_OK) {
		result = result_of(&said);
		reply->retry_after = said.retry_after;
	}
	explicit_bzero(&request, sizeof request);
	return result;
}

/* Whether who asks may; a person only about themselves, and this server's owner. */
static enum wish_result admit(const struct asker *asker, const char *auth, const struct row *row,
	const struct wish *wish, const struct meant *meant, struct wish_reply *reply)
{
	struct slice self = slice_str(asker->session.profile);

	if (asker->kind == ASKER_ROOT)
		return meant->profile.len > 0 ? WISH_DONE : WISH_NO_SESSION;
	if (row->who == ASKER_ROOT ||
		(meant->profile.len > 0 && !slice_equal(meant->profile, self)))
		return WISH_REFUSED;
	if (asker->kind != ASKER_SELF)
		return asker->why;
	if (slice_equal(meant->owner, self))
		return WISH_OWN;
	if (!slice_equal(meant->owner, slice_str(asker->owner)))
		return WISH_UNKNOWN_OWNER;
	if (!asker->flagged)
		return WISH_DONE;
	return wish->code[0] == '\0' ? WISH_NEEDS_CODE : verify(asker, auth, wish->code, reply);
}

/* --- both, and then it is done */

static enum wish_result fulfil(struct book *book, const struct asker *asker, const char *auth,
	const struct row *row, const struct wish *wish, struct wish_reply *reply)
{
	struct meant meant;
	enum wish_result result;

	if (row == NULL || !take(row, wish, &meant))
		return WISH_MALFORMED;
	result = admit(asker, auth, row, wish, &meant, reply);
	if (result != WISH_DONE)
		return result;
	if (meant.profile.len == 0)
		meant.profile = slice_str(asker->session.profile);
	copy(reply->profile, sizeof reply->profile, (const char *)meant.profile.at);
	result = book_lock(book);
	return result == WISH_DONE ? row->act(book, &meant) : result;
}

/* Fields as in the lines of the module, so that one reader reads them all. */
static void log_wish(const struct asker *asker, const struct row *row, const struct wish *wish,
	const struct wish_reply *reply, const struct book *book)
{
	enum wish_result result = (enum wish_result)reply->result;
	bool done = result == WISH_DONE || result == WISH_NOTHING;
	const char *user = asker->kind == ASKER_ROOT ? "root" : asker->session.user;
	uint8_t digest[SHA256_SIZE];
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
	logline_field(&line, "rhost", asker->session.rhost);
	if (row != NULL && row->names == NAMES_OWNER)
		logline_field(&line, "owner", wish->owner);
	if (row != NULL && row->names == NAMES_KEY && wish->key_len <= sizeof wish->key) {
		sha256_of(slice_of(wish->key, wish->key_len), digest);
		logline_key(&line, digest);
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

	*reply = (struct wish_reply){ .magic = WISH_MAGIC, .version = WISH_VERSION };
	reply->op = row != NULL ? wish->op : 0;
	copy(reply->profile, sizeof reply->profile, asker->session.profile);
	reply->result = fulfil(book, asker, auth, row, wish, reply);
	log_wish(asker, row, wish, reply, book);
}
