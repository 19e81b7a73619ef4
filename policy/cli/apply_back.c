/*
 * What is installed and what waits to be confirmed, found before anything else; and going back to
 * what the waiting one has replaced; see apply.h.
 */
#include "cli/apply.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

static int look_at_installed(struct apply *a)
{
	a->found = db_open(&a->installed, a->site.db, TRUST_CALLER);
	if (a->found != DB_FOUND)
		a->installed.fd = -1;
	if (a->found != DB_FOUND && a->found != DB_MISSING)
		fprintf(stderr, "warning: what is installed is damaged or of another version: "
				"compared with nothing\n");
	if (a->found == DB_FOUND && a->installed.meta.generation > a->highest)
		a->highest = a->installed.meta.generation;
	return a->highest < INT64_MAX ? EXIT_OK : complain("apply: no generation is left");
}

int apply_look_around(struct apply *a)
{
	char wrong[512];
	int ret = file_trusted_dir(a->site.state);

	if (ret != 0)
		return complain("apply: %s: %s", a->site.state,
			ret == -EPERM ? "it and all above it must be root's, and writable by "
					"nobody else"
				      : strerror(-ret));
	ret = trusted_keys_read(a->o->trusted_keys, TRUST_ROOT, &a->keys, wrong);
	if (ret != 0)
		return complain("apply: %s: %s", wrong,
			ret == -EBADMSG ? "no public key that `adperm keygen` made"
					: strerror(-ret));
	ret = installed_generation(a->site.state, &a->highest);
	if (ret == -ENOENT && a->keys.n > 0)
		return complain("apply: %s/policy.generation, which tells an older database from a "
				"newer one, is not there; if it was lost, `adperm trust reset` "
				"begins anew",
			a->site.state);
	if (ret != 0 && ret != -ENOENT)
		return complain("apply: %s/policy.generation, the number of the newest policy ever "
				"installed here, cannot be read: %s",
			a->site.state, strerror(-ret));
	return look_at_installed(a);
}

/*
 * Has what is on record really been installed, and is it there still? Where nothing can be read any
 * more it has, unless it was the first one, which then is gone already.
 */
static bool still_waits(const struct apply *a, const struct pending *pending)
{
	if (a->found == DB_FOUND)
		return a->installed.meta.generation == pending->generation;
	return a->found != DB_MISSING || !pending->is_first;
}

/* Reads what waits; `waits` stays NULL if nothing does. What is left of one that does not, goes. */
static int find_waiting(struct apply *a)
{
	int ret = pending_read(&a->site, &a->pending);

	if (ret == 0 && still_waits(a, &a->pending))
		a->waits = &a->pending;
	else if (ret == 0 && !a->o->dry_run)
		ret = pending_remove(&a->site);
	return ret == 0 || ret == -ENOENT
		       ? EXIT_OK
		       : complain("apply: %s/policy.confirm, which tells what waits to be "
				  "confirmed: %s",
				 a->site.state, strerror(-ret));
}

int apply_restore(struct apply *a)
{
	int ret;

	if (a->waits->is_first) {
		ret = installed_remove(&a->site);
	} else {
		ret = staged_restore(&a->staged, &a->site, a->generation);
		a->is_staged = false;
	}
	return ret == 0 ? pending_remove(&a->site) : ret;
}

/* Takes back what waits, without a question. EXIT_OK or EXIT_ERROR. */
static int take_back(struct apply *a)
{
	uint64_t generation = a->waits->generation;
	int code = a->waits->is_first ? EXIT_OK : stage_previous(a);
	int ret = code == EXIT_OK ? apply_restore(a) : 0;

	if (ret != 0)
		code = complain("apply: %s: %s", a->site.db, strerror(-ret));
	note("apply: generation %" PRIu64 ", which nobody confirmed, %s", generation,
		code == EXIT_OK ? "is taken back"
				: "cannot be taken back: see `adperm confirm --expired`");
	return code == EXIT_OK ? EXIT_OK : EXIT_ERROR;
}

void apply_done(struct apply *a)
{
	if (a->is_staged)
		staged_abandon(&a->staged);
	close_policy(&a->before);
	close_policy(&a->after);
	db_close(&a->installed);
}

int apply_expire(const struct apply_options *o, const struct site *site, uint64_t *taken_back)
{
	struct apply a = { .o = o, .site = *site, .installed = { .fd = -1 } };
	struct moment now;
	int code = apply_look_around(&a), ret = moment_now(&now);

	*taken_back = 0;
	if (code == EXIT_OK)
		code = find_waiting(&a);
	if (code == EXIT_OK && a.waits != NULL && ret != 0)
		code = complain("apply: which boot of the machine this is, cannot be read: %s",
			strerror(-ret));
	if (code == EXIT_OK && a.waits != NULL && term_is_over(&a.waits->term, &now)) {
		code = take_back(&a);
		if (code == EXIT_OK)
			*taken_back = a.waits->generation;
	}
	apply_done(&a);
	return code;
}

int apply_find_waiting(struct apply *a)
{
	int code = find_waiting(a);

	if (code != EXIT_OK || a->waits == NULL || a->o->undo || a->o->dry_run)
		return code;
	complain("apply: generation %" PRIu64 " waits to be confirmed: `adperm confirm` from a new "
		 "login keeps it, `adperm apply --undo` takes it back",
		a->waits->generation);
	return EXIT_NO;
}
