/*
 * adperm-people's side of its socket: a list of wishes, each with who asks and what adpermd says of
 * the code. Nobody is done a favour who may not ask it, a person only the one that persons may
 * have, and what is written can be read.
 */
#include "adpermd/client.h"
#include "base/base64.h"
#include "db/people.h"
#include "fuzz.h"
#include "logline.h"
#include "people/judge.h"

#include <dirent.h>
#include <unistd.h>

enum { WISHES = 6 };

/* How a wish begins: who asks, whether it is text, and adpermd's result. */
enum { BY_SELF = 1, BY_ROOT = 2, FLAGGED = 4, AS_BYTES = 8 };

static const char self[] = "alice@acme.example", owner[] = "ops@acme.example";

static struct book book;
static const char *people;
static uint32_t said;
static bool asked;

enum client_problem __wrap_client_ask(
	const char *path, struct proto_request *request, struct proto_reply *reply);
void __wrap_logline_send(const struct text *line);

enum client_problem __wrap_client_ask(
	const char *path, struct proto_request *request, struct proto_reply *reply)
{
	(void)path;
	must(request->op == PROTO_VERIFY && strcmp(request->profile, self) == 0);
	must(proto_text_good(request->code, sizeof request->code) && request->code[0] != '\0');
	*reply = (struct proto_reply){ .result = said, .retry_after = 7 };
	asked = true;
	return said == 0 ? CLIENT_UNREACHABLE : CLIENT_OK;
}

void __wrap_logline_send(const struct text *line)
{
	for (size_t i = 0; i < line->len; i++)
		must(line->at[i] >= ' ' && line->at[i] <= '~');
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!fuzz_trusted())
		return 1;
	people = strdup(fuzz_path("people"));
	must(people != NULL && book_open(&book, people) == WISH_DONE);
	return 0;
}

static void forget_all(void)
{
	DIR *dir = opendir(people);

	must(dir != NULL);
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/* Four lines: whom it is about, the owner, the code, and the key in base64. */
static void take_lines(struct slice *rest, struct wish *wish)
{
	long len;

	wish->magic = WISH_MAGIC;
	wish->version = WISH_VERSION;
	fuzz_text(fuzz_line(rest), wish->profile, sizeof wish->profile);
	fuzz_text(fuzz_line(rest), wish->owner, sizeof wish->owner);
	fuzz_text(fuzz_line(rest), wish->code, sizeof wish->code);
	len = base64_decode(fuzz_line(rest), wish->key, sizeof wish->key);
	wish->key_len = (uint16_t)(len > 0 ? len : 0);
}

static size_t take_bytes(struct slice *rest, struct wish *wish)
{
	size_t len = rest->len < sizeof *wish ? rest->len : sizeof *wish;

	memcpy(wish, rest->at, len);
	*rest = slice_of(rest->at + len, rest->len - len);
	return len;
}

static void judge(
	const struct asker *asker, const struct wish *wish, const struct wish_reply *reply)
{
	bool done = reply->result == WISH_DONE || reply->result == WISH_NOTHING;
	struct people_lists lists;
	enum people_result read;

	must(reply->magic == WISH_MAGIC && reply->version == WISH_VERSION);
	must(reply->op == 0 || reply->op == wish->op);
	must(reply->result >= WISH_DONE && reply->result <= WISH_FAILED);
	must(reply->result != WISH_FAILED && reply->result != WISH_BUSY &&
		reply->result != WISH_DAMAGED);
	must(memchr(reply->profile, '\0', sizeof reply->profile) != NULL);
	must(!done || reply->op != 0);
	if (asker->kind != ASKER_ROOT && done) {
		must(asker->kind == ASKER_SELF && wish->op == WISH_RENOUNCE);
		must(strcmp(reply->profile, self) == 0 && strcmp(wish->owner, owner) == 0);
		must(!asker->flagged || (asked && said == PROTO_YES));
	}
	if (!done)
		return;
	read = people_lists_read(people, TRUST_ROOT, slice_str(reply->profile), &lists);
	must(read == PEOPLE_YES || read == PEOPLE_NO);
	must(wish->op != WISH_RENOUNCE || lists.owner_total > 0);
	must(wish->op != WISH_ADD_KEY || lists.key_total > 0);
	must(wish->op != WISH_FORGET_KEYS || lists.key_total == 0);
	people_lists_done(&lists);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);

	for (int i = 0; i < WISHES && rest.len > 3; i++) {
		uint8_t how = rest.at[0];
		struct asker asker = { .kind = ASKER_NOBODY, .why = WISH_NO_SESSION };
		struct wish wish = { .magic = 0 };
		struct wish_reply reply;
		size_t len = sizeof wish;

		said = rest.at[1] % (PROTO_STORE_ROLLBACK + 1);
		asked = false;
		wish.op = rest.at[2] % 8;
		rest = slice_of(rest.at + 3, rest.len - 3);
		if ((how & AS_BYTES) != 0)
			len = take_bytes(&rest, &wish);
		else
			take_lines(&rest, &wish);
		if ((how & BY_ROOT) != 0) {
			asker.kind = ASKER_ROOT;
		} else if ((how & BY_SELF) != 0) {
			asker.kind = ASKER_SELF;
			asker.flagged = (how & FLAGGED) != 0;
			memcpy(asker.session.profile, self, sizeof self);
			memcpy(asker.owner, owner, sizeof owner);
		}
		judge_wish(&book, &asker, "/nonexistent", &wish, len, &reply);
		judge(&asker, &wish, &reply);
	}
	forget_all();
	return 0;
}
