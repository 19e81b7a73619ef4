/* What is to be installed, written complete beside the installed database; see apply.h. */
#include "cli/apply.h"

#include "adperm.h"
#include "lang/emit.h"
#include "lang/from_db.h"
#include "lang/lint.h"
#include "lang/set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static int failed(const struct apply *a, int error)
{
	if (error == -EMSGSIZE)
		return complain("apply: somebody holds more on this server than the database can "
				"store in one record (16 MiB); split the grants");
	if (error == -EBADMSG)
		return complain("apply: the database is damaged; nothing was installed");
	return complain("apply: cannot write beside %s: %s; what was installed is untouched",
		a->site.db, strerror(-error));
}

/* The file, and every directory above it, is root's and nobody else's to write. */
static bool is_trusted(const char *path, bool directory)
{
	char whole[PATH_MAX], here[PATH_MAX];
	struct stat state;
	int fd = -1, ret, n;

	if (path[0] != '/' && getcwd(here, sizeof here) == NULL)
		return false;
	n = snprintf(whole, sizeof whole, "%s%s%s", path[0] == '/' ? "" : here,
		path[0] == '/' ? "" : "/", path);
	if (n < 0 || n >= PATH_MAX)
		return false;
	while (n > 1 && whole[n - 1] == '/')
		whole[--n] = '\0';
	ret = directory ? file_trusted_dir(whole) : file_open(whole, TRUST_ROOT, &fd, &state);
	if (fd >= 0)
		close(fd);
	if (ret == -EPERM)
		complain("apply: %s: it and every directory above it must belong to root, be "
			 "writable by nobody else, and be no link; whoever may write there may "
			 "grant anything",
			path);
	else if (ret != 0)
		complain("apply: %s: %s", path, strerror(-ret));
	return ret == 0;
}

static bool paths_trusted(const char *const *paths, size_t n)
{
	struct diags *diags = diags_new();
	struct set set = { .files = NULL };
	bool good = diags != NULL;
	struct stat state;

	for (size_t i = 0; good && i < n; i++)
		if (lstat(paths[i], &state) == 0 && S_ISDIR(state.st_mode))
			good = is_trusted(paths[i], true);
	/* Files that cannot be found or read are reported when the policy is loaded. */
	if (good && set_find(&set, paths, n, diags)) {
		for (uint32_t i = 0; good && i < set.n; i++) {
			char path[PATH_MAX];

			good = set_path(&set.files[i], paths, path, sizeof path) &&
			       is_trusted(path, false);
		}
	}
	set_done(&set);
	diags_free(diags);
	return good;
}

/* The server that --server names, else the one that this machine is called. */
static uint32_t find_server(const struct apply *a, const struct policy *p)
{
	char host[HOST_MAX + 2] = "";
	uint32_t found;

	if (a->o->server != NULL) {
		found = policy_find(p, NAME_SERVER, slice_str(a->o->server));
		if (found == NO_INDEX)
			complain("apply: the policy has no server \"%s\"", a->o->server);
		return found;
	}
	gethostname(host, sizeof host - 1);
	found = policy_find(p, NAME_SERVER, slice_str(host));
	if (found != NO_INDEX)
		return found;
	complain(
		"apply: this machine is called \"%s\", which is no server of the policy; say which "
		"one it is with --server:",
		host);
	for (uint32_t i = 0; i < p->servers.n && i < 20; i++)
		fprintf(stderr, "  --server %s\n", policy_text(p, p->servers.at[i].name));
	if (p->servers.n > 20)
		fprintf(stderr, "  and %" PRIu32 " others\n", p->servers.n - 20);
	return NO_INDEX;
}

static int emit(struct apply *a, const struct policy *p, const struct emit_options *options)
{
	int ret;

	if (!a->is_staged) {
		ret = staged_create(&a->staged, &a->site);
		a->is_staged = ret == 0;
	} else {
		ret = staged_reset(&a->staged);
	}
	return ret == 0 ? policy_emit(p, options, a->staged.file.fd) : ret;
}

/* Made once more as what is installed was made: the same bytes mean that nothing has changed. */
static int emit_as_installed(struct apply *a, const struct policy *p, uint32_t server)
{
	const struct meta *meta = &a->installed.meta;
	const struct emit_options options = {
		.server = server,
		.generation = meta->generation,
		.not_after = WHEN_NEVER,
	};
	int ret;

	if (a->installed.fd < 0 || strcmp(a->installed.server, a->server) != 0 ||
		memcmp(meta->built_from, p->digest, sizeof p->digest) != 0)
		return 0;
	ret = emit(a, p, &options);
	a->unchanged = ret == 0 && staged_is_installed(&a->staged, &a->site);
	a->generation = meta->generation;
	return ret;
}

static int stage_loaded(struct apply *a, const struct policy *p)
{
	struct emit_options options = { .not_after = WHEN_NEVER };
	int ret;

	options.server = find_server(a, p);
	if (options.server == NO_INDEX)
		return EXIT_ERROR;
	snprintf(a->server, sizeof a->server, "%s",
		policy_text(p, p->servers.at[options.server].name));
	ret = run_tests(a, p);
	if (ret != EXIT_OK)
		return ret;
	ret = emit_as_installed(a, p, options.server);
	if (ret == 0 && !a->unchanged) {
		a->generation = a->highest + 1;
		options.generation = a->generation;
		ret = emit(a, p, &options);
	}
	return ret == 0 ? EXIT_OK : failed(a, ret);
}

int stage_policy(struct apply *a, const char *const *paths, size_t n)
{
	struct diags *diags;
	struct policy *p = NULL;
	int code = EXIT_ERROR;

	if (a->keys.n > 0) {
		complain("apply: %s holds keys, so that only a signed database is installed here: "
			 "`adperm compile --sign` makes one, `adperm apply FILE.cdb` takes it",
			a->o->trusted_keys);
		return EXIT_NO;
	}
	if (!paths_trusted(paths, n))
		return EXIT_ERROR;
	diags = diags_new();
	if (diags != NULL)
		p = policy_load(paths, n, diags);
	if (p != NULL && !policy_lint(p, a->now, diags))
		complain("apply: out of memory");
	if (diags != NULL)
		diags_print(diags, stderr);
	if (p != NULL)
		code = stage_loaded(a, p);
	else if (diags == NULL || diags_errors(diags) == 0)
		complain("apply: out of memory");
	else
		complain("apply: %zu error%s; what was installed is untouched", diags_errors(diags),
			diags_errors(diags) == 1 ? "" : "s");
	policy_free(p);
	diags_free(diags);
	return code;
}

/* Of which server a compiled database has to be: not what it says itself. */
static bool is_of_here(const struct apply *a, const struct db *db)
{
	char host[HOST_MAX + 2] = "";
	const char *here = a->o->server;

	if (db->server[0] == '\0') {
		complain(
			"apply: this is the database of all servers; make this server's slice with "
			"`adperm compile --server`");
		return false;
	}
	if (here == NULL && a->installed.fd >= 0)
		here = a->installed.server;
	if (here == NULL) {
		gethostname(host, sizeof host - 1);
		here = host;
	}
	if (strcmp(here, db->server) == 0)
		return true;
	complain("apply: this database is of %s, and this server is %s%s", db->server, here,
		a->o->server != NULL ? "" : "; if it is not, say what it is with --server");
	return false;
}

/* Where signatures are asked for: is the copy signed by somebody who counts? */
static bool is_signed(const struct apply *a, const struct db *db)
{
	struct signature by;
	enum signature_result signature =
		a->staged.signature_len > 0 ? SIGNATURE_GOOD : SIGNATURE_MISSING;

	if (a->keys.n > 0 && signature == SIGNATURE_GOOD)
		signature = signature_check(slice_of(a->staged.signature, a->staged.signature_len),
			a->staged.file.fd, db->meta.generation, db->server, &a->keys, &by);
	if (a->keys.n == 0 || signature == SIGNATURE_GOOD)
		return true;
	complain("apply: %s; %s says whose are taken here", signature_text(signature),
		a->o->trusted_keys);
	return false;
}

/* May a database that came from elsewhere be installed here? */
static bool is_acceptable(const struct apply *a, const struct db *db)
{
	if (!is_signed(a, db) || !is_of_here(a, db))
		return false;
	if (db->meta.not_after <= a->now) {
		complain("apply: this database does not count any more, if this machine's clock is "
			 "right");
		return false;
	}
	if (db->meta.generation > a->highest || a->unchanged)
		return true;
	complain("apply: this is generation %" PRIu64 ", and generation %" PRIu64
		 " has been installed here: an older policy does not come back; compile it with "
		 "--generation %" PRIu64 " or more",
		db->meta.generation, a->highest, a->highest + 1);
	return false;
}

/* Copies the database, and its signature if there is one; all checks are made on the copy. */
static int copy_database(struct apply *a, const char *path, enum trust trust)
{
	struct stat state;
	enum signature_result beside;
	int fd, ret = file_open(path, trust, &fd, &state);

	if (ret != 0)
		return complain("apply: %s: %s", path, strerror(-ret));
	ret = staged_create(&a->staged, &a->site);
	a->is_staged = ret == 0;
	if (ret == 0)
		ret = staged_copy(&a->staged, fd);
	close(fd);
	if (ret != 0)
		return failed(a, ret);
	beside = signature_read(path, trust, a->staged.signature, &a->staged.signature_len);
	if (beside != SIGNATURE_GOOD)
		a->staged.signature_len = 0;
	if (beside != SIGNATURE_GOOD && beside != SIGNATURE_MISSING)
		return complain("apply: %s" SIGNATURE_SUFFIX ": %s", path, signature_text(beside));
	return EXIT_OK;
}

int stage_database(struct apply *a, const char *path)
{
	/* A signed one is believed for its signature, wherever it comes from. */
	enum trust trust = a->keys.n > 0 ? TRUST_CALLER : TRUST_ROOT;
	struct db db;
	int code;

	if (trust == TRUST_ROOT && !is_trusted(path, false))
		return EXIT_ERROR;
	code = copy_database(a, path, TRUST_CALLER);
	if (code != EXIT_OK)
		return code;
	if (db_open(&db, a->staged.path, TRUST_CALLER) != DB_FOUND)
		return complain(
			"apply: %s: no database of this version of adperm, or damaged", path);
	a->generation = db.meta.generation;
	snprintf(a->server, sizeof a->server, "%s", db.server);
	a->unchanged = staged_is_installed(&a->staged, &a->site);
	if (db_check(&db) != DB_FOUND)
		code = complain("apply: %s: damaged", path);
	else if (policy_db_check(a->staged.path, TRUST_CALLER) != DB_FOUND)
		code = complain("apply: %s: its decisions are not what this adperm makes of its "
				"policy; compile it again",
			path);
	else
		code = is_acceptable(a, &db) ? EXIT_OK : EXIT_NO;
	db_close(&db);
	return code;
}

/* Is it, byte by byte, what the one that waits has replaced? */
static bool is_what_was_before(const struct apply *a, const struct db *previous)
{
	uint8_t digest[SHA256_SIZE];

	return file_digest(previous->fd, digest) == 0 &&
	       memcmp(digest, a->waits->before, sizeof digest) == 0;
}

/* Signed ones come back as they were signed, all others under a new generation. */
static int stage_old(struct apply *a, const char *path, const struct db *db)
{
	int code, ret;

	snprintf(a->server, sizeof a->server, "%s", db->server);
	if (a->keys.n > 0) {
		a->generation = db->meta.generation;
		code = copy_database(a, path, TRUST_CALLER);
		return code != EXIT_OK || is_signed(a, db) ? code : EXIT_NO;
	}
	a->generation = a->highest + 1;
	ret = staged_create(&a->staged, &a->site);
	a->is_staged = ret == 0;
	if (ret == 0)
		ret = staged_restamp(&a->staged, db, a->generation);
	return ret == 0 ? EXIT_OK : failed(a, ret);
}

int stage_previous(struct apply *a)
{
	char path[PATH_MAX];
	struct db db;
	int code, n = snprintf(path, sizeof path, "%s" PREVIOUS_SUFFIX, a->site.db);
	enum db_result found;

	if (a->keys.n > 0 && a->waits == NULL) {
		complain(
			"apply: only signed databases are installed here, so that going back takes "
			"a new one from who signs, but for one that waits to be confirmed");
		return EXIT_NO;
	}
	if (n < 0 || n >= PATH_MAX)
		return failed(a, -ENAMETOOLONG);
	found = db_open(&db, path, TRUST_CALLER);
	if (found == DB_MISSING)
		return complain("apply: there is no %s: nothing to go back to", path);
	if (found != DB_FOUND)
		return complain("apply: %s: damaged, or of another version of adperm", path);
	if (a->waits == NULL || is_what_was_before(a, &db))
		code = stage_old(a, path, &db);
	else
		code = complain("apply: %s is not what generation %" PRIu64 " has replaced: it is "
				"not gone back to",
			path, a->waits->generation);
	db_close(&db);
	return code;
}
