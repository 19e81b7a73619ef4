/* The invitations that there are; see invitations.h. */
#include "cli/invitations.h"

#include "cli/describe.h"
#include "lang/rows.h"
#include "people/invitation.h"

#include <errno.h>
#include <stdlib.h>

const char *const invitation_words[INVITATION_STATES] = {
#define INVITATION(symbol, word, open) [INVITATION_##symbol] = (word),
	INVITATION_STATES_ALL(INVITATION)
#undef INVITATION
};

static const bool is_open[INVITATION_STATES] = {
#define INVITATION(symbol, word, open) [INVITATION_##symbol] = (open),
	INVITATION_STATES_ALL(INVITATION)
#undef INVITATION
};

enum invitation_state invitation_state(int64_t expires_at, bool held, bool mailed, int64_t now)
{
	if (expires_at <= now)
		return INVITATION_RUN_OUT;
	if (held)
		return INVITATION_IN_USE;
	return mailed ? INVITATION_MAILED : INVITATION_NOT_MAILED;
}

void invitation_json(struct json *j, const struct invited *row)
{
	bool damaged = row->state == INVITATION_DAMAGED;
	char until[SPELL_SIZE];

	spell_time(row->expires_at, until);
	json_object(j, NULL);
	json_string(j, "profile", damaged ? NULL : row->profile);
	json_string(j, "state", invitation_words[row->state]);
	json_string(j, "expires", damaged ? NULL : until);
	json_bool(j, "needs_pin", row->needs_pin);
	json_object_end(j);
}

/* --- read */

static int add(struct invitations *all, const char *file, const struct invited *one)
{
	struct invited *row = ROWS_ADD(&all->rows);

	if (row == NULL)
		return -ENOMEM;
	*row = *one;
	memcpy(row->file, file, sizeof row->file);
	all->in[row->state]++;
	all->open += is_open[row->state];
	return 0;
}

static struct invited row_of(const struct invitation *i, int64_t now)
{
	bool held = i->holder.pid != 0 && !holder_has_ended(&i->holder);
	struct invited row = { .expires_at = i->expires_at,
		.needs_pin = i->no_pin == WISH_PIN_MADE,
		.state = invitation_state(i->expires_at, held, i->mailed, now) };

	memcpy(row.profile, i->profile, sizeof row.profile);
	return row;
}

/* One that goes away meanwhile is none. */
static int look(const char *directory, const char *file, int64_t now, struct invitations *all)
{
	struct invitation i;
	struct invited row = { .state = INVITATION_DAMAGED };

	switch (invitation_read(directory, file, &i)) {
	case PEOPLE_YES: row = row_of(&i, now); break;
	case PEOPLE_NO: return 0;
	case PEOPLE_CORRUPT: break;
	case PEOPLE_UNSAFE: return -EPERM;
	case PEOPLE_UNREADABLE: return -EACCES;
	case PEOPLE_NOMEM: return -ENOMEM;
	}
	return add(all, file, &row);
}

static int compare(const void *a, const void *b)
{
	const struct invited *x = a, *y = b;
	int by_profile = strcmp(x->profile, y->profile);

	return by_profile != 0 ? by_profile : strcmp(x->file, y->file);
}

int invitations_find(const char *directory, int64_t now, struct invitations *out)
{
	struct dirent **names;
	int n = invitation_names(directory, &names), ret = n < 0 && n != -ENOENT ? n : 0;

	*out = (struct invitations){ .open = 0 };
	for (int i = 0; i < n && ret == 0; i++)
		ret = look(directory, names[i]->d_name, now, out);
	invitation_names_free(names, n);
	if (out->rows.n > 0)
		qsort(out->rows.at, out->rows.n, sizeof out->rows.at[0], compare);
	return ret;
}

void invitations_done(struct invitations *i)
{
	free(i->rows.at);
	*i = (struct invitations){ .open = 0 };
}
