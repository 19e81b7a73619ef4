/* The world of the PAM tests; see world.h. */
#include "world.h"

#include "adpermd/client.h"
#include "model/when.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <liboath/oath.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NO_WORLD = 125, PERIOD = 30, NOBODY = 65534 };

static char adperm[512], adpermd[512], module[512], policies[512];
static char key_lines[16384];
static int log_socket = -1;
static pid_t listener;

/* The profile enrolled last. */
static struct {
	char email[256], secret[PROTO_SECRET_TEXT];
	unsigned digits, recovered;
} enrolled;

static void mount_dev(void)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/random",
		"/dev/urandom" };
	enum { NODES = sizeof nodes / sizeof nodes[0] };
	char from[64];
	int fd[NODES];

	for (size_t i = 0; i < NODES; i++)
		if ((fd[i] = open(nodes[i], O_PATH | O_CLOEXEC)) < 0)
			err(NO_WORLD, "%s", nodes[i]);
	if (mount("world", "/dev", "tmpfs", MS_NOSUID, "mode=755") != 0)
		err(NO_WORLD, "mounting a private /dev");
	for (size_t i = 0; i < NODES; i++) {
		int node = open(nodes[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0666);

		snprintf(from, sizeof from, "/proc/self/fd/%d", fd[i]);
		if (node < 0 || mount(from, nodes[i], NULL, MS_BIND, NULL) != 0)
			err(NO_WORLD, "%s", nodes[i]);
		close(node);
		close(fd[i]);
	}
}

/* Nothing that is mounted from here on may be seen by the machine. */
static void refuse_shared_mounts(void)
{
	char line[4096];
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	if (mounts == NULL)
		err(NO_WORLD, "/proc/self/mountinfo");
	while (fgets(line, sizeof line, mounts) != NULL)
		if (strstr(line, " shared:") != NULL)
			errx(NO_WORLD, "run this by tests/privately: its mounts would be seen");
	fclose(mounts);
}

static int listen_dgram(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(path, 0666) != 0)
		err(NO_WORLD, "%s", path);
	return sock;
}

static void read_keys(const char *source)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%s/keys", source);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, key_lines, sizeof key_lines - 1);
	if (n < 0)
		err(NO_WORLD, "%s", path);
	key_lines[n] = '\0';
	close(fd);
}

void world_make(const char *build, const char *source)
{
	snprintf(adperm, sizeof adperm, "%s/adperm", build);
	snprintf(adpermd, sizeof adpermd, "%s/adpermd", build);
	snprintf(module, sizeof module, "%s/pam_adperm.so", build);
	snprintf(policies, sizeof policies, "%s/policies", source);
	read_keys(source);
	if (unshare(CLONE_NEWNS) != 0)
		err(NO_WORLD, "a mount namespace (this needs root)");
	refuse_shared_mounts();
	mount_dev();
	if (mkdir(WORLD, 0755) != 0 || mkdir(WORLD "/pam.d", 0755) != 0)
		err(NO_WORLD, WORLD);
	/* libfaketime keeps a semaphore there, whoever runs. */
	if (mkdir("/dev/shm", 01777) != 0 || chmod("/dev/shm", 01777) != 0)
		err(NO_WORLD, "/dev/shm");
	log_socket = listen_dgram("/dev/log");
}

const char *world_module(void)
{
	return module;
}

static pid_t start(const char *const argv[], const char *output)
{
	pid_t pid = fork();

	if (pid < 0)
		err(NO_WORLD, "fork");
	if (pid == 0) {
		int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
			_exit(NO_WORLD);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(NO_WORLD);
	}
	return pid;
}

static void show(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);

	if (n > 0)
		fwrite(text, 1, (size_t)n, stderr);
	if (fd >= 0)
		close(fd);
}

/* Each option may be NULL: without it. */
static void compile(const char *policy, const char *server, const char *not_after)
{
	const char *argv[10] = { adperm, "compile", "-o", WORLD "/policy.cdb", policy };
	size_t n = 5;
	int status = 0;

	if (server != NULL) {
		argv[n++] = "--server";
		argv[n++] = server;
	}
	if (not_after != NULL) {
		argv[n++] = "--not-after";
		argv[n++] = not_after;
	}
	if (waitpid(start(argv, WORLD "/compile.out"), &status, 0) < 0 || status != 0) {
		show(WORLD "/compile.out");
		errx(NO_WORLD, "%s: %s does not compile it", policy, adperm);
	}
}

void world_install(const char *name, const char *not_after)
{
	char policy[600];

	snprintf(policy, sizeof policy, "%s/%s.yaml", policies, name);
	compile(policy, WORLD_SERVER, not_after);
}

void world_install_whole(const char *name)
{
	char policy[600];

	snprintf(policy, sizeof policy, "%s/%s.yaml", policies, name);
	compile(policy, NULL, NULL);
}

void world_install_text(const char *text)
{
	world_write("policy.yaml", text);
	compile(WORLD "/policy.yaml", WORLD_SERVER, NULL);
}

static void address(struct proto_request *request, uint16_t op, const char *email)
{
	*request = (struct proto_request){ .op = op };
	snprintf(request->profile, sizeof request->profile, "%s", email);
	snprintf(request->service, sizeof request->service, "tests");
}

static bool ask(struct proto_request *request, struct proto_reply *reply)
{
	return client_ask(WORLD "/auth.sock", request, reply) == CLIENT_OK;
}

void world_daemon_start(void)
{
	const char *const argv[] = { adpermd, "--foreground", "--user", "nobody", "--socket",
		WORLD "/auth.sock", "--state", WORLD "/state", "--key", WORLD "/state.key",
		"--config", WORLD "/adperm.conf", NULL };
	struct proto_request request;
	struct proto_reply reply;
	int tries = 6000;

	world_daemon_stop();
	listener = start(argv, WORLD "/adpermd.out");
	address(&request, PROTO_STATUS, "nobody@acme.example");
	while (!ask(&request, &reply)) {
		if (tries-- == 0 || waitpid(listener, NULL, WNOHANG) != 0) {
			show(WORLD "/adpermd.out");
			errx(NO_WORLD, "%s does not start", adpermd);
		}
		usleep(10000);
	}
}

void world_impostor_start(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = WORLD "/auth.sock" };
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	world_daemon_stop();
	unlink(address.sun_path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof address) != 0)
		err(NO_WORLD, "%s", address.sun_path);
	listener = fork();
	if (listener == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setuid(NOBODY) != 0 || listen(sock, 4) != 0)
			_exit(NO_WORLD);
		for (;;)
			pause();
	}
	/* Until it listens, nobody is there. */
	for (int tries = 6000; tries > 0; tries--) {
		int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		int there = connect(probe, (struct sockaddr *)&address, sizeof address);

		close(probe);
		if (there == 0)
			break;
		usleep(10000);
	}
	close(sock);
}

static void remove_state(void)
{
	static const char *const files[] = { "auth.sock", "state.key", "state.mark",
		"state/state.db", "state/state.db-wal", "state/state.db-shm",
		"state/state.db-journal" };
	char path[256];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, WORLD "/%s", files[i]);
		unlink(path);
	}
	if (rmdir(WORLD "/state") != 0 && errno != ENOENT)
		err(NO_WORLD, WORLD "/state");
}

void world_daemon_stop(void)
{
	if (listener > 0) {
		kill(listener, SIGKILL);
		waitpid(listener, NULL, 0);
		listener = 0;
	}
	remove_state();
}

void world_enroll(const char *email, unsigned digits)
{
	struct proto_request request;
	struct proto_reply reply;

	address(&request, PROTO_ENROLL, email);
	request.replace = 1;
	request.digits = (uint8_t)digits;
	if (!ask(&request, &reply) || reply.result != PROTO_YES)
		errx(NO_WORLD, "%s cannot be enrolled (result %u)", email, reply.result);
	memcpy(enrolled.secret, reply.secret, sizeof enrolled.secret);
	enrolled.digits = reply.digits;
	snprintf(enrolled.email, sizeof enrolled.email, "%s", email);
	enrolled.recovered = 0;
}

static void change(enum proto_op op, const char *email)
{
	struct proto_request request;
	struct proto_reply reply;

	address(&request, (uint16_t)op, email);
	if (!ask(&request, &reply) || reply.result != PROTO_YES)
		errx(NO_WORLD, "%s: not done (operation %d, result %u)", email, (int)op,
			reply.result);
}

void world_remove(const char *email)
{
	change(PROTO_REMOVE, email);
}

void world_unlock(const char *email)
{
	change(PROTO_UNLOCK, email);
}

const char *world_recovery(void)
{
	static struct proto_reply reply;
	struct proto_request request;

	if (enrolled.recovered == 0) {
		address(&request, PROTO_RECOVERY, enrolled.email);
		if (!ask(&request, &reply) || reply.result != PROTO_YES)
			errx(NO_WORLD, "%s gets no recovery codes (result %u)", enrolled.email,
				reply.result);
	}
	return reply.recovery[enrolled.recovered++ % PROTO_RECOVERY_CODES];
}

void world_code(int steps, char code[static WORLD_CODE_SIZE])
{
	char *bytes;
	size_t len;
	time_t now = time(NULL);

	/* A code made at the end of its step could be another one's when it arrives. */
	if (now % PERIOD > PERIOD - 2) {
		sleep(2);
		now = time(NULL);
	}
	if (oath_base32_decode(enrolled.secret, strlen(enrolled.secret), &bytes, &len) != OATH_OK)
		errx(NO_WORLD, "the secret is no base32");
	if (oath_totp_generate(
		    bytes, len, now + steps * PERIOD, PERIOD, 0, enrolled.digits, code) != OATH_OK)
		errx(NO_WORLD, "no code");
	free(bytes);
}

void world_write(const char *name, const char *text)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof path, WORLD "/%s", name);
	unlink(path);
	file = fopen(path, "we");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		err(NO_WORLD, "%s", path);
}

void world_mode(const char *name, mode_t mode)
{
	char path[600];

	snprintf(path, sizeof path, WORLD "/%s", name);
	if (chmod(path, mode) != 0)
		err(NO_WORLD, "%s", path);
}

void world_stack(const char *service, const char *before, const char *options)
{
	static const char *const kinds[][2] = { { "auth", "auth" }, { "account", "acct" },
		{ "session", "open_session" } };
	char name[300], lines[8192];
	size_t len = (size_t)snprintf(lines, sizeof lines, "%s", before);

	for (size_t i = 0; i < 3 && len < sizeof lines; i++)
		len += (size_t)snprintf(lines + len, sizeof lines - len,
			"%s [success=done ignore=ignore default=die] %s %s\n"
			"%s required pam_debug.so %s=cred_unavail\n",
			kinds[i][0], module, options, kinds[i][0], kinds[i][1]);
	if (len >= sizeof lines)
		errx(NO_WORLD, "a stack is too long");
	snprintf(name, sizeof name, "pam.d/%s", service);
	world_write(name, lines);
}

static void no_delay(int code, unsigned usec, void *data)
{
	(void)code;
	(void)usec;
	(void)data;
}

pam_handle_t *world_begin(const char *service, const char *user, const struct pam_conv *conv)
{
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int code = pam_start_confdir(service, user, conv, WORLD "/pam.d", &pamh);

	if (code != PAM_SUCCESS)
		errx(NO_WORLD, "pam_start_confdir: %d", code);
	pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	return pamh;
}

bool world_log(char line[static WORLD_LINE_SIZE])
{
	ssize_t n;

	while ((n = recv(log_socket, line, WORLD_LINE_SIZE - 1, MSG_DONTWAIT)) >= 0) {
		const char *tag = memchr(line, '>', (size_t)n);

		line[n] = '\0';
		if (tag != NULL && (strncmp(tag, ">adperm[", 8) == 0 ||
					   strncmp(tag, ">adperm-keys[", 13) == 0))
			return true;
	}
	line[0] = '\0';
	return false;
}

bool world_field(const char *line, const char *name, char *value, size_t size)
{
	char start[64];
	const char *at;
	size_t len;

	value[0] = '\0';
	snprintf(start, sizeof start, " %s=", name);
	at = strstr(line, start);
	if (at == NULL)
		return false;
	at += strlen(start);
	len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, " ");
	if (len >= size)
		len = size - 1;
	memcpy(value, at, len);
	value[len] = '\0';
	return true;
}

const char *world_key(const char *name)
{
	static char key[4096];
	size_t len = strlen(name);

	for (const char *line = key_lines; *line != '\0';) {
		size_t whole = strcspn(line, "\n");

		if (whole > len && strncmp(line, name, len) == 0 && line[len] == ' ') {
			snprintf(key, sizeof key, "%.*s", (int)(whole - len - 1), line + len + 1);
			return key;
		}
		line += whole + (line[whole] == '\n');
	}
	errx(NO_WORLD, "%s has no key", name);
}

static void end_as(pid_t child)
{
	int status = 0;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		_exit(NO_WORLD);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : NO_WORLD);
}

bool world_clock(const char *time)
{
	char seconds[32];
	int64_t when;

	if (getenv("FAKETIME_TIMESTAMP_FILE") == NULL)
		return false;
	if (time == NULL)
		return unlink(WORLD "/clock") == 0;
	if (!when_parse(slice_str(time), &when))
		return false;
	snprintf(seconds, sizeof seconds, "%lld\n", (long long)when);
	world_write("clock", seconds);
	return true;
}

bool world_later(int seconds)
{
	char offset[64];
	pid_t child;
	int fd, len = snprintf(offset, sizeof offset, "boottime %d 0\n", seconds);

	fflush(stdout);
	if (unshare(CLONE_NEWTIME) != 0)
		return false;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, offset, (size_t)len) != len)
		return false;
	close(fd);
	child = fork();
	if (child != 0)
		end_as(child);
	return true;
}
