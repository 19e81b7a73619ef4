/* The frame around each phase; see call.h. */
#include "call.h"

#include "base/text.h"
#include "first_factor.h"
#include "log.h"
#include "logline.h"
#include "person.h"

#include <sys/random.h>

enum kind { KIND_OK, KIND_DENY, KIND_SYSTEM, KIND_CONV, KIND_NOMEM, KIND_OPTION };

static const uint8_t kinds[] = {
#define REASON(symbol, word, kind, meaning) [ADPERM_##symbol] = KIND_##kind,
#include "adperm_reasons.def"
};

static const int codes[][PHASES] = {
	[KIND_OK] = { PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS },
	[KIND_DENY] = { PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_SESSION_ERR },
	[KIND_SYSTEM] = { PAM_SYSTEM_ERR, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR },
	[KIND_CONV] = { PAM_CONV_ERR, PAM_CONV_ERR, PAM_CONV_ERR },
	[KIND_NOMEM] = { PAM_BUF_ERR, PAM_BUF_ERR, PAM_BUF_ERR },
	[KIND_OPTION] = { PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR },
};

/*
 * A line that may not stand in that phase: one that splits answers decides nothing, and a rehearsal
 * lets nobody in, or its mark would keep real logins out of the log.
 */
static const char *misplaced(const struct options *options, enum phase phase)
{
	if (options->split && phase != PHASE_AUTH)
		return "split";
	return options->rehearsal && phase == PHASE_SESSION ? "rehearsal" : NULL;
}

/* Copies an item that is a text; false if it is not set. */
static bool item_copy(pam_handle_t *pamh, int type, char into[static CALL_ITEM_SIZE])
{
	struct text copy = text_over(into, CALL_ITEM_SIZE);
	const void *item = NULL;

	if (pam_get_item(pamh, type, &item) != PAM_SUCCESS || item == NULL)
		return false;
	text_add(&copy, item);
	return true;
}

enum adperm_reason call_begin(struct call *c, enum phase phase, pam_handle_t *pamh, int flags,
	int argc, const char **argv)
{
	const char *bad, *stray;
	bool good;

	*c = (struct call){
		.pamh = pamh, .phase = phase, .silent = ((unsigned)flags & PAM_SILENT) != 0
	};
	c->has_user = item_copy(pamh, PAM_USER, c->user);
	item_copy(pamh, PAM_SERVICE, c->service);
	c->has_rhost = item_copy(pamh, PAM_RHOST, c->rhost);
	c->permission = c->options.full;
	good = options_parse(&c->options, argc, argv, &bad) && person_has_door(c->options.full);
	if (good && c->options.person == WHOSE_CALLER)
		first_factor_caller(pamh, c->name);
	else
		memcpy(c->name, c->user, sizeof c->name);
	stray = good ? misplaced(&c->options, phase) : bad;
	if (stray == NULL)
		return ADPERM_OK;
	c->hint = stray;
	return ADPERM_BAD_OPTION;
}

static int code_of(const struct call *c, enum adperm_reason reason)
{
	switch (c->waiver) {
	case WAIVER_IGNORE:
	case WAIVER_SPLIT: return PAM_IGNORE;
	case WAIVER_LATE: return PAM_SUCCESS;
	case WAIVER_NONE: break;
	}
	return codes[kinds[reason]][c->phase];
}

/* What adpermd was not asked about gets a number of its own. */
static void log_call(struct call *c, enum adperm_reason reason, int code)
{
	static const uint8_t none[CALL_RID_SIZE];

	if (memcmp(c->rid, none, sizeof none) == 0 &&
		getrandom(c->rid, sizeof c->rid, GRND_NONBLOCK) < 0)
		memset(c->rid, 0, sizeof c->rid);
	if (c->waiver != WAIVER_SPLIT)
		log_decision(c, reason, code);
	if (c->options.debug)
		log_debug(c);
}

int call_end(struct call *c, enum adperm_reason reason)
{
	int code = code_of(c, reason);

	if (logline_heard())
		log_call(c, reason, code);
	adperm_close(c->policy);
	return code;
}
