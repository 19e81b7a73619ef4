/* What is wrong with a stack; see stack_lint.h. */
#include "cli/stack_lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CANNOT_BE "put it in order by hand; a login by it cannot be vouched for"

static const char *const phases[] = { [STACK_AUTH] = "auth",
	[STACK_ACCOUNT] = "account",
	[STACK_PASSWORD] = NULL,
	[STACK_SESSION] = "session" };

#define PHASES_N (sizeof phases / sizeof phases[0])

struct lint {
	const struct stacks *stacks;
	const char *etc, *service;
	stack_found *found;
	void *context;
	bool good; /* nothing grave so far */
};

static void find(struct lint *l, bool grave, const char *advice, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void find(struct lint *l, bool grave, const char *advice, const char *format, ...)
{
	char finding[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(finding, sizeof finding, format, args);
	va_end(args);
	l->good = l->good && !grave;
	l->found(l->context, grave, advice, finding);
}

/* Somebody whom adperm refuses gets in, or is not even asked about. False: nothing can be told. */
static bool find_escapes(struct lint *l, const char *break_glass)
{
	struct weighed weighed;
	unsigned asked = 0;

	for (size_t i = 0; i < PHASES_N; i++) {
		if (phases[i] == NULL)
			continue;
		if (!stacks_weigh(l->stacks, (enum stack_type)i, break_glass, &weighed)) {
			find(l, true, CANNOT_BE, "%s: the stack is too long", l->service);
			return false;
		}
		asked |= weighed.asked > 0 ? 1u << i : 0;
		if (weighed.asked > 0 && weighed.escapes)
			find(l, true,
				"take it away or put it behind adperm's line; adperm's must be "
				"required or requisite",
				"%s/pam.d/%s:%u: lets in, in the %s phase of %s, somebody whom "
				"adperm "
				"refuses",
				l->etc, weighed.file, weighed.line, phases[i], l->service);
	}
	if (stacks_lack_first_factor(l->stacks, &weighed))
		find(l, true, "put the module that asks for the password before it, as `requisite`",
			"%s/pam.d/%s:%u: first_factor=stack, and no module before it ends the "
			"stack when it "
			"refuses: a code alone lets in",
			l->etc, weighed.file, weighed.line);
	/* Without its account phase a login by key alone is never asked about. */
	if ((asked & 1u << STACK_ACCOUNT) == 0)
		find(l, true, "add `account required pam_adperm.so permission=...`",
			"%s: asks adperm, but not in the account phase", l->service);
	return true;
}

/* Words that make a line weaker than it looks. */
static void find_words(struct lint *l)
{
	const struct stacks_file *own = &l->stacks->files[0];

	for (size_t i = 0; i < own->stack.n; i++) {
		const struct stack_line *line = &own->stack.lines[i];

		if (line->quiet && stack_is_module(line, WEIGH_MODULE))
			find(l, false, "take the dash away; `adperm wire` writes none",
				"%s/pam.d/%s:%u: with a dash before it, nobody is told when "
				"%s is missing",
				l->etc, own->name, line->line, WEIGH_MODULE);
		if (line->type == STACK_AUTH && stack_has_argument(line, "use_first_pass") &&
			stack_has_argument(line, "nullok"))
			find(l, false,
				"take the word away; adperm takes an empty password for none",
				"%s/pam.d/%s:%u: nullok, where the password is the first factor",
				l->etc, own->name, line->line);
	}
}

bool stack_lint(const struct stacks *stacks, const char *etc, const char *break_glass,
	stack_found *found, void *context)
{
	struct lint l = { .stacks = stacks,
		.etc = etc,
		.service = stacks->files[0].name,
		.found = found,
		.context = context,
		.good = true };

	if (find_escapes(&l, break_glass))
		find_words(&l);
	return l.good;
}

void stack_lint_unread(const struct stacks *stacks, int error, stack_found *found, void *context)
{
	char line[16] = "", finding[PATH_MAX + 512];

	if (error == -EBADMSG)
		snprintf(line, sizeof line, ":%u", stacks->bad_line);
	snprintf(finding, sizeof finding, "%s/%s%s: %s", stacks->directory, stacks->bad_file, line,
		error == -EBADMSG ? stacks->why
		: error == -EPERM ? "is not root's alone"
				  : strerror(-error));
	found(context, true, CANNOT_BE, finding);
}
