/*
 * logsink SOCKET FILE: the system log of a test. Takes what syslog(3) sends to SOCKET and appends
 * it to FILE, a line a message, without priority and date; "adperm[7]: ..." is left. Bytes that
 * are not printable ASCII are written as \xNN.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DATE = sizeof("Jan  1 00:00:00 ") - 1 };

static const char *after_header(const char *text)
{
	const char *end;

	if (text[0] == '<' && (end = strchr(text, '>')) != NULL)
		text = end + 1;
	if (strlen(text) >= DATE && text[DATE - 4] == ':' && text[DATE - 1] == ' ')
		text += DATE;
	return text;
}

static void write_line(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n' && text[1] == '\0')
			break;
		if (c >= ' ' && c < 0x7f)
			putc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
	putc('\n', out);
	fflush(out);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		errx(1, "%s: the path is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	unlink(path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "%s", path);
	if (chmod(path, 0666) != 0)
		err(1, "%s", path);
	return sock;
}

int main(int argc, char **argv)
{
	char message[16384];
	FILE *out;
	int sock;

	if (argc != 3)
		errx(2, "usage: logsink SOCKET FILE");
	sock = listen_on(argv[1]);
	out = fopen(argv[2], "ae");
	if (out == NULL)
		err(1, "%s", argv[2]);
	for (;;) {
		ssize_t n = recv(sock, message, sizeof(message) - 1, 0);

		if (n < 0 && errno != EINTR)
			err(1, "%s", argv[1]);
		if (n <= 0)
			continue;
		message[n] = '\0';
		write_line(out, after_header(message));
	}
}
