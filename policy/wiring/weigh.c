/* Every course that a stack could take; see weigh.h. */
#include "wiring/weigh.h"

#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* What a module may return: all values that an action can be given for, in pam.d(5). */
static const char *const values[] = { "success", "open_err", "symbol_err", "service_err",
	"system_err", "buf_err", "perm_denied", "auth_err", "cred_insufficient", "authinfo_unavail",
	"user_unknown", "maxtries", "new_authtok_reqd", "acct_expired", "session_err",
	"cred_unavail", "cred_expired", "cred_err", "no_module_data", "conv_err", "authtok_err",
	"authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging", "try_again", "ignore",
	"abort", "authtok_expired", "module_unknown", "bad_item", "conv_again", "incomplete" };

#define VALUES_N (sizeof values / sizeof values[0])

/* --- the files */

static int read_file(struct stacks *stacks, struct stacks_file *file)
{
	char path[PATH_MAX], *text = malloc(STACK_FILE_MAX + 1);
	size_t len = 0;
	int ret = text != NULL ? 0 : -ENOMEM;

	if (ret == 0 && (size_t)snprintf(path, sizeof path, "%s/%s", stacks->directory,
				file->name) >= sizeof path)
		ret = -ENAMETOOLONG;
	if (ret == 0)
		ret = file_read(path, TRUST_ROOT, text, STACK_FILE_MAX, &len);
	if (ret == 0)
		ret = stack_parse(
			slice_of(text, len), &file->stack, &stacks->bad_line, &stacks->why);
	free(text);
	return ret;
}

static const struct stacks_file *find_file(const struct stacks *stacks, struct slice name)
{
	for (size_t i = 0; i < stacks->n; i++)
		if (slice_equal(slice_str(stacks->files[i].name), name))
			return &stacks->files[i];
	return NULL;
}

static int add_file(struct stacks *stacks, struct slice name)
{
	struct stacks_file *file = &stacks->files[stacks->n];

	if (find_file(stacks, name) != NULL)
		return 0;
	if (stacks->n == WEIGH_FILES_MAX || name.len > NAME_MAX)
		return -E2BIG;
	memcpy(file->name, name.at, name.len);
	file->name[name.len] = '\0';
	/* Other directories are legal, and nobody does it: what is read there could be anything. */
	if (strchr(file->name, '/') != NULL) {
		stacks->why = "includes a file of another directory";
		return -EBADMSG;
	}
	stacks->n++;
	return 0;
}

int stacks_read(struct stacks *stacks, const char *directory, const char *service)
{
	int ret;

	*stacks = (struct stacks){ .directory = directory };
	ret = add_file(stacks, slice_str(service));
	for (size_t i = 0; ret == 0 && i < stacks->n; i++) {
		struct stacks_file *file = &stacks->files[i];
		struct slice name;

		snprintf(stacks->bad_file, sizeof stacks->bad_file, "%s", file->name);
		ret = read_file(stacks, file);
		for (size_t k = 0; ret == 0 && k < file->stack.n; k++)
			if (stack_includes(&file->stack.lines[k], &name)) {
				stacks->bad_line = file->stack.lines[k].line;
				ret = add_file(stacks, name);
			}
	}
	return ret;
}

void stacks_done(struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->n; i++)
		stack_done(&stacks->files[i].stack);
	stacks->n = 0;
}

bool stacks_ask(const struct stacks *stacks)
{
	const struct stack *own = &stacks->files[0].stack;

	for (size_t i = 0; stacks->n > 0 && i < own->n; i++)
		if (stack_is_module(&own->lines[i], WEIGH_MODULE))
			return true;
	return false;
}

/* --- the lines of one phase, in the order in which they are asked */

struct step {
	const struct stack_line *line; /* NULL: where a substack begins */
	const char *file;
	unsigned level;
};

struct course {
	const char *break_glass;
	struct step steps[WEIGH_LINES_MAX];
	size_t n;
	bool seen[WEIGH_LINES_MAX + 1][3][2];
	struct weighed *out;
};

static bool add_step(struct course *course, const struct step *step)
{
	if (course->n == WEIGH_LINES_MAX)
		return false;
	course->steps[course->n++] = *step;
	return true;
}

/* A file that includes itself has too many levels. */
static bool lay_out(struct course *course, const struct stacks *stacks,
	const struct stacks_file *file, enum stack_type phase, unsigned level, unsigned depth)
{
	bool good = file != NULL && depth < WEIGH_LEVELS_MAX;

	for (size_t i = 0; good && i < file->stack.n; i++) {
		const struct stack_line *line = &file->stack.lines[i];
		struct step step = { .file = file->name, .level = level };
		struct slice name;

		if (line->type != phase && line->type != STACK_INCLUDE)
			continue;
		if (!stack_includes(line, &name)) {
			step.line = line;
			good = add_step(course, &step);
			continue;
		}
		if (slice_equal(line->control, slice_str("substack")))
			good = add_step(course, &step) &&
			       lay_out(course, stacks, find_file(stacks, name), phase, level + 1,
				       depth + 1);
		else
			good = lay_out(
				course, stacks, find_file(stacks, name), phase, level, depth + 1);
	}
	return good;
}

/* --- the courses */

enum impression { UNDEFINED, POSITIVE, NEGATIVE };

/* Where the stack stands: which line is next, what it thinks so far, and who made it think so. */
struct stand {
	size_t at;
	enum impression impression;
	bool success; /* its status */
	size_t by;
};

static bool is_break_glass(const struct course *course, const struct stack_line *line)
{
	struct slice rest = line->arguments, argument, last = { NULL, 0 };

	while (stack_next_argument(&rest, &argument))
		last = argument;
	return stack_is_module(line, "pam_succeed_if.so") &&
	       (stack_has_argument(line, "user") || stack_has_argument(line, "ruser")) &&
	       stack_has_argument(line, "=") && slice_equal(last, slice_str(course->break_glass));
}

/* Ours, for whom we suppose; and one that refuses everybody. */
static bool refuses(const struct stack_line *line)
{
	return stack_is_module(line, WEIGH_MODULE) || stack_is_module(line, "pam_deny.so");
}

/* May the module of this line return that value, in what we suppose? */
static bool may_return(
	const struct course *course, const struct stack_line *line, const char *value)
{
	bool success = strcmp(value, "success") == 0;

	if (refuses(line))
		return !success && strcmp(value, "ignore") != 0;
	if (is_break_glass(course, line))
		return !success;
	return true;
}

/* Behind the last line of this level. */
static size_t leave_level(const struct course *course, size_t at)
{
	unsigned level = course->steps[at].level;

	while (at + 1 < course->n && course->steps[at + 1].level >= level)
		at++;
	return at + 1;
}

/* Over so many modules, a substack being one. -1: there are not as many. */
static long jump(const struct course *course, size_t at, unsigned long over)
{
	unsigned level = course->steps[at].level;

	while (over > 0 && at + 1 < course->n && course->steps[at + 1].level >= level) {
		do
			at++;
		while (at + 1 < course->n && course->steps[at + 1].level > level);
		over--;
	}
	return over == 0 ? (long)at + 1 : -1;
}

static bool is_action(struct slice action, const char *word)
{
	return action.len == strlen(word) &&
	       strncasecmp((const char *)action.at, word, action.len) == 0;
}

static void agree(struct stand *stand, bool success)
{
	if (stand->impression == UNDEFINED || (stand->impression == POSITIVE && stand->success)) {
		stand->by = stand->at;
		stand->impression = POSITIVE;
		stand->success = success;
	}
}

/* One step further, by what the configuration says of that value. */
static struct stand follow(
	const struct course *course, struct stand stand, struct slice action, bool success)
{
	size_t here = stand.at;
	unsigned long over = 0;
	long target;

	stand.at = here + 1;
	if (is_action(action, "ignore"))
		return stand;
	if (is_action(action, "reset")) {
		stand.impression = UNDEFINED;
		stand.success = false;
	} else if (is_action(action, "ok") || is_action(action, "done")) {
		stand.at = here;
		agree(&stand, success);
		stand.at = here + 1;
		if (is_action(action, "done") && stand.impression == POSITIVE)
			stand.at = leave_level(course, here);
	} else {
		for (size_t i = 0; i < action.len && action.at[i] >= '0' && action.at[i] <= '9';
			i++)
			over = over < 1000 ? 10 * over + (unsigned long)(action.at[i] - '0') : over;
		target = over > 0 ? jump(course, here, over) : -1;
		if (target >= 0) {
			stand.at = (size_t)target;
			return stand;
		}
		stand.impression = NEGATIVE;
		stand.success = false;
		if (is_action(action, "die"))
			stand.at = leave_level(course, here);
	}
	return stand;
}

static void explore(struct course *course, struct stand stand)
{
	const struct step *step = &course->steps[stand.at];

	if (course->out->escapes || course->seen[stand.at][stand.impression][stand.success])
		return;
	course->seen[stand.at][stand.impression][stand.success] = true;
	if (stand.at == course->n) {
		if (stand.impression == POSITIVE && stand.success) {
			course->out->escapes = true;
			course->out->file = course->steps[stand.by].file;
			course->out->line = course->steps[stand.by].line->line;
		}
		return;
	}
	if (step->line == NULL) {
		stand.at++;
		explore(course, stand);
		return;
	}
	for (size_t i = 0; i < VALUES_N; i++)
		if (may_return(course, step->line, values[i]))
			explore(course,
				follow(course, stand, stack_action(step->line, values[i]), i == 0));
}

bool stacks_weigh(const struct stacks *stacks, enum stack_type phase, const char *break_glass,
	struct weighed *out)
{
	struct course *course = calloc(1, sizeof *course);
	bool good = course != NULL;

	*out = (struct weighed){ .asked = 0 };
	if (good) {
		course->break_glass = break_glass;
		course->out = out;
		good = lay_out(course, stacks, &stacks->files[0], phase, 0, 0);
	}
	for (size_t i = 0; good && i < course->n; i++)
		out->asked += course->steps[i].line != NULL &&
			      stack_is_module(course->steps[i].line, WEIGH_MODULE);
	if (good && course->n > 0)
		explore(course, (struct stand){ .at = 0 });
	free(course);
	return good;
}

static bool counts_on_others(const struct stack_line *line)
{
	return stack_is_module(line, WEIGH_MODULE) && !stack_has_argument(line, "split") &&
	       stack_has_argument(line, "first_factor=stack");
}

/* What a module returns to somebody who can prove nothing. */
static const char *returns_to_stranger(const struct stack_line *line)
{
	if (stack_is_module(line, WEIGH_MODULE))
		return "ignore";
	return stack_is_module(line, "pam_permit.so") ? "success" : "auth_err";
}

bool stacks_lack_first_factor(const struct stacks *stacks, struct weighed *out)
{
	struct course *course = calloc(1, sizeof *course);
	struct stand stand = { .at = 0 };
	bool lacks =
		course == NULL || !lay_out(course, stacks, &stacks->files[0], STACK_AUTH, 0, 0);

	*out = (struct weighed){ .file = stacks->files[0].name };
	while (!lacks && stand.at < course->n) {
		const struct step *step = &course->steps[stand.at];
		const char *value;

		if (step->line == NULL) {
			stand.at++;
			continue;
		}
		lacks = counts_on_others(step->line);
		out->file = step->file;
		out->line = step->line->line;
		value = returns_to_stranger(step->line);
		stand = follow(course, stand, stack_action(step->line, value),
			strcmp(value, "success") == 0);
	}
	free(course);
	return lacks;
}
