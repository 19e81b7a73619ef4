/*
 * Base64 (RFC 4648, section 4) as OpenSSH writes it: keys with padding, fingerprints without.
 */
#ifndef ADPERM_BASE_BASE64_H
#define ADPERM_BASE_BASE64_H

#include "base/slice.h"

/*
 * Decodes text into out, of `room` bytes. Returns the number of bytes, or -1 if the text is not
 * canonical padded base64 (no white space, no stray bits) or does not fit.
 */
long base64_decode(struct slice text, uint8_t *out, size_t room);

/* The length of bytes encoded with padding, without a NUL. */
#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)

/* Encodes with padding into out, which has room for BASE64_LEN(bytes.len) + 1; ends it in NUL. */
void base64_encode(struct slice bytes, char *out);

#endif
