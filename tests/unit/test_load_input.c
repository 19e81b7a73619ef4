/*
 * Policies that no file of the tree can be: pipes, devices, far too large, far too many, read
 * errors, too little memory. Every one fails at once and says why.
 */
#include "lang/lint.h"
#include "sanitized.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char top[] = "/tmp/adperm-test.XXXXXX";

static void path_of(char out[static 256], const char *name)
{
	snprintf(out, 256, "%s/%s", top, name);
}

static void put(const char *name, const char *text, size_t len)
{
	char path[256];
	int fd;

	path_of(path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Did loading the path say this, with this severity's consequence? */
static bool says(const char *path, enum diag_id id, bool loads)
{
	struct diags *d = diags_new();
	struct policy *p = policy_load(&path, 1, d);
	char *text = NULL, code[16];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool good;

	diags_print(d, out);
	fclose(out);
	snprintf(code, sizeof code, "[AP%03d]", (int)id);
	good = strstr(text, code) != NULL && (p != NULL) == loads;
	if (!good)
		printf("# %s: %s, expected %s in: %s\n", path, p == NULL ? "fails" : "loads", code,
			text);
	free(text);
	policy_free(p);
	diags_free(d);
	return good;
}

static void kinds(void)
{
	char path[256], other[256];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	double begin = now();
	int fd;

	path_of(path, "none.yaml");
	ok(says(path, DIAG_INPUT_MISSING, false), "t06_absent_file");
	ok(says("", DIAG_INPUT_MISSING, false), "t06_empty_path");
	path_of(path, "fifo.yaml");
	mkfifo(path, 0600);
	ok(says(path, DIAG_INPUT_KIND, false), "t06_fifo");
	ok(says(top, DIAG_INPUT_KIND, false), "t06_fifo_in_a_directory");
	unlink(path);
	path_of(path, "s");
	snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		perror("bind");
	ok(says(path, DIAG_INPUT_KIND, false), "t06_socket");
	close(fd);
	unlink(path);
	ok(says("/dev/zero", DIAG_INPUT_KIND, false), "t06_device");
	put("good.yaml", "---\nadperm: 1\n...\n", 18);
	path_of(path, "good.yaml");
	path_of(other, "link.yaml");
	if (symlink(path, other) < 0)
		perror("symlink");
	ok(says(other, DIAG_INPUT_KIND, false), "t06_symlink");
	ok(says(top, DIAG_INPUT_KIND, false), "t06_symlink_in_a_directory");
	unlink(other);
	path_of(other, "link");
	if (symlink(top, other) < 0)
		perror("symlink");
	ok(says(other, DIAG_INPUT_KIND, false), "t06_symlink_to_a_directory");
	path_of(other, "link//");
	ok(says(other, DIAG_INPUT_KIND, false), "t06_symlink_to_a_directory_with_slashes");
	path_of(other, "link");
	unlink(other);
	path_of(other, "sub.yaml");
	mkdir(other, 0700);
	ok(says(top, DIAG_INPUT_KIND, false), "t06_directory_called_like_a_file");
	ok(says(other, DIAG_INPUT_NONE, false), "t06_directory_without_a_file");
	rmdir(other);
	ok(says("/proc/self/mem", DIAG_INPUT_READ, false), "a file that cannot be read");
	unlink(path);
	ok(now() - begin < 10, "t06_all_of_that_in_a_moment");
}

static void sizes(void)
{
	static const char head[] = "---\nadperm: 1\n...\n#";
	static char brackets[80000];
	char path[256];
	double begin;
	int fd;

	path_of(path, "large.yaml");
	put("large.yaml", head, sizeof head - 1);
	if (truncate(path, ((off_t)256 << 20) + 1) < 0)
		perror("truncate");
	begin = now();
	ok(says(path, DIAG_INPUT_TOO_LARGE, false), "t06_more_than_256_mib");
	ok(now() - begin < 1, "t06_more_than_256_mib_is_known_at_once");
	if (truncate(path, (off_t)256 << 20) < 0)
		perror("truncate");
	ok(says(path, DIAG_BAD_CHARACTER, false), "t06_256_mib_are_read");
	unlink(path);

	memset(brackets, '[', sizeof brackets);
	put("deep.yaml", brackets, sizeof brackets);
	path_of(path, "deep.yaml");
	begin = now();
	ok(says(path, DIAG_TOO_DEEP, false), "t05_nesting_80000_levels");
	ok(now() - begin < (SANITIZED ? 1 : .05), "t05_nesting_80000_levels_is_known_at_once");
	unlink(path);

	path_of(path, "many");
	mkdir(path, 0700);
	for (int i = 0; i <= 10000; i++) {
		char name[32];

		snprintf(name, sizeof name, "many/%05d.yaml", i);
		path_of(path, name);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	path_of(path, "many");
	ok(says(path, DIAG_INPUT_TOO_MANY, false), "t06_more_than_10000_files");
	path_of(path, "many/05000.yaml");
	unlink(path);
	path_of(path, "many");
	ok(says(path, DIAG_EMPTY_FILE, false), "t06_10000_files_are_read");
}

/* Comparing all with all would take for ever; that it does not is said. */
static void too_many_grants(void)
{
	struct diags *d = diags_new();
	const char *path = NULL;
	char *text = NULL, name[256];
	struct policy *p;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	double begin = now();

	fprintf(out, "---\nadperm: 1\nowners:\n  o@x.example:\n"
		     "    servers: {s1.x.example: {accounts: [acme]}}\n    grants:\n");
	for (int i = 0; i < 10000; i++)
		fprintf(out,
			"      - {to: a@x.example, accounts: {acme: [ssh]}, require_2fa: true, "
			"expires: 2030-01-01}\n"
			"      - {to: a@x.example, accounts: {acme: [ftp]}}\n");
	fprintf(out, "...\n");
	fclose(out);
	put("grants.yaml", text, len);
	free(text);
	path_of(name, "grants.yaml");
	path = name;
	p = policy_load(&path, 1, d);
	ok(p != NULL && policy_lint(p, 0, d) && diags_warnings(d) == 1 && diags_sort(d) == 1 &&
			diags_at(d, 0).id == DIAG_LINT_STOPPED,
		"lint gives up on too many grants of one person, and says so");
	ok(now() - begin < 20, "after a while");
	policy_free(p);
	diags_free(d);
	unlink(name);
}

/* Loads in a child that may use `room` more bytes. 0: it said that memory ran out; 1: it loaded. */
static int starved(const char *path, size_t room)
{
	struct rlimit limit;
	unsigned long pages = 0;
	FILE *self = fopen("/proc/self/statm", "re");
	struct diags *d;
	struct policy *p;
	int status;
	pid_t child;

	if (self == NULL || fscanf(self, "%lu", &pages) != 1)
		return -1;
	fclose(self);
	child = fork();
	if (child == 0) {
		limit.rlim_cur = limit.rlim_max = pages * 4096 + room;
		setrlimit(RLIMIT_AS, &limit);
		d = diags_new();
		p = d != NULL ? policy_load(&path, 1, d) : NULL;
		_exit(p != NULL ? 1 : d == NULL || diags_errors(d) > 0 ? 0 : 2);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void memory(void)
{
	char path[256], *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool good = true, failed = false, loaded = false;

	fprintf(out, "---\nadperm: 1\nprofiles:\n");
	for (int i = 0; i < 20000; i++)
		fprintf(out, "  person%d@acme.example: {login: l%d}\n", i, i);
	fprintf(out, "...\n");
	fclose(out);
	put("people.yaml", text, len);
	free(text);
	path_of(path, "people.yaml");
	if (SANITIZED) {
		tap_skip("the sanitizer needs the whole address space", "too little memory");
		return;
	}
	for (size_t room = 0; room < (size_t)24 << 20 && good; room += 262144) {
		int got = starved(path, room);

		good = got == 0 || got == 1;
		failed = failed || got == 0;
		loaded = loaded || got == 1;
	}
	ok(good, "with too little memory it fails, and is not killed (DIAG_NO_MEMORY)");
	ok(failed && loaded, "with less and more memory both were seen");
	unlink(path);
}

static int remove_one(const char *path, const struct stat *state, int type, struct FTW *at)
{
	(void)state, (void)type, (void)at;
	return remove(path);
}

int main(void)
{
	if (mkdtemp(top) == NULL) {
		perror(top);
		return 1;
	}
	kinds();
	sizes();
	too_many_grants();
	memory();
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
