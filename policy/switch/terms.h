/* The terms of an answer with a grace: what must not change while an earlier code counts. */
#ifndef ADPERM_SWITCH_TERMS_H
#define ADPERM_SWITCH_TERMS_H

#include "switch/ask.h"

/*
 * A digest of all that a profile holds on a server, but for where it is written: an edit elsewhere
 * in the policy's files changes nothing for this person. A renunciation that was undone changes it
 * for good.
 */
void terms_digest(
	const struct held *held, const struct asked *asked, uint8_t out[static ADPERM_TERMS_SIZE]);

#endif
