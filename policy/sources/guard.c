/*
 * What stands between a source and whoever asks: loads the shared object, lets one thread in at a
 * time, checks every answer (reply.c), keeps the time, and leaves a source alone for a while that
 * has wasted somebody's. The only thing that sources.so exports is the way in.
 */
#include "sources/reply.h"
#include "switch/plugin.h"

#include "base/sshkey.h"
#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define SECOND  INT64_C(1000000000)
#define ALLOWED (ADPERM_SOURCE_SECONDS * SECOND + SECOND / 4) /* for a look-up; then it is late */
#define SHORT   SECOND /* one that failed sooner has wasted nobody's time */

/* What changes. */
struct busy {
	pthread_mutex_t lock;
	void *state;
	struct reply reply;
	int64_t rest_until;           /* not asked before */
	enum adperm_reason rests_for; /* with this reason */
	char trouble[ADPERM_NAME_SIZE + REPLY_TROUBLE_SIZE];
};

struct guard {
	const struct adperm_source *source;
	struct busy *busy;
	char name[ADPERM_NAME_SIZE];
};

static int64_t now(void)
{
	struct timespec t = { .tv_sec = 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* Who finds the source busy waits as long as a look-up may take: what holds it is one. */
static bool enter(struct busy *busy)
{
	int64_t end = now() + ALLOWED;
	struct timespec until = { .tv_sec = end / SECOND, .tv_nsec = end % SECOND };

	return pthread_mutex_clocklock(&busy->lock, CLOCK_MONOTONIC, &until) == 0;
}

static void leave(struct busy *busy)
{
	pthread_mutex_unlock(&busy->lock);
}

/* Keeps why it failed: the source's name, and what it said or was found to have said. */
static void note_trouble(const struct guard *g, enum adperm_reason why)
{
	struct busy *busy = g->busy;
	struct text t = text_over(busy->trouble, sizeof busy->trouble);

	text_add(&t, g->name);
	text_add(&t, ": ");
	text_add(
		&t, busy->reply.trouble[0] != '\0' ? busy->reply.trouble : adperm_reason_text(why));
}

/* A look-up with its words. */
struct words {
	enum { LOGIN, KEY, SERVER, ACCOUNT, HOLDING } kind;
	struct slice name, server, blob;
	const uint8_t *digest;
};

/* Names that the ABI has as texts ended by NUL. */
struct texts {
	char name[ADPERM_EMAIL_SIZE], server[ADPERM_HOST_SIZE];
};

static bool copy(char *out, size_t room, struct slice text)
{
	struct text t = text_over(out, room);

	text_add_slice(&t, text);
	return !t.cut && (text.len == 0 || memchr(text.at, '\0', text.len) == NULL);
}

static enum adperm_source_status call(
	const struct guard *g, const struct words *w, const struct texts *t)
{
	struct adperm_record *record = &g->busy->reply.record;
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];
	void *state = g->busy->state;

	switch (w->kind) {
	case LOGIN:
		return g->source->login != NULL ? g->source->login(state, t->name, record)
						: ADPERM_SOURCE_NOTFOUND;
	case KEY:
		if (g->source->key == NULL)
			return ADPERM_SOURCE_NOTFOUND;
		sshkey_fingerprint(w->digest, fingerprint);
		return g->source->key(state, fingerprint, w->blob.at, w->blob.len, record);
	case SERVER: return g->source->server(state, t->server, record);
	case ACCOUNT:
		return g->source->account != NULL
			       ? g->source->account(state, t->name, t->server, record)
			       : ADPERM_SOURCE_NOTFOUND;
	case HOLDING: break;
	}
	return g->source->holding(state, t->name, t->server, record);
}

/*
 * What a look-up came to, with the time it took. What came late is not used, whatever it says; and
 * after time was wasted, the next ones are spared it.
 */
static enum adperm_reason weigh(
	struct busy *busy, enum adperm_reason why, enum adperm_reason absent, int64_t took)
{
	if (took > ALLOWED)
		why = ADPERM_POLICY_SOURCE_LATE;
	if (why != ADPERM_OK && why != absent && took > SHORT) {
		busy->rest_until = now() + ADPERM_SOURCE_REST * SECOND;
		busy->rests_for = why;
	}
	return why;
}

/* One look-up; the answer can be read until leave(), which is due if this is ADPERM_OK. */
static enum adperm_reason look_up(const struct guard *g, const struct words *w,
	enum reply_part wanted, enum adperm_reason absent)
{
	struct slice person = w->kind == HOLDING ? w->name : slice_of(NULL, 0);
	struct busy *busy = g->busy;
	struct texts texts;
	enum adperm_reason why;
	int64_t start;

	if (!copy(texts.name, sizeof texts.name, w->name) ||
		!copy(texts.server, sizeof texts.server, w->server))
		return absent;
	if (!enter(busy))
		return ADPERM_POLICY_TRYAGAIN;
	start = now();
	why = busy->rests_for;
	if (why == ADPERM_OK || start >= busy->rest_until) {
		busy->rests_for = ADPERM_OK;
		reply_begin(&busy->reply, wanted, person);
		why = reply_end(&busy->reply, call(g, w, &texts), absent);
		why = weigh(busy, why, absent, now() - start);
		if (why != ADPERM_OK && why != absent)
			note_trouble(g, why);
	}
	if (why != ADPERM_OK)
		leave(busy);
	return why;
}

/* The e-mail that such a look-up found. */
static enum adperm_reason find_person(
	const struct guard *g, const struct words *w, char profile[static ADPERM_EMAIL_SIZE])
{
	enum adperm_reason why = look_up(g, w, REPLY_PERSON, ADPERM_UNKNOWN_PERSON);

	if (why != ADPERM_OK)
		return why;
	memcpy(profile, g->busy->reply.person, ADPERM_EMAIL_SIZE);
	leave(g->busy);
	return ADPERM_OK;
}

static enum adperm_reason find_login(
	const void *state, struct slice login, char profile[static ADPERM_EMAIL_SIZE])
{
	return find_person(state, &(struct words){ .kind = LOGIN, .name = login }, profile);
}

static enum adperm_reason find_key(const void *state, const uint8_t digest[static SHA256_SIZE],
	struct slice blob, char profile[static ADPERM_EMAIL_SIZE])
{
	return find_person(
		state, &(struct words){ .kind = KEY, .digest = digest, .blob = blob }, profile);
}

static enum adperm_reason find_server(const void *state, struct slice server)
{
	const struct guard *g = state;
	enum adperm_reason why = look_up(g, &(struct words){ .kind = SERVER, .server = server },
		REPLY_NOTHING, ADPERM_UNKNOWN_SERVER);

	if (why == ADPERM_OK)
		leave(g->busy);
	return why;
}

static enum adperm_reason find_account(
	const void *state, struct slice account, struct slice server, bool *ssh_2fa)
{
	const struct guard *g = state;
	const struct words words = { .kind = ACCOUNT, .name = account, .server = server };
	enum adperm_reason why = look_up(g, &words, REPLY_ACCOUNT, ADPERM_UNKNOWN_ACCOUNT);

	if (why != ADPERM_OK)
		return why;
	*ssh_2fa = g->busy->reply.ssh_2fa;
	leave(g->busy);
	return ADPERM_OK;
}

static enum adperm_reason find_holding(
	const void *state, struct slice profile, struct slice server, struct held *held)
{
	const struct guard *g = state;
	const struct words words = { .kind = HOLDING, .name = profile, .server = server };
	enum adperm_reason why = look_up(g, &words, REPLY_PROFILE, ADPERM_UNKNOWN_PERSON);

	if (why != ADPERM_OK)
		return why;
	why = reply_held(&g->busy->reply, held);
	leave(g->busy);
	return why;
}

static void tell_trouble(const void *state, char *out, size_t room)
{
	const struct guard *g = state;
	struct text t = text_over(out, room);

	if (!enter(g->busy))
		return;
	text_add(&t, g->busy->trouble);
	leave(g->busy);
}

static void close_guard(void *state)
{
	struct guard *g = state;

	if (g->busy->state != NULL)
		g->source->close(g->busy->state);
	reply_done(&g->busy->reply);
	pthread_mutex_destroy(&g->busy->lock);
	free(g->busy);
	free(g);
}

static const struct source_ops guard_ops = {
	.name = "plugin",
	.login = find_login,
	.key = find_key,
	.server = find_server,
	.account = find_account,
	.holding = find_holding,
	.close = close_guard,
	.trouble = tell_trouble,
};

static bool is_whole(const struct adperm_source *s)
{
	return s->abi == ADPERM_SOURCE_ABI && s->size == sizeof *s && s->open != NULL &&
	       s->server != NULL && s->holding != NULL && s->close != NULL;
}

/*
 * The source's own open. What it cannot do now it will not be asked to do later: the look-ups fail
 * with what it said, and the sources before it in the switch go on answering.
 */
static void open_state(struct guard *g, const char *config)
{
	struct busy *busy = g->busy;
	enum adperm_reason why;

	reply_begin(&busy->reply, REPLY_NOTHING, slice_of(NULL, 0));
	why = reply_end(&busy->reply, g->source->open(config, &busy->reply.record, &busy->state),
		ADPERM_POLICY_UNAVAIL);
	if (why == ADPERM_OK && busy->state == NULL)
		why = ADPERM_POLICY_SOURCE_RECORD;
	if (why == ADPERM_OK)
		return;
	busy->state = NULL;
	busy->rests_for = why;
	busy->rest_until = INT64_MAX;
	note_trouble(g, why);
}

static enum adperm_reason open_guard(
	const char *path, const char *name, const char *config, struct source *out)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const struct adperm_source *source = object != NULL ? dlsym(object, "adperm_source") : NULL;
	struct guard *g = calloc(1, sizeof *g);
	struct busy *busy = calloc(1, sizeof *busy);
	enum adperm_reason why = ADPERM_NOMEM;

	if (g == NULL || busy == NULL)
		goto failed;
	why = ADPERM_POLICY_SOURCE_ABI;
	if (source == NULL || !is_whole(source) || !copy(g->name, sizeof g->name, slice_str(name)))
		goto failed;
	pthread_mutex_init(&busy->lock, NULL);
	g->source = source;
	g->busy = busy;
	open_state(g, config);
	*out = (struct source){ .ops = &guard_ops, .state = g, .not_after = WHEN_NEVER };
	return ADPERM_OK;
failed:
	free(g);
	free(busy);
	return why;
}

const struct plugin_host adperm_sources = {
	.size = PLUGIN_SIZE,
	.version = ADPERM_VERSION,
	.open = open_guard,
};
