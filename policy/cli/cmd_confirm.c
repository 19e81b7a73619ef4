/*
 * adperm confirm: says, from a new login, that what `apply --confirm` installed and what `wire`
 * wired may stay. With --expired, for a timer and the next boot: takes back what nobody confirmed
 * in time.
 */
#include "cli/apply.h"
#include "cli/wire.h"

#include "adperm.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

struct arguments {
	const char *db, *state, *trusted_keys, *wiring, *pid_file;
	bool expired;
};

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, expired, "expired", 0,
		"take back what was not confirmed in time"),
	OPTION_USUAL(struct arguments, db, "db", 0, "FILE", "the database", ADPERM_DB),
	OPTION_VALUE(struct arguments, state, "state", 0, "DIR",
		"of the files beside it (its directory)"),
	OPTION_TRUSTED_KEYS(struct arguments),
	OPTION_USUAL(struct arguments, wiring, "wiring", 0, "DIR", "where wire keeps records",
		RECORD_DIRECTORY),
	OPTION_PID_FILE(struct arguments),
	{ .name = NULL },
};

/* Both kinds of waiting things are looked at; the worse outcome counts. */
enum outcome { NOTHING_WAITS, STAYS, TOO_OLD, FAILED };

static enum outcome outcome_of(int error, const struct term *term, const char *what)
{
	if (error == -ENOENT)
		return NOTHING_WAITS;
	if (error != 0) {
		complain("confirm: %s: %s", what, strerror(-error));
		return FAILED;
	}
	if (login_is_newer(&term->since))
		return STAYS;
	complain("confirm: this login is older than %s: what is to be shown is that a new one "
		 "works; "
		 "log in anew and confirm from there",
		what);
	return TOO_OLD;
}

static enum outcome confirm_policy(const struct site *site)
{
	struct pending pending;
	char what[80] = "policy.confirm";
	int ret = pending_read(site, &pending);
	enum outcome outcome;

	if (ret == 0)
		snprintf(what, sizeof what, "generation %" PRIu64, pending.generation);
	outcome = outcome_of(ret, &pending.term, what);
	if (outcome == STAYS && (ret = pending_remove(site)) != 0)
		return outcome_of(ret, NULL, what);
	if (outcome == STAYS)
		printf("Generation %" PRIu64 " stays.\n", pending.generation);
	return outcome;
}

static enum outcome confirm_wiring(const char *directory)
{
	struct wiring_wait wait;
	char what[80] = "the record of what is wired";
	int ret = wiring_wait_read(directory, &wait);
	enum outcome outcome;

	if (ret == 0)
		snprintf(what, sizeof what, "the wiring of %s", wait.service);
	outcome = outcome_of(ret, &wait.term, what);
	if (outcome == STAYS && (ret = wiring_wait_remove(directory)) != 0)
		return outcome_of(ret, NULL, what);
	if (outcome == STAYS)
		printf("The wiring of %s stays.\n", wait.service);
	return outcome;
}

static int confirm(const struct arguments *a, const struct site *site)
{
	enum outcome policy = confirm_policy(site), wiring = confirm_wiring(a->wiring),
		     worse = policy > wiring ? policy : wiring;

	if (worse == NOTHING_WAITS)
		complain("confirm: nothing waits to be confirmed");
	return worse == STAYS ? EXIT_OK : worse == FAILED ? EXIT_ERROR : EXIT_NO;
}

/* For a timer: says nothing unless there was something to do. */
static int expire(const struct arguments *a, const struct site *site)
{
	const struct apply_options o = { .db = site->db, .trusted_keys = a->trusted_keys };
	char service[WIRING_SERVICE];
	uint64_t taken_back;
	int code, ret = wiring_expire(a->wiring, a->pid_file, service);

	if (service[0] != '\0')
		printf("The wiring of %s was not confirmed in time, and is taken back.\n", service);
	code = apply_expire(&o, site, &taken_back);
	if (taken_back != 0)
		printf("Generation %" PRIu64 " was not confirmed in time, and is taken back.\n",
			taken_back);
	return ret == 0 ? code : complain("confirm: %s/confirm: %s", a->wiring, strerror(-ret));
}

/* Where nothing was ever wired there is no directory, and nothing to lock. */
static int lock(struct arguments *a, struct site *site, int *wiring)
{
	int ret = site_lock(site);

	*wiring = -1;
	if (ret == -EWOULDBLOCK)
		return complain("confirm: an apply is under way; try again");
	if (ret != 0)
		return complain("confirm: %s: %s", site->state, strerror(-ret));
	*wiring = wiring_lock(a->wiring);
	if (*wiring >= 0 || *wiring == -ENOENT)
		return EXIT_OK;
	site_unlock(site);
	return complain("confirm: %s: %s", a->wiring,
		*wiring == -EWOULDBLOCK ? "somebody is wiring; try again" : strerror(-*wiring));
}

static int run(int argc, char **argv)
{
	struct arguments a = { .db = NULL };
	struct site site;
	int first, code, wiring;

	if (!arguments_parse(&cmd_confirm, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_confirm, argv[first]);
	if (site_at(&site, a.db, a.state) != 0)
		return complain("confirm: %s: the path is too long", a.db);
	code = lock(&a, &site, &wiring);
	if (code != EXIT_OK)
		return code;
	code = a.expired ? expire(&a, &site) : confirm(&a, &site);
	site_unlock(&site);
	if (wiring >= 0)
		close(wiring);
	return code;
}

const struct command cmd_confirm = {
	.name = "confirm",
	.synopsis = "[--expired]",
	.summary =
		"Let stay what `adperm apply` installed or `adperm wire` wired; from a new login",
	.run = run,
	.options = options,
};
