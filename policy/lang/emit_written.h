/* What the two halves of the emitter share: the decisions (emit.c), and the policy as written. */
#ifndef ADPERM_LANG_EMIT_WRITTEN_H
#define ADPERM_LANG_EMIT_WRITTEN_H

#include "db/writer.h"
#include "db/written.h"
#include "lang/emit.h"
#include "lang/holding.h"

/* One thread's. */
struct emit {
	const struct policy *p;
	const struct emit_options *options;
	const uint8_t *salt;
	struct db_batch *batch; /* that records go to */
	struct holder holder;
	struct slice email;          /* of the profile that is put */
	uint8_t key[RECORD_KEY_MAX]; /* of the record that is put, and */
	struct buf payload;
	struct written_before before;          /* in the payload */
	bool *profile_in, *grant_in, *role_in; /* what belongs to the slice; NULL: everything */
	uint32_t grants;                       /* put so far, by anybody */
	uint32_t rows;                         /* ... of them in the payload */
};

static inline struct slice emit_text(const struct emit *e, uint32_t offset)
{
	return slice_str(policy_text(e->p, offset));
}

static inline struct slice emit_email(const struct emit *e, uint32_t profile)
{
	return emit_text(e, e->p->profiles.at[profile].email);
}

/* Is it the server of the slice, or are all? */
static inline bool emit_server_in(const struct emit *e, uint32_t server)
{
	return e->options->server == NO_INDEX || e->options->server == server;
}

/* Does the place lie on the server of the slice? */
bool emit_place_in(const struct emit *e, const struct place *place);

static inline bool emit_profile_in(const struct emit *e, uint32_t profile)
{
	return e->profile_in == NULL || e->profile_in[profile];
}

/* Puts the record that `payload` has been filled for. 0 or a negative errno, as all of these. */
int emit_put(struct emit *e, enum record_kind kind, struct slice name);

int emit_written_profile(struct emit *e, uint32_t index);
int emit_written_owner(struct emit *e, uint32_t index);
int emit_written_server(struct emit *e, uint32_t index);
int emit_written_group(struct emit *e, uint32_t index);
int emit_written_role(struct emit *e, uint32_t index);
/* The grant, with those before it: a record where one ends. */
int emit_written_grants(struct emit *e, uint32_t index);

#endif
