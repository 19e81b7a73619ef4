/* What the files of a service shall be; see wire.h. */
#include "cli/wire.h"

#include "base/file.h"
#include "wiring/block.h"
#include "wiring/stack.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define LOCAL_USERS_NAME "adperm/local-users"
#define MATCH            "Match User "

static int planning_failed(const char *path, int error)
{
	const char *why = strerror(-error);

	if (error == -EPERM)
		why = "it and all above it must be root's, and writable by nobody else";
	if (error == -ELOOP)
		why = "is a symbolic link: wire what it points to by hand";
	return complain("wire: %s: %s", path, why);
}

/* The next change of the plan, of a file below ETC; its old bytes are read. */
static int next_change(struct wire *w, const char *name, enum wire_kind kind, struct change **out)
{
	char path[PATH_MAX];
	int ret;

	if (w->n == WIRE_CHANGES)
		return complain(
			"wire: %s: there are more than %d files", w->o->share, WIRE_CHANGES);
	if ((size_t)snprintf(path, sizeof path, "%s/%s", w->o->etc, name) >= sizeof path)
		return complain("wire: %s: the path is too long", name);
	w->kinds[w->n] = kind;
	*out = &w->changes[w->n++];
	ret = change_plan(*out, path);
	if (ret != 0)
		return planning_failed(path, ret);
	(*out)->is = true;
	return EXIT_OK;
}

/* A shipped file, whole. */
static int read_shipped(const struct wire *w, const char *name, struct buf *into)
{
	char path[PATH_MAX];
	struct change shipped;
	int ret;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", w->o->share, name) >= sizeof path)
		return complain("wire: %s: the path is too long", name);
	ret = change_plan(&shipped, path);
	if (ret == 0)
		buf_bytes(into, shipped.before.at, shipped.before.len);
	change_done(&shipped);
	if (ret == 0 && !shipped.was)
		return complain(
			"wire: %s is not there: is the package that ships it installed?", path);
	return ret == 0 ? EXIT_OK : planning_failed(path, ret);
}

/* --- the PAM file */

/* What is there must be understood, and must not have lines of ours that we did not put there. */
static int judge_stack(const struct change *change, struct slice without_block)
{
	struct stack stack;
	const char *why;
	uint32_t line;
	int code = EXIT_OK, ret = stack_parse(without_block, &stack, &line, &why);

	if (ret == -EBADMSG)
		code = complain(
			"wire: %s:%u: %s; this file is left alone", change->path, line, why);
	else if (ret != 0)
		code = complain("wire: %s: %s", change->path, strerror(-ret));
	for (size_t i = 0; code == EXIT_OK && i < stack.n; i++)
		if (stack_is_module(&stack.lines[i], "pam_adperm.so"))
			code = complain(
				"wire: %s:%u: pam_adperm.so is there already, by hand: take "
				"those lines out first",
				change->path, stack.lines[i].line);
	stack_done(&stack);
	return code;
}

static int plan_block(struct wire *w, struct change *change, struct slice shipped)
{
	struct buf rest = { .at = NULL }, block = { .at = NULL };
	size_t from, to;
	int code = EXIT_OK;

	if (!change->was)
		return complain("wire: %s is not there: is the service installed?", change->path);
	if (block_find(buf_slice(&change->before), &from, &to) == BLOCK_BROKEN)
		return complain(
			"wire: %s: the marks of adperm's lines are damaged: put them in order "
			"by hand, or take the lines out",
			change->path);
	block_remove(&rest, buf_slice(&change->before));
	code = judge_stack(change, buf_slice(&rest));
	if (code == EXIT_OK) {
		block_make(&block, shipped, w->o->break_glass);
		block_insert(&change->after, buf_slice(&rest), buf_slice(&block));
		if (rest.failed || block.failed || change->after.failed)
			code = complain("out of memory");
	}
	buf_done(&rest);
	buf_done(&block);
	return code;
}

/* The shipped stack of that name, for the file of that service. */
static int plan_stack(struct wire *w, const char *shipped, const char *service)
{
	struct buf text = { .at = NULL };
	struct change *change = NULL;
	char name[sizeof "pam.d/" + NAME_MAX];
	int code;

	snprintf(name, sizeof name, "pam.d/%s", shipped);
	code = read_shipped(w, name, &text);
	snprintf(name, sizeof name, "pam.d/%s", service);
	if (code == EXIT_OK)
		code = next_change(w, name, WIRE_STACK, &change);
	if (code == EXIT_OK && w->service->block)
		code = plan_block(w, change, buf_slice(&text));
	else if (code == EXIT_OK)
		buf_bytes(&change->after, text.at, text.len);
	buf_done(&text);
	return code;
}

/* A second service may have no file, or one that asks because it includes the first one's. */
static bool asks_itself(const struct wire *w, const char *service, const char *first)
{
	char path[PATH_MAX];
	struct change file;
	struct stack stack = { .n = 0 };
	struct slice name;
	const char *why;
	uint32_t line;
	bool itself;

	snprintf(path, sizeof path, "%s/pam.d/%s", w->o->etc, service);
	itself = change_plan(&file, path) != 0 || file.was;
	if (itself && stack_parse(buf_slice(&file.before), &stack, &line, &why) == 0)
		for (size_t i = 0; i < stack.n; i++)
			itself = itself && !(stack_includes(&stack.lines[i], &name) &&
						   slice_equal(name, slice_str(first)));
	stack_done(&stack);
	change_done(&file);
	return itself;
}

static int plan_all(struct wire *w)
{
	char path[PATH_MAX];
	struct dirent **found;
	int n, code = EXIT_OK;

	snprintf(path, sizeof path, "%s/pam.d", w->o->share);
	n = scandir(path, &found, NULL, alphasort);
	if (n < 0)
		return planning_failed(path, -errno);
	for (int i = 0; i < n; i++) {
		const char *name = found[i]->d_name;

		if (code == EXIT_OK && strncmp(name, w->service->all, strlen(w->service->all)) == 0)
			code = plan_stack(w, name, name);
		free(found[i]);
	}
	free(found);
	return code;
}

static int plan_stacks(struct wire *w)
{
	const struct service *s = w->service;
	const char *first = s->stack != NULL ? s->stack : s->name;
	int code = s->all != NULL ? plan_all(w) : plan_stack(w, first, first);

	if (code == EXIT_OK && s->also != NULL && asks_itself(w, s->also, first))
		code = plan_stack(w, first, s->also);
	return code;
}

/* --- the drop-in of sudo: as it is shipped */

static int plan_sudoers(struct wire *w)
{
	struct change *change;
	int code = next_change(w, w->service->drop_in_target, WIRE_DROP_IN, &change);

	if (code != EXIT_OK)
		return code;
	/* visudo(8) takes no other mode. */
	if (!change->was)
		change->mode = 0440;
	return read_shipped(w, w->service->drop_in, &change->after);
}

/* --- the drop-in of sshd */

static void put(struct buf *out, const char *text)
{
	buf_bytes(out, text, strlen(text));
}

static void put_excluded(struct buf *out, const struct users *users)
{
	for (size_t i = 0; i < users->n; i++) {
		put(out, ",!");
		put(out, users->at[i]);
	}
}

/* The block of the machines: the lines of the other one, with the key alone. */
static void put_machines(struct buf *out, const struct wire *w, const char *lines)
{
	const char *line, *next;

	put(out, "\n# Machines: BatchMode cannot do keyboard-interactive, even where nothing is "
		 "asked.\n");
	put(out, MATCH);
	for (size_t i = 0; i < w->machines.n; i++) {
		put(out, i > 0 ? "," : "");
		put(out, w->machines.at[i]);
	}
	put(out, "\n\n\tAuthenticationMethods publickey\n");
	/* Up to the block behind it. */
	for (line = lines; *line != '\0' && strncmp(line, MATCH, strlen(MATCH)) != 0; line = next) {
		const char *word = line + strspn(line, " \t");

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (strncmp(word, "AuthorizedKeys", strlen("AuthorizedKeys")) == 0)
			buf_bytes(out, line, (size_t)(next - line));
	}
}

static int plan_drop_in(struct wire *w)
{
	struct buf shipped = { .at = NULL };
	struct change *change = NULL;
	const char *match, *end, *name;
	int code = read_shipped(w, w->service->drop_in, &shipped);

	if (code != EXIT_OK)
		goto out;
	code = next_change(w, w->service->drop_in_target, WIRE_DROP_IN, &change);
	buf_u8(&shipped, 0);
	if (code != EXIT_OK || shipped.failed)
		goto out;
	match = strstr((const char *)shipped.at, "\n" MATCH);
	name = match != NULL ? strstr(match, "!" BLOCK_BREAK_GLASS) : NULL;
	end = match != NULL ? match + 1 + strcspn(match + 1, "\n") : NULL;
	if (name == NULL || name > end) {
		code = complain("wire: %s/%s is not what this version ships", w->o->share,
			w->service->drop_in);
		goto out;
	}
	buf_bytes(&change->after, shipped.at, (size_t)(name + 1 - (const char *)shipped.at));
	put(&change->after, w->o->break_glass);
	name += 1 + strlen(BLOCK_BREAK_GLASS);
	buf_bytes(&change->after, name, (size_t)(end - name));
	put_excluded(&change->after, &w->local);
	put_excluded(&change->after, &w->leave);
	put_excluded(&change->after, &w->machines);
	put(&change->after, end);
	if (w->machines.n > 0)
		put_machines(&change->after, w, end);
	if (change->after.failed)
		code = complain("out of memory");
out:
	buf_done(&shipped);
	return code;
}

/* --- local-users */

static int plan_local_users(struct wire *w)
{
	struct change *change;
	int code;

	if (w->leave.n == 0)
		return EXIT_OK;
	code = next_change(w, LOCAL_USERS_NAME, WIRE_LEFT, &change);
	if (code != EXIT_OK)
		return code;
	buf_bytes(&change->after, change->before.at, change->before.len);
	if (change->before.len > 0 && change->before.at[change->before.len - 1] != '\n')
		put(&change->after, "\n");
	for (size_t i = 0; i < w->leave.n; i++) {
		put(&change->after, w->leave.at[i]);
		put(&change->after, "\n");
	}
	return change->after.failed ? complain("out of memory") : EXIT_OK;
}

/*
 * The order is the one in which they are put in place: who is left alone; for sshd the drop-in,
 * then the stack; for sudo the stacks, then the sudoers that send people to them.
 */
int wire_plan(struct wire *w)
{
	int code = plan_local_users(w);

	if (code == EXIT_OK && service_tells_sshd(w->service))
		code = plan_drop_in(w);
	if (code == EXIT_OK)
		code = plan_stacks(w);
	return code == EXIT_OK && w->service->sudoers ? plan_sudoers(w) : code;
}

void wire_done(struct wire *w)
{
	for (size_t i = 0; i < w->n; i++)
		change_done(&w->changes[i]);
	users_done(&w->leave);
	users_done(&w->local);
	users_done(&w->machines);
	users_done(&w->lost);
	close_policy(&w->policy);
}
