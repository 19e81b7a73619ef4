/* A request, judged and carried out; everything but the socket. */
#ifndef ADPERM_PEOPLE_JUDGE_H
#define ADPERM_PEOPLE_JUDGE_H

#include "people/asker.h"
#include "people/book.h"

/*
 * Carries out what was asked and fills in the whole reply. `len` bytes of the request have come;
 * `auth` is the socket of adpermd. Logs one line.
 */
void judge_wish(struct book *book, const struct asker *asker, const char *auth,
	const struct wish *wish, size_t len, struct wish_reply *reply);

#endif
