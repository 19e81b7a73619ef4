/*
 * menu-tls HOST [PORT]: the certificate that this server shows to who asks it for HOST, and until
 * when it is good. Asks the server itself and nobody else, with openssl(1). Ends with 1 if the
 * certificate expires within three weeks, 2 if there is none.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPENSSL  "/usr/bin/openssl"
#define NOBODY   65534     /* user and group */
#define PATIENCE 10        /* seconds */
#define SOON     "1814400" /* three weeks, in seconds */

enum { FAILED = 2 };

/* Ports where TLS begins only when it is asked for. */
static const char *starttls(const char *port)
{
	static const struct {
		const char *port, *protocol;
	} rows[] = { { "21", "ftp" }, { "25", "smtp" }, { "110", "pop3" }, { "143", "imap" },
		{ "587", "smtp" } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].port, port) == 0)
			return rows[i].protocol;
	return NULL;
}

/* In a child: asks, says nothing, and does not wait for ever. */
static void ask(const char *host, const char *port, int out)
{
	const char *protocol = starttls(port);
	char address[32];
	int nothing = open("/dev/null", O_RDWR);

	snprintf(address, sizeof address, "127.0.0.1:%s", port);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0 ||
		dup2(out, STDOUT_FILENO) < 0)
		_exit(FAILED);
	alarm(PATIENCE);
	execl(OPENSSL, "openssl", "s_client", "-connect", address, "-servername", host,
		protocol != NULL ? "-starttls" : (char *)NULL, protocol, (char *)NULL);
	_exit(FAILED);
}

/* In a child: shows the first certificate of what is read. */
static void show(int in)
{
	if (dup2(in, STDIN_FILENO) >= 0)
		execl(OPENSSL, "openssl", "x509", "-noout", "-subject", "-issuer", "-ext",
			"subjectAltName", "-dateopt", "iso_8601", "-dates", "-checkend", SOON,
			(char *)NULL);
	err(FAILED, OPENSSL);
}

static int wait_for(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

int main(int argc, char **argv)
{
	const char *port = argc == 3 ? argv[2] : "443";
	pid_t client, printer;
	int pipes[2], asked, shown;

	if (argc != 2 && argc != 3)
		errx(FAILED, "usage: menu-tls HOST [PORT]");
	/* Who listens there may be anybody: what it says is not read as root. */
	if (getuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
				     setresuid(NOBODY, NOBODY, NOBODY) != 0))
		err(FAILED, "giving up root");
	if (pipe2(pipes, O_CLOEXEC) != 0)
		err(FAILED, "pipe");
	client = fork();
	if (client == 0)
		ask(argv[1], port, pipes[1]);
	close(pipes[1]);
	printer = client > 0 ? fork() : -1;
	if (printer == 0)
		show(pipes[0]);
	close(pipes[0]);
	if (client < 0 || printer < 0)
		err(FAILED, "fork");
	asked = wait_for(client);
	shown = wait_for(printer);
	if (asked != 0)
		errx(FAILED, "no TLS server answered on port %s of this server", port);
	return shown;
}
