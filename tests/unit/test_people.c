/* What root's tool asks of adpermd, and what it changes for codes: over a real state, at any time.
 */
#include "judging.h"

#include "adpermd/source.h"

static struct proto_reply last;

/* Asks as root, with whatever `request` says; the reply is in `last`. */
static uint32_t tell(const struct proto_request *request, int64_t now)
{
	return answer(request, 0, now, &last);
}

static uint32_t about(unsigned op, const char *profile, const char *code, int64_t now)
{
	struct proto_request request = question(op, profile, code);

	return tell(&request, now);
}

static uint32_t verify_from(const char *from, const char *code, int64_t now)
{
	struct proto_request request = question(PROTO_VERIFY, alice, code);

	snprintf(request.from, sizeof request.from, "%s", from);
	return tell(&request, now);
}

static uint32_t enroll_pending(const char *profile, int64_t now, struct secret *secret)
{
	struct proto_request request = question(PROTO_ENROLL, profile, "");
	uint32_t result;

	request.pending = 1;
	request.replace = 1;
	result = tell(&request, now);
	if (secret != NULL)
		oath_base32_decode(last.secret, strlen(last.secret), &secret->bytes, &secret->len);
	return result;
}

static const char *wrong_code(const struct secret *secret, int64_t now)
{
	static char wrong[9];

	for (int number = 0; number < 1000; number++) {
		bool near = false;

		snprintf(wrong, sizeof wrong, "%06d", number);
		for (int step = -2; step <= 2; step++)
			near = near || strcmp(code_at(secret, now + 30 * step), wrong) == 0;
		if (!near)
			break;
	}
	return wrong;
}

static void confirmation(void)
{
	struct secret old = enroll(alice, NOON), new = { NULL, 0 };
	struct proto_request forget = question(PROTO_REMOVE, alice, "");

	is_int(about(PROTO_CONFIRM, alice, "123456", NOON), PROTO_NOT_ENROLLED, "nothing waits");
	is_int(enroll_pending(alice, NOON, &new), PROTO_YES, "a new secret waits");
	is_int(verify(alice, code_at(&old, NOON), NOON), PROTO_YES, "the old one is in force");
	is_int(verify(alice, code_at(&new, NOON), NOON), PROTO_BAD_CODE, "the new one is not");
	is_int(about(PROTO_STATUS, alice, "", NOON), PROTO_YES, "status");
	is_int(last.pending, 1, "says that one waits");
	for (int i = 1; i < GUESS_CONFIRM_BURST; i++)
		is_int(about(PROTO_CONFIRM, alice, wrong_code(&new, NOON), NOON), PROTO_BAD_CODE,
			"wrong codes put nothing in force");
	for (int i = 0; i < 20; i++)
		about(PROTO_CONFIRM, alice, "12345", NOON);
	is_int(last.result, PROTO_BAD_CODE, "nor do five digits, which are no guess");
	is_int(verify(alice, code_at(&old, NOON + 30), NOON), PROTO_YES,
		"and cost none of those at the door");
	is_int(about(PROTO_CONFIRM, alice, code_at(&new, NOON), NOON), PROTO_YES,
		"a right one does");
	is_int(verify(alice, code_at(&old, NOON + 60), NOON + 60), PROTO_BAD_CODE, "old is old");
	is_int(verify(alice, code_at(&new, NOON), NOON), PROTO_REPLAY, "its code is spent");
	is_int(verify(alice, code_at(&new, NOON + 30), NOON), PROTO_YES, "the next one is not");
	is_int(about(PROTO_CONFIRM, alice, code_at(&new, NOON), NOON), PROTO_NOT_ENROLLED, "once");
	free(old.bytes);
	free(new.bytes);

	enroll_pending("new@acme.example", NOON, &new);
	is_int(about(PROTO_STATUS, "new@acme.example", "", NOON), PROTO_NOT_ENROLLED,
		"who only waits is not enrolled");
	is_int(last.pending, 1, "but waits");
	is_int(about(PROTO_CONFIRM, "new@acme.example", code_at(&new, NOON + PROTO_PENDING_S),
		       NOON + PROTO_PENDING_S),
		PROTO_NOT_ENROLLED, "an hour is too long");
	is_int(about(PROTO_STATUS, "new@acme.example", "", NOON + PROTO_PENDING_S),
		PROTO_NOT_ENROLLED, "then status");
	is_int(last.pending, 0, "no longer says so");
	free(new.bytes);

	forget.pending = 1;
	enroll_pending(alice, NOON, NULL);
	is_int(tell(&forget, NOON), PROTO_YES, "what waits can be forgotten alone");
	is_int(tell(&forget, NOON), PROTO_NOT_ENROLLED, "once");
	is_int(about(PROTO_STATUS, alice, "", NOON), PROTO_YES, "what is in force stays");
}

/* Whoever has no more than the key could else try codes for an hour, and be shown what comes then.
 */
static void t59_a_secret_that_waits(void)
{
	struct secret secret = { NULL, 0 };

	for (int round = 0; round < 2; round++) {
		enroll_pending("guessed@acme.example", NOON, &secret);
		for (int i = 0; i < GUESS_CONFIRM_BURST; i++)
			is_int(about(PROTO_CONFIRM, "guessed@acme.example",
				       wrong_code(&secret, NOON), NOON),
				PROTO_BAD_CODE, "t59 guess %d at a secret that waits", i + 1);
		is_int(about(PROTO_CONFIRM, "guessed@acme.example", code_at(&secret, NOON), NOON),
			PROTO_NOT_ENROLLED, "t59 and it is forgotten");
		is_int(about(PROTO_STATUS, "guessed@acme.example", "", NOON), PROTO_NOT_ENROLLED,
			"t59 which status");
		is_int(last.pending, 0, "t59 says");
		free(secret.bytes);
	}
	enroll_pending("guessed@acme.example", NOON, &secret);
	is_int(about(PROTO_CONFIRM, "guessed@acme.example", code_at(&secret, NOON), NOON),
		PROTO_YES, "t59 the next one has guesses of its own");
	free(secret.bytes);
}

static void given_secrets(void)
{
	struct proto_request request = question(PROTO_ENROLL, "given@acme.example", "");
	struct secret secret = { (char *)request.secret, 20 };

	request.replace = 1;
	memcpy(request.secret, "12345678901234567890", 20);
	request.secret_len = 15;
	is_int(tell(&request, NOON), PROTO_MALFORMED, "t62 bytes behind the length");
	memset(request.secret + 15, 0, 5);
	is_int(tell(&request, NOON), PROTO_MALFORMED, "t62 fifteen bytes are too few");
	memcpy(request.secret, "12345678901234567890", 20);
	request.secret_len = 20;
	request.mark = NOON / 30;
	is_int(tell(&request, NOON), PROTO_YES, "a secret that is given is taken");
	ok(last.secret[0] == '\0', "and not told");
	is_int(verify("given@acme.example", code_at(&secret, NOON), NOON), PROTO_REPLAY,
		"what was used elsewhere is spent here");
	is_int(verify("given@acme.example", code_at(&secret, NOON + 30), NOON), PROTO_YES,
		"what comes after it is not");
	request.mark = 0;
	is_int(tell(&request, NOON), PROTO_YES, "taken once more, as when a list is read again,");
	is_int(verify("given@acme.example", code_at(&secret, NOON + 30), NOON), PROTO_REPLAY,
		"t57 what it was used for is spent all the same");
	is_int(tell(&request, NOON - 86400), PROTO_YES, "but when the clock was wrong then,");
	is_int(verify("given@acme.example", code_at(&secret, NOON - 86400), NOON - 86400),
		PROTO_YES, "nothing of it is");
	request.mark = NOON / 30 + 1000;
	is_int(tell(&request, NOON), PROTO_CLOCK, "a mark in the far future is a wrong clock");
	request.mark = -1;
	is_int(tell(&request, NOON), PROTO_MALFORMED, "a negative one is none");
	request.mark = 0;
	request.secret_len = PROTO_SECRET_MAX + 1;
	is_int(tell(&request, NOON), PROTO_MALFORMED, "t62 sixty-five bytes are too many");
}

static void t65_recovery_codes(void)
{
	char codes[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT], typed[64];
	struct secret secret = enroll(alice, NOON);
	unsigned length = 0;

	is_int(verify(alice, "aaaa-bbbb-cccc-dddd", NOON), PROTO_BAD_CODE, "t65 none at first");
	is_int(about(PROTO_RECOVERY, alice, "", NOON), PROTO_YES, "t65 ten are made");
	memcpy(codes, last.recovery, sizeof codes);
	for (int i = 0; i < PROTO_RECOVERY_CODES; i++)
		length += (unsigned)strlen(codes[i]);
	is_int(length, PROTO_RECOVERY_CODES * 19, "t65 of sixteen letters in four groups");
	is_int(verify(alice, codes[3], NOON), PROTO_YES, "t65 one lets in");
	is_int(verify(alice, codes[3], NOON), PROTO_BAD_CODE, "t65 once");
	snprintf(typed, sizeof typed, "%.4s%.4s%.4s%.4s", codes[4], codes[4] + 5, codes[4] + 10,
		codes[4] + 15);
	for (char *c = typed; *c != '\0'; c++)
		*c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
	is_int(about(PROTO_VERIFY, alice, typed, NOON), PROTO_YES,
		"t65 in upper case, without dashes");
	ok(last.recovery_used == 1 && last.recovery_left == 8, "t65 it says how many are left");
	is_int(about(PROTO_STATUS, alice, "", NOON), PROTO_YES, "t65 and so does");
	is_int(last.recovery_left, 8, "t65 status");
	for (int i = 0; i < GUESS_RECOVERY_KNOWN_BURST - 2; i++)
		is_int(verify(alice, "aaaa-bbbb-cccc-dddd", NOON), PROTO_BAD_CODE, "t65 wrong");
	is_int(verify(alice, codes[5], NOON), PROTO_LOCKED, "t65 these guesses run out too");
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_YES,
		"t65 and take none from the codes of the app");
	for (int i = 0; i < 9; i++)
		verify_from("", wrong_code(&secret, NOON), NOON);
	is_int(verify(alice, code_at(&secret, NOON + 30), NOON), PROTO_LOCKED, "t60 out of those");
	is_int(verify(alice, codes[5], NOON + GUESS_RECOVERY_KNOWN_REGAIN_S), PROTO_YES,
		"t60 a recovery code lets in even then");
	is_int(about(PROTO_RECOVERY, alice, "", NOON), PROTO_YES, "t65 ten new ones");
	is_int(verify(alice, codes[6], NOON + 600), PROTO_BAD_CODE, "t65 end the old ones");
	memcpy(codes, last.recovery, sizeof codes);
	free(secret.bytes);
	secret = enroll(alice, NOON);
	is_int(about(PROTO_STATUS, alice, "", NOON), PROTO_YES, "t65 a new secret");
	is_int(last.recovery_left, 0, "t65 ends them as well");
	is_int(about(PROTO_RECOVERY, "not@acme.example", "", NOON), PROTO_NOT_ENROLLED,
		"t65 none for who is not enrolled");
	free(secret.bytes);
}

static void recovery_forms(void)
{
	static const char *const none[] = { "", "abcd-efgh-ijkl-mno", "abcd-efgh-ijkl-mnopq",
		"abcdefghijklmno", "abcdefghijklmnopq", "abcd efgh ijkl mnop",
		"abcde-fgh-ijkl-mnop", "abcd-efgh-ijkl-mno1", "abcdefghijklmn0p",
		"abcd-efgh-ijklmnop", "1234567890123456" };
	struct recovery_code code;

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		ok(!recovery_parse(none[i], &code), "\"%s\" is no recovery code", none[i]);
	ok(recovery_parse("ABCD-efgh-2345-67mn", &code) &&
			memcmp(code.letters, "abcdefgh234567mn", 16) == 0,
		"one in any case is");
}

static void t60_places(void)
{
	struct secret secret = enroll(alice, NOON);
	const char *wrong = wrong_code(&secret, NOON);
	int64_t day = NOON + 86400, late = day + SOURCE_REMEMBERED_S;

	is_int(verify_from("192.0.2.10", code_at(&secret, NOON), NOON), PROTO_YES, "t60 from home");
	for (int i = 0; i < GUESS_STRANGER_BURST; i++)
		verify_from(i % 2 == 0 ? "203.0.113.7" : "2001:db8::1", wrong, NOON);
	is_int(verify_from("198.51.100.1", code_at(&secret, NOON + 30), NOON), PROTO_LOCKED,
		"t60 strangers have used up what strangers have");
	is_int(last.retry_after, GUESS_STRANGER_REGAIN_S, "t60 and are told for how long");
	is_int(verify_from("192.0.2.10", code_at(&secret, NOON + 30), NOON), PROTO_YES,
		"t60 at home nobody notices");
	is_int(about(PROTO_UNLOCK, alice, "", NOON), PROTO_YES, "t60 root unlocks");
	is_int(verify_from("2001:db8::1", code_at(&secret, NOON + 60), NOON + 60), PROTO_YES,
		"t60 then a stranger comes in");
	is_int(verify_from("2001:db8::ffff", wrong_code(&secret, NOON + 60), NOON + 60),
		PROTO_BAD_CODE, "t60 another address of the same network");
	for (int i = 0; i < GUESS_STRANGER_BURST; i++)
		verify_from("2001:db8:0:1::1", wrong_code(&secret, NOON + 60), NOON + 60);
	is_int(verify_from("2001:db8:0:1::1", wrong_code(&secret, NOON + 60), NOON + 60),
		PROTO_LOCKED, "t60 that of another network is strange");
	for (int i = 1; i < GUESS_KNOWN_BURST; i++)
		is_int(verify_from("192.0.2.10", wrong_code(&secret, NOON + 60), NOON + 60),
			PROTO_BAD_CODE, "t59 known places share one budget: %d", i + 1);
	is_int(verify_from("::ffff:192.0.2.10", code_at(&secret, NOON + 90), NOON + 90),
		PROTO_LOCKED, "t59 however the address is written");
	is_int(verify_from("192.0.2.10", code_at(&secret, day), day), PROTO_YES,
		"t60 a day later all is as before");
	for (int i = 0; i < GUESS_STRANGER_BURST; i++)
		verify_from("192.0.2.10", wrong_code(&secret, late), late);
	is_int(verify_from("203.0.113.7", code_at(&secret, late), late), PROTO_LOCKED,
		"t60 who has been away for long guesses as a stranger");
	free(secret.bytes);
}

static void t60_recovery_codes_at_home(void)
{
	char codes[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT];
	struct secret secret = enroll(alice, NOON);

	about(PROTO_RECOVERY, alice, "", NOON);
	memcpy(codes, last.recovery, sizeof codes);
	is_int(verify_from("192.0.2.10", code_at(&secret, NOON), NOON), PROTO_YES, "t60 from home");
	for (int i = 0; i < GUESS_RECOVERY_BURST; i++)
		verify_from("203.0.113.7", "aaaa-bbbb-cccc-dddd", NOON);
	is_int(verify_from("203.0.113.7", codes[0], NOON), PROTO_LOCKED,
		"t60 strangers who flood it lock out strangers");
	is_int(verify_from("192.0.2.10", codes[0], NOON), PROTO_YES,
		"t60 at home a recovery code lets in all the same");
	free(secret.bytes);
}

static void places_are_few(void)
{
	struct secret secret;
	char from[32];
	int64_t last_at;

	is_int(about(PROTO_REMOVE, alice, "", NOON), PROTO_YES, "who is removed has no places");
	secret = enroll(alice, NOON);
	for (int i = 0; i < STORE_SOURCES_MAX + 2; i++) {
		snprintf(from, sizeof from, "192.0.2.%d", 100 + i);
		verify_from(from, code_at(&secret, NOON + 30 * i), NOON + 30 * i);
	}
	ok(store_source(judge.store, alice, "192.0.2.101", &last_at) == 0 && last_at == 0,
		"the oldest places are forgotten");
	ok(store_source(judge.store, alice, "192.0.2.102", &last_at) == 0 && last_at > 0,
		"the latest are not");
	free(secret.bytes);
}

static void pages(void)
{
	struct proto_request request = question(PROTO_LIST, "", "");
	char name[32], before[PROTO_PROFILE_SIZE] = "";
	unsigned count = 0, rounds = 0, out_of_order = 0, strange = 0;

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "p%d@list.example", i);
		free(enroll(name, NOON).bytes);
	}
	enroll_pending("pending@list.example", NOON, NULL);
	do {
		is_int(tell(&request, NOON), PROTO_YES, "a page of the list");
		for (unsigned i = 0; i < last.count; i++) {
			out_of_order += strcmp(before, last.entry[i].profile) >= 0;
			memcpy(before, last.entry[i].profile, sizeof before);
			strange += last.entry[i].digits != 6 && last.entry[i].digits != 8;
			count += strstr(before, "@list.example") != NULL;
		}
		memcpy(request.profile, before, sizeof before);
		rounds++;
	} while (last.count == PROTO_PAGE && rounds < 100);
	is_int(count, 40, "everybody enrolled is in it, once; who waits is not");
	ok(out_of_order == 0 && strange == 0, "in order, with what is known of them");
	store_begin(judge.store);
	store_enroll(judge.store, "p1@list.example", IN_FORCE, &(struct enrolment){ .mark = 0 });
	store_commit(judge.store);
	snprintf(request.profile, sizeof request.profile, "p0@list.example");
	is_int(tell(&request, NOON), PROTO_YES, "t67 a damaged record is listed");
	ok(strcmp(last.entry[0].profile, "p10@list.example") == 0 && last.entry[0].digits == 6 &&
			strcmp(last.entry[10].profile, "p1@list.example") == 0 &&
			last.entry[10].digits == 0,
		"t67 as that, and the others as always");
}

static void digits(void)
{
	struct proto_request request = question(PROTO_ENROLL, "eight@acme.example", "");

	request.digits = 8;
	tell(&request, NOON);
	is_int(about(PROTO_DIGITS, "eight@acme.example", "", NOON), PROTO_YES, "how many digits");
	is_int(last.digits, 8, "eight");
	is_int(about(PROTO_DIGITS, alice, "", NOON), PROTO_YES, "how many");
	is_int(last.digits, 6, "six");
	is_int(about(PROTO_DIGITS, "not@acme.example", "", NOON), PROTO_YES, "of who has none");
	is_int(last.digits, 6, "six as well");
}

static uint32_t rekey(uint8_t byte)
{
	struct proto_request request = question(PROTO_REKEY, "", "");

	memset(request.secret, byte, SEAL_KEY_SIZE);
	request.secret_len = SEAL_KEY_SIZE;
	return tell(&request, NOON);
}

static void t104_another_key(void)
{
	struct secret secret = enroll(alice, NOON), waiting = { NULL, 0 };
	struct enrolment damaged;
	char name[32];

	for (int i = 0; i < 450; i++) {
		snprintf(name, sizeof name, "p%d@rekey.example", i);
		free(enroll(name, NOON).bytes);
	}
	enroll_pending("waits@rekey.example", NOON, &waiting);
	store_find(judge.store, alice, IN_FORCE, &damaged);
	store_begin(judge.store);
	store_enroll(judge.store, "p7@rekey.example", IN_FORCE, &damaged);
	store_commit(judge.store);
	is_int(rekey(77), PROTO_YES, "t104 a new key");
	ok(last.left > 250, "t104 is given to some at a time: %u are left", last.left);
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_YES,
		"t104 all are judged meanwhile");
	is_int(rekey(78), PROTO_BUSY, "t104 no third one meanwhile");
	for (int i = 0; i < 10 && last.result != PROTO_NONE && (i == 0 || last.left > 0); i++)
		rekey(77);
	ok(last.result == PROTO_YES && last.left == 0, "t104 until none is left");
	seal_key_done(&ring.before);
	is_int(verify(alice, code_at(&secret, NOON + 30), NOON), PROTO_YES,
		"t104 then the old key is not needed any more");
	is_int(about(PROTO_CONFIRM, "waits@rekey.example", code_at(&waiting, NOON), NOON),
		PROTO_YES, "t104 also not for one who waited");
	is_int(verify("p7@rekey.example", "123456", NOON), PROTO_STORE_CORRUPT,
		"t104 what was damaged stays so");
	is_int(rekey(77), PROTO_YES, "t104 the same key again changes nothing");
	is_int(rekey(79), PROTO_YES, "t104 another one is the next");
	free(secret.bytes);
	free(waiting.bytes);
}

static void t57_an_old_copy(void)
{
	static const struct {
		unsigned op;
		uint32_t answer;
	} rows[] = { { PROTO_VERIFY, PROTO_STORE_ROLLBACK }, { PROTO_ENROLL, PROTO_STORE_ROLLBACK },
		{ PROTO_REMOVE, PROTO_STORE_ROLLBACK }, { PROTO_RECOVERY, PROTO_STORE_ROLLBACK },
		{ PROTO_UNLOCK, PROTO_STORE_ROLLBACK }, { PROTO_STATUS, PROTO_YES },
		{ PROTO_DIGITS, PROTO_YES }, { PROTO_LIST, PROTO_YES } };

	judge.stale = true;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(about(rows[i].op, alice, "", NOON), rows[i].answer,
			"t57 an old copy of the state: %s", judge_op_name(rows[i].op));
	judge.stale = false;
}

int main(void)
{
	judging_begin();
	confirmation();
	t59_a_secret_that_waits();
	given_secrets();
	t65_recovery_codes();
	recovery_forms();
	t60_places();
	t60_recovery_codes_at_home();
	places_are_few();
	pages();
	digits();
	t104_another_key();
	t57_an_old_copy();
	ok(sodium_is_zero(judge.secret, PROTO_SECRET_MAX), "t83 no secret stays behind");
	judging_end();
	return tap_done();
}
