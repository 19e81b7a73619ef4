/*
 * Time-based one-time codes (RFC 6238): what may be typed, whether the clock can be believed, and
 * which step a code belongs to. The arithmetic is liboath's; the lengths of code and secret and the
 * clock are judged before it is called. Pure: the time is an argument.
 */
#ifndef ADPERM_TOTP_H
#define ADPERM_TOTP_H

#include "adpermd/proto.h"
#include "base/clock.h"
#include "base/slice.h"

#define TOTP_SECRET_MIN 16 /* bytes */
#define TOTP_WINDOW     1  /* steps before and after the present one */
#define TOTP_CODE_SIZE  9  /* eight digits and a NUL */
/* Nor is it later than the year 9999, which no 64-bit clock of seconds overflows in. */
#define TOTP_END 253402300799
/* The clock may have been set back by as much since the last code was taken. */
#define TOTP_BACKWARDS_S 600

struct totp_kind {
	uint8_t digits;    /* 6 or 8 */
	uint8_t algorithm; /* enum proto_algorithm */
	uint8_t period;    /* seconds, 30 or 60 */
};

/* Zeros become the defaults (6, SHA-1, 30: what every authenticator app can); false: no such kind.
 */
bool totp_kind_fill(struct totp_kind *kind);

/* How many bytes a new secret has: as many as the digest (RFC 4226 section 4, R6). */
size_t totp_secret_size(uint8_t algorithm);

/* Base32 (RFC 4648), no padding. len is at most PROTO_SECRET_MAX. */
void totp_secret_text(const uint8_t *secret, size_t len, char out[static PROTO_SECRET_TEXT]);

/*
 * The digits of what was typed: "123456" or "123 456"; "12345678" or "1234 5678". Nothing else is a
 * code.
 */
bool totp_code_parse(const char *typed, unsigned digits, char code[static TOTP_CODE_SIZE]);

/* Whether `now` can be true for somebody whose last accepted step is `mark` (0: none). */
bool totp_clock_sane(int64_t now, unsigned period, int64_t mark);

/*
 * The last step within the window whose code this is: 0 and *step; -ENOENT if none; -EINVAL if the
 * secret or the kind is none that codes may be made of. Every code of the window is made and
 * compared in full, whatever the outcome. liboath must have been initialised.
 */
int totp_find_step(const struct totp_kind *kind, const uint8_t *secret, size_t len, int64_t now,
	const char *code, int64_t *step);

#endif
