/* adperm confirm: says, from a new login, that what `apply --confirm` installed may stay. */
#include "cli/cli.h"
#include "cli/confirm.h"

#include "adperm.h"

#include <errno.h>
#include <inttypes.h>

struct arguments {
	const char *db, *state;
};

static const struct command_option options[] = {
	{ "db", 0, "FILE", offsetof(struct arguments, db), "the database (" ADPERM_DB ")" },
	{ "state", 0, "DIR", offsetof(struct arguments, state),
		"of the files beside it (its directory)" },
	{ .name = NULL },
};

static int confirm(struct site *site)
{
	struct pending pending;
	int ret = pending_read(site, &pending);

	if (ret == -ENOENT) {
		complain("confirm: nothing waits to be confirmed");
		return EXIT_NO;
	}
	if (ret != 0)
		return complain("confirm: %s/policy.confirm: %s", site->state, strerror(-ret));
	if (pending_is_watched(site) && !login_is_newer(&pending)) {
		complain("confirm: this login is older than generation %" PRIu64
			 ": what is to be shown is that a new one works; log in anew and confirm "
			 "from there",
			pending.generation);
		return EXIT_NO;
	}
	ret = pending_remove(site);
	if (ret != 0)
		return complain("confirm: %s/policy.confirm: %s", site->state, strerror(-ret));
	printf("Generation %" PRIu64 " stays.\n", pending.generation);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .db = NULL };
	struct site site;
	int first, code, ret;

	if (!arguments_parse(&cmd_confirm, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain("confirm: takes no arguments");
	ret = site_at(&site, a.db != NULL ? a.db : ADPERM_DB, a.state);
	if (ret == 0)
		ret = site_lock(&site);
	if (ret == -EWOULDBLOCK)
		return complain("confirm: an apply is under way; try again");
	if (ret != 0)
		return complain("confirm: %s: %s", site.state, strerror(-ret));
	code = confirm(&site);
	site_unlock(&site);
	return code;
}

const struct command cmd_confirm = {
	.name = "confirm",
	.synopsis = "[--db FILE] [--state DIR]",
	.summary = "Let stay what `adperm apply --confirm` installed; from a new login",
	.run = run,
	.options = options,
};
