/*
 * The grammar of a policy as rows: one row a key. The walk follows the rows, and whatever describes
 * the language is made from them.
 */
#ifndef ADPERM_LANG_SCHEMA_H
#define ADPERM_LANG_SCHEMA_H

#include "lang/load.h"

enum shape {
	SHAPE_SCALAR = 1,
	SHAPE_LIST,        /* of scalars */
	SHAPE_ONE_OR_LIST, /* a scalar, or a list of them */
	SHAPE_KEYS,        /* a mapping with the keys of `keys` */
	SHAPE_NAMED,       /* a mapping from names to values, each an `inner` */
	SHAPE_ENTRIES,     /* a list of mappings, each an `inner` */
};

/* What a scalar or a name is, in words for messages. */
enum type {
	TYPE_VERSION = 1,
	TYPE_BOOL,
	TYPE_LINE,
	TYPE_EMAIL,
	TYPE_LOGIN,
	TYPE_LABEL,
	TYPE_HOST,
	TYPE_ACCOUNT,
	TYPE_KIND,
	TYPE_KEY,
	TYPE_NET,
	TYPE_PERSON,
	TYPE_PERM,
	TYPE_TIME,
	TYPE_DURATION,
	/* Mappings with keys of their own. */
	TYPE_POLICY,
	TYPE_PROFILE,
	TYPE_OWNER,
	TYPE_SERVER,
	TYPE_GRANT,
	TYPE_TESTS,
	TYPE_TEST,
	/* Of menus: the same, for a program of its own. */
	TYPE_WORD,
	TYPE_MENUS,
	TYPE_MENU,
	TYPE_ARGUMENT,
};

struct type_words {
	const char *one, *many; /* "an e-mail address", "e-mail addresses" */
};

extern const struct type_words type_words[];

#define FIELD_REQUIRED 1u
#define FIELD_FIRST    2u /* the first key of its mapping */
#define FIELD_EMPTY    4u /* {} or [] is legal */
#define FIELD_SOME     8u /* of the keys that are marked so, at least one is required */

/* A set of kinds of names. */
#define NAMES(kind) (1u << NAME_##kind)

struct field {
	const char *key; /* in a mapping with fixed keys */
	enum shape shape;
	enum type type; /* of the scalars; of the names of a SHAPE_NAMED */
	unsigned flags;
	enum scope scope;          /* of TYPE_PERM: where the permissions hold, 0: anywhere */
	unsigned defines;          /* kinds of names (NAMES()) that are lost if it cannot be read */
	const char *help;          /* of a key, for editors */
	const char *with;          /* only beside this key, which is true */
	const struct field *keys;  /* SHAPE_KEYS: rows, the last with key NULL */
	const struct field *inner; /* SHAPE_NAMED, SHAPE_ENTRIES */
	/*
	 * Takes a scalar, or a name of a SHAPE_NAMED: false then means to pass over its value.
	 * What goes wrong is reported by it.
	 */
	bool (*take)(struct load *l, const struct event *e);
	/* Before the first key or item, and after the last. */
	bool (*open)(struct load *l, struct mark at);
	void (*close)(struct load *l, struct mark at);
};

#define FIELD_KEYS_MAX 12 /* rows of one mapping */

extern const struct field schema_root;

/* Walks a file that begins with another row. False: it was not read to its end. */
bool walk_root(struct load *l, const struct field *field);

/* The handlers, by the file that has them. */
bool take_version(struct load *l, const struct event *e); /* walk.c */

bool profile_begin(struct load *l, const struct event *e); /* people.c */
bool profile_name(struct load *l, const struct event *e);
bool profile_login(struct load *l, const struct event *e);
bool profile_key(struct load *l, const struct event *e);
bool profile_net(struct load *l, const struct event *e);
bool profile_suspended(struct load *l, const struct event *e);
bool profile_kind(struct load *l, const struct event *e);
bool group_begin(struct load *l, const struct event *e);
bool group_member(struct load *l, const struct event *e);

bool role_begin(struct load *l, const struct event *e); /* owners.c */
bool role_item(struct load *l, const struct event *e);
bool owner_begin(struct load *l, const struct event *e);
bool owner_flag(struct load *l, const struct event *e);
bool server_begin(struct load *l, const struct event *e);
bool server_account(struct load *l, const struct event *e);

bool grant_open(struct load *l, struct mark at); /* grants.c */
void grant_close(struct load *l, struct mark at);
bool grant_to(struct load *l, const struct event *e);
bool grant_overall(struct load *l, struct mark at);
bool grant_server(struct load *l, const struct event *e);
bool grant_account(struct load *l, const struct event *e);
bool grant_list(struct load *l, struct mark at);
bool grant_item(struct load *l, const struct event *e);
bool grant_expires(struct load *l, const struct event *e);
bool grant_net(struct load *l, const struct event *e);
bool grant_flag(struct load *l, const struct event *e);
bool grant_grace(struct load *l, const struct event *e);
bool grant_note(struct load *l, const struct event *e);

#endif
