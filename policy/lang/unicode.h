/*
 * Which characters may stand in a policy: what a person sees must be what the program reads. So no
 * control characters, nothing invisible, nothing that turns the direction of text.
 */
#ifndef ADPERM_LANG_UNICODE_H
#define ADPERM_LANG_UNICODE_H

#include "base/slice.h"

/*
 * Decodes the character at the front. Returns its length in bytes, 0 if the text ends within it, -1
 * if it is not UTF-8 (RFC 3629: also overlong forms, surrogates and beyond U+10FFFF).
 */
int utf8_decode(struct slice text, uint32_t *character);

/* Why a character is refused ("a control character"), NULL if it may stand in a policy. */
const char *character_refused(uint32_t character);

#endif
