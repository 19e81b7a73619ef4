/*
 * The record of one look-up while a source fills it, and the judgement on it. Nothing that a source
 * says is believed: every text is bounded before it is read, every value has to be one that the
 * policy language could have made, and the whole goes through the encoder and decoder of the
 * database, so that there is one notion of what a record may be.
 */
#ifndef ADPERM_SOURCES_REPLY_H
#define ADPERM_SOURCES_REPLY_H

#include "adperm_source.h"
#include "db/format.h"
#include "switch/source.h"

#define REPLY_TROUBLE_SIZE 201

/* What a look-up is to give. */
enum reply_part {
	REPLY_NOTHING = 0,
	REPLY_PERSON = 1,
	REPLY_ACCOUNT = 2,
	REPLY_PROFILE = 4, /* and its grants */
};

struct reply {
	struct adperm_record record; /* the first: all that the source sees */
	enum reply_part wanted, given;
	const char *wrong; /* the first thing that is no good, NULL: nothing */
	char trouble[REPLY_TROUBLE_SIZE];

	char person[ADPERM_EMAIL_SIZE];
	bool ssh_2fa;
	char owner[ADPERM_EMAIL_SIZE]; /* of the server */
	struct holding holding;
	size_t announced; /* grants */
	unsigned ownerships;
	struct buf grants, nets, files, accounts; /* rows of a fixed size each */
};

/* Ready for the next look-up; `person` is whose holding is asked for, else empty. */
void reply_begin(struct reply *a, enum reply_part wanted, struct slice person);

/*
 * What it came to: ADPERM_OK; `absent`; or why it does not count, with a line in `trouble`.
 */
enum adperm_reason reply_end(
	struct reply *a, enum adperm_source_status status, enum adperm_reason absent);

/* A holding that ended with ADPERM_OK, decoded. */
enum adperm_reason reply_held(struct reply *a, struct held *held);

/* Frees its memory. */
void reply_done(struct reply *a);

#endif
