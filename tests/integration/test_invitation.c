/*
 * Invitations, by what is asked of a real adperm-people: what a code is, who may take it up and how
 * often, what an invited person may do and when it counts; and what people may do for themselves.
 */
#include "invited.h"

#include "base/sshkey.h"

#include <sys/resource.h>

#define PLAIN "plain@acme.example"
#define CODED "coded@acme.example"
#define OTHER "other@acme.example"

#define PROFILES                                                                                   \
	"  " PLAIN ": {login: plain}\n"                                                            \
	"  " CODED ": {login: coded}\n"                                                            \
	"  " OTHER ": {login: other, ssh_keys: [\"ssh-ed25519 "                                    \
	"AAAAC3NzaC1lZDI1NTE5AAAAICoqKioqKioqKioqKioqKioqKioqKioqKioqKioqKioq\"]}\n"
#define OTHERS_KEY 0x2a /* put_key() of that number */

#define GRANTS                                                                                     \
	"      - {to: [" PLAIN ", " OTHER "], servers: {" SERVER ": [ssh_users]}}\n"               \
	"      - {to: " CODED ", servers: {" SERVER ": [ssh_users]}, require_2fa: true}\n"         \
	"      - {to: " CODED ", accounts: {shop: [ssh]}, expires: 2038-01-01}\n"

static struct invited w;

/* --- what a code is */

static bool is_in_file(const char *name, const char *words)
{
	char path[256], bytes[PEOPLE_FILE_MAX];
	size_t len = 0;

	snprintf(path, sizeof path, "%s/%s", w.people, name);
	return words[0] != '\0' && file_read(path, TRUST_ROOT, bytes, sizeof bytes, &len) == 0 &&
	       memmem(bytes, len, words, strlen(words)) != NULL;
}

static void test_made(void)
{
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE], path[256];
	struct words first, second;
	struct stat state;

	is_int(invite(&w, CODED, WISH_PIN_MADE), WISH_DONE, "somebody is invited");
	first = words_of(&w);
	is_int(strlen(first.code), 34, "a code of 28 letters and 6 dashes");
	is_int(strspn(first.code, "abcdefghijklmnopqrstuvwxyz234567-"), 34,
		"t98 of 32 letters, so of 140 bits");
	is_int(strspn(first.pin, "0123456789"), 6, "and a PIN of six digits");
	is_int(w.reply.expires_at - w.reply.made_at, 86400, "for a day");
	sha256_of(slice_str(CODED), digest);
	people_name('i', digest, name);
	snprintf(path, sizeof path, "%s/%s", w.people, name);
	ok(stat(path, &state) == 0 && state.st_uid == 0 && (state.st_mode & 07777) == 0600,
		"in a file that is root's alone");
	ok(is_in_file(name, CODED), "which can be read here");
	ok(!is_in_file(name, first.code) && !is_in_file(name, first.pin),
		"t98 and has neither the code nor the PIN");
	invite(&w, CODED, WISH_PIN_MADE);
	second = words_of(&w);
	ok(strcmp(first.code, second.code) != 0, "another time it is another");
	is_int(redeem(&w, &first), WISH_BAD_CODE, "t98 which revokes the one before");
	is_int(redeem(&w, &second), WISH_DONE, "and is good itself");
	invite(&w, CODED, WISH_PIN_WAIVED);
	is_str(w.reply.pin, "", "without a PIN there is none");
}

/* --- who may take it up */

/* Texts of a frame are filled with NULs to their end. */
static struct words with(const struct words *words, const char *code, const char *pin)
{
	struct words other = { .place = HERE };

	snprintf(other.profile, sizeof other.profile, "%s", words->profile);
	snprintf(other.code, sizeof other.code, "%s", code);
	snprintf(other.pin, sizeof other.pin, "%s", pin);
	return other;
}

static void test_words(void)
{
	struct words good, bad;
	char *letter, blank[WISH_CODE_SIZE];

	invite(&w, CODED, WISH_PIN_MADE);
	bad = good = words_of(&w);
	letter = strchr(bad.code, '\0') - 1;
	*letter = *letter == 'a' ? 'b' : 'a';
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 another last letter");
	*letter = '\0';
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 a prefix");
	bad = good;
	strncat(bad.code, "a", 2);
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 a letter behind it");
	snprintf(blank, sizeof blank, " %.60s", good.code);
	bad = with(&good, blank, good.pin);
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 a blank before it");
	bad = good;
	for (char *c = bad.code; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 capital letters");
	bad = with(&good, "", good.pin);
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "none at all");
	bad = good;
	snprintf(bad.profile, sizeof bad.profile, "%s", OTHER);
	is_int(redeem(&w, &bad), WISH_NOT_INVITED, "t98 another person");
	invite(&w, OTHER, WISH_PIN_MADE);
	is_int(redeem(&w, &bad), WISH_BAD_CODE, "t98 who is invited too");
	for (int i = 0; i < INVITATION_PINS; i++)
		redeem(&w, &bad);
	is_int(redeem(&w, &good), WISH_DONE, "wrong codes cost nobody anything");
	root_wishes(&w, WISH_UNINVITE, OTHER);
}

static void test_pins(void)
{
	struct words good, bad;

	invite(&w, CODED, WISH_PIN_MADE);
	good = words_of(&w);
	bad = with(&good, good.code, "");
	is_int(redeem(&w, &bad), WISH_BAD_PIN, "without the PIN");
	bad = good;
	bad.pin[0] = good.pin[0] == '0' ? '1' : '0';
	for (int i = 2; i < INVITATION_PINS; i++)
		redeem(&w, &bad);
	is_int(redeem(&w, &good), WISH_DONE, "four wrong ones are borne");
	is_int(redeem(&w, &bad), WISH_BAD_PIN, "the fifth is not");
	is_int(redeem(&w, &good), WISH_NOT_INVITED, "and revokes it");
	invite(&w, PLAIN, WISH_PIN_WAIVED);
	good = words_of(&w);
	is_int(redeem(&w, &good), WISH_DONE, "where there is no PIN, none is asked");
}

static struct holder ended_process(void)
{
	struct holder holder;
	struct process process;
	pid_t child = fork();

	if (child == 0)
		pause();
	if (process_read(child, &process) != 0)
		bail("/proc");
	holder = (struct holder){ .pid = (uint32_t)child, .start = process.start };
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return holder;
}

static void test_holders(void)
{
	struct holder first = ended_process(), init = { .pid = 1 };
	struct words words, elsewhere;
	struct process process;

	process_read(1, &process);
	init.start = process.start;
	invite(&w, CODED, WISH_PIN_MADE);
	elsewhere = words = words_of(&w);
	snprintf(elsewhere.place, sizeof elsewhere.place, "203.0.113.8");
	is_int(redeem_for(&w, &words, first), WISH_DONE, "a session takes it up, and ends");
	is_int(redeem_for(&w, &elsewhere, init), WISH_HELD, "t98 from elsewhere nobody goes on");
	is_int(redeem_for(&w, &words, init), WISH_DONE, "from the same place they do");
	is_int(redeem(&w, &words), WISH_HELD, "t98 and while they do, nobody else from there");
	is_int(redeem_for(&w, &words, init), WISH_DONE, "but the same session");
	elsewhere.pin[0] = elsewhere.pin[0] == '0' ? '1' : '0';
	for (int i = 0; i < INVITATION_PINS; i++)
		redeem(&w, &elsewhere);
	is_int(redeem_for(&w, &words, init), WISH_DONE, "nobody elsewhere can use up the PINs");
	init.start++;
	is_int(redeem_for(&w, &words, init), WISH_HELD, "a number alone is no process");
	invite(&w, CODED, WISH_PIN_WAIVED);
	words = with(&words, w.reply.code, "");
	memset(words.place, 0, sizeof words.place);
	is_int(redeem_for(&w, &words, first), WISH_DONE, "from nowhere it begins");
	is_int(redeem_for(&w, &words, init), WISH_HELD, "and is not taken up again");
	invite(&w, CODED, WISH_PIN_WAIVED);
	words = words_of(&w);
	redeem(&w, &words);
	is_int(root_wishes(&w, WISH_INVITED, CODED), WISH_DONE, "it is told");
	is_int(w.reply.held, 1, "that it is held");
}

/* As many at once as there are, each a session of its own. */
static void test_race(void)
{
	enum { RACERS = 6, ROUNDS = 4 };
	int good = 0;

	for (int round = 0; round < ROUNDS; round++) {
		pid_t racers[RACERS];
		int won = 0, held = 0, result, told[2];
		struct words words;

		invite(&w, CODED, WISH_PIN_MADE);
		words = words_of(&w);
		fflush(stdout);
		if (pipe2(told, O_CLOEXEC) != 0)
			bail("pipe");
		for (int i = 0; i < RACERS; i++) {
			racers[i] = fork();
			if (racers[i] == 0) {
				result = redeem(&w, &words);
				if (write(told[1], &result, sizeof result) != sizeof result)
					_exit(1);
				/* It stays until all have asked. */
				pause();
			}
		}
		for (int i = 0; i < RACERS; i++) {
			if (read(told[0], &result, sizeof result) != sizeof result)
				bail("a racer");
			won += result == WISH_DONE;
			held += result == WISH_HELD;
		}
		for (int i = 0; i < RACERS; i++) {
			kill(racers[i], SIGKILL);
			waitpid(racers[i], NULL, 0);
		}
		close(told[0]);
		close(told[1]);
		good += won == 1 && held == RACERS - 1;
	}
	is_int(good, ROUNDS, "t98 of %d at once, one wins", RACERS);
}

/* As if its time had passed. */
static void run_out(const char *profile)
{
	struct book book = { .directory = w.people, .lock = -1 };
	struct invitation i;

	if (invitation_load(&book, slice_str(profile), &i) != WISH_DONE)
		bail("no invitation to run out");
	i.expires_at = time(NULL);
	invitation_store(&book, &i);
}

static void test_ended(void)
{
	struct wish wish = wish_of(WISH_INVITE, CODED);
	struct words words;

	invite(&w, CODED, WISH_PIN_MADE);
	words = words_of(&w);
	is_int(root_wishes(&w, WISH_UNINVITE, CODED), WISH_DONE, "one is revoked");
	is_int(redeem(&w, &words), WISH_NOT_INVITED, "t98 and good for nothing");
	is_int(root_wishes(&w, WISH_UNINVITE, CODED), WISH_NOT_INVITED, "once");
	wish.seconds = 60;
	is_int(wish_as(&w, 0, &wish), WISH_DONE, "one for a minute");
	is_int(w.reply.expires_at - w.reply.made_at, 60, "runs out after that");
	words = words_of(&w);
	log_in(&w, CODED, LIVE_SESSION_INVITED, "no");
	redeem(&w, &words);
	run_out(CODED);
	is_int(redeem(&w, &words), WISH_EXPIRED, "t98 is none after that");
	is_int(wishes_key(&w, WISH_OFFER_KEY, 1, ""), WISH_EXPIRED, "also for who holds it");
	wish.seconds = WISH_INVITED_MAX_S + 1;
	is_int(wish_as(&w, 0, &wish), WISH_MALFORMED, "none is for longer than a month");
}

/* --- what invited people may do */

/* Invites, and this process is their login, which holds it. */
static struct words come_in(const char *profile, enum wish_pin no_pin)
{
	struct words words;

	invite(&w, profile, no_pin);
	words = words_of(&w);
	log_in(&w, profile, LIVE_SESSION_INVITED, "no");
	if (redeem(&w, &words) != WISH_DONE)
		bail("an invitation is not taken up");
	return words;
}

static void test_holdings(void)
{
	come_in(CODED, WISH_PIN_MADE);
	is_int(wishes(&w, WISH_HOLDINGS, ""), WISH_DONE, "they see what they hold");
	is_int(w.reply.count, 2, "both grants");
	is_str(w.reply.owner, OWNER, "of whom");
	is_str(w.reply.server, SERVER, "where");
	is_str(w.reply.entry[0].permission, "server.ssh_users", "a permission of the server");
	is_int(w.reply.entry[0].flagged, 1, "with the flag");
	is_str(w.reply.entry[1].permission, "account.ssh", "one of an account");
	is_str(w.reply.entry[1].account, "shop", "of which");
	is_int(w.reply.entry[1].until, 2145916800 + 86400, "until when");
	ok(w.reply.flagged == 1 && w.reply.enrolled == 0, "a code is needed, and there is none");
}

static void test_flagged(void)
{
	struct secret secret;
	struct words words = come_in(CODED, WISH_PIN_MADE);
	struct wish bad = wish_of(WISH_OFFER_KEY, "");
	char code[9];

	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NO_KEY, "nothing to activate yet");
	bad.key_len = 32;
	is_int(wish_as(&w, NOBODY, &bad), WISH_BAD_KEY, "zeros are no key");
	is_int(wishes_key(&w, WISH_OFFER_KEY, OTHERS_KEY, ""), WISH_FOREIGN_KEY,
		"a key that the policy gives to somebody else");
	is_int(wishes_key(&w, WISH_OFFER_KEY, 1, ""), WISH_DONE, "a good one waits");
	is_int(wishes(&w, WISH_KEYS, ""), WISH_DONE, "and is told");
	ok(w.reply.waits == 1 && w.reply.key_len > 0, "as one that waits");
	is_int(wishes(&w, WISH_ACTIVATE, "123456"), WISH_NO_SECRET, "no secret waits yet");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_DONE, "they get a secret");
	take_secret(&w, &secret);
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NEEDS_CODE, "a code of it is needed");
	wrong_code_of(&secret, code);
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_BAD_CODE, "a right one");
	ok(!key_is_of(&w, 1, CODED), "so far the key opens nothing");
	is_int(ask(&w.daemon, PROTO_STATUS, "adperm", CODED, ""), PROTO_NOT_ENROLLED,
		"nor is there a second factor");
	code_of(&secret, 0, code);
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_DONE, "with it all is in force");
	is_int(strlen(w.reply.recovery[WISH_RECOVERY_CODES - 1]), WISH_RECOVERY_TEXT - 1,
		"with recovery codes");
	ok(key_is_of(&w, 1, CODED), "the key");
	is_int(ask(&w.daemon, PROTO_STATUS, "adperm", CODED, ""), PROTO_YES, "the second factor");
	is_int(ask(&w.daemon, PROTO_VERIFY, "adperm", CODED, code), PROTO_REPLAY,
		"whose first code is spent");
	is_int(redeem(&w, &words), WISH_NOT_INVITED, "t98 the invitation is too");
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_NOT_HELD, "and the session holds nothing");
}

static void test_unflagged(void)
{
	come_in(PLAIN, WISH_PIN_UNFLAGGED);
	is_int(wishes_key(&w, WISH_OFFER_KEY, 1, ""), WISH_FOREIGN_KEY,
		"a key that somebody else has registered");
	is_int(wishes_key(&w, WISH_OFFER_KEY, 2, ""), WISH_DONE, "without the flag a key");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_NOTHING, "and no second factor");
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_DONE, "is all");
	is_str(w.reply.recovery[0], "", "no recovery codes");
	ok(key_is_of(&w, 2, PLAIN), "it opens");
	come_in(CODED, WISH_PIN_UNFLAGGED);
	wishes_key(&w, WISH_OFFER_KEY, 3, "");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_NEEDS_PIN,
		"where the flag came later, a PIN is missing");
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NEEDS_PIN, "for everything");
	come_in(CODED, WISH_PIN_WAIVED);
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_DONE, "unless root has waived it");
}

/* Somebody of whom sshd has verified a key that is theirs needs no other one. */
static void test_with_key(void)
{
	struct live_session session = { .service = "sshd",
		.user = "nobody",
		.rhost = HERE,
		.permission = LIVE_SESSION_INVITED };
	uint8_t digest[SHA256_SIZE];
	struct wish key;
	struct words words;

	put_key(&key, OTHERS_KEY);
	sha256_of(slice_of(key.key, key.key_len), digest);
	sshkey_fingerprint(digest, session.key);
	snprintf(session.profile, sizeof session.profile, "%s", PLAIN);
	invite(&w, PLAIN, WISH_PIN_UNFLAGGED);
	words = words_of(&w);
	live_session_leave(w.sessions, &session);
	redeem(&w, &words);
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NO_KEY, "another's key is none");
	snprintf(session.profile, sizeof session.profile, "%s", OTHER);
	invite(&w, OTHER, WISH_PIN_UNFLAGGED);
	words = words_of(&w);
	live_session_leave(w.sessions, &session);
	redeem(&w, &words);
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_DONE, "one's own is enough");
	is_int(root_wishes(&w, WISH_INVITED, OTHER), WISH_NOT_INVITED, "and the invitation spent");
}

static void test_limits(void)
{
	struct wish renounce = wish_of(WISH_RENOUNCE, "");
	struct words words = come_in(CODED, WISH_PIN_MADE);

	snprintf(renounce.owner, sizeof renounce.owner, "%s", OWNER);
	is_int(wish_as(&w, NOBODY, &renounce), WISH_NOT_HERE, "who is invited renounces nothing");
	is_int(wishes_key(&w, WISH_ADD_KEY, 9, ""), WISH_NOT_HERE, "nor adds a key at once");
	is_int(root_wishes(&w, WISH_ENROLL, CODED), WISH_NO_SESSION, "root enrols nobody here");
	invite(&w, CODED, WISH_PIN_MADE);
	is_int(wishes(&w, WISH_HOLDINGS, ""), WISH_NOT_HELD,
		"t98 invited again, the session before holds nothing");
	words = words_of(&w);
	redeem_for(&w, &words, ended_process());
	is_int(wishes_key(&w, WISH_OFFER_KEY, 9, ""), WISH_NOT_HELD, "nor what another holds");
	come_in(CODED, WISH_PIN_MADE);
	invited_policy(
		&w, PROFILES, "      - {to: " OTHER ", servers: {" SERVER ": [ssh_users]}}\n");
	is_int(wishes_key(&w, WISH_OFFER_KEY, 9, ""), WISH_NO_POLICY,
		"t98 whose grant was removed is none");
	invited_policy(&w, PROFILES,
		"      - {to: " CODED ", accounts: {shop: [ssh]}, expires: 2026-01-01}\n");
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NO_POLICY, "whose grant has expired is none");
	invited_policy(&w, "  " CODED ": {suspended: true}\n", GRANTS);
	is_int(wishes(&w, WISH_ACTIVATE, ""), WISH_NO_POLICY, "nor who is suspended");
	invited_policy(&w, PROFILES, GRANTS);
	is_int(wishes(&w, WISH_HOLDINGS, ""), WISH_DONE, "with the grant they are again");
}

static void test_again(void)
{
	struct wish wish = wish_of(WISH_INVITE, CODED);
	struct secret secret;

	root_wishes(&w, WISH_FORGET, CODED);
	is_int(wish_as(&w, 0, &wish), WISH_DONE, "who has nothing is invited");
	enroll(&w.daemon, CODED, 6, &secret);
	is_int(wish_as(&w, 0, &wish), WISH_HAS_KEY, "who has a second factor is not");
	wish.reset = 1;
	is_int(wish_as(&w, 0, &wish), WISH_DONE, "unless it is to go");
	is_int(ask(&w.daemon, PROTO_STATUS, "adperm", CODED, ""), PROTO_NOT_ENROLLED, "it is gone");
	wish = wish_of(WISH_INVITE, PLAIN);
	is_int(wish_as(&w, 0, &wish), WISH_HAS_KEY, "nor who has registered a key");
	is_int(root_wishes(&w, WISH_FORGET, PLAIN), WISH_DONE, "root forgets all of somebody");
	ok(!key_is_of(&w, 2, PLAIN), "the key");
	is_int(root_wishes(&w, WISH_FORGET, PLAIN), WISH_NOTHING, "once");
}

/* Those that are there are told one by one. */
static void test_list(void)
{
	struct wish wish = wish_of(WISH_INVITED, "");
	unsigned mailed = 0;

	invite(&w, PLAIN, WISH_PIN_UNFLAGGED);
	invite(&w, CODED, WISH_PIN_MADE);
	is_int(root_wishes(&w, WISH_MAILED, CODED), WISH_DONE, "a message was handed over");
	while (wish_as(&w, 0, &wish) == WISH_DONE) {
		mailed += w.reply.mailed;
		wish.number++;
	}
	is_int(wish.number, 2, "all are told");
	is_int(mailed, 1, "and whose message was handed over");
	is_int(w.reply.result, WISH_NOT_INVITED, "till there are no more");
}

/* --- what people may do for themselves */

static void test_self(void)
{
	struct secret secret, next;
	char code[9];

	root_wishes(&w, WISH_FORGET, PLAIN);
	root_wishes(&w, WISH_FORGET, CODED);
	log_in(&w, PLAIN, "server.ssh_users", "no");
	is_int(wishes_key(&w, WISH_ADD_KEY, 7, ""), WISH_NOT_ENROLLED,
		"without a second factor nobody adds a key");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_NOT_ENROLLED, "or a first second factor");
	is_int(wishes_key(&w, WISH_OFFER_KEY, 7, ""), WISH_NOT_HERE, "or lets one wait");
	is_int(wishes_key(&w, WISH_REMOVE_KEY, 7, ""), WISH_NOTHING, "but takes one away");
	enroll(&w.daemon, CODED, 6, &secret);
	log_in(&w, CODED, "server.ssh_users", "no");
	is_int(wishes_key(&w, WISH_ADD_KEY, 7, ""), WISH_NEEDS_CODE, "with one it must be proved");
	wrong_code_of(&secret, code);
	is_int(wishes_key(&w, WISH_ADD_KEY, 7, code), WISH_BAD_CODE, "by a right code");
	code_of(&secret, -1, code);
	is_int(wishes_key(&w, WISH_ADD_KEY, 7, code), WISH_DONE, "then a key is added");
	is_int(wishes_key(&w, WISH_REMOVE_KEY, 7, ""), WISH_NEEDS_CODE, "to take it away too");
	log_in(&w, CODED, "server.ssh_users", "yes");
	is_int(wishes_key(&w, WISH_REMOVE_KEY, 7, ""), WISH_DONE, "proved at the login, it counts");
	is_int(wishes_key(&w, WISH_ADD_KEY, OTHERS_KEY, ""), WISH_FOREIGN_KEY,
		"not a key that the policy gives to somebody");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_DONE, "and another secret is made");
	take_secret(&w, &next);
	code_of(&secret, 0, code);
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_BAD_CODE, "which wants a code of its own");
	code_of(&next, 0, code);
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_DONE, "and is in force then");
	is_int(strlen(w.reply.recovery[0]), WISH_RECOVERY_TEXT - 1, "with new recovery codes");
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_NO_SECRET, "once");
	is_int(wishes(&w, WISH_HOLDINGS, ""), WISH_DONE, "they see what they hold");
	ok(w.reply.enrolled == 1 && w.reply.proved == 1, "and that they are proved");
}

/* Somebody who has no more than the key, while a secret waits for its first code. */
static void test_guesses(void)
{
	struct secret secret;
	char code[9];

	log_in(&w, CODED, "server.ssh_users", "yes");
	is_int(wishes(&w, WISH_ENROLL, ""), WISH_DONE, "another secret waits");
	take_secret(&w, &secret);
	log_in(&w, CODED, "server.ssh_users", "no");
	wrong_code_of(&secret, code);
	for (int i = 0; i < 5; i++)
		is_int(wishes(&w, WISH_ACTIVATE, code), WISH_BAD_CODE, "t59 guess %d", i + 1);
	code_of(&secret, 0, code);
	is_int(wishes(&w, WISH_ACTIVATE, code), WISH_NO_SECRET,
		"t59 nobody tries codes until recovery codes are shown");
}

/* What the log is told of a file that cannot be written. */
static void test_no_room(void)
{
	const struct rlimit none = { 0, RLIM_INFINITY }, any = { RLIM_INFINITY, RLIM_INFINITY };
	struct book book = { .directory = w.people, .lock = -1 };
	struct invitation i;

	invite(&w, CODED, WISH_PIN_MADE);
	invitation_load(&book, slice_str(CODED), &i);
	i.wrong++;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	is_int(invitation_store(&book, &i), WISH_FAILED, "t68 no room for a file");
	setrlimit(RLIMIT_FSIZE, &any);
	is_int(book.error, -EFBIG, "t68 the reason is the kernel's");
	is_int(invitation_load(&book, slice_str(CODED), &i), WISH_DONE, "t68 the old one is there");
	is_int(i.wrong, 0, "t68 as it was");
}

/* A file that was cut at any byte is none, and is not written over; t18. */
static void test_damage(void)
{
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE], path[256], bytes[PEOPLE_FILE_MAX];
	struct words words;
	size_t len = 0, cut;
	int good = 0, all = 0;

	invite(&w, CODED, WISH_PIN_MADE);
	words = words_of(&w);
	sha256_of(slice_str(CODED), digest);
	people_name('i', digest, name);
	snprintf(path, sizeof path, "%s/%s", w.people, name);
	file_read(path, TRUST_ROOT, bytes, sizeof bytes, &len);
	for (cut = 0; cut < len; cut += 13, all++) {
		file_write(path, 0600, slice_of(bytes, cut));
		good += redeem(&w, &words) == WISH_DAMAGED;
	}
	is_int(good, all, "t18 a file that was cut is damaged");
	is_int(root_wishes(&w, WISH_UNINVITE, CODED), WISH_DONE, "and can be taken away");
	world_stop(&w.daemon, SIGTERM);
	is_int(root_wishes(&w, WISH_INVITE, CODED), WISH_NO_DAEMON,
		"without adpermd nobody knows who has a second factor");
	is_int(invite(&w, CODED, WISH_PIN_MADE), WISH_NO_DAEMON, "nor can it be taken away");
	is_int(invite(&w, PLAIN, WISH_PIN_UNFLAGGED), WISH_DONE, "where nothing asks for one");
	world_start(&w.daemon);
}

int main(void)
{
	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	invited_begin(&w);
	invited_policy(&w, PROFILES, GRANTS);
	test_made();
	test_words();
	test_pins();
	test_holders();
	test_race();
	test_ended();
	test_holdings();
	test_flagged();
	test_unflagged();
	test_limits();
	test_again();
	test_list();
	test_with_key();
	test_self();
	test_guesses();
	test_no_room();
	test_damage();
	invited_end(&w);
	return tap_done();
}
