/*
 * What adperm-people is told by anybody, and what it finds on the disk. The first byte says which:
 * the frame of a wish, from root, a person, somebody invited or nobody; or the file of an
 * invitation. A frame is answered whatever it is, and what is shown once is shown for what was done
 * only; a file is an invitation that can be written again as it is, or none.
 */
#include "fuzz.h"
#include "people/invitation.h"
#include "people/judge.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

#define PERSON "bob@acme.example"

enum { FRAME_OF_ROOT = 0, FRAME_OF_PERSON, FRAME_OF_INVITED, FRAME_OF_NOBODY, A_FILE, WAYS };

/* Neither adpermd nor the log answers. */
int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol)
{
	must(domain == AF_UNIX && (type & SOCK_CLOEXEC) != 0 && protocol == 0);
	errno = EMFILE;
	return -1;
}

/* What would be written to the log is read, as everywhere; here too, where none may be. */
bool __wrap_logline_heard(void);
bool __wrap_logline_heard(void)
{
	return true;
}

static bool is_zero(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		if (at[i] != 0)
			return false;
	return true;
}

static void judge_frame(enum asker_kind kind, const uint8_t *data, size_t size)
{
	static struct wish wish;
	static struct wish_reply reply;
	struct asker asker = { .kind = kind, .why = WISH_NO_SESSION, .uid = 1 };
	/* No lock is to be had: everything before it is what this is about. */
	struct book book = { .directory = fuzz_path("people"), .lock = -1 };

	if (kind == ASKER_SELF || kind == ASKER_INVITED)
		memcpy(asker.session.profile, PERSON, sizeof PERSON);
	memset(&wish, 0, sizeof wish);
	memcpy(&wish, data, size < sizeof wish ? size : sizeof wish);
	judge_wish(&book, &asker, "/nonexistent/auth.sock", &wish, size, &reply);
	must(reply.magic == WISH_MAGIC && reply.version == WISH_VERSION);
	must(reply.result != WISH_NONE && reply.result != WISH_DONE);
	must(memchr(reply.profile, '\0', sizeof reply.profile) != NULL);
	must(is_zero(reply.code, sizeof reply.code) && is_zero(reply.pin, sizeof reply.pin));
	must(is_zero(reply.secret, sizeof reply.secret));
	must(is_zero(reply.recovery, sizeof reply.recovery));
	must(size == sizeof wish || reply.result == WISH_MALFORMED);
}

static void read_invitation(const uint8_t *data, size_t size)
{
	static struct invitation first, second;
	char directory[PATH_MAX], name[PEOPLE_NAME_SIZE];
	struct book book = { .directory = directory, .lock = -1 };
	uint8_t digest[SHA256_SIZE];
	enum wish_result result;

	sha256_of(slice_str(PERSON), digest);
	people_name('i', digest, name);
	snprintf(directory, sizeof directory, "%s", fuzz_file(name, data, size));
	*strrchr(directory, '/') = '\0';
	result = invitation_load(&book, slice_str(PERSON), &first);
	must(result == WISH_DONE || result == WISH_DAMAGED);
	if (result != WISH_DONE) {
		must(is_zero(&first, sizeof first));
		return;
	}
	must(strcmp(first.profile, PERSON) == 0 && first.key_len <= sizeof first.key);
	must(invitation_store(&book, &first) == WISH_DONE);
	must(invitation_load(&book, slice_str(PERSON), &second) == WISH_DONE);
	must(first.made_at == second.made_at && first.expires_at == second.expires_at);
	must(first.key_len == second.key_len && strcmp(first.place, second.place) == 0);
	must(memcmp(first.code, second.code, sizeof first.code) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_trusted() ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum asker_kind kinds[] = { ASKER_ROOT, ASKER_SELF, ASKER_INVITED,
		ASKER_NOBODY };

	if (size == 0)
		return 0;
	switch (data[0] % WAYS) {
	case A_FILE: read_invitation(data + 1, size - 1); break;
	default: judge_frame(kinds[data[0] % WAYS], data + 1, size - 1); break;
	}
	return 0;
}
