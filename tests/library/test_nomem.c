/*
 * Memory runs out at the first, the second, ... allocation: each function then answers "nomem" or
 * what is true, never anything else, loses nothing, and is as good as before afterwards. The
 * allocator is this program's, by its place before libc in the search for symbols.
 */
#include "world.h"

#define ALLOCATOR __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t size);
void __libc_free(void *at);

static long left = -1; /* allocations until they fail; -1: none does */
static bool once;      /* only one of them does */
static unsigned refused;
static long held; /* that have not been freed */

static bool runs_out(void)
{
	if (left > 0)
		left--;
	if (left != 0)
		return false;
	left = once ? -1 : 0;
	refused++;
	return true;
}

static void *count(void *at)
{
	held += at != NULL;
	return at;
}

ALLOCATOR void *malloc(size_t size)
{
	return runs_out() ? NULL : count(__libc_malloc(size));
}

ALLOCATOR void *calloc(size_t n, size_t size)
{
	return runs_out() ? NULL : count(__libc_calloc(n, size));
}

ALLOCATOR void *realloc(void *at, size_t size)
{
	if (runs_out())
		return NULL;
	held -= at != NULL;
	return count(__libc_realloc(at, size));
}

ALLOCATOR void free(void *at)
{
	held -= at != NULL;
	__libc_free(at);
}

static struct world world;

/* One use of everything; true if all of it succeeded. Counts what is neither true nor "nomem". */
static bool use_all(unsigned *wrong)
{
	const struct adperm_question q = {
		.who = ADPERM_LOGIN, .name = "plain", .permission = "ssh_users", .time = NOW
	};
	struct adperm *policy;
	struct adperm_answer answer = { .reason = ADPERM_NOMEM };
	struct adperm_held *list = NULL;
	struct adperm_contact *contacts = NULL;
	enum adperm_reason reason[4];
	size_t n;
	bool all = true;

	reason[0] = adperm_open(
		&(struct adperm_options){
			.db = world.db, .switch_conf = world.switch_conf, .people = world.people },
		&policy);
	*wrong += (reason[0] == ADPERM_OK) != (policy != NULL);
	if (policy == NULL) {
		*wrong += reason[0] != ADPERM_NOMEM;
		return false;
	}
	*wrong += adperm_ask(policy, &q, &answer) == ADPERM_DENY;
	reason[1] = answer.reason;
	reason[2] = adperm_holdings(policy, &q, &list, &n);
	*wrong += (reason[2] == ADPERM_OK) != (list != NULL);
	reason[3] = adperm_contacts(policy, &q, &contacts, &n);
	*wrong += (reason[3] == ADPERM_OK) != (contacts != NULL);
	for (size_t i = 0; i < 4; i++) {
		*wrong += reason[i] != ADPERM_OK && reason[i] != ADPERM_NOMEM;
		all &= reason[i] == ADPERM_OK;
	}
	adperm_free(list);
	adperm_free(contacts);
	adperm_close(policy);
	return all;
}

static unsigned open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void run_out(const char *what)
{
	unsigned wrong = 0, n = 0, files = open_files();
	long memory = held;

	do {
		refused = 0;
		left = (long)++n;
		use_all(&wrong);
		left = -1;
	} while (refused > 0 && n < 1000);
	ok(n > 20 && n < 1000, "%s, at each of %u", what, n - 1);
	is_int(wrong, 0, "%s: what is said is true, or nomem", what);
	is_int(open_files(), files, "%s: no file stays open", what);
	is_int(held, memory, "%s: no memory is lost", what);
}

int main(void)
{
	unsigned wrong = 0;

	if (!world_begin(&world))
		return tap_done();
	world_install(&world, YES, 3);
	ok(use_all(&wrong), "with memory everything is answered");
	run_out("from some allocation on all fail");
	once = true;
	run_out("one allocation fails");
	ok(use_all(&wrong) && wrong == 0, "and then everything is answered again");
	world_end(&world);
	return tap_done();
}
