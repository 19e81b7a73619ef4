/*
 * adperm-keys: sshd's AuthorizedKeysCommand. Is given the user and the key that a client offers,
 * and prints that one key, as the policy has it, if its person could be allowed on that account or
 * login from some address; else nothing. It runs as a user of its own, needs no second factor and
 * decides nothing: the PAM module does, when sshd has verified the key.
 */
#include "adperm.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/sshkey.h"
#include "logline.h"

#include <errno.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define OPERANDS 4

/* "TYPE BASE64" and a newline. */
#define LINE_SIZE (BASE64_LEN(SSHKEY_MAX) + 64)

enum { EXIT_ANSWERED = 0, EXIT_USAGE = 2 };

/* What sshd asks, in the order of its tokens %u %f %t %k. */
struct offer {
	const char *user, *fingerprint, *type, *base64;
	bool self; /* the user is nobody: at that door people help themselves */
	uint8_t blob[SSHKEY_MAX];
	size_t len;
};

static void write_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes = slice_of(bytes.at + n, bytes.len - (size_t)n);
	}
}

static int refuse(const char *why)
{
	write_all(STDERR_FILENO, slice_str("adperm-keys: "));
	write_all(STDERR_FILENO, slice_str(why));
	write_all(STDERR_FILENO, slice_str("\n"));
	return EXIT_USAGE;
}

/* Takes the options before the operands; NULL, or what is wrong. */
static const char *take_options(struct adperm_options *options, bool *self, char **at, char **end)
{
	const struct {
		const char *name;
		const char **value;
	} rows[] = {
		{ "--db", &options->db },
		{ "--server", &options->server },
		{ "--people", &options->people },
		{ "--switch", &options->switch_conf },
		{ "--sources", &options->sources },
	};

	while (at < end) {
		size_t row = 0;

		if (strcmp(*at, "--") == 0)
			return at + 1 == end ? NULL
					     : "arguments after -- are USER FINGERPRINT TYPE KEY";
		if (strcmp(*at, "--self") == 0) {
			*self = true;
			at++;
			continue;
		}
		while (row < sizeof rows / sizeof rows[0] && strcmp(*at, rows[row].name) != 0)
			row++;
		if (row == sizeof rows / sizeof rows[0])
			return "unknown option; see adperm-keys(8)";
		if (at + 1 == end || at[1][0] == '\0')
			return "an option has no value; see adperm-keys(8)";
		*rows[row].value = at[1];
		at += 2;
	}
	return NULL;
}

/* Reads the offered key. NULL if it is one that the policy could have, else what is wrong. */
static const char *take_key(struct offer *offer)
{
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];
	uint8_t digest[SHA256_SIZE];
	struct slice blob;
	long len = base64_decode(slice_str(offer->base64), offer->blob, sizeof offer->blob);

	if (len < 0)
		return "key_is_not_base64";
	offer->len = (size_t)len;
	blob = slice_of(offer->blob, offer->len);
	sha256_of(blob, digest);
	sshkey_fingerprint(digest, fingerprint);
	if (strcmp(fingerprint, offer->fingerprint) != 0)
		return "fingerprint_is_another";
	switch (sshkey_check(slice_str(offer->type), blob)) {
	case SSHKEY_GOOD: return NULL;
	case SSHKEY_MALFORMED: return "key_is_malformed";
	case SSHKEY_UNKNOWN: return "key_type_is_unknown";
	case SSHKEY_WEAK: return "key_is_weak";
	case SSHKEY_CERT: return "certificate";
	}
	return "key_type_is_unknown";
}

/* Is a yes or a no of the policy; else it could not be asked. */
static bool is_answer(enum adperm_reason reason)
{
	static const bool answers[] = {
#define ANSWERS_OK                          true
#define ANSWERS_DENY                        true
#define ANSWERS_SYSTEM                      false
#define ANSWERS_CONV                        false
#define ANSWERS_NOMEM                       false
#define ANSWERS_OPTION                      false
#define REASON(symbol, word, kind, meaning) [ADPERM_##symbol] = ANSWERS_##kind,
#include "adperm_reasons.def"
	};

	return answers[reason];
}

static void log_refusal(const struct offer *offer, const struct adperm *policy,
	enum adperm_reason reason, const char *hint)
{
	char room[LOGLINE_MAX];
	struct text line;

	if (!logline_heard())
		return;
	line = logline_begin(room, is_answer(reason) ? LOG_INFO : LOG_ERR, "adperm-keys");
	text_add(&line, " v=1 phase=keys dec=deny reason=");
	text_add(&line, adperm_reason_word(reason));
	logline_field(&line, "user", offer->user);
	logline_field(&line, "server", policy != NULL ? adperm_server(policy) : NULL);
	logline_field(&line, "key", offer->fingerprint);
	text_add(&line, " gen=");
	text_add_u64(&line, policy != NULL ? adperm_generation(policy) : 0);
	if (hint != NULL)
		logline_field(&line, "hint", hint);
	if (!is_answer(reason))
		logline_trouble(&line, policy);
	logline_send(&line);
}

static void answer(struct offer *offer, const struct adperm_options *options)
{
	const char *unusable = take_key(offer);
	enum adperm_reason reason = ADPERM_UNKNOWN_PERSON;
	struct adperm *policy = NULL;
	char line[LINE_SIZE];
	time_t now = time(NULL);

	if (unusable == NULL)
		reason = adperm_open(options, &policy);
	if (policy != NULL && now < CLOCK_EPOCH)
		reason = ADPERM_CLOCK;
	else if (policy != NULL)
		reason = adperm_offered_key(policy, offer->self ? NULL : offer->user, offer->blob,
			offer->len, now, line, sizeof line - 1);
	if (reason == ADPERM_OK) {
		size_t len = strlen(line);

		line[len] = '\n';
		write_all(STDOUT_FILENO, slice_of(line, len + 1));
	} else {
		log_refusal(offer, policy, reason, unusable);
	}
	adperm_close(policy);
}

int main(int argc, char **argv)
{
	struct adperm_options options = { .db = NULL };
	struct offer offer = { .user = NULL };
	const char *wrong;
	char **operands;

	if (getuid() == 0 || geteuid() == 0)
		return refuse("refusing to run as root: name a user of its own in sshd's "
			      "AuthorizedKeysCommandUser");
	/* Counted from the end, so that a user called --db is a user. */
	if (argc < 1 + OPERANDS)
		return refuse("usage: adperm-keys [--db PATH] [--people PATH] [--self] "
			      "[--server HOST] [--sources PATH] [--switch PATH] [--] "
			      "USER FINGERPRINT TYPE KEY");
	operands = argv + argc - OPERANDS;
	wrong = take_options(&options, &offer.self, argv + 1, operands);
	if (wrong != NULL)
		return refuse(wrong);
	offer.user = operands[0];
	offer.fingerprint = operands[1];
	offer.type = operands[2];
	offer.base64 = operands[3];
	answer(&offer, &options);
	return EXIT_ANSWERED;
}
