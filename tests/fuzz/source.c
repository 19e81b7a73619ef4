/*
 * The records of sources that are shared objects: any calls in any order with any values. What is
 * taken for a record is one that a database could have.
 */
#include "fuzz.h"
#include "sources/reply.h"

enum { TEXTS = 64, LONGEST = 300, CALLS = 24 };

/* Texts that a source could have; those of the input take turns with what it takes to get far. */
struct texts {
	char text[TEXTS][LONGEST];
	const char *at[TEXTS];
	unsigned n;
};

static const char *const known[] = { "a@x.example", "o@x.example", "10.0.0.0/8", "2001:db8::/32",
	"server.ssh_users", "account.ssh", "overall.billing", "acme", "a.yaml" };

static const char *take_text(struct cursor *c, struct texts *t)
{
	uint8_t choice = cursor_u8(c);
	size_t len;

	if (choice == 255 || t->n == TEXTS)
		return NULL;
	if (choice % 16 < sizeof known / sizeof known[0])
		return known[choice % 16];
	len = choice;
	fuzz_text(cursor_take(c, len < c->rest.len ? len : c->rest.len), t->text[t->n], LONGEST);
	return t->text[t->n++];
}

static struct adperm_source_list take_list(
	struct cursor *c, struct texts *t, const char *room[static 4])
{
	size_t n = cursor_u8(c) % 5;

	for (size_t i = 0; i < n; i++)
		room[i] = take_text(c, t);
	return (struct adperm_source_list){ cursor_u8(c) == 255 ? NULL : room, n };
}

static void give_profile(struct reply *a, struct cursor *c, struct texts *t)
{
	const char *nets[4];
	struct adperm_source_profile p = { .email = take_text(c, t), .owner = take_text(c, t) };
	uint8_t flags = cursor_u8(c);

	p.suspended = flags & 1;
	p.machine = flags & 2;
	p.grants = flags >> 2;
	p.place = (struct adperm_source_place){ take_text(c, t), cursor_u8(c) };
	p.allow_from = take_list(c, t, nets);
	a->record.profile(&a->record, &p);
}

static void give_grant(struct reply *a, struct cursor *c, struct texts *t)
{
	const char *nets[4], *permissions[4];
	uint8_t flags = cursor_u8(c);
	struct adperm_source_grant g = { .ownership = flags & 1,
		.require_2fa = flags & 2,
		.grace = (flags & 4) != 0 ? cursor_u32(c) : 0,
		.until = (flags & 8) != 0 ? (int64_t)cursor_u64(c) : ADPERM_SOURCE_NEVER };

	g.permissions = take_list(c, t, permissions);
	g.account = take_text(c, t);
	g.place = (struct adperm_source_place){ take_text(c, t), cursor_u8(c) };
	g.allow_from = take_list(c, t, nets);
	a->record.grant(&a->record, (flags & 16) != 0 ? NULL : &g);
}

static void judge(struct reply *a, enum adperm_reason why, enum reply_part wanted)
{
	struct held held = { .memory = { NULL } };

	must(memchr(a->trouble, '\0', sizeof a->trouble) != NULL);
	for (const char *p = a->trouble; *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	if (why != ADPERM_OK)
		return;
	must((a->given & ~wanted) == 0 && a->wrong == NULL);
	if (wanted == REPLY_PERSON)
		must(name_is_email(slice_str(a->person)));
	if (wanted != REPLY_PROFILE)
		return;
	if (reply_held(a, &held) == ADPERM_OK)
		must(held.holding.grant_total == a->announced);
	for (uint32_t i = 0; i < held.holding.grant_total; i++) {
		const struct grant *g = &held.holding.grants[i];

		must(g->account == ACCOUNT_NONE || g->account <= held.text.account_total);
		must(g->require_2fa || g->grace == 0);
		must(g->net_count == 0 || g->net_first + g->net_count <= held.holding.net_total);
	}
	held_done(&held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum reply_part parts[] = { REPLY_NOTHING, REPLY_PERSON, REPLY_ACCOUNT,
		REPLY_PROFILE };
	static struct texts texts;
	static struct reply reply;
	struct cursor c = cursor_of(slice_of(data, size));
	uint8_t first = cursor_u8(&c);
	enum reply_part wanted = parts[first % 4];
	enum adperm_source_status status = (enum adperm_source_status)((first >> 2) % 6);

	texts.n = 0;
	reply_begin(&reply, wanted, slice_str(wanted == REPLY_PROFILE ? "a@x.example" : ""));
	for (int i = 0; i < CALLS && c.rest.len > 0; i++) {
		switch (cursor_u8(&c) % 8) {
		case 0: reply.record.person(&reply.record, take_text(&c, &texts)); break;
		case 1: reply.record.account(&reply.record, cursor_u8(&c)); break;
		case 2: reply.record.trouble(&reply.record, take_text(&c, &texts)); break;
		case 3:
		case 4: give_profile(&reply, &c, &texts); break;
		default: give_grant(&reply, &c, &texts); break;
		}
	}
	judge(&reply, reply_end(&reply, status, ADPERM_UNKNOWN_PERSON), wanted);
	reply_done(&reply);
	return 0;
}
