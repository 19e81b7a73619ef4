/* What somebody gives back, and registered keys. */
#include "people/act.h"

#include "base/sshkey.h"
#include "switch/handle.h"

enum wish_result act_renounce(struct act *a)
{
	return slice_equal(a->profile, a->owner) ? WISH_OWN
						 : book_renounce(a->book, a->profile, a->owner);
}

enum wish_result act_readmit(struct act *a)
{
	return book_readmit(a->book, a->profile, a->owner);
}

static bool is_good_key(struct slice blob)
{
	struct slice type = sshkey_type(blob);

	return type.len > 0 && sshkey_check(type, blob) == SSHKEY_GOOD;
}

/*
 * By the policy, as far as that can be asked from here. It would never count for somebody else in
 * any case; so they are told before they rely on it.
 */
static bool is_anothers(const struct act *a, struct slice blob)
{
	char holder[ADPERM_EMAIL_SIZE];
	uint8_t digest[SHA256_SIZE];

	if (a->asker->rules == NULL)
		return false;
	sha256_of(blob, digest);
	return walk_key(a->asker->rules, digest, slice_of(NULL, 0), holder) == ADPERM_OK &&
	       !slice_equal(slice_str(holder), a->profile);
}

/* Whose the key is by the policy, or else who has registered it. */
static bool find_holder(const struct act *a, const uint8_t digest[static SHA256_SIZE],
	char holder[static ADPERM_EMAIL_SIZE])
{
	const struct slice any = { NULL, 0 };

	return (a->asker->rules != NULL &&
		       walk_key(a->asker->rules, digest, any, holder) == ADPERM_OK) ||
	       people_key(a->book->directory, TRUST_ROOT, digest, any, holder, ADPERM_EMAIL_SIZE) ==
		       PEOPLE_YES;
}

bool act_came_with_key(const struct act *a)
{
	char holder[ADPERM_EMAIL_SIZE];
	uint8_t digest[SHA256_SIZE];

	return sshkey_fingerprint_parse(slice_str(a->asker->session.key), digest) &&
	       find_holder(a, digest, holder) && slice_equal(slice_str(holder), a->profile);
}

enum wish_result act_add_key(struct act *a)
{
	if (!is_good_key(a->key))
		return WISH_BAD_KEY;
	return is_anothers(a, a->key) ? WISH_FOREIGN_KEY
				      : book_add_key(a->book, a->profile, a->key);
}

enum wish_result act_remove_key(struct act *a)
{
	return book_remove_key(a->book, a->profile, a->key);
}

enum wish_result act_forget_keys(struct act *a)
{
	return book_forget_keys(a->book, a->profile);
}

enum wish_result act_offer_key(struct act *a)
{
	enum wish_result result;

	if (!is_good_key(a->key))
		return WISH_BAD_KEY;
	if (is_anothers(a, a->key))
		return WISH_FOREIGN_KEY;
	result = book_may_add_key(a->book, a->profile, a->key);
	if (result != WISH_DONE && result != WISH_NOTHING)
		return result;
	memcpy(a->invitation.key, a->key.at, a->key.len);
	a->invitation.key_len = (uint16_t)a->key.len;
	return invitation_store(a->book, &a->invitation);
}

static enum wish_result give_key(struct act *a, struct slice blob, bool waits)
{
	if (blob.len == 0 || blob.len > sizeof a->reply->key)
		return WISH_NOTHING;
	memcpy(a->reply->key, blob.at, blob.len);
	a->reply->key_len = (uint16_t)blob.len;
	a->reply->waits = waits;
	return WISH_DONE;
}

/* Those that are registered, and behind them the one that waits. */
enum wish_result act_keys(struct act *a)
{
	const struct invitation *invitation = &a->invitation;
	uint32_t number = a->wish->number;
	struct people_lists lists;
	enum wish_result result = book_read(
		a->book, people_lists_read(a->book->directory, TRUST_ROOT, a->profile, &lists));

	if (result == WISH_DONE && number < lists.key_total)
		result = give_key(a, lists.keys[number], false);
	else if (result == WISH_DONE && number == lists.key_total &&
		 a->asker->kind == ASKER_INVITED)
		result = give_key(a, slice_of(invitation->key, invitation->key_len), true);
	else if (result == WISH_DONE)
		result = WISH_NOTHING;
	people_lists_done(&lists);
	return result;
}
