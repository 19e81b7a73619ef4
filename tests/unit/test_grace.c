/* Grace: where a code that was accepted counts for a while, and what ends that. Over a real state.
 */
#include "judging.h"

#define HOUR 3600

static struct secret secret;
static int64_t code_time = NOON;

static struct proto_request at_door(unsigned op, const char *code)
{
	struct proto_request request = question(op, alice, code);

	snprintf(request.from, sizeof request.from, "192.0.2.10");
	snprintf(request.key, sizeof request.key, "SHA256:one");
	request.grace = HOUR;
	memset(request.terms, 7, sizeof request.terms);
	return request;
}

static uint32_t ask(const struct proto_request *request, uid_t peer, int64_t now)
{
	struct proto_reply reply;

	return answer(request, peer, now, &reply);
}

/* A new code for this question, at the time that is returned. */
static int64_t comes_in(struct proto_request request, uid_t peer)
{
	code_time += 60;
	request.op = PROTO_VERIFY;
	snprintf(request.code, sizeof request.code, "%s", code_at(&secret, code_time));
	is_int(ask(&request, peer, code_time), PROTO_YES, "a code is accepted");
	return code_time;
}

static uint32_t graced(int64_t now)
{
	struct proto_request request = at_door(PROTO_GRACE, "");

	return ask(&request, 0, now);
}

static void it_counts_for_its_time(void)
{
	int64_t at = comes_in(at_door(0, ""), 0);

	is_int(graced(at), PROTO_YES, "it counts at once");
	is_int(graced(at + HOUR - 1), PROTO_YES, "until its time is over");
	judge.latest = 0;
	store_close(judge.store);
	judging_open();
	is_int(graced(at + HOUR - 1), PROTO_YES, "also after a restart");
	is_int(graced(at + HOUR), PROTO_NO_GRACE, "not after it");
	judge.latest = 0;
}

/* Uses it, and so does not move it. */
static void it_is_not_prolonged(void)
{
	int64_t at = comes_in(at_door(0, ""), 0);

	for (int i = 0; i < 10; i++)
		graced(at + HOUR - 10 + i);
	is_int(graced(at + HOUR), PROTO_NO_GRACE, "being used does not prolong it");
	judge.latest = 0;
}

#define FIELD(name) offsetof(struct proto_request, name), sizeof((struct proto_request *)NULL)->name

/* One thing that is not the same as when the code was given. */
static void only_there(void)
{
	static const struct {
		const char *what;
		size_t offset, size;
		const char *other;
	} rows[] = {
		{ "service", FIELD(service), "ftp" },
		{ "address", FIELD(from), "192.0.2.11" },
		{ "unknown address", FIELD(from), "" },
		{ "name for an address", FIELD(from), "pc.example" },
		{ "key", FIELD(key), "SHA256:two" },
		{ "profile", FIELD(profile), "bob@acme.example" },
		{ "terms", FIELD(terms), "other" },
	};
	int64_t at = comes_in(at_door(0, ""), 0);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct proto_request request = at_door(PROTO_GRACE, "");
		char *field = (char *)&request + rows[i].offset;

		memset(field, 0, rows[i].size);
		memcpy(field, rows[i].other, strlen(rows[i].other) + 1);
		is_int(ask(&request, 0, at), PROTO_NO_GRACE, "not with another %s", rows[i].what);
	}
	is_int(graced(at), PROTO_YES, "but where it was given");
	struct proto_request mapped = at_door(PROTO_GRACE, "");

	snprintf(mapped.from, sizeof mapped.from, "::ffff:192.0.2.10");
	is_int(ask(&mapped, 0, at), PROTO_YES, "however the address is written");
}

static void the_shorter_one_counts(void)
{
	struct proto_request request = at_door(PROTO_GRACE, "");
	int64_t at = comes_in(request, 0);

	request.grace = 60;
	is_int(ask(&request, 0, at + 59), PROTO_YES, "a shorter grace than the code's");
	is_int(ask(&request, 0, at + 60), PROTO_NO_GRACE, "ends sooner");
	request.grace = 8 * HOUR;
	is_int(ask(&request, 0, at + HOUR), PROTO_NO_GRACE, "a longer one does not prolong it");
	request.grace = PROTO_GRACE_MAX_S + 1;
	is_int(ask(&request, 0, at), PROTO_MALFORMED, "none is longer than a day");
	judge.latest = 0;
}

static void t_revoke(void)
{
	struct proto_request request = question(PROTO_REVOKE, alice, "");

	ask(&request, 0, code_time);
}

static void t_wrong_code(void)
{
	struct proto_request request = at_door(PROTO_VERIFY, code_at(&secret, NOON - 86400));

	is_int(ask(&request, 0, code_time), PROTO_BAD_CODE, "a wrong code");
}

static void t_wrong_recovery_code(void)
{
	struct proto_request request = at_door(PROTO_VERIFY, "abcd-efgh-ijkl-mnop");

	is_int(ask(&request, 0, code_time), PROTO_BAD_CODE, "a wrong recovery code");
}

static void t_enrolment(void)
{
	free(secret.bytes);
	secret = enroll(alice, code_time);
}

static void t_removal(void)
{
	struct proto_request request = question(PROTO_REMOVE, alice, "");

	ask(&request, 0, code_time);
	t_enrolment();
}

static void what_ends_it(void)
{
	static const struct {
		const char *what;
		void (*happens)(void);
	} rows[] = {
		{ "being revoked", t_revoke },
		{ "a wrong code", t_wrong_code },
		{ "a wrong recovery code", t_wrong_recovery_code },
		{ "a new enrolment", t_enrolment },
		{ "a removal", t_removal },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		comes_in(at_door(0, ""), 0);
		is_int(graced(code_time), PROTO_YES, "it counts");
		rows[i].happens();
		is_int(graced(code_time), PROTO_NO_GRACE, "%s ends it", rows[i].what);
	}
}

static void clocks(void)
{
	int64_t at = comes_in(at_door(0, ""), 0);

	is_int(graced(at - 1), PROTO_NO_GRACE, "t63 not before the code was given");
	is_int(graced(at + 1800), PROTO_YES, "t63 half an hour later");
	is_int(graced(at + 60), PROTO_NO_GRACE, "t63 a clock that is put back prolongs nothing");
	is_int(graced(at + 1800), PROTO_YES, "t63 and where it was, it counts");
	is_int(graced(INT64_MAX), PROTO_NO_GRACE, "t63 the end of time");
	judge.latest = 0;
	at = comes_in(at_door(0, ""), 0);
	is_int(verify("bob@acme.example", "123456", at + HOUR), PROTO_NOT_ENROLLED,
		"t63 whatever is asked when its time is over");
	is_int(graced(at + 1), PROTO_NO_GRACE, "t63 ends it, if the clock is put back then");
	judge.latest = 0;
}

static void only_root(void)
{
	struct proto_request request = at_door(PROTO_GRACE, "");
	int64_t at;

	peers = (struct peers){ .count = 1 };
	peers.peer[0] = (struct peer){ .uid = 101,
		.operations = 1u << PROTO_VERIFY | 1u << PROTO_GRACE | 1u << PROTO_DIGITS,
		.services = 1,
		.service = { "sshd" } };
	t_revoke();
	at = comes_in(request, 101);
	is_int(graced(at), PROTO_NO_GRACE, "a code that another peer brought begins none");
	at = comes_in(request, 0);
	is_int(ask(&request, 101, at), PROTO_NO_GRACE, "nor is another told of root's");
	peers = (struct peers){ .count = 0 };
	is_int(ask(&request, 101, at), PROTO_REFUSED, "whom no list names is refused");
	request = question(PROTO_GRACES, "", "");
	is_int(ask(&request, 101, at), PROTO_REFUSED, "a list too");
	request = question(PROTO_REVOKE, alice, "");
	is_int(ask(&request, 101, at), PROTO_REFUSED, "and to end them");
}

static void old_copies(void)
{
	int64_t at = comes_in(at_door(0, ""), 0);

	judge.stale = true;
	is_int(graced(at), PROTO_STORE_ROLLBACK, "t68 a state that is too old gives none");
	judge.stale = false;
}

/* Pages, and how many there are of one person. */
static void lists(void)
{
	struct proto_request request = at_door(0, "");
	struct proto_request list = question(PROTO_GRACES, alice, "");
	struct proto_reply reply;
	unsigned told = 0, pages = 0;

	t_revoke();
	for (int i = 0; i < STORE_GRACES_MAX + 3; i++) {
		snprintf(request.from, sizeof request.from, "2001:db8::%d", i + 1);
		comes_in(request, 0);
	}
	do {
		is_int(answer(&list, 0, code_time, &reply), PROTO_YES, "a page");
		for (uint32_t i = 0; i < reply.count; i++) {
			ok(strcmp(reply.grace[i].profile, alice) == 0 &&
					strcmp(reply.grace[i].service, "sshd") == 0 &&
					strncmp(reply.grace[i].from, "2001:db8::", 10) == 0 &&
					reply.grace[i].until - reply.grace[i].at == HOUR &&
					reply.grace[i].number > list.after,
				"says where, and until when");
			list.after = reply.grace[i].number;
			told++;
		}
		pages++;
	} while (reply.count == PROTO_GRACE_PAGE && pages < 10);
	is_int(told, STORE_GRACES_MAX, "the latest of them");
	list = question(PROTO_GRACES, "bob@acme.example", "");
	is_int(answer(&list, 0, code_time, &reply), PROTO_YES, "another's");
	is_int(reply.count, 0, "are none");
	list = question(PROTO_GRACES, "", "");
	is_int(answer(&list, 0, code_time + 2 * HOUR, &reply), PROTO_YES, "later");
	is_int(reply.count, 0, "none is left");
}

int main(void)
{
	judging_begin();
	secret = enroll(alice, NOON);
	it_counts_for_its_time();
	it_is_not_prolonged();
	only_there();
	the_shorter_one_counts();
	what_ends_it();
	clocks();
	only_root();
	old_copies();
	lists();
	free(secret.bytes);
	judging_end();
	return tap_done();
}
