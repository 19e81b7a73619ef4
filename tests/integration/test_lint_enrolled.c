/* adperm lint --enrolled against a real adpermd: whom it warns of (DIAG_NOT_ENROLLED), and how. */
#include "cli/cli.h"
#include "daemon.h"

static struct world world;

static const char policy[] =
	"---\n"
	"adperm: 1\n"
	"profiles:\n"
	"  alice@acme.example: {login: alice}\n"
	"  bob@acme.example: {login: bob}\n"
	"  gone@acme.example: {login: gone, suspended: true}\n"
	"groups:\n"
	"  devs: [alice@acme.example, carol@acme.example, gone@acme.example]\n"
	"owners:\n"
	"  ops@acme.example:\n"
	"    require_2fa: true\n"
	"    servers: {web1.acme.example: {accounts: [acme]}}\n"
	"    grants:\n"
	"      - {to: 'group:devs', accounts: {acme: [ssh]}, require_2fa: true}\n"
	"      - {to: bob@acme.example, accounts: {acme: [ssh]}}\n"
	"      - {to: [bob@acme.example, carol@acme.example], accounts: {acme: [ftp]}, "
	"require_2fa: true}\n"
	"...\n";

static const char warnings[] =
	"policy.yaml:11:18: warning: ops@acme.example is not enrolled for the second factor that "
	"is "
	"required here [AP083]\n"
	"policy.yaml:14:9: warning: carol@acme.example is not enrolled for the second factor that "
	"is "
	"required here [AP083]\n"
	"policy.yaml:16:9: warning: bob@acme.example is not enrolled for the second factor that is "
	"required here [AP083]\n";

/* What one call said on standard error, and how it ended. */
struct outcome {
	int code;
	char err[4096];
};

static struct outcome lint(const char *const *words)
{
	struct outcome o = { .code = -1 };
	char path[64];
	ssize_t len;
	int status, err;
	pid_t child;

	snprintf(path, sizeof path, "%s/err", world.dir);
	err = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		char *arguments[16] = { NULL };
		int count = 0;

		for (; words[count] != NULL; count++)
			arguments[count] = strdup(words[count]);
		dup2(err, STDERR_FILENO);
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		_exit(cmd_lint.run(count, arguments));
	}
	waitpid(child, &status, 0);
	o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	len = pread(err, o.err, sizeof o.err - 1, 0);
	o.err[len > 0 ? len : 0] = '\0';
	close(err);
	unlink(path);
	return o;
}

#define LINT(...)                                                                                  \
	lint((const char *const[]){                                                                \
		"lint", "--at=2027-06-01T00:00:00Z", "--strict", __VA_ARGS__, NULL })

int main(void)
{
	struct secret secret;
	struct outcome o;
	char path[64];

	if (geteuid() != 0) {
		tap_skip("not root", "adperm lint --enrolled");
		return tap_done();
	}
	oath_init();
	world_make(&world);
	world_start(&world);
	snprintf(path, sizeof path, "%s/policy.yaml", world.dir);
	world_write(path, policy, 0644);
	enroll(&world, "alice@acme.example", 6, &secret);

	o = LINT(path);
	ok(strstr(o.err, "AP083") == NULL, "nobody is asked unless that is wanted");
	o = LINT("--enrolled", "--socket", world.socket, path);
	is_int(o.code, EXIT_NO, "who is not enrolled is a warning");
	is_str(o.err, warnings, "once a person, where it is required first; not of the suspended");
	enroll(&world, "carol@acme.example", 6, &secret);
	enroll(&world, "bob@acme.example", 6, &secret);
	enroll(&world, "ops@acme.example", 6, &secret);
	o = LINT("--enrolled", "--socket", world.socket, path);
	is_str(o.err, "", "and of nobody when all are enrolled");
	is_int(o.code, EXIT_OK, "which is good");
	world_stop(&world, SIGTERM);
	o = LINT("--enrolled", "--socket", world.socket, path);
	is_int(o.code, EXIT_ERROR, "without an answer it fails");
	ok(strstr(o.err, "adpermd does not answer") != NULL, "and says why");
	unlink(path);
	world_end(&world);
	return tap_done();
}
