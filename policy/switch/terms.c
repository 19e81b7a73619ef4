/* The terms of an answer with a grace; see terms.h. */
#include "switch/terms.h"

_Static_assert(ADPERM_TERMS_SIZE == SHA256_SIZE, "terms are a digest");

static void add_number(struct sha256 *s, uint64_t number)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
	sha256_add(s, slice_of(bytes, sizeof bytes));
}

static void add_text(struct sha256 *s, struct slice text)
{
	add_number(s, text.len);
	sha256_add(s, text);
}

static void add_nets(struct sha256 *s, const struct holding *h, uint32_t first, uint32_t count)
{
	add_number(s, count);
	for (uint32_t i = first; i < first + count; i++) {
		add_number(s, (uint64_t)h->nets[i].family << 8 | h->nets[i].bits);
		sha256_add(s, slice_of(h->nets[i].octet, sizeof h->nets[i].octet));
	}
}

static void add_grant(struct sha256 *s, const struct held *held, const struct grant *g)
{
	bool named = g->account != ACCOUNT_NONE && g->account <= held->text.account_total;

	add_number(s, g->perms);
	add_text(s, named ? held->text.accounts[g->account - 1] : slice_of(NULL, 0));
	add_number(s, (unsigned)g->ownership << 1 | (unsigned)g->require_2fa);
	add_number(s, g->grace);
	add_number(s, (uint64_t)g->until);
	add_nets(s, &held->holding, g->net_first, g->net_count);
}

void terms_digest(
	const struct held *held, const struct asked *asked, uint8_t out[static ADPERM_TERMS_SIZE])
{
	const struct holding *h = &held->holding;
	struct sha256 s;

	sha256_init(&s);
	add_text(&s, asked->server);
	add_text(&s, held->text.owner);
	add_number(&s, (unsigned)h->suspended << 2 | (unsigned)h->machine << 1 |
			       (unsigned)asked->question.renounced);
	add_number(&s, asked->readmitted);
	add_nets(&s, h, h->net_first, h->net_count);
	add_number(&s, h->grant_total);
	for (uint32_t i = 0; i < h->grant_total; i++)
		add_grant(&s, held, &h->grants[i]);
	sha256_done(&s, out);
}
