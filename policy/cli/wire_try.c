/* The stacks as they would be, tried before they are in place; see wire.h. */
#include "cli/wire.h"

#include "base/file.h"
#include "cli/run_program.h"
#include "wiring/stage.h"
#include "wiring/weigh.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The PAM service whose file it is. */
static const char *service_of(const struct change *stack)
{
	return strrchr(stack->path, '/') + 1;
}

static bool copy_file(const char *from, const char *to)
{
	struct change file;
	bool good = change_plan(&file, from) == 0 && file.was &&
		    file_write(to, 0644, buf_slice(&file.before)) == 0;

	change_done(&file);
	return good;
}

/* A directory like ETC/pam.d in which the planned files stand in for those that are there. */
static bool stage_stacks(const struct wire *w, const char *stage)
{
	char from[PATH_MAX], to[PATH_MAX];
	DIR *dir;
	const struct dirent *entry;
	bool good = true;

	snprintf(from, sizeof from, "%s/pam.d", w->o->etc);
	dir = opendir(from);
	if (dir == NULL)
		return false;
	while (good && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		good = snprintf(from, sizeof from, "%s/pam.d/%s", w->o->etc, entry->d_name) <
			       (int)sizeof from &&
		       snprintf(to, sizeof to, "%s/%s", stage, entry->d_name) < (int)sizeof to &&
		       copy_file(from, to);
	}
	closedir(dir);
	for (size_t i = 0; good && i < w->n; i++)
		if (w->kinds[i] == WIRE_STACK)
			good = snprintf(to, sizeof to, "%s/%s", stage, service_of(&w->changes[i])) <
				       (int)sizeof to &&
			       file_write(to, 0644, buf_slice(&w->changes[i].after)) == 0;
	return good;
}

static int weigh_phase(const struct wire *w, const struct stacks *stacks, enum stack_type phase)
{
	const char *service = stacks->files[0].name;
	static const char *const names[] = {
		[STACK_AUTH] = "auth",
		[STACK_ACCOUNT] = "account",
		[STACK_SESSION] = "session",
	};
	struct weighed weighed;

	if (!stacks_weigh(stacks, phase, w->o->break_glass, &weighed))
		complain("wire: %s: the stack is too long to be judged", service);
	else if (weighed.asked == 0)
		complain("wire: %s: the %s phase would not ask adperm", service, names[phase]);
	else if (weighed.escapes)
		complain("wire: %s/pam.d/%s:%u: in the %s phase this line could let in somebody "
			 "whom "
			 "adperm refuses",
			w->o->etc, weighed.file, weighed.line, names[phase]);
	else
		return EXIT_OK;
	return EXIT_NO;
}

static int weigh(const struct wire *w, const char *stage, const char *service)
{
	static const enum stack_type phases[] = { STACK_AUTH, STACK_ACCOUNT, STACK_SESSION };
	size_t all = sizeof phases / sizeof phases[0],
	       n = w->service->others_session ? all - 1 : all;
	struct stacks stacks;
	struct weighed weighed = { .line = 0 };
	int code = EXIT_OK, ret = stacks_read(&stacks, stage, service);

	if (ret == -EBADMSG)
		code = complain("wire: %s/pam.d/%s:%u: %s; the service is left alone", w->o->etc,
			stacks.bad_file, stacks.bad_line, stacks.why);
	else if (ret != 0)
		code = complain(
			"wire: %s/pam.d/%s: %s", w->o->etc, stacks.bad_file, strerror(-ret));
	/* One of the menus' services only tells people what they hold, and asks nothing. */
	if (w->service->all != NULL && code == EXIT_OK && !stacks_ask(&stacks))
		n = 0;
	for (size_t i = 0; code == EXIT_OK && i < n; i++)
		code = weigh_phase(w, &stacks, phases[i]);
	if (code == EXIT_OK && stacks_lack_first_factor(&stacks, &weighed)) {
		complain("wire: %s/pam.d/%s:%u: no module before it ends the stack when it "
			 "refuses: a code "
			 "alone would let in",
			w->o->etc, weighed.file, weighed.line);
		code = EXIT_NO;
	}
	stacks_done(&stacks);
	return code;
}

/* The account phase: what a login by key asks, and what changes nothing. */
static int rehearse(const struct wire *w, const char *stage, const char *service)
{
	const char *const argv[] = { w->o->rehearse, "--service", service, "--user",
		w->o->break_glass, "--confdir", stage, NULL };
	struct buf said = { .at = NULL };
	int status = run_program(argv, 0, &said), code = EXIT_OK;

	if (status != 0) {
		complain("wire: the break-glass user %s does not pass the stack as it would be: %s",
			w->o->break_glass,
			status < 0                     ? strerror(-status)
			: said.failed || said.len == 0 ? "nothing was said of it"
						       : (const char *)said.at);
		code = EXIT_NO;
	}
	buf_done(&said);
	return code;
}

int wire_try(const struct wire *w)
{
	char stage[] = "/run/adperm-wire.XXXXXX";
	int code;

	if (mkdtemp(stage) == NULL)
		return complain("wire: %s: %s", stage, strerror(errno));
	code = stage_stacks(w, stage)
		       ? EXIT_OK
		       : complain("wire: %s/pam.d cannot be copied to be tried", w->o->etc);
	for (size_t i = 0; code == EXIT_OK && i < w->n; i++) {
		if (w->kinds[i] != WIRE_STACK)
			continue;
		code = weigh(w, stage, service_of(&w->changes[i]));
		if (code == EXIT_OK && w->service->unix_users)
			code = rehearse(w, stage, service_of(&w->changes[i]));
	}
	stage_remove(stage);
	return code;
}
