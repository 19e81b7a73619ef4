/* adperm confirm: says, from a new login, that what `apply --confirm` installed may stay. */
#include "cli/apply.h"

#include "adperm.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

struct arguments {
	const char *db, *state, *trusted_keys;
	bool expired;
};

static const struct command_option options[] = {
	{ "expired", 0, NULL, offsetof(struct arguments, expired),
		"take back what was not confirmed in time" },
	{ "db", 0, "FILE", offsetof(struct arguments, db), "the database (" ADPERM_DB ")" },
	{ "state", 0, "DIR", offsetof(struct arguments, state),
		"of the files beside it (its directory)" },
	{ "trusted-keys", 0, "DIR", offsetof(struct arguments, trusted_keys),
		"who may sign (" TRUSTED_KEYS ")" },
	{ .name = NULL },
};

static int confirm(const struct site *site)
{
	struct pending pending;
	int ret = pending_read(site, &pending);

	if (ret == -ENOENT) {
		complain("confirm: nothing waits to be confirmed");
		return EXIT_NO;
	}
	if (ret == 0 && !login_is_newer(&pending.term.since)) {
		complain("confirm: this login is older than generation %" PRIu64
			 ": what is to be shown is that a new one works; log in anew and confirm "
			 "from there",
			pending.generation);
		return EXIT_NO;
	}
	if (ret == 0)
		ret = pending_remove(site);
	if (ret != 0)
		return complain("confirm: %s/policy.confirm: %s", site->state, strerror(-ret));
	printf("Generation %" PRIu64 " stays.\n", pending.generation);
	return EXIT_OK;
}

/* For a timer: says nothing unless there was something to do. */
static int expire(const struct arguments *a, const struct site *site)
{
	const struct apply_options o = { .db = site->db,
		.trusted_keys = a->trusted_keys != NULL ? a->trusted_keys : TRUSTED_KEYS };
	uint64_t taken_back;
	int code = apply_expire(&o, site, &taken_back);

	if (taken_back != 0)
		printf("Generation %" PRIu64 " was not confirmed in time, and is taken back.\n",
			taken_back);
	return code;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .db = NULL };
	struct site site;
	int first, code, ret;

	if (!arguments_parse(&cmd_confirm, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_confirm, argv[first]);
	ret = site_at(&site, a.db != NULL ? a.db : ADPERM_DB, a.state);
	if (ret == 0)
		ret = site_lock(&site);
	if (ret == -EWOULDBLOCK)
		return complain("confirm: an apply is under way; try again");
	if (ret != 0)
		return complain("confirm: %s: %s", site.state, strerror(-ret));
	code = a.expired ? expire(&a, &site) : confirm(&site);
	site_unlock(&site);
	return code;
}

const struct command cmd_confirm = {
	.name = "confirm",
	.synopsis = "[--expired] [--db FILE] [--state DIR] [--trusted-keys DIR]",
	.summary = "Let stay what `adperm apply --confirm` installed; from a new login",
	.run = run,
	.options = options,
};
