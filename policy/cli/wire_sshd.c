/* What sshd makes of the files, and telling it; see wire.h. */
#include "cli/wire.h"

#include "cli/sshd_config.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

static int check_anybody(const struct wire *w)
{
	struct buf out = { .at = NULL };
	int code = EXIT_OK;

	if (!sshd_effective(w->o->sshd, SSHD_ANYBODY, &out)) {
		complain("wire: %s does not take this configuration: %s", w->o->sshd,
			out.failed ? "out of memory" : (const char *)out.at);
		code = EXIT_NO;
		goto out;
	}
	for (const struct sshd_wanted *wanted = sshd_wanted; wanted->line != NULL; wanted++)
		if (!sshd_says(&out, wanted->line)) {
			complain(
				"wire: sshd would not do as %s says: %s (its configuration ends up "
				"without \"%s\"; see `sshd -T -C user=%s`)",
				w->service->drop_in_target, wanted->otherwise, wanted->line,
				SSHD_ANYBODY);
			code = EXIT_NO;
		}
out:
	buf_done(&out);
	return code;
}

/* Who comes in there is anybody with an address, or a stranger who tries. */
static int check_self(const struct wire *w)
{
	struct buf out = { .at = NULL };
	int code = EXIT_OK;

	if (!sshd_effective(w->o->sshd, SSHD_SELF, &out) || !sshd_forces(&out, "adperm-self")) {
		complain("wire: sshd would not do as %s says: ForceCommand of %s is set elsewhere",
			w->service->drop_in_target, SSHD_SELF);
		code = EXIT_NO;
	}
	for (const struct sshd_wanted *wanted = sshd_wanted_self;
		code == EXIT_OK && wanted->line != NULL; wanted++)
		if (!sshd_says(&out, wanted->line)) {
			complain("wire: sshd would not do as %s says: %s (see `sshd -T -C "
				 "user=" SSHD_SELF "`)",
				w->service->drop_in_target, wanted->otherwise);
			code = EXIT_NO;
		}
	buf_done(&out);
	return code;
}

static int check_break_glass(const struct wire *w)
{
	const struct passwd *user = getpwnam(w->o->break_glass);
	struct buf out = { .at = NULL };
	const char *why = NULL;

	if (user == NULL || !sshd_effective(w->o->sshd, w->o->break_glass, &out))
		why = "sshd's configuration for it cannot be told";
	else if (sshd_says(&out, "pubkeyauthentication no"))
		why = "sshd takes no keys from it";
	else if (sshd_says(&out, SSHD_METHODS))
		why = "it is not excluded from what everybody needs";
	else if (!sshd_has_keys(&out, user->pw_dir))
		why = "it has no authorized_keys that sshd would read";
	buf_done(&out);
	if (why == NULL)
		return EXIT_OK;
	complain("wire: the break-glass user %s could not log in: %s", w->o->break_glass, why);
	return EXIT_NO;
}

int wire_check_sshd(const struct wire *w)
{
	const int codes[] = { check_anybody(w), check_self(w), check_break_glass(w) };

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i] != EXIT_OK)
			return codes[i];
	return EXIT_OK;
}

static bool is_sshd(pid_t pid)
{
	char path[40], name[16] = "";
	FILE *comm;
	bool found;

	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	comm = fopen(path, "re");
	found = comm != NULL && fgets(name, sizeof name, comm) != NULL &&
		strcmp(name, "sshd\n") == 0;
	if (comm != NULL)
		fclose(comm);
	return found;
}

bool wire_reload_sshd(const char *pid_file, bool *running)
{
	FILE *file = fopen(pid_file, "re");
	long pid = 0;

	*running = file != NULL && fscanf(file, "%ld", &pid) == 1 && pid > 1 && is_sshd((pid_t)pid);
	if (file != NULL)
		fclose(file);
	return !*running || kill((pid_t)pid, SIGHUP) == 0;
}
