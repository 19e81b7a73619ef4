/* Stacks to be tried instead of those of /etc/pam.d: wiring/stage.h. */
#include "tap.h"
#include "wiring/stage.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a file becomes, or "no". */
static const char *rehearsal(const char *file, const char *db, const char *people)
{
	static char out[3000];
	struct buf text = { .at = NULL };
	struct stack stack;
	uint32_t line;
	const char *why;
	int ret = stack_parse(slice_str(file), &stack, &line, &why);

	if (ret != 0 || !stage_rehearsal(&text, &stack, db, people))
		snprintf(out, sizeof out, "no");
	else
		snprintf(out, sizeof out, "%.*s", (int)text.len, (const char *)text.at);
	buf_done(&text);
	stack_done(&stack);
	return out;
}

static void test_lines(void)
{
	is_str(rehearsal("", "/d", NULL), "", "nothing stays nothing");
	is_str(rehearsal("# x\nauth required pam_unix.so db=/x\n@include other\n", "/d", NULL),
		"# x\nauth required pam_unix.so db=/x\n@include other\n",
		"what is not ours stays as it is");
	is_str(rehearsal("account required pam_adperm.so permission=ssh_users\n", "/d", NULL),
		"account required pam_adperm.so permission=ssh_users rehearsal db=/d\n",
		"ours asks the other database");
	is_str(rehearsal("account\trequired /lib/pam_adperm.so", "/d", "/p"),
		"account\trequired /lib/pam_adperm.so rehearsal db=/d people=/p\n",
		"and the other people, by whatever path it is loaded");
	is_str(rehearsal("-auth [success=1 default=die] pam_adperm.so people=/a db=/b x\n", "/d",
		       NULL),
		"-auth [success=1 default=die] pam_adperm.so people=/a x rehearsal db=/d\n",
		"instead of one that it named");
	is_str(rehearsal("auth required pam_adperm.so people=/a [db=/b c]\n", "/d", "/p"),
		"auth required pam_adperm.so rehearsal db=/d people=/p\n", "of both");
	is_str(rehearsal("auth required pam_adperm.so [a b] [c] self=x # db=/b\nauth required x\n",
		       "/d", NULL),
		"auth required pam_adperm.so [a b] [c] self=x rehearsal db=/d\nauth required x\n",
		"brackets stay, a comment goes");
	is_str(rehearsal("auth required \\\n pam_adperm.so \\\n  split\naccount required x\n", "/d",
		       NULL),
		"auth required    pam_adperm.so split rehearsal db=/d\naccount required x\n",
		"a line that goes on is one");
}

static void test_refused(void)
{
	static const char *const paths[] = { "/a b", "/a#b", "/a[b", "/a]b", "/a\\b", "/a\nb",
		"/\xc3\xa4" };
	static const char ours[] = "auth required pam_adperm.so\n";
	char line[STACK_LINE_MAX];

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		ok(strcmp(rehearsal(ours, paths[i], NULL), "no") == 0 &&
				strcmp(rehearsal(ours, "/d", paths[i]), "no") == 0,
			"t112_no_such_path %zu", i);
	memset(line, 'a', sizeof line);
	memcpy(line, ours, sizeof ours - 2);
	line[sizeof ours - 2] = ' ';
	line[STACK_LINE_MAX - 20] = '\0';
	ok(strcmp(rehearsal(line, "/d", NULL), "no") != 0, "a line that libpam can just read");
	is_str(rehearsal(line, "/dddddd", NULL), "no", "and one that it cannot");
}

static void test_directory(void)
{
	char above[] = "/tmp/adperm-stage.XXXXXX", stage[PATH_MAX], path[PATH_MAX + 16];
	FILE *file;
	char said[16] = "";

	ok(mkdtemp(above) != NULL, "a place");
	snprintf(stage, sizeof stage, "%s/stage", above);
	snprintf(path, sizeof path, "%s/sshd", stage);
	is_int(stage_put(stage, "sshd", slice_str("x")), -ENOENT, "no file without a directory");
	is_int(stage_make(stage), 0, "made");
	is_int(stage_put(stage, "sshd", slice_str("longer\n")), 0, "a file");
	is_int(stage_put(stage, "sshd", slice_str("new\n")), 0, "another in its place");
	file = fopen(path, "re");
	ok(file != NULL && fgets(said, sizeof said, file) != NULL, "is there");
	if (file != NULL)
		fclose(file);
	is_str(said, "new\n", "whole");
	is_int(stage_make(stage), 0, "made anew");
	is_int(access(path, F_OK), -1, "it is empty");
	stage_remove(stage);
	is_int(access(stage, F_OK), -1, "and gone");
	stage_remove(stage);
	is_int(rmdir(above), 0, "with nothing left");
}

int main(void)
{
	test_lines();
	test_refused();
	test_directory();
	return tap_done();
}
