/*
 * Reading a policy: what the walk over the events (walk.c), the meaning of each key (people.c,
 * owners.c, grants.c) and the references (refs.c) share. Everything here reports its own errors;
 * false means "do not go on with this", never "tell somebody".
 */
#ifndef ADPERM_LANG_LOAD_H
#define ADPERM_LANG_LOAD_H

#include "lang/names.h"
#include "lang/reading.h"
#include "lang/rows.h"
#include "lang/same.h"
#include "model/names.h"

/* A name used before the thing was defined, to be settled when all files are read. */
struct ref {
	struct mark at;
	uint32_t name;  /* in the names, by kind */
	uint32_t slot;  /* where the index goes: in ids, items or places */
	uint32_t place; /* of a role: where it is used */
	uint32_t owner; /* who grants */
};

struct load {
	struct policy *p;
	struct diags *d;
	struct reading *reading;
	bool stop;       /* the rest of this file is not read */
	bool incomplete; /* some file was not read to its end: an unknown name may be there */
	unsigned lost;   /* kinds of names some of which were not read, as in struct field */
	uint32_t lists;  /* lists and mappings begun so far ... */
	uint32_t list;   /* ... and the number of the one being read */
	uint64_t given;  /* permissions that the list being read names itself */
	/* The rows being filled. */
	uint32_t profile, group, role, owner, server, grant, place;
	struct mark grace;                           /* of the grant's grace, line 0: none */
	bool flag_read;                              /* what its require_2fa says is known */
	size_t errors;                               /* reported before the grant, */
	uint32_t first_place, first_item, first_ref; /* and rows made */
	char email[EMAIL_MAX + 1];                   /* that is looked at, in lower case */
	struct same same;
	uint32_t compared; /* names, in search of the nearest one */
	ROWS(struct ref) refs;
};

/* Reports it, stops the file, returns false. */
bool load_no_memory(struct load *l);

/* Names compared in search of the nearest one, in all: hints must not cost more than the rest. */
#define NEAREST_TRIES 2000000

/* Walks one file from its root. False: it was not read to its end. */
bool walk_file(struct load *l);

/* A further row, of nothing. NULL: out of memory. */
struct access *access_add(struct policy *p);

/* A text of the pool, one for all rows that say the same. */
bool load_word(struct load *l, struct slice text, uint32_t *offset);

/*
 * Notes that the name at `at` stands in the list being read; true if it did so before, in which
 * case it has been warned of.
 */
bool load_repeated(struct load *l, struct name *name, const struct event *e);

/* Warns of an item whose like stands at `before` in the same list. Returns false. */
bool load_warn_item(struct load *l, const struct event *e, struct mark before);

/* Reports a second definition of a thing. Returns false: one mistake is one message. */
bool load_twice(struct load *l, const struct event *e, const char *what, struct mark first);

/* The name of a profile, whose row is made at the first mention. NULL: out of memory. */
struct name *load_person(struct load *l, struct slice email, struct mark at);

/* The person at e joins a list of ids, unless there already. */
bool load_list_person(struct load *l, const struct event *e, struct span *ids);

/* Adds an id to a list. */
bool load_id(struct load *l, uint32_t id, struct span *ids);

/* Adds row `index` to a span whose rows are made one after the other. */
static inline void span_add(struct span *s, uint32_t index)
{
	if (s->n++ == 0)
		s->first = index;
}

/* Settles a reference now if the thing is defined, else later. False: it cannot be right. */
bool ref_take(struct load *l, const struct name *name, const struct ref *ref);
/* All files are read: settles the rest, or says what is unknown. */
void refs_settle(struct load *l);

/* What can only be judged of the whole: machines and the 2FA flag, names too long for a database.
 */
void check_policy(struct load *l);

/* Values. Each takes a scalar, reports what is wrong with it, and sets *out if it returns true. */
bool value_bool(struct load *l, const struct event *e, bool *out);
bool value_line(struct load *l, const struct event *e, uint32_t *out);
bool value_is_email(struct load *l, const struct event *e);
/* The text of an e-mail address in lower case; room of EMAIL_MAX + 1. */
bool value_email(struct load *l, const struct event *e, char *out);
bool value_net(struct load *l, const struct event *e, struct span *nets);
bool value_key(struct load *l, const struct event *e, struct key *out);
/* What is wrong with a permission as an item of a role (scope 0) or of a list of that scope. */
bool value_perm(struct load *l, const struct event *e, enum scope scope, struct item *out);

/* A name of this form that is not reserved; `what` for the message: "a login". */
bool value_name(struct load *l, const struct event *e, enum name_kind kind);

#endif
