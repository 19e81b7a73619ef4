/* Records as bytes; see record.h, and format.h for the layout. */
#include "db/record.h"

#include "db/format.h"

#include <stdalign.h>

static struct slice key_add(uint8_t *out, struct slice key, struct slice name)
{
	if (key.len == 0 || name.len > RECORD_KEY_MAX - key.len)
		return slice_of(out, 0);
	if (name.len > 0)
		memcpy(out + key.len, name.at, name.len);
	return slice_of(out, key.len + name.len);
}

struct slice record_key(
	uint8_t out[static RECORD_KEY_MAX], enum record_kind kind, struct slice name)
{
	out[0] = (uint8_t)kind;
	return key_add(out, slice_of(out, 1), name);
}

struct slice record_key_holding(
	uint8_t out[static RECORD_KEY_MAX], struct slice profile, struct slice server)
{
	struct slice key = record_key(out, RECORD_HOLDING, profile);

	return key_add(out, key_add(out, key, slice_of("", 1)), server);
}

uint32_t record_hash(struct slice key)
{
	uint32_t h = 5381;

	/*@ loop invariant 0 <= i <= key.len;
	  @ loop assigns i, h;
	  @ loop variant key.len - i;
	  @*/
	for (size_t i = 0; i < key.len; i++)
		h = (h + (h << 5)) ^ key.at[i];
	return h;
}

void record_put_meta(struct buf *out, const struct meta *meta)
{
	buf_bytes(out, DB_MAGIC, DB_MAGIC_SIZE);
	buf_u32(out, meta->format);
	buf_u64(out, meta->generation);
	buf_u64(out, (uint64_t)meta->not_after);
	buf_bytes(out, meta->built_from, sizeof meta->built_from);
	buf_bytes(out, meta->catalogue, sizeof meta->catalogue);
	buf_bytes(out, meta->salt, sizeof meta->salt);
	buf_text(out, meta->server);
}

/* Fills a fixed array from the cursor. */
/*@
  @ requires \valid(c) && bounded(*c) && \valid(out + (0 .. len - 1));
  @ requires \separated(c, out + (0 .. len - 1));
  @ assigns *c, out[0 .. len - 1];
  @ ensures bounded(*c);
  @*/
static void take_into(struct cursor *c, uint8_t *out, size_t len)
{
	struct slice field = cursor_take(c, len);

	if (field.len == len)
		memcpy(out, field.at, len);
}

bool record_get_meta(struct slice bytes, struct meta *meta)
{
	struct cursor c = cursor_of(bytes);

	*meta = (struct meta){ .format = 0 };
	if (!slice_equal(cursor_take(&c, DB_MAGIC_SIZE), slice_of(DB_MAGIC, DB_MAGIC_SIZE)))
		return false;
	meta->format = cursor_u32(&c);
	if (meta->format != DB_FORMAT)
		return !c.short_of;
	meta->generation = cursor_u64(&c);
	meta->not_after = (int64_t)cursor_u64(&c);
	take_into(&c, meta->built_from, sizeof meta->built_from);
	take_into(&c, meta->catalogue, sizeof meta->catalogue);
	take_into(&c, meta->salt, sizeof meta->salt);
	meta->server = cursor_text(&c);
	return cursor_done(&c) && meta->server.len <= HOST_MAX;
}

void record_put_account(struct buf *out, const struct account_record *account)
{
	buf_u8(out, account->ssh_2fa ? ACCOUNT_SSH_2FA : 0);
	buf_text(out, account->server);
}

bool record_get_account(struct slice bytes, struct account_record *account)
{
	struct cursor c = cursor_of(bytes);
	uint8_t flags = cursor_u8(&c);

	account->ssh_2fa = (flags & ACCOUNT_SSH_2FA) != 0;
	account->server = cursor_text(&c);
	return cursor_done(&c) && flags <= ACCOUNT_SSH_2FA && account->server.len > 0;
}

void record_put_key(struct buf *out, const struct key_record *key)
{
	buf_text(out, key->profile);
	buf_text(out, key->type);
	buf_text(out, key->blob);
}

bool record_get_key(struct slice bytes, struct key_record *key)
{
	struct cursor c = cursor_of(bytes);

	key->profile = cursor_text(&c);
	key->type = cursor_text(&c);
	key->blob = cursor_text(&c);
	return cursor_done(&c) && key->profile.len > 0 && key->profile.len <= EMAIL_MAX &&
	       key->type.len > 0 && key->blob.len > 0;
}

bool record_get_text(struct slice bytes, struct slice *text)
{
	struct cursor c = cursor_of(bytes);

	*text = cursor_text(&c);
	return cursor_done(&c) && text->len > 0 && text->len <= EMAIL_MAX;
}

void record_put_net(struct buf *out, const struct net *net)
{
	buf_u8(out, (uint8_t)net->family);
	buf_u8(out, net->bits);
	buf_bytes(out, net->octet, net->family == FAMILY_IPV4 ? 4 : 16);
}

static void put_grant(struct buf *out, const struct grant *g)
{
	buf_u64(out, g->perms);
	buf_u32(out, g->account);
	buf_u8(out,
		(uint8_t)((g->ownership ? GRANT_OWNERSHIP : 0) | (g->require_2fa ? GRANT_2FA : 0)));
	buf_u32(out, g->grace);
	buf_u64(out, (uint64_t)g->until);
	buf_u32(out, g->net_first);
	buf_u32(out, g->net_count);
	buf_u32(out, g->file);
	buf_u32(out, g->line);
}

void record_put_holding(struct buf *out, const struct holding *h, const struct holding_text *text)
{
	buf_u8(out, (uint8_t)((h->suspended ? HOLDING_SUSPENDED : 0) |
			      (h->machine ? HOLDING_MACHINE : 0)));
	if (text->file_total > UINT16_MAX)
		out->failed = true;
	buf_u16(out, (uint16_t)text->file_total);
	buf_u32(out, text->account_total);
	buf_u32(out, h->net_total);
	buf_u32(out, h->grant_total);
	buf_u32(out, h->net_count);
	buf_u32(out, h->file);
	buf_u32(out, h->line);
	buf_text(out, text->owner);
	for (uint32_t i = 0; i < text->file_total; i++)
		buf_text(out, text->files[i]);
	for (uint32_t i = 0; i < text->account_total; i++)
		buf_text(out, text->accounts[i]);
	for (uint32_t i = 0; i < h->net_total; i++)
		record_put_net(out, &h->nets[i]);
	for (uint32_t i = 0; i < h->grant_total; i++)
		put_grant(out, &h->grants[i]);
}

/* The numbers at the front of a holding. */
struct holding_head {
	uint8_t flags;
	uint32_t files, accounts, nets, grants, own_nets, file, line;
};

/*@
  @ predicate head_good(struct holding_head *head) =
  @   2 * head->files + 2 * head->accounts + 6 * head->nets + GRANT_SIZE * head->grants <=
  @     DB_RECORD_MAX &&
  @   head->own_nets <= head->nets && head->file < head->files;
  @*/

/* Takes the head, and checks that the bytes behind it could hold as many things as it says. */
/*@
  @ requires \valid(c) && bounded(*c) && \valid(head) && \separated(c, head);
  @ assigns *c, *head;
  @ ensures bounded(*c);
  @ ensures \result ==> head_good(head);
  @*/
static bool take_head(struct cursor *c, struct holding_head *head)
{
	uint64_t least;

	head->flags = cursor_u8(c);
	head->files = cursor_u16(c);
	head->accounts = cursor_u32(c);
	head->nets = cursor_u32(c);
	head->grants = cursor_u32(c);
	head->own_nets = cursor_u32(c);
	head->file = cursor_u32(c);
	head->line = cursor_u32(c);
	least = 2 * (uint64_t)head->files + 2 * (uint64_t)head->accounts +
		6 * (uint64_t)head->nets + GRANT_SIZE * (uint64_t)head->grants;
	return !c->short_of && c->rest.len <= DB_RECORD_MAX && least <= c->rest.len &&
	       head->own_nets <= head->nets && head->file < head->files &&
	       head->flags <= (HOLDING_SUSPENDED | HOLDING_MACHINE);
}

size_t record_holding_size(struct slice bytes)
{
	struct cursor c = cursor_of(bytes);
	struct holding_head head;

	if (!take_head(&c, &head))
		return 0;
	/* One more, so that a holding of nothing is not the size of a malformed one. */
	return (size_t)head.grants * sizeof(struct grant) +
	       ((size_t)head.files + head.accounts) * sizeof(struct slice) +
	       (size_t)head.nets * sizeof(struct net) + 1;
}

void record_take_net(struct cursor *c, struct net *net)
{
	uint8_t family = cursor_u8(c);
	unsigned max = family == FAMILY_IPV4 ? 32 : 128;

	*net = (struct net){ .family = family == FAMILY_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6 };
	net->bits = cursor_u8(c);
	take_into(c, net->octet, max / 8);
	if ((family != FAMILY_IPV4 && family != FAMILY_IPV6) || net->bits > max)
		c->short_of = true;
}

/*@
  @ predicate grant_good(struct grant g, struct holding_head *head) =
  @   g.account <= head->accounts && g.net_first + g.net_count <= head->nets &&
  @   g.file < head->files;
  @*/

/* In two steps, that of the bytes and that of the memory, or it is too much for the provers. */
/*@
  @ requires \valid(c) && bounded(*c) && \valid_read(head);
  @ requires \separated(c, head) && head_good(head);
  @ assigns *c;
  @ ensures bounded(*c);
  @ ensures c->short_of == 0 ==> grant_good(\result, head);
  @*/
static struct grant decoded_grant(struct cursor *c, const struct holding_head *head)
{
	uint64_t perms = cursor_u64(c);
	uint32_t account = cursor_u32(c);
	uint8_t flags = cursor_u8(c);
	uint32_t grace = cursor_u32(c);
	uint64_t until = cursor_u64(c);
	uint32_t net_first = cursor_u32(c), net_count = cursor_u32(c);
	uint32_t file = cursor_u32(c), line = cursor_u32(c);

	if (flags > (GRANT_OWNERSHIP | GRANT_2FA) || account > head->accounts ||
		net_first > head->nets || net_count > head->nets - net_first || file >= head->files)
		c->short_of = true;
	return (struct grant){
		.perms = perms,
		.account = account,
		.ownership = (flags & GRANT_OWNERSHIP) != 0,
		.require_2fa = (flags & GRANT_2FA) != 0,
		.grace = grace,
		.until = (int64_t)until,
		.net_first = net_first,
		.net_count = net_count,
		.file = file,
		.line = line,
	};
}

/*@
  @ requires \valid(c) && bounded(*c) && \valid_read(head) && \valid(g);
  @ requires \separated(c, head, g) && head_good(head);
  @ assigns *c, *g;
  @ ensures bounded(*c);
  @*/
static void take_grant(struct cursor *c, const struct holding_head *head, struct grant *g)
{
	struct grant taken = decoded_grant(c, head);

	*g = taken;
}

/* Each takes so many things from the front; the cursor tells how it went. */
/*@
  @ requires \valid(c) && bounded(*c) && \valid(texts + (0 .. total - 1));
  @ requires \separated(c, texts + (0 .. total - 1));
  @ assigns *c, texts[0 .. total - 1];
  @ ensures bounded(*c);
  @*/
static void take_texts(struct cursor *c, struct slice *texts, uint32_t total)
{
	/*@ loop invariant 0 <= i <= total && bounded(*c);
	  @ loop assigns i, *c, texts[0 .. total - 1];
	  @ loop variant total - i;
	  @*/
	for (uint32_t i = 0; i < total; i++)
		texts[i] = cursor_text(c);
}

/*@
  @ requires \valid(c) && bounded(*c) && \valid(nets + (0 .. total - 1));
  @ requires \separated(c, nets + (0 .. total - 1));
  @ assigns *c, nets[0 .. total - 1];
  @ ensures bounded(*c);
  @*/
static void take_nets(struct cursor *c, struct net *nets, uint32_t total)
{
	/*@ loop invariant 0 <= i <= total && bounded(*c);
	  @ loop assigns i, *c, nets[0 .. total - 1];
	  @ loop variant total - i;
	  @*/
	for (uint32_t i = 0; i < total; i++)
		record_take_net(c, &nets[i]);
}

/*@
  @ requires \valid(c) && bounded(*c) && \valid_read(head) && head_good(head);
  @ requires \valid(grants + (0 .. total - 1));
  @ requires \separated(c, head, grants + (0 .. total - 1));
  @ assigns *c, grants[0 .. total - 1];
  @ ensures bounded(*c);
  @*/
static void take_grants(
	struct cursor *c, const struct holding_head *head, struct grant *grants, uint32_t total)
{
	/*@ loop invariant 0 <= i <= total && bounded(*c) && head_good(head);
	  @ loop assigns i, *c, grants[0 .. total - 1];
	  @ loop variant total - i;
	  @*/
	for (uint32_t i = 0; i < total; i++)
		take_grant(c, head, &grants[i]);
}

_Static_assert(alignof(struct grant) >= alignof(struct slice), "grants come first in memory");
_Static_assert(alignof(struct slice) >= alignof(struct net), "and nets last");

bool record_get_holding(
	struct slice bytes, void *memory, struct holding *h, struct holding_text *text)
{
	struct cursor c = cursor_of(bytes);
	struct holding_head head;
	struct grant *grants = memory;
	struct slice *texts;
	struct net *nets;

	if (!take_head(&c, &head))
		return false;
	texts = (struct slice *)(void *)(grants + head.grants);
	nets = (struct net *)(void *)(texts + head.files + head.accounts);
	text->owner = cursor_text(&c);
	take_texts(&c, texts, head.files + head.accounts);
	take_nets(&c, nets, head.nets);
	take_grants(&c, &head, grants, head.grants);
	text->files = texts;
	text->file_total = head.files;
	text->accounts = texts + head.files;
	text->account_total = head.accounts;
	*h = (struct holding){
		.suspended = (head.flags & HOLDING_SUSPENDED) != 0,
		.machine = (head.flags & HOLDING_MACHINE) != 0,
		.net_count = head.own_nets,
		.file = head.file,
		.line = head.line,
		.nets = nets,
		.net_total = head.nets,
		.grants = grants,
		.grant_total = head.grants,
	};
	return cursor_done(&c) && text->owner.len <= EMAIL_MAX;
}
