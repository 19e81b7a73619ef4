/*
 * One message to one person, handed to the mail system of this machine: its sendmail(8) with -t -i,
 * started without a shell and with an environment of its own. No text can add a header or a
 * recipient. What the mail system does not take is kept in a spool and tried again.
 */
#ifndef ADPERM_CLI_MAIL_H
#define ADPERM_CLI_MAIL_H

#include "base/buf.h"

#define MAIL_SENDMAIL    "/usr/sbin/sendmail"
#define MAIL_SPOOL       "/var/lib/adperm/mail"
#define MAIL_SUBJECT_MAX 500   /* bytes */
#define MAIL_BODY_MAX    65536 /* bytes */

/* How mail leaves this machine. */
struct mail_system {
	const char *sendmail; /* absolute path */
	const char *spool;    /* directory, made 0700 if absent */
	const char *from;     /* address; NULL: root at this machine's name */
};

struct mail {
	const char *to;      /* address */
	const char *name;    /* whose, UTF-8; NULL: not said */
	const char *subject; /* UTF-8, one line */
	const char *body;    /* UTF-8; lines end in \n */
	const char *list;    /* a host name for List-Id (RFC 2919); NULL: none */
	bool secret;         /* never lies in a file: is not kept if it cannot be handed over */
};

enum mail_fate {
	MAIL_FAILED = 0, /* neither sent nor kept */
	MAIL_KEPT,       /* the mail system does not take it now; it lies in the spool */
	MAIL_SENT,       /* the mail system has it */
};

/* What to say of it: "failed", "waiting", "sent". */
const char *mail_fate_name(enum mail_fate fate);

/*
 * Sends one message. Prints the complaint, as by `command`, unless it is MAIL_SENT. Before it is
 * handed over it lies in the spool already: a program killed in between may send it twice, with the
 * same Message-ID, but not lose it.
 */
enum mail_fate mail_send(
	const char *command, const struct mail_system *system, const struct mail *mail);

/* Could it be sent? The complaint is printed, as by mail_send(), and nothing else is done. */
bool mail_check(const char *command, const struct mail_system *system, const struct mail *mail);

/*
 * Tries again what lies in the spool, oldest first, and prints of each to whom it goes, what about,
 * and what became of it. How many still lie there, or -1 with the complaint printed.
 */
int mail_retry(const char *command, const struct mail_system *system);

/* When, by which name and from where a message is sent: what mail_compose() does not find out. */
struct mail_stamp {
	int64_t now;      /* seconds since 1970 */
	const char *host; /* of this machine */
	const char *from; /* address */
	char id[33];      /* hexadecimal, not guessable */
};

/*
 * Puts the message together (RFC 5322, 2045, 2047, 3834) and adds it to `out`, lines ended by \n as
 * sendmail(8) wants them. NULL, or why it cannot be a message: a control character or one that
 * hides or turns text, an address that is none, too long.
 */
const char *mail_compose(const struct mail *mail, const struct mail_stamp *stamp, struct buf *out);

#endif
