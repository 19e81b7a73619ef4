/* The log of decisions, read back; see audit.h. */
#include "cli/audit.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOURNAL    "/run/systemd/journal/socket"
#define JOURNALCTL "/usr/bin/journalctl"

const char *const audit_names[AUDIT_FIELDS] = {
#define FIELD(symbol, name, says) [AUDIT_##symbol] = (name),
#include "cli/audit_fields.def"
#undef FIELD
};

/* --- one line */

static bool takes(struct slice *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len < len || memcmp(rest->at, word, len) != 0)
		return false;
	*rest = slice_of(rest->at + len, rest->len - len);
	return true;
}

static int hex_value(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* A byte of a value; "\xNN" stands for one. What is no printable ASCII stays written so. */
static bool take_byte(struct slice *rest, char out[static 5])
{
	int high, low;

	out[0] = (char)rest->at[0];
	out[1] = '\0';
	if (rest->len < 4 || rest->at[0] != '\\' || rest->at[1] != 'x') {
		*rest = slice_of(rest->at + 1, rest->len - 1);
		return out[0] >= 0x20 && out[0] < 0x7f;
	}
	high = hex_value(rest->at[2]);
	low = hex_value(rest->at[3]);
	if (high < 0 || low < 0)
		return false;
	if (16 * high + low >= 0x20 && 16 * high + low < 0x7f) {
		out[0] = (char)(16 * high + low);
	} else {
		memcpy(out, rest->at, 4);
		out[4] = '\0';
	}
	*rest = slice_of(rest->at + 4, rest->len - 4);
	return true;
}

/* The value behind "name=", in quotes or up to a blank. */
static bool take_value(struct slice *rest, char out[static AUDIT_VALUE])
{
	bool quoted = takes(rest, "\"");
	struct text t = text_over(out, AUDIT_VALUE);
	char byte[5];

	while (rest->len > 0 && rest->at[0] != (quoted ? '"' : ' ')) {
		if (!take_byte(rest, byte))
			return false;
		text_add(&t, byte);
	}
	return !quoted || takes(rest, "\"");
}

static bool take_field(struct slice *rest, struct audit_line *line)
{
	char other[AUDIT_VALUE], *into = other;

	for (size_t i = 0; i < AUDIT_FIELDS; i++) {
		struct slice behind = *rest;

		if (takes(&behind, audit_names[i]) && takes(&behind, "=")) {
			*rest = behind;
			into = line->value[i];
			break;
		}
	}
	/* A field of a later version is passed over. */
	if (into == other) {
		const uint8_t *equals = memchr(rest->at, '=', rest->len);

		if (equals == NULL)
			return false;
		*rest = slice_of(equals + 1, rest->len - (size_t)(equals + 1 - rest->at));
	}
	return take_value(rest, into);
}

/* "Nov 22 05:12:33", or everything before the first blank. */
static struct slice take_time(struct slice *rest)
{
	size_t len = 0, blanks = rest->len > 0 && rest->at[0] >= 'A' ? 3 : 1;
	struct slice time;

	while (len < rest->len) {
		if (rest->at[len] == ' ' && (len == 0 || rest->at[len - 1] != ' ') && --blanks == 0)
			break;
		len++;
	}
	time = slice_of(rest->at, len);
	*rest = slice_of(rest->at + len, rest->len - len);
	return time;
}

/* Those whose lines are ours, and no list is longer. */
static const char *const our_programs[] = { "adperm", "adperm-keys", "adperm-people", NULL };
#define PROGRAMS_MAX 8

/*
 * "TIME HOST PROGRAM[123]: " and nothing before it: what other programs log may hold names that
 * somebody chose.
 */
static bool take_head(
	struct slice *rest, const char *const *programs, struct slice *time, const char **program)
{
	*time = take_time(rest);
	if (!takes(rest, " "))
		return false;
	while (rest->len > 0 && rest->at[0] != ' ')
		*rest = slice_of(rest->at + 1, rest->len - 1);
	if (!takes(rest, " "))
		return false;
	for (; *programs != NULL; programs++) {
		struct slice behind = *rest;

		if (!takes(&behind, *programs) || !takes(&behind, "["))
			continue;
		while (behind.len > 0 && behind.at[0] >= '0' && behind.at[0] <= '9')
			behind = slice_of(behind.at + 1, behind.len - 1);
		*rest = behind;
		*program = *programs;
		return takes(rest, "]: ");
	}
	return false;
}

static void trim(struct slice *text)
{
	while (text->len > 0 && (text->at[text->len - 1] == '\n' || text->at[text->len - 1] == ' '))
		text->len--;
}

bool audit_parse(struct slice text, struct audit_line *line)
{
	struct slice time;
	struct text t = text_over(line->time, sizeof line->time);
	const char *program;

	memset(line->value, 0, sizeof line->value);
	trim(&text);
	if (!take_head(&text, our_programs, &time, &program) || !takes(&text, "v=1 phase=") ||
		!take_value(&text, line->value[AUDIT_PHASE]))
		return false;
	text_add_escaped(&t, time, sizeof line->time - 1);
	while (takes(&text, " "))
		if (!take_field(&text, line))
			return false;
	return text.len == 0 && line->value[AUDIT_DEC][0] != '\0';
}

/* --- the log */

static bool open_journal(struct audit_log *log, const char *const *programs)
{
	static char words[][20] = { "journalctl", "-q", "-o", "short-iso" }, tag[] = "-t";
	char *argv[sizeof words / sizeof words[0] + 2 * PROGRAMS_MAX + 1] = { NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t files;
	int ends[2], ret;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		argv[i] = words[i];
	for (size_t i = 0, at = sizeof words / sizeof words[0]; programs[i] != NULL; i++) {
		argv[at++] = tag;
		/* posix_spawn(3) does not write to it; its type is older than const. */
		argv[at++] = (char *)(uintptr_t)programs[i];
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
	ret = posix_spawn(&log->child, JOURNALCTL, &files, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&files);
	close(ends[1]);
	log->file = ret == 0 ? fdopen(ends[0], "r") : NULL;
	if (log->file == NULL)
		close(ends[0]);
	errno = ret;
	return log->file != NULL;
}

bool audit_open(struct audit_log *log, const char **path)
{
	return audit_open_of(log, path, our_programs);
}

bool audit_open_of(struct audit_log *log, const char **path, const char *const *programs)
{
	static const char *const usual[] = { "/var/log/auth.log", "/var/log/secure" };

	*log = (struct audit_log){ .file = NULL };
	if (*path != NULL && strcmp(*path, "-") == 0) {
		log->file = stdin;
		return true;
	}
	if (*path != NULL) {
		log->file = fopen(*path, "re");
		return log->file != NULL;
	}
	if (access(JOURNAL, F_OK) == 0 && access(JOURNALCTL, X_OK) == 0) {
		*path = JOURNALCTL;
		return open_journal(log, programs);
	}
	for (size_t i = 0; log->file == NULL && i < sizeof usual / sizeof usual[0]; i++) {
		*path = usual[i];
		log->file = fopen(usual[i], "re");
	}
	return log->file != NULL;
}

static bool next_text(struct audit_log *log, struct slice *text)
{
	ssize_t len = getline(&log->text, &log->room, log->file);

	if (len >= 0)
		*text = slice_of(log->text, (size_t)len);
	else if (!feof(log->file))
		log->error = errno;
	return len >= 0;
}

bool audit_next(struct audit_log *log, struct audit_line *line)
{
	struct slice text;

	while (next_text(log, &text))
		if (audit_parse(text, line))
			return true;
	return false;
}

bool audit_next_of(struct audit_log *log, const char *const *programs, struct slice *time,
	const char **program, struct slice *words)
{
	while (next_text(log, words)) {
		trim(words);
		if (take_head(words, programs, time, program))
			return true;
	}
	return false;
}

int audit_close(struct audit_log *log)
{
	int error = log->error, status = 0;

	if (log->file != NULL && log->file != stdin)
		fclose(log->file);
	if (log->child > 0)
		while (waitpid(log->child, &status, 0) < 0 && errno == EINTR)
			;
	/* What journalctl could not do it has said itself. */
	if (error == 0 && status != 0)
		error = EIO;
	free(log->text);
	*log = (struct audit_log){ .file = NULL };
	return -error;
}
