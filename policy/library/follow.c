/*
 * A handle of a program that stays: each question is answered by what is installed at that moment.
 * Before a question the name of the database is looked up; if another file has it than the one that
 * is open, everything is opened anew, as adperm_open() would.
 *
 * Several threads may ask while that happens, each with the policy it began with. So what is open
 * lies in slots that count who uses them. No thread ever waits for another, hence no lock that a
 * fork(2) could leave shut in the child: who finds no free slot opens the policy for one question.
 *
 * A slot's count goes 0 -> CLAIMED -> OPEN + users -> CLAIMED -> 0, and only who brought it to
 * CLAIMED touches what is in it. Who counts itself in and then sees that the slot was not open
 * takes itself out again and has touched nothing.
 */
#include "library/follow.h"

#include "switch/handle.h"
#include "switch/hold.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS   8
#define OPEN    (1u << 30)
#define CLAIMED (1u << 31)
#define NO_SLOT SLOTS /* the policy is open for this question alone */
#define NOWHERE (-1)  /* no error of a path: what was opened is found by none */

/*
 * A larger database is read from its file. The slice of a server is some kilobytes; a whole one of
 * half a million grants has a hundred megabytes, which every program would have for itself.
 */
#define KEEP_MOST (4u << 20)

/*
 * Which file a path leads to. As long as it is open its inode cannot become another file's, so
 * these are enough to know it again; the times betray who writes into it.
 */
struct seen {
	int error; /* why there is none, 0, or NOWHERE */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

struct slot {
	_Atomic unsigned users;
	struct adperm *open;
	struct seen seen;
};

struct shelf {
	struct adperm_options options; /* copies of our own; db and server as they were settled */
	_Atomic unsigned current;      /* the slot of what was seen last, which is open */
	struct slot slot[SLOTS];
};

static const size_t texts[] = {
	offsetof(struct adperm_options, db),
	offsetof(struct adperm_options, switch_conf),
	offsetof(struct adperm_options, people),
	offsetof(struct adperm_options, server),
	offsetof(struct adperm_options, sources),
};

#define TEXTS (sizeof texts / sizeof texts[0])

_Static_assert(sizeof(struct adperm_options) == TEXTS * sizeof(char *), "all options are copied");

static const char **text_of(struct adperm_options *options, size_t i)
{
	return (const char **)((char *)options + texts[i]);
}

static bool copy_options(const struct adperm_options *from, struct adperm_options *to)
{
	struct adperm_options all = *from;

	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = *text_of(&all, i);

		*text_of(to, i) = text != NULL ? strdup(text) : NULL;
		if (text != NULL && *text_of(to, i) == NULL)
			return false;
	}
	return true;
}

/* --- which file it is */

static struct seen seen_of(const struct stat *state)
{
	return (struct seen){ .dev = state->st_dev,
		.ino = state->st_ino,
		.size = state->st_size,
		.written = state->st_mtim,
		.changed = state->st_ctim };
}

static struct seen look(const char *path)
{
	struct stat state;

	if (lstat(path, &state) != 0)
		return (struct seen){ .error = errno };
	return seen_of(&state);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_nsec == b->tv_nsec && a->tv_sec == b->tv_sec;
}

static bool same_file(const struct seen *a, const struct seen *b)
{
	return a->error == b->error && a->ino == b->ino && a->dev == b->dev && a->size == b->size &&
	       same_time(&a->written, &b->written) && same_time(&a->changed, &b->changed);
}

static bool leads_to(const struct seen *seen, const struct stat *state)
{
	const struct seen file = seen_of(state);

	return same_file(seen, &file);
}

/* --- slots */

/* Counts us in. False: it is no longer open, and current is another one. */
static bool slot_enter(struct slot *slot)
{
	return (atomic_fetch_add(&slot->users, 1) & OPEN) != 0;
}

/* Counts us out; the last one closes. */
static void slot_leave(struct slot *slot)
{
	unsigned users = atomic_load(&slot->users);

	for (;;) {
		if (users != (OPEN | 1)) {
			if (atomic_compare_exchange_weak(&slot->users, &users, users - 1))
				return;
		} else if (atomic_compare_exchange_weak(&slot->users, &users, CLAIMED)) {
			handle_close(slot->open);
			atomic_fetch_sub(&slot->users, CLAIMED);
			return;
		}
	}
}

/* Puts what was opened into a free slot and makes that the current one; NO_SLOT if none is free. */
static unsigned shelve(struct shelf *shelf, struct adperm *opened, const struct seen *seen)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct slot *slot = &shelf->slot[i];
		unsigned none = 0, before;

		if (!atomic_compare_exchange_strong(&slot->users, &none, CLAIMED))
			continue;
		slot->open = opened;
		slot->seen = *seen;
		/* One user is whoever asks, one that it is the current one. */
		atomic_fetch_add(&slot->users, OPEN + 2 - CLAIMED);
		before = atomic_exchange(&shelf->current, i);
		if (before != NO_SLOT)
			slot_leave(&shelf->slot[before]);
		return i;
	}
	return NO_SLOT;
}

/* --- opening */

struct db *follow_database(const struct adperm *opened)
{
	for (unsigned i = 0; i < opened->n; i++)
		if (opened->at[i].unavail == ADPERM_OK &&
			opened->at[i].source.ops == &source_db_ops)
			return opened->at[i].source.state;
	return NULL;
}

/*
 * Opens what is installed now. If another file took its place, or somebody wrote into it, while it
 * was being opened, it counts as seen nowhere: the next question opens it once more.
 */
static enum adperm_reason open_now(struct shelf *shelf, struct hold *hold)
{
	struct seen seen = look(shelf->options.db);
	struct adperm *opened;
	struct db *db;
	struct stat state;
	enum adperm_reason why = handle_open(&shelf->options, &opened);

	if (why != ADPERM_OK)
		return why;
	db = follow_database(opened);
	if (db != NULL && (fstat(db->fd, &state) != 0 || !leads_to(&seen, &state)))
		seen.error = NOWHERE;
	if (db != NULL)
		db_keep(db, KEEP_MOST);
	hold->now = opened;
	hold->slot = shelve(shelf, opened, &seen);
	hold->own = hold->slot == NO_SLOT ? opened : NULL;
	return ADPERM_OK;
}

enum adperm_reason hold_begin(const struct adperm *policy, struct hold *hold)
{
	struct shelf *shelf = policy->shelf;
	struct slot *slot;

	do {
		struct seen seen = look(shelf->options.db);

		hold->slot = atomic_load(&shelf->current);
		slot = &shelf->slot[hold->slot];
		if (slot_enter(slot) && same_file(&slot->seen, &seen)) {
			hold->now = slot->open;
			hold->own = NULL;
			return ADPERM_OK;
		}
		slot_leave(slot);
	} while (hold->slot != atomic_load(&shelf->current));
	return open_now(shelf, hold);
}

void hold_end(const struct adperm *policy, const struct hold *hold)
{
	if (hold->slot == NO_SLOT)
		handle_close(hold->own);
	else
		slot_leave(&policy->shelf->slot[hold->slot]);
}

/* --- the handle */

void adperm_close(struct adperm *policy)
{
	struct shelf *shelf;

	if (policy == NULL)
		return;
	shelf = policy->shelf;
	/* Others may stand, in a child of fork(2), as a thread of the parent was leaving them. */
	for (unsigned i = 0; i < SLOTS; i++)
		if ((atomic_load(&shelf->slot[i].users) & OPEN) != 0)
			handle_close(shelf->slot[i].open);
	for (size_t i = 0; i < TEXTS; i++)
		free((void *)(uintptr_t)*text_of(&shelf->options, i));
	free(shelf);
	free(policy);
}

/* From the first opening on the handle is about one server, whatever is installed later. */
static bool settle(struct adperm *policy, const struct adperm *opened)
{
	struct adperm_options *options = &policy->shelf->options;

	memcpy(policy->server, opened->server, sizeof policy->server);
	if (options->server == NULL && opened->server[0] != '\0')
		options->server = strdup(opened->server);
	return options->server != NULL || opened->server[0] == '\0';
}

enum adperm_reason adperm_open(const struct adperm_options *options, struct adperm **policy)
{
	static const struct adperm_options usual = { .db = NULL };
	struct adperm_options o = options != NULL ? *options : usual;
	struct adperm *made = calloc(1, sizeof *made);
	struct shelf *shelf = calloc(1, sizeof *shelf);
	struct hold hold = { .slot = NO_SLOT };
	enum adperm_reason why = ADPERM_NOMEM;

	*policy = NULL;
	if (made == NULL || shelf == NULL) {
		free(made);
		free(shelf);
		return ADPERM_NOMEM;
	}
	made->shelf = shelf;
	shelf->current = NO_SLOT;
	o.db = o.db != NULL ? o.db : ADPERM_DB;
	if (copy_options(&o, &shelf->options))
		why = open_now(shelf, &hold);
	if (why == ADPERM_OK) {
		why = settle(made, hold.now) ? ADPERM_OK : ADPERM_NOMEM;
		hold_end(made, &hold);
	}
	if (why == ADPERM_OK)
		*policy = made;
	else
		adperm_close(made);
	return why;
}
