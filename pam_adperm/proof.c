/* The proof in the PAM handle; see proof.h. */
#include "proof.h"

#include <stdlib.h>
#include <time.h>

#define PROOF_NAME "pam_adperm.proof"

/*
 * Runs in whatever process drops the handle, forked children included (PAM_DATA_SILENT), or never:
 * it may do nothing but free.
 */
static void cleanup(pam_handle_t *pamh, void *data, int error_status)
{
	(void)pamh;
	(void)error_status;
	free(data);
}

bool proof_clock(int64_t *now)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0)
		return false;
	*now = ts.tv_sec;
	return true;
}

static void bind(struct sha256 *s, bool is_set, const char *text)
{
	sha256_add(s, slice_of(is_set ? "+" : "-", 1));
	sha256_add(s, slice_of(text, strlen(text) + 1));
}

void proof_make(struct proof *proof, const struct call *c, bool second_factor, int64_t now)
{
	struct sha256 s;

	*proof =
		(struct proof){ .at = now, .second_factor = second_factor, .has_key = c->keys > 0 };
	sha256_init(&s);
	bind(&s, c->has_user, c->user);
	bind(&s, true, c->service);
	bind(&s, true, c->profile);
	bind(&s, c->has_rhost, c->rhost);
	sha256_done(&s, proof->bound);
	memcpy(proof->key, c->key_digest, sizeof proof->key);
}

enum proof_state proof_compare(const struct proof *left, const struct proof *here)
{
	if (memcmp(left->bound, here->bound, sizeof left->bound) != 0)
		return PROOF_OTHER;
	if (left->has_key &&
		(!here->has_key || memcmp(left->key, here->key, sizeof left->key) != 0))
		return PROOF_OTHER;
	if (here->at < left->at || here->at - left->at > PROOF_SECONDS)
		return PROOF_OLD;
	return PROOF_GOOD;
}

enum adperm_reason proof_leave(struct call *c, bool second_factor)
{
	struct proof *proof;
	int64_t now;

	if (!proof_clock(&now))
		return ADPERM_CLOCK;
	proof = malloc(sizeof *proof);
	if (proof == NULL)
		return ADPERM_NOMEM;
	proof_make(proof, c, second_factor, now);
	if (pam_set_data(c->pamh, PROOF_NAME, proof, cleanup) == PAM_SUCCESS)
		return ADPERM_OK;
	free(proof);
	return ADPERM_NOMEM;
}

static const struct proof *proof_find(pam_handle_t *pamh)
{
	const void *data;

	return pam_get_data(pamh, PROOF_NAME, &data) == PAM_SUCCESS ? data : NULL;
}

void proof_drop(pam_handle_t *pamh)
{
	/* Only where there is one: overwriting needs no memory, so it cannot fail. */
	if (proof_find(pamh) != NULL)
		pam_set_data(pamh, PROOF_NAME, NULL, NULL);
}

enum adperm_reason proof_check(struct call *c, bool second_factor)
{
	static const char *const hints[] = { NULL, "proof_is_of_another_login", "proof_is_old" };
	const struct proof *left = proof_find(c->pamh);
	enum proof_state state;
	struct proof here;
	int64_t now;

	if (left == NULL)
		return second_factor ? ADPERM_NO_2FA_PROOF : ADPERM_OK;
	if (!proof_clock(&now))
		return ADPERM_CLOCK;
	proof_make(&here, c, second_factor, now);
	state = proof_compare(left, &here);
	if (state == PROOF_OTHER || (state == PROOF_OLD && second_factor)) {
		c->hint = hints[state];
		proof_drop(c->pamh);
		return ADPERM_NO_2FA_PROOF;
	}
	return second_factor && !left->second_factor ? ADPERM_NO_2FA_PROOF : ADPERM_OK;
}
