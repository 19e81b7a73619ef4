/* Handing messages over to the mail system; see mail.h. */
#include "cli/mail.h"

#include "base/file.h"
#include "cli/cli.h"
#include "cli/mail_spool.h"
#include "cli/run_program.h"
#include "model/names.h"
#include "model/when.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define HEADERS_MAX 4096
#define GIVE_UP     (5 * WHEN_DAY) /* RFC 5321, section 4.5.4.1 */

/* The exit statuses of sendmail(8) that are about the message; all others are about the day. */
static const struct {
	int status;
	const char *means;
} final[] = {
	{ EX_DATAERR, "the message is not understood" },
	{ EX_NOUSER, "there is no such mailbox" },
	{ EX_NOHOST, "there is no such host" },
};

static const char *const fates[] = {
	[MAIL_FAILED] = "failed",
	[MAIL_KEPT] = "waiting",
	[MAIL_SENT] = "sent",
};

const char *mail_fate_name(enum mail_fate fate)
{
	return fates[fate];
}

static const char *final_status(int status)
{
	for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
		if (final[i].status == status)
			return final[i].means;
	return NULL;
}

/* What a program that failed has said, or else how it ended. */
static const char *last_words(struct buf *said, int status, char room[static 64])
{
	while (said->len > 0 && said->at[said->len - 1] <= ' ')
		said->at[--said->len] = '\0';
	if (!said->failed && said->len > 0)
		return (const char *)said->at;
	if (status > 128)
		snprintf(room, 64, "signal %d", status - 128);
	else
		snprintf(room, 64, "exit status %d", status);
	return room;
}

/* Runs sendmail(8) on an open message. */
static enum mail_fate hand_over(
	const char *command, const struct mail_system *system, const char *to, int message)
{
	const char *const argv[] = { system->sendmail, "-t", "-i", NULL };
	struct buf said = { .at = NULL };
	char room[64];
	int status = run_program_fed(argv, message, 0, &said);
	enum mail_fate fate = status == 0 ? MAIL_SENT : MAIL_KEPT;

	if (status < 0) {
		complain("%s: no mail can leave this machine: %s: %s; install a mail system with a "
			 "sendmail(8), as postfix, opensmtpd or msmtp-mta have",
			command, system->sendmail, strerror(-status));
	} else if (final_status(status) != NULL) {
		fate = MAIL_FAILED;
		complain("%s: the mail system refuses the mail for %s: %s: %s", command, to,
			final_status(status), last_words(&said, status, room));
	} else if (status > 0) {
		complain("%s: the mail system does not take the mail for %s now: %s: %s", command,
			to, system->sendmail, last_words(&said, status, room));
	}
	buf_done(&said);
	return fate;
}

/* Composes; false: the complaint is printed. */
static bool compose(const char *command, const struct mail_system *system, const struct mail *mail,
	struct buf *out)
{
	struct mail_stamp stamp = { .now = time(NULL), .from = system->from };
	char host[HOST_MAX + 1] = "", from[HOST_MAX + 8];
	uint8_t random[(sizeof stamp.id - 1) / 2];
	const char *why;

	if (gethostname(host, sizeof host) != 0 || !name_is_host(slice_str(host)))
		snprintf(host, sizeof host, "localhost");
	snprintf(from, sizeof from, "root@%s", host);
	stamp.host = host;
	if (stamp.from == NULL)
		stamp.from = from;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
		complain("%s: no random bytes: %s", command, strerror(errno));
		return false;
	}
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(stamp.id + 2 * i, 3, "%02x", random[i]);
	why = mail_compose(mail, &stamp, out);
	if (why != NULL)
		complain("%s: the mail for %s cannot be sent: %s", command, mail->to, why);
	return why == NULL;
}

bool mail_check(const char *command, const struct mail_system *system, const struct mail *mail)
{
	struct buf message = { .at = NULL };
	bool good = compose(command, system, mail, &message);

	buf_done(&message);
	return good;
}

/* What is secret lies in no file but this one, which has no name and is gone when it is closed. */
static enum mail_fate send_secret(const char *command, const struct mail_system *system,
	const struct mail *mail, const struct buf *message)
{
	enum mail_fate fate = MAIL_FAILED;
	int fd = memfd_create("mail", MFD_CLOEXEC);

	if (fd < 0 || write(fd, message->at, message->len) != (ssize_t)message->len ||
		lseek(fd, 0, SEEK_SET) != 0)
		complain("%s: the mail for %s: %s", command, mail->to, strerror(errno));
	else if (hand_over(command, system, mail->to, fd) == MAIL_SENT)
		fate = MAIL_SENT;
	if (fd >= 0)
		close(fd);
	return fate;
}

/* Hands over what lies in the spool under a name. */
static enum mail_fate send_kept(const char *command, const struct mail_system *system,
	const struct private_dir *spool, const char *name, struct spooled *mail)
{
	enum mail_fate fate;
	int ret = spool_open(spool, name, mail);

	if (ret != 0) {
		complain("%s: %s/%s: %s", command, spool->path, name,
			ret == -EBADMSG ? "is no mail of adperm's" : strerror(-ret));
		return MAIL_KEPT;
	}
	fate = hand_over(command, system, mail->to, mail->fd);
	if (fate == MAIL_KEPT && time(NULL) - mail->since > GIVE_UP) {
		complain("%s: the mail for %s, \"%s\", has waited for five days and is given up",
			command, mail->to, mail->subject);
		fate = MAIL_FAILED;
	}
	if (fate == MAIL_FAILED)
		note("the mail for %s is lost: refused, or not taken for five days", mail->to);
	ret = spool_close(mail, fate == MAIL_KEPT);
	if (ret != 0)
		complain("%s: %s: will be sent again: %s", command, mail->path, strerror(-ret));
	return fate;
}

static bool begin(const char *command, const struct mail_system *system, struct private_dir *spool)
{
	int ret = private_dir_open(spool, system->spool);

	if (ret == -EPERM)
		complain(
			"%s: %s, where mail waits, must be a directory of root's, mode 0700, below "
			"directories that only root can write to",
			command, system->spool);
	else if (ret != 0)
		complain("%s: %s, where mail waits: %s", command, system->spool, strerror(-ret));
	return ret == 0;
}

/* Keeps it and hands it over. */
static enum mail_fate send_composed(const char *command, const struct mail_system *system,
	const struct mail *mail, const struct buf *message)
{
	struct private_dir spool;
	struct spooled kept;
	char name[SPOOL_NAME];
	enum mail_fate fate = MAIL_FAILED;
	int ret;

	if (mail->secret)
		return send_secret(command, system, mail, message);
	if (!begin(command, system, &spool))
		return MAIL_FAILED;
	ret = spool_put(&spool, mail->to, mail->subject, buf_slice(message), name);
	if (ret == 0)
		fate = send_kept(command, system, &spool, name, &kept);
	else
		complain("%s: the mail for %s: %s: %s", command, mail->to, spool.path,
			strerror(-ret));
	if (fate == MAIL_KEPT)
		complain("%s: the mail for %s is kept; `adperm notify --pending` tries again",
			command, mail->to);
	private_dir_close(&spool);
	return fate;
}

enum mail_fate mail_send(
	const char *command, const struct mail_system *system, const struct mail *mail)
{
	struct buf message = { .at = NULL };
	enum mail_fate fate = MAIL_FAILED;

	/* All at once: growing would leave copies behind that nobody wipes. */
	if (!buf_grow(&message, 4 * strlen(mail->body) + HEADERS_MAX))
		complain("%s: out of memory", command);
	else if (compose(command, system, mail, &message))
		fate = send_composed(command, system, mail, &message);
	if (mail->secret && message.at != NULL)
		explicit_bzero(message.at, message.cap);
	buf_done(&message);
	return fate;
}
int mail_retry(const char *command, const struct mail_system *system)
{
	struct private_dir spool;
	struct dirent **entries;
	int n, left = 0;

	if (!begin(command, system, &spool))
		return -1;
	n = spool_list(&spool, &entries);
	if (n < 0)
		complain("%s: %s: %s", command, spool.path, strerror(-n));
	for (int i = 0; i < n; i++) {
		struct spooled mail = { .to = "" };
		enum mail_fate fate = send_kept(command, system, &spool, entries[i]->d_name, &mail);

		left += fate == MAIL_KEPT;
		if (mail.to[0] != '\0')
			printf("%-8s %s: %s\n", fates[fate], mail.to, mail.subject);
	}
	spool_list_free(entries, n);
	private_dir_close(&spool);
	return n < 0 ? -1 : left;
}
