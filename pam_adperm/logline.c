/* A datagram to /dev/log; see logline.h. */
#include "logline.h"

#include "base/file.h"
#include "base/sshkey.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define LOG_PATH "/dev/log"
#define BUSY_US  200000

bool logline_heard(void)
{
	struct stat state;

	return lstat(LOG_PATH, &state) == 0;
}

struct text logline_begin(char into[static LOGLINE_MAX], int level, const char *tag)
{
	struct text line = text_over(into, LOGLINE_MAX);

	text_add(&line, "<");
	text_add_u64(&line, (uint64_t)(LOG_AUTHPRIV | level));
	text_add(&line, ">");
	text_add(&line, tag);
	text_add(&line, "[");
	text_add_u64(&line, (uint64_t)getpid());
	text_add(&line, "]:");
	return line;
}

static void add_field(struct text *line, const char *name, const char *value, size_t max)
{
	text_add(line, " ");
	text_add(line, name);
	text_add(line, "=\"");
	if (value != NULL)
		text_add_escaped(line, slice_str(value), max);
	text_add(line, "\"");
}

void logline_field(struct text *line, const char *name, const char *value)
{
	add_field(line, name, value, LOGLINE_FIELD);
}

void logline_trouble(struct text *line, const struct adperm *policy)
{
	char words[ADPERM_WHY_SIZE] = "";

	if (policy != NULL)
		adperm_trouble(policy, words, sizeof words);
	if (words[0] != '\0')
		add_field(line, "source", words, LOGLINE_TROUBLE);
}

void logline_key(struct text *line, const uint8_t *digest)
{
	char fingerprint[SSHKEY_FINGERPRINT_SIZE] = "";

	if (digest != NULL)
		sshkey_fingerprint(digest, fingerprint);
	logline_field(line, "key", fingerprint);
}

void logline_send(const struct text *line)
{
	static const struct sockaddr_un log = { AF_UNIX, LOG_PATH };
	static const struct timeval busy = { 0, BUSY_US };
	const struct sockaddr *to = (const struct sockaddr *)&log;
	int fd = file_above_standard(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	if (fd < 0)
		return;
	if (sendto(fd, line->at, line->len, MSG_NOSIGNAL | MSG_DONTWAIT, to, sizeof log) < 0 &&
		errno == EAGAIN && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &busy, sizeof busy) == 0)
		sendto(fd, line->at, line->len, MSG_NOSIGNAL, to, sizeof log);
	close(fd);
}
