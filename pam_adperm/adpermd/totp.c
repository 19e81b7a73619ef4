/* Time-based one-time codes; see totp.h. */
#include "adpermd/totp.h"

#include <errno.h>
#include <liboath/oath.h>
#include <sodium.h>

/* By enum proto_algorithm: the size of the digest and liboath's flag. */
static const struct {
	size_t size;
	int flags;
} algorithms[] = {
	[PROTO_SHA1] = { 20, 0 },
	[PROTO_SHA256] = { 32, OATH_TOTP_HMAC_SHA256 },
	[PROTO_SHA512] = { 64, OATH_TOTP_HMAC_SHA512 },
};

static bool kind_good(const struct totp_kind *kind)
{
	return (kind->digits == 6 || kind->digits == 8) && kind->algorithm >= PROTO_SHA1 &&
	       kind->algorithm <= PROTO_SHA512 && (kind->period == 30 || kind->period == 60);
}

bool totp_kind_fill(struct totp_kind *kind)
{
	if (kind->digits == 0)
		kind->digits = 6;
	if (kind->algorithm == 0)
		kind->algorithm = PROTO_SHA1;
	if (kind->period == 0)
		kind->period = 30;
	return kind_good(kind);
}

size_t totp_secret_size(uint8_t algorithm)
{
	return algorithms[algorithm].size;
}

void totp_secret_text(const uint8_t *secret, size_t len, char out[static PROTO_SECRET_TEXT])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	size_t used = 0;
	unsigned pending = 0, bits = 0;

	for (size_t i = 0; i < len; i++) {
		pending = (pending & 31) << 8 | secret[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[used++] = letters[pending >> (bits - 5) & 31];
	}
	if (bits > 0)
		out[used++] = letters[pending << (5 - bits) & 31];
	memset(out + used, 0, PROTO_SECRET_TEXT - used);
}

bool totp_code_parse(const char *typed, unsigned digits, char code[static TOTP_CODE_SIZE])
{
	size_t len = strlen(typed);
	size_t used = 0;

	if (digits >= TOTP_CODE_SIZE || len < digits || len > digits + 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool gap = len == digits + 1 && i == digits / 2;

		if (gap ? typed[i] != ' ' : typed[i] < '0' || typed[i] > '9')
			return false;
		if (!gap)
			code[used++] = typed[i];
	}
	code[used] = '\0';
	return true;
}

bool totp_clock_sane(int64_t now, unsigned period, int64_t mark)
{
	return now >= CLOCK_EPOCH && now <= TOTP_END &&
	       mark <= (now + TOTP_BACKWARDS_S) / (int64_t)period;
}

int totp_find_step(const struct totp_kind *kind, const uint8_t *secret, size_t len, int64_t now,
	const char *code, int64_t *step)
{
	int64_t present = now / kind->period;
	int64_t found = -1;
	char made[TOTP_CODE_SIZE];
	int ret = 0;

	if (!kind_good(kind) || len < TOTP_SECRET_MIN || len > PROTO_SECRET_MAX ||
		strlen(code) != kind->digits || present <= TOTP_WINDOW)
		return -EINVAL;
	for (int64_t at = present - TOTP_WINDOW; at <= present + TOTP_WINDOW; at++) {
		if (oath_totp_generate2((const char *)secret, len, (time_t)(at * kind->period),
			    kind->period, 0, kind->digits, algorithms[kind->algorithm].flags,
			    made) != OATH_OK)
			ret = -EINVAL;
		else if (sodium_memcmp(made, code, kind->digits) == 0)
			found = at;
	}
	explicit_bzero(made, sizeof made);
	if (ret == 0 && found < 0)
		ret = -ENOENT;
	if (ret == 0)
		*step = found;
	return ret;
}
