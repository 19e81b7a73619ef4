/* Files of /etc/pam.d as libpam reads them: wiring/stack.h. */
#include "tap.h"
#include "wiring/stack.h"

#include <errno.h>
#include <stdlib.h>

/* "TYPE CONTROL MODULE ARGUMENTS|..." of a file, or "LINE: why". */
static const char *read_back(const char *file)
{
	static const char *const types[] = { "auth", "account", "password", "session", "@include" };
	static char out[2000];
	struct stack stack;
	uint32_t line;
	const char *why;
	size_t len = 0;
	int ret = stack_parse(slice_str(file), &stack, &line, &why);

	out[0] = '\0';
	if (ret == -EBADMSG)
		snprintf(out, sizeof out, "%u: %s", line, why);
	for (size_t i = 0; ret == 0 && i < stack.n; i++) {
		const struct stack_line *l = &stack.lines[i];

		len += (size_t)snprintf(out + len, sizeof out - len, "%u %s%s<%.*s><%.*s><%.*s>|",
			l->line, l->quiet ? "-" : "", types[l->type], (int)l->control.len,
			l->control.at, (int)l->module.len, l->module.at, (int)l->arguments.len,
			l->arguments.at);
	}
	stack_done(&stack);
	return out;
}

static void test_reading(void)
{
	is_str(read_back(""), "", "an empty file has no lines");
	is_str(read_back("# only\n\n   # comments\n"), "", "nor have comments");
	is_str(read_back("auth required pam_unix.so\n"), "1 auth<required><pam_unix.so><>|",
		"a line");
	is_str(read_back("auth required pam_unix.so"), "1 auth<required><pam_unix.so><>|",
		"a line without its newline");
	is_str(read_back("\n AUTH\tRequired  pam_unix.so nullok  try_first_pass # why\n"),
		"2 auth<Required><pam_unix.so><nullok  try_first_pass>|",
		"words in any case, white space, a comment behind");
	is_str(read_back("-session [success=ok default=bad] /lib/security/pam_x.so [a b] c\n"),
		"1 -session<[success=ok default=bad]></lib/security/pam_x.so><[a b] c>|",
		"brackets, a dash, a path");
	is_str(read_back("account sufficient \\\n  pam_x.so \\\n  a\n@include common-account\n"),
		"1 account<sufficient><pam_x.so><a>|4 @include<><common-account><>|",
		"continuations are one line, and are counted");
	is_str(read_back("auth [success=1 default=\\]] pam_x.so\n"),
		"1 auth<[success=1 default=\\]]><pam_x.so><>|",
		"an escaped bracket does not close");
}

static void test_refused(void)
{
	is_str(read_back("auth required\n"), "1: names no module or file", "no module");
	is_str(read_back("\nauht required pam_unix.so\n"),
		"2: begins with none of auth, account, password, session and @include",
		"a misspelt type");
	is_str(read_back("auth requierd pam_unix.so\n"),
		"1: the control is none that pam.d(5) knows", "a misspelt control");
	is_str(read_back("auth [success=1 pam_unix.so\n"), "1: a bracket is not closed",
		"an open bracket");
	is_str(read_back("auth required pam_x.so [a\n"), "1: a bracket is not closed",
		"an open bracket among the arguments");
	is_str(read_back("@include a b\n"), "1: @include takes one file", "two files to include");
	ok(strstr(read_back("# a comment \\\nauth required pam_unix.so\n"),
		   "ends in a backslash") != NULL,
		"a comment that may or may not go on");
	ok(strstr(read_back("auth required pam_unix.so\r\n"), "not printable ASCII") != NULL,
		"a carriage return");
	is_str(read_back("auth required pam_\xc3\xbcnix.so\n"),
		"1: has a character that is not printable ASCII", "a letter that is not ASCII");
	is_str(read_back("# Gr\xc3\xbc\xc3\x9f\n"), "", "a comment may have them");
}

static void test_long(void)
{
	char *file = malloc(STACK_FILE_MAX + 2);

	memset(file, ' ', STACK_FILE_MAX + 1);
	memcpy(file, "auth required pam_unix.so", 25);
	file[STACK_LINE_MAX + 5] = '\n';
	file[STACK_LINE_MAX + 6] = '\0';
	is_str(read_back(file), "1: is too long a line", "a line longer than libpam's buffer");
	memset(file, '\n', STACK_FILE_MAX + 1);
	file[STACK_FILE_MAX + 1] = '\0';
	ok(strstr(read_back(file), "is too long") != NULL, "a file beyond all measure");
	free(file);
}

static void test_actions(void)
{
	static const struct {
		const char *control, *value, *action;
	} rows[] = {
		{ "required", "success", "ok" },
		{ "required", "module_unknown", "bad" },
		{ "requisite", "auth_err", "die" },
		{ "sufficient", "success", "done" },
		{ "sufficient", "module_unknown", "ignore" },
		{ "optional", "perm_denied", "ignore" },
		{ "[success=done ignore=ignore default=die]", "ignore", "ignore" },
		{ "[success=done ignore=ignore default=die]", "module_unknown", "die" },
		{ "[success=1]", "auth_err", "" },
		{ "[Default=Ignore]", "auth_err", "Ignore" },
		{ "include", "success", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct stack_line line = { .control = slice_str(rows[i].control) };
		struct slice action = stack_action(&line, rows[i].value);

		ok(slice_equal(action, slice_str(rows[i].action)), "%s: %s does \"%s\"",
			rows[i].control, rows[i].value, rows[i].action);
	}
}

static void test_modules_and_arguments(void)
{
	struct stack_line line = {
		.module = slice_str("/usr/lib/security/pam_adperm.so"),
		.arguments = slice_str("permission=ssh_users [a b]  unmanaged=ignore"),
	};
	struct slice rest = line.arguments, argument;
	size_t n = 0;

	ok(stack_is_module(&line, "pam_adperm.so"), "a module is known by its last name");
	ok(!stack_is_module(&line, "adperm.so"), "by all of it");
	line.module = slice_str("pam_adperm.so");
	ok(stack_is_module(&line, "pam_adperm.so"), "or by its only one");
	ok(stack_has_argument(&line, "unmanaged=ignore"), "an argument is found");
	ok(stack_has_argument(&line, "a b"), "without its brackets");
	ok(!stack_has_argument(&line, "unmanaged"), "and not by half of it");
	while (stack_next_argument(&rest, &argument))
		n++;
	is_int(n, 3, "three arguments");
	line.type = STACK_INCLUDE;
	ok(!stack_is_module(&line, "pam_adperm.so"), "an included file is no module");
}

int main(void)
{
	test_reading();
	test_refused();
	test_long();
	test_actions();
	test_modules_and_arguments();
	return tap_done();
}
