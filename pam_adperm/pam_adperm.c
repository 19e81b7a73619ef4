/*
 * pam_adperm: lets the permission policy decide about logins. The entry points only; see call.h for
 * what they share, and the manual pam_adperm(8) for what each phase does. There is no chauthtok:
 * this module has no password to change.
 */
#include "call.h"
#include "live_session.h"
#include "phases.h"

#include <unistd.h>

/* All else in the module is hidden, so that nothing of it can clash with the host's symbols. */
#define ENTRY __attribute__((visibility("default")))

static int decide_by(enum adperm_reason (*decide)(struct call *), enum phase phase,
	pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct call c;
	enum adperm_reason reason = call_begin(&c, phase, pamh, flags, argc, argv);

	if (reason == ADPERM_OK)
		reason = decide(&c);
	return call_end(&c, reason);
}

ENTRY int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return decide_by(auth_phase, PHASE_AUTH, pamh, flags, argc, argv);
}

ENTRY int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return decide_by(account_phase, PHASE_ACCOUNT, pamh, flags, argc, argv);
}

ENTRY int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return decide_by(session_phase, PHASE_SESSION, pamh, flags, argc, argv);
}

/*
 * Grants nothing. sshd calls this without authenticate, and in another process than the one that
 * was asked for the code.
 */
ENTRY int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

/* Takes away what the session phase has left of this process, and grants nothing. */
ENTRY int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct options options;
	const char *bad;

	(void)pamh;
	(void)flags;
	if (geteuid() == 0 && options_parse(&options, argc, argv, &bad))
		live_session_remove(options.sessions, getpid());
	return PAM_SUCCESS;
}
