/* Whether a stack lets in whom our module refuses: wiring/weigh.h. */
#include "base/file.h"
#include "tap.h"
#include "wiring/weigh.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define OURS        "auth [success=done ignore=ignore default=die] pam_adperm.so permission=ssh_users\n"
#define BREAK_GLASS "auth [success=1 default=ignore] pam_succeed_if.so quiet user = rescue\n"

static char directory[] = "/run/adperm-test.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	if (file_write(path, 0644, slice_str(text)) != 0)
		puts("Bail out! cannot write");
}

static void away(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	unlink(path);
}

/* "asked N", "asked N, escapes FILE:LINE", or what is wrong. */
static const char *weigh(const char *stack)
{
	static char out[600];
	struct stacks stacks;
	struct weighed weighed;
	int ret;

	put("service", stack);
	ret = stacks_read(&stacks, directory, "service");
	if (ret != 0)
		snprintf(out, sizeof out, "%s: %s", stacks.bad_file, strerror(-ret));
	else if (!stacks_weigh(&stacks, STACK_AUTH, "rescue", &weighed))
		snprintf(out, sizeof out, "too long");
	else if (weighed.escapes)
		snprintf(out, sizeof out, "asked %u, escapes %s:%u", weighed.asked, weighed.file,
			weighed.line);
	else
		snprintf(out, sizeof out, "asked %u", weighed.asked);
	stacks_done(&stacks);
	return out;
}

static void test_stacks(void)
{
	static const struct {
		const char *stack, *weighed, *what;
	} rows[] = {
		{ OURS, "asked 1", "ours alone" },
		{ BREAK_GLASS OURS "@include common\n", "asked 1", "as shipped" },
		{ "auth required pam_adperm.so\nauth sufficient pam_unix.so\n", "asked 1",
			"required, and something sufficient behind it" },
		{ "auth requisite pam_adperm.so\nauth required pam_unix.so\n", "asked 1",
			"requisite" },
		{ "auth required pam_unix.so\n", "asked 0, escapes service:1", "without ours" },
		{ "auth sufficient pam_adperm.so\nauth required pam_permit.so\n",
			"asked 1, escapes service:2", "sufficient" },
		{ "auth optional pam_adperm.so\nauth required pam_permit.so\n",
			"asked 1, escapes service:2", "optional" },
		{ "auth [success=ok default=ignore] pam_adperm.so\nauth required pam_permit.so\n",
			"asked 1, escapes service:2", "default=ignore" },
		{ "auth [success=ok ignore=ignore default=bad module_unknown=ignore] "
		  "pam_adperm.so\n"
		  "auth required pam_permit.so\n",
			"asked 1, escapes service:2", "the module missing is ignored" },
		{ "auth [success=done ignore=ignore authinfo_unavail=ignore default=die] "
		  "pam_adperm.so\n"
		  "auth required pam_permit.so\n",
			"asked 1, escapes service:2", "one value is ignored" },
		{ "auth sufficient pam_rootok.so\n" OURS, "asked 1, escapes service:1",
			"something sufficient before ours" },
		{ "auth [success=1 default=ignore] pam_x.so\n" OURS "auth required pam_permit.so\n",
			"asked 1, escapes service:3", "a jump over ours" },
		{ BREAK_GLASS OURS "auth required pam_permit.so\n", "asked 1",
			"the jump of the break-glass user" },
		{ "auth [success=1 default=ignore] pam_succeed_if.so quiet user = other\n" OURS
		  "auth required pam_permit.so\n",
			"asked 1, escapes service:3", "the jump of somebody else" },
		{ "auth [success=2 default=ignore] pam_x.so\nauth required pam_deny.so\n" OURS,
			"asked 1", "a jump beyond the end" },
		{ "auth [success=1 default=ignore] pam_adperm.so\nauth requisite pam_deny.so\n"
		  "auth required pam_permit.so\n",
			"asked 1", "a refusal that ends at pam_deny" },
		{ "auth [success=1 default=ignore] pam_adperm.so\nauth optional pam_deny.so\n"
		  "auth required pam_permit.so\n",
			"asked 1, escapes service:3", "pam_deny, which is optional" },
		{ "auth [success=1 perm_denied=1 default=ignore] pam_adperm.so\n"
		  "auth requisite pam_deny.so\nauth required pam_permit.so\n",
			"asked 1, escapes service:3", "one value that jumps over pam_deny" },
		{ "auth required pam_adperm.so\nauth [default=reset] pam_x.so\nauth required "
		  "pam_y.so\n",
			"asked 1, escapes service:3", "a reset behind ours" },
		{ "@include common\n" OURS, "asked 1, escapes common:1",
			"an included file that ends the stack before ours" },
		{ "auth substack common\n" OURS, "asked 1", "the same as a substack" },
		{ "auth substack ours\nauth required pam_permit.so\n", "asked 1",
			"ours in a substack, which counts" },
		{ "auth [success=1 default=ignore] pam_x.so\nauth substack ours\n"
		  "auth required pam_permit.so\n",
			"asked 1, escapes service:3", "a jump over the substack" },
		{ "account required pam_adperm.so\n", "asked 0", "another phase" },
		{ "auth include service\n", "too long", "a file that includes itself" },
		{ "auth include nothing\n", "nothing: No such file or directory",
			"a missing file" },
		{ "auth include ../x\n", "service: Bad message", "a file of another directory" },
		{ "auht required pam_unix.so\n", "service: Bad message", "a line that is none" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(weigh(rows[i].stack), rows[i].weighed, "%s", rows[i].what);
}

/* "no", or the line that a stranger's code would be judged at. */
static const char *lacks(const char *stack)
{
	static char out[600];
	struct stacks stacks;
	struct weighed weighed;

	put("service", stack);
	snprintf(out, sizeof out, "no");
	if (stacks_read(&stacks, directory, "service") != 0)
		snprintf(out, sizeof out, "bad");
	else if (stacks_lack_first_factor(&stacks, &weighed))
		snprintf(out, sizeof out, "%s:%u", weighed.file, weighed.line);
	stacks_done(&stacks);
	return out;
}

static void test_first_factor(void)
{
	static const char split[] = "auth requisite pam_adperm.so permission=ssh_users split\n";
	static const char ours[] =
		"auth required pam_adperm.so permission=ssh_users first_factor=stack\n";
	static const struct {
		const char *between, *lacks, *what;
	} rows[] = {
		{ "", "service:2", "no password module" },
		{ "auth requisite pam_unix.so use_first_pass\n", "no", "a requisite one" },
		{ "auth required pam_unix.so use_first_pass\n", "service:3",
			"a required one, which only fails in the end" },
		{ "auth sufficient pam_unix.so\n", "service:3", "a sufficient one" },
		{ "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n", "no",
			"as Debian writes it" },
		{ "auth requisite pam_permit.so\n", "service:3", "one that lets in everybody" },
		{ "auth substack password\n", "service:3",
			"a substack, which ends without ending the stack" },
		{ "auth include password\n", "no", "a file that is included" },
	};

	put("password", "auth requisite pam_unix.so\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char stack[1000];

		snprintf(stack, sizeof stack, "%s%s%s", split, rows[i].between, ours);
		is_str(lacks(stack), rows[i].lacks, "first factor: %s", rows[i].what);
	}
	is_str(lacks("auth required pam_adperm.so permission=ssh_users\n"), "no",
		"first factor: sshd's key");
	away("password");
}

static void test_long(void)
{
	static char stack[200 * 40];

	for (int i = 0; i < 200; i++)
		strncat(stack, "auth required pam_unix.so\n", sizeof stack - strlen(stack) - 1);
	is_str(weigh(stack), "too long", "a stack of 200 lines");
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("only root has files to trust", "stacks are weighed");
		return tap_done();
	}
	if (mkdtemp(directory) == NULL)
		return 1;
	put("common", "auth sufficient pam_unix.so\n");
	put("ours", "auth required pam_adperm.so\n");
	test_stacks();
	test_first_factor();
	test_long();
	away("common");
	away("ours");
	away("service");
	rmdir(directory);
	return tap_done();
}
