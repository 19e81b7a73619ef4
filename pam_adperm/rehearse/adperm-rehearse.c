/*
 * adperm-rehearse: one login through a PAM stack, as far as it changes nothing: what `adperm wire`
 * and `adperm doctor` start to see where a login would fail. A program of its own, so that the
 * modules of a stack are never loaded into the tool. Only root may, because only root's transaction
 * is what sshd's would be.
 *
 *	adperm-rehearse --service sshd --user alice [--key 'ssh-ed25519 AAAA...'] [--rhost ADDRESS]
 *	                [--confdir DIR] [--auth]
 *
 * Prints a line a phase, "account 0 Success", and ends with 0 if all succeeded, 1 if one did not, 2
 * if it could not try. Prompts go to stderr, answers come from stdin.
 */
#include <security/pam_appl.h>

#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { ALL_PASSED = 0, ONE_FAILED = 1, NOT_TRIED = 2 };

struct rehearsal {
	const char *service, *user, *key, *rhost, *confdir;
	bool auth;
};

/* Reads an answer without showing it, where there is a terminal to show it on. */
static char *read_answer(const char *prompt, bool echo)
{
	char line[PAM_MAX_RESP_SIZE], *answer;
	struct termios before, quiet;
	bool hidden = !echo && tcgetattr(STDIN_FILENO, &before) == 0;
	size_t len = 0;

	fputs(prompt, stderr);
	fflush(stderr);
	if (hidden) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	/* Byte by byte: what is typed ahead belongs to the next answer. */
	while (len < sizeof line - 1 && read(STDIN_FILENO, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	if (hidden)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (!echo)
		fputc('\n', stderr);
	answer = strdup(line);
	explicit_bzero(line, sizeof line);
	return answer;
}

static void forget(struct pam_response *answers, int n)
{
	for (int i = 0; i < n; i++)
		if (answers[i].resp != NULL) {
			explicit_bzero(answers[i].resp, strlen(answers[i].resp));
			free(answers[i].resp);
		}
	free(answers);
}

static int converse(
	int n, const struct pam_message **messages, struct pam_response **out, void *context)
{
	struct pam_response *answers = calloc((size_t)n, sizeof *answers);
	bool good = answers != NULL;

	(void)context;
	for (int i = 0; good && i < n; i++) {
		int style = messages[i]->msg_style;

		if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON) {
			answers[i].resp =
				read_answer(messages[i]->msg, style == PAM_PROMPT_ECHO_ON);
			good = answers[i].resp != NULL;
		} else {
			fprintf(stderr, "%s\n", messages[i]->msg);
		}
	}
	if (!good) {
		if (answers != NULL)
			forget(answers, n);
		return PAM_CONV_ERR;
	}
	*out = answers;
	return PAM_SUCCESS;
}

static bool parse(int argc, char **argv, struct rehearsal *r)
{
	static const struct option known[] = {
		{ "service", required_argument, NULL, 's' },
		{ "user", required_argument, NULL, 'u' },
		{ "key", required_argument, NULL, 'k' },
		{ "rhost", required_argument, NULL, 'r' },
		{ "confdir", required_argument, NULL, 'c' },
		{ "auth", no_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	while ((found = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (found) {
		case 's': r->service = optarg; break;
		case 'u': r->user = optarg; break;
		case 'k': r->key = optarg; break;
		case 'r': r->rhost = optarg; break;
		case 'c': r->confdir = optarg; break;
		case 'a': r->auth = true; break;
		default: return false;
		}
	}
	return optind == argc && r->service != NULL && r->user != NULL;
}

/* What sshd would have said by then. */
static int set_the_scene(pam_handle_t *pamh, const struct rehearsal *r)
{
	char info[16384];
	int ret = PAM_SUCCESS;

	if (r->rhost != NULL)
		ret = pam_set_item(pamh, PAM_RHOST, r->rhost);
	if (ret == PAM_SUCCESS)
		ret = pam_set_item(pamh, PAM_TTY, "ssh");
	if (ret == PAM_SUCCESS && r->key != NULL) {
		if ((size_t)snprintf(info, sizeof info, "SSH_AUTH_INFO_0=publickey %s", r->key) >=
			sizeof info)
			return PAM_BUF_ERR;
		ret = pam_putenv(pamh, info);
	}
	return ret;
}

static int report(pam_handle_t *pamh, const char *phase, int ret)
{
	printf("%s %d %s\n", phase, ret, pam_strerror(pamh, ret));
	return ret;
}

int main(int argc, char **argv)
{
	static const struct pam_conv conversation = { converse, NULL };
	struct rehearsal r = { .service = NULL };
	pam_handle_t *pamh = NULL;
	int ret;

	if (!parse(argc, argv, &r))
		errx(NOT_TRIED, "usage: adperm-rehearse --service NAME --user USER [--key KEY] "
				"[--rhost ADDRESS] [--confdir DIR] [--auth]");
	if (getuid() != 0)
		errx(NOT_TRIED, "only root can rehearse a login");
	ret = r.confdir != NULL
		      ? pam_start_confdir(r.service, r.user, &conversation, r.confdir, &pamh)
		      : pam_start(r.service, r.user, &conversation, &pamh);
	if (ret == PAM_SUCCESS)
		ret = set_the_scene(pamh, &r);
	if (ret != PAM_SUCCESS)
		errx(NOT_TRIED, "cannot begin: %s", pam_strerror(pamh, ret));
	if (r.auth)
		ret = report(pamh, "auth", pam_authenticate(pamh, 0));
	if (ret == PAM_SUCCESS)
		ret = report(pamh, "account", pam_acct_mgmt(pamh, 0));
	pam_end(pamh, ret);
	return ret == PAM_SUCCESS ? ALL_PASSED : ONE_FAILED;
}
