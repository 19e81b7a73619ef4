/* What authenticator apps read; see totp.h. */
#include "cli/totp.h"

#include "base/text.h"

#include <string.h>

static const char *const algorithm_names[] = {
	[PROTO_SHA1] = "SHA1",
	[PROTO_SHA256] = "SHA256",
	[PROTO_SHA512] = "SHA512",
};

const char *totp_algorithm(unsigned algorithm)
{
	return algorithm < sizeof algorithm_names / sizeof algorithm_names[0]
		       ? algorithm_names[algorithm]
		       : NULL;
}

/* Everything but what a URI may hold anywhere (RFC 3986, section 2.3) as %XX. */
static void add_encoded(struct text *t, const char *words)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~";
	static const char hex[] = "0123456789ABCDEF";

	for (; *words != '\0'; words++) {
		const uint8_t c = (uint8_t)*words;
		const char escape[3] = { '%', hex[c >> 4], hex[c & 15] };
		bool keep = strchr(plain, *words) != NULL;

		text_add_slice(t, keep ? slice_of(words, 1) : slice_of(escape, sizeof escape));
	}
}

/* What apps assume anyway is left out: a smaller QR code. */
bool totp_uri(const struct totp_question *q, const char *issuer, enum totp_uri_form form,
	char out[static TOTP_URI_SIZE])
{
	const struct proto_reply *reply = &q->reply;
	struct text t = text_over(out, TOTP_URI_SIZE);

	text_add(&t, "otpauth://totp/");
	if (form == TOTP_URI_FULL) {
		add_encoded(&t, issuer);
		text_add(&t, ":");
	}
	add_encoded(&t, q->request.profile);
	text_add(&t, "?secret=");
	text_add(&t, reply->secret);
	text_add(&t, "&issuer=");
	add_encoded(&t, issuer);
	if (reply->algorithm != PROTO_SHA1) {
		text_add(&t, "&algorithm=");
		text_add(&t, totp_algorithm(reply->algorithm));
	}
	if (reply->digits != 6) {
		text_add(&t, "&digits=");
		text_add_u64(&t, reply->digits);
	}
	if (reply->period != 30) {
		text_add(&t, "&period=");
		text_add_u64(&t, reply->period);
	}
	return !t.cut;
}
